//! The shipped profiles against extracts in their true columns: every folder below `tests/fixtures/profiles` is a profile's name and
//! holds loads `0`, `1`, `2`, … in their order, each saying in `extract.toml` how it is read, and `expected.toml`.
//!
//! Separate because the answers were worked out by hand from the extracts (mostly from the ERP's own columns of what is open) and
//! know nothing of this program.

use cartera::engine::Engine;
use cartera::engine::rows::{Datum, Rows};
use cartera::extract::profile::shipped::SHIPPED;
use cartera::pipeline::{LoadRequest, Loaded, Now, Project, load};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    group_currency: String,
    rejects: i64,
    documents: i64,
    applications: i64,
    waiting: i64,
    open: Vec<Open>,
    item: Vec<Item>,
}

/// All that a company has open in a currency on a day; a day that is given is given whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    day: String,
    company: String,
    currency: String,
    amount: Decimal,
    books: Decimal,
}

/// What is left of one document on a day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    day: String,
    company: String,
    document: String,
    amount: Decimal,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/profiles")
}

fn names() -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Loads all folders of a fixture, each as one load; gives the engine over them and the rows that wait at the end.
fn loaded(name: &str, expected: &Expected, folder: &Path) -> (Engine, i64) {
    let toml = format!("[group]\nname = \"Profiles\"\ncurrency = \"{}\"\n[load]\nvanish_limit_pct = 100\n", expected.group_currency);
    std::fs::write(folder.join("cartera.toml"), toml).unwrap();
    let project = Project::open(Some(folder)).unwrap();
    let now = Now { today: "2026-12-31".parse().unwrap(), instant: "2026-12-31T12:00:00Z".to_string() };
    let mut read_by = BTreeSet::new();
    let mut waiting = 0;
    for n in 0..9 {
        let extract = fixtures().join(name).join(n.to_string());
        if !extract.is_dir() {
            continue;
        }
        let request = LoadRequest { paths: vec![extract.clone()], ..LoadRequest::default() };
        shows_first_rows(&project, &request, &now);
        let done = load(&project, &request, &now, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{}: {e}", extract.display()));
        let Loaded::Done { outcome, sources, unread, .. } = done else { panic!("{} was loaded before", extract.display()) };
        assert!(unread.is_empty(), "{}: not read: {unread:?}", extract.display());
        assert!(outcome.load_id.is_some(), "{}: nothing new", extract.display());
        assert!(outcome.rejects as i64 <= expected.rejects, "{}: {:?}", extract.display(), outcome.first_rejects);
        // Of each line: loaded, rejected, waiting, unchanged.
        waiting += outcome.totals.iter().map(|t| t.rows[2] as i64).sum::<i64>();
        read_by.extend(sources.into_iter().map(|s| s.profile));
    }
    assert!(read_by.contains(name), "{name} is read by {read_by:?}");
    (Engine::open(&project.store.snapshot(None).unwrap(), &project.config).unwrap(), waiting)
}

/// A dry run shows up to three rows of each table as they would be taken, and publishes nothing.
fn shows_first_rows(project: &Project, request: &LoadRequest, now: &Now) {
    let before = project.store.records().unwrap().len();
    let request = LoadRequest { dry_run: true, ..request.clone() };
    let Loaded::Done { outcome, first_rows, .. } = load(project, &request, now, &mut |_, _, _| {}).unwrap() else {
        panic!("loaded before")
    };
    assert!(outcome.load_id.is_none() && project.store.records().unwrap().len() == before);
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &first_rows {
        assert!(!row.values.is_empty() && row.place.contains(':'), "{row:?}");
        *shown.entry(row.table).or_default() += 1;
    }
    assert!(shown.values().all(|n| (1..=3).contains(n)), "{shown:?}");
    assert!(outcome.totals.iter().filter(|t| t.rows[0] > 0).all(|t| shown.contains_key(t.table.as_str())), "{shown:?}");
}

async fn balances(engine: &Engine, day: &str) -> Rows {
    engine.sql(&format!("select * from item_balances('{day}')"), None).await.unwrap_or_else(|e| panic!("{day}: {e}"))
}

fn text(rows: &Rows, row: &[Datum], column: &str) -> String {
    row[rows.position(column).unwrap()].to_string()
}

fn money(rows: &Rows, row: &[Datum], column: &str) -> Decimal {
    row[rows.position(column).unwrap()].decimal().unwrap()
}

async fn count(engine: &Engine, table: &str) -> i64 {
    let rows = engine.sql(&format!("select count(*) as n from {table}"), None).await.unwrap();
    match rows.rows[0][0] {
        Datum::Int(n) => n,
        ref other => panic!("count of {table} is {other:?}"),
    }
}

/// What differs between the program and the answers.
async fn differences(name: &str) -> Vec<String> {
    let text_of = std::fs::read_to_string(fixtures().join(name).join("expected.toml")).unwrap();
    let expected: Expected = toml::from_str(&text_of).unwrap_or_else(|e| panic!("{name}/expected.toml: {e}"));
    assert!(expected.open.len() > 1 && expected.item.len() > 3, "{name}: the answers are there");
    let folder = tempfile::tempdir().unwrap();
    let (engine, waiting) = loaded(name, &expected, folder.path());
    let mut wrong = Vec::new();
    let counts = [
        ("documents", count(&engine, "documents").await, expected.documents),
        ("applications", count(&engine, "applications").await, expected.applications),
        ("rejects", count(&engine, "rejects").await, expected.rejects),
        ("waiting", waiting, expected.waiting),
    ];
    for (what, said, wanted) in counts {
        if said != wanted {
            wrong.push(format!("{name}: {said} {what}, not {wanted}"));
        }
    }
    let days: BTreeSet<&str> = expected.open.iter().map(|o| o.day.as_str()).collect();
    for day in days {
        let rows = balances(&engine, day).await;
        let mut said: BTreeMap<(String, String), (Decimal, Decimal)> = BTreeMap::new();
        for row in &rows.rows {
            let sum = said.entry((text(&rows, row, "company_id"), text(&rows, row, "currency"))).or_default();
            sum.0 += money(&rows, row, "open_amount");
            sum.1 += money(&rows, row, "open_amount_company");
        }
        said.retain(|_, (amount, books)| !amount.is_zero() || !books.is_zero());
        let of_day = expected.open.iter().filter(|o| o.day == day);
        let wanted: BTreeMap<(String, String), (Decimal, Decimal)> =
            of_day.map(|o| ((o.company.clone(), o.currency.clone()), (o.amount, o.books))).collect();
        if said != wanted {
            wrong.push(format!("{name} on {day}: {said:?}, not {wanted:?}"));
        }
        for control in ["applications_cancel", "closed_items"] {
            let found = engine.sql(&format!("select * from {control}('{day}')"), None).await.unwrap();
            if !found.rows.is_empty() {
                wrong.push(format!("{name} on {day}: {control} fails: {:?}", found.rows));
            }
        }
    }
    for item in &expected.item {
        let rows = balances(&engine, &item.day).await;
        let mine = |row: &&Vec<Datum>| {
            text(&rows, row.as_slice(), "company_id") == item.company && text(&rows, row.as_slice(), "document_id") == item.document
        };
        let said: Decimal = rows.rows.iter().filter(mine).map(|row| money(&rows, row, "open_amount")).sum();
        if said != item.amount {
            wrong.push(format!("{name}: {} of {} has {said} open on {}, not {}", item.document, item.company, item.day, item.amount));
        }
        let known =
            format!("select count(*) as n from documents where company_id = '{}' and document_id = '{}'", item.company, item.document);
        let rows = engine.sql(&known, None).await.unwrap();
        if rows.rows[0][0].decimal().unwrap_or_default().is_zero() {
            wrong.push(format!("{name}: there is no document {} of {}", item.document, item.company));
        }
    }
    wrong
}

#[tokio::test]
async fn every_profile_reads_its_extracts_to_the_cent() {
    let mut wrong = Vec::new();
    for name in names() {
        wrong.extend(differences(&name).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One profile is tried on data that is not ours to copy; CFDI have a ledger of their own (`tests/slt/cfdi.slt`, `extract_cfdi`).
#[test]
fn every_shipped_profile_has_extracts() {
    let shipped: BTreeSet<&str> =
        SHIPPED.iter().map(|(name, _)| *name).filter(|name| !["cfdi", "ibm_late_payments"].contains(name)).collect();
    let names = names();
    let tried: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(tried, shipped);
}
