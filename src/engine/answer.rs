//! Batches become plain rows: exact decimals, days, texts; what has no plain form is shown as the engine prints it.

use super::rows::{Datum, Rows, RowsColumn};
use crate::domain::days::from_epoch_day;
use crate::error::{Error, Result};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{self as types, DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use rust_decimal::Decimal;

/// The rows of some batches of one schema.
pub(super) fn rows(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Rows> {
    let columns = schema.fields().iter().map(|f| RowsColumn { name: f.name().clone(), type_name: type_name(f.data_type()) }).collect();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let mut columns = batch.columns().iter().map(|c| datums(c).map(Vec::into_iter)).collect::<Result<Vec<_>>>()?;
        for _ in 0..batch.num_rows() {
            rows.push(columns.iter_mut().map(|c| c.next().unwrap_or(Datum::Null)).collect());
        }
    }
    Ok(Rows { columns, rows })
}

/// A type in words.
pub(super) fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_string(),
        kind if kind.is_integer() => "int".to_string(),
        DataType::Date32 => "date".to_string(),
        DataType::Decimal128(p, s) | DataType::Decimal256(p, s) | DataType::Decimal64(p, s) | DataType::Decimal32(p, s) => {
            format!("decimal({p},{s})")
        }
        DataType::Boolean => "bool".to_string(),
        kind if kind.is_floating() => "float".to_string(),
        DataType::Null => "null".to_string(),
        other => other.to_string().to_lowercase(),
    }
}

fn datums(column: &ArrayRef) -> Result<Vec<Datum>> {
    macro_rules! plain {
        ($values:expr, $datum:expr) => {
            Ok($values.iter().map(|v| v.map_or(Datum::Null, $datum)).collect())
        };
    }
    macro_rules! whole {
        ($kind:ty) => {
            plain!(column.as_primitive::<$kind>(), |v| Datum::Int(i64::from(v)))
        };
    }
    match column.data_type() {
        DataType::Null => Ok(vec![Datum::Null; column.len()]),
        DataType::Utf8 => plain!(column.as_string::<i32>(), |v| Datum::Text(v.to_string())),
        DataType::LargeUtf8 => plain!(column.as_string::<i64>(), |v| Datum::Text(v.to_string())),
        DataType::Utf8View => plain!(column.as_string_view(), |v| Datum::Text(v.to_string())),
        DataType::Boolean => plain!(column.as_boolean(), Datum::Bool),
        DataType::Int8 => whole!(types::Int8Type),
        DataType::Int16 => whole!(types::Int16Type),
        DataType::Int32 => whole!(types::Int32Type),
        DataType::Int64 => whole!(types::Int64Type),
        DataType::UInt8 => whole!(types::UInt8Type),
        DataType::UInt16 => whole!(types::UInt16Type),
        DataType::UInt32 => whole!(types::UInt32Type),
        DataType::UInt64 => {
            plain!(column.as_primitive::<types::UInt64Type>(), |v| i64::try_from(v).map_or(Datum::Decimal(Decimal::from(v)), Datum::Int))
        }
        DataType::Date32 => plain!(column.as_primitive::<types::Date32Type>(), |v| Datum::Date(from_epoch_day(v))),
        DataType::Decimal128(_, scale) => {
            let scale = u32::try_from(*scale).unwrap_or(u32::MAX);
            let values = column.as_primitive::<types::Decimal128Type>();
            Ok((0..values.len())
                .map(|i| match values.is_null(i) {
                    true => Datum::Null,
                    false => Decimal::try_from_i128_with_scale(values.value(i), scale)
                        .map_or_else(|_| Datum::Other(values.value_as_string(i)), Datum::Decimal),
                })
                .collect())
        }
        _ => {
            let format = FormatOptions::default();
            let shown =
                ArrayFormatter::try_new(column.as_ref(), &format).map_err(|e| Error::internal("cannot show a column").caused_by(e))?;
            Ok((0..column.len()).map(|i| if column.is_null(i) { Datum::Null } else { Datum::Other(shown.value(i).to_string()) }).collect())
        }
    }
}
