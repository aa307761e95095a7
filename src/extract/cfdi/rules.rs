//! What a profile says of CFDI: whose they are, what settles what, and how the cancellation list is written.
//!
//! Separate from the other profile keys because nothing of it maps columns: the columns of a CFDI are the tax authority's.

use crate::domain::kinds::ApplicationKind;
use crate::domain::money::minor_units;
use crate::error::{Error, Result};
use crate::extract::profile::Read;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The `[cfdi]` section of a profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::extract) struct CfdiRules {
    /// Patterns of the XML files' names.
    pub files: Vec<String>,
    /// Our own companies.
    #[serde(default)]
    pub company: Vec<OwnCompany>,
    /// Without own companies: take every issuer for one. Else all CFDI of a load have one issuer.
    #[serde(default)]
    pub any_issuer: bool,
    /// Companies of the group by RFC that are customers here, beside our own.
    #[serde(default)]
    pub related: BTreeMap<String, String>,
    #[serde(default)]
    pub ledger: LedgerSource,
    #[serde(default)]
    pub pue: Pue,
    /// Products that make an invoice one of an advance.
    #[serde(default = "advance_products")]
    pub advance_products: Vec<String>,
    /// Forms of payment that are no cash, and the kind of application they are.
    #[serde(default = "not_cash")]
    pub not_cash: BTreeMap<String, String>,
    pub cancellations: Option<Cancellations>,
}

/// A company of ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::extract) struct OwnCompany {
    pub tax_id: String,
    pub company_id: String,
    /// Given: the load states the company too; else it is loaded from elsewhere.
    pub name: Option<String>,
    #[serde(default = "peso")]
    pub functional_currency: String,
    /// Receivable account of its documents.
    pub account: Option<String>,
}

/// Where the ledger comes from (POSTING 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::extract) enum LedgerSource {
    /// From the CFDI themselves.
    #[default]
    Cfdi,
    /// From an ERP: only the fiscal tables are filled.
    Erp,
}

/// What an invoice "paid in one exhibition" says about cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::extract) enum Pue {
    /// Nothing: it stays open until something settles it.
    #[default]
    Open,
    /// It was paid the day it was issued.
    PaidOnIssue,
    /// It was paid by the last day of its month, as the rule for it demands.
    PaidByMonthEnd,
}

/// The list of cancelled CFDI.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::extract) struct Cancellations {
    pub files: Vec<String>,
    pub uuid: String,
    /// Day of the cancellation; a time behind it is passed over.
    pub date: String,
    pub reason: Option<String>,
    pub replaced_by: Option<String>,
    /// Column that says whether the row is cancelled, and the words that say yes.
    pub status: Option<String>,
    #[serde(default)]
    pub cancelled: Vec<String>,
    #[serde(default)]
    pub read: Read,
}

fn peso() -> String {
    "MXN".to_string()
}

fn advance_products() -> Vec<String> {
    vec!["84111506".to_string()]
}

/// Compensation settles against what we owe; condoned, remitted and lapsed debts are given up.
fn not_cash() -> BTreeMap<String, String> {
    [("15", "write_off"), ("17", "netting"), ("25", "write_off"), ("26", "write_off")].map(|(k, v)| (k.into(), v.into())).into()
}

impl CfdiRules {
    /// Checks what can be checked before any file.
    pub fn check(&self) -> Result<()> {
        if self.files.is_empty() {
            return Err(Error::usage("[cfdi] `files` names no file").hint("write files = [\"*.xml\"]"));
        }
        if self.any_issuer && !self.company.is_empty() {
            return Err(Error::usage("[cfdi] names companies and any_issuer; it is one or the other"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for company in &self.company {
            if company.tax_id.trim() != company.tax_id || company.tax_id.is_empty() || company.company_id.trim().is_empty() {
                return Err(Error::usage("a [[cfdi.company]] lacks its tax_id or company_id, or has blanks around it"));
            }
            if !seen.insert(&company.tax_id) {
                return Err(Error::usage(format!("the RFC {} is given to two companies", company.tax_id)));
            }
            if minor_units(&company.functional_currency).is_none() {
                return Err(Error::usage(format!("`{}` is not a currency code this program knows", company.functional_currency)));
            }
        }
        for (form, kind) in &self.not_cash {
            match ApplicationKind::parse(kind) {
                Some(kind) if !kind.is_pair() && !kind.is_company_value_only() => {}
                _ => {
                    return Err(Error::usage(format!("not_cash: form of payment {form} cannot be `{kind}`"))
                        .hint("one of netting, write_off, discount, fee, factoring, withholding"));
                }
            }
        }
        match &self.cancellations {
            Some(list) if list.status.is_some() == list.cancelled.is_empty() => {
                Err(Error::usage("[cfdi.cancellations] `status` and `cancelled` stand together"))
            }
            _ => Ok(()),
        }
    }
}
