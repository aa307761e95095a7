//! The dictionary of measures, for the terminal and as pages.

use crate::domain::lang::Lang;
use crate::engine::Catalogue;
use crate::error::{Error, Result};
use crate::metrics::{Dictionary, Entry};
use crate::render;
use crate::report;
use std::path::{Path, PathBuf};

/// The dictionary of the shipped queries.
pub fn dictionary() -> Result<Dictionary> {
    Ok(Dictionary::of(&Catalogue::shipped()?))
}

/// What a reader is told of an entry: label and text.
pub fn dictionary_facts(entry: &Entry, lang: Lang) -> Result<Vec<(String, String)>> {
    let item = report::dictionary::item(entry, lang)?;
    let lists = item.lists.into_iter().flat_map(|(label, rows)| {
        let named = |(at, (name, text)): (usize, (String, String))| {
            (if at == 0 { label.clone() } else { String::new() }, format!("{name}: {text}"))
        };
        rows.into_iter().enumerate().map(named).collect::<Vec<_>>()
    });
    Ok([(item.question_label, item.question)].into_iter().chain(item.facts).chain(lists).collect())
}

/// Writes one page a language into a folder; gives their paths.
pub fn write_dictionary(dictionary: &Dictionary, langs: &[Lang], folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io(format!("cannot make {}", folder.display()), e))?;
    let write = |lang: &Lang| {
        let page = render::html::dictionary(&report::dictionary::page(dictionary, *lang)?)?;
        let path = folder.join(format!("metrics-{}.html", lang.code()));
        std::fs::write(&path, page).map_err(|e| Error::io(format!("cannot write {}", path.display()), e))?;
        Ok(path)
    };
    langs.iter().map(write).collect()
}
