//! `customers`: one row per customer of a company, per version.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table {
    name: "customers",
    grain: "customer of a company, per version",
    key: &["company_id", "customer_id", "valid_from"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("customer_id", ColumnKind::Id, "Customer"),
    may("valid_from", ColumnKind::Date, "First day of this version; empty: always for the first, the extract day for later ones"),
    need("name", ColumnKind::Text, "Name"),
    may("tax_id", ColumnKind::Id, "RFC or foreign tax id"),
    may("parent_customer_id", ColumnKind::Id, "Parent that it belongs to"),
    may("counterparty_company_id", ColumnKind::Id, "Our own company behind an intercompany customer"),
    may("country", ColumnKind::Text, "ISO 3166 code"),
    may("language", ColumnKind::Word(&["es", "en"]), "Language of its statements"),
    may("segment", ColumnKind::Text, "Segment"),
    may("industry", ColumnKind::Text, "Industry"),
    may("payment_terms", ColumnKind::Text, "Agreed terms: days, or a code with days in it"),
    may("credit_limit", ColumnKind::Money, "Credit limit"),
    may("credit_currency", ColumnKind::Currency, "Currency of the limit"),
    may("collector_id", ColumnKind::Id, "Collector in charge"),
    may("status", ColumnKind::Word(&["active", "hold", "insolvent"]), "Credit status"),
    may("email", ColumnKind::Text, "Address for statements (personal data)"),
];
