//! The forms beyond lines, stacks, bridges and bars, with hostile names, falls, gaps and more than fits.

use super::pack::{HOSTILE, column, customers, months, pack, section, series, tenths, text, tr};
use cartera::domain::lang::Lang;
use cartera::report::pack::*;
use rust_decimal::Decimal;

fn wave(count: i64, base: i64, lift: i64, swing: i64) -> Vec<Option<Decimal>> {
    tenths((0..count).map(move |i| base + lift * i + (i * i * 37 + i * 113) % swing))
}

fn weeks(count: i64) -> Vec<String> {
    (0..count).map(|i| format!("{:02}/{:02}", 1 + i * 7 % 28, 1 + i * 7 / 28)).collect()
}

/// Collected against target by week.
pub fn collected(lang: Lang, count: i64) -> Chart {
    let mut cash = wave(count, 62, 1, 70);
    cash[3] = None;
    Chart {
        id: format!("collected_{count}"),
        title: tr(lang, "Cobrado por semana contra la meta, M MXN", "Collected by week against target, MXN millions"),
        kind: ChartKind::GroupedColumns,
        labels: weeks(count),
        series: vec![
            series(tr(lang, "Cobrado", "Collected"), SeriesRole::Main, cash),
            series(tr(lang, "Meta", "Target"), SeriesRole::Reference, tenths((0..count).map(|i| if i < 6 { 100 } else { 110 }))),
        ],
        unit: "M MXN".into(),
        decimals: 1,
        behind: Some("rolls".into()),
        ..Chart::default()
    }
}

/// Two series and two references over weeks, some below zero.
pub fn pairs(lang: Lang) -> Chart {
    let mut net = wave(8, -40, 9, 90);
    net[2] = None;
    Chart {
        id: "pairs".into(),
        title: tr(lang, "Facturado y cobrado neto, M MXN", "Billed and net collected, MXN millions"),
        labels: weeks(8),
        series: vec![
            series(tr(lang, "Facturado", "Billed"), SeriesRole::Main, wave(8, 55, 2, 60)),
            series(tr(lang, "Cobrado neto de devoluciones y cargos", "Collected net of refunds and charges"), SeriesRole::Main, net),
            series(tr(lang, "Meta de cobro", "Cash target"), SeriesRole::Reference, tenths([80; 8])),
            series(tr(lang, "Presupuesto de facturación", "Billing budget"), SeriesRole::Reference, tenths([84; 8])),
        ],
        ..collected(lang, 8)
    }
}

/// Long names lay the drawing down.
pub fn named(lang: Lang) -> Chart {
    Chart {
        id: "named".into(),
        labels: customers(),
        series: vec![
            series(tr(lang, "Este mes", "This month"), SeriesRole::Main, wave(16, -80, 9, 190)),
            series(tr(lang, "Mes anterior", "Month before"), SeriesRole::Context, wave(16, 20, 3, 120)),
            series(tr(lang, "Meta", "Target"), SeriesRole::Reference, wave(16, 60, 2, 50)),
        ],
        ..collected(lang, 16)
    }
}

/// Collectors against their targets.
pub fn bullet(lang: Lang) -> Chart {
    let target: Vec<i64> = vec![500, 420, 380, 300, 250, 90, 40, 0];
    let share = |pct: i64| tenths(target.iter().map(move |t| t * pct / 100));
    let mut value = tenths([530, 310, 395, 120, 251, -14, 0, 33]);
    value[6] = None;
    Chart {
        id: "attainment".into(),
        title: tr(lang, "Cobrado contra la meta por gestor, M MXN", "Collected against target by collector, MXN millions"),
        kind: ChartKind::Bullet,
        labels: customers().into_iter().take(8).collect(),
        series: vec![
            series(tr(lang, "Cobrado en el mes", "Collected in the month"), SeriesRole::Main, value),
            series(tr(lang, "Meta", "Target"), SeriesRole::Reference, tenths(target.clone())),
            series(tr(lang, "hasta 60% de la meta", "up to 60% of the target"), SeriesRole::Scale, share(60)),
            series(tr(lang, "hasta 90% de la meta", "up to 90% of the target"), SeriesRole::Scale, share(90)),
        ],
        ..collected(lang, 8)
    }
}

/// A panel a customer, more than a dozen, one without values.
pub fn panels(lang: Lang, columns: bool) -> Chart {
    let mut all: Vec<Series> = customers()
        .into_iter()
        .take(if columns { 5 } else { 14 })
        .enumerate()
        .map(|(i, name)| {
            let at = i as i64;
            let base = if columns { 40 - 40 * at } else { 420 + 15 * at };
            series(name, SeriesRole::Main, wave(13, base, 3 - at % 5, 60))
        })
        .collect();
    all[2].values.fill(None);
    all[1].values[4] = None;
    all.push(series(
        tr(lang, "Promedio del grupo", "Group average"),
        SeriesRole::Reference,
        if columns { tenths([50; 13]) } else { wave(13, 480, 2, 20) },
    ));
    Chart {
        id: if columns { "small_columns" } else { "small_lines" }.into(),
        title: tr(lang, "DSO por cliente, días", "DSO by customer, days"),
        kind: if columns { ChartKind::SmallColumns } else { ChartKind::SmallLines },
        labels: months(lang, 13),
        series: all,
        unit: tr(lang, "días", "days"),
        ..collected(lang, 13)
    }
}

/// Horizontal bars with a mark each.
pub fn marked(lang: Lang) -> Chart {
    Chart {
        id: "marked".into(),
        kind: ChartKind::Bars,
        labels: customers().into_iter().take(6).collect(),
        series: vec![
            series(tr(lang, "Este mes", "This month"), SeriesRole::Main, tenths([412, 300, 120, 0, -25, -80])),
            series(tr(lang, "Mes anterior", "Month before"), SeriesRole::Reference, tenths([380, 322, 121, 15, -60, 10])),
        ],
        ..collected(lang, 6)
    }
}

pub fn all(lang: Lang) -> Vec<Chart> {
    vec![
        collected(lang, 13),
        collected(lang, 25),
        pairs(lang),
        named(lang),
        marked(lang),
        bullet(lang),
        panels(lang, false),
        panels(lang, true),
    ]
}

/// From bucket to bucket: shares of each row, one column of changes below zero.
pub fn rolls(lang: Lang) -> Table {
    let names = [tr(lang, "Por vencer", "Not yet due"), "1–30".into(), "31–60".into(), "61–90".into(), "> 90".into()];
    let mut columns = vec![column("from", tr(lang, "De", "From"), ColumnKind::Text)];
    columns.extend(names.iter().map(|name| column(name, name.clone(), ColumnKind::Money)));
    columns.push(column("total", "Total".into(), ColumnKind::Money));
    let rows = names.iter().enumerate().map(|(i, name)| {
        let mut values: Vec<i64> = (0..5).map(|j| 12_000_000_000 / (1 + 7 * (i as i64 - j).abs() * (1 + j))).collect();
        values[4] = if i == 3 { -3_000_000_000 } else { 0 };
        values.push(values.iter().sum());
        Row {
            kind: RowKind::Detail,
            cells: std::iter::once(text(name.clone())).chain(values.into_iter().map(super::pack::money)).collect(),
        }
    });
    Table {
        id: "rolls".into(),
        title: tr(lang, "De qué antigüedad a cuál pasó el saldo (MXN)", "From which bucket to which the balance rolled (MXN)"),
        columns,
        rows: rows.collect(),
        heat: Some(Heat { from: 1, to: 6, by: HeatBy::Table }),
        ..Table::default()
    }
}

/// Customers with a small line each; some rows are left out of the page.
pub fn trends(lang: Lang) -> Table {
    let row = |(i, name): (usize, String)| {
        let mut line = wave(13, 300 - 30 * i as i64, if i % 2 == 0 { 9 } else { -7 }, 80);
        line[i % 13] = None;
        let line = match i {
            3 => Cell::Empty,
            4 => Cell::Trend(vec![Some(Decimal::ONE); 13]),
            5 => Cell::Trend(vec![None; 13]),
            _ => Cell::Trend(line),
        };
        Row { kind: RowKind::Detail, cells: vec![text(name), line, super::pack::money(123_456_789 / (i as i64 + 1))] }
    };
    let mut names = customers();
    names[6] = "Refacciones Industriales ".repeat(8);
    names[7] = "W".repeat(200);
    let mut rows: Vec<Row> = names.into_iter().enumerate().map(row).collect();
    let rest = rows.split_off(10);
    let total = Decimal::new((0..16).map(|i| 123_456_789 / (i + 1)).sum(), 2);
    rows.push(Row { kind: RowKind::Total, cells: vec![text("Total"), Cell::Empty, Cell::Number(total)] });
    Table {
        id: "trends".into(),
        title: tr(lang, "Clientes con su tendencia de 13 meses", "Customers with their trend of 13 months"),
        columns: vec![
            column("name", tr(lang, "Cliente", "Customer"), ColumnKind::Text),
            column("line", tr(lang, "Saldo", "Balance"), ColumnKind::Trend),
            column("open", tr(lang, "Saldo abierto (MXN)", "Open balance (MXN)"), ColumnKind::Money),
        ],
        rows,
        rows_left_out: rest.len(),
        rest,
        points: vec![("line".into(), months(lang, 13))],
        behind: Some("rolls".into()),
        ..Table::default()
    }
}

/// A pack of every form.
pub fn forms(lang: Lang) -> Pack {
    let mut pack = pack(lang, true, 1);
    let blocks: Vec<Block> = all(lang).into_iter().map(Block::Chart).collect();
    let tables = vec![Block::Table(rolls(lang)), Block::Table(trends(lang))];
    pack.sections = vec![
        section("forms", tr(lang, "Formas", "Forms"), HOSTILE[0].into(), true, blocks),
        section("tables", tr(lang, "Tablas", "Tables"), String::new(), true, tables),
    ];
    pack
}
