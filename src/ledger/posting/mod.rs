//! The law of posting: the known history of one document in, the rows it should have in the ledger out.
//!
//! A pure function of what is known, so that a load never asks "what changed?" but only "what should stand, and what does?"
//! ([`difference`]). That makes late, corrected, repeated and re-ordered extracts one case. Values that depend on another
//! document (its posting day, whether it was reversed, the carrying value it gives) arrive as [`Counterpart`] and `value`.

pub mod difference;
mod events;
mod post;
mod relief;
mod timeline;

pub use crate::config::Corrections;
pub use post::{Posted, Waiting, post};
pub use timeline::Version;

use super::facts::Application;
use super::movement::{Line, Sums};
use crate::domain::days::serde_day;
use crate::domain::kinds::{Cause, Effect};
use crate::domain::money::Money;
use crate::domain::text::Text;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything known about one document and what touches it.
#[derive(Debug, Default)]
pub struct History {
    /// Versions of each instalment, oldest load first.
    pub instalments: BTreeMap<i32, Vec<Version>>,
    /// Documents that reverse this one.
    pub reversals: Vec<Reversal>,
    /// Applications from or to it.
    pub applications: Vec<Linked>,
    /// Day of the opening snapshot of its company: documents posted by then are opening balance.
    pub opening_day: Option<NaiveDate>,
}

/// A document that reverses another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reversal {
    /// Its id.
    pub document_id: Text,
    /// Its instalment; a reversal of a document in instalments may have one for each.
    pub instalment: i32,
    /// Its own posting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
    /// Its amount, positive.
    pub amount: Money,
    /// Load in which it is known.
    pub load_id: i32,
}

/// Which side of an application a document is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// It is paid.
    To,
    /// It pays.
    From,
}

/// An application as one of its documents sees it.
#[derive(Debug, Clone)]
pub struct Linked {
    /// The application.
    pub application: Application,
    /// Load in which this version of it is known.
    pub load_id: i32,
    /// The document's side.
    pub role: Role,
    /// The other document, where there is one and it is known.
    pub counterpart: Option<Counterpart>,
    /// Company value the paying side gave up; for [`Role::To`].
    pub value: Option<Money>,
    /// The row that undoes it.
    pub undo: Option<Undo>,
    /// Extract day on which a full extract no longer had it.
    pub vanished: Option<NaiveDate>,
}

/// What a document tells the other side of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterpart {
    /// First posting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
    /// Currency.
    pub currency: Text,
    /// The document that reversed it, and when.
    pub reversed: Option<ReversedBy>,
}

/// Reference to a reversing document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversedBy {
    /// Load in which it is known.
    pub load_id: i32,
    /// Its id.
    pub document_id: Text,
    /// Its posting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
}

/// Reference to the row that undoes an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Its application id.
    pub application_id: Text,
    /// Its posting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
}

/// A row the ledger should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Where it counts.
    pub line: Line,
    /// What it carries.
    pub sums: Sums,
    /// Entry or undo.
    pub effect: Effect,
    /// Cause, where the fact itself has one (reclassified, vanished, inferred).
    pub cause: Option<Cause>,
}
