//! A CFDI into canonical rows: documents, applications and the fiscal tables. Pure; what needs other files is the reader's.
//!
//! The folio fiscal is the identity: an invoice is `UUID`, the n-th payment of a complement `UUID/n`, what it pays `UUID/n/line`,
//! and what takes any of them back is named after it with `:cancelled`.

use super::applied;
use super::document::{Cfdi, Kind, Paid, Party, Payment};
use super::rules::{CfdiRules, LedgerSource, Pue};
use super::terms;
use super::xml::Refused;
use crate::domain::days::month_end;
use crate::domain::money::Money;
use crate::schema::{self, Table, Value};
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

/// RFCs that stand for the public and for foreigners without one of their own.
const GENERIC: [&str; 2] = ["XAXX010101000", "XEXX010101000"];

/// The company a CFDI is of.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub id: Box<str>,
    pub tax_id: Box<str>,
    /// Given where the load states the company.
    pub name: Option<Box<str>>,
    pub currency: Box<str>,
    pub account: Option<Box<str>>,
}

/// What a cancellation list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cancelled {
    pub day: NaiveDate,
    pub reason: Option<Box<str>>,
    pub replaced_by: Option<Box<str>>,
}

/// A row or a refused row, and what the CFDI says about itself.
#[derive(Debug)]
pub(super) enum Yield {
    Row(&'static Table, Box<[Value]>, u64),
    Refused(&'static str, Refused),
    Finding(&'static str, &'static str, u64, String),
}

/// A row being filled.
struct Row {
    table: &'static Table,
    values: Box<[Value]>,
    line: u64,
}

impl Row {
    fn of(table: &'static str, line: u64) -> Row {
        let table = schema::table(table).expect("a canonical table");
        Row { table, values: vec![Value::Null; table.columns.len()].into(), line }
    }

    fn set(mut self, column: &str, value: impl Into<Cell>) -> Row {
        let at = self.table.position(column).unwrap_or_else(|| panic!("{} has no column {column}", self.table.name));
        self.values[at] = value.into().0;
        self
    }

    fn done(self) -> Yield {
        Yield::Row(self.table, self.values, self.line)
    }
}

/// What can be put into a cell.
struct Cell(Value);

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell(Value::Text(text.into()))
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell(Value::Text(text.into()))
    }
}
impl From<Money> for Cell {
    fn from(amount: Money) -> Cell {
        Cell(Value::Money(amount))
    }
}
impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Cell {
        Cell(Value::Date(day))
    }
}
impl From<i32> for Cell {
    fn from(number: i32) -> Cell {
        Cell(Value::Int(number))
    }
}
impl From<Decimal> for Cell {
    fn from(rate: Decimal) -> Cell {
        Cell(Value::Rate(rate.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero)))
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell(Value::Null), Into::into)
    }
}

/// Every row of a CFDI.
pub(super) fn rows(cfdi: &Cfdi, company: &Company, rules: &CfdiRules, cancelled: Option<&Cancelled>) -> Vec<Yield> {
    let mut yields = Vec::new();
    if rules.ledger == LedgerSource::Cfdi {
        match cfdi.kind {
            Kind::Income | Kind::Credit => bill(cfdi, company, rules, &mut yields),
            Kind::Payment => payments(cfdi, company, rules, &mut yields),
        }
    }
    fiscal(cfdi, cancelled, &mut yields);
    yields
}

/// The customer's id: its RFC; for the generic ones with the name, and without a name nobody else's.
pub(super) fn customer_id(party: &Party, uuid: &str) -> String {
    if !GENERIC.contains(&&*party.tax_id) {
        return party.tax_id.to_string();
    }
    match &party.name {
        Some(name) => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
            format!("{}/{name}", party.tax_id)
        }
        None => format!("{}/{uuid}", party.tax_id),
    }
}

/// The row of a customer.
pub(super) fn customer(company: &str, id: &str, party: &Party, name: &str, counterparty: Option<&str>) -> Yield {
    let is_foreign = &*party.tax_id == GENERIC[1];
    let country = if is_foreign { party.country.as_deref() } else { Some("MX") };
    Row::of("customers", party.at.line)
        .set("company_id", company)
        .set("customer_id", id)
        .set("name", name)
        .set("tax_id", &*party.tax_id)
        .set("country", country)
        .set("counterparty_company_id", counterparty)
        .done()
}

/// The row of a company that the load states itself.
pub(super) fn company_row(company: &Company, line: u64) -> Option<Yield> {
    let name = company.name.as_deref()?;
    let row = Row::of("companies", line).set("company_id", &*company.id).set("name", name).set("country", "MX");
    let row = row.set("functional_currency", &*company.currency).set("tax_id", &*company.tax_id);
    Some(row.set("control_account", company.account.as_deref()).done())
}

fn number(cfdi: &Cfdi) -> Option<String> {
    match (&cfdi.series, &cfdi.folio) {
        (Some(series), Some(folio)) => Some(format!("{series}-{folio}")),
        (one, other) => one.as_ref().or(other.as_ref()).map(|t| t.to_string()),
    }
}

/// Value in the books, where the CFDI's own rate is one to the currency of the books: rates of CFDI are to the peso.
fn in_books(company: &Company, currency: &str, rate: Option<Decimal>, amount: Money) -> Option<Money> {
    if currency == &*company.currency || &*company.currency != "MXN" {
        return None;
    }
    amount.times_rate(rate?)
}

fn has_relation(cfdi: &Cfdi, kind: &str) -> bool {
    cfdi.relations.iter().any(|r| &*r.kind == kind)
}

fn is_advance(cfdi: &Cfdi, rules: &CfdiRules) -> bool {
    cfdi.kind == Kind::Income && cfdi.product.as_ref().is_some_and(|p| rules.advance_products.iter().any(|a| **a == **p))
}

/// Kind and effect on sales (POSTING 2): an advance is none, nor is the credit that applies it; the final invoice is the whole sale.
fn meaning(cfdi: &Cfdi, rules: &CfdiRules) -> (&'static str, Option<&'static str>) {
    match cfdi.kind {
        Kind::Income if is_advance(cfdi, rules) => ("invoice", Some("advance")),
        Kind::Income if has_relation(cfdi, "02") => ("debit_memo", Some("price")),
        Kind::Income => ("invoice", None),
        Kind::Credit if has_relation(cfdi, "07") => ("credit_memo", Some("advance")),
        Kind::Credit => ("credit_memo", None),
        Kind::Payment => ("receipt", None),
    }
}

/// Invoices and credit notes.
fn bill(cfdi: &Cfdi, company: &Company, rules: &CfdiRules, yields: &mut Vec<Yield>) {
    let (kind, effect) = meaning(cfdi, rules);
    let customer = customer_id(&cfdi.receiver, &cfdi.uuid);
    let due = match cfdi.kind {
        Kind::Income => cfdi.conditions.as_deref().and_then(|c| terms::due_day(c, cfdi.issued)),
        _ => None,
    };
    let relations: Vec<&str> = cfdi.relations.iter().map(|r| &*r.kind).collect();
    let reason = (cfdi.kind == Kind::Credit && !relations.is_empty()).then(|| format!("TipoRelacion {}", distinct(&relations).join(", ")));
    yields.push(
        Row::of("documents", cfdi.at.line)
            .set("company_id", &*company.id)
            .set("document_id", &*cfdi.uuid)
            .set("document_kind", kind)
            .set("customer_id", customer)
            .set("account", company.account.as_deref())
            .set("document_date", cfdi.issued)
            .set("due_date", due)
            .set("currency", &*cfdi.currency)
            .set("amount", cfdi.total)
            .set("tax_amount", cfdi.tax)
            .set("withheld_amount", cfdi.withheld)
            .set("company_amount", in_books(company, &cfdi.currency, cfdi.rate, cfdi.total))
            .set("sales_effect", effect)
            .set("payment_terms", cfdi.conditions.as_deref())
            .set("reference", number(cfdi))
            .set("reason", reason)
            .set("fiscal_uuid", &*cfdi.uuid)
            .set("payment_method", cfdi.method)
            .done(),
    );
    check_total(cfdi, yields);
    if cfdi.kind == Kind::Income && cfdi.method == Some("PUE") && !cfdi.total.is_zero() {
        let day = match rules.pue {
            Pue::Open => return,
            Pue::PaidOnIssue => cfdi.issued,
            Pue::PaidByMonthEnd => month_end(cfdi.issued),
        };
        let id = format!("{}/pue", cfdi.uuid);
        yields.push(application(company, &id, "receipt", None, &cfdi.uuid, day, cfdi.total, cfdi.at.line).set("reason", "PUE").done());
    }
    if let [one] = credited(cfdi)[..] {
        yields.push(credit(company, cfdi, one, cfdi.total, cfdi.at.line));
    }
}

/// The documents that a credit note lowers (01, 03) or applies an advance to (07).
pub(super) fn credited(cfdi: &Cfdi) -> Vec<&str> {
    if cfdi.kind != Kind::Credit || cfdi.total.is_zero() {
        return Vec::new();
    }
    let wanted = cfdi.relations.iter().filter(|r| matches!(&*r.kind, "01" | "03" | "07") && r.uuid != cfdi.uuid);
    distinct(&wanted.map(|r| &*r.uuid).collect::<Vec<_>>())
}

fn distinct<'t>(all: &[&'t str]) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    for one in all {
        if !found.contains(one) {
            found.push(one);
        }
    }
    found
}

/// What a credit note takes off one document.
pub(super) fn credit(company: &Company, cfdi: &Cfdi, to: &str, amount: Money, line: u64) -> Yield {
    let kind = if has_relation(cfdi, "07") { "advance" } else { "credit" };
    let id = format!("{}/{to}", cfdi.uuid);
    application(company, &id, kind, Some(&cfdi.uuid), to, cfdi.issued, amount, line).done()
}

#[expect(clippy::too_many_arguments, reason = "one call names one row")]
fn application(company: &Company, id: &str, kind: &str, from: Option<&str>, to: &str, day: NaiveDate, amount: Money, line: u64) -> Row {
    Row::of("applications", line)
        .set("company_id", &*company.id)
        .set("application_id", id)
        .set("kind", kind)
        .set("from_document_id", from)
        .set("to_document_id", to)
        .set("posting_date", day)
        .set("amount", amount)
}

/// The total is what the subtotal, discount and taxes come to; complements that charge more are few and known by the finding.
fn check_total(cfdi: &Cfdi, yields: &mut Vec<Yield>) {
    let comes_to = cfdi.subtotal - cfdi.discount + cfdi.tax.to_decimal() - cfdi.withheld.to_decimal();
    let off = cfdi.total.to_decimal() - comes_to;
    if off.abs() > Decimal::new(1, 2) {
        let message = format!("the total {} is {} off what subtotal, discount and taxes come to", cfdi.total, off.normalize());
        yields.push(Yield::Finding("cfdi_total", "documents", cfdi.at.line, message));
    }
}

/// The kind of application a form of payment is, where it is no cash.
fn not_cash<'r>(payment: &Payment, rules: &'r CfdiRules) -> Option<&'r str> {
    rules.not_cash.get(payment.form.as_deref()?).map(String::as_str)
}

/// A receipt per payment, an application per document paid.
fn payments(cfdi: &Cfdi, company: &Company, rules: &CfdiRules, yields: &mut Vec<Yield>) {
    let customer = customer_id(&cfdi.receiver, &cfdi.uuid);
    for (n, payment) in cfdi.payments.iter().enumerate() {
        let id = format!("{}/{}", cfdi.uuid, n + 1);
        let other = not_cash(payment, rules);
        if other.is_none() {
            yields.push(
                Row::of("documents", payment.at.line)
                    .set("company_id", &*company.id)
                    .set("document_id", id.as_str())
                    .set("document_kind", "receipt")
                    .set("customer_id", customer.as_str())
                    .set("account", company.account.as_deref())
                    .set("document_date", payment.day)
                    .set("currency", &*payment.currency)
                    .set("amount", payment.amount)
                    .set("company_amount", in_books(company, &payment.currency, payment.rate, payment.amount))
                    .set("reference", number(cfdi))
                    .set("fiscal_uuid", &*cfdi.uuid)
                    .done(),
            );
        }
        for (line, (paid, from)) in payment.paid.iter().zip(applied::from_amounts(payment)).enumerate() {
            if paid.amount.is_zero() {
                continue;
            }
            let own = format!("{id}/{}", line + 1);
            let row = match other {
                None => application(company, &own, "receipt", Some(&id), &paid.document, payment.day, paid.amount, paid.at.line)
                    .set("from_amount", from),
                Some(kind) => application(company, &own, kind, None, &paid.document, payment.day, paid.amount, paid.at.line)
                    .set("reason", format!("FormaDePagoP {}", payment.form.as_deref().unwrap_or_default())),
            };
            yields.push(row.done());
        }
    }
}

/// What a cancelled or replaced CFDI takes back, on that day.
pub(super) fn taken_back(cfdi: &Cfdi, company: &Company, rules: &CfdiRules, day: NaiveDate, why: &str) -> Vec<Yield> {
    let customer = customer_id(&cfdi.receiver, &cfdi.uuid);
    let reversal = |id: &str, kind: &str, currency: &str, amount: Money, line: u64| {
        Row::of("documents", line)
            .set("company_id", &*company.id)
            .set("document_id", format!("{id}:cancelled"))
            .set("document_kind", kind)
            .set("customer_id", customer.as_str())
            .set("account", company.account.as_deref())
            .set("document_date", day)
            .set("currency", currency)
            .set("amount", amount)
            .set("company_amount", in_books(company, currency, cfdi.rate, amount))
            .set("reference", number(cfdi))
            .set("reason", why)
            .set("reverses_document_id", id)
            .set("fiscal_uuid", &*cfdi.uuid)
    };
    if cfdi.kind != Kind::Payment {
        let (kind, effect) = meaning(cfdi, rules);
        let row = reversal(&cfdi.uuid, kind, &cfdi.currency, cfdi.total, cfdi.at.line);
        return vec![row.set("tax_amount", cfdi.tax).set("withheld_amount", cfdi.withheld).set("sales_effect", effect).done()];
    }
    let mut yields = Vec::new();
    for (n, payment) in cfdi.payments.iter().enumerate() {
        let id = format!("{}/{}", cfdi.uuid, n + 1);
        match not_cash(payment, rules) {
            None => {
                let row = reversal(&id, "receipt", &payment.currency, payment.amount, payment.at.line);
                yields.push(row.set("company_amount", in_books(company, &payment.currency, payment.rate, payment.amount)).done());
            }
            Some(kind) => {
                for (line, paid) in payment.paid.iter().enumerate().filter(|(_, p)| !p.amount.is_zero()) {
                    let own = format!("{id}/{}", line + 1);
                    let row = application(company, &format!("{own}:cancelled"), kind, None, &paid.document, day, paid.amount, paid.at.line);
                    yields.push(row.set("undoes_application_id", own).set("reason", why).done());
                }
            }
        }
    }
    yields
}

/// The fiscal tables.
fn fiscal(cfdi: &Cfdi, cancelled: Option<&Cancelled>, yields: &mut Vec<Yield>) {
    yields.push(
        Row::of("fiscal_documents", cfdi.at.line)
            .set("fiscal_uuid", &*cfdi.uuid)
            .set("kind", cfdi.kind.letter())
            .set("issuer_tax_id", &*cfdi.issuer.tax_id)
            .set("receiver_tax_id", &*cfdi.receiver.tax_id)
            .set("series", cfdi.series.as_deref())
            .set("folio", cfdi.folio.as_deref())
            .set("issued_at", cfdi.issued)
            .set("stamped_at", cfdi.stamped)
            .set("currency", &*cfdi.currency)
            .set("total", cfdi.total)
            .set("payment_method", cfdi.method)
            .set("cancelled_at", cancelled.map(|c| c.day))
            .set("cancel_reason", cancelled.and_then(|c| c.reason.as_deref()))
            .set("replaced_by_uuid", cancelled.and_then(|c| c.replaced_by.as_deref()))
            .done(),
    );
    let all: Vec<&str> = cfdi.relations.iter().map(|r| &*r.uuid).collect();
    for related in distinct(&all) {
        let of = || cfdi.relations.iter().filter(|r| &*r.uuid == related);
        let kinds: Vec<&str> = of().map(|r| &*r.kind).collect();
        yields.push(
            Row::of("fiscal_relations", of().next().map_or(cfdi.at.line, |r| r.at.line))
                .set("fiscal_uuid", &*cfdi.uuid)
                .set("related_uuid", related)
                .set("relation", distinct(&kinds).join(","))
                .done(),
        );
    }
    for (n, payment) in cfdi.payments.iter().enumerate() {
        for (line, paid) in payment.paid.iter().enumerate() {
            yields.push(fiscal_payment(cfdi, n, payment, line, paid));
            if let (Some(before), Some(after)) = (paid.previous, paid.outstanding)
                && before.checked_sub(paid.amount) != Some(after)
            {
                let message = format!(
                    "document {}: previous balance {before} less {} paid is not the {after} said to be outstanding",
                    paid.document, paid.amount
                );
                yields.push(Yield::Finding("payment_chain", "fiscal_payments", paid.at.line, message));
            }
        }
    }
}

fn fiscal_payment(cfdi: &Cfdi, n: usize, payment: &Payment, line: usize, paid: &Paid) -> Yield {
    let table = "fiscal_payments";
    let (Some(instalment), Some(before), Some(after)) = (paid.instalment, paid.previous, paid.outstanding) else {
        let name = match (paid.instalment, paid.previous) {
            (None, _) => "NumParcialidad",
            (_, None) => "ImpSaldoAnt",
            _ => "ImpSaldoInsoluto",
        };
        let reason = format!("document {} has no {name}; the payment itself is loaded", paid.document);
        let amount = Some(paid.amount);
        let currency = Some(paid.currency.to_string());
        return Yield::Refused(
            table,
            Refused { name: Some(format!("DoctoRelacionado@{name}")), amount, currency, ..Refused::at("value_missing", paid.at, reason) },
        );
    };
    Row::of(table, paid.at.line)
        .set("rep_uuid", &*cfdi.uuid)
        .set("payment_no", n as i32 + 1)
        .set("line", line as i32 + 1)
        .set("payment_date", payment.day)
        .set("payment_currency", &*payment.currency)
        .set("payment_rate", payment.rate)
        .set("payment_amount", payment.amount)
        .set("payment_form", payment.form.as_deref())
        .set("invoice_uuid", &*paid.document)
        .set("instalment", instalment)
        .set("previous_balance", before)
        .set("paid", paid.amount)
        .set("outstanding", after)
        .set("currency", &*paid.currency)
        .set("equivalence", paid.equivalence.map(|(rate, _)| rate))
        .done()
}
