//! Which sheet each thing has: the cover, one a section, one a table with all its rows. Links and small lines go by it.

use super::names::Names;
use crate::render::words::furniture;
use crate::report::pack::{Block, Pack, Table};
use std::collections::BTreeMap;

/// Row of the head on a table's own sheet; above are its title and the way back.
pub const HEAD: u32 = 3;

/// The sheets of a workbook.
pub struct Plan {
    /// The first sheet.
    pub cover: String,
    /// The sheet of each section.
    pub sections: Vec<String>,
    /// The tables with a sheet of their own: section, place among its blocks, sheet.
    pub tables: Vec<(usize, usize, String)>,
    /// The sheet of a table by its id; the first of a name wins.
    by_id: BTreeMap<String, String>,
}

impl Plan {
    /// The sheets of a pack, named; tables without rows have none.
    pub fn of(pack: &Pack, names: &mut Names) -> Plan {
        let cover = names.sheet(furniture(pack.lang).cover, "cover");
        let sections: Vec<String> = pack.sections.iter().map(|section| names.sheet(&section.title, &section.id)).collect();
        let mut plan = Plan { cover, sections, tables: Vec::new(), by_id: BTreeMap::new() };
        for (at, section) in pack.sections.iter().enumerate() {
            for (place, block) in section.blocks.iter().enumerate() {
                let Block::Table(table) = block else { continue };
                if table.columns.is_empty() || table.details().next().is_none() {
                    continue;
                }
                let title = if table.title.is_empty() { &section.title } else { &table.title };
                let name = names.sheet(title, &table.id);
                plan.by_id.entry(table.id.clone()).or_insert_with(|| name.clone());
                plan.tables.push((at, place, name));
            }
        }
        plan
    }

    /// The own sheet of the block at a place of a section.
    pub fn own(&self, section: usize, place: usize) -> Option<&str> {
        self.tables.iter().find(|(s, p, _)| (*s, *p) == (section, place)).map(|(.., name)| name.as_str())
    }

    /// The sheet that a link leads to.
    pub fn behind(&self, id: Option<&String>) -> Option<&str> {
        id.and_then(|id| self.by_id.get(id)).map(String::as_str)
    }
}

/// The columns of the points of each column of small lines on the table's own sheet: column, first, last.
pub fn points(table: &Table) -> Vec<(usize, u16, u16)> {
    let mut next = table.columns.len();
    let mut all = Vec::new();
    for (key, labels) in &table.points {
        let column = table.columns.iter().position(|c| c.key == *key);
        if let (Some(column), false) = (column, labels.is_empty()) {
            all.push((column, next as u16, (next + labels.len() - 1) as u16));
            next += labels.len();
        }
    }
    all
}
