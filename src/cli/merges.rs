//! `cartera merges`: customers that are one and the same, and those that may be.

use super::Ending;
use super::args::{Format, Merges};
use super::printer::Printer;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::Result;
use crate::pipeline::{self, Figures, MergeState, Now, Project};

/// Runs it.
pub fn run(project: &Project, merges: &Merges, now: &Now, printer: &mut Printer) -> Result<Ending> {
    if merges.record {
        let outcome = pipeline::record_merges(project, now)?;
        printer.say(&match outcome.load_id {
            Some(load) => format!("load {load}: merges recorded or taken back: {}", outcome.merges),
            None => "the declared merges are recorded already; nothing written".to_string(),
        });
        let findings: Vec<String> = outcome.finding_counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
        if !findings.is_empty() {
            printer.say(&format!("findings, by code: {}", findings.join(", ")));
        }
    }
    let declared = pipeline::merges(project)?;
    let state = |state: &MergeState| match state {
        MergeState::Counts(load) => format!("counts since load {load}"),
        MergeState::Declared => "declared; counts from the next load".to_string(),
        MergeState::TakenBack(load) => format!("counts since load {load}; taken back by the next load"),
    };
    let text = |text: &str| Datum::Text(text.to_string());
    let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
    let rows = Rows {
        columns: ["company_id", "customer_id", "into_customer_id", "state", "reason"].map(column).into(),
        rows: declared
            .iter()
            .map(|(m, s)| {
                vec![text(&m.company_id), text(&m.customer_id), text(&m.into_customer_id), Datum::Text(state(s)), text(&m.reason)]
            })
            .collect(),
    };
    if rows.rows.is_empty() {
        printer.say("no customers are merged; [[merge]] in cartera.toml merges them");
    }
    if !rows.rows.is_empty() || merges.format != Format::Table {
        printer.rows(&rows, merges.format)?;
    }
    if declared.iter().any(|(_, s)| !matches!(s, MergeState::Counts(_))) {
        printer.say("`cartera merges --record` records what cartera.toml declares now, without waiting for the next load");
    }
    let Some(newest) = project.store.records()?.pop() else { return Ok(Ending::Done) };
    if merges.format == Format::Table {
        let figures = Figures::open(project, None)?;
        let day = newest.facts.extract_day;
        let candidates =
            figures.sql(&format!("select * from merge_candidates('{day}') order by company_id, evidence, shared, customer_id"))?;
        if !candidates.rows.is_empty() {
            printer.line(&format!("\ncustomers that may be one, as of {day}:"))?;
            printer.rows(&candidates, Format::Table)?;
        }
    }
    Ok(Ending::Done)
}
