//! Sections and blocks as template values: text ready to show, sort keys for the script, anchors.
//!
//! Separate so that the page's frame stays readable. Drawings are left to `drawing`.

use super::drawing;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::render::cells::{self, clean};
use crate::render::chart;
use crate::render::shade::{self, Shade};
use crate::render::words;
use crate::report::pack::{Block, Cell, Chart, ColumnKind, Definition, Kpi, Pack, RowKind, Section, Table, Tone, Words};
use minijinja::{Value, context};
use std::collections::BTreeMap;

/// Tables with more rows scroll in a box on screen.
const LONG_ROWS: usize = 24;
/// Tables with more columns are set smaller and printed on a broad page.
const DENSE_COLUMNS: usize = 8;
/// Tables with few columns are not torn apart over the whole page.
const SLIM_COLUMNS: usize = 4;

/// Texts up to this length, such as document numbers, are never broken; texts from the other on may not be squeezed.
const SHORT_TEXT: usize = 16;
const LENGTHY_TEXT: usize = 26;

/// Tables with more details get a field that filters them.
const FILTER_ROWS: usize = 15;

/// The anchor of each table by its id: links may lead to what comes later.
type Links = BTreeMap<String, String>;

/// Every section of the pack.
pub fn sections(pack: &Pack) -> Result<Vec<Value>> {
    let mut taken = vec!["main".to_string(), "proof".to_string()];
    let mut links = Links::new();
    let mut anchors: Vec<(String, Vec<String>)> = Vec::new();
    for section in &pack.sections {
        let own = anchor(&section.id, &mut taken);
        let mut blocks = Vec::new();
        for block in &section.blocks {
            blocks.push(match block {
                Block::Chart(chart) => anchor(&format!("chart-{}", chart.id), &mut taken),
                Block::Table(table) => {
                    let name = anchor(&format!("table-{}", table.id), &mut taken);
                    links.entry(table.id.clone()).or_insert_with(|| name.clone());
                    name
                }
                _ => String::new(),
            });
        }
        anchors.push((own, blocks));
    }
    pack.sections.iter().zip(anchors).map(|(section, (own, blocks))| one_section(pack, section, own, blocks, &links)).collect()
}

fn one_section(pack: &Pack, section: &Section, anchor: String, anchors: Vec<String>, links: &Links) -> Result<Value> {
    let blocks = section.blocks.iter().zip(anchors).map(|(block, own)| one_block(pack, section, block, own, links));
    let blocks = blocks.collect::<Result<Vec<_>>>()?;
    Ok(context! {
        anchor, blocks, title => clean(&section.title), message => clean(&section.message),
        starts_page => section.starts_page,
    })
}

/// The anchor that a link leads to; nothing if there is none.
fn href(behind: Option<&String>, links: &Links) -> String {
    behind.and_then(|id| links.get(id)).cloned().unwrap_or_default()
}

fn one_block(pack: &Pack, section: &Section, block: &Block, anchor: String, links: &Links) -> Result<Value> {
    let lang = pack.lang;
    Ok(match block {
        Block::Kpis { items } => context! { type => "kpis", items => items.iter().map(|item| kpi(item, lang, links)).collect::<Vec<_>>() },
        Block::Text { paragraphs } => {
            context! { type => "text", paragraphs => paragraphs.iter().map(|p| clean(p)).collect::<Vec<_>>() }
        }
        Block::Chart(chart) => self::chart(chart, lang, anchor, links)?,
        Block::Table(table) => self::table(table, section, pack, anchor, links)?,
        Block::Checklist { title, items } => {
            let one = |check: &crate::report::pack::Check| {
                context! { label => clean(&check.label), verdict => check.verdict.as_str(), detail => clean(&check.detail) }
            };
            context! { type => "checklist", title => clean(title), items => items.iter().map(one).collect::<Vec<_>>() }
        }
        Block::Definitions { items } => {
            context! { type => "definitions", items => items.iter().map(|item| definition(item, &pack.words)).collect::<Vec<_>>() }
        }
    })
}

fn kpi(kpi: &Kpi, lang: Lang, links: &Links) -> Value {
    let own = words::furniture(lang);
    let said = |tone: Tone| match tone {
        Tone::Neutral => ("neutral", ""),
        Tone::Good => ("good", own.better),
        Tone::Bad => ("bad", own.worse),
    };
    let arrow = |change: &str| match change.chars().next() {
        Some('+') => "↑",
        Some('-' | '\u{2212}') => "↓",
        _ => "",
    };
    let line = |text: &str, against: &str, tone: Tone| {
        let (tone, judged) = said(tone);
        let text = clean(text);
        let by = text.trim_start_matches(['+', '-', '\u{2212}']);
        context! { arrow => arrow(&text), sign => &text[..text.len() - by.len()], text => by, against => clean(against), tone, judged }
    };
    let changes: Vec<Value> = match kpi.changes.as_slice() {
        [] if kpi.change.is_empty() => Vec::new(),
        [] => vec![line(&kpi.change, "", kpi.tone)],
        changes => changes.iter().map(|c| line(&c.text, &c.against, c.tone)).collect(),
    };
    let (tone, _) = said(kpi.tone);
    let defined = matches!(kpi.value, Cell::Number(_) | Cell::Date(_) | Cell::Text(_));
    let with_unit = |cell: &Cell| {
        let text = cells::strip_text(cell, &kpi.unit, lang);
        if matches!(cell, Cell::Number(_)) && !kpi.unit.is_empty() { format!("{text} {}", clean(&kpi.unit)) } else { text }
    };
    let (before_label, before) = kpi.before.as_ref().map_or((String::new(), String::new()), |(l, cell)| (clean(l), with_unit(cell)));
    context! {
        label => clean(&kpi.label), value => cells::strip_text(&kpi.value, &kpi.unit, lang),
        unit => if matches!(kpi.value, Cell::Number(_)) { clean(&kpi.unit) } else { String::new() },
        defined, tone, changes, before_label, before, href => href(kpi.behind.as_ref(), links),
    }
}

fn chart(chart: &Chart, lang: Lang, anchor: String, links: &Links) -> Result<Value> {
    let (broad, narrow) = drawing::drawings(chart, lang, &anchor)?;
    let rows: Vec<Value> = chart
        .labels
        .iter()
        .enumerate()
        .map(|(i, label)| {
            let figure = |value: Option<&Option<rust_decimal::Decimal>>| {
                value.copied().flatten().map_or(String::new(), |v| lang.number(v, chart.decimals))
            };
            context! { label => clean(label), values => chart.series.iter().map(|s| figure(s.values.get(i))).collect::<Vec<_>>() }
        })
        .collect();
    Ok(context! {
        type => "chart", anchor, broad, narrow, rows, title => clean(&chart.title), href => href(chart.behind.as_ref(), links),
        names => chart.series.iter().map(|s| clean(&s.name)).collect::<Vec<_>>(),
    })
}

fn table(table: &Table, section: &Section, pack: &Pack, anchor: String, links: &Links) -> Result<Value> {
    let columns: Vec<Value> = table.columns.iter().map(|c| context! { label => clean(&c.label), class => column_class(c.kind) }).collect();
    let shades = shade::shades(table);
    let rows: Result<Vec<Value>> = table
        .rows
        .iter()
        .zip(&shades)
        .map(|(row, shades)| {
            let kind = match row.kind {
                RowKind::Detail => "detail",
                RowKind::Subtotal => "subtotal",
                RowKind::Total => "total",
            };
            let mut pairs: Vec<(&Cell, ColumnKind)> = row.cells.iter().zip(&table.columns).map(|(c, column)| (c, column.kind)).collect();
            let span = if row.kind == RowKind::Detail { 1 } else { label_span(&pairs) };
            pairs.drain(1.min(pairs.len())..span);
            let shade = |at: usize| shades.get(at).copied().flatten();
            let cells: Result<Vec<Value>> =
                pairs.into_iter().enumerate().map(|(at, (c, kind))| cell(c, kind, shade(at), pack.lang)).collect();
            Ok(context! { kind, cells => cells?, span })
        })
        .collect();
    let rows = rows?;
    let left_out = match table.rows_left_out {
        0 => String::new(),
        n => clean(&pack.words.rows_left_out).replace("{n}", &pack.lang.number(n.into(), 0)),
    };
    let title = clean(&table.title);
    let name = if title.is_empty() { clean(&section.title) } else { title.clone() };
    let details = table.rows.iter().filter(|row| row.kind == RowKind::Detail).count();
    Ok(context! {
        filter => details > FILTER_ROWS, href => href(table.behind.as_ref(), links),
        type => "table", anchor, columns, rows, left_out, title, name, note => clean(&table.note),
        long => table.rows.len() > LONG_ROWS, slim => table.columns.len() <= SLIM_COLUMNS, dense => table.columns.len() > DENSE_COLUMNS,
    })
}

/// Columns that the label of a total may take: its own and the empty ones after it, so that it stays in one line.
fn label_span(cells: &[(&Cell, ColumnKind)]) -> usize {
    let is_free = |(cell, kind): &&(&Cell, ColumnKind)| **cell == Cell::Empty && matches!(kind, ColumnKind::Text | ColumnKind::Date);
    1 + cells.iter().skip(1).take_while(is_free).count()
}

fn column_class(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "txt",
        ColumnKind::Date => "day",
        ColumnKind::Trend => "trend",
        _ => "num",
    }
}

/// `sort` is the value behind the text, so that the script compares numbers and days, not their looks.
fn cell(cell: &Cell, kind: ColumnKind, shade: Option<Shade>, lang: Lang) -> Result<Value> {
    let sort = match cell {
        Cell::Trend(values) => values.iter().flatten().next_back().map_or(String::new(), ToString::to_string),
        Cell::Number(value) => value.to_string(),
        Cell::Date(day) => day.to_string(),
        _ => String::new(),
    };
    let mut class = column_class(kind).to_string();
    match cell {
        Cell::Undefined(_) => class.push_str(" none"),
        Cell::Number(value) if value.is_zero() => class.push_str(" zero"),
        Cell::Text(text) if text.chars().count() <= SHORT_TEXT => class.push_str(" short"),
        Cell::Text(text) if text.chars().count() >= LENGTHY_TEXT => class.push_str(" lengthy"),
        _ => {}
    }
    if let Some(Shade { step, negative }) = shade {
        class.push_str(&format!(" {}{step}", if negative { "fall" } else { "rise" }));
    }
    let text = cells::text(cell, kind, lang);
    let drawing = match cell {
        // A line without points has nothing to say.
        Cell::Trend(values) if !text.is_empty() => chart::spark(values, &text)?,
        _ => String::new(),
    };
    Ok(context! { text, sort, class, drawing, heads => kind == ColumnKind::Text && *cell != Cell::Empty })
}

fn definition(item: &Definition, words: &Words) -> Value {
    let texts = [&item.answers, &item.formula, &item.grain, &item.source];
    let parts: Vec<Value> = words
        .definition_labels
        .iter()
        .zip(texts)
        .enumerate()
        .filter(|(_, (_, text))| !text.is_empty())
        .map(|(i, (label, text))| context! { label => clean(label), text => clean(text), formula => i == 1 })
        .collect();
    context! { title => clean(&item.title), name => clean(&item.name), digest => clean(&item.sql_digest), parts }
}

/// An id for the page made from a pack's id: letters, digits, `-`, `_`; unlike any before it.
fn anchor(id: &str, taken: &mut Vec<String>) -> String {
    let safe: String = id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let safe = if safe.starts_with(|c: char| c.is_ascii_alphabetic()) { safe } else { format!("s-{safe}") };
    let mut name = safe.clone();
    let mut n = 2;
    while taken.contains(&name) {
        name = format!("{safe}-{n}");
        n += 1;
    }
    taken.push(name.clone());
    name
}
