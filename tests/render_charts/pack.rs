//! An invented pack with every block, long names, hostile texts, in both languages.

use cartera::domain::lang::Lang;
use cartera::report::pack::*;
use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

pub const HOSTILE: [&str; 6] = [
    "#panic(\"typst\") $x^2$ *bold* _em_ @ref <label> `raw` \\ [x]",
    "</svg><script>alert(1)</script>",
    "A & \"B\" 'C' {{ x }} // ~ -- ---",
    "\u{202E}שלום مرحبا",
    "= Heading\n+ item\n/ term: x\n- y",
    "https://example.com/a?b=c&d=e #let x = 1 #import \"/x.typ\"",
];

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 31).unwrap()
}

pub fn months(lang: Lang, count: u32) -> Vec<String> {
    (0..count).rev().map(|back| lang.month(day() - Months::new(back))).collect()
}

pub fn tr(lang: Lang, es: &str, en: &str) -> String {
    if lang == Lang::Es { es.to_owned() } else { en.to_owned() }
}

pub fn tenths(numbers: impl IntoIterator<Item = i64>) -> Vec<Option<Decimal>> {
    numbers.into_iter().map(|n| Some(Decimal::new(n, 1))).collect()
}

pub fn series(name: String, role: SeriesRole, values: Vec<Option<Decimal>>) -> Series {
    Series { name, values, role }
}

pub fn dso(lang: Lang) -> Chart {
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
        ..Chart::default()
    }
}

pub fn aging(lang: Lang) -> Chart {
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
        series: names
            .iter()
            .zip(base)
            .enumerate()
            .map(|(b, (name, base))| {
                let values = tenths((0..13).map(|m| base + (m * 17 + b as i64 * 41) % 97 + m * 4 * b as i64));
                series((*name).to_owned(), SeriesRole::Scale, values)
            })
            .collect(),
        unit: "M MXN".into(),
        decimals: 1,
        description: String::new(),
        ..Chart::default()
    }
}

pub fn bridge(lang: Lang, long: bool) -> Chart {
    let (labels, values): (Vec<&str>, Vec<i64>) = if long {
        let labels = match lang {
            Lang::Es => vec![
                "Saldo inicial",
                "Facturación nacional",
                "Facturación de exportación",
                "Notas de crédito",
                "Devoluciones",
                "Descuentos por pronto pago",
                "Cobranza",
                "Pagos por aplicar",
                "Anticipos aplicados",
                "Castigos",
                "Reclasificaciones intercompañía",
                "Efecto cambiario",
                "Ajustes",
                "Saldo final",
            ],
            Lang::En => vec![
                "Opening",
                "Domestic billing",
                "Export billing",
                "Credit memos",
                "Returns",
                "Early-payment discounts",
                "Collections",
                "Unapplied cash",
                "Advances applied",
                "Write-offs",
                "Intercompany reclassifications",
                "Exchange effect",
                "Adjustments",
                "Closing",
            ],
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
        ..Chart::default()
    }
}

pub fn bars(lang: Lang) -> Chart {
    let mut labels: Vec<String> = customers().into_iter().take(9).collect();
    labels.push(HOSTILE[1].to_owned());
    Chart {
        id: "top".into(),
        title: tr(lang, "Cambio de la cartera vencida por cliente, miles MXN", "Change in past due by customer, thousands MXN"),
        kind: ChartKind::Bars,
        labels,
        series: vec![series(
            String::new(),
            SeriesRole::Main,
            tenths([48_210, 31_122, 20_999, 14_005, 9_120, 4_400, 310, -2_200, -8_450, -15_000]),
        )],
        unit: "k MXN".into(),
        decimals: 1,
        description: String::new(),
        ..Chart::default()
    }
}

pub fn customers() -> Vec<String> {
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

pub fn money(hundredths: i64) -> Cell {
    Cell::Number(Decimal::new(hundredths, 2))
}

pub fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

pub fn column(key: &str, label: String, kind: ColumnKind) -> Column {
    Column { key: key.into(), label, kind }
}

/// A customer by bucket table: subtotals every eight rows, a total, undefined shares, `count` customers.
pub fn balance(lang: Lang, count: usize) -> Table {
    let mut columns = vec![
        column("customer_id", tr(lang, "Cliente", "Customer"), ColumnKind::Text),
        column("name", tr(lang, "Nombre", "Name"), ColumnKind::Text),
        column("currency", tr(lang, "Moneda", "Currency"), ColumnKind::Text),
    ];
    for bucket in ["Por vencer", "1–30", "31–60", "61–90", "91–120", "> 120"] {
        let label = if bucket == "Por vencer" { tr(lang, bucket, "Not yet due") } else { bucket.to_owned() };
        columns.push(column(bucket, label, ColumnKind::Money));
    }
    columns.push(column("total", "Total".into(), ColumnKind::Money));
    columns.push(column("share", tr(lang, "Vencido %", "Past due %"), ColumnKind::Percent));
    columns.push(column("oldest", tr(lang, "Más antigua", "Oldest"), ColumnKind::Date));
    let names = customers();
    let mut rows = Vec::new();
    let row = |kind, first: Cell, name: Cell, i: i64, share: Cell| {
        let mut cells = vec![first, name, if kind == RowKind::Detail { text(["MXN", "USD", "EUR"][i as usize % 3]) } else { Cell::Empty }];
        cells.extend((0..7).map(|b| money((i * 7_919_123 + b * 104_729_017) % 98_765_432_100 * if (i + b) % 11 == 0 { -1 } else { 1 })));
        cells.push(share);
        cells.push(if i % 5 == 0 { Cell::Empty } else { Cell::Date(day() - chrono::Days::new(i as u64 % 300)) });
        Row { kind, cells }
    };
    for i in 0..count {
        let share = match i % 13 {
            3 => Cell::Undefined(tr(lang, "n/d: sin ventas en el periodo", "n/a: no sales in the period")),
            7 => Cell::Undefined(tr(lang, "n/d: saldo negativo", "n/a: negative balance")),
            _ => Cell::Number(Decimal::new(i as i64 * 37 % 1000, 1)),
        };
        rows.push(row(RowKind::Detail, text(format!("C-{:05}", 10_000 + i)), text(names[i % names.len()].clone()), i as i64, share));
        if i % 8 == 7 {
            rows.push(row(
                RowKind::Subtotal,
                text(tr(lang, "Subtotal", "Subtotal")),
                text(format!("Aceros {}", i / 8)),
                i as i64 + 5,
                Cell::Number(Decimal::ONE_HUNDRED),
            ));
        }
    }
    rows.push(row(RowKind::Total, text("Total"), Cell::Empty, 99, Cell::Number(Decimal::new(412, 1))));
    Table {
        id: "balance".into(),
        title: tr(lang, "Balanza por antigüedad, moneda del documento", "Aged trial balance, document currency"),
        columns,
        rows,
        note: tr(lang, "Los anticipos se muestran con signo negativo.", "Advances are shown with a minus."),
        rows_left_out: 1_234,
        ..Table::default()
    }
}

pub fn small(lang: Lang) -> Table {
    let row = |kind, name: &str, a: i64, b: i64| Row { kind, cells: vec![text(name), money(a), money(b), money(a - b)] };
    Table {
        id: "tie".into(),
        title: tr(lang, "Auxiliar contra mayor, MXN", "Subledger to GL, MXN"),
        columns: vec![
            column("company", tr(lang, "Empresa", "Company"), ColumnKind::Text),
            column("sub", tr(lang, "Auxiliar", "Subledger"), ColumnKind::Money),
            column("gl", tr(lang, "Mayor", "GL"), ColumnKind::Money),
            column("diff", tr(lang, "Diferencia", "Difference"), ColumnKind::Money),
        ],
        rows: vec![
            row(RowKind::Detail, "Aceros del Norte", 31_245_678_901, 31_245_678_901),
            row(RowKind::Detail, "Zulu Foods", 9_876_543_210, 9_876_500_000),
            row(RowKind::Total, "Total", 41_122_222_111, 41_122_178_901),
        ],
        note: String::new(),
        rows_left_out: 0,
        ..Table::default()
    }
}

pub fn kpi(label: String, value: Cell, unit: &str, before: Option<(&str, Cell)>, change: &str, tone: Tone) -> Kpi {
    Kpi {
        label,
        value,
        unit: unit.into(),
        before: before.map(|(l, c)| (l.to_owned(), c)),
        change: change.into(),
        changes: Vec::new(),
        tone,
        ..Kpi::default()
    }
}

pub fn kpis(lang: Lang) -> Vec<Kpi> {
    let sep = if lang == Lang::Es { "sep 2026" } else { "Sep 2026" };
    let tenth = |n| Cell::Number(Decimal::new(n, 1));
    let days = tr(lang, "días", "days");
    vec![
        kpi(
            tr(lang, "Cartera total", "Total receivables"),
            money(49_801_234_567),
            "MXN",
            Some((sep, money(48_500_123_456))),
            "+2.7%",
            Tone::Neutral,
        ),
        kpi(tr(lang, "Por vencer", "Not yet due"), tenth(628), "%", Some((sep, tenth(641))), "−1.3 pp", Tone::Bad),
        kpi(tr(lang, "Vencida", "Past due"), money(18_526_059_200), "MXN", Some((sep, money(17_400_000_000))), "+6.5%", Tone::Bad),
        kpi(tr(lang, "Más de 90 días", "Over 90 days"), tenth(53), "%", Some((sep, tenth(58))), "−0.5 pp", Tone::Good),
        kpi("DSO".into(), tenth(590), &days, Some((sep, tenth(603))), &format!("−1.3 {days}"), Tone::Good),
        kpi(
            tr(lang, "Mejor DSO posible", "Best possible DSO"),
            tenth(425),
            &days,
            Some((sep, tenth(441))),
            &format!("−1.6 {days}"),
            Tone::Good,
        ),
        kpi("CEI".into(), tenth(871), "%", None, "", Tone::Neutral),
        kpi(
            tr(lang, "Cobranza contra meta", "Collected against target"),
            Cell::Undefined(tr(lang, "n/d: sin meta cargada", "n/a: no target loaded")),
            "%",
            None,
            "",
            Tone::Neutral,
        ),
    ]
}

pub fn section(id: &str, title: String, message: String, starts_page: bool, blocks: Vec<Block>) -> Section {
    Section { id: id.into(), title, message, starts_page, blocks }
}

/// The pack; `customers` rows in its long table.
pub fn pack(lang: Lang, is_final: bool, customers: usize) -> Pack {
    let reasons = if is_final {
        vec![]
    } else {
        vec![
            tr(
                lang,
                "El auxiliar no concilia con el mayor: diferencia de 432.10 MXN en Zulu Foods sin clasificar.",
                "Subledger does not tie to the GL: 432.10 MXN at Zulu Foods is not classified.",
            ),
            tr(lang, "3 renglones rechazados por 12,345.00 MXN.", "3 rows set aside for 12,345.00 MXN."),
            HOSTILE[0].to_owned(),
        ]
    };
    let source = |load_id, name: &str, rows| SourceProof {
        load_id,
        name: name.into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        rows,
    };
    let definition = |i: usize| Definition {
        name: format!("measure_{i}"),
        title: tr(lang, "Días de venta pendientes de cobro (DSO)", "Days sales outstanding (DSO)"),
        answers: tr(
            lang,
            "¿Cuántos días de venta están en la calle al corte, por empresa y moneda?",
            "How many days of sales are outstanding at the as-of day, per company and currency?",
        ),
        formula: if i.is_multiple_of(3) { String::new() } else { "open_amount / sales × days_in_period".into() },
        grain: tr(lang, "un renglón por empresa y moneda", "one row per company_id, currency"),
        source: "CRF 2023, §4".into(),
        sql_digest: "0a1b2c3d4e5f".into(),
    };
    let verdict = |passed| if passed { Verdict::Passed } else { Verdict::Failed };
    let check = |label: &str, passed, detail: &str| Check { label: label.into(), verdict: verdict(passed), detail: detail.into() };
    let paragraph = tr(
        lang,
        "La cartera creció 2.7% contra septiembre por facturación de exportación a Zulu Foods y Bayerische Präzisionsteile; la vencida creció más (6.5%) porque tres clientes del norte dejaron de pagar después del día 20. Sin ellos el DSO habría bajado a 57.4 días.",
        "Receivables grew 2.7% against September on export billing to Zulu Foods and Bayerische Präzisionsteile; past due grew faster (6.5%) because three northern customers stopped paying after the 20th. Without them DSO would have fallen to 57.4 days.",
    );
    let sections = vec![
        section(
            "summary",
            tr(lang, "Resumen", "Summary"),
            tr(
                lang,
                "La cartera subió 2.7% y la vencida 6.5%; el DSO bajó 1.3 días.",
                "Receivables rose 2.7% and past due 6.5%; DSO fell 1.3 days.",
            ),
            true,
            vec![
                Block::Kpis { items: kpis(lang) },
                Block::Text { paragraphs: vec![paragraph.clone(), HOSTILE[4].to_owned(), HOSTILE[5].to_owned()] },
            ],
        ),
        section(
            "dso",
            tr(lang, "Días de venta pendientes de cobro", "Days sales outstanding"),
            tr(lang, "El DSO cerró en 59.0 días, 11 sobre la meta.", "DSO closed at 59.0 days, 11 above target."),
            true,
            vec![Block::Chart(dso(lang)), Block::Table(small(lang))],
        ),
        section(
            "aging",
            tr(lang, "Antigüedad de saldos", "Aging"),
            tr(lang, "El 46% de la cartera está vencida.", "46% of receivables are past due."),
            true,
            vec![Block::Chart(aging(lang))],
        ),
        section(
            "bridge",
            tr(lang, "Puente de la cartera", "Receivables bridge"),
            tr(lang, "La cobranza cubrió el 87% de lo facturado.", "Collections covered 87% of billing."),
            true,
            vec![Block::Chart(bridge(lang, false)), Block::Chart(bridge(lang, true))],
        ),
        section("top", tr(lang, "Quiénes", "Who"), String::new(), false, vec![Block::Chart(bars(lang))]),
        section(
            "balance",
            tr(lang, "Balanza por antigüedad", "Aged trial balance"),
            tr(lang, "El total concilia con la página 2.", "The total ties to page 2."),
            true,
            vec![Block::Table(balance(lang, customers))],
        ),
        section(
            "checks",
            tr(lang, "Controles", "Controls"),
            tr(lang, "Pasaron 3 de 4 controles.", "3 of 4 controls passed."),
            true,
            vec![Block::Checklist {
                title: String::new(),
                items: vec![
                    check(
                        &tr(lang, "El auxiliar concilia con el mayor", "Subledger ties to the GL"),
                        is_final,
                        "432.10 MXN · Zulu Foods · 105-01",
                    ),
                    check(
                        &tr(lang, "Saldo inicial igual al cierre sellado", "Opening equals the sealed closing"),
                        true,
                        "485,001,234.56 = 485,001,234.56",
                    ),
                    check(&tr(lang, "Cobros por aplicar dentro del límite de días", "Unapplied cash within its age limit"), true, "0"),
                    check(HOSTILE[1], true, HOSTILE[2]),
                ],
            }],
        ),
        section(
            "definitions",
            tr(lang, "Definiciones", "Definitions"),
            String::new(),
            false,
            vec![Block::Definitions { items: (0..9).map(definition).collect() }],
        ),
    ];
    Pack {
        name: "close".into(),
        lang,
        title: tr(lang, "Cierre de mes", "Month-end close"),
        entity: "Grupo Industrial Sierra Alta".into(),
        as_of: day(),
        period: tr(lang, "octubre de 2026", "October 2026"),
        state: State { is_final, label: if is_final { "FINAL".into() } else { tr(lang, "BORRADOR", "DRAFT") }, reasons },
        proof: Proof {
            line: tr(
                lang,
                "Corte 31 oct 2026 · carga 14 · 41,203 movimientos · sha256 9f86d081884c · TC Banxico 2026-10-30 · auxiliar–mayor: diferencia 432.10 MXN",
                "As of Oct 31, 2026 · load 14 · 41,203 movements · sha256 9f86d081884c · FX Banxico 2026-10-30 · subledger–GL: difference 432.10 MXN",
            ),
            facts: vec![
                (tr(lang, "Fecha de corte", "As-of day"), lang.day(day())),
                (tr(lang, "Visto desde la carga", "Known at load"), "14".into()),
                (tr(lang, "Movimientos contados", "Movements counted"), "41,203".into()),
                (tr(lang, "Huella de movimientos", "Movements digest"), "9f86d081884c7d65".into()),
                (tr(lang, "Tipos de cambio", "FX set"), "Banxico FIX, 2026-10-30".into()),
                (tr(lang, "Auxiliar–mayor", "Subledger–GL"), tr(lang, "diferencia 432.10 MXN", "difference 432.10 MXN")),
                (tr(lang, "Programa", "Engine"), "cartera 0.1.0".into()),
            ],
            sources: vec![
                source(13, "documentos_2026-09.csv", 12_345),
                source(14, "documentos_2026-10.csv", 13_001),
                source(14, "aplicaciones <&> octubre.xlsx", 9_876),
                source(14, HOSTILE[0], 1),
            ],
        },
        sections,
        words: words(lang),
    }
}

pub fn words(lang: Lang) -> Words {
    let t = |es: &str, en: &str| tr(lang, es, en);
    Words {
        contents: t("Contenido", "Contents"),
        page_of: t("Página {page} de {pages}", "Page {page} of {pages}"),
        sources: t("Fuentes", "Sources"),
        proof: t("Sustento", "Proof"),
        as_of: t("al", "as of"),
        undefined: t("n/d", "n/a"),
        rows_left_out: t("{n} renglones más en el XLSX y CSV", "{n} more rows in the XLSX and CSV"),
        passed: t("Pasó", "Passed"),
        noted: t("Por revisar", "To review"),
        failed: t("Falló", "Failed"),
        prepared_by: t("Preparó", "Prepared by"),
        reviewed_by: t("Revisó", "Reviewed by"),
        definition_labels: [t("Pregunta", "Question"), t("Fórmula", "Formula"), t("Grano", "Grain"), t("Fuente", "Source")],
        reasons: t("Motivos", "Reasons"),
        source_labels: [t("Carga", "Load"), t("Archivo", "File"), "SHA-256".into(), t("Renglones", "Rows")],
    }
}
