//! The workbook's first sheet: whose figures, of when, final or draft and why, what they rest on, and links to the sheets.
//!
//! Separate because it is read by the auditor first and has a layout of its own.

use super::cell;
use super::plan::Plan;
use super::sheet::{Sheet, link};
use crate::render::theme;
use crate::report::pack::{Block, Pack};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// The cover, with links to the sheets of the plan.
pub fn cover(pack: &Pack, plan: &Plan) -> Result<Worksheet, XlsxError> {
    let mut sheet = Sheet::new(pack, &plan.cover)?;
    sheet.need(0, 24);
    sheet.need(1, 44);
    heads(&mut sheet)?;
    reasons(&mut sheet)?;
    signatures(&mut sheet)?;
    contents(&mut sheet, plan)?;
    facts(&mut sheet)?;
    sources(&mut sheet)?;
    sheet.out.set_tab_color(cell::color(if pack.state.is_final { theme::ACCENT } else { theme::WARNING }));
    sheet.finish()
}

fn heads(sheet: &mut Sheet) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    let entity = cell::quiet().set_bold().set_font_size(12);
    sheet.out.write_string_with_format(sheet.row, 0, cell::fit(&pack.entity), &entity)?;
    sheet.row += 1;
    sheet.out.write_string_with_format(sheet.row, 0, cell::fit(&pack.title), &cell::title().set_font_size(22))?;
    sheet.out.set_row_height(sheet.row, 34)?;
    sheet.row += 1;
    sheet.out.write_string_with_format(sheet.row, 0, cell::fit(&pack.period), &Format::new().set_font_size(13))?;
    sheet.out.set_row_height(sheet.row, 20)?;
    sheet.row += 2;
    sheet.out.write_string_with_format(sheet.row, 0, capital(&pack.words.as_of), &cell::quiet())?;
    let day = Format::new().set_num_format(cell::day_format(sheet.lang)).set_align(FormatAlign::Left).set_bold();
    sheet.out.write_datetime_with_format(sheet.row, 1, cell::day(pack.as_of)?, &day)?;
    sheet.row += 2;
    // What is nothing to sign has no state.
    if pack.state.label.is_empty() {
        return Ok(());
    }
    let colour = cell::color(if pack.state.is_final { theme::ACCENT } else { theme::WARNING });
    let badge = Format::new()
        .set_bold()
        .set_font_size(13)
        .set_font_color(cell::color(theme::PAPER))
        .set_background_color(colour)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    sheet.out.write_string_with_format(sheet.row, 0, cell::fit(&pack.state.label), &badge)?;
    sheet.out.set_row_height(sheet.row, 24)?;
    sheet.row += 1;
    Ok(())
}

fn reasons(sheet: &mut Sheet) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    if !pack.state.reasons.is_empty() {
        sheet.skip(1);
        sheet.heading(&pack.words.reasons)?;
        for reason in &pack.state.reasons {
            sheet.span(&format!("•  {reason}"), &cell::prose());
        }
    }
    sheet.skip(1);
    Ok(())
}

/// The sections, each with its tables beside it.
fn contents(sheet: &mut Sheet, plan: &Plan) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    sheet.heading(&pack.words.contents)?;
    for (at, (section, name)) in pack.sections.iter().zip(&plan.sections).enumerate() {
        let title = cell::fit(&section.title);
        sheet.need(0, title.chars().count());
        sheet.out.write_url_with_format(sheet.row, 0, link(&title, name), &cell::link().set_bold())?;
        let mut tables = plan.tables.iter().filter(|(section, ..)| *section == at).peekable();
        if tables.peek().is_none() {
            sheet.row += 1;
        }
        for (_, place, name) in tables {
            let title = match &section.blocks[*place] {
                Block::Table(table) if !table.title.is_empty() => &table.title,
                _ => &section.title,
            };
            sheet.out.write_url_with_format(sheet.row, 1, link(title, name), &cell::link())?;
            sheet.row += 1;
        }
    }
    sheet.skip(1);
    Ok(())
}

fn facts(sheet: &mut Sheet) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    sheet.heading(&pack.words.proof)?;
    for (label, text) in &pack.proof.facts {
        sheet.lines(0, label, &cell::body().set_font_color(cell::color(theme::MUTED)))?;
        sheet.lines(1, text, &cell::body())?;
        sheet.row += 1;
    }
    sheet.skip(1);
    Ok(())
}

fn sources(sheet: &mut Sheet) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    if pack.proof.sources.is_empty() {
        return Ok(());
    }
    sheet.heading(&pack.words.sources)?;
    let [load, file, digest, rows] = &pack.words.source_labels;
    sheet.heads(&[(load.clone(), false), (file.clone(), false), (rows.clone(), true), (digest.clone(), false)], false)?;
    sheet.row += 1;
    let count = cell::body().set_num_format("#,##0");
    for source in &pack.proof.sources {
        sheet.out.write_number_with_format(sheet.row, 0, source.load_id, &count.clone().set_align(FormatAlign::Left))?;
        sheet.lines(1, &source.name, &cell::body())?;
        sheet.out.write_number_with_format(sheet.row, 2, source.rows as f64, &count)?;
        sheet.need(2, 11);
        sheet.need_all(3, source.sha256.chars().count() + 2);
        sheet.text(3, &source.sha256, &cell::apart(cell::body().set_font_name("Consolas").set_font_size(9), true))?;
        sheet.row += 1;
    }
    sheet.skip(1);
    Ok(())
}

fn signatures(sheet: &mut Sheet) -> Result<(), XlsxError> {
    let pack = sheet.pack;
    if pack.state.label.is_empty() {
        return Ok(());
    }
    let line = Format::new().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(cell::color(theme::INK));
    for label in [&pack.words.prepared_by, &pack.words.reviewed_by] {
        // with a name it is longer than the other labels, and the line to sign begins behind it
        sheet.text(0, label, &cell::quiet())?;
        sheet.out.write_blank(sheet.row, 1, &line)?;
        sheet.out.set_row_height(sheet.row, 24)?;
        sheet.row += 1;
    }
    sheet.skip(1);
    Ok(())
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
