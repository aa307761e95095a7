//! Sheets of workbooks, made by a library and by hand.

use super::extract::{Collected, folder, load, plan};
use super::extract_formats::packed::{gz, zipped};
use super::extract_formats::{DOCUMENTS, load_with, places, plan_error, profile};
use cartera::extract;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

const TYPES: &str =
    r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const TEXTS: &str = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="5" uniqueCount="5"><si><t>Folio</t></si><si><t>Cliente</t></si><si><t>Fecha</t></si><si><r><rPr/><t>Imp</t></r><r><t xml:space="preserve">orte </t></r><rPh><t>x</t></rPh></si><si><t>Pe&#241;a &amp; C&#xED;a_x0041_</t></si></sst>"#;
pub const HEADER: &str =
    r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>"#;

/// A workbook of one sheet from the XML of its rows.
pub fn book(settings: &str, rows: &str) -> Vec<u8> {
    let workbook = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{settings}<sheets><sheet name="Cartera" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    parts(&workbook, &sheet)
}

fn parts(workbook: &str, sheet: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", TEXTS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// A row of a document; the cells of date and amount are given.
fn row(n: u32, date: &str, amount: &str) -> String {
    format!(r#"<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="s"><v>4</v></c>{date}{amount}</row>"#)
}

fn documents(read: &str) -> String {
    profile(read, "documents", "*.xlsx", DOCUMENTS)
}

const COLUMNS: [&str; 4] = ["document_id", "customer_id", "document_date", "amount"];

#[test]
fn cells_are_read_exactly() {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = book.add_worksheet();
    for (c, title) in ["Folio", "Cliente", "Fecha", "Importe"].iter().enumerate() {
        sheet.write(0, c as u16, *title).unwrap();
    }
    let date = ExcelDateTime::from_ymd(2026, 1, 5).unwrap();
    let amounts = [1234.56, 0.1 + 0.2, -7.0, 99_999_999.99, 1234.567, 1e15];
    for (n, amount) in amounts.iter().enumerate() {
        let r = n as u32 + 1;
        sheet.write(r, 0, format!("00{r}")).unwrap();
        sheet.write(r, 1, 100_200).unwrap();
        sheet.write_with_format(r, 2, &date, &day).unwrap();
        sheet.write(r, 3, *amount).unwrap();
    }
    sheet.write(8, 0, "009").unwrap().write(8, 1, "C").unwrap().write(8, 2, "06/01/2026").unwrap().write(8, 3, "1.234,50").unwrap();
    sheet.write(9, 0, "010").unwrap().write(9, 1, "C").unwrap().write(9, 2, 46_027).unwrap().write(9, 3, 1).unwrap();
    sheet
        .write(10, 0, "011")
        .unwrap()
        .write(10, 1, "C")
        .unwrap()
        .write_with_format(10, 2, 46_027.75, &day)
        .unwrap()
        .write(10, 3, 1)
        .unwrap();
    sheet.write(11, 0, "012").unwrap().write(11, 1, true).unwrap().write_with_format(11, 2, &date, &day).unwrap();
    sheet.write_formula(11, 3, Formula::new("SUM(D2)").set_result("5.25")).unwrap();
    sheet.set_row_hidden(11).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    // Texts in cells follow the declared format; typed cells need none.
    let got = load_with(&documents("date='%d/%m/%Y'\ndecimal=','\nthousands='.'"), &[("cartera.xlsx", &bytes)]);
    assert_eq!(
        got.show("documents", &COLUMNS),
        [
            "001|100200|2026-01-05|1234.56",
            "002|100200|2026-01-05|0.30",
            "003|100200|2026-01-05|-7.00",
            "004|100200|2026-01-05|99999999.99",
            "009|C|2026-01-06|1234.50",
            "012|true|2026-01-05|5.25",
        ]
    );
    assert_eq!(
        places(&got),
        [(6, Some(4), "amount_decimals"), (7, Some(4), "cell_broken"), (10, Some(3), "date_invalid"), (11, Some(3), "date_invalid"),]
    );
    assert!(got.rejects[1].reason.contains("15 digits"));
}

#[test]
fn the_calendar_from_1904() {
    let rows = format!("{HEADER}{}{}", row(2, r#"<c r="C2" s="1"><v>44565</v></c>"#, r#"<c r="D2"><v>1</v></c>"#), "");
    for (settings, want) in
        [("", "2022-01-04"), (r#"<workbookPr date1904="1"/>"#, "2026-01-05"), (r#"<workbookPr date1904="true"/>"#, "2026-01-05")]
    {
        let got = load_with(&documents(""), &[("a.xlsx", &book(settings, &rows))]);
        assert_eq!(got.show("documents", &COLUMNS), [format!("2|Peña & CíaA|{want}|1.00")]);
    }
}

#[test]
fn cells_without_a_value_are_set_aside() {
    let date = |n: u32| format!(r#"<c r="C{n}" s="1"><v>46027</v></c>"#);
    let rows = [
        HEADER.to_string(),
        row(2, &date(2), r#"<c r="D2" t="e"><v>#N/A</v></c>"#),
        row(3, &date(3), r#"<c r="D3"><f>D2*2</f></c>"#),
        row(4, &date(4), r#"<c r="D4"><f>D2*2</f><v></v></c>"#),
        row(5, &date(5), r#"<c r="D5"><f>1+1</f><v>2</v></c>"#),
        row(6, r#"<c r="C6" s="1"><v>60</v></c>"#, r#"<c r="D6"><v>1</v></c>"#),
        row(7, r#"<c r="C7" t="d"><v>2026-01-07T00:00:00</v></c>"#, r#"<c r="D7" t="str"><f>"3"</f><v>3.10</v></c>"#),
        row(8, r#"<c r="C8" t="inlineStr"><is><t>2026-01-</t><phoneticPr/></is></c>"#, r#"<c r="D8"><v>1</v></c>"#),
        row(9, r#"<c r="C9" t="inlineStr"><is><r><t>2026-</t></r><r><t>01-09</t></r></is></c>"#, r#"<c r="D9"><v>1E1</v></c>"#),
        row(12, &date(12), r#"<c r="E12"><v>1</v></c>"#),
        r#"<row r="13"/><row r="14"><c r="A14" s="1"/></row>"#.to_string(),
    ]
    .concat();
    let got = load_with(&documents(""), &[("a.xlsx", &book("", &rows))]);
    assert_eq!(
        got.show("documents", &["document_id", "document_date", "amount"]),
        ["5|2026-01-05|2.00", "7|2026-01-07|3.10", "9|2026-01-09|10.00"]
    );
    assert_eq!(
        places(&got),
        [
            (2, Some(4), "cell_broken"),
            (3, Some(4), "cell_broken"),
            (4, Some(4), "cell_broken"),
            (6, Some(3), "cell_broken"),
            (8, Some(3), "date_invalid"),
            (12, Some(4), "value_missing"),
        ]
    );
    assert_eq!(got.rejects[0].excerpt.as_deref(), Some("#N/A"));
    assert!(got.rejects[1].reason.contains("never calculated"));
}

#[test]
fn ids_that_lost_their_digits_are_set_aside() {
    let rows = format!(
        "{HEADER}{}",
        r#"<row r="2"><c r="A2"><v>1.2345678901234568E+19</v></c><c r="B2"><v>7</v></c><c r="C2" s="1"><v>46027</v></c><c r="D2"><v>1</v></c></row>"#
    );
    let got = load_with(&documents(""), &[("a.xlsx", &book("", &rows))]);
    assert_eq!(places(&got), [(2, Some(1), "cell_broken")]);
}

#[test]
fn sheets_are_chosen_by_name_number_or_header() {
    let mut book = Workbook::new();
    for (name, id) in [("Portada", ""), ("Ventas 2025", "A1"), ("Ventas 2026", "A2")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        if id.is_empty() {
            sheet.write(0, 0, "Reporte").unwrap();
            continue;
        }
        for (c, title) in ["Folio", "Cliente", "Fecha", "Importe"].iter().enumerate() {
            sheet.write(0, c as u16, *title).unwrap();
        }
        sheet.write(1, 0, id).unwrap().write(1, 1, "C").unwrap().write(1, 2, "2026-01-05").unwrap().write(1, 3, 1).unwrap();
        sheet.write(2, 0, id).unwrap().write(2, 1, "C").unwrap().write(2, 2, "2026-01-05").unwrap().write(2, 3, "x").unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    for (read, want) in
        [("", &["A1", "A2"][..]), ("sheet='Ventas 2026'", &["A2"]), ("sheet='ventas*'", &["A1", "A2"]), ("sheet=2", &["A1"])]
    {
        let got = load_with(&documents(read), &[("libro.xlsx", &bytes)]);
        assert_eq!(got.show("documents", &["document_id"]), want, "{read}");
        assert_eq!(places(&got).len(), want.len());
    }
    let dir = folder(&[("libro.xlsx", &bytes), ("p.toml", documents("").as_bytes()), ("extract.toml", b"profile='p.toml'")]);
    let planned = plan(dir.path(), None).unwrap();
    let names: Vec<&str> = planned.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["profile p", "libro.xlsx!Ventas 2025", "libro.xlsx!Ventas 2026"]);
    assert_eq!(planned.unmatched, ["libro.xlsx!Portada", "p.toml"]);
    let reject = &load(dir.path(), None).rejects[1];
    assert_eq!((reject.source, reject.line, reject.column_no, reject.column_name.as_deref()), (2, 3, Some(4), Some("Importe")));
    let error = plan_error(&documents("sheet='Cobranza'"), &[("libro.xlsx", &bytes)]);
    assert!(error.contains("Portada, Ventas 2025, Ventas 2026"), "{error}");
    let error = plan_error(&documents("sheet=1"), &[("libro.xlsx", &bytes)]);
    assert!(error.contains("libro.xlsx!Portada") && error.contains("Folio"), "{error}");
    let error = plan_error(&documents("sheet=4"), &[("libro.xlsx", &bytes)]);
    assert!(error.contains("no sheet that `sheet` asks for"), "{error}");
}

#[test]
fn a_sheet_printed_as_a_list() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let center = Format::new();
    sheet.write(0, 0, "Cartera al 31/10/2026").unwrap();
    sheet.merge_range(2, 1, 2, 2, "Documento", &center).unwrap();
    sheet.merge_range(2, 3, 3, 3, "Cliente", &center).unwrap();
    sheet.merge_range(2, 4, 2, 5, "Importe", &center).unwrap();
    for (c, title) in [(1, "Serie"), (2, "Folio"), (4, "MXN"), (5, "USD")] {
        sheet.write(3, c, title).unwrap();
    }
    sheet.write(4, 1, "A").unwrap().write(4, 2, 1).unwrap().write(4, 3, "C1").unwrap().write(4, 4, 10.5).unwrap();
    sheet.write(5, 1, "Total").unwrap().write(5, 4, 10.5).unwrap();
    sheet.write(6, 1, "A").unwrap().write(6, 2, 2).unwrap().write(6, 3, "C1").unwrap().write(6, 4, "diez").unwrap();
    sheet.write(8, 0, "Notas").unwrap();
    sheet.write(9, 1, "no es dato").unwrap();
    let columns = "company_id={ constant='MX01' }\ndocument_id={ join=['Documento Serie','Documento Folio'] }\n\
        document_kind={ constant='adjustment' }\ncustomer_id='Cliente'\ndocument_date={ constant='2026-10-01' }\n\
        currency={ constant='MXN' }\namount='Importe MXN'";
    let read = "header_at={ contains=['Documento','Cliente'] }\nheader_rows=2\nskip_rows_starting=['Total']\nend_rows_starting=['Notas']";
    let bytes = book.save_to_buffer().unwrap();
    let got = load_with(&profile(read, "documents", "*.xlsx", columns), &[("a.xlsx", &bytes)]);
    assert_eq!(got.show("documents", &["document_id", "amount"]), ["A-1|10.50"]);
    // The column of a place is that of the sheet: E.
    assert_eq!(places(&got), [(7, Some(5), "amount_invalid")]);
    assert_eq!(got.summaries.last().unwrap().rows_skipped, 3);
}

#[test]
fn canonical_and_packed_workbooks() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "collector_id").unwrap().write(0, 1, "name").unwrap();
    sheet.write(1, 0, 17).unwrap().write(1, 1, "Ana").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    // Somebody has the workbook open: the mark of that is no extract.
    assert_eq!(load(folder(&[("collectors.xlsx", &bytes), ("~$collectors.xlsx", b"Ana")]).path(), None).rows.len(), 1);
    for (name, bytes) in
        [("collectors.xlsx", bytes.clone()), ("collectors.xlsx.gz", gz(&bytes)), ("a.zip", zipped(&[("collectors.xlsx", &bytes)]))]
    {
        let got = load(folder(&[(name, &bytes)]).path(), None);
        assert_eq!(got.show("collectors", &["collector_id", "name"]), ["17|Ana"], "{name}");
    }
}

#[test]
fn what_is_no_workbook_says_what_to_do() {
    let whole = book("", &format!("{HEADER}{}", row(2, "", "")));
    let plain = documents("");
    for (bytes, words) in [
        (b"Folio,Cliente\n".to_vec(), &["a.xlsx", "no .xlsx workbook"][..]),
        (Vec::new(), &["a.xlsx", "no .xlsx workbook"]),
        (whole[..whole.len() / 2].to_vec(), &["a.xlsx", "cut short"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), &["password", "save it as .xlsx"]),
        (zipped(&[("xl/workbook.bin", b"")]), &[".xlsb", "save it as .xlsx or CSV"]),
        (zipped(&[("a.csv", b"")]), &["zip archive, but no workbook"]),
        (zipped(&[("_rels/.rels", b"<a><b></a>")]), &["_rels/.rels is damaged"]),
        (zipped(&[("_rels/.rels", RELS.as_bytes())]), &["no part xl/"]),
        (book("", ""), &["empty"]),
        (book("", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99</v></c></row>"), &["sheet1.xml is damaged", "does not have"]),
        (book("", "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"/>"), &["Folio"]),
    ] {
        let error = plan_error(&plain, &[("a.xlsx", &bytes)]);
        for word in words {
            assert!(error.contains(word), "`{word}` is not in: {error}");
        }
    }
    for name in ["a.xls", "a.xlsb", "a.ods"] {
        let error = plan_error(&profile("", "documents", "a.*", DOCUMENTS), &[(name, b"\xd0\xcf\x11\xe0")]);
        assert!(error.contains("are not read") && error.contains("save it as .xlsx or CSV"), "{error}");
    }
}

/// A sheet whose XML is damaged behind the header loads nothing.
#[test]
fn damage_within_a_sheet_stops_the_load() {
    let good = row(2, r#"<c r="C2" s="1"><v>46027</v></c>"#, r#"<c r="D2"><v>1</v></c>"#);
    for (rows, word) in [
        (format!("{HEADER}{good}<row r=\"2\"/>"), "rows are not in order"),
        (format!("{HEADER}{good}<row r=\"9999999\"/>"), "rows are not in order"),
        (format!("{HEADER}{good}<row r=\"3\"><c r=\"ZZZZ3\"><v>1</v></c></row>"), "no place"),
        (format!("{HEADER}{good}<row r=\"3\"><c r=\"A3\" t=\"s\"><v>x</v></c></row>"), "does not have"),
        (format!("{HEADER}{good}<row r=\"3\"><c r=\"A3\"><v>1</v></row>"), "damaged"),
        (format!("{HEADER}{good}<row r=\"3\"><c r=\"A3\"><v>1&#xZZ;</v></c>"), "damaged"),
    ] {
        let dir = folder(&[("a.xlsx", &book("", &rows)), ("p.toml", documents("").as_bytes())]);
        let planned = plan(dir.path(), dir.path().join("p.toml").to_str()).unwrap();
        let error = extract::read(&planned, &mut Collected::default()).expect_err(&rows).to_string();
        assert!(error.contains(word) && error.contains("a.xlsx!Cartera"), "`{word}` is not in: {error}");
    }
    let open = format!("<worksheet xmlns=\"x\"><sheetData>{HEADER}{good}");
    let workbook = r#"<workbook xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>"#;
    let dir = folder(&[("a.xlsx", &parts(workbook, &open)), ("p.toml", documents("").as_bytes())]);
    let planned = plan(dir.path(), dir.path().join("p.toml").to_str()).unwrap();
    assert!(extract::read(&planned, &mut Collected::default()).unwrap_err().to_string().contains("ends before its rows do"));
}

/// A workbook with any bits flipped ends in an error or in rows, never in a panic.
#[test]
fn flipped_bits_do_no_harm() {
    let rows: String =
        (2..40).map(|n| row(n, &format!(r#"<c r="C{n}" s="1"><v>46027</v></c>"#), &format!(r#"<c r="D{n}"><v>{n}.5</v></c>"#))).collect();
    let whole = book("", &format!("{HEADER}{rows}"));
    for i in 0..400 {
        let mut bytes = whole.clone();
        let at = i * 7_919 % bytes.len();
        bytes[at] ^= 1 << (i % 8);
        let dir = folder(&[("a.xlsx", &bytes), ("p.toml", documents("").as_bytes())]);
        if let Ok(plan) = plan(dir.path(), dir.path().join("p.toml").to_str()) {
            let _ = extract::read(&plan, &mut Collected::default());
        }
    }
}
