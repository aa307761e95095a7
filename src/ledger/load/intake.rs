//! Rows against the known rows of their key: new, changed, unchanged, duplicate or vanished; defaults filled, rules checked.

use super::complete::{amount_of, placed, reject_of, shown};
use super::exchange::{Documents, Staged};
use super::outcome::{Fate, Reports, Totals};
use super::reference::{Reference, company_of};
use super::stage::{Stage, hash_of};
use super::stored::{each_row, key_of};
use super::{Mode, Progress, Request};
use crate::domain::finding::Finding;
use crate::error::{Error, Result};
use crate::ledger::facts::{Application, Document};
use crate::ledger::posting::Version;
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use crate::schema::{self, Origin, Table, Value, batch::BatchBuilder, system};
use arrow::array::{Int32Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

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
    /// Stored and current.
    Known {
        /// Number of its table.
        table: u8,
        /// Its load.
        load_id: i32,
        /// Its values.
        values: Box<[Value]>,
    },
}

/// Number of a table in loading order.
pub(super) fn table_number(table: &Table) -> u8 {
    schema::TABLES.iter().position(|t| t.name == table.name).expect("a canonical table") as u8
}

/// What decides the bucket: the identity without its version day for customers, the key otherwise.
fn identity(table: &'static Table, values: &[Value]) -> String {
    if table.name == "customers" {
        return format!("{}\u{1f}{}", values[0], values[1]);
    }
    if table.name == "documents" {
        let at = table.position("instalment").expect("documents have instalments");
        let instalment = values[at].int().unwrap_or(1);
        return format!("{}\u{1f}{}\u{1f}{instalment}", values[0], values[1]);
    }
    key_of(table, values)
}

/// Hash of a row's table and identity.
pub(super) fn bucket_hash(table: &'static Table, values: &[Value]) -> u64 {
    hash_of(&(table.name, identity(table, values)))
}

/// Hash of a document, for buckets and affected sets.
pub(super) fn document_hash(company: &str, document: &str) -> u64 {
    hash_of(&(company, document))
}

/// Hash of an application as one load stored it.
pub(super) fn application_hash(application: &Application, load_id: i32) -> u64 {
    hash_of(&(&application.company_id, &application.application_id, load_id))
}

/// What the first stage found.
#[derive(Default)]
pub(super) struct Taken {
    /// Documents whose history changed.
    pub touched: HashSet<u64>,
    /// Documents asked for only to name the currency of an unchanged application.
    pub mentioned: HashSet<u64>,
    /// Stored applications that no longer count as they stand, by hash of key and load.
    pub replaced_applications: HashSet<u64>,
    /// Canonical rows stored.
    pub canonical_rows: u64,
    /// Canonical rows replaced.
    pub superseded_rows: u64,
    /// First posting day of documents per company.
    pub first_days: BTreeMap<String, NaiveDate>,
}

/// The first stage and what it works with.
pub(super) struct Intake<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub snapshot: &'a Snapshot,
    pub writer: &'a mut Writer,
    pub totals: &'a mut Totals,
    pub reports: &'a mut Reports,
    pub documents: &'a mut Documents,
}

#[derive(Default)]
struct Group {
    rows: Vec<(Box<[Value]>, Origin)>,
    known: Vec<(i32, Box<[Value]>)>,
}

struct Replaced {
    table: &'static str,
    key: String,
    load_id: i32,
    reason: &'static str,
}

/// Rows and amounts of a table and company that a full extract covers, known and gone.
#[derive(Default)]
struct Vanishing {
    known: (u64, i128),
    gone: (u64, i128),
}

impl Intake<'_> {
    /// Goes through the buckets.
    pub fn run(mut self, mut rows: Stage<Incoming>, progress: Progress<'_>) -> Result<Taken> {
        let full = self.full_scopes(&mut rows)?;
        self.stage_known(&mut rows, &full)?;
        let mut taken = Taken::default();
        let mut builders: BTreeMap<u8, BatchBuilder> = BTreeMap::new();
        let mut replaced = Vec::new();
        let mut vanishing: BTreeMap<(&'static str, String), Vanishing> = BTreeMap::new();
        let buckets = rows.buckets();
        for bucket in 0..buckets {
            progress("keys", bucket as u64, buckets as u64);
            let mut groups: BTreeMap<(u8, String), Group> = BTreeMap::new();
            for incoming in rows.read(bucket)? {
                match incoming {
                    Incoming::Row { table, values, origin } => {
                        let id = identity(schema::TABLES[table as usize], &values);
                        groups.entry((table, id)).or_default().rows.push((values, origin));
                    }
                    Incoming::Known { table, load_id, values } => {
                        let id = identity(schema::TABLES[table as usize], &values);
                        groups.entry((table, id)).or_default().known.push((load_id, values));
                    }
                }
            }
            rows.discard(bucket);
            for ((number, _), mut group) in groups {
                let table = schema::TABLES[number as usize];
                group.known.sort_by_key(|k| k.0);
                // Rows of one key in the order of their sources: which of two conflicting rows counts does not depend on buckets.
                group.rows.sort_by_key(|r| (r.1.source, r.1.line));
                let accepted = self.accept(table, group, &full, &mut taken, &mut replaced, &mut vanishing)?;
                for values in accepted {
                    let builder = builders.entry(number).or_insert_with(|| BatchBuilder::new(table));
                    builder.push(self.writer.load_id(), &values)?;
                    taken.canonical_rows += 1;
                    if builder.len() >= 32_768 {
                        let batch = builder.finish()?;
                        self.writer.append(table.name, &batch)?;
                    }
                }
            }
        }
        for (number, mut builder) in builders {
            let batch = builder.finish()?;
            self.writer.append(schema::TABLES[number as usize].name, &batch)?;
        }
        self.check_vanishing(&vanishing)?;
        taken.superseded_rows = replaced.len() as u64;
        self.write_superseded(&replaced)?;
        progress("keys", buckets as u64, buckets as u64);
        Ok(taken)
    }

    /// Tables and companies that a full extract of this load speaks of.
    fn full_scopes(&self, rows: &mut Stage<Incoming>) -> Result<HashSet<(u8, String)>> {
        let mut full = HashSet::new();
        if self.request.scopes.iter().all(|s| s.mode != Mode::Full) {
            return Ok(full);
        }
        for bucket in 0..rows.buckets() {
            for incoming in rows.read(bucket)? {
                if let Incoming::Row { table, values, origin } = incoming
                    && self.request.scopes[origin.source as usize].mode == Mode::Full
                    && let Some(company) = company_of(schema::TABLES[table as usize], &values)
                {
                    full.insert((table, company.to_string()));
                }
            }
        }
        Ok(full)
    }

    /// Brings stored rows to the buckets of the incoming ones: those of the same identity, and all of a full scope.
    fn stage_known(&self, rows: &mut Stage<Incoming>, full: &HashSet<(u8, String)>) -> Result<()> {
        let mut wanted: HashSet<u64> = HashSet::new();
        let mut tables: HashSet<u8> = HashSet::new();
        let nothing_stored = self.snapshot.load_id == 0;
        if nothing_stored {
            return Ok(());
        }
        for bucket in 0..rows.buckets() {
            for incoming in rows.read(bucket)? {
                if let Incoming::Row { table, values, .. } = incoming {
                    tables.insert(table);
                    wanted.insert(bucket_hash(schema::TABLES[table as usize], &values));
                }
            }
        }
        for number in tables {
            let canonical = schema::TABLES[number as usize];
            each_row(self.snapshot, &self.reference.superseded, canonical, |stored| {
                let in_scope = || company_of(canonical, &stored.values).is_some_and(|c| full.contains(&(number, c.to_string())));
                let hash = bucket_hash(canonical, &stored.values);
                if stored.superseded.is_none() && (wanted.contains(&hash) || in_scope()) {
                    rows.write(hash, &Incoming::Known { table: number, load_id: stored.load_id, values: stored.values })?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Decides on the rows of one identity; returns what is to be stored.
    fn accept(
        &mut self,
        table: &'static Table,
        group: Group,
        full: &HashSet<(u8, String)>,
        taken: &mut Taken,
        replaced: &mut Vec<Replaced>,
        vanishing: &mut BTreeMap<(&'static str, String), Vanishing>,
    ) -> Result<Vec<Box<[Value]>>> {
        let mut stored = Vec::new();
        let mut seen: BTreeMap<String, Box<[Value]>> = BTreeMap::new();
        let mut known = group.known;
        let was_incoming = !group.rows.is_empty();
        let is_alone = group.rows.len() == 1;
        if let Some((number, company)) = known.first().and_then(|k| Some((table_number(table), company_of(table, &k.1)?)))
            && full.contains(&(number, company.to_string()))
        {
            let counted = vanishing.entry((table.name, company.to_string())).or_default();
            let amount = amount_of(table, &known[0].1).map_or(0, |a| i128::from(a.hundredths()).abs());
            counted.known = (counted.known.0 + 1, counted.known.1 + amount);
            if !was_incoming && self.in_window(table, &known[0].1) {
                counted.gone = (counted.gone.0 + 1, counted.gone.1 + amount);
            }
        }
        for (mut values, origin) in group.rows {
            let current = if table.name == "customers" {
                self.date_customer(table, &mut values, &known);
                known.iter().rev().find(|k| same_version(table, &k.1, &values))
            } else {
                known.last()
            };
            let current = current.map(|(load, v)| (*load, v.clone()));
            if let Some(reject) = self.complete(table, &mut values, current.as_ref().map(|c| &*c.1), origin)? {
                self.totals.rejected(table.name, reject.company_id.as_deref(), reject.currency.as_deref(), reject.amount);
                self.reports.reject(self.writer, reject)?;
                continue;
            }
            let key = key_of(table, &values);
            if let Some(first) = seen.get(&key) {
                if *first == values {
                    self.count(table, &values, Fate::Unchanged, taken)?;
                    let finding = Finding::new("duplicate_row", table.name, "the same row stands twice in the extracts of this load");
                    self.reports.finding(self.writer, placed(finding, table, &values, &self.request.scopes, origin))?;
                } else {
                    let reason = "the key stands twice with different content; the first row counts".to_string();
                    let reject =
                        reject_of(table, &values, origin, "duplicate_key", reason, Some(shown(&key)), table.key[table.key.len() - 1]);
                    self.totals.rejected(table.name, reject.company_id.as_deref(), reject.currency.as_deref(), reject.amount);
                    self.reports.reject(self.writer, reject)?;
                }
                continue;
            }
            if !is_alone {
                seen.insert(key.clone(), values.clone());
            }
            let is_snapshot = self.request.scopes[origin.source as usize].mode == Mode::Snapshot && table.name == "documents";
            let company = company_of(table, &values).unwrap_or_default();
            let is_older = self.reference.last_day(table.name, company).is_some_and(|last| self.request.day < last);
            let unchanged = match &current {
                None => false,
                Some((_, now)) => key_of(table, now) == key && (is_older || is_same(table, now, &values, is_snapshot)),
            };
            if unchanged {
                self.count(table, &values, Fate::Unchanged, taken)?;
                if is_snapshot {
                    self.stage_target(table, &values, taken)?;
                }
                continue;
            }
            if is_snapshot && let Some((_, now)) = &current {
                // What shrank between two snapshots was settled; only who owes it, and when, can have changed.
                let amount = table.position("amount").expect("documents have an amount");
                self.stage_target(table, &values, taken)?;
                for column in ["amount", "company_amount", "tax_amount", "withheld_amount"] {
                    let at = table.position(column).expect("a column of documents");
                    values[at] = now[at].clone();
                }
                debug_assert!(!values[amount].is_null());
            } else if is_snapshot {
                self.stage_target(table, &values, taken)?;
            }
            if let Some((load_id, now)) = &current
                && key_of(table, now) == key
            {
                let reason = self.take_back(table, *load_id, now, &values, taken)?;
                replaced.push(Replaced { table: table.name, key: key.clone(), load_id: *load_id, reason });
            }
            self.route(table, &values, taken)?;
            self.count(table, &values, Fate::Loaded, taken)?;
            if !is_alone {
                known.push((self.writer.load_id(), values.clone()));
            }
            stored.push(values);
        }
        if !was_incoming && let Some((load_id, values)) = known.last() {
            let company = company_of(table, values).unwrap_or_default().to_string();
            if full.contains(&(table_number(table), company)) && self.in_window(table, values) {
                replaced.push(Replaced { table: table.name, key: key_of(table, values), load_id: *load_id, reason: "vanished" });
                let finding = Finding::new("vanished", table.name, "a full extract no longer has this row");
                let finding = finding.of(company_of(table, values).unwrap_or_default(), shown(&key_of(table, values)));
                self.reports.finding(self.writer, finding)?;
                self.route_vanished(table, *load_id, values, taken)?;
            }
        }
        Ok(stored)
    }

    fn in_window(&self, table: &Table, values: &[Value]) -> bool {
        let from = self.request.scopes.iter().filter(|s| s.mode == Mode::Full).map(|s| s.window_from).min().flatten();
        let day = table.position("posting_date").and_then(|i| values[i].date());
        match (from, day) {
            (Some(from), Some(day)) => day >= from,
            _ => true,
        }
    }

    /// Sends a stored document or application to the documents it concerns.
    fn route(&mut self, table: &'static Table, values: &[Value], taken: &mut Taken) -> Result<()> {
        let load_id = self.writer.load_id();
        match table.name {
            "documents" => {
                let document = Document::from_values(values).ok_or_else(|| Error::internal("an incomplete document passed intake"))?;
                let first = taken.first_days.entry(document.company_id.clone()).or_insert(document.posting_date);
                *first = (*first).min(document.posting_date);
                let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
                taken.touched.insert(hash);
                let version = Version { load_id, day: self.request.day, document, vanished: false };
                self.documents.write(hash, &Staged::Version(Box::new(version)))
            }
            "applications" => {
                let application =
                    Application::from_values(values).ok_or_else(|| Error::internal("an incomplete application passed intake"))?;
                for document in [Some(&application.to), application.from.as_ref()].into_iter().flatten() {
                    taken.touched.insert(document_hash(&application.company_id, document));
                }
                self.documents.write_application(load_id, application, None)
            }
            _ => Ok(()),
        }
    }

    /// Tells the documents that a changed row used to concern; returns the reason of its replacement.
    fn take_back(&mut self, table: &'static Table, load_id: i32, old: &[Value], new: &[Value], taken: &mut Taken) -> Result<&'static str> {
        match table.name {
            "documents" => {
                let at = table.position("reverses_document_id").expect("documents can reverse");
                if old[at] == new[at] {
                    return Ok("changed");
                }
                self.route_vanished(table, load_id, old, taken)?;
                Ok("moved")
            }
            "applications" => {
                let Some(application) = Application::from_values(old) else { return Ok("changed") };
                taken.replaced_applications.insert(application_hash(&application, load_id));
                for document in [Some(&application.to), application.from.as_ref()].into_iter().flatten() {
                    taken.touched.insert(document_hash(&application.company_id, document));
                }
                Ok("changed")
            }
            _ => Ok("changed"),
        }
    }

    fn route_vanished(&mut self, table: &'static Table, load_id: i32, values: &[Value], taken: &mut Taken) -> Result<()> {
        match table.name {
            "documents" => {
                let Some(document) = Document::from_values(values) else { return Ok(()) };
                let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
                taken.touched.insert(hash);
                let version = Version { load_id: self.writer.load_id(), day: self.request.day, document, vanished: true };
                self.documents.write(hash, &Staged::Version(Box::new(version)))
            }
            "applications" => {
                let Some(application) = Application::from_values(values) else { return Ok(()) };
                for document in [Some(&application.to), application.from.as_ref()].into_iter().flatten() {
                    taken.touched.insert(document_hash(&application.company_id, document));
                }
                taken.replaced_applications.insert(application_hash(&application, load_id));
                self.documents.write_application(load_id, application, Some(self.request.day))
            }
            _ => Ok(()),
        }
    }

    /// An open-item snapshot says what an item should come to.
    fn stage_target(&mut self, table: &'static Table, values: &[Value], taken: &mut Taken) -> Result<()> {
        let document = Document::from_values(values).ok_or_else(|| Error::internal("an incomplete document passed intake"))?;
        let hash = document_hash(&document.company_id, &document.document_id);
        taken.touched.insert(hash);
        debug_assert_eq!(table.name, "documents");
        self.documents.note_snapshot_company(&document.company_id);
        self.documents.write(
            hash,
            &Staged::Target {
                company_id: document.company_id,
                document_id: document.document_id,
                instalment: document.instalment,
                open: document.amount,
            },
        )
    }

    /// Counts a row. Applications are counted once the currency of their document is known.
    fn count(&mut self, table: &'static Table, values: &[Value], fate: Fate, taken: &mut Taken) -> Result<()> {
        if table.name != "applications" {
            let text = |name: &str| table.position(name).and_then(|i| values[i].text());
            self.totals.count(table.name, text("company_id"), text("currency"), amount_of(table, values), fate);
            return Ok(());
        }
        let Some(application) = Application::from_values(values) else { return Ok(()) };
        let hash = document_hash(&application.company_id, &application.to);
        taken.mentioned.insert(hash);
        self.documents.write(
            hash,
            &Staged::Tally {
                company_id: application.company_id,
                document_id: application.to,
                application_id: application.application_id,
                amount: application.amount,
                is_unchanged: fate == Fate::Unchanged,
            },
        )
    }

    fn check_vanishing(&self, vanishing: &BTreeMap<(&'static str, String), Vanishing>) -> Result<()> {
        let limit = i128::from(self.request.vanish_limit_pct);
        for ((table, company), counted) in vanishing {
            let too_many = i128::from(counted.gone.0) * 100 > i128::from(counted.known.0) * limit;
            let too_much = counted.gone.1 * 100 > counted.known.1 * limit;
            if counted.gone.0 > 0 && (too_many || too_much) {
                return Err(Error::data(format!(
                    "the full extract of {table} of {company} lacks {} of {} known rows, more than the limit of {limit} %",
                    counted.gone.0, counted.known.0
                ))
                .hint("check that the extract is complete; if it is, raise load.vanish_limit_pct in cartera.toml for this load"));
            }
        }
        Ok(())
    }

    fn write_superseded(&mut self, replaced: &[Replaced]) -> Result<()> {
        let load_id = self.writer.load_id();
        for chunk in replaced.chunks(32_768) {
            let batch = RecordBatch::try_new(
                system::SUPERSEDED.schema(),
                vec![
                    Arc::new(Int32Array::from_iter_values(chunk.iter().map(|_| load_id))),
                    Arc::new(StringArray::from_iter_values(chunk.iter().map(|r| r.table))),
                    Arc::new(StringArray::from_iter_values(chunk.iter().map(|r| &r.key))),
                    Arc::new(Int32Array::from_iter_values(chunk.iter().map(|r| r.load_id))),
                    Arc::new(StringArray::from_iter_values(chunk.iter().map(|r| r.reason))),
                ],
            )
            .map_err(crate::ledger::movement::arrow_error)?;
            self.writer.append("superseded", &batch)?;
        }
        Ok(())
    }
}

/// Whether two rows of customers are of one version: the same first day.
pub(super) fn same_version(table: &Table, known: &[Value], new: &[Value]) -> bool {
    let at = table.position("valid_from").expect("customers have versions");
    known[at] == new[at]
}

/// Equality of what an extract can say; a day of effect alone changes nothing, and a snapshot says open amounts, not originals.
pub(super) fn is_same(table: &Table, known: &[Value], new: &[Value], is_snapshot: bool) -> bool {
    table.columns.iter().enumerate().all(|(i, column)| {
        column.name == "effective_date"
            || (is_snapshot && matches!(column.name, "amount" | "company_amount" | "tax_amount" | "withheld_amount"))
            || known[i] == new[i]
    })
}
