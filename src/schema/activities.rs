//! `activities`: one row per contact.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "activities", grain: "contact", key: &["company_id", "activity_id"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("activity_id", ColumnKind::Id, "Activity"),
    need("customer_id", ColumnKind::Id, "Customer"),
    may("document_id", ColumnKind::Id, "Document"),
    need("collector_id", ColumnKind::Id, "Collector"),
    need("activity_date", ColumnKind::Date, "Day"),
    need("kind", ColumnKind::Word(&["call", "email", "letter", "visit", "note"]), "How"),
    may("outcome", ColumnKind::Word(&["no_answer", "reached", "right_party", "promise", "dispute"]), "Result"),
];
