//! The list of cancelled CFDI: a row per folio fiscal with its day, and the reason and replacement where given.
//!
//! Separate because it is a table among documents; it is read before any CFDI, which then know that they were cancelled.

use super::rows::Cancelled;
use super::rules::Cancellations;
use super::xml;
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use crate::extract::coerce::{Forms, day::DayFormat};
use crate::extract::csv::Next;
use crate::extract::place::Place;
use crate::extract::profile::Reading;
use crate::extract::record::{Record, cut};
use crate::extract::source;
use crate::extract::{Reject, SourceSummary};
use crate::schema::Origin;
use std::collections::BTreeMap;

/// Every listed folio fiscal, with where it stands.
pub(super) type Listed = BTreeMap<Box<str>, (Cancelled, Origin)>;

/// The columns of a list.
struct Columns {
    uuid: usize,
    date: usize,
    reason: Option<usize>,
    replaced_by: Option<usize>,
    status: Option<usize>,
    names: Vec<String>,
}

/// Checks the header of a list.
pub(super) fn check(place: &Place, reading: &Reading, rules: &Cancellations) -> Result<()> {
    columns(&source::open(place, reading)?.header.names, rules).map(|_| ())
}

fn columns(names: &[String], rules: &Cancellations) -> Result<Columns> {
    let at = |name: &str| names.iter().position(|n| n.eq_ignore_ascii_case(name));
    let need = |name: &str| {
        at(name).ok_or_else(|| {
            let near = nearest(name, names.iter().map(String::as_str)).unwrap_or("");
            Error::data(format!("the cancellation list has no column `{name}`; its columns are: {}", names.join(", ")))
                .hint(format!("did you mean {near}? name the column in [cfdi.cancellations], and the delimiter in its `read`"))
        })
    };
    Ok(Columns {
        uuid: need(&rules.uuid)?,
        date: need(&rules.date)?,
        reason: rules.reason.as_deref().and_then(at),
        replaced_by: rules.replaced_by.as_deref().and_then(at),
        status: rules.status.as_deref().map(need).transpose()?,
        names: names.to_vec(),
    })
}

/// Reads a list into what is known already; the first row of a folio fiscal counts.
pub(super) fn read(
    place: &Place,
    reading: &Reading,
    rules: &Cancellations,
    source_no: u32,
    listed: &mut Listed,
    reject: &mut dyn FnMut(Reject) -> Result<()>,
) -> Result<SourceSummary> {
    let mut opened = source::open(place, reading)?;
    let columns = columns(&opened.header.names, rules)?;
    let mut record = Record::default();
    let mut summary = SourceSummary::default();
    loop {
        let refused = match opened.next(&mut record)? {
            Next::End => return Ok(summary),
            Next::Skipped => {
                summary.rows_skipped += 1;
                continue;
            }
            Next::Malformed(m) => Some((m.line, m.column_no.map(|c| c as usize - 1), "row_ragged", m.reason, Some(m.excerpt))),
            Next::Record if record.len() != columns.names.len() => {
                let reason = format!("the row has {} fields, the header has {}", record.len(), columns.names.len());
                Some((record.line, None, "row_ragged", reason, Some(record.excerpt(reading.delimiter))))
            }
            Next::Record => match row(&record, &columns, rules, &reading.forms) {
                Ok(None) => {
                    summary.rows_skipped += 1;
                    continue;
                }
                Ok(Some((uuid, cancelled))) => {
                    let origin = Origin { source: source_no, line: record.line };
                    let (first, _) = listed.entry(uuid).or_insert((cancelled.clone(), origin));
                    (*first != cancelled).then(|| {
                        let reason = "the folio fiscal stands twice with different content; the first row counts".to_string();
                        (record.line, Some(columns.uuid), "duplicate_key", reason, Some(text(&record, columns.uuid)))
                    })
                }
                Err((at, code, reason)) => Some((record.line, Some(at), code, reason, Some(cut(&text(&record, at))))),
            },
        };
        summary.rows_read += 1;
        if let Some((line, column, code, reason, excerpt)) = refused {
            reject(Reject {
                table: "fiscal_documents",
                source: source_no,
                line,
                column_no: column.map(|c| c as u32 + 1),
                column_name: column.and_then(|c| columns.names.get(c).cloned()),
                code,
                reason,
                excerpt,
                company_id: None,
                currency: None,
                amount: None,
            })?;
        }
    }
}

fn text(record: &Record, at: usize) -> String {
    String::from_utf8_lossy(record.field(at)).trim().to_string()
}

type Fault = (usize, &'static str, String);

fn row(record: &Record, columns: &Columns, rules: &Cancellations, forms: &Forms) -> Result<Option<(Box<str>, Cancelled)>, Fault> {
    if let Some(at) = columns.status
        && !rules.cancelled.iter().any(|word| word.eq_ignore_ascii_case(&text(record, at)))
    {
        return Ok(None);
    }
    let uuid = |at: usize| {
        let text = text(record, at);
        xml::uuid(&text).ok_or_else(|| match text.is_empty() {
            true => (at, "value_missing", "the row names no folio fiscal".to_string()),
            false => (at, "cfdi_invalid", format!("`{text}` is not a folio fiscal (UUID)")),
        })
    };
    let optional = |at: Option<usize>| at.map(|at| text(record, at)).filter(|t| !t.is_empty()).map(String::into_boxed_str);
    let listed = uuid(columns.uuid)?;
    let replaced_by = columns.replaced_by.filter(|at| !text(record, *at).is_empty()).map(uuid).transpose()?;
    let cancelled = Cancelled { day: day(record, columns.date, &forms.days)?, reason: optional(columns.reason), replaced_by };
    Ok(Some((listed, cancelled)))
}

fn day(record: &Record, at: usize, format: &DayFormat) -> Result<chrono::NaiveDate, Fault> {
    let text = text(record, at);
    if text.is_empty() {
        return Err((at, "value_missing", "the row has no day of cancellation".to_string()));
    }
    let first = text.split([' ', 'T']).next().unwrap_or_default();
    format.parse(&text).or_else(|whole| format.parse(first).map_err(|_| (at, whole.code, whole.reason)))
}
