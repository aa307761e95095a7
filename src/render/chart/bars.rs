//! Horizontal bars: labels at the left, values at the ends; also the lying form of a bridge.
//!
//! The drawing takes the height its rows need; rows beyond what a page can hold are counted, not drawn.

use super::canvas::{Align, CAP, Canvas, pen};
use super::{Frame, Plot};
use crate::domain::lang::Lang;
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};

/// Rows that a page can hold.
const MOST_ROWS: usize = 30;

/// A bar between two values.
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
}

/// Draws the first series and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let Some(curve) = plot.curves.first() else { return frame.top };
    let bars = plot.labels.iter().enumerate().map(|(i, label)| Bar {
        label: label.clone(),
        text: curve.texts[i].clone(),
        span: curve.values[i].map(|v| (0.0, v)),
        color: curve.color.clone(),
        bold: false,
    });
    let bars: Vec<Bar> = bars.collect();
    rows(canvas, &bars, frame, plot.lang, false)
}

/// Draws bars; `connected` joins each bar's end with the next bar, as a bridge does.
pub fn rows(canvas: &mut Canvas, bars: &[Bar], frame: Frame, lang: Lang, connected: bool) -> f64 {
    let shown = bars.len().min(MOST_ROWS);
    let left_out = bars.len() - shown;
    let row = ((frame.bottom - frame.top) / shown.max(1) as f64).clamp(17.0, 28.0);
    let weight = |bar: &Bar| if bar.bold { Weight::SemiBold } else { Weight::Regular };
    let label_width = bars[..shown].iter().map(|b| fonts::width(&b.label, size::LABEL, weight(b))).fold(0.0, f64::max);
    let label_width = label_width.min((frame.right - frame.left) * 0.36).ceil();
    let text_width = bars[..shown].iter().map(|b| fonts::width(&b.text, size::LABEL, Weight::SemiBold)).fold(0.0, f64::max) + 8.0;
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for (a, b) in bars[..shown].iter().filter_map(|b| b.span) {
        low = low.min(a).min(b);
        high = high.max(a).max(b);
    }
    if low == high {
        high = 1.0;
    }
    // Texts stand outside the bars' ends: at the right of rises, at the left of falls, where no label may be touched.
    let right = frame.right - text_width;
    let mut left = frame.left + label_width + 12.0;
    for (bar, to) in bars[..shown].iter().filter_map(|b| b.span.filter(|s| s.1 < s.0).map(|s| (b, s.1))) {
        let needed = frame.left + label_width + 18.0 + fonts::width(&bar.text, size::LABEL, Weight::SemiBold);
        let part = (to - low) / (high - low);
        left = left.max((needed - part * right) / (1.0 - part).max(1e-6)).min(right - 1.0);
    }
    let x = |v: f64| left + (v - low) / (high - low) * (right - left);
    let bottom = frame.top + row * shown as f64;
    for (i, bar) in bars[..shown].iter().enumerate() {
        let middle = frame.top + (i as f64 + 0.5) * row;
        let baseline = middle + size::LABEL * CAP / 2.0;
        let color = if bar.bold { theme::INK } else { theme::MUTED };
        let label = fonts::fit(&bar.label, label_width, size::LABEL, weight(bar));
        canvas.text((frame.left + label_width, baseline), &label, with(pen(size::LABEL, color), bar.bold).align(Align::Right));
        let (from, to) = bar.span.unwrap_or((0.0, 0.0));
        let half = (row * 0.36).min(9.0);
        if from != to {
            canvas.bar((x(from), middle - half), (x(to), middle + half), &bar.color);
        }
        if connected && i + 1 < shown && bar.span.is_some() {
            canvas.line(&[(x(to), middle + half), (x(to), middle + row - half)], 0.8, theme::MUTED);
        }
        let (at, align) = if to < from { (x(to) - 6.0, Align::Right) } else { (x(to) + 6.0, Align::Left) };
        canvas.text((at, baseline), &bar.text, with(pen(size::LABEL, theme::INK), !connected || bar.bold).align(align));
    }
    canvas.line(&[(x(0.0), frame.top), (x(0.0), bottom)], 1.0, theme::MUTED);
    if left_out == 0 {
        return bottom + 2.0;
    }
    let words = match lang {
        Lang::Es => format!("y {left_out} más"),
        Lang::En => format!("and {left_out} more"),
    };
    canvas.text((frame.left, bottom + 16.0), &words, pen(size::SMALL, theme::MUTED));
    bottom + 20.0
}

fn with(pen: super::canvas::Pen<'_>, bold: bool) -> super::canvas::Pen<'_> {
    if bold { pen.bold() } else { pen }
}
