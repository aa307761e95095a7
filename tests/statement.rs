//! Customer statements end to end: a project is loaded, statements are written, and the files are read again.

use cartera::domain::days::parse_day;
use cartera::domain::lang::Lang;
use cartera::engine::rows::Datum;
use cartera::pipeline::{self, Figures, LoadRequest, Loaded, Now, Project, StatementRequest, WrittenStatements, write_statements};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const PAYEES: &str = r#"
[statement.A]
bank = "Banco Ejemplo <b>"
account = "0118359719"
clabe = "032180000118359719"
contact = "Cuentas por cobrar, 55 0000 0000"
from = "cobranza@aceros.example"
[statement.A.currency.USD]
bank = "Example Bank"
swift = "EXAMMXMM"
[statement.B]
from = "ar@sierra.example"
"#;

fn now() -> Now {
    Now { today: parse_day("2026-11-02").unwrap(), instant: "2026-11-02T09:00:00Z".into() }
}

fn load(project: &Project, folder: &Path) {
    let request = LoadRequest { paths: vec![folder.to_path_buf()], ..LoadRequest::default() };
    let loaded = pipeline::load(project, &request, &now(), &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    assert!(matches!(loaded, Loaded::Done { .. }));
}

/// A project of canonical folders, one load each; made once, then only read.
fn made(home: &'static OnceLock<TempDir>, payees: &str, folders: &dyn Fn(&Path) -> Vec<PathBuf>) -> Project {
    let home = home.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("p");
        pipeline::begin_project(&root).unwrap();
        let config = std::fs::read_to_string(root.join("cartera.toml")).unwrap() + payees;
        std::fs::write(root.join("cartera.toml"), config).unwrap();
        let project = Project::open(Some(&root)).unwrap();
        folders(&root).iter().for_each(|folder| load(&project, folder));
        home
    });
    Project::open(Some(&home.path().join("p"))).unwrap()
}

/// The ledger of the fixture `statements`.
fn usual() -> Project {
    static HOME: OnceLock<TempDir> = OnceLock::new();
    let ledger = crate::fixture::root().join("tests/fixtures/ledgers/statements");
    made(&HOME, PAYEES, &|_| vec![ledger.join("1"), ledger.join("2")])
}

/// Names and ids that would do something if they were not text.
const HOSTILE: &[(&str, &str)] = &[
    ("../../up", "=HYPERLINK(\"http://x.example\";\"click\")"),
    ("CON", "<script>alert(1)</script>"),
    ("c1", "#set page(fill: red) $x$ *bold* @ref \\ `raw`"),
    ("C1", "\u{202E}txet desrever\u{202C} {{ 7*7 }} {amount}"),
    ("a/b\\c:d", "</style><img src=x onerror=alert(1)>"),
    (
        "index",
        "Nombre muy largo de una empresa que no cabe en un renglón ni en dos, con acentos y eñes: Añejos Güeros, S.A. de C.V. \
               y todavía sigue hasta pasar de doscientos signos, porque alguien copió aquí la dirección entera de la planta",
    ),
    ("-rf", "'; drop table customers; --"),
    ("Ñandú 7", "Peña, \"Hermanos\" <nadie@nowhere.example>\nBcc: otro@nowhere.example"),
    ("W", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"),
];

fn hostile() -> Project {
    static HOME: OnceLock<TempDir> = OnceLock::new();
    made(&HOME, "\n[statement.'A/<b>']\nfrom = \"ar@a.example\"\nbank = \"<b>&\"\n", &|root| {
        let folder = root.join("extracts/1");
        std::fs::create_dir_all(&folder).unwrap();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let company = quoted("A/<b>");
        let mut customers = "company_id,customer_id,name,tax_id,language,email\n".to_string();
        let mut documents =
            "company_id,document_id,document_kind,customer_id,document_date,posting_date,due_date,currency,amount,reference\n".to_string();
        for (n, (id, name)) in HOSTILE.iter().enumerate() {
            let lang = ["es", "en"][n % 2];
            customers += &format!("{company},{},{},{},{lang},h{n}@mail.example\n", quoted(id), quoted(name), quoted("<i>RFC"));
            let reference = quoted("+1-1 <script> #x");
            documents += &format!(
                "{company},\"=D{n}<u>\",invoice,{},2026-09-01,2026-09-01,2026-09-30,MXN,9999999999999.99,{reference}\n",
                quoted(id)
            );
            documents += &format!("{company},R{n},receipt,{},2026-10-01,2026-10-01,2026-10-01,MXN,10.00,\n", quoted(id));
        }
        std::fs::write(
            folder.join("companies.csv"),
            format!("company_id,name,country,functional_currency\n{company},\"<b>Yo & Co\",MX,MXN\n"),
        )
        .unwrap();
        std::fs::write(folder.join("customers.csv"), customers).unwrap();
        std::fs::write(folder.join("documents.csv"), documents).unwrap();
        std::fs::write(folder.join("extract.toml"), "day = 2026-10-31\n").unwrap();
        vec![folder]
    })
}

fn request(out: &Path) -> StatementRequest {
    StatementRequest {
        customers: Vec::new(),
        company: None,
        as_of: parse_day("2026-10-31").unwrap(),
        known_at: None,
        from: None,
        lang: None,
        formats: vec!["json".into()],
        messages: false,
        out: out.to_path_buf(),
    }
}

fn write(project: &Project, request: &StatementRequest) -> WrittenStatements {
    write_statements(project, request, &mut |_, _, _| {}).unwrap_or_else(|e| panic!("{e}"))
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn texts(files: &BTreeMap<String, Vec<u8>>, ending: &str) -> Vec<(String, String)> {
    let wanted = files.iter().filter(|(path, _)| path.ends_with(ending));
    wanted.map(|(path, bytes)| (path.clone(), String::from_utf8(bytes.clone()).unwrap())).collect()
}

fn statements(out: &Path) -> Vec<Value> {
    texts(&files(out), ".json").iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect()
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} of {value}"))
}

fn money(value: &Value, path: &str) -> Decimal {
    text(value, path).parse().unwrap()
}

fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    value.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("{path}"))
}

/// Sums of a query's answer by some of its columns.
fn sums(figures: &Figures, query: &str, day: &str, by: &[&str], column: &str) -> BTreeMap<String, Decimal> {
    let rows = figures.query(query, &[Datum::Date(parse_day(day).unwrap())]).unwrap();
    let at = |name: &str| rows.position(name).unwrap_or_else(|| panic!("{query} has no {name}"));
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in &rows.rows {
        let key = by.iter().map(|name| row[at(name)].to_string()).collect::<Vec<_>>().join("|");
        *sums.entry(key).or_default() += row[at(column)].decimal().unwrap();
    }
    sums.retain(|_, amount| !amount.is_zero());
    sums
}

/// What the statements say, added up the same way.
fn said(statements: &[Value], of: &dyn Fn(&Value) -> Vec<(String, Decimal)>) -> BTreeMap<String, Decimal> {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for statement in statements {
        let who = format!("{}|{}", text(statement, "/company/id"), text(statement, "/customer/id"));
        for section in list(statement, "/sections") {
            for (name, amount) in of(section) {
                *sums.entry(format!("{who}|{}{name}", text(section, "/currency"))).or_default() += amount;
            }
        }
    }
    sums.retain(|_, amount| !amount.is_zero());
    sums
}

fn tie_to_the_ledger(project: &Project, day: &str, known_at: Option<i32>) -> usize {
    let out = tempfile::tempdir().unwrap();
    let asked = StatementRequest { as_of: parse_day(day).unwrap(), known_at, ..request(out.path()) };
    let written = write(project, &asked);
    let statements = statements(out.path());
    assert_eq!(statements.len(), written.count);
    let figures = Figures::open(project, known_at).unwrap();
    let by = ["company_id", "customer_id", "currency"];
    let open = sums(&figures, "open_items", day, &by, "open_amount");
    assert_eq!(said(&statements, &|s| vec![(String::new(), money(s, "/balance"))]), open, "{day}: balances");
    let items = |s: &Value| list(s, "/items").iter().map(|i| (String::new(), money(i, "/open"))).collect();
    assert_eq!(said(&statements, &items), open, "{day}: items");
    let ages = sums(&figures, "aging_by_customer", day, &["company_id", "customer_id", "currency", "bucket"], "open_amount");
    let steps = |s: &Value| list(s, "/ageing").iter().map(|a| (format!("|{}", text(a, "/bucket")), money(a, "/amount"))).collect();
    assert_eq!(said(&statements, &steps), ages, "{day}: ages");
    let disputed = sums(&figures, "disputed_amounts", day, &by, "disputed_amount");
    assert_eq!(said(&statements, &|s| vec![(String::new(), money(s, "/disputed"))]), disputed, "{day}: disputes");
    let rows = figures.query("statement_parties", &[Datum::Date(parse_day(day).unwrap())]).unwrap();
    assert_eq!(rows.rows.len(), written.count + written.left_out);
    written.count
}

#[test]
fn statements_are_the_open_items_and_the_aging_to_the_cent() {
    for (day, known_at, count) in [("2026-10-31", None, 4), ("2026-10-06", Some(1), 4), ("2026-09-30", None, 4), ("2026-10-16", None, 4)] {
        assert_eq!(tie_to_the_ledger(&usual(), day, known_at), count, "{day} {known_at:?}");
    }
}

#[test]
fn statements_of_the_sample_are_its_open_items_too() {
    static HOME: OnceLock<TempDir> = OnceLock::new();
    let home = HOME.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("sample");
        pipeline::unpack_sample(&root).unwrap();
        let project = Project::open(Some(&root)).unwrap();
        pipeline::sample_loads(&root).iter().for_each(|folder| load(&project, folder));
        home
    });
    let project = Project::open(Some(&home.path().join("sample"))).unwrap();
    assert!(tie_to_the_ledger(&project, "2026-10-31", None) > 20);
    assert!(tie_to_the_ledger(&project, "2026-09-30", Some(1)) > 20);
    let out = tempfile::tempdir().unwrap();
    let from = parse_day("2026-10-01");
    assert!(write(&project, &StatementRequest { from, ..request(out.path()) }).count > 20);
}

#[test]
fn opening_and_activity_make_the_closing_balance() {
    let project = usual();
    let figures = Figures::open(&project, None).unwrap();
    let by = ["company_id", "customer_id", "currency"];
    for (from, before) in [("2026-10-01", "2026-09-30"), ("2026-10-15", "2026-10-14"), ("2026-09-06", "2026-09-05")] {
        let out = tempfile::tempdir().unwrap();
        write(&project, &StatementRequest { from: parse_day(from), ..request(out.path()) });
        let statements = statements(out.path());
        let opening = said(&statements, &|s| vec![(String::new(), money(s, "/activity/opening"))]);
        let mut open_before = sums(&figures, "open_items", before, &by, "open_amount");
        // Who has nothing open at the end gets no statement of all.
        open_before.retain(|key, _| !key.starts_with("A|C4"));
        assert_eq!(opening, open_before, "{from}");
        for section in statements.iter().flat_map(|s| list(s, "/sections")) {
            let mut balance = money(section, "/activity/opening");
            for line in list(section, "/activity/lines") {
                balance += money(line, "/amount");
                assert_eq!(balance, money(line, "/balance"));
                assert!(text(line, "/day") >= from);
            }
            assert_eq!(balance, money(section, "/activity/closing"));
            assert_eq!(balance, money(section, "/balance"));
        }
    }
    let backwards = StatementRequest { from: parse_day("2026-11-01"), ..request(Path::new("nowhere")) };
    assert!(write_statements(&project, &backwards, &mut |_, _, _| {}).unwrap_err().is_usage());
}

#[test]
fn each_customer_reads_its_own_language() {
    let (project, out) = (usual(), tempfile::tempdir().unwrap());
    let one = |customer: &str, lang: Option<Lang>| {
        let customers = vec![customer.to_string()];
        let out = out.path().join(format!("{customer}{lang:?}"));
        write(&project, &StatementRequest { customers, lang, formats: vec!["html".into(), "pdf".into()], ..request(&out) });
        texts(&files(&out), ".html").remove(0).1
    };
    let (spanish, english) = (one("C3", None), one("C2", None));
    for word in ["Estado de cuenta", "Anticipo por aplicar", "Saldo a favor", "Fecha de corte", "31 oct 2026", "nada por pagar"] {
        assert!(spanish.contains(word), "{word}");
    }
    for word in ["Statement of account", "Open items", "Oct 31, 2026", "Days late", "31–60", "980.00", "Example Bank", "EXAMMXMM"] {
        assert!(english.contains(word), "{word}");
    }
    assert!(!english.contains("0118359719"), "the account of another currency");
    assert!(one("C3", Some(Lang::En)).contains("Unapplied advance"));
    let disputed = one("C1", None);
    for word in ["En aclaración", "100.00", "032180000118359719", "Factura, parcialidad 2", "Pago por aplicar", "Nota de crédito"] {
        assert!(disputed.contains(word), "{word}");
    }
}

#[test]
fn one_customer_in_two_companies_gets_two_statements() {
    let (project, out) = (usual(), tempfile::tempdir().unwrap());
    let ask = |customer: &str, company: Option<&str>| {
        let (customers, company) = (vec![customer.to_string()], company.map(str::to_string));
        write_statements(&project, &StatementRequest { customers, company, ..request(out.path()) }, &mut |_, _, _| {})
    };
    assert_eq!(ask("C1", None).unwrap().count, 2);
    assert_eq!(ask("C1", Some("B")).unwrap().count, 1);
    // Asked for by name, a customer who owes nothing gets a statement that says so.
    assert_eq!(ask("C4", None).unwrap().files.len(), 1);
    let last = statements(&out.path().join("2026-10-31/A")).pop().unwrap();
    assert_eq!((text(&last, "/customer/id"), list(&last, "/sections").len()), ("C4", 0));
    let unknown = ask("C11", None).unwrap_err();
    assert!(unknown.is_missing() && unknown.to_string().contains("did you mean C1?"), "{unknown}");
    assert!(ask("C4", Some("B")).is_err());
    let whole = StatementRequest { company: Some("X".into()), ..request(out.path()) };
    assert!(write_statements(&project, &whole, &mut |_, _, _| {}).unwrap_err().is_missing());
}

fn all_formats(out: &Path) -> StatementRequest {
    let formats = ["pdf", "html", "csv", "json"].map(str::to_string).to_vec();
    StatementRequest { formats, messages: true, ..request(out) }
}

#[test]
fn hostile_names_stay_text_and_files_stay_in_their_folder() {
    let (project, home) = (hostile(), tempfile::tempdir().unwrap());
    let out = home.path().join("deep/out");
    let written = write(&project, &all_formats(&out));
    assert_eq!(written.count, HOSTILE.len());
    let made = files(home.path());
    assert!(made.keys().all(|path| path.starts_with("deep/out/2026-10-31/")), "{:?}", made.keys());
    // Four formats and a message each, and two files of the index; none the same in other capitals.
    assert_eq!(made.len(), HOSTILE.len() * 5 + 2);
    assert_eq!(made.keys().map(|path| path.to_lowercase()).collect::<BTreeSet<_>>().len(), made.len());
    for (path, html) in texts(&made, ".html") {
        for tag in ["<script", "<img", "<u>", "<b>", "<i>", "\u{202E}"] {
            assert!(!html.contains(tag), "{path}: {tag}");
        }
        assert_eq!(html.matches("</style>").count(), 1, "{path}");
    }
    let spoken = texts(&made, ".html").iter().map(|(_, html)| html.clone()).collect::<String>();
    for shown in ["&lt;script&gt;alert(1)", "#set page(fill: red) $x$ *bold*", "{{ 7*7 }} {amount}", "9,999,999,999,999.99"] {
        assert!(spoken.replace("&#x2f;", "/").contains(shown), "{shown}");
    }
    for (path, csv) in texts(&made, ".csv") {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
        for record in reader.records() {
            for (name, cell) in head.iter().zip(record.unwrap().iter()) {
                let is_figure = name.ends_with("amount") || name == "balance";
                assert!(is_figure || !cell.starts_with(['=', '+', '-', '@']), "{path}: {name} {cell}");
            }
        }
    }
    assert!(made.iter().filter(|(path, _)| path.ends_with(".pdf")).all(|(_, bytes)| bytes.starts_with(b"%PDF-")));
}

#[test]
fn addresses_stand_in_messages_only() {
    for (project, mail) in [(usual(), "@pena"), (hostile(), "@mail")] {
        let out = tempfile::tempdir().unwrap();
        write(&project, &all_formats(out.path()));
        for (path, bytes) in files(out.path()).iter().filter(|(path, _)| !path.ends_with(".eml")) {
            let text = String::from_utf8_lossy(bytes);
            for part in ["pena.example", "northstar.example", "mail.example", "not an address", mail] {
                assert!(!text.contains(part), "{path} holds {part}");
            }
        }
    }
}

/// A message taken apart by the rules of RFC 5322 and MIME: headers unfolded, parts with their content decoded.
struct Message {
    headers: Vec<(String, String)>,
    text: String,
    attachment: (String, Vec<u8>),
}

fn unfolded(head: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with(' '), headers.last_mut()) {
            (true, Some(last)) => last.1.push_str(line),
            _ => {
                let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line}"));
                headers.push((name.to_string(), value.to_string()));
            }
        }
    }
    headers
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for sign in text.chars().filter(|c| !c.is_whitespace() && *c != '=') {
        bits = bits << 6 | DIGITS.find(sign).unwrap_or_else(|| panic!("{sign}")) as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    out
}

/// A header with its encoded words read.
fn decoded(value: &str) -> String {
    let mut out = String::new();
    for (n, word) in value.split(' ').filter(|w| !w.is_empty()).enumerate() {
        match word.strip_prefix("=?UTF-8?B?").and_then(|w| w.strip_suffix("?=")) {
            Some(coded) => out.push_str(&String::from_utf8(base64(coded)).unwrap()),
            None => {
                if n > 0 {
                    out.push(' ');
                }
                out.push_str(word);
            }
        }
    }
    out
}

fn parsed(message: &str) -> Message {
    assert!(message.is_ascii() && message.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])));
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    let headers = unfolded(head);
    let kind = &headers.iter().find(|h| h.0 == "Content-Type").unwrap().1;
    let boundary = kind.split("boundary=\"").nth(1).unwrap().trim_end_matches('"');
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!((parts.len(), parts[0], parts[3]), (4, "", "--\r\n"));
    let part = |text: &str| {
        let (head, body) = text.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Content-Transfer-Encoding: base64"));
        (head.to_string(), base64(body))
    };
    let (text, file) = (part(parts[1]), part(parts[2]));
    let name = file.0.split("filename=\"").nth(1).unwrap().split('"').next().unwrap().to_string();
    Message { headers, text: String::from_utf8(text.1).unwrap(), attachment: (name, file.1) }
}

#[test]
fn messages_carry_the_statement_and_no_header_of_a_stranger() {
    const HEADERS: [&str; 8] = ["From", "To", "Subject", "Date", "Message-ID", "X-Unsent", "MIME-Version", "Content-Type"];
    for project in [usual(), hostile()] {
        let out = tempfile::tempdir().unwrap();
        let written = write(&project, &all_formats(out.path()));
        let made = files(&out.path().join("2026-10-31"));
        let messages = texts(&made, ".eml");
        assert_eq!(messages.len(), written.messages);
        for (path, text) in messages {
            let message = parsed(&text);
            assert_eq!(message.headers.iter().map(|h| h.0.as_str()).collect::<Vec<_>>(), HEADERS, "{path}");
            let pdf = path.strip_prefix("outbox/").unwrap().replace('+', "/").replace(".eml", ".pdf");
            assert!(made[&pdf] == message.attachment.1, "{path} carries another file");
            assert!(message.attachment.0.ends_with("+2026-10-31.pdf"));
        }
    }
    let out = tempfile::tempdir().unwrap();
    let written = write(&usual(), &all_formats(out.path()));
    // C3 has no address, and what B knows of its C1 is none.
    assert_eq!((written.count, written.messages, written.without_email), (4, 2, 2));
    let made = files(&out.path().join("2026-10-31"));
    let message = parsed(std::str::from_utf8(&made["outbox/A+C1.eml"]).unwrap());
    let header = |name: &str| decoded(&message.headers.iter().find(|h| h.0 == name).unwrap().1);
    assert_eq!(header("To"), "Construcciones y Montajes Peña, S.A. <cobranza@pena.example>");
    assert_eq!(header("From"), "Aceros y Perfiles del Norte, S.A. de C.V. <cobranza@aceros.example>");
    assert_eq!(header("Subject"), "Estado de cuenta A/C1/20261031/2 al 31 oct 2026, Aceros y Perfiles del Norte, S.A. de C.V.");
    assert_eq!(header("Date"), "Sat, 31 Oct 2026 12:00:00 +0000");
    for line in ["Estimados señores de Construcciones", "MXN: saldo 2,150.00, vencido 400.00", "USD: saldo 450.00, vencido 500.00"] {
        assert!(message.text.contains(line), "{}", message.text);
    }
    let english = parsed(std::str::from_utf8(&made["outbox/A+C2.eml"]).unwrap());
    let to = &english.headers.iter().find(|h| h.0 == "To").unwrap().1;
    assert!(to.ends_with("<ap@northstar.example>, <cfo@northstar.example>"), "{to}");
    assert!(english.text.contains("Please find attached your statement"));
    let old = out.path().join("2026-10-31/outbox/A+C0.eml");
    std::fs::write(&old, "old").unwrap();
    assert_eq!(write(&usual(), &all_formats(out.path())).stale_messages, 1);
}

#[test]
fn messages_need_a_sender_and_the_pdf() {
    static HOME: OnceLock<TempDir> = OnceLock::new();
    let ledger = crate::fixture::root().join("tests/fixtures/ledgers/statements");
    let project = made(&HOME, "\n[statement.A]\nbank = 'B'\n", &|_| vec![ledger.join("1")]);
    let out = tempfile::tempdir().unwrap();
    let fails = |request: &StatementRequest| write_statements(&project, request, &mut |_, _, _| {}).unwrap_err();
    let error = fails(&all_formats(out.path()));
    assert!(error.is_usage() && error.to_string().contains("[statement.A] with from"), "{error}");
    let error = fails(&StatementRequest { messages: true, ..request(out.path()) });
    assert!(error.is_usage() && error.to_string().contains("--format"), "{error}");
    let error = fails(&StatementRequest { formats: vec!["docx".into()], ..request(out.path()) });
    assert!(error.is_usage() && error.to_string().contains("pdf, html, csv, json"), "{error}");
    let misspelt = Project::open(Some(&HOME.get().unwrap().path().join("p"))).map(|mut p| {
        let payee = p.config.payees["A"].clone();
        p.config.payees.insert("AA".into(), payee);
        p
    });
    let error = write_statements(&misspelt.unwrap(), &request(out.path()), &mut |_, _, _| {}).unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("did you mean [statement.A]?"), "{error}");
}

#[test]
fn the_index_names_every_file_with_its_digest() {
    use sha2::{Digest, Sha256};
    let (project, out) = (usual(), tempfile::tempdir().unwrap());
    for (company, folder, rows) in [(None, "2026-10-31", 5), (Some("A"), "2026-10-31/A", 4)] {
        let written = write(&project, &StatementRequest { company: company.map(str::to_string), ..all_formats(out.path()) });
        let folder = out.path().join(folder);
        let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
        let mut reader = csv::Reader::from_reader(index.as_bytes());
        let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
        let records: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap()).collect();
        assert_eq!(records.len(), rows);
        for record in &records {
            for (at, name) in head.iter().enumerate().filter(|(_, name)| name.ends_with("sha256")) {
                let bytes = std::fs::read(folder.join(&record[at - 1])).unwrap();
                assert_eq!(cartera::domain::digest::hex(&Sha256::digest(&bytes)), record[at], "{name}");
            }
            let message = &record[head.len() - 1];
            assert_eq!(!message.is_empty(), &record[5] == "yes");
            assert!(message.is_empty() || folder.join(message).is_file(), "{message}");
        }
        let html = std::fs::read_to_string(folder.join("index.html")).unwrap();
        assert!(html.contains("Estados de cuenta") && html.contains("1,510.00") == company.is_none(), "totals by currency");
        assert_eq!(written.left_out, 1);
    }
}

#[test]
fn the_same_again_is_the_same_bytes() {
    for project in [usual(), hostile()] {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(&project, &all_formats(one.path()));
        write(&project, &all_formats(&two.path().join("elsewhere")));
        let (one, two) = (files(one.path()), files(&two.path().join("elsewhere")));
        assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
        assert!(one.iter().all(|(path, bytes)| two[path] == *bytes));
    }
}
