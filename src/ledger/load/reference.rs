//! What rows are held against while they come in: companies, agreed terms, accounting rates, days of earlier loads.

use super::stored::{Superseded, Wanted, each_batch, each_row, ints, table, text};
use super::{Mode, Request};
use crate::domain::days::epoch_day;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::{LoadRecord, Writer};
use crate::schema::{self, Row, system};
use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A company as posting needs it.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub currency: Text,
    pub account: Text,
}

type Rates = BTreeMap<(Text, Text), BTreeMap<NaiveDate, Decimal>>;

/// Days agreed with a customer, by the first day of the version that says so; a version without one holds from always.
#[derive(Default)]
struct Agreed {
    versions: BTreeMap<Option<NaiveDate>, Option<i32>>,
    /// Whether an earlier load knew the customer: a version without a day is then a later one.
    stored: bool,
}

impl Agreed {
    fn on(&self, day: NaiveDate) -> Option<i32> {
        self.versions.range(..=Some(day)).next_back().and_then(|(_, days)| *days)
    }
}

/// Everything rows are held against.
pub(super) struct Reference {
    companies: HashMap<Text, Company>,
    /// Customers by company, with what was agreed with them.
    customers: HashMap<Text, HashMap<Text, Agreed>>,
    day: NaiveDate,
    /// Accounting rates by source, then pair and day.
    rates_by_source: BTreeMap<String, Rates>,
    rates: Rates,
    wanted_source: Option<String>,
    max_age_days: i32,
    group_currency: String,
    /// Extract day of every load.
    pub load_days: HashMap<i32, NaiveDate>,
    /// Day of the newest extract, by table and company.
    last_days: HashMap<String, HashMap<Text, NaiveDate>>,
    /// First known days of companies: balances from, flows from, and whether by a snapshot.
    coverage: HashMap<Text, (NaiveDate, NaiveDate)>,
    snapshot_day: Option<NaiveDate>,
    /// Rows that later loads replaced.
    pub superseded: Superseded,
}

impl Reference {
    /// Reads the current state.
    pub fn read(snapshot: &Snapshot, records: Vec<LoadRecord>, request: &Request) -> Result<Reference> {
        let mut reference = Reference {
            companies: HashMap::new(),
            customers: HashMap::new(),
            day: request.day,
            rates_by_source: BTreeMap::new(),
            rates: BTreeMap::new(),
            wanted_source: request.fx_source.clone(),
            max_age_days: request.fx_max_age_days,
            group_currency: request.group_currency.clone(),
            load_days: records.iter().map(|r| (r.load_id, r.facts.extract_day)).collect(),
            last_days: HashMap::new(),
            coverage: HashMap::new(),
            snapshot_day: request.scopes.iter().any(|s| s.mode == Mode::Snapshot).then_some(request.day),
            superseded: Superseded::read(snapshot)?,
        };
        for name in ["companies", "customers", "fx_rates"] {
            let canonical = schema::table(name).expect("canonical");
            let mut rows = Vec::new();
            each_row(
                snapshot,
                &reference.superseded,
                canonical,
                |_| Ok(Wanted::All),
                |stored| {
                    if stored.superseded.is_none() {
                        rows.push(Row { table: canonical, values: stored.values, origin: Default::default() });
                    }
                    Ok(())
                },
            )?;
            rows.iter().for_each(|row| reference.learn(row));
        }
        reference.customers.values_mut().flat_map(HashMap::values_mut).for_each(|agreed| agreed.stored = true);
        let days = reference.load_days.clone();
        each_batch(table(snapshot, "load_totals")?, None, |batch| {
            let (loads, tables, companies) = (ints(&batch, "load_id")?, text(&batch, "table_name")?, text(&batch, "company_id")?);
            for i in 0..batch.num_rows() {
                let Some(day) = days.get(&loads.value(i)).copied() else { continue };
                let company = if companies.is_null(i) { Text::default() } else { companies.value(i).into() };
                let last = reference.last_days.entry(tables.value(i).to_string()).or_default().entry(company).or_insert(day);
                *last = (*last).max(day);
            }
            Ok(())
        })?;
        each_batch(table(snapshot, "coverage")?, None, |batch| {
            let companies = text(&batch, "company_id")?;
            let day = |name: &str, i: usize| -> Result<NaiveDate> {
                let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Date32Type>());
                Ok(crate::domain::days::from_epoch_day(column.ok_or_else(|| Error::data(format!("coverage has no day {name}")))?.value(i)))
            };
            for i in 0..batch.num_rows() {
                reference.coverage.insert(companies.value(i).into(), (day("balances_from", i)?, day("flows_from", i)?));
            }
            Ok(())
        })?;
        Ok(reference)
    }

    /// Whether later rows may need something from rows of a table.
    pub fn learns_from(table: &str) -> bool {
        matches!(table, "companies" | "customers" | "fx_rates")
    }

    /// Takes what later rows may need from a row of companies, customers or fx_rates.
    pub fn learn(&mut self, row: &Row) {
        match row.table.name {
            "companies" => {
                if let (Some(id), Some(currency)) = (row.get("company_id").text(), row.get("functional_currency").text()) {
                    let account = row.get("control_account").text().unwrap_or("AR").into();
                    self.companies.insert(id.into(), Company { currency: currency.into(), account });
                }
            }
            "customers" => {
                let days = row.get("payment_terms").text().and_then(terms_days);
                if let (Some(company), Some(customer)) = (row.get("company_id").text(), row.get("customer_id").text()) {
                    let is_older = self.last_day("customers", company).is_some_and(|last| self.day < last);
                    let known = self.customers.entry(company.into()).or_default().entry(customer.into()).or_default();
                    // As the version will be dated ([`super::complete`]): the first counts from always, a later one from the extract's day.
                    match row.get("valid_from").date() {
                        None if known.stored && (is_older || known.on(self.day) == days) => {}
                        None if known.stored => _ = known.versions.insert(Some(self.day), days),
                        from => _ = known.versions.insert(from, days),
                    }
                }
            }
            "fx_rates" if matches!(row.get("kind").text(), None | Some("accounting")) => {
                let pair = (row.get("currency").text(), row.get("to_currency").text());
                if let ((Some(from), Some(to)), Some(day), Some(rate)) = (pair, row.get("rate_date").date(), row.get("rate").rate()) {
                    let source = row.get("source").text().unwrap_or_default().to_string();
                    let pairs = self.rates_by_source.entry(source).or_default();
                    pairs.entry((from.into(), to.into())).or_default().insert(day, rate);
                }
            }
            _ => {}
        }
    }

    /// Chooses the source of rates once all rows are in: the configured one, or the only one.
    pub fn close(&mut self) {
        let chosen = match &self.wanted_source {
            Some(source) => self.rates_by_source.get(source).or_else(|| self.rates_by_source.get("")),
            None if self.rates_by_source.len() == 1 => self.rates_by_source.values().next(),
            None => None,
        };
        self.rates = chosen.cloned().unwrap_or_default();
    }

    /// A company, if it is known.
    pub fn company(&self, id: &str) -> Option<&Company> {
        self.companies.get(id)
    }

    /// Days that were agreed with a customer on a day.
    pub fn terms(&self, company: &str, customer: &str, day: NaiveDate) -> Option<i32> {
        self.customers.get(company)?.get(customer)?.on(day)
    }

    /// Whether a company's customers are known, and this one is not among them.
    pub fn lacks_customer(&self, company: &str, customer: &str) -> bool {
        self.customers.get(company).is_some_and(|known| !known.contains_key(customer))
    }

    /// Whether a customer is known.
    pub fn has_customer(&self, company: &str, customer: &str) -> bool {
        self.customers.get(company).is_some_and(|known| known.contains_key(customer))
    }

    /// The accounting rate of a day, and its age; `None` if there is none young enough. Direct, inverse, or crossed through
    /// the group currency, in this order.
    pub fn rate(&self, from: &str, to: &str, day: NaiveDate) -> Option<(Decimal, i64)> {
        self.quoted(from, to, day).or_else(|| {
            let (first, age) = self.quoted(from, &self.group_currency, day)?;
            let (second, other_age) = self.quoted(&self.group_currency, to, day)?;
            Some((first.checked_mul(second)?, age.max(other_age)))
        })
    }

    fn quoted(&self, from: &str, to: &str, day: NaiveDate) -> Option<(Decimal, i64)> {
        let last = |from: &str, to: &str| -> Option<(Decimal, i64)> {
            let (published, rate) = self.rates.get(&(from.into(), to.into()))?.range(..=day).next_back()?;
            let age = (day - *published).num_days();
            (age <= i64::from(self.max_age_days) && !rate.is_zero()).then_some((*rate, age))
        };
        last(from, to).or_else(|| last(to, from).and_then(|(rate, age)| Some((Decimal::ONE.checked_div(rate)?, age))))
    }

    /// Why [`Reference::rate`] has none: no source chosen, no quotation of the pair, or none young enough.
    pub fn why_no_rate(&self, from: &str, to: &str, day: NaiveDate) -> String {
        let sources = self.rates_by_source.keys().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        if self.rates_by_source.is_empty() {
            return "no accounting rates were loaded".to_string();
        }
        if self.rates.is_empty() {
            return match &self.wanted_source {
                Some(wanted) => format!("fx.source in cartera.toml is `{wanted}`, the rates are from {sources}"),
                None => format!("rates come from {sources}; name one as fx.source in cartera.toml"),
            };
        }
        let pairs = [(from, to), (to, from), (from, &self.group_currency), (&self.group_currency, from)];
        let newest =
            pairs.iter().filter_map(|(a, b)| self.rates.get(&((*a).into(), (*b).into()))?.range(..=day).next_back()).map(|r| *r.0).max();
        match newest {
            Some(newest) => format!(
                "the newest before is of {newest}, {} days old; fx.max_age_days allows {}",
                (day - newest).num_days(),
                self.max_age_days
            ),
            None => format!("the rates loaded quote {from} on no day until then"),
        }
    }

    /// Day of the newest extract of a table and company.
    pub fn last_day(&self, table: &str, company: &str) -> Option<NaiveDate> {
        self.last_days.get(table)?.get(company).copied()
    }

    /// Day of the newest extract of documents or applications of a company.
    pub fn previous_day(&self, company: &str) -> Option<NaiveDate> {
        self.last_day("documents", company).max(self.last_day("applications", company))
    }

    /// Day whose balances came from an opening snapshot, if the company's history began with one.
    pub fn opening_day(&self, company: &str) -> Option<NaiveDate> {
        match self.coverage.get(company) {
            Some((balances, flows)) => (flows > balances).then_some(*balances),
            None => self.snapshot_day,
        }
    }
}

/// The days in a text of terms: `30`, `NET30`, `30 días`, `2/10 n/30` (the longest).
fn terms_days(text: &str) -> Option<i32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|d| d.parse::<i32>().ok()).filter(|d| *d <= 720).max()
}

/// The due day that terms give.
pub(super) fn due_from(terms: &str, document_date: NaiveDate) -> Option<NaiveDate> {
    terms_days(terms).and_then(|days| document_date.checked_add_signed(chrono::Duration::days(i64::from(days))))
}

/// First posting days of companies that had no coverage yet become their coverage.
pub(super) fn write_coverage(writer: &mut Writer, reference: &Reference, first_days: &BTreeMap<Text, NaiveDate>) -> Result<()> {
    let fresh: Vec<(&Text, NaiveDate, NaiveDate)> = first_days
        .iter()
        .filter(|(company, _)| !reference.coverage.contains_key(*company))
        .map(|(company, first)| match reference.snapshot_day {
            Some(day) => (company, day, day.succ_opt().unwrap_or(day)),
            None => (company, *first, *first),
        })
        .collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let load_id = writer.load_id();
    let days = |pick: fn(&(&Text, NaiveDate, NaiveDate)) -> NaiveDate| -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(fresh.iter().map(|f| epoch_day(pick(f)))))
    };
    let batch = RecordBatch::try_new(
        system::COVERAGE.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(fresh.iter().map(|_| load_id))),
            Arc::new(StringArray::from_iter_values(fresh.iter().map(|f| f.0))),
            days(|f| f.1),
            days(|f| f.2),
        ],
    )
    .map_err(crate::ledger::movement::arrow_error)?;
    writer.append("coverage", &batch)
}
