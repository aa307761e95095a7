//! The words a reader sees: `reports/text/{es,en}.toml` as flat keys, and sentences filled with figures.
//!
//! Values are put in in one pass, so a customer called `{amount}` stays `{amount}`.

use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use std::collections::BTreeMap;

const ES: &str = include_str!("../../reports/text/es.toml");
const EN: &str = include_str!("../../reports/text/en.toml");

/// The texts of one language.
#[derive(Debug)]
pub(crate) struct Text {
    pub lang: Lang,
    entries: BTreeMap<String, String>,
}

impl Text {
    /// The shipped texts of a language.
    pub(crate) fn of(lang: Lang) -> Result<Text> {
        let source = match lang {
            Lang::Es => ES,
            Lang::En => EN,
        };
        Text::parse(lang, source).map_err(|e| e.context(format!("reports/text/{}.toml", lang.code())))
    }

    fn parse(lang: Lang, source: &str) -> Result<Text> {
        let table: toml::Table =
            toml::from_str(source).map_err(|e| Error::internal(format!("the texts cannot be read: {}", e.to_string().trim_end())))?;
        let mut entries = BTreeMap::new();
        flatten("", &table, &mut entries)?;
        Ok(Text { lang, entries })
    }

    /// With a spec's own texts of this language; they may not change what packs share.
    pub(crate) fn and(mut self, own: &BTreeMap<String, toml::Table>) -> Result<Text> {
        let mut entries = BTreeMap::new();
        if let Some(table) = own.get(self.lang.code()) {
            flatten("", table, &mut entries)?;
        }
        if let Some(known) = entries.keys().find(|key| self.entries.contains_key(*key)) {
            return Err(Error::usage(format!("the spec's own text `{known}` is one that packs share")).hint("give it another name"));
        }
        self.entries.extend(entries);
        Ok(self)
    }

    /// The text of a key that must exist.
    pub(crate) fn get(&self, key: &str) -> Result<&str> {
        self.find(key).ok_or_else(|| Error::internal(format!("there is no text `{key}` in {}", self.lang.code())))
    }

    /// The text of a key that may be unknown, as with words out of the data.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The text of a key with its `{placeholders}` filled.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> Result<String> {
        let mut rest = self.get(key)?;
        let mut out = String::with_capacity(rest.len() + 16);
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').ok_or_else(|| Error::internal(format!("text `{key}` has an open brace")))? + open;
            let name = &rest[open + 1..close];
            let (_, value) = values
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| Error::internal(format!("text `{key}` asks for `{{{name}}}`, which is not given")))?;
            out.push_str(&rest[..open]);
            out.push_str(value);
            rest = &rest[close + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    #[cfg(test)]
    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.entries.keys()
    }
}

fn flatten(prefix: &str, table: &toml::Table, entries: &mut BTreeMap<String, String>) -> Result<()> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => {
                entries.insert(key, text.clone());
            }
            toml::Value::Table(inner) => flatten(&key, inner, entries)?,
            _ => return Err(Error::internal(format!("text `{key}` is not a string"))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::header::Kind;
    use crate::engine::{Catalogue, shipped};
    use crate::report::spec::SHIPPED;
    use crate::report::{Spec, cut, words};
    use std::collections::{BTreeMap, BTreeSet};

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    /// Keys that the sources of this room spell out: every quoted `area.name` whose area is one of the texts'.
    fn keys_in_code(areas: &BTreeSet<&str>) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
                for quoted in code.split('"').skip(1).step_by(2) {
                    let plain = quoted.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
                    if plain && quoted.split_once('.').is_some_and(|(area, name)| areas.contains(area) && !name.is_empty()) {
                        keys.insert(quoted.to_string());
                    }
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_exactly_the_keys_needed() {
        let (es, en) = (Text::of(Lang::Es).unwrap(), Text::of(Lang::En).unwrap());
        let areas: BTreeSet<&str> = es.keys().map(|k| k.split('.').next().unwrap()).collect();
        let mut needed = keys_in_code(&areas);
        needed.extend(words::keys());
        needed.extend(Kind::WORDS.iter().map(|(word, _)| format!("dictionary.kind.{word}")));
        needed.extend(cut::keys());
        let own = |lang: Lang| -> BTreeSet<String> {
            let specs = SHIPPED.iter().map(|(name, _)| Spec::shipped(name).unwrap());
            let mut keys = BTreeSet::new();
            for spec in specs {
                let mut entries = BTreeMap::new();
                flatten("", spec.text.get(lang.code()).unwrap_or(&toml::Table::new()), &mut entries).unwrap();
                // Shared by packs means: in the shared file.
                Text::of(lang).unwrap().and(&spec.text).unwrap();
                let (keys_needed, columns) = (spec.text_keys(), spec.columns());
                let is_value =
                    |key: &str| key.strip_prefix("values.").and_then(|k| k.split_once('.')).is_some_and(|(c, _)| columns.contains(c));
                let unused: Vec<_> = entries.keys().filter(|key| !keys_needed.contains(*key) && !is_value(key)).collect();
                assert!(unused.is_empty(), "{} {lang:?}: unused {unused:#?}", spec.name);
                keys.extend(entries.into_keys());
            }
            keys
        };
        let is_own_value = |key: &String| key.starts_with("values.");
        assert_eq!(own(Lang::Es), own(Lang::En));
        needed.extend(SHIPPED.iter().flat_map(|(name, _)| Spec::shipped(name).unwrap().text_keys()));
        // What a row of each query of a pack is of is said in words; columns of controls may have some.
        let headers = Catalogue::parse(shipped::SHIPPED.iter().copied()).unwrap();
        let asked: BTreeSet<String> =
            SHIPPED.iter().flat_map(|(name, _)| Spec::shipped(name).unwrap().from.into_values().map(|from| from.query)).collect();
        let grains = asked.iter().filter_map(|query| headers.get(query)?.header.grain.strip_prefix("one row per "));
        let of_grain = |column: &str| {
            let whole = format!("column.{}", column.trim());
            let named = format!("column.{}", column.trim().trim_end_matches("_order"));
            if es.find(&whole).is_some() { whole } else { named }
        };
        needed.extend(grains.flat_map(|grain| grain.split(',')).map(of_grain));
        let of_a_check: BTreeSet<String> = headers
            .files()
            .filter(|file| file.path.starts_with("queries/checks/"))
            .flat_map(|file| file.header.columns.iter().map(|c| format!("column.{}", c.name)))
            .collect();
        for text in [&es, &en] {
            let have: BTreeSet<String> = text.keys().cloned().chain(own(text.lang)).collect();
            let missing: Vec<_> = needed.difference(&have).collect();
            let unused: Vec<_> = have.difference(&needed).filter(|key| !is_own_value(key) && !of_a_check.contains(*key)).collect();
            assert!(missing.is_empty() && unused.is_empty(), "{:?}: missing {missing:#?}, unused {unused:#?}", text.lang);
        }
    }

    #[test]
    fn both_languages_say_the_same_figures() {
        let (es, en) = (Text::of(Lang::Es).unwrap(), Text::of(Lang::En).unwrap());
        for key in es.keys() {
            let (a, b) = (es.get(key).unwrap(), en.get(key).unwrap());
            assert_eq!(placeholders(a), placeholders(b), "{key}");
            assert!(!a.trim().is_empty() && a == a.trim(), "{key}: `{a}`");
        }
    }

    #[test]
    fn values_are_not_read_again() {
        let text = Text::parse(Lang::En, "a = 'x {one} y {two}'\n").unwrap();
        assert_eq!(text.fill("a", &[("one", "{two}"), ("two", "</script>")]).unwrap(), "x {two} y </script>");
        assert!(text.fill("a", &[("one", "1")]).is_err());
        assert!(text.fill("b", &[]).is_err());
        let _: BTreeMap<String, String> = text.entries;
    }
}
