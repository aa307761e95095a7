//! Movement rows: what identifies one, what it carries, and its form in the store.
//!
//! `Line` is everything but the amounts and the two remarks (effect, cause): two rows of one line add up, and a later load
//! compares what a line should sum to with what it does.

use crate::domain::days::{from_epoch_day, serde_day};
use crate::domain::kinds::{AgingClass, Cause, DocumentKind, Effect, MovementKind, SalesEffect};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Canonical table of the row that made a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceTable {
    /// `documents`.
    Documents,
    /// `applications`.
    Applications,
}

impl SourceTable {
    /// Every stored word, in the order of declaration.
    pub const WORDS: &'static [&'static str] = &["documents", "applications"];
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceTable::Documents => "documents",
            SourceTable::Applications => "applications",
        }
    }
}

/// Everything of a movement but amounts, effect and cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are the columns of `movements`, described there")]
pub struct Line {
    pub company_id: Text,
    pub customer_id: Text,
    pub document_id: Text,
    pub instalment: i32,
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
    pub movement_kind: MovementKind,
    pub account: Text,
    pub document_kind: DocumentKind,
    pub aging_class: AgingClass,
    #[serde(with = "serde_day")]
    pub document_date: NaiveDate,
    #[serde(with = "serde_day")]
    pub due_date: NaiveDate,
    pub currency: Text,
    pub sales_effect: Option<SalesEffect>,
    pub counter_document_id: Option<Text>,
    pub source_table: SourceTable,
    pub source_id: Text,
}

/// The amounts of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// In the item's currency.
    pub amount: Money,
    /// In the currency of the books.
    pub company_amount: Money,
    /// Net sales, on creation rows.
    pub net_sales: Money,
}

impl Sums {
    /// Whether nothing moves.
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero() && self.company_amount.is_zero() && self.net_sales.is_zero()
    }
    /// Adds; amounts outside the range of money are an error upstream, so they saturate nowhere.
    pub fn plus(self, other: Sums) -> Result<Sums> {
        let add = |a: Money, b: Money| a.checked_add(b).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"));
        Ok(Sums {
            amount: add(self.amount, other.amount)?,
            company_amount: add(self.company_amount, other.company_amount)?,
            net_sales: add(self.net_sales, other.net_sales)?,
        })
    }
    /// With every sign turned.
    pub fn turned(self) -> Sums {
        Sums { amount: -self.amount, company_amount: -self.company_amount, net_sales: -self.net_sales }
    }
}

/// A movement before it has its load and number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Where it counts.
    pub line: Line,
    /// What it carries.
    pub sums: Sums,
    /// First posting, business undo, or correction of our knowledge.
    pub effect: Effect,
    /// How it came to be known.
    pub cause: Cause,
}

/// Movements back from a stored batch.
pub fn movements_from_batch(batch: &RecordBatch) -> Result<Vec<Movement>> {
    let column = |name: &str| -> Result<&ArrayRef> {
        batch.column_by_name(name).ok_or_else(|| Error::data(format!("the stored table movements has no column {name}")))
    };
    let text = |name: &str| -> Result<&StringArray> {
        column(name)?.as_string_opt::<i32>().ok_or_else(|| Error::data(format!("movements.{name} is not text")))
    };
    let day = |name: &str| -> Result<_> {
        column(name)?.as_primitive_opt::<Date32Type>().ok_or_else(|| Error::data(format!("movements.{name} is not a day")))
    };
    let money = |name: &str| -> Result<_> {
        column(name)?.as_primitive_opt::<Decimal128Type>().ok_or_else(|| Error::data(format!("movements.{name} is not money")))
    };
    let instalment =
        column("instalment")?.as_primitive_opt::<Int32Type>().ok_or_else(|| Error::data("movements.instalment is not a number"))?;
    let (company, account, customer, document) = (text("company_id")?, text("account")?, text("customer_id")?, text("document_id")?);
    let (kind, class, movement) = (text("document_kind")?, text("aging_class")?, text("movement_kind")?);
    let (effect, cause, currency) = (text("effect")?, text("cause")?, text("currency")?);
    let (document_date, due, posting) = (day("document_date")?, day("due_date")?, day("posting_date")?);
    let (amount, company_amount, net) = (money("amount")?, money("company_amount")?, money("net_sales_amount")?);
    let (sales, counter, table, source) = (text("sales_effect")?, text("counter_document_id")?, text("source_table")?, text("source_id")?);
    let word = |what: &str, value: &str| {
        Error::data(format!("`{value}` is not a known {what}")).hint("the history was written by another version")
    };
    let cents = |value: i128| Money::from_hundredths(value).ok_or_else(|| Error::data("a stored amount leaves the range of (18,2)"));
    (0..batch.num_rows())
        .map(|i| {
            Ok(Movement {
                line: Line {
                    company_id: company.value(i).into(),
                    customer_id: customer.value(i).into(),
                    document_id: document.value(i).into(),
                    instalment: instalment.value(i),
                    posting_date: from_epoch_day(posting.value(i)),
                    movement_kind: MovementKind::parse(movement.value(i)).ok_or_else(|| word("movement kind", movement.value(i)))?,
                    account: account.value(i).into(),
                    document_kind: DocumentKind::parse(kind.value(i)).ok_or_else(|| word("document kind", kind.value(i)))?,
                    aging_class: AgingClass::parse(class.value(i)).ok_or_else(|| word("aging class", class.value(i)))?,
                    document_date: from_epoch_day(document_date.value(i)),
                    due_date: from_epoch_day(due.value(i)),
                    currency: currency.value(i).into(),
                    sales_effect: if sales.is_null(i) { None } else { SalesEffect::parse(sales.value(i)) },
                    counter_document_id: (!counter.is_null(i)).then(|| counter.value(i).into()),
                    source_table: if table.value(i) == "documents" { SourceTable::Documents } else { SourceTable::Applications },
                    source_id: source.value(i).into(),
                },
                sums: Sums {
                    amount: cents(amount.value(i))?,
                    company_amount: cents(company_amount.value(i))?,
                    net_sales: if net.is_null(i) { Money::ZERO } else { cents(net.value(i))? },
                },
                effect: Effect::parse(effect.value(i)).ok_or_else(|| word("effect", effect.value(i)))?,
                cause: Cause::parse(cause.value(i)).ok_or_else(|| word("cause", cause.value(i)))?,
            })
        })
        .collect()
}

pub(crate) fn arrow_error(error: arrow::error::ArrowError) -> Error {
    Error::internal("a batch of the store cannot be built").caused_by(error)
}
