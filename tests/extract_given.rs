//! Values that a load gives where the files name none: who gives them, who asks, and that they are part of what a load is.

use super::extract::{Collected, folder, load, plan};
use super::extract_formats::{load_with, places, profile};
use super::extract_sheets::book;
use cartera::error::{Error, Result};
use cartera::extract::{self, Given, Plan, Request};
use cartera::pipeline::{self, LoadRequest, Loaded, Now, Project};
use std::path::Path;
use tempfile::TempDir;

const COLUMNS: &str = "company_id={ given='company' }\ndocument_id='Folio'\ndocument_kind={ constant='adjustment' }\ncustomer_id='Cliente'\n\
    document_date='Fecha'\ncurrency={ column='Moneda', given='currency' }\namount='Importe'";
const OPTIONAL: &str = "optional_columns=['Moneda']";
const LIST: &[u8] = b"Folio,Cliente,Fecha,Importe\n1,C,2026-01-05,10.00\n2,C,2026-01-05,-4.00\n";

fn given(values: &[(&str, &str)]) -> Given {
    values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn plan_given(path: &Path, profile: Option<&str>, values: &[(&str, &str)]) -> Result<Plan> {
    extract::plan(path, &Request { profile, given: given(values), ..Request::default() })
}

fn rows_given(path: &Path, profile: Option<&str>, values: &[(&str, &str)]) -> Collected {
    let plan = plan_given(path, profile, values).unwrap_or_else(|e| panic!("{e}"));
    let mut collected = Collected::default();
    collected.summaries = extract::read(&plan, &mut collected).unwrap_or_else(|e| panic!("{e}"));
    collected
}

/// A folder with a profile `p.toml`, what `extract.toml` says beside naming it, and files.
fn extract_of(profile: &str, told: &str, files: &[(&str, &[u8])]) -> TempDir {
    let dir = folder(files);
    std::fs::write(dir.path().join("p.toml"), profile).unwrap();
    std::fs::write(dir.path().join("extract.toml"), format!("profile = 'p.toml'\n{told}")).unwrap();
    dir
}

fn assert_says(error: &Error, words: &[&str]) {
    assert!(error.is_usage(), "{error}");
    words.iter().for_each(|word| assert!(error.to_string().contains(word), "`{word}` is not in: {error}"));
}

#[test]
fn given_values_stand_where_no_column_names_them_and_the_command_line_wins() {
    let p = profile(OPTIONAL, "documents", "*.csv", COLUMNS);
    let dir = extract_of(&p, "[given]\ncompany = 1000\ncurrency = ' MXN '\n", &[("a.csv", LIST)]);
    let shown = ["company_id", "document_id", "currency", "amount"];
    assert_eq!(load(dir.path(), None).show("documents", &shown), ["1000|1|MXN|10.00", "1000|2|MXN|-4.00"]);
    let got = rows_given(dir.path(), None, &[("company", "MX01")]);
    assert_eq!(got.show("documents", &shown), ["MX01|1|MXN|10.00", "MX01|2|MXN|-4.00"]);
    let plan = plan_given(dir.path(), None, &[("company", "MX01")]).unwrap();
    assert_eq!(plan.profile.given, given(&[("company", "MX01"), ("currency", "MXN")]));
    assert_eq!(plan.sources[0].name, "profile p with company=MX01, currency=MXN");
}

#[test]
fn a_filled_cell_goes_before_a_given_value() {
    let list = b"Folio,Cliente,Fecha,Moneda,Importe\n1,C,2026-01-05,EUR,10.00\n2,C,2026-01-05,,7.00\n";
    let p = profile(OPTIONAL, "documents", "*.csv", COLUMNS);
    let dir = extract_of(&p, "[given]\ncompany = 'A'\ncurrency = 'USD'\n", &[("a.csv", list)]);
    assert_eq!(load(dir.path(), None).show("documents", &["document_id", "currency"]), ["1|EUR", "2|USD"]);
    // With the column there nothing is asked for; the row that needs it is set aside.
    let dir = extract_of(&p, "[given]\ncompany = 'A'\n", &[("a.csv", list)]);
    let got = load(dir.path(), None);
    assert_eq!(got.show("documents", &["document_id", "currency"]), ["1|EUR"]);
    assert_eq!(places(&got), [(3, Some(4), "value_missing")]);
    assert!(got.rejects[0].reason.contains("`currency` is not given"), "{}", got.rejects[0].reason);
}

#[test]
fn what_nobody_gives_is_asked_for_before_a_row_is_read() {
    let p = profile(OPTIONAL, "documents", "*.csv", COLUMNS);
    let dir = extract_of(&p, "", &[("a.csv", LIST)]);
    let error = plan(dir.path(), None).unwrap_err();
    assert_says(&error, &["profile p", "`company`", "`currency`", "[given]", "extract.toml", "--given company=…", "a.csv"]);
    let error = plan_given(dir.path(), None, &[("company", "A")]).unwrap_err();
    assert_says(&error, &["`currency`", "--given currency=…"]);
    assert!(!error.to_string().contains("company"), "{error}");
    let error = plan_given(dir.path(), None, &[("company", "A"), ("currncy", "MXN")]).unwrap_err();
    assert_says(&error, &["`currency`", "did you mean currency by `currncy`?"]);
    // In a file without a header no row has the column.
    let lines = b"{\"Folio\":\"1\",\"Cliente\":\"C\",\"Fecha\":\"2026-01-05\",\"Importe\":10.00}\n";
    let dir = extract_of(&p.replace("*.csv", "*.jsonl"), "[given]\ncompany = 'A'\n", &[("a.jsonl", lines)]);
    assert_says(&plan(dir.path(), None).unwrap_err(), &["`currency`", "a.jsonl"]);
    assert_eq!(rows_given(dir.path(), None, &[("currency", "MXN")]).show("documents", &["currency"]), ["MXN"]);
    // A sheet that lacks the column is not passed over for it.
    let cells = |n: u32, texts: &[&str]| {
        let cell = |(i, t): (usize, &&str)| format!(r#"<c r="{}{n}" t="str"><v>{t}</v></c>"#, (b'A' + i as u8) as char);
        format!(r#"<row r="{n}">{}</row>"#, texts.iter().enumerate().map(cell).collect::<String>())
    };
    let rows = [cells(1, &["Folio", "Cliente", "Fecha", "Importe"]), cells(2, &["1", "C", "2026-01-05", "10.00"])].concat();
    let book = book("", &rows);
    let dir = extract_of(&p.replace("*.csv", "*.xlsx"), "", &[("a.xlsx", &book)]);
    assert_says(&plan(dir.path(), None).unwrap_err(), &["`company` and `currency`", "a.xlsx!Cartera"]);
    assert_eq!(rows_given(dir.path(), None, &[("company", "A"), ("currency", "MXN")]).rows.len(), 1);
}

#[test]
fn maps_and_defaults_stand_behind_given_values() {
    let columns = COLUMNS
        .replace("{ given='company' }", "{ given='plant', map={ N='MX01', S='MX02' } }")
        .replace("{ column='Moneda', given='currency' }", "{ given='currency', constant='MXN' }");
    let p = profile("", "documents", "*.csv", &columns);
    let dir = extract_of(&p, "", &[("a.csv", LIST)]);
    let got = rows_given(dir.path(), None, &[("plant", "S")]);
    assert_eq!(got.show("documents", &["company_id", "currency"]), ["MX02|MXN", "MX02|MXN"]);
    let got = rows_given(dir.path(), None, &[("plant", "N"), ("currency", "USD")]);
    assert_eq!(got.show("documents", &["company_id", "currency"]), ["MX01|USD", "MX01|USD"]);
    assert_says(&plan_given(dir.path(), None, &[("plant", "X")]).unwrap_err(), &["`plant`", "does not map `X`", "N, S"]);
    let error = plan_given(dir.path(), None, &[("plant", "N"), ("currency", "usd")]).unwrap_err();
    assert_says(&error, &["`currency`", "did you mean USD", "--given currency=…"]);
}

#[test]
fn constant_rows_take_what_is_given() {
    let companies = "[[constant]]\ntable='companies'\nrows=[{ company_id={ given='company' }, name={ given='name', constant='One' }, \
        country='MX', functional_currency={ given='books' } }]\n";
    let p = format!("{}{companies}", profile("", "documents", "*.csv", &COLUMNS.replace("column='Moneda', ", "")));
    let dir = extract_of(&p, "[given]\ncompany = 'A'\ncurrency = 'USD'\n", &[("a.csv", LIST)]);
    assert_says(&plan(dir.path(), None).unwrap_err(), &["`books`", "--given books=…"]);
    let got = rows_given(dir.path(), None, &[("books", "MXN")]);
    assert_eq!(got.show("companies", &["company_id", "name", "functional_currency"]), ["A|One|MXN"]);
    // Rows for a company that may be loaded otherwise wait for the value that tells.
    let p = p.replace("table='companies'", "table='companies'\nwhen_given=true");
    let dir = extract_of(&p, "[given]\ncompany = 'A'\ncurrency = 'USD'\n", &[("a.csv", LIST)]);
    let got = load(dir.path(), None);
    assert_eq!((got.of("companies").len(), got.of("documents").len()), (0, 2));
    assert_eq!(rows_given(dir.path(), None, &[("books", "MXN"), ("name", "Two")]).show("companies", &["name"]), ["Two"]);
}

#[test]
fn what_no_profile_asks_for_is_refused_with_the_nearest_name() {
    let p = profile(OPTIONAL, "documents", "*.csv", COLUMNS);
    let dir = extract_of(&p, "[given]\ncompny = 'A'\n", &[("a.csv", LIST)]);
    assert_says(&plan(dir.path(), None).unwrap_err(), &["`compny`", "profile p", "did you mean company?", "extract.toml"]);
    for (told, words) in [("company = ''", "not a text"), ("company = 1.5", "not a text"), ("company = ['A']", "not a text")] {
        let dir = extract_of(&p, &format!("[given]\n{told}\n"), &[("a.csv", LIST)]);
        assert_says(&plan(dir.path(), None).unwrap_err(), &["company", words]);
    }
    // Of several folders of one load each takes what it asks for; what none asks for is refused.
    let root = tempfile::tempdir().unwrap();
    let project = project(root.path());
    for (name, profile, text) in [
        ("0", "canonical", "company_id,name,country,functional_currency\nA,Uno,MX,MXN\n"),
        ("1", "quickbooks_online", "id,display_name,fully_qualified_name\n1,Uno,Uno\n"),
    ] {
        let folder = root.path().join("in").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("extract.toml"), format!("profile = '{profile}'\nday = 2026-01-31\n")).unwrap();
        std::fs::write(folder.join(if name == "0" { "companies.csv" } else { "customers.csv" }), text).unwrap();
    }
    let request =
        |values: &[(&str, &str)]| LoadRequest { paths: vec![root.path().join("in")], given: given(values), ..LoadRequest::default() };
    let error = pipeline::load(&project, &request(&[("company", "A"), ("currncy", "MXN")]), &now(), &mut |_, _, _| {}).unwrap_err();
    assert_says(&error, &["`currncy`", "any of the profiles canonical, quickbooks_online", "did you mean currency?"]);
    let done = pipeline::load(&project, &request(&[("company", "A")]), &now(), &mut |_, _, _| {}).unwrap();
    assert!(matches!(done, Loaded::Done { outcome, .. } if outcome.rejects == 0 && outcome.load_id == Some(1)));
}

fn project(folder: &Path) -> Project {
    std::fs::write(folder.join("cartera.toml"), "[group]\nname = 'G'\ncurrency = 'MXN'\n").unwrap();
    Project::open(Some(folder)).unwrap()
}

fn now() -> Now {
    Now { today: "2026-12-31".parse().unwrap(), instant: "2026-12-31T12:00:00Z".to_string() }
}

#[test]
fn the_same_bytes_for_another_company_are_another_load() {
    let root = tempfile::tempdir().unwrap();
    let project = project(root.path());
    let list = "Cliente,Nombre,Documento,Fecha,Vencimiento,Moneda,Saldo\n1,Uno,F1,05/01/2026,04/02/2026,MXN,100.00\n";
    let dir = folder(&[("saldos.csv", list.as_bytes()), ("extract.toml", b"profile = 'antiguedad_de_saldos'\nday = 2026-01-31\n")]);
    let load = |values: &[(&str, &str)]| {
        let request = LoadRequest { paths: vec![dir.path().to_path_buf()], given: given(values), ..LoadRequest::default() };
        match pipeline::load(&project, &request, &now(), &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{e}")) {
            Loaded::Already(load) => format!("already {load}"),
            Loaded::Done { outcome, .. } => format!("load {:?}, {} set aside", outcome.load_id, outcome.rejects),
        }
    };
    let one: &[(&str, &str)] = &[("company", "MX01"), ("currency", "MXN")];
    assert_eq!(load(one), "load Some(1), 0 set aside");
    assert_eq!(load(one), "already 1");
    assert_eq!(load(&[("company", "MX02"), ("currency", "MXN")]), "load Some(2), 0 set aside");
    assert_eq!(load(&[("company", "MX02"), ("currency", "MXN")]), "already 2");
    // Without its currency the company is not stated; it is known by now.
    assert_eq!(load(&[("company", "MX02")]), "load None, 0 set aside");
    assert_eq!(load(&[("company", "MX03")]), "load Some(3), 2 set aside", "customer and item of a company nobody knows");
}

#[test]
fn shipped_profiles_ask_for_what_the_files_do_not_name() {
    for (name, file, text, asks) in [
        ("aging_list", "aging.csv", "Customer No.,Document No.,Document Date,Due Date,Currency,Open Amount\n", "`company`"),
        ("antiguedad_de_saldos", "saldos.csv", "Cliente,Documento,Fecha,Vencimiento,Moneda,Saldo\n", "`company`"),
        ("quickbooks_online", "customers.csv", "id,display_name,fully_qualified_name\n", "`company`"),
        ("business_central", "customers.csv", "No.,Name,Credit Limit (LCY)\n", "`company` and `currency`"),
        ("business_central", "customers.csv", "No.,Name,LCY Code\n", "`company`"),
        ("xero_invoices", "invoices.csv", XERO, "`company`"),
        ("sage_intacct", "aradvance.csv", "RECORDNO,STATE,CUSTOMERID,WHENCREATED,CURRENCY\n", "`company`"),
    ] {
        let dir = folder(&[(file, text.as_bytes())]);
        let error = plan(dir.path(), Some(name)).unwrap_err();
        assert_says(&error, &[format!("profile {name} asks for {asks}, which").as_str(), file, "it can take country"]);
    }
    // Where the files name them, nothing is asked for.
    let bc = "No.,Name,Company,LCY Code,Credit Limit (LCY)\n1,Uno,A,USD,5\n2,Dos,,USD,\n";
    let got = load(folder(&[("customers.csv", bc.as_bytes())]).path(), Some("business_central"));
    assert_eq!(got.show("customers", &["company_id", "credit_limit", "credit_currency"]), ["A|5.00|USD"]);
    assert_eq!(places(&got), [(3, Some(3), "value_missing")]);
    assert!(got.of("companies").is_empty());
    let list = "Company,Customer No.,Document No.,Document Date,Due Date,Currency,Open Amount\nN,1,F1,2026-01-05,,USD,7.00\n,1,F2,2026-01-05,,USD,8.00\n";
    let dir = folder(&[("aging.csv", list.as_bytes())]);
    let got = load(dir.path(), Some("aging_list"));
    assert_eq!((got.of("documents").len(), got.rejects.len()), (1, 2));
    let got = rows_given(dir.path(), Some("aging_list"), &[("company", "S"), ("currency", "GBP"), ("country", "GB")]);
    assert_eq!(got.show("documents", &["company_id", "document_id"]), ["N|F1", "S|F2"]);
    assert_eq!(got.show("companies", &["company_id", "country", "functional_currency"]), ["S|GB|GBP"]);
}

#[test]
fn rows_of_every_company_are_rows_of_the_given_one() {
    let dir = folder(&[("customer.csv", b"CUSTOMERID,NAME\nC1,Uno\n"), ("locationentity.csv", b"LOCATIONID,NAME,CURRENCY\nE1,Ent,USD\n")]);
    let customers = |values: &[(&str, &str)]| rows_given(dir.path(), Some("sage_intacct"), values).show("customers", &["company_id"]);
    assert_eq!(customers(&[]), ["E1"]);
    assert_eq!(customers(&[("company", "TOP")]), ["E1", "TOP"], "it may be loaded already");
    assert_eq!(customers(&[("company", "TOP"), ("currency", "USD")]), ["E1", "TOP"]);
}

const XERO: &str = "ContactName,InvoiceNumber,InvoiceDate,DueDate,InvoiceAmountDue,Currency,Type,Status\n";

#[test]
fn rules_for_given_values_are_checked() {
    let table = |columns: &str| profile("", "collectors", "*.csv", columns);
    let constant = |row: &str| format!("{}[[constant]]\ntable='collectors'\nrows=[{row}]\n", table("collector_id='A'\nname='B'"));
    for (text, word) in [
        (table("collector_id='A'\nname={ given='' }"), "is not a name"),
        (table("collector_id='A'\nname={ given='a b' }"), "is not a name"),
        (table("collector_id='A'\nname={ given='a', join=['B'] }"), "one source"),
        (table("collector_id='A'\nname={ column='B', constant='C' }"), "one source"),
        (constant("{ collector_id='1', name={ column='B' } }"), "{ given ="),
        (constant("{ collector_id='1', name={ column='B', given='n' } }"), "{ given ="),
        (constant("{ collector_id={ given='id' } }"), "no name"),
        (constant("{ collector_id={ given='id', constant='' }, name='B' }"), "no collector_id"),
        (constant("{ collector_id={ givn='id' }, name='B' }"), "givn"),
    ] {
        let error = extract::Profile::parse(&text, "p.toml").expect_err(&text);
        assert!(error.is_usage() && error.to_string().contains(word), "`{word}` is not in: {error}");
    }
    let asks = extract::Profile::parse(&constant("{ collector_id={ given='id' }, name={ given='who', constant='B' } }"), "p").unwrap();
    assert_eq!(asks.asks(), ["id", "who"]);
}

#[test]
fn a_proposed_profile_asks_for_its_company() {
    let list = b"Folio,Tipo,Cliente,Fecha,Moneda,Total\n1,Factura,C,2026-01-31,MXN,1.50\n";
    let dir = folder(&[("a.csv", list)]);
    let found = extract::suggest::suggest(&dir.path().join("a.csv"), None).unwrap();
    assert_eq!(found.questions, [] as [&str; 0], "{}", found.toml);
    assert!(found.toml.contains("company_id = { given = \"company\" }  # "), "{}", found.toml);
    let dir = extract_of(&found.toml, "[given]\ncompany = 'MX01'\n", &[("a.csv", list)]);
    assert_eq!(load(dir.path(), None).show("documents", &["company_id", "amount"]), ["MX01|1.50"]);
    // A column that is called nearly so is asked about; so is a currency.
    let found = |from: &str, to: &str| {
        let text = String::from_utf8_lossy(list).replace(from, to);
        let dir = folder(&[("a.csv", text.as_bytes())]);
        extract::suggest::suggest(&dir.path().join("a.csv"), None).unwrap()
    };
    let near = found("Folio", "Compania1,Folio").toml;
    assert!(near.contains("Perhaps Compania1?") && near.contains("# company_id = { given = \"company\" }"), "{near}");
    let currency = found("Moneda", "Caja").toml;
    assert!(currency.contains("# currency = { given = \"currency\" }  # QUESTION"), "{currency}");
    let got = load_with(&found("Folio", "Folio").toml.replace("{ given = \"company\" }", "{ constant = \"A\" }"), &[("a.csv", list)]);
    assert_eq!(got.rows.len(), 1);
}
