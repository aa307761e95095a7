//! `cartera explain`: a figure with its definition, the SQL that ran and the documents behind it.

use super::Ending;
use super::args::{Explain, Format};
use super::printer::{self, Printer};
use crate::domain::lang::Lang;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use crate::metrics::Entry;
use crate::metrics::explain::{Explanation, Proof, Wish};
use crate::pipeline::{Figures, Project};
use rust_decimal::Decimal;

/// Documents shown of a column unless all are asked for.
const SHOWN: usize = 10;

/// Runs it; exit code 3 if a figure is not the sum of its documents.
pub fn run(project: &Project, explain: &Explain, printer: &mut Printer) -> Result<Ending> {
    let figures = Figures::open(project, explain.known_at)?;
    let grain = explain.grain.iter().map(|g| ("grain".to_string(), g.clone()));
    let company = explain.company.iter().map(|c| ("company_id".to_string(), c.clone()));
    let wish = Wish {
        as_of: explain.as_of,
        from: explain.from,
        given: grain.chain(explain.set.iter().cloned()).collect(),
        only: company.chain(explain.only.iter().cloned()).collect(),
    };
    let mut told = figures.explain(&explain.metric, &wish)?;
    if let Some(column) = &explain.column {
        let known: Vec<String> = told.proofs.iter().map(|p| p.column.clone()).collect();
        told.proofs.retain(|p| p.column == *column);
        if told.proofs.is_empty() {
            let hint = if known.is_empty() { "none of its columns has".to_string() } else { format!("these have: {}", known.join(", ")) };
            return Err(Error::usage(format!("no documents are listed for `{column}` of `{}`", explain.metric)).hint(hint));
        }
    }
    let files = figures.dictionary().with_calls(&explain.metric)?;
    match explain.format {
        Format::Table => people(&files, &told, &wish.only, figures.load_id(), explain.all, printer)?,
        Format::Json => printer.value(&machine(&files, &told, &wish.only, figures.load_id()))?,
        Format::Csv => match &told.proofs[..] {
            [proof] => printer.rows(&proof.documents, Format::Csv)?,
            _ => return Err(Error::usage("csv lists the documents of one column").hint("name it with --column")),
        },
        Format::Parquet => return Err(Error::usage("parquet is for `cartera sql` with --out FILE")),
    }
    Ok(if told.agrees() { Ending::Done } else { Ending::Remarks })
}

fn people(files: &[&Entry], told: &Explanation, only: &[(String, String)], load: i32, all: bool, printer: &mut Printer) -> Result<()> {
    let Some(entry) = files.first() else { return Err(Error::internal("a query without its file")) };
    printer.line(&format!("{} · {}\n", entry.title(Lang::En), entry.title(Lang::Es)))?;
    let arguments: Vec<String> = told.arguments.iter().map(|(name, value)| format!("{name} {value}")).collect();
    for (what, text) in [
        ("question", entry.answers.as_str()),
        ("formula", &entry.formula),
        ("unit", &entry.unit),
        ("source", &entry.source),
        ("parameters", &arguments.join(", ")),
        ("only rows of", &only.iter().map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ")),
        ("known at", &format!("load {load}")),
        ("made of", &files[1..].iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ")),
    ] {
        if !text.is_empty() {
            printer.field(what, text)?;
        }
    }
    printer.line("")?;
    match &told.answer.rows[..] {
        [] => printer.line("no rows: there is none on that day")?,
        [row] => printer.rows(&beneath(&told.answer, row), Format::Table)?,
        _ => printer.rows(&told.answer, Format::Table)?,
    }
    for proof in &told.proofs {
        printer.line(&format!("\n{} — {}", proof.column, verdict(proof)))?;
        if !proof.documents.rows.is_empty() {
            printer.rows(&largest(proof, told.answer.rows.len() == 1, if all { usize::MAX } else { SHOWN }), Format::Table)?;
        }
        let left = proof.documents.rows.len().saturating_sub(SHOWN);
        if left > 0 && !all {
            printer.line(&format!("  and {left} more; --all shows them, --column {} --format csv writes them", proof.column))?;
        }
    }
    if told.proofs.is_empty() {
        printer.line("\nno documents are listed for its columns")?;
    }
    for file in files {
        printer.line(&format!("\n-- {} (SHA-256 {})\n{}", file.path, file.digest, file.sql.trim_end()))?;
    }
    Ok(())
}

/// One row as a list: name and value beneath each other.
fn beneath(answer: &Rows, row: &[Datum]) -> Rows {
    let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
    let pair = |(column, value): (&RowsColumn, &Datum)| vec![Datum::Text(column.name.clone()), value.clone()];
    Rows { columns: vec![column("column"), column("value")], rows: answer.columns.iter().zip(row).map(pair).collect() }
}

fn number(value: Decimal) -> String {
    let value = value.normalize();
    Lang::En.number(value, value.scale().max(2))
}

fn verdict(proof: &Proof) -> String {
    let documents: usize = proof.sums.iter().map(|s| s.documents).sum();
    let wrong: Vec<&_> = proof.sums.iter().filter(|s| !s.agrees()).collect();
    if let Some(first) = wrong.first() {
        let printed = first.printed.map_or_else(|| "nothing".to_string(), number);
        return format!(
            "NOT PROVEN: {} of {} rows; the first prints {printed}, its {} documents add up to {}",
            wrong.len(),
            proof.sums.len(),
            first.documents,
            number(first.added)
        );
    }
    if let Some((count, sum)) = proof.stray {
        return format!("NOT PROVEN: {count} documents, {}, are in no row", number(sum));
    }
    match &proof.sums[..] {
        [one] => format!(
            "{} from {documents} documents, added up again: {}",
            one.printed.map_or_else(|| "nothing".to_string(), number),
            number(one.added)
        ),
        [] => "no rows, so there is nothing to add up".to_string(),
        many => format!("{} rows from {documents} documents, added up again: every row agrees", many.len()),
    }
}

/// The documents with the largest values, without what one row of an answer says already.
fn largest(proof: &Proof, single: bool, shown: usize) -> Rows {
    let documents = &proof.documents;
    let value = documents.position("value").or(documents.position("amount"));
    let size = |row: &Vec<Datum>| value.and_then(|at| row[at].decimal()).unwrap_or_default().abs();
    let mut order: Vec<usize> = (0..documents.rows.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(size(&documents.rows[*i])));
    let hidden = ["scope", "company_id", "member_id", "member_name", "currency"];
    let kept: Vec<usize> =
        (0..documents.columns.len()).filter(|i| !single || !hidden.contains(&documents.columns[*i].name.as_str())).collect();
    Rows {
        columns: kept.iter().map(|i| documents.columns[*i].clone()).collect(),
        rows: order.into_iter().take(shown).map(|r| kept.iter().map(|i| documents.rows[r][*i].clone()).collect()).collect(),
    }
}

fn machine(files: &[&Entry], told: &Explanation, only: &[(String, String)], load: i32) -> serde_json::Value {
    let sums = |proof: &Proof| -> serde_json::Value {
        let sum = |s: &crate::metrics::explain::Sum| {
            serde_json::json!({
                "printed": s.printed.map(|p| p.to_string()), "documents": s.documents, "added": s.added.normalize().to_string(), "agrees": s.agrees(),
            })
        };
        proof.sums.iter().map(sum).collect()
    };
    let entry = files[0];
    serde_json::json!({
        "metric": entry.name, "title_es": entry.title_es, "title_en": entry.title_en, "answers": entry.answers, "formula": entry.formula,
        "unit": entry.unit, "source": entry.source, "load": load,
        "parameters": told.arguments.iter().map(|(n, v)| (n.clone(), v.clone().into())).collect::<serde_json::Map<_, _>>(),
        "only": only.iter().map(|(n, v)| (n.clone(), v.clone().into())).collect::<serde_json::Map<_, _>>(),
        "answer": printer::objects(&told.answer),
        "proofs": told.proofs.iter().map(|proof| serde_json::json!({
            "column": proof.column, "agrees": proof.agrees(), "rows": sums(proof), "documents": printer::objects(&proof.documents),
        })).collect::<Vec<_>>(),
        "files": files.iter().map(|f| serde_json::json!({ "path": f.path, "sha256": f.digest, "sql": f.sql })).collect::<Vec<_>>(),
    })
}
