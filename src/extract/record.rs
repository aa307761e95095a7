//! One row of a file as texts, reused from row to row, with the line it starts on.
//!
//! Separate because both readers fill it and only the binding reads it: a Parquet cell and a CSV field meet here as bytes.

/// The fields of one row.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Physical line the row starts on, first = 1; in Parquet the number of the row.
    pub line: u64,
}

impl Record {
    pub fn start(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.line = line;
    }
    /// Number of complete fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Adds bytes to the field under way.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    /// Completes the field under way.
    pub fn end_field(&mut self) {
        self.ends.push(self.bytes.len());
    }
    /// A field; empty past the last one.
    pub fn field(&self, i: usize) -> &[u8] {
        &self.bytes[self.range(i)]
    }
    /// The whole row as text, if it is valid UTF-8: checked once for all fields.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
    /// A field within [`Record::text`].
    pub fn range(&self, i: usize) -> std::ops::Range<usize> {
        match self.ends.get(i) {
            None => 0..0,
            Some(end) => (if i == 0 { 0 } else { self.ends[i - 1] })..*end,
        }
    }
    /// The beginning of the row, for messages.
    pub fn excerpt(&self, delimiter: u8) -> String {
        let mut all = Vec::new();
        for i in 0..self.len() {
            if i > 0 {
                all.push(delimiter);
            }
            all.extend_from_slice(self.field(i));
            if all.len() > 400 {
                break;
            }
        }
        cut(&String::from_utf8_lossy(&all))
    }
}

/// A readable piece of a text: 80 characters, without control characters.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
