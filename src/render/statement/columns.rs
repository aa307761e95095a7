//! How wide the columns of a statement's table are, and how small its text: figures are never broken, words wrap.
//!
//! Separate from the packs' columns because a statement is upright, has one kind of table, and must not fall into two parts.

use crate::render::fonts::{self, Weight};

/// Width of the page's text, points: US Letter, upright, margins of 0.6 inches.
pub const PAGE: f64 = 612.0 - 2.0 * 43.2;
/// Room left and right of a cell's text together.
const GAP: f64 = 9.0;
/// Text sizes tried, points.
const SIZES: [f64; 8] = [8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0];
/// Longest run of signs before a place to break it, tried in this order.
const RUNS: [usize; 3] = [24, 14, 8];

/// A column.
pub struct Column {
    /// Its head.
    pub head: String,
    /// Whether it stands right.
    pub is_right: bool,
    /// Whether its texts may wrap.
    pub wraps: bool,
    /// Its texts, with whether they are set SemiBold.
    pub texts: Vec<(String, bool)>,
}

/// Text size and widths, in points; texts that needed it have got places to break.
pub fn fitted(columns: &mut [Column]) -> (f64, Vec<f64>) {
    let last = (SIZES.len() - 1, RUNS.len() - 1);
    for (r, run) in RUNS.into_iter().enumerate() {
        let broken = |text: &str| broken(text, run);
        let needs: Vec<(f64, f64)> = columns.iter().map(|c| need(c, &broken)).collect();
        for (s, size) in SIZES.into_iter().enumerate() {
            let least: f64 = needs.iter().map(|n| n.0 * size + GAP).sum();
            if least <= PAGE || (s, r) == last {
                for column in columns.iter_mut().filter(|c| c.wraps) {
                    column.texts.iter_mut().for_each(|t| t.0 = broken(&t.0));
                }
                return (size, widths(&needs, size));
            }
            // A small text in whole words is better than broken words, down to a size that can still be read.
            if r < last.1 && size <= 7.0 {
                break;
            }
        }
    }
    (SIZES[last.0], vec![PAGE / columns.len().max(1) as f64; columns.len()])
}

/// Least and natural width at one point of size.
fn need(column: &Column, broken: &dyn Fn(&str) -> String) -> (f64, f64) {
    let width = |text: &str, bold: bool| fonts::width(text, 1.0, if bold { Weight::SemiBold } else { Weight::Regular });
    let longest = |text: &str, bold: bool| {
        broken(text).split(|c: char| c.is_whitespace() || c == '\u{200B}').map(|piece| width(piece, bold)).fold(0.0, f64::max)
    };
    let most = column.texts.iter().map(|(text, bold)| width(text, *bold)).fold(0.0, f64::max);
    let head = longest(&column.head, true);
    if column.wraps {
        let least = column.texts.iter().map(|(text, bold)| longest(text, *bold)).fold(head, f64::max);
        (least, most.max(head).max(least))
    } else {
        (most.max(head), most.max(head))
    }
}

/// The least of each, the rest to those that want it, smallest wants first, then evenly.
fn widths(needs: &[(f64, f64)], size: f64) -> Vec<f64> {
    let mut widths: Vec<f64> = needs.iter().map(|n| n.0 * size + GAP).collect();
    let mut room = (PAGE - widths.iter().sum::<f64>()).max(0.0);
    let mut wants: Vec<(f64, usize)> = needs.iter().enumerate().map(|(i, n)| ((n.1 - n.0) * size, i)).collect();
    wants.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut left = wants.len();
    for (want, i) in wants {
        let given = want.min(room / left as f64);
        widths[i] += given;
        room -= given;
        left -= 1;
    }
    let share = room / widths.len().max(1) as f64;
    widths.iter().map(|w| ((w + share) * 100.0).floor() / 100.0).collect()
}

/// Places to break (they have no width) inside of runs of signs without a blank.
fn broken(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for sign in text.chars() {
        run = if sign.is_whitespace() || sign == '\u{200B}' { 0 } else { run + 1 };
        if run > longest {
            out.push('\u{200B}');
            run = 1;
        }
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(text: &str, wraps: bool) -> Column {
        Column { head: "Documento".into(), is_right: !wraps, wraps, texts: vec![(text.into(), false)] }
    }

    #[test]
    fn the_page_is_filled_and_never_left() {
        let money = "\u{2212}9,999,999,999,999,999.99";
        for text in ["F-1", "FAC-2026-000123456", "5f0c2f5e-7a1b-4c9e-9c1e-0a8f2b7d6e5f", &"W".repeat(200), &"ab ".repeat(90)] {
            for amount in ["1.00", "1,234,567.89", money] {
                let mut columns: Vec<Column> = [
                    ("31 oct 2026", false),
                    (text, true),
                    (text, true),
                    ("Factura, parcialidad 12", true),
                    ("31 oct 2026", false),
                    ("1,234", false),
                ]
                .into_iter()
                .chain([(amount, false); 3])
                .map(|(text, wraps)| column(text, wraps))
                .collect();
                let (size, widths) = fitted(&mut columns);
                let all: f64 = widths.iter().sum();
                assert!(all <= PAGE + 0.01 && all > PAGE - 1.0, "{text} {amount}: {size} {all}");
                for (column, width) in columns.iter().zip(&widths) {
                    for piece in column.texts[0].0.split([' ', '\u{200B}']).filter(|_| column.wraps) {
                        assert!(fonts::width(piece, size, Weight::Regular) <= *width - GAP + 0.02, "{piece} {size} {width}");
                    }
                }
            }
        }
    }
}
