//! A pack as rich and as hostile as a real one: every block, every kind of cell, long names, texts that try to be formulas or markup.

use cartera::domain::lang::Lang;
use cartera::report::pack::*;
use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

/// Texts that must stay texts in every format.
pub const HOSTILE: [&str; 12] = [
    "=cmd|' /C calc'!A0",
    "+1-555-0100 Refacciones",
    "@SUM(A1:A9)",
    "-2+3 y Compañía",
    "<script>alert('x')</script> & \"Hijos\"",
    "<r><t>raw</t></r>",
    "tab\there\u{1} bell\u{7} null\u{0} end",
    "{{ 7 * 7 }} {% raw %}",
    "#panic(\"typst\") $x^2$ *bold* @ref <label>",
    "\u{202E}gnisrever\u{202C} שלום مرحبا",
    "Comercializadora, Importadora y Exportadora de Refacciones Industriales, Herramientas, Consumibles y Servicios de Mantenimiento del Noroeste, Bajío, Occidente y Sureste de la República Mexicana, S.A.B",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
];

/// Repeatable figures without a random source.
pub struct Figures(u64);

impl Figures {
    pub fn new(seed: u64) -> Figures {
        Figures(seed)
    }
    pub fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit as u64) as i64
    }
}

fn pick(lang: Lang, es: &str, en: &str) -> String {
    if lang == Lang::Es { es.to_string() } else { en.to_string() }
}

fn money(hundredths: i64) -> Cell {
    Cell::Number(Decimal::new(hundredths, 2))
}

fn tenths(value: i64) -> Cell {
    Cell::Number(Decimal::new(value, 1))
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_string())
}

fn column(key: &str, label: String, kind: ColumnKind) -> Column {
    Column { key: key.to_string(), label, kind }
}

pub fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 31).unwrap()
}

fn months(lang: Lang, count: u32) -> Vec<String> {
    let first = as_of().with_day(1).unwrap() - Months::new(count - 1);
    (0..count).map(|n| lang.month(first + Months::new(n))).collect()
}

/// The pack, in a language, final or draft.
pub fn sample(lang: Lang, is_final: bool) -> Pack {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Pack {
        name: "leadership".into(),
        lang,
        title: p("Cartera de clientes: indicadores de dirección", "Receivables: leadership indicators"),
        entity: "Grupo Industrial Mezquital, S.A. de C.V.".into(),
        as_of: as_of(),
        period: p("Octubre de 2026", "October 2026"),
        state: State {
            is_final,
            label: if is_final { "FINAL".into() } else { p("BORRADOR", "DRAFT") },
            reasons: if is_final {
                vec![]
            } else {
                vec![
                    p(
                        "El auxiliar difiere del mayor en 12,450.00 MXN en la cuenta 1150-001 de Mezquital Norte; 3 partidas sin clasificar.",
                        "The subledger differs from the general ledger by 12,450.00 MXN on account 1150-001 of Mezquital Norte; 3 items unclassified.",
                    ),
                    p("Falta el tipo de cambio de cierre EUR/MXN del 31 oct 2026.", "The closing rate EUR/MXN of Oct 31, 2026 is missing."),
                ]
            },
        },
        proof: proof(lang),
        sections: vec![
            summary(lang),
            dso(lang),
            aging(lang),
            bridge(lang),
            past_due(lang),
            trial_balance(lang),
            edges(lang),
            controls(lang),
            definitions(lang),
        ],
        words: words(lang),
    }
}

fn proof(lang: Lang) -> Proof {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Proof {
        line: p(
            "Corte 31 oct 2026 · carga 14 · 41,208 movimientos 9f2c41d07ab3 · TC DOF/FIX · auxiliar y mayor: diferencia 12,450.00 MXN",
            "As of Oct 31, 2026 · load 14 · 41,208 movements 9f2c41d07ab3 · FX DOF/FIX · subledger to GL: difference 12,450.00 MXN",
        ),
        facts: vec![
            (p("Fecha de corte", "As-of date"), lang.day(as_of())),
            (p("Carga", "Load"), "14".into()),
            (p("Movimientos", "Movements"), "41,208".into()),
            (p("Huella de movimientos", "Movements digest"), "9f2c41d07ab3e6f0b1c4".into()),
            (p("Tipos de cambio", "FX set"), "DOF/FIX, 31 oct 2026".into()),
            (p("Versión", "Version"), "cartera 0.1.0".into()),
        ],
        sources: (1..=5)
            .map(|n| SourceProof {
                load_id: 9 + n,
                name: [
                    "documents_2026-10.csv",
                    "applications_2026-10.csv",
                    "fx_rates.csv",
                    "gl_balances Q4 & ajustes (versión final).xlsx",
                    "cfdi_octubre.zip",
                ][n as usize - 1]
                    .into(),
                sha256: format!("{:064x}", 0x9f2c_41d0_7ab3_e6f0_u128 * n as u128 * 0x1_0000_0001_u128),
                rows: 12_345 * i64::from(n),
            })
            .collect(),
    }
}

fn summary(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let before = p("Sep 2026", "Sep 2026");
    let kpi = |label: String, value: Cell, unit: &str, earlier: Option<Cell>, change: &str, tone: Tone| Kpi {
        label,
        value,
        unit: unit.into(),
        before: earlier.map(|cell| (before.clone(), cell)),
        change: change.into(),
        changes: Vec::new(),
        tone,
        ..Kpi::default()
    };
    let days = p("días", "days");
    let items = vec![
        kpi(p("Cartera total", "Total receivables"), money(18_245_678_912), "MXN", Some(money(17_901_223_050)), "+1.9%", Tone::Neutral),
        kpi(p("Vigente", "Current"), tenths(713), "%", Some(tenths(738)), "\u{2212}2.5 pp", Tone::Bad),
        kpi(p("Vencida", "Past due"), money(5_236_509_848), "MXN", Some(money(4_690_120_439)), "+11.6%", Tone::Bad),
        kpi(p("Más de 90 días", "Over 90 days"), money(812_440_015), "MXN", Some(money(840_001_500)), "\u{2212}3.3%", Tone::Good),
        kpi("DSO".into(), tenths(523), &days, Some(tenths(491)), &format!("+3.2 {days}"), Tone::Bad),
        kpi(p("DSO mejor posible", "Best-possible DSO"), tenths(373), &days, Some(tenths(362)), &format!("+1.1 {days}"), Tone::Neutral),
        kpi("CEI".into(), tenths(812), "%", Some(tenths(846)), "\u{2212}3.4 pp", Tone::Bad),
        kpi(
            p("Cobrado contra meta del grupo", "Collected against target"),
            Cell::Undefined(p("n/d: sin meta para octubre", "n/a: no target for October")),
            "%",
            None,
            "",
            Tone::Neutral,
        ),
    ];
    Section {
        id: "summary".into(),
        title: p("Resumen", "Summary"),
        message: p(
            "La cartera vencida subió 5.5 millones a 52.4 millones MXN; dos clientes explican 4.1 millones.",
            "Past due rose by 5.5 million to 52.4 million MXN; two customers account for 4.1 million.",
        ),
        starts_page: false,
        blocks: vec![
            Block::Kpis { items },
            Block::Text {
                paragraphs: vec![
                    p(
                        "Qué cambió: 9.8 millones pasaron de 1–30 a 31–60 días, sobre todo facturas de agosto del sector automotriz.",
                        "What changed: 9.8 million rolled from 1–30 to 31–60 days, mostly August invoices in automotive.",
                    ),
                    p(
                        "Quién: Aceros y Perfiles del Bajío (2.6 millones) y Autopartes Querétaro (1.5 millones). Ambos con promesa de pago al 15 nov 2026.",
                        "Who: Aceros y Perfiles del Bajío (2.6 million) and Autopartes Querétaro (1.5 million). Both promised payment by Nov 15, 2026.",
                    ),
                ],
            },
        ],
    }
}

fn dso(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let mut figures = Figures::new(7);
    let labels = months(lang, 24);
    let mut level = 441;
    let main: Vec<i64> = (0..24)
        .map(|_| {
            level += figures.below(31) - 12;
            level
        })
        .collect();
    let series = |name: String, role, value: &dyn Fn(usize) -> Option<i64>| Series {
        name,
        role,
        values: (0..24).map(|n| value(n).map(|v| Decimal::new(v, 1))).collect(),
    };
    let chart = Chart {
        id: "dso_trend".into(),
        title: p("DSO, 24 meses (días)", "DSO, 24 months (days)"),
        kind: ChartKind::Line,
        labels: labels.clone(),
        series: vec![
            series("DSO".into(), SeriesRole::Main, &|n| Some(main[n])),
            series(p("Mejor posible", "Best possible"), SeriesRole::Context, &|n| (n != 9).then(|| main[n] * 7 / 10 + (n as i64 % 5) * 6)),
            series(p("Meta", "Target"), SeriesRole::Reference, &|_| Some(450)),
        ],
        unit: p("días", "days"),
        decimals: 1,
        description: p(
            "El DSO subió durante 24 meses y cerró por encima de la meta de 45 días.",
            "DSO rose over 24 months and closed above the target of 45 days.",
        ),
        ..Chart::default()
    };
    let table = Table {
        id: "dso_methods".into(),
        title: p("Tres métodos, últimos 12 meses (días)", "Three methods, last 12 months (days)"),
        columns: vec![
            column("month_end", p("Fin de mes", "Month end"), ColumnKind::Date),
            column("dso", "DSO".into(), ColumnKind::Days),
            column("dso_countback", p("Por agotamiento", "Countback"), ColumnKind::Days),
            column("dso_rolling_3m", p("Móvil 3 meses", "Rolling 3 months"), ColumnKind::Days),
            column("sales_amount", p("Ventas netas (MXN)", "Net sales (MXN)"), ColumnKind::Money),
        ],
        rows: (12..24)
            .map(|n| {
                let day = as_of().with_day(1).unwrap() - Months::new(23 - n as u32) + Months::new(1) - chrono::Days::new(1);
                let countback = if n == 14 { Cell::Undefined(p("n/d: sin ventas", "n/a: no sales")) } else { tenths(main[n] - 11) };
                Row {
                    kind: RowKind::Detail,
                    cells: vec![
                        Cell::Date(day),
                        tenths(main[n]),
                        countback,
                        tenths(main[n] + 4),
                        money(10_123_456_789 + figures.below(900_000_000)),
                    ],
                }
            })
            .collect(),
        note: p(
            "El agotamiento descuenta las ventas mes por mes hasta cubrir el saldo.",
            "Countback deducts sales month by month until the balance is used up.",
        ),
        rows_left_out: 0,
        ..Table::default()
    };
    Section {
        id: "dso".into(),
        title: p("Días de venta pendientes de cobro", "Days sales outstanding"),
        message: p(
            "El DSO subió 3.2 días; 2.1 se deben a facturas vencidas.",
            "DSO rose by 3.2 days; 2.1 of them come from past-due invoices.",
        ),
        starts_page: true,
        blocks: vec![Block::Chart(chart), Block::Table(table)],
    }
}

fn buckets(lang: Lang) -> Vec<String> {
    let current = pick(lang, "Por vencer", "Current");
    [current.as_str(), "1–30", "31–60", "61–90", "91–120", "> 120"].map(String::from).to_vec()
}

fn aging(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let mut figures = Figures::new(11);
    let base = [1_300, 310, 120, 60, 30, 45];
    let series = buckets(lang)
        .into_iter()
        .zip(base)
        .map(|(name, level)| Series {
            name,
            role: SeriesRole::Scale,
            values: (0..13).map(|n| Some(Decimal::new(level + n * level / 40 + figures.below(level / 5), 1))).collect(),
        })
        .collect();
    let chart = Chart {
        id: "aging_13".into(),
        title: p("Antigüedad de saldos, 13 meses (millones MXN)", "Aging, 13 months (MXN million)"),
        kind: ChartKind::StackedColumns,
        labels: months(lang, 13),
        series,
        unit: "M MXN".into(),
        decimals: 1,
        description: p("La parte vigente se mantiene cerca de 71%.", "The current share stays near 71%."),
        ..Chart::default()
    };
    let amounts = [13_009_169_064_i64, 3_127_440_100, 1_184_229_733, 612_400_000, 0, 312_440_015];
    let total: i64 = amounts.iter().sum();
    let shares = [713, 171, 65, 34, 0, 17];
    let counts = [2_841, 640, 233, 91, 0, 44];
    let mut rows: Vec<Row> = buckets(lang)
        .iter()
        .enumerate()
        .map(|(n, bucket)| Row {
            kind: RowKind::Detail,
            cells: vec![text(bucket), money(amounts[n]), tenths(shares[n]), Cell::Number(Decimal::from(counts[n]))],
        })
        .collect();
    rows.push(Row {
        kind: RowKind::Total,
        cells: vec![text("Total"), money(total), tenths(1000), Cell::Number(Decimal::from(counts.iter().sum::<i64>()))],
    });
    let table = Table {
        id: "aging".into(),
        title: p("Antigüedad al 31 oct 2026 (MXN)", "Aging as of Oct 31, 2026 (MXN)"),
        columns: vec![
            column("bucket", p("Días de mora", "Days late"), ColumnKind::Text),
            column("open_amount", p("Saldo abierto", "Open balance"), ColumnKind::Money),
            column("share_pct", p("Parte", "Share"), ColumnKind::Percent),
            column("items", p("Facturas", "Invoices"), ColumnKind::Count),
        ],
        rows,
        note: String::new(),
        rows_left_out: 0,
        ..Table::default()
    };
    Section {
        id: "aging".into(),
        title: p("Antigüedad de saldos", "Aging"),
        message: p(
            "28.7% de la cartera está vencida, 2.5 puntos más que en septiembre.",
            "28.7% of receivables is past due, 2.5 points more than in September.",
        ),
        starts_page: true,
        blocks: vec![Block::Chart(chart), Block::Table(table)],
    }
}

fn bridge(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let labels = if lang == Lang::Es {
        ["Inicial", "Facturación", "Cargos", "Cobros", "Notas de crédito", "Castigos", "Cambiario", "Final"]
    } else {
        ["Opening", "Billing", "Charges", "Cash", "Credits", "Write-offs", "FX", "Closing"]
    };
    let values = [1790, 1052, 8, -961, -71, -6, 13, 1825];
    let chart = Chart {
        id: "bridge".into(),
        title: p("De septiembre a octubre (millones MXN)", "From September to October (MXN million)"),
        kind: ChartKind::Waterfall,
        labels: labels.iter().map(|l| l.to_string()).collect(),
        series: vec![Series {
            name: p("Cartera", "Receivables"),
            role: SeriesRole::Main,
            values: values.iter().map(|v| Some(Decimal::new(*v, 1))).collect(),
        }],
        unit: "M MXN".into(),
        decimals: 1,
        description: p("La cartera subió de 179.0 a 182.5 millones.", "Receivables rose from 179.0 to 182.5 million."),
        ..Chart::default()
    };
    let across = Chart {
        id: "bridge_small".into(),
        title: p("Una compañía con saldo acreedor (miles MXN)", "A company that ends in credit (MXN thousand)"),
        labels: vec![labels[0].into(), labels[1].into(), labels[3].into(), labels[7].into()],
        series: vec![Series {
            name: p("Cartera", "Receivables"),
            role: SeriesRole::Main,
            values: [40, 25, -90, -25].iter().map(|v| Some(Decimal::from(*v))).collect(),
        }],
        unit: p("miles MXN", "MXN thousand"),
        decimals: 0,
        description: p("El saldo cruza cero.", "The balance crosses zero."),
        ..chart.clone()
    };
    Section {
        id: "bridge".into(),
        title: p("Puente de cartera", "Receivables bridge"),
        message: p("Se facturó más de lo que se cobró: 105.2 contra 96.1 millones.", "Billing outran cash: 105.2 against 96.1 million."),
        starts_page: false,
        blocks: vec![Block::Chart(chart), Block::Chart(across)],
    }
}

fn past_due(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let mut figures = Figures::new(23);
    let names = [
        "Aceros y Perfiles del Bajío",
        "Autopartes Querétaro",
        "Comercializadora e Importadora de Refacciones Industriales, Herramientas y Consumibles del Noroeste de México",
        "Ñandú & Söhne GmbH",
        HOSTILE[0],
        HOSTILE[1],
        HOSTILE[2],
        HOSTILE[3],
        HOSTILE[4],
        HOSTILE[5],
        HOSTILE[6],
        HOSTILE[7],
        HOSTILE[8],
        HOSTILE[9],
        HOSTILE[10],
        HOSTILE[11],
        "00123",
    ];
    let mut rows = Vec::new();
    let mut all = 0;
    for (company, count) in [("Mezquital Norte", 14), ("Mezquital Bajío", 13), ("Mezquital Exportaciones", 13)] {
        let mut sum = 0;
        for n in 0..count {
            let amount = 100 + figures.below(260_000_000) - if n == count - 1 { 240_000_000 } else { 0 };
            sum += amount;
            let due = as_of() - chrono::Days::new(figures.below(160) as u64 + 1);
            let promise = if n % 3 == 0 { Cell::Date(as_of() + chrono::Days::new(n as u64)) } else { Cell::Empty };
            rows.push(Row {
                kind: RowKind::Detail,
                cells: vec![
                    text(company),
                    text(names[rows.len() * 5 % names.len()]),
                    text(&format!("F-{:05}", 20_000 + figures.below(9_999))),
                    Cell::Date(due),
                    Cell::Number(Decimal::from((as_of() - due).num_days())),
                    money(amount),
                    promise,
                ],
            });
        }
        all += sum;
        let mut cells = vec![text(&format!("{} {company}", p("Suma", "Sum of")))];
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, money(sum), Cell::Empty]);
        rows.push(Row { kind: RowKind::Subtotal, cells });
    }
    let mut cells = vec![text("Total")];
    cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, money(all), Cell::Empty]);
    rows.push(Row { kind: RowKind::Total, cells });
    let bars = Chart {
        id: "top_past_due".into(),
        title: p("Mayores saldos vencidos (millones MXN)", "Largest past-due balances (MXN million)"),
        kind: ChartKind::Bars,
        labels: names[..6].iter().map(|n| n.to_string()).collect(),
        series: vec![Series {
            name: p("Vencido", "Past due"),
            role: SeriesRole::Main,
            values: [261, 154, 98, 71, 44, 12].iter().map(|v| Some(Decimal::new(*v, 1))).collect(),
        }],
        unit: "M MXN".into(),
        decimals: 1,
        description: p("Dos clientes tienen la mitad de lo vencido.", "Two customers hold half of what is past due."),
        ..Chart::default()
    };
    Section {
        id: "past_due".into(),
        title: p("Mayores saldos vencidos: quién, desde cuándo y qué sigue", "Largest past-due items: who, since when and what next"),
        message: p("Diez clientes concentran 61% de lo vencido.", "Ten customers hold 61% of what is past due."),
        starts_page: true,
        blocks: vec![
            Block::Chart(bars),
            Block::Table(Table {
                id: "past_due".into(),
                title: p("Partidas vencidas (MXN)", "Past-due items (MXN)"),
                columns: vec![
                    column("company", p("Compañía", "Company"), ColumnKind::Text),
                    column("customer", p("Cliente", "Customer"), ColumnKind::Text),
                    column("document_id", p("Factura", "Invoice"), ColumnKind::Text),
                    column("due_date", p("Vencimiento", "Due"), ColumnKind::Date),
                    column("days_late", p("Días de mora", "Days late"), ColumnKind::Count),
                    column("open_amount", p("Saldo abierto", "Open balance"), ColumnKind::Money),
                    column("promise_date", p("Promesa", "Promise"), ColumnKind::Date),
                ],
                rows,
                note: p("Las notas de crédito sin aplicar restan.", "Unapplied credit memos are deducted."),
                rows_left_out: 212,
                ..Table::default()
            }),
        ],
    }
}

fn trial_balance(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let mut figures = Figures::new(31);
    let mut columns = vec![
        column("customer", p("Cliente", "Customer"), ColumnKind::Text),
        column("currency", p("Mon.", "Ccy"), ColumnKind::Text),
        column("rate", p("Tipo de cambio", "Rate"), ColumnKind::Rate),
    ];
    columns.extend(buckets(lang).into_iter().enumerate().map(|(n, label)| column(&format!("b{n}"), label, ColumnKind::Money)));
    columns.push(column("credits", p("Créditos y anticipos", "Credits and advances"), ColumnKind::Money));
    columns.push(column("open_amount", "Total".into(), ColumnKind::Money));
    let mut totals = [0_i64; 8];
    let mut rows: Vec<Row> = (0..30)
        .map(|n| {
            let mut amounts = [0_i64; 8];
            for (b, amount) in amounts[..6].iter_mut().enumerate() {
                *amount = if figures.below(10) < 3 { 0 } else { figures.below(90_000_000 >> b) };
            }
            amounts[6] = -figures.below(900_000);
            amounts[7] = amounts[..7].iter().sum();
            for (total, amount) in totals.iter_mut().zip(amounts) {
                *total += amount;
            }
            let mut cells = vec![
                text(&format!("{} {:02}", if n % 7 == 3 { "Distribuidora Nacional de Materiales y Equipos" } else { "Cliente" }, n + 1)),
                text("MXN"),
                Cell::Number(Decimal::new(if n % 4 == 0 { 1_841_255 } else { 10_000 }, if n % 4 == 0 { 5 } else { 4 })),
            ];
            cells.extend(amounts.iter().map(|a| money(*a)));
            Row { kind: RowKind::Detail, cells }
        })
        .collect();
    let mut cells = vec![text("Total MXN"), Cell::Empty, Cell::Empty];
    cells.extend(totals.iter().map(|a| money(*a)));
    rows.push(Row { kind: RowKind::Total, cells });
    Section {
        id: "trial_balance".into(),
        title: p("Balanza por antigüedad", "Aged trial balance"),
        message: p("El total es el de la página 2.", "The total is that of page 2."),
        starts_page: true,
        blocks: vec![Block::Table(Table {
            id: "trial_balance".into(),
            title: p("Cliente × antigüedad (MXN)", "Customer × bucket (MXN)"),
            columns,
            rows,
            note: String::new(),
            rows_left_out: 0,
            ..Table::default()
        })],
    }
}

fn edges(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Section {
        id: "unapplied cash/§1".into(),
        title: p("Pagos por aplicar", "Unapplied cash"),
        message: String::new(),
        starts_page: false,
        blocks: vec![
            Block::Table(Table {
                id: "unapplied".into(),
                title: p("Depósitos no identificados (MXN)", "Unidentified receipts (MXN)"),
                columns: vec![
                    column("reference", p("Referencia", "Reference"), ColumnKind::Text),
                    column("posting_date", p("Fecha", "Date"), ColumnKind::Date),
                    column("amount", p("Importe", "Amount"), ColumnKind::Money),
                ],
                rows: vec![],
                note: String::new(),
                rows_left_out: 0,
                ..Table::default()
            }),
            Block::Kpis { items: vec![] },
        ],
    }
}

fn controls(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let verdict = |passed| if passed { Verdict::Passed } else { Verdict::Failed };
    let check = |label: String, passed, detail: String| Check { label, verdict: verdict(passed), detail };
    Section {
        id: "controls".into(),
        title: p("Controles", "Controls"),
        message: p("5 de 6 controles pasaron.", "5 of 6 controls passed."),
        starts_page: false,
        blocks: vec![Block::Checklist {
            title: String::new(),
            items: vec![
                check(
                    p("El auxiliar concuerda con el mayor", "Subledger ties to the general ledger"),
                    false,
                    p(
                        "Auxiliar 182,456,789.12 MXN; mayor 182,444,339.12 MXN; diferencia 12,450.00 MXN en la cuenta 1150-001",
                        "Subledger 182,456,789.12 MXN; general ledger 182,444,339.12 MXN; difference 12,450.00 MXN on account 1150-001",
                    ),
                ),
                check(
                    p("La apertura es el cierre sellado", "Opening equals the sealed closing"),
                    true,
                    "179,012,230.50 = 179,012,230.50".into(),
                ),
                check(p("Antigüedad = balanza", "Aging equals trial balance"), true, "182,456,789.12 = 182,456,789.12".into()),
                check(p("Intercompañía neta a cero", "Intercompany nets to zero"), true, "0.00".into()),
                check(p("Sin cargos en periodos cerrados", "No postings into closed periods"), true, String::new()),
                check(p("Complementos de pago a tiempo", "Payment complements in time"), true, "412 / 412".into()),
            ],
        }],
    }
}

fn definitions(lang: Lang) -> Section {
    let p = |es: &str, en: &str| pick(lang, es, en);
    let define = |name: &str, title: String, answers: String, formula: &str| Definition {
        name: name.into(),
        title,
        answers,
        formula: formula.into(),
        grain: p("una fila por compañía, moneda y mes", "one row per company, currency and month"),
        source: "METRICS 2".into(),
        sql_digest: "3fa9c01d77be".into(),
    };
    Section {
        id: "definitions".into(),
        title: p("Definiciones", "Definitions"),
        message: String::new(),
        starts_page: true,
        blocks: vec![Block::Definitions {
            items: vec![
                define(
                    "dso",
                    p("Días de venta pendientes de cobro", "Days sales outstanding"),
                    p("¿Cuántos días de venta siguen sin cobrarse?", "How many days of sales are still uncollected?"),
                    "open_amount / net_sales(90 d) × 90",
                ),
                define(
                    "cei",
                    p("Índice de efectividad de cobranza", "Collection effectiveness index"),
                    p("¿Qué parte de lo cobrable se cobró en el periodo?", "What share of what could be collected was collected?"),
                    "(opening + sales − closing) / (opening + sales − closing_current) × 100",
                ),
                define(
                    "aging",
                    p("Antigüedad de saldos", "Aging"),
                    p("¿Cuánto está abierto y con cuánto atraso?", "How much is open, and how late?"),
                    "",
                ),
            ],
        }],
    }
}

fn words(lang: Lang) -> Words {
    let p = |es: &str, en: &str| pick(lang, es, en);
    Words {
        contents: p("Contenido", "Contents"),
        page_of: p("Página {page} de {pages}", "Page {page} of {pages}"),
        sources: p("Fuentes", "Sources"),
        proof: p("Evidencia", "Proof"),
        as_of: p("al", "as of"),
        undefined: p("n/d", "n/a"),
        rows_left_out: p("{n} filas más en el XLSX y el CSV", "{n} more rows in the XLSX and CSV"),
        passed: p("Cumple", "Passed"),
        noted: p("Por revisar", "To review"),
        failed: p("No cumple", "Failed"),
        prepared_by: p("Preparó", "Prepared by"),
        reviewed_by: p("Revisó", "Reviewed by"),
        definition_labels: [p("Pregunta", "Question"), p("Fórmula", "Formula"), p("Grano", "Grain"), p("Fuente", "Source")],
        reasons: p("Motivos", "Reasons"),
        source_labels: [p("Carga", "Load"), p("Archivo", "File"), "SHA-256".into(), p("Filas", "Rows")],
    }
}
