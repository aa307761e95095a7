//! Rows on their way to the bucket of their key, and what is noted of them while they are read.

use super::shape::{Shape, shape};
use super::{Mode, Request};
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::schema::{self, Origin, Row, Value};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A row on its way to its key's bucket.
#[derive(Serialize, Deserialize)]
pub(super) enum Incoming {
    /// From an extract.
    Row {
        /// Number of its table in `schema::TABLES`.
        table: u8,
        /// Its values.
        values: Box<[Value]>,
        /// Its place.
        origin: Origin,
    },
    /// Stored: current, or the application that vanished last.
    Known {
        /// Number of its table.
        table: u8,
        /// Its load.
        load_id: i32,
        /// Its values.
        values: Box<[Value]>,
        /// Whether it vanished.
        gone: bool,
    },
}

/// What was seen of the rows while they were read.
#[derive(Default)]
pub(super) struct Seen {
    /// Tables with rows, by number.
    pub tables: HashSet<u8>,
    /// Tables and companies that a full extract of this load speaks of.
    pub full: HashSet<(u8, Text)>,
    /// Rows of extracts.
    pub rows: u64,
}

impl Seen {
    /// Takes note of a row and packs it; its hash is given too.
    pub fn note(&mut self, request: &Request, row: Row) -> (u64, Incoming) {
        let shape = shape(row.table);
        self.tables.insert(shape.number);
        self.rows += 1;
        if request.scopes[row.origin.source as usize].mode == Mode::Full
            && let Some(company) = shape.company(&row.values)
        {
            let key = (shape.number, Text::from(company));
            if !self.full.contains(&key) {
                self.full.insert(key);
            }
        }
        (shape.hash(&row.values), Incoming::Row { table: shape.number, values: row.values, origin: row.origin })
    }

    /// A full extract speaks of every company it names anywhere: documents or applications of which it has no row left have vanished.
    pub fn close(&mut self, request: &Request) -> Result<()> {
        let full: Vec<_> = request.scopes.iter().filter(|s| s.mode == Mode::Full).collect();
        if !full.is_empty() && self.rows == 0 {
            return Err(
                Error::data("the full extract has no row at all, and so names no company it could speak of").hint("check the export")
            );
        }
        let companies: Vec<Text> = self.full.iter().map(|(_, company)| company.clone()).collect();
        for name in ["documents", "applications"] {
            if let Some(table) = schema::table(name).filter(|_| full.iter().any(|s| s.fact.tables.iter().any(|t| t == name))) {
                let number = shape(table).number;
                self.tables.insert(number);
                self.full.extend(companies.iter().map(|company| (number, company.clone())));
            }
        }
        Ok(())
    }

    /// Whether a full extract speaks of a table of a company.
    pub fn is_full(&self, shape: &Shape, company: &str) -> bool {
        !self.full.is_empty() && self.full.contains(&(shape.number, Text::from(company)))
    }
}
