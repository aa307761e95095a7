//! Every form of chart and table that a spec can ask for, out of a spec: what lands in the pack.

use super::close::group;
use super::fake::Fake;
use super::{chart, kpis, lines, request, table};
use cartera::domain::lang::Lang;
use cartera::report::pack::{Cell, ChartKind, ColumnKind, Heat, HeatBy, Pack, SeriesRole};
use cartera::report::{Spec, build};
use rust_decimal::Decimal;

const FRAME: &str = r#"
name = "close"
[state]
tie_out = "tie_out"
controls = []
[proof]
rates = "closing_rates"
[from.tie_out]
query = "tie_out"
[from.closing_rates]
query = "closing_rates"
[[section]]
id = "summary"
"#;

/// A spec of one section with these sources and blocks.
fn spec(sources: &[&str], blocks: &str) -> cartera::error::Result<Spec> {
    let from: String = sources.iter().map(|query| format!("[from.{query}]\nquery = \"{query}\"\n")).collect();
    Spec::parse(&format!("{FRAME}{blocks}\n{from}"))
}

fn answers() -> Fake {
    group()
        .with(
            "weeks",
            "week_start date | currency text | collector_name text | collector_order int | cash_amount money | target_amount money
            2026-10-19 | MXN | Bea | 2 | 400000.00 | 500000.00
            2026-10-12 | MXN | Ana | 1 | 300000.00 | 450000.00
            2026-10-19 | MXN | Ana | 1 | 100000.00 | 500000.00",
        )
        .with(
            "people",
            "collector_name text | currency text | cash_amount money | target_amount money
            Ana | MXN | 45000.00 | 50000.00
            Bea | MXN | - | 40000.00
            Eva | MXN | 70000.00 | -",
        )
        .with(
            "rolls",
            "bucket text | bucket_order int | to_bucket text | to_order int | share_pct pct
            current | 1 | current | 1 | 90.0
            current | 1 | 1-30 | 2 | 10.0
            1-30 | 2 | 1-30 | 2 | 40.0",
        )
        .with(
            "owing",
            "company_id id | customer_id id | customer_name text | currency text | open_amount money
            MX01 | C1 | Uno | MXN | 30.00
            MX01 | C2 | Dos | MXN | 20.00
            MX01 | C3 | Tres | MXN | 10.00",
        )
        .with(
            "months",
            "company_id id | customer_id id | month_end date | currency text | open_amount money | dso_3m_days days
            MX01 | C1 | 2026-09-30 | MXN | 25.00 | 30.0
            MX01 | C1 | 2026-10-31 | MXN | 30.00 | -
            US01 | C2 | 2026-10-31 | MXN | 99.00 | 1.0
            MX01 | C2 | 2026-08-31 | MXN | 5.00 | 44.0
            MX01 | C2 | 2026-10-31 | MXN | 20.00 | 46.0",
        )
}

fn built(sources: &[&str], blocks: &str, lang: Lang) -> Pack {
    build(&spec(sources, blocks).unwrap_or_else(|e| panic!("{e}")), &request(lang), &answers()).unwrap_or_else(|e| panic!("{e}"))
}

fn numbers(values: &[Option<Decimal>]) -> Vec<String> {
    values.iter().map(|v| v.map_or("-".into(), |v| v.to_string())).collect()
}

#[test]
fn grouped_columns_stand_against_a_reference() {
    let block = r#"
[[section.block]]
show = "chart"
id = "dso_trend"
from = "weeks"
kind = "grouped"
x = "week_start"
values = [{ column = "cash_amount" }, { column = "target_amount", role = "reference" }]
"#;
    let pack = built(&["weeks"], block, Lang::Es);
    let chart = chart(&pack, "dso_trend");
    assert_eq!((chart.kind, chart.unit.as_str()), (ChartKind::GroupedColumns, "M MXN"));
    assert_eq!(numbers(&chart.series[0].values), ["0.5", "0.3"]);
    assert_eq!(chart.series[1].role, SeriesRole::Reference);
    assert!(chart.description.contains("0.5 M MXN"), "{}", chart.description);
}

#[test]
fn small_multiples_are_a_panel_a_word_in_order_of_time() {
    let block = r#"
[[section.block]]
show = "chart"
id = "dso_trend"
from = "weeks"
kind = "small_multiples"
x = "week_start"
series = { column = "collector_name", order = "collector_order", value = "cash_amount" }
reference = "target_amount"
panels = "columns"
"#;
    let pack = built(&["weeks"], block, Lang::En);
    let panels = chart(&pack, "dso_trend");
    assert_eq!(panels.kind, ChartKind::SmallColumns);
    let series: Vec<(&str, SeriesRole, Vec<String>)> =
        panels.series.iter().map(|s| (s.name.as_str(), s.role, numbers(&s.values))).collect();
    let thousands = |v: [&str; 2]| v.map(String::from).to_vec();
    assert_eq!((series[0].0, series[0].2.clone()), ("Ana", thousands(["300", "100"])));
    // No row is nothing collected.
    assert_eq!((series[1].0, series[1].2.clone()), ("Bea", thousands(["0", "400"])));
    assert_eq!((series[2].1, series[2].2.clone()), (SeriesRole::Reference, thousands(["450", "500"])));
    assert!(panels.description.starts_with("2 panels from") && panels.description.contains("Bea 400.0"), "{}", panels.description);

    // A reference that says two things at one place is no reference.
    let two = block.replace("reference = \"target_amount\"", "reference = \"cash_amount\"");
    let error = build(&spec(&["weeks"], &two).unwrap(), &request(Lang::En), &answers()).unwrap_err().to_string();
    assert!(error.contains("the reference `cash_amount` says"), "{error}");
}

#[test]
fn bars_and_bullets_carry_value_target_and_bands() {
    let block = r#"
[[section.block]]
show = "chart"
id = "aging_trend"
from = "people"
kind = "bullet"
x = "collector_name"
values = [{ column = "cash_amount" }, { column = "target_amount", role = "reference" }]
bands = [60, 90]
rows = "aging_group"

[[section.block]]
show = "chart"
id = "dso_trend"
from = "people"
kind = "bars"
x = "collector_name"
values = [{ column = "cash_amount" }]

[[section.block]]
show = "table"
id = "aging_group"
from = "people"
columns = ["collector_name", "cash_amount"]
"#;
    let pack = built(&["people"], block, Lang::Es);
    let bullet = chart(&pack, "aging_trend");
    assert_eq!((bullet.kind, bullet.behind.as_deref()), (ChartKind::Bullet, Some("aging_group")));
    let series: Vec<(SeriesRole, Vec<String>)> = bullet.series.iter().map(|s| (s.role, numbers(&s.values))).collect();
    assert_eq!(series[0], (SeriesRole::Main, vec!["45".into(), "-".into(), "70".into()]));
    assert_eq!(series[2], (SeriesRole::Scale, vec!["30".into(), "24".into(), "-".into()]));
    assert_eq!(bullet.series[3].name, "hasta 90% de la meta");
    assert!(bullet.description.contains("Bea: – de 40.0 k MXN") || bullet.description.contains("Bea: – de 40.0"), "{}", bullet.description);
    let bars = chart(&pack, "dso_trend");
    assert_eq!((bars.kind, bars.labels.len(), bars.behind.as_deref()), (ChartKind::Bars, 3, None));
}

#[test]
fn a_heat_table_shades_the_pivot_without_its_total() {
    let block = r#"
[[section.block]]
show = "table"
id = "aging"
from = "rolls"
columns = ["bucket"]
pivot = { column = "to_bucket", order = "to_order", value = "share_pct", total = true }
heat = "row"
"#;
    let pack = built(&["rolls"], block, Lang::Es);
    let aging = table(&pack, "aging");
    assert_eq!(aging.heat, Some(Heat { from: 1, to: 3, by: HeatBy::Row }));
    assert_eq!(aging.columns.len(), 4);
}

#[test]
fn trends_follow_their_key_and_cut_rows_stay_complete() {
    let block = r#"
[[section.block]]
show = "table"
id = "risk"
from = "owing"
columns = ["customer_name", "sales_amount", "open_amount", "dso_3m_days"]
limit = 2
total = { columns = ["open_amount"] }
trend = [
  { column = "sales_amount", from = "months", key = ["company_id", "customer_id"], x = "month_end", value = "open_amount" },
  { column = "dso_3m_days", from = "months", key = ["company_id", "customer_id"], x = "month_end", value = "dso_3m_days" },
]
"#;
    let pack = built(&["owing", "months"], block, Lang::Es);
    let risk = table(&pack, "risk");
    assert_eq!(risk.columns[1].kind, ColumnKind::Trend);
    let points: Vec<&str> = risk.points[0].1.iter().map(String::as_str).collect();
    assert_eq!((risk.points[0].0.as_str(), points), ("sales_amount", vec!["ago 26", "sep 26", "oct 26"]));
    let line = |row: usize, column: usize| match &risk.rows[row].cells[column] {
        Cell::Trend(values) => numbers(values),
        other => panic!("{other:?} is no line"),
    };
    // An amount without a row is zero; days without a row are unknown.
    assert_eq!(
        (line(0, 1), line(1, 1)),
        (vec!["0.00".into(), "25.00".into(), "30.00".into()], vec!["5.00".into(), "0.00".into(), "20.00".into()])
    );
    assert_eq!(line(1, 3), ["44.0", "-", "46.0"]);
    // The third customer has no months, is not shown, and is counted and kept.
    assert_eq!((risk.rows_left_out, risk.rest.len()), (1, 1));
    assert_eq!(risk.rest[0].cells[..3], [Cell::Text("Tres".into()), Cell::Empty, Cell::Number(Decimal::new(1000, 2))]);
    let csv = cartera::render::csv::tables_csv(&pack).unwrap();
    let text = String::from_utf8(csv[0].1.clone()).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("Dos,5.00;0;20.00,20.00,44.0;;46.0") || text.contains("Dos,5.00;0.00;20.00,20.00,44.0;;46.0"), "{text}");
}

/// Steps of a figure in days: those of nothing are left out, the ends stay. A column may have another's head.
#[test]
fn steps_of_nothing_are_left_out_in_days_too() {
    let block = r#"
[[section.block]]
show = "table"
id = "risk"
from = "steps"
columns = ["line", "days"]
labels = { line = "period" }
drop_zero = { column = "line", words = ["opening", "closing"] }
"#;
    let answers = answers().with(
        "steps",
        "line text | amount money | days days
            opening | - | 0.0
            restated | - | 0.0
            fx | - | -
            sales | - | -1.8
            closing | - | -1.8",
    );
    let pack = build(&spec(&["steps"], block).unwrap(), &request(Lang::En), &answers).unwrap();
    assert_eq!(lines(table(&pack, "risk")), ["Opening balance | 0.0", "Sales | -1.8", "Closing balance | -1.8"]);
    assert_eq!(table(&pack, "risk").columns[0].label, "Period");
}

#[test]
fn a_section_with_nothing_to_show_is_left_out() {
    let block = r#"
[[section.block]]
show = "table"
id = "aging"
from = "rolls"
columns = ["bucket", "share_pct"]

[[section]]
id = "risk"
[[section.block]]
show = "table"
id = "risk"
omit_empty = true
from = "nobody"
columns = ["customer_id"]
"#;
    let sections = |rows: &str| -> Vec<String> {
        let answers = answers().with("nobody", &format!("customer_id id{rows}"));
        let pack = build(&spec(&["rolls", "nobody"], block).unwrap(), &request(Lang::En), &answers).unwrap();
        pack.sections.iter().map(|s| s.id.clone()).collect()
    };
    assert_eq!(sections(""), ["summary"]);
    assert_eq!(sections("\nC1"), ["summary", "risk"]);
}

#[test]
fn links_lead_to_tables_of_the_pack() {
    let block = r#"
[[section.block]]
show = "kpis"
id = "kpis"
from = "now"
before = "before"
year_ago = "before"
rows = "aging"
items = [{ column = "open_amount" }, { column = "dso_3m_days", rows = "risk" }]

[[section.block]]
show = "table"
id = "aging"
from = "rolls"
columns = ["bucket", "share_pct"]
split = ["bucket"]
rows = "risk"

[[section.block]]
show = "table"
id = "risk"
from = "rolls"
columns = ["bucket", "share_pct"]

[from.now]
query = "kpis"
arguments = ["as_of"]
where = { scope = "group" }
[from.before]
query = "kpis"
arguments = ["previous_month_end"]
where = { scope = "group" }
"#;
    let pack = built(&["rolls"], block, Lang::Es);
    let behind: Vec<Option<&str>> = kpis(&pack).iter().map(|k| k.behind.as_deref()).collect();
    assert_eq!(behind, [Some("aging_current"), Some("risk")], "a split table is entered at its first piece");
    assert_eq!(table(&pack, "aging_1_30").behind.as_deref(), Some("risk"));
    assert_eq!(lines(table(&pack, "risk")).len(), 3);

    let nowhere = block.replace("rows = \"risk\" }", "rows = \"nothing\" }");
    let error = spec(&["rolls"], &nowhere).unwrap_err().to_string();
    assert!(error.contains("links to `nothing`"), "{error}");
}

#[test]
fn specs_that_make_no_sense_are_refused() {
    let chart =
        |rest: &str| format!("[[section.block]]\nshow = \"chart\"\nid = \"dso_trend\"\nfrom = \"weeks\"\nx = \"week_start\"\n{rest}");
    let one = "values = [{ column = \"cash_amount\" }]";
    let two = "values = [{ column = \"cash_amount\" }, { column = \"target_amount\", role = \"reference\" }]";
    let table =
        |rest: &str| format!("[[section.block]]\nshow = \"table\"\nid = \"risk\"\nfrom = \"weeks\"\ncolumns = [\"cash_amount\"]\n{rest}");
    let cases = [
        (chart(&format!("kind = \"bullet\"\n{one}")), "one main value against one reference"),
        (chart(&format!("kind = \"bullet\"\n{two}\nbands = [90, 60]")), "rising"),
        (chart(&format!("kind = \"line\"\n{two}\nbands = [60]")), "belong to a bullet"),
        (chart(&format!("kind = \"small_multiples\"\n{one}")), "one panel for each word"),
        (chart(&format!("kind = \"grouped\"\n{one}\npanels = \"lines\"")), "belong to small multiples"),
        (chart(&format!("kind = \"grouped\"\n{one}\nreference = \"target_amount\"")), "goes with `series`"),
        (chart(&format!("kind = \"waterfall\"\n{two}")), "one value"),
        (chart("kind = \"bars\"\nvalues = [{ column = \"cash_amount\" }, { column = \"target_amount\" }]"), "one main value"),
        (table("heat = \"table\""), "the cells of a pivot"),
        (table("trend = [{ column = \"t\", from = \"weeks\", key = [\"k\"], x = \"x\", value = \"v\" }]"), "named among the columns"),
        (table("rows = \"risk\""), "links to `risk`"),
        (table("labels = { currency = \"period\" }"), "columns that the table shows"),
    ];
    for (blocks, said) in cases {
        let error = spec(&["weeks"], &blocks).unwrap_err().to_string();
        assert!(error.contains(said), "{blocks}\n{error}");
    }
}
