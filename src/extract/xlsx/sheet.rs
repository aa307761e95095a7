//! The rows of one sheet, streamed.

use super::super::csv::Next;
use super::super::place::Place;
use super::super::profile::Reading;
use super::super::record::{Mark, Record};
use super::cell::{self, Kind, NEVER_CALCULATED, SHOWS_ERROR};
use super::styles;
use super::texts::{self, Texts, unescape};
use super::workbook::Workbook;
use super::xml::{Part, add_text, attribute};
use crate::error::{Error, Result};
use quick_xml::events::{BytesStart, Event};

/// What a sheet can have.
const MOST_ROWS: u64 = 1 << 20;
const MOST_COLUMNS: usize = 1 << 14;
/// A sheet with more cells is no list of an ERP.
const MOST_CELLS: u64 = 1 << 27;

/// Reads a sheet row by row.
pub(in crate::extract) struct XlsxReader {
    part: Part,
    cells: Cells,
    row: u64,
    skip_rows: u64,
    /// Columns a row has, once the header is known.
    width: Option<usize>,
    ended: bool,
}

/// The cells of the row under way, and what is needed to read them.
struct Cells {
    texts: Texts,
    /// One a style: whether it shows days.
    styles: Vec<bool>,
    from_1904: bool,
    slots: Vec<(String, Mark)>,
    /// Slots in use.
    used: usize,
    count: u64,
    value: String,
}

impl XlsxReader {
    /// Opens the sheet of the place, or the first one.
    pub fn open(place: &Place, reading: &Reading) -> Result<XlsxReader> {
        let workbook = Workbook::open(place)?;
        let sheet = match &place.sheet {
            Some(name) => workbook.sheets.iter().find(|s| s.name == *name),
            None => workbook.sheets.first(),
        };
        let sheet = sheet.ok_or_else(|| Error::internal("a sheet of the plan is not in its workbook"))?;
        let cells = Cells {
            texts: Texts::open(&workbook)?,
            styles: styles::read(&workbook)?,
            from_1904: workbook.from_1904,
            slots: Vec::new(),
            used: 0,
            count: 0,
            value: String::new(),
        };
        Ok(XlsxReader { part: workbook.part(&sheet.part)?, cells, row: 0, skip_rows: reading.skip_lines, width: None, ended: false })
    }

    /// Says how many columns count from here on.
    pub fn expect_fields(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// Fills the record with the next row that is not empty.
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        while !self.ended && self.next_row()? {
            let cells = &self.cells;
            let Some(last) = cells.slots[..cells.used].iter().rposition(|(text, _)| !text.is_empty()) else { continue };
            if self.row <= self.skip_rows {
                continue;
            }
            record.start(self.row);
            for column in 0..self.width.unwrap_or(last + 1) {
                let mark = match cells.slots[..cells.used].get(column) {
                    Some((text, mark)) => {
                        record.push(text.as_bytes());
                        *mark
                    }
                    None => Mark::Declared,
                };
                record.end_cell(mark);
            }
            return Ok(Next::Record);
        }
        Ok(Next::End)
    }

    /// Reads the cells of the next row; `false` behind the last one.
    fn next_row(&mut self) -> Result<bool> {
        self.cells.used = 0;
        let mut within = false;
        loop {
            match self.part.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "row" => {
                        self.row = row_number(&tag, self.row).ok_or_else(|| self.part.broken("its rows are not in order"))?;
                        within = true;
                    }
                    "c" if within => {
                        let head = Head::of(&tag, self.cells.used);
                        let head = head.ok_or_else(|| self.part.broken("a cell has no place"))?;
                        self.cells.read(head, &mut self.part)?;
                    }
                    _ => {}
                },
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "row" => self.row = row_number(&tag, self.row).ok_or_else(|| self.part.broken("its rows are not in order"))?,
                    // A cell without a value still stands before the next one.
                    "c" if within => {
                        let head = Head::of(&tag, self.cells.used).ok_or_else(|| self.part.broken("a cell has no place"))?;
                        self.cells.slot(head.column);
                    }
                    "sheetData" => {
                        self.ended = true;
                        return Ok(false);
                    }
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "row" => return Ok(true),
                    "sheetData" => {
                        self.ended = true;
                        return Ok(false);
                    }
                    _ => {}
                },
                Event::Eof => return Err(self.part.broken("it ends before its rows do")),
                _ => {}
            }
        }
    }
}

fn row_number(tag: &BytesStart<'_>, before: u64) -> Option<u64> {
    match attribute(tag, "r") {
        None => Some(before + 1),
        Some(number) => number.parse().ok(),
    }
    .filter(|n| *n > before && *n <= MOST_ROWS)
}

/// What the tag of a cell says.
struct Head {
    column: usize,
    kind: Kind,
    style: usize,
}

impl Head {
    /// `next` is the column of a cell that does not name its own.
    fn of(tag: &BytesStart<'_>, next: usize) -> Option<Head> {
        let mut head = Head { column: next, kind: Kind::Number, style: 0 };
        for attribute in tag.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => head.column = column(&attribute.value)?,
                "t" => head.kind = Kind::parse(&attribute.value),
                "s" => head.style = attribute.value.parse().ok()?,
                _ => {}
            }
        }
        Some(head).filter(|h| h.column < MOST_COLUMNS)
    }
}

/// The column of `AB12`, from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let number = letters.take(4).fold(0usize, |n, b| n * 26 + usize::from(b - b'A') + 1);
    number.checked_sub(1)
}

impl Cells {
    /// Makes slots up to that of a column; new ones are empty.
    fn slot(&mut self, column: usize) {
        while self.used <= column {
            if self.used == self.slots.len() {
                self.slots.push((String::new(), Mark::Declared));
            }
            self.slots[self.used].0.clear();
            self.slots[self.used].1 = Mark::Declared;
            self.used += 1;
        }
    }

    /// Reads a cell up to its end.
    fn read(&mut self, head: Head, part: &mut Part) -> Result<()> {
        self.count += 1;
        if self.count > MOST_CELLS {
            return Err(Error::data(format!("the sheet has more than {MOST_CELLS} cells")).hint("save the sheet as CSV, and load that"));
        }
        let mut value = std::mem::take(&mut self.value);
        value.clear();
        let (mut formula, mut in_value, mut inline) = (false, false, None);
        loop {
            let event = part.next()?;
            match &event {
                Event::Start(tag) | Event::Empty(tag) if inline.is_none() => match tag.local_name().as_ref() {
                    "v" => in_value = matches!(event, Event::Start(_)),
                    "f" => formula = true,
                    "is" if matches!(event, Event::Start(_)) => inline = Some(texts::Reading::default()),
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "c" => break,
                    "v" => in_value = false,
                    "is" => inline = None,
                    _ => {
                        if let Some(reading) = &mut inline {
                            reading.take(&event, &mut value);
                        }
                    }
                },
                Event::Eof => return Err(part.broken("it ends within a cell")),
                other => match &mut inline {
                    Some(reading) => reading.take(other, &mut value),
                    None if in_value => add_text(other, &mut value),
                    None => {}
                },
            }
        }
        let (from_1904, shows_day) = (self.from_1904, self.styles.get(head.style).copied().unwrap_or(false));
        self.slot(head.column);
        let (text, mark) = &mut self.slots[head.column];
        text.clear();
        let stored = value.trim();
        *mark = match head.kind {
            Kind::Text => {
                text.push_str(&value);
                unescape(text, 0);
                Mark::Declared
            }
            Kind::Shared => {
                let shared = stored.parse().ok().map(|n| self.texts.get(n)).transpose()?.flatten();
                text.push_str(shared.ok_or_else(|| part.broken("a cell names a text that the workbook does not have"))?);
                Mark::Declared
            }
            _ if formula && stored.is_empty() => {
                text.push('=');
                Mark::Broken(NEVER_CALCULATED)
            }
            _ if stored.is_empty() => Mark::Declared,
            Kind::Boolean => {
                text.push_str(if stored == "1" { "true" } else { "false" });
                Mark::Declared
            }
            Kind::Error => {
                text.push_str(stored);
                Mark::Broken(SHOWS_ERROR)
            }
            Kind::Day => cell::written_day(stored, text),
            Kind::Number if shows_day => cell::day(stored, from_1904, text),
            Kind::Number => cell::number(stored, text),
        };
        self.value = value;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_places() {
        for (place, want) in [("A1", Some(0)), ("Z9", Some(25)), ("AA1", Some(26)), ("XFD1", Some(16383)), ("12", None), ("", None)] {
            assert_eq!(column(place), want, "{place}");
        }
    }
}
