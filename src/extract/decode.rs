//! The bytes of a text file as UTF-8, in chunks: encodings and byte order marks.
//!
//! Separate from the CSV reader so that it knows one encoding only. Declared UTF-8 passes through unchecked here: a field is checked
//! where it is used, so that one bad byte costs one row.

use super::place::{Place, Stream};
use super::profile::Encoding;
use crate::error::{Error, Result};
use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

const CHUNK: usize = 1 << 17;

/// A byte that is never part of UTF-8: stands for what the decoder could not read, so that its row is refused.
const UNREADABLE: u8 = 0xff;

/// Decoded chunks of a file.
pub(super) struct Chunks {
    stream: Stream,
    decoding: Decoding,
    raw: Vec<u8>,
    /// Bytes of the first read that are not decoded yet.
    pending: Vec<u8>,
    ended: bool,
}

enum Decoding {
    Plain,
    Latin1,
    Windows1252(Box<Decoder>),
    Utf16(Box<Decoder>),
}

impl Chunks {
    pub fn open(place: &Place, declared: Encoding) -> Result<Chunks> {
        let mut stream = place.stream()?;
        let mut first = stream.first(4)?;
        if let Some((what, hint)) = not_text(&first) {
            return Err(Error::data(format!("it is {what}, not text")).hint(hint));
        }
        // A byte order mark says more than the declaration.
        let (decoding, mark) = match (&first[..], declared) {
            ([0xef, 0xbb, 0xbf, ..], _) => (Decoding::Plain, 3),
            ([0xff, 0xfe, ..], _) => (Decoding::Utf16(Box::new(UTF_16LE.new_decoder_without_bom_handling())), 2),
            ([0xfe, 0xff, ..], _) => (Decoding::Utf16(Box::new(UTF_16BE.new_decoder_without_bom_handling())), 2),
            (_, Encoding::Utf8) => (Decoding::Plain, 0),
            (_, Encoding::Latin1) => (Decoding::Latin1, 0),
            (_, Encoding::Windows1252) => (Decoding::Windows1252(Box::new(WINDOWS_1252.new_decoder_without_bom_handling())), 0),
            (_, Encoding::Utf16Be) => (Decoding::Utf16(Box::new(UTF_16BE.new_decoder_without_bom_handling())), 0),
            (_, Encoding::Utf16) => (Decoding::Utf16(Box::new(UTF_16LE.new_decoder_without_bom_handling())), 0),
        };
        first.drain(..mark);
        Ok(Chunks { stream, decoding, raw: vec![0; CHUNK], pending: first, ended: false })
    }

    /// Appends the next chunk; `false` at the end of the file.
    pub fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let read = if self.pending.is_empty() {
            self.stream.read(&mut self.raw)?
        } else {
            self.raw[..self.pending.len()].copy_from_slice(&self.pending);
            std::mem::take(&mut self.pending).len()
        };
        self.ended = read == 0;
        let bytes = &self.raw[..read];
        let before = out.len();
        match &mut self.decoding {
            Decoding::Plain => out.extend_from_slice(bytes),
            Decoding::Latin1 => out.extend_from_slice(encoding_rs::mem::decode_latin1(bytes).as_bytes()),
            Decoding::Windows1252(decoder) | Decoding::Utf16(decoder) => decode(decoder, bytes, self.ended, out),
        }
        // The end itself may yield a mark for a character cut in two.
        Ok(!self.ended || out.len() > before)
    }
}

/// What a file is by its first bytes, where it is no text, and what to do about it.
fn not_text(first: &[u8]) -> Option<(&'static str, &'static str)> {
    match first {
        [0x1f, 0x8b, ..] => Some(("a gzip file", "give it a name that ends in .gz")),
        [b'P', b'K', 3, 4, ..] => Some(("a zip archive or a workbook", "give it a name that ends in .zip or .xlsx")),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(("an old workbook", "open it, and save it as .xlsx or CSV")),
        [b'P', b'A', b'R', b'1', ..] => Some(("a Parquet file", "give it a name that ends in .parquet")),
        _ => None,
    }
}

fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut room = [0u8; 8192];
    loop {
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut room, last);
        out.extend_from_slice(&room[..written]);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(_, _) => out.push(UNREADABLE),
        }
    }
}
