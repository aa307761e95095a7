//! What a load looks for in the rows of each canonical table: positions found once, keys and hashes made from them.

use super::stage::hash_of;
use crate::domain::days::epoch_day;
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::ledger::facts::Application;
use crate::schema::{self, Row, Table, Value};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Int32Type};
use chrono::NaiveDate;
use std::hash::{DefaultHasher, Hasher};
use std::sync::LazyLock;

/// Positions of a table's columns.
pub(super) struct Shape {
    /// The table.
    pub table: &'static Table,
    /// Its number in loading order.
    pub number: u8,
    /// What decides the bucket: the key; of customers without their version day, of documents with instalment 1 where none is given.
    identity: Vec<usize>,
    instalment: Option<usize>,
    company: Option<usize>,
    currency: Option<usize>,
    amount: Option<usize>,
    posting_date: Option<usize>,
    valid_from: Option<usize>,
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let of = |(number, table): (usize, &&'static Table)| {
        let at = |name: &str| table.position(name);
        let identity = match table.name {
            "customers" => ["company_id", "customer_id"].iter().filter_map(|c| at(c)).collect(),
            _ => table.key_positions(),
        };
        Shape {
            table,
            number: number as u8,
            identity,
            instalment: at("instalment").filter(|_| table.name == "documents"),
            company: at("company_id"),
            currency: at("currency"),
            amount: ["amount", "balance", "total", "paid"].iter().find_map(|name| at(name)),
            posting_date: at("posting_date"),
            valid_from: at("valid_from").filter(|_| table.name == "customers"),
        }
    };
    schema::TABLES.iter().enumerate().map(of).collect()
});

/// The shape of a table.
pub(super) fn shape(table: &Table) -> &'static Shape {
    SHAPES.iter().find(|s| std::ptr::eq(s.table, table) || s.table.name == table.name).expect("a canonical table")
}

/// The shape of a table by its number.
pub(super) fn numbered(number: u8) -> &'static Shape {
    &SHAPES[usize::from(number)]
}

impl Shape {
    /// Our company, if the table has one.
    pub fn company<'v>(&self, values: &'v [Value]) -> Option<&'v str> {
        self.company.and_then(|i| values[i].text())
    }
    /// The currency, if the table has one.
    pub fn currency<'v>(&self, values: &'v [Value]) -> Option<&'v str> {
        self.currency.and_then(|i| values[i].text())
    }
    /// What control totals add up.
    pub fn amount(&self, values: &[Value]) -> Option<Money> {
        self.amount.and_then(|i| values[i].money())
    }
    /// The accounting day.
    pub fn posting_date(&self, values: &[Value]) -> Option<NaiveDate> {
        self.posting_date.and_then(|i| values[i].date())
    }
    /// Key of a row, as [`Row::key`] gives it.
    pub fn key(&self, values: &[Value]) -> String {
        Row::key_of(self.table, values)
    }
    /// Whether two rows have the same key.
    pub fn same_key(&self, a: &[Value], b: &[Value]) -> bool {
        self.same_identity(a, b) && self.valid_from.is_none_or(|i| a[i] == b[i])
    }
    /// Whether two rows are of one thing: the same key, but for a version's first day.
    pub fn same_identity(&self, a: &[Value], b: &[Value]) -> bool {
        self.identity
            .iter()
            .all(|i| if Some(*i) == self.instalment { a[*i].int().unwrap_or(1) == b[*i].int().unwrap_or(1) } else { a[*i] == b[*i] })
    }

    /// Hash of table and identity.
    pub fn hash(&self, values: &[Value]) -> u64 {
        let mut hasher = self.hasher();
        for i in &self.identity {
            match &values[*i] {
                Value::Null if Some(*i) == self.instalment => hasher.write_i32(1),
                Value::Null => hasher.write_u8(0),
                Value::Text(text) => write_text(&mut hasher, text),
                Value::Int(number) => hasher.write_i32(*number),
                Value::Date(day) => hasher.write_i32(epoch_day(*day)),
                other => write_text(&mut hasher, &other.to_string()),
            }
        }
        hasher.finish()
    }

    /// [`Shape::hash`] of every row of a stored batch.
    pub fn hashes(&self, batch: &RecordBatch) -> Result<Vec<u64>> {
        let mut hashers: Vec<DefaultHasher> = (0..batch.num_rows()).map(|_| self.hasher()).collect();
        for i in &self.identity {
            let column = &self.table.columns[*i];
            let array = batch.column_by_name(column.name).ok_or_else(|| stored_otherwise(self.table, column.name))?;
            let each = hashers.iter_mut().enumerate();
            match array.data_type() {
                DataType::Utf8 => {
                    let texts = array.as_string::<i32>();
                    each.for_each(|(n, h)| if texts.is_null(n) { h.write_u8(0) } else { write_text(h, texts.value(n)) });
                }
                DataType::Int32 => {
                    let missing = Some(*i) == self.instalment;
                    let numbers = array.as_primitive::<Int32Type>();
                    each.for_each(|(n, h)| match (numbers.is_null(n), missing) {
                        (true, true) => h.write_i32(1),
                        (true, false) => h.write_u8(0),
                        (false, _) => h.write_i32(numbers.value(n)),
                    });
                }
                DataType::Date32 => {
                    let days = array.as_primitive::<Date32Type>();
                    each.for_each(|(n, h)| if days.is_null(n) { h.write_u8(0) } else { h.write_i32(days.value(n)) });
                }
                _ => return Err(stored_otherwise(self.table, column.name)),
            }
        }
        Ok(hashers.into_iter().map(|h| h.finish()).collect())
    }

    fn hasher(&self) -> DefaultHasher {
        // Fixed keys: the same extract gives the same buckets.
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(self.number);
        hasher
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

fn write_text(hasher: &mut DefaultHasher, text: &str) {
    hasher.write(text.as_bytes());
    hasher.write_u8(0xff);
}

fn stored_otherwise(table: &Table, column: &str) -> Error {
    Error::data(format!("the stored table {} has no such column {column}", table.name)).hint("run `cartera verify`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::batch::BatchBuilder;
    use crate::schema::{ColumnKind, TABLES};

    #[test]
    fn stored_rows_hash_as_their_values_do() {
        for table in TABLES {
            let shape = shape(table);
            let full: Vec<Value> = table
                .columns
                .iter()
                .map(|c| match c.kind {
                    ColumnKind::Int => Value::Int(3),
                    ColumnKind::Date | ColumnKind::Month => Value::Date(crate::domain::days::parse_day("2026-10-01").unwrap()),
                    ColumnKind::Money => Value::Money(Money::from_hundredths(5).unwrap()),
                    ColumnKind::Rate => Value::Rate(rust_decimal::Decimal::ONE),
                    ColumnKind::Word(words) => Value::Text(words[0].into()),
                    _ => Value::Text("ñ".into()),
                })
                .collect();
            let empty = vec![Value::Null; full.len()];
            let mut builder = BatchBuilder::new(table);
            builder.push(1, &full).unwrap();
            builder.push(1, &empty).unwrap();
            let batch = builder.finish().unwrap();
            assert_eq!(shape.hashes(&batch).unwrap(), [shape.hash(&full), shape.hash(&empty)], "{}", table.name);
        }
    }

    #[test]
    fn an_instalment_that_is_not_given_is_the_first() {
        let documents = shape(schema::table("documents").unwrap());
        let at = documents.instalment.unwrap();
        let mut given = vec![Value::Null; documents.table.columns.len()];
        let missing = given.clone();
        given[at] = Value::Int(1);
        assert!(documents.same_identity(&given, &missing) && documents.hash(&given) == documents.hash(&missing));
        given[at] = Value::Int(2);
        assert!(!documents.same_identity(&given, &missing) && documents.hash(&given) != documents.hash(&missing));
    }
}
