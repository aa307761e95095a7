//! A rich invented pack, drawn in both languages: charts and PDF are complete, harmless to hostile text and the same twice.
//!
//! `CARTERA_LOOK=DIR` keeps what was drawn, for people to look at.

mod forms;
mod pack;

use cartera::domain::lang::Lang;
use cartera::render;
use cartera::report::pack::*;
use pack::*;
use rust_decimal::Decimal;
use std::path::PathBuf;

fn keep(name: &str, bytes: &[u8]) {
    if let Some(dir) = std::env::var_os("CARTERA_LOOK") {
        std::fs::write(PathBuf::from(dir).join(name), bytes).unwrap();
    }
}

#[test]
fn charts_look_right() {
    for lang in [Lang::Es, Lang::En] {
        for chart in [dso(lang), aging(lang), bridge(lang, false), bridge(lang, true), bars(lang)] {
            let svg = render::chart::svg(&chart, lang, render::chart::Size::WIDE).unwrap();
            let png = render::png::png(&svg).unwrap();
            assert!(!svg.contains("<script"));
            keep(&format!("{}_{}.svg", chart.id, lang.code()), svg.as_bytes());
            keep(&format!("{}_{}.png", chart.id, lang.code()), &png);
            let narrow = render::chart::svg(&chart, lang, render::chart::Size { width: 420.0, height: 340.0 }).unwrap();
            keep(&format!("{}_{}_narrow.png", chart.id, lang.code()), &render::png::png(&narrow).unwrap());
        }
    }
}

#[test]
fn every_form_is_drawn_in_every_format() {
    for lang in [Lang::Es, Lang::En] {
        for chart in forms::all(lang) {
            let svg = render::chart::svg(&chart, lang, render::chart::Size::WIDE).unwrap();
            keep(&format!("form_{}_{}.png", chart.id, lang.code()), &render::png::png(&svg).unwrap());
            let narrow = render::chart::svg(&chart, lang, render::chart::Size { width: 460.0, height: 360.0 }).unwrap();
            keep(&format!("form_{}_{}_narrow.png", chart.id, lang.code()), &render::png::png(&narrow).unwrap());
            assert!(svg.contains("<title>") && !svg.contains("<script"), "values are said, and harmless: {}", chart.id);
        }
        let pack = forms::forms(lang);
        let pdf = render::pdf(&pack).unwrap();
        assert!(pdf == render::pdf(&pack).unwrap());
        keep(&format!("forms_{}.pdf", lang.code()), &pdf);
        // Signs that the fonts lack keep a pack from declaring itself accessible; without them it does.
        let mut plain = pack.clone();
        let blocks = vec![Block::Chart(forms::collected(lang, 13)), Block::Table(forms::rolls(lang))];
        plain.sections = vec![section("forms", "Formas".into(), String::new(), true, blocks)];
        let said = |pdf: &[u8]| String::from_utf8_lossy(pdf).contains("<pdfuaid:part>1<");
        assert_eq!((said(&render::pdf(&plain).unwrap()), said(&pdf)), (true, false));
        let html = render::html::html(&pack).unwrap();
        assert!(html.contains("<a href=\"#table-rolls\">") && html.contains(" rise6\"") && html.contains(" fall2\""));
        assert_eq!(html.matches("class=\"trend\"").count(), 1 + 10 + 1, "a head, ten customers and their total");
        keep(&format!("forms_{}.html", lang.code()), html.as_bytes());
        let xlsx = render::xlsx::xlsx(&pack).unwrap();
        assert!(xlsx == render::xlsx::xlsx(&pack).unwrap());
        keep(&format!("forms_{}.xlsx", lang.code()), &xlsx);
    }
}

#[test]
fn the_pdf_is_complete_and_the_same_twice() {
    for (lang, is_final) in [(Lang::Es, false), (Lang::En, true)] {
        let pack = pack(lang, is_final, 40);
        let pdf = render::pdf(&pack).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert_eq!(pdf, render::pdf(&pack).unwrap());
        keep(&format!("pack_{}.pdf", lang.code()), &pdf);
    }
}

/// Nothing, too much and endless words are set too.
#[test]
fn extreme_packs_are_set() {
    let mut bare = pack(Lang::Es, true, 1);
    bare.sections.clear();
    bare.proof = Proof { line: String::new(), facts: vec![], sources: vec![] };
    bare.title.clear();
    bare.entity.clear();
    render::pdf(&bare).unwrap();

    let mut full = pack(Lang::En, false, 3);
    let endless = "Refacciones".repeat(30);
    full.proof.line = full.proof.line.repeat(9);
    full.entity = format!("{endless} {}", "y Compañía ".repeat(40));
    full.state.reasons = (0..30).map(|i| format!("{i}: {}", full.entity)).collect();
    full.proof.sources = (0..80).map(|i| SourceProof { load_id: i, ..full.proof.sources[0].clone() }).collect();
    full.sections[0].blocks = vec![
        Block::Kpis { items: vec![] },
        Block::Kpis {
            items: (0..13)
                .map(|_| {
                    kpi(
                        endless.clone(),
                        Cell::Number(Decimal::MAX),
                        "MXN",
                        Some((&endless, Cell::Number(Decimal::MIN))),
                        &endless,
                        Tone::Bad,
                    )
                })
                .collect(),
        },
        Block::Text { paragraphs: vec![] },
        Block::Checklist { title: String::new(), items: vec![] },
        Block::Definitions { items: vec![] },
        Block::Table(Table { columns: vec![], rows: vec![], ..small(Lang::En) }),
        Block::Table(Table { rows: vec![], ..small(Lang::En) }),
        Block::Checklist {
            title: String::new(),
            items: vec![Check { label: endless.clone(), verdict: Verdict::Noted, detail: endless.clone() }],
        },
    ];
    let mut wide = small(Lang::En);
    for i in 0..25 {
        wide.columns.push(column(&format!("c{i}"), format!("Column {i}"), ColumnKind::Money));
        for row in &mut wide.rows {
            row.cells.push(money(123_456_789_012 * i));
        }
    }
    wide.rows[0].cells[0] = text(endless.clone());
    wide.rows[1].cells.truncate(2);
    full.sections[1].blocks.push(Block::Table(wide));
    let more: Vec<Section> =
        (0..60).map(|i| section(&format!("s{i}"), format!("Section {i} {endless}"), endless.clone(), false, vec![])).collect();
    full.sections.extend(more);
    keep("extreme.pdf", &render::pdf(&full).unwrap());
}

/// A long table runs over as many pages as it needs.
#[test]
fn a_long_table_runs_over_pages() {
    let pages = |rows: usize, name: &str| {
        let pdf = render::pdf(&pack(Lang::Es, true, rows)).unwrap();
        keep(name, &pdf);
        let text = String::from_utf8_lossy(&pdf);
        let counts =
            text.split("/Count ").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
        counts.max().unwrap()
    };
    if std::env::var_os("CARTERA_LOOK").is_some() {
        pages(10_000, "longest.pdf");
    }
    let (short, long) = (pages(100, "short.pdf"), pages(400, "long.pdf"));
    // Each page takes some thirty rows: 300 more rows are some ten pages more, and none is lost at a page's foot.
    assert!((7..=13).contains(&(long - short)), "{short} pages, then {long}");
}
