//! A chart as SVG: the same bytes for the same chart, readable in both languages, never clipped.
//!
//! Each form has its file; what they share (title, frame, colours of the roles) is here, arithmetic of axes in [`axis`],
//! the drawing library behind [`canvas`]. The title is part of the drawing: pages need not repeat it.

#![allow(clippy::disallowed_methods, reason = "a drawing is in pixels: amounts become floats at this door and never come back")]

mod axis;
mod bars;
mod bullet;
mod canvas;
mod grouped;
mod legend;
mod line;
mod panels;
mod spark;
mod stacked;
mod waterfall;

use crate::domain::lang::Lang;
use crate::error::Result;
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::{Chart, ChartKind, SeriesRole};
use canvas::{Canvas, pen};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
pub use spark::spark;

/// Size of a drawing in CSS pixels. Horizontal bars take the height their rows need; the others take this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Size {
    /// Across a page.
    pub const WIDE: Size = Size { width: 960.0, height: 340.0 };
}

/// The room left for a form, in pixels.
#[derive(Debug, Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// A series ready to draw: as many values as labels, each finite.
struct Curve {
    name: String,
    values: Vec<Option<f64>>,
    /// The values as printed.
    texts: Vec<String>,
    role: SeriesRole,
    color: String,
}

impl Curve {
    /// The last point that exists.
    fn last(&self) -> Option<(usize, f64)> {
        self.values.iter().enumerate().rev().find_map(|(i, v)| v.map(|v| (i, v)))
    }
    /// Colour for text about it: light colours are not readable as text.
    fn text_color(&self) -> &str {
        match self.role {
            SeriesRole::Main if matches!(self.color.as_str(), theme::ACCENT | theme::INK) => &self.color,
            SeriesRole::Main | SeriesRole::Scale => theme::INK,
            SeriesRole::Context | SeriesRole::Reference => theme::MUTED,
        }
    }
}

/// A chart ready to draw.
struct Plot {
    labels: Vec<String>,
    curves: Vec<Curve>,
    /// The sum of each label's values as printed; empty where there is none.
    totals: Vec<String>,
    unit: String,
    lang: Lang,
}

impl Plot {
    fn of(chart: &Chart, lang: Lang) -> Plot {
        let count = chart.labels.len();
        let steps = chart.series.iter().filter(|s| s.role == SeriesRole::Scale).count();
        let (mut main, mut context, mut step) = (0, 0, 0);
        let next = |at: &mut usize| {
            *at += 1;
            *at - 1
        };
        let curves = chart.series.iter().map(|series| {
            let color = match series.role {
                SeriesRole::Main => theme::MAIN[next(&mut main) % theme::MAIN.len()].to_owned(),
                SeriesRole::Context => theme::CONTEXT[next(&mut context) % theme::CONTEXT.len()].to_owned(),
                SeriesRole::Reference => theme::MUTED.to_owned(),
                SeriesRole::Scale => theme::scale(next(&mut step), steps),
            };
            let given = |i: usize| series.values.get(i).copied().flatten();
            let values = (0..count).map(|i| given(i).and_then(|v| v.to_f64()).filter(|v| v.is_finite())).collect();
            let texts = (0..count).map(|i| given(i).map_or_else(String::new, |v| lang.number(v, chart.decimals))).collect();
            Curve { name: fonts::clean(&series.name), values, texts, role: series.role, color }
        });
        let curves = curves.collect();
        let labels = chart.labels.iter().map(|l| fonts::clean(l)).collect();
        // Summed as decimals: what is printed is exact, only places on the paper are not.
        let total = |i: usize| {
            let mut values = chart.series.iter().filter_map(|s| s.values.get(i).copied().flatten()).peekable();
            values.peek()?;
            values.try_fold(Decimal::ZERO, |sum, v| sum.checked_add(v))
        };
        let totals = (0..count).map(|i| total(i).map_or_else(String::new, |t| lang.number(t, chart.decimals))).collect();
        Plot { labels, curves, totals, unit: fonts::clean(&chart.unit), lang }
    }

    /// What is said of a label when its place is pointed at: each series with its value.
    fn said(&self, i: usize) -> String {
        let mut lines = vec![self.labels[i].clone()];
        for curve in self.curves.iter().filter(|c| !c.texts[i].is_empty()) {
            let value = format!("{} {}", curve.texts[i], self.unit);
            let name = if curve.name.is_empty() { String::new() } else { format!("{}: ", curve.name) };
            lines.push(format!("{name}{}", value.trim_end()));
        }
        lines.join("\n")
    }

    fn is_empty(&self) -> bool {
        self.curves.iter().all(|c| c.last().is_none())
    }
}

/// Draws a chart.
pub fn svg(chart: &Chart, lang: Lang, size: Size) -> Result<String> {
    let (canvas, size) = drawn(chart, lang, size);
    canvas.finish(size, &fonts::clean(&chart.title), &fonts::clean(&chart.description))
}

fn drawn(chart: &Chart, lang: Lang, wanted: Size) -> (Canvas, Size) {
    let side = |given: f64, least: f64| if given.is_finite() { given.clamp(least, 4000.0) } else { least };
    let size = Size { width: side(wanted.width, 320.0), height: side(wanted.height, 160.0) };
    let mut canvas = Canvas::new();
    let mut top = 0.0;
    for line in fonts::wrap(&fonts::clean(&chart.title), size.width, 2, size::TITLE, Weight::SemiBold) {
        top += size::TITLE * 1.3;
        canvas.text((0.0, top - size::TITLE * 0.3), &line, pen(size::TITLE, theme::INK).bold());
    }
    let frame = Frame { left: 0.0, top: top + 12.0, right: size.width, bottom: size.height - 4.0 };
    let plot = Plot::of(chart, lang);
    let bottom = if plot.is_empty() {
        let words = match lang {
            Lang::Es => "Sin datos",
            Lang::En => "No data",
        };
        canvas.text((0.0, frame.top + size::LABEL), words, pen(size::LABEL, theme::MUTED));
        frame.top + size::LABEL * 2.0
    } else {
        match chart.kind {
            ChartKind::Line => line::draw(&mut canvas, &plot, frame),
            ChartKind::StackedColumns => stacked::draw(&mut canvas, &plot, frame),
            ChartKind::Waterfall => waterfall::draw(&mut canvas, &plot, frame),
            ChartKind::Bars => bars::draw(&mut canvas, &plot, frame),
            ChartKind::GroupedColumns => grouped::draw(&mut canvas, &plot, frame),
            ChartKind::SmallLines => panels::draw(&mut canvas, &plot, frame, false),
            ChartKind::SmallColumns => panels::draw(&mut canvas, &plot, frame, true),
            ChartKind::Bullet => bullet::draw(&mut canvas, &plot, frame),
        }
    };
    (canvas, Size { width: size.width, height: (bottom + 4.0).ceil() })
}

/// Grid lines with their figures at the left, as wide as the figures; says where the plot begins.
fn grid(canvas: &mut Canvas, axis: &axis::Axis, frame: Frame, lang: Lang) -> f64 {
    let texts: Vec<String> = axis.ticks.iter().map(|t| axis.tick(*t, lang)).collect();
    let widest = texts.iter().map(|t| fonts::width(t, size::SMALL, Weight::Regular)).fold(0.0, f64::max);
    let left = frame.left + widest + 8.0;
    for (tick, text) in axis.ticks.iter().zip(&texts) {
        let y = frame.bottom - axis.part(*tick) * (frame.bottom - frame.top);
        let color = if *tick == 0.0 { theme::MUTED } else { theme::RULE };
        canvas.line(&[(left, y), (frame.right, y)], 1.0, color);
        let at = (left - 8.0, y + size::SMALL * canvas::CAP / 2.0);
        canvas.text(at, text, pen(size::SMALL, theme::MUTED).align(canvas::Align::Right));
    }
    left
}

/// Lines of names under columns and their height.
const NAME_LINES: usize = 2;
const NAME_LEADING: f64 = 13.5;

/// Names under columns in a few lines each; none if some name does not fit its column that way.
fn names_below(plot: &Plot, slot: f64) -> Option<Vec<Vec<String>>> {
    let room = slot - 6.0;
    let wrapped: Vec<Vec<String>> = plot.labels.iter().map(|l| fonts::wrap(l, room, NAME_LINES, size::SMALL, Weight::Regular)).collect();
    let whole = |(label, lines): (&String, &Vec<String>)| {
        fonts::words_fit(label, room, size::SMALL, Weight::Regular)
            && lines.join(" ") == label.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    plot.labels.iter().zip(&wrapped).all(whole).then_some(wrapped)
}

/// Places that say the values of a label when pointed at, one for each label, from top to bottom.
fn zones_upright(canvas: &mut Canvas, plot: &Plot, inner: Frame, slot: f64, x: impl Fn(usize) -> f64) {
    for i in 0..plot.labels.len() {
        let (from, to) = ((x(i) - slot / 2.0).max(inner.left), (x(i) + slot / 2.0).min(inner.right));
        canvas.zone((from, inner.top), (to, inner.bottom), plot.said(i));
    }
}

/// Says under the last row how many there are beyond it; says how far down that reached.
fn and_more(canvas: &mut Canvas, left_out: usize, (left, bottom): (f64, f64), lang: Lang) -> f64 {
    if left_out == 0 {
        return bottom + 2.0;
    }
    let words = match lang {
        Lang::Es => format!("y {left_out} más"),
        Lang::En => format!("and {left_out} more"),
    };
    canvas.text((left, bottom + 16.0), &words, pen(size::SMALL, theme::MUTED));
    bottom + 20.0
}

/// Labels under points at `x(i)`, thinned so that they do not touch, kept within the drawing.
fn labels_below(canvas: &mut Canvas, plot: &Plot, baseline: f64, slot: f64, ends: (f64, f64), x: impl Fn(usize) -> f64) {
    const MOST: f64 = 130.0;
    let texts: Vec<String> = plot.labels.iter().map(|l| fonts::fit(l, MOST, size::SMALL, Weight::Regular)).collect();
    let widths: Vec<f64> = texts.iter().map(|t| fonts::width(t, size::SMALL, Weight::Regular)).collect();
    let widest = widths.iter().copied().fold(0.0, f64::max);
    let mut free = f64::INFINITY;
    for i in axis::thinned(texts.len(), widest + 12.0, slot).into_iter().rev() {
        // Labels at the ends move inwards; whatever they would touch gives way.
        let left = (x(i) - widths[i] / 2.0).min(ends.1 - widths[i]).max(ends.0);
        if left + widths[i] + 8.0 <= free {
            canvas.text((left, baseline), &texts[i], pen(size::SMALL, theme::MUTED));
            free = left;
        }
    }
}

#[cfg(test)]
mod tests;
