//! What the cells of a column say: days and their order, numbers and their marks, words.
//!
//! Evidence is counted with the first line that gives it, so that a proposal can show what it rests on.

use std::collections::BTreeMap;

/// Different texts that are remembered of a column.
const MOST_WORDS: usize = 40;

/// Evidence for one thing: how many cells, and the first of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub count: u64,
    /// Line and text.
    pub first: Option<(u64, String)>,
}

impl Seen {
    fn note(&mut self, line: u64, text: &str) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some((line, text.to_string()));
        }
    }
    pub fn any(&self) -> bool {
        self.count > 0
    }
    /// `31/01/2026 on line 7`.
    pub fn shown(&self) -> String {
        self.first.as_ref().map_or_else(String::new, |(line, text)| format!("{text} on line {line}"))
    }
}

/// Days of a column.
#[derive(Debug, Clone, Default)]
pub(super) struct Days {
    pub iso: Seen,
    pub compact: Seen,
    /// Three parts with the year at the end, by mark and by whether it has two digits.
    pub parted: BTreeMap<(char, bool), Seen>,
    /// The first part cannot be a month.
    pub day_first: Seen,
    /// The second part cannot be a month.
    pub month_first: Seen,
}

/// Numbers of a column.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub all: u64,
    /// The mark can only be the decimal one.
    pub decimal: BTreeMap<char, Seen>,
    /// The mark can only stand between thousands.
    pub thousands: BTreeMap<char, Seen>,
    /// A mark with three digits behind it: either.
    pub unclear: BTreeMap<char, Seen>,
    pub trailing: Seen,
    pub parentheses: Seen,
    pub leading: Seen,
    /// What stands beside the digits.
    pub beside: BTreeMap<String, Seen>,
}

/// A column of the file.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub name: String,
    /// Cells that are not empty.
    pub filled: u64,
    pub days: Days,
    pub numbers: Numbers,
    /// Different texts, while they are few.
    pub words: BTreeMap<String, u64>,
    pub many_words: bool,
    /// Its cells say themselves what they are.
    pub typed: bool,
}

impl Column {
    pub fn new(name: &str) -> Column {
        Column {
            name: name.to_string(),
            filled: 0,
            days: Days::default(),
            numbers: Numbers::default(),
            words: BTreeMap::new(),
            many_words: false,
            typed: false,
        }
    }

    /// Takes a cell.
    pub fn take(&mut self, text: &str, line: u64, typed: bool) {
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        self.typed |= typed;
        if !self.many_words {
            *self.words.entry(text.to_string()).or_default() += 1;
            if self.words.len() > MOST_WORDS {
                self.many_words = true;
                self.words.clear();
            }
        }
        if !typed && !self.day(text, line) {
            self.number(text, line);
        }
    }

    /// Whether nearly all cells are days.
    pub fn is_days(&self) -> bool {
        let days = self.days.iso.count + self.days.compact.count + self.days.parted.values().map(|s| s.count).sum::<u64>();
        self.filled > 0 && days * 10 >= self.filled * 9
    }

    /// Whether nearly all cells are numbers.
    pub fn is_numbers(&self) -> bool {
        self.filled > 0 && (self.numbers.all + self.days.compact.count) * 10 >= self.filled * 9
    }

    fn day(&mut self, text: &str, line: u64) -> bool {
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let number = |t: &str| t.parse::<u32>().unwrap_or(0);
        if text.len() == 8 && digits(text) {
            let (year, month, day) = (number(&text[..4]), number(&text[4..6]), number(&text[6..]));
            let real = (1900..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
            if real {
                self.days.compact.note(line, text);
            }
            return real;
        }
        let Some(mark) = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '-' | '.')) else { return false };
        let parts: Vec<&str> = text.split(mark).collect();
        let [a, b, c] = parts[..] else { return false };
        if !digits(a) || !digits(b) || !digits(c) {
            return false;
        }
        if a.len() == 4 && mark == '-' && b.len() == 2 && c.len() == 2 {
            self.days.iso.note(line, text);
            return true;
        }
        let (first, second) = (number(a), number(b));
        if a.len() > 2 || b.len() > 2 || !matches!(c.len(), 2 | 4) || !(1..=31).contains(&first) || !(1..=31).contains(&second) {
            return false;
        }
        self.days.parted.entry((mark, c.len() == 2)).or_default().note(line, text);
        if first > 12 {
            self.days.day_first.note(line, text);
        }
        if second > 12 {
            self.days.month_first.note(line, text);
        }
        true
    }

    fn number(&mut self, text: &str, line: u64) {
        let in_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '-' | '(' | ')');
        let (Some(from), Some(to)) = (text.find(|c: char| c.is_ascii_digit()), text.rfind(|c: char| c.is_ascii_digit())) else { return };
        let core = &text[from..=to];
        let around = [&text[..from], &text[to + 1..]];
        if !core.chars().all(|c| in_number(c) && !matches!(c, '-' | '(' | ')')) || text.chars().count() > core.chars().count() + 10 {
            return;
        }
        let word = |side: &str| side.trim_matches(|c: char| matches!(c, '-' | '(' | ')' | '.') || c.is_whitespace()).to_string();
        let beside: Vec<String> = around.iter().map(|s| word(s)).filter(|w| !w.is_empty()).collect();
        if beside.iter().any(|w| w.chars().count() > 4 || w.chars().any(|c| matches!(c, '/' | '_' | '#' | '%' | ':'))) {
            return;
        }
        let n = &mut self.numbers;
        n.all += 1;
        beside.iter().for_each(|w| n.beside.entry(w.clone()).or_default().note(line, text));
        if text.contains('(') && text.ends_with(')') {
            n.parentheses.note(line, text);
        } else if around[1].trim_start().starts_with('-') {
            n.trailing.note(line, text);
        } else if around[0].contains('-') {
            n.leading.note(line, text);
        }
        let marks: Vec<(usize, char)> = core.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
        let Some(&(at, last)) = marks.last() else { return };
        let behind = core.len() - at - last.len_utf8();
        let others: Vec<char> = marks.iter().map(|m| m.1).filter(|c| *c != last).collect();
        let repeated = marks.iter().filter(|m| m.1 == last).count() > 1;
        let before = marks[0].0;
        if !matches!(last, '.' | ',') || repeated {
            n.thousands.entry(last).or_default().note(line, text);
        } else if !others.is_empty() {
            n.decimal.entry(last).or_default().note(line, text);
            n.thousands.entry(others[0]).or_default().note(line, text);
        } else if behind != 3 || before > 3 || core.starts_with('0') {
            n.decimal.entry(last).or_default().note(line, text);
        } else {
            n.unclear.entry(last).or_default().note(line, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: &[&str]) -> Column {
        let mut column = Column::new("x");
        cells.iter().enumerate().for_each(|(n, c)| column.take(c, n as u64 + 2, false));
        column
    }

    #[test]
    fn days_and_what_decides_them() {
        let both = column(&["05/06/2026", "31/01/2026", "01/02/2026"]);
        assert!(both.is_days() && !both.is_numbers());
        assert_eq!(both.days.day_first.shown(), "31/01/2026 on line 3");
        assert!(!both.days.month_first.any());
        let unclear = column(&["05/06/2026", "01/02/2026"]);
        assert!(unclear.is_days() && !unclear.days.day_first.any() && !unclear.days.month_first.any());
        assert!(column(&["2026-01-31"]).days.iso.any() && column(&["20260131"]).days.compact.any());
        assert!(!column(&["1.234.567"]).is_days() && !column(&["99/99/2026"]).is_days());
    }

    #[test]
    fn numbers_and_what_decides_them() {
        let n = |cells: &[&str]| column(cells).numbers;
        assert_eq!(n(&["1.234,50"]).decimal.keys().collect::<Vec<_>>(), [&',']);
        assert_eq!(n(&["1.234,50"]).thousands.keys().collect::<Vec<_>>(), [&'.']);
        assert_eq!(n(&["12.5"]).decimal.keys().collect::<Vec<_>>(), [&'.']);
        assert_eq!(n(&["0.125"]).decimal.keys().collect::<Vec<_>>(), [&'.']);
        assert_eq!(n(&["1.234"]).unclear.keys().collect::<Vec<_>>(), [&'.']);
        assert_eq!(n(&["1,234,567"]).thousands.keys().collect::<Vec<_>>(), [&',']);
        assert!(n(&["1.234,56-"]).trailing.any() && n(&["(5.00)"]).parentheses.any() && n(&["$ -5.00"]).leading.any());
        assert_eq!(n(&["$5.00 MXN"]).beside.keys().collect::<Vec<_>>(), ["$", "MXN"]);
        assert_eq!(n(&["F-00123", "A/5", "10%"]).all, 1);
    }
}
