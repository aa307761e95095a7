//! The command line: arguments, one file a command, and the only place that prints and reads the clock.

mod args;
mod check;
mod close;
mod demo;
mod diff;
mod explain;
mod load;
mod loads;
mod merges;
mod metrics;
mod printer;
mod profile;
mod report;
mod sql;
mod statement;
mod verify;
mod worklist;

use crate::error::{Error, Result};
use crate::pipeline::{Now, Project};
use args::{Arguments, Command};
use chrono::NaiveDate;
use clap::Parser;
use printer::Printer;
use std::process::ExitCode;

/// How a command ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Done.
    Done,
    /// Done, but a control failed or rows were set aside.
    Remarks,
    /// Done: something is not as it was written.
    Differs,
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let mut printer = Printer::new(arguments.quiet);
    match command(&arguments, &mut printer) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Remarks) => ExitCode::from(3),
        Ok(Ending::Differs) => ExitCode::FAILURE,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(if error.is_usage() { 2 } else { 1 })
        }
    }
}

fn command(arguments: &Arguments, printer: &mut Printer) -> Result<Ending> {
    let now = now();
    let project = || Project::open(arguments.project.as_deref());
    match &arguments.command {
        Command::Demo(demo) => demo::run(demo, &now, printer),
        Command::Init(init) => demo::init(init, printer),
        Command::Load(load) => load::run(&project()?, load, &now, printer),
        Command::Loads(loads) => loads::run(&project()?, loads, printer),
        Command::Merges(merges) => merges::run(&project()?, merges, &now, printer),
        Command::Check(check) => check::run(&project()?, check, printer),
        Command::Explain(explain) => explain::run(&project()?, explain, printer),
        Command::Diff(diff) => diff::run(&project()?, diff, printer),
        Command::Metrics(metrics) => metrics::run(metrics, printer),
        Command::Close(close) => close::run(&project()?, close, &now, printer),
        Command::Verify(verify) => verify::run(arguments.project.as_deref(), verify, printer),
        Command::Report(report) => report::run(&project()?, report, printer),
        Command::Worklist(worklist) => worklist::run(&project()?, worklist, printer),
        Command::Statement(statement) => statement::run(&project()?, statement, printer),
        Command::Sql(sql) => sql::run(&project()?, sql, printer),
        Command::Profile(profile) => profile::run(profile, printer),
    }
}

/// The day asked about; without one the newest extract's, as known at a load.
fn day_or_newest(project: &Project, given: Option<NaiveDate>, known_at: Option<i32>) -> Result<NaiveDate> {
    let newest = project.store.records()?.into_iter().rfind(|r| known_at.is_none_or(|k| r.load_id <= k));
    match (given, newest) {
        (Some(day), _) => Ok(day),
        (None, Some(record)) => Ok(record.facts.extract_day),
        (None, None) => Err(Error::data("the history is empty").hint("load extracts first: `cartera load PATH…`")),
    }
}

/// The only reading of the clock.
#[allow(clippy::disallowed_methods, reason = "the door reads the clock once and hands it on")]
fn now() -> Now {
    let instant = chrono::Utc::now();
    Now { today: chrono::Local::now().date_naive(), instant: instant.format("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

/// A broken pipe is a reader that has seen enough, not a failure.
fn printing(e: std::io::Error) -> Error {
    if e.kind() == std::io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    Error::io("cannot print", e)
}
