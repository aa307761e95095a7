//! A bridge from an opening to a closing: levels stand on zero, changes float between them.
//!
//! Upright while every label can be read under its column; with long words or many steps it lies down and its labels get
//! the room of a line each.

use super::bars::{self, Bar};
use super::canvas::{Align, Canvas, pen};
use super::{Frame, Plot};
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};

/// Lines of a label under a column.
const LINES: usize = 3;
const LEADING: f64 = 13.5;

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let steps = steps(plot);
    let slot = (frame.right - frame.left) / steps.len().max(1) as f64;
    let readable = steps.iter().all(|s| {
        let lines = fonts::wrap(&s.label, slot - 6.0, LINES, size::SMALL, weight(s)).concat();
        !lines.contains('…') && fonts::words_fit(&s.label, slot - 6.0, size::SMALL, weight(s))
    });
    let valued = steps.iter().all(|s| fonts::width(&s.text, size::LABEL, Weight::SemiBold) <= slot - 4.0);
    if readable && valued { upright(canvas, &steps, frame, slot) } else { bars::rows(canvas, &steps, frame, plot.lang, true) }
}

fn weight(step: &Bar) -> Weight {
    if step.bold { Weight::SemiBold } else { Weight::Regular }
}

/// The steps with both their ends: a level from zero, a change from where the last step ended.
fn steps(plot: &Plot) -> Vec<Bar> {
    let Some(curve) = plot.curves.first() else { return Vec::new() };
    let count = plot.labels.len();
    let mut at = 0.0;
    let steps = (0..count).map(|i| {
        let level = i == 0 || i + 1 == count;
        let span = curve.values[i].map(|v| if level { (0.0, v) } else { (at, at + v) });
        at = span.map_or(at, |s| s.1);
        let rises = curve.values[i].is_some_and(|v| v > 0.0);
        // What is printed as nothing has no sign.
        let is_nothing = !curve.texts[i].contains(|c: char| c.is_ascii_digit() && c != '0');
        let color = match (level, rises) {
            (true, _) => theme::ACCENT,
            (false, true) => theme::WARNING_SOFT,
            (false, false) => theme::ACCENT_SOFT,
        };
        let sign = if rises && !level && !is_nothing { "+" } else { "" };
        let text = if curve.texts[i].is_empty() { "–".to_owned() } else { format!("{sign}{}", curve.texts[i]) };
        // A change without a value still carries the level on to the next step.
        let span = span.or(if level { None } else { Some((at, at)) });
        Bar { label: plot.labels[i].clone(), text, span, color: color.to_owned(), bold: level, said: plot.said(i), ..Bar::default() }
    });
    steps.collect()
}

fn upright(canvas: &mut Canvas, steps: &[Bar], frame: Frame, slot: f64) -> f64 {
    let spans = || steps.iter().filter_map(|s| s.span);
    let low = spans().map(|(a, b)| a.min(b)).fold(0.0, f64::min);
    let mut high = spans().map(|(a, b)| a.max(b)).fold(0.0, f64::max);
    if high == low {
        high = 1.0;
    }
    let wrapped: Vec<Vec<String>> = steps.iter().map(|s| fonts::wrap(&s.label, slot - 6.0, LINES, size::SMALL, weight(s))).collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0) as f64;
    // A figure's height is kept free above, and below where a fall may end on the ground.
    let top = frame.top + 26.0;
    let ground = frame.bottom - lines * LEADING - 8.0;
    // A fall that nearly ends on the ground needs room below for its figure.
    let lowest = spans().filter(|(a, b)| b < a).map(|(_, b)| (b - low) / (high - low)).fold(1.0, f64::min);
    let bottom = ground - (18.0 - lowest * (ground - top)).clamp(0.0, 18.0);
    let y = |v: f64| bottom - (v - low) / (high - low) * (bottom - top);
    let half = (slot * 0.66).min(84.0) / 2.0;
    for (i, step) in steps.iter().enumerate() {
        let x = frame.left + (i as f64 + 0.5) * slot;
        for (line, text) in wrapped[i].iter().enumerate() {
            let at = (x, frame.bottom - (lines - line as f64 - 1.0) * LEADING - 4.0);
            let label = pen(size::SMALL, if step.bold { theme::INK } else { theme::MUTED }).align(Align::Middle);
            canvas.text(at, text, if step.bold { label.bold() } else { label });
        }
        let (from, to) = step.span.unwrap_or((0.0, 0.0));
        if from != to {
            canvas.bar((x - half, y(from)), (x + half, y(to)), &step.color);
        }
        if i + 1 < steps.len() && step.span.is_some() {
            canvas.line(&[(x + if from == to { -half } else { half }, y(to)), (x + slot - half, y(to))], 0.8, theme::MUTED);
        }
        let at = if to < from { y(to) + size::LABEL + 1.0 } else { y(to) - 5.0 };
        let value = pen(size::LABEL, theme::INK).align(Align::Middle);
        canvas.text((x, at), &step.text, if step.bold { value.bold() } else { value });
    }
    canvas.line(&[(frame.left, y(0.0)), (frame.right, y(0.0))], 1.0, theme::MUTED);
    for (i, step) in steps.iter().enumerate() {
        let left = frame.left + i as f64 * slot;
        canvas.zone((left, frame.top), (left + slot, frame.bottom), step.said.clone());
    }
    frame.bottom
}
