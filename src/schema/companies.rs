//! `companies`: one row per company.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "companies", grain: "company", key: &["company_id"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("name", ColumnKind::Text, "Legal name"),
    need("country", ColumnKind::Text, "ISO 3166 code of the country"),
    need("functional_currency", ColumnKind::Currency, "Currency of its books"),
    may("tax_id", ColumnKind::Id, "RFC, NIF, EIN"),
    may("control_account", ColumnKind::Id, "GL account that the receivables tie to, where a row names none"),
];
