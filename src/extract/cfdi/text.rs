//! The bytes of an XML file as text: byte order mark, declared encoding, and the characters that no XML may hold.
//!
//! Separate so that the parser knows one encoding only, and so that a file in another encoding than it says is told by its place.

use super::xml::{Refused, place_of};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// The text of a file.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        [0xff, 0xfe, rest @ ..] => decoded(rest, UTF_16LE)?,
        [0xfe, 0xff, rest @ ..] => decoded(rest, UTF_16BE)?,
        [b'<', 0, ..] => decoded(bytes, UTF_16LE)?,
        [0, b'<', ..] => decoded(bytes, UTF_16BE)?,
        _ => match declared(bytes) {
            None => utf8(bytes)?,
            Some(label) => match Encoding::for_label(label.as_bytes()) {
                None => return Err(invalid(1, 1, format!("it declares the encoding {label}, which is not known"))),
                Some(encoding) if encoding == UTF_8 => utf8(bytes)?,
                Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
                    return Err(invalid(1, 1, format!("it declares {label}, but is not written in it")));
                }
                Some(encoding) => decoded(bytes, encoding)?,
            },
        },
    };
    match text.bytes().position(|b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
        None => Ok(text),
        Some(at) => {
            let (line, column) = place_of(&text, at);
            Err(invalid(line, column, format!("the control character U+{:04X} cannot stand in an XML", text.as_bytes()[at])))
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|e| {
        let at = e.valid_up_to();
        let before = String::from_utf8_lossy(&bytes[..at]);
        let (line, column) = place_of(&before, at);
        let bad = bytes.get(at).copied().unwrap_or_default();
        invalid(line, column, format!("the byte 0x{bad:02X} is not valid UTF-8, the encoding it declares or is taken for"))
    })
}

fn decoded<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Cow<'b, str>, Refused> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| invalid(1, 1, format!("it is not valid {}, the encoding it declares", encoding.name())))
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(256)];
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = head.windows(2).position(|w| w == b"?>")?;
    let (_, rest) = std::str::from_utf8(&head[..end]).ok()?.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

fn invalid(line: u64, column: u32, reason: String) -> Refused {
    Refused { column: Some(column), ..Refused::new("text_invalid", line, reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_declared() {
        let latin = b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a n=\"Mu\xf1oz\"/>";
        assert!(text(latin).unwrap().contains("Muñoz"));
        let utf16: Vec<u8> = [0xfeff].into_iter().chain("<a n='ñ'/>".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&utf16).unwrap(), "<a n='ñ'/>");
        assert_eq!(text("\u{feff}<a/>".as_bytes()).unwrap(), "<a/>");
        for (bytes, line, column) in [
            (&b"<a>\n<b n='Mu\xf1oz'/></a>"[..], 2, Some(9)),
            (b"<?xml version='1.0' encoding='klingon'?><a/>", 1, Some(1)),
            (b"<?xml version='1.0' encoding='UTF-16'?><a/>", 1, Some(1)),
            (b"<a>\n\n \x01</a>", 3, Some(2)),
        ] {
            let refused = text(bytes).unwrap_err();
            assert_eq!((refused.code, refused.line, refused.column), ("text_invalid", line, column));
        }
    }
}
