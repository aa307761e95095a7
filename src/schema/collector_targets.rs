//! `collector_targets`: one row per collector, month and currency.

use super::{Column, ColumnKind, Table, need};

/// The table.
pub const TABLE: Table = Table {
    name: "collector_targets",
    grain: "collector, month and currency",
    key: &["collector_id", "month", "currency"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("collector_id", ColumnKind::Id, "Collector"),
    need("month", ColumnKind::Month, "Month of the target"),
    need("currency", ColumnKind::Currency, "Currency of the target"),
    need("amount", ColumnKind::Money, "Cash to collect"),
];
