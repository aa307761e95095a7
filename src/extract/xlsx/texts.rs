//! The texts that cells share, read as far as they are asked for.
//!
//! Separate and lazy: a header asks for the first few of a million texts.

use super::workbook::Workbook;
use super::xml::{Part, add_text};
use crate::error::{Error, Result};
use quick_xml::events::Event;

/// All texts together are no longer.
const LONGEST: usize = 1 << 29;

/// Shared texts, so far.
pub(super) struct Texts {
    part: Option<Part>,
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub fn open(workbook: &Workbook) -> Result<Texts> {
        let part = workbook.texts.as_deref().map(|name| workbook.part(name)).transpose()?;
        Ok(Texts { part, text: String::new(), ends: Vec::new() })
    }

    /// The text of a number; `None` if there is none.
    pub fn get(&mut self, number: usize) -> Result<Option<&str>> {
        while self.ends.len() <= number && self.read_one()? {}
        let Some(end) = self.ends.get(number) else { return Ok(None) };
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        Ok(Some(&self.text[start..*end]))
    }

    fn read_one(&mut self) -> Result<bool> {
        let Some(part) = &mut self.part else { return Ok(false) };
        let mut within = false;
        let from = self.text.len();
        let mut reading = Reading::default();
        loop {
            let event = part.next()?;
            match &event {
                Event::Eof => {
                    self.part = None;
                    return Ok(false);
                }
                Event::Start(tag) if tag.local_name().as_ref() == "si" => within = true,
                Event::Empty(tag) if tag.local_name().as_ref() == "si" => break,
                Event::End(tag) if tag.local_name().as_ref() == "si" => break,
                _ if within => reading.take(&event, &mut self.text),
                _ => {}
            }
        }
        unescape(&mut self.text, from);
        self.ends.push(self.text.len());
        if self.text.len() > LONGEST {
            return Err(Error::data(format!("the texts of the workbook are longer than {} MiB", LONGEST >> 20))
                .hint("save the sheet as CSV, and load that"));
        }
        Ok(true)
    }
}

/// Where one is within a text of several runs: reading hints for Japanese are not part of it.
#[derive(Default)]
pub(super) struct Reading {
    in_t: bool,
    in_hint: bool,
}

impl Reading {
    pub fn take(&mut self, event: &Event<'_>, to: &mut String) {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => self.in_t = true,
                "rPh" => self.in_hint = true,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => self.in_t = false,
                "rPh" => self.in_hint = false,
                _ => {}
            },
            other if self.in_t && !self.in_hint => add_text(other, to),
            _ => {}
        }
    }
}

/// `_x000D_` stands for a character that XML cannot hold.
pub(super) fn unescape(text: &mut String, from: usize) {
    if !text[from..].contains("_x") {
        return;
    }
    let escaped = text.split_off(from);
    let mut rest = escaped.as_str();
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let c = code.and_then(|c| u32::from_str_radix(c, 16).ok()).and_then(char::from_u32);
        let taken = if c.is_some() { 7 } else { 2 };
        text.push_str(&rest[..at]);
        match c {
            Some(c) => text.push(c),
            None => text.push_str("_x"),
        }
        rest = &rest[at + taken..];
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (text, want) in [("a_x000D_b", "a\rb"), ("_x005F_x000D_", "_x000D_"), ("_xyz", "_xyz"), ("a_x12", "a_x12"), ("ñ_xñ", "ñ_xñ")]
        {
            let mut all = format!("_x000D_{text}");
            unescape(&mut all, 7);
            assert_eq!(all, format!("_x000D_{want}"));
        }
    }
}
