//! Figures in the reader's words: what a column holds, cells, rounding as printed, thousands and millions.
//!
//! Tables keep the exact figure; strips, sentences and charts round here and nowhere else.

use super::answers::Answer;
use super::context::Context;
use super::cut::Cut;
use super::pack::{Cell, ColumnKind as Kind};
use super::words;
use crate::engine::rows::Datum;
use crate::error::Result;
use rust_decimal::{Decimal, RoundingStrategy};

/// What a column holds, from its header's word or the engine's type.
pub(crate) fn kind_of(type_name: &str, column: &str) -> Kind {
    match type_name {
        "money" => Kind::Money,
        "int" => Kind::Count,
        "pct" => Kind::Percent,
        "days" => Kind::Days,
        "rate" | "ratio" => Kind::Rate,
        // Of a month its first day says too much: it is a word.
        "date" if column == "month" => Kind::Text,
        "date" => Kind::Date,
        "decimal(18,2)" => Kind::Money,
        decimal if decimal.starts_with("decimal") && column.ends_with("_pct") => Kind::Percent,
        decimal if decimal.starts_with("decimal") && column.ends_with("_days") => Kind::Days,
        decimal if decimal.starts_with("decimal") => Kind::Rate,
        _ => Kind::Text,
    }
}

/// The cell of a datum. A missing figure says why, if the row does (`reason`) or if it is a ratio, which has no other cause
/// than an empty base.
pub(crate) fn cell(answer: &Answer, row: &[Datum], position: usize, column: &str, context: &Context) -> Result<Cell> {
    let kind = answer.kind(position);
    Ok(match &row[position] {
        Datum::Null if kind == Kind::Text || kind == Kind::Date => Cell::Empty,
        Datum::Null => {
            let reason = answer.find(row, "reason").and_then(Datum::text).unwrap_or("");
            let is_ratio = matches!(kind, Kind::Percent | Kind::Days | Kind::Rate);
            if reason.is_empty() && !is_ratio { Cell::Empty } else { undefined(&words::why(column, reason, &context.text)?, context)? }
        }
        Datum::Date(day) if kind == Kind::Text => Cell::Text(context.request.lang.month(*day)),
        Datum::Date(day) => Cell::Date(*day),
        number @ (Datum::Int(_) | Datum::Decimal(_)) => Cell::Number(number.decimal().unwrap_or_default()),
        Datum::Bool(yes) => Cell::Text(context.text.get(if *yes { "word.yes" } else { "word.no" })?.to_string()),
        Datum::Text(text) if column == "hint" => {
            let code = answer.find(row, "code").map(Datum::to_string).unwrap_or_default();
            Cell::Text(words::word("hint", &code, &context.text)?.unwrap_or_else(|| text.clone()))
        }
        Datum::Text(text) if column == "kpis" => Cell::Text(titles(text, context)),
        // The group's row, where the pack is of one part of the group, is that part's.
        Datum::Text(text) if column == "company_id" && text == "group" && context.request.cut.is_some() => {
            Cell::Text(context.request.cut.as_ref().map(Cut::called).unwrap_or_default())
        }
        Datum::Text(text) => Cell::Text(words::word(column, text, &context.text)?.unwrap_or_else(|| text.clone())),
        Datum::Other(text) => Cell::Text(text.clone()),
    })
}

/// Names of queries as the dictionary calls them.
fn titles(queries: &str, context: &Context) -> String {
    let title = |query: &str| context.desk.define(query).map_or(query.to_string(), |d| d.title(context.request.lang).to_string());
    queries.split(", ").map(title).collect::<Vec<_>>().join("; ")
}

/// An undefined figure: "n/a: no sales in the period".
pub(crate) fn undefined(reason: &str, context: &Context) -> Result<Cell> {
    Ok(Cell::Undefined(format!("{}: {reason}", context.text.get("word.undefined")?)))
}

/// The scale in which amounts are short enough to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    name: &'static str,
    divisor: u32,
    /// Decimals to print with it.
    pub decimals: u32,
}

impl Scale {
    /// The scale for amounts up to `largest`.
    pub(crate) fn for_largest(largest: Decimal) -> Scale {
        let largest = largest.abs();
        if largest >= Decimal::from(1_000_000) {
            Scale { name: "millions", divisor: 1_000_000, decimals: 1 }
        } else if largest >= Decimal::from(10_000) {
            Scale { name: "thousands", divisor: 1_000, decimals: 1 }
        } else {
            Scale { name: "units", divisor: 1, decimals: 2 }
        }
    }
    /// The amount in this scale, exact.
    pub(crate) fn of(self, amount: Decimal) -> Decimal {
        (amount / Decimal::from(self.divisor)).normalize()
    }
    /// Short unit: `M MXN`.
    pub(crate) fn unit(self, currency: &str, context: &Context) -> Result<String> {
        match self.name {
            "millions" => context.fill("scale.millions", &[("currency", currency)]),
            "thousands" => context.fill("scale.thousands", &[("currency", currency)]),
            _ => Ok(currency.to_string()),
        }
    }
    /// Unit in a title: `MXN millions`.
    pub(crate) fn title(self, currency: &str, context: &Context) -> Result<String> {
        match self.name {
            "millions" => context.fill("scale.title_millions", &[("currency", currency)]),
            "thousands" => context.fill("scale.title_thousands", &[("currency", currency)]),
            _ => Ok(currency.to_string()),
        }
    }
    fn sentence(self, number: &str, currency: &str, context: &Context) -> Result<String> {
        let values = [("n", number), ("currency", currency)];
        match self.name {
            "millions" => context.fill("scale.say_millions", &values),
            "thousands" => context.fill("scale.say_thousands", &values),
            _ => context.fill("scale.say_units", &values),
        }
    }
}

/// Decimals with which a kind is printed in strips and sentences (amounts: see [`Scale`]).
pub(crate) fn decimals(kind: Kind) -> u32 {
    match kind {
        Kind::Percent | Kind::Days => 1,
        Kind::Money => 2,
        Kind::Rate => 4,
        Kind::Text | Kind::Count | Kind::Date | Kind::Trend => 0,
    }
}

/// Rounded as printed, half away from zero, with trailing zeros kept.
pub(crate) fn rounded(value: Decimal, decimals: u32) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    // No minus on nothing.
    if rounded.is_zero() { rounded.abs() } else { rounded }
}

/// A figure as printed in a sentence, and the number that is printed (so that "rose from 38.2 to 38.2" is never said).
pub(crate) fn in_words(value: Decimal, kind: Kind, currency: &str, noun: Option<&str>, context: &Context) -> Result<(String, Decimal)> {
    let lang = context.request.lang;
    let places = decimals(kind);
    let plain = lang.number(value, places);
    let words = match kind {
        Kind::Money => {
            let scale = Scale::for_largest(value);
            let shown = scale.of(value);
            let words = scale.sentence(&lang.number(shown, scale.decimals), currency, context)?;
            return Ok((words, rounded(shown, scale.decimals) * Decimal::from(scale.divisor)));
        }
        Kind::Percent => context.fill("format.percent", &[("n", &plain)])?,
        Kind::Days => context.fill("format.days", &[("n", &plain)])?,
        Kind::Text | Kind::Count | Kind::Rate | Kind::Date | Kind::Trend => match noun {
            Some(noun) => counted(noun, value, &plain, context)?,
            None => plain,
        },
    };
    Ok((words, rounded(value, places)))
}

/// A count with its noun in the right form: "ningún cliente", "1 cliente", "3 clientes".
pub(crate) fn counted(noun: &str, value: Decimal, plain: &str, context: &Context) -> Result<String> {
    let form = if value.is_zero() {
        "none"
    } else if value == Decimal::ONE {
        "one"
    } else {
        "many"
    };
    context.fill(&format!("noun.{noun}.{form}"), &[("n", plain)])
}

/// A change with its sign: `+3.2`, `−0.1`, `0.0`.
pub(crate) fn signed(change: Decimal, decimals: u32, context: &Context) -> String {
    let text = context.request.lang.number(change, decimals);
    if rounded(change, decimals) > Decimal::ZERO { format!("+{text}") } else { text }
}
