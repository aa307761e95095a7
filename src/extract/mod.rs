//! Extracts: files of an ERP become validated canonical rows, or rejects with their place and reason. Nothing about movements.
//!
//! Two steps: [`plan`] finds the files, takes their digests and binds every header, so that whatever is wrong with a whole file stops
//! the load before it starts; [`read`] streams the rows into a [`Sink`]. Every data row that yields a table is exactly one row or
//! exactly one reject of it. What a row means for the ledger, and whether its sign fits, is posting's.
//!
//! Inside: `profile` (the format of mappings, and what a load gives them) → `plan` → `place` (`archive`: files, zip, gzip) → `source`
//! (`decode`, `csv`, `json`, `xlsx`, `parquet` → `record`; `lookup`) → `bind` → `evaluate` (`coerce`; `blocks` by threads) →
//! `clearing`. Documents that are no tables: `cfdi`.

mod archive;
mod bind;
mod blocks;
mod cfdi;
mod clearing;
pub mod coerce;
mod csv;
mod decode;
mod evaluate;
mod json;
mod lookup;
mod parquet;
mod place;
pub mod plan;
pub mod profile;
mod record;
mod source;
pub mod suggest;
mod xlsx;

pub use bind::control_columns;
pub use plan::{Mode, Plan, Request, SourceFile, plan};
pub use profile::Profile;
pub use profile::given::{Given, check_asked};

use crate::domain::finding::Finding;
use crate::domain::money::Money;
use crate::error::Result;
use crate::schema::{self, Origin, Table, Value};
use bind::Binding;
use clearing::{Clearings, Leftovers, Positions};
use csv::{Malformed, Next};
use evaluate::{Fault, Line, Ordinals, Refused};
use lookup::LookupTable;
use plan::Part;
use record::Record;
use source::Opened;
use std::collections::HashSet;
use std::sync::Arc;

/// A data row that was set aside, for one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Canonical table it would have been a row of.
    pub table: &'static str,
    /// Index into the plan's sources.
    pub source: u32,
    /// Physical line the row starts on, first = 1; in a sheet and in Parquet the number of the row.
    pub line: u64,
    /// Column, first = 1.
    pub column_no: Option<u32>,
    /// Column as the file calls it.
    pub column_name: Option<String>,
    /// Code of the finding catalogue.
    pub code: &'static str,
    /// In plain words.
    pub reason: String,
    /// The offending text, cut to a readable length.
    pub excerpt: Option<String>,
    /// Company, where readable.
    pub company_id: Option<String>,
    /// Currency, where readable.
    pub currency: Option<String>,
    /// Amount, where readable.
    pub amount: Option<Money>,
}

/// Where rows go.
pub trait Sink {
    /// A validated row.
    fn row(&mut self, row: schema::Row) -> Result<()>;
    /// A row set aside.
    fn reject(&mut self, reject: Reject) -> Result<()>;
    /// Something the data says about itself.
    fn finding(&mut self, finding: Finding) -> Result<()>;
    /// Makes hands that take rows of these tables on other threads, where their order does not matter to the sink; else they come here.
    fn hands(&self, _tables: &[&'static str]) -> Option<Hands> {
        None
    }
    /// How many of many files are behind it.
    fn progress(&mut self, _done: u64, _of: u64) {}
}

/// Takes rows in the sink's stead, in no particular order.
pub trait Hand: Send {
    /// A validated row.
    fn row(&mut self, row: schema::Row) -> Result<()>;
    /// No more rows come.
    fn close(self: Box<Self>) -> Result<()>;
}

/// Makes a hand for a thread.
pub type Hands = Box<dyn Fn() -> Box<dyn Hand> + Send + Sync>;

/// What was read of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceSummary {
    /// Data rows, whatever became of them.
    pub rows_read: u64,
    /// Rows that the profile declares to be no data (totals, notes), and repeated headers.
    pub rows_skipped: u64,
}

/// Reads every source of the plan into the sink; one summary per source, in their order.
pub fn read(plan: &Plan, sink: &mut dyn Sink) -> Result<Vec<SourceSummary>> {
    let mut summaries = vec![SourceSummary::default(); plan.sources.len()];
    let lookups = look_up(plan, &mut summaries)?;
    let clearing = plan.profile.clearing.as_ref();
    let leftovers = if clearing.is_some_and(|c| c.residual.is_some()) { leftovers(plan, &lookups)? } else { Leftovers::new() };
    let mut reading = Reading {
        plan,
        sink,
        clearings: clearing.map(|c| Clearings::new(&c.settled_as, leftovers)).transpose()?,
        ordinals: vec![Ordinals::new(); plan.profile.tables.len()],
        seen: vec![HashSet::new(); plan.profile.tables.len()],
        companies: Vec::new(),
    };
    for (number, source) in plan.sources.iter().enumerate() {
        if source.part != Part::Rows {
            continue;
        }
        let (at, number) = (number, number as u32);
        let summary = if source.rule_nos.is_empty() { reading.constants(number) } else { reading.rows(number, source, &lookups) };
        summaries[at] = summary.map_err(|e| e.context(source.name.clone()))?;
    }
    if let Some(clearings) = reading.clearings {
        clearings.finish(&plan.sources, sink)?;
    }
    if let Some(rules) = &plan.profile.cfdi {
        cfdi::read(plan, rules, sink, &mut summaries)?;
    }
    Ok(summaries)
}

/// Tables of look-ups, one per look-up of the profile.
type Lookups = Vec<Arc<LookupTable>>;

/// Reads the files that rows of others look up.
fn look_up(plan: &Plan, summaries: &mut [SourceSummary]) -> Result<Lookups> {
    let mut tables = Vec::with_capacity(plan.lookups.len());
    for (rule, at) in plan.profile.lookups.iter().zip(&plan.lookups) {
        let files: Vec<&SourceFile> = at.iter().map(|n| &plan.sources[*n]).collect();
        let (table, counts) = LookupTable::read(&plan.profile, rule, &files)?;
        let only = at.iter().zip(counts).filter(|(n, _)| plan.sources[**n].part == Part::Lookup);
        only.for_each(|(n, rows)| summaries[*n].rows_read = rows);
        tables.push(Arc::new(table));
    }
    Ok(tables)
}

/// A data row of a file.
enum Found<'a> {
    Line(&'a Record),
    Malformed(&'a Malformed),
}

/// Opens a source, adds what it looks up, and binds its header.
fn bound(plan: &Plan, source: &SourceFile, lookups: &Lookups) -> Result<(Opened, Binding)> {
    source.unchanged()?;
    let reading = plan.profile.reading(&plan.profile.tables[source.rule_nos[0]])?;
    let mut reader = source::open(&source.place, &reading)?;
    source.lookup_nos.iter().try_for_each(|n| reader.join(&plan.profile.lookups[*n], lookups[*n].clone()))?;
    let file = bind::bind(&plan.profile, &source.rule_nos, &reader.header)?;
    reader.use_columns(&file.used)?;
    Ok((reader, file))
}

/// Calls `on` for every data row of a file; what the profile skips is counted only.
fn each_line(
    source: &SourceFile,
    (mut reader, file): (Opened, Binding),
    on: &mut dyn FnMut(Found<'_>, &Binding) -> Result<()>,
) -> Result<SourceSummary> {
    let mut record = Record::default();
    let mut summary = SourceSummary::default();
    loop {
        match reader.next(&mut record)? {
            Next::End => break,
            Next::Skipped => {
                summary.rows_skipped += 1;
                continue;
            }
            Next::Malformed(malformed) => on(Found::Malformed(&malformed), &file)?,
            Next::Record => {
                let skipped = !file.skip_when.is_empty() && Line::new(&record, &file).holds(&file.skip_when, &[]);
                if skipped {
                    summary.rows_skipped += 1;
                    continue;
                }
                on(Found::Line(&record), &file)?;
            }
        }
        summary.rows_read += 1;
    }
    source.unchanged()?;
    Ok(summary)
}

/// The pass before the rows: what payments left over, so that a receipt is cut to its cash wherever its residual stands.
fn leftovers(plan: &Plan, lookups: &Lookups) -> Result<Leftovers> {
    let mut found = Leftovers::new();
    let positions = Positions::new()?;
    for source in plan.sources.iter().filter(|s| s.tables.contains(&"documents")) {
        let opened = bound(plan, source, lookups).map_err(|e| e.context(source.name.clone()))?;
        each_line(source, opened, &mut |line, file| {
            let (Found::Line(record), Some(bound)) = (line, &file.clearing) else { return Ok(()) };
            let line = Line::new(record, file);
            if record.len() == file.names.len() && bound.residual.as_ref().is_some_and(|r| line.holds(&r.when, &[])) {
                for table in file.tables.iter().filter(|t| t.table.name == "documents" && line.holds(&t.only_when, &[])) {
                    if let Ok(values) = evaluate::row(table, line, &mut Ordinals::new()) {
                        clearing::note_leftover(bound, &positions, line, &values, &mut found);
                    }
                }
            }
            Ok(())
        })
        .map_err(|e| e.context(source.name.clone()))?;
    }
    Ok(found)
}

struct Reading<'a> {
    plan: &'a Plan,
    sink: &'a mut dyn Sink,
    clearings: Option<Clearings>,
    /// Per rule of the profile: counts of equal ids, over files.
    ordinals: Vec<Ordinals>,
    /// Per rule of the profile that yields equal rows once: the rows yielded.
    seen: Vec<HashSet<Box<[Value]>>>,
    /// Companies yielded so far, in their order.
    companies: Vec<Box<str>>,
}

impl Reading<'_> {
    /// The rows of a file: by several threads where each speaks for itself, and the sink does not mind.
    fn rows(&mut self, number: u32, source: &SourceFile, lookups: &Lookups) -> Result<SourceSummary> {
        let (reader, file) = bound(self.plan, source, lookups)?;
        if blocks::is_fit(self.plan, source, &file)
            && let Some(hands) = self.sink.hands(&source.tables)
        {
            return blocks::read(source, number, reader, &file, &*hands, self.sink);
        }
        each_line(source, (reader, file), &mut |found, file| self.take(number, found, file))
    }

    fn take(&mut self, source: u32, found: Found<'_>, file: &Binding) -> Result<()> {
        let record = match found {
            Found::Malformed(malformed) => return self.sink.reject(unsplit(source, malformed, file)),
            Found::Line(record) => record,
        };
        if record.len() != file.names.len() {
            return self.sink.reject(ragged(source, record, file));
        }
        let line = Line::new(record, file);
        let origin = Origin { source, line: record.line };
        for table in file.tables.iter().filter(|t| line.holds(&t.only_when, &[])) {
            let mut values = match evaluate::row(table, line, &mut self.ordinals[table.rule_no]) {
                Ok(values) => values,
                Err(refused) => {
                    self.sink.reject(refusal(table.table.name, origin, *refused, file))?;
                    continue;
                }
            };
            if table.distinct && !self.seen[table.rule_no].insert(values.clone()) {
                continue;
            }
            if let (Some(clearings), Some(bound), "documents") = (&mut self.clearings, &file.clearing, table.table.name)
                && let Err(fault) = clearings.take(bound, line, &mut values, origin, self.sink)?
            {
                self.sink.reject(reject("applications", origin, fault, file))?;
            }
            match table.each_company.filter(|at| values[*at].is_null()) {
                None => self.yield_row(schema::Row { table: table.table, values, origin })?,
                Some(at) => self.for_each_company(table.table, at, values, origin, file)?,
            }
        }
        Ok(())
    }

    fn yield_row(&mut self, row: schema::Row) -> Result<()> {
        if row.table.name == "companies"
            && let Some(company) = row.get("company_id").text()
        {
            self.companies.push(company.into());
        }
        self.sink.row(row)
    }

    /// A row that belongs to no company is one of every company.
    fn for_each_company(&mut self, table: &'static Table, at: usize, values: Box<[Value]>, origin: Origin, file: &Binding) -> Result<()> {
        for company in &self.companies {
            let mut values = values.clone();
            values[at] = Value::Text(company.clone().into());
            self.sink.row(schema::Row { table, values, origin })?;
        }
        if self.companies.is_empty() {
            let reason = "the row names no company, and no companies were read with it".to_string();
            let fault = Fault { code: "value_missing", reason, column: None, excerpt: None };
            self.sink.reject(reject(table.name, origin, fault, file))?;
        }
        Ok(())
    }

    /// The rows the profile states itself.
    fn constants(&mut self, source: u32) -> Result<SourceSummary> {
        let mut summary = SourceSummary::default();
        for constant in &self.plan.profile.constants {
            let table = profile::known_table(&constant.table)?;
            for values in profile::constant_rows(constant)? {
                summary.rows_read += 1;
                self.yield_row(schema::Row { table, values, origin: Origin { source, line: summary.rows_read } })?;
            }
            // A company that is given, but stated elsewhere, is one of those that rows of every company are for.
            let ids =
                constant.rows.iter().filter(|_| table.name == "companies").filter_map(|row| row.get("company_id")?.0.constant.as_deref());
            for id in ids.filter(|id| !id.is_empty()) {
                if !self.companies.iter().any(|known| **known == *id) {
                    self.companies.push(id.into());
                }
            }
        }
        Ok(summary)
    }
}

fn reject(table: &'static str, origin: Origin, fault: Fault, file: &Binding) -> Reject {
    Reject {
        table,
        source: origin.source,
        line: origin.line,
        column_no: fault.column.map(|c| file.places.get(c).copied().unwrap_or(c) as u32 + 1),
        column_name: fault.column.and_then(|c| file.names.get(c).cloned()),
        code: fault.code,
        reason: fault.reason,
        excerpt: fault.excerpt,
        company_id: None,
        currency: None,
        amount: None,
    }
}

/// A row that was refused, as far as it could be read.
fn refusal(table: &'static str, origin: Origin, refused: Refused, file: &Binding) -> Reject {
    let Refused { fault, company_id, currency, amount } = refused;
    Reject { company_id, currency, amount, ..reject(table, origin, fault, file) }
}

/// A row with too few or too many fields: which table it was meant for cannot be told, so it counts for the file's first.
fn ragged(source: u32, record: &Record, file: &Binding) -> Reject {
    let (found, expected) = (record.len(), file.names.len());
    let fault = Fault {
        code: "row_ragged",
        reason: format!("the row has {found} fields, the header has {expected}"),
        column: Some(found.min(expected)),
        excerpt: Some(record.excerpt(file.reading.delimiter)),
    };
    reject(file.tables[0].table.name, Origin { source, line: record.line }, fault, file)
}

fn unsplit(source: u32, malformed: &Malformed, file: &Binding) -> Reject {
    let fault = Fault {
        code: "row_ragged",
        reason: malformed.reason.to_string(),
        column: malformed.column_no.map(|c| c as usize - 1),
        excerpt: Some(malformed.excerpt.clone()),
    };
    // Its column is one of the file as it stands, not one that was looked up.
    let column_no = malformed.column_no;
    Reject { column_no, ..reject(file.tables[0].table.name, Origin { source, line: malformed.line }, fault, file) }
}
