//! The header of a query file: what it answers, its parameters, columns, order and laws, parsed strictly.
//!
//! Separate from the SQL below it because everything but the engine reads only this: the dictionary, `explain`, the packs, the
//! tests. It knows the grammar and leaves names that must exist elsewhere to [`super::catalogue`].
//!
//! A header is the run of `--` lines at the top of the file. `-- key: text` starts an entry, with exactly one space before the key; a
//! line with more spaces continues the entry above. Keys, `?` = may be left out, `*` = may be repeated:
//!
//! | key | text |
//! |---|---|
//! | name | the file's stem |
//! | answers | the question, one sentence |
//! | answers_es?, formula_es?, unit_es? | the same in Spanish, for the dictionary |
//! | title_es?, title_en? | title of the measure for readers |
//! | formula? | the formula in words |
//! | grain | `one row` or `one row per a, b` (columns of the answer, optionally followed by ` - remark`) |
//! | params | `none` or `as_of date, rows int = 10, opening_load int = $load` (defaults: a literal, `null` or `$load`; last ones only), `grain text of company customer = 'company'` for a text that is one of some words |
//! | reads | tables and queries the SQL names, separated by commas, or `none` |
//! | columns | <code>company_id id &#124; open_amount money</code> |
//! | order | columns of the answer, each with `desc` if falling; must be total |
//! | unit | what the figures are in and how they add up |
//! | holds?* | a law: a SELECT that must return no rows. `this` is the answer itself, parameters are placeholders as in the query |
//! | inputs?* | `column = SELECT …`: the documents behind a column. It returns columns of the grain by their names, what names the documents,
//!   `amount` and, where it is not 1, `rate`: for every row of the answer the sum of amount × rate is the column |
//! | cases? | codes of the column `reason` that may make a figure empty or ask for care, separated by commas |
//! | severity? | of controls: `error` (the default: figures cannot be signed) or `warning` (somebody should look) |
//! | source | where the definition comes from |
//!
//! Column and parameter types: `id`, `text`, `int`, `money`, `rate`, `ratio`, `pct`, `days`, `date`, `bool`.

use crate::domain::days::parse_day;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use datafusion::arrow::datatypes::DataType;
use rust_decimal::Decimal;

/// A parsed header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Name of the query; the stem of its file.
    pub name: String,
    /// The question it answers.
    pub answers: String,
    /// The question in Spanish.
    pub answers_es: Option<String>,
    /// The formula in Spanish.
    pub formula_es: Option<String>,
    /// The unit in Spanish.
    pub unit_es: Option<String>,
    /// Of controls: whether failures are to be looked at and stand against nothing.
    pub is_warning: bool,
    /// Codes of `reason`.
    pub cases: Vec<String>,
    /// Title for Spanish readers.
    pub title_es: Option<String>,
    /// Title for English readers.
    pub title_en: Option<String>,
    /// The formula in words.
    pub formula: Option<String>,
    /// The grain as written.
    pub grain: String,
    /// Columns that identify a row; none for a query of one row.
    pub key: Vec<String>,
    /// Parameters in order; the load to look from follows them implicitly.
    pub params: Vec<Param>,
    /// Tables and queries the SQL names.
    pub reads: Vec<String>,
    /// Columns of the answer in order.
    pub columns: Vec<Column>,
    /// Total order of the rows.
    pub order: Vec<OrderKey>,
    /// What the figures are in and how they add up.
    pub unit: String,
    /// Laws: SELECTs that must return no rows.
    pub holds: Vec<Law>,
    /// The documents behind columns.
    pub inputs: Vec<Input>,
    /// Where the definition comes from.
    pub source: String,
}

/// The documents behind a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Line of the file.
    pub line: usize,
    /// The column of the answer.
    pub column: String,
    /// The SELECT whose amounts, times their rates, add up to it.
    pub sql: String,
}

/// A declared parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name, without the dollar sign.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// What it is where a call leaves it out.
    pub default: Option<DefaultValue>,
    /// The words it may be; any if there are none.
    pub choices: Vec<String>,
}

/// A default of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// The load the call looks from.
    Load,
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// Whole number.
    Int(i64),
    /// Exact decimal.
    Decimal(Decimal),
    /// Day.
    Date(NaiveDate),
    /// Yes or no.
    Bool(bool),
}

/// A declared column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// A column of the answer.
    pub column: String,
    /// Whether it falls.
    pub descending: bool,
}

/// A law of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Law {
    /// Line of the file.
    pub line: usize,
    /// The SELECT that must return no rows.
    pub sql: String,
}

/// Types of parameters and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier.
    Id,
    /// Words.
    Text,
    /// Whole number.
    Int,
    /// Amount, two decimals.
    Money,
    /// Exchange rate, eight decimals.
    Rate,
    /// Share of one, four decimals.
    Ratio,
    /// Per cent, four decimals.
    Pct,
    /// Days as a measure, four decimals.
    Days,
    /// Day of the calendar.
    Date,
    /// Yes or no.
    Bool,
}

impl Kind {
    /// Every word with its type.
    pub const WORDS: [(&'static str, Kind); 10] = [
        ("id", Kind::Id),
        ("text", Kind::Text),
        ("int", Kind::Int),
        ("money", Kind::Money),
        ("rate", Kind::Rate),
        ("ratio", Kind::Ratio),
        ("pct", Kind::Pct),
        ("days", Kind::Days),
        ("date", Kind::Date),
        ("bool", Kind::Bool),
    ];

    /// The word in headers.
    pub fn as_str(self) -> &'static str {
        Kind::WORDS.iter().find(|(_, k)| *k == self).map_or("", |(w, _)| w)
    }
    /// From the word in headers.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::WORDS.iter().find(|(w, _)| *w == word).map(|(_, k)| *k)
    }
    /// The Arrow type that a column of this kind has in every answer.
    pub fn data_type(self) -> DataType {
        match self {
            Kind::Id | Kind::Text => DataType::Utf8View,
            Kind::Int => DataType::Int64,
            Kind::Money => DataType::Decimal128(18, 2),
            Kind::Rate => DataType::Decimal128(18, 8),
            Kind::Ratio | Kind::Pct | Kind::Days => DataType::Decimal128(18, 4),
            Kind::Date => DataType::Date32,
            Kind::Bool => DataType::Boolean,
        }
    }
    /// The Arrow type of a parameter; whole numbers as the store keeps them, so that comparing with a column casts nothing.
    pub fn parameter_type(self) -> DataType {
        match self {
            Kind::Int => DataType::Int32,
            other => other.data_type(),
        }
    }
}

impl Param {
    /// The parameter as its declaration reads.
    pub fn declared(&self) -> String {
        let choices = if self.choices.is_empty() { String::new() } else { format!(" of {}", self.choices.join(" ")) };
        let default = match &self.default {
            None => return format!("{} {}{choices}", self.name, self.kind.as_str()),
            Some(DefaultValue::Load) => "$load".to_string(),
            Some(DefaultValue::Null) => "null".to_string(),
            Some(DefaultValue::Text(t)) => format!("'{}'", t.replace('\'', "''")),
            Some(DefaultValue::Int(i)) => i.to_string(),
            Some(DefaultValue::Decimal(d)) => d.to_string(),
            Some(DefaultValue::Date(d)) => format!("'{d}'"),
            Some(DefaultValue::Bool(b)) => b.to_string(),
        };
        format!("{} {}{choices} = {default}", self.name, self.kind.as_str())
    }
}

impl Header {
    /// How the query is called: `aging(as_of date, load int = $load)`.
    pub fn signature(&self) -> String {
        let mut params: Vec<String> = self.params.iter().map(Param::declared).collect();
        params.push("load int = $load".to_string());
        format!("{}({})", self.name, params.join(", "))
    }
    /// The type of a parameter, by name; `load` is one of every query.
    pub fn parameter(&self, name: &str) -> Option<Kind> {
        match name {
            "load" => Some(Kind::Int),
            _ => self.params.iter().find(|p| p.name == name).map(|p| p.kind),
        }
    }

    /// Parses the header of the file `path` with the content `text`.
    pub fn parse(path: &str, text: &str) -> Result<Header> {
        let mut entries = Entries { path, entries: entries(path, text)? };
        let name = entries.one("name")?;
        let header = Header {
            answers: entries.one("answers")?.1,
            answers_es: entries.maybe("answers_es")?.map(|e| e.1),
            formula_es: entries.maybe("formula_es")?.map(|e| e.1),
            unit_es: entries.maybe("unit_es")?.map(|e| e.1),
            cases: entries.maybe("cases")?.map_or_else(Vec::new, |e| reads(e.1)),
            is_warning: severity(path, entries.maybe("severity")?)?,
            title_es: entries.maybe("title_es")?.map(|e| e.1),
            title_en: entries.maybe("title_en")?.map(|e| e.1),
            formula: entries.maybe("formula")?.map(|e| e.1),
            params: params(path, entries.one("params")?)?,
            reads: reads(entries.one("reads")?.1),
            columns: columns(path, entries.one("columns")?)?,
            order: Vec::new(),
            grain: String::new(),
            key: Vec::new(),
            unit: entries.one("unit")?.1,
            inputs: entries.all("inputs").into_iter().map(|entry| input(path, entry)).collect::<Result<_>>()?,
            holds: entries.all("holds").into_iter().map(|(line, sql)| Law { line, sql }).collect(),
            source: entries.one("source")?.1,
            name: name.1,
        };
        let stem = path.rsplit('/').next().and_then(|f| f.strip_suffix(".sql")).unwrap_or(path);
        if header.name != stem {
            return Err(wrong(path, name.0, format!("name `{}` is not the file's stem `{stem}`", header.name)));
        }
        let (line, grain) = entries.one("grain")?;
        let key = key(&grain).ok_or_else(|| wrong(path, line, format!("grain `{grain}` does not read `one row` or `one row per a, b`")))?;
        let (order_line, order) = entries.one("order")?;
        let order = order_keys(path, order_line, &order)?;
        for (line, column) in key.iter().map(|c| (line, c)).chain(order.iter().map(|o| (order_line, &o.column))) {
            if !header.columns.iter().any(|c| c.name == *column) {
                return Err(wrong(path, line, format!("`{column}` is not one of the columns")));
            }
        }
        if let Some(input) = header.inputs.iter().find(|i| !header.columns.iter().any(|c| c.name == i.column)) {
            return Err(wrong(path, input.line, format!("`{}` is not one of the columns", input.column)));
        }
        if let Some((line, key, _)) = entries.entries.first() {
            return Err(wrong(path, *line, format!("unknown or repeated key `{key}`")));
        }
        Ok(Header { grain, key, order, ..header })
    }
}

/// An error that names file and line.
pub(crate) fn wrong(path: &str, line: usize, message: impl AsRef<str>) -> Error {
    Error::usage(format!("{path}:{line}: {}", message.as_ref()))
}

struct Entries<'a> {
    path: &'a str,
    entries: Vec<(usize, String, String)>,
}

impl Entries<'_> {
    fn maybe(&mut self, key: &str) -> Result<Option<(usize, String)>> {
        let Some(at) = self.entries.iter().position(|e| e.1 == key) else { return Ok(None) };
        let (line, _, text) = self.entries.remove(at);
        if text.is_empty() {
            return Err(wrong(self.path, line, format!("`{key}` is empty")));
        }
        Ok(Some((line, text)))
    }
    fn one(&mut self, key: &str) -> Result<(usize, String)> {
        self.maybe(key)?.ok_or_else(|| wrong(self.path, 1, format!("the header has no `{key}:`")))
    }
    fn all(&mut self, key: &str) -> Vec<(usize, String)> {
        let (these, rest) = std::mem::take(&mut self.entries).into_iter().partition(|e| e.1 == key);
        self.entries = rest;
        these.into_iter().map(|(line, _, text)| (line, text)).collect()
    }
}

fn entries(path: &str, text: &str) -> Result<Vec<(usize, String, String)>> {
    let mut entries: Vec<(usize, String, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some(comment) = line.strip_prefix("--") else { break };
        let started = comment.strip_prefix(' ').filter(|c| !c.starts_with(' ')).and_then(|c| c.split_once(':'));
        match started.filter(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            Some((key, text)) => entries.push((at + 1, key.to_string(), text.trim().to_string())),
            None if comment.starts_with("  ") && !entries.is_empty() => {
                let last = entries.last_mut().expect("not empty");
                if !last.2.is_empty() {
                    last.2.push(' ');
                }
                last.2.push_str(comment.trim());
            }
            None => return Err(wrong(path, at + 1, "a header line is `-- key: text`, or continues one with more than one space")),
        }
    }
    Ok(entries)
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn params(path: &str, (line, text): (usize, String)) -> Result<Vec<Param>> {
    let mut params: Vec<Param> = Vec::new();
    if text == "none" {
        return Ok(params);
    }
    for part in split_outside_quotes(&text) {
        let (declared, default) = match part.split_once('=') {
            Some((declared, default)) => (declared, Some(default.trim())),
            None => (part, None),
        };
        let words: Vec<&str> = declared.split_whitespace().collect();
        let (name, kind, choices) = match words[..] {
            [name, kind] => (name, kind, Vec::new()),
            [name, kind @ "text", "of", ref choices @ ..] if !choices.is_empty() => {
                (name, kind, choices.iter().map(|c| (*c).to_string()).collect())
            }
            _ => {
                let form = "`name type` or `name text of word word`";
                return Err(wrong(path, line, format!("parameter `{}` does not read {form}", part.trim())));
            }
        };
        let kind = Kind::parse(kind).ok_or_else(|| wrong(path, line, format!("parameter `{name}` has an unknown type `{kind}`")))?;
        if !is_name(name) || name == "load" || params.iter().any(|p| p.name == name) {
            return Err(wrong(path, line, format!("parameter `{name}` is no free name (`load` is implicit)")));
        }
        let default = match default {
            Some(text) => Some(
                default_of(kind, text).ok_or_else(|| wrong(path, line, format!("default `{text}` of `{name}` is no {}", kind.as_str())))?,
            ),
            None if params.last().is_some_and(|p| p.default.is_some()) => {
                return Err(wrong(path, line, format!("parameter `{name}` has no default but follows one that has")));
            }
            None => None,
        };
        if let Some(DefaultValue::Text(text)) = &default
            && !choices.is_empty()
            && !choices.contains(text)
        {
            return Err(wrong(path, line, format!("default `{text}` of `{name}` is none of its words")));
        }
        params.push(Param { name: name.to_string(), kind, default, choices });
    }
    Ok(params)
}

/// Parts between commas; a comma in a quoted default is none.
fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|c: char| {
        is_quoted ^= c == '\'';
        c == ',' && !is_quoted
    })
    .collect()
}

fn default_of(kind: Kind, text: &str) -> Option<DefaultValue> {
    let quoted = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    match (text, kind) {
        ("$load", Kind::Int) => Some(DefaultValue::Load),
        ("null", _) => Some(DefaultValue::Null),
        ("true" | "false", Kind::Bool) => Some(DefaultValue::Bool(text == "true")),
        (_, Kind::Int) => text.parse().ok().map(DefaultValue::Int),
        (_, Kind::Id | Kind::Text) => quoted.map(|t| DefaultValue::Text(t.replace("''", "'"))),
        (_, Kind::Date) => quoted.and_then(parse_day).map(DefaultValue::Date),
        (_, Kind::Money | Kind::Rate | Kind::Ratio | Kind::Pct | Kind::Days) => text.parse().ok().map(DefaultValue::Decimal),
        _ => None,
    }
}

fn reads(text: String) -> Vec<String> {
    if text == "none" { Vec::new() } else { text.split(',').map(|t| t.trim().to_string()).filter(|t| !t.is_empty()).collect() }
}

fn columns(path: &str, (line, text): (usize, String)) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for part in text.split('|') {
        let words: Vec<&str> = part.split_whitespace().collect();
        let [name, kind] = words[..] else {
            return Err(wrong(path, line, format!("column `{}` does not read `name type`", part.trim())));
        };
        let kind = Kind::parse(kind).ok_or_else(|| wrong(path, line, format!("column `{name}` has an unknown type `{kind}`")))?;
        if !is_name(name) || columns.iter().any(|c| c.name == name) {
            return Err(wrong(path, line, format!("column `{name}` is no free name")));
        }
        columns.push(Column { name: name.to_string(), kind });
    }
    Ok(columns)
}

fn severity(path: &str, entry: Option<(usize, String)>) -> Result<bool> {
    match entry.as_ref().map(|(line, word)| (*line, word.as_str())) {
        None | Some((_, "error")) => Ok(false),
        Some((_, "warning")) => Ok(true),
        Some((line, word)) => Err(wrong(path, line, format!("severity `{word}` is neither error nor warning"))),
    }
}

fn input(path: &str, (line, text): (usize, String)) -> Result<Input> {
    match text.split_once('=').map(|(column, sql)| (column.trim(), sql.trim())) {
        Some((column, sql)) if is_name(column) && !sql.is_empty() => Ok(Input { line, column: column.to_string(), sql: sql.to_string() }),
        _ => Err(wrong(path, line, "`inputs` does not read `column = select …`")),
    }
}

fn key(grain: &str) -> Option<Vec<String>> {
    let grain = grain.split(" - ").next().unwrap_or(grain).trim();
    if grain == "one row" {
        return Some(Vec::new());
    }
    let key: Vec<String> = grain.strip_prefix("one row per ")?.split(',').map(|c| c.trim().to_string()).collect();
    key.iter().all(|c| is_name(c)).then_some(key)
}

fn order_keys(path: &str, line: usize, text: &str) -> Result<Vec<OrderKey>> {
    let key = |part: &str| match part.split_whitespace().collect::<Vec<_>>()[..] {
        [column] | [column, "asc"] => Some(OrderKey { column: column.to_string(), descending: false }),
        [column, "desc"] => Some(OrderKey { column: column.to_string(), descending: true }),
        _ => None,
    };
    text.split(',')
        .map(|part| key(part).ok_or_else(|| wrong(path, line, format!("order `{}` does not read `column` or `column desc`", part.trim()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "-- name: aging\n-- answers: How much?\n--          And how late?\n-- grain: one row per company_id, bucket - all buckets\n\
        -- params: as_of date, n int = 3, opening_load int = $load\n-- reads: movements\n-- columns: company_id id | bucket text |\n--   open_amount money\n\
        -- order: company_id, bucket desc\n-- unit: money  additive: yes\n-- holds: select 1 where false\n-- holds: select 2 where false\n-- source: METRICS 2\nselect 1\n";

    #[test]
    fn a_header_is_read() {
        let h = Header::parse("queries/metrics/aging.sql", GOOD).unwrap();
        assert_eq!(h.answers, "How much? And how late?");
        assert_eq!(h.signature(), "aging(as_of date, n int = 3, opening_load int = $load, load int = $load)");
        assert_eq!(h.key, ["company_id", "bucket"]);
        assert_eq!(h.columns[2], Column { name: "open_amount".into(), kind: Kind::Money });
        assert!(h.order[1].descending && !h.order[0].descending);
        assert_eq!(h.holds.len(), 2);
        assert_eq!(h.holds[1].line, 12);
        let words = GOOD.replace("n int = 3", "grain text of company customer = 'company', limits text = '30,60,it''s'");
        let h = Header::parse("queries/metrics/aging.sql", &words).unwrap();
        assert_eq!(h.params[1].choices, ["company", "customer"]);
        assert_eq!(h.params[2].default, Some(DefaultValue::Text("30,60,it's".into())));
        assert!(h.signature().contains("grain text of company customer = 'company', limits text = '30,60,it''s'"), "{}", h.signature());
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (from, to, line, says) in [
            ("-- unit:", "-- units:", "1", "no `unit:`"),
            ("-- source:", "-- colour: red\n-- source:", "13", "`colour`"),
            ("-- unit: money  additive: yes", "-- unit: a\n-- unit: b", "11", "repeated key `unit`"),
            ("-- name: aging", "-- name: ageing", "1", "stem"),
            ("as_of date", "as_of day", "5", "unknown type `day`"),
            ("as_of date", "load int", "5", "implicit"),
            ("as_of date", "as_of date = '2026-02-30'", "5", "is no date"),
            ("n int = 3, ", "n int = 3, m int, ", "5", "has no default"),
            ("n int = 3, ", "n text of a b = 'c', ", "5", "none of its words"),
            ("n int = 3, ", "n int of 1 2 = 1, ", "5", "does not read"),
            ("bucket desc", "buckets", "9", "not one of the columns"),
            ("bucket desc", "bucket down", "9", "does not read"),
            ("one row per company_id, bucket - all", "per company - all", "4", "does not read"),
            ("one row per company_id, bucket - all", "one row per company, bucket - all", "4", "not one of the columns"),
            ("bucket text |", "bucket text | bucket text |", "7", "no free name"),
            ("-- answers: How much?", "--answers: How much?", "2", "header line"),
            ("-- source: METRICS 2", "-- source:", "13", "empty"),
            ("-- source:", "-- severity: high\n-- source:", "13", "neither error nor warning"),
            ("-- source:", "-- inputs: select 1\n-- source:", "13", "does not read `column = select"),
            ("-- source:", "-- inputs: amount = select 1\n-- source:", "13", "`amount` is not one of the columns"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = Header::parse("q/aging.sql", &GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("q/aging.sql:{line}:")) && error.contains(says), "{to}: {error}");
        }
    }
}
