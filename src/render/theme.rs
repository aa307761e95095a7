//! The look: one family, one palette, one set of sizes for PDF, HTML, XLSX and charts.
//!
//! Separate so that the formats cannot drift apart. Every pair of colours that must be told apart differs in luminance too,
//! so that grey print and colour-blind readers lose nothing. Measuring text is left to [`super::fonts`].

/// The family name in the font files. The design is IBM Plex Sans; its licence reserves that name for the unchanged files.
pub const FAMILY: &str = "Cartera Sans";
/// Family list for SVG and CSS: our own, then what every system has.
pub const FAMILY_STACK: &str = "Cartera Sans, Helvetica, Arial, sans-serif";
/// Regular weight, TrueType; figures are tabular by design.
pub const FONT_REGULAR: &[u8] = include_bytes!("fonts/CarteraSans-Regular.ttf");
/// SemiBold weight, TrueType; figures are tabular by design.
pub const FONT_SEMIBOLD: &[u8] = include_bytes!("fonts/CarteraSans-SemiBold.ttf");
/// Height of a capital in ems, both weights: of one line of text, as the typesetter counts it.
pub const CAP_HEIGHT: f64 = 0.698;
/// The fonts' licence.
pub const FONT_LICENCE: &str = include_str!("fonts/OFL.txt");

/// Text.
pub const INK: &str = "#16222C";
/// Text of less weight; 6:1 on paper.
pub const MUTED: &str = "#586570";
/// Rules and grid.
pub const RULE: &str = "#D3D9DD";
/// Hairlines inside tables.
pub const HAIR: &str = "#E6EAEC";
/// Panels.
pub const WASH: &str = "#F3F6F7";
/// Paper.
pub const PAPER: &str = "#FFFFFF";
/// The accent: titles, links, the main series.
pub const ACCENT: &str = "#0B5A7A";
/// The accent, quiet: second series, decreases of a bridge.
pub const ACCENT_SOFT: &str = "#4E94AE";
/// The warning: what is bad, a draft's stamp.
pub const WARNING: &str = "#B23F17";
/// The warning, quiet: increases of a bridge.
pub const WARNING_SOFT: &str = "#E2A06E";
/// Panel behind a warning.
pub const WARNING_WASH: &str = "#FBF0EA";

/// Colours of series that are for comparison, first to last.
pub const CONTEXT: [&str; 4] = ["#7D8992", "#A9B3BA", "#5F7F8F", "#C3CACF"];
/// Colours of series that each carry the message, first to last; luminance alternates.
pub const MAIN: [&str; 6] = [ACCENT, WARNING_SOFT, INK, ACCENT_SOFT, "#8C4A2F", "#B9C4CB"];

/// Bands behind a bar against its target, from zero outwards; luminance rises at every step.
pub const BANDS: [&str; 3] = ["#C6CED3", "#DBE1E4", "#EBEFF1"];

/// Steps of shade in a table.
pub const SHADES: u8 = 6;

/// Colour behind a figure shaded `step` (1 to [`SHADES`]): figures stay readable on all of them, falls have a hue of their own.
pub fn shade(step: u8, negative: bool) -> String {
    let (from, to) = if negative { ((0xFB, 0xF1, 0xE9), (0xE2, 0xA0, 0x6E)) } else { ((0xEB, 0xF3, 0xF6), (0x7F, 0xB0, 0xC5)) };
    let part = f64::from(step.clamp(1, SHADES) - 1) / f64::from(SHADES - 1);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    format!("#{:02X}{:02X}{:02X}", mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Anchors of the scale from calm to alarming; luminance falls at every step.
const SCALE: [(u8, u8, u8); 5] = [(0xCF, 0xE1, 0xE7), (0xDE, 0xAF, 0x6C), (0xCB, 0x7C, 0x3C), (0xA2, 0x42, 0x1B), (0x57, 0x18, 0x11)];

/// Colour of a step (from 0) of a scale of `steps` steps, from calm to alarming.
pub fn scale(step: usize, steps: usize) -> String {
    let at = if steps < 2 { 0.0 } else { step.min(steps - 1) as f64 / (steps - 1) as f64 * (SCALE.len() - 1) as f64 };
    let low = (at.floor() as usize).min(SCALE.len() - 2);
    let part = at - low as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    let (a, b) = (SCALE[low], SCALE[low + 1]);
    format!("#{:02X}{:02X}{:02X}", mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// The three parts of a colour constant; black if it is not `#RRGGBB`.
pub fn rgb(hex: &str) -> (u8, u8, u8) {
    let part = |at: usize| hex.get(at..at + 2).and_then(|p| u8::from_str_radix(p, 16).ok()).unwrap_or(0);
    (part(1), part(3), part(5))
}

/// Text sizes in charts, CSS pixels.
pub mod size {
    /// Title of a chart.
    pub const TITLE: f64 = 15.0;
    /// Labels and figures.
    pub const LABEL: f64 = 12.0;
    /// Ticks and small remarks.
    pub const SMALL: f64 = 11.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(hex: &str) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let (r, g, b) = rgb(hex);
        let y = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        116.0 * y.cbrt() - 16.0
    }

    /// As the font files say themselves: tables `OS/2` and `head`.
    #[test]
    fn capitals_are_as_high_as_said() {
        for font in [FONT_REGULAR, FONT_SEMIBOLD] {
            let number = |at: usize| f64::from(u16::from_be_bytes([font[at], font[at + 1]]));
            let place = |tag: &[u8]| {
                let entry = (0..number(4) as usize).map(|n| 12 + 16 * n).find(|at| &font[*at..at + 4] == tag).unwrap();
                u32::from_be_bytes(font[entry + 8..entry + 12].try_into().unwrap()) as usize
            };
            assert_eq!(number(place(b"OS/2") + 88) / number(place(b"head") + 18), CAP_HEIGHT);
        }
    }

    #[test]
    fn scale_darkens_at_every_step() {
        for steps in 2..=8 {
            let lights: Vec<f64> = (0..steps).map(|i| luminance(&scale(i, steps))).collect();
            for pair in lights.windows(2) {
                assert!(pair[0] - pair[1] > 5.0, "{steps} steps: {lights:?}");
            }
        }
        assert_eq!(scale(0, 1), scale(0, 6));
        assert_eq!(scale(9, 6), scale(5, 6));
    }

    #[test]
    fn shades_darken_and_leave_ink_readable() {
        let linear = |light: f64| if light > 8.0 { ((light + 16.0) / 116.0).powi(3) } else { light / 903.3 };
        for negative in [false, true] {
            let lights: Vec<f64> = (1..=SHADES).map(|step| luminance(&shade(step, negative))).collect();
            assert!(lights.windows(2).all(|pair| pair[0] - pair[1] > 3.0), "{lights:?}");
            let contrast = (linear(lights[5]) + 0.05) / (linear(luminance(INK)) + 0.05);
            assert!(contrast > 4.5, "{contrast}");
        }
        let bands = BANDS.map(luminance);
        assert!(bands[1] - bands[0] > 4.0 && bands[2] - bands[1] > 4.0 && bands[0] - luminance(ACCENT) > 40.0, "{bands:?}");
    }

    #[test]
    fn bridge_colours_differ_in_grey_and_text_is_readable() {
        let lights = [ACCENT, ACCENT_SOFT, WARNING_SOFT].map(luminance);
        assert!(lights[1] - lights[0] > 15.0 && lights[2] - lights[1] > 12.0, "{lights:?}");
        assert!(luminance(MUTED) < 45.0 && luminance(WARNING) < 45.0 && luminance(ACCENT) < 45.0);
    }
}
