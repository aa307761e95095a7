//! Columns beside each other over labels, from zero; references are dashed lines across, named at their ends.
//!
//! Every column has its figure where they fit, else the first series has, else as many of its columns as fit. Names too long to
//! stand under columns lay the drawing down.

use super::axis::{self, Axis};
use super::bars::{self, Bar};
use super::canvas::{Align, CAP, Canvas, pen};
use super::{Curve, Frame, NAME_LEADING, Plot, grid, labels_below, legend, names_below, zones_upright};
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

/// Names on average longer than this, in pixels, are not thinned like months: the drawing lies down.
const LONG_NAME: f64 = 70.0;
/// Bars that a lying drawing can hold.
const MOST_BARS: usize = 60;
const LEADING: f64 = 16.0;
const GUTTER_GAP: f64 = 14.0;

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let is_line = |c: &&Curve| c.role == SeriesRole::Reference;
    let columns: Vec<&Curve> = plot.curves.iter().filter(|c| !is_line(c)).collect();
    let lines: Vec<&Curve> = plot.curves.iter().filter(is_line).collect();
    let named: Vec<legend::Entry> = if columns.len() > 1 { legend::of(plot) } else { Vec::new() };
    let named: Vec<legend::Entry> = named.into_iter().filter(|e| e.sample != legend::Sample::Dashed).collect();
    let average = plot.labels.iter().map(|l| fonts::width(l, size::SMALL, Weight::Regular)).sum::<f64>() / plot.labels.len().max(1) as f64;
    let slot = (frame.right - frame.left) / plot.labels.len().max(1) as f64;
    if average > LONG_NAME && plot.labels.len() * columns.len() <= MOST_BARS && names_below(plot, slot * 0.9).is_none() {
        return lying(canvas, plot, &columns, &lines, frame);
    }
    let legend = legend::draw(canvas, &named, frame);
    let values = || plot.curves.iter().flat_map(|c| c.values.iter().copied().flatten());
    let axis = Axis::over(values(), true, 5);
    let gutter = gutter_width(&lines, (frame.right - frame.left) * 0.26);
    // Room below for the figures of falls.
    let below = if values().any(|v| v < 0.0) { 15.0 } else { 0.0 };
    let top = frame.top + legend + 16.0;
    let right = frame.right - gutter;
    let wrapped = names_below(plot, slot * 0.9 * (right - frame.left) / (frame.right - frame.left));
    let foot = wrapped.as_ref().and_then(|w| w.iter().map(Vec::len).max()).unwrap_or(1).max(1) as f64;
    let bottom = frame.bottom + legend;
    let inner = Frame { left: frame.left, top, right, bottom: bottom - 10.0 - foot * NAME_LEADING - below };
    let left = grid(canvas, &axis, inner, plot.lang);
    let slot = (right - left) / plot.labels.len().max(1) as f64;
    let group = (slot * 0.78).min(columns.len() as f64 * 52.0);
    let wide = group / columns.len().max(1) as f64;
    let x = |i: usize| left + (i as f64 + 0.5) * slot;
    let y = |v: f64| inner.bottom - axis.part(v) * (inner.bottom - inner.top);
    let middle = |i: usize, k: usize| x(i) - group / 2.0 + (k as f64 + 0.5) * wide;
    match &wrapped {
        Some(names) => {
            for (i, name) in names.iter().enumerate() {
                for (line, text) in name.iter().enumerate() {
                    let at = (x(i), inner.bottom + below + 18.0 + line as f64 * NAME_LEADING);
                    canvas.text(at, text, pen(size::SMALL, theme::MUTED).align(Align::Middle));
                }
            }
        }
        None => labels_below(canvas, plot, inner.bottom + below + 18.0, slot, (frame.left, frame.right), x),
    }
    let half = (wide * 0.92).min(wide - 1.0).max(0.8) / 2.0;
    for (k, curve) in columns.iter().enumerate() {
        for (i, value) in curve.values.iter().enumerate() {
            if let Some(value) = value.filter(|v| *v != 0.0) {
                canvas.bar((middle(i, k) - half, y(0.0)), (middle(i, k) + half, y(value)), &curve.color);
            }
        }
    }
    canvas.line(&[(left, y(0.0)), (right, y(0.0))], 1.0, theme::MUTED);
    for line in &lines {
        references(canvas, line, slot, x, y);
    }
    figures(canvas, &columns, (left, right), slot, (wide, half), middle, y);
    ends(canvas, &lines, inner, gutter, y);
    zones_upright(canvas, plot, Frame { left, ..inner }, slot, x);
    bottom
}

/// A reference: level across each label's slot.
fn references(canvas: &mut Canvas, line: &Curve, slot: f64, x: impl Fn(usize) -> f64, y: impl Fn(f64) -> f64) {
    let mut run: Vec<(f64, f64)> = Vec::new();
    for i in 0..=line.values.len() {
        match line.values.get(i).copied().flatten() {
            Some(value) => run.extend([(x(i) - slot / 2.0, y(value)), (x(i) + slot / 2.0, y(value))]),
            None => {
                // On paper of its own: ink alone is lost on dark columns.
                canvas.line(&run, 3.5, theme::PAPER);
                canvas.dashed(&run, 1.5, theme::INK);
                run.clear();
            }
        }
    }
}

/// Figures at the columns' ends: of all, or of the first series, or of as many of it as fit.
fn figures(
    canvas: &mut Canvas,
    columns: &[&Curve],
    (left, right): (f64, f64),
    slot: f64,
    (wide, half): (f64, f64),
    middle: impl Fn(usize, usize) -> f64,
    y: impl Fn(f64) -> f64,
) {
    let widest = |curves: &[&Curve], size: f64| {
        let texts = curves.iter().flat_map(|c| &c.texts);
        texts.map(|t| fonts::width(t, size, Weight::SemiBold)).fold(0.0, f64::max)
    };
    let sizes = [size::LABEL, size::SMALL, size::SMALL - 1.0];
    let fits = |curves: &[&Curve], room: f64| sizes.into_iter().find(|s| widest(curves, *s) + 3.0 <= room);
    let (shown, text_size) = match fits(columns, wide) {
        Some(size) => (columns, size),
        None => (&columns[..columns.len().min(1)], fits(&columns[..columns.len().min(1)], slot).unwrap_or(size::SMALL - 1.0)),
    };
    // From the last label on: what would touch a figure already there gives way.
    let mut free = f64::INFINITY;
    let count = columns.first().map_or(0, |c| c.values.len());
    for i in (0..count).rev() {
        for (k, curve) in shown.iter().enumerate().rev() {
            let (Some(value), text) = (curve.values[i], &curve.texts[i]) else { continue };
            let reach = fonts::width(text, text_size, Weight::SemiBold) / 2.0 + 1.0;
            let at = middle(i, k).min(right - reach).max(left + reach);
            if at + reach > free {
                continue;
            }
            // A figure that reaches over a longer column would be taken for that one's.
            let down = value < 0.0;
            let longer = |other: f64| (other < 0.0) == down && other.abs() > value.abs();
            let mut near = (0..count).flat_map(|j| columns.iter().enumerate().map(move |(l, c)| (j, l, c)));
            if near.any(|(j, l, c)| (j, l) != (i, k) && (middle(j, l) - at).abs() < reach + half && c.values[j].is_some_and(longer)) {
                continue;
            }
            free = at - reach;
            let baseline = if down { y(value) + text_size * CAP + 4.0 } else { y(value) - 4.0 };
            // Grid and references give way to the figure.
            canvas.rect((at - reach, baseline - text_size * CAP - 1.0), (at + reach, baseline + 1.5), theme::PAPER);
            canvas.text((at, baseline), text, pen(text_size, theme::INK).bold().align(Align::Middle));
        }
    }
}

fn gutter_width(lines: &[&Curve], most: f64) -> f64 {
    let widest = lines.iter().filter_map(|line| {
        let (last, _) = line.last()?;
        let value = fonts::width(&line.texts[last], size::LABEL, Weight::SemiBold);
        Some(value.max(fonts::width(&line.name, size::LABEL, Weight::Regular).min(most)))
    });
    let widest = widest.fold(0.0, f64::max).min(most).ceil();
    if widest > 0.0 { widest + GUTTER_GAP } else { 4.0 }
}

/// Value and name of each reference at its end, in two lines.
fn ends(canvas: &mut Canvas, lines: &[&Curve], inner: Frame, gutter: f64, y: impl Fn(f64) -> f64) {
    let mut named: Vec<(&&Curve, usize, f64)> = lines.iter().filter_map(|c| c.last().map(|(i, v)| (c, i, y(v)))).collect();
    named.sort_by(|a, b| a.2.total_cmp(&b.2));
    let rows = ((inner.bottom - inner.top) / (2.0 * LEADING)) as usize + 1;
    named.truncate(rows);
    let wanted: Vec<f64> = named.iter().map(|n| n.2).collect();
    let start = inner.right + GUTTER_GAP - 4.0;
    for ((curve, last, at), place) in named.iter().zip(axis::spread(&wanted, 2.0 * LEADING, inner.top, inner.bottom - LEADING)) {
        canvas.line(&[(inner.right, *at), (start - 2.0, place)], 0.8, theme::MUTED);
        let room = gutter - GUTTER_GAP + 4.0;
        let value = fonts::fit(&curve.texts[*last], room, size::LABEL, Weight::SemiBold);
        canvas.text((start, place + size::LABEL * CAP / 2.0), &value, pen(size::LABEL, theme::INK).bold());
        let name = fonts::fit(&curve.name, room, size::LABEL, Weight::Regular);
        canvas.text((start, place + size::LABEL * CAP / 2.0 + LEADING - 2.0), &name, pen(size::LABEL, theme::MUTED));
    }
}

/// The same as bars that lie, a group a label; references are marks.
fn lying(canvas: &mut Canvas, plot: &Plot, columns: &[&Curve], lines: &[&Curve], frame: Frame) -> f64 {
    let mut named = if columns.len() > 1 || !lines.is_empty() { legend::of(plot) } else { Vec::new() };
    for entry in named.iter_mut().filter(|e| e.sample == legend::Sample::Dashed) {
        (entry.sample, entry.color) = (legend::Sample::Mark, theme::INK.to_owned());
    }
    let legend = legend::draw(canvas, &named, frame);
    let mut rows = Vec::new();
    for (i, label) in plot.labels.iter().enumerate() {
        for (k, curve) in columns.iter().enumerate() {
            rows.push(Bar {
                label: if k == 0 { label.clone() } else { String::new() },
                text: if curve.values[i].is_some() { curve.texts[i].clone() } else { "–".to_owned() },
                span: curve.values[i].map(|v| (0.0, v)),
                color: curve.color.clone(),
                joined: k > 0,
                marks: lines.iter().filter_map(|l| l.values[i]).collect(),
                said: plot.said(i),
                ..Bar::default()
            });
        }
    }
    bars::rows(canvas, &rows, Frame { top: frame.top + legend, bottom: frame.bottom + legend, ..frame }, plot.lang, false)
}
