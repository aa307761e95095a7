//! A ledger for tests: rows fed straight into a load, movements read back from the files, no SQL in between.

#![allow(dead_code, reason = "a shared fixture: not every test asks everything")]

use arrow::array::AsArray;
use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type};
use cartera::config::Merge;
use cartera::domain::days::{from_epoch_day, parse_day};
use cartera::domain::money::Money;
use cartera::extract::Sink;
use cartera::ledger::load::{Load, Mode, Outcome, Request, Scope};
use cartera::ledger::posting::Corrections;
use cartera::ledger::store::{SourceFact, Store};
use cartera::schema::{self, ColumnKind, Origin, Row, Value};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// A project folder with its store and the knobs of the next load.
pub struct Book {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub mode: Mode,
    pub corrections: Corrections,
    pub vanish_limit_pct: i32,
    pub merges: Vec<Merge>,
    /// Tables that its extracts have files of, with or without rows.
    pub tables: Vec<String>,
}

/// A movement as a test asks about it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub load_id: i32,
    pub company: String,
    pub customer: String,
    pub document: String,
    pub instalment: i32,
    pub class: String,
    pub kind: String,
    pub effect: String,
    pub cause: String,
    pub due: NaiveDate,
    pub posting: NaiveDate,
    pub currency: String,
    pub amount: i128,
    pub company_amount: i128,
    pub sales: Option<String>,
    pub net_sales: i128,
}

pub fn day(text: &str) -> NaiveDate {
    parse_day(text).unwrap_or_else(|| panic!("{text} is no day"))
}

/// Hundredths of a decimal text.
pub fn cents(text: &str) -> i128 {
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches('-').replace(',', "");
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, "0"));
    let part = format!("{part:0<2}");
    let value = whole.parse::<i128>().unwrap() * 100 + part.parse::<i128>().unwrap();
    if negative { -value } else { value }
}

/// A row of a canonical table from `column=value` words.
pub fn row(table: &str, words: &str) -> Row {
    let table = schema::table(table).unwrap();
    let mut values = vec![Value::Null; table.columns.len()];
    for word in words.split_whitespace() {
        let (name, text) = word.split_once('=').unwrap_or_else(|| panic!("{word} is not column=value"));
        let at = table.position(name).unwrap_or_else(|| panic!("{} has no column {name}", table.name));
        values[at] = match table.columns[at].kind {
            ColumnKind::Date => Value::Date(day(text)),
            ColumnKind::Month => Value::Date(day(&format!("{text}-01"))),
            ColumnKind::Money => Value::Money(Money::from_hundredths(cents(text)).unwrap()),
            ColumnKind::Rate => Value::Rate(text.parse().unwrap()),
            ColumnKind::Int => Value::Int(text.parse().unwrap()),
            _ => Value::Text(text.replace('_', if table.columns[at].kind == ColumnKind::Text { " " } else { "_" }).into()),
        };
    }
    Row { table, values: values.into(), origin: Origin { source: 0, line: 0 } }
}

/// Many rows: one a line, the table first.
pub fn rows(text: &str) -> Vec<Row> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| l.split_once(' ').map(|(t, w)| row(t, w)).unwrap()).collect()
}

impl Book {
    pub fn new() -> Book {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        Book {
            folder,
            store,
            mode: Mode::Add,
            corrections: Corrections::default(),
            vanish_limit_pct: 1,
            merges: Vec::new(),
            tables: Vec::new(),
        }
    }

    /// A book that already knows company `C` with MXN books (load 1).
    pub fn with_company() -> Book {
        let book = Book::new();
        book.load("2024-01-01", "companies company_id=C name=C country=MX functional_currency=MXN");
        book
    }

    pub fn request(&self, on: &str) -> Request {
        Request {
            day: day(on),
            loaded_at: format!("{on}T12:00:00Z"),
            scopes: vec![Scope {
                fact: SourceFact { name: "test.csv".into(), tables: self.tables.clone(), ..SourceFact::default() },
                mode: self.mode,
                window_from: None,
            }],
            scope_digest: String::new(),
            corrections: self.corrections,
            vanish_limit_pct: self.vanish_limit_pct,
            fx_source: None,
            fx_max_age_days: 7,
            group_currency: "MXN".into(),
            merges: self.merges.clone(),
        }
    }

    pub fn try_load(&self, on: &str, given: Vec<Row>) -> cartera::error::Result<Outcome> {
        let mut load = Load::begin(&self.store, self.request(on))?;
        let count = given.len() as u64;
        for (line, mut row) in given.into_iter().enumerate() {
            row.origin.line = line as u64 + 2;
            load.row(row)?;
        }
        load.finish(&[count], false, &mut |_, _, _| {})
    }

    pub fn load(&self, on: &str, text: &str) -> Outcome {
        self.try_load(on, rows(text)).unwrap()
    }

    /// Every movement known at a load.
    pub fn movements(&self, known_at: Option<i32>) -> Vec<Seen> {
        let snapshot = self.store.snapshot(known_at).unwrap();
        let table = snapshot.tables.iter().find(|t| t.name == "movements").unwrap();
        let mut seen = Vec::new();
        for file in &table.files {
            let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&file.path).unwrap()).unwrap().build().unwrap();
            for batch in reader {
                let batch = batch.unwrap();
                let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
                let days = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Date32Type>().clone();
                let money = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Decimal128Type>().clone();
                let ints = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Int32Type>().clone();
                for i in 0..batch.num_rows() {
                    let sales = text("sales_effect");
                    let net = money("net_sales_amount");
                    use arrow::array::Array;
                    seen.push(Seen {
                        load_id: ints("load_id").value(i),
                        company: text("company_id").value(i).into(),
                        customer: text("customer_id").value(i).into(),
                        document: text("document_id").value(i).into(),
                        instalment: ints("instalment").value(i),
                        class: text("aging_class").value(i).into(),
                        kind: text("movement_kind").value(i).into(),
                        effect: text("effect").value(i).into(),
                        cause: text("cause").value(i).into(),
                        due: from_epoch_day(days("due_date").value(i)),
                        posting: from_epoch_day(days("posting_date").value(i)),
                        currency: text("currency").value(i).into(),
                        amount: money("amount").value(i),
                        company_amount: money("company_amount").value(i),
                        sales: (!sales.is_null(i)).then(|| sales.value(i).to_string()),
                        net_sales: if net.is_null(i) { 0 } else { net.value(i) },
                    });
                }
            }
        }
        seen
    }

    /// Ids of the rows that wait now.
    pub fn waiting(&self) -> Vec<String> {
        let snapshot = self.store.snapshot(None).unwrap();
        let table = snapshot.tables.iter().find(|t| t.name == "waiting").unwrap();
        let mut counts = std::collections::BTreeMap::<String, i32>::new();
        for file in &table.files {
            let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&file.path).unwrap()).unwrap().build().unwrap();
            for batch in reader {
                let batch = batch.unwrap();
                let ids = batch.column_by_name("source_id").unwrap().as_string::<i32>().clone();
                let changes = batch.column_by_name("change").unwrap().as_primitive::<Int32Type>().clone();
                (0..batch.num_rows()).for_each(|i| *counts.entry(ids.value(i).into()).or_default() += changes.value(i));
            }
        }
        assert!(counts.values().all(|n| (0..=1).contains(n)), "{counts:?}");
        counts.into_iter().filter(|(_, n)| *n == 1).map(|(id, _)| id).collect()
    }

    fn sum(&self, known_at: Option<i32>, pick: impl Fn(&Seen) -> bool, what: impl Fn(&Seen) -> i128) -> i128 {
        self.movements(known_at).iter().filter(|m| pick(m)).map(what).sum()
    }

    /// Open amount of a document at a day.
    pub fn open(&self, document: &str, at: &str) -> i128 {
        let at = day(at);
        self.sum(None, |m| m.document == document && m.posting <= at, |m| m.amount)
    }

    /// Open company amount of a document at a day.
    pub fn open_company(&self, document: &str, at: &str) -> i128 {
        let at = day(at);
        self.sum(None, |m| m.document == document && m.posting <= at, |m| m.company_amount)
    }

    /// Open amount of a document at a day as known at a load.
    pub fn open_at(&self, document: &str, at: &str, known_at: i32) -> i128 {
        let at = day(at);
        self.sum(Some(known_at), |m| m.document == document && m.posting <= at, |m| m.amount)
    }

    /// Sum of a kind of movement over all days.
    pub fn flow(&self, kind: &str) -> i128 {
        self.sum(None, |m| m.kind == kind, |m| m.amount)
    }

    /// Sum of a kind in company currency.
    pub fn flow_company(&self, kind: &str) -> i128 {
        self.sum(None, |m| m.kind == kind, |m| m.company_amount)
    }

    /// Sales: creation rows whose effect is sale, return or price.
    pub fn sales(&self) -> i128 {
        self.sum(None, |m| matches!(m.sales.as_deref(), Some("sale" | "return" | "price")), |m| m.amount)
    }

    /// Debits past due at a day.
    pub fn past_due(&self, at: &str) -> i128 {
        let at = day(at);
        self.sum(None, |m| m.posting <= at && m.class == "due" && m.due < at, |m| m.amount)
    }

    /// Debits not yet due at a day.
    pub fn current(&self, at: &str) -> i128 {
        let at = day(at);
        self.sum(None, |m| m.posting <= at && m.class == "due" && m.due >= at, |m| m.amount)
    }
}
