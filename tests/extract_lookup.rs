//! Look-ups: what an export spreads over tables is joined while it is read.

use super::extract::{folder, plan};
use super::extract_formats::{load_with, places, plan_error};
use std::io::Write;

/// Lines without a day and a currency: both stand with their head, the currency's code in a third file.
const PROFILE: &str = "\
name='p'
description='d'
[[table]]
table='documents'
files=['lines*']
[table.read]
skip_when={ column='deleted', in=['T'] }
[table.columns]
company_id={ constant='MX01' }
document_id={ join=['head', 'line'], separator='/' }
document_kind={ constant='adjustment' }
customer_id='customer'
document_date='day'
currency='code'
amount='amount'
[[lookup]]
into=['lines*']
from=['heads*']
key={ head='id' }
columns={ day='trandate', currency_no='currency', deleted='deleted' }
[[lookup]]
into=['lines*']
from=['currencies*']
key={ currency_no='id' }
columns={ code='symbol' }
[lookup.read]
delimiter=';'
skip_when={ column='inactive', in=['T'] }
";
const LINES: &str = "head,line,customer,amount\n7,1,C1,10.00\n7,2,C2,20.00\n8,1,C1,30.00\n9,1,C1,40.00\n10,1,C1,50.00\n";
const HEADS: &str = "id,note,trandate,currency,deleted\n7,a,2026-10-01,1,F\n8,\"b, c\",2026-10-02,2,F\n9,d,2026-10-03,1,T\n";
const CURRENCIES: &str = "id;symbol;inactive\n1;MXN;F\n2;USD;F\n1;XXX;T\n";
const COLUMNS: [&str; 4] = ["document_id", "document_date", "currency", "amount"];

#[test]
fn columns_are_looked_up_also_by_a_looked_up_column() {
    let got =
        load_with(PROFILE, &[("lines.csv", LINES.as_bytes()), ("heads.csv", HEADS.as_bytes()), ("currencies.csv", CURRENCIES.as_bytes())]);
    assert_eq!(got.show("documents", &COLUMNS), ["7/1|2026-10-01|MXN|10.00", "7/2|2026-10-01|MXN|20.00", "8/1|2026-10-02|USD|30.00"]);
    // Head 9 is deleted, head 10 is not there: its line is set aside, not lost.
    assert_eq!(places(&got), [(6, Some(1), "value_missing")]);
    assert_eq!(got.rejects[0].column_name.as_deref(), Some("day"));
    // The profile, the lines, the heads, the currencies: rows read, and skipped.
    let mut counts: Vec<(u64, u64)> = got.summaries.iter().map(|s| (s.rows_read, s.rows_skipped)).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(0, 0), (2, 0), (3, 0), (4, 1)]);
}

#[test]
fn every_format_looks_up_every_other() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (column, name) in ["id", "note", "trandate", "currency", "deleted"].into_iter().enumerate() {
        sheet.write(0, column as u16, name).unwrap();
    }
    for (row, (id, date, currency, deleted)) in
        [(7, (2026, 10, 1), 1, "F"), (8, (2026, 10, 2), 2, "F"), (9, (2026, 10, 3), 1, "T")].into_iter().enumerate()
    {
        let row = row as u32 + 1;
        sheet.write(row, 0, id).unwrap();
        let date = rust_xlsxwriter::ExcelDateTime::from_ymd(date.0, date.1, date.2).unwrap();
        sheet.write_with_format(row, 2, &date, &day).unwrap();
        sheet.write(row, 3, currency).unwrap();
        sheet.write(row, 4, deleted).unwrap();
    }
    let workbook = book.save_to_buffer().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CURRENCIES.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let json: String = LINES
        .lines()
        .skip(1)
        .map(|line| {
            let [head, line, customer, amount] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
            format!("{{\"head\": {head}, \"line\": {line}, \"customer\": \"{customer}\", \"amount\": {amount}}}\n")
        })
        .collect();
    let got = load_with(PROFILE, &[("lines.jsonl", json.as_bytes()), ("heads.xlsx", &workbook), ("currencies.csv.gz", &gzip)]);
    assert_eq!(got.show("documents", &COLUMNS), ["7/1|2026-10-01|MXN|10.00", "7/2|2026-10-01|MXN|20.00", "8/1|2026-10-02|USD|30.00"]);
    assert_eq!(places(&got), [(5, Some(1), "value_missing")]);
}

#[test]
fn a_ragged_row_is_told_by_the_columns_of_its_own_file() {
    // One field too few, and so many too many that looked-up columns could hide them.
    let lines = "head,line,customer,amount\n7,1,C1\n7,2,C2,20.00,,,,\n8,1,C1,30.00\n";
    let got =
        load_with(PROFILE, &[("lines.csv", lines.as_bytes()), ("heads.csv", HEADS.as_bytes()), ("currencies.csv", CURRENCIES.as_bytes())]);
    assert_eq!(places(&got), [(2, Some(4), "row_ragged"), (3, Some(5), "row_ragged")]);
    assert_eq!(got.rejects[1].reason, "the row has 8 fields, the header has 4");
    assert_eq!(got.of("documents").len(), 1);
}

#[test]
fn what_cannot_be_looked_up_stops_the_load_before_a_row() {
    let (lines, currencies) = (("lines.csv", LINES.as_bytes()), ("currencies.csv", CURRENCIES.as_bytes()));
    let said = plan_error(PROFILE, &[lines, currencies]);
    assert!(said.contains("lines.csv takes currency_no, day, deleted from a file heads*, and there is none"), "{said}");
    let said = plan_error(PROFILE, &[lines, currencies, ("heads.csv", b"id,trandate,deleted\n")]);
    assert!(said.contains("heads.csv") && said.contains("the column currency is missing"), "{said}");
    let said = plan_error(PROFILE, &[("lines.csv", b"kopf,line,customer,amount\n"), currencies, ("heads.csv", HEADS.as_bytes())]);
    assert!(said.contains("the column head is missing, by which columns are looked up in heads*"), "{said}");
    let said = plan_error(PROFILE, &[("lines.csv", b"head,line,customer,amount,Day\n"), currencies, ("heads.csv", HEADS.as_bytes())]);
    assert!(said.contains("the looked-up column `day` has the name of a column of the file"), "{said}");
}

#[test]
fn a_key_with_two_meanings_stops_the_load() {
    let heads = format!("{HEADS}7,same in what is asked for,2026-10-01,1,F\n8,other,2026-10-09,2,F\n");
    let dir = folder(&[("lines.csv", LINES.as_bytes()), ("heads.csv", heads.as_bytes()), ("currencies.csv", CURRENCIES.as_bytes())]);
    std::fs::write(dir.path().join("p.toml"), PROFILE).unwrap();
    let plan = plan(dir.path(), dir.path().join("p.toml").to_str()).unwrap();
    let error = cartera::extract::read(&plan, &mut super::extract::Collected::default()).unwrap_err().to_string();
    assert!(error.contains("heads.csv") && error.contains("line 6: the key 8 stood on heads.csv:3 with other values"), "{error}");
}

#[test]
fn an_optional_look_up_without_its_file_is_empty() {
    let profile = PROFILE
        .replace(
            "currency='code'",
            "currency={ cases=[{ only_when={ column='code', not_empty=true }, column='code' }, { constant='EUR' }] }",
        )
        .replace("columns={ code='symbol' }", "columns={ code='symbol' }\noptional=true");
    let got = load_with(&profile, &[("lines.csv", LINES.as_bytes()), ("heads.csv", HEADS.as_bytes())]);
    assert_eq!(got.show("documents", &["currency"]), ["EUR"; 3]);
}
