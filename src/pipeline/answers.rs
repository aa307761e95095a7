//! The engine for callers that wait: SQL, queries, controls over one project at one load.
//!
//! What a pack will ask is known before it is built: [`Figures::prepare`] asks it side by side, and the answers wait for whoever
//! asks again. An answer does not depend on what else is asked, so neither does a pack.

use super::project::Project;
use crate::config::Config;
use crate::controls;
use crate::domain::lang::Lang;
use crate::engine::Engine;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::{Close, Store};
use crate::metrics::Dictionary;
use crate::metrics::explain::{self, Explanation, Wish};
use crate::report::{Answers, QueryColumn, QueryDefinition};
use chrono::NaiveDate;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::runtime::Runtime;

/// Questions asked at a time: more than a small machine has cores, since one that waits for an answer in common needs none; not many, since
/// all of them share the engine's memory.
const SIDE_BY_SIDE: usize = 4;

/// Questions and answers over a project's history.
pub struct Figures {
    engine: Engine,
    runtime: Runtime,
    known_at: Option<i32>,
    dictionary: Dictionary,
    /// First day the history speaks of; `None`: it is empty.
    balances_from: Option<NaiveDate>,
    /// Answers given to packs, so that the second language asks nothing again.
    given: Mutex<BTreeMap<Key, Rows>>,
}

impl Figures {
    /// Opens the history, looking from a load (the newest where none is given).
    pub fn open(project: &Project, known_at: Option<i32>) -> Result<Figures> {
        Figures::of(project.store.snapshot(None)?, &project.config, known_at)
    }

    /// The same, seeing these close records only.
    pub(super) fn seeing(store: &Store, config: &Config, known_at: Option<i32>, closes: &[Close]) -> Result<Figures> {
        let mut snapshot = store.snapshot(None)?;
        snapshot.closes = closes.iter().map(Close::row).collect();
        Figures::of(snapshot, config, known_at)
    }

    fn of(snapshot: Snapshot, config: &Config, known_at: Option<i32>) -> Result<Figures> {
        if let Some(load) = known_at
            && !(1..=snapshot.load_id).contains(&load)
        {
            return Err(
                Error::missing(format!("there is no load {load}; the newest is {}", snapshot.load_id)).hint("`cartera loads` lists them")
            );
        }
        let engine = Engine::open(&snapshot, config)?;
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
        self.reaches(arguments)?;
        self.runtime.block_on(self.engine.ask(name, arguments, self.known_at))
    }

    /// A query with the documents behind its figures, added up again.
    pub fn explain(&self, name: &str, wish: &Wish) -> Result<Explanation> {
        let header = &self.engine.catalogue().find(name)?.header;
        let arguments = explain::arguments(header, wish)?;
        self.reaches(&arguments)?;
        let together = self.runtime.block_on(self.engine.with_proofs(&[(name.to_string(), arguments.clone())], self.known_at))?;
        let mut answer = self.runtime.block_on(together.ask(name, &arguments))?;
        if let Some((column, _)) = wish.only.iter().find(|(column, _)| answer.position(column).is_none()) {
            let columns: Vec<&str> = answer.columns.iter().map(|c| c.name.as_str()).collect();
            return Err(Error::usage(format!("`{name}` has no column `{column}`")).hint(format!("its columns are {}", columns.join(", "))));
        }
        explain::check_wish(name, &answer, &wish.only)?;
        explain::keep(&mut answer, &wish.only);
        let mut proofs = Vec::new();
        for (number, input) in header.inputs.iter().enumerate() {
            let mut documents = self.runtime.block_on(together.inputs(name, number, &arguments))?;
            explain::keep(&mut documents, &wish.only);
            proofs.push(explain::prove(header, &input.column, &answer, documents)?);
        }
        Ok(Explanation { arguments: explain::named(header, &arguments), answer, proofs })
    }

    /// An error if every day asked about lies before the history begins.
    pub(super) fn reaches(&self, arguments: &[Datum]) -> Result<()> {
        let last = arguments.iter().filter_map(Datum::date).max();
        match (last, self.balances_from) {
            (Some(day), Some(from)) if day < from => {
                Err(Error::missing(format!("history_missing: balances are known from {from}, not on {day}"))
                    .hint("ask for a later day, or load older extracts"))
            }
            _ => Ok(()),
        }
    }

    /// Every control as of a day.
    pub fn controls(&self, as_of: NaiveDate) -> Result<Vec<controls::Outcome>> {
        self.prepare(self.control_questions(as_of), &mut |_, _| {});
        controls::run(self.engine.catalogue(), as_of, &|query, arguments| self.ask(query, arguments))
    }

    /// Asks questions side by side and keeps the answers for [`Answers::ask`]. One that fails is left to be asked alone, where its
    /// error is told. `told` hears how many are answered, and of how many.
    pub fn prepare(&self, questions: impl IntoIterator<Item = (String, Vec<Datum>)>, told: &mut dyn FnMut(u64, u64)) {
        let mut missing: BTreeMap<Key, Vec<Datum>> = BTreeMap::new();
        let given = |key: &Key| self.given.lock().is_ok_and(|given| given.contains_key(key));
        for (query, arguments) in questions {
            let key = key_of(&query, &arguments);
            if !given(&key) && self.reaches(&arguments).is_ok() {
                missing.insert(key, arguments);
            }
        }
        let of = missing.len() as u64;
        let questions: Vec<_> = missing.iter().map(|((query, _), arguments)| (query.clone(), arguments.clone())).collect();
        let Ok(together) = self.runtime.block_on(self.engine.together(&questions, self.known_at)).map(Arc::new) else { return };
        let asked = futures::stream::iter(missing).map(|(key, arguments)| {
            let together = Arc::clone(&together);
            // Each on its own task: what runs on the asking thread runs one after the other.
            self.runtime.spawn(async move {
                let rows = together.ask(&key.0, &arguments).await;
                (key, rows)
            })
        });
        let mut answers = asked.buffer_unordered(SIDE_BY_SIDE);
        self.runtime.block_on(async {
            let mut done = 0;
            told(done, of);
            while let Some(answer) = answers.next().await {
                if let (Ok((key, Ok(rows))), Ok(mut given)) = (answer, self.given.lock()) {
                    given.insert(key, rows);
                }
                done += 1;
                told(done, of);
            }
        });
    }

    /// What [`Figures::controls`] will ask.
    pub fn control_questions(&self, as_of: NaiveDate) -> Vec<(String, Vec<Datum>)> {
        controls::questions(self.engine.catalogue(), as_of)
    }

    fn given(&self) -> Result<MutexGuard<'_, BTreeMap<Key, Rows>>> {
        self.given.lock().map_err(|_| Error::internal("an earlier question ended in a panic"))
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

/// A query and its arguments in words.
type Key = (String, String);

fn key_of(query: &str, arguments: &[Datum]) -> Key {
    (query.to_string(), format!("{arguments:?}"))
}

impl Answers for Figures {
    fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows> {
        let key = key_of(query, arguments);
        if let Some(rows) = self.given()?.get(&key) {
            return Ok(rows.clone());
        }
        let rows = self.query(query, arguments)?;
        self.given()?.insert(key, rows.clone());
        Ok(rows)
    }

    fn define(&self, query: &str) -> Option<QueryDefinition> {
        let entry = self.dictionary.get(query)?;
        let header = &self.engine.catalogue().get(query)?.header;
        Some(QueryDefinition {
            name: entry.name.clone(),
            title_es: entry.title_es.clone(),
            title_en: entry.title_en.clone(),
            answers_es: entry.question(Lang::Es).to_string(),
            answers_en: entry.question(Lang::En).to_string(),
            formula_es: entry.formula(Lang::Es).to_string(),
            formula_en: entry.formula(Lang::En).to_string(),
            grain: entry.grain.clone(),
            source: entry.source.clone(),
            digest: entry.digest.clone(),
            parameters: header.params.iter().map(|p| p.name.clone()).collect(),
            columns: header.columns.iter().map(|c| QueryColumn { name: c.name.clone(), type_name: c.kind.as_str().to_string() }).collect(),
        })
    }
}
