//! `promises`: one row per promise.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "promises", grain: "promise", key: &["company_id", "promise_id"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("promise_id", ColumnKind::Id, "Promise"),
    need("customer_id", ColumnKind::Id, "Customer"),
    may("document_id", ColumnKind::Id, "Document promised"),
    may("collector_id", ColumnKind::Id, "Collector who took it"),
    need("taken_date", ColumnKind::Date, "Day it was taken"),
    need("promise_date", ColumnKind::Date, "Day it was promised for"),
    need("amount", ColumnKind::Money, "Promised amount"),
    need("currency", ColumnKind::Currency, "Currency"),
    may("cancelled_date", ColumnKind::Date, "Day it was cancelled or renegotiated"),
];
