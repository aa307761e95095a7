//! Blocks that are not tables of the pack, as grids: figures with their comparison, checks, definitions, paragraphs.
//!
//! Separate from `table`: these have heads of the workbook's own and no totals.

use super::cell;
use super::plan::Plan;
use super::sheet::{Sheet, link};
use crate::render::cells;
use crate::render::theme;
use crate::report::pack::{Cell, Check, ColumnKind, Definition, Kpi, Tone, Verdict};
use rust_xlsxwriter::{Format, FormatAlign, XlsxError};

/// The figures as a grid: measure, value, unit, before, change.
pub fn kpis(sheet: &mut Sheet, items: &[Kpi], plan: &Plan) -> Result<(), XlsxError> {
    if items.is_empty() {
        return Ok(());
    }
    let [measure, value, unit, before, compared, change] = sheet.own.grid;
    // One comparison for all makes it the head of its column; several need a column to say which.
    let labels: Vec<&str> = items.iter().filter_map(|k| k.before.as_ref().map(|(label, _)| label.as_str())).collect();
    let common = labels.first().copied().filter(|first| labels.iter().all(|label| label == first));
    let mut heads = vec![(measure, false), (value, true), (unit, false), (common.unwrap_or(before), true)];
    if common.is_none() && !labels.is_empty() {
        heads.push((compared, false));
    }
    heads.push((change, true));
    let heads: Vec<(String, bool)> = heads.into_iter().map(|(text, right)| (text.to_string(), right)).collect();
    sheet.heads(&heads, false)?;
    sheet.row += 1;
    let last = heads.len() as u16 - 1;
    for kpi in items {
        sheet.lines(0, &kpi.label, &cell::body().set_bold())?;
        if let Some(to) = plan.behind(kpi.behind.as_ref()) {
            let format = cell::body().set_bold().set_text_wrap().set_font_color(cell::color(theme::ACCENT));
            sheet.out.write_url_with_format(sheet.row, 0, link(&kpi.label, to), &format)?;
        }
        figure(sheet, 1, &kpi.value, &kpi.unit, &cell::body().set_bold())?;
        sheet.text(2, if matches!(kpi.value, Cell::Number(_)) { &kpi.unit } else { "" }, &cell::body())?;
        let (label, earlier) = kpi.before.as_ref().map_or(("", &Cell::Empty), |(label, earlier)| (label.as_str(), earlier));
        figure(sheet, 3, earlier, &kpi.unit, &cell::body())?;
        if last == 5 {
            sheet.text(4, label, &cell::body())?;
        }
        sheet.text(last, &kpi.change, &toned(kpi.tone).set_align(FormatAlign::Right))?;
        sheet.row += 1;
    }
    Ok(())
}

fn toned(tone: Tone) -> Format {
    match tone {
        Tone::Neutral => cell::body(),
        Tone::Good => cell::body().set_bold().set_font_color(cell::color(theme::ACCENT)),
        Tone::Bad => cell::body().set_bold().set_font_color(cell::color(theme::WARNING)),
    }
}

/// A figure of a grid with all the places it has, cents included: the strip's rounding is for reading, this is for using.
fn figure(sheet: &mut Sheet, column: u16, value: &Cell, unit: &str, format: &Format) -> Result<(), XlsxError> {
    let format = match value {
        Cell::Number(number) => {
            let places = cells::strip_places(number.fract(), unit);
            format.clone().set_num_format(cell::places_format(places)).set_align(FormatAlign::Right)
        }
        _ => format.clone().set_align(FormatAlign::Right),
    };
    let chars = match value {
        Cell::Number(number) => sheet.lang.number(*number, 2).chars().count(),
        other => cells::text(other, ColumnKind::Text, sheet.lang).chars().count(),
    };
    sheet.need(column, chars + 1);
    cell::write(&mut sheet.out, (sheet.row, column), value, ColumnKind::Money, &format, sheet.lang)
}

/// Paragraphs across the sheet.
pub fn paragraphs(sheet: &mut Sheet, paragraphs: &[String]) {
    for paragraph in paragraphs {
        sheet.span(paragraph, &cell::prose());
    }
}

/// Checks with their outcome.
pub fn checks(sheet: &mut Sheet, items: &[Check]) -> Result<(), XlsxError> {
    let heads: Vec<(String, bool)> = sheet.own.checks.iter().map(|head| (head.to_string(), false)).collect();
    sheet.heads(&heads, false)?;
    sheet.row += 1;
    for check in items {
        let style = match check.verdict {
            Verdict::Passed => toned(Tone::Good),
            Verdict::Noted => cell::body(),
            Verdict::Failed => toned(Tone::Bad),
        };
        sheet.lines(0, &check.label, &cell::body())?;
        sheet.text(1, sheet.pack.words.outcome(check.verdict), &style)?;
        sheet.lines(2, &check.detail, &cell::body())?;
        sheet.row += 1;
    }
    Ok(())
}

/// Definitions, one a row, in lines.
pub fn definitions(sheet: &mut Sheet, items: &[Definition]) -> Result<(), XlsxError> {
    let [definition, digest] = sheet.own.definition;
    let mut heads = vec![(definition.to_string(), false)];
    heads.extend(sheet.pack.words.definition_labels.iter().map(|label| (label.clone(), false)));
    heads.push((digest.to_string(), false));
    sheet.heads(&heads, false)?;
    sheet.freeze(sheet.row + 1, 1);
    sheet.row += 1;
    for item in items {
        let title = format!("{}\n{}", cell::fit(&item.title), cell::fit(&item.name));
        sheet.need(0, item.title.chars().count().max(item.name.chars().count()));
        sheet.out.write_string_with_format(sheet.row, 0, title, &cell::body().set_text_wrap().set_bold())?;
        sheet.note_lines(0, &format!("{}\n{}", item.title, item.name));
        for (column, text) in [&item.answers, &item.formula, &item.grain, &item.source, &item.sql_digest].into_iter().enumerate() {
            sheet.lines(column as u16 + 1, text, &cell::body())?;
        }
        sheet.row += 1;
    }
    Ok(())
}
