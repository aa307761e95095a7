//! Rows on their way to the bucket of their key, and what is noted of them while they are read.

use super::codec::{Coded, Rest, get_values, put_i32, put_u64, put_values};
use super::shape::{Shape, shape};
use super::stage::Pen;
use super::{Mode, Request};
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::extract::Hand;
use crate::schema::{self, Origin, Row, Value};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A row on its way to its key's bucket.
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

const ROW: u8 = 0;
const KNOWN: u8 = 1;

impl Coded for Incoming {
    fn put(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Incoming::Row { table, values, origin } => {
                out.extend_from_slice(&[ROW, *table]);
                put_u64(u64::from(origin.source), out);
                put_u64(origin.line, out);
                put_values(values, out);
            }
            Incoming::Known { table, load_id, values, gone } => {
                out.extend_from_slice(&[KNOWN, *table, u8::from(*gone)]);
                put_i32(*load_id, out);
                put_values(values, out);
            }
        }
        Ok(())
    }

    fn get(bytes: &[u8]) -> Result<Incoming> {
        let mut rest = Rest(bytes);
        let is_row = rest.byte()? == ROW;
        let table = rest.byte()?;
        let incoming = if is_row {
            let origin = Origin { source: rest.u64()? as u32, line: rest.u64()? };
            Incoming::Row { table, origin, values: get_values(&mut rest)? }
        } else {
            let (gone, load_id) = (rest.byte()? != 0, rest.i32()?);
            Incoming::Known { table, load_id, gone, values: get_values(&mut rest)? }
        };
        rest.end(incoming)
    }
}

/// What was seen of the rows while they were read.
pub(super) struct Seen {
    /// By source: whether its extract is full.
    is_full: Arc<[bool]>,
    /// Tables with rows, by number.
    pub tables: BTreeSet<u8>,
    /// Tables and companies that a full extract of this load speaks of.
    pub full: HashSet<(u8, Text)>,
    /// Rows of extracts.
    pub rows: u64,
}

impl Seen {
    /// Nothing yet.
    pub fn new(request: &Request) -> Seen {
        Seen::of(request.scopes.iter().map(|s| s.mode == Mode::Full).collect())
    }

    fn of(is_full: Arc<[bool]>) -> Seen {
        Seen { is_full, tables: BTreeSet::new(), full: HashSet::new(), rows: 0 }
    }

    /// Nothing yet, of the same sources.
    pub fn another(&self) -> Seen {
        Seen::of(self.is_full.clone())
    }

    /// Takes note of a row and packs it; its hash is given too.
    pub fn note(&mut self, row: Row) -> (u64, Incoming) {
        let shape = shape(row.table);
        self.tables.insert(shape.number);
        self.rows += 1;
        if self.is_full[row.origin.source as usize]
            && let Some(company) = shape.company(&row.values)
        {
            let key = (shape.number, Text::from(company));
            if !self.full.contains(&key) {
                self.full.insert(key);
            }
        }
        (shape.hash(&row.values), Incoming::Row { table: shape.number, values: row.values, origin: row.origin })
    }

    /// Takes in what a hand has seen.
    fn merge(&mut self, other: Seen) {
        self.tables.extend(other.tables);
        self.full.extend(other.full);
        self.rows += other.rows;
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

/// What the hands of a load have seen, once they are closed.
#[derive(Clone, Default)]
pub(super) struct SeenByHands(Arc<Mutex<Vec<Seen>>>);

impl SeenByHands {
    /// Brings it together.
    pub fn join(&self, seen: &mut Seen) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(|other| seen.merge(other));
    }
}

/// Takes rows of a load on another thread: what is staged is sorted later, so it does not matter who came first.
pub(super) struct LoadHand {
    pub seen: Seen,
    pub pen: Pen<Incoming>,
    pub all: SeenByHands,
}

impl Hand for LoadHand {
    fn row(&mut self, row: Row) -> Result<()> {
        let (hash, incoming) = self.seen.note(row);
        self.pen.write(hash, &incoming)
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.pen.close()?;
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).push(self.seen);
        Ok(())
    }
}
