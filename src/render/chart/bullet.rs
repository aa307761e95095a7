//! A bar a label against the mark of its target, on bands that say how far from it; value and target stand beside as figures.

use super::canvas::{Align, CAP, Canvas, pen};
use super::legend::{self, Entry, Sample};
use super::{Curve, Frame, Plot, and_more};
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

/// Rows that a page can hold.
const MOST_ROWS: usize = 26;
/// Widest head over a column of figures.
const HEAD: f64 = 110.0;
const GAP: f64 = 16.0;

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
    let of = |role: SeriesRole| plot.curves.iter().find(|c| c.role == role);
    let (value, target) = (of(SeriesRole::Main), of(SeriesRole::Reference));
    let bands: Vec<&Curve> = plot.curves.iter().filter(|c| c.role == SeriesRole::Scale).collect();
    let band_color = |at: usize| theme::BANDS[at.min(theme::BANDS.len() - 1)].to_owned();
    let mut named = Vec::new();
    named.extend(value.map(|c| Entry { name: c.name.clone(), color: theme::ACCENT.to_owned(), sample: Sample::Area }));
    named.extend(target.map(|c| Entry { name: c.name.clone(), color: theme::INK.to_owned(), sample: Sample::Mark }));
    named.extend(bands.iter().enumerate().map(|(at, c)| Entry { name: c.name.clone(), color: band_color(at), sample: Sample::Area }));
    let legend = legend::draw(canvas, &named, frame);

    let shown = plot.labels.len().min(MOST_ROWS);
    let row = ((frame.bottom - frame.top) / shown.max(1) as f64).clamp(22.0, 34.0);
    let label_width = plot.labels[..shown].iter().map(|l| fonts::width(l, size::LABEL, Weight::Regular)).fold(0.0, f64::max);
    let label_width = label_width.min((frame.right - frame.left) * 0.3).ceil();
    // The columns of figures at the right.
    let columns: Vec<&Curve> = [value, target].into_iter().flatten().collect();
    let width = |curve: &Curve| {
        let figures = curve.texts.iter().map(|t| fonts::width(t, size::LABEL, Weight::SemiBold)).fold(0.0, f64::max);
        figures.max(fonts::width(&curve.name, size::SMALL, Weight::Regular).min(HEAD)).min((frame.right - frame.left) * 0.2)
    };
    let widths: Vec<f64> = columns.iter().map(|c| width(c)).collect();
    let (left, right) = (frame.left + label_width + 12.0, frame.right - widths.iter().map(|w| w + GAP).sum::<f64>());
    let right = right.max(left + 1.0);
    let mut top = frame.top + legend + 20.0;
    let mut ends = Vec::new();
    let mut end = right;
    for (curve, width) in columns.iter().zip(&widths) {
        end += width + GAP;
        let head = fonts::fit(&curve.name, *width, size::SMALL, Weight::Regular);
        canvas.text((end, top - 7.0), &head, pen(size::SMALL, theme::MUTED).align(Align::Right));
        ends.push(end);
    }

    let values = plot.curves.iter().flat_map(|c| c.values[..shown].iter().copied().flatten());
    let (low, mut high) = values.fold((0.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
    if low == high {
        high = 1.0;
    }
    let x = |v: f64| left + (v - low) / (high - low) * (right - left - 3.0);
    let start = top;
    for i in 0..shown {
        let middle = top + row / 2.0;
        let baseline = middle + size::LABEL * CAP / 2.0;
        let label = fonts::fit(&plot.labels[i], label_width, size::LABEL, Weight::Regular);
        canvas.text((frame.left + label_width, baseline), &label, pen(size::LABEL, theme::MUTED).align(Align::Right));
        // The farthest band first: the nearer ones lie on it.
        for (at, band) in bands.iter().enumerate().rev() {
            if let Some(value) = band.values[i].filter(|v| *v != 0.0) {
                canvas.rect((x(0.0), middle - row * 0.36), (x(value), middle + row * 0.36), &band_color(at));
            }
        }
        if let Some(value) = value.and_then(|c| c.values[i]).filter(|v| *v != 0.0) {
            canvas.bar((x(0.0), middle - row * 0.17), (x(value), middle + row * 0.17), theme::ACCENT);
        }
        if let Some(target) = target.and_then(|c| c.values[i]) {
            canvas.rect((x(target) - 2.5, middle - row * 0.42), (x(target) + 2.5, middle + row * 0.42), theme::PAPER);
            canvas.rect((x(target) - 1.3, middle - row * 0.42), (x(target) + 1.3, middle + row * 0.42), theme::INK);
        }
        for (at, curve) in columns.iter().enumerate() {
            let text = if curve.values[i].is_some() { curve.texts[i].as_str() } else { "–" };
            let text = fonts::fit(text, widths[at], size::LABEL, Weight::SemiBold);
            let figure = pen(size::LABEL, if at == 0 { theme::INK } else { theme::MUTED }).align(Align::Right);
            canvas.text((ends[at], baseline), &text, if at == 0 { figure.bold() } else { figure });
        }
        canvas.zone((frame.left, top), (frame.right, top + row), plot.said(i));
        top += row;
    }
    canvas.line(&[(x(0.0), start), (x(0.0), top)], 1.0, theme::MUTED);
    and_more(canvas, plot.labels.len() - shown, (frame.left, top), plot.lang)
}
