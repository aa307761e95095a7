//! Filling what an extract leaves to us, and the rules a row must keep before it is posted.
//!
//! Separate from [`super::intake`] because these are the words of POSTING 2 to 4 about single rows; what a row means against the
//! known rows of its key is decided there. What is filled is stored, so that it is never computed twice with different results.

use super::intake::Intake;
use super::reference::{company_of, due_from};
use super::stored::key_of;
use crate::domain::finding::Finding;
use crate::domain::kinds::{ApplicationKind, DocumentKind};
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::extract::Reject;
use crate::schema::{Origin, Table, Value};
use chrono::NaiveDate;

impl Intake<'_> {
    /// A customer's later version counts from the extract's day where the extract gives none.
    pub(super) fn date_customer(&self, table: &Table, values: &mut [Value], known: &[(i32, Box<[Value]>)]) {
        let at = table.position("valid_from").expect("customers have versions");
        if !values[at].is_null() || known.is_empty() {
            return;
        }
        let is_older =
            self.reference.last_day(table.name, values[0].text().unwrap_or_default()).is_some_and(|last| self.request.day < last);
        let in_force = |k: &&(i32, Box<[Value]>)| !is_older || k.1[at].date().is_none_or(|from| from <= self.request.day);
        let Some(latest) = known.iter().filter(in_force).max_by_key(|k| k.1[at].date()) else { return };
        let same = table.columns.iter().enumerate().all(|(i, _)| i == at || latest.1[i] == values[i]);
        // An older extract adds new customers only: it speaks of a version that is known.
        values[at] = if same || is_older { latest.1[at].clone() } else { Value::Date(self.request.day) };
    }

    /// Fills what the extract leaves to us and checks the rules of posting; a reject if one is broken.
    pub(super) fn complete(
        &mut self,
        table: &'static Table,
        values: &mut [Value],
        current: Option<&[Value]>,
        origin: Origin,
    ) -> Result<Option<Reject>> {
        let Some(company_id) = company_of(table, values).map(str::to_string) else { return Ok(None) };
        let Some(company) = self.reference.company(&company_id) else {
            let reason = format!("company {company_id} is not in companies");
            return Ok(Some(reject_of(table, values, origin, "company_unknown", reason, Some(company_id), "company_id")));
        };
        match table.name {
            "documents" => {
                let (account, currency) = (company.account.clone(), company.currency.clone());
                self.complete_document(table, values, current, origin, &account, &currency)
            }
            "applications" => Ok(complete_application(table, values, origin)),
            _ => Ok(None),
        }
    }

    fn complete_document(
        &mut self,
        table: &'static Table,
        values: &mut [Value],
        current: Option<&[Value]>,
        origin: Origin,
        account: &str,
        company_currency: &str,
    ) -> Result<Option<Reject>> {
        let at = |name: &str| table.position(name).expect("a column of documents");
        let kind = values[at("document_kind")].text().and_then(DocumentKind::parse);
        let (Some(kind), Some(amount), Some(document_date)) = (kind, values[at("amount")].money(), values[at("document_date")].date())
        else {
            return Err(Error::internal("a document without its required values passed the readers"));
        };
        if amount.is_negative() && kind != DocumentKind::Adjustment {
            let reason = format!("the amount of a {} is positive; its kind gives the sign", kind.as_str());
            return Ok(Some(reject_of(table, values, origin, "amount_sign", reason, Some(amount.to_string()), "amount")));
        }
        if values[at("instalment")].is_null() {
            values[at("instalment")] = Value::Int(1);
        }
        if values[at("account")].is_null() {
            values[at("account")] = Value::Text(account.into());
        }
        if values[at("posting_date")].is_null() {
            values[at("posting_date")] = Value::Date(document_date);
        }
        if values[at("sales_effect")].is_null() {
            values[at("sales_effect")] = Value::Text(kind.default_sales_effect().as_str().into());
        }
        if values[at("due_date")].is_null() {
            let known = current.and_then(|c| c[at("due_date")].date());
            let due = match known {
                Some(due) => due,
                None => self.due_day(table, values, kind, document_date, origin)?,
            };
            values[at("due_date")] = Value::Date(due);
        } else if current.is_none() && values[at("due_date")].date().is_some_and(|due| due < document_date) {
            let finding = Finding::new("due_before_issue", table.name, "it falls due before its document day");
            self.reports.finding(self.writer, placed(finding, table, values, &self.request.scopes, origin))?;
        }
        if values[at("company_amount")].is_null() {
            let same = current.filter(|c| ["amount", "currency", "posting_date"].iter().all(|n| c[at(n)] == values[at(n)]));
            if let Some(current) = same {
                values[at("company_amount")] = current[at("company_amount")].clone();
            } else {
                let currency = values[at("currency")].text().unwrap_or_default().to_string();
                let day = values[at("posting_date")].date().unwrap_or(document_date);
                if currency == company_currency {
                    values[at("company_amount")] = Value::Money(amount);
                } else {
                    let rate = self.reference.rate(&currency, company_currency, day);
                    let Some(value) = rate.and_then(|(rate, _)| amount.times_rate(rate)) else {
                        let reason = format!("no accounting rate {currency} to {company_currency} on {day} or shortly before");
                        return Ok(Some(reject_of(table, values, origin, "fx_rate_missing", reason, Some(currency), "currency")));
                    };
                    values[at("company_amount")] = Value::Money(value);
                }
            }
        }
        Ok(None)
    }

    fn due_day(
        &mut self,
        table: &'static Table,
        values: &[Value],
        kind: DocumentKind,
        document_date: NaiveDate,
        origin: Origin,
    ) -> Result<NaiveDate> {
        let at = |name: &str| table.position(name).expect("a column of documents");
        if kind.sign() < 0 || kind == DocumentKind::Refund {
            return Ok(document_date);
        }
        let own = values[at("payment_terms")].text().and_then(|terms| due_from(terms, document_date));
        let (company, customer) = (values[0].text().unwrap_or_default(), values[at("customer_id")].text().unwrap_or_default());
        let agreed = || {
            let days = self.reference.terms(company, customer)?;
            document_date.checked_add_signed(chrono::Duration::days(i64::from(days)))
        };
        let (due, how) = match own.map(|d| (d, "its own terms")).or_else(|| agreed().map(|d| (d, "the customer's terms"))) {
            Some(found) => found,
            None => (document_date, "the document day"),
        };
        let finding = Finding::new("due_date_missing", table.name, format!("no due day; {due} taken from {how}"));
        self.reports.finding(self.writer, placed(finding, table, values, &self.request.scopes, origin))?;
        Ok(due)
    }
}

fn complete_application(table: &'static Table, values: &[Value], origin: Origin) -> Option<Reject> {
    let at = |name: &str| table.position(name).expect("a column of applications");
    let kind = values[at("kind")].text().and_then(ApplicationKind::parse)?;
    let no_from = values[at("from_document_id")].is_null() && values[at("undoes_application_id")].is_null();
    if kind.is_pair() && kind != ApplicationKind::Receipt && no_from {
        let reason = format!("a {} application needs the document it comes from", kind.as_str());
        return Some(reject_of(table, values, origin, "value_missing", reason, None, "from_document_id"));
    }
    if kind.is_company_value_only() && !values[at("amount")].money().is_some_and(Money::is_zero) {
        let reason = format!("a {} moves company value only: its amount is 0", kind.as_str());
        let shown = values[at("amount")].to_string();
        return Some(reject_of(table, values, origin, "amount_sign", reason, Some(shown), "amount"));
    }
    None
}

pub(super) fn amount_of(table: &Table, values: &[Value]) -> Option<Money> {
    ["amount", "balance", "total", "paid"].iter().find_map(|name| table.position(name)).and_then(|i| values[i].money())
}

pub(super) fn shown(key: &str) -> String {
    key.replace('\u{1f}', "/")
}

pub(super) fn placed(finding: Finding, table: &'static Table, values: &[Value], scopes: &[super::Scope], origin: Origin) -> Finding {
    let file = scopes.get(origin.source as usize).map_or("", |s| s.fact.name.as_str());
    let company = company_of(table, values).unwrap_or_default();
    finding.of(company, shown(&key_of(table, values))).at(format!("{file}:{}", origin.line))
}

pub(super) fn reject_of(
    table: &'static Table,
    values: &[Value],
    origin: Origin,
    code: &'static str,
    reason: String,
    excerpt: Option<String>,
    column: &str,
) -> Reject {
    let text = |name: &str| table.position(name).and_then(|i| values[i].text()).map(str::to_string);
    Reject {
        table: table.name,
        source: origin.source,
        line: origin.line,
        column_no: None,
        column_name: Some(column.to_string()),
        code,
        reason,
        excerpt,
        company_id: text("company_id"),
        currency: text("currency"),
        amount: amount_of(table, values),
    }
}
