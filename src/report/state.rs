//! FINAL or DRAFT: a pack may be signed only if every control ran and passed. Reasons worst first.
//!
//! The tie-outs are rows of a query; the other controls are run elsewhere and arrive as outcomes. A control that did not run
//! counts as failed: silence proves nothing.

use super::answers::Answer;
use super::context::{Context, Control};
use super::pack;
use super::spec::Spec;
use super::words;
use crate::engine::rows::Datum;
use crate::error::Result;
use rust_decimal::Decimal;

/// Columns said of a control's first failure.
const SAID: usize = 8;

/// The state, and the checks behind it.
pub(crate) struct State {
    pub pack: pack::State,
    pub checks: Vec<pack::Check>,
    /// The tie-out in a few words, for the foot of each page.
    pub tie_out: String,
}

/// Decides the state; a spec without one is nothing to sign.
pub(crate) fn state(spec: &Spec, context: &Context) -> Result<State> {
    let Some(rests_on) = &spec.state else {
        let pack = pack::State { is_final: true, label: String::new(), reasons: Vec::new() };
        return Ok(State { pack, checks: Vec::new(), tie_out: String::new() });
    };
    let tie_outs = context.ask_whole(spec, &rests_on.tie_out)?;
    let state_column = tie_outs.position("state")?;
    let with_state = |word: &str| tie_outs.rows().filter(|row| row[state_column].text() == Some(word)).count();
    let good = with_state("ties") + with_state("explained");
    let all = tie_outs.rows().len();

    let mut reasons = Vec::new();
    // What does not tie comes before what could not be compared.
    for pass in ["unexplained", "other"] {
        for row in tie_outs.rows() {
            match row[state_column].text().unwrap_or("") {
                "ties" | "explained" => {}
                "unexplained" if pass == "unexplained" => reasons.push(unexplained(&tie_outs, row, context)?),
                "unexplained" => {}
                _ if pass == "other" => {
                    reasons.push(context.fill("reason_draft.no_gl_balance", &[("account", &account(&tie_outs, row)?)])?)
                }
                _ => {}
            }
        }
    }
    if all == 0 {
        reasons.push(context.say("reason_draft.nothing_compared")?);
    }
    let counts = [("good", good.to_string()), ("all", all.to_string())];
    let values: Vec<(&str, &str)> = counts.iter().map(|(name, count)| (*name, count.as_str())).collect();
    let mut checks = vec![pack::Check {
        label: context.say("check.tie_out")?,
        verdict: if all > 0 && good == all { pack::Verdict::Passed } else { pack::Verdict::Failed },
        detail: context.fill("check.tie_out_detail", &values)?,
    }];

    // The tie-out has said its own above, account by account.
    for control in context.request.controls.iter().filter(|c| c.name != rests_on.tie_out) {
        let label = control_label(&control.name, context);
        let verdict = match control.failed == 0 && control.checked > 0 {
            true => pack::Verdict::Passed,
            false if control.is_warning => pack::Verdict::Noted,
            false => pack::Verdict::Failed,
        };
        let detail = control_detail(control, context)?;
        if verdict == pack::Verdict::Failed {
            reasons.push(context.fill("reason_draft.control", &[("control", &label), ("detail", &detail)])?);
        }
        checks.push(pack::Check { label, verdict, detail });
    }
    for name in &rests_on.controls {
        if !context.request.controls.iter().any(|c| c.name == *name) {
            let label = control_label(name, context);
            reasons.push(context.fill("reason_draft.not_run", &[("control", &label)])?);
            checks.push(pack::Check { label, verdict: pack::Verdict::Failed, detail: context.say("check.not_run")? });
        }
    }
    let is_final = reasons.is_empty();
    let label = context.say(if is_final { "word.final" } else { "word.draft" })?;
    Ok(State { pack: pack::State { is_final, label, reasons }, checks, tie_out: context.fill("proof.tie_out", &values)? })
}

fn unexplained(answer: &Answer, row: &[Datum], context: &Context) -> Result<String> {
    let number = |column: &str| -> Result<String> {
        let value = row[answer.position(column)?].decimal().unwrap_or(Decimal::ZERO);
        Ok(context.request.lang.number(value, 2))
    };
    let currency = row[answer.position("currency")?].to_string();
    context.fill(
        "reason_draft.unexplained",
        &[
            ("account", &account(answer, row)?),
            ("amount", &number("unexplained_amount")?),
            ("difference", &number("difference_amount")?),
            ("currency", &currency),
        ],
    )
}

fn account(answer: &Answer, row: &[Datum]) -> Result<String> {
    let parts: Result<Vec<String>> =
        ["company_id", "account", "currency"].iter().map(|c| Ok(row[answer.position(c)?].to_string())).collect();
    Ok(parts?.join(" · "))
}

fn control_label(name: &str, context: &Context) -> String {
    match context.text.find(&format!("check.{name}")) {
        Some(label) => label.to_string(),
        None => context.desk.define(name).map_or_else(|| name.to_string(), |d| d.title(context.request.lang).to_string()),
    }
}

fn control_detail(control: &Control, context: &Context) -> Result<String> {
    let lang = context.request.lang;
    let (checked, failed) = (lang.number(Decimal::from(control.checked), 0), lang.number(Decimal::from(control.failed), 0));
    let example = example(control, context)?;
    let values = [("checked", checked.as_str()), ("failed", failed.as_str()), ("example", example.as_str())];
    if control.checked == 0 {
        context.say("check.nothing_checked")
    } else if control.failed == 0 {
        context.fill("check.all_passed", &values)
    } else if example.is_empty() {
        context.fill("check.some_failed", &values)
    } else {
        context.fill("check.some_failed_as", &values)
    }
}

/// The first failure in the reader's words: the columns that have a head, as many as can be taken in at a glance.
fn example(control: &Control, context: &Context) -> Result<String> {
    let lang = context.request.lang;
    let mut said = Vec::new();
    for (column, datum) in &control.example {
        let Some(head) = context.text.find(&format!("column.{column}")) else { continue };
        let value = match datum {
            Datum::Date(day) => lang.day(*day),
            Datum::Decimal(amount) => lang.number(*amount, amount.scale()),
            Datum::Text(word) => words::word(column, word, &context.text)?.unwrap_or_else(|| word.clone()),
            other => other.to_string(),
        };
        said.push(format!("{head} {value}"));
    }
    said.truncate(SAID);
    Ok(said.join(", "))
}
