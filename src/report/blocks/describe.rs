//! What a chart shows in one sentence, for people who cannot see it.

use crate::error::Result;
use crate::report::context::Context;
use crate::report::pack::{Chart, ChartKind, SeriesRole};
use rust_decimal::Decimal;

/// The sentence.
pub(super) fn describe(chart: &Chart, context: &Context) -> Result<String> {
    match chart.kind {
        ChartKind::Line | ChartKind::GroupedColumns => {
            let lines: Result<Vec<String>> = chart.series.iter().map(|series| line(&series.name, &series.values, chart, context)).collect();
            Ok(lines?.join(" "))
        }
        ChartKind::StackedColumns => {
            let sums: Vec<Option<Decimal>> =
                (0..chart.labels.len()).map(|i| Some(chart.series.iter().filter_map(|s| s.values[i]).sum())).collect();
            line(context.text.get("table.total")?, &sums, chart, context)
        }
        ChartKind::Waterfall => waterfall(chart, context),
        ChartKind::Bars => bars(chart, context),
        ChartKind::Bullet => bullet(chart, context),
        ChartKind::SmallLines | ChartKind::SmallColumns => panels(chart, context),
    }
}

fn figure(value: Decimal, chart: &Chart, context: &Context) -> String {
    format!("{} {}", context.request.lang.number(value, chart.decimals), chart.unit).trim_end().to_string()
}

fn line(name: &str, values: &[Option<Decimal>], chart: &Chart, context: &Context) -> Result<String> {
    let known: Vec<(&String, Decimal)> = chart.labels.iter().zip(values).filter_map(|(label, value)| value.map(|v| (label, v))).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return context.fill("describe.nothing", &[("name", name)]);
    };
    let high = known.iter().fold(first, |best, point| if point.1 > best.1 { point } else { best });
    let low = known.iter().fold(first, |best, point| if point.1 < best.1 { point } else { best });
    let words = [first, last, high, low].map(|point| figure(point.1, chart, context));
    context.fill(
        "describe.line",
        &[
            ("name", name),
            ("first", &words[0]),
            ("first_label", first.0),
            ("last", &words[1]),
            ("last_label", last.0),
            ("high", &words[2]),
            ("high_label", high.0),
            ("low", &words[3]),
            ("low_label", low.0),
        ],
    )
}

fn waterfall(chart: &Chart, context: &Context) -> Result<String> {
    let steps: Vec<(&String, Decimal)> =
        chart.series.iter().flat_map(|s| chart.labels.iter().zip(s.values.iter().map(|v| v.unwrap_or_default()))).collect();
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Ok(String::new()) };
    let mut changes: Vec<&(&String, Decimal)> = steps.iter().skip(1).take(steps.len().saturating_sub(2)).collect();
    changes.sort_by_key(|step| std::cmp::Reverse(step.1.abs()));
    let words: Vec<String> = changes.iter().take(3).map(|step| format!("{} {}", step.0, figure(step.1, chart, context))).collect();
    context.fill(
        "describe.waterfall",
        &[
            ("first", &figure(first.1, chart, context)),
            ("last", &figure(last.1, chart, context)),
            ("first_label", first.0),
            ("last_label", last.0),
            ("steps", &words.join("; ")),
        ],
    )
}

fn bars(chart: &Chart, context: &Context) -> Result<String> {
    let bars = chart.series.iter().filter(|s| s.role != SeriesRole::Reference).flat_map(|s| chart.labels.iter().zip(&s.values));
    let words: Vec<String> =
        bars.filter_map(|(label, value)| value.map(|v| format!("{label} {}", figure(v, chart, context)))).take(3).collect();
    let count = context.request.lang.number(Decimal::from(chart.labels.len()), 0);
    context.fill("describe.bars", &[("n", &count), ("largest", &words.join("; "))])
}

fn bullet(chart: &Chart, context: &Context) -> Result<String> {
    let of = |role: SeriesRole, i: usize| chart.series.iter().find(|s| s.role == role).and_then(|s| s.values[i]);
    let said = |value: Option<Decimal>| value.map_or_else(|| "–".to_string(), |v| figure(v, chart, context));
    let item = |(i, label): (usize, &String)| {
        let (value, target) = (said(of(SeriesRole::Main, i)), said(of(SeriesRole::Reference, i)));
        context.fill("describe.bullet", &[("label", label), ("value", &value), ("target", &target)])
    };
    let items: Result<Vec<String>> = chart.labels.iter().enumerate().map(item).collect();
    Ok(format!("{}.", items?.join("; ")))
}

/// Of each panel where it ends.
fn panels(chart: &Chart, context: &Context) -> Result<String> {
    let panels = || chart.series.iter().filter(|s| s.role != SeriesRole::Reference);
    let ends = panels().filter_map(|s| {
        let last = s.values.iter().rev().flatten().next()?;
        Some(format!("{} {}", s.name, figure(*last, chart, context)))
    });
    let (count, ends) = (context.request.lang.number(Decimal::from(panels().count()), 0), ends.collect::<Vec<_>>().join("; "));
    let label = |label: Option<&String>| label.cloned().unwrap_or_default();
    context.fill(
        "describe.panels",
        &[("n", &count), ("first_label", &label(chart.labels.first())), ("last_label", &label(chart.labels.last())), ("ends", &ends)],
    )
}
