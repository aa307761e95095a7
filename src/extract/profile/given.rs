//! Values that a load gives to a profile, where the files name no company or currency: `{ given = "company" }`.
//!
//! Separate from the format because they come from outside the profile: once given, a rule is as if the profile stated the value
//! itself. Whether a value that nobody gives is needed, the header of a file tells, so that is the binding's to say.

use super::*;
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use crate::extract::coerce::{self, Forms};
use crate::schema::ColumnKind;

/// Values by name.
pub type Given = BTreeMap<String, String>;

impl Profile {
    /// The names it asks for.
    pub fn asks(&self) -> Vec<&str> {
        let rules = self.tables.iter().flat_map(|t| t.columns.values()).map(|rule| &rule.0);
        let stated = self.constants.iter().flat_map(|c| &c.rows).flat_map(|row| row.values()).map(|stated| &stated.0);
        let mut names: Vec<&str> = rules.chain(stated).flat_map(with_cases).filter_map(|rule| rule.given.as_deref()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Puts the values in the place of their names; those it does not ask for are no matter.
    pub(in crate::extract) fn give(&mut self, given: &Given) -> Result<()> {
        for rule in &mut self.tables {
            let table = known_table(&rule.table)?;
            for (name, column_rule) in &mut rule.columns {
                if let Some(column) = table.columns.iter().find(|c| c.name == name) {
                    put(&mut column_rule.0, column.kind, given)?;
                }
            }
        }
        for constant in &mut self.constants {
            let table = known_table(&constant.table)?;
            for (name, stated) in constant.rows.iter_mut().flatten() {
                if let Some(column) = table.columns.iter().find(|c| c.name == name) {
                    put(&mut stated.0, column.kind, given)?;
                }
            }
        }
        let asked = self.asks();
        let (taken, unasked): (Given, Given) = given.clone().into_iter().partition(|(name, _)| asked.contains(&name.as_str()));
        (self.given, self.unasked) = (taken, unasked.into_keys().collect());
        Ok(())
    }

    /// That rows it states itself have every value they need.
    pub(in crate::extract) fn check_stated(&self) -> Result<()> {
        let rows = self.constants.iter().filter(|c| !c.when_given).flat_map(|c| &c.rows);
        let mut missing: Vec<&str> =
            rows.flat_map(|row| row.values()).filter(|s| s.0.constant.is_none()).filter_map(|s| s.0.given.as_deref()).collect();
        missing.dedup();
        if missing.is_empty() { Ok(()) } else { Err(self.not_given(&missing)) }
    }

    /// The error of names that nobody gives.
    pub(in crate::extract) fn not_given(&self, names: &[&str]) -> Error {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        let which = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" and ");
        let lines = names.iter().map(|n| format!("{n} = \"…\"")).collect::<Vec<_>>().join(" and ");
        let options = names.iter().map(|n| format!("--given {n}=…")).collect::<Vec<_>>().join(" ");
        let others: Vec<&str> = self.asks().into_iter().filter(|n| !names.contains(n) && !self.given.contains_key(*n)).collect();
        let others = if others.is_empty() { String::new() } else { format!("; it can take {} too", others.join(", ")) };
        let meant = self.unasked.iter().find_map(|other| Some((other, nearest(other, names.iter().copied())?)));
        let meant = meant.map_or_else(String::new, |(other, near)| format!("; or did you mean {near} by `{other}`?"));
        let verb = if names.len() == 1 { "is" } else { "are" };
        Error::usage(format!("the profile {} asks for {which}, which {verb} not given", self.name))
            .hint(format!("write {lines} under [given] in extract.toml beside the files, or add {options} to the command{others}{meant}"))
    }
}

/// A rule and its cases.
fn with_cases(rule: &RuleFields) -> impl Iterator<Item = &RuleFields> {
    std::iter::once(rule).chain(rule.cases.iter().flatten().map(|case| &case.0))
}

/// What is given becomes the rule's constant.
fn put(rule: &mut RuleFields, kind: ColumnKind, given: &Given) -> Result<()> {
    for case in rule.cases.iter_mut().flatten() {
        put(&mut case.0, kind, given)?;
    }
    let Some((name, value)) = rule.given.as_ref().and_then(|name| given.get_key_value(name)) else { return Ok(()) };
    let text = match &rule.map {
        None => value,
        Some(map) => map.get(value).or(rule.otherwise.as_ref()).ok_or_else(|| {
            let known: Vec<&str> = map.keys().map(String::as_str).collect();
            wrong(name, format!("the profile does not map `{value}`; it knows {}", known.join(", ")))
        })?,
    };
    if !text.is_empty() {
        coerce::value(kind, text, &Forms::canonical()).map_err(|refusal| wrong(name, refusal.reason))?;
    }
    rule.constant = Some(text.clone());
    Ok(())
}

fn wrong(name: &str, reason: String) -> Error {
    Error::usage(format!("the value given as `{name}` cannot be used: {reason}"))
        .hint(format!("correct {name} under [given] in extract.toml, or --given {name}=…"))
}

/// Refuses values that no profile asks for; `asked` are the names they ask for.
pub fn check_asked<'a>(given: &Given, profiles: &str, asked: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut asked: Vec<&str> = asked.into_iter().collect();
    asked.sort_unstable();
    asked.dedup();
    let Some(unasked) = given.keys().find(|name| !asked.contains(&name.as_str())) else { return Ok(()) };
    let error = Error::usage(format!("`{unasked}` is given, but not asked for by {profiles}"));
    Err(error.hint(match nearest(unasked, asked.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None if asked.is_empty() => "it asks for nothing; take it out".to_string(),
        None => format!("it asks for: {}", asked.join(", ")),
    }))
}

/// The values of `[given]` in `extract.toml`.
pub(in crate::extract) fn told(values: &BTreeMap<String, toml::Value>) -> Result<Given> {
    let text = |(name, value): (&String, &toml::Value)| match value {
        toml::Value::String(text) if !text.trim().is_empty() => Ok((name.clone(), text.trim().to_string())),
        toml::Value::Integer(number) => Ok((name.clone(), number.to_string())),
        _ => Err(Error::usage(format!("{name} = {value} is not a text")).hint(format!("write {name} = \"…\" under [given]"))),
    };
    values.iter().map(text).collect()
}
