//! What the figures rest on, for the cover and the foot of each page.

use super::context::Context;
use super::pack::{Definition, Proof};
use super::spec::Spec;
use super::state::State;
use crate::domain::lang::Lang;
use crate::error::Result;
use rust_decimal::Decimal;

/// Digits of a digest that are printed.
const SHOWN: usize = 12;

/// The proof.
pub(crate) fn proof(spec: &Spec, context: &Context, state: &State) -> Result<Proof> {
    let (request, load) = (context.request, &context.request.load);
    let lang = request.lang;
    let count = lang.number(Decimal::from(load.movement_count), 0);
    let load_id = load.load_id.to_string();
    let digest = short(&load.movements_digest);
    let line = match &state.tie_out {
        Some(tie_out) => context.fill(
            "proof.line",
            &[("load", &load_id), ("movements", &count), ("digest", digest), ("tie_out", tie_out), ("state", &state.pack.label)],
        ),
        None => context.fill("proof.line_unsigned", &[("load", &load_id), ("movements", &count), ("digest", digest)]),
    }?;
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| -> Result<()> {
        facts.push((context.say(key)?, value));
        Ok(())
    };
    fact("proof.as_of", lang.day(request.as_of))?;
    for (column, value) in &request.kept {
        let key = if column == "company_id" { "proof.kept_company" } else { "proof.kept_collector" };
        fact(key, value.clone())?;
    }
    if state.tie_out.is_some() {
        fact("proof.state", state.pack.label.clone())?;
    }
    fact("proof.load", context.fill("proof.load_value", &[("load", &load_id), ("loaded_at", &instant(lang, &load.loaded_at))])?)?;
    fact("proof.movements", context.fill("proof.movements_value", &[("movements", &count), ("digest", digest)])?)?;
    fact("proof.group_currency", request.group_currency.clone())?;
    if let Some(opening) = request.opening_load {
        fact("proof.opening_load", opening.to_string())?;
    }
    let rates = context.ask(spec, &spec.proof.rates)?;
    let columns = ["currency", "to_currency", "rate", "rate_date"].map(|name| rates.position(name));
    let [from, to, rate, day] = columns;
    let (from, to, rate, day) = (from?, to?, rate?, day?);
    for row in rates.rows() {
        let is_shown = row[to].text() == Some(request.group_currency.as_str()) && row[from] != row[to];
        if let (true, Some(value)) = (is_shown, row[rate].decimal()) {
            let pair = context.fill("proof.rate", &[("pair", &format!("{}/{}", row[from], row[to]))])?;
            facts.push((pair, format!("{} ({})", rate_in_words(lang, value), row[day].date().map_or_else(String::new, |d| lang.day(d)))));
        }
    }
    if let Some(tie_out) = &state.tie_out {
        facts.push((context.say("proof.tie_out_label")?, tie_out.clone()));
    }
    facts.push((context.say("proof.program")?, format!("cartera {}", load.program_version)));
    facts.extend(request.facts.iter().cloned());
    Ok(Proof { line, facts, sources: request.sources.clone() })
}

/// `2026-11-02T09:15:40Z` → "2 nov 2026, 09:15 UTC"; what is no such instant stays as it is.
fn instant(lang: Lang, text: &str) -> String {
    let known = chrono::DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    known.map_or_else(|_| text.to_string(), |at| format!("{}, {} UTC", lang.day(at.date_naive()), at.format("%H:%M")))
}

fn short(digest: &str) -> &str {
    digest.get(..SHOWN).unwrap_or(digest)
}

/// At least four decimals, at most the six that a rate is printed with.
fn rate_in_words(lang: Lang, rate: Decimal) -> String {
    lang.number(rate, rate.normalize().scale().clamp(4, 6))
}

/// Definitions of every query that the pack asked, for the last pages.
pub(crate) fn definitions(context: &Context) -> Vec<Definition> {
    let asked = context.desk.asked();
    // Helper queries have no title; they are not figures that a reader asks about.
    let headers = asked.iter().filter_map(|query| context.desk.define(query)).filter(|header| !header.title_en.is_empty());
    headers
        .map(|header| Definition {
            title: header.title(context.request.lang).to_string(),
            sql_digest: short(&header.digest).to_string(),
            answers: if context.request.lang == Lang::Es { header.answers_es } else { header.answers_en },
            formula: if context.request.lang == Lang::Es { header.formula_es } else { header.formula_en },
            grain: context.text.find(&format!("grain.{}", header.name)).map_or(header.grain, str::to_string),
            source: header.source,
            name: header.name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_days_and_hours() {
        assert_eq!(instant(Lang::Es, "2026-11-02T23:15:40-06:00"), "3 nov 2026, 05:15 UTC");
        assert_eq!(instant(Lang::En, "yesterday"), "yesterday");
    }
}
