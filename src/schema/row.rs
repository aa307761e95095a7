//! One canonical row, validated, with the place it came from.

use super::Table;
use crate::domain::money::Money;
use crate::domain::text::Text;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A validated value; the variant follows from the column's kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Empty.
    Null,
    /// Id, Text, Currency, Word.
    Text(Text),
    /// Date, Month (its first day).
    Date(#[serde(with = "crate::domain::days::serde_day")] NaiveDate),
    /// Money.
    Money(Money),
    /// Rate.
    Rate(Decimal),
    /// Int.
    Int(i32),
}

/// Where a row came from: index into the load's list of sources, and its line (1 = header) or row number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Origin {
    /// Index into the load's sources.
    pub source: u32,
    /// 1-based line of the file.
    pub line: u64,
}

/// One validated row of a canonical table.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its table.
    pub table: &'static Table,
    /// One value per column of the table.
    pub values: Box<[Value]>,
    /// Where it came from.
    pub origin: Origin,
}

impl Value {
    /// The text of a text value.
    #[inline]
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }
    /// The day of a date value.
    #[inline]
    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Value::Date(d) => Some(*d),
            _ => None,
        }
    }
    /// The amount of a money value.
    #[inline]
    pub fn money(&self) -> Option<Money> {
        match self {
            Value::Money(m) => Some(*m),
            _ => None,
        }
    }
    /// The rate of a rate value.
    #[inline]
    pub fn rate(&self) -> Option<Decimal> {
        match self {
            Value::Rate(r) => Some(*r),
            _ => None,
        }
    }
    /// The number of an int value.
    #[inline]
    pub fn int(&self) -> Option<i32> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }
    /// Whether it is empty.
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Text(t) => f.write_str(t),
            Value::Date(d) => write!(f, "{d}"),
            Value::Money(m) => write!(f, "{m}"),
            Value::Rate(r) => write!(f, "{}", r.normalize()),
            Value::Int(i) => write!(f, "{i}"),
        }
    }
}

impl Row {
    /// The value of a named column; panics only if the name is not of this table, which is a bug.
    pub fn get(&self, column: &str) -> &Value {
        let i = self.table.position(column).unwrap_or_else(|| panic!("{} has no column {column}", self.table.name));
        &self.values[i]
    }
    /// The key, columns joined by U+001F; the identity of the row over loads.
    pub fn key(&self) -> String {
        Row::key_of(self.table, &self.values)
    }
    /// [`Row::key`] of values of a table.
    pub fn key_of(table: &Table, values: &[Value]) -> String {
        use std::fmt::Write;
        let mut key = String::new();
        for (n, name) in table.key.iter().enumerate() {
            if n > 0 {
                key.push('\u{1f}');
            }
            if let Some(i) = table.position(name) {
                let _ = write!(key, "{}", values[i]);
            }
        }
        key
    }
}
