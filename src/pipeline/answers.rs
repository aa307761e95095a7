//! The engine for callers that wait: SQL, queries, controls over one project at one load.

use super::project::Project;
use crate::controls;
use crate::engine::Engine;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::metrics::Dictionary;
use crate::report::{Answers, QueryColumn, QueryDefinition};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use tokio::runtime::Runtime;

/// Questions and answers over a project's history.
pub struct Figures {
    engine: Engine,
    runtime: Runtime,
    known_at: Option<i32>,
    dictionary: Dictionary,
    /// First day the history speaks of; `None`: it is empty.
    balances_from: Option<NaiveDate>,
    /// Answers given to packs, so that the second language asks nothing again.
    given: Mutex<BTreeMap<(String, String), Rows>>,
}

impl Figures {
    /// Opens the history, looking from a load (the newest where none is given).
    pub fn open(project: &Project, known_at: Option<i32>) -> Result<Figures> {
        let snapshot = project.store.snapshot(None)?;
        if let Some(load) = known_at
            && !(1..=snapshot.load_id).contains(&load)
        {
            return Err(
                Error::missing(format!("there is no load {load}; the newest is {}", snapshot.load_id)).hint("`cartera loads` lists them")
            );
        }
        let engine = Engine::open(&snapshot, &project.config)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().build().map_err(|e| Error::io("cannot start the threads of the engine", e))?;
        let dictionary = Dictionary::of(engine.catalogue());
        let first = runtime.block_on(engine.sql("select min(balances_from) as balances_from from coverage", known_at))?;
        let balances_from = first.rows.first().and_then(|row| row[0].date());
        Ok(Figures { engine, runtime, known_at, dictionary, balances_from, given: Mutex::default() })
    }

    /// The load looked from.
    pub fn load_id(&self) -> i32 {
        self.known_at.unwrap_or(self.engine.load_id())
    }

    /// One SELECT or EXPLAIN that somebody typed.
    pub fn sql(&self, text: &str) -> Result<Rows> {
        self.runtime.block_on(self.engine.sql(text, self.known_at))
    }

    /// The same into a Parquet file; gives the number of rows.
    pub fn sql_parquet(&self, text: &str, path: &Path) -> Result<u64> {
        self.runtime.block_on(self.engine.sql_parquet(text, path, self.known_at))
    }

    /// A query by name, rows in its declared order.
    ///
    /// # Errors
    /// `history_missing` if every day asked about lies before the history begins (POSTING 6).
    pub fn query(&self, name: &str, arguments: &[Datum]) -> Result<Rows> {
        let last = arguments.iter().filter_map(Datum::date).max();
        if let (Some(day), Some(from)) = (last, self.balances_from)
            && day < from
        {
            return Err(Error::missing(format!("history_missing: balances are known from {from}, not on {day}"))
                .hint("ask for a later day, or load older extracts"));
        }
        self.runtime.block_on(self.engine.ask(name, arguments, self.known_at))
    }

    /// Every control as of a day.
    pub fn controls(&self, as_of: NaiveDate) -> Result<Vec<controls::Outcome>> {
        self.query("aging", &[Datum::Date(as_of)])?;
        self.runtime.block_on(controls::run(&self.engine, as_of, self.known_at))
    }

    /// The dictionary of measures.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The engine, for tests that need more than answers.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Answers for Figures {
    fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows> {
        let key = (query.to_string(), format!("{arguments:?}"));
        let mut given = self.given.lock().map_err(|_| Error::internal("an earlier question ended in a panic"))?;
        if let Some(rows) = given.get(&key) {
            return Ok(rows.clone());
        }
        let rows = self.query(query, arguments)?;
        given.insert(key, rows.clone());
        Ok(rows)
    }

    fn define(&self, query: &str) -> Option<QueryDefinition> {
        let entry = self.dictionary.get(query)?;
        let header = &self.engine.catalogue().get(query)?.header;
        Some(QueryDefinition {
            name: entry.name.clone(),
            title_es: entry.title_es.clone(),
            title_en: entry.title_en.clone(),
            answers: entry.answers.clone(),
            formula: entry.formula.clone(),
            grain: entry.grain.clone(),
            source: entry.source.clone(),
            digest: entry.digest.clone(),
            columns: header.columns.iter().map(|c| QueryColumn { name: c.name.clone(), type_name: c.kind.as_str().to_string() }).collect(),
        })
    }
}
