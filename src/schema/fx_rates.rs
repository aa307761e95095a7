//! `fx_rates`: one row per pair, day, kind and source.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table {
    name: "fx_rates",
    grain: "pair, day, kind and source",
    key: &["rate_date", "currency", "to_currency", "kind", "source"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("rate_date", ColumnKind::Date, "Day of publication"),
    need("currency", ColumnKind::Currency, "Currency priced"),
    need("to_currency", ColumnKind::Currency, "Currency of the price"),
    may("kind", ColumnKind::Word(&["accounting", "closing", "average", "fiscal"]), "Use of the rate; empty: accounting and closing"),
    may("source", ColumnKind::Text, "Who published it"),
    need("rate", ColumnKind::Rate, "Units of to_currency for one currency"),
];
