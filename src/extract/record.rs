//! One row of a file as texts, reused from row to row, with the line it starts on.
//!
//! Separate because both readers fill it and only the binding reads it: a Parquet cell and a CSV field meet here as bytes.

/// What a file with typed cells says of a cell beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mark {
    /// Nothing: days and numbers are written as the profile declares.
    #[default]
    Declared,
    /// A number, written with a point.
    Number,
    /// A day, written `YYYY-MM-DD`.
    Day,
    /// A text of a format that writes days `YYYY-MM-DD` or as instants unless the profile says otherwise.
    Loose,
    /// No value, and why; its text is what stands there instead.
    Broken(&'static str),
}

/// The fields of one row.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes between two fields.
    gap: usize,
    /// One per field where cells are typed; else none.
    marks: Vec<Mark>,
    /// Physical line the row starts on, first = 1; in Parquet the number of the row.
    pub line: u64,
}

impl Record {
    pub fn start(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.marks.clear();
        self.gap = 0;
        self.line = line;
    }
    /// Takes a whole line without quotes: its delimiters stay where they are.
    pub fn start_with(&mut self, line: u64, text: &[u8], delimiter: u8) {
        self.start(line);
        self.gap = 1;
        self.bytes.extend_from_slice(text);
        let mut delimiters = memchr::memchr_iter(delimiter, text);
        while let Some(at) = delimiters.next() {
            self.ends.push(at);
        }
        self.ends.push(text.len());
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
    /// Completes the field under way with what its cell says of itself.
    pub fn end_cell(&mut self, mark: Mark) {
        self.ends.push(self.bytes.len());
        self.marks.push(mark);
    }
    /// What is known of a field beside its text.
    pub fn mark(&self, i: usize) -> Mark {
        self.marks.get(i).copied().unwrap_or_default()
    }
    /// Whether any field may be marked.
    pub fn is_typed(&self) -> bool {
        !self.marks.is_empty()
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
        if i >= self.ends.len() {
            return 0..0;
        }
        let start = if i == 0 { 0 } else { self.ends[i - 1] + self.gap };
        start..self.ends[i]
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
