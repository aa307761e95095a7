//! CFDI: every kind into rows, everything that can be wrong with one told by its place, folders and archives alike.

use super::extract::{Collected, folder, load, plan};
use super::extract_formats::{load_with, plan_error};
use cartera::extract;
use std::io::Write;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledgers/cfdi")
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(fixtures().join("1").join(name)).unwrap()
}

/// A profile of the fixtures' first company, with more keys of `[cfdi]`.
fn profile(more: &str) -> String {
    format!(
        "name='p'\ndescription='d'\n[read]\nformat='cfdi'\n[cfdi]\nfiles=['*.xml']\n{more}\n\
         [[cfdi.company]]\ntax_id='EJE010101AB1'\ncompany_id='MX01'\nname='Ejemplo'\n"
    )
}

/// Loads fixtures under their own names.
fn load_fixtures(profile: &str, names: &[&str]) -> Collected {
    let texts: Vec<Vec<u8>> = names.iter().map(|n| std::fs::read(fixtures().join("1").join(n)).unwrap()).collect();
    let files: Vec<(&str, &[u8])> = names.iter().copied().zip(texts.iter().map(Vec::as_slice)).collect();
    load_with(profile, &files)
}

/// Folio fiscal of a fixture.
fn uuid(number: u32) -> String {
    format!("{number:08X}-AAAA-4BBB-8CCC-{number:012X}")
}

fn short(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|l| (0..100).fold(l, |l, n| l.replace(&uuid(n), &format!("#{n}")))).collect()
}

#[test]
fn every_kind_becomes_its_rows() {
    let got = load(&fixtures().join("1"), None);
    let documents =
        ["company_id", "document_id", "document_kind", "amount", "currency", "sales_effect", "due_date", "reverses_document_id"];
    assert_eq!(
        short(got.show("documents", &documents)),
        [
            "MX01|#1|invoice|9540.00|MXN||2024-05-10|",
            "MX01|#2|invoice|1160.00|USD||2024-06-14|",
            "MX01|#3|invoice|5800.00|MXN|||",
            "MX01|#4|invoice|11600.00|MXN|advance||",
            "MX01|#5|invoice|116000.00|MXN||2024-06-04|",
            "MX01|#6|credit_memo|11600.00|MXN|advance||",
            "MX01|#7|credit_memo|540.00|MXN|||",
            "MX01|#8|credit_memo|1740.00|MXN|||",
            "MX01|#9|invoice|580.00|MXN||2024-05-01|",
            "MX01|#10|invoice|1160.00|MXN||2024-05-01|",
            "MX01|#11|credit_memo|116.00|MXN|||",
            "MX01|#12/1|receipt|12550.00|MXN|||",
            "MX01|#12/2|receipt|660.00|USD|||",
            "MX01|#13/1|receipt|5800.00|MXN|||",
            "MX01|#17:cancelled|invoice|2320.00|MXN|||#17",
            "MX01|#17|invoice|2320.00|MXN||2024-06-01|",
            "MX01|#18|invoice|2436.00|MXN||2024-06-02|",
            "MX01|#19|invoice|116.00|MXN|||",
            "MX01|#20|invoice|232.00|MXN|||",
            "MX01|#21|invoice|1000.00|USD||2024-06-04|",
            "MX01|#22|invoice|1185.00|MXN||2024-05-20|",
            "MX01|#24|invoice|3480.00|MXN||2024-06-05|",
            "MX01|#25|debit_memo|116.00|MXN|price|2024-06-08|",
            "MX01|#29/1|receipt|100.00|MXN|||",
            "MX01|#33|invoice|250.00|MXN||2024-06-10|",
            "MX02|#30|invoice|696.00|MXN||2024-06-09|",
        ]
    );
    let money = ["document_id", "tax_amount", "withheld_amount", "company_amount", "reference", "payment_method", "document_date"];
    let shown = short(got.show("documents", &money));
    for line in [
        "#1|1440.00|900.00||A-101|PPD|2024-04-10",
        // 1,160.00 at 17.10, and 660.00 received at 16.90.
        "#2|160.00|0.00|19836.00|A-2|PPD|2024-04-15",
        "#12/2|||11154.00|A-12||2024-05-20",
        // Local taxes count: 160 + 30 charged, 5 withheld.
        "#22|190.00|5.00||A-22|PPD|2024-05-05",
        // Taken back on the day of the replacement, before the day of the cancellation.
        "#17:cancelled|320.00|0.00||A-17||2024-05-03",
    ] {
        assert!(shown.contains(&line.to_string()), "{line} is not in {shown:#?}");
    }
    let applications = ["application_id", "kind", "from_document_id", "to_document_id", "amount", "from_amount", "undoes_application_id"];
    assert_eq!(
        short(got.show("applications", &applications)),
        [
            "#6/#5|advance|#6|#5|11600.00||",
            "#7/#1|credit|#7|#1|540.00||",
            "#8/#9|credit|#8|#9|580.00||",
            "#8/#10|credit|#8|#10|1160.00||",
            "#12/1/1|receipt|#12/1|#1|4000.00||",
            // 500 / 0.058480 = 8,549.93; the payment was 8,550 more than the 4,000, inside what the printed digits allow.
            "#12/1/2|receipt|#12/1|#2|500.00|8550.00|",
            "#12/2/1|receipt|#12/2|#2|660.00||",
            "#13/1/1|receipt|#13/1|#3|5800.00||",
            "#23/1/1:cancelled|netting||#22|185.00||#23/1/1",
            "#23/1/1|netting||#22|185.00||",
            "#29/1/1|receipt|#29/1|#25|100.00||",
        ]
    );
    assert_eq!(
        got.show("customers", &["company_id", "customer_id", "name", "tax_id", "country", "counterparty_company_id"]),
        [
            "MX01|CLI010203AB1|CLIENTE UNO|CLI010203AB1|MX|",
            "MX01|CLI020304AB2|CLIENTE DOS|CLI020304AB2|MX|",
            "MX01|CNA030405AB3|COMPAÑÍA ÑANDÚ|CNA030405AB3|MX|",
            "MX01|EJN020202CD3|EJEMPLO NORTE|EJN020202CD3|MX|MX02",
            "MX01|XAXX010101000/PUBLICO EN GENERAL|PUBLICO EN GENERAL|XAXX010101000|MX|",
            "MX01|XAXX010101000/VENTA MOSTRADOR|Venta  mostrador|XAXX010101000|MX|",
            "MX01|XEXX010101000/FOREIGN PARTS INC|FOREIGN PARTS INC|XEXX010101000|USA|",
            "MX02|GRU030303EF5|GRUPO HERMANA|GRU030303EF5|MX|ES01",
        ]
    );
}

#[test]
fn the_fiscal_tables_hold_what_was_stamped() {
    let got = load(&fixtures().join("1"), None);
    let fiscal = short(
        got.show("fiscal_documents", &["fiscal_uuid", "kind", "currency", "total", "cancelled_at", "cancel_reason", "replaced_by_uuid"]),
    );
    assert_eq!(fiscal.len(), 25);
    for line in ["#1|I|MXN|9540.00|||", "#12|P|MXN|0.00|||", "#17|I|MXN|2320.00|2024-05-04|01|#18", "#23|P|MXN|0.00|2024-05-25|02|"] {
        assert!(fiscal.contains(&line.to_string()), "{line} is not in {fiscal:#?}");
    }
    assert_eq!(
        short(got.show("fiscal_relations", &["fiscal_uuid", "related_uuid", "relation"])),
        ["#5|#4|07", "#6|#5|07", "#7|#1|01", "#8|#9|03", "#8|#10|03", "#11|#1|01", "#11|#5|01", "#18|#17|04", "#25|#1|02"]
    );
    let columns = [
        "rep_uuid",
        "payment_no",
        "line",
        "payment_currency",
        "payment_amount",
        "invoice_uuid",
        "instalment",
        "previous_balance",
        "paid",
        "outstanding",
        "currency",
        "equivalence",
    ];
    assert_eq!(
        short(got.show("fiscal_payments", &columns)),
        [
            "#12|1|1|MXN|12550.00|#1|1|9540.00|4000.00|5540.00|MXN|1",
            "#12|1|2|MXN|12550.00|#2|1|1160.00|500.00|660.00|USD|0.05848",
            "#12|2|1|USD|660.00|#2|2|660.00|660.00|0.00|USD|1",
            "#23|1|1|MXN|185.00|#22|1|1185.00|185.00|1000.00|MXN|1",
            "#29|1|1|MXN|100.00|#25|1|116.00|100.00|20.00|MXN|1",
        ]
    );
}

#[test]
fn what_is_set_aside_refused_or_remarkable_is_told() {
    let got = load(&fixtures().join("1"), None);
    let names: Vec<String> = plan(&fixtures().join("1"), None).unwrap().sources.iter().map(|s| s.name.clone()).collect();
    let mut rejects: Vec<String> = got
        .rejects
        .iter()
        .map(|r| {
            format!(
                "{}:{}:{} {} {}",
                names[r.source as usize],
                r.line,
                r.column_no.unwrap_or(0),
                r.column_name.as_deref().unwrap_or(""),
                r.code
            )
        })
        .collect();
    rejects.sort();
    assert_eq!(
        rejects,
        [
            "13_pago_10.xml:12:9 DoctoRelacionado@NumParcialidad value_missing",
            "26_sin_timbre.xml:2:1  cfdi_unsigned",
            "27_tres_dos.xml:2:60 cfdi:Comprobante@version cfdi_version",
            "28_ajena.xml:4:3 Emisor@Rfc cfdi_not_ours",
            "32_folio_repetido.xml:11:98 TimbreFiscalDigital@UUID duplicate_key",
            "cancelados_mayo.csv:7:1 UUID cfdi_invalid",
            "cancelados_mayo.csv:8:2 Fecha date_invalid",
        ]
    );
    let mut findings: Vec<String> = got.findings.iter().map(|f| format!("{} {}", f.code, f.place.as_deref().unwrap_or("-"))).collect();
    findings.sort();
    assert_eq!(
        findings,
        [
            "cancellation_invalid cancelados_mayo.csv:6",
            "cancellation_unknown cancelados_mayo.csv:5",
            "cfdi_aside -",
            "cfdi_aside -",
            "cfdi_aside -",
            "cfdi_total 33_total.xml:2",
            "credit_unsplit 11_sin_reparto.xml:2",
            "duplicate_row 31_copia.xml:11:98",
            "payment_chain 29_cadena.xml:13",
        ]
    );
    // Every file is one row read or one passed over: 33 XML, of which payroll, transport, received and a copy are passed over.
    let cfdi: Vec<_> = names.iter().zip(&got.summaries).filter(|(n, _)| n.ends_with(".xml")).map(|(_, s)| s).collect();
    assert_eq!((cfdi.iter().map(|s| s.rows_read).sum::<u64>(), cfdi.iter().map(|s| s.rows_skipped).sum::<u64>()), (29, 4));
}

#[test]
fn a_damaged_cfdi_is_told_by_line_column_and_code() {
    let good = fixture("01_factura.xml");
    let lines: Vec<&str> = good.lines().collect();
    let total = lines[2].find("Total=\"9540").unwrap() as u32 + 1;
    let change = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let cut = good.find("<cfdi:Conceptos>").unwrap();
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY c \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let latin = encoding_rs::WINDOWS_1252.encode(&good.replace("CLIENTE UNO", "CLIENTE ÚNICO")).0.into_owned();
    let name_at = lines[4].find("ÚNICO").unwrap_or(lines[4].find("UNO").unwrap()) as u32 + 1;
    let cases: Vec<(&str, Vec<u8>, u64, Option<u32>, &str)> = vec![
        ("empty", Vec::new(), 1, Some(1), "xml_invalid"),
        ("cut short", good.as_bytes()[..cut].to_vec(), 6, Some(3), "xml_invalid"),
        ("cut in a tag", good.as_bytes()[..cut + 8].to_vec(), 6, Some(3), "xml_invalid"),
        ("tags crossed", change("</cfdi:Complemento>", "</cfdi:Complement>"), 13, Some(3), "xml_invalid"),
        ("entity bomb", change("\n<cfdi:Comprobante", &format!("\n{bomb}\n<cfdi:Comprobante")), 2, Some(1), "xml_invalid"),
        ("entity from outside", change("Prueba &amp;", "Prueba &xxe;"), 7, Some(76), "xml_invalid"),
        ("another encoding than it says", latin, 5, Some(name_at), "text_invalid"),
        ("an encoding nobody knows", change("UTF-8", "EBCDIC-ES"), 1, Some(1), "text_invalid"),
        ("a bell", change("CLIENTE UNO", "CLIENTE\u{7} UNO"), 5, Some(name_at - 1), "text_invalid"),
        ("another root", change("<cfdi:Comprobante", "<cfdi:Retenciones"), 2, Some(1), "cfdi_invalid"),
        ("its namespace is another", change("http://www.sat.gob.mx/cfd/4", "http://example.com/cfd/4"), 2, Some(1), "cfdi_invalid"),
        ("version 5", change("Version=\"4.0\"", "Version=\"5.0\""), 2, Some(60), "cfdi_version"),
        ("version of the other namespace", change("Version=\"4.0\"", "Version=\"3.3\""), 2, Some(60), "cfdi_version"),
        ("no version", change("Version=\"4.0\" ", ""), 2, Some(1), "value_missing"),
        ("no type", change(" TipoDeComprobante=\"I\"", ""), 2, Some(1), "value_missing"),
        ("a type of its own", change("TipoDeComprobante=\"I\"", "TipoDeComprobante=\"Z\""), 3, Some(total + 16), "enum_unknown"),
        ("amount in words", change("Total=\"9540.00\"", "Total=\"nueve mil\""), 3, Some(total), "amount_invalid"),
        ("decimal comma", change("Total=\"9540.00\"", "Total=\"9540,00\""), 3, Some(total), "amount_invalid"),
        ("three decimals", change("Total=\"9540.00\"", "Total=\"9540.005\""), 3, Some(total), "amount_decimals"),
        ("below zero", change("Total=\"9540.00\"", "Total=\"-9540.00\""), 3, Some(total), "amount_sign"),
        ("too large", change("Total=\"9540.00\"", "Total=\"95400000000000000000.00\""), 3, Some(total), "amount_range"),
        ("no total", change(" Total=\"9540.00\"", ""), 2, Some(1), "value_missing"),
        (
            "cents of a currency without",
            change("Moneda=\"MXN\" Total=\"9540.00\"", "Moneda=\"JPY\" Total=\"9540.50\""),
            3,
            Some(total),
            "amount_decimals",
        ),
        ("unknown currency", change("Moneda=\"MXN\"", "Moneda=\"ZZZ\""), 3, Some(total - 13), "currency_unknown"),
        ("31 February", change("Fecha=\"2024-04-10T", "Fecha=\"2024-02-31T"), 2, Some(96), "date_invalid"),
        ("a day without its time", change("2024-04-10T09:30:00", "2024-04-10"), 2, Some(96), "date_invalid"),
        ("method", change("MetodoPago=\"PPD\"", "MetodoPago=\"PPP\""), 3, Some(total + 55), "enum_unknown"),
        ("RFC", change("Rfc=\"CLI010203AB1\"", "Rfc=\"CLI0102\""), 5, Some(18), "cfdi_invalid"),
        ("no issuer", change("<cfdi:Emisor Rfc=\"EJE010101AB1\"", "<cfdi:Emisario Rfc=\"EJE010101AB1\""), 2, Some(1), "cfdi_invalid"),
        ("no UUID", change(" UUID=\"00000001-AAAA-4BBB-8CCC-000000000001\"", ""), 11, Some(5), "value_missing"),
        ("half a UUID", change("UUID=\"00000001-AAAA-4BBB-8CCC-000000000001\"", "UUID=\"00000001-AAAA\""), 11, Some(98), "cfdi_invalid"),
        ("a second root", [good.as_bytes(), b"<more/>"].concat(), 15, Some(1), "xml_invalid"),
        ("an attribute twice", change("Rfc=\"CLI010203AB1\"", "Rfc=\"CLI010203AB1\" Rfc=\"CLI010203AB1\""), 5, Some(3), "xml_invalid"),
        ("not XML", b"UUID;Fecha\n1;2\n".to_vec(), 1, Some(1), "xml_invalid"),
        ("a zip under another name", b"PK\x03\x04xxxx".to_vec(), 1, Some(3), "text_invalid"),
    ];
    let other = fixture("25_cargo.xml");
    let mut wrong = Vec::new();
    for (name, bytes, line, column, code) in cases {
        assert_ne!(bytes, good.as_bytes(), "{name}: nothing was changed");
        let got = load_with(&profile(""), &[("a.xml", other.as_bytes()), ("b.xml", &bytes)]);
        let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.column_no, r.code)).collect();
        if places != [(line, column, code)] || got.rejects[0].reason.is_empty() {
            wrong.push(format!(
                "{name}: told {places:?}, not {:?}: {}",
                (line, column, code),
                got.rejects.first().map_or("", |r| &r.reason)
            ));
        }
        // Nothing of it is loaded, and all of the other is.
        assert_eq!(short(got.show("documents", &["document_id"])), ["#25"], "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_damaged_complement_is_told_by_its_place() {
    let good = fixture("12_pago.xml");
    let change = |from: &str, to: &str| good.replacen(from, to, 1);
    for (name, text, line, code) in [
        ("no equivalence", change(" EquivalenciaDR=\"0.058480\"", ""), 14, "value_missing"),
        ("an equivalence of zero", change("EquivalenciaDR=\"0.058480\"", "EquivalenciaDR=\"0\""), 14, "amount_range"),
        ("no amount paid in another currency", change(" ImpPagado=\"500.00\"", ""), 14, "value_missing"),
        ("instalment in words", change("NumParcialidad=\"1\"", "NumParcialidad=\"uno\""), 13, "integer_invalid"),
        ("a payment of nothing", change("Monto=\"660.00\"", "Monto=\"0.00\""), 16, "amount_range"),
        ("version", change("Version=\"2.0\"", "Version=\"3.0\""), 10, "cfdi_version"),
        (
            "no complement",
            change("pago20:Pagos xmlns:pago20", "pago20:Pagas xmlns:pago20").replace("</pago20:Pagos>", "</pago20:Pagas>"),
            2,
            "cfdi_invalid",
        ),
        ("currency", change("MonedaDR=\"USD\"", "MonedaDR=\"XXX\""), 14, "currency_unknown"),
    ] {
        assert_ne!(text, good, "{name}: nothing was changed");
        let got = load_with(&profile(""), &[("p.xml", text.as_bytes())]);
        let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(places, [(line, code)], "{name}: {:?}", got.rejects);
        assert!(got.of("documents").is_empty() && got.of("applications").is_empty() && got.of("fiscal_payments").is_empty(), "{name}");
    }
}

/// Some hundred invoices, each its own.
fn many(count: u32) -> Vec<(String, Vec<u8>)> {
    let good = fixture("01_factura.xml");
    (0..count)
        .map(|n| {
            let text = good.replace(&uuid(1), &uuid(1000 + n)).replace("CLIENTE UNO", &format!("CLIENTE UNO {}", n % 7));
            (format!("f{n:04}.xml"), text.replace("CLI010203AB1", &format!("CLI0{:02}203AB1", n % 90 + 10)).into_bytes())
        })
        .collect()
}

fn all_rows(got: &Collected) -> Vec<String> {
    got.rows.iter().map(|r| format!("{} {:?} {:?}", r.table.name, r.values, r.origin)).collect()
}

#[test]
fn a_folder_and_an_archive_of_hundreds_give_the_same_rows_in_the_same_order() {
    let mut files = many(700);
    files[400].1.truncate(300);
    let copy = files[5].1.clone();
    files.push(("z.xml".into(), copy));
    let shown: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let first = load_with(&profile(""), &shown);
    let again = load_with(&profile(""), &shown);
    assert_eq!(all_rows(&first), all_rows(&again));
    assert_eq!(first.of("documents").len(), 699);
    assert_eq!(first.of("customers").len(), 90);
    assert_eq!((first.rejects.len(), first.findings.len()), (1, 1));

    let dir = folder(&[("p.toml", profile("").as_bytes())]);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(dir.path().join("cfdi.zip")).unwrap());
    for (name, bytes) in &files {
        zip.start_file(format!("2024/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    let zipped = load(dir.path(), dir.path().join("p.toml").to_str());
    assert_eq!(all_rows(&first), all_rows(&zipped));
    let plan = plan(dir.path(), dir.path().join("p.toml").to_str()).unwrap();
    // Shown and recorded as one, told apart in rejects.
    assert!(plan.sources[1..].iter().all(|s| s.bundle.as_deref() == Some("cfdi.zip/2024/*.xml")));
    let reject = &zipped.rejects[0];
    assert_eq!(plan.sources[reject.source as usize].name, "cfdi.zip/2024/f0400.xml");
}

#[test]
fn without_own_companies_there_is_one_issuer() {
    let shipped = |names: &[&str]| {
        let texts: Vec<Vec<u8>> = names.iter().map(|n| fixture(n).into_bytes()).collect();
        let files: Vec<(&str, &[u8])> = names.iter().copied().zip(texts.iter().map(Vec::as_slice)).collect();
        let dir = folder(&files);
        let plan = plan(dir.path(), Some("cfdi")).unwrap();
        let mut got = Collected::default();
        extract::read(&plan, &mut got).map(|_| got).map_err(|e| e.to_string())
    };
    let one = shipped(&["01_factura.xml", "19_publico.xml"]).unwrap();
    assert_eq!(one.show("companies", &["company_id", "name", "functional_currency"]), ["EJE010101AB1|EJEMPLO INDUSTRIAL|MXN"]);
    assert_eq!(one.of("documents").len(), 2);
    let two = shipped(&["01_factura.xml", "16_recibida.xml"]).err().expect("two issuers");
    assert!(two.contains("EJE010101AB1") && two.contains("PRO040404GH7") && two.contains("[[cfdi.company]]"), "{two}");
    let any = load_fixtures(
        "name='p'\ndescription='d'\n[read]\nformat='cfdi'\n[cfdi]\nfiles=['*.xml']\nany_issuer=true\n",
        &["01_factura.xml", "16_recibida.xml"],
    );
    assert_eq!(any.show("documents", &["company_id"]), ["EJE010101AB1", "PRO040404GH7"]);
    // The customer of one is the other company.
    assert_eq!(any.show("customers", &["customer_id", "counterparty_company_id"]), ["CLI010203AB1|", "EJE010101AB1|EJE010101AB1"]);
}

#[test]
fn the_profile_says_what_settles_and_whose_ledger_it_is() {
    let settled = |pue: &str| {
        let got = load_fixtures(&profile(pue), &["01_factura.xml", "19_publico.xml"]);
        short(got.show("applications", &["application_id", "kind", "from_document_id", "posting_date", "amount"]))
    };
    assert!(settled("").is_empty());
    assert_eq!(settled("pue='paid_on_issue'"), ["#19/pue|receipt||2024-05-04|116.00"]);
    assert_eq!(settled("pue='paid_by_month_end'"), ["#19/pue|receipt||2024-05-31|116.00"]);
    let cash = load_fixtures(&profile("not_cash={}"), &["23_compensacion.xml"]);
    assert_eq!(short(cash.show("documents", &["document_id", "document_kind"])), ["#23/1|receipt"]);
    let sale = load_fixtures(&profile("advance_products=[]"), &["04_anticipo.xml"]);
    assert_eq!(sale.show("documents", &["sales_effect"]), [""]);

    let erp = load_fixtures(&profile("ledger='erp'"), &["01_factura.xml", "12_pago.xml", "18_sustituta.xml"]);
    assert!(erp.rows.iter().all(|r| r.table.name.starts_with("fiscal_")), "beside an ERP only the fiscal tables are filled");
    assert_eq!(erp.of("fiscal_payments").len(), 3);
    assert_eq!(erp.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["cfdi_replaced"]);
}

#[test]
fn what_replaces_takes_back_also_without_a_list() {
    let got = load_fixtures(&profile(""), &["17_original.xml", "18_sustituta.xml"]);
    let shown = short(got.show("documents", &["document_id", "document_date", "reverses_document_id", "reason"]));
    assert!(shown.contains(&"#17:cancelled|2024-05-03|#17|replaced by #18".to_string()), "{shown:?}");
    assert_eq!(got.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["cfdi_replaced"]);
    // The replaced one is elsewhere: what it was worth is not known here.
    let alone = load_fixtures(&profile(""), &["18_sustituta.xml"]);
    assert_eq!(short(alone.show("documents", &["document_id"])), ["#18"]);
    assert!(alone.findings[0].message.contains("not in this load"));
}

#[test]
fn a_customer_keeps_its_latest_name() {
    let old = fixture("01_factura.xml");
    let new = fixture("25_cargo.xml").replace("CLIENTE UNO", "CLIENTE UNO NUEVO");
    for order in [["a.xml", "b.xml"], ["b.xml", "a.xml"]] {
        let got = load_with(&profile(""), &[(order[0], old.as_bytes()), (order[1], new.as_bytes())]);
        assert_eq!(got.show("customers", &["customer_id", "name"]), ["CLI010203AB1|CLIENTE UNO NUEVO"]);
    }
    // The same CFDI written otherwise is the same; nameless people of the public are each their own.
    let spaced = old.replace("\n    SubTotal", "\n\n      SubTotal");
    let got = load_with(&profile(""), &[("a.xml", old.as_bytes()), ("b.xml", spaced.as_bytes())]);
    assert_eq!((got.rejects.len(), got.findings.len()), (0, 1));
    let nameless = |name: &str| fixture(name).replace(" Nombre=\"PUBLICO EN GENERAL\"", "").replace(" Nombre=\"Venta  mostrador\"", "");
    let got =
        load_with(&profile(""), &[("a.xml", nameless("19_publico.xml").as_bytes()), ("b.xml", nameless("20_mostrador.xml").as_bytes())]);
    assert_eq!(short(got.show("documents", &["customer_id"])), ["XAXX010101000/#19", "XAXX010101000/#20"]);
}

#[test]
fn the_authoritys_own_list_is_read() {
    let list = "[cfdi.cancellations]\nfiles=['*.txt']\nuuid='Uuid'\ndate='FechaCancelacion'\nstatus='Estatus'\ncancelled=['0']\n\
        read={ delimiter='~', quote='' }\n";
    let text = format!(
        "Uuid~RfcEmisor~Monto~Estatus~FechaCancelacion\n{}~EJE010101AB1~9540~0~2024-04-12 08:00:01\n{}~EJE010101AB1~116~1~\n",
        uuid(1),
        uuid(25)
    );
    let (one, two) = (fixture("01_factura.xml"), fixture("25_cargo.xml"));
    let files: &[(&str, &[u8])] = &[("a.xml", one.as_bytes()), ("b.xml", two.as_bytes()), ("metadata.txt", text.as_bytes())];
    let got = load_with(&format!("{}{list}", profile("")), files);
    assert!(got.rejects.is_empty(), "{:?}", got.rejects);
    assert_eq!(short(got.show("fiscal_documents", &["fiscal_uuid", "cancelled_at"])), ["#1|2024-04-12", "#25|"]);
    assert_eq!(short(got.show("documents", &["document_id"])), ["#1", "#1:cancelled", "#25"]);
    let wrong = plan_error(&format!("{}{}", profile(""), list.replace("'Uuid'", "'Folio'")), files);
    assert!(wrong.contains("no column `Folio`") && wrong.contains("Uuid, RfcEmisor"), "{wrong}");
}

#[test]
fn mistakes_of_a_profile_are_told_before_any_file() {
    let head = "name='p'\ndescription='d'\n[read]\nformat='cfdi'\n";
    let file: &[(&str, &[u8])] = &[("a.xml", b"<a/>")];
    for (profile, want) in [
        (head.to_string(), "needs a [cfdi] section"),
        ("name='p'\ndescription='d'\n[cfdi]\nfiles=['*.xml']\n".to_string(), "format = \"cfdi\""),
        (format!("{head}[cfdi]\nfiles=[]\n"), "names no file"),
        (format!("{head}[cfdi]\nfiles=['*.xml']\nany_issuer=true\n[[cfdi.company]]\ntax_id='A'\ncompany_id='1'\n"), "one or the other"),
        (format!("{head}[cfdi]\nfiles=['*.xml']\nnot_cash={{ '17'='receipt' }}\n"), "cannot be `receipt`"),
        (format!("{head}[cfdi]\nfiles=['*.xml']\n[[cfdi.company]]\ntax_id='A'\ncompany_id='1'\nfunctional_currency='ZZZ'\n"), "`ZZZ`"),
        (format!("{head}[cfdi]\nfiles=['*.xml']\nmonths=1\n"), "unknown field `months`"),
        (
            format!("{head}[cfdi]\nfiles=['*.xml']\n[cfdi.cancellations]\nfiles=['a.csv']\nuuid='U'\ndate='F'\nstatus='S'\n"),
            "stand together",
        ),
        (
            format!("{head}[cfdi]\nfiles=['*.xml']\n[cfdi.cancellations]\nfiles=['*.xml']\nuuid='U'\ndate='F'\n"),
            "patterns of file names that do not meet",
        ),
    ] {
        let told = plan_error(&profile, file);
        assert!(told.contains(want), "{told}");
    }
}
