//! Text as it will be set: cleaned, measured with the font's own advance widths, cut and wrapped.
//!
//! Separate so that every chart measures alike. Which fonts and sizes there are is left to [`super::theme`].

use super::theme;
use plotters::style::{FontDesc, FontFamily, FontStyle};
use std::sync::OnceLock;

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Regular.
    Regular,
    /// SemiBold.
    SemiBold,
}

/// The font's height in ems as its file states it: the measuring backend scales by height, we by em.
const HEIGHT_EMS: f64 = 1.3;
/// Measured at this size, so that whole pixels are thousandths of an em.
const MEASURED_AT: f64 = 1000.0;

/// The font of a weight, registered with the drawing library on first use.
pub(crate) fn font(weight: Weight, size: f64) -> FontDesc<'static> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        let one = |style, bytes| plotters::style::register_font(theme::FAMILY_STACK, style, bytes).is_ok();
        one(FontStyle::Normal, theme::FONT_REGULAR) && one(FontStyle::Bold, theme::FONT_SEMIBOLD)
    });
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::SemiBold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::Name(theme::FAMILY_STACK), size, style)
}

/// Signs whose widths are looked up once: Latin with all its accents.
const COMMON: u32 = 0x250;

/// Width of a text in pixels at a size in pixels per em.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    static TABLES: OnceLock<[Vec<f64>; 2]> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        [Weight::Regular, Weight::SemiBold].map(|w| (0..COMMON).map(|c| char::from_u32(c).map_or(0.0, |c| measured(c, w))).collect())
    });
    let table = match weight {
        Weight::Regular => &tables[0],
        Weight::SemiBold => &tables[1],
    };
    let ems: f64 = text.chars().map(|c| table.get(c as usize).copied().unwrap_or_else(|| measured(c, weight))).sum();
    ems * size
}

/// Width of a sign in ems. The fonts pair no signs in a way the measuring backend would see, so signs add up.
fn measured(sign: char, weight: Weight) -> f64 {
    let box_of = font(weight, MEASURED_AT * HEIGHT_EMS).layout_box(sign.encode_utf8(&mut [0; 4]));
    box_of.map_or(0.6, |(_, (x, _))| f64::from(x) / MEASURED_AT)
}

/// A text without what a drawing may not hold: control signs become spaces, signs that turn the reading direction go.
pub fn clean(text: &str) -> String {
    let kept = text.chars().filter(|c| {
        !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    });
    let spaced: String = kept.map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text, cleaned, with places where endless words may break (they have no width): after a sign that joins, as in the name of
/// a file, and anywhere in what is still too long.
pub fn breakable(text: &str) -> String {
    const ENDLESS: usize = 20;
    const PIECE: usize = 12;
    const JOINTS: [char; 6] = ['/', ':', '-', '_', ';', '|'];
    let mut out = String::with_capacity(text.len());
    for (i, word) in clean(text).split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let endless = word.chars().count() > ENDLESS;
        let (mut run, mut joint) = (0, false);
        for sign in word.chars() {
            if endless && (joint || run == PIECE) {
                out.push('\u{200B}');
                run = 0;
            }
            out.push(sign);
            run += 1;
            joint = JOINTS.contains(&sign);
        }
    }
    out
}

/// The text cut to a width, ending in `…` if something was cut; nothing where not even that fits.
pub fn fit(text: &str, max: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= max {
        return text.to_owned();
    }
    let ends: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    let cut = |n: usize| format!("{}…", text[..ends[n]].trim_end());
    let (mut low, mut high) = (0, ends.len().saturating_sub(1));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if width(&cut(middle), size, weight) <= max { low = middle } else { high = middle - 1 }
    }
    if ends.is_empty() || width("…", size, weight) > max { String::new() } else { cut(low) }
}

/// The text in at most `lines` lines of a width; the last ends in `…` if something was cut.
pub fn wrap(text: &str, max: f64, lines: usize, size: f64, weight: Weight) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let words: Vec<&str> = text.split_whitespace().collect();
    for (i, word) in words.iter().enumerate() {
        let joined = out.last().map(|line| format!("{line} {word}"));
        match joined {
            Some(line) if width(&line, size, weight) <= max => {
                if let Some(last) = out.last_mut() {
                    *last = line;
                }
            }
            _ if out.len() < lines => out.push((*word).to_owned()),
            _ => {
                if let Some(last) = out.last_mut() {
                    *last = format!("{last} {}", words[i..].join(" "));
                }
                break;
            }
        }
    }
    out.iter().map(|line| fit(line, max, size, weight)).collect()
}

/// Whether every word of a text fits a width.
pub fn words_fit(text: &str, max: f64, size: f64, weight: Weight) -> bool {
    text.split_whitespace().all(|word| width(word, size, weight) <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_tabular_and_measured_by_the_em() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            for digit in "0123456789\u{2212}".chars() {
                assert!((width(&digit.to_string(), 10.0, weight) - 6.0).abs() < 0.02, "{digit}");
            }
        }
    }

    #[test]
    fn cutting_and_wrapping_stay_inside() {
        let long = "Comercializadora e Importadora de Refacciones Industriales del Bajío".repeat(3);
        for max in [0.0, 5.0, 40.0, 200.0] {
            let cut = fit(&long, max, 12.0, Weight::Regular);
            assert!(cut.ends_with('…') || max < 10.0 && cut.is_empty());
            assert!(width(&cut, 12.0, Weight::Regular) <= max);
            let lines = wrap(&long, max.max(12.0), 3, 12.0, Weight::Regular);
            assert!(lines.len() <= 3 && lines.iter().all(|l| width(l, 12.0, Weight::Regular) <= max.max(12.0)), "{lines:?}");
        }
        assert_eq!(fit("", 0.0, 12.0, Weight::Regular), "");
        assert_eq!(wrap("a b", 500.0, 2, 12.0, Weight::Regular), ["a b"]);
        assert_eq!(wrap("uno dos", 30.0, 2, 12.0, Weight::Regular), ["uno", "dos"]);
    }

    #[test]
    fn only_endless_words_may_break() {
        assert_eq!(breakable("Refacciones Industriales"), "Refacciones Industriales");
        assert_eq!(breakable("a 123456789012345678901"), "a 123456789012\u{200B}345678901");
        assert_eq!(breakable("canonical/documents:1600"), "canonical/\u{200B}documents:\u{200B}1600");
    }

    #[test]
    fn hostile_signs_go() {
        assert_eq!(clean("a\u{0}b\u{202E}c\nd\u{FFFF}  e"), "a bc d e");
    }
}
