//! What a load reports: control totals, rejects, findings, the waiting list, and its own row in `loads`.

use super::Request;
use super::layout::Counted;
use crate::domain::days::epoch_day;
use crate::domain::finding::Finding;
use crate::domain::money::{Money, Total};
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::extract::Reject;
use crate::ledger::movement::arrow_error;
use crate::ledger::store::{ControlTotal, SourceFact, Writer};
use crate::schema::system;
use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Loaded,
    Waiting,
    Unchanged,
}

/// Control totals of one table, company and currency: rows and amounts, read = loaded + rejected + waiting + unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalLine {
    /// Canonical table.
    pub table: String,
    /// Company, where readable.
    pub company_id: Option<String>,
    /// Currency, where the table has one and it is known.
    pub currency: Option<String>,
    /// Rows: loaded, rejected, waiting, unchanged.
    pub rows: [u64; 4],
    /// Amounts: loaded, rejected, waiting, unchanged.
    pub amounts: [Option<Money>; 4],
}

impl TotalLine {
    /// Rows read.
    pub fn rows_read(&self) -> u64 {
        self.rows.iter().sum()
    }
    /// Amount read; `None` outside the range of money.
    pub fn amount_read(&self) -> Option<Money> {
        self.amounts.iter().try_fold(Money::ZERO, |sum, a| sum.checked_add((*a)?))
    }
    pub(super) fn control_total(&self) -> ControlTotal {
        ControlTotal {
            table: self.table.clone(),
            company_id: self.company_id.clone(),
            currency: self.currency.clone(),
            rows_read: self.rows_read(),
            rows_loaded: self.rows[0],
            rows_rejected: self.rows[1],
            rows_waiting: self.rows[2],
            rows_unchanged: self.rows[3],
            amount_read: self.amount_read().map(|a| a.to_string()),
            amount_loaded: self.amounts[0].map(|a| a.to_string()),
        }
    }
}

/// What a load did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its number; `None` if nothing was published (dry run, or nothing new).
    pub load_id: Option<i32>,
    /// Extract day.
    pub day: NaiveDate,
    /// Control totals.
    pub totals: Vec<TotalLine>,
    /// Rows set aside.
    pub rejects: u64,
    /// Findings.
    pub findings: u64,
    /// Findings by code.
    pub finding_counts: BTreeMap<String, u64>,
    /// The first rows set aside, as `file:line:column code reason`.
    pub first_rejects: Vec<String>,
    /// Movements added.
    pub movements: u64,
    /// Merges of customers declared, changed or taken back.
    pub merges: u64,
    /// Whether the extracts said nothing that was not known.
    pub nothing_new: bool,
}

type TotalKey = (&'static str, Option<Text>, Option<Text>);

/// Control totals while they grow.
#[derive(Default)]
pub(super) struct Totals {
    lines: BTreeMap<TotalKey, ([u64; 4], [Total; 4])>,
}

impl Totals {
    fn add(&mut self, table: &'static str, company: Option<&str>, currency: Option<&str>, amount: Option<Money>, slot: usize) {
        let key = (table, company.map(Text::from), currency.map(Text::from));
        let line = self.lines.entry(key).or_default();
        line.0[slot] += 1;
        if let Some(amount) = amount {
            line.1[slot].add(amount);
        }
    }
    /// Counts a row that was set aside.
    pub fn rejected(&mut self, table: &'static str, company: Option<&str>, currency: Option<&str>, amount: Option<Money>) {
        self.add(table, company, currency, amount, 1);
    }
    /// Counts any other row.
    pub fn count(&mut self, table: &'static str, company: Option<&str>, currency: Option<&str>, amount: Option<Money>, fate: Fate) {
        let slot = match fate {
            Fate::Loaded => 0,
            Fate::Waiting => 2,
            Fate::Unchanged => 3,
        };
        self.add(table, company, currency, amount, slot);
    }
    /// Takes in other totals.
    pub fn merge(&mut self, other: Totals) {
        for (key, (rows, amounts)) in other.lines {
            let line = self.lines.entry(key).or_default();
            for slot in 0..4 {
                line.0[slot] += rows[slot];
                line.1[slot].merge(amounts[slot]);
            }
        }
    }
    /// The lines, ordered.
    pub fn lines(&self) -> Vec<TotalLine> {
        self.lines
            .iter()
            .map(|((table, company_id, currency), (rows, amounts))| TotalLine {
                table: table.to_string(),
                company_id: company_id.as_ref().map(Text::to_string),
                currency: currency.as_ref().map(Text::to_string),
                rows: *rows,
                amounts: amounts.map(Total::money),
            })
            .collect()
    }
}

/// Rejects and findings on their way to their tables.
pub(super) struct Reports {
    load_id: i32,
    sources: Vec<String>,
    rejects: Vec<Reject>,
    findings: Vec<Finding>,
    reject_count: u64,
    finding_count: u64,
    counts: BTreeMap<String, u64>,
    first_rejects: Vec<String>,
}

const FLUSH: usize = 8_192;
const SHOWN: usize = 20;

impl Reports {
    /// Of a load and its source names.
    pub fn new(load_id: i32, sources: Vec<String>) -> Reports {
        Reports {
            load_id,
            sources,
            rejects: Vec::new(),
            findings: Vec::new(),
            reject_count: 0,
            finding_count: 0,
            counts: BTreeMap::new(),
            first_rejects: Vec::new(),
        }
    }
    /// Rows set aside so far.
    pub fn rejects(&self) -> u64 {
        self.reject_count
    }
    /// Findings so far.
    pub fn findings(&self) -> u64 {
        self.finding_count
    }
    /// Findings and rejects by code.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.clone()
    }
    /// The first rejects, for people.
    pub fn first_rejects(&self) -> Vec<String> {
        self.first_rejects.clone()
    }

    fn source(&self, reject: &Reject) -> String {
        self.sources.get(reject.source as usize).cloned().unwrap_or_default()
    }

    /// Takes a reject.
    pub fn reject(&mut self, writer: &mut Writer, reject: Reject) -> Result<()> {
        self.reject_count += 1;
        *self.counts.entry(reject.code.to_string()).or_default() += 1;
        if self.first_rejects.len() < SHOWN {
            let column = reject.column_no.map_or(String::new(), |c| format!(":{c}"));
            let name = reject.column_name.as_deref().map_or(String::new(), |c| format!(" ({c})"));
            let excerpt = reject.excerpt.as_deref().map_or(String::new(), |e| format!(" `{e}`"));
            let source = self.source(&reject);
            self.first_rejects.push(format!("{source}:{}{column}{name} {}: {}{excerpt}", reject.line, reject.code, reject.reason));
        }
        self.rejects.push(reject);
        if self.rejects.len() >= FLUSH { self.flush_rejects(writer) } else { Ok(()) }
    }

    /// Takes a finding.
    pub fn finding(&mut self, writer: &mut Writer, finding: Finding) -> Result<()> {
        self.finding_count += 1;
        *self.counts.entry(finding.code.clone()).or_default() += 1;
        self.findings.push(finding);
        if self.findings.len() >= FLUSH { self.flush_findings(writer) } else { Ok(()) }
    }

    /// Writes what is left.
    pub fn write(&mut self, writer: &mut Writer) -> Result<()> {
        self.flush_rejects(writer)?;
        self.flush_findings(writer)
    }

    fn flush_rejects(&mut self, writer: &mut Writer) -> Result<()> {
        let rejects = std::mem::take(&mut self.rejects);
        if rejects.is_empty() {
            return Ok(());
        }
        let text = |pick: &dyn Fn(&Reject) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(rejects.iter().map(pick))) };
        let optional =
            |pick: &dyn Fn(&Reject) -> Option<String>| -> ArrayRef { Arc::new(StringArray::from_iter(rejects.iter().map(pick))) };
        let amounts: Vec<Option<i128>> = rejects.iter().map(|r| r.amount.map(|a| i128::from(a.hundredths()))).collect();
        let batch = RecordBatch::try_new(
            system::REJECTS.schema(),
            vec![
                Arc::new(Int32Array::from_iter_values(rejects.iter().map(|_| self.load_id))),
                text(&|r| self.source(r)),
                Arc::new(Int64Array::from_iter_values(rejects.iter().map(|r| r.line as i64))),
                Arc::new(Int32Array::from_iter(rejects.iter().map(|r| r.column_no.map(|c| c as i32)))),
                optional(&|r| r.column_name.clone()),
                text(&|r| r.table.to_string()),
                optional(&|r| r.company_id.clone()),
                optional(&|r| r.currency.clone()),
                Arc::new(Decimal128Array::from(amounts).with_precision_and_scale(18, 2).map_err(arrow_error)?),
                text(&|r| r.code.to_string()),
                text(&|r| r.reason.clone()),
                optional(&|r| r.excerpt.clone()),
            ],
        )
        .map_err(arrow_error)?;
        writer.append("rejects", &batch)
    }

    fn flush_findings(&mut self, writer: &mut Writer) -> Result<()> {
        let findings = std::mem::take(&mut self.findings);
        if findings.is_empty() {
            return Ok(());
        }
        let text = |pick: &dyn Fn(&Finding) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(findings.iter().map(pick))) };
        let optional =
            |pick: &dyn Fn(&Finding) -> Option<String>| -> ArrayRef { Arc::new(StringArray::from_iter(findings.iter().map(pick))) };
        let batch = RecordBatch::try_new(
            system::FINDINGS.schema(),
            vec![
                Arc::new(Int32Array::from_iter_values(findings.iter().map(|_| self.load_id))),
                text(&|f| f.code.clone()),
                text(&|f| f.severity.as_str().to_string()),
                text(&|f| f.table.clone()),
                optional(&|f| f.company_id.clone()),
                optional(&|f| f.key.clone()),
                optional(&|f| f.place.clone()),
                text(&|f| f.message.clone()),
                optional(&|f| f.excerpt.clone()),
                text(&|f| f.hint().to_string()),
            ],
        )
        .map_err(arrow_error)?;
        writer.append("findings", &batch)
    }
}

/// Writes the control totals.
pub(super) fn write_totals(writer: &mut Writer, lines: &[TotalLine]) -> Result<()> {
    let load_id = writer.load_id();
    let rows =
        |pick: &dyn Fn(&TotalLine) -> u64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(lines.iter().map(|l| pick(l) as i64))) };
    let money = |pick: &dyn Fn(&TotalLine) -> Option<Money>| -> Result<ArrayRef> {
        let values: Vec<Option<i128>> = lines.iter().map(|l| pick(l).map(|m| i128::from(m.hundredths()))).collect();
        Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(18, 2).map_err(arrow_error)?))
    };
    let batch = RecordBatch::try_new(
        system::LOAD_TOTALS.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(lines.iter().map(|_| load_id))),
            Arc::new(StringArray::from_iter_values(lines.iter().map(|l| &l.table))),
            Arc::new(StringArray::from_iter(lines.iter().map(|l| l.company_id.as_deref()))),
            Arc::new(StringArray::from_iter(lines.iter().map(|l| l.currency.as_deref()))),
            rows(&TotalLine::rows_read),
            rows(&|l| l.rows[0]),
            rows(&|l| l.rows[1]),
            rows(&|l| l.rows[2]),
            rows(&|l| l.rows[3]),
            money(&TotalLine::amount_read)?,
            money(&|l| l.amounts[0])?,
            money(&|l| l.amounts[1])?,
            money(&|l| l.amounts[2])?,
            money(&|l| l.amounts[3])?,
        ],
    )
    .map_err(arrow_error)?;
    writer.append("load_totals", &batch)
}

/// Writes the load's own row.
pub(super) fn write_load(
    writer: &mut Writer,
    request: &Request,
    sources: &[SourceFact],
    outcome: &Outcome,
    counted: &Counted,
) -> Result<()> {
    let json =
        |value: &serde_json::Value| serde_json::to_string(value).map_err(|e| Error::internal("the load cannot be described").caused_by(e));
    let sources: Vec<serde_json::Value> =
        sources.iter().map(|s| serde_json::json!({"name": s.name, "sha256": s.sha256, "bytes": s.bytes, "rows": s.rows})).collect();
    let sums: Vec<serde_json::Value> = counted
        .sums
        .iter()
        .map(|((company, currency), sum)| serde_json::json!({"company_id": company, "currency": currency, "amount": sum.to_string()}))
        .collect();
    let one = |text: String| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let number = |n: u64| -> ArrayRef { Arc::new(Int64Array::from(vec![n as i64])) };
    let batch = RecordBatch::try_new(
        system::LOADS.schema(),
        vec![
            Arc::new(Int32Array::from(vec![writer.load_id()])),
            one(request.loaded_at.clone()),
            Arc::new(Date32Array::from(vec![epoch_day(request.day)])),
            one(json(&sources.into())?),
            number(outcome.movements),
            one(json(&sums.into())?),
            number(outcome.rejects),
            number(outcome.findings),
        ],
    )
    .map_err(arrow_error)?;
    writer.append("loads", &batch)
}
