//! How a file is written: encoding, delimiter, where its header stands.

use super::super::place::Place;
use super::super::profile::{Encoding, Reading};
use super::super::source;
use crate::error::{Error, Result};

/// Bytes of a text that are looked at.
const SAMPLE: u64 = 4 << 20;
/// Rows among which the header is looked for.
const ROWS: usize = 200;

/// A dialect with its evidence.
pub(super) struct Dialect {
    pub reading: Reading,
    /// Lines of `[read]`: the TOML and why.
    pub lines: Vec<(String, String)>,
    pub questions: Vec<String>,
}

impl Dialect {
    /// Of a format that needs no declaration.
    pub fn plain(reading: Reading) -> Dialect {
        Dialect { reading, lines: Vec::new(), questions: Vec::new() }
    }
}

/// The dialect of a text file.
pub(super) fn of_text(place: &Place, mut reading: Reading) -> Result<Dialect> {
    let sample = place.stream()?.first(SAMPLE)?;
    if sample.is_empty() {
        return Err(Error::data("the file is empty"));
    }
    let mut questions = Vec::new();
    let (encoding, word, why) = encoding(&sample, &mut questions);
    reading.encoding = encoding;
    let text = decoded(&sample, encoding);
    let (delimiter, why_delimiter) = delimiter(&text, &mut questions);
    reading.delimiter = delimiter;
    let shown = if delimiter == b'\t' { "\\t".to_string() } else { (delimiter as char).to_string() };
    let lines = vec![(format!("encoding = \"{word}\""), why), (format!("delimiter = \"{shown}\""), why_delimiter)];
    let mut found = of_rows(place, reading, lines)?;
    found.questions.splice(0..0, questions);
    Ok(found)
}

/// Finds the header among the first rows.
pub(super) fn of_rows(place: &Place, mut reading: Reading, mut lines: Vec<(String, String)>) -> Result<Dialect> {
    let rows = source::first_rows(place, &reading, ROWS)?;
    let filled = |row: &[String]| row.iter().filter(|t| !t.is_empty()).count();
    let most = rows.iter().map(|(_, row)| filled(row)).max().unwrap_or(0);
    let is_title =
        |row: &[String]| filled(row) * 10 >= most * 8 && row.iter().all(|t| !t.chars().next().is_some_and(|c| c.is_ascii_digit()));
    let mut questions = Vec::new();
    match rows.iter().position(|(_, row)| is_title(row)) {
        Some(0) => {}
        Some(at) => {
            let (line, row) = &rows[at];
            let names: Vec<&String> = row.iter().filter(|t| !t.is_empty()).take(3).collect();
            reading.header_at = names.iter().map(|n| n.to_string()).collect();
            let list: Vec<String> = names.iter().map(|n| super::written::quoted(n)).collect();
            let why = format!("line {line} is the first whose cells are all titles; {at} rows stand before it");
            lines.push((format!("header_at = {{ contains = [{}] }}", list.join(", ")), why));
        }
        None => questions.push("No row looks like a header: which row holds the names of the columns?".to_string()),
    }
    Ok(Dialect { reading, lines, questions })
}

fn encoding(sample: &[u8], questions: &mut Vec<String>) -> (Encoding, &'static str, String) {
    match sample {
        [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8, "utf-8", "the file begins with the mark of UTF-8".into()),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return (Encoding::Utf16, "utf-16", "the file begins with the mark of UTF-16".into()),
        _ => {}
    }
    let nuls = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half > 4 && nuls(1) * 10 > half * 7 {
        return (Encoding::Utf16, "utf-16", format!("{} of {half} second bytes are NUL", nuls(1)));
    }
    if half > 4 && nuls(0) * 10 > half * 7 {
        return (Encoding::Utf16Be, "utf-16be", format!("{} of {half} first bytes are NUL", nuls(0)));
    }
    let beyond = sample.iter().filter(|b| **b >= 0x80).count();
    // The sample may end within a character.
    let valid = match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    };
    if valid {
        let why =
            if beyond == 0 { "only ASCII in it".to_string() } else { format!("all of its {beyond} bytes beyond ASCII are valid UTF-8") };
        return (Encoding::Utf8, "utf-8", why);
    }
    let count = |set: &[u8]| sample.iter().filter(|b| set.contains(b)).count();
    let western = count(&[0xe1, 0xe9, 0xed, 0xf3, 0xfa, 0xf1, 0xd1, 0xc1, 0xc9, 0xcd, 0xd3, 0xda, 0xfc]);
    let dos = count(&[0xa0, 0x82, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xb5, 0x90, 0x81]);
    if dos > western {
        questions.push(format!(
            "The bytes look like DOS code page 850 ({dos} of its Spanish letters, {western} of Windows-1252), which is not read: can it be exported as UTF-8?"
        ));
    }
    let why = format!("not valid UTF-8; {western} of {beyond} bytes beyond ASCII are Spanish letters of Windows-1252");
    (Encoding::Windows1252, "windows-1252", why)
}

fn decoded(sample: &[u8], encoding: Encoding) -> String {
    let with = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Utf16 => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Windows1252 | Encoding::Latin1 => encoding_rs::WINDOWS_1252,
    };
    with.decode(sample).0.into_owned()
}

/// The delimiter that splits most lines into the same number of fields.
fn delimiter(text: &str, questions: &mut Vec<String>) -> (u8, String) {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(ROWS).collect();
    let mut scores: Vec<(usize, usize, u8)> = [b';', b',', b'\t', b'|']
        .into_iter()
        .map(|delimiter| {
            let counts: Vec<usize> = lines.iter().map(|l| fields(l, delimiter)).collect();
            let usual = counts.iter().copied().filter(|c| *c > 1).max_by_key(|c| counts.iter().filter(|o| *o == c).count()).unwrap_or(1);
            let lines = if usual > 1 { counts.iter().filter(|c| **c == usual).count() } else { 0 };
            (lines, usual, delimiter)
        })
        .collect();
    scores.sort_by_key(|s| std::cmp::Reverse((s.0, s.1)));
    let show = |d: u8| if d == b'\t' { "the tab".to_string() } else { format!("`{}`", d as char) };
    let (first, second) = (scores[0], scores[1]);
    if first.0 == 0 {
        questions.push("No delimiter splits the lines: has the file one column only?".to_string());
        return (b',', "nothing splits the lines".to_string());
    }
    if second.0 == first.0 && second.1 == first.1 {
        questions.push(format!("{} and {} split the lines equally well: which is the delimiter?", show(first.2), show(second.2)));
    }
    (first.2, format!("{} splits {} of {} lines into {} fields", show(first.2), first.0, lines.len(), first.1))
}

/// Fields of a line; a delimiter between quotes is text.
fn fields(line: &str, delimiter: u8) -> usize {
    let (mut count, mut quoted) = (1, false);
    for byte in line.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        } else if byte == delimiter && !quoted {
            count += 1;
        }
    }
    count
}
