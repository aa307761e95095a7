//! What a pack is about: the request (days, language, load, sources, controls) and how a spec's arguments come out of it.

use super::answers::{Answer, Answers, Desk};
use super::cut::{Cut, in_words};
use super::pack::SourceProof;
use super::spec::{Argument, From, Named, Spec, Value};
use super::text::Text;
use crate::domain::days::{month_end, month_start, months_before};
use crate::domain::lang::Lang;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What the pipeline knows besides the answers.
#[derive(Debug, Clone)]
pub struct Request {
    /// The as-of day.
    pub as_of: NaiveDate,
    /// Language of the reader.
    pub lang: Lang,
    /// Whose figures, for the cover: the group's name.
    pub entity: String,
    /// Currency of the group's figures.
    pub group_currency: String,
    /// What the group aims at, by the name of the figure; of the whole group only.
    pub targets: BTreeMap<String, Decimal>,
    /// The part of the ledger that the pack is of; `None`: the whole group.
    pub cut: Option<Cut>,
    /// Load at which the opening was known (of the last sealed close): a roll-forward's opening is that close's closing.
    /// `None`: the opening as known now.
    pub opening_load: Option<i32>,
    /// The load the figures rest on.
    pub load: LoadProof,
    /// Files behind the figures.
    pub sources: Vec<SourceProof>,
    /// Outcome of the named controls.
    pub controls: Vec<Control>,
    /// Further facts for the cover, already in the reader's language: label and value.
    pub facts: Vec<(String, String)>,
    /// Who prepared it; `None`: a line to sign.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
}

/// The load the figures rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadProof {
    /// Its number: figures are as known at it.
    pub load_id: i32,
    /// Instant of its commit, as stored.
    pub loaded_at: String,
    /// Movements known at it.
    pub movement_count: i64,
    /// Digest of those movements, hexadecimal.
    pub movements_digest: String,
    /// Version of the program.
    pub program_version: String,
}

/// Outcome of a named control. Its title is the text `check.<name>` or else the title of the query of that name.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its name: `conservation`.
    pub name: String,
    /// Places looked at (sums compared, rows tested).
    pub checked: i64,
    /// Places where it failed; 0: it passed.
    pub failed: i64,
    /// The first failure, column by column; may be empty.
    pub example: Vec<(String, Datum)>,
    /// Whether its failures are to be looked at and do not make the pack a draft.
    pub is_warning: bool,
}

impl Request {
    /// What the spec's sources will ask: each query with its arguments, in the order of the sources' names.
    pub(crate) fn questions(&self, spec: &Spec) -> Vec<(String, Vec<Datum>)> {
        spec.from.values().chain(spec.whole.values()).map(|from| (from.query.clone(), self.arguments(from))).collect()
    }

    fn arguments(&self, from: &From) -> Vec<Datum> {
        from.arguments.iter().filter_map(|argument| self.argument(argument)).collect()
    }

    fn argument(&self, argument: &Argument) -> Option<Datum> {
        let before = |months| months_before(self.as_of, months);
        Some(match argument {
            Argument::Named(named) => return self.named(*named),
            Argument::MonthStart { month_start } => Datum::Date(before(*month_start)),
            Argument::MonthEnd { month_end: months } => Datum::Date(month_end(before(*months))),
            Argument::Value { value: Value::Word(word) } => Datum::Text(word.clone()),
            Argument::Value { value: Value::Number(number) } => Datum::Int(*number),
        })
    }

    fn named(&self, named: Named) -> Option<Datum> {
        let before = |months| months_before(self.as_of, months);
        let day = match named {
            Named::AsOf => self.as_of,
            Named::MonthStart => month_start(self.as_of),
            Named::PreviousMonthStart => before(1),
            Named::PreviousMonthEnd => month_end(before(1)),
            Named::YearAgo => year_ago(self.as_of),
            Named::YearStart => before(self.as_of.month0() as i32),
            Named::Trend13 => month_end(before(12)),
            Named::Trend25 => month_end(before(24)),
            Named::OpeningLoad => return self.opening_load.map(|load| Datum::Int(i64::from(load))),
        };
        Some(Datum::Date(day))
    }
}

/// Everything that builders need: request, words, desk.
pub(crate) struct Context<'a> {
    pub request: &'a Request,
    pub text: Text,
    pub desk: Desk<'a>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(request: &'a Request, answers: &'a dyn Answers, text: Text) -> Context<'a> {
        Context { request, text, desk: Desk::new(answers) }
    }

    /// The answer of one of the spec's sources.
    pub(crate) fn ask(&self, spec: &Spec, source: &str) -> Result<Answer> {
        self.answer(spec.source(source)?, source)
    }

    /// The answer of a source that state or proof rests on: of the whole ledger, also where the pack is of a part.
    pub(crate) fn ask_whole(&self, spec: &Spec, source: &str) -> Result<Answer> {
        match spec.whole.get(source) {
            Some(from) => self.answer(from, source),
            None => self.ask(spec, source),
        }
    }

    fn answer(&self, from: &From, source: &str) -> Result<Answer> {
        self.desk.ask(from, &self.request.arguments(from)).map_err(|e| e.context(format!("source `{source}`")))
    }

    /// The answer for an earlier day, or `None` if the history does not reach back that far.
    pub(crate) fn ask_earlier(&self, spec: &Spec, source: &str) -> Result<Option<Answer>> {
        match self.ask(spec, source) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_before_history(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The day at which a source's figures stand: its last day.
    pub(crate) fn day_of(&self, spec: &Spec, source: &str) -> Result<NaiveDate> {
        let from = spec.source(source)?;
        let day = self.request.arguments(from).iter().rev().find_map(Datum::date);
        day.ok_or_else(|| Error::usage(format!("the source `{source}` has no day among its arguments")))
    }

    /// A text with the values that every text may use.
    pub(crate) fn say(&self, key: &str) -> Result<String> {
        self.fill(key, &[])
    }

    /// A text with the values that every text may use and these.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> Result<String> {
        let lang = self.request.lang;
        let (as_of, month) = (lang.day(self.request.as_of), self.period()?);
        let previous = self.text.get(&format!("month.{}", months_before(self.request.as_of, 1).month()))?;
        let (entity, currency) = match &self.request.cut {
            Some(cut) => (cut.called(), cut.currency.as_str()),
            None => (self.text.get("company.group")?.to_string(), self.request.group_currency.as_str()),
        };
        let common = [
            ("entity", entity.as_str()),
            ("currency", currency),
            ("as_of", as_of.as_str()),
            ("month", month.as_str()),
            ("previous_month", previous),
            ("group_currency", self.request.group_currency.as_str()),
        ];
        let all: Vec<(&str, &str)> = values.iter().copied().chain(common).collect();
        self.text.fill(key, &all)
    }

    /// What the group aims at for a figure; a part of it has no target of its own.
    pub(crate) fn target(&self, column: &str) -> Option<Decimal> {
        if self.request.cut.is_some() { None } else { self.request.targets.get(column).copied() }
    }

    /// Whose figures, for the cover: the group, or the part of it.
    pub(crate) fn whose(&self) -> Result<String> {
        Ok(match &self.request.cut {
            Some(cut) => format!("{} · {}", self.request.entity, in_words(cut, &self.text)?),
            None => self.request.entity.clone(),
        })
    }

    /// The period in words.
    pub(crate) fn period(&self) -> Result<String> {
        let day = self.request.as_of;
        let month = self.text.get(&format!("month.{}", day.month()))?;
        let (year, number) = (day.year().to_string(), day.day().to_string());
        let key = if day == month_end(day) { "period.whole" } else { "period.part" };
        // A whole month does not name its last day, so the value may go unused.
        self.text.fill(key, &[("month", month), ("year", &year), ("day", &number)])
    }
}

/// The same day a year before; month ends stay month ends, 29 February becomes 28.
fn year_ago(day: NaiveDate) -> NaiveDate {
    let first = months_before(day, 12);
    if day == month_end(day) { month_end(first) } else { first.with_day(day.day()).unwrap_or_else(|| month_end(first)) }
}

/// Comparison days may lie before the history begins; every other error is one.
fn is_before_history(error: &Error) -> bool {
    error.is_missing() || error.to_string().contains("history_missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ago_keeps_month_ends() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(year_ago(day(2025, 2, 28)), day(2024, 2, 29));
        assert_eq!(year_ago(day(2024, 2, 29)), day(2023, 2, 28));
        assert_eq!(year_ago(day(2026, 10, 15)), day(2025, 10, 15));
    }
}
