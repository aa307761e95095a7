//! A profile's rules bound to the header of one file: names become positions once, before any row is read.
//!
//! Separate from evaluation so that every header problem (missing, doubled, unreadable, unknown column) is told for the whole file,
//! with what was found, and so that a row costs no look-up by name.

use super::coerce::{self, Forms};
use super::profile::{Condition, Conditions, LookupRule, PlusDays, Profile, Reading, Rule, RuleFields, TableRule};
use super::source::Header;
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use crate::schema::{ColumnKind, Table, Value};
use std::collections::BTreeMap;

/// Position of a column the file may lack: past every record, so its field is empty.
pub(super) const ABSENT: usize = usize::MAX;

/// The rules of every table that a file yields.
pub(super) struct Binding {
    pub reading: Reading,
    pub names: Vec<String>,
    /// The column of the file that stands for each: for a looked-up one that it is looked up by.
    pub places: Vec<usize>,
    pub used: Vec<bool>,
    pub forms: Vec<Forms>,
    /// Days as declared, numbers with a point: how typed cells are written.
    pub typed: Forms,
    /// What the profile itself says is written canonically.
    pub canonical: Forms,
    pub skip_when: Vec<Test>,
    pub tables: Vec<BoundTable>,
    pub clearing: Option<BoundClearing>,
}

/// The rules of one table.
pub(super) struct BoundTable {
    pub table: &'static Table,
    /// Position in the profile; memories that span files hang on it.
    pub rule_no: usize,
    pub distinct: bool,
    /// Position of the company that may be empty: the row is then one of every company.
    pub each_company: Option<usize>,
    pub only_when: Vec<Test>,
    /// One per column of the table.
    pub rules: Vec<Option<BoundRule>>,
    /// Positions of the columns that have a rule.
    pub bound: Vec<usize>,
    /// A row without values.
    pub empty_row: Box<[Value]>,
    /// Amounts with the column of their currency.
    pub currencies: Vec<(usize, usize)>,
}

pub(super) struct BoundRule {
    pub source: Source,
    pub only_when: Vec<Test>,
    pub absolute: bool,
    pub negate: bool,
    pub negative_when: Vec<Test>,
    pub without_zeros: bool,
}

pub(super) enum Source {
    Column { at: usize, map: Option<Mapping>, plus_days: Vec<usize>, plus_rule: PlusDays, given: Option<BoundGiven> },
    Constant(Value),
    Join { parts: Vec<usize>, separator: String, ordinal: bool },
    Split { debit: usize, credit: usize },
    Cases(Vec<BoundRule>),
}

/// What stands for an empty cell.
pub(super) struct BoundGiven {
    pub name: String,
    /// `None` where nobody gives it.
    pub value: Option<Value>,
}

/// Texts of the file with the values they stand for.
pub(super) struct Mapping {
    /// Sorted by text.
    pairs: Vec<(String, Value)>,
    pub otherwise: Option<Value>,
}

impl Mapping {
    fn new(kind: ColumnKind, fields: &RuleFields) -> Result<Option<Mapping>> {
        let value = |text: &String| constant(kind, text);
        let Some(map) = &fields.map else { return Ok(None) };
        let pairs = map.iter().map(|(from, to)| Ok((from.clone(), value(to)?))).collect::<Result<_>>()?;
        Ok(Some(Mapping { pairs, otherwise: fields.otherwise.as_ref().map(value).transpose()? }))
    }

    /// What a text stands for: most maps have a handful of texts.
    pub fn get(&self, text: &str) -> Option<&Value> {
        if self.pairs.len() > 8 {
            let at = self.pairs.binary_search_by(|(from, _)| from.as_str().cmp(text)).ok()?;
            return Some(&self.pairs[at].1);
        }
        let mut i = 0;
        while i < self.pairs.len() {
            if self.pairs[i].0 == text {
                return Some(&self.pairs[i].1);
            }
            i += 1;
        }
        None
    }

    /// The texts that are mapped.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(from, _)| from.as_str())
    }
}

/// A test of one text of the row.
pub(super) struct Test {
    pub subject: Subject,
    pub check: Check,
}

#[derive(Clone, Copy)]
pub(super) enum Subject {
    Column(usize),
    Value(usize),
}

pub(super) enum Check {
    In(Vec<String>),
    NotIn(Vec<String>),
    StartsWith(Vec<String>),
    SameAs(usize),
    Empty,
    NotEmpty,
    Not(Box<Check>),
}

/// Columns of the settlement in document rows.
pub(super) struct BoundClearing {
    pub posting_date: usize,
    pub clearing_id: usize,
    pub ignore_when: Vec<Test>,
    pub residual: Option<BoundResidual>,
    pub without_zeros: bool,
}

pub(super) struct BoundResidual {
    pub when: Vec<Test>,
    pub payment: Vec<usize>,
}

impl BoundRule {
    /// The column a reader should look at when the value is wrong.
    pub fn column(&self) -> Option<usize> {
        let at = match &self.source {
            Source::Column { at, .. } => Some(*at),
            Source::Constant(_) => None,
            Source::Join { parts, .. } => parts.first().copied(),
            Source::Split { debit, .. } => Some(*debit),
            Source::Cases(cases) => cases.iter().find_map(BoundRule::column),
        };
        at.filter(|a| *a != ABSENT)
    }

    /// The name that an empty cell is left to and nobody gives.
    pub fn not_given(&self) -> Option<&str> {
        match &self.source {
            Source::Column { given: Some(BoundGiven { name, value: None }), .. } => Some(name),
            Source::Cases(cases) => cases.iter().find_map(BoundRule::not_given),
            _ => None,
        }
    }
}

/// Binds the tables `rule_nos` of the profile to a header.
pub(super) fn bind(profile: &Profile, rule_nos: &[usize], header: &Header) -> Result<Binding> {
    let first = &profile.tables[rule_nos[0]];
    let reading = profile.reading(first)?;
    let mut names = Names { header, reading: &reading, used: vec![false; header.names.len()], missing: Vec::new(), not_given: Vec::new() };
    let mut tables = Vec::new();
    for &rule_no in rule_nos {
        let rule = &profile.tables[rule_no];
        let table = super::profile::known_table(&rule.table)?;
        let columns = if profile.canonical { canonical_columns(table, header)? } else { rule.columns.clone() };
        tables.push(names.table(table, rule_no, rule, &columns)?);
    }
    let skip_when = names.tests(&reading.skip_when, None)?;
    let documents = tables.iter().any(|t| t.table.name == "documents");
    let clearing = match &profile.clearing {
        Some(clearing) if documents => Some(BoundClearing {
            posting_date: names.find(&clearing.posting_date)?,
            clearing_id: clearing.clearing_id.as_deref().map_or(Ok(ABSENT), |c| names.find(c))?,
            ignore_when: names.tests(&clearing.ignore_when, None)?,
            without_zeros: clearing.without_zeros,
            residual: match &clearing.residual {
                None => None,
                Some(r) => Some(BoundResidual { when: names.tests(&r.when, None)?, payment: names.all(&r.payment)? }),
            },
        }),
        _ => None,
    };
    let (missing, used) = (std::mem::take(&mut names.missing), std::mem::take(&mut names.used));
    if !missing.is_empty() {
        return Err(missing_columns(profile, &missing, header));
    }
    if !names.not_given.is_empty() {
        return Err(profile.not_given(&names.not_given.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let canonical = Forms::canonical();
    let forms = header
        .cells
        .iter()
        .map(|cell| Forms {
            days: if cell.iso_days { canonical.days.clone() } else { reading.forms.days.clone() },
            numbers: if cell.plain_numbers { canonical.numbers.clone() } else { reading.forms.numbers.clone() },
        })
        .collect();
    let typed = Forms { days: reading.forms.days.clone(), numbers: canonical.numbers.clone() };
    let (names, places) = (header.names.clone(), places(header));
    Ok(Binding { names, places, used, forms, typed, canonical, skip_when, tables, clearing, reading })
}

/// Binds a look-up to the header of its file: the columns of its key and those asked for, by position.
pub(super) fn bind_lookup(
    profile: &Profile,
    rule: &LookupRule,
    reading: Reading,
    header: &Header,
) -> Result<(Binding, Vec<usize>, Vec<usize>)> {
    let mut names = Names { header, reading: &reading, used: vec![false; header.names.len()], missing: Vec::new(), not_given: Vec::new() };
    let keys = rule.key.values().map(|name| names.find(name)).collect::<Result<_>>()?;
    let columns = rule.columns.values().map(|name| names.find(name)).collect::<Result<_>>()?;
    let skip_when = names.tests(&reading.skip_when, None)?;
    let (missing, used) = (names.missing, names.used);
    if !missing.is_empty() {
        return Err(missing_columns(profile, &missing, header));
    }
    let (forms, canonical) = (Vec::new(), Forms::canonical());
    let typed = Forms { days: reading.forms.days.clone(), numbers: canonical.numbers.clone() };
    let (names, places, tables) = (header.names.clone(), places(header), Vec::new());
    Ok((Binding { names, places, used, forms, typed, canonical, skip_when, tables, clearing: None, reading }, keys, columns))
}

fn places(header: &Header) -> Vec<usize> {
    (0..header.names.len()).map(|column| header.place_of(column)).collect()
}

fn missing_columns(profile: &Profile, missing: &[String], header: &Header) -> Error {
    let mut found: Vec<&str> = header.names.iter().take(40).map(String::as_str).collect();
    if header.names.len() > 40 {
        found.push("…");
    }
    let (noun, verb) = if missing.len() == 1 { ("column", "is") } else { ("columns", "are") };
    let error = Error::data(format!("the {noun} {} {verb} missing; the header found is: {}", missing.join(", "), found.join(", ")));
    if header.single.is_some() {
        return error.hint("the header looks split by another character; declare `delimiter` in the profile's [read]");
    }
    error.hint(if profile.columns_from.is_empty() {
        format!("export the {noun}, or map others in a copy of the profile {}", profile.name)
    } else {
        format!("export the {noun}, or map others in a copy of the profile {} ({})", profile.name, profile.columns_from)
    })
}

/// A canonical header maps itself; a name the table does not have is an error, for it may be a misspelt one that matters.
fn canonical_columns(table: &'static Table, header: &Header) -> Result<BTreeMap<String, Rule>> {
    let mut columns = BTreeMap::new();
    if header.single.is_none() {
        for (i, name) in header.names.iter().enumerate() {
            if table.position(name).is_none() {
                let near = nearest(name, table.columns.iter().map(|c| c.name));
                return Err(Error::data(format!("column {} `{name}` is not a column of {}", i + 1, table.name)).hint(match near {
                    Some(near) => format!("did you mean {near}? else take the column out, or write a profile that maps the file"),
                    None => "take the column out, or write a profile that maps the file".to_string(),
                }));
            }
        }
    }
    for column in table.columns.iter().filter(|c| c.required || header.names.iter().any(|n| n == c.name)) {
        columns.insert(column.name.to_string(), Rule(RuleFields { column: Some(column.name.to_string()), ..RuleFields::default() }));
    }
    Ok(columns)
}

struct Names<'a> {
    header: &'a Header,
    reading: &'a Reading,
    used: Vec<bool>,
    missing: Vec<String>,
    /// Names that the file needs a value for.
    not_given: Vec<String>,
}

impl Names<'_> {
    /// Position of a column by its exact name, else by its name in other letters' case.
    fn find(&mut self, name: &str) -> Result<usize> {
        let positions = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            self.header.names.iter().enumerate().filter(|(_, n)| same(n)).map(|(i, _)| i).collect()
        };
        let mut found = positions(&|n| n == name);
        if found.is_empty() {
            found = positions(&|n| n.eq_ignore_ascii_case(name));
        }
        match found[..] {
            [] => {
                if !self.reading.optional_columns.iter().any(|o| o.eq_ignore_ascii_case(name)) && !self.missing.iter().any(|m| m == name) {
                    self.missing.push(name.to_string());
                }
                Ok(ABSENT)
            }
            [at] => {
                if let Some(why) = self.header.cells[at].unreadable {
                    return Err(Error::data(format!("the column `{name}` is {why}"))
                        .hint("export it as a decimal or as text; amounts are never rounded"));
                }
                self.used[at] = true;
                Ok(at)
            }
            [one, two, ..] => {
                Err(Error::data(format!("the column `{name}` stands twice in the header, as column {} and {}", one + 1, two + 1))
                    .hint("rename or take out one of them"))
            }
        }
    }

    fn all(&mut self, names: &[String]) -> Result<Vec<usize>> {
        names.iter().map(|n| self.find(n)).collect()
    }

    fn table(&mut self, table: &'static Table, rule_no: usize, rule: &TableRule, columns: &BTreeMap<String, Rule>) -> Result<BoundTable> {
        let only_when = self.tests(&rule.only_when, None)?;
        let mut rules = Vec::with_capacity(table.columns.len());
        for column in table.columns {
            rules.push(columns.get(column.name).map(|r| self.rule(table, column.kind, &r.0)).transpose()?);
        }
        let each_company = if rule.each_company { table.position("company_id") } else { None };
        let bound: Vec<usize> = (0..rules.len()).filter(|i| rules[*i].is_some()).collect();
        let in_row = |pair: &(usize, usize)| bound.contains(&pair.0) && bound.contains(&pair.1);
        Ok(BoundTable {
            table,
            rule_no,
            distinct: rule.distinct,
            each_company,
            only_when,
            currencies: currencies(table).into_iter().filter(in_row).collect(),
            empty_row: vec![Value::Null; rules.len()].into_boxed_slice(),
            bound,
            rules,
        })
    }

    fn rule(&mut self, table: &'static Table, kind: ColumnKind, rule: &RuleFields) -> Result<BoundRule> {
        let source = if let Some(name) = &rule.column {
            let at = self.find(name)?;
            let given = match &rule.given {
                None => None,
                Some(name) => {
                    let value = rule.constant.as_deref().map(|text| constant(kind, text)).transpose()?;
                    // A column that the file has may have every cell filled.
                    let has = self.header.cells.get(at).is_some_and(|cell| !cell.unseen);
                    if !has && value.is_none() {
                        self.not_given.push(name.clone());
                    }
                    Some(BoundGiven { name: name.clone(), value })
                }
            };
            Source::Column {
                at,
                map: Mapping::new(kind, rule)?,
                plus_days: self.all(rule.plus_days.as_deref().unwrap_or_default())?,
                plus_rule: rule.plus_days_rule.unwrap_or(PlusDays::Sum),
                given,
            }
        } else if let Some(parts) = &rule.join {
            let separator = rule.separator.clone().unwrap_or_else(|| "-".to_string());
            Source::Join { parts: self.all(parts)?, separator, ordinal: rule.ordinal }
        } else if let (Some(debit), Some(credit)) = (&rule.debit, &rule.credit) {
            Source::Split { debit: self.find(debit)?, credit: self.find(credit)? }
        } else if let Some(cases) = &rule.cases {
            Source::Cases(cases.iter().map(|c| self.rule(table, kind, &c.0)).collect::<Result<_>>()?)
        } else {
            if let (Some(name), None) = (&rule.given, &rule.constant) {
                self.not_given.push(name.clone());
            }
            Source::Constant(constant(kind, rule.constant.as_deref().unwrap_or_default())?)
        };
        Ok(BoundRule {
            source,
            only_when: self.tests(&rule.only_when, Some(table))?,
            absolute: rule.absolute,
            negate: rule.negate,
            negative_when: self.tests(&rule.negative_when, Some(table))?,
            without_zeros: rule.without_zeros,
        })
    }

    fn tests(&mut self, conditions: &Conditions, table: Option<&'static Table>) -> Result<Vec<Test>> {
        conditions.0.iter().map(|c| self.test(c, table)).collect()
    }

    fn test(&mut self, condition: &Condition, table: Option<&'static Table>) -> Result<Test> {
        let subject = match (&condition.column, &condition.value) {
            (Some(name), _) => Subject::Column(self.find(name)?),
            (None, value) => {
                let position = value.as_deref().zip(table).and_then(|(v, t)| t.position(v));
                Subject::Value(position.ok_or_else(|| Error::internal("a condition without a subject passed the profile's checks"))?)
            }
        };
        let check = match condition {
            Condition { r#in: Some(words), .. } => Check::In(words.clone()),
            Condition { not_in: Some(words), .. } => Check::NotIn(words.clone()),
            Condition { starts_with: Some(words), .. } => Check::StartsWith(words.clone()),
            Condition { same_as: Some(name), .. } => Check::SameAs(self.find(name)?),
            Condition { empty: Some(true), .. } => Check::Empty,
            _ => Check::NotEmpty,
        };
        let check = if condition.not { Check::Not(Box::new(check)) } else { check };
        Ok(Test { subject, check })
    }
}

fn constant(kind: ColumnKind, text: &str) -> Result<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    coerce::value(kind, text, &Forms::canonical()).map_err(|r| Error::usage(r.reason))
}

/// The amounts of a table with the column of their currency; amounts in the currency of the books have none in the row.
fn currencies(table: &'static Table) -> Vec<(usize, usize)> {
    let currency = |amount: &str| -> Option<usize> {
        match amount {
            "company_amount" | "company_balance" | "from_amount" => None,
            "credit_limit" => table.position("credit_currency"),
            "payment_amount" => table.position("payment_currency"),
            _ => table.position("currency"),
        }
    };
    let amounts = table.columns.iter().enumerate().filter(|(_, c)| c.kind == ColumnKind::Money);
    amounts.filter_map(|(i, c)| Some((i, currency(c.name)?))).collect()
}

/// Columns that control totals of a table go by: company, currency, amount.
pub fn control_columns(table: &Table) -> (Option<usize>, Option<usize>, Option<usize>) {
    let amount = ["amount", "balance", "total", "paid", "credit_limit"].iter().find_map(|name| table.position(name));
    (table.position("company_id"), table.position("currency").or_else(|| table.position("credit_currency")), amount)
}
