//! One record under bound rules: a row of a canonical table, or the leftmost error with its place.
//!
//! Separate from binding because this runs for every row: positions only, no names, nothing allocated but the values kept.

use super::bind::{ABSENT, Binding, BoundRule, BoundTable, Check, Mapping, Source, Subject, Test, control_columns};
use super::coerce::{self, Forms, Refusal, number};
use super::profile::PlusDays;
use super::record::{Mark, Record, cut};
use crate::domain::money::Money;
use crate::schema::{ColumnKind, Value};
use chrono::{Days, NaiveDate};
use std::borrow::Cow;
use std::collections::HashMap;

/// An error of a row and its place.
#[derive(Debug)]
pub(super) struct Fault {
    pub code: &'static str,
    pub reason: String,
    /// Position in the file; `None` where no column is to blame.
    pub column: Option<usize>,
    pub excerpt: Option<String>,
}

/// A row that was refused, with what could still be read of it.
#[derive(Debug)]
pub(super) struct Refused {
    pub fault: Fault,
    pub company_id: Option<String>,
    pub currency: Option<String>,
    pub amount: Option<Money>,
}

/// Counts of equal joins, for ids with ordinals.
pub(super) type Ordinals = HashMap<String, u32>;

/// A record of a bound file.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    record: &'a Record,
    file: &'a Binding,
    whole: Option<&'a str>,
}

/// A byte that no text to be trimmed begins or ends with.
fn outer(byte: u8) -> bool {
    byte > b' ' && byte < 0x7f
}

impl<'a> Line<'a> {
    pub fn new(record: &'a Record, file: &'a Binding) -> Line<'a> {
        Line { record, file, whole: record.text() }
    }

    /// The trimmed text of a column; empty for the texts that mean empty.
    pub fn text(&self, at: usize) -> Result<&'a str, Fault> {
        let text = match self.whole.and_then(|whole| whole.get(self.record.range(at))) {
            Some(text) => text,
            None => self.own_text(at)?,
        };
        let bytes = text.as_bytes();
        let text = match bytes.len() {
            0 => return Ok(""),
            n if outer(bytes[0]) && outer(bytes[n - 1]) => text,
            _ => text.trim(),
        };
        if self.record.is_typed()
            && let Mark::Broken(why) = self.record.mark(at)
        {
            return Err(Fault { code: "cell_broken", reason: why.to_string(), column: Some(at), excerpt: Some(cut(text)) });
        }
        let empty = &self.file.reading.empty;
        Ok(if !empty.is_empty() && empty.iter().any(|e| e == text) { "" } else { text })
    }

    /// A field of a row that is not wholly valid: it may be valid itself.
    fn own_text(&self, at: usize) -> Result<&'a str, Fault> {
        std::str::from_utf8(self.record.field(at)).map_err(|_| Fault {
            code: "text_invalid",
            reason: "the field is not valid in the declared encoding".to_string(),
            column: Some(at),
            excerpt: Some(cut(&String::from_utf8_lossy(self.record.field(at)))),
        })
    }

    /// Whether all tests hold; a text that cannot be read equals nothing.
    pub fn holds(&self, tests: &[Test], values: &[Value]) -> bool {
        if tests.is_empty() {
            return true;
        }
        let column = |at: usize| self.text(at).unwrap_or("\u{fffd}");
        tests.iter().all(|test| match test.subject {
            Subject::Column(at) => test.check.passes(column(at), &column),
            Subject::Value(i) => match &values[i] {
                Value::Text(text) => test.check.passes(text, &column),
                other => test.check.passes(&other.to_string(), &column),
            },
        })
    }

    /// The text of an id, without leading zeros where they are to go.
    pub fn id(&self, at: usize, without_zeros: bool) -> Result<&'a str, Fault> {
        let text = self.text(at)?;
        Ok(if without_zeros { coerce::without_zeros(text) } else { text })
    }

    /// A day of the file, outside any table.
    pub fn day(&self, at: usize) -> Result<Option<NaiveDate>, Fault> {
        let text = self.text(at)?;
        if text.is_empty() {
            return Ok(None);
        }
        match coerced(ColumnKind::Date, text, *self, at)? {
            Value::Date(day) => Ok(Some(day)),
            _ => Ok(None),
        }
    }

    /// How days and numbers of a column are written.
    fn forms(&self, at: usize) -> &'a Forms {
        match self.record.mark(at) {
            Mark::Number => &self.file.typed,
            _ => self.file.forms.get(at).unwrap_or(&self.file.reading.forms),
        }
    }
}

impl Check {
    fn passes<'a>(&self, text: &str, column: &dyn Fn(usize) -> &'a str) -> bool {
        match self {
            Check::SameAs(at) => text == column(*at),
            Check::In(words) => words.iter().any(|w| w == text),
            Check::NotIn(words) => !words.iter().any(|w| w == text),
            Check::StartsWith(words) => words.iter().any(|w| text.starts_with(w.as_str())),
            Check::Empty => text.is_empty(),
            Check::NotEmpty => !text.is_empty(),
            Check::Not(check) => !check.passes(text, column),
        }
    }
}

fn at_column(refusal: Refusal, at: usize, text: &str) -> Fault {
    Fault { code: refusal.code, reason: refusal.reason, column: (at != ABSENT).then_some(at), excerpt: Some(cut(text)) }
}

/// The row a line makes for a table. All columns are read even after an error, so that the error told is the leftmost one.
pub(super) fn row(table: &BoundTable, line: Line<'_>, ordinals: &mut Ordinals) -> Result<Box<[Value]>, Box<Refused>> {
    let mut values = table.empty_row.clone();
    let mut worst: Option<Fault> = None;
    let mut found = |fault: Fault| {
        let place = |f: &Fault| f.column.unwrap_or(ABSENT);
        if worst.as_ref().is_none_or(|w| place(&fault) < place(w)) {
            worst = Some(fault);
        }
    };
    for &position in &table.bound {
        let (Some(rule), column) = (&table.rules[position], &table.table.columns[position]) else { continue };
        match evaluate(rule, column.kind, line, &values, ordinals) {
            Ok(Value::Null) if column.required && table.each_company != Some(position) => found(Fault {
                code: "value_missing",
                reason: match rule.not_given() {
                    None => format!("{} is required and empty", column.name),
                    Some(name) => format!("{} is required and empty, and `{name}` is not given", column.name),
                },
                column: rule.column(),
                excerpt: None,
            }),
            Ok(value) => values[position] = value,
            Err(fault) => found(fault),
        }
    }
    for (amount, currency) in &table.currencies {
        if let (Some(money), Some(code)) = (values[*amount].money(), values[*currency].text())
            && let Err(refusal) = coerce::fits_currency(money, code)
        {
            let column = table.rules[*amount].as_ref().and_then(BoundRule::column);
            found(Fault { code: refusal.code, reason: refusal.reason, column, excerpt: Some(money.to_string()) });
        }
        if let (Some(marks), Some(Source::Column { at, .. })) = (&line.file.reading.forms.numbers.marks, source(&table.rules[*amount]))
            && let (Some(code), Ok(text)) = (values[*currency].text(), line.text(*at))
            && let Some(named) = marks.currency_of(text).filter(|named| *named != code)
        {
            let reason = format!("`{text}` names {named}, but the row is in {code}");
            found(Fault { code: "amount_invalid", reason, column: Some(*at), excerpt: Some(cut(text)) });
        }
    }
    match worst {
        None => Ok(values),
        Some(fault) => {
            let (company, currency, amount) = control_columns(table.table);
            let text = |i: Option<usize>| i.and_then(|i| values[i].text()).map(str::to_string);
            Err(Box::new(Refused {
                fault,
                company_id: text(company),
                currency: text(currency),
                amount: amount.and_then(|i| values[i].money()),
            }))
        }
    }
}

fn source(rule: &Option<BoundRule>) -> Option<&Source> {
    rule.as_ref().map(|r| &r.source)
}

fn evaluate(rule: &BoundRule, kind: ColumnKind, line: Line<'_>, made: &[Value], ordinals: &mut Ordinals) -> Result<Value, Fault> {
    if !line.holds(&rule.only_when, made) {
        return Ok(Value::Null);
    }
    let value = match &rule.source {
        Source::Constant(value) => value.clone(),
        Source::Column { at, map, plus_days, plus_rule, given } => {
            let text = line.id(*at, rule.without_zeros)?;
            let value = match (given, map) {
                (Some(given), _) if text.is_empty() => given.value.clone().unwrap_or(Value::Null),
                (_, None) => coerced(kind, text, line, *at)?,
                (_, Some(mapping)) => mapped(mapping, text, *at)?,
            };
            match (&value, plus_days.is_empty()) {
                (Value::Date(day), false) => Value::Date(later(*day, plus_days, *plus_rule, line)?),
                _ => value,
            }
        }
        Source::Join { parts, separator, ordinal } => {
            let joined = join(parts, separator, rule.without_zeros, line)?;
            numbered(kind, joined, *ordinal, line, parts[0], ordinals)?
        }
        Source::Split { debit, credit } => split(*debit, *credit, line)?,
        Source::Cases(cases) => match cases.iter().find(|c| line.holds(&c.only_when, made)) {
            Some(case) => evaluate(case, kind, line, made, ordinals)?,
            None => Value::Null,
        },
    };
    let Value::Money(mut money) = value else { return Ok(value) };
    if rule.absolute {
        money = money.abs();
    }
    if rule.negate != (!rule.negative_when.is_empty() && line.holds(&rule.negative_when, made)) {
        money = -money;
    }
    Ok(Value::Money(money))
}

fn coerced(kind: ColumnKind, text: &str, line: Line<'_>, at: usize) -> Result<Value, Fault> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let refusal = match coerce::value(kind, text, line.forms(at)) {
        Ok(value) => return Ok(value),
        Err(refusal) => refusal,
    };
    // Typed cells and interfaces write days their own way, whatever the profile declares.
    let day = match (line.record.mark(at), kind) {
        (Mark::Day, ColumnKind::Date | ColumnKind::Month) => Some(Cow::Borrowed(text)),
        (Mark::Loose, ColumnKind::Date | ColumnKind::Month) => Some(instant_day(text)),
        _ => None,
    };
    match day.and_then(|day| coerce::value(kind, &day, &line.file.canonical).ok()) {
        Some(value) => Ok(value),
        None => Err(at_column(refusal, at, text)),
    }
}

/// The day of an instant at midnight, as interfaces write days; any other text as it is.
fn instant_day(text: &str) -> Cow<'_, str> {
    if let Some(count) = text.strip_prefix("/Date(").and_then(|t| t.strip_suffix(")/")) {
        let count = count.strip_suffix("+0000").unwrap_or(count);
        let day = count.parse::<i64>().ok().filter(|ms| ms % 86_400_000 == 0).and_then(|ms| i32::try_from(ms / 86_400_000).ok());
        return day.and_then(NaiveDate::from_epoch_days).map_or(Cow::Borrowed(text), |d| Cow::Owned(d.to_string()));
    }
    let Some((day, time)) = text.split_once(['T', ' ']) else { return Cow::Borrowed(text) };
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00")).unwrap_or(time);
    let midnight = time.len() >= 5 && time.starts_with("00:00") && time.bytes().all(|b| matches!(b, b'0' | b':' | b'.'));
    Cow::Borrowed(if midnight { day } else { text })
}

fn mapped(mapping: &Mapping, text: &str, at: usize) -> Result<Value, Fault> {
    match (mapping.get(text), &mapping.otherwise) {
        (Some(to), _) => Ok(to.clone()),
        (None, _) if text.is_empty() => Ok(Value::Null),
        (None, Some(otherwise)) => Ok(otherwise.clone()),
        (None, None) => {
            let known: Vec<&str> = mapping.words().collect();
            let reason = format!("the profile does not map `{text}`; it knows {}", known.join(", "));
            Err(Fault { code: "row_unmapped", reason, column: Some(at), excerpt: Some(cut(text)) })
        }
    }
}

/// The parts with the separator between them; nothing where all are empty.
fn join(parts: &[usize], separator: &str, without_zeros: bool, line: Line<'_>) -> Result<String, Fault> {
    let mut joined = String::new();
    let mut any = false;
    for (n, at) in parts.iter().enumerate() {
        let text = line.id(*at, without_zeros)?;
        any |= !text.is_empty();
        if n > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text);
    }
    if !any {
        joined.clear();
    }
    Ok(joined)
}

/// A joined text as a value; equal ones are told apart by their number where they are ids of their own.
fn numbered(
    kind: ColumnKind,
    mut joined: String,
    ordinal: bool,
    line: Line<'_>,
    at: usize,
    ordinals: &mut Ordinals,
) -> Result<Value, Fault> {
    if ordinal && !joined.is_empty() {
        let count = ordinals.entry(joined.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            joined.push_str(&format!("#{count}"));
        }
    }
    coerced(kind, &joined, line, at)
}

fn split(debit: usize, credit: usize, line: Line<'_>) -> Result<Value, Fault> {
    let side = |at: usize| -> Result<Option<Money>, Fault> { Ok(coerced(ColumnKind::Money, line.text(at)?, line, at)?.money()) };
    let (debited, credited) = (side(debit)?, side(credit)?);
    if debited.is_none() && credited.is_none() {
        return Ok(Value::Null);
    }
    let money = debited.unwrap_or_default().checked_sub(credited.unwrap_or_default());
    money.map(Value::Money).ok_or_else(|| Fault {
        code: "amount_range",
        reason: "debit minus credit does not fit 16 digits before the point".to_string(),
        column: Some(debit),
        excerpt: None,
    })
}

fn later(day: NaiveDate, columns: &[usize], rule: PlusDays, line: Line<'_>) -> Result<NaiveDate, Fault> {
    let mut days = 0;
    for at in columns {
        let text = line.text(*at)?;
        if text.is_empty() {
            continue;
        }
        let exact = number::parse(text, &line.forms(*at).numbers).ok().map(number::Exact::without_trailing_zeros).and_then(|e| e.units(0));
        let Some(more) = exact.and_then(|e| u64::try_from(e).ok()).filter(|d| *d <= 36_500) else {
            let reason = format!("`{text}` is not a number of days to add");
            return Err(Fault { code: "integer_invalid", reason, column: Some(*at), excerpt: Some(cut(text)) });
        };
        days = match rule {
            PlusDays::Sum => days + more,
            PlusDays::LastNonZero if more != 0 => more,
            PlusDays::LastNonZero => days,
        };
    }
    Ok(day.checked_add_days(Days::new(days)).unwrap_or(day))
}
