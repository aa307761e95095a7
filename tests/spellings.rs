//! One ledger written in several spellings gives the same answers: what an export looks like is told by its profile, and nothing of it
//! is left in the history.
//!
//! The sample's canonical extracts are read once; their rows, by column and value, are written out anew in each spelling by code that
//! knows nothing of the readers, and loaded through a profile of that spelling into a project of its own.

use super::engine::usual_argument;
use super::extract::load as read;
use super::extract_formats::packed::gz;
use cartera::domain::money::Money;
use cartera::engine::Engine;
use cartera::engine::rows::{Datum, Rows};
use cartera::extract::Profile;
use cartera::pipeline::{LoadRequest, Loaded, Now, Project, load};
use cartera::schema::{Row, TABLES, Table, Value};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const DAYS: [&str; 2] = ["2026-09-30", "2026-10-31"];

/// How a ledger is written.
#[derive(Clone)]
struct Spelling {
    name: &'static str,
    date: &'static str,
    decimal: char,
    thousands: Option<char>,
    negative: &'static str,
    /// Headers and words for kinds.
    spanish: bool,
    /// Ids of digits get zeros in front.
    padded: bool,
    file: File,
}

#[derive(Clone, Copy, PartialEq)]
enum File {
    Text { delimiter: u8, encoding: &'static str, gzipped: bool },
    Workbook,
}

const CANONICAL: Spelling = Spelling {
    name: "canonical",
    date: "%Y-%m-%d",
    decimal: '.',
    thousands: None,
    negative: "leading",
    spanish: false,
    padded: false,
    file: File::Text { delimiter: b',', encoding: "utf-8", gzipped: false },
};

fn spellings() -> Vec<Spelling> {
    let text = |delimiter, encoding, gzipped| File::Text { delimiter, encoding, gzipped };
    vec![
        Spelling { name: "day first", date: "%d/%m/%Y", ..CANONICAL },
        Spelling {
            name: "decimal comma",
            decimal: ',',
            thousands: Some('.'),
            negative: "trailing",
            file: text(b';', "utf-8", false),
            ..CANONICAL
        },
        Spelling { name: "spanish", spanish: true, padded: true, file: text(b',', "windows-1252", false), ..CANONICAL },
        Spelling {
            name: "all at once",
            date: "%d.%m.%y",
            decimal: ',',
            thousands: Some('.'),
            negative: "parentheses",
            spanish: true,
            padded: true,
            file: text(b'\t', "utf-16", true),
        },
        Spelling { name: "workbook", spanish: true, padded: true, file: File::Workbook, ..CANONICAL },
    ]
}

// ---- the ledger: rows by table, of each day

type Ledger = Vec<BTreeMap<&'static str, Vec<Row>>>;

/// The rows of the sample's canonical extracts; ids of documents, customers and applications become numbers, so that they can be padded.
fn ledger() -> Ledger {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut days = Vec::new();
    for day in DAYS {
        let got = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/extracts").join(day).join("canonical"), None);
        let mut tables: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for mut row in got.rows {
            for (column, value) in row.table.columns.iter().zip(&mut row.values) {
                let numbered = ["document_id", "customer_id", "application_id"].iter().any(|end| column.name.ends_with(end));
                if let (true, Value::Text(text)) = (numbered, &*value) {
                    let next = numbers.len() + 1;
                    let number = numbers.entry(text.to_string()).or_insert(next);
                    *value = Value::Text(number.to_string().as_str().into());
                }
            }
            tables.entry(row.table.name).or_default().push(row);
        }
        days.push(tables);
    }
    // The sample takes nothing back in these files: an adjustment and an application taken back, over a thousand and with cents.
    let some = |table: &str, kind: (&str, &str)| {
        let found = days[1][table]
            .iter()
            .find(|r| r.get(kind.0).text() == Some(kind.1) && r.get("amount").money() > Money::from_hundredths(100_000));
        found.unwrap_or_else(|| panic!("no {} in {table}", kind.1)).clone()
    };
    let (mut adjustment, mut undoing) = (some("documents", ("document_kind", "invoice")), some("applications", ("kind", "receipt")));
    let set = |row: &mut Row, column: &str, value: Value| row.values[row.table.position(column).unwrap()] = value;
    let text = |text: &str| Value::Text(text.into());
    let undone = undoing.get("application_id").clone();
    let negative = -undoing.get("amount").money().unwrap();
    set(&mut adjustment, "document_id", text("900001"));
    set(&mut adjustment, "document_kind", text("adjustment"));
    set(&mut adjustment, "amount", Value::Money(Money::from_hundredths(-123_456_789).unwrap()));
    set(&mut adjustment, "tax_amount", Value::Null);
    set(&mut undoing, "application_id", text("900002"));
    set(&mut undoing, "amount", Value::Money(negative));
    set(&mut undoing, "undoes_application_id", undone);
    days[1].get_mut("documents").unwrap().push(adjustment);
    days[1].get_mut("applications").unwrap().push(undoing);
    has_what_spellings_differ_in(&days);
    days
}

fn has_what_spellings_differ_in(ledger: &Ledger) {
    let rows = || ledger.iter().flat_map(|tables| tables.values()).flatten();
    let values = || rows().flat_map(|row| row.values.iter());
    assert!(rows().count() > 3_000 && ledger.iter().flat_map(BTreeMap::keys).collect::<std::collections::BTreeSet<_>>().len() > 10);
    let documents = || rows().filter(|r| r.table.name == "documents");
    let currencies: std::collections::BTreeSet<_> = documents().filter_map(|r| r.get("currency").text()).collect();
    assert!(currencies.len() >= 3, "{currencies:?}");
    let amounts = || values().filter_map(Value::money);
    assert!(amounts().any(|m| m.is_negative() && m.hundredths() < -100_000), "a negative amount over a thousand");
    assert!(amounts().any(|m| m.hundredths() > 100_000_000 && m.hundredths() % 100 != 0), "over a million, with cents");
    let days = || values().filter_map(Value::date);
    use chrono::Datelike;
    assert!(days().any(|d| d.day() > 12) && days().any(|d| d.day() <= 12 && d.day() != d.month()), "days that can be swapped and not");
    for letter in ['ñ', 'é', 'ó'] {
        assert!(values().filter_map(Value::text).any(|t| t.contains(letter)), "{letter}");
    }
}

// ---- writing

const SPANISH: &[(&str, &str)] = &[
    ("company_id", "Sociedad"),
    ("activity_id", "Gestión"),
    ("customer_id", "Nº Cliente"),
    ("document_id", "Folio"),
    ("collector_id", "Gestor"),
    ("activity_date", "Fecha de gestión"),
    ("kind", "Clase"),
    ("outcome", "Resultado"),
    ("application_id", "Aplicación"),
    ("undoes_application_id", "Deshace"),
    ("from_document_id", "Origen"),
    ("to_document_id", "Destino"),
    ("instalment", "Parcialidad"),
    ("posting_date", "Fecha contable"),
    ("amount", "Importe"),
    ("reason", "Motivo"),
    ("month", "Mes"),
    ("currency", "Moneda"),
    ("name", "Nombre"),
    ("team", "Equipo"),
    ("country", "País"),
    ("functional_currency", "Moneda funcional"),
    ("tax_id", "RFC"),
    ("control_account", "Cuenta de control"),
    ("valid_from", "Vigente desde"),
    ("counterparty_company_id", "Sociedad contraparte"),
    ("language", "Idioma"),
    ("segment", "Segmento"),
    ("industry", "Giro"),
    ("payment_terms", "Condiciones"),
    ("credit_limit", "Límite de crédito"),
    ("credit_currency", "Moneda del límite"),
    ("status", "Situación"),
    ("email", "Correo"),
    ("dispute_id", "Aclaración"),
    ("opened_date", "Abierta"),
    ("closed_date", "Cerrada"),
    ("owner_id", "Responsable"),
    ("document_kind", "Tipo"),
    ("document_date", "Fecha"),
    ("due_date", "Vencimiento"),
    ("tax_amount", "IVA"),
    ("sales_effect", "Efecto en ventas"),
    ("reference", "Referencia"),
    ("effective_date", "Efectiva"),
    ("as_of", "Al día"),
    ("rate_date", "Día"),
    ("to_currency", "A moneda"),
    ("source", "Fuente"),
    ("rate", "Tipo de cambio"),
    ("account", "Cuenta"),
    ("balance", "Saldo"),
    ("company_balance", "Saldo MN"),
    ("item_id", "Partida"),
    ("cause", "Causa"),
    ("promise_id", "Promesa"),
    ("taken_date", "Tomada"),
    ("promise_date", "Prometida"),
];

const KINDS: &[(&str, &str)] = &[
    ("invoice", "Factura"),
    ("credit_memo", "Nota de crédito"),
    ("debit_memo", "Nota de cargo"),
    ("receipt", "Cobro"),
    ("advance", "Anticipo"),
    ("refund", "Devolución"),
    ("adjustment", "Ajuste"),
    ("note", "Pagaré"),
];

impl Spelling {
    fn header(&self, column: &str) -> String {
        if !self.spanish {
            return column.to_string();
        }
        let found = SPANISH.iter().find(|(own, _)| *own == column);
        found.unwrap_or_else(|| panic!("{column} has no Spanish name here")).1.to_string()
    }

    /// Whether a column holds ids that are padded.
    fn pads(&self, column: &str) -> bool {
        self.padded && ["document_id", "customer_id", "application_id"].iter().any(|end| column.ends_with(end))
    }

    fn word<'a>(&self, column: &str, text: &'a str) -> &'a str {
        let word = KINDS.iter().find(|(own, _)| self.spanish && column == "document_kind" && *own == text);
        word.map_or(text, |(_, spanish)| spanish)
    }

    fn cell(&self, column: &str, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Text(text) if self.pads(column) => format!("{text:0>10}"),
            Value::Text(text) => self.word(column, text).to_string(),
            Value::Date(day) => day.format(self.date).to_string(),
            Value::Money(_) | Value::Rate(_) => self.number(&value.to_string()),
            Value::Int(number) => number.to_string(),
        }
    }

    fn number(&self, plain: &str) -> String {
        let (minus, digits) = plain.strip_prefix('-').map_or((false, plain), |digits| (true, digits));
        let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = String::new();
        for (n, digit) in whole.chars().enumerate() {
            if let (Some(mark), true) = (self.thousands, n > 0 && (whole.len() - n) % 3 == 0) {
                text.push(mark);
            }
            text.push(digit);
        }
        if !rest.is_empty() {
            text.push(self.decimal);
            text.push_str(rest);
        }
        match (minus, self.negative) {
            (false, _) => text,
            (true, "trailing") => format!("{text}-"),
            (true, "parentheses") => format!("({text})"),
            (true, _) => format!("-{text}"),
        }
    }

    fn file_name(&self, table: &str) -> String {
        match self.file {
            File::Text { gzipped: true, .. } => format!("{table}.txt.gz"),
            File::Text { .. } if self.name == "canonical" => format!("{table}.csv"),
            File::Text { .. } => format!("{table}.txt"),
            File::Workbook => format!("{table}.xlsx"),
        }
    }

    fn bytes(&self, table: &'static Table, columns: &[usize], rows: &[Row]) -> Vec<u8> {
        let File::Text { delimiter, encoding, gzipped } = self.file else { return self.workbook(table, columns, rows) };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(columns.iter().map(|c| self.header(table.columns[*c].name))).unwrap();
        for row in rows {
            writer.write_record(columns.iter().map(|c| self.cell(table.columns[*c].name, &row.values[*c]))).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = match encoding {
            "utf-16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "windows-1252" => {
                let (bytes, _, unmapped) = encoding_rs::WINDOWS_1252.encode(&text);
                assert!(!unmapped, "{}", table.name);
                bytes.into_owned()
            }
            _ => text.into_bytes(),
        };
        if gzipped { gz(&bytes) } else { bytes }
    }

    /// Days and amounts as typed cells.
    fn workbook(&self, table: &'static Table, columns: &[usize], rows: &[Row]) -> Vec<u8> {
        use chrono::Datelike;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let (day, amount) = (Format::new().set_num_format("dd/mm/yyyy"), Format::new().set_num_format("#,##0.00"));
        for (n, c) in columns.iter().enumerate() {
            sheet.write_string(0, n as u16, self.header(table.columns[*c].name)).unwrap();
        }
        for (line, row) in rows.iter().enumerate() {
            for (n, c) in columns.iter().enumerate() {
                let (line, n) = (line as u32 + 1, n as u16);
                match &row.values[*c] {
                    Value::Null => {}
                    Value::Date(d) => {
                        let cell = ExcelDateTime::from_ymd(d.year() as u16, d.month() as u8, d.day() as u8).unwrap();
                        sheet.write_datetime_with_format(line, n, &cell, &day).unwrap();
                    }
                    Value::Money(m) => {
                        sheet.write_number_with_format(line, n, m.to_string().parse::<f64>().unwrap(), &amount).unwrap();
                    }
                    Value::Rate(r) => {
                        sheet.write_number(line, n, r.to_string().parse::<f64>().unwrap()).unwrap();
                    }
                    other => {
                        sheet.write_string(line, n, self.cell(table.columns[*c].name, other)).unwrap();
                    }
                }
            }
        }
        book.save_to_buffer().unwrap()
    }

    /// The profile that reads it.
    fn profile(&self, tables: &BTreeMap<&'static str, Vec<usize>>) -> String {
        let mut toml = "name = 'spelling'\ndescription = 'd'\n[read]\n".to_string();
        if let File::Text { delimiter, encoding, .. } = self.file {
            let delimiter = if delimiter == b'\t' { "\\t".to_string() } else { (delimiter as char).to_string() };
            toml += &format!("delimiter = \"{delimiter}\"\nencoding = '{encoding}'\ndate = '{}'\n", self.date);
            toml += &format!("decimal = '{}'\nnegative = '{}'\n", self.decimal, self.negative);
            self.thousands.iter().for_each(|mark| toml += &format!("thousands = '{mark}'\n"));
        }
        for (name, columns) in tables {
            toml += &format!("[[table]]\ntable = '{name}'\nfiles = ['{name}.*']\n[table.columns]\n");
            for column in columns.iter().map(|c| &known(name).columns[*c]) {
                let mut rule = format!("column = '{}'", self.header(column.name));
                if self.pads(column.name) {
                    rule += ", without_zeros = true";
                }
                if self.spanish && column.name == "document_kind" {
                    let words: Vec<String> = KINDS.iter().map(|(own, spanish)| format!("'{spanish}' = '{own}'")).collect();
                    rule += &format!(", map = {{ {} }}", words.join(", "));
                }
                toml += &format!("{} = {{ {rule} }}\n", column.name);
            }
        }
        toml
    }
}

fn known(table: &str) -> &'static Table {
    TABLES.iter().find(|t| t.name == table).unwrap()
}

/// Columns that any row fills, and those that must be there.
fn columns(table: &'static Table, rows: &[Row]) -> Vec<usize> {
    (0..table.columns.len()).filter(|c| table.columns[*c].required || rows.iter().any(|r| !r.values[*c].is_null())).collect()
}

/// Writes the ledger, a folder for each day; `profile` may spoil how it is read.
fn write(ledger: &Ledger, spelling: &Spelling, root: &Path, spoiled: &dyn Fn(String) -> String) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (day, tables) in DAYS.iter().zip(ledger) {
        let folder = root.join("in").join(day);
        std::fs::create_dir_all(&folder).unwrap();
        let columns: BTreeMap<&'static str, Vec<usize>> = tables.iter().map(|(name, rows)| (*name, columns(known(name), rows))).collect();
        for (name, rows) in tables {
            std::fs::write(folder.join(spelling.file_name(name)), spelling.bytes(known(name), &columns[name], rows)).unwrap();
        }
        let mut told = format!("day = {day}\n");
        if spelling.name != "canonical" {
            let profile = spoiled(spelling.profile(&columns));
            Profile::parse(&profile, spelling.name).unwrap_or_else(|e| panic!("{e}\n{profile}"));
            std::fs::write(folder.join("p.toml"), profile).unwrap();
            told += "profile = 'p.toml'\n";
        }
        std::fs::write(folder.join("extract.toml"), told).unwrap();
        folders.push(folder);
    }
    folders
}

/// The ledger written, loaded and asked: every table of the history, and every answer of a metric, as text.
async fn answers(ledger: &Ledger, spelling: &Spelling) -> BTreeMap<String, String> {
    let (_root, engine) = loaded(ledger, spelling, &|profile| profile);
    let mut answers = tables(&engine).await;
    let metrics = engine.catalogue().files().filter(|f| f.path.starts_with("queries/metrics/"));
    let questions: Vec<(String, Vec<Datum>)> =
        metrics.map(|f| (f.header.name.clone(), f.header.params.iter().map_while(usual_argument).collect())).collect();
    let together = engine.together(&questions, None).await.unwrap();
    for (query, arguments) in &questions {
        let rows = together.ask(query, arguments).await.unwrap_or_else(|e| panic!("{} {query}: {e}", spelling.name));
        answers.insert(query.clone(), shown(&rows));
    }
    answers
}

async fn tables(engine: &Engine) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for table in TABLES.iter().map(|t| t.name).chain(["movements", "load_totals"]) {
        let text = shown(&engine.sql(&format!("select * from {table}"), None).await.unwrap());
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        found.insert(format!("table {table}"), lines.join("\n"));
    }
    found
}

/// A project of its own into which each day's folder is one load.
fn loaded(ledger: &Ledger, spelling: &Spelling, spoiled: &dyn Fn(String) -> String) -> (TempDir, Engine) {
    let root = tempfile::tempdir().unwrap();
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/cartera.toml"), root.path().join("cartera.toml")).unwrap();
    let project = Project::open(Some(root.path())).unwrap();
    for (folder, day) in write(ledger, spelling, root.path(), spoiled).into_iter().zip(DAYS) {
        let now = Now { today: DAYS[1].parse().unwrap(), instant: format!("{day}T20:00:00Z") };
        let request = LoadRequest { paths: vec![folder], ..LoadRequest::default() };
        match load(&project, &request, &now, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{} {day}: {e}", spelling.name)) {
            Loaded::Done { outcome, .. } => assert!(outcome.load_id.is_some(), "{} {day}", spelling.name),
            Loaded::Already(load) => panic!("{} {day} is load {load} already", spelling.name),
        }
    }
    let engine = Engine::open(&project.store.snapshot(None).unwrap(), &project.config).unwrap();
    (root, engine)
}

/// An answer as text, value by value with its type; what names files is left out.
fn shown(rows: &Rows) -> String {
    let names_files = |column: &str| ["source", "first_place", "place"].contains(&column);
    let told: Vec<usize> = (0..rows.columns.len()).filter(|c| !names_files(&rows.columns[*c].name)).collect();
    let mut text: String = told.iter().map(|c| format!("{} {},", rows.columns[*c].name, rows.columns[*c].type_name)).collect();
    for row in &rows.rows {
        text.push('\n');
        told.iter().for_each(|c| text.push_str(&format!("{:?},", row[*c])));
    }
    // Places are the same but for what the file is called.
    [".txt.gz:", ".txt:", ".xlsx:"].iter().fold(text, |text, ending| text.replace(ending, ".csv:"))
}

/// The first line in which two answers differ, by query.
fn differences(wanted: &BTreeMap<String, String>, said: &BTreeMap<String, String>) -> Vec<String> {
    assert_eq!(wanted.keys().collect::<Vec<_>>(), said.keys().collect::<Vec<_>>());
    let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    let first = |query: &String| {
        let (a, b) = (lines(&wanted[query]), lines(&said[query]));
        let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
        let line = |all: &[String]| all.get(at).cloned().unwrap_or_else(|| "nothing".to_string());
        format!("{query}, line {at} of {} and {}:\n  {}\n  {}", a.len(), b.len(), line(&a), line(&b))
    };
    wanted.keys().filter(|query| wanted[*query] != said[*query]).map(first).collect()
}

#[tokio::test]
async fn one_ledger_in_several_spellings_gives_the_same_answers() {
    let ledger = ledger();
    let wanted = answers(&ledger, &CANONICAL).await;
    let telling = wanted.values().filter(|text| text.lines().count() > 1).count();
    assert!(telling > 28, "{telling} of {} tables and queries have an answer", wanted.len());
    for spelling in spellings() {
        let wrong = differences(&wanted, &answers(&ledger, &spelling).await);
        assert!(wrong.is_empty(), "{}: {} of {} answers differ:\n{}", spelling.name, wrong.len(), wanted.len(), wrong.join("\n"));
    }
}

/// What a profile says of a spelling matters: said wrongly, the history is another.
#[tokio::test]
async fn a_spelling_read_as_another_shows() {
    let ledger = ledger();
    let (_root, engine) = loaded(&ledger, &CANONICAL, &|profile| profile);
    let wanted = tables(&engine).await;
    for (name, from, to, shows) in [
        ("day first", "'%d/%m/%Y'", "'%m/%d/%Y'", "table movements"),
        ("decimal comma", "decimal = ','\nnegative = 'trailing'\nthousands = '.'", "decimal = '.'\nthousands = ','", "table movements"),
        ("decimal comma", "'trailing'", "'leading'", "table documents"),
        ("spanish", ", without_zeros = true", "", "table documents"),
        ("spanish", "'Cobro' = 'receipt'", "'Cobro' = 'advance'", "table movements"),
    ] {
        let spelling = spellings().into_iter().find(|s| s.name == name).unwrap();
        let spoil = |profile: String| {
            assert!(profile.contains(from), "`{from}` is not in\n{profile}");
            profile.replace(from, to)
        };
        let (_root, engine) = loaded(&ledger, &spelling, &spoil);
        let wrong = differences(&wanted, &tables(&engine).await);
        assert!(wrong.iter().any(|w| w.starts_with(shows)), "{name}: {to} instead of {from} goes unseen: {wrong:?}");
    }
}
