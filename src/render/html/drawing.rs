//! A chart's drawing set into the page: named for people who cannot see it, scaled to the column, ids its own.
//!
//! Separate because it is the one place that reads SVG text. The drawing itself is left to the chart room.

use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::render::cells::clean;
use crate::render::chart::{self, Size};
use crate::report::pack::Chart;

/// A drawing for narrow screens.
const NARROW: Size = Size { width: 460.0, height: 360.0 };

/// The drawing for broad and for narrow screens.
pub fn drawings(chart: &Chart, lang: Lang, anchor: &str) -> Result<(String, String)> {
    let draw = |size: Size, name: &str| set_in(&chart::svg(chart, lang, size)?, chart, &format!("{anchor}-{name}-"));
    Ok((draw(Size::WIDE, "b")?, draw(NARROW, "n")?))
}

/// The `<svg …>` tag is written anew: size by `viewBox` only, role and description; every id gets `prefix`, because several drawings
/// share the page.
fn set_in(svg: &str, chart: &Chart, prefix: &str) -> Result<String> {
    let broken = || Error::internal(format!("the drawing of chart `{}` is not SVG", chart.id));
    let start = svg.find("<svg").ok_or_else(broken)?;
    let end = start + svg[start..].find('>').ok_or_else(broken)?;
    let tag = &svg[start..end];
    let attribute = |name: &str| {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(&tag[from..from + tag[from..].find('"')?])
    };
    let view = match (attribute("viewBox"), attribute("width"), attribute("height")) {
        (Some(view), _, _) => view.to_string(),
        (None, Some(width), Some(height)) => format!("0 0 {width} {height}"),
        _ => return Err(broken()),
    };
    // The places that say their values when pointed at keep their titles.
    let (drawn, zones) = svg[end + 1..].split_at(svg[end + 1..].find("<g class=\"zones\"").unwrap_or(svg.len() - end - 1));
    let body = [&without(&without(drawn, "title"), "desc"), zones].concat();
    let body = body
        .replace(" id=\"", &format!(" id=\"{prefix}"))
        .replace("url(#", &format!("url(#{prefix}"))
        .replace("href=\"#", &format!("href=\"#{prefix}"));
    let said = if chart.description.is_empty() { &chart.title } else { &chart.description };
    let (title, description) = (escaped(&chart.title), escaped(said));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{view}\" role=\"img\" aria-label=\"{description}\"><title>{title}</title><desc>{description}</desc>{body}"
    ))
}

/// The text without its first element of a name: the drawing's own title and description give way to ours.
fn without(svg: &str, element: &str) -> String {
    let close = format!("</{element}>");
    let open = svg.find(&format!("<{element}>")).or_else(|| svg.find(&format!("<{element} ")));
    match (open, svg.find(&close)) {
        (Some(from), Some(to)) if from < to => [&svg[..from], &svg[to + close.len()..]].concat(),
        _ => svg.to_string(),
    }
}

fn escaped(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::pack::ChartKind;

    #[test]
    fn a_drawing_is_named_and_its_ids_are_its_own() {
        let chart = Chart {
            id: "dso".into(),
            title: "DSO <days>".into(),
            kind: ChartKind::Line,
            labels: vec![],
            series: vec![],
            unit: String::new(),
            decimals: 1,
            description: "It \"rose\" & fell".into(),
            behind: None,
        };
        let drawn = "<?xml version=\"1.0\"?>\n<svg width=\"96\" height=\"40\"><title>old</title><g id=\"a\" clip-path=\"url(#b)\"/></svg>";
        let set = set_in(drawn, &chart, "x-").unwrap();
        assert!(set.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 40\" role=\"img\" aria-label=\"It &quot;rose&quot; &amp; fell\"><title>DSO &lt;days&gt;</title>"));
        assert!(set.contains("id=\"x-a\" clip-path=\"url(#x-b)\"") && !set.contains("old"));
        assert!(set_in("no drawing", &chart, "x-").is_err());
    }
}
