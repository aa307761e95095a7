//! A strip of figures, and the same figures as a table of three days: now, the month before, the same month last year.

use crate::domain::days::month_end;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use crate::report::answers::{Answer, Unit};
use crate::report::context::Context;
use crate::report::figures::{Scale, cell, decimals, rounded, signed, undefined};
use crate::report::message;
use crate::report::pack::{Block, Cell, Change, Column, ColumnKind as Kind, Kpi, Row, RowKind, Table, Tone};
use crate::report::spec::{Direction, KpiSpec, KpisSpec, Spec};
use crate::report::words;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// One row of figures and the label of its day; no answer where the history does not reach.
struct Moment {
    label: String,
    answer: Option<Answer>,
}

/// The strip.
pub(super) fn strip(spec: &KpisSpec, pack: &Spec, context: &Context) -> Result<Block> {
    let [now, before, year_ago] = moments(spec, pack, context)?;
    let items: Result<Vec<Kpi>> =
        spec.items.iter().map(|item| kpi(item, &now, &before, &year_ago, target(item, pack, context)?, context)).collect();
    let mut items = items?;
    for (shown, item) in items.iter_mut().zip(&spec.items) {
        shown.behind = item.rows.clone().or_else(|| spec.rows.clone());
    }
    Ok(Block::Kpis { items })
}

/// The table: one row a day, so that each column keeps one kind.
pub(super) fn comparison(spec: &KpisSpec, pack: &Spec, context: &Context) -> Result<Block> {
    let moments = moments(spec, pack, context)?;
    let now = &moments[0];
    let mut columns = vec![Column { key: "period".into(), label: context.say("column.period")?, kind: Kind::Text }];
    for item in &spec.items {
        let kind = match &now.answer {
            Some(answer) => answer.kind(answer.position(&item.column)?),
            None => Kind::Text,
        };
        columns.push(Column { key: item.column.clone(), label: context.say(&format!("column.{}", item.column))?, kind });
    }
    let mut rows = Vec::new();
    for moment in &moments {
        let mut cells = vec![Cell::Text(moment.label.clone())];
        for item in &spec.items {
            cells.push(moment.cell(item, context)?);
        }
        rows.push(Row { kind: RowKind::Detail, cells });
    }
    let targets: Result<Vec<Option<Decimal>>> = spec.items.iter().map(|item| target(item, pack, context)).collect();
    let targets = targets?;
    if targets.iter().any(Option::is_some) {
        let mut cells = vec![Cell::Text(context.say("word.target")?)];
        cells.extend(targets.into_iter().map(|target| target.map_or(Cell::Empty, Cell::Number)));
        rows.push(Row { kind: RowKind::Detail, cells });
    }
    let title = context.say(&format!("block.{}", spec.id))?;
    Ok(Block::Table(Table { id: spec.id.clone(), title, columns, rows, behind: spec.rows.clone(), ..Table::default() }))
}

fn moments(spec: &KpisSpec, pack: &Spec, context: &Context) -> Result<[Moment; 3]> {
    let now = context.ask(pack, &spec.from)?;
    match now.rows().len() {
        0 | 1 => {}
        n => return Err(Error::internal(format!("the strip `{}` shows one row but `{}` has {n}", spec.id, now.query))),
    }
    let label = |source: &str| -> Result<String> { Ok(day_label(context.day_of(pack, source)?, context)) };
    Ok([
        Moment { label: label(&spec.from)?, answer: Some(now) },
        Moment { label: label(&spec.before)?, answer: context.ask_earlier(pack, &spec.before)? },
        Moment { label: label(&spec.year_ago)?, answer: context.ask_earlier(pack, &spec.year_ago)? },
    ])
}

/// A month end is known by its month, with the year in full: "sep 26" is a day to many.
fn day_label(day: NaiveDate, context: &Context) -> String {
    let lang = context.request.lang;
    if day != month_end(day) {
        return lang.day(day);
    }
    let month = lang.month(day);
    let name = month.split(' ').next().unwrap_or_default();
    format!("{name} {}", day.year())
}

impl Moment {
    fn row(&self) -> Option<(&Answer, &[Datum])> {
        let answer = self.answer.as_ref()?;
        answer.rows().next().map(|row| (answer, row))
    }

    fn cell(&self, item: &KpiSpec, context: &Context) -> Result<Cell> {
        match (self.row(), &self.answer) {
            (Some((answer, row)), _) => cell(answer, row, answer.position(&item.column)?, &item.column, context),
            (None, Some(_)) => undefined(&words::reasons("no_items", &context.text)?, context),
            (None, None) => undefined(&words::reasons("history_missing", &context.text)?, context),
        }
    }
}

/// What a figure is held against.
fn target(item: &KpiSpec, pack: &Spec, context: &Context) -> Result<Option<Decimal>> {
    match &item.target {
        Some(figure) => message::number(figure, pack, context),
        None => Ok(context.target(&item.column)),
    }
}

fn kpi(item: &KpiSpec, now: &Moment, before: &Moment, year_ago: &Moment, target: Option<Decimal>, context: &Context) -> Result<Kpi> {
    let label = context.say(&format!("column.{}", item.column))?;
    let cells = [now.cell(item, context)?, before.cell(item, context)?, year_ago.cell(item, context)?];
    let Some((answer, row)) = now.row() else {
        let [value, ..] = cells;
        return Ok(Kpi { label, value, ..Kpi::default() });
    };
    let position = answer.position(&item.column)?;
    let kind = answer.kind(position);
    // One scale for the three figures, so that they can be compared at a glance.
    let largest = cells.iter().filter_map(number).map(|n| n.abs()).max().unwrap_or_default();
    let scale = if kind == Kind::Money { Some(Scale::for_largest(largest)) } else { None };
    let places = scale.map_or(decimals(kind), |s| s.decimals);
    let scaled = |n: Decimal| scale.map_or(n, |s| s.of(n));
    let unit = match (kind, scale) {
        (Kind::Money, Some(scale)) => match answer.unit(row, position, &context.request.group_currency) {
            Unit::Currency(code) => scale.unit(&code, context)?,
            Unit::Plain | Unit::Books(_) => String::new(),
        },
        (Kind::Percent, _) => "%".to_string(),
        (Kind::Days, _) => context.say("word.days")?,
        _ => String::new(),
    };
    let change_of = |other: &Cell| Some(scaled(number(&cells[0])?) - scaled(number(other)?));
    let change_unit = if kind == Kind::Percent { context.say("word.points")? } else { unit.clone() };
    let in_words = |change: Decimal| format!("{} {change_unit}", signed(change, places, context)).trim_end().to_string();
    let (month, year) = (change_of(&cells[1]), change_of(&cells[2]));
    let change = match (month, year) {
        (Some(month), Some(year)) => {
            let values = [("month", in_words(month)), ("year", signed(year, places, context)), ("year_label", year_ago.label.clone())];
            let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
            context.fill("format.both_changes", &values)?
        }
        (Some(month), None) => in_words(month),
        (None, Some(year)) => context.fill("format.year_change", &[("year", &in_words(year)), ("year_label", &year_ago.label)])?,
        (None, None) => String::new(),
    };
    let mut changes = Vec::new();
    for (by, moment) in [(month, before), (year, year_ago)] {
        let Some(by) = by else { continue };
        let against = context.fill("format.against", &[("label", &moment.label)])?;
        changes.push(Change { text: in_words(by), against, tone: tone(item.good, Some(rounded(by, places))) });
    }
    if let (Some(target), Some(value)) = (target, number(&cells[0])) {
        let by = scaled(value) - scaled(target);
        let aim = context.request.lang.number(scaled(target), places);
        let against = context.fill("format.against_target", &[("target", &aim)])?;
        changes.push(Change { text: in_words(by), against, tone: tone(item.good, Some(rounded(by, places))) });
    }
    let tone = tone(item.good, month.map(|c| rounded(c, places)));
    let [value, month_before, _] = cells.map(|cell| match cell {
        Cell::Number(n) => Cell::Number(rounded(scaled(n), places)),
        other => other,
    });
    Ok(Kpi { label, value, unit, before: Some((before.label.clone(), month_before)), change, changes, tone, behind: None })
}

fn number(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Number(n) => Some(*n),
        _ => None,
    }
}

fn tone(good: Option<Direction>, change: Option<Decimal>) -> Tone {
    let (Some(good), Some(change)) = (good, change) else { return Tone::Neutral };
    if change.is_zero() {
        return Tone::Neutral;
    }
    if (change > Decimal::ZERO) == (good == Direction::Up) { Tone::Good } else { Tone::Bad }
}
