//! `cartera report`: a pack, in files.

use super::Ending;
use super::args::Report;
use super::printer::Printer;
use crate::error::Result;
use crate::pipeline::{PackRequest, Project, write_pack};
use crate::report::pack::Pack;
use std::path::PathBuf;

/// Runs it; exit code 3 if the pack is a draft.
pub fn run(project: &Project, report: &Report, printer: &mut Printer) -> Result<Ending> {
    let request = PackRequest {
        pack: report.pack.clone(),
        as_of: report.as_of,
        known_at: report.known_at,
        langs: if report.lang.is_empty() { vec![project.config.lang] } else { report.lang.clone() },
        formats: report.format.clone(),
        kept: Vec::new(),
        out: report.out.clone().unwrap_or_else(|| project.root.join("packs")),
    };
    let (files, packs) = write_pack(project, &request, &mut |step, done, of| printer.progress(step, done, of))?;
    print(&files, &packs, printer)
}

/// Prints the files, and why a pack is a draft.
pub fn print(files: &[PathBuf], packs: &[Pack], printer: &mut Printer) -> Result<Ending> {
    // The files to open, one a line; tables and charts by their folder.
    let mut folders: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for file in files {
        let folder = file.parent().unwrap_or(file);
        if folder.ends_with("tables") || folder.ends_with("charts") {
            *folders.entry(folder.display().to_string()).or_default() += 1;
        } else {
            printer.line(&file.display().to_string())?;
        }
    }
    for (folder, count) in folders {
        printer.line(&format!("{folder}  ({count} files)"))?;
    }
    let Some(draft) = packs.iter().find(|p| !p.state.is_final) else { return Ok(Ending::Done) };
    printer.say(&format!("{}: {}", draft.title, draft.state.label));
    draft.state.reasons.iter().for_each(|r| printer.say(&format!("  {r}")));
    Ok(Ending::Remarks)
}
