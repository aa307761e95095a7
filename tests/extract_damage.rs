//! Damage: five hundred files made wrong on purpose. Whoever cut knows where, so every one must be told by file, line, column and
//! reason, and of the damaged row nothing may be loaded.

use super::extract::{Collected, folder, plan};
use super::extract_formats::profile;
use super::extract_sheets::{HEADER, book};
use cartera::extract;
use cartera::schema::Row;

/// Numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }
    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// What must be told of a damaged file.
enum Told {
    /// One row: line, column, code, a word of the reason.
    Row { row: usize, line: u64, column: u32, code: &'static str, word: &'static str },
    /// The whole file, before any row: words of the error.
    File(Vec<String>),
}

struct Damaged {
    what: String,
    bytes: Vec<u8>,
    told: Told,
}

/// A kind of file: how rows become bytes, how they are read, where they stand.
struct Kind {
    file: &'static str,
    profile: Option<String>,
    rows: Vec<Vec<String>>,
    render: fn(&[Vec<String>]) -> Vec<u8>,
    damage: fn(&Kind, &mut Dice) -> Damaged,
}

/// One way to spoil a cell: its column from 0, the new text, and what is told of it.
type Spoiled = (usize, &'static str, &'static str, &'static str);

fn spoil(kind: &Kind, dice: &mut Dice, ways: &[Spoiled], line: impl Fn(usize) -> u64) -> Damaged {
    let mut row = dice.below(kind.rows.len());
    let (column, text, code, word) = *dice.pick(ways);
    // A row over two lines that cannot be split is two rows; a key that the first object lacks comes later among the columns.
    if (code == "row_ragged" && over_two_lines(&kind.rows[row])) || (text == "-" && row == 0) {
        row = (row + 1) % kind.rows.len();
    }
    let mut rows = kind.rows.clone();
    rows[row][column] = text.to_string();
    Damaged {
        what: format!("row {row}, column {column} becomes `{text}`"),
        bytes: (kind.render)(&rows),
        told: Told::Row { row, line: line(row), column: column as u32 + 1, code, word },
    }
}

fn over_two_lines(row: &[String]) -> bool {
    row.iter().any(|cell| cell.contains('\n'))
}

// ---- canonical text: commas, quotes, a row over two lines

const COLUMNS: &str = "company_id,document_id,document_kind,customer_id,document_date,due_date,currency,amount,reason,reference";

fn canonical_rows() -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for n in 0..12 {
        let reason = ["plain", "\"quoted, with a comma\"", "\"over\ntwo lines\"", "\"a \"\"word\"\"\""][n % 4];
        let row = format!(
            "MX01|F{n:03}|invoice|C{}|2026-01-{:02}|2026-02-{:02}|MXN|{}.{:02}|{reason}|PO-{n}",
            n % 3,
            n + 1,
            n + 1,
            n * 37 + 1,
            n * 7
        );
        rows.push(row.split('|').map(str::to_string).collect());
    }
    rows
}

fn canonical_bytes(rows: &[Vec<String>]) -> Vec<u8> {
    let mut text = format!("{COLUMNS}\n");
    rows.iter().for_each(|r| text.push_str(&format!("{}\n", r.join(","))));
    // What no text can hold is written as a mark, and becomes the byte here.
    let mut bytes = text.into_bytes();
    bytes.iter_mut().filter(|b| **b == 1).for_each(|b| *b = 0xf1);
    bytes
}

/// Every fourth row runs over two lines.
fn canonical_line(row: usize) -> u64 {
    2 + (0..row).map(|r| 1 + u64::from(r % 4 == 2)).sum::<u64>()
}

const CANONICAL: &[Spoiled] = &[
    (0, "", "value_missing", "company_id is required"),
    (1, " ", "value_missing", "document_id is required"),
    (1, "F\u{1}1", "text_invalid", "encoding"),
    (1, "F\u{7}1", "text_invalid", "U+0007"),
    (1, "F\u{200b}1", "text_invalid", "U+200B"),
    (2, "factura", "enum_unknown", "not one of"),
    (3, "Pe\u{1}a", "text_invalid", "encoding"),
    (3, "\"C1\"x", "row_ragged", "closing quote"),
    (4, "2026-02-30", "date_invalid", "2026-02-30"),
    (4, "2026-13-01", "date_invalid", "2026-13-01"),
    (4, "05/01/2026", "date_invalid", "05/01/2026"),
    (4, "2026-1-5", "date_invalid", "%Y-%m-%d"),
    (4, "2O26-01-05", "date_invalid", "2O26-01-05"),
    (5, "9999-12-31", "date_invalid", "9999"),
    (5, "2026-02-29", "date_invalid", "2026-02-29"),
    (6, "mxn", "currency_unknown", "did you mean MXN"),
    (6, "XXY", "currency_unknown", "XXY"),
    (7, "1O0.00", "amount_invalid", "`O` is not a digit"),
    (7, "1.2.3", "amount_invalid", "1.2.3"),
    (7, "100.001", "amount_decimals", "3 decimals"),
    (7, "1e3", "amount_invalid", "1e3"),
    (7, "(5.00)", "amount_invalid", "(5.00)"),
    (7, "12345678901234567.00", "amount_range", "16 digits"),
    (7, "", "value_missing", "amount is required"),
    (8, "a\u{1}o", "text_invalid", "encoding"),
    (8, "a\0b", "text_invalid", "U+0000"),
    (8, "\"open", "row_ragged", "quote"),
    (8, "\"shut\" again", "row_ragged", "closing quote"),
];

fn damage_canonical(kind: &Kind, dice: &mut Dice) -> Damaged {
    let width = COLUMNS.split(',').count();
    let mut row = dice.below(kind.rows.len());
    if over_two_lines(&kind.rows[row]) {
        row += 1;
    }
    let line = canonical_line(row);
    let mut rows = kind.rows.clone();
    match dice.below(10) {
        0 => {
            let at = dice.below(width);
            rows[row].remove(at);
            let told = Told::Row { row, line, column: width as u32, code: "row_ragged", word: "9 fields" };
            Damaged { what: format!("row {row} loses field {at}"), bytes: canonical_bytes(&rows), told }
        }
        1 => {
            let at = dice.below(width);
            rows[row].insert(at, "more".into());
            let told = Told::Row { row, line, column: width as u32 + 1, code: "row_ragged", word: "11 fields" };
            Damaged { what: format!("row {row} gains field {at}"), bytes: canonical_bytes(&rows), told }
        }
        2 => {
            // The file ends within a field of its last row; the last field would still be one.
            let (row, at) = (rows.len() - 1, 1 + dice.below(7));
            let line = canonical_line(row);
            let kept: String = rows[row][..at].iter().map(|f| format!("{f},")).collect::<String>() + &rows[row][at][..1];
            let mut bytes = canonical_bytes(&rows[..row]);
            bytes.extend(kept.bytes());
            let told = Told::Row { row, line, column: at as u32 + 2, code: "row_ragged", word: "the header has 10" };
            Damaged { what: format!("cut within field {at} of the last row"), bytes, told }
        }
        3 => {
            let at = *dice.pick(&[0, 1, 2, 3, 4, 6, 7]);
            let name = COLUMNS.split(',').nth(at).unwrap().to_string();
            let columns: Vec<&str> = COLUMNS.split(',').filter(|c| *c != name).collect();
            rows.iter_mut().for_each(|r| drop(r.remove(at)));
            let bytes = String::from_utf8(canonical_bytes(&rows)).unwrap().replacen(COLUMNS, &columns.join(","), 1).into_bytes();
            Damaged { what: format!("no column {name}"), bytes, told: Told::File(vec![name, "missing".into(), "documents.csv".into()]) }
        }
        4 => {
            let name = *dice.pick(&COLUMNS.split(',').collect::<Vec<_>>());
            let wrong = format!("{}x", &name[..name.len() - 1]);
            let bytes = String::from_utf8(canonical_bytes(&rows)).unwrap().replacen(name, &wrong, 1).into_bytes();
            Damaged { what: format!("column {name} is called {wrong}"), bytes, told: Told::File(vec![wrong, "did you mean".into()]) }
        }
        _ => spoil(kind, dice, CANONICAL, canonical_line),
    }
}

// ---- a printed list: semicolons, Windows-1252, decimal comma, preamble, totals

fn list_rows() -> Vec<Vec<String>> {
    (0..10)
        .map(|n| {
            let row = format!("ACE|{n:05}|FAC|C{n}|{:02}/01/2026|1.{:03},{:02}|Lámina", n + 1, n * 31, n * 9);
            row.split('|').map(str::to_string).collect()
        })
        .collect()
}

fn list_bytes(rows: &[Vec<String>]) -> Vec<u8> {
    let mut text = "CARTERA\r\nal día 31/01/2026\r\n\r\nEmpresa;Folio;Tipo;Cliente;Fecha;Total;Concepto\r\n".to_string();
    for (n, row) in rows.iter().enumerate() {
        if n == 5 {
            text.push_str("Subtotal;;;;;1,00;\r\nEmpresa;Folio;Tipo;Cliente;Fecha;Total;Concepto\r\n");
        }
        text.push_str(&format!("{}\r\n", row.join(";")));
    }
    text.push_str("Total;;;;;1,00;\r\n");
    encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
}

fn list_line(row: usize) -> u64 {
    5 + row as u64 + if row >= 5 { 2 } else { 0 }
}

fn list_profile() -> String {
    profile(
        "delimiter=';'\nencoding='windows-1252'\ndate='%d/%m/%Y'\ndecimal=','\nthousands='.'\nnegative='trailing'\n\
         header_at={ contains=['Folio','Total'] }\nskip_rows_starting=['Subtotal','Total']",
        "documents",
        "cartera*.txt",
        "company_id={ column='Empresa', map={ ACE='MX01' } }\ndocument_id='Folio'\ndocument_kind={ column='Tipo', map={ FAC='invoice' } }\n\
         customer_id='Cliente'\ndocument_date='Fecha'\ncurrency={ constant='MXN' }\namount='Total'\nreason='Concepto'",
    )
}

const LIST: &[Spoiled] = &[
    (0, "ACX", "row_unmapped", "it knows ACE"),
    (0, "", "value_missing", "company_id is required"),
    (1, "", "value_missing", "document_id is required"),
    (2, "NCR", "row_unmapped", "NCR"),
    (3, "C\u{8d}1", "text_invalid", "invisible"),
    (4, "31/02/2026", "date_invalid", "31/02/2026"),
    (4, "01/31/2026", "date_invalid", "01/31/2026"),
    (4, "2026-01-31", "date_invalid", "%d/%m/%Y"),
    (4, "1/1/26", "date_invalid", "year 26"),
    (5, "1.23,45", "amount_invalid", "groups of three"),
    (5, "1,234.56", "amount_invalid", "`.` is not a digit"),
    (5, "1.234,567", "amount_decimals", "3 decimals"),
    (5, "-5,00-", "amount_invalid", "`-` is not a digit"),
    (5, "$5,00", "amount_invalid", "`$` is not a digit"),
    (5, "5,", "amount_invalid", "ends with its decimal mark"),
    (5, "", "value_missing", "amount is required"),
    (6, "\"abierta", "row_ragged", "quote"),
];

fn damage_list(kind: &Kind, dice: &mut Dice) -> Damaged {
    let row = dice.below(kind.rows.len());
    let mut rows = kind.rows.clone();
    match dice.below(8) {
        0 => {
            rows[row].remove(2);
            let told = Told::Row { row, line: list_line(row), column: 7, code: "row_ragged", word: "6 fields" };
            Damaged { what: format!("row {row} loses a field"), bytes: list_bytes(&rows), told }
        }
        1 => {
            let name = *dice.pick(&["Folio", "Total"]);
            let text = list_bytes(&rows);
            let at = text.windows(name.len()).enumerate().filter(|(_, w)| *w == name.as_bytes()).map(|(i, _)| i);
            let mut bytes = text.clone();
            at.for_each(|i| bytes[i] = b'X');
            Damaged { what: format!("no row has {name}"), bytes, told: Told::File(vec![name.into(), "header_at".into()]) }
        }
        2 => {
            let name = *dice.pick(&["Cliente", "Fecha", "Tipo"]);
            let mut bytes = list_bytes(&rows);
            while let Some(i) = bytes.windows(name.len()).position(|w| w == name.as_bytes()) {
                bytes[i] = b'X';
            }
            Damaged { what: format!("no column {name}"), bytes, told: Told::File(vec![name.into(), "missing".into(), "Folio".into()]) }
        }
        _ => spoil(kind, dice, LIST, list_line),
    }
}

// ---- JSON lines

const KEYS: [&str; 7] = ["CompanyCode", "Number", "Kind", "Customer", "PostingDate", "Currency", "Amount"];

fn json_rows() -> Vec<Vec<String>> {
    (0..10)
        .map(|n| {
            let row =
                format!("\"1000\"|\"{n:04}\"|\"invoice\"|\"C{n}\"|\"/Date({})/\"|\"MXN\"|{n}.5", 1_767_571_200_000i64 + n * 86_400_000);
            row.split('|').map(str::to_string).collect()
        })
        .collect()
}

fn json_bytes(rows: &[Vec<String>]) -> Vec<u8> {
    let line = |r: &Vec<String>| {
        let pairs: Vec<String> = KEYS.iter().zip(r).filter(|(_, v)| *v != "-").map(|(k, v)| format!("\"{k}\":{v}")).collect();
        format!("{{{}}}\n", pairs.join(","))
    };
    rows.iter().map(line).collect::<String>().into_bytes()
}

fn json_profile() -> String {
    profile(
        "optional_columns=['Kind','Amount','Currency']",
        "documents",
        "*.jsonl",
        "company_id='CompanyCode'\ndocument_id='Number'\ndocument_kind='Kind'\ncustomer_id='Customer'\ndocument_date='PostingDate'\n\
         currency='Currency'\namount='Amount'",
    )
}

const JSON: &[Spoiled] = &[
    (1, "null", "value_missing", "document_id is required"),
    (2, "-", "value_missing", "document_kind is required"),
    (2, "\"Invoice\"", "enum_unknown", "Invoice"),
    (3, "[\"C1\"]", "cell_broken", "list"),
    (4, "\"/Date(1767571200001)/\"", "date_invalid", "Date"),
    (4, "\"2026-01-05T10:30:00Z\"", "date_invalid", "10:30"),
    (4, "20260105", "date_invalid", "20260105"),
    (5, "\"MXP\"", "currency_unknown", "MXP"),
    (6, "1.005", "amount_decimals", "3 decimals"),
    (6, "\"1,5\"", "amount_invalid", "1,5"),
    (6, "true", "amount_invalid", "true"),
    (6, "1e-3", "amount_decimals", "0.001"),
    (6, "123456789012345678", "amount_range", "16 digits"),
    (6, "-", "value_missing", "amount is required"),
];

fn damage_json(kind: &Kind, dice: &mut Dice) -> Damaged {
    let row = dice.below(kind.rows.len());
    let line = row as u64 + 1;
    let mut rows = kind.rows.clone();
    // Syntax: the column is the last key that could still be read.
    let broken = |rows: &[Vec<String>], column: u32, word: &'static str, what: &str| Damaged {
        what: format!("row {row}: {what}"),
        bytes: json_bytes(rows),
        told: Told::Row { row, line, column, code: "row_ragged", word },
    };
    match dice.below(8) {
        0 => {
            let at = 1 + dice.below(5);
            rows[row][at] = rows[row][at].trim_end_matches('"').to_string();
            // What follows is read as part of the text, up to the next quote.
            broken(&rows, at as u32 + 1, "should stand", "a text loses its closing quote")
        }
        1 => {
            rows[row][6] = "007".into();
            broken(&rows, 6, "`007`", "a number with zeros before it")
        }
        2 => {
            rows[row][6] = "NaN".into();
            broken(&rows, 6, "`NaN`", "no number")
        }
        3 => {
            rows[row][3] = "\"C\\x\"".into();
            broken(&rows, 3, "escape", "an escape that is none")
        }
        _ => spoil(kind, dice, JSON, |row| row as u64 + 1),
    }
}

// ---- a sheet

fn sheet_rows() -> Vec<Vec<String>> {
    (0..6)
        .map(|n| {
            let row = format!("<v>{}</v>| t=\"s\"><v>4</v>| s=\"1\"><v>{}</v>|<v>{n}.25</v>", 100 + n, 46_027 + n);
            row.split('|').map(str::to_string).collect()
        })
        .collect()
}

fn sheet_bytes(rows: &[Vec<String>]) -> Vec<u8> {
    let mut xml = HEADER.to_string();
    for (n, row) in rows.iter().enumerate() {
        let number = n + 2;
        let cells: String = row
            .iter()
            .zip(["A", "B", "C", "D"])
            .map(|(cell, letter)| {
                let close = if cell.starts_with(' ') { "" } else { ">" };
                format!("<c r=\"{letter}{number}\"{close}{cell}</c>")
            })
            .collect();
        xml.push_str(&format!("<row r=\"{number}\">{cells}</row>"));
    }
    book("", &xml)
}

const SHEET: &[Spoiled] = &[
    (0, "", "value_missing", "document_id is required"),
    (0, "<v>12345678901234567</v>", "cell_broken", "15 digits"),
    (1, " t=\"e\"><v>#REF!</v>", "cell_broken", "error"),
    (2, "<v>46027</v>", "date_invalid", "46027"),
    (2, " s=\"1\"><v>46027.5</v>", "date_invalid", "T12:00:00"),
    (2, " s=\"1\"><v>-4</v>", "cell_broken", "calendar"),
    (2, " t=\"inlineStr\"><is><t>05/01/2026</t></is>", "date_invalid", "05/01/2026"),
    (3, "<v>1.005</v>", "amount_decimals", "3 decimals"),
    (3, "<v>33.333333333333336</v>", "cell_broken", "15 digits"),
    (3, "<f>SUM(A1)</f>", "cell_broken", "never calculated"),
    (3, " t=\"e\"><v>#N/A</v>", "cell_broken", "error"),
    (3, " t=\"inlineStr\"><is><t>diez</t></is>", "amount_invalid", "diez"),
    (3, " t=\"b\"><v>1</v>", "amount_invalid", "true"),
    (3, "", "value_missing", "amount is required"),
];

fn damage_sheet(kind: &Kind, dice: &mut Dice) -> Damaged {
    match dice.below(8) {
        0 => {
            let mut bytes = sheet_bytes(&kind.rows);
            let cut = dice.below(bytes.len() - 1);
            bytes.truncate(cut);
            Damaged { what: format!("cut at byte {cut}"), bytes, told: Told::File(vec!["a.xlsx".into(), "cut short".into()]) }
        }
        1 => {
            let xml = HEADER.replace("<v>2</v>", "<v>4</v>");
            Damaged {
                what: "no column Fecha".into(),
                bytes: book("", &xml),
                told: Told::File(vec!["Fecha".into(), "a.xlsx!Cartera".into()]),
            }
        }
        _ => spoil(kind, dice, SHEET, |row| row as u64 + 2),
    }
}

// ---- all of them

fn read(kind: &Kind, bytes: &[u8]) -> Result<Collected, String> {
    let dir = folder(&[(kind.file, bytes)]);
    let path = dir.path().join("p.toml");
    let named = kind.profile.as_ref().map(|text| {
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap()
    });
    let planned = plan(dir.path(), named).map_err(|e| e.to_string())?;
    let mut got = Collected::default();
    got.summaries = extract::read(&planned, &mut got).map_err(|e| format!("only while reading: {e}"))?;
    Ok(got)
}

fn shown(row: &Row) -> String {
    row.values.iter().map(|v| format!("{v}|")).collect()
}

#[test]
fn five_hundred_damaged_files_are_told_by_their_place() {
    let sheet = profile("", "documents", "*.xlsx", super::extract_formats::DOCUMENTS);
    let kinds = [
        Kind { file: "documents.csv", profile: None, rows: canonical_rows(), render: canonical_bytes, damage: damage_canonical },
        Kind { file: "cartera.txt", profile: Some(list_profile()), rows: list_rows(), render: list_bytes, damage: damage_list },
        Kind { file: "items.jsonl", profile: Some(json_profile()), rows: json_rows(), render: json_bytes, damage: damage_json },
        Kind { file: "a.xlsx", profile: Some(sheet), rows: sheet_rows(), render: sheet_bytes, damage: damage_sheet },
    ];
    let mut dice = Dice(2_026);
    let (mut rows_told, mut files_told, mut codes) = (0, 0, std::collections::BTreeSet::new());
    for (kind, count) in kinds.iter().zip([220, 120, 90, 70]) {
        let whole = read(kind, &(kind.render)(&kind.rows)).unwrap();
        assert_eq!((whole.rows.len(), whole.rejects.len()), (kind.rows.len(), 0), "{}: {:?}", kind.file, whole.rejects);
        for _ in 0..count {
            let damaged = (kind.damage)(kind, &mut dice);
            let what = format!("{}: {}", kind.file, damaged.what);
            match (read(kind, &damaged.bytes), damaged.told) {
                (Err(error), Told::File(words)) => {
                    files_told += 1;
                    for word in words {
                        assert!(error.contains(&word) && !error.starts_with("only while"), "{what}: `{word}` is not in: {error}");
                    }
                }
                (Ok(got), Told::Row { row, line, column, code, word }) => {
                    rows_told += 1;
                    codes.insert(code);
                    let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect();
                    assert_eq!(places, [(line, Some(column), code)], "{what}: {:?}", got.rejects);
                    assert!(got.rejects[0].reason.contains(word), "{what}: `{word}` is not in: {}", got.rejects[0].reason);
                    // Nothing of the damaged row, everything of the others.
                    let want: Vec<String> = whole.rows.iter().enumerate().filter(|(n, _)| *n != row).map(|(_, r)| shown(r)).collect();
                    assert_eq!(got.rows.iter().map(shown).collect::<Vec<_>>(), want, "{what}");
                    assert_eq!(got.summaries.last().unwrap().rows_read, whole.rows.len() as u64, "{what}");
                }
                (Err(error), Told::Row { .. }) => panic!("{what}: a row should be told, but: {error}"),
                (Ok(got), Told::File(_)) => panic!("{what}: the file should be refused, but: {:?}", got.rejects),
            }
        }
    }
    assert_eq!(rows_told + files_told, 500);
    assert!(files_told > 40 && codes.len() >= 9, "{files_told} files, codes {codes:?}");
}
