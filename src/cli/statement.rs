//! `cartera statement`: customer statements, in files.

use super::Ending;
use super::args::{Statement, StatementStyle};
use super::printer::Printer;
use crate::error::{Error, Result};
use crate::pipeline::{Project, StatementRequest, write_statements};
use crate::report::statement::Request;

/// Runs it.
pub fn run(project: &Project, statement: &Statement, printer: &mut Printer) -> Result<Ending> {
    let from = match (statement.style, statement.from) {
        (StatementStyle::BalanceForward, from) => Some(from.unwrap_or_else(|| Request::usual_from(statement.as_of))),
        (StatementStyle::OpenItem, None) => None,
        (StatementStyle::OpenItem, Some(_)) => {
            return Err(Error::usage("--from is the first day of a period, and open items have none").hint("add --style balance-forward"));
        }
    };
    let request = StatementRequest {
        customers: statement.customers.clone(),
        company: statement.company.clone(),
        as_of: statement.as_of,
        known_at: statement.known_at,
        from,
        lang: statement.lang,
        formats: statement.format.clone(),
        messages: statement.eml,
        out: statement.out.clone().unwrap_or_else(|| project.root.join("statements")),
    };
    let written = write_statements(project, &request, &mut |step, done, of| printer.progress(step, done, of))?;
    let shown = if statement.all { &written.index } else { &written.files };
    for file in shown {
        printer.line(&file.display().to_string())?;
    }
    if statement.all {
        printer.say(&format!(
            "statements: {}; customers with nothing open: {}; without an e-mail address: {}",
            written.count, written.left_out, written.without_email
        ));
    }
    if statement.eml {
        printer.say(&format!("messages in the outbox: {}; none was sent", written.messages));
    }
    if written.stale_messages > 0 {
        printer.say(&format!("older messages in the outbox, not of this run: {}", written.stale_messages));
    }
    Ok(Ending::Done)
}
