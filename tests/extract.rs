//! Extracts end to end: files in, rows and rejects with their places out.

use cartera::domain::finding::{CATALOGUE, Finding};
use cartera::domain::kinds::DocumentKind;
use cartera::error::Result;
use cartera::extract::{self, Hand, Hands, Mode, Plan, Reject, Request, Sink, SourceSummary};
use cartera::schema::Row;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

#[derive(Default)]
pub struct Collected {
    pub rows: Vec<Row>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub summaries: Vec<SourceSummary>,
}

impl Sink for Collected {
    fn row(&mut self, row: Row) -> Result<()> {
        assert_eq!(row.values.len(), row.table.columns.len());
        for (value, column) in row.values.iter().zip(row.table.columns) {
            assert!(!(column.required && value.is_null()), "{}.{} is empty", row.table.name, column.name);
        }
        self.rows.push(row);
        Ok(())
    }
    fn reject(&mut self, reject: Reject) -> Result<()> {
        assert!(CATALOGUE.iter().any(|e| e.code == reject.code), "{} is not in the catalogue", reject.code);
        self.rejects.push(reject);
        Ok(())
    }
    fn finding(&mut self, finding: Finding) -> Result<()> {
        assert!(CATALOGUE.iter().any(|e| e.code == finding.code), "{} is not in the catalogue", finding.code);
        self.findings.push(finding);
        Ok(())
    }
}

impl Collected {
    pub fn of(&self, table: &str) -> Vec<&Row> {
        self.rows.iter().filter(|r| r.table.name == table).collect()
    }
    /// The named columns of a table's rows, joined by `|`, sorted.
    pub fn show(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let one = |r: &&Row| columns.iter().map(|c| r.get(c).to_string()).collect::<Vec<_>>().join("|");
        let mut lines: Vec<String> = self.of(table).iter().map(one).collect();
        lines.sort();
        lines
    }
}

pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

pub fn plan(path: &Path, profile: Option<&str>) -> Result<Plan> {
    extract::plan(path, &Request { profile, ..Request::default() })
}

pub fn load(path: &Path, profile: Option<&str>) -> Collected {
    let plan = plan(path, profile).unwrap_or_else(|e| panic!("{e}"));
    let mut collected = Collected::default();
    collected.summaries = extract::read(&plan, &mut collected).unwrap_or_else(|e| panic!("{e}"));
    collected
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/extract").join(name)
}

const HEADER: &str = "company_id,document_id,instalment,document_kind,customer_id,document_date,due_date,currency,amount,company_amount,reason,payment_method\n";
const GOOD: &str = "MX01,F1,,invoice,C1,2026-01-05,2026-02-04,MXN,100.00,,,PPD\n";

/// A sink that lets several threads take its rows.
#[derive(Default)]
struct ByHands {
    collected: Collected,
    taken: Arc<Mutex<Vec<Row>>>,
}

struct TakingHand(Vec<Row>, Arc<Mutex<Vec<Row>>>);

impl Sink for ByHands {
    fn row(&mut self, row: Row) -> Result<()> {
        panic!("a row of {} came alone", row.table.name)
    }
    fn reject(&mut self, reject: Reject) -> Result<()> {
        self.collected.reject(reject)
    }
    fn finding(&mut self, finding: Finding) -> Result<()> {
        self.collected.finding(finding)
    }
    fn hands(&self, tables: &[&'static str]) -> Option<Hands> {
        assert_eq!(tables, ["documents"]);
        let taken = self.taken.clone();
        Some(Box::new(move || Box::new(TakingHand(Vec::new(), taken.clone()))))
    }
}

impl Hand for TakingHand {
    fn row(&mut self, row: Row) -> Result<()> {
        self.0.push(row);
        Ok(())
    }
    fn close(self: Box<Self>) -> Result<()> {
        self.1.lock().unwrap().extend(self.0);
        Ok(())
    }
}

#[test]
fn a_big_file_read_by_several_threads_gives_the_same_rows_and_rejects() {
    let mut csv = HEADER.to_string();
    for n in 0..40_000 {
        csv += &match n % 997 {
            5 => format!("MX01,F{n},,invoice,C1,2026-01-05,,MXN,1.00,,\"over\ntwo, {n}\",\n"),
            6 => format!("MX01,F{n},,invoice,C1,2026-01-05,,MXN,1.000,,,\n"),
            7 => format!("MX01,F{n},,invoice,C1\n\n"),
            8 => format!("MX01,\"F{n},,invoice,C1,2026-01-05,,MXN,1.00,,,\n"),
            9 => HEADER.to_string(),
            _ => format!("MX01,F{n},,invoice,C1,2026-01-05,2026-02-04,MXN,{n}.25,,,PPD\n"),
        };
    }
    let dir = folder(&[("documents.csv", csv.as_bytes())]);
    let alone = load(dir.path(), None);
    let plan = plan(dir.path(), None).unwrap();
    let mut by_hands = ByHands::default();
    let summaries = extract::read(&plan, &mut by_hands).unwrap();
    let mut taken = std::mem::take(&mut *by_hands.taken.lock().unwrap());
    taken.sort_by_key(|r| r.origin.line);
    assert!(alone.rejects.len() > 100 && alone.summaries[0].rows_skipped > 30, "{:?}", alone.summaries);
    assert_eq!(summaries, alone.summaries);
    assert_eq!(by_hands.collected.rejects, alone.rejects);
    let row = |r: &Row| (r.table.name, r.origin, r.values.clone());
    assert_eq!(taken.iter().map(row).collect::<Vec<_>>(), alone.rows.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn a_malformed_row_is_told_by_line_column_and_code() {
    // The bad row stands on line 5: header, a good row, a good row over two lines.
    let before = format!("{HEADER}{GOOD}MX01,F2,,invoice,C1,2026-01-05,,MXN,1.00,,\"over\ntwo\",\n");
    let cases: &[(&str, &[u8], u64, Option<u32>, &str)] = &[
        ("empty required id", b",F9,,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(1), "value_missing"),
        ("blank required id", b"MX01,   ,,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(2), "value_missing"),
        ("no amount", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,,,,", 5, Some(9), "value_missing"),
        ("three decimals", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,100.010,,,", 5, Some(9), "amount_decimals"),
        ("decimals without cents", b"MX01,F9,,invoice,C1,2026-01-05,,JPY,100.50,,,", 5, Some(9), "amount_decimals"),
        ("exponent", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1e5,,,", 5, Some(9), "amount_invalid"),
        ("plus", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,+5,,,", 5, Some(9), "amount_invalid"),
        ("NaN", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,NaN,,,", 5, Some(9), "amount_invalid"),
        ("parentheses", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,(123.45),,,", 5, Some(9), "amount_invalid"),
        ("trailing minus", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,123.45-,,,", 5, Some(9), "amount_invalid"),
        ("thousands", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,\"1,234.56\",,,", 5, Some(9), "amount_invalid"),
        ("decimal comma", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,\"1234,56\",,,", 5, Some(9), "amount_invalid"),
        ("currency sign", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,$5,,,", 5, Some(9), "amount_invalid"),
        ("too large", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,12345678901234567.00,,,", 5, Some(9), "amount_range"),
        ("bad books amount", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1.00,x,,", 5, Some(10), "amount_invalid"),
        ("31 February", b"MX01,F9,,invoice,C1,2026-02-31,,MXN,1.00,,,", 5, Some(6), "date_invalid"),
        ("day first", b"MX01,F9,,invoice,C1,05/01/2026,,MXN,1.00,,,", 5, Some(6), "date_invalid"),
        ("time of day", b"MX01,F9,,invoice,C1,2026-01-05,2026-02-04T10:00:00,MXN,1.00,,,", 5, Some(7), "date_invalid"),
        ("year 9999", b"MX01,F9,,invoice,C1,2026-01-05,9999-12-31,MXN,1.00,,,", 5, Some(7), "date_invalid"),
        ("unknown currency", b"MX01,F9,,invoice,C1,2026-01-05,,XYZ,1.00,,,", 5, Some(8), "currency_unknown"),
        ("small currency", b"MX01,F9,,invoice,C1,2026-01-05,,mxn,1.00,,,", 5, Some(8), "currency_unknown"),
        ("unknown kind", b"MX01,F9,,factura,C1,2026-01-05,,MXN,1.00,,,", 5, Some(4), "enum_unknown"),
        ("unknown method", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1.00,,,PPP", 5, Some(12), "enum_unknown"),
        ("instalment in words", b"MX01,F9,one,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(3), "integer_invalid"),
        ("half instalment", b"MX01,F9,1.5,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(3), "integer_invalid"),
        ("too few fields", b"MX01,F9,,invoice,C1", 5, Some(6), "row_ragged"),
        ("too many fields", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1.00,,,,x", 5, Some(13), "row_ragged"),
        ("other delimiter", b"MX01;F9;;invoice;C1;2026-01-05;;MXN;1.00;;;", 5, Some(2), "row_ragged"),
        ("quote never closed", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1.00,,\"open,", 5, Some(11), "row_ragged"),
        ("text after a quote", b"MX01,\"F9\"x,,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(2), "row_ragged"),
        ("not UTF-8", b"MX01,F9,,invoice,C1,2026-01-05,,MXN,1.00,,a\xf1o,", 5, Some(11), "text_invalid"),
        ("not UTF-8 in an id", b"MX01,F\xd1,,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(2), "text_invalid"),
        ("NUL", b"MX01,F\x009,,invoice,C1,2026-01-05,,MXN,1.00,,,", 5, Some(2), "text_invalid"),
        ("bell in an id", b"MX01,F9,,invoice,C\x071,2026-01-05,,MXN,1.00,,,", 5, Some(5), "text_invalid"),
        ("zero width in an id", "MX01,F9,,invoice,C\u{200b}1,2026-01-05,,MXN,1.00,,,".as_bytes(), 5, Some(5), "text_invalid"),
        ("two errors: the left one", b"MX01,F9,,invoice,C1,2026-02-31,,XYZ,1e5,,,", 5, Some(6), "date_invalid"),
        ("blank lines before", b"\n\r\n\nMX01,F9,,invoice,C1,2026-02-31,,MXN,1.00,,,", 8, Some(6), "date_invalid"),
        ("only delimiters", b",,,,,,,,,,,", 5, Some(1), "value_missing"),
    ];
    for (name, bad, line, column, code) in cases {
        for ending in [&b"\n"[..], b"\nMX01,F3,,invoice,C1,2026-01-05,,MXN,7.00,,,\n"] {
            let bytes = [before.as_bytes(), bad, ending].concat();
            let dir = folder(&[("documents.csv", &bytes)]);
            let got = load(dir.path(), None);
            let want_rows = if ending.len() > 1 { 3 } else { 2 };
            assert_eq!(got.rows.len(), want_rows, "{name}: {:?}", got.rejects);
            let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect();
            assert_eq!(places, [(*line, *column, *code)], "{name}: {}", got.rejects[0].reason);
            assert_eq!(got.summaries[0].rows_read as usize, got.rows.len() + got.rejects.len(), "{name}");
            assert!(!got.rejects[0].reason.is_empty());
        }
    }
}

#[test]
fn a_quote_left_open_does_not_hide_the_next_row() {
    // The quote of line 2 closes on line 3, before a delimiter: only the number of fields gives it away.
    let rows = "MX01,F1,,invoice,C1,2026-01-05,,MXN,1.00,,\"open,\nMX01,F2,,invoice,C1,2026-01-05,,MXN,1.00,,\",x\",\n";
    let got = load(folder(&[("documents.csv", format!("{HEADER}{rows}").as_bytes())]).path(), None);
    assert_eq!(got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect::<Vec<_>>(), [(2, Some(13), "row_ragged")]);
    assert_eq!(got.show("documents", &["document_id", "reason"]), ["F2|,x"]);
}

#[test]
fn a_reject_keeps_what_could_be_read() {
    let dir = folder(&[("documents.csv", format!("{HEADER}MX01,F9,,invoice,C1,2026-02-31,,MXN,150.25,,,\n").as_bytes())]);
    let reject = load(dir.path(), None).rejects.remove(0);
    assert_eq!(reject.company_id.as_deref(), Some("MX01"));
    assert_eq!(reject.currency.as_deref(), Some("MXN"));
    assert_eq!(reject.amount.unwrap().to_string(), "150.25");
    assert_eq!(reject.column_name.as_deref(), Some("document_date"));
    assert_eq!(reject.excerpt.as_deref(), Some("2026-02-31"));
    assert_eq!((reject.table, reject.source), ("documents", 0));
}

#[test]
fn a_bad_file_stops_before_any_row() {
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("documents.csv", b"", &["documents.csv", "empty"]),
        (
            "documents.csv",
            b"company_id,document_id\nMX01,F1\n",
            &["documents.csv", "document_kind", "header found is: company_id, document_id"],
        ),
        ("documents.csv", b"company_id;document_id\nMX01;F1\n", &["delimiter"]),
        ("companies.csv", b"company_id,name,name,country,functional_currency\n", &["name", "twice", "2", "3"]),
        ("companies.csv", b"company_id,name,country,functional_curency\n", &["functional_curency", "functional_currency"]),
        ("companies.csv", b"\"company_id,name,country,functional_currency\n", &["header", "line 1", "never closed"]),
        ("companies.csv", b"c\0o\0m\0p\0", &["NUL", "utf-16"]),
        ("companies.csv", b"company_id,na\xf1e\n", &["column 2", "encoding"]),
        ("documents.parquet", b"PAR1 cut short", &["documents.parquet", "Parquet", "cut short"]),
        ("facturas.csv", b"a,b\n1,2\n", &["no file", "facturas.csv", "documents.csv", "sap_bsid_bsad"]),
    ];
    for (name, bytes, wanted) in cases {
        let dir = folder(&[(name, bytes)]);
        let error = plan(dir.path(), None).expect_err(name).to_string();
        for word in *wanted {
            assert!(error.contains(word), "{name}: `{word}` is not in: {error}");
        }
    }
    let empty = folder(&[]);
    assert!(plan(empty.path(), None).unwrap_err().to_string().contains("holds no files"));
    assert!(plan(&empty.path().join("nowhere"), None).unwrap_err().is_io());
    let dir = folder(&[("documents.csv", HEADER.as_bytes())]);
    let unknown = plan(dir.path(), Some("sap_bsid_bsd")).unwrap_err();
    assert!(unknown.is_usage() && unknown.to_string().contains("did you mean sap_bsid_bsad"), "{unknown}");
    assert!(load(dir.path(), None).rows.is_empty(), "a header alone is an empty table");
}

#[test]
fn columns_may_stand_in_any_order_and_optional_ones_may_be_absent() {
    let csv = "\u{feff}amount,currency,document_date,customer_id,document_kind,document_id,company_id\r\n-12.00,MXN,2026-01-05, C1 ,adjustment,0007,MX01\r\n";
    let dir = folder(&[("DOCUMENTS.CSV", csv.as_bytes())]);
    let got = load(dir.path(), None);
    assert_eq!(got.show("documents", &["document_id", "customer_id", "amount", "instalment", "due_date"]), ["0007|C1|-12.00||"]);
    assert_eq!(got.rows[0].origin.line, 2);
}

#[test]
fn the_folder_tells_profile_day_mode_and_the_command_line_wins() {
    let toml = "profile = \"canonical\"\nday = 2026-10-31\nmode = \"full\"\nwindow_from = \"2026-01-01\"\n";
    let dir = folder(&[("extract.toml", toml.as_bytes()), ("documents.csv", HEADER.as_bytes()), ("notes.docx", b"x")]);
    let told = plan(dir.path(), None).unwrap();
    assert_eq!((told.day.unwrap().to_string(), told.mode), ("2026-10-31".to_string(), Mode::Full));
    assert_eq!(told.window_from.unwrap().to_string(), "2026-01-01");
    assert_eq!(told.unmatched, ["notes.docx"]);
    let day = "2026-11-01".parse().ok();
    let asked = extract::plan(dir.path(), &Request { day, mode: Some(Mode::Add), ..Request::default() }).unwrap();
    assert_eq!((asked.day.unwrap().to_string(), asked.mode), ("2026-11-01".to_string(), Mode::Add));
    let file = plan(&dir.path().join("documents.csv"), None).unwrap();
    assert_eq!(file.day, told.day, "a file alone obeys the extract.toml beside it");
    assert_eq!(file.sources[0].sha256.len(), 64);
    assert_eq!(file.sources[0].sha256, told.sources[0].sha256);
    for bad in ["day = \"31/10/2026\"", "dya = 2026-10-31", "mode = \"all\""] {
        let dir = folder(&[("extract.toml", bad.as_bytes()), ("documents.csv", HEADER.as_bytes())]);
        assert!(plan(dir.path(), None).unwrap_err().is_usage(), "{bad}");
    }
}

#[test]
fn local_formats_are_read_as_declared() {
    let dir = fixture("local");
    let profile = dir.join("cartera_local.toml");
    let got = load(&dir, Some(profile.to_str().unwrap()));
    assert_eq!(
        got.show("documents", &["document_id", "document_kind", "document_date", "due_date", "currency", "amount", "reason"]),
        [
            "A00101|invoice|2026-01-31|2026-03-07|MXN|1234567.89|Láminas y perfiles",
            "A00102|invoice|2026-02-01|2026-02-16|USD|500.00|Tubería; acero",
            "A00103|adjustment|2026-02-02|2026-02-02|MXN|-12.50|Redondeo",
            "A00106|adjustment|2026-02-04|2026-02-04|MXN|-12.50|",
        ]
    );
    // Two payments of 500 on one day stay two.
    assert_eq!(
        got.show("applications", &["application_id", "to_document_id", "posting_date", "amount"]),
        ["A/00101/10/02/2026#2|A00101|2026-02-10|500.00", "A/00101/10/02/2026|A00101|2026-02-10|500.00"]
    );
    let rejects: Vec<_> = got.rejects.iter().map(|r| (r.line, r.column_no, r.column_name.as_deref(), r.code)).collect();
    assert_eq!(rejects, [(10, Some(5), Some("Fecha"), "date_invalid"), (11, Some(8), Some("Moneda"), "row_unmapped")]);
    assert_eq!(got.summaries.last(), Some(&SourceSummary { rows_read: 8, rows_skipped: 2 }));
}

/// What each item is worth after its applications, by the rules of posting.
fn balances(got: &Collected) -> BTreeMap<String, i64> {
    let mut open: BTreeMap<String, i64> = BTreeMap::new();
    let text = |r: &Row, c: &str| r.get(c).text().map(str::to_string);
    for row in got.of("documents") {
        let kind = DocumentKind::parse(row.get("document_kind").text().unwrap()).unwrap();
        let amount = row.get("amount").money().unwrap().hundredths();
        let signed = if kind.sign() < 0 { -amount } else { amount };
        let item = text(row, "reverses_document_id").unwrap_or_else(|| text(row, "document_id").unwrap());
        *open.entry(item).or_default() += signed;
    }
    for row in got.of("applications") {
        let amount = row.get("amount").money().unwrap().hundredths();
        *open.entry(text(row, "to_document_id").unwrap()).or_default() -= amount;
        if let Some(from) = text(row, "from_document_id") {
            *open.entry(from).or_default() += amount;
        }
    }
    open.retain(|_, v| *v != 0);
    open
}

#[test]
fn sap_items_become_documents_and_applications() {
    let got = load(&fixture("sap"), Some("sap_bsid_bsad"));
    assert_eq!(got.rejects, []);
    assert_eq!(got.of("documents").len(), 21, "the noted item is no receivable");
    assert_eq!(got.show("companies", &["company_id", "name", "functional_currency"]), ["1000|Industrias Ejemplo SA de CV|MXN"]);
    assert_eq!(got.show("customers", &["customer_id", "language"]), ["100001|es", "100002|en"]);
    let documents = got.show("documents", &["document_id", "document_kind", "amount", "due_date", "sales_effect", "root_document_id"]);
    let has = |line: &str| assert!(documents.iter().any(|d| d == line), "{line} is not in\n{}", documents.join("\n"));
    // 1,000 paid 700: cash 700, open 300 with its root and the root's due day, no new sale.
    has("2026-1400000001-2|receipt|700.00|2026-03-15||");
    has("2026-1400000001-3|invoice|300.00|2026-02-04|none|2026-1800000001-1");
    has("2026-1400000004-2|advance|5000.00|2026-03-31||");
    has("2026-1800000004-1|invoice|300.00|2026-02-26||");
    has("2026-1800000011-1|invoice|450.00|2026-04-17||");
    has("2026-1800000012-1|invoice|40.00|2026-03-23||");
    has("2026-1900000001-1|invoice|1000.00|2026-04-01||");
    has("2026-100000001-1|adjustment|-50.00|2026-04-03||");
    let usd = got.of("documents").into_iter().find(|r| r.get("currency").text() == Some("USD")).unwrap();
    assert_eq!(usd.get("company_amount").to_string(), "20000.00");

    assert_eq!(
        got.show("applications", &["application_id", "kind", "from_document_id", "to_document_id", "amount", "posting_date"]),
        [
            "1400000001/2026-1400000001-2|receipt|2026-1400000001-2|2026-1800000001-1|700.00|2026-03-15",
            "1400000001/2026-1800000001-1/residual|clearing||2026-1800000001-1|300.00|2026-03-15",
            "1400000002/2026-1800000002-1|receipt|2026-1400000002-2|2026-1800000002-1|100.00|2026-02-20",
            "1400000002/2026-1800000003-1|receipt|2026-1400000002-2|2026-1800000003-1|200.00|2026-02-20",
            "1400000002/2026-1800000004-1|receipt|2026-1400000002-2|2026-1800000004-1|300.00|2026-02-20",
            "1400000003/2026-1400000003-2|clearing||2026-1400000003-2|-1000.00|2026-03-10",
            "1400000003/2026-1600000001-1|clearing||2026-1600000001-1|-100.00|2026-03-10",
            "1400000003/2026-1800000005-1|clearing||2026-1800000005-1|600.00|2026-03-10",
            "1400000003/2026-1800000006-1|clearing||2026-1800000006-1|500.00|2026-03-10",
            "1400000009/2026-1800000009-1|clearing||2026-1800000009-1|70.00|2026-04-01",
            "1600000002/2026-1600000002-1|credit|2026-1600000002-1|2026-1800000010-1|250.00|2026-02-28",
        ]
    );
    let findings: Vec<_> = got.findings.iter().map(|f| (f.code.as_str(), f.key.as_deref())).collect();
    assert_eq!(findings, [("clearing_unbalanced", Some("1400000009"))]);
    // What is open afterwards is what the ERP calls open.
    let open: Vec<(String, i64)> = balances(&got).into_iter().collect();
    let want = [
        ("2026-100000001-1", -5_000),
        ("2026-1400000001-3", 30_000),
        ("2026-1400000004-2", -500_000),
        ("2026-1800000011-1", 45_000),
        ("2026-1800000012-1", 4_000),
        ("2026-1900000001-1", 100_000),
    ];
    assert_eq!(open, want.map(|(id, v)| (id.to_string(), v)));
}

#[test]
fn sap_tax_is_taken_in_the_currency_of_the_document_only() {
    let head = "BUKRS,KUNNR,GJAHR,BELNR,BUZEI,BUDAT,BLDAT,WAERS,BLART,SHKZG,DMBTR,WRBTR,ZFBDT,MWSTS";
    let item = |n: u32, waers: &str, wrbtr: &str, rest: &str| {
        format!("1000,C1,2026,{n},001,20260105,20260105,{waers},RV,S,1160.00,{wrbtr},20260105,{rest}\n")
    };
    let local = format!("{head}\n{}{}", item(1, "MXN", "1160.00", "160.00"), item(2, "USD", "58.00", "160.00"));
    let both = format!("{head},WMWST\n{}", item(3, "USD", "58.00", "160.00,8.00"));
    let dir = folder(&[("bsid.csv", local.as_bytes()), ("bsad.csv", both.as_bytes())]);
    let got = load(dir.path(), Some("sap_bsid_bsad"));
    assert_eq!(got.show("documents", &["document_id", "tax_amount"]), ["2026-1-1|160.00", "2026-2-1|", "2026-3-1|8.00"]);
}

#[test]
fn customers_without_a_company_count_for_each() {
    let kna1 = b"kunnr,name1\n0000100001,Uno\n0000100002,\n";
    let t001 = b"BUKRS,BUTXT,LAND1,WAERS\n1000,A,MX,MXN\n2000,B,US,USD\n";
    let got = load(folder(&[("kna1.csv", kna1), ("t001.csv", t001)]).path(), Some("sap_bsid_bsad"));
    assert_eq!(got.show("customers", &["company_id", "customer_id", "name"]), ["1000|100001|Uno", "2000|100001|Uno"]);
    assert_eq!(got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect::<Vec<_>>(), [(3, Some(2), "value_missing")]);
    let alone = load(folder(&[("kna1.csv", kna1)]).path(), Some("sap_bsid_bsad"));
    assert_eq!(alone.rejects.iter().map(|r| (r.line, r.code)).collect::<Vec<_>>(), [(2, "value_missing"), (3, "value_missing")]);
}

/// Whatever the bytes, no row is lost: each is a row or a reject.
#[test]
fn every_row_of_any_bytes_is_a_row_or_a_reject() {
    arbtest::arbtest(|u| {
        let pieces: [&[u8]; 12] = [b"C1", b"Name", b",", b",", b"\n", b"\r\n", b"\"", b"\"\"", b"\xff", b"\0", "ñ".as_bytes(), b" "];
        let mut bytes = b"collector_id,name,team\n".to_vec();
        for _ in 0..u.int_in_range(0..=60)? {
            bytes.extend_from_slice(u.choose(&pieces)?);
        }
        let got = load(folder(&[("collectors.csv", &bytes)]).path(), None);
        assert_eq!(got.summaries[0].rows_read as usize, got.rows.len() + got.rejects.len(), "{:?}", String::from_utf8_lossy(&bytes));
        let mut lines: Vec<u64> = got.rows.iter().map(|r| r.origin.line).chain(got.rejects.iter().map(|r| r.line)).collect();
        lines.sort_unstable();
        assert!(lines.windows(2).all(|w| w[0] < w[1]) && lines.first().is_none_or(|l| *l > 1), "{lines:?}");
        Ok(())
    });
}

#[test]
fn settled_invoices_become_cash_on_their_day() {
    let csv = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate\n\
        391,C-1,4/6/2013,900001,1/2/2013,2/1/2013,55.5,No,1/15/2013,Paper,13,0\n\
        391,C-1,4/6/2013,900002,1/3/2013,2/2/2013,10,No,,Paper,,\n\
        406,C-2,4/6/2013,900003,1/2/13,2/1/2013,7.25,No,1/15/2013,Paper,13,0\n";
    let dir = folder(&[("late_payment_histories.csv", csv.as_bytes())]);
    let got = load(dir.path(), Some("ibm_late_payments"));
    assert_eq!(got.of("companies").len(), 5);
    assert_eq!(got.show("customers", &["company_id", "customer_id"]), ["391|C-1", "406|C-2"]);
    assert_eq!(got.show("documents", &["document_id", "amount", "due_date"]), ["900001|55.50|2013-02-01", "900002|10.00|2013-02-02"]);
    assert_eq!(
        got.show("applications", &["application_id", "kind", "from_document_id", "to_document_id", "amount", "posting_date"]),
        ["settled/900001|receipt||900001|55.50|2013-01-15"]
    );
    assert_eq!(got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect::<Vec<_>>(), [(4, Some(5), "date_invalid")]);
    assert_eq!(got.summaries, [SourceSummary { rows_read: 5, rows_skipped: 0 }, SourceSummary { rows_read: 3, rows_skipped: 0 }]);
}

/// The published file itself, where the machine has it: totals reckoned independently.
#[test]
fn the_published_late_payments_load_whole() {
    let Some(real) = std::env::var_os("CARTERA_REAL_DATA").map(PathBuf::from).filter(|p| p.join("ibm_ar").is_dir()) else { return };
    let got = load(&real.join("ibm_ar"), Some("ibm_late_payments"));
    assert_eq!((got.rejects.len(), got.findings.len()), (0, 0));
    assert_eq!((got.of("documents").len(), got.of("applications").len(), got.of("customers").len()), (2466, 2466, 100));
    for table in ["documents", "applications"] {
        let mut by_company: BTreeMap<String, i64> = BTreeMap::new();
        for row in got.of(table) {
            *by_company.entry(row.get("company_id").to_string()).or_default() += row.get("amount").money().unwrap().hundredths();
        }
        let want = [("391", 4_004_896), ("406", 3_942_291), ("770", 2_738_077), ("818", 2_450_206), ("897", 1_634_848)];
        assert_eq!(by_company, want.map(|(c, v)| (c.to_string(), v)).into(), "{table}");
    }
    assert!(balances(&got).is_empty());
}

#[test]
fn a_profile_is_checked_before_any_file() {
    let table =
        |columns: &str| format!("name='p'\ndescription='d'\n[[table]]\ntable='collectors'\nfiles=['*.csv']\n[table.columns]\n{columns}\n");
    let cases: &[(String, &str)] = &[
        (String::new(), "name"),
        ("name='p'\ndescription='d'\n".into(), "[[table]]"),
        (table("collector_id='A'\nname='B'\nteem='C'"), "did you mean team"),
        (table("collector_id='A'"), "not mapped: name"),
        (table("collector_id='A'\nname={ colum='B' }"), "colum"),
        (table("collector_id='A'\nname={ column='B', constant='C' }"), "one source"),
        (table("collector_id='A'\nname={ column='B', absolute=true }"), "for amounts"),
        (table("collector_id='A'\nname={ column='B', otherwise='x' }"), "map"),
        (table("collector_id='A'\nname={ column='B', only_when={ column='C', empty=true, not_empty=true } }"), "one test"),
        (table("collector_id='A'\nname={ column='B', only_when={ value='team', in=['x'] } }"), "before it is made"),
        (table("collector_id='A'\nname='B'").replace("collectors", "collectrs"), "did you mean collectors"),
        (format!("{}[clearing]\nposting_date='D'\n", table("collector_id='A'\nname='B'")), "cleared_items"),
        (format!("shape='cleared_items'\n{}", table("collector_id='A'\nname='B'")), "[clearing]"),
        (format!("{}[read]\ndate='dd/mm/yyyy'\n", table("collector_id='A'\nname='B'")), "date format"),
        (format!("{}[read]\ndecimal=','\nthousands=','\n", table("collector_id='A'\nname='B'")), "both decimal and thousands"),
        (format!("{}[read]\ndelimiter=';;'\n", table("collector_id='A'\nname='B'")), "not one character"),
        (format!("{}[read]\nencoding='latin9'\n", table("collector_id='A'\nname='B'")), "latin9"),
        (
            format!("{}[[constant]]\ntable='companies'\nrows=[{{ company_id='1' }}]\n", table("collector_id='A'\nname='B'")),
            "constant row has no name",
        ),
    ];
    for (text, word) in cases {
        let error = extract::Profile::parse(text, "p.toml").expect_err(text);
        assert!(error.is_usage() && error.to_string().contains(word), "`{word}` is not in: {error}");
    }
    for (name, text) in extract::profile::shipped::SHIPPED {
        let profile = extract::Profile::parse(text, name).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(&profile.name, name);
        assert!(!profile.columns_from.is_empty(), "{name} does not say where its columns come from");
    }
}

mod parquet_files {
    use super::*;
    use arrow::array::{
        ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
        StringViewArray, TimestampMicrosecondArray,
    };
    use arrow::datatypes::Int32Type;
    use parquet::arrow::ArrowWriter;
    use std::sync::Arc;

    fn bytes(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut out = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        out
    }

    fn documents(amount: ArrayRef, due: ArrayRef) -> Vec<u8> {
        let kinds: DictionaryArray<Int32Type> = ["invoice", "receipt", "factura"].into_iter().collect();
        bytes(vec![
            ("company_id", Arc::new(StringArray::from(vec!["MX01"; 3]))),
            ("document_id", Arc::new(Int64Array::from(vec![7, 8, 9]))),
            ("document_kind", Arc::new(kinds)),
            ("customer_id", Arc::new(StringViewArray::from(vec!["C1", "C2", "C3"]))),
            ("document_date", Arc::new(Date32Array::from(vec![20_458, 20_459, 20_460]))),
            ("due_date", due),
            ("currency", Arc::new(LargeStringArray::from(vec!["MXN"; 3]))),
            ("amount", amount),
        ])
    }

    fn decimals() -> ArrayRef {
        let values = vec![Some(1_000_100_000i128), Some(-5_000_000), Some(1)];
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(30, 7).unwrap())
    }

    #[test]
    fn types_are_read_exactly() {
        let day = 86_400_000_000i64;
        let due = TimestampMicrosecondArray::from(vec![Some(20_488 * day), None, Some(20_488 * day + 1)]);
        let dir = folder(&[("documents.parquet", &documents(decimals(), Arc::new(due)))]);
        let got = load(dir.path(), None);
        assert_eq!(
            got.show("documents", &["document_id", "document_kind", "customer_id", "document_date", "due_date", "amount"]),
            ["7|invoice|C1|2026-01-05|2026-02-04|100.01", "8|receipt|C2|2026-01-06||-0.50"]
        );
        // Row 3 has an unknown kind, a time of day and seven decimals: the leftmost is told, by its row number.
        assert_eq!(got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect::<Vec<_>>(), [(3, Some(3), "enum_unknown")]);
    }

    #[test]
    fn typed_cells_need_no_declared_format() {
        let profile = "name='p'\ndescription='d'\n[read]\ndate='%d/%m/%Y'\ndecimal=','\nthousands='.'\n[[table]]\ntable='period_sales'\nfiles=['*.parquet']\n\
            [table.columns]\ncompany_id={constant='MX01'}\nmonth='mes'\ncurrency={constant='MXN'}\namount='importe'\n";
        let file = bytes(vec![("mes", Arc::new(Date32Array::from(vec![20_458, 20_459, 20_460]))), ("importe", decimals())]);
        let dir = folder(&[("ventas.parquet", &file), ("p.toml", profile.as_bytes()), ("extract.toml", b"profile = 'p.toml'")]);
        let got = load(dir.path(), None);
        assert_eq!(got.show("period_sales", &["month", "amount"]), ["2026-01-01|-0.50", "2026-01-01|100.01"]);
        assert_eq!(got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect::<Vec<_>>(), [(3, Some(2), "amount_decimals")]);
    }

    /// A damaged file ends in an error or in rows, never in a panic.
    #[test]
    fn flipped_bits_do_no_harm() {
        let text: ArrayRef = Arc::new(StringArray::from_iter_values((0..300).map(|i| format!("C{i}"))));
        let whole = bytes(vec![("collector_id", text.clone()), ("name", text.clone()), ("team", text)]);
        for i in 0..300 {
            let mut bytes = whole.clone();
            let at = i * 7_919 % bytes.len();
            bytes[at] ^= 1 << (i % 8);
            let dir = folder(&[("collectors.parquet", &bytes)]);
            if let Ok(plan) = plan(dir.path(), None) {
                let _ = extract::read(&plan, &mut Collected::default());
            }
        }
    }

    #[test]
    fn floats_are_refused_by_name_and_cut_files_clearly() {
        let due: ArrayRef = Arc::new(StringArray::from(vec!["2026-02-04", "", "2026-02-30"]));
        let float = documents(Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])), due.clone());
        let dir = folder(&[("documents.parquet", &float)]);
        let error = plan(dir.path(), None).unwrap_err().to_string();
        assert!(error.contains("`amount`") && error.contains("floating-point") && error.contains("decimal"), "{error}");
        let whole = documents(decimals(), due);
        for cut in [0, 3, 4, 8, 20, whole.len() / 2, whole.len() - 1] {
            let dir = folder(&[("documents.parquet", &whole[..cut])]);
            let error = plan(dir.path(), None).expect_err("cut").to_string();
            assert!(error.contains("documents.parquet") && error.contains("cut short"), "{cut}: {error}");
        }
    }
}
