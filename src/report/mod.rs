//! A pack as plain data: spec + answers + request in, [`pack::Pack`] out. No drawing here; no Arrow either.
//!
//! A spec (`reports/*.toml`) says which query each block shows and how; [`Answers`] is whoever can run queries; [`Request`] is
//! what the pipeline knows besides: days, language, load, sources, outcome of the controls. Every word a reader sees is a key of
//! `reports/text/{es,en}.toml`, so a new pack is a new TOML file and its texts, not new code.

mod answers;
mod blocks;
mod context;
mod cut;
pub mod dictionary;
mod figures;
mod message;
pub mod pack;
mod proof;
mod spec;
mod state;
pub mod statement;
mod text;
mod words;

pub use answers::{Answers, QueryColumn, QueryDefinition};
pub use context::{Control, LoadProof, Request};
pub use cut::{Cut, CutGrain, CutWish, file_part};
pub use spec::Spec;

use crate::domain::lang::Lang;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use context::Context;
use pack::{Block, Pack, Section, Words};
use std::borrow::Cow;
use std::collections::BTreeSet;
use text::Text;

/// What the building of the pack will ask: each query with its arguments.
pub fn questions(spec: &Spec, request: &Request, answers: &dyn Answers) -> Vec<(String, Vec<Datum>)> {
    request.questions(&cut_as_asked(spec, request, answers))
}

/// Builds the pack that `spec` describes. Each query runs once per set of arguments.
///
/// # Errors
/// The spec wants a part of the ledger, and the request is of the whole or of another kind of part.
pub fn build(spec: &Spec, request: &Request, answers: &dyn Answers) -> Result<Pack> {
    if let Some(of) = &spec.of
        && request.cut.as_ref().is_none_or(|cut| cut.grain.as_str() != of)
    {
        return Err(Error::usage(format!("the pack `{}` is of one {of}", spec.name)).hint(format!("name it with --{of}")));
    }
    let spec = &*cut_as_asked(spec, request, answers);
    let context = Context::new(request, answers, Text::of(request.lang)?.and(&spec.text)?);
    let state = state::state(spec, &context).map_err(|e| e.context(format!("state of the pack `{}`", spec.name)))?;
    let mut sections = Vec::new();
    for section in &spec.sections {
        let place = |e: Error| e.context(format!("section `{}` of the pack `{}`", section.id, spec.name));
        let mut blocks = Vec::new();
        for block in &section.blocks {
            blocks.extend(blocks::build(block, spec, &context, &state).map_err(place)?);
        }
        let message = message::message(section, spec, &context).map_err(place)?;
        // A section that has nothing to show and nothing to say would be a title over nothing.
        if blocks.is_empty() && message.is_empty() {
            continue;
        }
        sections.push(Section {
            id: section.id.clone(),
            title: context.say(&format!("section.{}", section.id))?,
            message,
            starts_page: section.starts_page,
            blocks,
        });
    }
    blocks::resolve(&mut sections);
    unique_ids(&sections)?;
    let proof = proof::proof(spec, &context, &state)?;
    Ok(Pack {
        name: spec.name.clone(),
        lang: request.lang,
        title: context.say(&format!("pack.{}", spec.name))?,
        entity: context.whose()?,
        as_of: request.as_of,
        period: context.period()?,
        state: state.pack,
        proof,
        sections,
        words: fixed_words(&context.text, request)?,
    })
}

fn cut_as_asked<'a>(spec: &'a Spec, request: &Request, answers: &dyn Answers) -> Cow<'a, Spec> {
    match &request.cut {
        Some(cut) => Cow::Owned(cut::cut_spec(spec, cut, answers)),
        None => Cow::Borrowed(spec),
    }
}

/// Name of a pack in the reader's language, for lists and file headings; `None` if no shipped spec is called so.
pub fn title(pack: &str, lang: Lang) -> Option<String> {
    let spec = Spec::shipped(pack).ok()?;
    Text::of(lang).ok()?.and(&spec.text).ok()?.find(&format!("pack.{pack}")).map(str::to_string)
}

/// Ids become file names and anchors, so two blocks may not share one.
fn unique_ids(sections: &[Section]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for block in sections.iter().flat_map(|s| &s.blocks) {
        let id = match block {
            Block::Table(table) => &table.id,
            Block::Chart(chart) => &chart.id,
            _ => continue,
        };
        if !seen.insert(id) {
            return Err(Error::internal(format!("two blocks of the pack are called `{id}`")));
        }
    }
    Ok(())
}

fn fixed_words(text: &Text, request: &Request) -> Result<Words> {
    let word = |key: &str| text.get(key).map(str::to_string);
    // Under the line to sign: the role, and whose it is where that is known.
    let signed = |key: &str, name: &Option<String>| match name {
        Some(name) => text.get(key).map(|role| format!("{role}: {name}")),
        None => word(key),
    };
    Ok(Words {
        contents: word("word.contents")?,
        page_of: word("word.page_of")?,
        sources: word("word.sources")?,
        proof: word("word.proof")?,
        as_of: word("word.as_of")?,
        undefined: word("word.undefined")?,
        rows_left_out: word("word.rows_left_out")?,
        passed: word("word.passed")?,
        noted: word("word.noted")?,
        failed: word("word.failed")?,
        prepared_by: signed("word.prepared_by", &request.prepared_by)?,
        reviewed_by: signed("word.reviewed_by", &request.reviewed_by)?,
        definition_labels: [word("word.question")?, word("word.formula")?, word("word.grain")?, word("word.formula_source")?],
        reasons: word("word.reasons")?,
        source_labels: [word("word.load")?, word("word.file")?, word("word.sha256")?, word("word.rows")?],
    })
}
