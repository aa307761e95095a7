//! Where figures come from: whoever can run a query, and its answer with rows selected and columns known.
//!
//! The report room asks through [`Answers`] so that it needs neither engine nor Arrow, and tests bring literal rows.

use super::figures::kind_of;
use super::pack::ColumnKind as Kind;
use super::spec::From;
use crate::domain::lang::Lang;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Whoever can run the shipped queries, at one load.
pub trait Answers {
    /// The answer of a query, rows in its declared order.
    fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows>;
    /// What the query's header says; `None` if there is no such query.
    fn define(&self, query: &str) -> Option<QueryDefinition>;
}

/// What a query's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDefinition {
    /// Its name.
    pub name: String,
    /// Title in Spanish.
    pub title_es: String,
    /// Title in English.
    pub title_en: String,
    /// The question it answers, in Spanish.
    pub answers_es: String,
    /// The question it answers, in English.
    pub answers_en: String,
    /// The formula in words, in Spanish; may be empty.
    pub formula_es: String,
    /// The formula in words, in English; may be empty.
    pub formula_en: String,
    /// One row per what.
    pub grain: String,
    /// Where the formula comes from.
    pub source: String,
    /// SHA-256 of the SQL, hexadecimal.
    pub digest: String,
    /// Parameters in order.
    pub parameters: Vec<String>,
    /// Columns in order.
    pub columns: Vec<QueryColumn>,
}

/// A column as a query's header declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// The header's word: `id`, `text`, `int`, `money`, `rate`, `ratio`, `pct`, `days`, `date`, `bool`.
    pub type_name: String,
}

impl QueryDefinition {
    /// The title in a language.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::Es => &self.title_es,
            Lang::En => &self.title_en,
        }
    }
}

/// Asks each query once per arguments, and remembers which were asked, in order.
pub(crate) struct Desk<'a> {
    answers: &'a dyn Answers,
    known: RefCell<BTreeMap<(String, String), Rc<Rows>>>,
    asked: RefCell<Vec<String>>,
}

/// The rows of an answer that a source keeps.
pub(crate) struct Answer {
    pub query: String,
    rows: Rc<Rows>,
    kinds: Vec<Kind>,
    kept: Vec<usize>,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(answers: &'a dyn Answers) -> Desk<'a> {
        Desk { answers, known: RefCell::default(), asked: RefCell::default() }
    }

    /// Every query asked so far, first asked first.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// The header of a query.
    pub(crate) fn define(&self, query: &str) -> Option<QueryDefinition> {
        self.answers.define(query)
    }

    /// The answer of a source.
    pub(crate) fn ask(&self, from: &From, arguments: &[Datum]) -> Result<Answer> {
        let rows = self.rows(&from.query, arguments)?;
        let definition = self.answers.define(&from.query);
        let kinds = rows
            .columns
            .iter()
            .map(|column| {
                let declared = definition.iter().flat_map(|d| &d.columns).find(|c| c.name == column.name);
                kind_of(declared.map_or(column.type_name.as_str(), |c| &c.type_name), &column.name)
            })
            .collect();
        let mut answer = Answer { query: from.query.clone(), kept: (0..rows.rows.len()).collect(), rows, kinds };
        for (column, words) in &from.only {
            let position = answer.position(column)?;
            answer.keep(|row| words.has(&row[position].to_string()));
        }
        for (column, words) in &from.except {
            let position = answer.position(column)?;
            answer.keep(|row| !words.has(&row[position].to_string()));
        }
        if let Some(customers) = &from.customers {
            let [company, customer] = customers.columns;
            let (company, customer) = (answer.position(company)?, answer.position(customer)?);
            answer.keep(|row| customers.among.contains(&(row[company].to_string(), row[customer].to_string())));
        }
        Ok(answer)
    }

    fn rows(&self, query: &str, arguments: &[Datum]) -> Result<Rc<Rows>> {
        let key = (query.to_string(), format!("{arguments:?}"));
        if let Some(rows) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(rows));
        }
        let rows = Rc::new(self.answers.ask(query, arguments).map_err(|e| e.context(format!("query `{query}`")))?);
        if !self.asked.borrow().iter().any(|q| q == query) {
            self.asked.borrow_mut().push(query.to_string());
        }
        self.known.borrow_mut().insert(key, Rc::clone(&rows));
        Ok(rows)
    }
}

impl Answer {
    /// Position of a column that the spec names.
    pub(crate) fn position(&self, column: &str) -> Result<usize> {
        self.rows.position(column).ok_or_else(|| {
            let known: Vec<_> = self.rows.columns.iter().map(|c| c.name.as_str()).collect();
            Error::internal(format!("query `{}` has no column `{column}`", self.query)).hint(format!("it has: {}", known.join(", ")))
        })
    }

    /// What a column holds.
    pub(crate) fn kind(&self, position: usize) -> Kind {
        self.kinds[position]
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.kinds.len()
    }

    /// The rows kept, in order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[Datum]> {
        self.kept.iter().map(|i| self.rows.rows[*i].as_slice())
    }

    /// Keeps only some of the rows.
    pub(crate) fn keep(&mut self, wanted: impl Fn(&[Datum]) -> bool) {
        let rows = &self.rows.rows;
        self.kept.retain(|i| wanted(&rows[*i]));
    }

    /// Puts rows in the order of a rank, equals as they were.
    pub(crate) fn sort_by_rank(&mut self, rank: impl Fn(&[Datum]) -> usize) {
        let rows = &self.rows.rows;
        self.kept.sort_by_key(|i| rank(&rows[*i]));
    }

    /// Datum of a column that may not exist.
    pub(crate) fn find<'r>(&self, row: &'r [Datum], column: &str) -> Option<&'r Datum> {
        self.rows.position(column).map(|i| &row[i])
    }

    /// In what a figure of a row is counted: a currency, the books of a company, or nothing for what is not money.
    /// Figures may be added only where this is equal.
    pub(crate) fn unit(&self, row: &[Datum], position: usize, group_currency: &str) -> Unit {
        if self.kinds[position] != Kind::Money {
            return Unit::Plain;
        }
        let name = self.rows.columns[position].name.as_str();
        if name.ends_with("_group") {
            return Unit::Currency(group_currency.to_string());
        }
        if name == "company_amount" || name.ends_with("_company") {
            return Unit::Books(self.find(row, "company_id").map(Datum::to_string).unwrap_or_default());
        }
        Unit::Currency(self.find(row, "currency").and_then(Datum::text).unwrap_or(group_currency).to_string())
    }
}

/// In what a figure is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Not money.
    Plain,
    /// A currency.
    Currency(String),
    /// The functional currency of a company, whichever it is.
    Books(String),
}

impl Unit {
    /// The error of adding two figures that do not add (a peso is not a dollar).
    pub(crate) fn must_equal(&self, other: &Unit, column: &str) -> Result<()> {
        if self == other {
            return Ok(());
        }
        Err(Error::internal(format!("`{column}` would add {self} and {other}"))
            .hint("add apart by currency, or show the column in the group's currency"))
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unit::Plain => f.write_str("counts"),
            Unit::Currency(code) => f.write_str(code),
            Unit::Books(company) => write!(f, "the books of {company}"),
        }
    }
}
