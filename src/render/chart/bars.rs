//! Horizontal bars: labels at the left, values at the ends; also the lying form of a bridge and of grouped columns.
//!
//! The drawing takes the height its rows need; rows beyond what a page can hold are counted, not drawn.

use super::canvas::{Align, CAP, Canvas, pen};
use super::{Frame, Plot, and_more, legend};
use crate::domain::lang::Lang;
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

/// Rows that a page can hold, and bars where several share a label.
const MOST_ROWS: usize = 30;
const MOST_JOINED: usize = 36;
/// Heights of a bar: least, most; alone and where several share a label.
const ROW: (f64, f64) = (17.0, 28.0);
const JOINED_ROW: (f64, f64) = (14.0, 20.0);

/// A bar between two values.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// What it is, at the left.
    pub label: String,
    /// Its value as printed.
    pub text: String,
    /// Both ends; `None` where there is no value.
    pub span: Option<(f64, f64)>,
    /// Colour.
    pub color: String,
    /// Whether it weighs more than the others.
    pub bold: bool,
    /// Whether it belongs to the label of the bar before.
    pub joined: bool,
    /// Values marked across it.
    pub marks: Vec<f64>,
    /// What is said when it is pointed at.
    pub said: String,
}

/// Draws the first series, with the references as marks, and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let is_mark = |curve: &&super::Curve| curve.role == SeriesRole::Reference;
    let marks: Vec<&super::Curve> = plot.curves.iter().filter(is_mark).collect();
    let Some(curve) = plot.curves.iter().find(|c| !is_mark(c)) else { return frame.top };
    let bars = plot.labels.iter().enumerate().map(|(i, label)| Bar {
        label: label.clone(),
        text: curve.texts[i].clone(),
        span: curve.values[i].map(|v| (0.0, v)),
        color: curve.color.clone(),
        marks: marks.iter().filter_map(|m| m.values[i]).collect(),
        said: plot.said(i),
        ..Bar::default()
    });
    let bars: Vec<Bar> = bars.collect();
    let mut named = if marks.is_empty() { Vec::new() } else { legend::of(plot) };
    for entry in named.iter_mut().filter(|e| e.sample == legend::Sample::Dashed) {
        (entry.sample, entry.color) = (legend::Sample::Mark, theme::INK.to_owned());
    }
    let legend = legend::draw(canvas, &named, frame);
    rows(canvas, &bars, Frame { top: frame.top + legend, bottom: frame.bottom + legend, ..frame }, plot.lang, false)
}

/// Draws bars; `connected` joins each bar's end with the next bar, as a bridge does.
pub fn rows(canvas: &mut Canvas, bars: &[Bar], frame: Frame, lang: Lang, connected: bool) -> f64 {
    let joined = bars.iter().any(|b| b.joined);
    let (most, (least, highest)) = if joined { (MOST_JOINED, JOINED_ROW) } else { (MOST_ROWS, ROW) };
    let mut shown = bars.len().min(most);
    // A label keeps all its bars.
    while shown < bars.len() && bars[shown].joined {
        shown -= 1;
    }
    let left_out = bars[shown..].iter().filter(|b| !b.joined).count();
    let row = ((frame.bottom - frame.top) / shown.max(1) as f64).clamp(least, highest);
    let weight = |bar: &Bar| if bar.bold { Weight::SemiBold } else { Weight::Regular };
    let label_width = bars[..shown].iter().map(|b| fonts::width(&b.label, size::LABEL, weight(b))).fold(0.0, f64::max);
    let label_width = label_width.min((frame.right - frame.left) * 0.36).ceil();
    let text_width = bars[..shown].iter().map(|b| fonts::width(&b.text, size::LABEL, Weight::SemiBold)).fold(0.0, f64::max) + 8.0;
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for value in bars[..shown].iter().flat_map(|b| b.span.iter().flat_map(|(a, z)| [*a, *z]).chain(b.marks.iter().copied())) {
        low = low.min(value);
        high = high.max(value);
    }
    if low == high {
        high = 1.0;
    }
    // Texts stand outside the bars' ends: at the right of rises, at the left of falls, where no label may be touched.
    let right = frame.right - text_width;
    let mut left = frame.left + label_width + 12.0;
    let fall = |bar: &Bar| bar.span.filter(|s| s.1 < s.0).map(|s| bar.marks.iter().copied().fold(s.1, f64::min));
    for (bar, to) in bars[..shown].iter().filter_map(|b| fall(b).map(|to| (b, to))) {
        let needed = frame.left + label_width + 18.0 + fonts::width(&bar.text, size::LABEL, Weight::SemiBold);
        let part = (to - low) / (high - low);
        left = left.max((needed - part * right) / (1.0 - part).max(1e-6)).min(right - 1.0);
    }
    let x = |v: f64| left + (v - low) / (high - low) * (right - left);
    let gap = if joined { 6.0 } else { 0.0 };
    let mut top = frame.top;
    for (i, bar) in bars[..shown].iter().enumerate() {
        if i > 0 && !bar.joined {
            top += gap;
        }
        let middle = top + 0.5 * row;
        let baseline = middle + size::LABEL * CAP / 2.0;
        let color = if bar.bold { theme::INK } else { theme::MUTED };
        let label = fonts::fit(&bar.label, label_width, size::LABEL, weight(bar));
        canvas.text((frame.left + label_width, baseline), &label, with(pen(size::LABEL, color), bar.bold).align(Align::Right));
        let (from, to) = bar.span.unwrap_or((0.0, 0.0));
        let half = if joined { row * 0.44 } else { (row * 0.36).min(9.0) };
        if from != to {
            canvas.bar((x(from), middle - half), (x(to), middle + half), &bar.color);
        }
        for mark in &bar.marks {
            canvas.rect((x(*mark) - 2.4, middle - row * 0.46), (x(*mark) + 2.4, middle + row * 0.46), theme::PAPER);
            canvas.rect((x(*mark) - 1.2, middle - row * 0.46), (x(*mark) + 1.2, middle + row * 0.46), theme::INK);
        }
        if connected && i + 1 < shown && bar.span.is_some() {
            canvas.line(&[(x(to), middle + half), (x(to), middle + row - half)], 0.8, theme::MUTED);
        }
        let (mut at, align) = if to < from { (x(to) - 6.0, Align::Right) } else { (x(to) + 6.0, Align::Left) };
        // A mark where the figure would stand moves it beyond.
        let width = fonts::width(&bar.text, size::LABEL, Weight::SemiBold);
        let mut marks: Vec<f64> = bar.marks.iter().map(|m| x(*m)).collect();
        marks.sort_by(f64::total_cmp);
        if align == Align::Left {
            for mark in marks {
                at = if mark > at - 5.0 && mark < at + width + 3.0 { mark + 6.0 } else { at };
            }
        } else {
            for mark in marks.into_iter().rev() {
                at = if mark < at + 5.0 && mark > at - width - 3.0 { mark - 6.0 } else { at };
            }
        }
        canvas.text((at, baseline), &bar.text, with(pen(size::LABEL, theme::INK), !connected || bar.bold).align(align));
        canvas.zone((frame.left, top), (frame.right, top + row), bar.said.clone());
        top += row;
    }
    canvas.line(&[(x(0.0), frame.top), (x(0.0), top)], 1.0, theme::MUTED);
    and_more(canvas, left_out, (frame.left, top), lang)
}

fn with(pen: super::canvas::Pen<'_>, bold: bool) -> super::canvas::Pen<'_> {
    if bold { pen.bold() } else { pen }
}
