//! Small multiples: one panel a series, all on one scale, so that sizes can be compared from panel to panel.
//!
//! The drawing takes the height its panels need. Panels beyond a dozen are counted, not drawn.

use super::axis::Axis;
use super::canvas::{Align, CAP, Canvas, pen};
use super::legend::{self, Entry, Sample};
use super::line::{draw_curve, say_broken};
use super::{Curve, Frame, Plot, and_more};
use crate::domain::lang::Lang;
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

/// Panels of a drawing.
const MOST: usize = 12;
/// Narrowest panel and panels side by side at most.
const NARROWEST: f64 = 195.0;
const MOST_BESIDE: usize = 4;
/// Between panels, and the height of a panel's plot.
const GAP: (f64, f64) = (22.0, 14.0);
const HEIGHT: f64 = 78.0;
/// Heights of a panel's title and of its labels.
const TITLE: f64 = 20.0;
const LABELS: f64 = 17.0;

/// Draws and says how far down it reached.
pub fn draw(canvas: &mut Canvas, plot: &Plot, frame: Frame, columns: bool) -> f64 {
    let is_line = |c: &&Curve| c.role == SeriesRole::Reference;
    let panels: Vec<&Curve> = plot.curves.iter().filter(|c| !is_line(c)).collect();
    let lines: Vec<&Curve> = plot.curves.iter().filter(is_line).collect();
    let shown = panels.len().min(MOST);
    let drawn = || panels[..shown].iter().chain(&lines);
    let axis = Axis::over(drawn().flat_map(|c| c.values.iter().copied().flatten()), columns, 3);
    let named: Vec<Entry> =
        lines.iter().map(|c| Entry { name: c.name.clone(), color: theme::INK.to_owned(), sample: Sample::Dashed }).collect();
    let mut top = frame.top + legend::draw(canvas, &named, frame);
    if axis.low > 0.0 || axis.high < 0.0 {
        top += say_broken(canvas, &axis, Frame { top: top + 6.0, ..frame }, plot.lang) + 4.0;
    }

    let ticks: Vec<String> = axis.ticks.iter().map(|t| axis.tick(*t, plot.lang)).collect();
    let gutter = ticks.iter().map(|t| fonts::width(t, size::SMALL - 1.0, Weight::Regular)).fold(0.0, f64::max) + 8.0;
    let room = frame.right - frame.left - gutter;
    let beside = (((room + GAP.0) / (NARROWEST + GAP.0)) as usize).clamp(1, MOST_BESIDE);
    let rows = shown.div_ceil(beside).max(1);
    let beside = shown.div_ceil(rows).max(1);
    let width = (room - (beside - 1) as f64 * GAP.0) / beside as f64;
    let end = drawn().flat_map(|c| c.last().map(|(i, _)| fonts::width(&c.texts[i], size::SMALL, Weight::SemiBold))).fold(0.0, f64::max);
    let end = end.min(width * 0.42);
    let step = TITLE + HEIGHT + LABELS + GAP.1;
    for (at, curve) in panels[..shown].iter().enumerate() {
        let (column, row) = (at % beside, at / beside);
        let left = frame.left + gutter + column as f64 * (width + GAP.0);
        let top = top + row as f64 * step;
        let panel = Panel {
            whole: Frame { left, top, right: left + width, bottom: top + TITLE + HEIGHT + LABELS },
            plot: Frame { left, top: top + TITLE, right: left + width - end - 8.0, bottom: top + TITLE + HEIGHT },
            axis: &axis,
        };
        for (tick, text) in axis.ticks.iter().zip(&ticks) {
            let y = panel.y(*tick);
            canvas.line(&[(left, y), (panel.plot.right, y)], 1.0, if *tick == 0.0 { theme::MUTED } else { theme::HAIR });
            if column == 0 {
                let at = (left - 6.0, y + (size::SMALL - 1.0) * CAP / 2.0);
                canvas.text(at, text, pen(size::SMALL - 1.0, theme::MUTED).align(Align::Right));
            }
        }
        panel.draw(canvas, plot, curve, &lines, columns);
    }
    let bottom = top + rows as f64 * step - GAP.1;
    and_more(canvas, panels.len() - shown, (frame.left, bottom), plot.lang)
}

/// Where a panel is.
struct Panel<'a> {
    whole: Frame,
    plot: Frame,
    axis: &'a Axis,
}

impl Panel<'_> {
    fn y(&self, value: f64) -> f64 {
        self.plot.bottom - self.axis.part(value) * (self.plot.bottom - self.plot.top)
    }

    fn draw(&self, canvas: &mut Canvas, plot: &Plot, curve: &Curve, lines: &[&Curve], columns: bool) {
        let inner = self.plot;
        let title = fonts::fit(&curve.name, self.whole.right - self.whole.left, size::LABEL, Weight::SemiBold);
        canvas.text((inner.left, self.whole.top + size::LABEL), &title, pen(size::LABEL, theme::INK).bold());
        let count = plot.labels.len();
        let slot = (inner.right - inner.left - 6.0) / (if columns { count } else { count.saturating_sub(1) }).max(1) as f64;
        let first = inner.left + 3.0 + if columns { slot / 2.0 } else { 0.0 };
        let x = |i: usize| if count == 1 { (inner.left + inner.right) / 2.0 } else { first + i as f64 * slot };
        let y = |v: f64| self.y(v);
        for line in lines {
            draw_curve(canvas, line, x, y);
        }
        let last = curve.last();
        if columns {
            let half = (slot * 0.36).min(16.0);
            for (i, value) in curve.values.iter().enumerate() {
                let color = if last.is_some_and(|l| l.0 == i) { theme::ACCENT } else { theme::ACCENT_SOFT };
                if let Some(value) = value.filter(|v| *v != 0.0) {
                    canvas.bar((x(i) - half, y(0.0)), (x(i) + half, y(value)), color);
                }
            }
        } else {
            let line = Curve {
                color: theme::ACCENT.to_owned(),
                name: String::new(),
                values: curve.values.clone(),
                texts: Vec::new(),
                role: SeriesRole::Main,
            };
            draw_curve(canvas, &line, x, y);
        }
        match last {
            Some((i, value)) => {
                let text = fonts::fit(&curve.texts[i], self.whole.right - inner.right - 7.5, size::SMALL, Weight::SemiBold);
                let at = (inner.right + 8.0, y(value) + size::SMALL * CAP / 2.0);
                canvas.text(at, &text, pen(size::SMALL, theme::INK).bold());
            }
            None => {
                let words = match plot.lang {
                    Lang::Es => "Sin datos",
                    Lang::En => "No data",
                };
                let (left, middle) = (inner.left + 6.0, (inner.top + inner.bottom) / 2.0);
                let width = fonts::width(words, size::SMALL, Weight::Regular);
                canvas.rect((left - 2.0, middle - size::SMALL), (left + width + 2.0, middle + 3.0), theme::PAPER);
                canvas.text((left, middle), words, pen(size::SMALL, theme::MUTED));
            }
        }
        self.labels(canvas, plot, x);
        let unit = |text: &str| format!("{text} {}", plot.unit).trim_end().to_owned();
        for i in 0..count {
            let marks = lines.iter().filter(|l| !l.texts[i].is_empty()).map(|l| format!("\n{}: {}", l.name, unit(&l.texts[i])));
            let value = if curve.texts[i].is_empty() { "–".to_owned() } else { unit(&curve.texts[i]) };
            let said = format!("{}: {}\n{value}{}", curve.name, plot.labels[i], marks.collect::<String>());
            canvas.zone((x(i) - slot / 2.0, inner.top), (x(i) + slot / 2.0, inner.bottom), said);
        }
    }

    /// The first and the last label under a panel; the last alone where both do not fit.
    fn labels(&self, canvas: &mut Canvas, plot: &Plot, x: impl Fn(usize) -> f64) {
        let Some(last) = plot.labels.len().checked_sub(1) else { return };
        let small = size::SMALL - 1.0;
        let (left, right) = (self.plot.left, self.plot.right);
        let text = |i: usize| {
            let text = fonts::fit(&plot.labels[i], right - left, small, Weight::Regular);
            let width = fonts::width(&text, small, Weight::Regular);
            (text, (x(i) - width / 2.0).min(right - width).max(left), width)
        };
        let baseline = self.plot.bottom + LABELS - 4.0;
        let (words, from, _) = text(last);
        canvas.text((from, baseline), &words, pen(small, theme::MUTED));
        let (words, start, width) = text(0);
        if last > 0 && start + width + 8.0 <= from {
            canvas.text((start, baseline), &words, pen(small, theme::MUTED));
        }
    }
}
