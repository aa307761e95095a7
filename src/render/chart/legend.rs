//! Names of series in rows above a drawing, each with a sample of its colour, for forms whose series cannot be named in place.

use super::canvas::{Canvas, pen};
use super::{Frame, Plot};
use crate::render::fonts::{self, Weight};
use crate::render::theme::{self, size};
use crate::report::pack::SeriesRole;

const LEADING: f64 = 17.0;
const SAMPLE: f64 = 9.0;
/// Length of a sample of a line.
const DASH: f64 = 18.0;

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// As an area.
    Area,
    /// As a dashed line.
    Dashed,
    /// As an upright mark.
    Mark,
}

/// A name to be shown.
pub struct Entry {
    /// The series.
    pub name: String,
    /// Its colour.
    pub color: String,
    /// How it is drawn.
    pub sample: Sample,
}

/// The series of a plot; a reference is a dashed line.
pub fn of(plot: &Plot) -> Vec<Entry> {
    let entry = |curve: &super::Curve| Entry {
        name: curve.name.clone(),
        color: curve.color.clone(),
        sample: if curve.role == SeriesRole::Reference { Sample::Dashed } else { Sample::Area },
    };
    plot.curves.iter().map(entry).collect()
}

/// Draws the names in rows; says how high they are.
pub fn draw(canvas: &mut Canvas, entries: &[Entry], frame: Frame) -> f64 {
    let (mut x, mut rows) = (frame.left, 1.0);
    for entry in entries {
        let sample = if entry.sample == Sample::Dashed { DASH } else { SAMPLE };
        let name = fonts::fit(&entry.name, (frame.right - frame.left) / 2.0, size::LABEL, Weight::Regular);
        let width = sample + 6.0 + fonts::width(&name, size::LABEL, Weight::Regular) + 18.0;
        if x + width - 18.0 > frame.right && x > frame.left {
            x = frame.left;
            rows += 1.0;
        }
        let baseline = frame.top + rows * LEADING - 5.0;
        let middle = baseline - SAMPLE / 2.0;
        match entry.sample {
            Sample::Area => canvas.rect((x, baseline - SAMPLE), (x + SAMPLE, baseline), &entry.color),
            Sample::Dashed => canvas.dashed(&[(x, middle), (x + DASH, middle)], 1.3, &entry.color),
            Sample::Mark => {
                canvas.rect((x + SAMPLE / 2.0 - 1.2, baseline - SAMPLE - 1.0), (x + SAMPLE / 2.0 + 1.2, baseline + 1.0), &entry.color)
            }
        }
        canvas.text((x + sample + 6.0, baseline), &name, pen(size::LABEL, theme::INK));
        x += width;
    }
    if entries.is_empty() { 0.0 } else { rows * LEADING + 6.0 }
}
