//! A small line for a cell of a table: the shape of a trend without axis or words; its last point is marked.
//!
//! Each line has its own scale from its lowest to its highest value: it tells direction, the figures beside it tell size.

use super::Size;
use super::canvas::Canvas;
use crate::error::Result;
use crate::render::theme;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Size of a small line, pixels.
pub const SPARK: Size = Size { width: 88.0, height: 18.0 };
/// Room kept at the edges for the line's width and its mark.
const EDGE: f64 = 3.0;

/// The line as SVG; `label` is read to people who cannot see it.
pub fn spark(values: &[Option<Decimal>], label: &str) -> Result<String> {
    let mut canvas = Canvas::new();
    let numbers: Vec<Option<f64>> = values.iter().map(|v| v.and_then(|v| v.to_f64()).filter(|v| v.is_finite())).collect();
    let known = || numbers.iter().copied().flatten();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let slot = (SPARK.width - 2.0 * EDGE) / numbers.len().saturating_sub(1).max(1) as f64;
    let x = |i: usize| EDGE + i as f64 * slot;
    let part = |v: f64| if high > low { (v - low) / (high - low) } else { 0.5 };
    let y = |v: f64| SPARK.height - EDGE - part(v) * (SPARK.height - 2.0 * EDGE);
    let mut run: Vec<(f64, f64)> = Vec::new();
    for i in 0..=numbers.len() {
        match numbers.get(i).copied().flatten() {
            Some(value) => run.push((x(i), y(value))),
            None => {
                match run.as_slice() {
                    [one] => canvas.dot(*one, 1.2, theme::ACCENT),
                    run => canvas.line(run, 1.4, theme::ACCENT),
                }
                run.clear();
            }
        }
    }
    if let Some((i, value)) = numbers.iter().enumerate().rev().find_map(|(i, v)| v.map(|v| (i, v))) {
        canvas.dot((x(i), y(value)), 2.2, theme::INK);
    }
    canvas.finish(SPARK, label, "")
}
