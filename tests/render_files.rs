//! The files of a pack: self-contained HTML, a workbook with real numbers, CSV and JSON for machines.

#[path = "render_files/opened.rs"]
mod opened;
#[path = "render_files/sample_pack.rs"]
mod sample_pack;

use cartera::domain::lang::Lang;
use cartera::render::{csv, html, json, xlsx};
use cartera::report::pack::{Block, Cell, Pack, RowKind};
use sample_pack::{HOSTILE, sample};
use std::collections::{BTreeMap, BTreeSet};

/// Writes the samples where `CARTERA_LOOK` says, for eyes.
#[test]
fn samples_for_eyes() {
    let Some(folder) = std::env::var_os("CARTERA_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    for (lang, is_final) in [(Lang::Es, false), (Lang::En, true)] {
        let pack = sample(lang, is_final);
        std::fs::write(folder.join(format!("pack_{}.html", lang.code())), html::html(&pack).unwrap()).unwrap();
        std::fs::write(folder.join(format!("pack_{}.xlsx", lang.code())), xlsx::xlsx(&pack).unwrap()).unwrap();
        std::fs::write(folder.join(format!("pack_{}.json", lang.code())), json::json(&pack).unwrap()).unwrap();
        for (name, bytes) in csv::tables_csv(&pack).unwrap() {
            std::fs::write(folder.join(format!("{}_{name}", lang.code())), bytes).unwrap();
        }
    }
}

/// Every value between `open` and `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close).map(|(value, _)| value)).collect()
}

#[test]
fn the_same_pack_gives_the_same_bytes() {
    for lang in [Lang::Es, Lang::En] {
        let pack = sample(lang, false);
        assert_eq!(html::html(&pack).unwrap(), html::html(&pack.clone()).unwrap());
        assert!(xlsx::xlsx(&pack).unwrap() == xlsx::xlsx(&pack.clone()).unwrap());
        assert_eq!(json::json(&pack).unwrap(), json::json(&pack.clone()).unwrap());
        assert_eq!(csv::tables_csv(&pack).unwrap(), csv::tables_csv(&pack.clone()).unwrap());
    }
}

#[test]
fn html_fetches_nothing_and_runs_nothing_of_the_data() {
    for lang in [Lang::Es, Lang::En] {
        let page = html::html(&sample(lang, false)).unwrap();
        let addresses = page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "");
        for outside in ["http://", "https://", "<link", "<img", "<iframe", "@import", " src=\"", "url(//"] {
            assert!(!addresses.contains(outside), "{outside}");
        }
        assert!(between(&page, "url(", ")").iter().all(|url| url.starts_with("data:") || url.starts_with('#')));
        assert_eq!(page.matches("<script").count(), 1, "only our own script");
        assert!(page.contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;&#x2f;script&gt;") || page.contains("&lt;script&gt;alert("));
        assert!(page.contains("{{ 7 * 7 }}"), "text of the data is no template");
        assert!(!page.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')));
    }
}

#[test]
fn html_can_be_walked_without_eyes() {
    let page = html::html(&sample(Lang::Es, false)).unwrap();
    assert!(page.contains("<html lang=\"es\">"));
    let ids = between(&page, " id=\"", "\"");
    let different: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "ids are unique");
    for target in between(&page, "href=\"#", "\"") {
        assert!(ids.contains(&target), "#{target}");
    }
    for reference in between(&page, "aria-labelledby=\"", "\"") {
        assert!(ids.contains(&reference), "{reference}");
    }
    let levels: Vec<u32> = between(&page, "<h", ">").iter().filter_map(|h| h.chars().next()?.to_digit(10)).collect();
    assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let drawings: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert_eq!(drawings.len(), 10, "five charts, each broad and narrow");
    for drawing in drawings {
        let tag = drawing.split('>').next().unwrap();
        assert!(tag.contains("role=\"img\"") && tag.contains("aria-label=\"") && !tag.contains("aria-label=\"\""), "{tag}");
        assert!(drawing.contains("<title>") && drawing.contains("<desc>"));
    }
}

#[test]
fn html_says_whether_it_is_a_draft() {
    let draft = html::html(&sample(Lang::En, false)).unwrap();
    assert!(draft.contains("class=\"watermark\"") && draft.contains("DRAFT: Reasons") && draft.contains("badge-draft\">DRAFT"));
    let end = html::html(&sample(Lang::En, true)).unwrap();
    assert!(!end.contains("class=\"watermark\"") && !end.contains("Reasons") && end.contains("badge-final\">FINAL"));
}

#[test]
fn html_shows_every_figure_and_the_total_last() {
    let pack = sample(Lang::En, true);
    let page = html::html(&pack).unwrap();
    for section in &pack.sections {
        for block in &section.blocks {
            let Block::Table(table) = block else { continue };
            for cell in table.rows.iter().flat_map(|row| row.cells.iter().zip(&table.columns)) {
                let text = cartera::render::cells::text(cell.0, cell.1.kind, pack.lang);
                let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
                assert!(text.contains(['<', '>', '"', '\'', '/', '&']) || page.contains(&escaped), "{text}");
            }
        }
    }
    let table = between(&page, "id=\"table-aging\"", "</table>")[0];
    let kinds = between(table, "<tr class=\"", "\"");
    assert_eq!(kinds.len(), 7);
    assert_eq!(kinds.last(), Some(&"total"));
    assert!(table.contains("data-v=\"130091690.64\">130,091,690.64"));
}

/// A sheet's cells by reference: (formula, value, style, is a shared string).
fn cells(sheet: &str) -> BTreeMap<String, (Option<String>, String, usize, bool)> {
    between(sheet, "<c r=\"", "</c>")
        .into_iter()
        .filter(|cell| !cell.split('>').next().unwrap().ends_with('/'))
        .map(|cell| {
            let (reference, rest) = cell.split_once('"').unwrap();
            let tag = rest.split('>').next().unwrap();
            let style = between(tag, "s=\"", "\"").first().map_or(0, |s| s.parse().unwrap());
            let formula = between(rest, "<f>", "</f>").first().map(|f| f.to_string());
            let value = between(rest, "<v>", "</v>").first().map_or(String::new(), |v| v.to_string());
            (reference.to_string(), (formula, value, style, tag.contains("t=\"s\"")))
        })
        .collect()
}

fn sheets(parts: &BTreeMap<String, String>) -> Vec<&String> {
    parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).map(|(_, text)| text).collect()
}

#[test]
fn xlsx_totals_are_formulas_that_give_the_packs_figures() {
    let mut totals = 0;
    let parts = opened::parts(&xlsx::xlsx(&sample(Lang::Es, false)).unwrap());
    for sheet in sheets(&parts) {
        let cells = cells(sheet);
        for (reference, (formula, value, ..)) in &cells {
            let Some(formula) = formula else { continue };
            totals += 1;
            let arguments: Vec<&str> = formula[..formula.len() - 1].split(['(', ',']).collect();
            let line = |r: &str| r.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().unwrap();
            let letters = |r: &str| r.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
            let (range, by) = match arguments[0] {
                "SUBTOTAL" => (arguments[2], None),
                "SUMIFS" => (arguments[1], Some((letters(arguments[2]), arguments[3]))),
                other => panic!("no other formula is written: {other}"),
            };
            let (from, to) = range.split_once(':').unwrap();
            let column = letters(from);
            let shares = |row: u32| {
                by.as_ref().is_none_or(|(c, own)| cells.get(&format!("{c}{row}")).map(|x| &x.1) == cells.get(*own).map(|x| &x.1))
            };
            let added: i128 = (line(from)..=line(to))
                .filter(|row| shares(*row))
                .filter_map(|row| cells.get(&format!("{column}{row}")))
                .filter(|cell| cell.0.is_none() && !cell.3)
                .map(|cell| (cell.1.parse::<f64>().unwrap() * 100.0).round() as i128)
                .sum();
            assert_eq!(added, (value.parse::<f64>().unwrap() * 100.0).round() as i128, "{reference} {formula}");
            assert!(line(to) < line(reference));
        }
    }
    // Aging: amount, share and count; past due: three subtotals and the total; trial balance: eight amounts; and again on the tables'
    // own sheets, there without the subtotals.
    assert_eq!(totals, 3 + 4 + 8 + 3 + 1 + 8);
}

#[test]
fn xlsx_numbers_are_numbers_days_are_days_texts_are_texts() {
    for (lang, format) in [(Lang::Es, "dd/mm/yyyy"), (Lang::En, "mm/dd/yyyy")] {
        let parts = opened::parts(&xlsx::xlsx(&sample(lang, false)).unwrap());
        let styles = &parts["xl/styles.xml"];
        for wanted in [format, "#,##0.00;[Red]-#,##0.00", "#,##0.0&quot;%&quot;", "#,##0.0000##"] {
            assert!(styles.contains(&format!("formatCode=\"{wanted}\"")), "{wanted}");
        }
        let all: Vec<_> = sheets(&parts).into_iter().flat_map(|sheet| cells(sheet).into_values()).collect();
        let is_number = |text: &str| all.iter().any(|cell| !cell.3 && cell.0.is_none() && cell.1 == text);
        // An open amount, a share, a rate, and 31 October 2026 as a day number.
        for value in ["130091690.64", "71.3", "18.41255", "46326"] {
            assert!(is_number(value), "{value}");
        }
        let texts = &parts["xl/sharedStrings.xml"];
        for text in &HOSTILE[..4] {
            assert!(texts.contains(&format!("<t>{}</t>", text.replace('&', "&amp;"))), "{text}");
        }
        assert!(texts.contains("&lt;r&gt;&lt;t&gt;raw&lt;/t&gt;&lt;/r&gt;"), "text in tags is not markup");
        assert!(texts.contains("<t>tab here bell null end</t>") && !texts.contains("_x00"));
        assert!(texts.contains("<t>00123</t>"), "an id keeps its zeros");
    }
}

#[test]
fn xlsx_is_laid_out_for_screen_and_paper() {
    let pack = sample(Lang::En, false);
    let parts = opened::parts(&xlsx::xlsx(&pack).unwrap());
    let book = &parts["xl/workbook.xml"];
    let names = between(book, "<sheet name=\"", "\"");
    let tables = pack.sections.iter().flat_map(|s| &s.blocks).filter(|b| matches!(b, Block::Table(t) if !t.rows.is_empty())).count();
    assert_eq!(names.len(), 1 + pack.sections.len() + tables, "a cover, a sheet a section, a sheet a table with rows");
    assert_eq!(names[0], "Cover");
    assert!(names.iter().all(|name| name.encode_utf16().count() <= 31));
    assert_eq!(book.matches("_xlnm.Print_Titles").count(), names.len());
    for sheet in sheets(&parts) {
        assert!(sheet.contains("orientation=\"landscape\"") && sheet.contains("fitToHeight=\"0\"") && sheet.contains("state=\"frozen\""));
        assert!(sheet.contains("&amp;P of &amp;N") && sheet.contains("DRAFT") && sheet.contains("41,208 movements"));
    }
    assert!(parts["docProps/core.xml"].contains("2026-10-31T00:00:00Z"), "the creation day is the as-of day");
    let natives: Vec<&String> = parts.iter().filter(|(name, _)| name.starts_with("xl/tables/")).map(|(_, text)| text).collect();
    assert_eq!(natives.len(), tables, "each own sheet is a native table");
    assert!(natives.iter().filter(|table| table.contains("<autoFilter")).count() < tables, "short tables need no buttons");
    let charts: Vec<&String> = parts.iter().filter(|(name, _)| name.starts_with("xl/charts/chart")).map(|(_, text)| text).collect();
    assert_eq!(charts.len(), 5);
    let count = |mark: &str| charts.iter().filter(|chart| chart.contains(mark)).count();
    // A bridge has an invisible line along its tops that carries the figures of the steps, not of the tops.
    assert_eq!((count("<a:t>+105.2</a:t>"), count("<a:t>\u{2212}90</a:t>")), (1, 1));
    assert_eq!(
        (count("<c:lineChart>"), count("barDir val=\"bar\""), count("grouping val=\"stacked\""), count("<a:noFill/>")),
        (3, 1, 3, 5)
    );
    assert!(parts["xl/drawings/drawing1.xml"].contains("descr=\"DSO rose over 24 months"), "charts are described");
}

#[test]
fn hostile_titles_and_ids_break_no_file() {
    let mut pack = sample(Lang::En, false);
    let all = HOSTILE.join(" ") + "\"}</style></script><!-- ]]> \\ [x]:*?/";
    pack.title = all.clone();
    pack.entity = all.clone();
    pack.proof.line = all.clone() + &"&".repeat(300);
    pack.words.page_of = "&P {page} 9 {pages}".into();
    for (at, section) in pack.sections.iter_mut().enumerate() {
        section.title = HOSTILE[at % HOSTILE.len()].into();
        section.message = all.clone();
        section.id = all.clone();
        for block in &mut section.blocks {
            match block {
                Block::Table(table) => {
                    table.id = "../../same".into();
                    table.title = HOSTILE[at % HOSTILE.len()].into();
                    table.columns.iter_mut().for_each(|c| c.label = "=1+1".into());
                }
                Block::Chart(chart) => {
                    chart.id = "../../same".into();
                    chart.title = "=Cover!A1".into();
                    chart.unit = "=Cover!A1".into();
                    chart.series.iter_mut().for_each(|s| s.name = "=Cover!A1".into());
                }
                _ => {}
            }
        }
    }
    let page = html::html(&pack).unwrap();
    assert_eq!((page.matches("<script").count(), page.matches("</style>").count()), (1, 1));
    let parts = opened::parts(&xlsx::xlsx(&pack).unwrap());
    for sheet in sheets(&parts) {
        assert!(cells(sheet).values().filter_map(|cell| cell.0.as_ref()).all(|f| f.starts_with("SUBTOTAL(9,") || f.starts_with("SUMIFS(")));
        let footer = between(sheet, "<oddFooter>", "</oddFooter>")[0].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert!(footer.encode_utf16().count() <= 255 && footer.ends_with("&&P &P 9 &N"), "{footer}");
    }
    for (_, chart) in parts.iter().filter(|(name, _)| name.starts_with("xl/charts/chart")) {
        assert!(between(chart, "<c:f>", "</c:f>").iter().all(|f| !f.starts_with("Cover!")), "texts are not taken for references");
    }
    let files = csv::tables_csv(&pack).unwrap();
    let names: BTreeSet<&String> = files.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), files.len());
    assert!(names.iter().all(|name| !name.contains('/') && !name.contains("..")));
}

#[test]
fn an_empty_pack_is_still_a_file() {
    let mut pack: Pack = sample(Lang::Es, true);
    pack.sections.truncate(1);
    pack.sections[0].blocks.clear();
    pack.proof.sources.clear();
    pack.proof.facts.clear();
    assert!(html::html(&pack).unwrap().contains("</html>"));
    assert!(opened::parts(&xlsx::xlsx(&pack).unwrap()).contains_key("xl/worksheets/sheet2.xml"));
    assert!(csv::tables_csv(&pack).unwrap().is_empty());
}

#[test]
fn csv_gives_back_the_details_exactly() {
    let pack = sample(Lang::Es, false);
    let files: BTreeMap<String, Vec<u8>> = csv::tables_csv(&pack).unwrap().into_iter().collect();
    assert_eq!(files.len(), 10);
    let tables = pack.sections.iter().flat_map(|s| &s.blocks).filter_map(|b| if let Block::Table(t) = b { Some(t) } else { None });
    for table in tables {
        let bytes = &files[&format!("{}.csv", table.id)];
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let keys: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
        assert_eq!(keys, table.columns.iter().map(|c| c.key.clone()).collect::<Vec<_>>());
        let read: Vec<Vec<String>> = reader.records().map(|r| r.unwrap().iter().map(String::from).collect()).collect();
        let wanted: Vec<Vec<String>> = table
            .rows
            .iter()
            .filter(|row| row.kind == RowKind::Detail)
            .map(|row| {
                let plain = |cell: &Cell| match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Number(value) => value.to_string(),
                    Cell::Date(day) => day.format("%Y-%m-%d").to_string(),
                    Cell::Empty | Cell::Undefined(_) => String::new(),
                    Cell::Trend(_) => panic!("the sample has no small lines"),
                };
                row.cells.iter().map(plain).collect()
            })
            .collect();
        assert_eq!(read, wanted, "{}", table.id);
    }
    let trend = String::from_utf8(files["dso_trend.csv"].clone()).unwrap();
    assert!(trend.starts_with("label,DSO,Mejor posible,Meta\nnov 24,") && trend.lines().count() == 25);
    assert!(trend.contains(",,45.0\n"), "a gap is an empty field");
}

#[test]
fn json_keeps_order_and_exact_decimals() {
    let pack = sample(Lang::Es, false);
    let text = json::json(&pack).unwrap();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = read.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["name", "lang", "title", "entity", "as_of", "period", "state", "proof", "sections", "words"]);
    assert_eq!(read["as_of"], "2026-10-31");
    assert!(text.contains("\"number\": \"130091690.64\"") && text.ends_with("}\n"));
    let cell = &read["sections"][0]["blocks"][0]["items"][7]["value"];
    assert_eq!(cell["undefined"], "n/d: sin meta para octubre");
}
