//! Column statistics of a data file, gathered while it is written: load, company, customer and days; never amounts.
//!
//! Ours and not the Parquet writer's, because Delta keeps decimal statistics as floats: a reader that skips files by amount would skip wrong
//! ones. What is not listed is simply not skipped by.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{max, max_string, min, min_string};
use arrow::datatypes::{DataType, Date32Type, Int32Type};
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Map, Value, json};

/// Text columns worth statistics; days always are.
const TEXT_COLUMNS: &[&str] = &["company_id", "customer_id"];

/// Statistics of a file, by column, in the order of the schema.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    nulls: usize,
    range: Option<Range>,
}

#[derive(Debug)]
enum Range {
    Int(i32, i32),
    Day(i32, i32),
    Text(String, String),
}

impl Statistics {
    /// Takes in one more batch; every batch of a file has the same columns.
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        let schema = batch.schema();
        let wanted = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| match field.data_type() {
            DataType::Int32 => field.name() == "load_id",
            DataType::Date32 => true,
            DataType::Utf8 => TEXT_COLUMNS.contains(&field.name().as_str()),
            _ => false,
        });
        for (i, (field, array)) in wanted.enumerate() {
            if i == self.columns.len() {
                self.columns.push(Column { name: field.name().clone(), nulls: 0, range: None });
            }
            let column = &mut self.columns[i];
            column.nulls += array.null_count();
            column.range = match (column.range.take(), range_of(array)) {
                (Some(a), Some(b)) => Some(a.widened(b)),
                (a, b) => a.or(b),
            };
        }
    }

    /// As Delta's `stats`.
    pub(super) fn to_json(&self, rows: u64) -> Value {
        let (mut low, mut high, mut nulls) = (Map::new(), Map::new(), Map::new());
        for column in &self.columns {
            if let Some((min, max)) = column.range.as_ref().and_then(Range::to_json) {
                low.insert(column.name.clone(), min);
                high.insert(column.name.clone(), max);
            }
            nulls.insert(column.name.clone(), json!(column.nulls));
        }
        json!({"numRecords": rows, "minValues": low, "maxValues": high, "nullCount": nulls})
    }
}

fn range_of(array: &ArrayRef) -> Option<Range> {
    match array.data_type() {
        DataType::Int32 => {
            let array = array.as_primitive::<Int32Type>();
            Some(Range::Int(min(array)?, max(array)?))
        }
        DataType::Date32 => {
            let array = array.as_primitive::<Date32Type>();
            Some(Range::Day(min(array)?, max(array)?))
        }
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            Some(Range::Text(min_string(array)?.to_string(), max_string(array)?.to_string()))
        }
        _ => None,
    }
}

impl Range {
    fn widened(self, other: Range) -> Range {
        match (self, other) {
            (Range::Int(a, b), Range::Int(c, d)) => Range::Int(a.min(c), b.max(d)),
            (Range::Day(a, b), Range::Day(c, d)) => Range::Day(a.min(c), b.max(d)),
            (Range::Text(a, b), Range::Text(c, d)) => Range::Text(a.min(c), b.max(d)),
            (kept, _) => kept,
        }
    }

    fn to_json(&self) -> Option<(Value, Value)> {
        Some(match self {
            Range::Int(a, b) => (json!(a), json!(b)),
            Range::Day(a, b) => (json!(day_text(*a)?), json!(day_text(*b)?)),
            Range::Text(a, b) => (json!(a), json!(b)),
        })
    }
}

/// A Date32 as Delta writes it; `None` outside the years of four digits, which readers do not agree on.
fn day_text(days: i32) -> Option<String> {
    let epoch = NaiveDate::default();
    let step = Days::new(u64::from(days.unsigned_abs()));
    let day = if days < 0 { epoch.checked_sub_days(step) } else { epoch.checked_add_days(step) };
    day.filter(|d| (1..=9999).contains(&d.year())).map(|d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Int32Array, StringArray};
    use arrow::datatypes::{Field, Schema};
    use std::sync::Arc;

    #[test]
    fn days_before_and_after_the_epoch() {
        assert_eq!(day_text(0).as_deref(), Some("1970-01-01"));
        assert_eq!(day_text(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(day_text(20_757).as_deref(), Some("2026-10-31"));
        assert_eq!(day_text(i32::MAX), None);
    }

    #[test]
    fn ranges_and_nulls_are_those_of_all_batches() {
        let schema = Arc::new(Schema::new(vec![
            Field::new("load_id", DataType::Int32, false),
            Field::new("company_id", DataType::Utf8, true),
            Field::new("name", DataType::Utf8, true),
            Field::new("due_date", DataType::Date32, true),
        ]));
        let batch = |company: [Option<&str>; 2], due: [Option<i32>; 2]| {
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int32Array::from(vec![4, 4])),
                Arc::new(StringArray::from(company.to_vec())),
                Arc::new(StringArray::from(vec!["x", "y"])),
                Arc::new(Date32Array::from(due.to_vec())),
            ];
            RecordBatch::try_new(schema.clone(), columns).unwrap()
        };
        let mut statistics = Statistics::default();
        statistics.add(&batch([None, None], [Some(2), Some(1)]));
        statistics.add(&batch([Some("B"), Some("A")], [None, Some(0)]));
        let expected = json!({
            "numRecords": 4,
            "minValues": {"load_id": 4, "company_id": "A", "due_date": "1970-01-01"},
            "maxValues": {"load_id": 4, "company_id": "B", "due_date": "1970-01-03"},
            "nullCount": {"load_id": 0, "company_id": 2, "due_date": 1},
        });
        assert_eq!(statistics.to_json(4), expected);
    }
}
