//! The sample project against its answers: both loads, every figure of `known_answers.toml`, every row of `DIRTY_ROWS.md`.
//!
//! Separate from the other tests because its oracle is: the answers come from the invention, item by item, and know nothing of
//! movements or SQL.

use cartera::engine::Engine;
use cartera::engine::rows::{Datum, Rows};
use cartera::pipeline::{self, LoadRequest, Loaded, Now, Project, SAMPLE_AS_OF};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    answer: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    query: String,
    arguments: Vec<toml::Value>,
    known_at: i32,
    r#where: BTreeMap<String, toml::Value>,
    column: String,
    equals: String,
    within: Option<Decimal>,
    why: String,
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")
}

/// The project as a new user has it: unpacked, each day's folder one load.
pub fn sample_project(folder: &Path) -> Project {
    let folder = folder.join("sample");
    pipeline::unpack_sample(&folder).unwrap();
    let project = Project::open(Some(&folder)).unwrap();
    let now = Now { today: SAMPLE_AS_OF.parse().unwrap(), instant: format!("{SAMPLE_AS_OF}T20:00:00Z") };
    for extracts in pipeline::sample_loads(&folder) {
        let day = extracts.file_name().unwrap().to_string_lossy().into_owned();
        let request = LoadRequest { paths: vec![extracts], ..LoadRequest::default() };
        match pipeline::load(&project, &request, &now, &mut |_, _, _| {}).unwrap() {
            Loaded::Done { outcome, unread, .. } => {
                assert!(outcome.load_id.is_some() && unread.is_empty(), "{day}: {unread:?}");
                assert_eq!(outcome.day.to_string(), day);
            }
            Loaded::Already(load) => panic!("{day} is load {load} already"),
        }
    }
    project
}

fn loaded(folder: &Path) -> Engine {
    let project = sample_project(folder);
    Engine::open(&project.store.snapshot(None).unwrap(), &project.config).unwrap()
}

fn datum(value: &toml::Value) -> Datum {
    match value {
        toml::Value::Integer(i) => Datum::Int(*i),
        toml::Value::String(s) => s.parse().map(Datum::Date).unwrap_or_else(|_| Datum::Text(s.clone())),
        other => panic!("an argument {other}"),
    }
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// What the program says: the one text, or the sum over the matching rows.
fn said(rows: &Rows, answer: &Answer) -> Option<String> {
    let column = rows.position(&answer.column)?;
    let keys: Vec<(usize, String)> = answer.r#where.iter().map(|(k, v)| Some((rows.position(k)?, plain(v)))).collect::<Option<_>>()?;
    let mut matching = rows.rows.iter().filter(|r| keys.iter().all(|(i, v)| r[*i].to_string() == *v)).map(|r| &r[column]).peekable();
    if let Some(Datum::Text(text)) = matching.peek() {
        return Some(text.clone());
    }
    matching.peek()?;
    matching.try_fold(Decimal::ZERO, |sum, d| Some(sum + d.decimal()?)).map(|d| d.to_string())
}

fn agrees(said: Option<&str>, answer: &Answer) -> bool {
    let number = |text: &str| text.parse::<Decimal>().ok();
    match (said, number(&answer.equals)) {
        // What is settled has no row there.
        (None, Some(wanted)) => wanted.is_zero() && ["aging_by_customer", "open_items"].contains(&answer.query.as_str()),
        (None, None) => false,
        (Some(said), None) => said == answer.equals,
        (Some(said), Some(wanted)) => number(said).is_some_and(|s| (s - wanted).abs() <= answer.within.unwrap_or_default()),
    }
}

#[tokio::test]
async fn every_known_answer_holds() {
    let folder = tempfile::tempdir().unwrap();
    let engine = loaded(folder.path());
    let text = std::fs::read_to_string(sample().join("known_answers.toml")).unwrap();
    let answers: Answers = toml::from_str(&text).unwrap();
    assert!(answers.answer.len() > 400, "the answers are there");
    let mut loads: BTreeMap<i32, Vec<(String, Vec<Datum>)>> = BTreeMap::new();
    for answer in &answers.answer {
        loads.entry(answer.known_at).or_default().push((answer.query.clone(), answer.arguments.iter().map(datum).collect()));
    }
    let mut together = BTreeMap::new();
    for (load, questions) in &loads {
        together.insert(*load, engine.together(questions, Some(*load)).await.unwrap());
    }
    let mut asked: BTreeMap<(String, String, i32), std::result::Result<Rows, String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for answer in &answers.answer {
        let arguments: Vec<Datum> = answer.arguments.iter().map(datum).collect();
        let key = (answer.query.clone(), format!("{arguments:?}"), answer.known_at);
        if !asked.contains_key(&key) {
            let rows = together[&answer.known_at].ask(&answer.query, &arguments).await.map_err(|e| format!("{e:?}"));
            asked.insert(key.clone(), rows);
        }
        let said = match &asked[&key] {
            Ok(rows) => said(rows, answer),
            Err(e) => Some(e.clone()),
        };
        if !agrees(said.as_deref(), answer) {
            wrong.push(format!(
                "{} {:?} at {} {:?}: {} is {said:?}, not {} ({})",
                answer.query, answer.arguments, answer.known_at, answer.r#where, answer.column, answer.equals, answer.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} answers differ:\n{}", wrong.len(), answers.answer.len(), wrong.join("\n"));
}

/// Exactly the rows that `DIRTY_ROWS.md` lists are set aside, each with its code and at its line.
#[tokio::test]
async fn every_dirty_row_is_found_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let engine = loaded(folder.path());
    let text = std::fs::read_to_string(sample().join("DIRTY_ROWS.md")).unwrap();
    let mut listed = BTreeSet::new();
    for row in text.lines().filter(|l| l.starts_with("| ") && l.ends_with("set aside |")) {
        let cell: Vec<&str> = row.trim_matches('|').split('|').map(|c| c.trim().trim_matches('`')).collect();
        let source = cell[1].splitn(3, '/').nth(2).expect("extracts/day/source");
        listed.insert(format!("{} {source}:{} {}", cell[0], cell[2], cell[4]));
    }
    let rows = engine.sql("select load_id, source, line, code from rejects", None).await.unwrap();
    let found: BTreeSet<String> = rows.rows.iter().map(|r| format!("{} {}:{} {}", r[0], r[1], r[2], r[3])).collect();
    assert_eq!(found, listed);
}
