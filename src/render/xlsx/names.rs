//! Names inside a workbook: sheets and tables, made from titles and ids so that spreadsheet programs accept them, each once.
//!
//! Separate because the rules are the file format's, not ours.

use crate::render::cells::clean;

/// Longest name of a sheet.
const SHEET_CHARS: usize = 31;

/// Names given so far.
#[derive(Default)]
pub struct Names {
    sheets: Vec<String>,
    tables: Vec<String>,
}

impl Names {
    /// A sheet's name from a title, or from an id where nothing of the title is left.
    pub fn sheet(&mut self, title: &str, id: &str) -> String {
        let allowed = |text: &str| -> String {
            let kept: String = clean(text).chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\')).collect();
            kept.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches('\'').trim().to_string()
        };
        let mut base = [allowed(title), allowed(id), "Sheet".to_string()].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        // The name is kept by the file format for its own use.
        if base.eq_ignore_ascii_case("history") {
            base.push('_');
        }
        let mut name = cut(&base, "");
        let mut n = 2;
        while self.sheets.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            name = cut(&base, &format!(" ({n})"));
            n += 1;
        }
        self.sheets.push(name.clone());
        name
    }

    /// A native table's name from its id.
    pub fn table(&mut self, id: &str) -> String {
        let safe: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(200).collect();
        let base = format!("t_{safe}");
        let mut name = base.clone();
        let mut n = 2;
        while self.tables.contains(&name) {
            name = format!("{base}_{n}");
            n += 1;
        }
        self.tables.push(name.clone());
        name
    }
}

/// The name cut, at a word where one ends late enough, so that it fits with its ending. The limit counts UTF-16 units.
fn cut(base: &str, ending: &str) -> String {
    let room = SHEET_CHARS - ending.chars().count();
    let mut units = 0;
    let fits: String = base
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= room
        })
        .collect();
    let whole = fits.len() == base.len() || base[fits.len()..].starts_with(' ');
    let at_word = match fits.rfind(' ') {
        Some(end) if !whole && end * 2 > fits.len() => &fits[..end],
        _ => fits.as_str(),
    };
    format!("{}{ending}", at_word.trim_end_matches([' ', '\'', ',', '-', '–']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_short_allowed_and_different() {
        let mut names = Names::default();
        assert_eq!(names.sheet("Aged trial balance: by customer, bucket and currency", "a"), "Aged trial balance by customer");
        assert_eq!(names.sheet("aged trial balance [by] customer/", "a"), "aged trial balance by (2)");
        assert_eq!(names.sheet("'*?'", "id"), "id");
        assert_eq!(names.sheet("", ""), "Sheet");
        assert_eq!(names.sheet("History", "h"), "History_");
        for n in 0..30 {
            let name = names.sheet(&"\u{1F600}wide ".repeat(20), &n.to_string());
            assert!(name.encode_utf16().count() <= SHEET_CHARS, "{name}");
        }
        let different: std::collections::BTreeSet<String> = names.sheets.iter().map(|n| n.to_lowercase()).collect();
        assert_eq!(different.len(), names.sheets.len());
        assert_eq!(names.table("1 a/b"), "t_1_a_b");
        assert_eq!(names.table("1-a-b"), "t_1_a_b_2");
    }
}
