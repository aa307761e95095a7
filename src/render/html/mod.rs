//! A pack as one HTML file that opens anywhere: fonts, drawings and style inside, nothing fetched, readable without script.
//!
//! Here the template meets its values. What a value looks like is left to [`super::cells`], the layout to
//! `reports/templates/pack.html` and its style, how a drawing is set into the page to `drawing`.

mod blocks;
mod dictionary;
mod drawing;
pub(super) mod style;

pub use dictionary::dictionary;

use crate::error::{Error, Result};
use crate::render::cells::clean;
use crate::render::words;
use crate::report::pack::Pack;
use minijinja::{Environment, UndefinedBehavior, Value, context};

const PAGE: &str = include_str!("../../../reports/templates/pack.html");
const SCRIPT: &str = include_str!("../../../reports/templates/pack.js");

/// The pack as one self-contained HTML file.
pub fn html(pack: &Pack) -> Result<String> {
    let mut page = Environment::new();
    page.set_undefined_behavior(UndefinedBehavior::Strict);
    page.add_template("pack.html", PAGE).map_err(broken)?;
    let values = values(pack)?;
    page.get_template("pack.html").and_then(|template| template.render(values)).map_err(broken)
}

/// The template is ours and its values are ours: a failure here is our bug.
pub(super) fn broken(error: minijinja::Error) -> Error {
    Error::internal("the HTML page could not be made").caused_by(error)
}

fn values(pack: &Pack) -> Result<Value> {
    let own = words::furniture(pack.lang);
    let sections = blocks::sections(pack)?;
    let fixed = &pack.words;
    let facts: Vec<Value> = pack.proof.facts.iter().map(|(label, text)| context! { label => clean(label), text => clean(text) }).collect();
    let sources: Vec<Value> = pack
        .proof
        .sources
        .iter()
        .map(|source| {
            context! {
                load => source.load_id, name => clean(&source.name), sha256 => clean(&source.sha256),
                rows => pack.lang.number(source.rows.into(), 0), rows_plain => source.rows.to_string(),
            }
        })
        .collect();
    let [load, file, digest, rows] = &fixed.source_labels;
    Ok(context! {
        lang => pack.lang.code(),
        title => clean(&pack.title),
        entity => clean(&pack.entity),
        period => clean(&pack.period),
        as_of => pack.lang.day(pack.as_of),
        is_final => pack.state.is_final,
        state => clean(&pack.state.label),
        reasons => pack.state.reasons.iter().map(|reason| clean(reason)).collect::<Vec<_>>(),
        sections,
        facts,
        sources,
        source_labels => context! { load, file, digest, rows },
        proof_line => clean(&pack.proof.line),
        words => context! {
            contents => &fixed.contents, as_of => &fixed.as_of, proof => &fixed.proof, sources => &fixed.sources,
            reasons => &fixed.reasons, passed => &fixed.passed, noted => &fixed.noted, failed => &fixed.failed,
            prepared_by => &fixed.prepared_by, reviewed_by => &fixed.reviewed_by,
        },
        own => context! {
            skip => own.skip, figures => own.figures, no_rows => own.no_rows, behind => own.behind, filter => own.filter,
            filtered => own.filtered,
        },
        style => style::style(pack),
        script => SCRIPT,
    })
}
