//! `fiscal_relations`: one row per relation between two CFDI.

use super::{Column, ColumnKind, Table, need};

/// The table.
pub const TABLE: Table =
    Table { name: "fiscal_relations", grain: "relation between two CFDI", key: &["fiscal_uuid", "related_uuid"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("fiscal_uuid", ColumnKind::Id, "CFDI"),
    need("related_uuid", ColumnKind::Id, "Related CFDI"),
    need("relation", ColumnKind::Text, "TipoRelacion"),
];
