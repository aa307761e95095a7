//! Names of files out of ids: safe on every file system, different for different ids, the same for the same id.
//!
//! Separate because ids are text of strangers: slashes, dots, reserved words, letters of any script, two that differ only in capitals.

use super::digest::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Longest part of an id that stands in a name as it is.
const LONGEST: usize = 48;
/// Digits of the digest that tells apart what cannot be spelled.
const DIGITS: usize = 10;
/// Between both. No id that is written as it is has it.
const MARK: char = '~';
/// What some systems keep for devices, whatever ending follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// A name for each of a set of ids; `taken` are names of other files beside them.
pub fn names<'a>(ids: impl IntoIterator<Item = &'a str>, taken: &[&str]) -> BTreeMap<String, String> {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    let mut spelled: BTreeMap<String, usize> = BTreeMap::new();
    for id in &ids {
        *spelled.entry(id.to_ascii_lowercase()).or_default() += 1;
    }
    let name = |id: &str| {
        let lower = id.to_ascii_lowercase();
        let is_alone = spelled.get(&lower) == Some(&1) && !taken.contains(&lower.as_str());
        if is_alone { name(id) } else { marked(id) }
    };
    ids.into_iter().map(|id| (id.to_string(), name(id))).collect()
}

/// The name of one id: itself where it is plain, else what can be spelled of it and a digest.
pub fn name(id: &str) -> String {
    if is_plain(id) { id.to_string() } else { marked(id) }
}

fn is_plain(id: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    id.len() <= LONGEST && id.chars().all(sign) && edge(id.chars().next()) && edge(id.chars().next_back()) && !is_device(id)
}

fn is_device(id: &str) -> bool {
    let stem = id.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&stem.as_str()) || numbered.is_some_and(|n| n.len() == 1 && n.chars().all(|c| c.is_ascii_digit()))
}

fn marked(id: &str) -> String {
    let spelled: String = id.chars().take(LONGEST / 2).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let spelled = spelled.trim_start_matches('-');
    format!("{spelled}{MARK}{}", &hex(&Sha256::digest(id.as_bytes()))[..DIGITS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_their_names() {
        for id in ["C0042", "a-b_c.d", "100001"] {
            assert_eq!(name(id), id);
        }
    }

    #[test]
    fn nothing_leaves_the_folder_and_nothing_collides() {
        let long = "x".repeat(300);
        let ids =
            ["../../etc/passwd", "..", ".", "", "CON", "con.1", "lpt9", "a/b", "a\\b", "a:b", "C 1", "c1 ", "-rf", "Ñandú", "ÑANDÚ", &long];
        let ids: Vec<&str> = ids.into_iter().chain(["abc", "ABC", "Abc", "index", "a\u{301}", "á", "\u{202E}fdp", "x\n"]).collect();
        let names = names(ids.iter().copied(), &["index"]);
        let folded: BTreeSet<String> = names.values().map(|n| n.to_lowercase()).collect();
        assert_eq!(folded.len(), ids.len());
        for (id, name) in &names {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c)), "{id:?} {name}");
            assert!(
                !name.starts_with(['.', '-']) && !name.ends_with('.') && !is_device(name) && name != "index" && name.len() <= 64,
                "{name}"
            );
        }
    }

    #[test]
    fn a_name_does_not_depend_on_who_else_is_there_unless_they_would_collide() {
        assert_eq!(names(["A1"], &[])["A1"], names(["A1", "B1"], &[])["A1"]);
        assert_ne!(names(["A1", "a1"], &[])["A1"], "A1");
    }
}
