//! `fiscal_documents`: one row per CFDI.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table { name: "fiscal_documents", grain: "CFDI", key: &["fiscal_uuid"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("fiscal_uuid", ColumnKind::Id, "Folio fiscal"),
    need("kind", ColumnKind::Word(&["I", "E", "P"]), "Tipo de comprobante"),
    need("issuer_tax_id", ColumnKind::Id, "RFC of the issuer"),
    need("receiver_tax_id", ColumnKind::Id, "RFC of the receiver"),
    may("series", ColumnKind::Text, "Serie"),
    may("folio", ColumnKind::Text, "Folio"),
    need("issued_at", ColumnKind::Date, "Day of issue"),
    may("stamped_at", ColumnKind::Date, "Day of the stamp"),
    need("currency", ColumnKind::Currency, "Currency"),
    need("total", ColumnKind::Money, "Total"),
    may("payment_method", ColumnKind::Word(&["PUE", "PPD"]), "Método de pago"),
    may("cancelled_at", ColumnKind::Date, "Day of cancellation"),
    may("cancel_reason", ColumnKind::Text, "Reason of cancellation"),
    may("replaced_by_uuid", ColumnKind::Id, "CFDI that replaces it"),
];
