//! `cartera profile suggest`: a profile proposed from a file, for a person to check.

use super::Ending;
use super::args::{Profile, ProfileCommand, Suggest};
use super::printer::Printer;
use crate::error::{Error, Result};
use crate::extract::suggest::suggest;

/// Runs it; exit code 3 if the file leaves questions.
pub fn run(profile: &Profile, printer: &mut Printer) -> Result<Ending> {
    let ProfileCommand::Suggest(Suggest { file, table, out }) = &profile.command;
    let found = suggest(file, table.as_deref()).map_err(|e| e.context(file.display().to_string()))?;
    match out {
        None => printer.line(found.toml.trim_end())?,
        Some(path) => {
            let mut new = std::fs::OpenOptions::new();
            let mut file = new.write(true).create_new(true).open(path).map_err(|e| {
                Error::io(format!("cannot write {}", path.display()), e).hint("an existing profile is not overwritten; name a new file")
            })?;
            std::io::Write::write_all(&mut file, found.toml.as_bytes())
                .map_err(|e| Error::io(format!("cannot write {}", path.display()), e))?;
            printer.say(&format!("wrote {}; check it, then: cartera load FILE --profile {} --dry-run", path.display(), path.display()));
        }
    }
    for question in &found.questions {
        printer.say(&format!("question: {question}"));
    }
    Ok(if found.questions.is_empty() { Ending::Done } else { Ending::Remarks })
}
