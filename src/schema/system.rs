//! The store's own tables: movements, their cube, superseded rows, waiting applications, rejects, findings, loads.
//!
//! Not part of the contract with extracts; part of the contract with whoever reads `history/` or writes SQL.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// A table the store writes itself.
#[derive(Debug)]
pub struct SystemTable {
    /// Its name.
    pub name: &'static str,
    /// One row per what.
    pub grain: &'static str,
    /// Columns: name, type, nullable, meaning.
    pub columns: &'static [(&'static str, Type, bool, &'static str)],
}

/// Types of system columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Utf8.
    Text,
    /// Int32.
    Int,
    /// Int64.
    Long,
    /// Date32.
    Date,
    /// Decimal128(18,2).
    Money,
}

use Type::{Date, Int, Long, Money, Text};

/// One row per movement (POSTING 1).
pub const MOVEMENTS: SystemTable = SystemTable {
    name: "movements",
    grain: "movement",
    columns: &[
        ("load_id", Int, false, "Load in which it became known"),
        ("movement_id", Long, false, "Unique; load_id in the high part, ordinal in the low 32 bits"),
        ("company_id", Text, false, "Our company"),
        ("account", Text, false, "Receivable account"),
        ("customer_id", Text, false, "Customer"),
        ("document_id", Text, false, "Item the movement is on"),
        ("instalment", Int, false, "Instalment of the item"),
        ("document_kind", Text, false, "Kind of the item"),
        ("aging_class", Text, false, "due, unapplied, credits or advances"),
        ("movement_kind", Text, false, "What moved"),
        ("effect", Text, false, "entry, undo or correction"),
        ("cause", Text, false, "new, late, corrected, reclassified, vanished or inferred"),
        ("document_date", Date, false, "Day on the item's document"),
        ("due_date", Date, false, "Day the item falls due"),
        ("posting_date", Date, false, "Accounting day the row counts from"),
        ("currency", Text, false, "Currency of the item"),
        ("amount", Money, false, "Debit +, credit -"),
        ("company_amount", Money, false, "In the currency of the books at the booked rate"),
        ("sales_effect", Text, true, "On creation rows: sale, return, price, rebate, advance, interest, none"),
        ("net_sales_amount", Money, true, "On creation rows: signed amount less tax plus withheld"),
        ("counter_document_id", Text, true, "The other document of an application"),
        ("source_table", Text, false, "Canonical table of the row that made it"),
        ("source_id", Text, false, "Key of the row that made it, without the company"),
    ],
};

/// One row per load and its aggregate of movements; right for every pair of days.
pub const MOVEMENT_CUBE: SystemTable = SystemTable {
    name: "movement_cube",
    grain: "load, company, account, currency, class, kind, effect on sales, posting month, due day",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("company_id", Text, false, "Our company"),
        ("account", Text, false, "Receivable account"),
        ("currency", Text, false, "Currency"),
        ("aging_class", Text, false, "due, unapplied, credits or advances"),
        ("movement_kind", Text, false, "What moved"),
        ("sales_effect", Text, true, "Effect on sales of creation rows"),
        ("posting_month", Date, false, "First day of the posting month"),
        ("due_date", Date, false, "Day the item falls due"),
        ("amount", Money, false, "Sum of amount"),
        ("company_amount", Money, false, "Sum of company_amount"),
        ("net_sales_amount", Money, true, "Sum of net_sales_amount"),
        ("movement_count", Long, false, "Movements in it"),
    ],
};

/// One row per canonical row that a later load replaced or took away; a second one when a vanished application comes back.
pub const SUPERSEDED: SystemTable = SystemTable {
    name: "superseded",
    grain: "replaced canonical row",
    columns: &[
        ("load_id", Int, false, "Load that replaced it"),
        ("table_name", Text, false, "Canonical table"),
        ("row_key", Text, false, "Key columns joined by U+001F"),
        ("row_load_id", Int, false, "Load of the replaced row"),
        ("reason", Text, false, "changed, moved (to another document), vanished, or returned (it vanished and came back)"),
    ],
};

/// Signed rows: +1 an application or reversal waits for its document, -1 it no longer does.
pub const WAITING: SystemTable = SystemTable {
    name: "waiting",
    grain: "change of the waiting list",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("company_id", Text, false, "Our company"),
        ("source_table", Text, false, "Canonical table"),
        ("source_id", Text, false, "Row that waits"),
        ("missing_document_id", Text, false, "Document it waits for"),
        ("currency", Text, true, "Currency, where known"),
        ("amount", Money, false, "Amount that waits"),
        ("change", Int, false, "+1 waits, -1 no longer"),
    ],
};

/// One row per extract row that was set aside.
pub const REJECTS: SystemTable = SystemTable {
    name: "rejects",
    grain: "row set aside",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("source", Text, false, "File"),
        ("line", Long, false, "Line, header = 1"),
        ("column_no", Int, true, "Column, first = 1"),
        ("column_name", Text, true, "Column as the file calls it"),
        ("table_name", Text, false, "Canonical table"),
        ("company_id", Text, true, "Company, where readable"),
        ("currency", Text, true, "Currency, where readable"),
        ("amount", Money, true, "Amount, where readable"),
        ("code", Text, false, "Finding code"),
        ("reason", Text, false, "In plain words"),
        ("excerpt", Text, true, "The offending text"),
    ],
};

/// One row per finding of a load.
pub const FINDINGS: SystemTable = SystemTable {
    name: "findings",
    grain: "finding",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("code", Text, false, "Stable code"),
        ("severity", Text, false, "info, warning or error"),
        ("table_name", Text, false, "Canonical table"),
        ("company_id", Text, true, "Company"),
        ("row_key", Text, true, "Key of the row"),
        ("place", Text, true, "file:line:column"),
        ("message", Text, false, "In plain words"),
        ("excerpt", Text, true, "The offending text"),
        ("hint", Text, false, "Next step"),
    ],
};

/// Control totals: one row per load, table, company and currency.
pub const LOAD_TOTALS: SystemTable = SystemTable {
    name: "load_totals",
    grain: "load, table, company and currency",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("table_name", Text, false, "Canonical table"),
        ("company_id", Text, true, "Company, empty where unreadable"),
        ("currency", Text, true, "Currency, empty where the table has none"),
        ("rows_read", Long, false, "Rows read"),
        ("rows_loaded", Long, false, "Rows new or changed"),
        ("rows_rejected", Long, false, "Rows set aside"),
        ("rows_waiting", Long, false, "Rows stored, waiting for a document"),
        ("rows_unchanged", Long, false, "Rows already known"),
        ("amount_read", Money, true, "Sum of amount read"),
        ("amount_loaded", Money, true, "Sum of amount loaded"),
        ("amount_rejected", Money, true, "Sum of amount set aside"),
        ("amount_waiting", Money, true, "Sum of amount waiting"),
        ("amount_unchanged", Money, true, "Sum of amount already known"),
    ],
};

/// One row per load.
pub const LOADS: SystemTable = SystemTable {
    name: "loads",
    grain: "load",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("loaded_at", Text, false, "Instant of the commit, UTC, ISO 8601"),
        ("extract_day", Date, false, "Day the extracts speak of"),
        ("sources", Text, false, "Files, with digests, as JSON"),
        ("movement_count", Long, false, "Movements it added"),
        ("movement_amounts", Text, false, "Sum of amount per company and currency, as JSON"),
        ("rejects", Long, false, "Rows set aside"),
        ("findings", Long, false, "Findings"),
    ],
};

/// First days a company can be asked about (POSTING 6).
pub const COVERAGE: SystemTable = SystemTable {
    name: "coverage",
    grain: "load and company",
    columns: &[
        ("load_id", Int, false, "Load"),
        ("company_id", Text, false, "Our company"),
        ("balances_from", Date, false, "First day with right balances"),
        ("flows_from", Date, false, "First day with right flows"),
    ],
};

/// Customers that the project declares to be one: append-only, the newest row of a customer counts.
pub const CUSTOMER_MERGES: SystemTable = SystemTable {
    name: "customer_merges",
    grain: "load and customer whose merge was declared, changed or taken back",
    columns: &[
        ("load_id", Int, false, "Load from which it is known"),
        ("company_id", Text, false, "Our company"),
        ("customer_id", Text, false, "Customer as the extracts call it"),
        ("into_customer_id", Text, true, "Customer that it is; empty: the merge is taken back"),
        ("reason", Text, true, "Why, as the project says"),
    ],
};

/// One row per close record. No Delta table: the rows are the sealed records under `history/_closes`.
pub const CLOSES: SystemTable = SystemTable {
    name: "closes",
    grain: "closing or reopening of a period",
    columns: &[
        ("load_id", Int, false, "Load looked from"),
        ("number", Int, false, "Number of the record, counted over all periods"),
        ("kind", Text, false, "seal: closed; reopen: opened again"),
        ("period", Text, false, "The month, 2026-10"),
        ("as_of", Date, false, "Its last day"),
        ("sealed_at", Text, false, "Instant, UTC, ISO 8601"),
        ("reason", Text, true, "Why it was opened again"),
        ("prepared_by", Text, true, "Who prepared it"),
        ("reviewed_by", Text, true, "Who reviewed it"),
        ("movements_digest", Text, false, "Digest of the movements known"),
        ("digest", Text, false, "SHA-256 of the record's file"),
    ],
};

/// Every system table with rows of its own in the history.
pub const SYSTEM_TABLES: &[&SystemTable] =
    &[&MOVEMENTS, &MOVEMENT_CUBE, &SUPERSEDED, &WAITING, &REJECTS, &FINDINGS, &LOAD_TOTALS, &COVERAGE, &CUSTOMER_MERGES, &LOADS];

impl SystemTable {
    /// Arrow schema, meanings as metadata.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns
                .iter()
                .map(|(name, kind, nullable, meaning)| {
                    let data_type = match kind {
                        Text => DataType::Utf8,
                        Int => DataType::Int32,
                        Long => DataType::Int64,
                        Date => DataType::Date32,
                        Money => DataType::Decimal128(18, 2),
                    };
                    Field::new(*name, data_type, *nullable).with_metadata([("comment".to_string(), (*meaning).to_string())].into())
                })
                .collect::<Vec<_>>(),
        ))
    }
}
