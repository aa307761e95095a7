//! `disputes`: one row per dispute.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "disputes", grain: "dispute", key: &["company_id", "dispute_id"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("dispute_id", ColumnKind::Id, "Dispute"),
    need("document_id", ColumnKind::Id, "Disputed document"),
    need("opened_date", ColumnKind::Date, "Day it was raised"),
    may("closed_date", ColumnKind::Date, "Day it was settled"),
    need("reason", ColumnKind::Text, "Reason"),
    need("amount", ColumnKind::Money, "Disputed amount"),
    need("currency", ColumnKind::Currency, "Currency"),
    may("outcome", ColumnKind::Text, "Outcome"),
    may("owner_id", ColumnKind::Id, "Who works on it"),
];
