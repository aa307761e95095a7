//! Documents and applications as typed facts, made from complete canonical rows.
//!
//! Separate from `schema` because posting reads fields, not columns. A row is complete when intake has filled its defaults
//! (account, days, instalment, effect on sales, company amount), so nothing here is guessed.

use crate::domain::days::{serde_day, serde_day_opt};
use crate::domain::kinds::{ApplicationKind, DocumentKind, SalesEffect};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::schema::{self, Table, Value};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// One instalment of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Our company.
    pub company_id: Text,
    /// Unique in the company.
    pub document_id: Text,
    /// Instalment, from 1.
    pub instalment: i32,
    /// What it is.
    pub kind: DocumentKind,
    /// Customer.
    pub customer_id: Text,
    /// Receivable account.
    pub account: Text,
    /// Day on the document.
    #[serde(with = "serde_day")]
    pub document_date: NaiveDate,
    /// Accounting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
    /// Due day.
    #[serde(with = "serde_day")]
    pub due_date: NaiveDate,
    /// Currency.
    pub currency: Text,
    /// As posted to the receivable account; positive, adjustments signed.
    pub amount: Money,
    /// Tax in it.
    pub tax_amount: Money,
    /// Tax withheld, already out of the amount.
    pub withheld_amount: Money,
    /// In the currency of the books.
    pub company_amount: Money,
    /// Effect on sales.
    pub sales_effect: SalesEffect,
    /// The document it reverses; it then makes no item.
    pub reverses: Option<Text>,
    /// Day from which changed attributes count.
    #[serde(with = "serde_day_opt")]
    pub effective_date: Option<NaiveDate>,
}

/// One application, or the undoing of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Our company.
    pub company_id: Text,
    /// Unique in the company.
    pub application_id: Text,
    /// How it settles.
    pub kind: ApplicationKind,
    /// Document that pays.
    pub from: Option<Text>,
    /// Document that is paid.
    pub to: Text,
    /// Instalment paid, if the extract says.
    pub instalment: Option<i32>,
    /// Accounting day.
    #[serde(with = "serde_day")]
    pub posting_date: NaiveDate,
    /// In the currency of the paid document; positive lowers its balance.
    pub amount: Money,
    /// In the currency of the paying document.
    pub from_amount: Option<Money>,
    /// Value in the currency of the books, if the ERP gives it.
    pub company_amount: Option<Money>,
    /// The application it undoes.
    pub undoes: Option<Text>,
}

impl Document {
    /// Amount as it moves the balance: debit +, credit −.
    pub fn signed_amount(&self) -> Money {
        self.signed(self.amount)
    }
    /// Company amount as it moves the balance.
    pub fn signed_company_amount(&self) -> Money {
        self.signed(self.company_amount)
    }
    /// Net sales of the document, signed: amount − tax + withheld (POSTING 2).
    pub fn signed_net_sales(&self) -> Money {
        let net =
            i128::from(self.amount.hundredths()) - i128::from(self.tax_amount.hundredths()) + i128::from(self.withheld_amount.hundredths());
        self.signed(Money::from_hundredths(net).unwrap_or(self.amount))
    }
    fn signed(&self, value: Money) -> Money {
        if self.kind.sign() < 0 { -value } else { value }
    }
}

macro_rules! positions {
    ($name:ident, $table:literal, $($field:ident),*) => {
        /// Positions of the columns of a canonical table, found once.
        pub(super) struct $name { $(pub(super) $field: usize),* }
        impl $name {
            fn of(table: &Table) -> $name {
                $name { $($field: table.position(stringify!($field)).expect("a column of the canonical table")),* }
            }
        }
    };
}

positions!(
    DocumentAt,
    "documents",
    company_id,
    document_id,
    instalment,
    document_kind,
    customer_id,
    account,
    document_date,
    posting_date,
    due_date,
    currency,
    amount,
    tax_amount,
    withheld_amount,
    company_amount,
    sales_effect,
    reverses_document_id,
    effective_date,
    payment_terms
);
positions!(
    ApplicationAt,
    "applications",
    company_id,
    application_id,
    kind,
    from_document_id,
    to_document_id,
    instalment,
    posting_date,
    amount,
    from_amount,
    company_amount,
    undoes_application_id
);

pub(super) static DOCUMENT: LazyLock<DocumentAt> = LazyLock::new(|| DocumentAt::of(schema::table("documents").expect("documents exist")));
pub(super) static APPLICATION: LazyLock<ApplicationAt> =
    LazyLock::new(|| ApplicationAt::of(schema::table("applications").expect("applications exist")));

fn text(values: &[Value], at: usize) -> Option<Text> {
    match &values[at] {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

impl Document {
    /// From a complete row of `documents`; `None` if a needed value is missing, which intake excludes.
    pub fn from_values(values: &[Value]) -> Option<Document> {
        let at = &*DOCUMENT;
        Some(Document {
            company_id: text(values, at.company_id)?,
            document_id: text(values, at.document_id)?,
            instalment: values[at.instalment].int()?,
            kind: DocumentKind::parse(values[at.document_kind].text()?)?,
            customer_id: text(values, at.customer_id)?,
            account: text(values, at.account)?,
            document_date: values[at.document_date].date()?,
            posting_date: values[at.posting_date].date()?,
            due_date: values[at.due_date].date()?,
            currency: text(values, at.currency)?,
            amount: values[at.amount].money()?,
            tax_amount: values[at.tax_amount].money().unwrap_or_default(),
            withheld_amount: values[at.withheld_amount].money().unwrap_or_default(),
            company_amount: values[at.company_amount].money()?,
            sales_effect: SalesEffect::parse(values[at.sales_effect].text()?)?,
            reverses: text(values, at.reverses_document_id),
            effective_date: values[at.effective_date].date(),
        })
    }
}

impl Application {
    /// What it is worth where the paying document's company value equals its amount.
    pub fn plain_value(&self) -> Money {
        self.company_amount.unwrap_or(self.from_amount.unwrap_or(self.amount))
    }
    /// From a row of `applications`; `None` if a needed value is missing, which the readers exclude.
    pub fn from_values(values: &[Value]) -> Option<Application> {
        let at = &*APPLICATION;
        Some(Application {
            company_id: text(values, at.company_id)?,
            application_id: text(values, at.application_id)?,
            kind: ApplicationKind::parse(values[at.kind].text()?)?,
            from: text(values, at.from_document_id),
            to: text(values, at.to_document_id)?,
            instalment: values[at.instalment].int(),
            posting_date: values[at.posting_date].date()?,
            amount: values[at.amount].money()?,
            from_amount: values[at.from_amount].money(),
            company_amount: values[at.company_amount].money(),
            undoes: text(values, at.undoes_application_id),
        })
    }
}
