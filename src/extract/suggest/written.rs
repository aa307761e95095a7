//! The proposal as TOML: what the file decides, with its evidence; what it does not, as questions.

use super::Suggestion;
use super::dialect::Dialect;
use super::evidence::{Column, Seen};
use super::names;
use crate::domain::spelling::nearest;
use crate::extract::profile::known_table;
use crate::schema::{ColumnKind, TABLES, Table};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

/// A way to write negative amounts, and where it was seen.
type Style = (&'static str, fn(&Column) -> &Seen);

/// A column of the file for a column of the table.
struct Match<'a> {
    kind: ColumnKind,
    column: &'a Column,
}

/// Writes the proposal.
pub(super) fn profile(file: &str, dialect: Dialect, columns: &[Column], asked: Option<&'static Table>) -> Suggestion {
    let mut questions = dialect.questions;
    let table = asked.unwrap_or_else(|| likeliest(columns, &mut questions));
    let (matched, mut body) = match_columns(table, columns, &mut questions);
    let mut lines = dialect.lines;
    lines.extend(day_line(&matched, &mut questions));
    lines.extend(number_lines(&matched, &mut questions));
    let unused: Vec<&str> = columns
        .iter()
        .filter(|c| !c.name.is_empty() && !matched.iter().any(|m| m.column.name == c.name))
        .map(|c| c.name.as_str())
        .collect();
    if !unused.is_empty() {
        let _ = writeln!(body, "# not used: {}", unused.join(", "));
    }
    let stem = file.split('.').next().unwrap_or(file);
    let mut toml = format!("# Proposed from {}. What is behind a # is why; check it, and answer what is asked.\n", one_line(file));
    for question in &questions {
        let _ = writeln!(toml, "# QUESTION: {}", one_line(question));
    }
    let _ = write!(
        toml,
        "\nname = {}\ndescription = {}\n",
        quoted(&names::plain(stem).replace(' ', "_")),
        quoted(&format!("{} as proposed from {file}", table.name))
    );
    let _ = write!(toml, "columns_from = {}\nshape = \"history\"\n\n[read]\n", quoted(file));
    for (line, why) in &lines {
        let _ = writeln!(toml, "{line}  # {}", one_line(why));
    }
    let digits = stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_'));
    let pattern = if digits.is_empty() || digits == stem { file.to_string() } else { format!("{digits}*{}", &file[stem.len()..]) };
    let _ = write!(toml, "\n[[table]]\ntable = \"{}\"\nfiles = [{}]\n[table.columns]\n{body}", table.name, quoted(&pattern));
    Suggestion { toml, questions }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The table whose required columns the file has most of.
fn likeliest(columns: &[Column], questions: &mut Vec<String>) -> &'static Table {
    let file: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    let mut scores: Vec<(usize, &'static Table)> = Vec::new();
    for (name, known) in names::COLUMNS {
        let Ok(table) = known_table(name) else { continue };
        let score = known
            .iter()
            .filter(|(_, names)| !names::matches(names, &file).is_empty())
            .map(|(column, _)| if table.columns.iter().any(|c| c.name == *column && c.required) { 3 } else { 1 })
            .sum();
        scores.push((score, table));
    }
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scores[..] {
        [(first, table), (second, other), ..] => {
            if first < second + 2 {
                questions.push(format!("Is a row of this file one of {} or of {}? Its columns fit both.", table.name, other.name));
            }
            table
        }
        _ => TABLES[0],
    }
}

fn match_columns<'a>(table: &'static Table, columns: &'a [Column], questions: &mut Vec<String>) -> (Vec<Match<'a>>, String) {
    let file: Vec<&str> = columns.iter().map(|c| c.name.as_str()).filter(|n| !n.is_empty()).collect();
    let known = names::COLUMNS.iter().find(|(name, _)| *name == table.name).map_or(&[][..], |(_, known)| known);
    let (mut matched, mut body): (Vec<Match<'_>>, String) = (Vec::new(), String::new());
    for column in table.columns {
        let mut synonyms: Vec<&str> = known.iter().find(|(name, _)| *name == column.name).map_or(Vec::new(), |(_, names)| names.to_vec());
        let own = column.name.replace('_', " ");
        synonyms.push(&own);
        let mut found = names::matches(&synonyms, &file);
        found.retain(|name| !matched.iter().any(|m| m.column.name == *name));
        let fits = |name: &str| columns.iter().find(|c| c.name == name).is_some_and(|c| fits(column.kind, c));
        // Of several by name, those whose cells are what the column holds.
        if found.iter().any(|name| fits(name)) {
            found.retain(|name| fits(name));
        }
        let Some(first) = found.first().copied() else {
            if column.required {
                ask_for(table, column.name, column.meaning, &file, &synonyms, questions, &mut body);
            }
            continue;
        };
        let Some(cells) = columns.iter().find(|c| c.name == first) else { continue };
        if found.len() > 1 {
            questions.push(format!("{}: {} was taken; or is it {}?", column.name, found[0], found[1..].join(" or ")));
        }
        if cells.filled > 0 && !fits(first) {
            questions.push(format!("{}: the column {first} fits by its name, but its cells do not look like it.", column.name));
        }
        if let ("document_id", Some(series)) = (column.name, file.iter().find(|f| matches!(&*names::plain(f), "serie" | "series"))) {
            questions.push(format!("document_id: is {first} alone different for every document, or only {series} and {first} joined?"));
        }
        let _ = writeln!(body, "{} = {}", column.name, rule(column.name, column.kind, cells, questions));
        matched.push(Match { kind: column.kind, column: cells });
    }
    (matched, body)
}

/// Whether the cells of a column are what a canonical column holds.
fn fits(kind: ColumnKind, column: &Column) -> bool {
    match kind {
        ColumnKind::Date | ColumnKind::Month => column.is_days() || (column.typed && !column.is_numbers()),
        ColumnKind::Money | ColumnKind::Rate => column.is_numbers() || column.typed,
        _ => true,
    }
}

fn ask_for(table: &Table, name: &str, meaning: &str, file: &[&str], synonyms: &[&str], questions: &mut Vec<String>, body: &mut String) {
    let near = file
        .iter()
        .find(|column| nearest(&names::plain(column), synonyms.iter().copied()).is_some_and(|n| close(&names::plain(column), n)));
    // An export of one company often does not name it: then the load asks for it.
    if let ("company_id", None) = (name, near) {
        let _ = writeln!(body, "company_id = {{ given = \"company\" }}  # no column is called like it: the load asks, --given company=…");
        return;
    }
    let near = near.map_or_else(String::new, |n| format!(" Perhaps {n}?"));
    let (shared, example) = match name {
        "company_id" => (" If the file names none, write it as below and give it with the load.", "{ given = \"company\" }"),
        "currency" => {
            (" If all rows share one, write it as a constant, or as below and give it with the load.", "{ given = \"currency\" }")
        }
        "document_kind" | "kind" => (" If all rows share one, write it as a constant.", "{ constant = \"…\" }"),
        _ => ("", "\"…\""),
    };
    questions.push(format!("{}.{name} ({meaning}) is required, and no column is called like it.{near}{shared}", table.name));
    let _ = writeln!(body, "# {name} = {example}  # QUESTION: see above");
}

/// Whether two names differ by a letter or two.
fn close(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    shared >= 4 && a.len().abs_diff(b.len()) <= 3
}

/// The rule of a column: its name, and a map where it holds words.
fn rule(canonical: &str, kind: ColumnKind, column: &Column, questions: &mut Vec<String>) -> String {
    let plain = quoted(&column.name);
    let meaning: &dyn Fn(&str) -> Option<String> = match (canonical, kind) {
        ("document_kind", _) => &|word| names::kind(word).map(str::to_string),
        (_, ColumnKind::Currency) => &names::currency,
        (_, ColumnKind::Word(words)) => &move |word: &str| words.iter().find(|w| **w == word).map(|w| w.to_string()),
        _ => return plain,
    };
    if column.many_words {
        questions.push(format!("{canonical}: the column {} has more than 40 different texts; is it the right one?", column.name));
        return plain;
    }
    let mut map: Vec<String> = Vec::new();
    let mut changes = false;
    for word in column.words.keys() {
        match meaning(word) {
            Some(to) => {
                changes |= to != *word;
                map.push(format!("{} = {}", quoted(word), quoted(&to)));
            }
            None => questions.push(format!(
                "{canonical}: what does `{word}` in the column {} mean? Until it is mapped, its rows are set aside.",
                column.name
            )),
        }
    }
    if !changes { plain } else { format!("{{ column = {plain}, map = {{ {} }} }}", map.join(", ")) }
}

/// The date format, from all columns that are days.
fn day_line(matched: &[Match<'_>], questions: &mut Vec<String>) -> Option<(String, String)> {
    let days: Vec<&Column> = matched.iter().filter(|m| m.kind == ColumnKind::Date && m.column.is_days()).map(|m| m.column).collect();
    let mut shapes: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut note = |shape: &str, column: &Column, seen: &Seen| {
        if seen.any() {
            let entry = shapes.entry(shape.to_string()).or_insert((0, format!("{}: {}", column.name, seen.shown())));
            entry.0 += seen.count;
        }
    };
    for column in &days {
        note("%Y-%m-%d", column, &column.days.iso);
        note("%Y%m%d", column, &column.days.compact);
        for ((mark, short), seen) in &column.days.parted {
            note(&format!("?{mark}{}", if *short { "%y" } else { "%Y" }), column, seen);
        }
    }
    if shapes.len() > 1 {
        let all: Vec<String> = shapes.values().map(|(count, first)| format!("{count} like {first}")).collect();
        questions
            .push(format!("Days are written in several ways ({}): which is meant? `date` may be a list of formats, and a [table.read] differ from [read].", all.join("; ")));
        return None;
    }
    let (shape, (count, first)) = shapes.into_iter().next()?;
    let Some(tail) = shape.strip_prefix('?') else {
        return Some((format!("date = \"{shape}\""), format!("{count} days, the first in {first}")));
    };
    let (mark, year) = tail.split_at(1);
    let decided = |pick: fn(&Column) -> &Seen| days.iter().find(|c| pick(c).any()).map(|c| (c.name.clone(), pick(c).shown()));
    let day = decided(|c| &c.days.day_first);
    let month = decided(|c| &c.days.month_first);
    // Columns that do not decide for themselves are carried by those that do, and that is said.
    let undecided: Vec<&str> =
        days.iter().filter(|c| !c.days.day_first.any() && !c.days.month_first.any()).map(|c| c.name.as_str()).collect();
    let carried = if undecided.is_empty() { String::new() } else { format!("; {} alone would not decide", undecided.join(", ")) };
    match (day, month) {
        (Some((column, shown)), None) => {
            Some((format!("date = \"%d{mark}%m{mark}{year}\""), format!("day first: {column} has {shown}{carried}")))
        }
        (None, Some((column, shown))) => {
            Some((format!("date = \"%m{mark}%d{mark}{year}\""), format!("month first: {column} has {shown}{carried}")))
        }
        (Some((a, day)), Some((b, month))) => {
            questions.push(format!("Days contradict each other: {a} has {day}, {b} has {month}. Which columns are day first?"));
            None
        }
        (None, None) => {
            questions.push(format!(
                "All {count} days can be read day first and month first (the first in {first}): is it date = \"%d{mark}%m{mark}{year}\" or \"%m{mark}%d{mark}{year}\"?"
            ));
            Some((format!("# date = \"%d{mark}%m{mark}{year}\""), "QUESTION: see above".to_string()))
        }
    }
}

/// Decimal mark, thousands mark, sign and marks beside amounts.
fn number_lines(matched: &[Match<'_>], questions: &mut Vec<String>) -> Vec<(String, String)> {
    let amounts: Vec<&Column> =
        matched.iter().filter(|m| matches!(m.kind, ColumnKind::Money | ColumnKind::Rate)).map(|m| m.column).collect();
    let mut lines = Vec::new();
    let sum = |pick: fn(&Column) -> &BTreeMap<char, Seen>| {
        let mut all: BTreeMap<char, (u64, String)> = BTreeMap::new();
        for column in &amounts {
            for (mark, seen) in pick(column) {
                all.entry(*mark).or_insert_with(|| (0, format!("{}: {}", column.name, seen.shown()))).0 += seen.count;
            }
        }
        all
    };
    let (decimal, thousands, unclear) = (sum(|c| &c.numbers.decimal), sum(|c| &c.numbers.thousands), sum(|c| &c.numbers.unclear));
    let both = decimal.len() > 1 || decimal.keys().any(|d| thousands.contains_key(d)) || thousands.len() > 1;
    if both {
        let all: Vec<String> = decimal.iter().chain(&thousands).map(|(mark, (n, first))| format!("`{mark}` {n} times, {first}")).collect();
        questions.push(format!("Amounts contradict each other about their marks ({}): which mark is the decimal one?", all.join("; ")));
        return lines;
    }
    // A mark with three digits behind it is told by what the other cells show.
    let other = |mark: char| if mark == ',' { '.' } else { ',' };
    let point = decimal.keys().next().copied().or_else(|| thousands.keys().next().filter(|t| matches!(t, ',' | '.')).map(|t| other(*t)));
    match (point, unclear.iter().next()) {
        (Some(mark), _) => {
            let evidence = decimal
                .get(&mark)
                .map_or_else(|| "thousands marks leave it".to_string(), |(n, first)| format!("{n} amounts, the first in {first}"));
            lines.push((format!("decimal = \"{mark}\""), evidence));
            let group = thousands.iter().next().or_else(|| unclear.iter().find(|(m, _)| **m != mark));
            if let Some((group, (n, first))) = group {
                let shown = if matches!(group, '\u{a0}' | '\u{202f}') { ' ' } else { *group };
                lines.push((format!("thousands = {}", quoted(&shown.to_string())), format!("{n} amounts, the first in {first}")));
            }
            if let Some((_, (n, first))) = unclear.iter().find(|(m, _)| **m == mark) {
                questions
                    .push(format!("{n} amounts have three digits behind `{mark}` ({first}): are they decimals? They would be set aside."));
            }
        }
        (None, Some((mark, (n, first)))) => {
            questions.push(format!(
                "{n} amounts have three digits behind `{mark}` ({first}), and none decides: is it the decimal or the thousands mark?"
            ));
            lines.push((format!("# thousands = \"{mark}\""), "QUESTION: see above".to_string()));
        }
        (None, None) => {}
    }
    let styles: [Style; 2] = [("trailing", |c| &c.numbers.trailing), ("parentheses", |c| &c.numbers.parentheses)];
    let used: Vec<(&str, u64, String)> = styles
        .iter()
        .filter_map(|(word, pick)| {
            let column = amounts.iter().find(|c| pick(c).any())?;
            Some((*word, amounts.iter().map(|c| pick(c).count).sum(), format!("{}: {}", column.name, pick(column).shown())))
        })
        .collect();
    match &used[..] {
        [] => {}
        [(word, n, first)] => lines.push((format!("negative = \"{word}\""), format!("{n} amounts, the first in {first}"))),
        _ => questions.push("Some negative amounts stand in parentheses, others have a minus behind them: which is meant?".to_string()),
    }
    lines.extend(beside(&amounts, questions));
    lines
}

/// Signs and words beside amounts.
fn beside(amounts: &[&Column], questions: &mut Vec<String>) -> Vec<(String, String)> {
    let mut marks: [Vec<String>; 3] = Default::default();
    for (word, seen) in amounts.iter().flat_map(|c| &c.numbers.beside) {
        let at = match word.as_str() {
            "CR" | "Cr" | "cr" | "AB" | "H" => 1,
            "DR" | "Dr" | "dr" | "S" => 2,
            w if names::currency(w).is_some() || w.chars().all(|c| !c.is_alphanumeric()) => 0,
            w => {
                questions.push(format!("What does `{w}` beside an amount mean ({})?", seen.shown()));
                continue;
            }
        };
        let text = quoted(word);
        if !marks[at].contains(&text) {
            marks[at].push(text);
        }
    }
    let keys = ["amount_marks", "credit_marks", "debit_marks"];
    let lines = keys.iter().zip(marks).filter(|(_, words)| !words.is_empty());
    lines.map(|(key, words)| (format!("{key} = [{}]", words.join(", ")), "beside amounts".to_string())).collect()
}
