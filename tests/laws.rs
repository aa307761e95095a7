//! Conservation laws: after random sequences of loads the books are right to the cent, and past answers never move.
//!
//! A load costs syncs to disk whatever its size, so many random ledgers are companies of one store. Every company is judged
//! after every load against [`oracle`], which works the same facts out naively. A company that breaks a law is made smaller until
//! nothing can be left out, and printed with its seed. `LAWS_SEED=0x… cargo test --release --test all laws` runs one seed again,
//! `LAWS_COMPANIES=n` more companies with fresh seeds.

pub mod ledger;
mod oracle;

use crate::book::{Book, row};
use arbtest::arbtest;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type, Int64Type};
use cartera::domain::days::{from_epoch_day, month_start};
use cartera::domain::kinds::{Cause, Effect as Why, MovementKind};
use cartera::extract::Sink;
use cartera::ledger::load::{Load, Mode, Outcome, Scope};
use cartera::ledger::movement::{Movement, movements_from_batch};
use cartera::ledger::store::SourceFact;
use cartera::schema::Row;
use chrono::NaiveDate;
use ledger::{DAYS, Fact, Ledger, RATES};
use oracle::{Fate, Known};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::PathBuf;

/// Companies of one store: enough that a load's syncs are shared, few enough that its rows stay a handful of thousands.
const TOGETHER: usize = 90;

#[test]
fn laws_hold_to_the_cent_for_a_thousand_random_ledgers() {
    if let Some(seed) = setting("LAWS_SEED") {
        return judge(&[seed]);
    }
    let fresh = setting("LAWS_COMPANIES");
    let count = fresh.unwrap_or(1_080);
    let start = if fresh.is_some() { std::process::id() as u64 ^ std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 } else { 0 };
    let seeds: Vec<u64> = (0..count).map(|n| seed_of(start.wrapping_add(n))).collect();
    for seeds in seeds.chunks(TOGETHER) {
        judge(seeds);
    }
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A seed of `arbtest`: random bits above, the number of bytes to draw from below. Small ledgers come first.
pub fn seed_of(n: u64) -> u64 {
    let mut bits = n.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits & 0xffff_ffff_0000_0000) | (300 + (bits >> 7) % 3_000)
}

pub fn ledger_of(seed: u64) -> Ledger {
    let mut drawn = None;
    arbtest(|u| {
        drawn = Some(Ledger::random(u)?);
        Ok(())
    })
    .seed(seed)
    .run();
    drawn.expect("a seed runs once")
}

/// Loads the ledgers of some seeds together; a broken law is shown on the smallest ledger that still breaks one.
fn judge(seeds: &[u64]) {
    let ledgers: Vec<Ledger> = seeds.iter().map(|s| ledger_of(*s)).collect();
    let broken = broken_laws(&ledgers);
    let Some((n, law)) = broken.iter().enumerate().find_map(|(n, law)| Some((n, law.as_ref()?))) else { return };
    let count = broken.iter().flatten().count();
    let law_name = law.split(':').next().unwrap_or_default().to_string();
    let small = smallest(ledgers[n].clone(), &law_name);
    let still = broken_laws(std::slice::from_ref(&small)).remove(0);
    for (extract, on) in small.extracts.iter().zip(DAYS) {
        eprintln!("-- {on} full documents: {}, full applications: {}", extract.full_documents, extract.full_applications);
        extract.facts.iter().for_each(|fact| eprintln!("{}", shown(fact)));
    }
    panic!("{count} of {} ledgers break a law. LAWS_SEED={:#x}: {law}\nmade smaller, as above: {still:?}", seeds.len(), seeds[n]);
}

fn shown(fact: &Fact) -> String {
    let row = fact.row("C", [0, 0], 0);
    let pairs = row.table.columns.iter().zip(row.values.iter()).skip(1).filter(|(_, v)| !v.is_null());
    let words: Vec<String> = pairs.map(|(c, v)| format!("{}={v}", c.name)).collect();
    format!("  {} {}", row.table.name, words.join(" "))
}

/// Leaves out documents, applications, and what single loads say of them, as long as the same law breaks.
fn smallest(mut ledger: Ledger, law: &str) -> Ledger {
    loop {
        let mut candidates = Vec::new();
        let units: BTreeSet<String> = ledger.extracts.iter().flat_map(|e| &e.facts).map(Fact::unit).collect();
        for unit in &units {
            let mut less = ledger.clone();
            less.extracts.iter_mut().for_each(|e| e.facts.retain(|f| f.unit() != *unit));
            candidates.push(less);
        }
        for load in 0..ledger.extracts.len() {
            for unit in ledger.extracts[load].facts.iter().map(Fact::unit).collect::<BTreeSet<_>>() {
                let mut less = ledger.clone();
                less.extracts[load].facts.retain(|f| f.unit() != unit);
                candidates.push(less);
            }
            let full = (ledger.extracts[load].full_documents, ledger.extracts[load].full_applications);
            if full != (false, false) {
                let mut less = ledger.clone();
                (less.extracts[load].full_documents, less.extracts[load].full_applications) = (false, false);
                candidates.push(less);
            }
        }
        let broken = broken_laws(&candidates);
        let found = broken.iter().position(|b| b.as_ref().is_some_and(|b| b.split(':').next() == Some(law)));
        let Some(found) = found else { return ledger };
        ledger = candidates.swap_remove(found);
    }
}

/// What tells companies apart: `…M` heard the facts in several loads, `…O` all at once.
fn many(n: usize) -> String {
    format!("C{n:03}M")
}

fn once(n: usize) -> String {
    format!("C{n:03}O")
}

/// Loads all ledgers as companies of one store and judges each after each load; the law that each one breaks first.
fn broken_laws(ledgers: &[Ledger]) -> Vec<Option<String>> {
    let mut book = Book::new();
    book.vanish_limit_pct = 100;
    let mut setup: Vec<Row> = Vec::new();
    for n in 0..ledgers.len() {
        for company in [many(n), once(n)] {
            setup.push(row("companies", &format!("company_id={company} name=C country=MX functional_currency=MXN")));
        }
    }
    for (on, currency, rate) in RATES {
        let rate = format!("{}.{:04}", rate / 10_000, rate % 10_000);
        setup.push(row("fx_rates", &format!("rate_date={on} currency={currency} to_currency=MXN rate={rate}")));
    }
    load(&book, "2024-01-01", setup);
    let mut broken: Vec<Option<String>> = vec![None; ledgers.len()];
    let mut copies: Vec<BTreeMap<(&'static str, PathBuf), RecordBatch>> = vec![stored(&book, None)];
    for (k, on) in DAYS.iter().enumerate() {
        let is_last = k + 1 == DAYS.len();
        let fed = || -> Vec<Row> {
            let mut rows = Vec::new();
            for (n, ledger) in ledgers.iter().enumerate() {
                let extract = &ledger.extracts[k];
                let source = [u16::from(extract.full_documents), u16::from(extract.full_applications)];
                rows.extend(extract.facts.iter().enumerate().map(|(i, f)| f.row(&many(n), source, i as u64 + 2)));
                // Half of the ledgers are told at once in the first load, half in the last.
                if (n % 2 == 0 && k == 0) || (n % 2 == 1 && is_last) {
                    let facts = Known::after(ledger, DAYS.len()).at_once();
                    rows.extend(facts.iter().rev().enumerate().map(|(i, f)| f.row(&once(n), [0, 0], i as u64 + 2)));
                }
            }
            rows
        };
        let rows = fed();
        if rows.is_empty() {
            continue;
        }
        let outcome = load(&book, on, rows);
        let current = outcome.load_id.unwrap_or_else(|| copies.len() as i32);
        if outcome.load_id.is_some() {
            copies.push(stored(&book, None));
        }
        let told = Told::read(copies.last().unwrap());
        for (n, ledger) in ledgers.iter().enumerate() {
            let known = Known::after(ledger, k + 1);
            let company = told.companies.get(&many(n)).cloned().unwrap_or_default();
            let verdict = laws(&known, &company, current)
                .and_then(|()| totals(&known, &outcome, &many(n)))
                .and_then(|()| if is_last { same_at_once(&company, told.companies.get(&once(n))) } else { Ok(()) });
            if let (None, Err(law)) = (&broken[n], verdict) {
                broken[n] = Some(format!("{law} (after the load of {on})"));
            }
        }
        if is_last || ledgers.iter().all(|l| l.extracts[k + 1..].iter().all(|e| e.facts.is_empty())) {
            let again = load(&book, on, fed());
            let added = again.totals.iter().find(|t| t.rows[0] + t.rows[2] > 0);
            if let Some(added) = added {
                note(&mut broken, added.company_id.as_deref(), format!("the same again adds nothing: {added:?}"));
            }
            if again.movements > 0 {
                let after = Told::read(&stored(&book, None));
                for (id, company) in &after.companies {
                    if company.movements.len() != told.companies.get(id).map_or(0, |c| c.movements.len()) {
                        note(&mut broken, Some(id), "the same again adds nothing: movements came".into());
                    }
                }
            }
        }
    }
    // Every earlier answer, file by file and value by value.
    for (k, copy) in copies.iter().enumerate() {
        let now = stored(&book, Some(k as i32 + 1));
        assert!(now == *copy, "the answer as of load {} has changed", k + 1);
    }
    broken
}

fn note(broken: &mut [Option<String>], company: Option<&str>, law: String) {
    let n = company.and_then(|c| c.get(1..4)).and_then(|c| c.parse::<usize>().ok()).unwrap_or(0);
    broken[n].get_or_insert(law);
}

fn load(book: &Book, on: &str, rows: Vec<Row>) -> Outcome {
    let mut request = book.request(on);
    let scope = |mode| Scope { fact: SourceFact { name: format!("{mode:?}.csv"), ..SourceFact::default() }, mode, window_from: None };
    request.scopes = vec![scope(Mode::Add), scope(Mode::Full)];
    request.fx_max_age_days = 400;
    let mut load = Load::begin(&book.store, request).unwrap();
    let counts = [0, 1].map(|source| rows.iter().filter(|r| r.origin.source == source).count() as u64);
    for row in rows {
        load.row(row).unwrap();
    }
    load.finish(&counts, false, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("the load of {on} failed: {e}"))
}

const KEPT: [&str; 6] = ["movements", "movement_cube", "waiting", "superseded", "documents", "applications"];

/// The files of the tables that answers come from.
fn stored(book: &Book, known_at: Option<i32>) -> BTreeMap<(&'static str, PathBuf), RecordBatch> {
    let snapshot = book.store.snapshot(known_at).unwrap();
    let mut files = BTreeMap::new();
    for name in KEPT {
        for file in &snapshot.tables.iter().find(|t| t.name == name).unwrap().files {
            let builder = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&file.path).unwrap()).unwrap();
            let schema = builder.schema().clone();
            let batches: Vec<RecordBatch> = builder.build().unwrap().map(|b| b.unwrap()).collect();
            files.insert((name, file.path.clone()), arrow::compute::concat_batches(&schema, &batches).unwrap());
        }
    }
    files
}

type Cell = (String, String, String, String, Option<String>, NaiveDate, NaiveDate, i32);

/// What the store says of one company.
#[derive(Debug, Clone, Default)]
struct Company {
    movements: Vec<(i32, Movement)>,
    cube: BTreeMap<Cell, [i128; 4]>,
    waiting: BTreeMap<(String, String), i32>,
}

struct Told {
    companies: BTreeMap<String, Company>,
}

impl Told {
    fn read(files: &BTreeMap<(&'static str, PathBuf), RecordBatch>) -> Told {
        let mut companies: BTreeMap<String, Company> = BTreeMap::new();
        for ((name, _), batch) in files {
            let text = |name: &str, i: usize| batch[name].as_string::<i32>().value(i).to_string();
            let int = |name: &str, i: usize| batch[name].as_primitive::<Int32Type>().value(i);
            let on = |name: &str, i: usize| from_epoch_day(batch[name].as_primitive::<Date32Type>().value(i));
            let money = |name: &str, i: usize| {
                let column = batch[name].as_primitive::<Decimal128Type>();
                if column.is_null(i) { 0 } else { column.value(i) }
            };
            if *name == "movements" {
                for (i, movement) in movements_from_batch(batch).unwrap().into_iter().enumerate() {
                    let company = companies.entry(movement.line.company_id.to_string()).or_default();
                    company.movements.push((int("load_id", i), movement));
                }
                continue;
            }
            for i in 0..batch.num_rows() {
                match *name {
                    "movement_cube" => {
                        let sales = (!batch["sales_effect"].is_null(i)).then(|| text("sales_effect", i));
                        let cell = (
                            text("account", i),
                            text("currency", i),
                            text("aging_class", i),
                            text("movement_kind", i),
                            sales,
                            on("posting_month", i),
                            on("due_date", i),
                            int("load_id", i),
                        );
                        let count = batch["movement_count"].as_primitive::<Int64Type>().value(i);
                        let sums = [money("amount", i), money("company_amount", i), money("net_sales_amount", i), i128::from(count)];
                        companies.entry(text("company_id", i)).or_default().cube.insert(cell, sums);
                    }
                    "waiting" => {
                        let company = companies.entry(text("company_id", i)).or_default();
                        *company.waiting.entry((text("source_table", i), text("source_id", i))).or_default() += int("change", i);
                    }
                    _ => {}
                }
            }
        }
        Told { companies }
    }
}

fn cents(money: cartera::domain::money::Money) -> i128 {
    money.hundredths().into()
}

/// Sums of movements by something, nothing left out but zeros.
fn sums<K: Ord>(company: &Company, pick: impl Fn(&Movement) -> Option<(K, i128)>) -> BTreeMap<K, i128> {
    let mut sums = BTreeMap::new();
    for (key, value) in company.movements.iter().filter_map(|m| pick(&m.1)) {
        *sums.entry(key).or_insert(0) += value;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn equal<K: Ord + Debug>(law: &str, told: &BTreeMap<K, i128>, expected: &BTreeMap<K, i128>) -> Result<(), String> {
    let keys: BTreeSet<&K> = told.keys().chain(expected.keys()).collect();
    match keys.into_iter().find(|k| told.get(*k) != expected.get(*k)) {
        None => Ok(()),
        Some(key) => Err(format!("{law}: {key:?} is {:?}, should be {:?}", told.get(key), expected.get(key))),
    }
}

fn laws(known: &Known, company: &Company, load: i32) -> Result<(), String> {
    let effects = known.effects();
    let items = known.items();
    let by = |key: &dyn Fn(&oracle::Effect) -> Option<i128>| {
        let mut sums = BTreeMap::new();
        for e in &effects {
            if let Some(value) = key(e) {
                *sums.entry((e.document.clone(), e.instalment, e.day, e.kind, e.currency.to_string())).or_insert(0) += value;
            }
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    };
    let key = |m: &Movement| {
        let line = &m.line;
        (line.document_id.to_string(), line.instalment, line.posting_date, line.movement_kind.as_str(), line.currency.to_string())
    };
    // Open amounts and flows: every document's rows by day and kind are the facts', no more and no less.
    let told = sums(company, |m| (m.line.movement_kind != MovementKind::Reclass).then(|| (key(m), cents(m.sums.amount))));
    equal("flows by kind and day are plain sums of the facts", &told, &by(&|e| Some(e.amount)))?;
    let plain = |kind: MovementKind| !matches!(kind, MovementKind::Reclass | MovementKind::FxDifference);
    let told = sums(company, |m| plain(m.line.movement_kind).then(|| (key(m), cents(m.sums.company_amount))));
    let expected = by(&|e| (e.kind != "fx_difference").then_some(e.company));
    equal("company values are the facts' and the carrying ones", &told, &expected)?;

    // Open balances under the customer, account and due day of each day.
    let days: BTreeSet<NaiveDate> = company.movements.iter().map(|m| m.1.line.posting_date).collect();
    for on in &days {
        let told = sums(company, |m| {
            let at = (
                m.line.document_id.to_string(),
                m.line.instalment,
                m.line.customer_id.to_string(),
                m.line.account.to_string(),
                m.line.due_date,
            );
            (m.line.posting_date <= *on).then(|| (at, cents(m.sums.amount)))
        });
        let mut expected = BTreeMap::new();
        for e in effects.iter().filter(|e| e.day <= *on) {
            let item = items[&e.document].iter().find(|i| i.doc.instalment == e.instalment).unwrap();
            let (customer, account, due) = item.on(*on);
            *expected.entry((e.document.clone(), e.instalment, customer.to_string(), account.to_string(), due)).or_insert(0) += e.amount;
        }
        expected.retain(|_, sum| *sum != 0);
        equal(&format!("open amounts are under the attributes of their day ({on})"), &told, &expected)?;
    }

    closed_items_are_closed(known, company, &days)?;

    let told = sums(company, |m| {
        let line = &m.line;
        line.movement_kind
            .as_str()
            .starts_with("apply_")
            .then(|| ((line.movement_kind.as_str(), line.posting_date), cents(m.sums.company_amount)))
    });
    equal("applications cancel in company currency", &told, &BTreeMap::new())?;
    for value in [|m: &Movement| m.sums.amount, |m: &Movement| m.sums.company_amount] {
        let told = sums(company, |m| {
            let at = (m.line.document_id.to_string(), m.line.instalment, m.line.posting_date);
            (m.line.movement_kind == MovementKind::Reclass).then(|| (at, cents(value(m))))
        });
        equal("moves between attributes cancel", &told, &BTreeMap::new())?;
    }

    let sales: i128 =
        sums(company, |m| m.line.sales_effect.filter(|s| s.counts_as_sales()).map(|_| ((), cents(m.sums.amount)))).into_values().sum();
    if sales != known.sales() {
        return Err(format!("sales are the current facts less what was reversed: {sales}, should be {}", known.sales()));
    }

    for (at, m) in company.movements.iter().filter(|m| m.0 == load && m.1.effect != Why::Correction) {
        let is_late = known.previous_day.is_some_and(|d| m.line.posting_date < d);
        let said_late = m.cause == Cause::Late;
        if matches!(m.cause, Cause::Late | Cause::New) && is_late != said_late {
            return Err(format!("what is learned after its time is late: {:?} in load {at}", m.line));
        }
    }

    let waiting: BTreeSet<(String, String)> = known.waiting().into_iter().map(|(t, id)| (t.to_string(), id)).collect();
    let told: BTreeMap<_, i128> = company.waiting.iter().filter(|w| *w.1 != 0).map(|(k, v)| (k.clone(), i128::from(*v))).collect();
    equal("the waiting list is what lacks a document", &told, &waiting.into_iter().map(|w| (w, 1)).collect())?;

    let mut cube: BTreeMap<Cell, [i128; 4]> = BTreeMap::new();
    for (at, Movement { line, sums, .. }) in &company.movements {
        let cell = (
            line.account.to_string(),
            line.currency.to_string(),
            line.aging_class.as_str().to_string(),
            line.movement_kind.as_str().to_string(),
            line.sales_effect.map(|s| s.as_str().to_string()),
            month_start(line.posting_date),
            line.due_date,
            *at,
        );
        let values =
            [cents(sums.amount), cents(sums.company_amount), if line.sales_effect.is_some() { cents(sums.net_sales) } else { 0 }, 1];
        let sum = cube.entry(cell).or_default();
        sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
    }
    if cube != company.cube {
        return Err("the cube is the sum of the movements: it is not".into());
    }
    Ok(())
}

/// What is nothing in its currency is nothing in the company's; and where no value was given, what is open carries its share.
fn closed_items_are_closed(known: &Known, company: &Company, days: &BTreeSet<NaiveDate>) -> Result<(), String> {
    let tolerances = known.without_given_values();
    let items = known.items();
    for on in days {
        let open = |value: fn(&Movement) -> i128| {
            sums(company, move |m| (m.line.posting_date <= *on).then(|| ((m.line.document_id.to_string(), m.line.instalment), value(m))))
        };
        let amounts = open(|m| cents(m.sums.amount));
        for (item, value) in open(|m| cents(m.sums.company_amount)) {
            let amount = amounts.get(&item).copied().unwrap_or_default();
            if amount == 0 {
                return Err(format!("closed in its currency is closed in company currency: {item:?} carries {value} on {on}"));
            }
            let Some(tolerance) = tolerances.get(&item.0) else { continue };
            let doc = &items[&item.0].iter().find(|i| i.doc.instalment == item.1).unwrap().doc;
            let carried = oracle::share(doc.company.unwrap(), amount, doc.amount);
            if (value - carried).abs() > *tolerance + 1 {
                return Err(format!("what is open carries its share: {item:?} carries {value} on {on}, not {carried}"));
            }
        }
    }
    Ok(())
}

/// Rows and amounts by fate, per table and currency; read is their sum.
fn totals(known: &Known, outcome: &Outcome, company: &str) -> Result<(), String> {
    let mut told = BTreeMap::new();
    for line in outcome.totals.iter().filter(|t| t.company_id.as_deref() == Some(company)) {
        for fate in [Fate::Loaded, Fate::Rejected, Fate::Waiting, Fate::Unchanged] {
            let at = |what: &'static str| (line.table.clone(), line.currency.clone(), what, fate as usize);
            told.insert(at("rows"), i128::from(line.rows[fate as usize]));
            told.insert(at("amount"), line.amounts[fate as usize].map_or(i128::MIN, cents));
        }
    }
    told.retain(|_, v| *v != 0);
    let mut expected = BTreeMap::new();
    for ((table, currency), (rows, amounts)) in known.totals() {
        for fate in 0..4 {
            let at = |what: &'static str| (table.to_string(), currency.map(str::to_string), what, fate);
            expected.insert(at("rows"), i128::from(rows[fate]));
            expected.insert(at("amount"), amounts[fate]);
        }
    }
    expected.retain(|_, v| *v != 0);
    equal("read = loaded + rejected + waiting + unchanged", &told, &expected)
}

/// Facts told in many loads and facts told at once give the same rows; only moves between attributes know the way.
fn same_at_once(company: &Company, at_once: Option<&Company>) -> Result<(), String> {
    let none = Company::default();
    for value in [|m: &Movement| m.sums.amount, |m: &Movement| m.sums.company_amount, |m: &Movement| m.sums.net_sales] {
        let standing = |company: &Company| {
            sums(company, |m| {
                let at = (m.line.document_id.to_string(), m.line.instalment, m.line.posting_date, m.line.movement_kind.as_str());
                (m.line.movement_kind != MovementKind::Reclass).then(|| (at, cents(value(m))))
            })
        };
        equal("the order of telling changes nothing", &standing(company), &standing(at_once.unwrap_or(&none)))?;
    }
    Ok(())
}
