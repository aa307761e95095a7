//! The command line: arguments, one file a command, and the only place that prints and reads the clock.

mod args;
mod check;
mod demo;
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

use crate::error::{Error, Result};
use crate::pipeline::{Now, Project};
use args::{Arguments, Command};
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
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let mut printer = Printer::new(arguments.quiet);
    match command(&arguments, &mut printer) {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Remarks) => ExitCode::from(3),
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
        Command::Metrics(metrics) => metrics::run(metrics, printer),
        Command::Report(report) => report::run(&project()?, report, printer),
        Command::Statement(statement) => statement::run(&project()?, statement, printer),
        Command::Sql(sql) => sql::run(&project()?, sql, printer),
        Command::Profile(profile) => profile::run(profile, printer),
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
