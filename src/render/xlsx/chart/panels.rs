//! Small multiples as small native charts in rows below their data, all on one scale.

use super::{Place, dashed, drawn, filled, font};
use crate::render::theme;
use crate::render::xlsx::cell;
use crate::render::xlsx::sheet::Sheet;
use crate::report::pack::{Chart, ChartKind, SeriesRole};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Chart as Native, ChartAxisLabelPosition, ChartAxisTickType, ChartFormat, ChartLine, ChartType, XlsxError};

/// Panels drawn, and side by side.
const MOST: usize = 12;
const BESIDE: usize = 4;
/// Size of a panel, pixels, and the rows of the sheet that it covers.
const WIDTH: u32 = 250;
const HEIGHT: u32 = 170;
const ROWS: u32 = 9;

/// Writes a chart for each series that is no reference.
pub fn panels(sheet: &mut Sheet, chart: &Chart, place: &Place) -> Result<(), XlsxError> {
    let columns = chart.kind == ChartKind::SmallColumns;
    let shown: Vec<usize> = (0..chart.series.len()).filter(|at| chart.series[*at].role != SeriesRole::Reference).take(MOST).collect();
    let lines: Vec<usize> = (0..chart.series.len()).filter(|at| chart.series[*at].role == SeriesRole::Reference).collect();
    let values = shown.iter().chain(&lines).flat_map(|at| chart.series[*at].values.iter().flatten());
    let (low, high) = values.fold((Decimal::ZERO, Decimal::ZERO), |(low, high), v| (low.min(*v), high.max(*v)));
    let top = sheet.row + 1;
    for (nth, at) in shown.iter().enumerate() {
        let mut native = Native::new(if columns { ChartType::Column } else { ChartType::Line });
        let mut series = drawn(place, *at as u16 + 1);
        if columns {
            series.set_format(&mut filled(theme::ACCENT)).set_gap(45);
        } else {
            series.set_format(ChartFormat::new().set_line(ChartLine::new().set_color(cell::color(theme::ACCENT)).set_width(2.25)));
        }
        native.push_series(&series);
        let mut across = Native::new(ChartType::Line);
        for line in &lines {
            let mut series = drawn(place, *line as u16 + 1);
            across.push_series(series.set_format(ChartFormat::new().set_line(&dashed())));
        }
        if !lines.is_empty() {
            native.combine(&across);
        }
        // From its cell: a text given to the chart itself would be read as a reference if it began with `=`.
        native.title().set_name((place.sheet, place.first - 1, *at as u16 + 1)).set_font(&font(10.0, theme::INK, true)).set_overlay(false);
        let mut rule = ChartLine::new();
        rule.set_color(cell::color(theme::RULE)).set_width(0.75);
        let small = font(8.0, theme::MUTED, false);
        native.x_axis().set_font(&small).set_format(ChartFormat::new().set_line(&rule)).set_label_position(ChartAxisLabelPosition::Low);
        native.x_axis().set_major_tick_type(ChartAxisTickType::None).set_label_interval(chart.labels.len().div_ceil(3).max(1) as u16);
        native.y_axis().set_font(&small).set_format(ChartFormat::new().set_no_line()).set_num_format(cell::places_format(chart.decimals));
        native.y_axis().set_major_gridlines(true).set_major_gridlines_line(&rule);
        if low < high {
            native.y_axis().set_min(cell::float(low)).set_max(cell::float(high));
        }
        native.legend().set_hidden();
        native.chart_area().set_format(ChartFormat::new().set_no_border());
        let name = &chart.series[*at].name;
        native.set_width(WIDTH).set_height(HEIGHT).set_alt_text(cell::alternative(&format!("{}: {name}", chart.title)));
        native.set_name(format!("chart {} {}", cell::fit(&chart.id), nth + 1));
        let (column, row) = ((nth % BESIDE) as u32, (nth / BESIDE) as u32);
        sheet.out.insert_chart_with_offset(top + row * ROWS, 0, &native, 4 + column * (WIDTH + 6), 0)?;
    }
    sheet.row = top + (shown.len().div_ceil(BESIDE) as u32) * ROWS + 1;
    Ok(())
}
