//! A chart on a sheet: its data as a grid, and beside it a native chart that draws from those cells.
//!
//! Separate because native charts are described, not drawn: forms, roles and colours of the theme in the spreadsheet's own terms.

use super::cell;
use super::sheet::Sheet;
use crate::domain::lang::Lang;
use crate::render::theme;
use crate::report::pack::{Chart, ChartKind, Series, SeriesRole};
use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Chart as Native, ChartAxisLabelPosition, ChartAxisTickType, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartLineDashType, ChartSeries, ChartSolidFill, ChartType, XlsxError,
};

mod panels;

/// Size of a chart in pixels.
const WIDTH: u32 = 680;
const HEIGHT: u32 = 340;
/// Longest label that widens its column.
const LABEL_CHARS: usize = 30;
/// Height of one horizontal bar with its gap, in pixels.
const BAR: u32 = 26;
/// Labels that fit side by side.
const LABELS: usize = 13;

/// Where a chart's cells are.
struct Place<'a> {
    sheet: &'a str,
    first: u32,
    last: u32,
}

impl<'a> Place<'a> {
    fn column(&self, column: u16) -> (&'a str, u32, u16, u32, u16) {
        (self.sheet, self.first, column, self.last, column)
    }
}

/// Writes a chart's data and the chart beside it; `behind` is the sheet with the rows behind it.
pub fn chart(sheet: &mut Sheet, chart: &Chart, behind: Option<&str>) -> Result<(), XlsxError> {
    sheet.linked_heading(&chart.title, behind)?;
    let top = sheet.row;
    let steps = if chart.kind == ChartKind::Waterfall { chart.series.first().map(|s| bridge(s, chart.labels.len())) } else { None };
    let split = steps.iter().flatten().any(Step::crosses);
    data(sheet, chart, steps.as_deref(), split)?;
    if chart.labels.is_empty() || chart.series.is_empty() {
        return Ok(());
    }
    let name = sheet.name.clone();
    let place = Place { sheet: &name, first: top + 1, last: top + chart.labels.len() as u32 };
    if matches!(chart.kind, ChartKind::SmallLines | ChartKind::SmallColumns) {
        return panels::panels(sheet, chart, &place);
    }
    let mut native = match chart.kind {
        ChartKind::Line | ChartKind::SmallLines | ChartKind::SmallColumns => lines(chart, &place),
        ChartKind::GroupedColumns => grouped(chart, &place),
        ChartKind::StackedColumns => columns(chart, &place),
        ChartKind::Bars | ChartKind::Bullet => bars(chart, &place),
        ChartKind::Waterfall => waterfall(chart, &place, sheet.own.bridge, split, sheet.lang),
    };
    let each = chart.series.iter().filter(|s| s.role != SeriesRole::Scale).count().max(1) as u32;
    let height = match chart.kind {
        ChartKind::Bars | ChartKind::Bullet => (chart.labels.len() as u32 * BAR * (each + 1) / 2 + 70).clamp(200, 900),
        _ => HEIGHT,
    };
    // Title and unit are taken from their cells: a text given to the chart itself would be read as a reference if it began with `=`.
    if chart.title.is_empty() {
        native.title().set_hidden();
    } else {
        native.title().set_name((name.as_str(), top - 1, 0)).set_font(&font(12.0, theme::INK, true)).set_overlay(false);
    }
    native
        .set_width(WIDTH)
        .set_height(height)
        .set_alt_text(cell::alternative(&chart.description))
        .set_name(format!("chart {}", cell::fit(&chart.id)));
    native.chart_area().set_format(ChartFormat::new().set_no_border());
    let beside = 2 + chart.series.len() + if steps.is_some() { bridge_columns(split) } else { 0 };
    sheet.out.insert_chart_with_offset(top, beside as u16, &native, 8, 0)?;
    sheet.row = sheet.row.max(top + height / 20 + 2);
    Ok(())
}

fn data(sheet: &mut Sheet, chart: &Chart, steps: Option<&[Step]>, split: bool) -> Result<(), XlsxError> {
    let mut heads = vec![(chart.unit.clone(), false)];
    heads.extend(chart.series.iter().map(|series| (series.name.clone(), true)));
    if steps.is_some() {
        heads.extend(sheet.own.bridge[..4].iter().map(|head| (head.to_string(), true)));
        if split {
            heads.extend(sheet.own.bridge[1..4].iter().map(|head| (format!("{head} < 0"), true)));
        }
        heads.push((sheet.own.bridge[4].to_string(), true));
    }
    sheet.heads(&heads, false)?;
    sheet.row += 1;
    let number = cell::body().set_num_format(cell::places_format(chart.decimals));
    let helper = number.clone().set_font_color(cell::color(theme::MUTED));
    for (at, label) in chart.labels.iter().enumerate() {
        sheet.label(label, LABEL_CHARS, &cell::body())?;
        for (column, series) in chart.series.iter().enumerate() {
            let value = series.values.get(at).copied().flatten();
            value_cell(sheet, column as u16 + 1, value, chart.decimals, &number)?;
        }
        let parts = steps.and_then(|steps| steps.get(at)).map(|step| step.parts(split)).unwrap_or_default();
        for (column, part) in parts.into_iter().enumerate() {
            value_cell(sheet, (column + 1 + chart.series.len()) as u16, part, chart.decimals, &helper)?;
        }
        sheet.row += 1;
    }
    Ok(())
}

fn value_cell(
    sheet: &mut Sheet,
    column: u16,
    value: Option<Decimal>,
    decimals: u32,
    format: &rust_xlsxwriter::Format,
) -> Result<(), XlsxError> {
    match value {
        Some(value) => {
            sheet.need(column, sheet.lang.number(value, decimals).chars().count());
            sheet.out.write_number_with_format(sheet.row, column, cell::float(value), format)?
        }
        None => sheet.out.write_blank(sheet.row, column, format)?,
    };
    Ok(())
}

fn lines(chart: &Chart, place: &Place) -> Native {
    let mut native = Native::new(ChartType::Line);
    let colours = colours(&chart.series);
    for (at, (series, colour)) in chart.series.iter().zip(&colours).enumerate() {
        let mut line = ChartLine::new();
        line.set_color(cell::color(colour)).set_width(if series.role == SeriesRole::Main { 2.75 } else { 1.75 });
        if series.role == SeriesRole::Reference {
            line.set_dash_type(ChartLineDashType::Dash);
        }
        native.push_series(drawn(place, at as u16 + 1).set_format(ChartFormat::new().set_line(&line)));
    }
    axes(&mut native, chart, place);
    legend(&mut native, chart.series.len() > 1);
    native
}

fn columns(chart: &Chart, place: &Place) -> Native {
    let mut native = Native::new(ChartType::ColumnStacked);
    for (at, colour) in colours(&chart.series).iter().enumerate() {
        native.push_series(drawn(place, at as u16 + 1).set_format(&mut filled(colour)).set_gap(45));
    }
    axes(&mut native, chart, place);
    legend(&mut native, chart.series.len() > 1);
    native
}

/// Columns side by side; references are a dashed line across.
fn grouped(chart: &Chart, place: &Place) -> Native {
    let mut native = Native::new(ChartType::Column);
    let mut line = Native::new(ChartType::Line);
    let mut references = 0;
    for (at, (series, colour)) in chart.series.iter().zip(colours(&chart.series)).enumerate() {
        if series.role == SeriesRole::Reference {
            line.push_series(drawn(place, at as u16 + 1).set_format(ChartFormat::new().set_line(&dashed())));
            references += 1;
        } else {
            native.push_series(drawn(place, at as u16 + 1).set_format(&mut filled(&colour)).set_gap(60).set_overlap(0));
        }
    }
    if references > 0 && references < chart.series.len() {
        native.combine(&line);
    } else if references > 0 {
        native = line;
    }
    axes(&mut native, chart, place);
    legend(&mut native, chart.series.len() > 1);
    native
}

fn dashed() -> ChartLine {
    let mut line = ChartLine::new();
    line.set_color(cell::color(theme::INK)).set_width(1.75).set_dash_type(ChartLineDashType::Dash);
    line
}

/// Horizontal bars from the top down, each with its figure at its end; an axis would say it twice. A target is a bar beside: the
/// program has no marks on bars that lie, and no bands.
fn bars(chart: &Chart, place: &Place) -> Native {
    let mut native = Native::new(ChartType::Bar);
    for (at, colour) in colours(&chart.series).iter().enumerate().filter(|(at, _)| chart.series[*at].role != SeriesRole::Scale) {
        let mut label = ChartDataLabel::new();
        label.show_value().set_position(ChartDataLabelPosition::OutsideEnd).set_num_format(cell::places_format(chart.decimals));
        label.set_font(&font(9.0, theme::INK, false));
        native.push_series(drawn(place, at as u16 + 1).set_format(&mut filled(colour)).set_gap(40).set_data_label(&label));
    }
    // In a bar chart the writer calls the upright axis, where the names are, y.
    let mut rule = ChartLine::new();
    rule.set_color(cell::color(theme::RULE)).set_width(0.75);
    let names = native.y_axis();
    names.set_reverse().set_label_interval(1).set_font(&font(9.0, theme::INK, false)).set_format(ChartFormat::new().set_line(&rule));
    names.set_major_tick_type(ChartAxisTickType::None);
    native.x_axis().set_hidden(true).set_major_gridlines(false);
    legend(&mut native, chart.series.iter().filter(|s| s.role != SeriesRole::Scale).count() > 1);
    native
}

/// A bridge as stacked columns on an invisible base. Its figures hang on an invisible line along the tops, because stacked columns
/// have their labels inside, where those of small steps would be struck through.
fn waterfall(chart: &Chart, place: &Place, names: [&str; 5], split: bool, lang: Lang) -> Native {
    let mut native = Native::new(ChartType::ColumnStacked);
    let first = chart.series.len() as u16 + 1;
    native.push_series(drawn(place, first).set_name(names[0]).set_format(ChartFormat::new().set_no_fill().set_no_border()).set_gap(35));
    let colours = [theme::ACCENT, theme::WARNING_SOFT, theme::ACCENT_SOFT];
    let pieces = bridge_columns(split) - 2;
    for (at, colour) in colours.into_iter().cycle().take(pieces).enumerate() {
        let mut series = drawn(place, first + 1 + at as u16);
        native.push_series(series.set_name(names[at % 3 + 1]).set_format(&mut filled(colour)).set_gap(35));
    }
    let mut tops = drawn(place, first + 1 + pieces as u16);
    tops.set_name(names[4]).set_format(ChartFormat::new().set_no_line());
    let mut label = ChartDataLabel::new();
    label.show_value().set_position(ChartDataLabelPosition::Above).set_font(&font(9.0, theme::INK, true));
    label.set_num_format(cell::places_format(chart.decimals));
    // As texts: programs that do not follow a label's reference would show the top, which is another number.
    let last = chart.labels.len().saturating_sub(1);
    let figures: Vec<ChartDataLabel> = (0..=last)
        .map(|at| {
            let value = chart.series.first().and_then(|s| s.values.get(at).copied().flatten());
            let sign = if at > 0 && at < last && value.is_some_and(|v| v.round_dp(chart.decimals) > Decimal::ZERO) { "+" } else { "" };
            let text = value.map_or("–".to_string(), |v| format!("{sign}{}", lang.number(v, chart.decimals)));
            ChartDataLabel::new().set_value(text.as_str()).set_font(&font(9.0, theme::INK, true)).to_custom()
        })
        .collect();
    tops.set_data_label(&label).set_custom_data_labels(&figures);
    let mut line = Native::new(ChartType::Line);
    line.push_series(&tops);
    native.combine(&line);
    axes(&mut native, chart, place);
    native.x_axis().set_label_interval(1);
    legend(&mut native, true);
    let unnamed: &[usize] = if split { &[0, 4, 5, 6, 7] } else { &[0, 4] };
    native.legend().delete_entries(unnamed);
    native
}

fn drawn(place: &Place, column: u16) -> ChartSeries {
    let mut series = ChartSeries::new();
    series.set_categories(place.column(0)).set_values(place.column(column)).set_name((place.sheet, place.first - 1, column));
    series
}

fn filled(colour: &str) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(cell::color(colour))).set_no_border();
    format
}

fn font(size: f64, colour: &str, bold: bool) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_size(size).set_color(cell::color(colour));
    if bold {
        font.set_bold()
    } else {
        font.unset_bold()
    };
    font
}

fn axes(native: &mut Native, chart: &Chart, place: &Place) {
    let mut rule = ChartLine::new();
    rule.set_color(cell::color(theme::RULE)).set_width(0.75);
    let labels = font(9.0, theme::MUTED, false);
    native
        .x_axis()
        .set_font(&labels)
        .set_format(ChartFormat::new().set_line(&rule))
        .set_label_interval(chart.labels.len().div_ceil(LABELS) as u16);
    native.x_axis().set_major_tick_type(ChartAxisTickType::None).set_label_position(ChartAxisLabelPosition::Low);
    let largest = chart.series.iter().flat_map(|s| &s.values).flatten().map(|v| v.abs()).max().unwrap_or_default();
    let places = if largest < Decimal::TEN { chart.decimals } else { 0 };
    native
        .y_axis()
        .set_font(&labels)
        .set_format(ChartFormat::new().set_no_line())
        .set_num_format(cell::places_format(places))
        .set_major_gridlines(true)
        .set_major_gridlines_line(&rule)
        .set_name((place.sheet, place.first - 1, 0))
        .set_name_font(&font(9.0, theme::MUTED, false));
}

fn legend(native: &mut Native, wanted: bool) {
    if wanted {
        native.legend().set_position(ChartLegendPosition::Bottom).set_font(&font(9.0, theme::INK, false));
    } else {
        native.legend().set_hidden();
    }
}

/// A colour a series, by its role, in the theme's order.
fn colours(series: &[Series]) -> Vec<String> {
    let steps = series.iter().filter(|s| s.role == SeriesRole::Scale).count();
    let rank = |at: usize| series[..at].iter().filter(|s| s.role == series[at].role).count();
    let colour = |at: usize| match series[at].role {
        SeriesRole::Main => theme::MAIN[rank(at) % theme::MAIN.len()].to_string(),
        SeriesRole::Context => theme::CONTEXT[rank(at) % theme::CONTEXT.len()].to_string(),
        SeriesRole::Reference => theme::MUTED.to_string(),
        SeriesRole::Scale => theme::scale(rank(at), steps),
    };
    (0..series.len()).map(colour).collect()
}

/// One column of a bridge: an invisible base and a piece on it, which may reach below zero.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    base: Decimal,
    above: Decimal,
    below: Decimal,
    look: Look,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Look {
    Level,
    Increase,
    Decrease,
}

impl Step {
    /// A stacked piece stands on one side of zero only: one that crosses it is two pieces.
    fn crosses(&self) -> bool {
        !self.above.is_zero() && !self.below.is_zero()
    }
    /// Base, level, increase, decrease, the lower pieces of the last three where some step crosses zero, and the top, which
    /// carries the figure.
    fn parts(&self, split: bool) -> Vec<Option<Decimal>> {
        let mut parts = vec![None; bridge_columns(split)];
        parts[0] = (!self.base.is_zero()).then_some(self.base);
        let piece = 1 + self.look as usize;
        parts[piece] = Some(if self.crosses() || self.below.is_zero() { self.above } else { self.below });
        if self.crosses() {
            parts[piece + 3] = Some(self.below);
        }
        if let Some(top) = parts.last_mut() {
            *top = Some(self.base.max(Decimal::ZERO).saturating_add(self.above));
        }
        parts
    }
}

fn bridge_columns(split: bool) -> usize {
    if split { 8 } else { 5 }
}

/// The columns of a bridge: first and last value are levels, the others changes on the running level.
fn bridge(series: &Series, count: usize) -> Vec<Step> {
    let mut level = Decimal::ZERO;
    let mut steps = Vec::with_capacity(count);
    for at in 0..count {
        let value = series.values.get(at).copied().flatten().unwrap_or_default();
        let is_level = at == 0 || at + 1 == count;
        let from = if is_level { Decimal::ZERO } else { level };
        level = from.saturating_add(value);
        let (low, high) = (from.min(level), from.max(level));
        let look = match (is_level, value.is_sign_negative()) {
            (true, _) => Look::Level,
            (false, false) => Look::Increase,
            (false, true) => Look::Decrease,
        };
        let base = if low > Decimal::ZERO { low } else { high.min(Decimal::ZERO) };
        let (above, below) = (high.max(Decimal::ZERO) - base.max(Decimal::ZERO), low.min(Decimal::ZERO) - base.min(Decimal::ZERO));
        steps.push(Step { base, above, below, look });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(values: &[i64]) -> Vec<Step> {
        let values: Vec<Option<Decimal>> = values.iter().map(|v| Some(Decimal::from(*v))).collect();
        bridge(&Series { name: String::new(), values, role: SeriesRole::Main }, 4)
    }

    #[test]
    fn a_bridge_stands_on_its_running_level() {
        let parts = |step: &Step, split| -> Vec<i64> {
            step.parts(split).into_iter().map(|p| p.map_or(0, |d| i64::try_from(d).unwrap())).collect()
        };
        let up = steps(&[100, 30, -50, 80]);
        assert_eq!(
            up.iter().map(|s| parts(s, false)).collect::<Vec<_>>(),
            [[0, 100, 0, 0, 100], [100, 0, 30, 0, 130], [80, 0, 0, 50, 130], [0, 80, 0, 0, 80]]
        );
        let across = steps(&[10, -30, 5, -15]);
        assert!(across[1].crosses() && !across[2].crosses());
        assert_eq!(parts(&across[1], true), [0, 0, 0, 10, 0, 0, -20, 10]);
        assert_eq!(parts(&across[2], true), [-15, 0, -5, 0, 0, 0, 0, 0]);
        assert_eq!(parts(&across[3], true), [0, -15, 0, 0, 0, 0, 0, 0]);
    }
}
