//! Ids with and without leading zeros: what a rule takes off, and that padded and unpadded exports of the same items meet.

use super::extract::{folder, load as read};
use super::extract_formats::{load_with, profile};
use cartera::engine::Engine;
use cartera::extract;
use cartera::pipeline::{LoadRequest, Loaded, Now, Project, load};
use std::path::{Path, PathBuf};

#[test]
fn a_rule_takes_zeros_from_numbers_only() {
    let columns =
        "collector_id={ column='Id', without_zeros=true }\nname={ join=['Id','Part'], separator='-', without_zeros=true }\nteam='Id'";
    let list = "Id,Part\n0012,001\n0012A,000\n000,\n7,0\n 007 ,x\n";
    let got = load_with(&profile("", "collectors", "*.csv", columns), &[("a.csv", list.as_bytes())]);
    assert_eq!(
        got.show("collectors", &["collector_id", "name", "team"]),
        ["0012A|0012A-0|0012A", "0|0-|000", "12|12-1|0012", "7|7-0|7", "7|7-x|007"]
    );
    let cases =
        "collector_id='Id'\nname={ cases=[{ only_when={ column='Part', in=['x'] }, column='Id', without_zeros=true }, { column='Id' }] }";
    let got = load_with(&profile("", "collectors", "*.csv", cases), &[("a.csv", list.as_bytes())]);
    assert_eq!(got.show("collectors", &["name"]), ["000", "0012", "0012A", "7", "7"]);
    for (columns, table) in [
        ("collector_id={ constant='01', without_zeros=true }\nname='B'", "collectors"),
        ("collector_id={ column='A', map={ '01'='1' }, without_zeros=true }\nname='B'", "collectors"),
        ("collector_id='A'\nmonth='B'\ncurrency='C'\namount={ column='D', without_zeros=true }", "collector_targets"),
        ("collector_id='A'\nmonth={ column='B', without_zeros=true }\ncurrency='C'\namount='D'", "collector_targets"),
    ] {
        let error = extract::Profile::parse(&profile("", table, "*.csv", columns), "p").expect_err(columns);
        assert!(error.is_usage() && error.to_string().contains("without_zeros is for ids"), "{error}");
    }
}

// ---- the SAP fixtures, written in the other spelling

/// Columns of customers, and of documents, items and accounts, by profile.
const CUSTOMERS: &[&str] = &["KUNNR", "KONZS", "Account", "Customer"];
const NUMBERS: &[(&str, usize)] = &[
    ("BELNR", 10),
    ("BUZEI", 3),
    ("AUGBL", 10),
    ("REBZG", 10),
    ("REBZZ", 3),
    ("STBLG", 10),
    ("HKONT", 10),
    ("Document Number", 10),
    ("Line item", 3),
    ("Clearing Document", 10),
    ("Invoice reference", 10),
    ("G/L Account", 10),
    ("AccountingDocument", 10),
    ("AccountingDocumentItem", 3),
    ("ClearingJournalEntry", 10),
    ("InvoiceReference", 10),
    ("InvoiceItemReference", 3),
    ("ReverseDocument", 10),
    ("GLAccount", 10),
];

/// How the ids of a file are spelt.
#[derive(Clone, Copy)]
struct Padded {
    customers: bool,
    numbers: bool,
}

impl Padded {
    fn spell(self, column: &str, text: &str) -> String {
        let (padded, width) = match (CUSTOMERS.contains(&column), NUMBERS.iter().find(|(name, _)| *name == column)) {
            (true, _) => (self.customers, 10),
            (_, Some((_, width))) => (self.numbers, *width),
            _ => return text.to_string(),
        };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) || text.bytes().all(|b| b == b'0') {
            return text.to_string();
        }
        let bare = text.trim_start_matches('0');
        if padded { format!("{bare:0>width$}") } else { bare.to_string() }
    }
}

fn fixture(profile: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/profiles").join(profile).join("1")
}

/// The extract of a profile's fixture in another spelling.
fn spelt(profile: &str, padded: Padded) -> tempfile::TempDir {
    let into = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(fixture(profile)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = if name.ends_with(".csv") {
            let delimiter = if text.lines().next().unwrap().contains(';') { b';' } else { b',' };
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            for (n, record) in records.iter().enumerate() {
                let spell = |(at, cell): (usize, &str)| if n == 0 { cell.to_string() } else { padded.spell(&records[0][at], cell) };
                writer.write_record(record.iter().enumerate().map(spell)).unwrap();
            }
            String::from_utf8(writer.into_inner().unwrap()).unwrap()
        } else if name.ends_with(".jsonl") {
            let spell = |line: &str| {
                let mut row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
                for (column, value) in &mut row {
                    if let serde_json::Value::String(text) = value {
                        *text = padded.spell(column, text);
                    }
                }
                serde_json::to_string(&row).unwrap() + "\n"
            };
            text.lines().map(spell).collect()
        } else {
            text
        };
        std::fs::write(into.path().join(name), text).unwrap();
    }
    into
}

fn project(folder: &Path) -> Project {
    std::fs::write(folder.join("cartera.toml"), "[group]\nname = 'G'\ncurrency = 'MXN'\n").unwrap();
    Project::open(Some(folder)).unwrap()
}

/// Loads a folder; the load it made, and what it set aside.
fn take(project: &Project, folder: &Path) -> (Option<i32>, u64) {
    let now = Now { today: "2026-12-31".parse().unwrap(), instant: "2026-12-31T12:00:00Z".to_string() };
    let request = LoadRequest { paths: vec![folder.to_path_buf()], ..LoadRequest::default() };
    match load(project, &request, &now, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{e}")) {
        Loaded::Done { outcome, .. } => (outcome.load_id, outcome.rejects),
        Loaded::Already(load) => panic!("taken for the bytes of load {load}"),
    }
}

async fn answer(project: &Project, sql: &str) -> Vec<String> {
    let engine = Engine::open(&project.store.snapshot(None).unwrap(), &project.config).unwrap();
    let rows = engine.sql(sql, None).await.unwrap();
    rows.rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
}

const ITEMS: &str = "select company_id, customer_id, document_id, open_amount from item_balances('2026-03-31') order by 1, 2, 3";

#[tokio::test]
async fn the_same_items_in_the_other_spelling_are_nothing_new() {
    for (profile, documents) in [("sap_bsid_bsad", "25"), ("sap_fbl5n", "25"), ("s4_operational_items", "25")] {
        let root = tempfile::tempdir().unwrap();
        let project = project(root.path());
        let dump = spelt(profile, Padded { customers: false, numbers: true });
        assert_eq!(take(&project, dump.path()), (Some(1), 0), "{profile}");
        let items = answer(&project, ITEMS).await;
        assert!(items.len() == 8 && items.iter().any(|i| i.starts_with("1000|100002|2026-1400000003-3|4000.00")), "{profile}: {items:?}");
        let list = spelt(profile, Padded { customers: true, numbers: false });
        assert_eq!(take(&project, list.path()), (None, 0), "{profile}: the same items are known");
        let mixed = spelt(profile, Padded { customers: true, numbers: true });
        assert_eq!(take(&project, mixed.path()), (None, 0), "{profile}: the same items are known");
        assert_eq!(answer(&project, ITEMS).await, items);
        assert_eq!(answer(&project, "select count(*) from documents").await, [documents], "{profile}");
        assert_eq!(answer(&project, "select customer_id from customers where company_id = '1000' order by 1").await.len(), 3);
    }
}

#[test]
fn a_residual_finds_its_payment_in_the_other_spelling() {
    // BSAD, with the payment, comes padded; BSID, with the residual, does not. The payment's number begins with a zero.
    let spelt = |padded: bool| {
        let folder = spelt("sap_bsid_bsad", Padded { customers: padded, numbers: padded });
        for name in ["bsad.csv", "bsid.csv"] {
            let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
            let number = if padded { "0140000003" } else { "140000003" };
            assert!(text.contains("1400000003"));
            std::fs::write(folder.path().join(name), text.replace("1400000003", number)).unwrap();
        }
        folder
    };
    let (dump, list, mixed) = (spelt(true), spelt(false), spelt(true));
    std::fs::copy(list.path().join("bsid.csv"), mixed.path().join("bsid.csv")).unwrap();
    let (whole, got) = (read(dump.path(), None), read(mixed.path(), None));
    for (table, columns) in [
        ("documents", &["document_id", "customer_id", "account", "amount", "root_document_id", "reverses_document_id"][..]),
        ("applications", &["application_id", "kind", "from_document_id", "to_document_id", "amount", "clearing_id"]),
        ("customers", &["company_id", "customer_id", "parent_customer_id"]),
    ] {
        assert_eq!(got.show(table, columns), whole.show(table, columns));
    }
    assert!(
        got.show("documents", &["document_id", "amount"]).contains(&"2026-140000003-2|6000.00".to_string()),
        "cash without the residual"
    );
    let (ids, parts): (Vec<String>, usize) = (got.show("documents", &["document_id"]), 3);
    assert!(ids.iter().all(|id| id.split('-').count() == parts && id.split('-').all(|p| !p.starts_with('0'))), "{ids:?}");
}

/// A dump of the tables and the list of the same items make one set of documents.
#[tokio::test]
async fn a_dump_and_a_list_meet() {
    let root = tempfile::tempdir().unwrap();
    let project = project(root.path());
    let dump = spelt("sap_bsid_bsad", Padded { customers: true, numbers: true });
    assert_eq!(take(&project, dump.path()), (Some(1), 0));
    let open = "select company_id, currency, sum(open_amount) from item_balances('2026-03-31') group by 1, 2 order by 1, 2";
    let ids = "select company_id, document_id, customer_id, account from documents order by 1, 2";
    let (balances, documents) = (answer(&project, open).await, answer(&project, ids).await);
    let list = folder(&[(
        "FBL5N.csv",
        std::fs::read(spelt("sap_fbl5n", Padded { customers: false, numbers: false }).path().join("FBL5N_2026-03-31.csv"))
            .unwrap()
            .as_slice(),
    )]);
    std::fs::write(list.path().join("extract.toml"), "profile = 'sap_fbl5n'\nday = 2026-03-31\n").unwrap();
    assert_eq!(take(&project, list.path()).1, 0);
    assert_eq!(answer(&project, ids).await, documents);
    assert_eq!(answer(&project, open).await, balances);
}
