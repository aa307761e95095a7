//! `cartera check`: the named controls and what failed.

use super::Ending;
use super::args::{Check, Format};
use super::printer::Printer;
use crate::controls::{Outcome, Severity};
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::Result;
use crate::pipeline::{Figures, Project};

/// Failures shown of a control.
const SHOWN: usize = 20;

/// Runs it; exit code 3 if a control failed.
pub fn run(project: &Project, check: &Check, printer: &mut Printer) -> Result<Ending> {
    let as_of = super::day_or_newest(project, check.as_of, check.known_at)?;
    let figures = Figures::open(project, check.known_at)?;
    printer.say(&format!("controls as of {as_of}, as known at load {}", figures.load_id()));
    let outcomes = figures.controls(as_of)?;
    let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
    let rows = Rows {
        columns: ["control", "result", "failures", "title", "first_failure"].map(column).into(),
        rows: outcomes
            .iter()
            .map(|o| {
                vec![
                    Datum::Text(o.name.clone()),
                    Datum::Text(verdict(o).into()),
                    Datum::Int(o.failures.rows.len() as i64),
                    Datum::Text(o.title_en.clone()),
                    Datum::Text(o.example()),
                ]
            })
            .collect(),
    };
    printer.rows(&rows, check.format)?;
    if check.format == Format::Table {
        for outcome in outcomes.iter().filter(|o| !o.passed()) {
            printer.line(&format!("\n{}: {} — {}", verdict(outcome), outcome.name, outcome.title_en))?;
            printer.rows(&shown(&outcome.failures), Format::Table)?;
            let left = outcome.failures.rows.len().saturating_sub(SHOWN);
            if left > 0 {
                printer.line(&format!("  and {left} more; cartera sql \"select * from {}(…)\" lists them", outcome.name))?;
            }
        }
    }
    Ok(if outcomes.iter().any(Outcome::is_failed) { Ending::Remarks } else { Ending::Done })
}

fn shown(failures: &Rows) -> Rows {
    Rows { columns: failures.columns.clone(), rows: failures.rows.iter().take(SHOWN).cloned().collect() }
}

fn verdict(outcome: &Outcome) -> &'static str {
    match (outcome.passed(), outcome.severity) {
        (true, _) => "passed",
        (false, Severity::Warning) => "review",
        (false, Severity::Error) => "FAILED",
    }
}
