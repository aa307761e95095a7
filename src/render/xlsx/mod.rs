//! A pack as a workbook: a cover, then a sheet a section, with real numbers, real days, native tables and native charts.
//!
//! Here the sheets are laid out and named. How a cell is written is left to `cell`, how a block is laid out to `table`, `grids` and `chart`.
//! Nothing depends on the clock or the machine: the same pack gives the same bytes.

mod cell;
mod chart;
mod cover;
mod grids;
mod names;
mod sheet;
mod table;

use crate::error::{Error, Result};
use crate::render::cells::clean;
use crate::report::pack::{Block, Pack, Section};
use names::Names;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};
use sheet::Sheet;

/// The pack as the bytes of an XLSX file.
pub fn xlsx(pack: &Pack) -> Result<Vec<u8>> {
    let mut names = Names::default();
    let cover_name = names.sheet(crate::render::words::furniture(pack.lang).cover, "cover");
    let section_names: Vec<String> = pack.sections.iter().map(|section| names.sheet(&section.title, &section.id)).collect();

    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(pack).map_err(|e| broken(e, &cover_name))?);
    workbook.push_worksheet(cover::cover(pack, &cover_name, &section_names).map_err(|e| broken(e, &cover_name))?);
    for (section, name) in pack.sections.iter().zip(&section_names) {
        workbook.push_worksheet(section_sheet(pack, section, name, &mut names).map_err(|e| broken(e, name))?);
    }
    workbook.save_to_buffer().map_err(|e| broken(e, &pack.name))
}

fn section_sheet(pack: &Pack, section: &Section, name: &str, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut sheet = Sheet::new(pack, name)?;
    sheet.title(&section.title)?;
    if !section.message.is_empty() {
        sheet.span(&section.message, &cell::message());
    }
    sheet.skip(1);
    for block in &section.blocks {
        match block {
            Block::Kpis { items } => grids::kpis(&mut sheet, items)?,
            Block::Table(data) => table::table(&mut sheet, data, names)?,
            Block::Chart(drawing) => chart::chart(&mut sheet, drawing)?,
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
