//! Formats of extracts: lists as ERPs print them, JSON, gzip and zip.

use super::extract::{Collected, folder, load, plan};
use cartera::extract::{self, SourceSummary};
use std::io::Write;

/// A profile of one table read from `files`.
pub fn profile(read: &str, table: &str, files: &str, columns: &str) -> String {
    format!("name='p'\ndescription='d'\n[read]\n{read}\n[[table]]\ntable='{table}'\nfiles=['{files}']\n[table.columns]\n{columns}\n")
}

/// The documents of a list, by columns that most tests share.
pub const DOCUMENTS: &str = "company_id={ constant='MX01' }\ndocument_id='Folio'\ndocument_kind={ constant='adjustment' }\ncustomer_id='Cliente'\n\
    document_date='Fecha'\ncurrency={ constant='MXN' }\namount='Importe'";

pub fn load_with(profile: &str, files: &[(&str, &[u8])]) -> Collected {
    let dir = folder(files);
    std::fs::write(dir.path().join("p.toml"), profile).unwrap();
    load(dir.path(), dir.path().join("p.toml").to_str())
}

pub fn plan_error(profile: &str, files: &[(&str, &[u8])]) -> String {
    let dir = folder(files);
    std::fs::write(dir.path().join("p.toml"), profile).unwrap();
    match plan(dir.path(), dir.path().join("p.toml").to_str()) {
        Ok(_) => panic!("the plan should fail"),
        Err(e) => e.to_string(),
    }
}

pub fn places(got: &Collected) -> Vec<(u64, Option<u32>, &str)> {
    got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect()
}

const COLUMNS: [&str; 4] = ["document_id", "customer_id", "document_date", "amount"];

#[test]
fn a_list_as_it_is_printed() {
    let list = "\
REPORTE DE CARTERA;;;;\r
Al 31/10/2026;;;;\r
\r
Folio;Cliente;Nombre;Fecha;Importe\r
A1;C1;Uno;05/10/2026;1.234,56\r
A2;C1;Uno;06/10/2026;1.234,56-\r
Subtotal C1;;;;0,00\r
Página 2\r
Folio;Cliente;Nombre;Fecha;Importe\r
A3;C2;\"Dos; y \"\"medio\"\"\";07/10/2026;12,5\r
A4;C2;Dos;31/02/2026;7,00\r
A5;C2;Dos;08/10/2026;7.00\r
Total general;;;;12,50\r
Notas: cifras en pesos\r
Este renglón; no; es; dato; alguno; más\r
\"ni este\r
";
    let read = "delimiter=';'\nencoding='windows-1252'\ndate='%d/%m/%Y'\ndecimal=','\nthousands='.'\nnegative='trailing'\n\
        header_at={ contains=['Folio', 'importe'] }\nskip_rows_starting=['Subtotal', 'Total', 'Página']\nend_rows_starting=['Notas:']";
    let (bytes, _, unmapped) = encoding_rs::WINDOWS_1252.encode(list);
    assert!(!unmapped);
    let got = load_with(&profile(read, "documents", "*.txt", DOCUMENTS), &[("cartera.txt", &bytes)]);
    assert_eq!(got.show("documents", &COLUMNS), ["A1|C1|2026-10-05|1234.56", "A2|C1|2026-10-06|-1234.56", "A3|C2|2026-10-07|12.50"]);
    assert_eq!(places(&got), [(11, Some(4), "date_invalid"), (12, Some(5), "amount_invalid")]);
    assert_eq!(got.summaries.last(), Some(&SourceSummary { rows_read: 5, rows_skipped: 7 }));
}

#[test]
fn a_header_of_two_rows_repeats_with_its_page() {
    let list = "\
Documento,,Cliente,Importe,
Serie,Folio,,MXN,USD
A,1,C1,10.00,
Documento,,Cliente,Importe,
Serie,Folio,,MXN,USD
A,2,C1,20.00,
";
    let columns = "company_id={ constant='MX01' }\ndocument_id={ join=['Documento Serie','Documento Folio'] }\n\
        document_kind={ constant='adjustment' }\ncustomer_id='Cliente'\ndocument_date={ constant='2026-10-01' }\n\
        currency={ constant='MXN' }\namount='Importe MXN'";
    let got = load_with(&profile("header_rows=2", "documents", "*.csv", columns), &[("a.csv", list.as_bytes())]);
    assert_eq!(got.show("documents", &["document_id", "amount"]), ["A-1|10.00", "A-2|20.00"]);
    assert_eq!(got.summaries.last(), Some(&SourceSummary { rows_read: 2, rows_skipped: 2 }));
    assert_eq!(got.rows.iter().map(|r| r.origin.line).collect::<Vec<_>>(), [3, 6]);
}

#[test]
fn amounts_with_their_marks() {
    let read = "thousands=','\nnegative='parentheses'\namount_marks=['$', 'MXN', 'USD', '€']\ncredit_marks=['CR']\ndebit_marks=['DR']";
    let list = "\
Folio,Cliente,Fecha,Importe
1,C,2026-01-05,\"$1,234.50\"
2,C,2026-01-05,\"($1,234.50)\"
3,C,2026-01-05,\"MXN 1,234.50 CR\"
4,C,2026-01-05,\"1,234.50 DR\"
5,C,2026-01-05,$ -7.00 MXN
6,C,2026-01-05,USD 7.00
7,C,2026-01-05,£7.00
8,C,2026-01-05,-7.00 CR
";
    let got = load_with(&profile(read, "documents", "*.csv", DOCUMENTS), &[("a.csv", list.as_bytes())]);
    assert_eq!(got.show("documents", &["document_id", "amount"]), ["1|1234.50", "2|-1234.50", "3|-1234.50", "4|1234.50", "5|-7.00"]);
    assert_eq!(places(&got), [(7, Some(4), "amount_invalid"), (8, Some(4), "amount_invalid"), (9, Some(4), "amount_invalid")]);
    assert!(got.rejects[0].reason.contains("names USD, but the row is in MXN"), "{}", got.rejects[0].reason);
}

#[test]
fn spaces_and_apostrophes_between_thousands() {
    for (mark, amount) in [("' '", "1 234 567,89"), ("' '", "1\u{a0}234\u{a0}567,89"), ("\"'\"", "1'234'567,89"), ("'’'", "1’234’567,89")]
    {
        let read = format!("delimiter=';'\ndecimal=','\nthousands={mark}");
        let list = format!("Folio;Cliente;Fecha;Importe\n1;C;2026-01-05;{amount}\n");
        let got = load_with(&profile(&read, "documents", "*.csv", DOCUMENTS), &[("a.csv", list.as_bytes())]);
        assert_eq!(got.show("documents", &["amount"]), ["1234567.89"], "{amount}");
    }
}

#[test]
fn debit_and_credit_in_columns_of_their_own() {
    let columns = DOCUMENTS.replace("amount='Importe'", "amount={ debit='Cargo', credit='Abono' }");
    let list = "Folio|Cliente|Fecha|Cargo|Abono\n1|C|2026-01-05|10.00|\n2|C|2026-01-05||4.00\n3|C|2026-01-05|10.00|4.00\n4|C|2026-01-05|x|\n5|C|2026-01-05||y\n6|C|2026-01-05||\n";
    let got = load_with(&profile("delimiter='|'", "documents", "*.csv", &columns), &[("a.csv", list.as_bytes())]);
    assert_eq!(got.show("documents", &["document_id", "amount"]), ["1|10.00", "2|-4.00", "3|6.00"]);
    assert_eq!(places(&got), [(5, Some(4), "amount_invalid"), (6, Some(5), "amount_invalid"), (7, Some(4), "value_missing")]);
}

#[test]
fn days_by_several_formats() {
    let list = "Folio,Cliente,Fecha,Importe\n1,C,31/01/2026,1.00\n2,C,2026-02-01,2.00\n3,C,05/06/2026,3.00\n4,C,06/06/2026,4.00\n5,C,31.01.2026,5.00\n";
    let read = "date=['%d/%m/%Y', '%m/%d/%Y', '%Y-%m-%d']";
    let got = load_with(&profile(read, "documents", "*.csv", DOCUMENTS), &[("a.csv", list.as_bytes())]);
    assert_eq!(got.show("documents", &["document_id", "document_date"]), ["1|2026-01-31", "2|2026-02-01", "4|2026-06-06"]);
    assert_eq!(places(&got), [(4, Some(3), "date_invalid"), (6, Some(3), "date_invalid")]);
    assert!(got.rejects[0].reason.contains("2026-06-05 as %d/%m/%Y and 2026-05-06 as %m/%d/%Y"), "{}", got.rejects[0].reason);
    for (read, word) in [("date=[]", "empty list"), ("date=['%d/%m']", "does not tell"), ("date=3", "date")] {
        let error = plan_error(&profile(read, "documents", "*.csv", DOCUMENTS), &[("a.csv", list.as_bytes())]);
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn one_list_in_five_encodings() {
    let list = "Folio\tCliente\tFecha\tImporte\r\nÑ1\tPeña\t2026-01-05\t1.00\r\n";
    let wide = |le: bool| list.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect::<Vec<u8>>();
    let narrow = encoding_rs::WINDOWS_1252.encode(list).0.into_owned();
    for (encoding, bytes) in [
        ("utf-8", list.as_bytes().to_vec()),
        ("utf-8", format!("\u{feff}{list}").into_bytes()),
        ("windows-1252", narrow.clone()),
        ("iso-8859-1", narrow),
        ("utf-16", wide(true)),
        ("utf-16be", wide(false)),
        ("utf-8", [&[0xfe, 0xff][..], &wide(false)].concat()),
    ] {
        let read = format!("delimiter=\"\\t\"\nencoding='{encoding}'");
        let got = load_with(&profile(&read, "documents", "*.txt", DOCUMENTS), &[("a.txt", &bytes)]);
        assert_eq!(got.show("documents", &["document_id", "customer_id"]), ["Ñ1|Peña"], "{encoding}");
    }
}

#[test]
fn wrong_dialects_are_told_for_the_whole_file() {
    let p = |read: &str| profile(read, "documents", "*.csv", DOCUMENTS);
    for (read, bytes, words) in [
        ("header_at={ contains=['Folio','Importe'] }", &b"a,b\n1,2\n"[..], &["no row has the columns Folio, Importe", "header_at"][..]),
        ("header_at={ contains=[] }", b"a", &["header_at names no columns"]),
        ("header_rows=2", b"Folio,Cliente,Fecha,Importe\n", &["within its header"]),
        ("header_rows=9", b"a", &["1 to 5 rows"]),
        ("skip_rows_starting=['']", b"a", &["would skip every row"]),
        ("amount_marks=['5']", b"a", &["cannot be a mark"]),
        ("amount_marks=['.']", b"a", &["part of the numbers"]),
        ("credit_marks=['X']\ndebit_marks=['X']", b"a", &["credit and debit"]),
        ("", b"\x1f\x8b\x08\x00", &["gzip", ".gz"]),
        ("", b"PK\x03\x04", &["zip archive or a workbook", ".xlsx"]),
        ("", b"\xd0\xcf\x11\xe0", &["old workbook", "save it as .xlsx"]),
        ("", b"PAR1", &["Parquet", ".parquet"]),
    ] {
        let error = plan_error(&p(read), &[("a.csv", bytes)]);
        for word in words {
            assert!(error.contains(word), "{read}: `{word}` is not in: {error}");
        }
    }
}

mod json {
    use super::*;

    const S4: &str = "company_id='CompanyCode'\ndocument_id='Document.Number'\ndocument_kind={ constant='adjustment' }\ncustomer_id='Customer'\n\
        document_date='PostingDate'\ndue_date='NetDueDate'\ncurrency='Currency'\namount='Amount'";

    /// Answers of web services: the rows stand in a list within an object.
    #[test]
    fn rows_within_an_object() {
        let row = |n: u32, amount: &str| {
            format!(
                "{{\"CompanyCode\":\"1000\",\"Document\":{{\"Number\":\"{n}\"}},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\n\"NetDueDate\":null,\"Currency\":\"MXN\",\"Amount\":{amount}}}"
            )
        };
        let (one, two) = (row(1, "1.50"), row(2, "bad"));
        let columns = ["document_id", "amount"];
        for (path, text) in [
            ("value", format!("{{\"@odata.context\":\"x[,{{\",\"@odata.count\":2,\"value\":[\n{one},{two}]}}")),
            (
                "d.results",
                format!("{{\"other\":{{\"results\":[1,2]}},\"d\" : {{\"__count\":\"2\", \"results\":[\n{one},{two}],\"__next\":null}}}}\n"),
            ),
            ("a.b.c", format!("{{\"a\":{{\"x\":[[{{\"b\":1}}]],\"y\":true,\"z\":-1.5e3,\"b\":{{\"c\":[\n{one},{two}]}}}},\"tail\":[1]}}")),
        ] {
            let read = format!("rows_at='{path}'");
            let got = load_with(&profile(&read, "documents", "*.json", S4), &[("a.json", text.as_bytes())]);
            assert_eq!(got.show("documents", &columns), ["1|1.50"], "{path}");
            // The second row begins on the line where the first ends.
            assert_eq!(got.rejects.iter().map(|r| (r.line, r.code)).collect::<Vec<_>>(), [(3, "row_ragged")], "{path}: {:?}", got.rejects);
        }
    }

    #[test]
    fn a_list_that_is_not_there_or_not_whole_is_told() {
        let row = "{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":1},\"Customer\":\"C\",\"PostingDate\":\"2026-01-05\",\"NetDueDate\":null,\"Currency\":\"MXN\",\"Amount\":1}";
        let p = |path: &str| profile(&format!("rows_at='{path}'"), "documents", "*.json", S4);
        for (path, text) in [
            ("value", format!("[{row}]")),
            ("value", format!("{{\"values\":[{row}]}}")),
            ("value", "{\"value\":{\"x\":1}}".to_string()),
            ("d.results", format!("{{\"d\":[{row}]}}")),
            ("value", "{\"value\"".to_string()),
            ("value", String::new()),
        ] {
            let error = plan_error(&p(path), &[("a.json", text.as_bytes())]);
            assert!(error.contains("there is no list at") && error.contains("rows_at"), "{text}: {error}");
        }
        for link in ["\"@odata.nextLink\":\"https://x?$skip=1\"", "\"__next\" : \"x\"", "\"next\":{\"href\":\"x\"}"] {
            let error = plan_error(&p("value"), &[("a.json", format!("{{\"value\":[{row}],{link}}}").as_bytes())]);
            assert!(error.contains("one page of several"), "{link}: {error}");
        }
        let got = load_with(&p("value"), &[("a.json", format!("{{\"value\":[{row}").as_bytes())]);
        assert!(got.rejects[0].reason.contains("cut short"), "{:?}", got.rejects);
    }

    #[test]
    fn lines_of_an_interface() {
        let lines = "\
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"0001\"},\"Customer\":\"C1\",\"PostingDate\":\"/Date(1767571200000)/\",\"NetDueDate\":\"2026-02-04\",\"Currency\":\"MXN\",\"Amount\":1234.50}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":7},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05T00:00:00Z\",\"NetDueDate\":null,\"Currency\":\"MXN\",\"Amount\":\"-0.50\"}

{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"3\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05T00:00:00.000\",\"Currency\":\"MXN\",\"Amount\":1e2}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"4\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05T10:30:00Z\",\"Currency\":\"MXN\",\"Amount\":1}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"5\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":0.1000000000000000055}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"6\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":[1]}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"7\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":1
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"8\"},\"Customer\":{\"Id\":1},\"PostingDate\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":1}
{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"9\"},\"Customer\":\"C1\",\"PostingDate\":\"/Date(1767571200001)/\",\"Currency\":\"MXN\",\"Amount\":1}
";
        let got = load_with(&profile("", "documents", "*.jsonl", S4), &[("items.jsonl", lines.as_bytes())]);
        assert_eq!(
            got.show("documents", &["document_id", "document_date", "due_date", "amount"]),
            ["0001|2026-01-05|2026-02-04|1234.50", "3|2026-01-05||100.00", "7|2026-01-05||-0.50"]
        );
        assert_eq!(
            places(&got),
            [
                (5, Some(4), "date_invalid"),
                (6, Some(7), "amount_decimals"),
                (7, Some(7), "cell_broken"),
                (8, Some(7), "row_ragged"),
                (9, Some(3), "value_missing"),
                (10, Some(4), "date_invalid"),
            ]
        );
        assert_eq!(got.rejects[0].column_name.as_deref(), Some("PostingDate"));
    }

    #[test]
    fn an_array_and_its_damage() {
        let row = |id: &str| {
            format!(
                "{{\"CompanyCode\":\"1000\",\"Document\":{{\"Number\":\"{id}\"}},\n\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\"NetDueDate\":\"\",\"Currency\":\"MXN\",\"Amount\":1}}"
            )
        };
        let array = format!("[{},\n{},\n{}\n]", row("1"), row("2").replace("\"C1\"", "C1"), row("3"));
        let got = load_with(&profile("", "documents", "*.json", S4), &[("items.json", array.as_bytes())]);
        assert_eq!(got.show("documents", &["document_id"]), ["1", "3"]);
        assert_eq!(places(&got), [(3, Some(2), "row_ragged")]);
        let cut = &array[..array.len() - 20];
        let got = load_with(&profile("", "documents", "*.json", S4), &[("items.json", cut.as_bytes())]);
        assert_eq!(got.show("documents", &["document_id"]), ["1"]);
        assert_eq!(
            got.rejects.iter().map(|r| (r.line, r.code)).collect::<Vec<_>>(),
            [(3, "row_ragged"), (5, "row_ragged"), (6, "row_ragged")]
        );
    }

    #[test]
    fn columns_no_row_has_are_missing_unless_declared_optional() {
        let line = b"{\"CompanyCode\":\"1000\",\"Document\":{\"Number\":\"1\"},\"Customer\":\"C1\",\"PostingDate\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":1}\n";
        let error = plan_error(&profile("", "documents", "*.jsonl", S4), &[("a.jsonl", line)]);
        assert!(error.contains("NetDueDate is missing") && error.contains("Document.Number"), "{error}");
        let got = load_with(&profile("optional_columns=['NetDueDate']", "documents", "*.jsonl", S4), &[("a.jsonl", line)]);
        assert_eq!(got.show("documents", &["document_id", "due_date"]), ["1|"]);
        let error = plan_error(&profile("", "documents", "*.jsonl", S4), &[("a.jsonl", b"")]);
        assert!(error.contains("empty"), "{error}");
    }

    #[test]
    fn canonical_lines_need_no_profile() {
        let lines = "{\"collector_id\":1,\"name\":\"Ana\"}\n{\"collector_id\":2,\"name\":\"Eva\",\"team\":\"Norte\"}\n";
        let got = load(folder(&[("collectors.jsonl", lines.as_bytes())]).path(), None);
        assert_eq!(got.show("collectors", &["collector_id", "name", "team"]), ["1|Ana|", "2|Eva|Norte"]);
        let dir = folder(&[("collectors.ndjson", b"{\"collector_id\":1,\"nmae\":\"Ana\"}\n")]);
        assert!(plan(dir.path(), None).unwrap_err().to_string().contains("did you mean name"));
    }
}

pub mod packed {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    pub fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (n, (name, bytes)) in files.iter().enumerate() {
            let method = if n % 2 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const COLLECTORS: &[u8] = b"collector_id,name\nG1,Ana\nG2,Eva\n";

    #[test]
    fn gzip_is_transparent() {
        let lines = b"{\"company_id\":\"MX01\",\"name\":\"Uno\",\"country\":\"MX\",\"functional_currency\":\"MXN\"}\n";
        let dir = folder(&[("collectors.csv.gz", &gz(COLLECTORS)), ("companies.jsonl.gz", &gz(lines))]);
        let got = load(dir.path(), None);
        assert_eq!(got.show("collectors", &["collector_id", "name"]), ["G1|Ana", "G2|Eva"]);
        assert_eq!(got.of("companies").len(), 1);
        let two = [gz(COLLECTORS), gz(b"G3,Luz\n")].concat();
        assert_eq!(load(folder(&[("collectors.csv.gz", &two)]).path(), None).rows.len(), 3);
    }

    #[test]
    fn a_cut_gzip_loads_nothing_and_says_so() {
        let whole = gz(&(0..5_000).map(|i| format!("G{i},{}\n", i * 7_919)).fold(b"collector_id,name\n".to_vec(), |mut all, l| {
            all.extend(l.bytes());
            all
        }));
        for cut in [3, 20, whole.len() / 2, whole.len() - 4] {
            let dir = folder(&[("collectors.csv.gz", &whole[..cut])]);
            let error = match plan(dir.path(), None) {
                Err(e) => e,
                Ok(plan) => extract::read(&plan, &mut Collected::default()).expect_err("cut"),
            };
            assert!(error.to_string().contains("collectors.csv.gz is damaged or cut short"), "{cut}: {error}");
        }
    }

    #[test]
    fn a_zip_is_a_folder_of_files() {
        let lines = b"{\"company_id\":\"MX01\",\"name\":\"Uno\",\"country\":\"MX\",\"functional_currency\":\"MXN\"}\n";
        let archive = zipped(&[
            ("2026-10/collectors.csv", COLLECTORS),
            ("2026-10/companies.jsonl", lines),
            ("../../etc/customers.csv", b"company_id,customer_id,name\nMX01,C1,Uno\nMX01,,Dos\n"),
            ("__MACOSX/._collectors.csv", b"junk"),
            ("leeme.txt", b"hola"),
            ("promises.csv.gz", &gz(b"company_id,promise_id\n")),
        ]);
        let dir = folder(&[("export.zip", &archive)]);
        let error = plan(dir.path(), None).unwrap_err().to_string();
        assert!(error.contains("in export.zip/promises.csv.gz") && error.contains("missing"), "{error}");
        let archive = zipped(&[
            ("2026-10/collectors.csv", COLLECTORS),
            ("2026-10/companies.jsonl", lines),
            ("../../etc/customers.csv", b"company_id,customer_id,name\nMX01,C1,Uno\nMX01,,Dos\n"),
            ("__MACOSX/._collectors.csv", b"junk"),
            ("leeme.txt", b"hola"),
        ]);
        let dir = folder(&[("export.zip", &archive)]);
        let planned = plan(dir.path(), None).unwrap();
        let names: Vec<&str> = planned.sources.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(
            names,
            ["export.zip/2026-10/companies.jsonl", "export.zip/2026-10/collectors.csv", "export.zip/../../etc/customers.csv"]
        );
        assert_eq!(planned.unmatched, ["export.zip/leeme.txt"]);
        let digests: std::collections::BTreeSet<&str> = planned.sources.iter().map(|s| s.sha256.as_str()).collect();
        assert_eq!(digests.len(), 1, "the digest is that of the archive");
        assert_eq!(planned.sources[1].bytes, COLLECTORS.len() as u64);
        let got = load(&dir.path().join("export.zip"), None);
        assert_eq!((got.of("collectors").len(), got.of("companies").len(), got.of("customers").len()), (2, 1, 1));
        assert_eq!(
            got.rejects.iter().map(|r| (r.source, r.line, r.column_no, r.code)).collect::<Vec<_>>(),
            [(2, 3, Some(2), "value_missing")]
        );
    }

    #[test]
    fn an_archive_alone_says_itself_how_it_is_read() {
        let toml = b"day = 2026-10-31\nmode = \"full\"\n";
        let archive = zipped(&[("x/collectors.csv", COLLECTORS), ("x/extract.toml", toml)]);
        let dir = folder(&[("export.zip", &archive)]);
        let planned = plan(&dir.path().join("export.zip"), None).unwrap();
        assert_eq!((planned.day.unwrap().to_string(), planned.mode), ("2026-10-31".to_string(), extract::Mode::Full));
        assert_eq!(planned.unmatched, [] as [&str; 0]);
        // What stands beside the archive says more than what is in it.
        std::fs::write(dir.path().join("extract.toml"), "day = 2026-11-30\n").unwrap();
        let planned = plan(&dir.path().join("export.zip"), None).unwrap();
        assert_eq!((planned.day.unwrap().to_string(), planned.mode), ("2026-11-30".to_string(), extract::Mode::Add));
        let bad = zipped(&[("collectors.csv", COLLECTORS), ("extract.toml", b"dya = 1")]);
        let error = plan(folder(&[("export.zip", &bad)]).path(), None).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("export.zip/extract.toml"), "{error}");
    }

    #[test]
    fn parquet_inside_an_archive() {
        use arrow::array::{ArrayRef, RecordBatch, StringArray};
        let text: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["G1", "G2"]));
        let batch = RecordBatch::try_from_iter([("collector_id", text.clone()), ("name", text)]).unwrap();
        let mut parquet = Vec::new();
        let mut writer = parquet::arrow::ArrowWriter::try_new(&mut parquet, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let dir = folder(&[("export.zip", &zipped(&[("collectors.parquet", &parquet)]))]);
        assert_eq!(load(dir.path(), None).rows.len(), 2);
    }

    #[test]
    fn damaged_archives() {
        let archive = zipped(&[("collectors.csv", COLLECTORS)]);
        for cut in [0, 10, archive.len() / 2, archive.len() - 3] {
            let dir = folder(&[("export.zip", &archive[..cut])]);
            let error = plan(dir.path(), None).unwrap_err().to_string();
            assert!(error.contains("export.zip") && error.contains("no zip archive, or is damaged or cut short"), "{cut}: {error}");
        }
        // A byte of the contents: only the checksum knows.
        let mut flipped = zipped(&[("x.txt", b""), ("collectors.csv", COLLECTORS)]);
        let at = flipped.windows(3).position(|w| w == b"Eva").unwrap();
        flipped[at] = b'I';
        let dir = folder(&[("export.zip", &flipped)]);
        let error = extract::read(&plan(dir.path(), None).unwrap(), &mut Collected::default()).unwrap_err().to_string();
        assert!(error.contains("collectors.csv is damaged") && error.contains("checksum"), "{error}");
        // The flag of a password.
        let mut locked = archive.clone();
        locked[6] |= 1;
        let central = locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        locked[central + 8] |= 1;
        let error = plan(folder(&[("export.zip", &locked)]).path(), None).unwrap_err().to_string();
        assert!(error.contains("export.zip/collectors.csv") && error.contains("password"), "{error}");
        let twice = zipped(&[("collectors.csv", &zipped(&[("collectors.csv", COLLECTORS)]))]);
        let error = plan(folder(&[("export.zip", &twice)]).path(), None).unwrap_err().to_string();
        assert!(error.contains("zip archive or a workbook"), "{error}");
    }

    #[test]
    fn what_unpacks_to_a_thousandfold_is_refused() {
        let mut bomb = b"collector_id,name\n".to_vec();
        bomb.resize(80 << 20, b'\n');
        for (name, bytes) in [("collectors.csv.gz", gz(&bomb)), ("export.zip", zipped(&[("collectors.csv", &bomb)]))] {
            assert!(bytes.len() < 200_000);
            let dir = folder(&[(name, &bytes)]);
            let error = extract::read(&plan(dir.path(), None).unwrap(), &mut Collected::default()).unwrap_err().to_string();
            assert!(error.contains("unpack to more than") && error.contains(name), "{error}");
        }
    }
}

mod suggested {
    use super::*;
    use cartera::extract::suggest::{Suggestion, suggest};

    fn of(name: &str, bytes: &[u8]) -> Suggestion {
        suggest(&folder(&[(name, bytes)]).path().join(name), None).unwrap()
    }

    const LIST: &str = "Cartera al 31/10/2026\r\n\r\nEmpresa;Folio;Tipo;Cliente;Nombre;Fecha;Vencimiento;Moneda;Total;IVA\r\n\
        ACE;F1;Factura;0001;Peña;05/06/2026;05/07/2026;M.N.;1.234,50;170,28\r\n\
        ACE;F2;NC;0001;Peña;31/01/2026;05/02/2026;USD;-12,50;0,00\r\n";

    #[test]
    fn a_list_is_recognized_and_then_loads() {
        let bytes = encoding_rs::WINDOWS_1252.encode(LIST).0.into_owned();
        let found = of("facturas_2026-10.csv", &bytes);
        assert_eq!(found.questions, [] as [&str; 0], "{}", found.toml);
        for line in [
            "encoding = \"windows-1252\"",
            "delimiter = \";\"  # `;` splits 3 of 4 lines into 10 fields",
            "header_at = { contains = [\"Empresa\", \"Folio\", \"Tipo\"] }",
            "date = \"%d/%m/%Y\"  # day first: Fecha has 31/01/2026 on line 5; Vencimiento alone would not decide",
            "decimal = \",\"",
            "thousands = \".\"",
            "files = [\"facturas*.csv\"]",
            "document_kind = { column = \"Tipo\", map = { \"Factura\" = \"invoice\", \"NC\" = \"credit_memo\" } }",
            "currency = { column = \"Moneda\", map = { \"M.N.\" = \"MXN\", \"USD\" = \"USD\" } }",
            "# not used: Nombre",
        ] {
            assert!(found.toml.contains(line), "`{line}` is not in\n{}", found.toml);
        }
        let got = load_with(&found.toml, &[("facturas_2026-11.csv", &bytes)]);
        assert_eq!(got.rejects, []);
        assert_eq!(
            got.show("documents", &["document_id", "customer_id", "document_date", "due_date", "currency", "amount"]),
            ["F1|0001|2026-06-05|2026-07-05|MXN|1234.50", "F2|0001|2026-01-31|2026-02-05|USD|-12.50"]
        );
    }

    #[test]
    fn what_a_file_does_not_decide_is_asked() {
        let ambiguous = LIST.replace("31/01/2026\r\n\r\n", "\r\n\r\n").replace("31/01/2026", "11/01/2026");
        let found = of("a.csv", ambiguous.as_bytes());
        assert!(found.questions.len() == 1 && found.questions[0].contains("day first and month first"), "{:?}", found.questions);
        assert!(found.toml.contains("# date = ") && !found.toml.contains("\ndate = "), "{}", found.toml);
        // Loaded as it is, every row is set aside: nothing is guessed.
        let got = load_with(&found.toml, &[("a.csv", ambiguous.as_bytes())]);
        assert_eq!((got.rows.len(), places(&got).len()), (0, 2));
        for (from, to, word) in [
            ("05/06/2026", "06/25/2026", "contradict each other"),
            ("05/06/2026", "2026-06-05", "written in several ways"),
            ("-12,50", "-12.50", "contradict each other about their marks"),
            ("NC", "XYZ", "what does `XYZ`"),
            ("Moneda", "Caja", "currency"),
            ("1.234,50", "Kilo 1.234,50", "`Kilo`"),
            ("IVA", "Importe", "amount: Total was taken; or is it Importe"),
        ] {
            let text = LIST.replace(from, to);
            let found = of("a.csv", text.as_bytes());
            assert!(found.questions.iter().any(|q| q.contains(word)), "{to}: {:?}", found.questions);
            assert!(found.toml.contains("# QUESTION: "), "{}", found.toml);
        }
        let unclear = "Empresa;Folio;Tipo;Cliente;Fecha;Moneda;Total\nA;1;Factura;C;2026-01-31;MXN;1.234\n";
        let found = of("a.csv", unclear.as_bytes());
        assert!(found.questions.iter().any(|q| q.contains("decimal or the thousands mark")), "{:?}", found.questions);
    }

    #[test]
    fn typed_files_need_no_dialect() {
        let lines = b"{\"CompanyCode\":\"1000\",\"Invoice\":\"1\",\"Type\":\"invoice\",\"Customer\":\"C\",\"Date\":\"2026-01-05\",\"Currency\":\"MXN\",\"Amount\":1.50}\n";
        let found = of("items.jsonl", lines);
        assert!(found.toml.contains("amount = \"Amount\""), "{}", found.toml);
        assert!(!found.toml.contains("delimiter"));
    }

    #[test]
    fn customers_and_their_table() {
        let found = of("clientes.csv", "Empresa,Cliente,Razón social,RFC,País\nACE,1,Uno,XAXX010101000,MX\n".as_bytes());
        assert!(found.toml.contains("table = \"customers\"") && found.toml.contains("name = \"Razón social\""), "{}", found.toml);
        assert!(found.toml.contains("encoding = \"utf-8\"  # all of its 4 bytes beyond ASCII are valid UTF-8"), "{}", found.toml);
    }
}
