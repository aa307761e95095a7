//! A rich invented pack, drawn in both languages: charts and PDF are complete, harmless to hostile text and the same twice.
//!
//! `CARTERA_LOOK=DIR` keeps what was drawn, for people to look at.

use cartera::domain::lang::Lang;
use cartera::render;
use cartera::report::pack::*;
use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use std::path::PathBuf;

const HOSTILE: [&str; 6] = [
    "#panic(\"typst\") $x^2$ *bold* _em_ @ref <label> `raw` \\ [x]",
    "</svg><script>alert(1)</script>",
    "A & \"B\" 'C' {{ x }} // ~ -- ---",
    "\u{202E}שלום مرحبا",
    "= Heading\n+ item\n/ term: x\n- y",
    "https://example.com/a?b=c&d=e #let x = 1 #import \"/x.typ\"",
];

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 31).unwrap()
}

fn months(lang: Lang, count: u32) -> Vec<String> {
    (0..count).rev().map(|back| lang.month(day() - Months::new(back))).collect()
}

fn tr(lang: Lang, es: &str, en: &str) -> String {
    if lang == Lang::Es { es.to_owned() } else { en.to_owned() }
}

fn tenths(numbers: impl IntoIterator<Item = i64>) -> Vec<Option<Decimal>> {
    numbers.into_iter().map(|n| Some(Decimal::new(n, 1))).collect()
}

fn series(name: String, role: SeriesRole, values: Vec<Option<Decimal>>) -> Series {
    Series { name, values, role }
}

fn dso(lang: Lang) -> Chart {
    let wave = |base: i64, lift: i64| tenths((0..24).map(move |i| base + lift * i + (i * i * 7 + i * 13) % 23));
    let mut best = wave(402, 1);
    best[5] = None;
    Chart {
        id: "dso".into(),
        title: tr(lang, "DSO a 24 meses, días", "DSO over 24 months, days"),
        kind: ChartKind::Line,
        labels: months(lang, 24),
        series: vec![
            series("DSO".into(), SeriesRole::Main, wave(498, 4)),
            series(tr(lang, "mejor DSO posible", "best possible DSO"), SeriesRole::Context, best),
            series(tr(lang, "meta", "target"), SeriesRole::Reference, tenths([480; 24])),
        ],
        unit: tr(lang, "días", "days"),
        decimals: 1,
        description: tr(lang, "El DSO subió de 49.8 a 60.3 días en 24 meses.", "DSO rose from 49.8 to 60.3 days in 24 months."),
    }
}

fn aging(lang: Lang) -> Chart {
    let names = match lang {
        Lang::Es => ["Por vencer", "1–30 días", "31–60 días", "61–90 días", "91–120 días", "Más de 120 días"],
        Lang::En => ["Not yet due", "1–30 days", "31–60 days", "61–90 days", "91–120 days", "Over 120 days"],
    };
    let base = [3120, 840, 410, 230, 90, 160];
    Chart {
        id: "aging".into(),
        title: tr(lang, "Antigüedad de saldos a 13 meses, millones MXN", "Aging over 13 months, millions MXN"),
        kind: ChartKind::StackedColumns,
        labels: months(lang, 13),
        series: names.iter().zip(base).enumerate().map(|(b, (name, base))| {
            let values = tenths((0..13).map(|m| base + (m * 17 + b as i64 * 41) % 97 + m * 4 * b as i64));
            series((*name).to_owned(), SeriesRole::Scale, values)
        }).collect(),
        unit: "M MXN".into(),
        decimals: 1,
        description: String::new(),
    }
}

fn bridge(lang: Lang, long: bool) -> Chart {
    let (labels, values): (Vec<&str>, Vec<i64>) = if long {
        let labels = match lang {
            Lang::Es => vec!["Saldo inicial", "Facturación nacional", "Facturación de exportación", "Notas de crédito", "Devoluciones", "Descuentos por pronto pago", "Cobranza", "Pagos por aplicar", "Anticipos aplicados", "Castigos", "Reclasificaciones intercompañía", "Efecto cambiario", "Ajustes", "Saldo final"],
            Lang::En => vec!["Opening", "Domestic billing", "Export billing", "Credit memos", "Returns", "Early-payment discounts", "Collections", "Unapplied cash", "Advances applied", "Write-offs", "Intercompany reclassifications", "Exchange effect", "Adjustments", "Closing"],
        };
        (labels, vec![4850, 2100, 640, -120, -85, -22, -2310, 45, -130, -12, 60, -38, 2, 4980])
    } else {
        let labels = match lang {
            Lang::Es => vec!["Saldo inicial", "Facturación", "Notas de crédito", "Cobranza", "Castigos", "Efecto cambiario", "Saldo final"],
            Lang::En => vec!["Opening", "Billing", "Credit memos", "Collections", "Write-offs", "Exchange effect", "Closing"],
        };
        (labels, vec![4850, 2740, -227, -2395, -12, 24, 4980])
    };
    Chart {
        id: if long { "bridge_long".into() } else { "bridge".into() },
        title: tr(lang, "De septiembre a octubre: cartera, millones MXN", "From September to October: receivables, millions MXN"),
        kind: ChartKind::Waterfall,
        labels: labels.into_iter().map(str::to_owned).collect(),
        series: vec![series(String::new(), SeriesRole::Main, tenths(values))],
        unit: "M MXN".into(),
        decimals: 1,
        description: String::new(),
    }
}

fn bars(lang: Lang) -> Chart {
    let mut labels: Vec<String> = customers().into_iter().take(9).collect();
    labels.push(HOSTILE[1].to_owned());
    Chart {
        id: "top".into(),
        title: tr(lang, "Cambio de la cartera vencida por cliente, miles MXN", "Change in past due by customer, thousands MXN"),
        kind: ChartKind::Bars,
        labels,
        series: vec![series(String::new(), SeriesRole::Main, tenths([48_210, 31_122, 20_999, 14_005, 9_120, 4_400, 310, -2_200, -8_450, -15_000]))],
        unit: "k MXN".into(),
        decimals: 1,
        description: String::new(),
    }
}

fn customers() -> Vec<String> {
    let mut names: Vec<String> = [
        "Aceros y Perfiles del Norte, S.A. de C.V.",
        "Comercializadora e Importadora de Refacciones Industriales y Automotrices del Bajío y Occidente, S. de R.L. de C.V.",
        "Zulu Foods Inc.",
        "Ñandú Logística",
        "Grupo Constructor Peñón Blanco",
        "Bayerische Präzisionsteile GmbH & Co. KG",
        "Transportes Ágiles del Golfo",
        "Vidriera Monterrey Siglo XXI",
        "Łódź Components Sp. z o.o.",
        "Farmacias del Valle de Anáhuac",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend(HOSTILE.map(str::to_owned));
    names
}

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
        }
    }
}
