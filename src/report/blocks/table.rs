//! Tables: an answer's rows as the query orders them, selected, pivoted, split, cut, with totals.

use super::grid::{Line, lay_out, slug};
use super::totals;
use super::trends::Trend;
use crate::engine::rows::Datum;
use crate::error::Result;
use crate::report::answers::Answer;
use crate::report::context::Context;
use crate::report::pack::{ColumnKind as Kind, Heat, HeatBy, Table};
use crate::report::spec::{HeatWithin, Spec, TableSpec, WordsSpec};
use crate::report::words;
use std::collections::BTreeSet;

/// The tables of a block: one, or one for each combination of the words it is split by.
pub(super) fn tables(spec: &TableSpec, pack: &Spec, context: &Context) -> Result<Vec<Table>> {
    let mut answer = context.ask(pack, &spec.from)?;
    if let Some(lead) = &spec.lead {
        let position = answer.position(&lead.column)?;
        answer.sort_by_rank(|row| rank(lead, &row[position]));
    }
    if let Some(except) = &spec.drop_zero {
        drop_zero(&mut answer, except)?;
    }
    if spec.omit_empty && answer.rows().len() == 0 {
        return Ok(Vec::new());
    }
    let trends: Result<Vec<Trend>> = spec.trends.iter().map(|trend| Trend::of(trend, &answer, pack, context)).collect();
    let trends = trends?;
    let grid = lay_out(spec, &answer, &trends, context)?;
    let pivoted = grid.pivoted.end - usize::from(spec.pivot.as_ref().is_some_and(|p| p.total) && !grid.pivoted.is_empty());
    let by = spec.heat.map(|within| match within {
        HeatWithin::Table => HeatBy::Table,
        HeatWithin::Row => HeatBy::Row,
        HeatWithin::Column => HeatBy::Column,
    });
    let heat = by.map(|by| Heat { from: grid.pivoted.start, to: pivoted, by });
    let points: Vec<(String, Vec<String>)> = trends.into_iter().map(|trend| (trend.column, trend.points)).collect();
    let title = context.say(&format!("block.{}", spec.id))?;
    let mut ids = BTreeSet::new();
    let mut tables = Vec::new();
    for (group, lines) in pieces(&spec.split, grid.lines.clone()) {
        let (rows, rest) = totals::rows(spec, &grid, &lines, context)?;
        // That there are no rows is said by every format itself; a remark on rows would be on none.
        let note = if spec.note && !lines.is_empty() { context.say(&format!("note.{}", spec.id))? } else { String::new() };
        let id = free_id(spec, &group, &mut ids);
        let title = titled(&title, &spec.split, &group, context)?;
        tables.push(Table {
            id,
            title,
            columns: grid.columns.clone(),
            rows,
            note,
            rows_left_out: rest.len(),
            rest,
            heat: heat.clone(),
            points: points.clone(),
            behind: spec.rows.clone(),
        });
    }
    Ok(tables)
}

fn rank(lead: &WordsSpec, datum: &Datum) -> usize {
    let word = datum.to_string();
    lead.words.iter().position(|w| *w == word).unwrap_or(lead.words.len())
}

/// Leaves out rows without money, days or shares, except those with one of the words.
pub(super) fn drop_zero(answer: &mut Answer, except: &WordsSpec) -> Result<()> {
    let position = answer.position(&except.column)?;
    let is_figure = |i: &usize| matches!(answer.kind(*i), Kind::Money | Kind::Days | Kind::Percent);
    let figures: Vec<usize> = (0..answer.width()).filter(is_figure).collect();
    answer.keep(|row| {
        let is_zero = |i: &usize| row[*i].decimal().is_none_or(|amount| amount.is_zero());
        except.words.iter().any(|w| *w == row[position].to_string()) || !figures.iter().all(is_zero)
    });
    Ok(())
}

/// Lines apart by the words of some columns, in order of first appearance; all in one piece if there are none.
fn pieces(split: &[String], lines: Vec<Line>) -> Vec<(Vec<String>, Vec<Line>)> {
    if split.is_empty() || lines.is_empty() {
        return vec![(Vec::new(), lines)];
    }
    let mut pieces: Vec<(Vec<String>, Vec<Line>)> = Vec::new();
    for line in lines {
        let group = line.group(split);
        match pieces.iter_mut().find(|(known, _)| *known == group) {
            Some((_, piece)) => piece.push(line),
            None => pieces.push((group, vec![line])),
        }
    }
    pieces
}

fn titled(title: &str, split: &[String], group: &[String], context: &Context) -> Result<String> {
    let mut parts = vec![title.to_string()];
    for (column, word) in split.iter().zip(group) {
        parts.push(words::word(column, word, &context.text)?.unwrap_or_else(|| word.clone()));
    }
    Ok(parts.join(" · "))
}

/// An id for a piece; companies `A-1` and `A_1` must not share a file.
fn free_id(spec: &TableSpec, group: &[String], taken: &mut BTreeSet<String>) -> String {
    let base = group.iter().fold(spec.id.clone(), |id, word| format!("{id}_{}", slug(word)));
    let mut id = base.clone();
    let mut n = 2;
    while !taken.insert(id.clone()) {
        id = format!("{base}_{n}");
        n += 1;
    }
    id
}
