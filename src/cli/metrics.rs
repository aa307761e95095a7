//! `cartera metrics`: the dictionary of measures.

use super::Ending;
use super::args::{Format, Metrics};
use super::printer::Printer;
use crate::domain::lang::Lang;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use crate::metrics::{Dictionary, Entry, Room};
use crate::pipeline;

/// Runs it; it needs no project.
pub fn run(metrics: &Metrics, printer: &mut Printer) -> Result<Ending> {
    let dictionary = pipeline::dictionary()?;
    if let Some(folder) = &metrics.page {
        for path in pipeline::write_dictionary(&dictionary, &metrics.lang, folder)? {
            printer.line(&path.display().to_string())?;
        }
        return Ok(Ending::Done);
    }
    let lang = metrics.lang.first().copied().unwrap_or(Lang::En);
    match &metrics.metric {
        None => list(&dictionary, lang, metrics.format, printer)?,
        Some(name) => one(dictionary.find(name)?, lang, metrics.format, printer)?,
    }
    Ok(Ending::Done)
}

fn table(columns: &[&str], rows: Vec<Vec<String>>) -> Rows {
    let column = |name: &&str| RowsColumn { name: (*name).into(), type_name: "text".into() };
    Rows {
        columns: columns.iter().map(column).collect(),
        rows: rows.into_iter().map(|r| r.into_iter().map(Datum::Text).collect()).collect(),
    }
}

fn list(dictionary: &Dictionary, lang: Lang, format: Format, printer: &mut Printer) -> Result<()> {
    let room = |room: Room| match room {
        Room::Metric => "measure",
        Room::Check => "control",
        Room::Base => "building block",
    };
    if format != Format::Table {
        let row = |e: &Entry| {
            vec![e.name.clone(), room(e.room).into(), e.title(lang).into(), e.question(lang).into(), e.signature.clone(), e.source.clone()]
        };
        let columns = ["name", "what", "title", "question", "call", "source"];
        return printer.rows(&table(&columns, dictionary.entries().iter().map(row).collect()), format);
    }
    let shown = dictionary.entries().iter().filter(|e| e.room != Room::Base);
    printer.rows(&table(&["name", "title"], shown.map(|e| vec![e.name.clone(), e.title(lang).into()]).collect()), format)?;
    printer.say("`cartera metrics NAME` says what one is; `cartera metrics --page FOLDER` writes all of them as a page");
    Ok(())
}

fn one(entry: &Entry, lang: Lang, format: Format, printer: &mut Printer) -> Result<()> {
    if format == Format::Table {
        printer.line(&format!("{} · {}\n", entry.title(lang), entry.name))?;
        for (label, text) in pipeline::dictionary_facts(entry, lang)? {
            printer.field(&label, &text)?;
        }
        return printer.line(&format!("\n{}", entry.sql.trim_end()));
    }
    if format != Format::Json {
        return Err(Error::usage("one measure is printed as a table or as json"));
    }
    let pairs = |list: &[(String, String)]| list.iter().map(|(n, k)| serde_json::json!({ "name": n, "type": k })).collect::<Vec<_>>();
    printer.value(&serde_json::json!({
        "name": entry.name, "title": entry.title(lang), "question": entry.question(lang), "formula": entry.formula(lang), "grain": entry.grain,
        "call": entry.signature, "unit": entry.unit(lang), "columns": pairs(&entry.columns), "cases": entry.cases, "documents_for": entry.proven,
        "source": entry.source, "path": entry.path, "sha256": entry.digest, "sql": entry.sql,
    }))
}
