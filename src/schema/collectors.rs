//! `collectors`: one row per collector.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "collectors", grain: "collector", key: &["collector_id"], columns: COLUMNS };

const COLUMNS: &[Column] =
    &[need("collector_id", ColumnKind::Id, "Collector"), need("name", ColumnKind::Text, "Name"), may("team", ColumnKind::Text, "Team")];
