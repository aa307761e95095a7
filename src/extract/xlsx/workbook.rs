//! What a workbook is made of: its sheets, its parts, which calendar its days count from.

use super::super::archive::{Member, members};
use super::super::place::{Place, Whole, member_bytes};
use super::xml::{Part, attribute};
use crate::error::{Error, Result};
use quick_xml::events::Event;
use std::collections::HashMap;
use std::io::Read;

/// An opened workbook; nothing of its sheets is read yet.
pub(super) struct Workbook {
    bytes: Whole,
    place: Place,
    members: HashMap<String, Member>,
    pub sheets: Vec<Sheet>,
    /// Days count from 1904.
    pub from_1904: bool,
    pub texts: Option<String>,
    pub styles: Option<String>,
}

/// A sheet and the part it stands in.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub name: String,
    pub part: String,
}

/// The names of the sheets of a workbook with the sizes of their parts, in their order.
pub(in crate::extract) fn sheet_names(place: &Place) -> Result<Vec<(String, u64)>> {
    let workbook = Workbook::open(place)?;
    let size = |s: &Sheet| workbook.members.get(&s.part.to_lowercase()).map_or(0, |m| m.unpacked);
    Ok(workbook.sheets.iter().map(|s| (s.name.clone(), size(s))).collect())
}

impl Workbook {
    pub fn open(place: &Place) -> Result<Workbook> {
        let bytes = place.whole()?;
        let mut first = Vec::new();
        bytes.reader()?.take(8).read_to_end(&mut first).map_err(|e| place.cannot(e))?;
        if first.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(Error::data("the workbook is protected by a password, or is one of the old kind (.xls)")
                .hint("open it, and save it as .xlsx without a password, or as CSV"));
        }
        let not_one = |e: Error| {
            Error::data("it is no .xlsx workbook, or is damaged or cut short")
                .caused_by(e)
                .hint("copy the file again, or save it again as .xlsx")
        };
        let members: HashMap<String, Member> =
            members(bytes.reader()?).map_err(not_one)?.into_iter().map(|m| (m.name.to_lowercase(), m)).collect();
        let mut workbook =
            Workbook { bytes, place: place.clone(), members, sheets: Vec::new(), from_1904: false, texts: None, styles: None };
        if workbook.members.contains_key("xl/workbook.bin") {
            return Err(Error::data("workbooks of the kind .xlsb are not read").hint("open it, and save it as .xlsx or CSV"));
        }
        let main = workbook.main_part()?;
        workbook.read_main(&main)?;
        if workbook.sheets.is_empty() {
            return Err(Error::data("the workbook has no sheets"));
        }
        Ok(workbook)
    }

    /// A part by its name.
    pub fn part(&self, name: &str) -> Result<Part> {
        let member = self.members.get(&name.to_lowercase());
        let member = member.ok_or_else(|| Error::data(format!("the workbook has no part {name}")).hint("open it, and save it again"))?;
        if let Some(why) = member.unreadable {
            return Err(Error::data(format!("the workbook's part {name} is {why}")));
        }
        let bytes = member_bytes(self.bytes.reader()?, member).map_err(|e| self.place.cannot(e))?;
        Ok(Part::new(bytes, name))
    }

    /// The part that lists the sheets.
    fn main_part(&self) -> Result<String> {
        if !self.members.contains_key("_rels/.rels") {
            return Err(Error::data("it is a zip archive, but no workbook").hint("give it a name that ends in .zip, or save it as .xlsx"));
        }
        let main = self.relations("_rels/.rels", "")?.into_values().find(|(kind, _)| kind.ends_with("/officeDocument"));
        Ok(main.map_or_else(|| "xl/workbook.xml".to_string(), |(_, target)| target))
    }

    fn read_main(&mut self, main: &str) -> Result<()> {
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", main));
        let relations = self.relations(format!("{folder}/_rels/{file}.rels").trim_start_matches('/'), folder)?;
        let by_kind = |ending: &str| relations.values().find(|(kind, _)| kind.ends_with(ending)).map(|(_, target)| target.clone());
        self.texts = by_kind("/sharedStrings");
        self.styles = by_kind("/styles");
        let mut part = self.part(main)?;
        let mut sheets = Vec::new();
        loop {
            match part.next()? {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "workbookPr" => {
                        self.from_1904 = attribute(&tag, "date1904").is_some_and(|v| matches!(&*v, "1" | "true" | "on"));
                    }
                    "sheet" => {
                        let (name, id) = (attribute(&tag, "name"), attribute(&tag, "id"));
                        // A sheet of charts has no rows.
                        let target = id.and_then(|id| relations.get(&*id)).filter(|(kind, _)| kind.ends_with("/worksheet"));
                        if let (Some(name), Some((_, target))) = (name, target) {
                            sheets.push(Sheet { name: name.into_owned(), part: target.clone() });
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        self.sheets = sheets;
        Ok(())
    }

    /// Kind and target of each relation of a part.
    fn relations(&self, name: &str, folder: &str) -> Result<HashMap<String, (String, String)>> {
        let mut part = self.part(name)?;
        let mut found = HashMap::new();
        loop {
            match part.next()? {
                Event::Eof => return Ok(found),
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "Relationship" => {
                    let all = (attribute(&tag, "Id"), attribute(&tag, "Type"), attribute(&tag, "Target"));
                    if let (Some(id), Some(kind), Some(target)) = all {
                        found.insert(id.into_owned(), (kind.into_owned(), resolved(folder, &target)));
                    }
                }
                _ => {}
            }
        }
    }
}

/// A target as a name in the archive.
fn resolved(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|p| !p.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
