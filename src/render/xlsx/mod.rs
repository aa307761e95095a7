//! A pack as a workbook: a cover, a sheet a section, then a sheet a table with every row of it; real numbers, real days, native tables
//! and native charts.
//!
//! Here the sheets are laid out and named. How a cell is written is left to `cell`, how a block is laid out to `table`, `grids` and `chart`.
//! Nothing depends on the clock or the machine: the same pack gives the same bytes.

mod cell;
mod chart;
mod cover;
mod grids;
mod names;
mod plan;
mod sheet;
mod table;
mod totals;

use crate::error::{Error, Result};
use crate::render::cells::clean;
use crate::report::pack::{Block, Pack};
use names::Names;
use plan::Plan;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};
use sheet::Sheet;

/// The pack as the bytes of an XLSX file.
pub fn xlsx(pack: &Pack) -> Result<Vec<u8>> {
    let mut names = Names::default();
    let plan = Plan::of(pack, &mut names);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(pack).map_err(|e| broken(e, &plan.cover))?);
    workbook.push_worksheet(cover::cover(pack, &plan).map_err(|e| broken(e, &plan.cover))?);
    for (at, name) in plan.sections.iter().enumerate() {
        workbook.push_worksheet(section_sheet(pack, at, &plan).map_err(|e| broken(e, name))?);
    }
    for (section, place, name) in &plan.tables {
        let Block::Table(table) = &pack.sections[*section].blocks[*place] else { continue };
        let mut sheet = Sheet::new(pack, name).map_err(|e| broken(e, name))?;
        let written = table::whole(&mut sheet, table, &plan.sections[*section], &mut names).and_then(|()| sheet.finish());
        workbook.push_worksheet(written.map_err(|e| broken(e, name))?);
    }
    workbook.save_to_buffer().map_err(|e| broken(e, &pack.name))
}

fn section_sheet(pack: &Pack, at: usize, plan: &Plan) -> Result<Worksheet, XlsxError> {
    let section = &pack.sections[at];
    let mut sheet = Sheet::new(pack, &plan.sections[at])?;
    sheet.title(&section.title)?;
    if !section.message.is_empty() {
        sheet.span(&section.message, &cell::message());
    }
    sheet.skip(1);
    for (place, block) in section.blocks.iter().enumerate() {
        match block {
            Block::Kpis { items } => grids::kpis(&mut sheet, items, plan)?,
            Block::Table(data) => table::shown(&mut sheet, data, plan.own(at, place), plan.behind(data.behind.as_ref()))?,
            Block::Chart(drawing) => chart::chart(&mut sheet, drawing, plan.behind(drawing.behind.as_ref()))?,
            Block::Text { paragraphs } => grids::paragraphs(&mut sheet, paragraphs),
            Block::Checklist { title, items } => {
                if !title.is_empty() {
                    sheet.heading(title)?;
                }
                grids::checks(&mut sheet, items)?;
            }
            Block::Definitions { items } => grids::definitions(&mut sheet, items)?,
        }
        sheet.skip(1);
    }
    sheet.finish()
}

fn properties(pack: &Pack) -> Result<DocProperties, XlsxError> {
    // The creation day is the pack's as-of day: the clock would make two runs differ.
    let created = cell::day(pack.as_of)?;
    Ok(DocProperties::new()
        .set_title(clean(&pack.title))
        .set_subject(clean(&pack.period))
        .set_company(clean(&pack.entity))
        .set_author("cartera")
        .set_comment(clean(&pack.proof.line))
        .set_status(clean(&pack.state.label))
        .set_creation_datetime(&created))
}

/// Names and texts are made fit before they are written: a refusal of the writer is our bug.
fn broken(error: XlsxError, place: &str) -> Error {
    Error::internal("the workbook could not be written").caused_by(error).context(format!("sheet `{place}`"))
}
