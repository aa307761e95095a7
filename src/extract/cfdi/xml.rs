//! XML element by element, with the place of every element and attribute; namespaces by their URI, never by a prefix.
//!
//! Separate so that what a hostile or damaged file can do is met once: no document type and so no entities of its own, no external
//! anything, a limit on depth; every attribute of every element is well formed, also where nobody asks for it.

use super::document::Spot;
use crate::domain::money::Money;
use crate::extract::coerce::number::{self, NumberFault, NumberFormat};
use crate::extract::coerce::{Refusal, day::DayFormat};
use crate::extract::record::cut;
use chrono::NaiveDate;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion, escape};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// A CFDI with the deepest complements has about twelve levels.
const DEEPEST: usize = 64;

/// Why a file, or a row of it, is refused; and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub code: &'static str,
    pub reason: String,
    pub line: u64,
    pub column: Option<u32>,
    /// Attribute or element to blame.
    pub name: Option<String>,
    pub excerpt: Option<String>,
    /// RFC of the issuer, where readable.
    pub issuer: Option<String>,
    pub currency: Option<String>,
    pub amount: Option<Money>,
}

impl Refused {
    pub fn new(code: &'static str, line: u64, reason: impl Into<String>) -> Refused {
        Refused { code, reason: reason.into(), line, column: None, name: None, excerpt: None, issuer: None, currency: None, amount: None }
    }

    pub fn at(code: &'static str, spot: Spot, reason: impl Into<String>) -> Refused {
        Refused { column: Some(spot.column), ..Refused::new(code, spot.line, reason) }
    }
}

/// Line and column of a byte; both first = 1, columns in characters.
pub(super) fn place_of(text: &str, at: usize) -> (u64, u32) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64 + 1;
    let from = before.rfind('\n').map_or(0, |n| n + 1);
    (line, before[from..].chars().count() as u32 + 1)
}

/// Namespaces that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Cfdi4,
    /// 3.0 to 3.3 share one.
    Cfdi3,
    Cfdi2,
    Payments20,
    Payments10,
    Stamp,
    LocalTaxes,
    Other,
}

fn space(resolved: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(namespace) = resolved else { return Space::Other };
    match namespace.0 {
        "http://www.sat.gob.mx/cfd/4" => Space::Cfdi4,
        "http://www.sat.gob.mx/cfd/3" => Space::Cfdi3,
        "http://www.sat.gob.mx/cfd/2" => Space::Cfdi2,
        "http://www.sat.gob.mx/Pagos20" => Space::Payments20,
        "http://www.sat.gob.mx/Pagos" => Space::Payments10,
        "http://www.sat.gob.mx/TimbreFiscalDigital" => Space::Stamp,
        "http://www.sat.gob.mx/implocal" => Space::LocalTaxes,
        _ => Space::Other,
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node<'t> {
    /// An element begins; its attributes are in [`Xml::tag`].
    Open(Space, &'t str),
    Close,
    End,
}

/// A file being read.
pub(super) struct Xml<'t> {
    reader: NsReader<&'t [u8]>,
    text: &'t str,
    depth: usize,
    had_root: bool,
    at: usize,
    /// Position up to which lines and columns were counted, and the place there.
    counted: (usize, Spot),
    attributes: Vec<Attribute<'t>>,
}

struct Attribute<'t> {
    at: usize,
    name: &'t str,
    value: Cow<'t, str>,
}

impl<'t> Xml<'t> {
    pub fn new(text: &'t str) -> Xml<'t> {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, text, depth: 0, had_root: false, at: 0, counted: (0, Spot { line: 1, column: 1 }), attributes: Vec::new() }
    }

    /// The next element or end.
    pub fn next(&mut self) -> Result<Node<'t>, Refused> {
        loop {
            let from = self.reader.buffer_position() as usize;
            let (space, event) = match self.reader.read_resolved_event() {
                Ok((resolved, event)) => (space(&resolved), event),
                Err(e) => {
                    let at = (self.reader.error_position() as usize).min(self.text.len());
                    return Err(self.damaged(at, e.to_string()));
                }
            };
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    if self.depth == 0 && self.had_root {
                        return Err(self.damaged(from, "a second element stands after the end of the first".to_string()));
                    }
                    self.depth += 1;
                    self.had_root = true;
                    if self.depth > DEEPEST {
                        return Err(self.damaged(from, format!("its elements nest deeper than {DEEPEST}")));
                    }
                    return self.open(space, &tag, from);
                }
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(Node::Close);
                }
                Event::Eof if self.depth > 0 => {
                    return Err(self.damaged(self.text.len(), "it ends before its last element does".to_string()));
                }
                Event::Eof if !self.had_root => return Err(self.damaged(0, "it holds no element".to_string())),
                Event::Eof => return Ok(Node::End),
                Event::DocType(_) => {
                    return Err(self.damaged(from, "it declares a document type; no CFDI does, and its entities are not read".to_string()));
                }
                Event::GeneralRef(reference) => {
                    let known = match reference.resolve_char_ref() {
                        Ok(Some(_)) => true,
                        Ok(None) => escape::resolve_predefined_entity(&reference).is_some(),
                        Err(_) => false,
                    };
                    if !known || self.depth == 0 {
                        return Err(self.damaged(from, format!("the entity &{}; is not known", cut(&reference))));
                    }
                }
                Event::Text(text) if self.depth == 0 && !text.trim_ascii().is_empty() => {
                    return Err(self.damaged(from, "text stands outside of its element".to_string()));
                }
                Event::CData(_) if self.depth == 0 => {
                    return Err(self.damaged(from, "text stands outside of its element".to_string()));
                }
                Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn open(&mut self, space: Space, tag: &BytesStart<'_>, from: usize) -> Result<Node<'t>, Refused> {
        let name = within(self.text, tag.name().0);
        self.at = name.map_or(from, |(at, _)| at.saturating_sub(1));
        self.attributes.clear();
        for attribute in tag.attributes() {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(e) => return Err(self.damaged(self.at, e.to_string())),
            };
            let Some((at, name)) = within(self.text, attribute.key.0) else {
                return Err(self.damaged(self.at, "an attribute cannot be placed".to_string()));
            };
            if attribute.value.contains('<') {
                return Err(self.damaged(at, format!("the value of {name} holds a <")));
            }
            let plain = !attribute.value.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\n' | b'\r'));
            let value = match &attribute.value {
                Cow::Borrowed(value) if plain => within(self.text, value).map(|(_, value)| Cow::Borrowed(value)),
                _ => None,
            };
            let value = match value {
                Some(value) => value,
                None => match attribute.normalized_value(XmlVersion::Implicit1_0) {
                    Ok(value) => Cow::Owned(value.into_owned()),
                    Err(e) => return Err(self.damaged(at, format!("the value of {name} cannot be read: {e}"))),
                },
            };
            self.attributes.push(Attribute { at, name, value });
        }
        let local = name.map_or("", |(_, name)| name.rsplit(':').next().unwrap_or(name));
        Ok(Node::Open(space, local))
    }

    /// The element that was opened last.
    pub fn tag(&mut self) -> Tag<'_, 't> {
        let (from, mut spot) = self.counted;
        if let Some(more) = self.text.get(from..self.at) {
            let lines = memchr::memchr_iter(b'\n', more.as_bytes()).count();
            spot.line += lines as u64;
            let same_line = more.rsplit('\n').next().unwrap_or(more).chars().count() as u32;
            spot.column = if lines == 0 { spot.column + same_line } else { same_line + 1 };
            self.counted = (self.at, spot);
        }
        Tag { xml: self, at: spot }
    }

    fn damaged(&self, at: usize, reason: String) -> Refused {
        let (line, column) = place_of(self.text, at);
        let excerpt = self.text.get(at..).map(|rest| cut(rest.lines().next().unwrap_or(""))).filter(|e| !e.is_empty());
        Refused { column: Some(column), excerpt, ..Refused::new("xml_invalid", line, reason) }
    }
}

/// Where a piece of the text stands in it.
fn within<'t>(text: &'t str, piece: &str) -> Option<(usize, &'t str)> {
    let at = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    text.get(at..at + piece.len()).map(|found| (at, found))
}

/// An element and its attributes.
pub(super) struct Tag<'x, 't> {
    xml: &'x Xml<'t>,
    pub at: Spot,
}

impl Tag<'_, '_> {
    fn attribute(&self, name: &str) -> Option<&Attribute<'_>> {
        self.xml.attributes.iter().find(|a| a.name == name)
    }

    /// The name as it is written.
    fn element(&self) -> &str {
        let rest = &self.xml.text[(self.xml.at + 1).min(self.xml.text.len())..];
        rest.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).next().unwrap_or("")
    }

    /// A refusal for what an attribute says, or for its absence.
    pub fn refuse(&self, name: &str, code: &'static str, reason: impl Into<String>) -> Refused {
        let attribute = self.attribute(name);
        let (line, column) = place_of(self.xml.text, attribute.map_or(self.xml.at, |a| a.at));
        let excerpt = attribute.map(|a| cut(&a.value));
        let name = if name.is_empty() { self.element().to_string() } else { format!("{}@{name}", self.element()) };
        Refused { column: Some(column), name: Some(name), excerpt, ..Refused::new(code, line, reason) }
    }

    /// Where an attribute stands.
    pub fn spot(&self, name: &str) -> Spot {
        let (line, column) = place_of(self.xml.text, self.attribute(name).map_or(self.xml.at, |a| a.at));
        Spot { line, column }
    }

    /// The text of an attribute without blanks around it; none where it is absent or empty.
    pub fn may(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|a| a.value.trim()).filter(|v| !v.is_empty())
    }

    pub fn may_text(&self, name: &str) -> Option<Box<str>> {
        self.may(name).map(Box::from)
    }

    pub fn need(&self, name: &str) -> Result<&str, Refused> {
        self.may(name).ok_or_else(|| self.refuse(name, "value_missing", format!("{} has no {name}", self.element())))
    }

    fn judged<T>(&self, name: &str, judged: Result<T, Refusal>) -> Result<T, Refused> {
        judged.map_err(|r| self.refuse(name, r.code, r.reason))
    }

    pub fn may_amount(&self, name: &str) -> Result<Option<Money>, Refused> {
        self.may(name).map(|text| self.judged(name, amount(text))).transpose()
    }

    pub fn amount(&self, name: &str) -> Result<Money, Refused> {
        self.judged(name, amount(self.need(name)?))
    }

    /// A number of any decimals.
    pub fn may_decimal(&self, name: &str) -> Result<Option<Decimal>, Refused> {
        self.may(name).map(|text| self.judged(name, decimal(text))).transpose()
    }

    /// A number above nothing.
    pub fn may_rate(&self, name: &str) -> Result<Option<Decimal>, Refused> {
        match self.may_decimal(name)? {
            Some(rate) if rate <= Decimal::ZERO => Err(self.refuse(name, "amount_range", "a rate is above zero")),
            rate => Ok(rate),
        }
    }

    /// The day of `2024-05-31T12:00:00`.
    pub fn day(&self, name: &str) -> Result<NaiveDate, Refused> {
        let text = self.need(name)?;
        let time = |t: &str| t.bytes().zip("T00:00:00".bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p });
        match text.get(..10).zip(text.get(10..)) {
            Some((day, rest)) if rest.len() == 9 && time(rest) => self.judged(name, DayFormat::canonical().parse(day)),
            _ => Err(self.refuse(name, "date_invalid", format!("`{text}` is not an instant such as 2024-05-31T12:00:00"))),
        }
    }

    /// A code of the currency list.
    pub fn currency(&self, name: &str) -> Result<Box<str>, Refused> {
        let text = self.need(name)?;
        match crate::domain::money::minor_units(text) {
            Some(_) => Ok(text.into()),
            None => Err(self.refuse(name, "currency_unknown", format!("`{text}` is not a currency code this program knows"))),
        }
    }

    /// An RFC, in capital letters.
    pub fn tax_id(&self, name: &str) -> Result<Box<str>, Refused> {
        let text = self.need(name)?;
        if is_tax_id(text) {
            return Ok(text.into());
        }
        Err(self.refuse(name, "cfdi_invalid", format!("`{text}` is not an RFC: three or four letters, a day, three characters")))
    }

    /// A folio fiscal, in capital letters.
    pub fn uuid(&self, name: &str) -> Result<Box<str>, Refused> {
        let text = self.need(name)?;
        match uuid(text) {
            Some(uuid) => Ok(uuid),
            None => Err(self.refuse(name, "cfdi_invalid", format!("`{text}` is not a folio fiscal (UUID)"))),
        }
    }
}

/// A UUID in capital letters.
pub(super) fn uuid(text: &str) -> Option<Box<str>> {
    let shape = |(i, b): (usize, u8)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() };
    (text.len() == 36 && text.bytes().enumerate().all(shape)).then(|| text.to_ascii_uppercase().into_boxed_str())
}

/// Three letters (a company) or four (a person), six digits of a day, two characters and a check digit.
fn is_tax_id(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let letters = chars.len().saturating_sub(9);
    (letters == 3 || letters == 4)
        && chars[..letters].iter().all(|c| c.is_ascii_uppercase() || matches!(c, 'Ñ' | '&'))
        && chars[letters..letters + 6].iter().all(char::is_ascii_digit)
        && chars[letters + 6..letters + 8].iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && (chars[letters + 8] == 'A' || chars[letters + 8].is_ascii_digit())
}

fn exact(text: &str) -> Result<number::Exact, Refusal> {
    let refuse = |code, reason| Err(Refusal { code, reason });
    match number::parse(text, &NumberFormat::canonical()) {
        Ok(exact) if exact.mantissa < 0 => refuse("amount_sign", format!("`{text}` is below zero; no amount of a CFDI is")),
        Ok(exact) => Ok(exact.without_trailing_zeros()),
        Err(NumberFault::Invalid(reason)) => refuse("amount_invalid", reason),
        Err(NumberFault::Range) => refuse("amount_range", format!("`{text}` has more digits than this program can hold")),
    }
}

/// An amount. The standard allows six decimals; more than two that say something are refused, never rounded.
fn amount(text: &str) -> Result<Money, Refusal> {
    let exact = exact(text)?;
    if exact.scale > 2 {
        let reason = format!("`{text}` has {} decimals that are not zero; an amount is never rounded", exact.scale);
        return Err(Refusal { code: "amount_decimals", reason });
    }
    exact
        .units(2)
        .and_then(Money::from_hundredths)
        .ok_or_else(|| Refusal { code: "amount_range", reason: format!("`{text}` does not fit 16 digits before the point") })
}

fn decimal(text: &str) -> Result<Decimal, Refusal> {
    let exact = exact(text)?;
    let range = || Refusal { code: "amount_range", reason: format!("`{text}` has more digits than this program can hold") };
    Decimal::try_from_i128_with_scale(exact.mantissa, exact.scale).map_err(|_| range())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> Result<usize, Refused> {
        let mut xml = Xml::new(text);
        let mut elements = 0;
        loop {
            match xml.next()? {
                Node::Open(..) => elements += 1,
                Node::Close => {}
                Node::End => return Ok(elements),
            }
        }
    }

    #[test]
    fn damaged_files_are_told_by_their_place() {
        assert_eq!(walk("<?xml version='1.0'?><!-- x --><a b='&amp;&#241;'><c/>t&lt;</a>\n"), Ok(2));
        for (text, line, column) in [
            ("", 1, 1),
            ("   ", 1, 1),
            ("<a>\n <b></a>", 2, 5),
            ("<a>\n <b/>", 2, 6),
            ("<a b='1' b='2'/>", 1, 1),
            ("<a>\n  <b c=1/></a>", 2, 3),
            ("<a b='x<y'/>", 1, 4),
            ("<a>\n<b c='&x;'/></a>", 2, 4),
            ("<a>&x;</a>", 1, 4),
            ("<a/><b/>", 1, 5),
            ("<a/>tail", 1, 5),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 1, 1),
        ] {
            let refused = walk(text).expect_err(text);
            assert_eq!((refused.code, refused.line, refused.column), ("xml_invalid", line, Some(column)), "{text}: {}", refused.reason);
        }
        assert_eq!(walk(&format!("{}{}", "<a>".repeat(70), "</a>".repeat(70))).unwrap_err().code, "xml_invalid");
    }

    #[test]
    fn attributes_have_places_and_exact_values() {
        let mut xml = Xml::new("<r>\n  <x:a\n    Total='1.500000' Día='á' Moneda=' MXN ' Neg='-1' More='1.005' /></r>");
        xml.next().unwrap();
        assert_eq!(xml.next(), Ok(Node::Open(Space::Other, "a")));
        let tag = xml.tag();
        assert_eq!(tag.at, Spot { line: 2, column: 3 });
        assert_eq!(tag.amount("Total").unwrap().hundredths(), 150);
        assert_eq!(&*tag.currency("Moneda").unwrap(), "MXN");
        assert_eq!(tag.spot("Moneda"), Spot { line: 3, column: 30 });
        let refused = tag.amount("Neg").unwrap_err();
        assert_eq!((refused.code, refused.line, refused.name.as_deref()), ("amount_sign", 3, Some("x:a@Neg")));
        assert_eq!(tag.amount("More").unwrap_err().code, "amount_decimals");
        let missing = tag.need("Rfc").unwrap_err();
        assert_eq!((missing.code, missing.line, missing.column), ("value_missing", 2, Some(3)));
    }

    #[test]
    fn tax_ids_and_uuids_have_shapes() {
        for good in ["XAXX010101000", "AAA010101AAA", "ÑÑ&010101AB1"] {
            assert!(is_tax_id(good), "{good}");
        }
        for bad in ["", "AAA010101AA", "aaa010101aaa", "AAA01010XAAA", "AAA010101AAB", "AAAAA010101AAA"] {
            assert!(!is_tax_id(bad), "{bad}");
        }
        assert_eq!(uuid("c1df8d01-8436-4e7d-becf-20f31624280d").as_deref(), Some("C1DF8D01-8436-4E7D-BECF-20F31624280D"));
        assert!(uuid("c1df8d018436-4e7d-becf-20f31624280d-").is_none() && uuid("").is_none());
    }
}
