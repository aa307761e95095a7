//! One bucket of rows against the known rows of their keys: what is new, changed, unchanged, duplicate or gone.
//!
//! Separate from [`super::intake`], which brings rows to buckets and puts together what the buckets say; filling and checking a single row
//! is [`super::complete`]'s.

use super::affected::Marks;
use super::complete::{placed, reject_of, shown};
use super::directory::Listed;
use super::documents::{DocumentsPen, Staged};
use super::incoming::{Incoming, Seen};
use super::outcome::{Fate, Totals};
use super::reference::Reference;
use super::shape::{Shape, application_hash, document_hash, numbered};
use super::stage::Bucket;
use super::{Mode, Request};
use crate::domain::finding::Finding;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::extract::Reject;
use crate::ledger::facts::{Application, DOCUMENT, Document};
use crate::ledger::posting::Version;
use crate::schema::{Origin, Table, Value, batch::BatchBuilder};
use arrow::array::RecordBatch;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashSet};

#[derive(Default)]
struct Group {
    rows: Vec<(Box<[Value]>, Origin)>,
    known: Vec<(i32, Box<[Value]>)>,
    /// Applications that vanished and have not come back.
    gone: Vec<(i32, Box<[Value]>)>,
}

/// What a row of an identity is held against.
#[derive(Default)]
struct Others {
    /// Whether it is the only incoming row.
    is_alone: bool,
    /// Rows of this load decided on before it.
    seen: Vec<Box<[Value]>>,
    known: Vec<(i32, Box<[Value]>)>,
    gone: Vec<(i32, Box<[Value]>)>,
}

/// What the first stage found.
#[derive(Default)]
pub(super) struct Taken {
    /// Documents whose history changed.
    pub touched: Marks,
    /// Documents asked for only to name the currency of an unchanged application.
    pub mentioned: Marks,
    /// Stored applications that no longer count as they stand, by hash of key and load.
    pub replaced_applications: HashSet<u64>,
    /// Canonical rows stored.
    pub canonical_rows: u64,
    /// Canonical rows replaced.
    pub superseded_rows: u64,
    /// First posting day of documents per company.
    pub first_days: BTreeMap<Text, NaiveDate>,
}

/// A stored row that no longer counts as it stands.
pub(super) struct Replaced {
    pub table: &'static str,
    pub key: String,
    pub load_id: i32,
    pub reason: &'static str,
}

/// Rows and amounts of a table and company that a full extract covers, known and gone.
#[derive(Default)]
pub(super) struct Vanishing {
    pub known: (u64, i128),
    pub gone: (u64, i128),
}

/// What came out of one bucket.
#[derive(Default)]
pub(super) struct Sorted {
    pub taken: Taken,
    pub totals: Totals,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub replaced: Vec<Replaced>,
    pub vanishing: BTreeMap<(&'static str, Text), Vanishing>,
    pub batches: Vec<(&'static str, RecordBatch)>,
    pub unknown_customers: BTreeSet<(Text, Text)>,
    /// What the other sides of applications ask, where nothing was stored before.
    pub listed: Listed,
}

/// One bucket at work.
pub(super) struct Sorting<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub seen: &'a Seen,
    pub load_id: i32,
    /// Whether nothing was stored before: then nothing need be marked.
    pub is_first: bool,
    pub pen: &'a mut DocumentsPen,
    pub out: Sorted,
}

impl Sorting<'_> {
    /// Works through a bucket, one identity after the other.
    pub fn bucket(&mut self, rows: &Bucket<Incoming>) -> Result<()> {
        let mut builders: BTreeMap<u8, BatchBuilder> = BTreeMap::new();
        let load_id = self.load_id;
        let mut store = |shape: &'static Shape, values: &[Value]| {
            builders.entry(shape.number).or_insert_with(|| BatchBuilder::new(shape.table)).push(load_id, values)
        };
        for entries in rows.groups() {
            let mut incoming = entries.iter().map(|entry| rows.value(*entry));
            let first = match (incoming.next().transpose()?, entries.len()) {
                // Most rows are new, and the only ones of their key.
                (Some(Incoming::Row { table, values, origin }), 1) => {
                    let shape = numbered(table);
                    if let Some(values) = self.take(shape, values, origin, &mut Others { is_alone: true, ..Others::default() })? {
                        store(shape, &values)?;
                        self.out.taken.canonical_rows += 1;
                    }
                    continue;
                }
                (first, _) => first,
            };
            for (shape, mut group) in groups(first.map(Ok).into_iter().chain(incoming))? {
                group.known.sort_by_key(|k| k.0);
                // Rows of one key in the order of their sources: which of two conflicting rows counts does not depend on buckets.
                group.rows.sort_by_key(|r| (r.1.source, r.1.line));
                for values in self.accept(shape, group)? {
                    store(shape, &values)?;
                    self.out.taken.canonical_rows += 1;
                }
            }
        }
        for (number, mut builder) in builders {
            self.out.batches.push((numbered(number).table.name, builder.finish()?));
        }
        Ok(())
    }

    /// Decides on the rows of one identity; returns what is to be stored.
    fn accept(&mut self, shape: &'static Shape, group: Group) -> Result<Vec<Box<[Value]>>> {
        let table = shape.table;
        let Group { rows, known, gone } = group;
        let mut stored = Vec::with_capacity(rows.len());
        let was_incoming = !rows.is_empty();
        if let Some(company) = known.first().and_then(|k| shape.company(&k.1))
            && self.seen.is_full(shape, company)
        {
            let gone = !was_incoming && self.in_window(shape, &known[0].1);
            let counted = self.out.vanishing.entry((table.name, company.into())).or_default();
            let amount = shape.amount(&known[0].1).map_or(0, |a| i128::from(a.hundredths()).abs());
            counted.known = (counted.known.0 + 1, counted.known.1 + amount);
            if gone {
                counted.gone = (counted.gone.0 + 1, counted.gone.1 + amount);
            }
        }
        let mut others = Others { is_alone: rows.len() == 1, known, gone, seen: Vec::new() };
        for (values, origin) in rows {
            stored.extend(self.take(shape, values, origin, &mut others)?);
        }
        if !was_incoming && let Some((load_id, values)) = others.known.last() {
            let company = shape.company(values).unwrap_or_default();
            if self.seen.is_full(shape, company) && self.in_window(shape, values) {
                let key = shape.key(values);
                let finding = Finding::new("vanished", table.name, "a full extract no longer has this row").of(company, shown(&key));
                self.out.findings.push(finding);
                self.out.replaced.push(Replaced { table: table.name, key, load_id: *load_id, reason: "vanished" });
                self.route_vanished(table, *load_id, values)?;
            }
        }
        Ok(stored)
    }

    /// Decides on one row; returns it if it is to be stored.
    fn take(
        &mut self,
        shape: &'static Shape,
        mut values: Box<[Value]>,
        origin: Origin,
        others: &mut Others,
    ) -> Result<Option<Box<[Value]>>> {
        let (table, request) = (shape.table, self.request);
        let current = if table.name == "customers" {
            self.date_customer(table, &mut values, &others.known);
            others.known.iter().rev().find(|k| same_version(table, &k.1, &values))
        } else {
            others.known.last()
        };
        let current = current.map(|(load, v)| (*load, v.clone()));
        if let Some(reject) = self.complete(shape, &mut values, current.as_ref().map(|c| &*c.1), origin)? {
            self.reject(reject);
            return Ok(None);
        }
        if let Some(first) = others.seen.iter().find(|first| shape.same_key(first, &values)) {
            if *first == values {
                self.count(shape, &values, Fate::Unchanged)?;
                let finding = Finding::new("duplicate_row", table.name, "the same row stands twice in the extracts of this load");
                self.out.findings.push(placed(finding, shape, &values, &request.scopes, origin));
            } else {
                let reason = "the key stands twice with different content; the first row counts".to_string();
                let key = shown(&shape.key(&values));
                self.reject(reject_of(shape, &values, origin, "duplicate_key", reason, Some(key), table.key[table.key.len() - 1]));
            }
            return Ok(None);
        }
        if !others.is_alone {
            others.seen.push(values.clone());
        }
        let is_snapshot = request.scopes[origin.source as usize].mode == Mode::Snapshot && table.name == "documents";
        let company = shape.company(&values).unwrap_or_default();
        let is_older = self.reference.last_day(table.name, company).is_some_and(|last| request.day < last);
        let known_key = current.as_ref().filter(|(_, now)| shape.same_key(now, &values));
        let same = known_key.is_some_and(|(_, now)| is_same(table, now, &values, is_snapshot));
        if is_older && known_key.is_some() && !same {
            let finding =
                Finding::new("older_extract", table.name, "an extract of an earlier day says something else; the later one counts");
            self.finding(finding, shape, &values, origin);
        }
        if same || (is_older && known_key.is_some()) {
            self.count(shape, &values, Fate::Unchanged)?;
            if is_snapshot {
                self.stage_target(table, &values)?;
            }
            return Ok(None);
        }
        if table.name == "documents" {
            self.doubt(shape, &values, origin);
        }
        if is_snapshot {
            self.stage_target(table, &values)?;
            if let Some((_, now)) = &current {
                // What shrank between two snapshots was settled; only who owes it, and when, can have changed.
                for column in ["amount", "company_amount", "tax_amount", "withheld_amount"] {
                    let at = table.position(column).expect("a column of documents");
                    values[at] = now[at].clone();
                }
            }
        }
        if let Some((load_id, now)) = &current
            && shape.same_key(now, &values)
        {
            let reason = self.take_back(table, *load_id, now, &values)?;
            self.out.replaced.push(Replaced { table: table.name, key: shape.key(&values), load_id: *load_id, reason });
        }
        for (load_id, old) in others.gone.drain(..) {
            self.come_back(shape, load_id, &old);
        }
        self.route(table, &values)?;
        self.count(shape, &values, Fate::Loaded)?;
        if !others.is_alone {
            others.known.push((self.load_id, values.clone()));
        }
        Ok(Some(values))
    }

    /// What a new or changed document lets one doubt.
    fn doubt(&mut self, shape: &'static Shape, values: &[Value], origin: Origin) {
        let (company, customer) = (shape.company(values), values[DOCUMENT.customer_id].text());
        if let (Some(company), Some(customer)) = (company, customer)
            && self.reference.lacks_customer(company, customer)
        {
            self.out.unknown_customers.insert((company.into(), customer.into()));
        }
        let day = self.request.day;
        if let Some(posted) = shape.posting_date(values).filter(|posted| *posted > day) {
            let message = format!("posted on {posted}, after {day}, the day of its extract");
            self.finding(Finding::new("future_posting", shape.table.name, message), shape, values, origin);
        }
    }

    /// Whether a full extract covers a row's day.
    fn in_window(&self, shape: &Shape, values: &[Value]) -> bool {
        let from = self.request.scopes.iter().filter(|s| s.mode == Mode::Full).map(|s| s.window_from).min().flatten();
        match (from, shape.posting_date(values)) {
            (Some(from), Some(day)) => day >= from,
            _ => true,
        }
    }

    fn reject(&mut self, reject: Reject) {
        self.out.totals.rejected(reject.table, reject.company_id.as_deref(), reject.currency.as_deref(), reject.amount);
        self.out.rejects.push(reject);
    }

    /// A finding about a row of an extract.
    pub(super) fn finding(&mut self, finding: Finding, shape: &'static Shape, values: &[Value], origin: Origin) {
        self.out.findings.push(placed(finding, shape, values, &self.request.scopes, origin));
    }

    fn touch(&mut self, hash: u64) {
        if !self.is_first {
            self.out.taken.touched.insert(hash);
        }
    }

    fn touch_documents(&mut self, application: &Application) {
        if self.is_first {
            return;
        }
        for document in [Some(&application.to), application.from.as_ref()].into_iter().flatten() {
            self.touch(document_hash(&application.company_id, document));
        }
    }

    /// Sends a stored document or application to the documents it concerns.
    fn route(&mut self, table: &'static Table, values: &[Value]) -> Result<()> {
        let (load_id, day) = (self.load_id, self.request.day);
        match table.name {
            "documents" => {
                let document = Document::from_values(values).ok_or_else(|| Error::internal("an incomplete document passed intake"))?;
                let posted = document.posting_date;
                match self.out.taken.first_days.get_mut(&document.company_id) {
                    Some(first) => *first = (*first).min(posted),
                    None => {
                        self.out.taken.first_days.insert(document.company_id.clone(), posted);
                    }
                }
                let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
                self.touch(hash);
                if self.is_first {
                    self.out.listed.document(hash, &document);
                }
                self.pen.write(hash, &Staged::Version(Version { load_id, day, document, vanished: false }))
            }
            "applications" => {
                let application =
                    Application::from_values(values).ok_or_else(|| Error::internal("an incomplete application passed intake"))?;
                self.touch_documents(&application);
                if self.is_first {
                    self.out.listed.application(&application);
                }
                self.pen.write_application(load_id, application, None)
            }
            _ => Ok(()),
        }
    }

    /// Tells the documents that a changed row used to concern; returns the reason of its replacement.
    fn take_back(&mut self, table: &'static Table, load_id: i32, old: &[Value], new: &[Value]) -> Result<&'static str> {
        match table.name {
            "documents" => {
                let at = table.position("reverses_document_id").expect("documents can reverse");
                if old[at] == new[at] {
                    return Ok("changed");
                }
                self.route_vanished(table, load_id, old)?;
                Ok("moved")
            }
            "applications" => {
                let Some(application) = Application::from_values(old) else { return Ok("changed") };
                self.out.taken.replaced_applications.insert(application_hash(&application, load_id));
                self.touch_documents(&application);
                Ok("changed")
            }
            _ => Ok("changed"),
        }
    }

    /// A vanished application is there again, perhaps between other documents: what it said before no longer counts.
    fn come_back(&mut self, shape: &'static Shape, load_id: i32, old: &[Value]) {
        let Some(application) = Application::from_values(old) else { return };
        self.out.taken.replaced_applications.insert(application_hash(&application, load_id));
        self.touch_documents(&application);
        self.out.replaced.push(Replaced { table: shape.table.name, key: shape.key(old), load_id, reason: "returned" });
    }

    fn route_vanished(&mut self, table: &'static Table, load_id: i32, values: &[Value]) -> Result<()> {
        match table.name {
            "documents" => {
                let Some(document) = Document::from_values(values) else { return Ok(()) };
                let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
                self.touch(hash);
                let version = Version { load_id: self.load_id, day: self.request.day, document, vanished: true };
                self.pen.write(hash, &Staged::Version(version))
            }
            "applications" => {
                let Some(application) = Application::from_values(values) else { return Ok(()) };
                self.touch_documents(&application);
                self.out.taken.replaced_applications.insert(application_hash(&application, load_id));
                self.pen.write_gone(&application)?;
                self.pen.write_application(load_id, application, Some(self.request.day))
            }
            _ => Ok(()),
        }
    }

    /// An open-item snapshot says what an item should come to.
    fn stage_target(&mut self, table: &'static Table, values: &[Value]) -> Result<()> {
        let document = Document::from_values(values).ok_or_else(|| Error::internal("an incomplete document passed intake"))?;
        let hash = document_hash(&document.company_id, &document.document_id);
        self.touch(hash);
        debug_assert_eq!(table.name, "documents");
        self.pen.note_snapshot_company(&document.company_id);
        self.pen.write(
            hash,
            &Staged::Target {
                company_id: document.company_id,
                document_id: document.document_id,
                instalment: document.instalment,
                open: document.amount,
            },
        )
    }

    /// Counts a row. Applications are counted once the currency of their document is known, those that are stored with their document.
    fn count(&mut self, shape: &Shape, values: &[Value], fate: Fate) -> Result<()> {
        if shape.table.name != "applications" {
            self.out.totals.count(shape.table.name, shape.company(values), shape.currency(values), shape.amount(values), fate);
            return Ok(());
        }
        if fate != Fate::Unchanged {
            return Ok(());
        }
        let Some(application) = Application::from_values(values) else { return Ok(()) };
        let hash = document_hash(&application.company_id, &application.to);
        if !self.is_first {
            self.out.taken.mentioned.insert(hash);
        }
        let Application { company_id, to, amount, .. } = application;
        self.pen.write(hash, &Staged::Unchanged { company_id, document_id: to, amount })
    }
}

impl Taken {
    /// Takes in what another bucket found.
    pub fn merge(&mut self, other: Taken) {
        self.touched.merge(other.touched);
        self.mentioned.merge(other.mentioned);
        self.replaced_applications.extend(other.replaced_applications);
        self.canonical_rows += other.canonical_rows;
        for (company, day) in other.first_days {
            let first = self.first_days.entry(company).or_insert(day);
            *first = (*first).min(day);
        }
    }
}

/// The rows of one hash by identity; more than one only where hashes collide.
fn groups(rows: impl Iterator<Item = Result<Incoming>>) -> Result<Vec<(&'static Shape, Group)>> {
    let mut groups: Vec<(&'static Shape, Group)> = Vec::with_capacity(1);
    for incoming in rows {
        let incoming = incoming?;
        let (Incoming::Row { table, values, .. } | Incoming::Known { table, values, .. }) = &incoming;
        let shape = numbered(*table);
        let same = |(of, group): &(&'static Shape, Group)| {
            let first = group.rows.first().map(|r| &r.0).or_else(|| group.known.iter().chain(&group.gone).next().map(|k| &k.1));
            of.number == *table && first.is_some_and(|first| shape.same_identity(first, values))
        };
        let at = groups.iter().position(same).unwrap_or_else(|| {
            groups.push((shape, Group::default()));
            groups.len() - 1
        });
        match incoming {
            Incoming::Row { values, origin, .. } => groups[at].1.rows.push((values, origin)),
            Incoming::Known { load_id, values, gone: true, .. } => groups[at].1.gone.push((load_id, values)),
            Incoming::Known { load_id, values, .. } => groups[at].1.known.push((load_id, values)),
        }
    }
    Ok(groups)
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
