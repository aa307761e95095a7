//! Canonical rows as Arrow batches in the stored layout, and back.
//!
//! Separate because it is the one place where a [`Value`] meets Arrow: the ledger writes and re-reads rows through it, and no
//! other room spells the layout of a canonical table. Files, compression and statistics are the ledger's.

use super::{ColumnKind, Table, Value};
use crate::domain::days::{epoch_day, from_epoch_day};
use crate::domain::money::Money;
use crate::error::{Error, Result};
use arrow::array::{
    Array, ArrayRef, Date32Array, Date32Builder, Decimal128Array, Decimal128Builder, Int32Array, Int32Builder, RecordBatch, StringArray,
    StringBuilder,
};
use arrow::compute::cast;
use rust_decimal::Decimal;
use std::sync::Arc;

/// Collects rows of one canonical table into a batch of [`Table::stored_schema`].
#[derive(Debug)]
pub struct BatchBuilder {
    table: &'static Table,
    load_ids: Int32Builder,
    columns: Vec<ColumnBuilder>,
}

#[derive(Debug)]
enum ColumnBuilder {
    Text(StringBuilder),
    Date(Date32Builder),
    Decimal(Decimal128Builder),
    Int(Int32Builder),
}

/// Places after the point of a stored rate.
const RATE_SCALE: u32 = 8;

impl BatchBuilder {
    /// An empty batch of that table.
    pub fn new(table: &'static Table) -> BatchBuilder {
        let columns = table.columns.iter().map(|c| ColumnBuilder::of(c.kind)).collect();
        BatchBuilder { table, load_ids: Int32Builder::new(), columns }
    }

    /// Rows collected so far.
    pub fn len(&self) -> usize {
        use arrow::array::ArrayBuilder;
        self.load_ids.len()
    }

    /// Whether nothing was collected yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds one row; values in the order of the table's columns. A value of the wrong kind is a bug and an internal error.
    pub fn push(&mut self, load_id: i32, values: &[Value]) -> Result<()> {
        if values.len() != self.columns.len() {
            return Err(Error::internal(format!("{} values for the {} columns of {}", values.len(), self.columns.len(), self.table.name)));
        }
        // Checked before anything is appended: a refused row must not leave columns of unequal length behind.
        for (i, value) in values.iter().enumerate() {
            if !self.columns[i].takes(value) {
                return Err(Error::internal(format!("{}.{} cannot hold {value:?}", self.table.name, self.table.columns[i].name)));
            }
        }
        self.load_ids.append_value(load_id);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.append(value);
        }
        Ok(())
    }

    /// The batch; the builder is empty again and can go on.
    pub fn finish(&mut self) -> Result<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.load_ids.finish())];
        arrays.extend(self.columns.iter_mut().map(ColumnBuilder::finish));
        RecordBatch::try_new(self.table.stored_schema(), arrays)
            .map_err(|e| Error::internal(format!("rows of {} do not make a batch", self.table.name)).caused_by(e))
    }
}

impl ColumnBuilder {
    fn of(kind: ColumnKind) -> ColumnBuilder {
        match kind {
            ColumnKind::Id | ColumnKind::Text | ColumnKind::Currency | ColumnKind::Word(_) => ColumnBuilder::Text(StringBuilder::new()),
            ColumnKind::Date | ColumnKind::Month => ColumnBuilder::Date(Date32Builder::new()),
            ColumnKind::Money | ColumnKind::Rate => ColumnBuilder::Decimal(Decimal128Builder::new().with_data_type(kind.data_type())),
            ColumnKind::Int => ColumnBuilder::Int(Int32Builder::new()),
        }
    }

    fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null)
            | (ColumnBuilder::Text(_), Value::Text(_))
            | (ColumnBuilder::Date(_), Value::Date(_))
            | (ColumnBuilder::Decimal(_), Value::Money(_))
            | (ColumnBuilder::Int(_), Value::Int(_)) => true,
            (ColumnBuilder::Decimal(_), Value::Rate(rate)) => rate_units(*rate).is_some(),
            _ => false,
        }
    }

    fn append(&mut self, value: &Value) {
        match self {
            ColumnBuilder::Text(b) => b.append_option(value.text()),
            ColumnBuilder::Date(b) => b.append_option(value.date().map(epoch_day)),
            ColumnBuilder::Decimal(b) => b.append_option(match value {
                Value::Money(money) => Some(i128::from(money.hundredths())),
                Value::Rate(rate) => rate_units(*rate),
                _ => None,
            }),
            ColumnBuilder::Int(b) => b.append_option(value.int()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            ColumnBuilder::Text(b) => Arc::new(b.finish()),
            ColumnBuilder::Date(b) => Arc::new(b.finish()),
            ColumnBuilder::Decimal(b) => Arc::new(b.finish()),
            ColumnBuilder::Int(b) => Arc::new(b.finish()),
        }
    }
}

/// A rate in units of 10^-8, if it can be stored exactly.
fn rate_units(rate: Decimal) -> Option<i128> {
    let rate = rate.normalize();
    let more = RATE_SCALE.checked_sub(rate.scale())?;
    let units = rate.mantissa().checked_mul(10i128.pow(more))?;
    (units.abs() < 10i128.pow(18)).then_some(units)
}

/// The rows of a batch with their load, columns found by name, so that text views or a narrower projection order do no harm.
pub fn rows_from_batch(table: &'static Table, batch: &RecordBatch) -> Result<Vec<(i32, Box<[Value]>)>> {
    let load_ids = typed(table, batch, "load_id", &arrow::datatypes::DataType::Int32)?;
    let load_ids = downcast::<Int32Array>(&load_ids)?;
    if load_ids.null_count() > 0 {
        return Err(Error::data(format!("a stored row of {} has no load_id", table.name)));
    }
    let mut rows: Vec<(i32, Vec<Value>)> = load_ids.values().iter().map(|id| (*id, Vec::with_capacity(table.columns.len()))).collect();
    for column in table.columns {
        let array = typed(table, batch, column.name, &column.kind.data_type())?;
        push_column(column.kind, &array, &mut rows).map_err(|e| e.context(format!("{}.{}", table.name, column.name)))?;
    }
    Ok(rows.into_iter().map(|(id, values)| (id, values.into_boxed_slice())).collect())
}

fn typed(table: &Table, batch: &RecordBatch, name: &str, to: &arrow::datatypes::DataType) -> Result<ArrayRef> {
    let array = batch
        .column_by_name(name)
        .ok_or_else(|| Error::data(format!("the stored table {} has no column {name}", table.name)).hint("run `cartera verify`"))?;
    if array.data_type() == to {
        return Ok(array.clone());
    }
    cast(array, to).map_err(|e| Error::data(format!("{}.{name} is stored as {}", table.name, array.data_type())).caused_by(e))
}

fn downcast<A: Array + 'static>(array: &ArrayRef) -> Result<&A> {
    array.as_any().downcast_ref::<A>().ok_or_else(|| Error::internal(format!("an array of {} where another was cast", array.data_type())))
}

fn push_column(kind: ColumnKind, array: &ArrayRef, rows: &mut [(i32, Vec<Value>)]) -> Result<()> {
    match kind {
        ColumnKind::Id | ColumnKind::Text | ColumnKind::Currency | ColumnKind::Word(_) => {
            for (row, text) in rows.iter_mut().zip(downcast::<StringArray>(array)?) {
                row.1.push(text.map_or(Value::Null, |t| Value::Text(t.into())));
            }
        }
        ColumnKind::Date | ColumnKind::Month => {
            for (row, day) in rows.iter_mut().zip(downcast::<Date32Array>(array)?) {
                row.1.push(day.map_or(Value::Null, |d| Value::Date(from_epoch_day(d))));
            }
        }
        ColumnKind::Money => {
            for (row, units) in rows.iter_mut().zip(downcast::<Decimal128Array>(array)?) {
                row.1.push(match units {
                    None => Value::Null,
                    Some(u) => Value::Money(Money::from_hundredths(u).ok_or_else(|| Error::data(format!("amount {u} is out of range")))?),
                });
            }
        }
        ColumnKind::Rate => {
            for (row, units) in rows.iter_mut().zip(downcast::<Decimal128Array>(array)?) {
                row.1.push(match units {
                    None => Value::Null,
                    Some(u) => Value::Rate(Decimal::from_i128_with_scale(u, RATE_SCALE).normalize()),
                });
            }
        }
        ColumnKind::Int => {
            for (row, number) in rows.iter_mut().zip(downcast::<Int32Array>(array)?) {
                row.1.push(number.map_or(Value::Null, Value::Int));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::days::parse_day;
    use crate::schema::{TABLES, table};

    /// A row of every table with every column filled, and one with every column empty.
    fn filled(t: &Table) -> Vec<Value> {
        t.columns
            .iter()
            .enumerate()
            .map(|(i, c)| match c.kind {
                ColumnKind::Id | ColumnKind::Text => Value::Text(format!("ñ-{i}").into()),
                ColumnKind::Currency => Value::Text("MXN".into()),
                ColumnKind::Word(words) => Value::Text(words[0].into()),
                ColumnKind::Date | ColumnKind::Month => Value::Date(parse_day("2026-10-01").unwrap()),
                ColumnKind::Money => Value::Money(Money::from_hundredths(-999_999_999_999_999_999).unwrap()),
                ColumnKind::Rate => Value::Rate("17.23450001".parse().unwrap()),
                ColumnKind::Int => Value::Int(-7),
            })
            .collect()
    }

    #[test]
    fn rows_come_back_as_they_went() {
        for t in TABLES {
            let mut builder = BatchBuilder::new(t);
            let empty = vec![Value::Null; t.columns.len()];
            builder.push(3, &filled(t)).unwrap();
            builder.push(4, &empty).unwrap();
            let batch = builder.finish().unwrap();
            assert_eq!(batch.schema(), t.stored_schema());
            let rows = rows_from_batch(t, &batch).unwrap();
            assert_eq!(rows, vec![(3, filled(t).into_boxed_slice()), (4, empty.into_boxed_slice())], "{}", t.name);
            assert!(builder.is_empty());
        }
    }

    #[test]
    fn a_wrong_value_is_refused_and_leaves_the_builder_whole() {
        let t = table("fx_rates").unwrap();
        let mut builder = BatchBuilder::new(t);
        let mut values = filled(t);
        values[5] = Value::Rate("1.123456789".parse().unwrap());
        assert!(builder.push(1, &values).unwrap_err().is_internal());
        assert!(builder.push(1, &values[1..]).unwrap_err().is_internal());
        builder.push(1, &filled(t)).unwrap();
        assert_eq!(builder.finish().unwrap().num_rows(), 1);
    }
}
