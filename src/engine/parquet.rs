//! Plain rows as the bytes of a Parquet file: tables of a pack as evidence, typed, the same bytes for the same rows.
//!
//! Apart from the door for SQL answers, which streams batches into a file: here the rows are few and already plain.

use super::rows::{Datum, Rows};
use crate::domain::days::epoch_day;
use crate::error::{Error, Result};
use datafusion::arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use rust_decimal::Decimal;
use std::sync::Arc;

/// Most digits of a decimal column.
const PRECISION: u8 = 38;

/// The rows as a Parquet file. A column of numbers is a decimal with the most decimals of its values, but at least those that its
/// type's words give it (`decimal(38,2)`); a column of days is dates; every other is text. No value is rounded.
pub fn parquet(rows: &Rows) -> Result<Vec<u8>> {
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (at, column) in rows.columns.iter().enumerate() {
        let values: Vec<&Datum> = rows.rows.iter().map(|row| &row[at]).collect();
        let array = match column.type_name.as_str() {
            "date" if values.iter().all(|d| matches!(d, Datum::Null | Datum::Date(_))) => {
                Arc::new(Date32Array::from_iter(values.iter().map(|d| d.date().map(epoch_day)))) as ArrayRef
            }
            name if name.starts_with("decimal") && values.iter().all(|d| matches!(d, Datum::Null) || d.decimal().is_some()) => {
                decimals(least_scale(name), &values).map_err(|e| e.context(format!("column {}", column.name)))?
            }
            _ => Arc::new(StringArray::from_iter(values.iter().map(|d| match d {
                Datum::Null => None,
                other => Some(other.to_string()),
            }))),
        };
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        columns.push(array);
    }
    let broken = |e: Box<dyn std::error::Error + Send + Sync>| Error::internal("rows cannot be written as Parquet").caused_by(e);
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|e| broken(e.into()))?;
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, None).map_err(|e| broken(e.into()))?;
    writer.write(&batch).map_err(|e| broken(e.into()))?;
    writer.into_inner().map_err(|e| broken(e.into()))
}

fn least_scale(type_name: &str) -> u32 {
    type_name.trim_end_matches(')').rsplit(',').next().and_then(|s| s.parse().ok()).unwrap_or(0)
}

fn decimals(least: u32, values: &[&Datum]) -> Result<ArrayRef> {
    let numbers: Vec<Option<Decimal>> = values.iter().map(|d| d.decimal()).collect();
    let scale = numbers.iter().flatten().map(Decimal::scale).max().unwrap_or(0).max(least);
    let wide = |number: Decimal| {
        let more = 10_i128.checked_pow(scale - number.scale()).and_then(|by| number.mantissa().checked_mul(by));
        more.ok_or_else(|| Error::internal(format!("{number} has too many digits for {scale} decimals")))
    };
    let wide: Vec<Option<i128>> = numbers.into_iter().map(|n| n.map(wide).transpose()).collect::<Result<_>>()?;
    let scale = i8::try_from(scale).map_err(|_| Error::internal("a scale is at most 28"))?;
    let array = Decimal128Array::from_iter(wide).with_precision_and_scale(PRECISION, scale);
    array.map(|a| Arc::new(a) as ArrayRef).map_err(|e| Error::internal("decimals do not fit").caused_by(e))
}

#[cfg(test)]
mod tests {
    use super::super::rows::RowsColumn;
    use super::*;
    use datafusion::arrow::datatypes::DataType;
    use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;

    #[test]
    fn nothing_is_rounded_and_bytes_repeat() {
        let column = |name: &str, kind: &str| RowsColumn { name: name.into(), type_name: kind.into() };
        let rows = Rows {
            columns: vec![
                column("amount", "decimal(38,2)"),
                column("day", "date"),
                column("mixed", "decimal(38,2)"),
                column("word", "text"),
            ],
            rows: vec![
                vec![Datum::Decimal("-1.5".parse().unwrap()), Datum::Null, Datum::Text("n/a".into()), Datum::Text("ñ".into())],
                vec![Datum::Decimal("2.12345".parse().unwrap()), Datum::Date("2026-10-31".parse().unwrap()), Datum::Int(3), Datum::Null],
            ],
        };
        let bytes = parquet(&rows).unwrap();
        assert_eq!(bytes, parquet(&rows).unwrap());
        let batch = ParquetRecordBatchReader::try_new(bytes::Bytes::from(bytes), 10).unwrap().next().unwrap().unwrap();
        assert_eq!(*batch.schema().field(0).data_type(), DataType::Decimal128(38, 5));
        let read = super::super::answer::rows(&batch.schema(), &[batch]).unwrap();
        assert_eq!(read.rows[0][0].to_string(), "-1.50000");
        assert_eq!(read.rows[1][0].to_string(), "2.12345");
        assert_eq!((read.rows[0][1].clone(), read.rows[1][1].to_string()), (Datum::Null, "2026-10-31".to_string()));
        assert_eq!((read.rows[0][2].to_string(), read.rows[1][2].to_string()), ("n/a".to_string(), "3".to_string()));
        assert_eq!(read.rows[1][3], Datum::Null);
    }
}
