//! Canonical tables: the contract with the outside, one file a table — name, grain, key, columns with meaning.
//!
//! Data, not code: the readers validate against it, the store lays it out, the engine exposes it, the docs print it. The
//! `load_id` that every stored row carries is the store's, not the extract's, and is added by [`Table::stored_schema`].

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

mod activities;
mod applications;
pub mod batch;
mod collector_targets;
mod collectors;
mod companies;
mod customers;
mod disputes;
mod documents;
mod exposures;
mod fiscal_documents;
mod fiscal_payments;
mod fiscal_relations;
mod fx_rates;
mod gl_balances;
mod gl_items;
mod period_sales;
mod promises;
pub mod row;
pub mod system;

pub use row::{Origin, Row, Value};

/// What a column holds; decides how it is read, checked and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// An identifier: text, kept as written (leading zeros matter), trimmed.
    Id,
    /// Free text.
    Text,
    /// ISO 4217 code known to [`crate::domain::money::minor_units`].
    Currency,
    /// Calendar day, stored as Date32.
    Date,
    /// A month, written `YYYY-MM` or any of its days; stored as its first day, Date32.
    Month,
    /// Amount with at most the currency's decimals, Decimal128(18,2).
    Money,
    /// Exchange rate or ratio, Decimal128(18,8).
    Rate,
    /// Whole number, Int32.
    Int,
    /// One of the listed words.
    Word(&'static [&'static str]),
}

/// A column of a canonical table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in canonical extracts, in the store and in SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether a row without it is set aside.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// A canonical table.
#[derive(Debug)]
pub struct Table {
    /// Name of the table and of its canonical file.
    pub name: &'static str,
    /// One row per what.
    pub grain: &'static str,
    /// Key columns.
    pub key: &'static [&'static str],
    /// Columns in their order.
    pub columns: &'static [Column],
}

pub(crate) const fn need(name: &'static str, kind: ColumnKind, meaning: &'static str) -> Column {
    Column { name, kind, required: true, meaning }
}

pub(crate) const fn may(name: &'static str, kind: ColumnKind, meaning: &'static str) -> Column {
    Column { name, kind, required: false, meaning }
}

/// Every canonical table, in loading order (what others refer to comes first).
pub const TABLES: &[&Table] = &[
    &companies::TABLE,
    &collectors::TABLE,
    &customers::TABLE,
    &fx_rates::TABLE,
    &documents::TABLE,
    &applications::TABLE,
    &period_sales::TABLE,
    &exposures::TABLE,
    &disputes::TABLE,
    &promises::TABLE,
    &activities::TABLE,
    &collector_targets::TABLE,
    &gl_balances::TABLE,
    &gl_items::TABLE,
    &fiscal_documents::TABLE,
    &fiscal_relations::TABLE,
    &fiscal_payments::TABLE,
];

/// The canonical table of that name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|t| t.name == name)
}

impl ColumnKind {
    /// The Arrow type of the column.
    pub fn data_type(self) -> DataType {
        match self {
            ColumnKind::Id | ColumnKind::Text | ColumnKind::Currency | ColumnKind::Word(_) => DataType::Utf8,
            ColumnKind::Date | ColumnKind::Month => DataType::Date32,
            ColumnKind::Money => DataType::Decimal128(18, 2),
            ColumnKind::Rate => DataType::Decimal128(18, 8),
            ColumnKind::Int => DataType::Int32,
        }
    }
}

impl Table {
    /// Position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }
    /// Positions of the key columns.
    pub fn key_positions(&self) -> Vec<usize> {
        self.key.iter().map(|k| self.position(k).expect("a key names its columns")).collect()
    }
    /// Arrow schema of the stored table: `load_id` first, then the columns with their meanings as metadata.
    pub fn stored_schema(&self) -> SchemaRef {
        let mut fields = vec![Field::new("load_id", DataType::Int32, false)];
        fields.extend(
            self.columns.iter().map(|c| {
                Field::new(c.name, c.kind.data_type(), true).with_metadata([("comment".to_string(), c.meaning.to_string())].into())
            }),
        );
        Arc::new(Schema::new(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_well_formed() {
        for t in TABLES {
            assert!(!t.grain.is_empty() && !t.key.is_empty(), "{}", t.name);
            assert_eq!(t.key_positions().len(), t.key.len());
            for (i, c) in t.columns.iter().enumerate() {
                assert!(!c.meaning.is_empty(), "{}.{} has no meaning", t.name, c.name);
                assert_eq!(t.position(c.name), Some(i), "{}.{} stands twice", t.name, c.name);
            }
        }
    }
}
