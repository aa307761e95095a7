//! Customer statements as plain data: answers asked once for all customers in, one [`Statement`] a customer out.
//!
//! No drawing here. Total, strip of ages and items are sums over the same rows, and a statement whose activity does not end where its
//! items do is an error, not a page.

mod book;
mod build;
mod letter;
mod words;

pub use book::{Book, Key, Recipient, Request};
pub use letter::Letter;
pub use words::Words;

use crate::domain::lang::Lang;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use std::sync::Arc;

/// What a statement lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// The items that are open on the day.
    OpenItem,
    /// The balance before a period and what happened in it.
    BalanceForward,
}

/// One customer's statement of one company. Money is in the currency of its section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// Company, customer, day and load in one text, the same for the same statement.
    pub number: String,
    /// Language of every text in it.
    pub lang: Lang,
    /// What it lists.
    pub style: Style,
    /// Who states.
    pub company: Party,
    /// To whom.
    pub customer: Party,
    /// The as-of day.
    #[serde(with = "crate::domain::days::serde_day")]
    pub as_of: NaiveDate,
    /// First day of the period of a balance-forward statement.
    #[serde(with = "crate::domain::days::serde_day_opt")]
    pub from: Option<NaiveDate>,
    /// One per currency, by code; none if nothing is open.
    pub sections: Vec<Section>,
    /// Whom to ask; may be empty.
    pub contact: String,
    /// One line for the foot of each page: as-of, load, movements and their digest.
    pub proof: String,
    /// Its fixed words.
    #[serde(skip)]
    pub words: Arc<Words>,
}

/// A company or a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Id as in the extracts.
    pub id: String,
    /// Name.
    pub name: String,
    /// Tax id; may be empty.
    pub tax_id: String,
}

/// What is owed in one currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The currency.
    pub currency: String,
    /// Everything open, debit +.
    pub balance: Decimal,
    /// Of it: items past due.
    pub past_due: Decimal,
    /// Of it: what the customer disputes.
    pub disputed: Decimal,
    /// The open items: those that fall due first, then payments, credits and advances not applied.
    pub items: Vec<Item>,
    /// The period's activity, on a balance-forward statement.
    pub activity: Option<Activity>,
    /// The balance by age: every bucket of the project, and what is not applied where there is any.
    pub ageing: Vec<Step>,
    /// Where to pay; what is not known is left out.
    pub pay_to: Vec<Fact>,
}

/// A name and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// In the reader's words.
    pub label: String,
    /// What it is.
    pub text: String,
}

/// An open item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Code of what it is: `invoice`.
    pub kind: String,
    /// The same in the reader's words.
    pub concept: String,
    /// Document.
    pub document: String,
    /// Instalment.
    pub instalment: i64,
    /// Reference of the customer; may be empty.
    pub reference: String,
    /// Day on the document.
    #[serde(with = "crate::domain::days::serde_day")]
    pub document_date: NaiveDate,
    /// Day it falls due; none for what is owed to the customer.
    #[serde(with = "crate::domain::days::serde_day_opt")]
    pub due_date: Option<NaiveDate>,
    /// Days late, where it is.
    pub days_late: Option<i64>,
    /// What the document was for.
    pub original: Decimal,
    /// What is open of it.
    pub open: Decimal,
    /// What of it is in dispute.
    pub disputed: Decimal,
}

/// What happened in a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activity {
    /// Balance before its first day.
    pub opening: Decimal,
    /// What happened, by day.
    pub lines: Vec<Line>,
    /// Balance after its last day: that of the section.
    pub closing: Decimal,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Accounting day.
    #[serde(with = "crate::domain::days::serde_day")]
    pub day: NaiveDate,
    /// Code of what it is: `receipt`.
    pub kind: String,
    /// The same in the reader's words.
    pub concept: String,
    /// Document; empty for a line over several.
    pub document: String,
    /// Reference; may be empty.
    pub reference: String,
    /// What it adds to the balance.
    pub amount: Decimal,
    /// The balance after it.
    pub balance: Decimal,
}

/// A step of the strip of ages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Code of the bucket: `31-60`.
    pub bucket: String,
    /// In the reader's words.
    pub label: String,
    /// What is in it.
    pub amount: Decimal,
    /// Whether it is a bucket of debits, not of what is unapplied.
    pub is_due: bool,
}
