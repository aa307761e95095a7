//! The dictionary of measures as a reader sees it: every entry with its words in one language, plain data.
//!
//! All of it comes from the headers of the query files; only the labels are ours. Where a header has no Spanish, its English is shown.

use super::text::Text;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::metrics::{Dictionary, Entry, Room};

/// The dictionary in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryPage {
    /// Its language.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    /// What the reader should know first.
    pub intro: String,
    /// The word over the list of entries.
    pub contents: String,
    /// Measures, controls, building blocks.
    pub groups: Vec<Group>,
}

/// Entries of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its title.
    pub title: String,
    /// Its entries by name.
    pub entries: Vec<Item>,
}

/// One entry in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Name of the query.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The word over its question.
    pub question_label: String,
    /// The question it answers.
    pub question: String,
    /// Label and text, in order.
    pub facts: Vec<(String, String)>,
    /// Label, then name and meaning of each: parameters, columns, cases.
    pub lists: Vec<(String, Vec<(String, String)>)>,
    /// Label of the SQL.
    pub sql_label: String,
    /// The whole file.
    pub sql: String,
}

/// Builds it.
pub fn page(dictionary: &Dictionary, lang: Lang) -> Result<DictionaryPage> {
    let text = Text::of(lang)?;
    let mut groups = Vec::new();
    for (room, key) in [(Room::Metric, "dictionary.metrics"), (Room::Check, "dictionary.checks"), (Room::Base, "dictionary.base")] {
        let entries = dictionary.entries().iter().filter(|e| e.room == room).map(|e| in_words(e, &text)).collect::<Result<Vec<_>>>()?;
        groups.push(Group { title: text.get(key)?.to_string(), entries });
    }
    Ok(DictionaryPage {
        lang,
        title: text.get("dictionary.title")?.to_string(),
        intro: text.get("dictionary.intro")?.to_string(),
        contents: text.get("word.contents")?.to_string(),
        groups,
    })
}

/// One entry in a language.
pub fn item(entry: &Entry, lang: Lang) -> Result<Item> {
    in_words(entry, &Text::of(lang)?)
}

fn in_words(entry: &Entry, text: &Text) -> Result<Item> {
    let label = |key: &str| text.get(key).map(str::to_string);
    let mut facts = vec![(label("dictionary.call")?, entry.signature.clone())];
    let mut fact = |key: &str, said: &str| -> Result<()> {
        if !said.is_empty() {
            facts.push((text.get(key)?.to_string(), said.to_string()));
        }
        Ok(())
    };
    fact("word.formula", entry.formula(text.lang))?;
    fact("word.grain", &entry.grain)?;
    fact("dictionary.unit", entry.unit(text.lang))?;
    fact("dictionary.proven", &entry.proven.join(", "))?;
    fact("word.formula_source", &entry.source)?;
    fact("word.file", &format!("{} · SHA-256 {}", entry.path, &entry.digest[..12.min(entry.digest.len())]))?;
    let mut lists = Vec::new();
    if !entry.options.is_empty() {
        let option = |o: &crate::metrics::Parameter| -> Result<(String, String)> {
            let kind = text.find(&format!("dictionary.kind.{}", o.kind)).unwrap_or(&o.kind).to_string();
            let mut said = vec![kind];
            if !o.choices.is_empty() {
                said.push(text.fill("dictionary.one_of", &[("words", &o.choices.join(", "))])?);
            }
            if let Some(default) = &o.default {
                said.push(text.fill("dictionary.default", &[("value", default)])?);
            }
            Ok((o.name.clone(), said.join("; ")))
        };
        lists.push((label("dictionary.options")?, entry.options.iter().map(option).collect::<Result<_>>()?));
    }
    let column =
        |(name, kind): &(String, String)| (name.clone(), text.find(&format!("dictionary.kind.{kind}")).unwrap_or(kind).to_string());
    lists.push((label("dictionary.columns")?, entry.columns.iter().map(column).collect()));
    if !entry.cases.is_empty() {
        let case = |code: &String| (code.clone(), text.find(&format!("reason.{code}")).unwrap_or(code).to_string());
        lists.push((label("dictionary.cases")?, entry.cases.iter().map(case).collect()));
    }
    Ok(Item {
        name: entry.name.clone(),
        title: entry.title(text.lang).to_string(),
        question_label: label("word.question")?,
        question: entry.question(text.lang).to_string(),
        facts,
        lists,
        sql_label: label("dictionary.sql")?,
        sql: entry.sql.trim_end().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Catalogue, shipped};

    #[test]
    fn every_query_is_on_the_page_and_every_case_has_words_in_both_languages() {
        let dictionary = Dictionary::of(&Catalogue::parse(shipped::SHIPPED.iter().copied()).unwrap());
        for lang in [Lang::Es, Lang::En] {
            let text = Text::of(lang).unwrap();
            let page = page(&dictionary, lang).unwrap();
            assert_eq!(page.groups.iter().map(|g| g.entries.len()).sum::<usize>(), dictionary.entries().len());
            let silent: Vec<String> = dictionary
                .entries()
                .iter()
                .flat_map(|e| e.cases.iter().map(move |c| format!("{} {c}", e.name)))
                .filter(|c| text.find(&format!("reason.{}", c.split_once(' ').unwrap().1)).is_none())
                .collect();
            assert!(silent.is_empty(), "{} lacks reasons: {silent:?}", lang.code());
            let kinds = dictionary.entries().iter().flat_map(|e| e.columns.iter().map(|c| &c.1));
            kinds.for_each(|kind| assert!(text.find(&format!("dictionary.kind.{kind}")).is_some(), "{kind}"));
        }
    }

    #[test]
    fn measures_and_controls_speak_spanish() {
        let dictionary = Dictionary::of(&Catalogue::parse(shipped::SHIPPED.iter().copied()).unwrap());
        let silent: Vec<&str> = dictionary
            .entries()
            .iter()
            .filter(|e| e.room != Room::Base)
            .filter(|e| {
                let lacks = |es: &str, en: &str| !en.is_empty() && es == en;
                lacks(e.question(Lang::Es), e.question(Lang::En))
                    || lacks(e.unit(Lang::Es), e.unit(Lang::En))
                    || lacks(e.formula(Lang::Es), e.formula(Lang::En))
            })
            .map(|e| e.name.as_str())
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }
}
