//! Delimited text into records with true physical lines, and into clear refusals where quotes are wrong.
//!
//! Own instead of the csv crate, which takes an unclosed quote at the end of a file for a field, joins text after a closing quote
//! to it, and gives the line of the blank lines before a record: each of the three hides a damaged file.

use super::decode::Chunks;
use super::place::Place;
use super::profile::Reading;
use super::record::{Record, cut};
use crate::error::Result;

/// A record longer than this has a quote that was never closed, or no line ends; it bounds memory on a damaged file.
const LONGEST_RECORD: usize = 1 << 20;

/// Reads a file record by record.
pub(super) struct CsvReader {
    chunks: Chunks,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    delimiter: u8,
    quote: Option<u8>,
    /// Bytes that end an unquoted field.
    special: [bool; 256],
    /// Fields a row has, once the header is known.
    width: Option<usize>,
}

/// What comes next in a file.
pub(super) enum Next {
    /// The record is filled.
    Record,
    /// A row that is no data by the profile, or the header once more.
    Skipped,
    /// A physical line that cannot be split; reading goes on with the line after it.
    Malformed(Malformed),
    /// End of the file.
    End,
}

/// A line whose quotes are wrong.
pub(super) struct Malformed {
    pub line: u64,
    /// Column under way, first = 1; none where the line has no columns.
    pub column_no: Option<u32>,
    pub reason: String,
    pub excerpt: String,
}

const UNCLOSED: &str = "a quote is opened and never closed; the file may be cut short";
const TOO_LONG: &str = "the row is longer than a row can be; is the delimiter the one declared?";
const AFTER_QUOTE: &str = "text stands between a closing quote and the delimiter";

impl CsvReader {
    /// Opens a file and passes over its preamble.
    pub fn open(place: &Place, reading: &Reading) -> Result<CsvReader> {
        let chunks = Chunks::open(place, reading.encoding)?;
        let mut special = [false; 256];
        for byte in [reading.delimiter, b'\n', b'\r'] {
            special[byte as usize] = true;
        }
        let mut reader = CsvReader {
            special,
            chunks,
            buffer: Vec::new(),
            at: 0,
            line: 1,
            delimiter: reading.delimiter,
            quote: reading.quote,
            width: None,
        };
        for _ in 0..reading.skip_lines {
            reader.pass_line()?;
        }
        Ok(reader)
    }

    /// Fills the record with the next one; blank lines are passed over.
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        self.shrink();
        loop {
            match self.peek(self.at)? {
                None => return Ok(Next::End),
                Some(b'\n' | b'\r') => self.pass_line()?,
                Some(_) => break,
            }
        }
        if self.whole_line(record) {
            return Ok(Next::Record);
        }
        record.start(self.line);
        let mut i = self.at;
        let mut lines = 0;
        loop {
            let quoted = self.quote.is_some() && self.peek(i)? == self.quote;
            let end = if quoted { self.quoted_field(i + 1, &mut lines, record)? } else { self.plain_field(i, record)? };
            match end {
                Ok(end) => i = end,
                Err(reason) => return self.malformed(record.len(), reason.to_string()),
            }
            record.end_field();
            match self.peek(i)? {
                Some(b) if b == self.delimiter => i += 1,
                other => {
                    // A quote left open may have closed on a later row: such a row is judged line by line, so that none is lost in another.
                    if lines > 0 && self.width.is_some_and(|w| w != record.len()) {
                        let reason =
                            format!("the row has {} fields and runs over {} lines; is a quote left open?", record.len(), lines + 1);
                        return self.malformed(record.len().min(self.width.unwrap_or(0)), reason);
                    }
                    self.at = self.past_line_end(i, other)?;
                    self.line += lines + 1;
                    return Ok(Next::Record);
                }
            }
        }
    }

    /// Takes the line at hand whole, if its end is at hand too and its quotes are simple: most lines of most files.
    fn whole_line(&mut self, record: &mut Record) -> bool {
        let rest = &self.buffer[self.at..];
        let Some(end) = record.start_with(self.line, rest, &self.special, self.delimiter, self.quote) else { return false };
        // What follows a CR decides where the next line begins.
        let ends = if rest[end] == b'\n' {
            1
        } else if end + 1 == rest.len() {
            return false;
        } else {
            1 + usize::from(rest[end + 1] == b'\n')
        };
        self.at += end + ends;
        self.line += 1;
        true
    }

    /// Says how many fields a row has from here on.
    pub fn expect_fields(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The byte at `i`, reading on where needed; `None` past the end of the file.
    #[inline]
    fn peek(&mut self, i: usize) -> Result<Option<u8>> {
        if i < self.buffer.len() {
            return Ok(Some(self.buffer[i]));
        }
        while i >= self.buffer.len() {
            if !self.chunks.fill(&mut self.buffer)? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[i]))
    }

    /// Copies an unquoted field and gives the position of what ends it. A quote inside is text.
    fn plain_field(&mut self, from: usize, record: &mut Record) -> Result<Result<usize, &'static str>> {
        let mut i = from;
        let delimiter = self.delimiter;
        loop {
            let rest = &self.buffer[i.min(self.buffer.len())..];
            if let Some(n) = memchr::memchr3(delimiter, b'\n', b'\r', rest) {
                record.push(&rest[..n]);
                return Ok(Ok(i + n));
            }
            record.push(rest);
            i = self.buffer.len();
            if i - self.at > LONGEST_RECORD {
                return Ok(Err(TOO_LONG));
            }
            if self.peek(i)?.is_none() {
                return Ok(Ok(i));
            }
        }
    }

    /// Copies a quoted field from after its opening quote and gives the position after its closing one.
    fn quoted_field(&mut self, from: usize, lines: &mut u64, record: &mut Record) -> Result<Result<usize, &'static str>> {
        let quote = self.quote.unwrap_or(b'"');
        let mut i = from;
        loop {
            if i - self.at > LONGEST_RECORD || self.peek(i)?.is_none() {
                return Ok(Err(UNCLOSED));
            }
            let rest = &self.buffer[i..];
            let Some(n) = memchr::memchr3(quote, b'\n', b'\r', rest) else {
                record.push(rest);
                i = self.buffer.len();
                continue;
            };
            record.push(&rest[..n]);
            let found = rest[n];
            i += n + 1;
            let next = self.peek(i)?;
            if found != quote {
                record.push(&[found]);
                // CR LF is one line end.
                *lines += u64::from(found == b'\n' || next != Some(b'\n'));
            } else if next == Some(quote) {
                record.push(&[quote]);
                i += 1;
            } else if next.is_none_or(|b| b == self.delimiter || b == b'\n' || b == b'\r') {
                return Ok(Ok(i));
            } else {
                return Ok(Err(AFTER_QUOTE));
            }
        }
    }

    /// Position after the line end at `i`.
    fn past_line_end(&mut self, i: usize, byte: Option<u8>) -> Result<usize> {
        Ok(match byte {
            None => i,
            Some(b'\r') if self.peek(i + 1)? == Some(b'\n') => i + 2,
            Some(_) => i + 1,
        })
    }

    /// Goes to the next physical line, keeping nothing of this one.
    fn pass_line(&mut self) -> Result<()> {
        loop {
            match self.peek(self.at)? {
                Some(b) if b != b'\n' && b != b'\r' => self.at += 1,
                other => {
                    self.at = self.past_line_end(self.at, other)?;
                    self.line += 1;
                    return Ok(());
                }
            }
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.at > CHUNK_KEPT {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
    }

    /// Gives up on the line the record starts on: whatever follows it is judged for itself.
    fn malformed(&mut self, fields: usize, reason: String) -> Result<Next> {
        let line = self.line;
        let start = &self.buffer[self.at..self.buffer.len().min(self.at + 400)];
        let first = start.split(|b| *b == b'\n' || *b == b'\r').next().unwrap_or(start);
        let excerpt = cut(&String::from_utf8_lossy(first));
        self.pass_line()?;
        Ok(Next::Malformed(Malformed { line, column_no: Some(fields as u32 + 1), reason, excerpt }))
    }
}

/// How much of a buffer may be read before it is moved to the front.
const CHUNK_KEPT: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::profile::{Encoding, Reading};
    use std::io::Write;

    fn all(bytes: &[u8], encoding: Encoding) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let reading = Reading { encoding, ..Reading::plain() };
        let mut reader = CsvReader::open(&Place::file(file.path()), &reading).unwrap();
        let mut record = Record::default();
        let mut out = Vec::new();
        loop {
            match reader.next(&mut record).unwrap() {
                Next::End => return out,
                Next::Malformed(m) => out.push(format!("{} bad:{} {}", m.line, m.column_no.unwrap_or(0), m.excerpt)),
                Next::Skipped => unreachable!("the splitter skips nothing"),
                Next::Record => {
                    let fields: Vec<_> = (0..record.len()).map(|i| String::from_utf8_lossy(record.field(i)).into_owned()).collect();
                    out.push(format!("{} {}", record.line, fields.join("|")));
                }
            }
        }
    }

    #[test]
    fn awkward_but_legal_files() {
        for (bytes, want) in [
            (&b"a,b\r1,2\r\n3,\"4\"\r"[..], &["1 a|b", "2 1|2", "3 3|4"][..]),
            (&b"a,b,c\n1,\"\",\"\"\n2,3,4"[..], &["1 a|b|c", "2 1||", "3 2|3|4"][..]),
            (b"a,b\r\n1,\"x, y\"\r\n", &["1 a|b", "2 1|x, y"]),
            (b"a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n", &["1 a|b", "2 1|ha \"ha\" ha", "3 3|4"]),
            (b"a\n\"Once\nupon\"\n7\n", &["1 a", "2 Once\nupon", "4 7"]),
            (b"a\r\n\"Once\r\nupon\"\r\n7\r\n", &["1 a", "2 Once\r\nupon", "4 7"]),
            (b"a,b\n\n\n1,2\n\n3,4\n\n", &["1 a|b", "4 1|2", "6 3|4"]),
            (b"a,b\n1,\n,\n", &["1 a|b", "2 1|", "3 |"]),
            (b"a,b\n1,", &["1 a|b", "2 1|"]),
            (b"a,b\r1,2\r3,4", &["1 a|b", "2 1|2", "3 3|4"]),
            (b"a\n5\" pipe\n", &["1 a", "2 5\" pipe"]),
            (b"\xef\xbb\xbfa\n1\n", &["1 a", "2 1"]),
            (b"", &[]),
            (b"\n\n", &[]),
        ] {
            assert_eq!(all(bytes, Encoding::Utf8), want, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_damaged_quote_costs_its_own_line_only() {
        assert_eq!(all(b"a,b\n1,\"x\n2,y\n3,z\n", Encoding::Utf8), ["1 a|b", "2 bad:2 1,\"x", "3 2|y", "4 3|z"]);
        assert_eq!(all(b"a,b\n1,\"x\n2,\"y\"\n3,z\n", Encoding::Utf8), ["1 a|b", "2 bad:2 1,\"x", "3 2|y", "4 3|z"]);
        assert_eq!(all(b"a,b\n1,\"x\" y\n2,z", Encoding::Utf8), ["1 a|b", "2 bad:2 1,\"x\" y", "3 2|z"]);
        assert_eq!(all(b"a,b\n1,2\n3,\"cut sho", Encoding::Utf8), ["1 a|b", "2 1|2", "3 bad:2 3,\"cut sho"]);
    }

    #[test]
    fn long_files_keep_their_lines() {
        let mut bytes = b"n,text\n".to_vec();
        for n in 0..60_000 {
            bytes.extend(format!("{n},\"line\none \"\"{n}\"\"\"\n").bytes());
        }
        let rows = all(&bytes, Encoding::Utf8);
        assert_eq!(rows.len(), 60_001);
        assert_eq!(rows[60_000], "120000 59999|line\none \"59999\"");
    }

    #[test]
    fn a_quote_never_closed_does_not_swallow_the_file() {
        let mut bytes = b"a,b\n1,\"open\n".to_vec();
        for _ in 0..400_000 {
            bytes.extend(b"2,x\n");
        }
        let rows = all(&bytes, Encoding::Utf8);
        assert_eq!(rows.len(), 400_002);
        assert_eq!(rows[1], "2 bad:2 1,\"open");
    }

    #[test]
    fn encodings() {
        let want = ["1 año|ñ", "2 1|€"];
        let text = "año,ñ\r\n1,€\r\n";
        let wide = |le: bool| text.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect::<Vec<u8>>();
        assert_eq!(all(text.as_bytes(), Encoding::Utf8), want);
        assert_eq!(all(b"a\xf1o,\xf1\n1,\x80\n", Encoding::Windows1252), want);
        assert_eq!(all(b"a\xf1o\n", Encoding::Latin1), ["1 año"]);
        assert_eq!(all(&[&[0xff, 0xfe][..], &wide(true)].concat(), Encoding::Utf8), want);
        assert_eq!(all(&[&[0xfe, 0xff][..], &wide(false)].concat(), Encoding::Windows1252), want);
        assert_eq!(all(&wide(true), Encoding::Utf16), want);
        assert_eq!(all(&[&wide(true)[..], &[0x41]].concat(), Encoding::Utf16), [want[0], want[1], "3 \u{fffd}"]);
    }
}
