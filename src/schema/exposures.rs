//! `exposures`: one row per customer, day and kind.

use super::{Column, ColumnKind, Table, need};

/// The table.
pub const TABLE: Table =
    Table { name: "exposures", grain: "customer, day and kind", key: &["company_id", "customer_id", "as_of", "kind"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("customer_id", ColumnKind::Id, "Customer"),
    need("as_of", ColumnKind::Date, "Day"),
    need("kind", ColumnKind::Word(&["open_orders", "unbilled", "guarantee"]), "What it is"),
    need("amount", ColumnKind::Money, "Amount"),
    need("currency", ColumnKind::Currency, "Currency"),
];
