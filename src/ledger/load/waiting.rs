//! The waiting list: applications and reversals whose document is not known yet, as signed changes.

use super::range;
use super::stored::{at, each_batch, ints, table, text};
use crate::domain::finding::Finding;
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::ledger::movement::arrow_error;
use crate::ledger::posting::Waiting;
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use crate::schema::system;
use arrow::array::{ArrayRef, AsArray, Decimal128Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::Decimal128Type;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows that waited before this load, by company, table and id: the missing document, currency and amount. The list is short
/// and kept whole.
pub(super) type WaitingRows = HashMap<WaitingKey, WaitingRow>;

/// The missing document, currency and amount of a row that waits.
type WaitingRow = (Text, Option<Text>, Money);

/// A row of the list by company, table and id.
type WaitingKey = (Text, &'static str, Text);

/// A change of the waiting list.
#[derive(Debug, Clone)]
pub(super) struct WaitingChange {
    pub load_id: i32,
    pub company_id: Text,
    pub source_table: &'static str,
    pub source_id: Text,
    pub missing_document_id: Text,
    pub currency: Option<Text>,
    pub amount: Money,
    pub change: i32,
}

impl WaitingChange {
    /// From what posting says waits.
    pub fn new(load_id: i32, company: &str, waiting: &Waiting, currency: Option<Text>, change: i32) -> WaitingChange {
        WaitingChange {
            load_id,
            company_id: company.into(),
            source_table: waiting.source_table.as_str(),
            source_id: waiting.source_id.clone(),
            missing_document_id: waiting.missing_document_id.clone(),
            currency,
            amount: waiting.amount,
            change,
        }
    }
}

/// Writes changes of the waiting list.
pub(super) fn write_waiting(writer: &mut Writer, changes: &[WaitingChange]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let text = |pick: &dyn Fn(&WaitingChange) -> Text| -> ArrayRef { Arc::new(StringArray::from_iter_values(changes.iter().map(pick))) };
    let amounts: Vec<i128> = changes.iter().map(|c| i128::from(c.amount.hundredths())).collect();
    let batch = RecordBatch::try_new(
        system::WAITING.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(changes.iter().map(|c| c.load_id))),
            text(&|c| c.company_id.clone()),
            text(&|c| c.source_table.into()),
            text(&|c| c.source_id.clone()),
            text(&|c| c.missing_document_id.clone()),
            Arc::new(StringArray::from_iter(changes.iter().map(|c| c.currency.clone()))),
            Arc::new(Decimal128Array::from(amounts).with_precision_and_scale(18, 2).map_err(arrow_error)?),
            Arc::new(Int32Array::from_iter_values(changes.iter().map(|c| c.change))),
        ],
    )
    .map_err(arrow_error)?;
    writer.append("waiting", &batch)
}

/// The finding that tells of a row that waits.
pub(super) fn waits_finding(company: &str, waiting: &Waiting) -> Finding {
    let code = if waiting.source_table.as_str() == "documents" { "reversal_waits" } else { "application_waits" };
    Finding::new(code, waiting.source_table.as_str(), format!("{} waits for document {}", waiting.source_id, waiting.missing_document_id))
        .of(company, waiting.source_id.as_str())
}

/// Reads the waiting list of a snapshot: what was added and not taken away.
pub(super) fn waiting_rows(snapshot: &Snapshot) -> Result<WaitingRows> {
    let mut counts: HashMap<WaitingKey, (i32, WaitingRow)> = HashMap::new();
    each_batch(table(snapshot, "waiting")?, None, |batch| {
        let (companies, tables, sources) = (text(&batch, "company_id")?, text(&batch, "source_table")?, text(&batch, "source_id")?);
        let (missing, currencies, changes) = (text(&batch, "missing_document_id")?, text(&batch, "currency")?, ints(&batch, "change")?);
        let amounts = AsArray::as_primitive::<Decimal128Type>(
            batch.column_by_name("amount").ok_or_else(|| Error::data("the stored table waiting has no amount"))?,
        );
        for i in 0..batch.num_rows() {
            let table = if tables.value(i) == "documents" { "documents" } else { "applications" };
            let amount = Money::from_hundredths(amounts.value(i)).ok_or_else(range)?;
            let row = (missing.value(i).into(), at(currencies, i).map(Text::from), amount);
            let entry = counts.entry((companies.value(i).into(), table, sources.value(i).into())).or_insert((0, row.clone()));
            entry.0 += changes.value(i);
            if changes.value(i) > 0 {
                entry.1 = row;
            }
        }
        Ok(())
    })?;
    Ok(counts.into_iter().filter(|(_, (count, _))| *count > 0).map(|(key, (_, row))| (key, row)).collect())
}
