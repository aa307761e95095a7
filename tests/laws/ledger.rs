//! Random company ledgers: documents, applications, and the extracts in which they are learned, corrected and lost.
//!
//! Drawn from an `Unstructured`, so that a seed gives the same ledger again; bytes that have run out give the plainest choice.

use crate::book::day;
use arbtest::arbitrary::{Result, Unstructured};
use cartera::schema::{self, Origin, Row, Value};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Extract days of a store's loads.
pub const DAYS: [&str; 5] = ["2024-02-10", "2024-03-15", "2024-04-20", "2024-05-31", "2024-07-05"];
/// Accounting rates in ten-thousandths, by first day.
pub const RATES: [(&str, &str, i128); 6] = [
    ("2023-12-01", "USD", 181_234),
    ("2024-03-01", "USD", 175_071),
    ("2024-05-01", "USD", 169_803),
    ("2023-12-01", "EUR", 197_777),
    ("2024-02-15", "EUR", 188_613),
    ("2024-06-01", "EUR", 192_001),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    pub id: String,
    pub instalment: i32,
    pub kind: &'static str,
    pub customer: &'static str,
    pub account: &'static str,
    pub date: NaiveDate,
    pub posting: NaiveDate,
    pub due: NaiveDate,
    pub currency: &'static str,
    pub amount: i128,
    pub tax: i128,
    pub withheld: i128,
    pub company: Option<i128>,
    pub sales: Option<&'static str>,
    pub reverses: Option<String>,
    pub effective: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub id: String,
    pub kind: &'static str,
    pub from: Option<String>,
    pub to: String,
    pub instalment: Option<i32>,
    pub posting: NaiveDate,
    pub amount: i128,
    pub from_amount: Option<i128>,
    pub company: Option<i128>,
    pub undoes: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Doc(Doc),
    App(App),
}

impl Fact {
    /// What belongs together when a ledger is made smaller: all rows of a document or an application.
    pub fn unit(&self) -> String {
        match self {
            Fact::Doc(d) => d.id.clone(),
            Fact::App(a) => a.id.clone(),
        }
    }

    pub fn row(&self, company: &str, source: [u16; 2], line: u64) -> Row {
        match self {
            Fact::Doc(d) => {
                let mut row = Filled::new("documents", source[0], line);
                row.text("company_id", company).text("document_id", &d.id).text("document_kind", d.kind);
                row.set("instalment", if d.instalment == 1 && d.amount % 2 == 0 { Value::Null } else { Value::Int(d.instalment) });
                row.text("customer_id", d.customer).text("account", d.account).text("currency", d.currency);
                row.set("document_date", Value::Date(d.date))
                    .set("posting_date", Value::Date(d.posting))
                    .set("due_date", Value::Date(d.due));
                row.money("amount", Some(d.amount)).money("company_amount", d.company);
                row.money("tax_amount", (d.tax != 0).then_some(d.tax)).money("withheld_amount", (d.withheld != 0).then_some(d.withheld));
                row.maybe("sales_effect", d.sales).maybe("reverses_document_id", d.reverses.as_deref());
                row.set("effective_date", d.effective.map_or(Value::Null, Value::Date));
                row.0
            }
            Fact::App(a) => {
                let mut row = Filled::new("applications", source[1], line);
                row.text("company_id", company).text("application_id", &a.id).text("kind", a.kind).text("to_document_id", &a.to);
                row.maybe("from_document_id", a.from.as_deref()).maybe("undoes_application_id", a.undoes.as_deref());
                row.set("instalment", a.instalment.map_or(Value::Null, Value::Int)).set("posting_date", Value::Date(a.posting));
                row.money("amount", Some(a.amount)).money("from_amount", a.from_amount).money("company_amount", a.company);
                row.0
            }
        }
    }
}

/// A canonical row being filled by column name.
struct Filled(Row);

impl Filled {
    fn new(table: &str, source: u16, line: u64) -> Filled {
        let table = schema::table(table).unwrap();
        let origin = Origin { source: source.into(), line };
        Filled(Row { table, values: vec![Value::Null; table.columns.len()].into(), origin })
    }
    fn set(&mut self, column: &str, value: Value) -> &mut Filled {
        let at = self.0.table.position(column).unwrap();
        self.0.values[at] = value;
        self
    }
    fn text(&mut self, column: &str, text: &str) -> &mut Filled {
        self.set(column, Value::Text(text.into()))
    }
    fn maybe(&mut self, column: &str, text: Option<&str>) -> &mut Filled {
        self.set(column, text.map_or(Value::Null, |t| Value::Text(t.into())))
    }
    fn money(&mut self, column: &str, cents: Option<i128>) -> &mut Filled {
        let money = |c| Value::Money(cartera::domain::money::Money::from_hundredths(c).unwrap());
        self.set(column, cents.map_or(Value::Null, money))
    }
}

/// What one load says of a company.
#[derive(Debug, Clone, Default)]
pub struct Extract {
    pub full_documents: bool,
    pub full_applications: bool,
    pub facts: Vec<Fact>,
}

/// A company's extracts, one a load (most often not all are used).
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub extracts: Vec<Extract>,
}

pub fn chance(u: &mut Unstructured<'_>, per_cent: u8) -> Result<bool> {
    Ok(u.int_in_range(0..=99u8)? >= 100 - per_cent)
}

fn between(u: &mut Unstructured<'_>, from: i64, to: i64) -> Result<i64> {
    u.int_in_range(from..=to)
}

fn some_day(u: &mut Unstructured<'_>) -> Result<NaiveDate> {
    Ok(day("2024-01-02") + Days::new(between(u, 0, 170)? as u64))
}

fn shuffle<T>(u: &mut Unstructured<'_>, list: &mut [T]) -> Result<()> {
    for i in (1..list.len()).rev() {
        let j = u.int_in_range(0..=i)?;
        list.swap(i, j);
    }
    Ok(())
}

const KINDS: [&str; 18] = [
    "invoice",
    "invoice",
    "invoice",
    "invoice",
    "invoice",
    "receipt",
    "receipt",
    "receipt",
    "receipt",
    "credit_memo",
    "credit_memo",
    "debit_memo",
    "advance",
    "adjustment",
    "adjustment",
    "note",
    "refund",
    "invoice",
];
const CUSTOMERS: [&str; 3] = ["K1", "K2", "K3"];
const CURRENCIES: [&str; 6] = ["MXN", "MXN", "MXN", "USD", "USD", "EUR"];
const SINGLES: [&str; 8] = ["discount", "withholding", "fee", "write_off", "netting", "factoring", "receipt", "discount"];

/// Last published accounting rate in ten-thousandths.
pub fn rate(currency: &str, on: NaiveDate) -> i128 {
    RATES.iter().filter(|r| r.1 == currency && day(r.0) <= on).map(|r| r.2).next_back().unwrap_or(10_000)
}

fn some_amount(u: &mut Unstructured<'_>) -> Result<i128> {
    Ok(match u.int_in_range(0..=3u8)? {
        0 => i128::from(between(u, 1, 50)?) * 10_000,
        1 => i128::from(between(u, 1, 9)?),
        _ => i128::from(between(u, 100, 3_000_000)?),
    })
}

/// A company value the ERP could have booked: near the rate, never exactly predictable, with the sign of the amount.
fn some_value(u: &mut Unstructured<'_>, currency: &str, on: NaiveDate, amount: i128) -> Result<i128> {
    let near = amount * rate(currency, on) / 10_000;
    let value = near + near * i128::from(between(u, -30, 30)?) / 1_000 + i128::from(between(u, -3, 3)?);
    Ok(if amount < 0 { value.min(-1) } else { value.max(1) })
}

fn documents(u: &mut Unstructured<'_>) -> Result<Vec<Vec<Doc>>> {
    let count = between(u, 2, 10)?;
    let mut documents = Vec::new();
    for n in 0..count {
        let kind = *u.choose(&KINDS)?;
        let currency = *u.choose(&CURRENCIES)?;
        let posting = some_day(u)?;
        let date = posting - Days::new(if chance(u, 30)? { between(u, 1, 20)? as u64 } else { 0 });
        let parts = if matches!(kind, "invoice" | "note") { u.int_in_range(1..=3)? } else { 1 };
        let (customer, account) = (*u.choose(&CUSTOMERS)?, if chance(u, 10)? { "A2" } else { "A1" });
        let sales = if chance(u, 15)? { Some(*u.choose(&["sale", "return", "price", "rebate", "interest", "none"])?) } else { None };
        let mut document = Vec::new();
        for instalment in 1..=parts {
            let mut amount = some_amount(u)?;
            if kind == "adjustment" && chance(u, 50)? {
                amount = -amount;
            }
            let given = if currency == "MXN" { chance(u, 10)? } else { chance(u, 60)? };
            document.push(Doc {
                id: format!("D{n}"),
                instalment,
                kind,
                customer,
                account,
                date,
                posting,
                due: date + Days::new(between(u, 0, 90)? as u64),
                currency,
                amount,
                tax: if chance(u, 30)? { amount * 16 / 116 } else { 0 },
                withheld: if chance(u, 10)? { amount / 25 } else { 0 },
                company: if given { Some(some_value(u, currency, posting, amount)?) } else { None },
                sales,
                reverses: None,
                effective: None,
            });
        }
        documents.push(document);
    }
    Ok(documents)
}

fn signed(document: &[Doc]) -> i128 {
    let total: i128 = document.iter().map(|d| d.amount).sum();
    if matches!(document[0].kind, "credit_memo" | "receipt" | "advance") { -total } else { total }
}

/// How much an application takes: all, a part, more than there is, or as little as a cent.
fn some_part(u: &mut Unstructured<'_>, whole: i128) -> Result<i128> {
    Ok(match u.int_in_range(0..=9u8)? {
        0..=3 => whole,
        4 => whole / 2,
        5 => whole / 3,
        6 => whole * 2 / 3,
        7 => i128::from(between(u, 1, whole.clamp(1, i64::MAX.into()) as i64)?),
        8 => whole - whole / 3 - whole / 3,
        _ => whole + i128::from(between(u, 1, 500)?),
    }
    .max(1))
}

fn applications(u: &mut Unstructured<'_>, documents: &[Vec<Doc>]) -> Result<Vec<App>> {
    let debits: Vec<&Vec<Doc>> = documents.iter().filter(|d| signed(d) > 0).collect();
    let credits: Vec<&Vec<Doc>> = documents.iter().filter(|d| signed(d) < 0).collect();
    let mut applications: Vec<App> = Vec::new();
    for n in 0..between(u, 1, 12)? {
        let Some(to) = debits.get(u.int_in_range(0..=debits.len().max(1) - 1)?) else { break };
        let posting = some_day(u)?;
        let paired = !credits.is_empty() && chance(u, 60)?;
        let from = if credits.is_empty() { None } else { Some(*u.choose(&credits)?) };
        let instalment = if chance(u, 25)? { Some(u.int_in_range(1..=to.len() as i32)?) } else { None };
        let whole = match instalment {
            Some(i) => to[i as usize - 1].amount.abs(),
            None => signed(to),
        };
        let mut app = App {
            id: format!("P{n}"),
            kind: "discount",
            from: None,
            to: to[0].id.clone(),
            instalment,
            posting,
            amount: some_part(u, whole)?,
            from_amount: None,
            company: None,
            undoes: None,
        };
        match from.filter(|_| paired) {
            Some(from) => {
                let own = from[0].kind;
                app.kind = match own {
                    _ if to[0].kind == "refund" => "refund",
                    "receipt" | "adjustment" => "receipt",
                    "advance" => "advance",
                    _ => "credit",
                };
                app.from = Some(from[0].id.clone());
                if from[0].currency != to[0].currency {
                    app.from_amount = if chance(u, 92)? { Some(some_part(u, signed(from).abs())?) } else { None };
                } else if chance(u, 50)? {
                    app.amount = some_part(u, signed(from).abs())?;
                }
            }
            None if chance(u, 12)? => {
                app.kind = *u.choose(&["fx_difference", "fx_revaluation"])?;
                app.amount = 0;
                app.company = Some(i128::from(between(u, -5_000, 5_000)?));
            }
            None if chance(u, 15)? => {
                // One signed leg of a clearing, on either side.
                app.kind = "clearing";
                if let Some(from) = from.filter(|_| u.ratio(1, 2).unwrap_or(false)) {
                    (app.to, app.instalment) = (from[0].id.clone(), None);
                    app.amount = -some_part(u, signed(from).abs())?;
                }
            }
            None => {
                app.kind = *u.choose(&SINGLES)?;
                app.from = from.filter(|_| app.kind != "receipt" && u.ratio(1, 3).unwrap_or(false)).map(|d| d[0].id.clone());
            }
        }
        if app.amount != 0 && chance(u, 12)? {
            let currency = documents.iter().find(|d| d[0].id == app.to).unwrap()[0].currency;
            app.company = Some(some_value(u, currency, posting, app.amount)?);
        }
        if app.kind != "clearing" && app.amount > 0 && chance(u, 4)? {
            // A negative application; it says which instalment, because the oldest due is only a rule for settling.
            (app.amount, app.from_amount, app.company) = (-app.amount, app.from_amount.map(|a| -a), app.company.map(|c| -c));
            app.instalment = app.instalment.or(Some(1));
        }
        if chance(u, 3)? {
            app.to = "X".into();
        }
        applications.push(app);
    }
    for n in 0..applications.len() {
        let mut on = applications[n].posting;
        for again in 0..2 {
            if !chance(u, 15)? {
                break;
            }
            on = if chance(u, 10)? { on - Days::new(5) } else { on + Days::new(between(u, 0, 60)? as u64) };
            let target = applications[n].clone();
            applications.push(App {
                id: format!("U{n}{again}"),
                from: if chance(u, 30)? { None } else { target.from },
                posting: on,
                amount: -target.amount,
                from_amount: None,
                company: None,
                undoes: Some(target.id),
                ..target
            });
        }
    }
    Ok(applications)
}

/// Reversals of some documents: whole, in part, in several parts, before or after their day.
fn reversals(u: &mut Unstructured<'_>, documents: &[Vec<Doc>]) -> Result<Vec<Vec<Doc>>> {
    let mut reversals = Vec::new();
    for document in documents {
        if !chance(u, 15)? {
            continue;
        }
        let whole = signed(document).abs();
        let parts = match u.int_in_range(0..=5u8)? {
            0..=2 => vec![whole],
            3 => vec![whole / 3, whole / 3, whole - 2 * (whole / 3)],
            4 => vec![whole / 2 + 1],
            _ => vec![whole + 7],
        };
        // Either one document a part, or one document with an instalment a part.
        let together = chance(u, 50)?;
        let mut lines = Vec::new();
        let mut on = document[0].posting;
        for (n, amount) in parts.into_iter().enumerate().filter(|p| p.1 > 0) {
            if n == 0 || !together {
                on = on + Days::new(between(u, 0, 60)? as u64) - Days::new(if chance(u, 10)? { 15 } else { 0 });
            }
            lines.push(Doc {
                id: if together { format!("R{}", document[0].id) } else { format!("R{}{n}", document[0].id) },
                instalment: if together { n as i32 + 1 } else { 1 },
                amount,
                date: on,
                posting: on,
                company: None,
                tax: 0,
                withheld: 0,
                reverses: Some(document[0].id.clone()),
                ..document[0].clone()
            });
        }
        if together {
            reversals.push(lines);
        } else {
            reversals.extend(lines.into_iter().map(|l| vec![l]));
        }
    }
    Ok(reversals.into_iter().filter(|r| !r.is_empty()).collect())
}

/// A correction of a document, the same for all its instalments where the column is the document's.
fn correct(u: &mut Unstructured<'_>, document: &mut [Doc], documents: &[Vec<Doc>]) -> Result<()> {
    if chance(u, 12)? {
        // It reversed another document, or none, or it was a reversal and is no item.
        let original = u.choose(documents)?[0].id.clone();
        let none = document[0].reverses.is_some() && chance(u, 30)?;
        if original != document[0].id && document[0].amount > 0 {
            document.iter_mut().for_each(|d| d.reverses = if none { None } else { Some(original.clone()) });
        }
        return Ok(());
    }
    let choice = u.int_in_range(0..=6u8)?;
    let is_reversal = document[0].reverses.is_some();
    match choice {
        0 => {
            let on = some_day(u)?;
            document.iter_mut().for_each(|d| (d.posting, d.company) = (on, None));
        }
        1 if !is_reversal => {
            let currency = *u.choose(&CURRENCIES)?;
            document.iter_mut().for_each(|d| (d.currency, d.company) = (currency, None));
        }
        2 if !is_reversal && document[0].kind != "adjustment" => {
            let kind = *u.choose(&["invoice", "debit_memo", "credit_memo", "receipt"])?;
            document.iter_mut().for_each(|d| d.kind = kind);
        }
        3 => document[0].date = document[0].date - Days::new(1),
        4 => {
            let (currency, on, amount) = (document[0].currency, document[0].posting, document[0].amount);
            document[0].company = Some(some_value(u, currency, on, amount)?);
        }
        _ => {
            let n = u.int_in_range(0..=document.len() - 1)?;
            let amount = some_amount(u)?;
            let sign = document[n].amount.signum();
            (document[n].amount, document[n].company) = (amount * sign, None);
        }
    }
    Ok(())
}

fn reclassify(u: &mut Unstructured<'_>, document: &mut [Doc]) -> Result<()> {
    let effective = if chance(u, 60)? { Some(some_day(u)?) } else { None };
    match u.int_in_range(0..=2u8)? {
        0 => {
            let customer = *u.choose(&CUSTOMERS)?;
            document.iter_mut().for_each(|d| d.customer = customer);
        }
        1 => {
            let days = between(u, -20, 90)?;
            document.iter_mut().for_each(|d| d.due = d.due + chrono::Duration::days(days));
        }
        _ => document.iter_mut().for_each(|d| d.account = if d.account == "A1" { "A2" } else { "A1" }),
    }
    document.iter_mut().for_each(|d| d.effective = effective);
    Ok(())
}

fn correct_application(u: &mut Unstructured<'_>, app: &mut App, documents: &[Vec<Doc>], is_undone: bool) -> Result<()> {
    match u.int_in_range(0..=4u8)? {
        0 => app.posting = some_day(u)?,
        1 if app.undoes.is_none() && app.amount != 0 => app.amount = some_part(u, app.amount.abs())? * app.amount.signum(),
        2 if app.undoes.is_none() && app.amount != 0 => app.company = if app.company.is_some() { None } else { Some(app.amount * 19) },
        3 if app.undoes.is_none() && !is_undone && app.kind != "clearing" => {
            // It was read onto the wrong document.
            let debits: Vec<&Vec<Doc>> = documents.iter().filter(|d| signed(d) > 0).collect();
            if !debits.is_empty() {
                (app.to, app.instalment) = (u.choose(&debits)?[0].id.clone(), app.instalment.map(|_| 1));
            }
        }
        4 if app.undoes.is_none() && !is_undone && app.from_amount.is_none() => {
            let credits: Vec<&Vec<Doc>> = documents.iter().filter(|d| signed(d) < 0).collect();
            if app.from.is_some() && !credits.is_empty() {
                app.from = Some(u.choose(&credits)?[0].id.clone());
            }
        }
        _ => app.posting = app.posting + Days::new(3),
    }
    Ok(())
}

impl Ledger {
    /// A random ledger over the loads of a store.
    pub fn random(u: &mut Unstructured<'_>) -> Result<Ledger> {
        let loads = DAYS.len();
        let mut documents = documents(u)?;
        let applications = applications(u, &documents)?;
        documents.extend(reversals(u, &documents)?);
        let undone: BTreeSet<String> = applications.iter().filter_map(|a| a.undoes.clone()).collect();
        // When each fact is first said; most come in the first two of the loads used.
        let used = u.int_in_range(2..=loads)?;
        let mut arrivals: Vec<(usize, Vec<Fact>)> = Vec::new();
        for document in &documents {
            arrivals.push((u.int_in_range(0..=used - 1)?, document.iter().cloned().map(Fact::Doc).collect()));
        }
        for application in &applications {
            arrivals.push((u.int_in_range(0..=used - 1)?, vec![Fact::App(application.clone())]));
        }
        let mut current: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
        let mut ledger = Ledger::default();
        for load in 0..loads {
            let mut extract = Extract { full_documents: chance(u, 20)?, full_applications: chance(u, 20)?, facts: Vec::new() };
            if load == 0 || load >= used {
                (extract.full_documents, extract.full_applications) = (false, false);
            }
            if load >= used {
                ledger.extracts.push(extract);
                continue;
            }
            let mut said: Vec<Vec<Fact>> = Vec::new();
            for (key, facts) in &mut current {
                let is_document = matches!(facts[0], Fact::Doc(_));
                let is_full = if is_document { extract.full_documents } else { extract.full_applications };
                let mut changed = facts.clone();
                if chance(u, 15)? {
                    let mut docs: Vec<Doc> =
                        changed.iter().filter_map(|f| if let Fact::Doc(d) = f { Some(d.clone()) } else { None }).collect();
                    if !docs.is_empty() {
                        if docs[0].reverses.is_none() && chance(u, 50)? {
                            reclassify(u, &mut docs)?
                        } else {
                            correct(u, &mut docs, &documents)?
                        }
                        changed = docs.into_iter().map(Fact::Doc).collect();
                    } else if let Fact::App(app) = &mut changed[0] {
                        correct_application(u, app, &documents, undone.contains(key))?;
                    }
                    *facts = changed.clone();
                } else if is_full {
                    if chance(u, 12)? {
                        continue;
                    }
                } else if !chance(u, 12)? {
                    continue;
                }
                said.push(changed);
            }
            for (_, facts) in arrivals.iter().filter(|a| a.0 == load) {
                current.insert(facts[0].unit(), facts.clone());
                said.push(facts.clone());
            }
            let mut facts: Vec<Fact> = said.into_iter().flatten().collect();
            shuffle(u, &mut facts)?;
            if !facts.is_empty() && chance(u, 15)? {
                // The same row twice, or twice with different amounts, or one that is no good.
                let mut copy = u.choose(&facts)?.clone();
                match (u.int_in_range(0..=2u8)?, &mut copy) {
                    (0, Fact::Doc(d)) => d.amount += d.amount.signum(),
                    (1, Fact::Doc(d)) if d.kind != "adjustment" => (d.id, d.amount, d.company) = ("BAD".into(), -d.amount, None),
                    (1, Fact::App(a)) if a.undoes.is_none() => (a.id, a.kind, a.from) = ("BAD".into(), "credit", None),
                    _ => {}
                }
                facts.push(copy);
            }
            extract.facts = facts;
            ledger.extracts.push(extract);
        }
        Ok(ledger)
    }
}
