//! An answer as plain rows: what leaves the engine, so that no room behind it needs to know Arrow.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Columns in order.
    pub columns: Vec<RowsColumn>,
    /// Rows in order; one datum per column.
    pub rows: Vec<Vec<Datum>>,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsColumn {
    /// Name.
    pub name: String,
    /// SQL type in words (`text`, `int`, `date`, `decimal(18,2)`, `bool`, `float`).
    pub type_name: String,
}

/// One value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// NULL.
    Null,
    /// Text.
    Text(String),
    /// Whole number.
    Int(i64),
    /// Exact decimal, with its scale.
    Decimal(Decimal),
    /// Day.
    Date(NaiveDate),
    /// Boolean.
    Bool(bool),
    /// Anything else, as the engine prints it (floats of ad-hoc SQL, lists, timestamps).
    Other(String),
}

impl Rows {
    /// Position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }
}

impl Datum {
    /// The number behind a whole number or a decimal.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Datum::Int(i) => Some(Decimal::from(*i)),
            Datum::Decimal(d) => Some(*d),
            _ => None,
        }
    }
    /// The text of a text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Datum::Text(t) => Some(t),
            _ => None,
        }
    }
    /// The day of a day.
    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Datum::Date(d) => Some(*d),
            _ => None,
        }
    }
}

impl std::fmt::Display for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Datum::Null => Ok(()),
            Datum::Text(t) | Datum::Other(t) => f.write_str(t),
            Datum::Int(i) => write!(f, "{i}"),
            Datum::Decimal(d) => write!(f, "{d}"),
            Datum::Date(d) => write!(f, "{d}"),
            Datum::Bool(b) => write!(f, "{b}"),
        }
    }
}
