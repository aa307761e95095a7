//! What a spec must keep beyond its grammar: sources exist and are used, totals, cuts, charts and links make sense.
//!
//! Whether the columns named exist is the queries' word, seen when a pack is built and tested for the shipped specs.

use super::{Argument, BlockSpec, ChartForm, ChartSpec, Named, Role, Spec, TableSpec};
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// Bands of a bullet at most: more shades of grey cannot be told apart.
const MOST_BANDS: usize = 3;

/// The first thing that is wrong.
pub(super) fn check(spec: &Spec) -> Result<()> {
    let mut used: BTreeSet<&str> =
        spec.state.iter().map(|s| s.tie_out.as_str()).chain(spec.proof.iter().map(|p| p.rates.as_str())).collect();
    for section in &spec.sections {
        used.extend(section.clauses.iter().flat_map(|c| c.figures.values()).map(|f| f.from.as_str()));
        for clause in &section.clauses {
            let named = clause.compare.iter().flatten().chain(&clause.count).chain(&clause.unless_zero);
            if let Some(unknown) = named.into_iter().find(|name| !clause.figures.contains_key(*name)) {
                return Err(Error::usage(format!("clause `{}` has no figure `{unknown}`", clause.name)));
            }
        }
        for block in &section.blocks {
            used.extend(block.sources());
            match block {
                BlockSpec::Table(t) => table(t)?,
                BlockSpec::Chart(c) => chart(c)?,
                _ => {}
            }
        }
    }
    for name in &used {
        spec.source(name)?;
    }
    links(spec)?;
    match spec.from.iter().find(|(name, _)| !used.contains(name.as_str())) {
        Some((name, _)) => Err(Error::usage(format!("nothing uses the source `{name}`")).hint("remove it from the pack's spec")),
        None => match spec.from.values().find(|f| f.arguments.iter().rev().skip(1).any(|a| *a == Argument::Named(Named::OpeningLoad))) {
            Some(from) => Err(Error::usage(format!("`opening_load` is not the last argument of `{}`", from.query))),
            None => Ok(()),
        },
    }
}

fn table(spec: &TableSpec) -> Result<()> {
    let fault = |what: &str| Err(Error::usage(format!("table `{}`: {what}", spec.id)));
    if spec.limit.is_some() && spec.subtotal.is_some() {
        return fault("a limit and subtotals do not go together: a cut group has no subtotal");
    }
    if spec.pivot.is_none() && spec.total.iter().chain(&spec.subtotal).any(|s| s.columns.is_empty()) {
        return fault("a total names the columns that it adds");
    }
    let by = spec.total.iter().chain(&spec.subtotal).flat_map(|s| &s.by);
    if spec.pivot.is_some() && by.chain(&spec.split).any(|name| !spec.columns.contains(name)) {
        return fault("totals of a pivot are by one of its columns");
    }
    if spec.heat.is_some() && spec.pivot.is_none() {
        return fault("`heat` shades the cells of a pivot, and there is none");
    }
    if spec.labels.keys().any(|name| !spec.columns.contains(name)) {
        return fault("`labels` head columns that the table shows");
    }
    if spec.trends.iter().any(|trend| trend.key.is_empty() || !spec.columns.contains(&trend.column)) {
        return fault("a trend has a key and is named among the columns");
    }
    Ok(())
}

fn chart(spec: &ChartSpec) -> Result<()> {
    let fault = |what: &str| Err(Error::usage(format!("chart `{}`: {what}", spec.id)));
    if spec.series.is_some() != spec.values.is_empty() {
        return fault("it needs either `series` or `values`");
    }
    let of = |role: Role| spec.values.iter().filter(|v| v.role == role).count();
    let (main, context, reference) = (of(Role::Main), of(Role::Context), of(Role::Reference));
    match spec.kind {
        ChartForm::Waterfall if (main, context + reference) != (1, 0) => fault("a waterfall shows one value"),
        ChartForm::Bars if main != 1 || context > 0 || reference > 1 => fault("bars show one main value and at most one reference"),
        ChartForm::Bullet if (main, context, reference) != (1, 0, 1) => fault("a bullet shows one main value against one reference"),
        ChartForm::SmallMultiples if spec.series.is_none() => fault("small multiples are one panel for each word of `series`"),
        ChartForm::Grouped if spec.series.is_none() && main + context == 0 => fault("there is no column beside the reference"),
        _ if !spec.bands.is_empty() && spec.kind != ChartForm::Bullet => fault("`bands` belong to a bullet"),
        _ if spec.bands.len() > MOST_BANDS || !spec.bands.is_sorted_by(|a, b| a < b) || spec.bands.first() == Some(&0) => {
            fault("`bands` are at most three, rising from above zero")
        }
        _ if spec.panels.is_some() && spec.kind != ChartForm::SmallMultiples => fault("`panels` belong to small multiples"),
        _ if spec.reference.is_some() && spec.series.is_none() => {
            fault("`reference` goes with `series`; a value has `role = \"reference\"`")
        }
        _ => Ok(()),
    }
}

/// Links lead to tables of the same pack.
fn links(spec: &Spec) -> Result<()> {
    let blocks = || spec.sections.iter().flat_map(|section| &section.blocks);
    let tables: BTreeSet<&str> = blocks()
        .filter_map(|block| match block {
            BlockSpec::Table(t) => Some(t.id.as_str()),
            BlockSpec::Comparison(k) => Some(k.id.as_str()),
            _ => None,
        })
        .collect();
    for block in blocks() {
        let (id, links): (&str, Vec<&String>) = match block {
            BlockSpec::Kpis(k) | BlockSpec::Comparison(k) => {
                (&k.id, k.rows.iter().chain(k.items.iter().filter_map(|i| i.rows.as_ref())).collect())
            }
            BlockSpec::Table(t) => (&t.id, t.rows.iter().collect()),
            BlockSpec::Chart(c) => (&c.id, c.rows.iter().collect()),
            BlockSpec::Checklist {} | BlockSpec::Definitions {} | BlockSpec::Text(_) => continue,
        };
        if let Some(unknown) = links.into_iter().find(|link| !tables.contains(link.as_str()) || *link == id) {
            return Err(Error::usage(format!("block `{id}` links to `{unknown}`, which is no other table of the pack")));
        }
    }
    Ok(())
}
