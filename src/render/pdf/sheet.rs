//! What the template gets: a pack with every figure, day and mark already written out, as plain JSON.
//!
//! Separate so that the template holds looks only, and reads no number. Texts stay strings; the template shows them as they are.

use super::columns::{self, PAGE, Part, Wanted};
use super::links;
use crate::error::Result;
use crate::render::cells;
use crate::render::chart::{self, Size};
use crate::render::fonts::{self, Weight, breakable, clean};
use crate::render::shade::{self, Shade};
use crate::render::theme;
use crate::render::words::furniture;
use crate::report::pack::{
    Block, Cell, Change, Chart, ChartKind, Check, ColumnKind, Kpi, Pack, Row, RowKind, Section, Table, Tone, Verdict,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Figures in one row of a strip.
const IN_A_ROW: usize = 6;
/// Between two figures of a strip, and inside each, points.
const CARD_GAP: f64 = 10.0;
const CARD_INSET: f64 = 10.0;
/// Sizes of a strip's texts, points; the template uses the same.
const FIGURE: f64 = 19.0;
const UNIT: f64 = 9.0;
const LABEL: f64 = 8.4;
const SMALL: f64 = 7.2;
const CHANGE: f64 = 8.0;

/// As wide as a small line.
const TREND_ROOM: &str = "0000000000";
/// Room around a cell's text, left and right together and above and below together, points; the template uses the same.
const INSET: (f64, f64) = (10.0, 6.4);
/// What rounding may take of a line.
const ROUNDING: f64 = 0.3;
/// Rows from which on a table is set in bands, and the rows of a band.
const LONG: usize = 1_500;
const BAND: usize = 5;
/// Rows of such a table at most.
const BESIDE_ROWS: usize = 16;
/// A table at most this wide stands beside the chart before it, points, with this gap between them.
const BESIDE: f64 = 280.0;
const BESIDE_GAP: f64 = 26.0;
/// Points of a pixel of a drawing.
const PIXEL: f64 = PAGE / 960.0;
/// Charts of a section that has several: two stand on a page under its title.
const PAIRED: Size = Size { width: 960.0, height: 262.0 };
/// What a check that passed has to say takes at most this, where it stands beside another, points.
const BRIEF: f64 = 90.0;
/// Tables up to this height are not broken over pages, points.
const WHOLE: f64 = 300.0;

/// The whole pack for the template.
pub fn sheet(pack: &Pack) -> Result<Value> {
    let sections: Result<Vec<Value>> = pack.sections.iter().map(|s| section(s, pack)).collect();
    let mut sections = sections?;
    links::resolve(&mut sections);
    let (before, rest) = pack.words.page_of.split_once("{page}").unwrap_or(("", "{pages}"));
    let (between, after) = rest.split_once("{pages}").unwrap_or((rest, ""));
    let sources = pack.proof.sources.iter().map(|s| {
        json!([
            s.load_id.to_string(),
            breakable(&s.name),
            clean(&s.sha256),
            cells::text(&Cell::Number(s.rows.into()), ColumnKind::Count, pack.lang)
        ])
    });
    Ok(json!({
        "lang": pack.lang.code(),
        "theme": theme_colors(),
        "page": [before, between, after],
        "title": breakable(&pack.title),
        "entity": breakable(&pack.entity),
        "period": breakable(&pack.period),
        "as_of": format!("{} {}", pack.words.as_of, pack.lang.day(pack.as_of)),
        "final": pack.state.is_final,
        "state": clean(&pack.state.label),
        "reasons": cleaned(&pack.state.reasons),
        "running": fonts::fit(&format!("{} · {} · {}", clean(&pack.title), clean(&pack.entity), clean(&pack.period)), PAGE - 130.0, 7.5, Weight::Regular),
        "proof": fonts::fit(&clean(&pack.proof.line), (PAGE - 110.0) * 1.9, 6.8, Weight::Regular),
        "facts": pack.proof.facts.iter().map(|(label, value)| json!([breakable(label), breakable(value)])).collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "words": {
            "contents": clean(&pack.words.contents),
            "sources": clean(&pack.words.sources),
            "proof": clean(&pack.words.proof),
            "prepared_by": clean(&pack.words.prepared_by),
            "reviewed_by": clean(&pack.words.reviewed_by),
            "reasons": clean(&pack.words.reasons),
            "source_labels": cleaned(&pack.words.source_labels),
            "digest": furniture(pack.lang).definition[1],
        },
        "sections": sections,
    }))
}

/// Whether a pack holds a table so long that it is set in bands.
pub fn is_long(pack: &Pack) -> bool {
    let long = |b: &Block| matches!(b, Block::Table(t) if t.rows.len() > LONG);
    pack.sections.iter().flat_map(|s| &s.blocks).any(long)
}

fn theme_colors() -> Value {
    json!({
        "family": theme::FAMILY, "ink": theme::INK, "muted": theme::MUTED, "rule": theme::RULE, "hair": theme::HAIR, "wash": theme::WASH,
        "accent": theme::ACCENT, "warning": theme::WARNING, "warning_wash": theme::WARNING_WASH,
    })
}

fn cleaned(texts: &[String]) -> Vec<String> {
    texts.iter().map(|t| breakable(t)).collect()
}

fn section(section: &Section, pack: &Pack) -> Result<Value> {
    let charts = section.blocks.iter().filter(|b| matches!(b, Block::Chart(_))).count();
    let size = if charts > 1 { PAIRED } else { Size::WIDE };
    let mut blocks = Vec::new();
    let mut rest = section.blocks.iter().peekable();
    while let Some(one) = rest.next() {
        let pair = match (one, rest.peek()) {
            (Block::Chart(chart), Some(Block::Table(table))) if !takes_width(chart.kind) => beside(chart, table, pack)?,
            _ => None,
        };
        blocks.push(match pair {
            Some(pair) => {
                rest.next();
                pair
            }
            None => block(one, size, pack)?,
        });
    }
    Ok(json!({
        "title": breakable(&section.title),
        "message": breakable(&section.message),
        "starts_page": section.starts_page,
        "blocks": blocks,
    }))
}

fn block(block: &Block, size: Size, pack: &Pack) -> Result<Value> {
    Ok(match block {
        Block::Kpis { items } => json!({ "type": "kpis", "rows": strip(items, pack) }),
        Block::Table(t) => table(t, &columns::fitted, pack)?,
        Block::Chart(c) => drawing(c, size, pack)?,
        Block::Text { paragraphs } => json!({ "type": "text", "paragraphs": cleaned(paragraphs) }),
        Block::Checklist { title, items } => {
            let (brief, full): (Vec<&Check>, Vec<&Check>) = items.iter().partition(|c| is_brief(c));
            let said = |checks: Vec<&Check>| checks.into_iter().map(|c| check(c, pack)).collect::<Vec<_>>();
            json!({ "type": "checklist", "title": breakable(title), "items": said(full), "brief": said(brief) })
        }
        Block::Definitions { items } => {
            let items = items.iter().map(|d| {
                json!({
                    "title": breakable(&d.title), "name": breakable(&d.name), "digest": clean(&d.sql_digest),
                    "question": breakable(&d.answers), "formula": breakable(&d.formula),
                })
            });
            json!({ "type": "definitions", "items": items.collect::<Vec<_>>() })
        }
    })
}

/// Whether a form needs the page's width for its names or panels.
fn takes_width(kind: ChartKind) -> bool {
    matches!(kind, ChartKind::Bars | ChartKind::Bullet | ChartKind::SmallLines | ChartKind::SmallColumns)
}

fn drawing(chart: &Chart, size: Size, pack: &Pack) -> Result<Value> {
    let alt = if chart.description.is_empty() { chart.title.clone() } else { format!("{}. {}", chart.title, chart.description) };
    Ok(json!({
        "type": "chart", "svg": chart::svg(chart, pack.lang, size)?, "alt": clean(&alt), "behind": chart.behind,
        "see": furniture(pack.lang).behind,
    }))
}

/// A chart with the short, narrow table of its figures at its right; none if the table needs the page's width.
fn beside(chart: &Chart, narrow: &Table, pack: &Pack) -> Result<Option<Value>> {
    if narrow.rows.is_empty() || narrow.rows.len() > BESIDE_ROWS {
        return Ok(None);
    }
    let layout = |wanted: &[Wanted<'_>]| match columns::narrow(wanted, BESIDE) {
        Some((size, part)) => (size, vec![part]),
        None => (0.0, Vec::new()),
    };
    let table = table(narrow, &layout, pack)?;
    let Some(widths) = table["parts"][0]["widths"].as_array() else { return Ok(None) };
    let width: f64 = widths.iter().filter_map(Value::as_f64).sum();
    let size = Size { width: ((PAGE - width - BESIDE_GAP) / PIXEL).floor(), height: 330.0 };
    let drawing = drawing(chart, size, pack)?;
    Ok(Some(json!({ "type": "beside", "left": drawing, "right": table, "width": size.width * PIXEL, "gap": BESIDE_GAP })))
}

/// Whether a check needs no more than a few words: those stand two and two below the others.
fn is_brief(check: &Check) -> bool {
    check.verdict == Verdict::Passed && fonts::width(&check.detail, SMALL, Weight::Regular) <= BRIEF
}

fn check(check: &Check, pack: &Pack) -> Value {
    let outcome = pack.words.outcome(check.verdict);
    json!({ "label": breakable(&check.label), "verdict": check.verdict.as_str(), "outcome": clean(outcome), "detail": breakable(&check.detail) })
}

/// Rows of cards, as even as can be, with a figure size at which the strip's widest figure fits.
fn strip(items: &[Kpi], pack: &Pack) -> Vec<Value> {
    let rows = items.len().div_ceil(IN_A_ROW).max(1);
    let in_row = items.len().div_ceil(rows).max(1);
    let inside = (PAGE - (in_row - 1) as f64 * CARD_GAP) / in_row as f64 - 2.0 * CARD_INSET;
    let shown: Vec<(String, String)> = items.iter().map(|k| figure(k, pack)).collect();
    let fitting = |(value, unit): &(String, String)| {
        let unit = if unit.is_empty() { 0.0 } else { fonts::width(unit, UNIT, Weight::Regular) + 4.0 };
        (inside - unit).max(20.0) / fonts::width(value, 1.0, Weight::SemiBold).max(0.1)
    };
    let size = shown.iter().map(fitting).fold(FIGURE, f64::min).max(4.0);
    let cards: Vec<Value> = items.iter().zip(&shown).map(|(k, figure)| card(k, figure, inside, pack)).collect();
    let row = |cards: &[Value]| {
        let lines = cards.iter().map(|c| c["label"].as_array().map_or(0, Vec::len)).max().unwrap_or(0);
        json!({ "size": size, "in_row": in_row, "lines": lines, "cards": cards })
    };
    cards.chunks(in_row).map(row).collect()
}

/// A figure of a strip and its unit.
fn figure(kpi: &Kpi, pack: &Pack) -> (String, String) {
    match &kpi.value {
        Cell::Undefined(_) => (pack.words.undefined.clone(), String::new()),
        value => (clean(&cells::strip_text(value, &kpi.unit, pack.lang)), clean(&kpi.unit)),
    }
}

fn card(kpi: &Kpi, (value, unit): &(String, String), inside: f64, pack: &Pack) -> Value {
    let small = |text: &str| fonts::fit(&clean(text), inside, SMALL, Weight::Regular);
    let before = kpi.before.as_ref().map(|(label, cell)| {
        let value = match cell {
            Cell::Undefined(_) => pack.words.undefined.clone(),
            cell => cells::strip_text(cell, &kpi.unit, pack.lang),
        };
        format!("{label}: {value}")
    });
    let reason = if let Cell::Undefined(reason) = &kpi.value { Some(reason.clone()) } else { None };
    let words = furniture(pack.lang);
    let verdict = match kpi.tone {
        Tone::Neutral => None,
        Tone::Good => Some(words.better),
        Tone::Bad => Some(words.worse),
    };
    let change = match verdict {
        Some(verdict) if !kpi.change.is_empty() => format!("{}, {verdict}", kpi.change),
        _ => kpi.change.clone(),
    };
    json!({
        "label": fonts::wrap(&clean(&kpi.label), inside, 2, LABEL, Weight::Regular),
        "value": value,
        "unit": unit,
        "below": reason.into_iter().chain(before).map(|t| small(&t)).collect::<Vec<_>>(),
        "change": fonts::fit(&clean(&change), inside, SMALL, Weight::SemiBold),
        "changes": kpi.changes.iter().map(|c| changed(c, inside, pack)).collect::<Vec<_>>(),
        "tone": tone(kpi.tone),
        "behind": kpi.behind,
    })
}

/// A change with an arrow for its direction, and against what; the tone is said by the arrow's colour and by its shape.
fn changed(change: &Change, inside: f64, pack: &Pack) -> Value {
    let text = clean(&change.text);
    let arrow = match text.chars().next() {
        Some('+') => "↑ ",
        Some('\u{2212}' | '-') => "↓ ",
        _ => "",
    };
    let text = fonts::fit(&format!("{arrow}{}", text.trim_start_matches(['+', '\u{2212}', '-'])), inside, CHANGE, Weight::SemiBold);
    let room = (inside - fonts::width(&text, CHANGE, Weight::SemiBold) - 4.0).max(0.0);
    let words = furniture(pack.lang);
    let verdict = match change.tone {
        Tone::Neutral => "",
        Tone::Good => words.better,
        Tone::Bad => words.worse,
    };
    json!({ "text": text, "against": fonts::fit(&clean(&change.against), room, SMALL, Weight::Regular), "tone": tone(change.tone), "said": verdict })
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "neutral",
        Tone::Good => "good",
        Tone::Bad => "bad",
    }
}

/// Text size and parts of a table out of its columns' texts.
type Layout<'a> = &'a dyn Fn(&[Wanted<'_>]) -> (f64, Vec<Part>);

fn table(table: &Table, layout: Layout<'_>, pack: &Pack) -> Result<Value> {
    let mut reasons: Vec<String> = Vec::new();
    let texts = table.rows.iter().map(|row| {
        let cell = |(i, cell): (usize, &Cell)| {
            let kind = table.columns.get(i).map_or(ColumnKind::Text, |c| c.kind);
            shown(cell, kind, &mut reasons, pack)
        };
        let mut cells: Vec<String> = row.cells.iter().enumerate().map(cell).collect();
        cells.resize(table.columns.len(), String::new());
        cells
    });
    let texts: Vec<Vec<String>> = texts.collect();
    let heads: Vec<String> = table.columns.iter().map(|c| breakable(&c.label)).collect();
    let bold: Vec<bool> = table.rows.iter().map(|r| r.kind != RowKind::Detail).collect();
    let wanted = |i: usize| Wanted {
        head: &heads[i],
        figure: cells::is_figure(table.columns[i].kind) || matches!(table.columns[i].kind, ColumnKind::Date | ColumnKind::Trend),
        after_figure: after_figure(i, table),
        texts: match table.columns[i].kind {
            ColumnKind::Trend => vec![(TREND_ROOM, false)],
            _ => texts.iter().zip(&bold).map(|(row, bold)| (row[i].as_str(), *bold)).collect(),
        },
    };
    let shades = shade::shades(table);
    let sparks = sparks(table, &texts)?;
    let (size, parts) = layout(&(0..heads.len()).map(wanted).collect::<Vec<_>>());
    let whole = parts.len() == 1 && parts.iter().all(|part| height(part, &texts, size) <= WHOLE);
    let parts = parts.iter().map(|part| {
        let pick = |row: &[String]| part.columns.iter().map(|c| row[*c].clone()).collect::<Vec<_>>();
        let kinds = table.rows.iter().map(|r| r.kind);
        let rows: Vec<(RowKind, Vec<String>)> = kinds.zip(texts.iter().map(|row| pick(row))).collect();
        let leads: Vec<bool> = part.columns.iter().map(|c| after_figure(*c, table)).collect();
        let heights: Vec<Value> = rows.iter().zip(&sparks).map(|(row, sparks)| one_line(row, sparks, part, &leads, size)).collect();
        let rows = if table.rows.len() > LONG { banded(rows, part, size) } else { plain(rows) };
        // Shades by row, sparks by row and place; long tables have neither.
        let fills: Vec<Value> = shades.iter().map(|row| fills(row, part)).collect();
        let drawn: Vec<Value> =
            sparks.iter().map(|row| part.columns.iter().map(|c| row.get(c).cloned().unwrap_or(Value::Null)).collect()).collect();
        let plainly = table.rows.len() > LONG || (table.heat.is_none() && sparks.iter().all(BTreeMap::is_empty));
        json!({
            "looks": if plainly { Value::Null } else { json!({ "fills": fills, "sparks": drawn }) },
            "widths": part.widths,
            "right": part.columns.iter().map(|c| cells::is_figure(table.columns[*c].kind)).collect::<Vec<_>>(),
            "lead": leads,
            "heads": pick(&heads),
            "rows": rows,
            "heights": if table.rows.len() > LONG { Value::Null } else { heights.into() },
        })
    });
    let left_out = match table.rows_left_out {
        0 => String::new(),
        n => pack.words.rows_left_out.replace("{n}", &pack.lang.number(n.into(), 0)),
    };
    let mut out = Map::new();
    out.insert("type".into(), "table".into());
    out.insert("behind".into(), table.behind.clone().into());
    out.insert("see".into(), furniture(pack.lang).behind.into());
    out.insert("title".into(), breakable(&table.title).into());
    out.insert("size".into(), json!(size));
    out.insert("whole".into(), whole.into());
    out.insert("parts".into(), parts.collect());
    let notes = reasons.iter().enumerate().map(|(i, reason)| format!("{} {reason}", mark(i)));
    let remarks = [left_out, breakable(&table.note)].into_iter().filter(|t| !t.is_empty());
    out.insert("notes".into(), notes.chain(remarks).collect());
    out.insert("id".into(), table.id.clone().into());
    out.insert("empty".into(), if table.rows.is_empty() { furniture(pack.lang).no_rows.into() } else { Value::Null });
    Ok(Value::Object(out))
}

/// The colours behind a row's cells.
fn fills(shades: &[Option<Shade>], part: &Part) -> Value {
    let color = |c: &usize| shades.get(*c).copied().flatten().map_or(Value::Null, |s| theme::shade(s.step, s.negative).into());
    part.columns.iter().map(color).collect()
}

/// The small lines of each row by column, with their words.
fn sparks(table: &Table, texts: &[Vec<String>]) -> Result<Vec<BTreeMap<usize, Value>>> {
    let row = |(row, texts): (&Row, &Vec<String>)| {
        let mut drawn = BTreeMap::new();
        for (at, cell) in row.cells.iter().enumerate() {
            if let (Cell::Trend(values), true) = (cell, table.rows.len() <= LONG && !texts[at].is_empty()) {
                drawn.insert(at, json!({ "svg": chart::spark(values, "")?, "alt": texts[at] }));
            }
        }
        Ok(drawn)
    };
    table.rows.iter().zip(texts).map(row).collect()
}

/// Whether a column of words or days stands after one of figures.
fn after_figure(column: usize, table: &Table) -> bool {
    let right = |c: usize| table.columns.get(c).is_some_and(|c| cells::is_figure(c.kind));
    column > 0 && right(column - 1) && !right(column)
}

/// About how high the rows are when set, points.
fn height(part: &Part, texts: &[Vec<String>], size: f64) -> f64 {
    let lines = |row: &Vec<String>| {
        let cell = |(c, width): (&usize, &f64)| (fonts::width(&row[*c], size, Weight::SemiBold) / (width - 10.0).max(1.0)).ceil().max(1.0);
        part.columns.iter().zip(&part.widths).map(cell).fold(1.0, f64::max)
    };
    texts.iter().map(|row| lines(row) * size * 1.2 + 7.0).sum()
}

fn plain(rows: Vec<(RowKind, Vec<String>)>) -> Vec<Value> {
    let name = |kind| match kind {
        RowKind::Detail => "detail",
        RowKind::Subtotal => "subtotal",
        RowKind::Total => "total",
    };
    rows.into_iter().map(|(kind, cells)| json!([name(kind), cells])).collect()
}

/// The height of a row all of whose texts stand on one line, points: the typesetter then need not set it to find that out.
fn one_line((kind, cells): &(RowKind, Vec<String>), sparks: &BTreeMap<usize, Value>, part: &Part, leads: &[bool], size: f64) -> Value {
    let weight = if *kind == RowKind::Detail { Weight::Regular } else { Weight::SemiBold };
    let fits = |((cell, width), lead): ((&String, &f64), &bool)| {
        fonts::width(cell, size, weight) <= width - INSET.0 - if *lead { columns::LEAD } else { 0.0 } - ROUNDING
    };
    let level = sparks.is_empty() && cells.iter().zip(&part.widths).zip(leads).all(fits);
    if level { json!(size * theme::CAP_HEIGHT + INSET.1) } else { Value::Null }
}

/// Details in bands of a few rows between two rules: a long table is read that way, and set several times faster. Within a band
/// nothing may wrap, so that lines stay level; endless words are cut.
fn banded(rows: Vec<(RowKind, Vec<String>)>, part: &Part, size: f64) -> Vec<Value> {
    let mut out = Vec::new();
    let mut band: Vec<Vec<String>> = Vec::new();
    let close = |band: &mut Vec<Vec<String>>, out: &mut Vec<Value>| {
        if !band.is_empty() {
            let column = |i: usize| band.iter().map(move |row| fonts::fit(&row[i], part.widths[i] - 10.0, size, Weight::Regular));
            let columns = (0..part.columns.len()).map(|i| column(i).collect::<Vec<_>>().join("\n"));
            out.push(json!(["band", columns.collect::<Vec<_>>()]));
            band.clear();
        }
    };
    for (kind, cells) in rows {
        if kind == RowKind::Detail {
            band.push(cells);
            if band.len() == BAND {
                close(&mut band, &mut out);
            }
        } else {
            close(&mut band, &mut out);
            out.extend(plain(vec![(kind, cells)]));
        }
    }
    close(&mut band, &mut out);
    out
}

/// A cell as printed; what is undefined gets a mark that leads to its reason below the table.
fn shown(cell: &Cell, kind: ColumnKind, reasons: &mut Vec<String>, pack: &Pack) -> String {
    let Cell::Undefined(reason) = cell else {
        let text = cells::text(cell, kind, pack.lang);
        return match kind {
            ColumnKind::Text => breakable(&text),
            ColumnKind::Date => text.replace(' ', "\u{A0}"),
            _ => clean(&text),
        };
    };
    let reason = clean(reason);
    if reason.is_empty() {
        return pack.words.undefined.clone();
    }
    let known = reasons.iter().position(|r| *r == reason);
    let at = known.unwrap_or_else(|| {
        reasons.push(reason);
        reasons.len() - 1
    });
    format!("{}\u{202F}{}", pack.words.undefined, mark(at))
}

/// The mark of the n-th reason (from 0), in raised digits.
fn mark(at: usize) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    (at + 1).to_string().bytes().map(|d| RAISED[usize::from(d - b'0')]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_marked_once() {
        assert_eq!(mark(0), "¹");
        assert_eq!(mark(11), "¹²");
    }
}
