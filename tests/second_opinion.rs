//! A second opinion: every measure is worked out again by SQLite over the same tables, on random ledgers, and under several settings
//! of the engine; and the documents that its header lists are added up again there.
//!
//! `second_opinion/NAME.sql` is written apart from the query `NAME`, from the definition, in SQLite's dialect. Its first lines say with which
//! arguments both are asked: `-- call: '2024-05-31', 'customer'`. Tables have their names and columns; money is in whole hundredths,
//! rates in hundred-millionths, days are texts, yes is 1. Parameters are `:as_of` and so on; `common.sql` holds what references share.
//! Added functions:
//! `worth(amount, rate)` sums amounts at rates and rounds once, `ratio4(a, b)` is a / b in ten-thousandths, `days(later, earlier)`,
//! `last_rate(currency, to, day)` the closing rate. An answer's columns are compared by name, rows by the key in the query's header;
//! a reference may leave columns out, not rows. Figures of four decimals may differ by one in the last.

use crate::book::{Book, row};
use crate::fixture::{root, shipped_files};
use crate::laws::ledger::{DAYS, Ledger, RATES};
use crate::laws::{ledger_of, seed_of};
use cartera::config::Config;
use cartera::engine::header::DefaultValue;
use cartera::engine::rows::{Datum, Rows};
use cartera::engine::{Engine, Limits, QueryFile, Together};
use cartera::ledger::snapshot::Snapshot;
use cartera::metrics::explain;
use cartera::schema::Row;
use chrono::NaiveDate;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, ToSql, params_from_iter};
use std::collections::BTreeMap;

/// Random ledgers, each a company of one history.
const LEDGERS: u64 = 60;

/// Measures without one: they list what the ledger holds, or what the load said, and their `.slt` says all there is.
const WITHOUT: &[(&str, &str)] = &[
    ("findings_summary", "counts what a load told"),
    ("rejects_summary", "counts what a load set aside"),
    ("merge_candidates", "a list of likely doubles, no figure"),
    ("application_suggestions", "random ledgers hardly ever match; application_suggestions_random.slt was worked out by SQLite"),
    ("postings_after_close", "the random ledgers are never closed; its .slt is worked by hand"),
    ("fiscal_chain", "the random ledgers have no CFDI; its .slt is worked by hand"),
    ("pue_breaches", "as fiscal_chain"),
    ("rep_compliance", "as fiscal_chain"),
    ("rep_compliance_summary", "as fiscal_chain"),
    ("unapplied_near_deadline", "as fiscal_chain"),
    ("risk_movers", "sets the rows of risk_scores of two days side by side; its header adds both up again"),
    ("worklist_rules", "counts the rows of worklist, customer by customer in its header"),
];

struct World {
    /// Kept: its folder goes with it.
    _book: Book,
    engines: Vec<Engine>,
    sqlite: Connection,
    runtime: tokio::runtime::Runtime,
}

/// A small number that looks random, the same for the same seed.
fn dice(seed: usize, of: usize) -> usize {
    let mut bits = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits >> 33) % of as u64) as usize
}

/// Master data and what surrounds a ledger: customers with versions, one of them ours, one unknown; disputes, promises, limits, the GL.
fn surroundings(n: usize, company: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut say = |table: &str, words: String| rows.push(row(table, &words));
    let collector = |k: usize| format!("G{}", k % 3 + 1);
    say(
        "customers",
        format!(
            "company_id={company} customer_id=K1 name=Uno_{n} tax_id=AAA0101{:02}AA1 segment=S{} collector_id={} credit_limit={}.00 \
             credit_currency=MXN payment_terms=30",
            n % 10,
            n % 3,
            collector(n),
            dice(n, 90) * 1_000
        ),
    );
    let own =
        if n.is_multiple_of(3) { format!(" counterparty_company_id={}", company_of((n + 1) % LEDGERS as usize)) } else { String::new() };
    say(
        "customers",
        format!("company_id={company} customer_id=K2 name=Dos_{n} parent_customer_id=K1 segment=S1 collector_id={}{own}", collector(n + 1)),
    );
    if n.is_multiple_of(2) {
        say(
            "customers",
            format!(
                "company_id={company} customer_id=K3 name=Tres_{n} tax_id=XAXX010101000 collector_id={} credit_limit=5000.00 credit_currency=USD",
                collector(n + 2)
            ),
        );
    }
    for (i, kind) in ["open_orders", "unbilled", "guarantee"].into_iter().enumerate() {
        let currency = ["MXN", "USD", "EUR"][dice(n + i, 3)];
        say(
            "exposures",
            format!(
                "company_id={company} customer_id=K{} as_of=2024-0{}-28 kind={kind} amount={}.50 currency={currency}",
                i + 1,
                3 + i,
                dice(n * 7 + i, 3_000)
            ),
        );
    }
    for i in 0..dice(n, 4) {
        let opened = format!("2024-0{}-1{}", 2 + i, dice(n + i, 9));
        let closed = if dice(n * 3 + i, 2) == 0 { format!(" closed_date=2024-06-0{}", 1 + i) } else { String::new() };
        say(
            "disputes",
            format!(
                "company_id={company} dispute_id=Q{i} document_id=D{} opened_date={opened} reason=price amount={}.25 currency=MXN{closed}",
                dice(n + 5 * i, 6),
                1 + dice(n + i, 2_000)
            ),
        );
    }
    for i in 0..dice(n + 1, 4) {
        let (day, cancelled) = (
            format!("2024-0{}-0{}", 2 + i, 1 + dice(n + i, 8)),
            if dice(n * 5 + i, 4) == 0 { format!(" cancelled_date=2024-0{}-01", 2 + i) } else { String::new() },
        );
        say(
            "promises",
            format!(
                "company_id={company} promise_id=P{i} customer_id=K{} collector_id={} taken_date=2024-01-2{i} promise_date={day} amount={}.10 currency=MXN{cancelled}",
                1 + dice(n + i, 3),
                collector(n + i),
                1 + dice(n + i, 9_000)
            ),
        );
    }
    for i in 0..dice(n + 2, 5) {
        let (kind, outcome) = (
            ["call", "email", "visit", "note"][dice(n + i, 4)],
            ["no_answer", "reached", "right_party", "promise", "dispute"][dice(n * 2 + i, 5)],
        );
        say(
            "activities",
            format!(
                "company_id={company} activity_id=T{i} customer_id=K{} collector_id={} activity_date=2024-0{}-15 kind={kind} outcome={outcome}",
                1 + dice(n + i, 3),
                collector(n),
                2 + i
            ),
        );
    }
    if n % 4 == 1 {
        say(
            "gl_balances",
            format!("company_id={company} account=A1 as_of=2024-05-31 currency=MXN balance={}.00 role=ar", dice(n, 100_000)),
        );
    }
    if n % 3 == 1 {
        let cleared = if n.is_multiple_of(2) { " cleared_date=2024-06-02" } else { "" };
        let (day, amount) = (1 + dice(n, 8), 1 + dice(n, 900));
        say(
            "gl_items",
            format!(
                "company_id={company} account=A1 item_id=I{n} posting_date=2024-05-0{day} currency=MXN amount={amount}.00 cause=timing{cleared}"
            ),
        );
    }
    if n % 7 == 2 {
        say(
            "period_sales",
            format!("company_id={company} month=2024-0{} currency={} amount={}.00", 1 + n % 5, ["MXN", "USD"][n % 2], 1 + dice(n, 80_000)),
        );
    }
    rows
}

fn company_of(n: usize) -> String {
    format!("C{n:03}")
}

fn config() -> Config {
    let mut config = Config::parse("[group]\nname = 'Grupo'\ncurrency = 'MXN'\n").unwrap();
    config.fx_max_age_days = 400;
    config
}

fn book() -> Book {
    let mut book = Book::new();
    book.vanish_limit_pct = 100;
    let ledgers: Vec<Ledger> = (0..LEDGERS).map(|n| ledger_of(seed_of(n * 17 + 5))).collect();
    let mut setup: Vec<Row> = Vec::new();
    for n in 0..ledgers.len() {
        let company = company_of(n);
        let control = if n % 2 == 0 { " control_account=A1" } else { "" };
        setup.push(row("companies", &format!("company_id={company} name=Empresa_{n} country=MX functional_currency=MXN{control}")));
    }
    for k in 1..=3 {
        setup.push(row("collectors", &format!("collector_id=G{k} name=Gestor_{k}")));
        setup.push(row("collector_targets", &format!("collector_id=G{k} month=2024-05 currency=MXN amount={k}00000.00")));
    }
    for (on, currency, rate) in RATES {
        setup.push(row(
            "fx_rates",
            &format!("rate_date={on} currency={currency} to_currency=MXN rate={}.{:04}", rate / 10_000, rate % 10_000),
        ));
    }
    for n in 0..ledgers.len() {
        setup.extend(surroundings(n, &company_of(n)));
    }
    load(&book, "2024-01-01", setup);
    for (k, on) in DAYS.iter().enumerate() {
        let rows = ledgers.iter().enumerate().flat_map(|(n, ledger)| {
            let extract = &ledger.extracts[k];
            let company = company_of(n);
            extract.facts.iter().enumerate().map(move |(i, f)| f.row(&company, [0, 0], i as u64 + 2)).collect::<Vec<_>>()
        });
        load(&book, on, rows.collect());
        if k == 2 {
            // A handover: K1 of every company goes to the next collector.
            let given = (0..ledgers.len()).map(|n| {
                row(
                    "customers",
                    &format!(
                        "company_id={} customer_id=K1 valid_from=2024-05-01 name=Uno tax_id=AAA0101{:02}AA1 segment=S2 collector_id=G{}",
                        company_of(n),
                        n % 10,
                        (n + 1) % 3 + 1
                    ),
                )
            });
            load(&book, "2024-05-01", given.collect());
        }
    }
    book
}

fn load(book: &Book, on: &str, rows: Vec<Row>) {
    use cartera::extract::Sink;
    let mut request = book.request(on);
    request.fx_max_age_days = 400;
    let mut load = cartera::ledger::load::Load::begin(&book.store, request).unwrap();
    let count = rows.len() as u64;
    for row in rows {
        load.row(row).unwrap();
    }
    load.finish(&[count], false, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("the load of {on} failed: {e}"));
}

/// The settings every measure must not care about: left to the engine, split over threads or not, large batches or tiny ones.
fn engines(snapshot: &Snapshot) -> Vec<Engine> {
    let settings = [(0, 8192), (1, 8192), (3, 37), (5, 1024)];
    let open = |(partitions, batch_rows)| {
        let limits = Limits { partitions, batch_rows, ..Limits::default() };
        Engine::open_with(snapshot, &config(), shipped_files().unwrap(), &limits).unwrap()
    };
    settings.into_iter().map(open).collect()
}

fn world() -> World {
    let book = book();
    let engines = engines(&book.store.snapshot(None).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let sqlite = Connection::open_in_memory().unwrap();
    functions(&sqlite);
    for table in engines[0].tables().map(str::to_string).collect::<Vec<_>>() {
        let rows = runtime.block_on(engines[0].sql(&format!("select * from \"{table}\""), None)).unwrap();
        copy(&sqlite, &table, &rows);
    }
    sqlite
        .execute_batch(
            "create index by_customer on movements (company_id, customer_id, posting_date);
             create index by_document on movements (company_id, document_id, instalment);",
        )
        .unwrap();
    let common = std::fs::read_to_string(root().join("tests/second_opinion/common.sql")).unwrap();
    sqlite.execute_batch(&common).unwrap();
    World { _book: book, engines, sqlite, runtime }
}

/// Digits behind the point of a type in words.
fn scale(type_name: &str) -> u32 {
    type_name.strip_prefix("decimal(").and_then(|t| t.trim_end_matches(')').split(',').nth(1)?.parse().ok()).unwrap_or(0)
}

fn value(datum: &Datum, scale: u32) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Int(i) => Value::Integer(*i),
        Datum::Bool(b) => Value::Integer((*b).into()),
        Datum::Decimal(d) => {
            let mut d = *d;
            d.rescale(scale);
            Value::Integer(d.mantissa().try_into().unwrap())
        }
        other => Value::Text(other.to_string()),
    }
}

fn copy(sqlite: &Connection, table: &str, rows: &Rows) {
    let columns: Vec<String> = rows.columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    sqlite.execute(&format!("create table \"{table}\" ({})", columns.join(", ")), []).unwrap();
    let places = vec!["?"; columns.len()].join(", ");
    let mut insert = sqlite.prepare(&format!("insert into \"{table}\" values ({places})")).unwrap();
    for row in &rows.rows {
        let values = row.iter().zip(&rows.columns).map(|(d, c)| value(d, scale(&c.type_name)));
        insert.execute(params_from_iter(values)).unwrap();
    }
}

/// `a / b` rounded half away from zero.
fn divided(a: i128, b: i128) -> i128 {
    let (whole, rest) = (a / b, a % b);
    if rest.abs() * 2 >= b.abs() { whole + if (a < 0) == (b < 0) { 1 } else { -1 } } else { whole }
}

fn functions(sqlite: &Connection) {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    sqlite
        .create_scalar_function("ratio4", 2, flags, |c: &Context<'_>| {
            let (a, b): (Option<i64>, Option<i64>) = (c.get(0)?, c.get(1)?);
            Ok(a.zip(b).filter(|(_, b)| *b != 0).map(|(a, b)| divided(i128::from(a) * 10_000, i128::from(b)) as i64))
        })
        .unwrap();
    sqlite
        .create_scalar_function("days", 2, flags, |c: &Context<'_>| {
            let day = |at: usize| -> rusqlite::Result<Option<NaiveDate>> { Ok(c.get::<Option<String>>(at)?.and_then(|t| t.parse().ok())) };
            Ok(day(0)?.zip(day(1)?).map(|(later, earlier)| (later - earlier).num_days()))
        })
        .unwrap();
    sqlite
        .create_scalar_function("last_rate", 3, flags, |c: &Context<'_>| {
            let (from, to, day): (String, String, String) = (c.get(0)?, c.get(1)?, c.get(2)?);
            assert_eq!(to, "MXN", "rates of these ledgers lead to the peso");
            let rate = RATES.iter().filter(|r| r.1 == from && r.0 <= day.as_str()).map(|r| r.2).next_back();
            Ok(if from == to { Some(100_000_000) } else { rate.map(|r| r as i64 * 10_000) })
        })
        .unwrap();
    sqlite.create_aggregate_function("worth", 2, flags, Worth).unwrap();
}

/// Sums amounts at rates, rounds once.
struct Worth;

impl Aggregate<i128, Option<i64>> for Worth {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<i128> {
        Ok(0)
    }
    fn step(&self, context: &mut Context<'_>, sum: &mut i128) -> rusqlite::Result<()> {
        let (amount, rate): (Option<i64>, Option<i64>) = (context.get(0)?, context.get(1)?);
        match (amount, rate) {
            (Some(amount), Some(rate)) => *sum += i128::from(amount) * i128::from(rate),
            (Some(amount), None) if amount != 0 => panic!("an amount without a rate"),
            _ => {}
        }
        Ok(())
    }
    fn finalize(&self, _: &mut Context<'_>, sum: Option<i128>) -> rusqlite::Result<Option<i64>> {
        Ok(sum.map(|s| divided(s, 100_000_000) as i64))
    }
}

/// Arguments of a `-- call:` line.
fn arguments(line: &str) -> Vec<Datum> {
    let datum = |text: &str| match text.trim() {
        quoted if quoted.starts_with('\'') => {
            let text = quoted.trim_matches('\'');
            text.parse().map_or(Datum::Text(text.to_string()), Datum::Date)
        }
        "true" | "false" => Datum::Bool(text.trim() == "true"),
        number if number.contains('.') => Datum::Decimal(number.parse().unwrap()),
        number => Datum::Int(number.parse().unwrap_or_else(|_| panic!("an argument {number}"))),
    };
    let mut is_quoted = false;
    line.split(|c: char| {
        is_quoted ^= c == '\'';
        c == ',' && !is_quoted
    })
    .map(datum)
    .collect()
}

fn parameters(file: &QueryFile, given: &[Datum], load: i32) -> Vec<(String, Value)> {
    let default = |d: &DefaultValue| match d {
        DefaultValue::Load => Value::Integer(load.into()),
        DefaultValue::Null => Value::Null,
        DefaultValue::Text(t) => Value::Text(t.clone()),
        DefaultValue::Int(i) => Value::Integer(*i),
        DefaultValue::Bool(b) => Value::Integer((*b).into()),
        DefaultValue::Date(d) => Value::Text(d.to_string()),
        DefaultValue::Decimal(d) => value(&Datum::Decimal(*d), if d.scale() <= 2 { 2 } else { 4 }),
    };
    let said = |(at, p): (usize, &cartera::engine::header::Param)| {
        let argument = given.get(at).map(|d| value(d, scale(&format!("{:?}", p.kind.data_type()).replace(' ', ""))));
        (
            format!(":{}", p.name),
            argument.or_else(|| p.default.as_ref().map(default)).unwrap_or_else(|| panic!("{} lacks {}", file.path, p.name)),
        )
    };
    file.header.params.iter().enumerate().map(said).collect()
}

type Answer = (Vec<String>, Vec<Vec<Value>>);

fn reference(sqlite: &Connection, sql: &str, parameters: &[(String, Value)]) -> rusqlite::Result<Answer> {
    sqlite.execute("delete from argument", [])?;
    for (name, value) in parameters {
        sqlite.execute("insert into argument values (?, ?)", rusqlite::params![name.trim_start_matches(':'), value])?;
    }
    let mut statement = sqlite.prepare(sql)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_string).collect();
    let used: Vec<(&str, &dyn ToSql)> = parameters
        .iter()
        .filter(|(name, _)| statement.parameter_index(name).ok().flatten().is_some())
        .map(|(name, value)| (name.as_str(), value as &dyn ToSql))
        .collect();
    let rows =
        statement.query_map(&used[..], |row| (0..columns.len()).map(|i| row.get::<_, Value>(i)).collect())?.collect::<Result<_, _>>()?;
    Ok((columns, rows))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Integer(i) => i.to_string(),
        Value::Text(t) => t.clone(),
        other => format!("{other:?}"),
    }
}

/// The first differences between the engine's answer and the reference.
fn differences(file: &QueryFile, rows: &Rows, (columns, theirs): &Answer) -> Vec<String> {
    let unknown: Vec<&String> = columns.iter().filter(|c| rows.position(c).is_none()).collect();
    if !unknown.is_empty() {
        return vec![format!("the reference has columns that the query has not: {unknown:?}")];
    }
    let key: Vec<&String> = file.header.key.iter().filter(|k| columns.contains(k)).collect();
    let key_of =
        |row: &[Value]| key.iter().map(|k| shown(&row[columns.iter().position(|c| c == *k).unwrap()])).collect::<Vec<_>>().join("|");
    let scales: Vec<u32> = columns.iter().map(|c| scale(&rows.columns[rows.position(c).unwrap()].type_name)).collect();
    let ours: Vec<Vec<Value>> = rows
        .rows
        .iter()
        .map(|row| columns.iter().zip(&scales).map(|(c, s)| value(&row[rows.position(c).unwrap()], *s)).collect())
        .collect();
    let by_key = |rows: &[Vec<Value>]| {
        let mut map: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
        rows.iter().for_each(|r| map.entry(key_of(r)).or_default().push(r.clone()));
        map
    };
    let (ours, theirs) = (by_key(&ours), by_key(theirs));
    let mut told = Vec::new();
    for key in ours.keys().chain(theirs.keys().filter(|k| !ours.contains_key(*k))) {
        match (ours.get(key).map(Vec::as_slice), theirs.get(key).map(Vec::as_slice)) {
            (Some([our]), Some([their])) => {
                for (i, column) in columns.iter().enumerate() {
                    let agree = match (&our[i], &their[i]) {
                        (Value::Integer(a), Value::Integer(b)) => (a - b).abs() <= i64::from(scales[i] == 4),
                        (a, b) => a == b,
                    };
                    if !agree {
                        told.push(format!("{key} {column}: {} here, {} by SQLite", shown(&our[i]), shown(&their[i])));
                    }
                }
            }
            (Some(_), None) => told.push(format!("{key} is not there by SQLite")),
            (None, _) => told.push(format!("{key} is there only by SQLite")),
            (Some(o), Some(t)) => told.push(format!("{key} stands {} times here, {} times by SQLite", o.len(), t.len())),
        }
    }
    told
}

/// Calls of each reference that are always compared; `SECOND=all` compares all, `SECOND=kpis` all of one.
const CALLS: usize = 2;

#[test]
fn sqlite_gives_the_same_figures_under_every_setting() {
    compare(0);
}

#[test]
fn sqlite_gives_the_same_figures_of_the_other_half() {
    compare(1);
}

/// Compares one of two halves of the measures: two tests, so that two cores share the work.
fn compare(half: usize) {
    let wanted = std::env::var("SECOND").ok();
    let calls_compared = if wanted.is_some() { usize::MAX } else { CALLS };
    let wanted = wanted.filter(|w| w != "all");
    let world = world();
    let mut told = Vec::new();
    let mut compared = 0;
    let files = world.engines[0].catalogue().files().enumerate().filter(|(at, _)| at % 2 == half).map(|(_, file)| file);
    let mut compared_files = Vec::new();
    for file in files.filter(|f| wanted.as_ref().is_none_or(|w| f.header.name == *w)) {
        let path = root().join("tests/second_opinion").join(format!("{}.sql", file.header.name));
        let Ok(sql) = std::fs::read_to_string(&path) else { continue };
        let calls: Vec<String> =
            sql.lines().filter_map(|l| l.strip_prefix("-- call:")).map(|call| call.trim().to_string()).take(calls_compared).collect();
        assert!(!calls.is_empty(), "{}: no `-- call:`", path.display());
        compared_files.push((file, sql, calls));
    }
    // The first engine is asked everything and proves it; the others are asked the first call of each.
    let questions = |most: usize| -> Vec<(String, Vec<Datum>)> {
        let of = |(file, _, calls): &(&QueryFile, String, Vec<String>)| {
            calls.iter().take(most).map(|call| (file.header.name.clone(), arguments(call))).collect::<Vec<_>>()
        };
        compared_files.iter().flat_map(of).collect()
    };
    let together = |(number, engine): (usize, &Engine)| match number {
        0 => world.runtime.block_on(engine.with_proofs(&questions(usize::MAX), None)).unwrap(),
        _ => world.runtime.block_on(engine.together(&questions(1), None)).unwrap(),
    };
    let engines: Vec<Together> = world.engines.iter().enumerate().map(together).collect();
    for (file, sql, calls) in &compared_files {
        for (number, call) in calls.iter().enumerate() {
            let given = arguments(call);
            let mut say = |what: String| told.push(format!("{}({call}): {what}", file.header.name));
            let ask = |engine: &Together| world.runtime.block_on(engine.ask(&file.header.name, &given));
            let rows = match ask(&engines[0]) {
                Ok(rows) => rows,
                Err(error) => {
                    say(error.to_string());
                    continue;
                }
            };
            for (n, input) in file.header.inputs.iter().enumerate().filter(|_| number == 0) {
                let documents = world.runtime.block_on(engines[0].inputs(&file.header.name, n, &given));
                match documents.and_then(|d| explain::prove(&file.header, &input.column, &rows, d)) {
                    Ok(proof) if proof.agrees() => {}
                    Ok(_) => say(format!("{} is not the sum of its documents", input.column)),
                    Err(error) => say(error.to_string()),
                }
            }
            for engine in engines[1..].iter().filter(|_| number == 0) {
                if ask(engine).is_ok_and(|other| other != rows) {
                    say("another setting of the engine gives another answer".into());
                }
            }
            match reference(&world.sqlite, sql, &parameters(file, &given, world.engines[0].load_id())) {
                Err(error) => say(error.to_string()),
                Ok(answer) => {
                    compared += answer.1.len();
                    let found = differences(file, &rows, &answer);
                    found.iter().take(5).for_each(|d| say(d.clone()));
                    if found.len() > 5 {
                        say(format!("and {} differences more", found.len() - 5));
                    }
                    if answer.1.is_empty() && rows.rows.is_empty() {
                        say("nothing was compared: both are empty".into());
                    }
                }
            }
        }
    }
    assert!(told.is_empty(), "{} differences:\n{}", told.len(), told.join("\n"));
    assert!(compared > 0 || wanted.is_some(), "nothing was compared");
}

#[test]
fn every_measure_has_a_second_opinion() {
    let catalogue = shipped_files().unwrap();
    let lacks: Vec<&str> = catalogue
        .files()
        .filter(|f| f.path.contains("/metrics/"))
        .map(|f| f.header.name.as_str())
        .filter(|name| !WITHOUT.iter().any(|(without, _)| without == name))
        .filter(|name| !root().join("tests/second_opinion").join(format!("{name}.sql")).exists())
        .collect();
    assert!(lacks.is_empty(), "these have none: {lacks:?}");
}

#[test]
fn a_difference_is_seen() {
    let file = shipped_files().unwrap().get("month_ends").unwrap().clone();
    let column = |name: &str, type_name: &str| cartera::engine::rows::RowsColumn { name: name.into(), type_name: type_name.into() };
    let rows = Rows {
        columns: vec![column("month_end", "date"), column("day_count", "int")],
        rows: vec![vec![Datum::Date("2024-01-31".parse().unwrap()), Datum::Int(31)]],
    };
    let answer = |day: &str, count: i64| {
        (vec!["month_end".to_string(), "day_count".into()], vec![vec![Value::Text(day.into()), Value::Integer(count)]])
    };
    assert!(differences(&file, &rows, &answer("2024-01-31", 31)).is_empty());
    assert_eq!(differences(&file, &rows, &answer("2024-01-31", 30)).len(), 1);
    assert_eq!(differences(&file, &rows, &answer("2024-02-29", 31)).len(), 2);
    assert_eq!(differences(&file, &rows, &(vec!["x".into()], vec![])).len(), 1);
    assert_eq!((divided(5, 2), divided(-5, 2), divided(4, 3), divided(-4, 3)), (3, -3, 1, -1));
}
