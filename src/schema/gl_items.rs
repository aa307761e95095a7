//! `gl_items`: one row per explained difference between GL and subledger.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table {
    name: "gl_items",
    grain: "explained difference between GL and subledger",
    key: &["company_id", "account", "item_id"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("account", ColumnKind::Id, "GL account"),
    need("item_id", ColumnKind::Id, "Item"),
    need("posting_date", ColumnKind::Date, "First day it differs"),
    may("cleared_date", ColumnKind::Date, "Day it stopped differing"),
    need("currency", ColumnKind::Currency, "Currency"),
    need("amount", ColumnKind::Money, "GL minus subledger"),
    need("cause", ColumnKind::Word(&["manual_journal", "unposted", "timing", "revaluation", "reclass"]), "Why"),
];
