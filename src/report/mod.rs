//! A pack as plain data: spec + answers + request in, [`pack::Pack`] out. No drawing here; no Arrow either.
//!
//! A spec (`reports/*.toml`) says which query each block shows and how; [`Answers`] is whoever can run queries; [`Request`] is
//! what the pipeline knows besides: days, language, load, sources, outcome of the controls. Every word a reader sees is a key of
//! `reports/text/{es,en}.toml`, so a new pack is a new TOML file and its texts, not new code.

mod answers;
mod blocks;
mod context;
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
pub use spec::Spec;

use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use context::Context;
use pack::{Block, Pack, Section, Words};
use std::collections::BTreeSet;
use text::Text;

/// Builds the pack that `spec` describes. Each query runs once per set of arguments.
pub fn build(spec: &Spec, request: &Request, answers: &dyn Answers) -> Result<Pack> {
    let context = Context::new(request, answers, Text::of(request.lang)?);
    let state = state::state(spec, &context).map_err(|e| e.context(format!("state of the pack `{}`", spec.name)))?;
    let mut sections = Vec::new();
    for section in &spec.sections {
        let place = |e: Error| e.context(format!("section `{}` of the pack `{}`", section.id, spec.name));
        let mut blocks = Vec::new();
        for block in &section.blocks {
            blocks.extend(blocks::build(block, spec, &context, &state).map_err(place)?);
        }
        sections.push(Section {
            id: section.id.clone(),
            title: context.say(&format!("section.{}", section.id))?,
            message: message::message(section, spec, &context).map_err(place)?,
            starts_page: section.starts_page,
            blocks,
        });
    }
    unique_ids(&sections)?;
    let proof = proof::proof(spec, &context, &state)?;
    Ok(Pack {
        name: spec.name.clone(),
        lang: request.lang,
        title: context.say(&format!("pack.{}", spec.name))?,
        entity: request.entity.clone(),
        as_of: request.as_of,
        period: context.period()?,
        state: state.pack,
        proof,
        sections,
        words: fixed_words(&context.text)?,
    })
}

/// Name of a pack in the reader's language, for lists and file headings; `None` if no shipped spec is called so.
pub fn title(pack: &str, lang: Lang) -> Option<String> {
    Text::of(lang).ok()?.find(&format!("pack.{pack}")).map(str::to_string)
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

fn fixed_words(text: &Text) -> Result<Words> {
    let word = |key: &str| text.get(key).map(str::to_string);
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
        prepared_by: word("word.prepared_by")?,
        reviewed_by: word("word.reviewed_by")?,
        definition_labels: [word("word.question")?, word("word.formula")?, word("word.grain")?, word("word.formula_source")?],
        reasons: word("word.reasons")?,
        source_labels: [word("word.load")?, word("word.file")?, word("word.sha256")?, word("word.rows")?],
    })
}
