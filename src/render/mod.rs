//! A pack or a statement becomes bytes: charts, HTML, PDF, XLSX, CSV, JSON, messages. Knows nothing of SQL or the store.

pub mod cells;
pub mod chart;
pub mod csv;
pub mod eml;
pub mod fonts;
pub mod html;
pub mod json;
pub mod pdf;
pub mod png;
pub mod shade;
pub mod statement;
pub mod theme;
pub mod words;
pub mod xlsx;

pub use pdf::pdf;

use crate::error::Result;
use crate::report::pack::{Block, Chart, Pack};

/// A chart of a pack, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedChart {
    /// Its id; file name without ending.
    pub id: String,
    /// As SVG, in which text stays text.
    pub svg: String,
    /// As PNG at twice the size.
    pub png: Vec<u8>,
}

/// Draws every chart of a pack, in reading order.
pub fn charts(pack: &Pack) -> Result<Vec<RenderedChart>> {
    let drawn = |(id, svg): (String, String)| {
        let png = png::png(&svg).map_err(|e| e.context(format!("chart {id}")))?;
        Ok(RenderedChart { id, svg, png })
    };
    drawings(pack)?.into_iter().map(drawn).collect()
}

/// Every chart of a pack by its id, as SVG, in reading order.
pub fn drawings(pack: &Pack) -> Result<Vec<(String, String)>> {
    charts_of(pack).map(|chart| Ok((chart.id.clone(), chart::svg(chart, pack.lang, chart::Size::WIDE)?))).collect()
}

fn charts_of(pack: &Pack) -> impl Iterator<Item = &Chart> {
    pack.sections.iter().flat_map(|s| &s.blocks).filter_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    })
}
