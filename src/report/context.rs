//! What a pack is about: the request (days, language, load, sources, controls) and how a spec's arguments come out of it.

use super::answers::{Answer, Answers, Desk};
use super::pack::SourceProof;
use super::spec::{Argument, From, Spec};
use super::text::Text;
use crate::domain::days::{month_end, month_start, months_before};
use crate::domain::lang::Lang;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};

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
    /// Load at which the opening was known (of the last sealed close): a roll-forward's opening is that close's closing.
    /// `None`: the opening as known now.
    pub opening_load: Option<i32>,
    /// The load the figures rest on.
    pub load: LoadProof,
    /// Files behind the figures.
    pub sources: Vec<SourceProof>,
    /// Outcome of the named controls.
    pub controls: Vec<Control>,
    /// Rows kept of every answer that has the column: a company's or a collector's part of a pack.
    pub kept: Vec<(String, String)>,
    /// Further facts for the cover, already in the reader's language: label and value.
    pub facts: Vec<(String, String)>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its name: `conservation`.
    pub name: String,
    /// Places looked at (sums compared, rows tested).
    pub checked: i64,
    /// Places where it failed; 0: it passed.
    pub failed: i64,
    /// The first failure in words or figures; may be empty.
    pub example: String,
    /// Whether its failures are to be looked at and do not make the pack a draft.
    pub is_warning: bool,
}

impl Request {
    /// What the spec's sources will ask: each query with its arguments, in the order of the sources' names.
    pub fn questions(&self, spec: &Spec) -> Vec<(String, Vec<Datum>)> {
        spec.from.values().map(|from| (from.query.clone(), self.arguments(from))).collect()
    }

    fn arguments(&self, from: &From) -> Vec<Datum> {
        from.arguments.iter().filter_map(|argument| self.argument(*argument)).collect()
    }

    fn argument(&self, argument: Argument) -> Option<Datum> {
        let before = |months| months_before(self.as_of, months);
        let day = match argument {
            Argument::AsOf => self.as_of,
            Argument::MonthStart => month_start(self.as_of),
            Argument::PreviousMonthStart => before(1),
            Argument::PreviousMonthEnd => month_end(before(1)),
            Argument::YearAgo => year_ago(self.as_of),
            Argument::Trend13 => month_end(before(12)),
            Argument::Trend25 => month_end(before(24)),
            Argument::OpeningLoad => return self.opening_load.map(|load| Datum::Int(i64::from(load))),
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
        let from = spec.source(source)?;
        let mut answer = self.desk.ask(from, &self.request.arguments(from)).map_err(|e| e.context(format!("source `{source}`")))?;
        for (column, value) in &self.request.kept {
            if let Ok(position) = answer.position(column) {
                answer.keep(|row| row[position].to_string() == *value);
            }
        }
        Ok(answer)
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
        let common = [
            ("as_of", as_of.as_str()),
            ("month", month.as_str()),
            ("previous_month", previous),
            ("group_currency", self.request.group_currency.as_str()),
        ];
        let all: Vec<(&str, &str)> = values.iter().copied().chain(common).collect();
        self.text.fill(key, &all)
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
