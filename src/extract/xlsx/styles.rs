//! Which styles of a workbook show a number as a day.

use super::workbook::Workbook;
use super::xml::attribute;
use crate::error::Result;
use quick_xml::events::Event;
use std::collections::HashSet;

/// One entry a cell style: whether it shows days.
pub(super) fn read(workbook: &Workbook) -> Result<Vec<bool>> {
    let Some(name) = &workbook.styles else { return Ok(Vec::new()) };
    let mut part = workbook.part(name)?;
    let mut of_days: HashSet<u32> = (14..=22).chain(27..=31).chain([34, 35, 36]).chain(50..=58).collect();
    let mut styles = Vec::new();
    let mut in_cells = false;
    loop {
        match part.next()? {
            Event::Eof => return Ok(styles),
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => in_cells = false,
            Event::Start(tag) | Event::Empty(tag) => {
                let number = || attribute(&tag, "numFmtId").and_then(|n| n.parse::<u32>().ok());
                match tag.local_name().as_ref() {
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => styles.push(number().is_some_and(|n| of_days.contains(&n))),
                    "numFmt" => {
                        if let (Some(number), Some(code)) = (number(), attribute(&tag, "formatCode")) {
                            if shows_days(&code) {
                                of_days.insert(number);
                            } else {
                                of_days.remove(&number);
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Whether a format code shows a day: it has a year or a day of the month outside quotes and brackets. A time alone is no day.
fn shows_days(code: &str) -> bool {
    // What follows the first `;` is for negative numbers, and no day is one.
    let mut chars = code.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => {
                chars.by_ref().find(|c| *c == '"');
            }
            '[' => {
                chars.by_ref().find(|c| *c == ']');
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            c => plain.push(c.to_ascii_lowercase()),
        }
    }
    if plain.contains("general") || plain.contains(['0', '#', '?']) && !plain.contains("s.0") {
        return false;
    }
    // Month and year of a format in another language's letters are stored in English.
    plain.contains(['y', 'd']) || (plain.contains('m') && !plain.contains(['h', 's']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_codes() {
        for (code, want) in [
            ("dd/mm/yyyy", true),
            ("yyyy\\-mm\\-dd;@", true),
            ("[$-80A]d\" de \"mmmm\" de \"yyyy", true),
            ("mmm\\-yy", true),
            ("dd/mm/yyyy hh:mm:ss.000", true),
            ("General", false),
            ("#,##0.00", false),
            ("0.00\" days\"", false),
            ("[Red]-0.00", false),
            ("_-\"$\"* #,##0.00_-;\\-\"$\"* #,##0.00_-", false),
            ("[h]:mm:ss", false),
            ("hh:mm", false),
            ("@", false),
        ] {
            assert_eq!(shows_days(code), want, "{code}");
        }
    }
}
