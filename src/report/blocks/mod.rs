//! The blocks of a section: one file a way of showing an answer.

mod chart;
mod describe;
mod grid;
mod kpis;
mod links;
mod table;
mod totals;
mod trends;

pub(crate) use links::resolve;

use super::context::Context;
use super::pack::Block;
use super::proof::definitions;
use super::spec::{BlockSpec, Spec};
use super::state::State;
use super::words;
use crate::error::Result;

/// The blocks of a spec's block: one, or several where a table is split.
pub(crate) fn build(block: &BlockSpec, spec: &Spec, context: &Context, state: &State) -> Result<Vec<Block>> {
    Ok(match block {
        BlockSpec::Kpis(kpis) => vec![kpis::strip(kpis, spec, context)?],
        BlockSpec::Comparison(kpis) => vec![kpis::comparison(kpis, spec, context)?],
        BlockSpec::Table(table) if is_before_history(&table.from, spec, context)? => {
            let title = context.say(&format!("block.{}", table.id))?;
            let reason = words::reasons("history_missing", &context.text)?;
            vec![Block::Text { paragraphs: vec![format!("{title}: {reason}.")] }]
        }
        // Its table says why.
        BlockSpec::Chart(chart) if is_before_history(&chart.from, spec, context)? => Vec::new(),
        BlockSpec::Table(table) => table::tables(table, spec, context)?.into_iter().map(Block::Table).collect(),
        BlockSpec::Chart(chart) => chart::chart(chart, spec, context)?.into_iter().map(Block::Chart).collect(),
        BlockSpec::Checklist {} => vec![Block::Checklist { title: context.say("block.checks")?, items: state.checks.clone() }],
        BlockSpec::Definitions {} => vec![Block::Definitions { items: definitions(context) }],
        BlockSpec::Text(text) => {
            let paragraphs: Result<Vec<String>> = text.paragraphs.iter().map(|key| context.say(&format!("paragraph.{key}"))).collect();
            vec![Block::Text { paragraphs: paragraphs? }]
        }
    })
}

/// Whether a source asks about days before the history begins.
fn is_before_history(source: &str, spec: &Spec, context: &Context) -> Result<bool> {
    Ok(context.ask_earlier(spec, source)?.is_none())
}
