//! A letter as an e-mail message (RFC 5322, MIME): a file that a mail program opens as a draft. Nothing is sent.
//!
//! Separate because here alone text could become something else: a name with a line break, another header. Names and subjects that are not
//! plain are encoded whole, addresses were checked when they were read, text and file travel as base64. The message has no clock: its date
//! is noon of the statement's day, and a mail program puts its own when it sends.

use super::cells::clean;
use super::html::style::base64;
use crate::domain::digest::hex;
use crate::domain::email::is_address;
use crate::error::{Error, Result};
use crate::report::statement::Letter;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

/// Bytes of one encoded word: its line stays under 76 signs.
const WORD: usize = 33;
/// Signs of a line of base64, and of the longest text that stands in a header as it is.
const LINE: usize = 76;
const PLAIN: usize = 60;
/// Longest name of an attachment: it stands in one line.
const LONGEST_NAME: usize = 64;
/// A line break of a message.
const CRLF: &str = "\r\n";

/// The message: letter, day, and the PDF under its name.
pub fn message(letter: &Letter, day: NaiveDate, name: &str, pdf: &[u8]) -> Result<Vec<u8>> {
    if let Some(wrong) = letter.to.iter().chain([&letter.from.1]).find(|address| !is_address(address)) {
        return Err(Error::internal(format!("an address of {} signs passed the check and is none", wrong.len())));
    }
    let is_plain_name =
        !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~+".contains(c));
    if !is_plain_name {
        return Err(Error::internal(format!("`{name}` cannot name an attachment")));
    }
    let body = letter.body.lines().map(clean).collect::<Vec<_>>().join(CRLF) + CRLF;
    let mut hash = Sha256::new();
    for part in [letter.subject.as_bytes(), letter.to.join(",").as_bytes(), body.as_bytes(), pdf] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hex(&hash.finalize());
    let boundary = format!("=_{}", &digest[..24]);
    let (_, domain) = letter.from.1.rsplit_once('@').unwrap_or_default();
    let to: Vec<String> = letter
        .to
        .iter()
        .enumerate()
        .map(|(i, address)| if i == 0 { mailbox(&letter.to_name, address) } else { format!("<{address}>") })
        .collect();
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push_str(CRLF);
    };
    line(&format!("From: {}", mailbox(&letter.from.0, &letter.from.1)));
    line(&format!("To: {}", to.join(&format!(",{CRLF} "))));
    line(&format!("Subject: {}", header_text(&letter.subject)));
    line(&format!("Date: {} 12:00:00 +0000", day.format("%a, %d %b %Y")));
    line(&format!("Message-ID: <{}@{domain}>", &digest[..32]));
    line("X-Unsent: 1");
    line("MIME-Version: 1.0");
    line(&format!("Content-Type: multipart/mixed; boundary=\"{boundary}\""));
    line("");
    line(&format!("--{boundary}"));
    line("Content-Type: text/plain; charset=utf-8");
    line("Content-Transfer-Encoding: base64");
    line("");
    line(&folded(body.as_bytes()));
    line(&format!("--{boundary}"));
    line(&format!("Content-Type: application/pdf;{CRLF} name=\"{name}\""));
    line("Content-Transfer-Encoding: base64");
    line(&format!("Content-Disposition: attachment;{CRLF} filename=\"{name}\""));
    line("");
    line(&folded(pdf));
    line(&format!("--{boundary}--"));
    Ok(out.into_bytes())
}

/// A name and its address.
fn mailbox(name: &str, address: &str) -> String {
    let name = clean(name);
    let name = name.trim();
    if name.is_empty() {
        return format!("<{address}>");
    }
    let is_phrase = name.len() <= PLAIN && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    let name = if is_phrase { name.to_string() } else { encoded(name) };
    // An address may be as long as a line: it gets one of its own.
    format!("{name}{CRLF} <{address}>")
}

fn header_text(text: &str) -> String {
    let text = clean(text);
    let is_plain = text.len() <= PLAIN && !text.contains("=?") && text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if is_plain { text } else { encoded(&text) }
}

/// Encoded words (RFC 2047), a line each; no sign is cut in two.
fn encoded(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= WORD).last().unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(format!("=?UTF-8?B?{}?=", base64(word.as_bytes())));
        rest = after;
    }
    words.join(&format!("{CRLF} "))
}

/// Base64 in lines.
fn folded(bytes: &[u8]) -> String {
    let coded = base64(bytes);
    let mut out = String::with_capacity(coded.len() + coded.len() / LINE * 2 + 2);
    let mut rest = coded.as_str();
    while rest.len() > LINE {
        let (line, after) = rest.split_at(LINE);
        out.push_str(line);
        out.push_str(CRLF);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            from: ("Aceros S.A.".into(), "cobranza@aceros.example".into()),
            to_name: "Peña\r\nBcc: x@y.example".into(),
            to: vec!["a@b.example".into(), "c@d.example".into()],
            subject: "Estado\r\nX-Evil: 1".into(),
            body: "Uno\n.\nDos \u{202E}".into(),
        }
    }

    fn written(letter: &Letter) -> String {
        let day = crate::domain::days::parse_day("2026-10-31").unwrap();
        String::from_utf8(message(letter, day, "C1.pdf", b"%PDF-1.7").unwrap()).unwrap()
    }

    #[test]
    fn no_text_becomes_a_header() {
        let text = written(&letter());
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head.split("\r\n").filter(|l| !l.starts_with(' ')).map(|l| l.split(':').next().unwrap()).collect();
        assert_eq!(names, ["From", "To", "Subject", "Date", "Message-ID", "X-Unsent", "MIME-Version", "Content-Type"]);
        assert!(text.contains("Date: Sat, 31 Oct 2026 12:00:00 +0000\r\n"));
    }

    #[test]
    fn every_line_is_short_and_ascii() {
        let mut long = letter();
        long.to_name = "Ñ".repeat(200);
        long.subject = "á=?".repeat(120);
        long.from.0 = "\"quoted\" <x@y.z>, ".repeat(9);
        for letter in [letter(), long] {
            let text = written(&letter);
            assert!(text.is_ascii() && !text.replace("\r\n", "").contains(['\r', '\n']));
            assert!(text.split("\r\n").all(|l| l.len() <= 78), "{:?}", text.split("\r\n").find(|l| l.len() > 78));
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        let mut wrong = letter();
        wrong.to = vec!["a@b.example\r\nBcc: c@d.example".into()];
        let day = crate::domain::days::parse_day("2026-10-31").unwrap();
        assert!(message(&wrong, day, "C1.pdf", b"").unwrap_err().is_internal());
        assert!(message(&letter(), day, "a\"b.pdf", b"").is_err());
    }
}
