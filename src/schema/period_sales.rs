//! `period_sales`: one row per company, month and currency.

use super::{Column, ColumnKind, Table, need};

/// The table.
pub const TABLE: Table =
    Table { name: "period_sales", grain: "company, month and currency", key: &["company_id", "month", "currency"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("month", ColumnKind::Month, "Month"),
    need("currency", ColumnKind::Currency, "Currency"),
    need("amount", ColumnKind::Money, "Credit sales, gross, where billing history is missing"),
];
