//! The dictionary of measures, made from the headers of the query files.
//!
//! What packs print as definitions and `cartera explain` shows: the formula that is printed is the formula that ran, because both
//! come from the one file. It computes nothing.

pub mod explain;

use crate::domain::lang::Lang;
use crate::domain::spelling::nearest;
use crate::engine::header::Param;
use crate::engine::{Catalogue, QueryFile};
use crate::error::{Error, Result};

/// Every query that answers a question, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
}

/// What a query is for; the folder it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// A measure.
    Metric,
    /// A control.
    Check,
    /// What measures are made of.
    Base,
}

/// A parameter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type's word.
    pub kind: String,
    /// Words it may be.
    pub choices: Vec<String>,
    /// What it is where a call leaves it out.
    pub default: Option<String>,
}

/// One entry of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of the query; what one writes in SQL.
    pub name: String,
    /// What it is for.
    pub room: Room,
    /// Title for Spanish readers.
    pub title_es: String,
    /// Title for English readers.
    pub title_en: String,
    /// The question it answers.
    pub answers: String,
    /// The formula in words; may be empty.
    pub formula: String,
    /// One row per what.
    pub grain: String,
    /// How it is called: `aging(as_of date, load int = $load)`.
    pub signature: String,
    /// Parameters as declared: `as_of date`.
    pub params: Vec<String>,
    /// Parameters in words.
    pub options: Vec<Parameter>,
    /// Columns by name and type's word.
    pub columns: Vec<(String, String)>,
    /// What the figures are in and how they add up.
    pub unit: String,
    /// Codes that say why a figure is empty or asks for care.
    pub cases: Vec<String>,
    /// Queries it calls.
    pub calls: Vec<String>,
    /// Columns whose documents are listed.
    pub proven: Vec<String>,
    /// Where the definition comes from.
    pub source: String,
    /// Path of the file.
    pub path: String,
    /// The whole file, header and SQL.
    pub sql: String,
    /// SHA-256 of the file's text, hexadecimal.
    pub digest: String,
    spanish: Spanish,
}

/// What the header says in Spanish.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Spanish {
    answers: Option<String>,
    formula: Option<String>,
    unit: Option<String>,
}

impl Dictionary {
    /// The dictionary of a catalogue.
    pub fn of(catalogue: &Catalogue) -> Dictionary {
        Dictionary { entries: catalogue.files().map(Entry::of).collect() }
    }

    /// Every entry, by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that name, or an error that names the nearest.
    pub fn find(&self, name: &str) -> Result<&Entry> {
        self.get(name).ok_or_else(|| {
            let near = nearest(name, self.entries.iter().map(|e| e.name.as_str()));
            let hint = near.map_or_else(|| "`cartera metrics` lists them".to_string(), |near| format!("did you mean `{near}`?"));
            Error::missing(format!("there is no query `{name}`")).hint(hint)
        })
    }

    /// The entry of that name and every entry it is made of, callers before what they call.
    pub fn with_calls(&self, name: &str) -> Result<Vec<&Entry>> {
        let mut found = vec![self.find(name)?];
        let mut at = 0;
        while let Some(entry) = found.get(at) {
            for called in entry.calls.clone() {
                if !found.iter().any(|f| f.name == called) {
                    found.push(self.find(&called)?);
                }
            }
            at += 1;
        }
        Ok(found)
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.binary_search_by(|e| e.name.as_str().cmp(name)).ok().map(|at| &self.entries[at])
    }
}

impl Entry {
    fn of(file: &QueryFile) -> Entry {
        let header = &file.header;
        let title = |title: &Option<String>| title.clone().unwrap_or_else(|| header.name.clone());
        let option = |p: &Param| Parameter {
            name: p.name.clone(),
            kind: p.kind.as_str().to_string(),
            choices: p.choices.clone(),
            default: p.declared().split_once(" = ").map(|(_, default)| default.to_string()),
        };
        Entry {
            name: header.name.clone(),
            room: match file.path.split('/').rev().nth(1) {
                Some("checks") => Room::Check,
                // Statements are measures too: the rows that customers are shown.
                Some("metrics" | "statements") => Room::Metric,
                _ => Room::Base,
            },
            title_es: title(&header.title_es),
            title_en: title(&header.title_en),
            answers: header.answers.clone(),
            formula: header.formula.clone().unwrap_or_default(),
            grain: header.grain.clone(),
            signature: header.signature(),
            params: header.params.iter().map(Param::declared).collect(),
            options: header.params.iter().map(option).collect(),
            columns: header.columns.iter().map(|c| (c.name.clone(), c.kind.as_str().to_string())).collect(),
            unit: header.unit.clone(),
            cases: header.cases.clone(),
            calls: file.calls.iter().cloned().collect(),
            proven: header.inputs.iter().map(|i| i.column.clone()).collect(),
            source: header.source.clone(),
            path: file.path.clone(),
            sql: file.sql.clone(),
            digest: file.digest.clone(),
            spanish: Spanish { answers: header.answers_es.clone(), formula: header.formula_es.clone(), unit: header.unit_es.clone() },
        }
    }

    /// Its title for a reader; the name where the file gives none.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::Es => &self.title_es,
            Lang::En => &self.title_en,
        }
    }
    /// The question for a reader.
    pub fn question(&self, lang: Lang) -> &str {
        said(lang, &self.spanish.answers, &self.answers)
    }
    /// The formula for a reader.
    pub fn formula(&self, lang: Lang) -> &str {
        said(lang, &self.spanish.formula, &self.formula)
    }
    /// The unit for a reader.
    pub fn unit(&self, lang: Lang) -> &str {
        said(lang, &self.spanish.unit, &self.unit)
    }
}

fn said<'a>(lang: Lang, spanish: &'a Option<String>, english: &'a str) -> &'a str {
    match (lang, spanish) {
        (Lang::Es, Some(spanish)) => spanish,
        _ => english,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_is_an_entry_with_its_text_and_digest() {
        let catalogue = Catalogue::parse(crate::engine::shipped::SHIPPED.iter().copied()).unwrap();
        let dictionary = Dictionary::of(&catalogue);
        assert_eq!(dictionary.entries().len(), crate::engine::shipped::SHIPPED.len());
        for entry in dictionary.entries() {
            assert_eq!(dictionary.get(&entry.name), Some(entry));
            assert_eq!(entry.digest.len(), 64);
            assert!(entry.sql.contains(&format!("-- name:    {}", entry.name)) || entry.sql.contains(&entry.name));
            assert!(!entry.title(Lang::Es).is_empty() && entry.signature.starts_with(&entry.name));
        }
        assert_eq!(dictionary.get("no_such"), None);
    }
}
