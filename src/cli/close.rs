//! `cartera close`: a month closed and sealed, a draft with its reasons, or a closed month opened again.

use super::Ending;
use super::args::Close;
use super::printer::Printer;
use super::report;
use crate::engine::rows::{Datum, Rows};
use crate::error::Result;
use crate::pipeline::{self, CloseRequest, Now, Project};

/// Runs it; exit code 3 if the pack is a draft.
pub fn run(project: &Project, close: &Close, now: &Now, printer: &mut Printer) -> Result<Ending> {
    let period = pipeline::period(close.period);
    if let Some(reason) = close.reason.as_ref().filter(|_| close.reopen) {
        let opened = pipeline::reopen(project, close.period, reason, now)?;
        printer.line(&format!("{period} is open again: record {}, {reason}", opened.record.number))?;
        printer.say(&format!("close it anew with: cartera close {period}"));
        return Ok(Ending::Done);
    }
    let request = CloseRequest {
        as_of: close.period,
        langs: if close.lang.is_empty() { vec![project.config.lang] } else { close.lang.clone() },
        formats: close.format.clone(),
        prepared_by: close.prepared_by.clone(),
        reviewed_by: close.reviewed_by.clone(),
    };
    if project.store.is_busy()? {
        printer.say(pipeline::WAITING);
    }
    let closed = pipeline::close(project, &request, now, &mut |step, done, of| printer.progress(step, done, of))?;
    let ending = report::print(&closed.files, &closed.packs, printer)?;
    mention(project, printer)?;
    match &closed.seal {
        Some(seal) => {
            let (number, facts) = (seal.record.number, &seal.record.facts);
            let folder = project.root.join("closes").join(&period).join(number.to_string());
            printer.say(&format!(
                "{period} is closed: seal {number}, from load {}, {} files; check it with: cartera verify {} --rebuild",
                facts.load_id,
                facts.outputs.len(),
                folder.display()
            ));
            Ok(Ending::Done)
        }
        None => {
            printer.say(&format!("{period} is not closed: a draft seals nothing"));
            Ok(ending)
        }
    }
}

/// Says what loads posted into months after they were closed.
pub fn mention(project: &Project, printer: &mut Printer) -> Result<()> {
    let rows = pipeline::postings_after_close(project)?;
    let texts = |row: &Vec<Datum>| ["period", "load_id", "company_id", "postings", "amount", "currency"].map(|c| text(&rows, row, c));
    let told: Vec<[String; 6]> = rows.rows.iter().map(texts).collect();
    for [period, load, company, postings, amount, currency] in &told {
        let word = if postings == "1" { "posting" } else { "postings" };
        printer.say(&format!("load {load} posted into {period} after it was closed: {company}, {postings} {word}, {amount} {currency}"));
    }
    if let Some(last) = rows.rows.last() {
        let day = text(&rows, last, "period_end");
        printer.say(&format!("documents: cartera sql \"select * from postings_after_close('{day}')\""));
    }
    Ok(())
}

fn text(rows: &Rows, row: &[Datum], column: &str) -> String {
    rows.position(column).map_or_else(String::new, |at| row[at].to_string())
}
