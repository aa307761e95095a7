//! Charts: labels and series out of an answer, amounts in a scale that the title names.

use super::grid::heads;
use super::{describe, table::drop_zero};
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use crate::report::answers::{Answer, Unit};
use crate::report::context::Context;
use crate::report::figures::{Scale, decimals};
use crate::report::pack::{Chart, ChartKind, ColumnKind as Kind, Series, SeriesRole};
use crate::report::spec::{ChartForm, ChartSpec, Panels, PivotSpec, Role, Spec};
use crate::report::words;
use rust_decimal::Decimal;

/// A step of a bridge less than one part in so many of its highest level cannot be seen.
const SLIGHT: u32 = 200;

/// The chart; none if there is nothing to draw.
pub(super) fn chart(spec: &ChartSpec, pack: &Spec, context: &Context) -> Result<Option<Chart>> {
    let mut answer = context.ask(pack, &spec.from)?;
    if let Some(except) = &spec.drop_zero {
        drop_zero(&mut answer, except)?;
    }
    let x = answer.position(&spec.x)?;
    let mut points = points(&answer, x);
    if spec.kind == ChartForm::SmallMultiples {
        in_time(&mut points);
    }
    points.truncate(spec.limit.unwrap_or(usize::MAX));
    if points.is_empty() {
        return Ok(None);
    }
    let mut drawn = match &spec.series {
        Some(pivot) => by_word(pivot, spec, &answer, x, &points, context)?,
        None => by_column(spec, &answer, x, &points, context)?,
    };
    if let Some(aim) = spec.target.as_ref().and_then(|name| context.target(name)) {
        let values = vec![Some(aim); points.len()];
        drawn.series.push(Series { name: context.say("word.target")?, values, role: SeriesRole::Reference });
    }
    let labels: Result<Vec<String>> = points.iter().map(|point| label(point, &spec.x, context)).collect();
    let mut labels = labels?;
    if spec.kind == ChartForm::Waterfall {
        fold_slight(&mut drawn.series, &mut labels, context)?;
    }
    if spec.kind == ChartForm::Bullet {
        bands(spec, &mut drawn.series, context)?;
    }
    let unit = Units::of(&drawn, spec.kind, context)?;
    let title = context.fill(&format!("block.{}", spec.id), &[("unit", &unit.title)])?;
    let mut chart = Chart {
        id: spec.id.clone(),
        title,
        kind: match spec.kind {
            ChartForm::Line => ChartKind::Line,
            ChartForm::Stacked => ChartKind::StackedColumns,
            ChartForm::Waterfall => ChartKind::Waterfall,
            ChartForm::Bars => ChartKind::Bars,
            ChartForm::Grouped => ChartKind::GroupedColumns,
            ChartForm::Bullet => ChartKind::Bullet,
            ChartForm::SmallMultiples if spec.panels == Some(Panels::Columns) => ChartKind::SmallColumns,
            ChartForm::SmallMultiples => ChartKind::SmallLines,
        },
        labels,
        series: drawn.series.into_iter().map(|series| unit.scaled(series)).collect(),
        unit: unit.short,
        decimals: unit.decimals,
        description: String::new(),
        behind: spec.rows.clone(),
    };
    chart.description = describe::describe(&chart, context)?;
    Ok(Some(chart))
}

/// The values along the axis, each once, in the query's order.
pub(super) fn points(answer: &Answer, x: usize) -> Vec<&Datum> {
    let mut points: Vec<&Datum> = Vec::new();
    for row in answer.rows() {
        if !points.contains(&&row[x]) {
            points.push(&row[x]);
        }
    }
    points
}

/// Days in order: where each word has its own rows, the first may lack the earliest days.
pub(super) fn in_time(points: &mut [&Datum]) {
    if points.iter().all(|point| point.date().is_some()) {
        points.sort_by_key(|point| point.date());
    }
}

/// Series before scaling, what they hold and in what they are counted.
struct Drawn {
    series: Vec<Series>,
    kind: Kind,
    unit: Unit,
}

fn by_word(pivot: &PivotSpec, spec: &ChartSpec, answer: &Answer, x: usize, points: &[&Datum], context: &Context) -> Result<Drawn> {
    let [word, order, value] = [answer.position(&pivot.column)?, answer.position(&pivot.order)?, answer.position(&pivot.value)?];
    let heads = heads(answer, word, order);
    let (kind, role) = (answer.kind(value), if is_scale(spec.kind) { SeriesRole::Scale } else { SeriesRole::Main });
    let mut series = Vec::new();
    let mut unit: Option<Unit> = None;
    for head in &heads {
        let mut values: Vec<Option<Decimal>> = vec![if adds_up(kind) { Some(Decimal::ZERO) } else { None }; points.len()];
        for row in answer.rows().filter(|row| row[word].to_string() == *head) {
            same_unit(&mut unit, answer, row, value, &pivot.value, context)?;
            if let (Some(point), Some(amount)) = (points.iter().position(|p| **p == row[x]), row[value].decimal()) {
                values[point] = Some(values[point].unwrap_or_default() + amount);
            }
        }
        let name = words::word(&pivot.column, head, &context.text)?.unwrap_or_else(|| head.clone());
        series.push(Series { name, values, role });
    }
    if let Some(column) = &spec.reference {
        let position = answer.position(column)?;
        let mut values: Vec<Option<Decimal>> = vec![None; points.len()];
        for row in answer.rows() {
            same_unit(&mut unit, answer, row, position, column, context)?;
            let Some(point) = points.iter().position(|p| **p == row[x]) else { continue };
            match (values[point], row[position].decimal()) {
                (Some(known), Some(other)) if known != other => {
                    let place = points[point];
                    return Err(Error::internal(format!("the reference `{column}` says {known} and {other} at {place}")));
                }
                (None, Some(value)) => values[point] = Some(value),
                _ => {}
            }
        }
        series.push(Series { name: context.say(&format!("column.{column}"))?, values, role: SeriesRole::Reference });
    }
    Ok(Drawn { series, kind, unit: unit.unwrap_or(Unit::Plain) })
}

/// Whether the words are steps from calm to alarming, as buckets are; panels and groups are equals.
fn is_scale(form: ChartForm) -> bool {
    matches!(form, ChartForm::Line | ChartForm::Stacked)
}

/// Whether a word without a row at a point is nothing there (an amount, a count) rather than unknown (a share, days).
pub(super) fn adds_up(kind: Kind) -> bool {
    matches!(kind, Kind::Money | Kind::Count)
}

/// The ends of a bullet's bands, as shares of its target.
fn bands(spec: &ChartSpec, series: &mut Vec<Series>, context: &Context) -> Result<()> {
    let target = series.iter().find(|s| s.role == SeriesRole::Reference).map(|s| s.values.clone()).unwrap_or_default();
    for pct in &spec.bands {
        let share = |value: &Option<Decimal>| value.map(|v| v * Decimal::from(*pct) / Decimal::ONE_HUNDRED);
        let name = context.fill("chart.band", &[("n", &pct.to_string())])?;
        series.push(Series { name, values: target.iter().map(share).collect(), role: SeriesRole::Scale });
    }
    Ok(())
}

fn by_column(spec: &ChartSpec, answer: &Answer, x: usize, points: &[&Datum], context: &Context) -> Result<Drawn> {
    let mut series = Vec::new();
    let mut unit: Option<Unit> = None;
    let mut kind = Kind::Count;
    for value in &spec.values {
        let position = answer.position(&value.column)?;
        kind = answer.kind(position);
        let mut values: Vec<Option<Decimal>> = vec![None; points.len()];
        for row in answer.rows() {
            same_unit(&mut unit, answer, row, position, &value.column, context)?;
            if let (Some(point), Some(number)) = (points.iter().position(|p| **p == row[x]), row[position].decimal()) {
                values[point] = Some(values[point].unwrap_or_default() + number);
            }
        }
        let role = match value.role {
            Role::Main => SeriesRole::Main,
            Role::Context => SeriesRole::Context,
            Role::Reference => SeriesRole::Reference,
        };
        series.push(Series { name: context.say(&format!("column.{}", value.column))?, values, role });
    }
    Ok(Drawn { series, kind, unit: unit.unwrap_or(Unit::Plain) })
}

pub(super) fn same_unit(
    known: &mut Option<Unit>,
    answer: &Answer,
    row: &[Datum],
    position: usize,
    column: &str,
    context: &Context,
) -> Result<()> {
    let unit = answer.unit(row, position, &context.request.group_currency);
    match known {
        Some(known) => known.must_equal(&unit, column),
        None => {
            *known = Some(unit);
            Ok(())
        }
    }
}

/// Steps of a bridge too slight to be seen, as one step before the closing: their names would stand over nothing. The table
/// names each.
fn fold_slight(series: &mut [Series], labels: &mut Vec<String>, context: &Context) -> Result<()> {
    let ([only], count) = (series, labels.len()) else { return Ok(()) };
    let value = |i: usize| only.values.get(i).copied().flatten().unwrap_or_default();
    let most = (0..count).map(|i| value(i).abs()).max().unwrap_or_default();
    let slight: Vec<usize> = (1..count.saturating_sub(1)).filter(|i| value(*i).abs() * Decimal::from(SLIGHT) < most).collect();
    if slight.len() < 2 {
        return Ok(());
    }
    let sum: Decimal = slight.iter().map(|i| value(*i)).sum();
    for i in slight.iter().rev() {
        labels.remove(*i);
        only.values.remove(*i);
    }
    let place = labels.len() - 1;
    labels.insert(place, context.fill("chart.slight", &[("n", &slight.len().to_string())])?);
    only.values.insert(place, Some(sum));
    Ok(())
}

pub(super) fn label(point: &Datum, column: &str, context: &Context) -> Result<String> {
    match point {
        // Weeks are known by their day, months by their name.
        Datum::Date(day) if column.starts_with("week") => Ok(context.request.lang.short_day(*day)),
        Datum::Date(day) => Ok(context.request.lang.month(*day)),
        other => {
            let word = other.to_string();
            Ok(words::word(column, &word, &context.text)?.unwrap_or(word))
        }
    }
}

/// Unit and scale of a chart.
struct Units {
    title: String,
    short: String,
    decimals: u32,
    scale: Option<Scale>,
}

impl Units {
    fn of(drawn: &Drawn, form: ChartForm, context: &Context) -> Result<Units> {
        let (Kind::Money, Unit::Currency(currency)) = (drawn.kind, &drawn.unit) else {
            let unit = match drawn.kind {
                Kind::Days => context.say("word.days")?,
                Kind::Percent => "%".to_string(),
                _ => String::new(),
            };
            return Ok(Units { title: unit.clone(), short: unit, decimals: decimals(drawn.kind), scale: None });
        };
        let scale = Scale::for_largest(largest(&drawn.series, form));
        let units = Units {
            title: scale.title(currency, context)?,
            short: scale.unit(currency, context)?,
            decimals: scale.decimals,
            scale: Some(scale),
        };
        Ok(units)
    }

    fn scaled(&self, mut series: Series) -> Series {
        if let Some(scale) = self.scale {
            series.values = series.values.into_iter().map(|value| value.map(|v| scale.of(v))).collect();
        }
        series
    }
}

/// The tallest thing drawn: a stack counts whole.
fn largest(series: &[Series], form: ChartForm) -> Decimal {
    let points = series.first().map_or(0, |s| s.values.len());
    let heights = (0..points).map(|i| {
        let values = series.iter().filter_map(|s| s.values[i]).map(|v| v.abs());
        if form == ChartForm::Stacked { values.sum() } else { values.max().unwrap_or_default() }
    });
    heights.max().unwrap_or_default()
}
