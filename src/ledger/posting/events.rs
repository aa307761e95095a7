//! Applications of a document in the order they count, with their undoings.

use super::{History, Linked, Role};
use crate::domain::kinds::Cause;
use crate::domain::text::Text;
use crate::ledger::movement::SourceTable;
use chrono::NaiveDate;

/// One thing that happens to a document's balance through an application.
#[derive(Debug)]
pub(super) struct Event<'a> {
    /// Day it counts from.
    pub day: NaiveDate,
    /// The application.
    pub linked: &'a Linked,
    /// `None`: it applies. Otherwise it is undone, by whom and why.
    pub undone: Option<Undone>,
}

/// Who undid an application.
#[derive(Debug, Clone)]
pub(super) struct Undone {
    pub source_table: SourceTable,
    pub source_id: Text,
    pub cause: Option<Cause>,
    /// Whether a reversal of one of the documents did it, which is a finding.
    pub by_reversal: bool,
    /// Load of that reversal; of the application elsewhere.
    pub load_id: i32,
}

/// Whether an application has all it needs to post, seen from a known document.
pub(super) fn is_ready(linked: &Linked, own_currency: &str) -> bool {
    let application = &linked.application;
    if !application.kind.is_pair() || application.from.is_none() {
        return true;
    }
    match &linked.counterpart {
        None => false,
        Some(other) => application.from_amount.is_some() || other.currency == own_currency,
    }
}

/// Applications and undoings in the order they count. `posted` is the document's own first posting day.
pub(super) fn events<'a>(history: &'a History, posted: NaiveDate, currency: &str) -> Vec<Event<'a>> {
    let own_reversal = history.reversals.iter().min_by_key(|r| (r.posting_date, &r.document_id));
    let mut events = Vec::with_capacity(history.applications.len());
    for linked in history.applications.iter().filter(|l| is_ready(l, currency)) {
        let other = if linked.application.from.is_some() && linked.application.kind.is_pair() { linked.counterpart.as_ref() } else { None };
        let mut day = linked.application.posting_date.max(posted);
        if let Some(other) = other {
            day = day.max(other.posting_date);
        }
        let mut undoings: Vec<(NaiveDate, u8, Undone)> = Vec::new();
        if let Some(undo) = &linked.undo {
            undoings.push((
                undo.posting_date,
                0,
                Undone {
                    source_table: SourceTable::Applications,
                    source_id: undo.application_id.clone(),
                    cause: None,
                    by_reversal: false,
                    load_id: linked.load_id,
                },
            ));
        }
        if let Some(vanished) = linked.vanished {
            undoings.push((
                vanished,
                1,
                Undone {
                    source_table: SourceTable::Applications,
                    source_id: linked.application.application_id.clone(),
                    cause: Some(Cause::Vanished),
                    by_reversal: false,
                    load_id: linked.load_id,
                },
            ));
        }
        let by_document = |id: &str, load_id: i32| Undone {
            source_table: SourceTable::Documents,
            source_id: id.into(),
            cause: None,
            by_reversal: true,
            load_id,
        };
        if let Some(reversal) = own_reversal {
            undoings.push((reversal.posting_date, 2, by_document(&reversal.document_id, reversal.load_id)));
        }
        if let Some(reversal) = other.and_then(|o| o.reversed.as_ref()) {
            undoings.push((reversal.posting_date, 2, by_document(&reversal.document_id, reversal.load_id)));
        }
        events.push(Event { day, linked, undone: None });
        // Both sides must name the same undoing: earliest day, then the plainest reason, then the id.
        if let Some((on, _, undone)) = undoings.into_iter().min_by(|a, b| (a.0, a.1, &a.2.source_id).cmp(&(b.0, b.1, &b.2.source_id))) {
            events.push(Event { day: on.max(day), linked, undone: Some(undone) });
        }
    }
    events.sort_by(|a, b| order(a).cmp(&order(b)));
    events
}

fn order<'e>(event: &'e Event<'_>) -> (NaiveDate, bool, &'e str, Role) {
    (event.day, event.undone.is_some(), &event.linked.application.application_id, event.linked.role)
}
