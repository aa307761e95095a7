//! Filling what an extract leaves to us, and the rules a row must keep before it is posted.
//!
//! Separate from [`super::sorting`] because these are the words of POSTING 2 to 4 about single rows; what a row means against the
//! known rows of its key is decided there. What is filled is stored, so that it is never computed twice with different results.

use super::reference::{Company, due_from};
use super::shape::Shape;
use super::sorting::Sorting;
use crate::domain::finding::Finding;
use crate::domain::kinds::{ApplicationKind, DocumentKind};
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::extract::Reject;
use crate::ledger::facts::{APPLICATION, DOCUMENT};
use crate::schema::{Origin, Table, Value};
use chrono::NaiveDate;

impl Sorting<'_> {
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
        shape: &'static Shape,
        values: &mut [Value],
        current: Option<&[Value]>,
        origin: Origin,
    ) -> Result<Option<Reject>> {
        let reference = self.reference;
        let Some(company_id) = shape.company(values) else { return Ok(None) };
        let Some(company) = reference.company(company_id) else {
            let reason = format!("company {company_id} is not in companies");
            let shown = company_id.to_string();
            return Ok(Some(reject_of(shape, values, origin, "company_unknown", reason, Some(shown), "company_id")));
        };
        match shape.table.name {
            "documents" => self.complete_document(shape, values, current, origin, company),
            "applications" => Ok(complete_application(shape, values, origin)),
            _ => Ok(None),
        }
    }

    fn complete_document(
        &mut self,
        shape: &'static Shape,
        values: &mut [Value],
        current: Option<&[Value]>,
        origin: Origin,
        company: &Company,
    ) -> Result<Option<Reject>> {
        let at = &*DOCUMENT;
        let kind = values[at.document_kind].text().and_then(DocumentKind::parse);
        let (Some(kind), Some(amount), Some(document_date)) = (kind, values[at.amount].money(), values[at.document_date].date()) else {
            return Err(Error::internal("a document without its required values passed the readers"));
        };
        if amount.is_negative() && kind != DocumentKind::Adjustment {
            let reason = format!("an amount is written without sign; the kind, here {}, gives it", kind.as_str());
            return Ok(Some(reject_of(shape, values, origin, "amount_sign", reason, Some(amount.to_string()), "amount")));
        }
        if values[at.instalment].is_null() {
            values[at.instalment] = Value::Int(1);
        }
        if values[at.account].is_null() {
            values[at.account] = Value::Text(company.account.clone());
        }
        if values[at.posting_date].is_null() {
            values[at.posting_date] = Value::Date(document_date);
        }
        if values[at.sales_effect].is_null() {
            values[at.sales_effect] = Value::Text(kind.default_sales_effect().as_str().into());
        }
        if values[at.due_date].is_null() {
            let known = current.and_then(|c| c[at.due_date].date());
            let due = match known {
                Some(due) => due,
                None => self.due_day(shape, values, kind, document_date, origin),
            };
            values[at.due_date] = Value::Date(due);
        } else if current.is_none() && values[at.due_date].date().is_some_and(|due| due < document_date) {
            let finding = Finding::new("due_before_issue", shape.table.name, "it falls due before its document day");
            self.finding(finding, shape, values, origin);
        }
        if values[at.company_amount].is_null() {
            let same = current.filter(|c| [at.amount, at.currency, at.posting_date].iter().all(|i| c[*i] == values[*i]));
            if let Some(current) = same {
                values[at.company_amount] = current[at.company_amount].clone();
            } else {
                let currency = values[at.currency].text().unwrap_or_default().to_string();
                let day = values[at.posting_date].date().unwrap_or(document_date);
                if currency == company.currency {
                    values[at.company_amount] = Value::Money(amount);
                } else {
                    let rate = self.reference.rate(&currency, &company.currency, day);
                    let Some(value) = rate.and_then(|(rate, _)| amount.times_rate(rate)) else {
                        let why = self.reference.why_no_rate(&currency, &company.currency, day);
                        let reason = format!("no accounting rate {currency} to {} on {day}: {why}", company.currency);
                        return Ok(Some(reject_of(shape, values, origin, "fx_rate_missing", reason, Some(currency), "currency")));
                    };
                    values[at.company_amount] = Value::Money(value);
                }
            }
        }
        Ok(None)
    }

    fn due_day(
        &mut self,
        shape: &'static Shape,
        values: &[Value],
        kind: DocumentKind,
        document_date: NaiveDate,
        origin: Origin,
    ) -> NaiveDate {
        let at = &*DOCUMENT;
        if kind.sign() < 0 || kind == DocumentKind::Refund {
            return document_date;
        }
        let own = values[at.payment_terms].text().and_then(|terms| due_from(terms, document_date));
        let (company, customer) = (values[0].text().unwrap_or_default(), values[at.customer_id].text().unwrap_or_default());
        let agreed = || {
            let days = self.reference.terms(company, customer, document_date)?;
            document_date.checked_add_signed(chrono::Duration::days(i64::from(days)))
        };
        let (due, how) = match own.map(|d| (d, "its own terms")).or_else(|| agreed().map(|d| (d, "the customer's terms"))) {
            Some(found) => found,
            None => (document_date, "the document day"),
        };
        let finding = Finding::new("due_date_missing", shape.table.name, format!("no due day; {due} taken from {how}"));
        self.finding(finding, shape, values, origin);
        due
    }
}

fn complete_application(shape: &'static Shape, values: &[Value], origin: Origin) -> Option<Reject> {
    let at = &*APPLICATION;
    let kind = values[at.kind].text().and_then(ApplicationKind::parse)?;
    let no_from = values[at.from_document_id].is_null() && values[at.undoes_application_id].is_null();
    if kind.is_pair() && kind != ApplicationKind::Receipt && no_from {
        let reason = format!("a {} application needs the document it comes from", kind.as_str());
        return Some(reject_of(shape, values, origin, "value_missing", reason, None, "from_document_id"));
    }
    if kind.is_company_value_only() && !values[at.amount].money().is_some_and(Money::is_zero) {
        let reason = format!("a {} moves company value only: its amount is 0", kind.as_str());
        let shown = values[at.amount].to_string();
        return Some(reject_of(shape, values, origin, "amount_sign", reason, Some(shown), "amount"));
    }
    None
}

pub(super) fn shown(key: &str) -> String {
    key.replace('\u{1f}', "/")
}

pub(super) fn placed(finding: Finding, shape: &'static Shape, values: &[Value], scopes: &[super::Scope], origin: Origin) -> Finding {
    let file = scopes.get(origin.source as usize).map_or("", |s| s.fact.name.as_str());
    let company = shape.company(values).unwrap_or_default();
    finding.of(company, shown(&shape.key(values))).at(format!("{file}:{}", origin.line))
}

pub(super) fn reject_of(
    shape: &'static Shape,
    values: &[Value],
    origin: Origin,
    code: &'static str,
    reason: String,
    excerpt: Option<String>,
    column: &str,
) -> Reject {
    Reject {
        table: shape.table.name,
        source: origin.source,
        line: origin.line,
        column_no: None,
        column_name: Some(column.to_string()),
        code,
        reason,
        excerpt,
        company_id: shape.company(values).map(str::to_string),
        currency: shape.currency(values).map(str::to_string),
        amount: shape.amount(values),
    }
}
