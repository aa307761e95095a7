//! A section's message: one sentence out of clauses, each a text with figures of the answers.
//!
//! Whether something rose, fell or stayed is judged on the figures as printed. A clause whose figure is undefined is left out, or
//! says so with the reason where the spec wants that.

use super::answers::{Answer, Unit};
use super::context::Context;
use super::figures::{counted, in_words};
use super::pack::ColumnKind as Kind;
use super::spec::{ClauseSpec, FigureSpec, Fold, SectionSpec, Spec};
use super::words;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A figure: said, as the number that is said and as it is, or undefined with its reason.
enum Figure {
    Said { words: String, number: Decimal, exact: Decimal },
    Undefined(String),
}

/// The message of a section; empty if nothing can be said.
pub(crate) fn message(section: &SectionSpec, spec: &Spec, context: &Context) -> Result<String> {
    let mut clauses = Vec::new();
    for clause in &section.clauses {
        let said = say(clause, &section.id, spec, context).map_err(|e| e.context(format!("clause `{}`", clause.name)))?;
        clauses.extend(said);
    }
    if clauses.is_empty() {
        return Ok(String::new());
    }
    let sentence = clauses.join("; ");
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    Ok(format!("{first}{}.", letters.as_str()))
}

fn say(clause: &ClauseSpec, section: &str, spec: &Spec, context: &Context) -> Result<Option<String>> {
    let mut said: BTreeMap<&str, (String, Decimal)> = BTreeMap::new();
    let key = format!("message.{section}.{}", clause.name);
    for (name, figure) in &clause.figures {
        match find(figure, spec, context)? {
            Figure::Said { words, number, .. } => {
                said.insert(name, (words, number));
            }
            // Nothing to compare with: the figure stands alone.
            Figure::Undefined(_) if clause.compare.as_ref().is_some_and(|[_, before]| before == name) => {}
            Figure::Undefined(reason) if clause.say_undefined => {
                return context.fill(&format!("{key}.undefined"), &[("reason", &reason)]).map(Some);
            }
            Figure::Undefined(_) => return Ok(None),
        }
    }
    let number = |name: &str| said.get(name).map(|(_, number)| *number).ok_or_else(|| Error::internal(format!("no figure `{name}`")));
    if let Some(name) = &clause.unless_zero
        && number(name)?.is_zero()
    {
        return Ok(None);
    }
    let key = match (&clause.compare, &clause.count) {
        (Some([_, before]), _) if !said.contains_key(before.as_str()) => format!("{key}.alone"),
        (Some([now, before]), _) => match number(now)?.cmp(&number(before)?) {
            Ordering::Greater => format!("{key}.up"),
            Ordering::Less => format!("{key}.down"),
            Ordering::Equal => format!("{key}.same"),
        },
        (None, Some(count)) => format!("{key}.{}", if number(count)?.is_zero() { "zero" } else { "some" }),
        (None, None) => key,
    };
    let values: Vec<(&str, &str)> = said.iter().map(|(name, (words, _))| (*name, words.as_str())).collect();
    context.fill(&key, &values).map(Some)
}

/// A figure as a number; `None` if it is undefined.
pub(crate) fn number(figure: &FigureSpec, spec: &Spec, context: &Context) -> Result<Option<Decimal>> {
    match find(figure, spec, context)? {
        Figure::Said { exact, .. } => Ok(Some(exact)),
        Figure::Undefined(_) => Ok(None),
    }
}

fn find(figure: &FigureSpec, spec: &Spec, context: &Context) -> Result<Figure> {
    // Figures of earlier days may lie before the history; then the clause cannot be said.
    let Some(answer) = context.ask_earlier(spec, &figure.from)? else {
        return Ok(Figure::Undefined(words::reasons("history_missing", &context.text)?));
    };
    let rows: Vec<&[Datum]> = answer.rows().take(figure.first.unwrap_or(usize::MAX)).collect();
    if figure.fold == Fold::Count {
        let count = Decimal::from(rows.len());
        let plain = context.request.lang.number(count, 0);
        let words = match &figure.noun {
            Some(noun) => counted(noun, count, &plain, context)?,
            None => plain,
        };
        return Ok(Figure::Said { words, number: count, exact: count });
    }
    let position = answer.position(&figure.column)?;
    if figure.fold == Fold::Only && rows.len() > 1 {
        return Err(Error::internal(format!(
            "`{}` of `{}` is asked as one figure but has {} rows",
            figure.column,
            answer.query,
            rows.len()
        )));
    }
    let values: Vec<Decimal> = rows.iter().filter_map(|row| row[position].decimal()).collect();
    let folded = match figure.fold {
        Fold::Largest => values.iter().max().copied(),
        Fold::Only => values.first().copied(),
        Fold::SumOrZero => Some(values.iter().sum()),
        Fold::Sum | Fold::Count => (!values.is_empty()).then(|| values.iter().sum()),
    };
    let Some(value) = folded else {
        let reason = rows.first().and_then(|row| answer.find(row, "reason")).and_then(Datum::text).unwrap_or("");
        return Ok(Figure::Undefined(words::why(&figure.column, reason, &context.text)?));
    };
    let currency = currency(&answer, &rows, position, &figure.column, context)?;
    let value = if figure.negated { -value } else { value };
    let (words, number) = in_words(value, answer.kind(position), &currency, figure.noun.as_deref(), context)?;
    Ok(Figure::Said { words, number, exact: value })
}

/// The one currency of the rows; unlike ones are an error even where only the largest is taken.
fn currency(answer: &Answer, rows: &[&[Datum]], position: usize, column: &str, context: &Context) -> Result<String> {
    if answer.kind(position) != Kind::Money {
        return Ok(String::new());
    }
    let mut units = rows.iter().map(|row| answer.unit(row, position, &context.request.group_currency));
    let first = units.next().unwrap_or(Unit::Plain);
    for other in units {
        first.must_equal(&other, column)?;
    }
    match first {
        Unit::Currency(code) => Ok(code),
        // No row: a zero, in the currency of the group.
        Unit::Plain if rows.is_empty() => Ok(context.request.group_currency.clone()),
        Unit::Plain | Unit::Books(_) => Err(Error::internal(format!("`{column}` has no currency that a sentence could name"))),
    }
}
