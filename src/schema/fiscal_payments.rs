//! `fiscal_payments`: one row per document paid in a payment complement.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table {
    name: "fiscal_payments",
    grain: "document paid in a payment complement",
    key: &["rep_uuid", "payment_no", "line"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("rep_uuid", ColumnKind::Id, "CFDI of type P"),
    need("payment_no", ColumnKind::Int, "Payment within it"),
    need("line", ColumnKind::Int, "Line within the payment"),
    need("payment_date", ColumnKind::Date, "FechaPago"),
    need("payment_currency", ColumnKind::Currency, "MonedaP"),
    may("payment_rate", ColumnKind::Rate, "TipoCambioP"),
    need("payment_amount", ColumnKind::Money, "Monto"),
    may("payment_form", ColumnKind::Text, "FormaDePagoP"),
    need("invoice_uuid", ColumnKind::Id, "Invoice paid"),
    need("instalment", ColumnKind::Int, "NumParcialidad"),
    need("previous_balance", ColumnKind::Money, "ImpSaldoAnt"),
    need("paid", ColumnKind::Money, "ImpPagado"),
    need("outstanding", ColumnKind::Money, "ImpSaldoInsoluto"),
    need("currency", ColumnKind::Currency, "MonedaDR"),
    may("equivalence", ColumnKind::Rate, "EquivalenciaDR"),
];
