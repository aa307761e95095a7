//! A profile: how somebody's export maps to canonical tables, as its TOML says it, strictly parsed.
//!
//! Separate from its checks ([`mod@check`]), from what a load gives it ([`given`]) and from the shipped ones ([`shipped`]): this file is
//! the format. What a rule means for the header of a file is the binding's.

mod check;
pub(super) mod given;
pub mod shipped;

pub(super) use check::{constant_rows, known_table};

use super::cfdi::rules::CfdiRules;
use super::coerce::Forms;
use super::coerce::number::Negative;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, de};
use std::collections::BTreeMap;

/// How an export maps to canonical tables.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it reads.
    pub description: String,
    /// Where the column names come from; what is unverified.
    pub columns_from: String,
    /// Whether settlements are files of their own or columns of the documents.
    pub shape: Shape,
    /// How its extracts relate to what is known, where neither the command nor `extract.toml` says it.
    pub mode: Option<super::plan::Mode>,
    /// Text of the TOML; empty for the built-in canonical one. Its digest is part of a load's identity.
    pub text: String,
    pub(super) canonical: bool,
    pub(super) read: Read,
    pub(super) tables: Vec<TableRule>,
    pub(super) constants: Vec<ConstantRows>,
    pub(super) clearing: Option<Clearing>,
    pub(super) cfdi: Option<CfdiRules>,
    pub(super) lookups: Vec<LookupRule>,
    /// The values the load gives it, of those it asks for: the same files for another company are another load.
    pub given: given::Given,
    /// Names of what is given beside, that it does not ask for.
    pub(super) unasked: Vec<String>,
}

/// Shape of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Documents and applications.
    #[default]
    History,
    /// Items with their clearing day and clearing document.
    ClearedItems,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    name: String,
    description: String,
    #[serde(default)]
    columns_from: String,
    #[serde(default)]
    shape: Shape,
    mode: Option<super::plan::Mode>,
    #[serde(default)]
    read: Read,
    #[serde(default)]
    table: Vec<TableRule>,
    #[serde(default)]
    constant: Vec<ConstantRows>,
    clearing: Option<Clearing>,
    cfdi: Option<CfdiRules>,
    #[serde(default)]
    lookup: Vec<LookupRule>,
}

/// Format of a file by declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileFormat {
    Csv,
    Parquet,
    Xlsx,
    /// One object a line, or one array of objects.
    Json,
    /// One CFDI a file, by the profile's `[cfdi]`.
    Cfdi,
}

/// Encoding of a text file; a byte order mark overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "windows-1252")]
    Windows1252,
    #[serde(rename = "iso-8859-1")]
    Latin1,
    #[serde(rename = "utf-16")]
    Utf16,
    #[serde(rename = "utf-16be")]
    Utf16Be,
}

/// A sheet of a workbook: its name (`*` and `?` allowed), or its number, first = 1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Sheet {
    Number(usize),
    Name(String),
}

/// How the header is found below a preamble: it is the first row that has all of these columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderAt {
    pub contains: Vec<String>,
}

/// One date format, or several of which a cell fits one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Dates {
    One(String),
    Several(Vec<String>),
}

/// How files are read; a table may override single keys.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Read {
    pub format: Option<FileFormat>,
    pub delimiter: Option<String>,
    pub quote: Option<String>,
    pub encoding: Option<Encoding>,
    pub date: Option<Dates>,
    pub decimal: Option<String>,
    pub thousands: Option<String>,
    pub negative: Option<Negative>,
    /// Currency signs and codes that may stand before or after an amount.
    pub amount_marks: Option<Vec<String>>,
    /// Words after an amount that make it negative.
    pub credit_marks: Option<Vec<String>>,
    /// Words after an amount that leave it as it is.
    pub debit_marks: Option<Vec<String>>,
    pub sheet: Option<Sheet>,
    /// Dotted path to the list of rows, where a JSON file is one object.
    pub rows_at: Option<String>,
    pub empty: Option<Vec<String>>,
    pub skip_lines: Option<u64>,
    pub header_at: Option<HeaderAt>,
    /// Rows that make up the header; their texts are joined.
    pub header_rows: Option<u64>,
    /// A row whose first text starts so is no data.
    pub skip_rows_starting: Option<Vec<String>>,
    /// No row from the one whose first text starts so is data.
    pub end_rows_starting: Option<Vec<String>>,
    pub skip_when: Option<Conditions>,
    /// Columns that a file may lack; they read as empty.
    pub optional_columns: Option<Vec<String>>,
}

/// [`Read`], resolved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub format: Option<FileFormat>,
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub encoding: Encoding,
    pub forms: Forms,
    pub empty: Vec<String>,
    pub sheet: Option<Sheet>,
    /// Keys that lead to the list of rows of a JSON file; none: the file is the list, or its lines are the rows.
    pub rows_at: Vec<String>,
    pub skip_lines: u64,
    /// Columns of the header, where a preamble of unknown length stands before it.
    pub header_at: Vec<String>,
    pub header_rows: usize,
    pub skip_rows_starting: Vec<String>,
    pub end_rows_starting: Vec<String>,
    pub skip_when: Conditions,
    pub optional_columns: Vec<String>,
}

/// What each row of some files yields for one canonical table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableRule {
    pub table: String,
    pub files: Vec<String>,
    #[serde(default)]
    pub only_when: Conditions,
    /// Equal rows are yielded once (master data repeated on every item).
    #[serde(default)]
    pub distinct: bool,
    /// A row without a company is yielded for each company read before it (SAP keeps customers for all companies at once).
    #[serde(default)]
    pub each_company: bool,
    #[serde(default)]
    pub read: Read,
    pub columns: BTreeMap<String, Rule>,
}

/// Columns that rows of some files take from rows of another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookupRule {
    /// Files whose rows get the columns.
    pub into: Vec<String>,
    /// Files they come from.
    pub from: Vec<String>,
    /// Columns of the row with the columns of the other file that hold the same text.
    pub key: BTreeMap<String, String>,
    /// Names of the new columns with the columns of the other file.
    pub columns: BTreeMap<String, String>,
    /// Whether an extract may lack the other file: the columns are empty then.
    #[serde(default)]
    pub optional: bool,
    /// How the other file is read, where it differs.
    #[serde(default)]
    pub read: Read,
}

/// Rows that the profile states itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstantRows {
    pub table: String,
    /// A row is left out where a name it asks for is not given; else that is an error.
    #[serde(default)]
    pub when_given: bool,
    pub rows: Vec<BTreeMap<String, Stated>>,
}

/// A value of a constant row: a text, or a rule that takes what the load gives.
#[derive(Debug, Clone)]
pub(super) struct Stated(pub RuleFields);

/// Where settlements stand when the documents carry them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clearing {
    /// Column of the clearing day; empty: open.
    pub posting_date: String,
    /// Column of the clearing document; absent or empty: each item is its own group.
    pub clearing_id: Option<String>,
    /// Kind for groups of one item without counterpart.
    #[serde(default = "receipt")]
    pub settled_as: String,
    #[serde(default)]
    pub ignore_when: Conditions,
    pub residual: Option<Residual>,
    /// Numbers of clearing and payment documents lose their leading zeros.
    #[serde(default)]
    pub without_zeros: bool,
}

/// A new item for what a payment left unpaid, posted on the payment document itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Residual {
    /// Rows that are such items.
    pub when: Conditions,
    /// Columns that name the payment document in residual and payment rows alike.
    pub payment: Vec<String>,
}

fn receipt() -> String {
    "receipt".to_string()
}

/// Where the value of a canonical column comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rule(pub RuleFields);

/// The keys of a rule; [`mod@check`] sees to it that they make sense together.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RuleFields {
    pub column: Option<String>,
    /// A value that the load gives by this name: alone, or with `column` where the cell is empty or the file has no such column.
    pub given: Option<String>,
    /// With `given`: the value where nobody gives one. Once given, the value itself.
    pub constant: Option<String>,
    pub join: Option<Vec<String>>,
    pub separator: Option<String>,
    /// With `join`: equal joins get `#2`, `#3` … in reading order.
    pub ordinal: bool,
    /// Ids of digits only lose their leading zeros, each part of a `join` by itself.
    pub without_zeros: bool,
    pub debit: Option<String>,
    pub credit: Option<String>,
    /// The first rule whose `only_when` holds.
    pub cases: Option<Vec<Rule>>,
    pub only_when: Conditions,
    pub map: Option<BTreeMap<String, String>>,
    pub otherwise: Option<String>,
    pub absolute: bool,
    pub negate: bool,
    pub negative_when: Conditions,
    pub plus_days: Option<Vec<String>>,
    pub plus_days_rule: Option<PlusDays>,
}

/// How several columns of days make one number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlusDays {
    Sum,
    LastNonZero,
}

/// One condition, or a list of which all must hold; an empty list holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Conditions(pub Vec<Condition>);

/// A test of one text of the row: of a source column, or of a canonical value already made.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Condition {
    pub column: Option<String>,
    pub value: Option<String>,
    pub r#in: Option<Vec<String>>,
    pub not_in: Option<Vec<String>>,
    pub starts_with: Option<Vec<String>>,
    /// Another column of the file that holds the same text.
    pub same_as: Option<String>,
    pub empty: Option<bool>,
    pub not_empty: Option<bool>,
    /// Turns `starts_with` or `same_as` round.
    pub not: bool,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RuleVisitor;
        impl<'de> Visitor<'de> for RuleVisitor {
            type Value = Rule;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a column name or a rule such as { column = \"NAME\" }")
            }
            fn visit_str<E: de::Error>(self, column: &str) -> Result<Rule, E> {
                Ok(Rule(RuleFields { column: Some(column.to_string()), ..RuleFields::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                RuleFields::deserialize(MapAccessDeserializer::new(map)).map(Rule)
            }
        }
        deserializer.deserialize_any(RuleVisitor)
    }
}

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StatedVisitor;
        impl<'de> Visitor<'de> for StatedVisitor {
            type Value = Stated;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a text or a rule such as { given = \"company\" }")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Stated, E> {
                Ok(Stated(RuleFields { constant: Some(text.to_string()), ..RuleFields::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Stated, A::Error> {
                RuleFields::deserialize(MapAccessDeserializer::new(map)).map(Stated)
            }
        }
        deserializer.deserialize_any(StatedVisitor)
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ConditionsVisitor;
        impl<'de> Visitor<'de> for ConditionsVisitor {
            type Value = Conditions;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a condition such as { column = \"NAME\", in = [\"X\"] }, or a list of them")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Conditions, A::Error> {
                Ok(Conditions(vec![checked(Condition::deserialize(MapAccessDeserializer::new(map))?)?]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Conditions, A::Error> {
                let mut all = Vec::new();
                while let Some(condition) = seq.next_element::<Condition>()? {
                    all.push(checked(condition)?);
                }
                Ok(Conditions(all))
            }
        }
        fn checked<E: de::Error>(c: Condition) -> Result<Condition, E> {
            let tests = [
                c.r#in.is_some(),
                c.not_in.is_some(),
                c.starts_with.is_some(),
                c.same_as.is_some(),
                c.empty.is_some(),
                c.not_empty.is_some(),
            ];
            if c.column.is_some() == c.value.is_some() {
                return Err(E::custom("a condition names one `column` of the file, or one canonical `value`"));
            }
            if tests.iter().filter(|t| **t).count() != 1 {
                return Err(E::custom("a condition has one test: in, not_in, starts_with, same_as, empty or not_empty"));
            }
            if c.not && c.starts_with.is_none() && c.same_as.is_none() {
                return Err(E::custom("`not` goes with starts_with or same_as; write not_in, not_empty or empty instead"));
            }
            if c.empty == Some(false) || c.not_empty == Some(false) {
                return Err(E::custom("write `not_empty = true` instead of `empty = false`, and the other way round"));
            }
            Ok(c)
        }
        deserializer.deserialize_any(ConditionsVisitor)
    }
}

#[cfg(test)]
impl Reading {
    /// Canonical settings, for tests of the readers.
    pub fn plain() -> Reading {
        let canonical = shipped::canonical();
        canonical.reading(&canonical.tables[0]).expect("the canonical profile is sound")
    }
}
