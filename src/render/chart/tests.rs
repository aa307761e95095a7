//! Charts of every form with hostile data: they end, stay inside, do not overlap and escape.

use super::*;
use crate::report::pack::Series;

fn chart(kind: ChartKind, labels: &[&str], series: Vec<(&str, SeriesRole, Vec<Option<Decimal>>)>) -> Chart {
    Chart {
        id: "c".into(),
        title: "Cartera, M MXN".into(),
        kind,
        labels: labels.iter().map(|l| (*l).to_owned()).collect(),
        series: series.into_iter().map(|(name, role, values)| Series { name: name.into(), values, role }).collect(),
        unit: "M MXN".into(),
        decimals: 1,
        description: "…".into(),
        ..Chart::default()
    }
}

fn values(numbers: &[i64]) -> Vec<Option<Decimal>> {
    numbers.iter().map(|n| Some(Decimal::new(*n, 1))).collect()
}

const KINDS: [ChartKind; 8] = [
    ChartKind::Line,
    ChartKind::StackedColumns,
    ChartKind::Waterfall,
    ChartKind::Bars,
    ChartKind::GroupedColumns,
    ChartKind::SmallLines,
    ChartKind::SmallColumns,
    ChartKind::Bullet,
];

/// Every text inside the sheet, no two over each other.
fn assert_clear(chart: &Chart, lang: Lang, size: Size) {
    let (canvas, size) = drawn(chart, lang, size);
    let boxes = canvas.text_boxes();
    for (i, a) in boxes.iter().enumerate() {
        assert!(
            a.0 >= -0.6 && a.2 <= size.width + 0.6 && a.1 >= 0.0 && a.3 <= size.height,
            "clipped: {a:?} in {size:?} of {:?}",
            chart.kind
        );
        for b in &boxes[i + 1..] {
            let apart = a.2 <= b.0 + 0.5 || b.2 <= a.0 + 0.5 || a.3 <= b.1 + 0.5 || b.3 <= a.1 + 0.5;
            assert!(apart, "{:?}: {a:?} over {b:?}", chart.kind);
        }
    }
}

#[test]
fn strange_data_neither_panics_nor_overlaps() {
    let huge = Decimal::from_i128_with_scale(10_000_000_000_000_000, 1);
    let cases: Vec<Vec<Option<Decimal>>> = vec![
        vec![],
        values(&[0]),
        values(&[5]),
        values(&[0, 0, 0]),
        vec![None, None, None],
        vec![None, Some(Decimal::ONE), None],
        values(&[-10, -20, -30]),
        values(&[-10, 20, -30]),
        vec![Some(huge), Some(-huge), Some(huge)],
        vec![Some(Decimal::MAX), Some(Decimal::MAX), Some(Decimal::MIN)],
        vec![Some(Decimal::new(1, 20)); 3],
        values(&[100_000_000, 100_000_001, 100_000_002]),
    ];
    for kind in KINDS {
        for case in &cases {
            for lang in [Lang::Es, Lang::En] {
                let labels = &["ene 26", "feb 26", "mar 26"][..case.len()];
                let chart = chart(kind, labels, vec![("Saldo", SeriesRole::Main, case.clone())]);
                assert_clear(&chart, lang, Size::WIDE);
                let drawing = svg(&chart, lang, Size { width: f64::from(320), height: 200.0 }).unwrap();
                assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
            }
        }
        svg(&chart(kind, &[], vec![]), Lang::Es, Size::WIDE).unwrap();
        svg(&chart(kind, &["a"], vec![("b", SeriesRole::Main, vec![])]), Lang::Es, Size { width: f64::NAN, height: 0.0 }).unwrap();
    }
}

#[test]
fn crowded_charts_stay_clear() {
    let months: Vec<String> = (0..36).map(|i| format!("sep {:02}", i)).collect();
    let months: Vec<&str> = months.iter().map(String::as_str).collect();
    let wave = |shift: i64| values(&(0..36).map(|i| 500 + (i * 7 + shift) % 13).collect::<Vec<_>>());
    let names =
        ["DSO", "DSO de la mejor cartera posible sin atrasos", "Meta", "Promedio del sector industrial", "Rotación", "Otra", "Otra más"];
    let roles = [SeriesRole::Main, SeriesRole::Context, SeriesRole::Reference];
    let many = |role: Option<SeriesRole>| {
        names.iter().enumerate().map(|(i, n)| (*n, role.unwrap_or(roles[i % 3]), wave(i as i64))).collect::<Vec<_>>()
    };
    let narrow = Size { width: 420.0, height: 220.0 };
    for size in [Size::WIDE, narrow] {
        assert_clear(&chart(ChartKind::Line, &months, many(None)), Lang::Es, size);
        assert_clear(&chart(ChartKind::StackedColumns, &months, many(Some(SeriesRole::Scale))), Lang::Es, size);
        assert_clear(&chart(ChartKind::Waterfall, &months, vec![("", SeriesRole::Main, wave(3))]), Lang::Es, size);
        assert_clear(&chart(ChartKind::Bars, &months, vec![("", SeriesRole::Main, wave(3))]), Lang::Es, size);
        for kind in KINDS {
            assert_clear(&chart(kind, &months, many(None)), Lang::Es, size);
            assert_clear(&chart(kind, &months, many(Some(SeriesRole::Main))), Lang::En, size);
        }
    }
}

/// Twenty-five long names, falls, gaps, zeros, references and bands in every form and size.
#[test]
fn long_names_falls_and_references_stay_clear() {
    let long: Vec<String> =
        (0..25).map(|i| format!("Comercializadora e Importadora de Refacciones {i} del Bajío, S. de R.L. de C.V.")).collect();
    let short: Vec<String> = (0..25).map(|i| format!("{:02}/10", i + 1)).collect();
    let of = |at: i64| -> Vec<Option<Decimal>> {
        let value = |i: i64| {
            (i % 9 != at).then(|| Decimal::new(if i % 7 == 3 { 0 } else { (i * 7_919 + at * 104_729) % 40_000 - 9_000 * (at % 2) }, 1))
        };
        (0..25).map(value).collect()
    };
    let roles = [SeriesRole::Main, SeriesRole::Main, SeriesRole::Reference, SeriesRole::Reference, SeriesRole::Scale, SeriesRole::Scale];
    for names in [&long, &short] {
        for count in [1, 2, 7, 25] {
            let labels: Vec<&str> = names[..count].iter().map(String::as_str).collect();
            for (kind, series) in KINDS.into_iter().flat_map(|kind| (1..=roles.len()).map(move |n| (kind, n))) {
                let series =
                    roles[..series].iter().enumerate().map(|(at, role)| (names[at].as_str(), *role, of(at as i64)[..count].to_vec()));
                let drawn = chart(kind, &labels, series.collect());
                for size in [Size::WIDE, Size { width: 460.0, height: 360.0 }, Size { width: 640.0, height: 262.0 }] {
                    assert_clear(&drawn, Lang::Es, size);
                }
            }
        }
    }
}

/// What carries a value begins at zero: a bar twice as long is twice as much.
#[test]
fn columns_begin_at_zero_and_panels_share_a_scale() {
    let bars = |kind, series: Vec<(&str, SeriesRole, Vec<Option<Decimal>>)>| -> Vec<f64> {
        let (canvas, _) = drawn(&chart(kind, &["a", "b"], series), Lang::En, Size::WIDE);
        canvas.bars().into_iter().filter(|(_, color)| *color == theme::ACCENT).map(|(length, _)| length).collect()
    };
    let columns = bars(ChartKind::GroupedColumns, vec![("x", SeriesRole::Main, values(&[10_000, 20_000]))]);
    assert!((columns[1] / columns[0] - 2.0).abs() < 0.01, "{columns:?}");
    let panels = vec![("x", SeriesRole::Main, values(&[5, 10_000])), ("y", SeriesRole::Main, values(&[5, 40_000]))];
    let panels = bars(ChartKind::SmallColumns, panels);
    assert!((panels[1] / panels[0] - 4.0).abs() < 0.05, "{panels:?}");
}

#[test]
fn places_say_their_values_escaped() {
    for kind in KINDS {
        let series = vec![("<b>", SeriesRole::Main, values(&[10, 25])), ("t", SeriesRole::Reference, values(&[30, 30]))];
        let drawing = svg(&chart(kind, &["a & b", "c"], series), Lang::Es, Size::WIDE).unwrap();
        let zones = drawing.split_once("<g class=\"zones\"").unwrap_or_else(|| panic!("{kind:?} says nothing")).1;
        assert!(zones.contains("2.5 M MXN") && zones.contains("a &amp; b") && !zones.contains("<b>"), "{kind:?}: {zones}");
        assert!(drawing.trim_end().ends_with("</svg>"));
    }
}

#[test]
fn small_lines_end_whatever_they_hold() {
    let huge = Some(Decimal::MAX);
    let cases = [vec![], vec![None; 3], values(&[5]), values(&[7; 13]), vec![huge, Some(Decimal::MIN), None, huge], values(&[-3, 4, -5])];
    for case in cases {
        let line = spark(&case, "\"<x>").unwrap();
        assert!(!line.contains("NaN") && !line.contains("inf") && line.contains("&quot;&lt;x&gt;"), "{line}");
        assert_eq!(line, spark(&case, "\"<x>").unwrap());
    }
}

#[test]
fn bridges_stand_or_lie_without_overlap() {
    let steps =
        ["Saldo inicial", "Facturación", "Notas de crédito", "Cobranza", "Castigos", "Reclasificaciones intercompañía", "Saldo final"];
    let bridge = values(&[4_123_456, 1_500_000, -120_000, -1_900_000, -3_000, 0, 3_600_456]);
    for width in [960.0, 700.0, 460.0] {
        assert_clear(
            &chart(ChartKind::Waterfall, &steps, vec![("", SeriesRole::Main, bridge.clone())]),
            Lang::Es,
            Size { width, height: 340.0 },
        );
    }
}

/// `+0.0` would say that something rose.
#[test]
fn a_step_that_prints_as_nothing_has_no_sign() {
    let steps = vec![("", SeriesRole::Main, [1000, 3, 20, -2, 1021].map(|cents| Some(Decimal::new(cents, 2))).to_vec())];
    let bridge = chart(ChartKind::Waterfall, &["a", "b", "c", "d", "e"], steps);
    let (canvas, _) = drawn(&bridge, Lang::En, Size::WIDE);
    let drawing: Vec<&str> = canvas.text_boxes().iter().map(|text| text.4.as_str()).collect();
    assert!(drawing.contains(&"+0.2") && drawing.iter().filter(|t| **t == "0.0").count() >= 2, "{drawing:?}");
    assert!(!drawing.iter().any(|t| t.contains("+0.0") || t.contains("\u{2212}0.0")), "{drawing:?}");
}

#[test]
fn text_is_escaped_cut_and_deterministic() {
    let long = "x".repeat(200);
    let labels = ["<script>alert(1)</script>", "A & \"B\" 'C'", "\u{202E}שלום", &long, "c\u{0}\u{1b}d"];
    for kind in KINDS {
        let mut chart = chart(kind, &labels, vec![("<b>&\"'", SeriesRole::Main, values(&[1, 2, 3, 4, 5]))]);
        chart.title = format!("</svg><script>{long}{long}");
        chart.description = "\" onload=\"alert(1)".into();
        let drawing = svg(&chart, Lang::En, Size::WIDE).unwrap();
        assert!(!drawing.contains("<script") && !drawing.contains("<b>") && !drawing.contains('\u{202E}') && !drawing.contains('\u{0}'));
        assert!(drawing.contains("&lt;") && drawing.contains('…'));
        assert_eq!(drawing.matches("<svg").count(), 1);
        assert!(!drawing.contains("\" onload=\""));
        assert_eq!(drawing, svg(&chart, Lang::En, Size::WIDE).unwrap());
        assert_clear(&chart, Lang::En, Size::WIDE);
    }
}

#[test]
fn a_stack_prints_exact_totals() {
    // 0.05 + 0.1 rounds up as a decimal and down as a binary fraction.
    let one = vec![Some(Decimal::new(5, 2))];
    let two = vec![Some(Decimal::new(1, 1))];
    let stack = chart(ChartKind::StackedColumns, &["m"], vec![("a", SeriesRole::Scale, one), ("b", SeriesRole::Scale, two)]);
    assert!(svg(&stack, Lang::En, Size::WIDE).unwrap().contains(">\n0.2\n"));
}
