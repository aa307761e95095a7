//! Lines over labels, each named and valued at its end.
//!
//! The axis may begin away from zero (a line's message is its slope); then its foot is broken and says so.

use super::axis::{self, Axis};
use super::canvas::{CAP, Canvas, pen};
use super::{Curve, Frame, Plot, grid, labels_below, zones_upright};
use crate::domain::lang::Lang;
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

/// Height of a line of labels.
const LEADING: f64 = 16.0;
/// From the plot to the labels at its right.
const GUTTER_GAP: f64 = 14.0;

/// A label at a line's end.
struct End<'a> {
    curve: &'a Curve,
    at: (f64, f64),
    value: &'a str,
    name: String,
}

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let axis = Axis::over(plot.curves.iter().flat_map(|c| c.values.iter().copied().flatten()), false, 5);
    let gutter = gutter_width(plot, (frame.right - frame.left) * 0.3);
    let broken = axis.low > 0.0 || axis.high < 0.0;
    let top = frame.top + size::SMALL / 2.0 + if broken { say_broken(canvas, &axis, frame, plot.lang) } else { 0.0 };
    let inner = Frame { top, right: frame.right - gutter, bottom: frame.bottom - 24.0, ..frame };
    let left = grid(canvas, &axis, inner, plot.lang);
    if broken {
        let (x, y) = (left, inner.bottom);
        canvas.line(&[(x, y - 18.0), (x, y - 13.0), (x - 3.0, y - 10.5), (x + 3.0, y - 6.5), (x, y - 4.0), (x, y)], 1.0, theme::MUTED);
    }
    let (from, to) = (left + 10.0, inner.right);
    let slot = (to - from) / plot.labels.len().saturating_sub(1).max(1) as f64;
    let x = |i: usize| if plot.labels.len() == 1 { (from + to) / 2.0 } else { from + i as f64 * slot };
    let y = |v: f64| inner.bottom - axis.part(v) * (inner.bottom - inner.top);
    labels_below(canvas, plot, inner.bottom + 18.0, slot, (frame.left, frame.right), x);
    // What carries the message is drawn last, over the others.
    for main in [false, true] {
        for curve in plot.curves.iter().filter(|c| (c.role == SeriesRole::Main) == main) {
            draw_curve(canvas, curve, x, y);
        }
    }
    end_labels(canvas, plot, inner, x, y, gutter);
    zones_upright(canvas, plot, Frame { left, right: inner.right + 10.0, ..inner }, slot, x);
    frame.bottom
}

pub(super) fn draw_curve(canvas: &mut Canvas, curve: &Curve, x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) {
    let width = match curve.role {
        SeriesRole::Main | SeriesRole::Scale => 2.4,
        SeriesRole::Context => 1.6,
        SeriesRole::Reference => 1.3,
    };
    let mut run: Vec<(f64, f64)> = Vec::new();
    for i in 0..=curve.values.len() {
        if let Some(value) = curve.values.get(i).copied().flatten() {
            run.push((x(i), y(value)));
            continue;
        }
        if run.len() == 1 {
            canvas.dot(run[0], width * 1.2, &curve.color);
        } else if curve.role == SeriesRole::Reference {
            canvas.dashed(&run, width, &curve.color);
        } else {
            canvas.line(&run, width, &curve.color);
        }
        run.clear();
    }
    if let (Some((i, value)), true) = (curve.last(), curve.role == SeriesRole::Main) {
        canvas.dot((x(i), y(value)), 4.0, &curve.color);
    }
}

/// Name of a series at its end; a series that ends early says where.
fn end_name(plot: &Plot, curve: &Curve, last: usize) -> String {
    match plot.labels.get(last) {
        Some(label) if last + 1 < plot.labels.len() => format!("{} ({label})", curve.name),
        _ => curve.name.clone(),
    }
}

fn gutter_width(plot: &Plot, most: f64) -> f64 {
    let widest = plot.curves.iter().filter_map(|curve| {
        let (last, _) = curve.last()?;
        let value = fonts::width(&curve.texts[last], size::LABEL, Weight::SemiBold);
        Some(value + 6.0 + fonts::width(&end_name(plot, curve, last), size::LABEL, Weight::Regular))
    });
    widest.fold(0.0, f64::max).min(most).ceil() + GUTTER_GAP
}

fn end_labels(canvas: &mut Canvas, plot: &Plot, inner: Frame, x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64, gutter: f64) {
    let mut ends: Vec<End<'_>> = Vec::new();
    for curve in &plot.curves {
        if let Some((last, value)) = curve.last() {
            let at = (x(last), y(value));
            ends.push(End { curve, at, value: &curve.texts[last], name: end_name(plot, curve, last) });
        }
    }
    // More lines than rows of text: the least important go unnamed.
    let rows = (((inner.bottom - inner.top) / LEADING) as usize + 1).max(1);
    ends.sort_by_key(|end| rank(end.curve.role));
    ends.truncate(rows);
    ends.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
    let wanted: Vec<f64> = ends.iter().map(|e| e.at.1).collect();
    let start = inner.right + GUTTER_GAP;
    for (end, y) in ends.iter().zip(axis::spread(&wanted, LEADING, inner.top, inner.bottom)) {
        let baseline = y + size::LABEL * CAP / 2.0;
        if (y - end.at.1).abs() > 2.0 || end.at.0 + 1.0 < inner.right {
            canvas.line(&[(end.at.0 + 5.0, end.at.1), (inner.right + 5.0, end.at.1), (start - 2.0, y)], 0.8, theme::RULE);
        }
        let value = fonts::fit(end.value, gutter - GUTTER_GAP, size::LABEL, Weight::SemiBold);
        canvas.text((start, baseline), &value, pen(size::LABEL, end.curve.text_color()).bold());
        let used = fonts::width(&value, size::LABEL, Weight::SemiBold) + 6.0;
        let name = fonts::fit(&end.name, gutter - GUTTER_GAP - used, size::LABEL, Weight::Regular);
        canvas.text((start + used, baseline), &name, pen(size::LABEL, end.curve.text_color()));
    }
}

fn rank(role: SeriesRole) -> u8 {
    match role {
        SeriesRole::Main => 0,
        SeriesRole::Scale => 1,
        SeriesRole::Reference => 2,
        SeriesRole::Context => 3,
    }
}

/// Says under the title that the axis does not begin at zero; says how high the words are.
pub(super) fn say_broken(canvas: &mut Canvas, axis: &Axis, frame: Frame, lang: Lang) -> f64 {
    let (low, high) = (axis.tick(axis.low, lang), axis.tick(axis.high, lang));
    let words = match lang {
        Lang::Es if axis.low > 0.0 => format!("El eje empieza en {low}, no en cero"),
        Lang::Es => format!("El eje termina en {high}, no en cero"),
        Lang::En if axis.low > 0.0 => format!("Axis starts at {low}, not at zero"),
        Lang::En => format!("Axis ends at {high}, not at zero"),
    };
    canvas.text((frame.left, frame.top + 2.0), &words, pen(size::SMALL, theme::MUTED));
    14.0
}
