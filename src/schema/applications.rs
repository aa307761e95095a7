//! `applications`: one row per application.

use super::{Column, ColumnKind, Table, may, need};
use crate::domain::kinds::ApplicationKind;

/// The table.
pub const TABLE: Table = Table { name: "applications", grain: "application", key: &["company_id", "application_id"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("application_id", ColumnKind::Id, "Application"),
    need("kind", ColumnKind::Word(ApplicationKind::WORDS), "How it settles"),
    may("from_document_id", ColumnKind::Id, "Document that pays"),
    need("to_document_id", ColumnKind::Id, "Document that is paid"),
    may("instalment", ColumnKind::Int, "Instalment paid; empty: oldest due first"),
    need("posting_date", ColumnKind::Date, "Accounting day"),
    need("amount", ColumnKind::Money, "Amount in the currency of the paid document; positive lowers its balance"),
    may("from_amount", ColumnKind::Money, "Amount in the currency of the paying document, where it differs"),
    may("company_amount", ColumnKind::Money, "Value in the currency of the books, where the ERP gives it"),
    may("clearing_id", ColumnKind::Id, "Clearing group"),
    may("undoes_application_id", ColumnKind::Id, "Application that this one undoes"),
    may("reason", ColumnKind::Text, "Reason"),
];
