//! The sheet a chart is drawn on: pixels with one decimal, text by its baseline, everything escaped by the SVG backend.
//!
//! Separate so that the chart forms know neither plotters nor SVG. Layout is left to the forms.

use super::Size;
use crate::error::{Error, Result};
use crate::render::fonts::{self, Weight};
use crate::render::theme;
use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};

/// The backend knows whole units only: a unit is a tenth of a pixel.
const UNITS: f64 = 10.0;
/// The backend's ratio between the size it is told and the size it writes.
const BACKEND_SIZE: f64 = 1.24;
/// The backend's distance from a text's anchor to its baseline, in ems.
const BASELINE: f64 = 0.76;
/// The signs' height above the baseline in ems; half of it centres a figure on a line.
pub const CAP: f64 = 0.7;

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Begins at it.
    Left,
    /// Is centred on it.
    Middle,
    /// Ends at it.
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct Pen<'a> {
    /// Pixels per em.
    pub size: f64,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub color: &'a str,
    /// Where it stands.
    pub align: Align,
}

/// A pen in ink, regular, beginning at its point.
pub fn pen(size: f64, color: &str) -> Pen<'_> {
    Pen { size, weight: Weight::Regular, color, align: Align::Left }
}

impl<'a> Pen<'a> {
    /// The same, SemiBold.
    pub fn bold(self) -> Pen<'a> {
        Pen { weight: Weight::SemiBold, ..self }
    }
    /// The same, aligned otherwise.
    pub fn align(self, align: Align) -> Pen<'a> {
        Pen { align, ..self }
    }
}

/// One step of a drawing; kept until the sheet's height is known.
enum Mark {
    Line { points: Vec<(f64, f64)>, width: f64, color: String },
    Rect { from: (f64, f64), to: (f64, f64), color: String },
    Dot { at: (f64, f64), radius: f64, color: String },
    Text { at: (f64, f64), text: String, size: f64, weight: Weight, color: String, align: Align },
}

/// Two corners, and what is said between them.
type Zone = ((f64, f64), (f64, f64), String);

/// A drawing in the making.
pub struct Canvas {
    marks: Vec<Mark>,
    texts: Vec<(f64, f64, f64, f64, String)>,
    zones: Vec<Zone>,
}

impl Canvas {
    /// An empty sheet.
    pub fn new() -> Canvas {
        Canvas { marks: Vec::new(), texts: Vec::new(), zones: Vec::new() }
    }

    /// A place that says its values when pointed at; it is not seen.
    pub fn zone(&mut self, from: (f64, f64), to: (f64, f64), text: String) {
        if !text.is_empty() && to.0 > from.0 && to.1 > from.1 {
            self.zones.push((from, to, text));
        }
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(f64, f64)], width: f64, color: &str) {
        if points.len() > 1 {
            self.marks.push(Mark::Line { points: points.to_vec(), width, color: color.to_owned() });
        }
    }

    /// A dashed line through points.
    pub fn dashed(&mut self, points: &[(f64, f64)], width: f64, color: &str) {
        const DASH: f64 = 6.0;
        const GAP: f64 = 4.0;
        let mut into = 0.0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let length = (x1 - x0).hypot(y1 - y0);
            if length <= 0.0 {
                continue;
            }
            let at = |d: f64| (x0 + (x1 - x0) * d / length, y0 + (y1 - y0) * d / length);
            let mut start = -into;
            while start < length {
                let (a, b) = (start.max(0.0), (start + DASH).min(length));
                if b > a {
                    self.line(&[at(a), at(b)], width, color);
                }
                start += DASH + GAP;
            }
            into = (into + length) % (DASH + GAP);
        }
    }

    /// A filled rectangle that is seen however small its value is.
    pub fn bar(&mut self, from: (f64, f64), to: (f64, f64), color: &str) {
        let least = |a: f64, b: f64| if (b - a).abs() < 1.0 { a + if b < a { -1.0 } else { 1.0 } } else { b };
        self.rect(from, (least(from.0, to.0), least(from.1, to.1)), color);
    }

    /// A filled rectangle.
    pub fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: &str) {
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
        self.marks.push(Mark::Rect { from: (left, top), to: (right, bottom), color: color.to_owned() });
    }

    /// A filled dot.
    pub fn dot(&mut self, at: (f64, f64), radius: f64, color: &str) {
        self.marks.push(Mark::Dot { at, radius, color: color.to_owned() });
    }

    /// A text whose baseline runs through the point.
    pub fn text(&mut self, at: (f64, f64), text: &str, pen: Pen<'_>) {
        if text.is_empty() {
            return;
        }
        let Pen { size, weight, color, align } = pen;
        let width = fonts::width(text, size, weight);
        let left = match align {
            Align::Left => at.0,
            Align::Middle => at.0 - width / 2.0,
            Align::Right => at.0 - width,
        };
        self.texts.push((left, at.1 - size * CAP, left + width, at.1, text.to_owned()));
        self.marks.push(Mark::Text { at, text: text.to_owned(), size, weight, color: color.to_owned(), align });
    }

    /// The boxes of all texts (left, top, right, baseline, text); tests look for overlaps here.
    #[cfg(test)]
    pub fn text_boxes(&self) -> &[(f64, f64, f64, f64, String)] {
        &self.texts
    }

    /// Height and colour of each rectangle; tests look for proportions here.
    #[cfg(test)]
    pub fn bars(&self) -> Vec<(f64, String)> {
        let height = |mark: &Mark| match mark {
            Mark::Rect { from, to, color } => Some((to.1 - from.1, color.clone())),
            _ => None,
        };
        self.marks.iter().filter_map(height).collect()
    }

    /// The drawing as SVG; `label` is read to people who cannot see it.
    pub fn finish(self, size: Size, title: &str, label: &str) -> Result<String> {
        let mut body = String::new();
        let (width, height) = (size.width * UNITS, size.height * UNITS);
        let mut backend = SVGBackend::with_string(&mut body, (width as u32, height as u32));
        for mark in &self.marks {
            mark.draw(&mut backend).map_err(|e| Error::internal(format!("could not draw the chart {title}: {e}")))?;
        }
        backend.present().map_err(|e| Error::internal(format!("could not draw the chart {title}: {e}")))?;
        drop(backend);
        // The backend's own opening tag states units as pixels and says nothing to a screen reader.
        let drawn = body.find(">\n").map_or("", |end| &body[end + 2..]);
        let drawn = match (self.zones.is_empty(), drawn.rfind("</svg>")) {
            (false, Some(end)) => format!("{}{}{}", &drawn[..end], zones(&self.zones), &drawn[end..]),
            _ => drawn.to_owned(),
        };
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{}\">\n<desc>{}</desc>\n{drawn}",
            size.width,
            size.height,
            escape(title),
            escape(label),
        ))
    }
}

/// What is said when a place is pointed at; browsers show a title as it is.
fn zones(zones: &[Zone]) -> String {
    let mut out = String::from("<g class=\"zones\" fill=\"none\" pointer-events=\"all\">\n");
    for (from, to, text) in zones {
        let ((x, y), (right, bottom)) = (place(*from), place(*to));
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>\n",
            right - x,
            bottom - y,
            escape(text)
        ));
    }
    out.push_str("</g>\n");
    out
}

impl Mark {
    fn draw(&self, backend: &mut SVGBackend<'_>) -> std::result::Result<(), String> {
        let done = match self {
            Mark::Line { points, width, color } => {
                let style = ShapeStyle { color: paint(color).to_rgba(), filled: false, stroke_width: (width * UNITS) as u32 };
                backend.draw_path(points.iter().map(|p| place(*p)), &style)
            }
            Mark::Rect { from, to, color } => backend.draw_rect(place(*from), place(*to), &paint(color).filled(), true),
            Mark::Dot { at, radius, color } => backend.draw_circle(place(*at), (radius * UNITS) as u32, &paint(color).filled(), true),
            Mark::Text { at, text, size, weight, color, align } => {
                let h_pos = match align {
                    Align::Left => HPos::Left,
                    Align::Middle => HPos::Center,
                    Align::Right => HPos::Right,
                };
                let font = fonts::font(*weight, size * UNITS * BACKEND_SIZE);
                let color = paint(color);
                let style = TextStyle::from(font).color(&color).pos(Pos::new(h_pos, VPos::Top));
                backend.draw_text(text, &style, place((at.0, at.1 - BASELINE * size)))
            }
        };
        done.map_err(|e| e.to_string())
    }
}

fn place((x, y): (f64, f64)) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

fn paint(hex: &str) -> RGBColor {
    let (r, g, b) = theme::rgb(hex);
    RGBColor(r, g, b)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            other => out.push(other),
        }
    }
    out
}
