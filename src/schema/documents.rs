//! `documents`: one row per document and instalment.

use super::{Column, ColumnKind, Table, may, need};
use crate::domain::kinds::{DocumentKind, SalesEffect};

/// The table.
pub const TABLE: Table =
    Table { name: "documents", grain: "document and instalment", key: &["company_id", "document_id", "instalment"], columns: COLUMNS };

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("document_id", ColumnKind::Id, "Document, unique in the company over kinds and years"),
    may("instalment", ColumnKind::Int, "Instalment, 1 where empty"),
    need("document_kind", ColumnKind::Word(DocumentKind::WORDS), "What it is"),
    need("customer_id", ColumnKind::Id, "Customer"),
    may("account", ColumnKind::Id, "Receivable account; empty: the control account of the company"),
    need("document_date", ColumnKind::Date, "Day on the document"),
    may("posting_date", ColumnKind::Date, "Accounting day; empty: the document day"),
    may("due_date", ColumnKind::Date, "Day it falls due; empty: from the terms"),
    need("currency", ColumnKind::Currency, "Currency of the document"),
    need("amount", ColumnKind::Money, "What was posted to the receivable account; positive, but adjustments are signed"),
    may("tax_amount", ColumnKind::Money, "Tax in the amount"),
    may("withheld_amount", ColumnKind::Money, "Tax withheld, already out of the amount"),
    may("company_amount", ColumnKind::Money, "Amount in the currency of the books; empty: amount x accounting rate of the posting day"),
    may("sales_effect", ColumnKind::Word(SalesEffect::WORDS), "What it does to sales; empty: by kind"),
    may("payment_terms", ColumnKind::Text, "Terms of this document"),
    may("reference", ColumnKind::Text, "Reference of the customer"),
    may("reason", ColumnKind::Text, "Reason of a credit, debit or adjustment"),
    may("salesperson", ColumnKind::Id, "Salesperson"),
    may("reverses_document_id", ColumnKind::Id, "Document that this one reverses; it then makes no item of its own"),
    may("root_document_id", ColumnKind::Id, "First document of a residual or renewed item"),
    may("effective_date", ColumnKind::Date, "Day from which changed customer, due day or account count; empty: the extract day"),
    may("fiscal_uuid", ColumnKind::Id, "CFDI folio fiscal"),
    may("payment_method", ColumnKind::Word(&["PUE", "PPD"]), "CFDI payment method"),
];
