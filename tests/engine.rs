//! The engine from outside: calls, nesting, loads, declared types, order, errors, limits; and the promises of every query file's header.

use crate::fixture::{every_table, fixture_config, fixture_engine, fixture_snapshot};
use crate::slt_runner::slt_files;
use cartera::engine::header::{Header, Kind, Param};
use cartera::engine::rows::{Datum, Rows};
use cartera::engine::{Catalogue, Engine, Limits, Together, shipped};
use cartera::ledger::snapshot::Snapshot;
use cartera::metrics::explain;
use rust_decimal::Decimal;
use std::path::Path;
use std::str::FromStr;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(work)
}

fn day(text: &str) -> Datum {
    Datum::Date(cartera::domain::days::parse_day(text).unwrap())
}

fn money(text: &str) -> Datum {
    Datum::Decimal(Decimal::from_str(text).unwrap())
}

/// A query file with the parts a test does not care about filled in.
fn file(name: &str, params: &str, columns: &str, order: &str, body: &str) -> (String, String) {
    let text = format!(
        "-- name: {name}\n-- answers: ?\n-- grain: one row per {}\n-- params: {params}\n-- reads: none\n-- columns: {columns}\n-- order: {order}\n\
         -- unit: none\n-- source: test\n{body}\n",
        order.replace(" desc", "")
    );
    (format!("queries/test/{name}.sql"), text)
}

fn engine_with(files: &[(String, String)]) -> Engine {
    let catalogue = Catalogue::parse(files.iter().map(|(p, t)| (p.as_str(), t.as_str()))).unwrap();
    Engine::open_with(&fixture_snapshot("engine"), &fixture_config("engine"), catalogue, &Limits::default()).unwrap()
}

/// Three levels, each with its own parameter names: balance ← balances_of ← report.
fn nested() -> Vec<(String, String)> {
    vec![
        file(
            "balances",
            "as_of date",
            "company_id id | currency text | as_of date | open_amount money | newest int",
            "company_id, currency",
            "select company_id, currency, $as_of as as_of, sum(amount) as open_amount, max(load_id) as newest from movements
             where posting_date <= $as_of group by company_id, currency, $as_of",
        ),
        file(
            "steps",
            "from date, to date, opening_load int = $load",
            "company_id id | currency text | opening money | closing money | step text",
            "company_id, currency, step",
            "with opening as (select * from balances($from - interval '1 day', $opening_load)),
             closing as (select * from balances($to))
             select c.company_id, c.currency, coalesce(o.open_amount, 0.00) as opening, c.open_amount as closing,
                    cast($from as text) || ' ' || row_number() over (partition by c.company_id, $to order by c.currency) as step
             from closing c left join opening o on o.company_id = c.company_id and o.currency = c.currency",
        ),
        file(
            "report",
            "day date",
            "company_id id | moved money | month_end date",
            "company_id desc, moved",
            "select s.company_id, s.closing - s.opening as moved, m.month_end
             from steps(month_start($day), month_end($day)) s
             cross join (select unnest(make_array(month_end($day))) as month_end) m
             where s.company_id in (select company_id from movements where posting_date <= $day) and s.company_id <> ''",
        ),
    ]
}

#[test]
fn queries_call_queries_with_their_own_parameters() {
    let engine = engine_with(&nested());
    run(async {
        let rows = engine.ask("balances", &[day("2026-09-30")], None).await.unwrap();
        assert_eq!(rows.rows, [[Datum::Text("MX01".into()), Datum::Text("MXN".into()), day("2026-09-30"), money("850.50"), Datum::Int(2)]]);
        let rows = engine.ask("steps", &[day("2026-10-01"), day("2026-10-31")], None).await.unwrap();
        let figures: Vec<_> = rows.rows.iter().map(|r| (r[2].to_string(), r[3].to_string(), r[4].to_string())).collect();
        assert_eq!(
            figures,
            [
                ("850.50".into(), "850.50".into(), "2026-10-01 1".into()),
                ("0.00".into(), "330.00".into(), "2026-10-01 2".into()),
                ("0.00".into(), "70.00".into(), "2026-10-01 1".to_string())
            ]
        );
        // Declared order: company falls, figure rises.
        let rows = engine.ask("report", &[day("2026-10-15")], None).await.unwrap();
        assert_eq!(rows.rows.iter().map(|r| r[1].to_string()).collect::<Vec<_>>(), ["70.00", "0.00", "330.00"]);
        assert_eq!(rows.rows[0][2], day("2026-10-31"));
        // The same through SQL, ordered for a bare call; and inside other SQL.
        assert_eq!(engine.sql("select * from report('2026-10-15')", None).await.unwrap(), rows);
        let sum = engine.sql("select sum(moved) from report(date '2026-10-15') r where r.company_id = 'MX01'", None).await.unwrap();
        assert_eq!(sum.rows, [[money("330.00")]]);
    });
}

#[test]
fn nested_calls_look_from_the_load_of_the_caller() {
    let engine = engine_with(&nested());
    run(async {
        let open = async |load: Option<i32>| {
            engine.ask("balances", &[day("2026-10-31")], load).await.unwrap().rows.iter().map(|r| r[3].to_string()).collect::<Vec<_>>()
        };
        assert_eq!(open(None).await, ["850.50", "330.00", "70.00"]);
        assert_eq!(open(Some(1)).await, ["1250.50", "300.00"]);
        assert_eq!(open(Some(0)).await, Vec::<String>::new());
        // As an argument, three levels down, and by SQL.
        for (text, load) in [("select * from report('2026-10-31', 1)", None), ("select * from report('2026-10-31')", Some(1))] {
            let rows = engine.sql(text, load).await.unwrap();
            assert_eq!(rows.rows.iter().map(|r| r[1].to_string()).collect::<Vec<_>>(), ["0.00", "300.00"], "{text}");
        }
        // Opening as known at load 1, closing as known at load 3.
        let rows = engine.ask("steps", &[day("2026-10-01"), day("2026-10-31"), Datum::Int(1)], None).await.unwrap();
        assert_eq!((rows.rows[0][2].to_string(), rows.rows[0][3].to_string()), ("1250.50".into(), "850.50".into()));
        // Nobody sees more than the load he looks from, and no load is invented.
        let error = engine.sql("select * from balances('2026-10-31', 9)", None).await.unwrap_err().to_string();
        assert!(error.contains("there is no load 9; the newest is 3"), "{error}");
        assert!(engine.sql("select 1", Some(4)).await.unwrap_err().is_missing());
        // Canonical tables as that load saw them.
        let name = |load| engine.sql("select name, credit_limit from customers where customer_id = 'C1'", load);
        assert_eq!(name(Some(1)).await.unwrap().rows, [[Datum::Text("Aceros del Norte".into()), money("100.00")]]);
        assert_eq!(name(Some(2)).await.unwrap().rows, [[Datum::Text("Aceros del Norte".into()), money("150.00")]]);
        assert_eq!(name(None).await.unwrap().rows, [[Datum::Text("Aceros del Norte SA".into()), money("150.00")]]);
    });
}

#[test]
fn declared_types_are_true_of_what_runs() {
    let engine = engine_with(&[
        file(
            "typed",
            "rate rate, note text = 'it''s', cap money = 1.50, open bool = true, until date = null",
            "id id | n int | a money | b money | r rate | p pct | d date | y bool | t text",
            "id",
            "select currency as id, count(*) as n, sum(amount) as a, case when max(amount) > 500 then sum(amount) else 0.00 end as b,
             $rate as r, 100 * ratio(min(amount), $cap) as p, $until as d, $open as y, $note as t from movements group by currency",
        ),
        file("wrapped", "none", "id id | n int | a money | b money", "id", "select id, n, a, b + 0.00 as b from typed(1.5)"),
    ]);
    run(async {
        let rows = engine.ask("typed", &[money("17.1")], None).await.unwrap();
        let types: Vec<&str> = rows.columns.iter().map(|c| c.type_name.as_str()).collect();
        assert_eq!(types, ["text", "int", "decimal(18,2)", "decimal(18,2)", "decimal(18,8)", "decimal(18,4)", "date", "bool", "text"]);
        let figures: Vec<String> = rows.rows[1].iter().map(Datum::to_string).collect();
        assert_eq!(figures, ["USD", "3", "330.00", "0.00", "17.10000000", "-20000.0000", "", "true", "it's"]);
        let rows = engine.ask("wrapped", &[], None).await.unwrap();
        assert_eq!(rows.columns[3].type_name, "decimal(18,2)");
        assert_eq!(rows.rows[0].iter().map(Datum::to_string).collect::<Vec<_>>(), ["MXN", "4", "920.50", "920.50"]);
    });
}

#[test]
fn errors_say_what_is_wrong_and_what_exists() {
    let mut files = nested();
    files.push(file("two", "a int, b int = 2", "n int", "n", "select $a + $b as n"));
    files.push(file("lies", "none", "n int | m int", "n", "select 1 as n, 2 as k"));
    let engine = engine_with(&files);
    let cases = [
        ("select * from balance('2026-10-31')", "no query `balance`", "balances(as_of date, load int = $load)"),
        ("select * from balances()", "lacks as_of", "call it as balances(as_of date"),
        ("select * from balances('2026-10-31', 1, 2)", "at most 2 arguments, not 3", "balances(as_of date"),
        ("select * from balances('2026-02-30')", "as_of date cannot be", "balances(as_of date"),
        ("select * from balances(20261031)", "as_of date cannot be", "balances(as_of date"),
        ("select * from balances(null)", "as_of date cannot be NULL", "balances(as_of date"),
        ("select * from two('x')", "a int cannot be", "two(a int, b int = 2"),
        ("select * from two(1.5)", "a int cannot be", "two(a int"),
        ("select * from two(1, date '2026-01-01')", "b int cannot be", "two(a int"),
        ("select * from movements m, balances(m.posting_date)", "`m.posting_date` of `balances` depends on rows", "constants"),
        ("select * from movements m, lateral balances(m.posting_date) b", "laterally", "constants"),
        ("select (select max(open_amount) from balances(posting_date)) from movements", "`posting_date` of `balances` depends on rows", ""),
        ("select * from balances((select max(posting_date) from movements))", "depends on rows", ""),
        (
            "select * from steps('2026-10-31', '2026-10-01')",
            "`steps`: its last day 2026-10-01 lies before its first, 2026-10-31",
            "steps(from date",
        ),
        ("select * from lies()", "queries/test/lies.sql: its columns are not those of its header", "it returns n, k"),
        ("select amont from movements", "no column `amont`", "did you mean `amount`?"),
        ("select open_amout from balances('2026-10-31')", "no column `open_amout`", "did you mean `open_amount`?"),
        ("select m.xyz from movements m", "no column `m.xyz`", "posting_date"),
        ("select * from movement", "no table `movement`", "the table `movements`"),
        ("select * from balence", "no table `balence`", "the query balances(as_of date"),
        ("select * from movements(1)", "no query `movements`", "select * from movements"),
        ("select * from zzzz", "no table `zzzz`", "select * from catalogue"),
        ("select * from balances", "no table `balances`", "call it: balances(as_of date"),
        ("select * from '/etc/passwd'", "no table", ""),
        ("select * from 'movements-1.parquet'", "no table", ""),
        ("select * from information_schema.tables", "no table", ""),
        ("select sums(amount) from movements", "no function `sums`", "did you mean `sum`?"),
        ("select balances('2026-10-31')", "no function `balances`", "stands in FROM"),
        ("select company_id from movements a join movements b on a.load_id = b.load_id", "more than one table", "a.company_id"),
        ("select company_id, sum(amount) from movements", "`movements.company_id` is neither grouped nor aggregated", "GROUP BY"),
        ("select 1 +", "the SQL cannot be read", ""),
        ("select 'x' + 1", "text + int", ""),
        ("select cast('x' as int)", "'x'", ""),
        ("select amount / 0 from movements", "ivide by zero", ""),
        ("select sum('x') from movements", "`sum` does not take text", ""),
        ("select sum(company_id) from movements", "`sum` does not take text", ""),
        ("select ratio(1)", "ratio takes", ""),
        ("select month_end(1)", "month_end takes days, not int", ""),
        ("select required_rate(1, 'USD', 'MXN')", "required_rate takes", ""),
        ("select substr(1, 2, 3, 4)", "substr", ""),
        ("select * from movements where posting_date = 'x'", "x", ""),
        ("select company_id from movements order by nothing", "no column `nothing`", ""),
        ("select amount as a, load_id as a from movements", "two columns are called `a`", "another name"),
        ("select amount, amount from movements", "two columns are called `movements.amount`", ""),
        ("select * from read_parquet('/etc/passwd')", "no query `read_parquet`", ""),
        ("drop table movements", "DROP is refused", "only one SELECT"),
    ];
    run(async {
        for (text, says, hint) in cases {
            let error = engine.sql(text, None).await.expect_err(text).to_string();
            assert!(error.contains(says) && error.contains(hint), "{text}\n{error}");
            for debris in
                ["Error(", "SchemaError", "Utf8(", "DataFusion", "backtrace", "External", "rror during planning", "Int64(", "Arrow"]
            {
                assert!(!error.contains(debris), "{text}: {debris} in\n{error}");
            }
        }
        let error = engine.ask("agin", &[], None).await.unwrap_err();
        assert!(error.is_missing() && error.to_string().contains("no query `agin`"), "{error}");
    });
}

#[test]
fn what_a_statement_may_hold_is_planned_and_run_on_small_stacks() {
    let engine = fixture_engine("engine");
    run(async {
        for (text, answer) in [
            (format!("select 1{}", " + 1".repeat(990)), "991"),
            (format!("select count(*) from movements where amount = 0{}", " or amount = 1000".repeat(490)), "1"),
            (format!("select max(x) from (select cast(load_id as bigint){} as x from movements)", " + load_id".repeat(990)), "2973"),
            (format!("select count(*) from (select 1 as n{})", " union all select 1".repeat(480)), "481"),
            (format!("select count(*) from movements where load_id in (1{})", ", 2".repeat(20_000)), "5"),
            (format!("select max(x) from (select case {} else 0 end as x from movements)", "when amount = 1 then 1 ".repeat(900)), "0"),
            (format!("select max(load_id){} from movements", "::bigint::int".repeat(450)), "3"),
        ] {
            let rows = tokio::spawn({
                let engine = engine.clone();
                async move { engine.sql(&text, None).await }
            });
            assert_eq!(rows.await.unwrap().unwrap().rows[0][0].to_string(), answer);
        }
    });
}

#[test]
fn answers_do_not_depend_on_how_they_are_computed() {
    let text = "select company_id, currency, sum(amount) as a, count(*) as n, rank() over (order by sum(amount)) as r from movements group by 1, 2 order by 1, 2";
    let answer = |partitions, batch_rows| {
        let limits = Limits { partitions, batch_rows, ..Limits::default() };
        let engine = Engine::open_with(&fixture_snapshot("engine"), &fixture_config("engine"), Catalogue::default(), &limits).unwrap();
        run(engine.sql(text, None)).unwrap()
    };
    let one = answer(1, 8192);
    assert_eq!(one.rows.len(), 3);
    for (partitions, batch_rows) in [(0, 8192), (3, 1), (7, 2)] {
        assert_eq!(answer(partitions, batch_rows), one, "{partitions} {batch_rows}");
    }
}

#[test]
fn an_answer_can_go_to_a_parquet_file() {
    let engine = fixture_engine("engine");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer.parquet");
    run(async {
        let rows =
            engine.sql_parquet("select company_id, amount, posting_date from movements order by movement_id", &path, None).await.unwrap();
        assert_eq!(rows, 7);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(engine.sql_parquet("copy movements to 'x'", &path, None).await.is_err());
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size > 500, "{size}");
        assert!(engine.sql_parquet("select 1", &folder.path().join("no/such.parquet"), None).await.unwrap_err().is_io());
    });
}

#[test]
fn memory_is_limited() {
    let limits = Limits { memory_bytes: 200_000, ..Limits::default() };
    let engine = Engine::open_with(&fixture_snapshot("engine"), &fixture_config("engine"), Catalogue::default(), &limits).unwrap();
    let cross = "with x as (select a.amount from movements a, movements b, movements c, movements d, movements e, movements f)
        select count(distinct cast(n as text) || 'padding') from (select row_number() over (order by amount) as n from x)";
    let error = run(engine.sql(cross, None)).unwrap_err().to_string();
    assert!(error.contains("more memory"), "{error}");
}

#[test]
fn answers_to_typed_sql_are_of_bounded_size() {
    let limits = Limits { answer_rows: 100, ..Limits::default() };
    let engine = Engine::open_with(&fixture_snapshot("engine"), &fixture_config("engine"), Catalogue::default(), &limits).unwrap();
    run(async {
        assert_eq!(engine.sql("select 1 as n from movements a, movements b limit 100", None).await.unwrap().rows.len(), 49);
        let text = "select 1 as n from movements a, movements b, movements c, movements d, movements e, movements f, movements g, movements h, movements i";
        let error = engine.sql(text, None).await.unwrap_err().to_string();
        assert!(error.contains("more than 100 rows") && error.contains("LIMIT"), "{error}");
        assert_eq!(engine.sql(&format!("{text} limit 100"), None).await.unwrap().rows.len(), 100);
    });
}

#[test]
fn tables_with_meanings_meet_literals_in_unions() {
    let text = "select company_id, sum(amount) as a from (
        select company_id, load_id, amount from movements where load_id = 1 union all select 'X', 1, cast(1 as decimal(18,2))
        union all select name, load_id, credit_limit from customers) group by company_id order by 1";
    for tables in [fixture_snapshot("engine").tables, every_table(|_| Vec::new())] {
        let engine = Engine::open(&Snapshot { load_id: 3, tables, closes: Vec::new() }, &fixture_config("engine")).unwrap();
        let rows = run(engine.sql(text, None)).unwrap();
        assert!(rows.rows.iter().any(|r| r[0] == Datum::Text("X".into()) && r[1] == money("1.00")), "{rows:?}");
    }
}

#[test]
fn a_damaged_file_is_an_error_and_not_fewer_rows() {
    let mut snapshot = fixture_snapshot("engine");
    let folder = tempfile::tempdir().unwrap();
    let file = &mut snapshot.tables.iter_mut().find(|t| t.name == "movements").unwrap().files[0];
    let torn = folder.path().join("torn.parquet");
    let bytes = std::fs::read(&file.path).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
    file.path = torn.clone();
    let open =
        |snapshot: &Snapshot| Engine::open_with(snapshot, &fixture_config("engine"), Catalogue::default(), &Limits::default()).unwrap();
    let error = run(open(&snapshot).sql("select sum(amount) from movements", None)).unwrap_err().to_string();
    assert!(error.contains("data file cannot be read"), "{error}");
    std::fs::remove_file(&torn).unwrap();
    assert!(run(open(&snapshot).sql("select sum(amount) from movements", None)).is_err());
}

#[test]
fn an_empty_history_answers() {
    let empty = Snapshot { load_id: 0, tables: every_table(|_| Vec::new()), closes: Vec::new() };
    let engine = Engine::open_with(&empty, &fixture_config("engine"), Catalogue::default(), &Limits::default()).unwrap();
    run(async {
        let rows = engine
            .sql("select count(*), sum(amount) from movements m join customers c on c.customer_id = m.customer_id", None)
            .await
            .unwrap();
        assert_eq!(rows.rows, [[Datum::Int(0), Datum::Null]]);
        assert_eq!(engine.sql("select * from documents", None).await.unwrap().columns[0].name, "load_id");
    });
}

#[test]
fn the_filter_on_loads_costs_nothing_and_drops_files() {
    let engine = fixture_engine("engine");
    let plan = |load| {
        let rows = run(engine.sql("explain select sum(amount) from movements", load)).unwrap();
        rows.rows.iter().map(|r| r[1].to_string()).collect::<String>()
    };
    assert!(!plan(None).contains("FilterExec") && plan(None).contains("movements-3"), "{}", plan(None));
    assert!(!plan(Some(2)).contains("movements-3"), "{}", plan(Some(2)));
}

// ---------------------------------------------------------------- the promises of the headers

#[test]
fn every_query_file_is_shipped() {
    let root = &crate::fixture::root();
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let mut files = Vec::new();
    walk(&root.join("queries"), root, &mut files);
    files.sort();
    let mut listed: Vec<&str> = shipped::SHIPPED.iter().map(|(path, _)| *path).collect();
    listed.sort_unstable();
    assert_eq!(files, listed, "src/engine/shipped.rs lists other files than queries/ holds");
}

/// Arguments for the parameters of a query, by their names: the days every fixture has data around.
pub fn usual_argument(param: &Param) -> Option<Datum> {
    match param.name.as_str() {
        "as_of" | "to" => Some(day("2026-10-31")),
        "from" => Some(day("2026-08-01")),
        _ if param.default.is_some() => None,
        other => match param.kind {
            Kind::Date => Some(day("2026-10-31")),
            _ => panic!("parameter `{other}` needs a usual argument here"),
        },
    }
}

/// What a query is asked: its usual arguments, and one grain of each mechanism: booked by customer, at rates over companies, without a
/// rate. The words of `members` are in its .slt.
fn asked(header: &Header) -> Vec<Vec<Datum>> {
    let usual: Vec<Datum> = header.params.iter().map_while(usual_argument).collect();
    let is_grain = header.params.get(usual.len()).is_some_and(|p| p.name == "grain");
    let choices = if is_grain { &["customer", "segment", "currency"][..] } else { &[] };
    let by = |choice: &&str| usual.iter().cloned().chain([Datum::Text((*choice).to_string())]).collect();
    std::iter::once(usual.clone()).chain(choices.iter().map(by)).collect()
}

/// Every promise of every header, on one engine; the broken ones.
pub async fn broken_promises(engine: &Engine, pick: impl Fn(&str) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    // `QUERY=aging` asks one alone.
    let wanted = std::env::var("QUERY").ok();
    let picked = || engine.catalogue().files().filter(|f| pick(&f.path) && wanted.as_ref().is_none_or(|w| f.header.name == *w));
    let questions: Vec<(String, Vec<Datum>)> =
        picked().flat_map(|f| asked(&f.header).into_iter().map(|arguments| (f.header.name.clone(), arguments))).collect();
    let engine = &engine.with_proofs(&questions, None).await.unwrap();
    for file in picked() {
        let header = &file.header;
        let arguments: Vec<Datum> = header.params.iter().map_while(usual_argument).collect();
        let mut say = |what: String| broken.push(format!("{}: {what}", file.path));
        let rows = match engine.ask(&header.name, &arguments).await {
            Ok(rows) => rows,
            Err(error) => {
                say(error.to_string());
                continue;
            }
        };
        for arguments in asked(header).into_iter().skip(1) {
            let choice = arguments.last().map(ToString::to_string).unwrap_or_default();
            match engine.ask(&header.name, &arguments).await {
                Ok(rows) => {
                    if let Some(twice) = doubled(&rows, header.key.iter().map(String::as_str)) {
                        say(format!("grain `{}` is not unique by {choice}: {twice}", header.grain));
                    }
                    unproven(engine, header, &arguments, &rows).await.into_iter().for_each(|u| say(format!("by {choice}: {u}")));
                }
                Err(error) => say(format!("by {choice}: {error}")),
            }
            match engine.broken_laws(&header.name, &arguments).await {
                Ok(laws) => {
                    laws.iter().for_each(|law| say(format!("does not hold by {choice}: {}\n  {:?}", law.law, law.rows.rows.first())))
                }
                Err(error) => say(format!("by {choice}: {error}")),
            }
        }
        unproven(engine, header, &arguments, &rows).await.into_iter().for_each(&mut say);
        for (declared, real) in header.columns.iter().zip(&rows.columns) {
            let expected = match declared.kind {
                Kind::Id | Kind::Text => "text",
                Kind::Int => "int",
                Kind::Money => "decimal(18,2)",
                Kind::Rate => "decimal(18,8)",
                Kind::Ratio | Kind::Pct | Kind::Days => "decimal(18,4)",
                Kind::Date => "date",
                Kind::Bool => "bool",
            };
            if declared.name != real.name || expected != real.type_name {
                say(format!("column {} {expected} is {} {}", declared.name, real.name, real.type_name));
            }
        }
        if let Some(twice) = doubled(&rows, header.key.iter().map(String::as_str)) {
            say(format!("grain `{}` is not unique: {twice}", header.grain));
        }
        if let Some(twice) = doubled(&rows, header.order.iter().map(|o| o.column.as_str())) {
            say(format!("the order is not total: {twice}"));
        }
        match engine.broken_laws(&header.name, &arguments).await {
            Ok(laws) => laws.iter().for_each(|law| say(format!("does not hold: {}\n  {:?}", law.law, law.rows.rows.first()))),
            Err(error) => say(error.to_string()),
        }
        let read: Vec<&str> = file.tables.iter().chain(&file.calls).map(String::as_str).collect();
        let mut declared: Vec<&str> = header.reads.iter().map(String::as_str).collect();
        let mut really = read.clone();
        declared.sort_unstable();
        really.sort_unstable();
        if declared != really {
            say(format!("reads: {} is declared, {} is read", declared.join(", "), really.join(", ")));
        }
        if !slt_files().iter().any(|f| f.file_stem().is_some_and(|s| s.to_string_lossy() == header.name)) {
            say("it has no .slt".to_string());
        }
    }
    broken
}

/// The columns of an answer that their documents do not add up to.
async fn unproven(engine: &Together, header: &Header, arguments: &[Datum], rows: &Rows) -> Vec<String> {
    let mut told = Vec::new();
    for (number, input) in header.inputs.iter().enumerate() {
        match engine.inputs(&header.name, number, arguments).await {
            Ok(inputs) => told.extend(readded(header, &input.column, rows, inputs)),
            Err(error) => told.push(error.to_string()),
        }
    }
    told
}

/// The rows of an answer whose column is not the sum of the documents listed for it.
fn readded(header: &Header, column: &str, rows: &Rows, inputs: Rows) -> Vec<String> {
    let proof = match explain::prove(header, column, rows, inputs) {
        Ok(proof) => proof,
        Err(error) => return vec![error.to_string()],
    };
    let wrong = proof.sums.iter().zip(&rows.rows).filter(|(sum, _)| !sum.agrees());
    let mut told: Vec<String> =
        wrong.map(|(sum, row)| format!("{column}: documents add up to {}, not to that of {row:?}", sum.added)).collect();
    told.extend(proof.stray.map(|(count, sum)| format!("{column}: {count} documents, {sum}, are in no row")));
    told
}

fn doubled<'a>(rows: &Rows, columns: impl Iterator<Item = &'a str>) -> Option<String> {
    let at: Vec<usize> = columns.filter_map(|c| rows.position(c)).collect();
    let mut seen = std::collections::BTreeSet::new();
    rows.rows
        .iter()
        .map(|row| at.iter().map(|i| format!("{:?}", row[*i])).collect::<Vec<_>>().join(" "))
        .find(|key| !seen.insert(key.clone()))
}

/// Measures whose header lists no documents, and why.
const WITHOUT_DOCUMENTS: &[(&str, &[&str])] = &[
    ("a trend: its one-day or one-period form lists them", &["aging_group_trend", "aging_trend", "dso_trend", "kpis_trend"]),
    (
        "its rows are the documents",
        &[
            "application_suggestions",
            "change_items",
            "open_items",
            "pue_breaches",
            "rep_compliance",
            "terms_given",
            "tie_out_items",
            "unapplied_cash",
            "unapplied_near_deadline",
        ],
    ),
    ("its rows are what the loads said", &["findings_summary", "merge_candidates", "rejects_summary"]),
    ("points and shares; its amounts are those of credit_exposure, promises_kept and kpis by customer", &["risk_movers", "risk_scores"]),
    ("the lines of collector_portfolios, collector_activity and kpis by collector", &["collector_scorecard", "collector_activity"]),
    ("products of cash_pattern and sales", &["cash_pattern_forecast"]),
    ("products of the shares of transitions, which lists them", &["transitions_ahead"]),
];

#[test]
fn every_measure_lists_its_documents() {
    let catalogue = crate::fixture::shipped_files().unwrap();
    let without: Vec<&str> = WITHOUT_DOCUMENTS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let metrics = || catalogue.files().filter(|f| f.path.contains("/metrics/"));
    let lacks: Vec<&str> =
        metrics().filter(|f| f.header.inputs.is_empty()).map(|f| f.header.name.as_str()).filter(|n| !without.contains(n)).collect();
    let has: Vec<&&str> = without.iter().filter(|n| metrics().any(|f| f.header.name == **n && !f.header.inputs.is_empty())).collect();
    assert!(lacks.is_empty() && has.is_empty(), "lack them: {lacks:?}; have them after all: {has:?}");
}

#[test]
fn headers_keep_their_promises() {
    let broken = run(broken_promises(&fixture_engine("group"), |path| path.contains("/metrics/")));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn headers_of_what_measures_are_made_of_keep_theirs() {
    let broken = run(broken_promises(&fixture_engine("group"), |path| !path.contains("/metrics/")));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The ledger `group` closed nothing: there these would hold by silence.
#[test]
fn headers_about_closes_keep_theirs() {
    let names = ["standing_seals", "postings_after_close", "sealed_periods"];
    let engine = fixture_engine("closes");
    let broken = run(broken_promises(&engine, |path| names.iter().any(|n| path.ends_with(&format!("/{n}.sql")))));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let day = Datum::Date("2026-12-31".parse().unwrap());
    for name in ["postings_after_close", "sealed_periods"] {
        let broken = run(engine.broken_laws(name, std::slice::from_ref(&day), Some(4))).unwrap();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
}

#[test]
fn a_broken_promise_is_seen() {
    let base = |name: &str, columns: &str, grain: &str, order: &str, more: &str, body: &str| {
        let text = format!(
            "-- name: {name}\n-- answers: ?\n-- grain: one row per {grain}\n-- params: none\n-- reads: movements\n-- columns: {columns}\n-- order: {order}\n\
             -- unit: none\n{more}-- source: test\n{body}\n"
        );
        (format!("queries/test/{name}.sql"), text)
    };
    let body = "select currency, customer_id, sum(amount) as amount from movements group by currency, customer_id";
    let columns = "currency text | customer_id id | amount money";
    let files = [
        base(
            "good",
            columns,
            "currency, customer_id",
            "currency, customer_id",
            "-- holds: select * from this where amount < -1000\n",
            body,
        ),
        base("grain", columns, "currency", "currency, customer_id", "", body),
        base("order", columns, "currency, customer_id", "currency", "", body),
        base("law", columns, "currency, customer_id", "currency, customer_id", "-- holds: select * from this where amount > 300\n", body),
        base(
            "reads",
            columns,
            "currency, customer_id",
            "currency, customer_id",
            "",
            &body.replace("from movements", "from movements cross join settings"),
        ),
    ];
    let broken = run(broken_promises(&engine_with(&files), |_| true));
    for (name, says) in
        [("grain", "is not unique"), ("order", "not total"), ("law", "does not hold"), ("reads", "is read"), ("good", "no .slt")]
    {
        assert!(broken.iter().any(|b| b.contains(&format!("/{name}.sql")) && b.contains(says)), "{name}: {broken:?}");
    }
    assert_eq!(broken.iter().filter(|b| b.contains("/good.sql")).count(), 1, "{broken:?}");
}

/// What queries have in common is computed once, or, where it is too large to keep, wherever it stands: nobody can tell from the answer.
#[test]
fn answers_in_common_are_the_answers() {
    let snapshot = fixture_snapshot("group");
    let open = |kept_bytes| {
        let limits = Limits { kept_bytes, ..Limits::default() };
        Engine::open_with(&snapshot, &fixture_config("group"), crate::fixture::shipped_files().unwrap(), &limits).unwrap()
    };
    let names = ["aging", "dso", "rollforward", "risk_scores", "provision", "collection_effectiveness", "tie_out", "kpis"];
    let (kept, none, some) = (open(128 << 20), open(0), open(3000));
    let questions: Vec<(String, Vec<Datum>)> = kept
        .catalogue()
        .files()
        .filter(|f| names.contains(&f.header.name.as_str()))
        .map(|f| (f.header.name.clone(), f.header.params.iter().map_while(usual_argument).collect()))
        .collect();
    assert_eq!(questions.len(), names.len(), "{questions:?}");
    for known_at in [None, Some(1)] {
        let together = |engine: &Engine| run(engine.together(&questions, known_at)).unwrap();
        let (kept, none, some) = (together(&kept), together(&none), together(&some));
        for (query, arguments) in &questions {
            let rows = run(kept.ask(query, arguments)).unwrap();
            assert_eq!(rows, run(none.ask(query, arguments)).unwrap(), "{query}");
            assert_eq!(rows, run(some.ask(query, arguments)).unwrap(), "{query}");
        }
        assert!(kept.kept() >= 5, "{} answers were kept", kept.kept());
        assert_eq!(none.kept(), 0);
        assert!(some.kept() < kept.kept(), "{} of {}", some.kept(), kept.kept());
    }
}

/// One query at two days, each asked more than once: an answer kept is not taken for that of the other day.
#[test]
fn answers_in_common_are_told_apart_by_their_arguments() {
    let total = |of: &str| format!("select coalesce(sum(open_amount), 0.00) as n from balances({of})");
    let body = format!(
        "select 'now' as day, ({0}) - ({1}) as n, ({0}) as amount union all select 'then' as day, ({1}) - ({0}) as n, ({1}) as amount",
        total("$to"),
        total("$from - 1")
    );
    let own = file("compared", "from date, to date", "day text | n money | amount money", "day", &body);
    let engine = engine_with(&nested().into_iter().chain([own]).collect::<Vec<_>>());
    run(async {
        let rows = engine.ask("compared", &[day("2026-10-01"), day("2026-10-31")], None).await.unwrap();
        let cell = |row: usize, column: usize| rows.rows[row][column].to_string().parse::<Decimal>().unwrap();
        assert_ne!(cell(0, 2), cell(1, 2), "{rows:?}");
        assert_eq!(cell(0, 1), cell(0, 2) - cell(1, 2), "{rows:?}");
        assert_eq!(cell(1, 1), cell(1, 2) - cell(0, 2), "{rows:?}");
    });
}

#[test]
fn laws_take_the_parameters_of_their_query() {
    let engine = fixture_engine("engine");
    let laws = |from: &str, to: &str| run(engine.broken_laws("month_ends", &[day(from), day(to)], None)).unwrap().len();
    assert_eq!(laws("2023-12-31", "2024-04-30"), 0);
    assert_eq!(laws("2024-02-01", "2024-02-28"), 0);
    let backwards = run(engine.broken_laws("month_ends", &[day("2024-05-01"), day("2024-02-28")], None)).unwrap_err();
    assert!(backwards.to_string().contains("lies before its first"), "{backwards}");
}
