//! The page's style sheet with the theme's colours and fonts set in.
//!
//! Separate because it is the one place where theme, fonts and style meet. The rules themselves are in `pack.css`.

use crate::render::cells::clean;
use crate::render::theme;
use crate::report::pack::Pack;

const RULES: &str = include_str!("../../../reports/templates/pack.css");

/// Everything that goes into the page's `<style>`.
pub fn style(pack: &Pack) -> String {
    [base(), foot(pack)].concat()
}

/// Fonts, colours and rules: what packs and the dictionary have.
pub fn base() -> String {
    [ground(), RULES.to_string(), shades()].concat()
}

/// Fonts and colours: what every page has.
pub fn ground() -> String {
    let face = |weight: u32, font: &[u8]| {
        format!(
            "@font-face{{font-family:\"{}\";font-weight:{weight};font-display:block;src:url(data:font/ttf;base64,{}) format(\"truetype\")}}\n",
            theme::FAMILY,
            base64(font)
        )
    };
    let colours = format!(
        ":root{{--family:\"{}\";--ink:{};--quiet:{};--line:{};--soft:{};--wash:{};--paper:{};--accent:{};--warn:{};--warn-wash:{}}}\n",
        theme::FAMILY,
        theme::INK,
        theme::MUTED,
        theme::RULE,
        theme::HAIR,
        theme::WASH,
        theme::PAPER,
        theme::ACCENT,
        theme::WARNING,
        theme::WARNING_WASH
    );
    [face(400, theme::FONT_REGULAR), face(600, theme::FONT_SEMIBOLD), colours].concat()
}

/// Colours behind shaded figures; they outlast the shade of the row that is pointed at.
fn shades() -> String {
    let rule = |(name, negative): (&str, bool)| {
        let of = |step: u8| format!(".data tr.detail td.{name}{step}{{background:{}}}\n", theme::shade(step, negative));
        (1..=theme::SHADES).map(of).collect::<String>()
    };
    [("rise", false), ("fall", true)].map(rule).concat()
}

/// Page size, and the proof and page number at the foot of each printed page.
fn foot(pack: &Pack) -> String {
    let (before, rest) = pack.words.page_of.split_once("{page}").unwrap_or(("", "{pages}"));
    let (between, after) = rest.split_once("{pages}").unwrap_or((rest, ""));
    let box_style =
        format!("font-family:\"{}\",sans-serif;font-size:6.6pt;color:{};vertical-align:top;padding-top:5pt", theme::FAMILY, theme::MUTED);
    let state = if pack.state.is_final { String::new() } else { format!("{} \u{00b7} ", pack.state.label) };
    format!(
        "@page{{size:landscape;margin:13mm 14mm 17mm;\
         @bottom-left{{content:{};{box_style};text-align:left;width:86%}}\
         @bottom-right{{content:{} counter(page) {} counter(pages) {};{box_style};text-align:right;width:14%}}}}\n",
        css_string(&format!("{state}{}", pack.proof.line)),
        css_string(before),
        css_string(between),
        css_string(after)
    )
}

/// A text as a CSS string inside a `<style>`: everything but letters and digits is escaped by its code, so that no text can end
/// the string or the element.
fn css_string(text: &str) -> String {
    let escaped: String = clean(text)
        .chars()
        .map(|c| if c.is_alphanumeric() || c == ' ' { c.to_string() } else { format!("\\{:x} ", u32::from(c)) })
        .collect();
    format!("\"{escaped}\"")
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            out.push(if i <= chunk.len() { char::from(DIGITS[(group >> shift & 63) as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn no_text_ends_a_css_string() {
        assert_eq!(css_string("a\"</style>\\"), "\"a\\22 \\3c \\2f style\\3e \\5c \"");
    }
}
