//! `gl_balances`: one row per company, account, day and currency.

use super::{Column, ColumnKind, Table, may, need};

/// The table.
pub const TABLE: Table = Table {
    name: "gl_balances",
    grain: "company, account, day and currency",
    key: &["company_id", "account", "as_of", "currency"],
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    need("company_id", ColumnKind::Id, "Our company"),
    need("account", ColumnKind::Id, "GL account"),
    need("as_of", ColumnKind::Date, "Day"),
    need("currency", ColumnKind::Currency, "Currency"),
    need("balance", ColumnKind::Money, "Balance, debit +"),
    may("company_balance", ColumnKind::Money, "Balance in the currency of the books"),
    may("role", ColumnKind::Word(&["ar", "ap_intercompany"]), "Role of the account; empty: ar"),
];
