//! Rows against the known rows of their key: new, changed, unchanged, duplicate or vanished; defaults filled, rules checked.
//!
//! Buckets are worked on by several threads, each bucket by one of them ([`Sorting`]); what they find is put together in the order of the
//! buckets, so that a load does not depend on which thread was faster.

use super::affected::{Marks, is_first};
use super::complete::{placed, reject_of, shown};
use super::exchange::{Documents, DocumentsPen, Staged};
use super::outcome::{Fate, Reports, Totals};
use super::reference::Reference;
use super::shape::{Shape, numbered, shape};
use super::stage::{Bucket, Entry, Stage, hash_of};
use super::stored::{Wanted, each_row};
use super::threads::in_order;
use super::{Mode, Progress, Request};
use crate::domain::finding::Finding;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::extract::Reject;
use crate::ledger::facts::{Application, DOCUMENT, Document};
use crate::ledger::posting::Version;
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use crate::schema::{self, Origin, Row, Table, Value, batch::BatchBuilder, system};
use arrow::array::{Int32Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// More incoming rows than this are not looked up one by one: all stored rows of their tables come to the buckets.
const LOOKED_UP: u64 = 4_000_000;

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
    tables: HashSet<u8>,
    /// Tables and companies that a full extract of this load speaks of.
    full: HashSet<(u8, Text)>,
    rows: u64,
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
            return Err(Error::data("the full extract has no row at all, and so names no company it could speak of")
                .hint("check the export; to take everything back, load the previous extract's rows as reversals"));
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

    fn is_full(&self, shape: &Shape, company: &str) -> bool {
        !self.full.is_empty() && self.full.contains(&(shape.number, Text::from(company)))
    }
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

/// The first stage and what it works with.
pub(super) struct Intake<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub snapshot: &'a Snapshot,
    pub seen: &'a Seen,
    pub documents: &'a Arc<Documents>,
    pub load_id: i32,
}

#[derive(Default)]
struct Group {
    rows: Vec<(Box<[Value]>, Origin)>,
    known: Vec<(i32, Box<[Value]>)>,
    /// Applications that vanished and have not come back.
    gone: Vec<(i32, Box<[Value]>)>,
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

/// What came out of one bucket.
#[derive(Default)]
struct Sorted {
    taken: Taken,
    totals: Totals,
    rejects: Vec<Reject>,
    findings: Vec<Finding>,
    replaced: Vec<Replaced>,
    vanishing: BTreeMap<(&'static str, Text), Vanishing>,
    batches: Vec<(&'static str, RecordBatch)>,
    unknown_customers: BTreeSet<(Text, Text)>,
}

/// One bucket at work.
pub(super) struct Sorting<'a> {
    pub(super) intake: &'a Intake<'a>,
    pen: &'a mut DocumentsPen,
    is_first: bool,
    out: Sorted,
}

impl Intake<'_> {
    /// Goes through the buckets.
    pub fn run(
        self,
        rows: &Arc<Stage<Incoming>>,
        writer: &mut Writer,
        totals: &mut Totals,
        reports: &mut Reports,
        progress: Progress<'_>,
    ) -> Result<Taken> {
        self.stage_known(rows)?;
        let mut taken = Taken::default();
        let mut vanishing: BTreeMap<(&'static str, Text), Vanishing> = BTreeMap::new();
        let mut unknown_customers: BTreeSet<(Text, Text)> = BTreeSet::new();
        let buckets = rows.buckets();
        let is_first = is_first(self.snapshot)?;
        in_order(
            buckets,
            || Ok(self.documents.pen()),
            |pen, bucket| {
                let mut sorting = Sorting { intake: &self, pen, is_first, out: Sorted::default() };
                sorting.bucket(&rows.read(bucket)?)?;
                rows.discard(bucket);
                Ok(sorting.out)
            },
            DocumentsPen::close,
            |bucket, sorted: Sorted| {
                progress("keys", bucket as u64, buckets as u64);
                sorted.rejects.into_iter().try_for_each(|r| reports.reject(writer, r))?;
                sorted.findings.into_iter().try_for_each(|f| reports.finding(writer, f))?;
                sorted.batches.iter().try_for_each(|(table, batch)| writer.append(table, batch))?;
                totals.merge(sorted.totals);
                for (key, counted) in sorted.vanishing {
                    let all = vanishing.entry(key).or_default();
                    all.known = (all.known.0 + counted.known.0, all.known.1 + counted.known.1);
                    all.gone = (all.gone.0 + counted.gone.0, all.gone.1 + counted.gone.1);
                }
                taken.superseded_rows += sorted.replaced.len() as u64;
                write_superseded(writer, &sorted.replaced)?;
                taken.merge(sorted.taken);
                unknown_customers.extend(sorted.unknown_customers);
                Ok(())
            },
        )?;
        for (company, customer) in unknown_customers {
            let finding =
                Finding::new("customer_unknown", "documents", format!("documents name customer {customer}, which is not in customers"));
            reports.finding(writer, finding.of(&company, customer.as_str()))?;
        }
        self.check_vanishing(&vanishing)?;
        progress("keys", buckets as u64, buckets as u64);
        Ok(taken)
    }

    /// Brings stored rows to the buckets of the incoming ones: those of the same identity, and all of a full scope.
    fn stage_known(&self, rows: &Arc<Stage<Incoming>>) -> Result<()> {
        if self.snapshot.load_id == 0 {
            return Ok(());
        }
        let mut wanted: HashSet<u64> = HashSet::new();
        let look_up = self.seen.rows <= LOOKED_UP;
        if look_up {
            for bucket in 0..rows.buckets() {
                wanted.extend(rows.hashes(bucket)?);
            }
        }
        let mut pen = rows.pen();
        let mut tables: Vec<u8> = self.seen.tables.iter().copied().collect();
        tables.sort();
        for number in tables {
            let shape = numbered(number);
            let full: Vec<&Text> = self.seen.full.iter().filter(|f| f.0 == number).map(|f| &f.1).collect();
            let pick = |batch: &RecordBatch| {
                if !look_up {
                    return Ok(Wanted::All);
                }
                let mut picked: Vec<bool> = shape.hashes(batch)?.iter().map(|hash| wanted.contains(hash)).collect();
                if !full.is_empty() {
                    let companies = super::stored::text(batch, "company_id")?;
                    for (i, picked) in picked.iter_mut().enumerate() {
                        *picked |= full.iter().any(|company| company.as_str() == companies.value(i));
                    }
                }
                Ok(Wanted::Some(picked))
            };
            each_row(self.snapshot, &self.reference.superseded, shape.table, pick, |stored| {
                let gone = match stored.superseded {
                    None => false,
                    Some((_, vanished)) if vanished && shape.table.name == "applications" => true,
                    Some(_) => return Ok(()),
                };
                let hash = shape.hash(&stored.values);
                pen.write(hash, &Incoming::Known { table: number, load_id: stored.load_id, values: stored.values, gone })
            })?;
        }
        pen.close()
    }

    fn in_window(&self, shape: &Shape, values: &[Value]) -> bool {
        let from = self.request.scopes.iter().filter(|s| s.mode == Mode::Full).map(|s| s.window_from).min().flatten();
        match (from, shape.posting_date(values)) {
            (Some(from), Some(day)) => day >= from,
            _ => true,
        }
    }

    fn check_vanishing(&self, vanishing: &BTreeMap<(&'static str, Text), Vanishing>) -> Result<()> {
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
}

impl Taken {
    fn merge(&mut self, other: Taken) {
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

impl Sorting<'_> {
    /// Works through a bucket, one identity after the other.
    fn bucket(&mut self, rows: &Bucket<Incoming>) -> Result<()> {
        let mut builders: BTreeMap<u8, BatchBuilder> = BTreeMap::new();
        for entries in rows.groups() {
            for (shape, mut group) in groups(rows, entries)? {
                group.known.sort_by_key(|k| k.0);
                // Rows of one key in the order of their sources: which of two conflicting rows counts does not depend on buckets.
                group.rows.sort_by_key(|r| (r.1.source, r.1.line));
                for values in self.accept(shape, group)? {
                    let builder = builders.entry(shape.number).or_insert_with(|| BatchBuilder::new(shape.table));
                    builder.push(self.intake.load_id, &values)?;
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
    fn accept(&mut self, shape: &'static Shape, mut group: Group) -> Result<Vec<Box<[Value]>>> {
        let table = shape.table;
        let request = self.intake.request;
        let mut stored = Vec::with_capacity(group.rows.len());
        let mut seen: Vec<Box<[Value]>> = Vec::new();
        let mut known = group.known;
        let was_incoming = !group.rows.is_empty();
        let is_alone = group.rows.len() == 1;
        if let Some(company) = known.first().and_then(|k| shape.company(&k.1))
            && self.intake.seen.is_full(shape, company)
        {
            let counted = self.out.vanishing.entry((table.name, company.into())).or_default();
            let amount = shape.amount(&known[0].1).map_or(0, |a| i128::from(a.hundredths()).abs());
            counted.known = (counted.known.0 + 1, counted.known.1 + amount);
            if !was_incoming && self.intake.in_window(shape, &known[0].1) {
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
            if let Some(reject) = self.complete(shape, &mut values, current.as_ref().map(|c| &*c.1), origin)? {
                self.reject(reject);
                continue;
            }
            if let Some(first) = seen.iter().find(|first| shape.same_key(first, &values)) {
                if *first == values {
                    self.count(shape, &values, Fate::Unchanged)?;
                    let finding = Finding::new("duplicate_row", table.name, "the same row stands twice in the extracts of this load");
                    self.out.findings.push(placed(finding, shape, &values, &request.scopes, origin));
                } else {
                    let reason = "the key stands twice with different content; the first row counts".to_string();
                    let key = shown(&shape.key(&values));
                    self.reject(reject_of(shape, &values, origin, "duplicate_key", reason, Some(key), table.key[table.key.len() - 1]));
                }
                continue;
            }
            if !is_alone {
                seen.push(values.clone());
            }
            let is_snapshot = request.scopes[origin.source as usize].mode == Mode::Snapshot && table.name == "documents";
            let company = shape.company(&values).unwrap_or_default();
            let is_older = self.intake.reference.last_day(table.name, company).is_some_and(|last| request.day < last);
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
                continue;
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
            for (load_id, old) in group.gone.drain(..) {
                self.come_back(shape, load_id, &old);
            }
            self.route(table, &values)?;
            self.count(shape, &values, Fate::Loaded)?;
            if !is_alone {
                known.push((self.intake.load_id, values.clone()));
            }
            stored.push(values);
        }
        if !was_incoming && let Some((load_id, values)) = known.last() {
            let company = shape.company(values).unwrap_or_default();
            if self.intake.seen.is_full(shape, company) && self.intake.in_window(shape, values) {
                let key = shape.key(values);
                let finding = Finding::new("vanished", table.name, "a full extract no longer has this row").of(company, shown(&key));
                self.out.findings.push(finding);
                self.out.replaced.push(Replaced { table: table.name, key, load_id: *load_id, reason: "vanished" });
                self.route_vanished(table, *load_id, values)?;
            }
        }
        Ok(stored)
    }

    /// What a new or changed document lets one doubt.
    fn doubt(&mut self, shape: &'static Shape, values: &[Value], origin: Origin) {
        let (company, customer) = (shape.company(values), values[DOCUMENT.customer_id].text());
        if let (Some(company), Some(customer)) = (company, customer)
            && self.intake.reference.lacks_customer(company, customer)
        {
            self.out.unknown_customers.insert((company.into(), customer.into()));
        }
        let day = self.intake.request.day;
        if let Some(posted) = shape.posting_date(values).filter(|posted| *posted > day) {
            let message = format!("posted on {posted}, after {day}, the day of its extract");
            self.finding(Finding::new("future_posting", shape.table.name, message), shape, values, origin);
        }
    }

    fn reject(&mut self, reject: Reject) {
        self.out.totals.rejected(reject.table, reject.company_id.as_deref(), reject.currency.as_deref(), reject.amount);
        self.out.rejects.push(reject);
    }

    /// A finding about a row of an extract.
    pub(super) fn finding(&mut self, finding: Finding, shape: &'static Shape, values: &[Value], origin: Origin) {
        self.out.findings.push(placed(finding, shape, values, &self.intake.request.scopes, origin));
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
        let (load_id, day) = (self.intake.load_id, self.intake.request.day);
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
                self.pen.write(hash, &Staged::Version(Version { load_id, day, document, vanished: false }))
            }
            "applications" => {
                let application =
                    Application::from_values(values).ok_or_else(|| Error::internal("an incomplete application passed intake"))?;
                self.touch_documents(&application);
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
                let version = Version { load_id: self.intake.load_id, day: self.intake.request.day, document, vanished: true };
                self.pen.write(hash, &Staged::Version(version))
            }
            "applications" => {
                let Some(application) = Application::from_values(values) else { return Ok(()) };
                self.touch_documents(&application);
                self.out.taken.replaced_applications.insert(application_hash(&application, load_id));
                self.pen.write_gone(&application)?;
                self.pen.write_application(load_id, application, Some(self.intake.request.day))
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

/// The rows of one hash by identity; more than one only where hashes collide.
fn groups(rows: &Bucket<Incoming>, entries: &[Entry]) -> Result<Vec<(&'static Shape, Group)>> {
    let mut groups: Vec<(&'static Shape, Group)> = Vec::with_capacity(1);
    for entry in entries {
        let incoming: Incoming = rows.value(*entry)?;
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

fn write_superseded(writer: &mut Writer, replaced: &[Replaced]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    let load_id = writer.load_id();
    let batch = RecordBatch::try_new(
        system::SUPERSEDED.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(replaced.iter().map(|_| load_id))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| r.table))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| &r.key))),
            Arc::new(Int32Array::from_iter_values(replaced.iter().map(|r| r.load_id))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| r.reason))),
        ],
    )
    .map_err(crate::ledger::movement::arrow_error)?;
    writer.append("superseded", &batch)
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
