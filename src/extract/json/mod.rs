//! JSON into records: one object a line, or one array of objects, by itself or within an object; nested keys by dotted paths, numbers as they are written.
//!
//! Own instead of a value per row: a number must never become a float, a damaged object must cost its own line only, and a row's
//! place must be its true line.

mod object;

use super::csv::{Malformed, Next};
use super::decode::Chunks;
use super::place::Place;
use super::profile::Reading;
use super::record::{Record, cut};
use super::source::{Cell, Header};
use crate::error::{Error, Result};
use object::{Leaf, Nesting, walk};
use std::collections::HashMap;

/// An object longer than this is never closed; it bounds memory on a damaged file.
const LONGEST_OBJECT: usize = 1 << 20;
/// Most of a file that may stand before its list of rows.
const LONGEST_PASSED: usize = 16 << 20;
/// How web services name the link to the next page of a list, behind it.
const NEXT_PAGE: [&str; 3] = ["nextLink\"", "\"__next\"", "\"next\""];
/// Rows that are looked at for the names of the columns.
const ROWS_FOR_HEADER: usize = 1_000;

/// Reads a file object by object.
pub(super) struct JsonReader {
    objects: Objects,
    columns: HashMap<String, usize>,
    /// One per column: where its text stands in the row under way.
    leaves: Vec<Option<Leaf>>,
    texts: Vec<u8>,
}

impl JsonReader {
    /// Opens a file. Its columns are the keys of its first thousand rows, and those that rows may lack.
    pub fn open(place: &Place, reading: &Reading) -> Result<(Header, JsonReader)> {
        let mut names: Vec<String> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut note = |path: &str| {
            if !known.contains_key(path) {
                known.insert(path.to_string(), names.len());
                names.push(path.to_string());
            }
        };
        let mut objects = Objects::open(place, reading)?;
        let mut rows = 0;
        let mut texts = Vec::new();
        while rows < ROWS_FOR_HEADER {
            match objects.next()? {
                Found::End => break,
                Found::Malformed(m) if rows == 0 && !objects.plausible => {
                    return Err(Error::data(format!("line {} is no JSON object: {}", m.line, m.reason))
                        .hint("one object a line is read, or one array of objects"));
                }
                Found::Malformed(_) => {}
                Found::Object { from, to, .. } => {
                    texts.clear();
                    // What is wrong with the row is told when it is read.
                    let _ = walk(&objects.buffer[from..to], &mut texts, &mut |path, _| {
                        note(path);
                        Ok(())
                    });
                }
            }
            rows += 1;
        }
        if rows == 0 {
            return Err(Error::data("the file is empty; not one row is there to tell the columns"));
        }
        let seen = names.len();
        for name in &reading.optional_columns {
            if !known.contains_key(name) {
                known.insert(name.clone(), names.len());
                names.push(name.clone());
            }
        }
        let cells = (0..names.len()).map(|at| Cell { unseen: at >= seen, ..Cell::default() }).collect();
        let header = Header { cells, names, asked_by: Vec::new(), single: None };
        let leaves = vec![None; header.names.len()];
        Ok((header, JsonReader { objects: Objects::open(place, reading)?, columns: known, leaves, texts }))
    }

    /// Fills the record with the next object.
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        let (line, from, to) = match self.objects.next()? {
            Found::End => return Ok(Next::End),
            Found::Malformed(malformed) => return Ok(Next::Malformed(malformed)),
            Found::Object { line, from, to } => (line, from, to),
        };
        self.leaves.fill(None);
        self.texts.clear();
        let (columns, leaves) = (&self.columns, &mut self.leaves);
        let mut last = None;
        let bytes = &self.objects.buffer[from..to];
        let walked = walk(bytes, &mut self.texts, &mut |path, leaf| {
            if let Some(at) = columns.get(path) {
                last = Some(*at);
                if leaves[*at].replace(leaf).is_some() {
                    return Err(format!("the key `{path}` stands twice"));
                }
            }
            Ok(())
        });
        if let Err(reason) = walked {
            let excerpt = cut(&String::from_utf8_lossy(&bytes[..bytes.len().min(400)]));
            return Ok(Next::Malformed(Malformed { line, column_no: last.map(|c| c as u32 + 1), reason, excerpt }));
        }
        record.start(line);
        for leaf in &self.leaves {
            match leaf {
                None => record.end_cell(super::record::Mark::Declared),
                Some(leaf) => {
                    record.push(&self.texts[leaf.from..leaf.to]);
                    record.end_cell(leaf.mark);
                }
            }
        }
        Ok(Next::Record)
    }
}

/// The extents of the objects of a file.
struct Objects {
    chunks: Chunks,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    /// Inside an array of objects; objects may then run over lines.
    array: bool,
    /// Whether the list of rows stands inside of an object.
    nested: bool,
    /// Whether the file began as JSON does.
    plausible: bool,
    closed: bool,
    lines_to_skip: u64,
}

enum Found {
    Object { line: u64, from: usize, to: usize },
    Malformed(Malformed),
    End,
}

impl Objects {
    fn open(place: &Place, reading: &Reading) -> Result<Objects> {
        let chunks = Chunks::open(place, reading.encoding)?;
        let mut objects = Objects {
            chunks,
            buffer: Vec::new(),
            at: 0,
            line: 1,
            array: false,
            nested: false,
            plausible: false,
            closed: false,
            lines_to_skip: reading.skip_lines,
        };
        while objects.lines_to_skip > 0 && objects.peek(objects.at)?.is_some() {
            objects.pass_line()?;
            objects.lines_to_skip -= 1;
        }
        if !reading.rows_at.is_empty() {
            objects.enter(&reading.rows_at)?;
        }
        if objects.next_byte()? == Some(b'[') {
            (objects.array, objects.plausible) = (true, true);
            objects.at += 1;
        } else if objects.nested {
            return Err(objects.no_list(&reading.rows_at));
        }
        Ok(objects)
    }

    /// Goes to the value at a path of keys, passing over what stands before it.
    fn enter(&mut self, path: &[String]) -> Result<()> {
        self.nested = true;
        for key in path {
            if self.next_byte()? != Some(b'{') {
                return Err(self.no_list(path));
            }
            self.at += 1;
            loop {
                match self.next_byte()? {
                    Some(b',') => self.at += 1,
                    Some(b'"') => {
                        let from = self.at;
                        self.pass_value()?;
                        let found = self.buffer[from + 1..self.at - 1] == *key.as_bytes();
                        if self.next_byte()? != Some(b':') {
                            return Err(self.no_list(path));
                        }
                        self.at += 1;
                        if found {
                            break;
                        }
                        self.next_byte()?;
                        self.pass_value()?;
                    }
                    _ => return Err(self.no_list(path)),
                }
            }
        }
        Ok(())
    }

    /// Passes over the value at hand: a text, an object or a list whole, else up to where the next thing begins.
    fn pass_value(&mut self) -> Result<()> {
        let (mut nesting, start) = (Nesting::default(), self.at);
        while let Some(byte) = self.peek(self.at)? {
            let is_plain = !nesting.is_inside();
            if is_plain && self.at > start && matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\r' | b'\n') {
                break;
            }
            self.at += 1;
            self.line += u64::from(byte == b'\n');
            if nesting.closes(byte) {
                break;
            }
            if self.at - start > LONGEST_PASSED {
                return Err(Error::data(format!(
                    "line {}: what stands before the list of rows is longer than {} MiB",
                    self.line,
                    LONGEST_PASSED >> 20
                )));
            }
        }
        Ok(())
    }

    /// An answer of a web service that names a next page is not the whole list.
    fn check_last_page(&mut self) -> Result<()> {
        while self.buffer.len() - self.at < LONGEST_PASSED && self.chunks.fill(&mut self.buffer)? {}
        let rest = &self.buffer[self.at..];
        let names_next = |name: &str| {
            memchr::memmem::find_iter(rest, name).any(|at| {
                let value = rest[at + name.len()..].trim_ascii_start();
                value.strip_prefix(b":").is_some_and(|value| !value.trim_ascii_start().starts_with(b"null"))
            })
        };
        if NEXT_PAGE.iter().any(|name| names_next(name)) {
            return Err(Error::data("the list is one page of several: the file names a next one")
                .hint("fetch all pages, and put each into the folder as a file of its own without its link, or one list of all"));
        }
        Ok(())
    }

    fn no_list(&self, path: &[String]) -> Error {
        Error::data(format!("line {}: there is no list at `{}`", self.line, path.join(".")))
            .hint("rows_at in the profile's [read] names the keys that lead to the list of rows, e.g. \"value\" or \"d.results\"")
    }

    fn next(&mut self) -> Result<Found> {
        if self.at > 1 << 16 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        loop {
            match self.next_byte()? {
                None if self.array && !self.closed => {
                    self.closed = true;
                    let reason = "the array is never closed; the file may be cut short".to_string();
                    return Ok(Found::Malformed(Malformed { line: self.line, column_no: None, reason, excerpt: String::new() }));
                }
                None => return Ok(Found::End),
                Some(b',') if self.array && !self.closed => self.at += 1,
                Some(b']') if self.array && !self.closed => {
                    self.closed = true;
                    self.at += 1;
                }
                // What stands behind the list in its object is no row.
                Some(_) if self.closed && self.nested => {
                    self.check_last_page()?;
                    return Ok(Found::End);
                }
                Some(b'{') if !self.closed => break,
                Some(_) => return self.malformed("an object should begin here"),
            }
        }
        self.plausible = true;
        if !self.array {
            return self.line_object();
        }
        let (line, from) = (self.line, self.at);
        let mut i = from;
        let (mut nesting, mut lines) = (Nesting::default(), 0);
        loop {
            let Some(byte) = self.peek(i)? else { return self.malformed("the object is never closed; the file may be cut short") };
            i += 1;
            lines += u64::from(byte == b'\n');
            if nesting.closes(byte) {
                break;
            }
            if i - from > LONGEST_OBJECT {
                return self.malformed("the object is never closed, or longer than a row can be");
            }
        }
        self.at = i;
        self.line += lines;
        Ok(Found::Object { line, from, to: i })
    }

    /// The line at hand, which should be an object.
    fn line_object(&mut self) -> Result<Found> {
        let (line, from) = (self.line, self.at);
        let mut searched = from;
        let to = loop {
            if let Some(n) = memchr::memchr(b'\n', &self.buffer[searched..]) {
                break searched + n;
            }
            searched = self.buffer.len();
            if searched - from > LONGEST_OBJECT {
                return self.malformed("the line is longer than a row can be");
            }
            if self.peek(searched)?.is_none() {
                break searched;
            }
        };
        self.at = to;
        Ok(Found::Object { line, from, to })
    }

    fn peek(&mut self, i: usize) -> Result<Option<u8>> {
        while i >= self.buffer.len() {
            if !self.chunks.fill(&mut self.buffer)? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[i]))
    }

    /// The next byte that is no blank, counting lines.
    fn next_byte(&mut self) -> Result<Option<u8>> {
        loop {
            match self.peek(self.at)? {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r') => {}
                other => return Ok(other),
            }
            self.at += 1;
        }
    }

    fn pass_line(&mut self) -> Result<()> {
        while let Some(byte) = self.peek(self.at)? {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                break;
            }
        }
        Ok(())
    }

    /// Gives up on a line: whatever follows it is judged for itself. Inside an array, what follows begins with the next object.
    fn malformed(&mut self, reason: &str) -> Result<Found> {
        let line = self.line;
        let start = &self.buffer[self.at..self.buffer.len().min(self.at + 400)];
        let first = start.split(|b| *b == b'\n' || *b == b'\r').next().unwrap_or(start);
        let excerpt = cut(&String::from_utf8_lossy(first));
        self.pass_line()?;
        while self.array && !matches!(self.next_byte()?, None | Some(b'{' | b']')) {
            self.pass_line()?;
        }
        Ok(Found::Malformed(Malformed { line, column_no: None, reason: reason.to_string(), excerpt }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(text: &str) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let reading = Reading { optional_columns: Vec::new(), ..Reading::plain() };
        let (header, mut reader) = match JsonReader::open(&Place::file(file.path()), &reading) {
            Ok(opened) => opened,
            Err(e) => return vec![e.to_string()],
        };
        let mut out = vec![header.names.join("|")];
        let mut record = Record::default();
        loop {
            match reader.next(&mut record).unwrap() {
                Next::End => return out,
                Next::Malformed(m) => out.push(format!("{} bad:{} {}", m.line, m.column_no.unwrap_or(0), m.reason)),
                Next::Skipped => unreachable!("nothing is skipped here"),
                Next::Record => {
                    let fields: Vec<_> = (0..header.names.len()).map(|i| String::from_utf8_lossy(record.field(i)).into_owned()).collect();
                    out.push(format!("{} {}", record.line, fields.join("|")));
                }
            }
        }
    }

    #[test]
    fn objects_of_lines_and_arrays() {
        for (text, want) in [
            (r#"{"a":1.50,"b":"x"}"#, &["a|b", "1 1.50|x"][..]),
            ("\u{feff}{\"a\":12345678901234567890}\r\n\r\n{\"a\":null,\"b\":true}\n", &["a|b", "1 12345678901234567890|", "3 |true"]),
            (r#"{"a":{"b":{"c":-1e3}},"d":"\u00f1\"\\\n"}"#, &["a.b.c|d", "1 -1000|ñ\"\\\n"]),
            (r#"{"a":"1e5","b":1.25E-2,"c":25E1}"#, &["a|b|c", "1 1e5|0.0125|250"]),
            ("[{\"a\":1},\n {\"a\":\n2}\n]\n", &["a", "1 1", "2 2"]),
            ("[]", &["the file is empty; not one row is there to tell the columns"]),
            (
                "[{\"a\":1},\n{\"a\":2",
                &[
                    "a",
                    "1 1",
                    "2 bad:0 the object is never closed; the file may be cut short",
                    "2 bad:0 the array is never closed; the file may be cut short",
                ],
            ),
            (
                "{\"a\":1}\n{\"a\":\n2}\n{\"a\":3}",
                &["a", "1 1", "2 bad:0 the object ends within; the file may be cut short", "3 bad:0 an object should begin here", "4 3"],
            ),
            ("{\"a\":1} x\n{\"a\":2}", &["a", "1 bad:1 text stands behind the object, at character 9", "2 2"]),
            ("{\"a\":1,\"a\":2}\n", &["a", "1 bad:1 the key `a` stands twice"]),
            ("{\"a\":01}\n{\"a\":2}", &["a", "1 bad:0 `01` at character 6 is no JSON value", "2 2"]),
            ("{\"a\":1,}\n{\"a\":2}", &["a", "1 bad:1 a key in quotes should stand at character 8", "2 2"]),
            ("{\"a\" 1}\n{\"a\":2}", &["a", "1 bad:0 `:` should stand at character 6", "2 2"]),
            (
                "a,b\n1,2\n",
                &["line 1 is no JSON object: an object should begin here\n  next: one object a line is read, or one array of objects"],
            ),
        ] {
            assert_eq!(all(text), want, "{text}");
        }
    }

    #[test]
    fn lists_are_cells_that_no_column_can_hold() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"{\"a\":[1,{\"b\":2}],\"c\":{}}\n").unwrap();
        let (header, mut reader) = JsonReader::open(&Place::file(file.path()), &Reading::plain()).unwrap();
        assert_eq!(header.names[..2], ["a", "c"]);
        let mut record = Record::default();
        assert!(matches!(reader.next(&mut record).unwrap(), Next::Record));
        assert!(matches!(record.mark(0), super::super::record::Mark::Broken(_)));
        assert_eq!(record.field(1), b"");
    }
}
