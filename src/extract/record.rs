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
    /// Where each field stands; longer than the row has fields, so that a row costs no growing.
    fields: Vec<(usize, usize)>,
    count: usize,
    /// Where the field under way begins.
    from: usize,
    /// One per field where cells are typed; else none.
    marks: Vec<Mark>,
    /// Physical line the row starts on, first = 1; in Parquet the number of the row.
    pub line: u64,
}

impl Record {
    pub fn start(&mut self, line: u64) {
        self.bytes.clear();
        self.marks.clear();
        (self.count, self.from, self.line) = (0, 0, line);
    }
    /// Takes a line that can be split at its delimiters and around its quotes alone: its bytes stay as they are, and a field is a
    /// part of them. Gives the position of the line's end in `rest`; `None` if it cannot be taken so, or does not end in `rest`.
    pub fn start_with(&mut self, line: u64, rest: &[u8], special: &[bool; 256], delimiter: u8, quote: Option<u8>) -> Option<usize> {
        self.start(line);
        let no_quote = quote.is_none();
        let quote = quote.unwrap_or(0);
        let fields = &mut self.fields[..];
        let (mut count, mut i) = (0, 0);
        loop {
            let (from, mut to);
            if !no_quote && i < rest.len() && rest[i] == quote {
                from = i + 1;
                to = from;
                while to < rest.len() && rest[to] != quote && rest[to] != b'\n' && rest[to] != b'\r' {
                    to += 1;
                }
                if to >= rest.len() || rest[to] != quote {
                    return None;
                }
                i = to + 1;
                if i >= rest.len() || !(rest[i] == delimiter || rest[i] == b'\n' || rest[i] == b'\r') {
                    return None;
                }
            } else {
                from = i;
                while i < rest.len() && !special[rest[i] as usize] {
                    i += 1;
                }
                if i >= rest.len() {
                    return None;
                }
                to = i;
            }
            if count >= fields.len() {
                // The first rows of a file: the slow way makes room.
                return None;
            }
            fields[count] = (from, to);
            count += 1;
            if rest[i] != delimiter {
                break;
            }
            i += 1;
        }
        self.count = count;
        self.bytes.extend_from_slice(&rest[..i]);
        Some(i)
    }
    /// Number of complete fields.
    pub fn len(&self) -> usize {
        self.count
    }
    /// Adds bytes to the field under way.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    /// Completes the field under way.
    pub fn end_field(&mut self) {
        if self.count == self.fields.len() {
            self.fields.resize(self.count * 2 + 8, (0, 0));
        }
        self.fields[self.count] = (self.from, self.bytes.len());
        self.from = self.bytes.len();
        self.count += 1;
    }
    /// Completes the field under way with what its cell says of itself.
    pub fn end_cell(&mut self, mark: Mark) {
        self.end_field();
        self.marks.push(mark);
    }
    /// Adds a whole cell behind the last one.
    pub fn append(&mut self, bytes: &[u8], mark: Mark) {
        if mark != Mark::Declared && self.marks.is_empty() {
            self.marks.resize(self.count, Mark::Declared);
        }
        self.from = self.bytes.len();
        self.push(bytes);
        self.end_field();
        if !self.marks.is_empty() {
            self.marks.push(mark);
        }
    }
    /// What is known of a field beside its text.
    pub fn mark(&self, i: usize) -> Mark {
        if self.marks.is_empty() {
            return Mark::Declared;
        }
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
        if i >= self.count {
            return 0..0;
        }
        let (from, to) = self.fields[i];
        from..to
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
