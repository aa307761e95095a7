//! The engine for callers that wait: SQL, queries, controls over one project at one load.

use super::project::Project;
use crate::controls;
use crate::engine::Engine;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::metrics::Dictionary;
use crate::report::{Answers, QueryColumn, QueryDefinition};
use chrono::NaiveDate;
use std::path::Path;
use tokio::runtime::Runtime;

/// Questions and answers over a project's history.
pub struct Figures {
    engine: Engine,
    runtime: Runtime,
    known_at: Option<i32>,
    dictionary: Dictionary,
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
        Ok(Figures { engine, runtime, known_at, dictionary })
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
    pub fn query(&self, name: &str, arguments: &[Datum]) -> Result<Rows> {
        self.runtime.block_on(self.engine.ask(name, arguments, self.known_at))
    }

    /// Every control as of a day.
    pub fn controls(&self, as_of: NaiveDate) -> Result<Vec<controls::Outcome>> {
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
        self.query(query, arguments)
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
