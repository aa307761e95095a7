//! The dictionary of measures, made from the headers of the query files.
//!
//! What packs print as definitions and `cartera explain` shows: the formula that is printed is the formula that ran, because both
//! come from the one file. It computes nothing.

use crate::domain::lang::Lang;
use crate::engine::Catalogue;

/// Every query that answers a question, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
}

/// One entry of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of the query; what one writes in SQL.
    pub name: String,
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
    /// Columns with their types: `open_amount money`.
    pub columns: Vec<String>,
    /// What the figures are in and how they add up.
    pub unit: String,
    /// Where the definition comes from.
    pub source: String,
    /// Path of the file.
    pub path: String,
    /// The whole file, header and SQL.
    pub sql: String,
    /// SHA-256 of the file's text, hexadecimal.
    pub digest: String,
}

impl Dictionary {
    /// The dictionary of a catalogue.
    pub fn of(catalogue: &Catalogue) -> Dictionary {
        let entries = catalogue.files().map(|file| {
            let header = &file.header;
            let title = |title: &Option<String>| title.clone().unwrap_or_else(|| header.name.clone());
            Entry {
                name: header.name.clone(),
                title_es: title(&header.title_es),
                title_en: title(&header.title_en),
                answers: header.answers.clone(),
                formula: header.formula.clone().unwrap_or_default(),
                grain: header.grain.clone(),
                signature: header.signature(),
                params: header.params.iter().map(|p| p.declared()).collect(),
                columns: header.columns.iter().map(|c| format!("{} {}", c.name, c.kind.as_str())).collect(),
                unit: header.unit.clone(),
                source: header.source.clone(),
                path: file.path.clone(),
                sql: file.sql.clone(),
                digest: file.digest.clone(),
            }
        });
        Dictionary { entries: entries.collect() }
    }

    /// Every entry, by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.binary_search_by(|e| e.name.as_str().cmp(name)).ok().map(|at| &self.entries[at])
    }
}

impl Entry {
    /// Its title for a reader; the name where the file gives none.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::Es => &self.title_es,
            Lang::En => &self.title_en,
        }
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
