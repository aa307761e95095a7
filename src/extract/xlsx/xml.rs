//! The XML of one part of a workbook, event by event.
//!
//! Separate so that what is strange about the library stands once: references come as events of their own, and one event may be as
//! large as a damaged file likes.

use crate::error::{Error, Result};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};
use std::borrow::Cow;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// No tag and no text of a workbook is longer; Excel's own limit for a cell is 32,767 characters.
const LONGEST_PIECE: u64 = 16 << 20;

/// A part under way.
pub(super) struct Part {
    reader: Reader<Bounded>,
    buffer: Vec<u8>,
    name: String,
}

struct Bounded {
    bytes: BufReader<Box<dyn Read + Send>>,
    /// Bytes of the piece under way.
    piece: u64,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.bytes.read(into)
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.piece > LONGEST_PIECE {
            return Err(std::io::Error::new(ErrorKind::InvalidData, format!("a text is longer than {} MiB", LONGEST_PIECE >> 20)));
        }
        self.bytes.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.piece += amount as u64;
        self.bytes.consume(amount);
    }
}

impl Part {
    pub fn new(bytes: Box<dyn Read + Send>, name: &str) -> Part {
        let bytes = Bounded { bytes: BufReader::with_capacity(1 << 16, bytes), piece: 0 };
        Part { reader: Reader::from_reader(bytes), buffer: Vec::new(), name: name.to_string() }
    }

    /// The next event.
    pub fn next(&mut self) -> Result<Event<'_>> {
        self.buffer.clear();
        self.reader.get_mut().piece = 0;
        let name = &self.name;
        self.reader.read_event_into(&mut self.buffer).map_err(|e| damaged(name, e))
    }

    /// The error of a part that contradicts itself.
    pub fn broken(&self, why: &str) -> Error {
        damaged(&self.name, why.to_string())
    }
}

fn damaged(part: &str, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::data(format!("the workbook's part {part} is damaged")).caused_by(why).hint("open the workbook, and save it again")
}

/// An attribute by its name without prefix.
pub(super) fn attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Option<Cow<'t, str>> {
    let found = tag.attributes().with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    Some(if found.value.contains('&') {
        Cow::Owned(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    } else {
        found.value
    })
}

/// Adds the text that an event holds, if it does.
pub(super) fn add_text(event: &Event<'_>, to: &mut String) {
    match event {
        Event::Text(text) => to.push_str(&text.xml10_content()),
        Event::CData(text) => to.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(c)) => to.push(c),
            _ => to.push_str(escape::resolve_predefined_entity(reference).unwrap_or("\u{fffd}")),
        },
        _ => {}
    }
}
