//! Runs every `tests/slt/**/*.slt`. The first line of a file names its ledger: `# fixture: NAME`.
//!
//! Letters of `query`: T text, I whole number, R decimal (with its scale), D day (ISO), B boolean, `?` anything. NULL is `NULL`, an empty text `(empty)`.

use crate::fixture::fixture_engine;
use cartera::engine::Engine;
use cartera::engine::rows::{Datum, Rows};
use cartera::error::Error;
use sqllogictest::{ColumnType, DB, DBOutput, Runner};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Letter {
    Text,
    Whole,
    Decimal,
    Day,
    Bool,
    Any,
}

impl ColumnType for Letter {
    fn from_char(value: char) -> Option<Self> {
        Some(match value {
            'T' => Letter::Text,
            'I' => Letter::Whole,
            'R' => Letter::Decimal,
            'D' => Letter::Day,
            'B' => Letter::Bool,
            '?' => Letter::Any,
            _ => return None,
        })
    }
    fn to_char(&self) -> char {
        match self {
            Letter::Text => 'T',
            Letter::Whole => 'I',
            Letter::Decimal => 'R',
            Letter::Day => 'D',
            Letter::Bool => 'B',
            Letter::Any => '?',
        }
    }
}

struct Door {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl DB for Door {
    type Error = Error;
    type ColumnType = Letter;

    fn run(&mut self, sql: &str) -> Result<DBOutput<Letter>, Error> {
        let rows = self.runtime.block_on(self.engine.sql(sql, None))?;
        Ok(DBOutput::Rows { types: rows.columns.iter().map(|c| letter(&c.type_name)).collect(), rows: texts(&rows) })
    }
}

fn letter(type_name: &str) -> Letter {
    match type_name {
        "text" => Letter::Text,
        "int" => Letter::Whole,
        "date" => Letter::Day,
        "bool" => Letter::Bool,
        name if name.starts_with("decimal") => Letter::Decimal,
        _ => Letter::Any,
    }
}

fn texts(rows: &Rows) -> Vec<Vec<String>> {
    let text = |datum: &Datum| match datum {
        Datum::Null => "NULL".to_string(),
        Datum::Text(t) if t.is_empty() => "(empty)".to_string(),
        other => other.to_string(),
    };
    rows.rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Every `.slt` file.
pub fn slt_files() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "slt") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&crate::fixture::root().join("tests/slt"), &mut found);
    found.sort();
    found
}

fn run(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let fixture = text.lines().next().and_then(|l| l.strip_prefix("# fixture:")).map(str::trim);
    let engine = fixture_engine(fixture.ok_or("its first line does not read `# fixture: NAME`")?);
    let mut runner = Runner::new(|| async {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        Ok(Door { engine: engine.clone(), runtime: runtime.map_err(|e| Error::io("no runtime", e))? })
    });
    runner.with_column_validator(|actual, expected| {
        actual.len() == expected.len() && actual.iter().zip(expected).all(|(a, e)| a == e || *e == Letter::Any)
    });
    runner.run_script_with_name(&text, path.file_name().unwrap_or_default().to_string_lossy().as_ref()).map_err(|e| e.to_string())
}

/// Files are told apart by their place in the list, so that several threads run them.
fn part_holds(part: usize) {
    let wanted = std::env::var("SLT").unwrap_or_default();
    let all = slt_files();
    assert!(all.iter().any(|f| f.to_string_lossy().contains(&wanted)) && all.len() > PARTS);
    let mine = all.into_iter().enumerate().filter(|(place, _)| place % PARTS == part).map(|(_, file)| file);
    let files: Vec<PathBuf> = mine.filter(|f| f.to_string_lossy().contains(&wanted)).collect();
    let failures: Vec<String> = files.iter().filter_map(|f| run(f).err().map(|e| format!("{}: {e}", f.display()))).collect();
    assert!(failures.is_empty(), "{} of {} files fail:\n{}", failures.len(), files.len(), failures.join("\n\n"));
}

const PARTS: usize = 4;

#[test]
fn every_slt_holds_first_part() {
    part_holds(0);
}

#[test]
fn every_slt_holds_second_part() {
    part_holds(1);
}

#[test]
fn every_slt_holds_third_part() {
    part_holds(2);
}

#[test]
fn every_slt_holds_fourth_part() {
    part_holds(3);
}

/// An answer of several rows has an order only if the question asks for one: without, it is right on one machine and wrong on the next.
#[test]
fn answers_of_several_rows_say_their_order() {
    let asked = |block: &str| {
        let lines: Vec<&str> = block.lines().filter(|l| !l.starts_with('#')).collect();
        let ruler = lines.iter().position(|l| *l == "----")?;
        let several = lines[ruler + 1..].iter().filter(|l| !l.trim().is_empty()).count() > 1;
        let question = lines[..ruler].join(" ").to_lowercase();
        (several && question.starts_with("query ") && !question.contains("order by") && !question.contains("rowsort")).then_some(question)
    };
    assert!(asked("query T\nselect 1 union all select 2\n----\n1\n2").is_some());
    assert!(asked("query T\nselect 1 union all select 2 order by 1\n----\n1\n2").is_none());
    for path in slt_files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let found: Vec<String> = text.split("\n\n").filter_map(asked).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn a_wrong_answer_fails() {
    let mut runner = Runner::new(|| async {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        Ok(Door { engine: fixture_engine("engine"), runtime: runtime.map_err(|e| Error::io("no runtime", e))? })
    });
    runner.with_column_validator(|actual, expected| actual == expected);
    for wrong in
        ["query I\nselect 1\n----\n2\n", "query T\nselect 1\n----\n1\n", "query R\nselect 1.50\n----\n1.5\n", "statement ok\nselect x\n"]
    {
        assert!(runner.run_script(wrong).is_err(), "{wrong}");
    }
    runner.run_script("query R\nselect 1.50\n----\n1.50\n").unwrap();
}
