//! Versions of a document become one set of facts plus the days from which customer, account and due day changed.
//!
//! A correction rewrites what always was; a reclassification adds a boundary (POSTING 5).

use crate::config::Corrections;
use crate::domain::days::serde_day;
use crate::domain::text::Text;
use crate::ledger::facts::Document;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What an extract said of a document in one load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The load.
    pub load_id: i32,
    /// The extract's day.
    #[serde(with = "serde_day")]
    pub day: NaiveDate,
    /// What it said.
    pub document: Document,
    /// Whether that load's full extract no longer had it.
    pub vanished: bool,
}

/// The attributes that change in the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attributes {
    pub customer_id: Text,
    pub account: Text,
    pub due_date: NaiveDate,
}

/// Facts and attributes over time.
#[derive(Debug, Clone)]
pub(super) struct Timeline<'v> {
    /// The facts, as now known to have always been.
    pub document: &'v Document,
    /// Attributes from a day on; the first counts from the beginning.
    segments: Vec<(NaiveDate, Attributes)>,
}

fn attributes(document: &Document) -> Attributes {
    Attributes { customer_id: document.customer_id.clone(), account: document.account.clone(), due_date: document.due_date }
}

impl<'v> Timeline<'v> {
    /// Folds versions, oldest load first; `None` if there is none or the last one says that the document vanished.
    pub fn fold(versions: &'v [Version], corrections: Corrections) -> Option<Timeline<'v>> {
        let last = versions.last()?;
        if last.vanished {
            return None;
        }
        let mut segments: Vec<(NaiveDate, Attributes)> = vec![(NaiveDate::MIN, attributes(&versions[0].document))];
        for version in &versions[1..] {
            let new = attributes(&version.document);
            let current = segments.last().map(|s| s.1.clone()).expect("never empty");
            // What the project calls a correction is rewritten in every segment that still had the old value.
            for (_, segment) in &mut segments {
                if corrections.customer && segment.customer_id == current.customer_id {
                    segment.customer_id.clone_from(&new.customer_id);
                }
                if corrections.account && segment.account == current.account {
                    segment.account.clone_from(&new.account);
                }
                if corrections.due_date && segment.due_date == current.due_date {
                    segment.due_date = new.due_date;
                }
            }
            if segments.last().map(|s| &s.1) != Some(&new) {
                let from = version.document.effective_date.unwrap_or(version.day);
                // A later word about an earlier day overrides what was thought to follow it.
                segments.retain(|s| s.0 < from);
                segments.push((from, new));
            }
        }
        Some(Timeline { document: &last.document, segments })
    }

    /// Attributes on a day.
    pub fn on(&self, day: NaiveDate) -> &Attributes {
        self.segments.iter().rev().find(|s| s.0 <= day).map(|s| &s.1).unwrap_or(&self.segments[0].1)
    }

    /// Boundaries after a day: the day of the change, attributes before, attributes after.
    pub fn changes_after(&self, day: NaiveDate) -> impl Iterator<Item = (NaiveDate, &Attributes, &Attributes)> {
        self.segments.windows(2).filter(move |w| w[1].0 > day).map(|w| (w[1].0, &w[0].1, &w[1].1))
    }
}
