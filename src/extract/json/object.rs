//! One JSON object as leaves with dotted paths.

use super::super::record::Mark;

/// Objects in objects in objects: deeper is no row.
const DEEPEST: usize = 32;
/// Zeros that writing out an exponent may add.
const MOST_ZEROS: usize = 60;

/// Where the text of a leaf stands, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    pub from: usize,
    pub to: usize,
    pub mark: Mark,
}

/// How deep in objects and lists a scan stands; brackets within texts do not count.
#[derive(Default)]
pub(super) struct Nesting {
    depth: u32,
    in_text: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether something is open: a text, an object, a list.
    pub fn is_inside(&self) -> bool {
        self.in_text || self.depth > 0
    }

    /// Takes the next byte; whether it closes what the first one opened.
    pub fn closes(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

type OnLeaf<'a> = dyn FnMut(&str, Leaf) -> Result<(), String> + 'a;

/// Calls `on` for every leaf of an object with its path; texts are added to `texts`. The error says what is wrong and where.
pub(super) fn walk(bytes: &[u8], texts: &mut Vec<u8>, on: &mut OnLeaf<'_>) -> Result<(), String> {
    let mut walk = Walk { bytes, at: 0, texts, path: String::new(), depth: 0 };
    walk.object(on)?;
    match walk.peek() {
        None => Ok(()),
        Some(_) => Err(format!("text stands behind the object, at character {}", walk.at + 1)),
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    texts: &'a mut Vec<u8>,
    path: String,
    depth: usize,
}

impl Walk<'_> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(format!("`{}` should stand at character {}", byte as char, self.at + 1));
        }
        self.at += 1;
        Ok(())
    }

    fn object(&mut self, on: &mut OnLeaf<'_>) -> Result<(), String> {
        self.expect(b'{')?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("objects stand more than {DEEPEST} deep in each other"));
        }
        let outer = self.path.len();
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.depth -= 1;
            if outer > 0 {
                let from = self.texts.len();
                on(&self.path, Leaf { from, to: from, mark: Mark::Declared })?;
            }
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(format!("a key in quotes should stand at character {}", self.at + 1));
            }
            let mut key = Vec::new();
            self.text(&mut key)?;
            let key = String::from_utf8(key).map_err(|_| "a key is not valid UTF-8".to_string())?;
            if outer > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            self.expect(b':')?;
            self.value(on)?;
            self.path.truncate(outer);
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => {
                    self.expect(b'}')?;
                    self.depth -= 1;
                    return Ok(());
                }
            }
        }
    }

    fn value(&mut self, on: &mut OnLeaf<'_>) -> Result<(), String> {
        let from = self.texts.len();
        let mark = match self.peek() {
            Some(b'{') => return self.object(on),
            Some(b'[') => {
                let start = self.at;
                self.list()?;
                self.texts.extend_from_slice(&self.bytes[start..self.at.min(start + 80)]);
                Mark::Broken("a list stands where a value should; map a key of a single value")
            }
            Some(b'"') => {
                let mut text = std::mem::take(self.texts);
                let read = self.text(&mut text);
                *self.texts = text;
                read?;
                Mark::Loose
            }
            _ => self.word()?,
        };
        on(&self.path, Leaf { from, to: self.texts.len(), mark })
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Mark, String> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')) {
            self.at += 1;
        }
        let word = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
        match word {
            "null" => Ok(Mark::Declared),
            "true" | "false" => {
                self.texts.extend_from_slice(word.as_bytes());
                Ok(Mark::Declared)
            }
            _ => match plain(word) {
                Some(text) => {
                    self.texts.extend_from_slice(text.as_bytes());
                    Ok(Mark::Number)
                }
                None => {
                    let shown: String = if word.is_empty() {
                        String::from_utf8_lossy(&self.bytes[start..]).chars().take(1).collect()
                    } else {
                        word.chars().take(40).collect()
                    };
                    Err(match shown.is_empty() {
                        true => "the object ends within; the file may be cut short".to_string(),
                        false => format!("`{shown}` at character {} is no JSON value", start + 1),
                    })
                }
            },
        }
    }

    /// Passes over a list.
    fn list(&mut self) -> Result<(), String> {
        let mut nesting = Nesting::default();
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            if nesting.closes(*byte) {
                return Ok(());
            }
        }
        Err("a list is never closed".to_string())
    }

    /// Adds the text in quotes that begins here.
    fn text(&mut self, to: &mut Vec<u8>) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(n) = rest.iter().position(|b| matches!(b, b'"' | b'\\') || *b < b' ') else {
                return Err(format!("the text that begins at character {} is never closed", start + 1));
            };
            to.extend_from_slice(&rest[..n]);
            self.at += n;
            match rest[n] {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape(to)?,
                _ => return Err(format!("a line end or control character stands in a text, at character {}", self.at + 1)),
            }
        }
    }

    fn escape(&mut self, to: &mut Vec<u8>) -> Result<(), String> {
        let wrong = format!("the escape at character {} is not one of JSON's", self.at + 1);
        let c = match self.bytes.get(self.at + 1) {
            Some(c @ (b'"' | b'\\' | b'/')) => *c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit(self.at + 2).ok_or_else(|| wrong.clone())?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) && self.bytes.get(self.at + 6..self.at + 8) == Some(b"\\u") {
                    units.push(self.unit(self.at + 8).ok_or_else(|| wrong.clone())?);
                    self.at += 6;
                }
                self.at += 4;
                match char::decode_utf16(units).collect::<Result<Vec<char>, _>>().as_deref() {
                    Ok([c]) => *c,
                    _ => return Err(wrong),
                }
            }
            _ => return Err(wrong),
        };
        self.at += 2;
        to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    /// Four hexadecimal digits.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.bytes.get(at..at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }
}

/// A JSON number without exponent, exactly; `None` if it is no JSON number.
fn plain(word: &str) -> Option<String> {
    let (sign, body) = word.strip_prefix('-').map_or(("", word), |b| ("-", b));
    let (digits, exponent) = match body.split_once(['e', 'E']) {
        None => (body, None),
        Some((digits, exponent)) => (digits, Some(exponent)),
    };
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !fraction.is_none_or(all_digits) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let Some(exponent) = exponent else { return Some(word.to_string()) };
    if !all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) {
        return None;
    }
    let shift: i64 = exponent.parse().ok().filter(|e: &i64| e.unsigned_abs() <= MOST_ZEROS as u64)?;
    let fraction = fraction.unwrap_or("");
    let mut all: Vec<u8> = [whole.as_bytes(), fraction.as_bytes()].concat();
    let mut point = whole.len() as i64 + shift;
    while point <= 0 {
        all.insert(0, b'0');
        point += 1;
    }
    while (all.len() as i64) < point {
        all.push(b'0');
    }
    let text = String::from_utf8(all).ok()?;
    let (whole, fraction) = text.split_at(point as usize);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_exact() {
        for (word, want) in [
            ("0", Some("0")),
            ("-0.10", Some("-0.10")),
            ("12345678901234567890.12", Some("12345678901234567890.12")),
            ("1e2", Some("100")),
            ("1.5E+3", Some("1500")),
            ("-1.5e-3", Some("-0.0015")),
            ("100e-2", Some("1")),
            ("0e5", Some("0")),
            ("01", None),
            ("1.", None),
            (".5", None),
            ("+1", None),
            ("1e", None),
            ("1e999", None),
            ("NaN", None),
            ("0x1", None),
            ("", None),
        ] {
            assert_eq!(plain(word).as_deref(), want, "{word}");
        }
    }
}
