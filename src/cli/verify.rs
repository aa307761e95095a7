//! `cartera verify`: whether anything is not as it was written.

use super::Ending;
use super::args::Verify;
use super::printer::Printer;
use crate::error::Result;
use crate::pipeline::{Verified, verify_pack, verify_project};
use std::path::Path;

/// Runs it; exit code 1 if something differs.
pub fn run(project: Option<&Path>, verify: &Verify, printer: &mut Printer) -> Result<Ending> {
    let mut progress = |step: &str, done, of| printer.progress(step, done, of);
    let verified = match &verify.pack {
        Some(folder) => verify_pack(project, folder, verify.rebuild, &mut progress)?,
        None => verify_project(project, verify.rebuild, &mut progress)?,
    };
    for problem in &verified.problems {
        printer.line(&problem.to_string())?;
    }
    printer.say(&summary(&verified));
    Ok(if verified.problems.is_empty() { Ending::Done } else { Ending::Differs })
}

fn summary(verified: &Verified) -> String {
    let mut looked = Vec::new();
    let mut count = |n: usize, one: &str, many: &str| {
        if n > 0 {
            looked.push(format!("{n} {}", if n == 1 { one } else { many }));
        }
    };
    count(verified.loads, "load", "loads");
    count(verified.folders, "closed folder", "closed folders");
    count(verified.rebuilt, "pack rendered again", "packs rendered again");
    let against = if verified.with_history { "" } else { ", against its own manifest only: it stands in no project" };
    let looked = if looked.is_empty() { "an empty history".to_string() } else { looked.join(", ") };
    match verified.problems.len() {
        0 => format!("{looked}: all as written{against}"),
        1 => format!("{looked}: 1 difference{against}"),
        n => format!("{looked}: {n} differences{against}"),
    }
}
