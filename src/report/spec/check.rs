//! What a spec must keep beyond its grammar: sources exist and are used, totals and cuts make sense.
//!
//! Whether the columns named exist is the queries' word, seen when a pack is built and tested for the shipped specs.

use super::{Argument, BlockSpec, Spec, TableSpec};
use crate::error::{Error, Result};
use std::collections::BTreeSet;

/// The first thing that is wrong.
pub(super) fn check(spec: &Spec) -> Result<()> {
    let mut used: BTreeSet<&str> = spec.state.iter().map(|s| s.tie_out.as_str()).chain([spec.proof.rates.as_str()]).collect();
    for section in &spec.sections {
        used.extend(section.clauses.iter().flat_map(|c| c.figures.values()).map(|f| f.from.as_str()));
        for clause in &section.clauses {
            let named = clause.compare.iter().flatten().chain(&clause.count).chain(&clause.unless_zero);
            if let Some(unknown) = named.into_iter().find(|name| !clause.figures.contains_key(*name)) {
                return Err(Error::usage(format!("clause `{}` has no figure `{unknown}`", clause.name)));
            }
        }
        for block in &section.blocks {
            match block {
                BlockSpec::Kpis(k) | BlockSpec::Comparison(k) => used.extend([k.from.as_str(), &k.before, &k.year_ago]),
                BlockSpec::Table(t) => {
                    used.insert(&t.from);
                    table(t)?;
                }
                BlockSpec::Chart(c) => {
                    used.insert(&c.from);
                    if c.series.is_some() != c.values.is_empty() {
                        return Err(Error::usage(format!("chart `{}` needs either `series` or `values`", c.id)));
                    }
                }
                BlockSpec::Checklist {} | BlockSpec::Definitions {} | BlockSpec::Text(_) => {}
            }
        }
    }
    for name in &used {
        spec.source(name)?;
    }
    match spec.from.iter().find(|(name, _)| !used.contains(name.as_str())) {
        Some((name, _)) => Err(Error::usage(format!("nothing uses the source `{name}`")).hint("remove it from the pack's spec")),
        None => match spec.from.values().find(|f| f.arguments.iter().rev().skip(1).any(|a| *a == Argument::OpeningLoad)) {
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
    Ok(())
}
