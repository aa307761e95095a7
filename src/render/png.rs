//! A chart's SVG as a PNG at twice its size, set with our own fonts only.
//!
//! Separate because it is the only place that rasterises; the same SVG gives the same bytes on every machine, since no
//! font of the system is ever looked at.

use super::theme;
use crate::error::{Error, Result};
use resvg::usvg;
use std::sync::{Arc, OnceLock};

/// Pixels of the picture per pixel of the drawing.
const DENSITY: f32 = 2.0;
/// Paper around the drawing, pixels of it: on a slide the picture stands beside other things.
const MARGIN: f32 = 16.0;

/// Rasterises a drawing.
pub fn png(svg: &str) -> Result<Vec<u8>> {
    let options = usvg::Options { fontdb: fonts(), font_family: theme::FAMILY.to_owned(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| Error::internal("could not read the drawing").caused_by(e))?;
    let size = tree.size();
    let pixels_of = |length: f32| ((length + 2.0 * MARGIN) * DENSITY).ceil() as u32;
    let (width, height) = (pixels_of(size.width()), pixels_of(size.height()));
    let mut pixels = resvg::tiny_skia::Pixmap::new(width, height)
        .ok_or_else(|| Error::internal(format!("could not make a picture of {width} by {height} pixels")))?;
    let (r, g, b) = theme::rgb(theme::PAPER);
    pixels.fill(resvg::tiny_skia::Color::from_rgba8(r, g, b, 255));
    let place = resvg::tiny_skia::Transform::from_scale(DENSITY, DENSITY).pre_translate(MARGIN, MARGIN);
    resvg::render(&tree, place, &mut pixels.as_mut());
    encoded(&pixels).map_err(|e| Error::internal("could not write the picture").caused_by(e))
}

/// The opaque pixels as PNG, unfiltered: a drawing of flat colours gains nothing from choosing a filter for every line.
fn encoded(pixels: &resvg::tiny_skia::Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let colours: Vec<u8> = pixels.data().chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied().collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(bytes)
}

fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(theme::FONT_REGULAR.to_vec());
        fonts.load_font_data(theme::FONT_SEMIBOLD.to_vec());
        for set in [
            usvg::fontdb::Database::set_sans_serif_family::<&str>,
            usvg::fontdb::Database::set_serif_family::<&str>,
            usvg::fontdb::Database::set_monospace_family::<&str>,
        ] {
            set(&mut fonts, theme::FAMILY);
        }
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_text_with_our_fonts_and_nothing_else() {
        let picture = |text: &str, family: &str| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"20\" viewBox=\"0 0 600 200\"><text x=\"0\" y=\"150\" \
                 font-family=\"{family}\" font-size=\"120\">{text}</text></svg>"
            );
            png(&svg).unwrap()
        };
        let blank = picture("", "x");
        assert_eq!(&blank[1..4], b"PNG");
        // Width and height stand as big-endian numbers in the first chunk: the drawing and its margins, twice.
        assert_eq!((&blank[16..20], &blank[20..24]), (&184_u32.to_be_bytes()[..], &104_u32.to_be_bytes()[..]));
        assert_ne!(picture("8", theme::FAMILY_STACK), picture("", theme::FAMILY_STACK));
        assert_eq!(picture("8", theme::FAMILY_STACK), picture("8", "DejaVu Sans"));
        assert!(png("<svg").is_err());
    }
}
