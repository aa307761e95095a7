//! Columns stacked over labels, totals above, series named beside the last column.
//!
//! A legend above stands in only where the names do not fit beside the column.

use super::axis::{self, Axis};
use super::canvas::{Align, CAP, Canvas, pen};
use super::{Frame, Plot, grid, labels_below, legend, zones_upright};
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};

const LEADING: f64 = 17.0;
const SWATCH: f64 = 9.0;
const GUTTER_GAP: f64 = 22.0;

/// A column: its parts from zero outwards.
struct Column {
    /// Low and high end of each series' part; `None` where there is none.
    parts: Vec<Option<(f64, f64)>>,
    /// Where the parts above zero end.
    top: f64,
}

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let columns: Vec<Column> = (0..plot.labels.len()).map(|i| column(plot, i)).collect();
    let ends = columns.iter().flat_map(|c| c.parts.iter().flatten().flat_map(|(a, b)| [*a, *b]));
    let axis = Axis::over(ends, true, 5);
    let beside = plot.curves.len() as f64 * LEADING <= frame.bottom - frame.top - 44.0;
    let gutter = if beside { gutter_width(plot, (frame.right - frame.left) * 0.3) } else { 0.0 };
    let legend = if beside { 0.0 } else { legend::draw(canvas, &legend::of(plot), frame) };
    let bottom = frame.bottom + legend;
    let inner = Frame { top: frame.top + legend + 16.0, right: frame.right - gutter, bottom: bottom - 24.0, left: frame.left };
    let left = grid(canvas, &axis, inner, plot.lang);
    let slot = (inner.right - left) / plot.labels.len().max(1) as f64;
    let half = (slot * 0.7).min(68.0) / 2.0;
    let x = |i: usize| left + (i as f64 + 0.5) * slot;
    let y = |v: f64| inner.bottom - axis.part(v) * (inner.bottom - inner.top);
    labels_below(canvas, plot, inner.bottom + 18.0, slot, (frame.left, frame.right), x);
    for (i, column) in columns.iter().enumerate() {
        for (curve, part) in plot.curves.iter().zip(&column.parts) {
            if let Some((low, high)) = part {
                canvas.rect((x(i) - half, y(*high)), (x(i) + half, y(*low)), &curve.color);
            }
        }
    }
    canvas.line(&[(left, y(0.0)), (inner.right, y(0.0))], 1.0, theme::MUTED);
    totals(canvas, plot, &columns, (left, slot), x, y);
    zones_upright(canvas, plot, Frame { left, ..inner }, slot, x);
    if beside {
        names(canvas, plot, &columns, (inner, gutter), x(plot.labels.len().saturating_sub(1)) + half, y);
    }
    bottom
}

fn column(plot: &Plot, i: usize) -> Column {
    let (mut up, mut down) = (0.0, 0.0);
    let parts = plot.curves.iter().map(|curve| {
        let value = curve.values[i]?;
        let base = if value < 0.0 { &mut down } else { &mut up };
        let from = *base;
        *base += value;
        (value != 0.0).then(|| (from.min(*base), from.max(*base)))
    });
    let parts = parts.collect();
    Column { parts, top: up }
}

fn totals(
    canvas: &mut Canvas,
    plot: &Plot,
    columns: &[Column],
    (left, slot): (f64, f64),
    x: impl Fn(usize) -> f64,
    y: impl Fn(f64) -> f64,
) {
    let texts = &plot.totals;
    let widest = |size: f64| texts.iter().map(|t| fonts::width(t, size, Weight::SemiBold)).fold(0.0, f64::max);
    let text_size = if widest(size::LABEL) + 6.0 <= slot { size::LABEL } else { size::SMALL - 1.0 };
    for i in axis::thinned(texts.len(), widest(text_size) + 6.0, slot) {
        if texts[i].is_empty() {
            continue;
        }
        let half = fonts::width(&texts[i], text_size, Weight::SemiBold) / 2.0 + 1.0;
        // The axis has its own figures there.
        if x(i) - half < left - 4.0 {
            continue;
        }
        // A figure wider than its column stands above the neighbours it reaches over.
        let reached = (0..columns.len()).filter(|j| *j == i || (x(*j) - x(i)).abs() < half + slot * 0.36);
        let top = reached.map(|j| columns[j].top).fold(0.0, f64::max);
        let at = (x(i), y(top) - 5.0);
        // The grid gives way to the figure.
        canvas.rect((x(i) - half, at.1 - text_size * CAP - 1.0), (x(i) + half, at.1 + 2.0), theme::PAPER);
        canvas.text(at, &texts[i], pen(text_size, theme::INK).bold().align(Align::Middle));
    }
}

fn gutter_width(plot: &Plot, most: f64) -> f64 {
    let widest = plot.curves.iter().map(|c| {
        let value = c.texts.last().map_or(0.0, |t| fonts::width(t, size::LABEL, Weight::SemiBold));
        SWATCH + 6.0 + value + 6.0 + fonts::width(&c.name, size::LABEL, Weight::Regular)
    });
    widest.fold(0.0, f64::max).min(most).ceil() + GUTTER_GAP
}

fn names(canvas: &mut Canvas, plot: &Plot, columns: &[Column], (inner, gutter): (Frame, f64), edge: f64, y: impl Fn(f64) -> f64) {
    let Some(last) = columns.last() else { return };
    let mut height = 0.0;
    let mut wanted: Vec<(usize, f64, bool)> = Vec::new();
    for (i, part) in last.parts.iter().enumerate() {
        match part {
            Some((low, high)) => {
                if *high > 0.0 {
                    height = *high;
                }
                wanted.push((i, y((low + high) / 2.0), true));
            }
            None => wanted.push((i, y(height), false)),
        }
    }
    wanted.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let places: Vec<f64> = wanted.iter().map(|w| w.1).collect();
    let start = inner.right + GUTTER_GAP;
    for ((i, at, there), y) in wanted.iter().zip(axis::spread(&places, LEADING, inner.top, inner.bottom)) {
        let curve = &plot.curves[*i];
        if *there {
            canvas.line(&[(edge + 3.0, *at), (start - 10.0, y), (start - 4.0, y)], 0.8, theme::RULE);
        }
        canvas.rect((start, y - SWATCH / 2.0), (start + SWATCH, y + SWATCH / 2.0), &curve.color);
        let baseline = y + size::LABEL * CAP / 2.0;
        let mut x = start + SWATCH + 6.0;
        if let Some(text) = curve.texts.last().filter(|t| !t.is_empty()) {
            let text = fonts::fit(text, inner.right + gutter - x, size::LABEL, Weight::SemiBold);
            canvas.text((x, baseline), &text, pen(size::LABEL, theme::INK).bold());
            x += fonts::width(&text, size::LABEL, Weight::SemiBold) + 6.0;
        }
        let name = fonts::fit(&curve.name, inner.right + gutter - x, size::LABEL, Weight::Regular);
        canvas.text((x, baseline), &name, pen(size::LABEL, theme::INK));
    }
}
