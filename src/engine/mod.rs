//! DataFusion behind one door: the tables of a load, query files as table functions, only SELECT and EXPLAIN.
//!
//! ```text
//! queries/*.sql ─▶ header ─▶ catalogue ─┐
//!                                       ├─▶ planner ─▶ plan ─▶ answer (plain rows)
//! snapshot ─▶ tables ───────────────────┘      ▲
//! what people type ─▶ guard ───────────────────┘
//! ```
//!
//! Chosen mechanism: our own [`planner`] feeds DataFusion's SQL planner (names, views of a load, calls); a query file is planned once with its
//! placeholders in it and every call substitutes its arguments in that plan. Nothing is pasted as text. A call that stands more than once
//! in what is asked is computed once ([`sharing`]). Rooms behind this one see [`rows::Rows`] and never Arrow.

mod answer;
mod arguments;
mod calls;
pub mod catalogue;
mod functions;
mod guard;
pub mod header;
mod local_files;
mod memory;
mod parquet;
mod planner;
pub mod rows;
mod rules;
mod sharing;
pub mod shipped;
mod small_side;
mod syntax;
mod tables;
mod translate;
mod view;

pub use catalogue::{Catalogue, QueryFile};
pub use parquet::parquet;
pub use sharing::Together;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::ledger::merges::Merges;
use crate::ledger::snapshot::Snapshot;
use crate::schema::system::CLOSES;
use calls::Arguments;
use datafusion::catalog::TableProvider;
use datafusion::error::{DataFusionError, Result as Planned};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, lit};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionConfig;
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use planner::{History, House};
use rows::{Datum, Rows};
use sharing::{Physical, Sharing};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Stack of the thread that plans: deep expressions recurse in the planner and its optimizer.
const PLANNING_STACK: usize = 64 << 20;

/// Rows of the largest table below which splitting a query takes longer, in planning and in running, than it saves.
const LITTLE: u64 = 200_000;
/// What each sort sets aside for merging what it spilled. A plan may hold a hundred sorts of little: ten times as much for each, as the
/// engine has it, and equal parts of the memory for all of them, would refuse queries that need a third of it.
const SORT_RESERVE: usize = 1 << 20;
/// Passes of the optimizer: a third one changes the plan of no shipped query. Where there is little to read the second costs more than it
/// saves.
const PASSES: usize = 2;

/// Part of the memory that one answer kept for several questions may take. With 100,000 invoices the largest is 67 MB.
const KEPT_PART: usize = 8;

/// How much an engine may use.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Threads a query is split over; 0: one a core, and a single one where there is little to read or other questions are asked beside it.
    pub partitions: usize,
    /// Rows of a batch.
    pub batch_rows: usize,
    /// Memory of all running queries, half of the machine's where it is not said; sorts, joins and groups beyond it go to disk or fail.
    pub memory_bytes: usize,
    /// Part of it that one answer which several questions share may take; a larger one is computed for each of them.
    pub kept_bytes: usize,
    /// Rows of an answer to SQL that somebody typed, where it is not written to a file.
    pub answer_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let memory_bytes = memory::half_of_the_machine();
        Limits { partitions: 0, batch_rows: 8192, memory_bytes, kept_bytes: memory_bytes / KEPT_PART, answer_rows: 1_000_000 }
    }
}

/// The engine over one snapshot. Cloning it is cheap.
#[derive(Clone)]
pub struct Engine(Arc<House>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("load_id", &self.0.history.load_id).finish_non_exhaustive()
    }
}

/// A law of a query that does not hold.
#[derive(Debug, Clone)]
pub struct BrokenLaw {
    /// The law as the header says it.
    pub law: String,
    /// The rows that break it.
    pub rows: Rows,
}

impl Engine {
    /// An engine over a snapshot with the shipped queries.
    pub fn open(snapshot: &Snapshot, config: &Config) -> Result<Engine> {
        let catalogue = Catalogue::shipped()?;
        Engine::open_with(snapshot, config, catalogue, &Limits::default())
    }

    /// An engine over a snapshot with queries and limits of one's own.
    pub fn open_with(snapshot: &Snapshot, config: &Config, catalogue: Catalogue, limits: &Limits) -> Result<Engine> {
        let inside = |e: DataFusionError| Error::internal("the engine cannot open").caused_by(e.strip_backtrace());
        let runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_bytes))).build_arc().map_err(inside)?;
        let effort = Effort::of(limits, snapshot);
        let begin = SessionStateBuilder::new().with_config(effort.session(limits, effort.alone)).with_runtime_env(runtime);
        let mut state = begin.with_default_features().with_physical_optimizer_rules(rules::physical(effort.reads_little)).build();
        let merges = Arc::new(Merges::read(snapshot)?);
        let has_merges = !merges.is_empty();
        for function in functions::all(config.fx_max_age_days, merges) {
            datafusion::execution::FunctionRegistry::register_udf(&mut state, function).map_err(inside)?;
        }
        let mut all: BTreeMap<String, Arc<dyn TableProvider>> = BTreeMap::new();
        for table in &snapshot.tables {
            let provider = Arc::new(tables::FileTable::new(table));
            if let Some((as_loaded, _)) = tables::AS_LOADED.iter().find(|(_, stored)| *stored == table.name) {
                all.insert((*as_loaded).to_string(), Arc::clone(&provider) as Arc<dyn TableProvider>);
            }
            all.insert(table.name.clone(), provider);
        }
        all.insert("aging_buckets".to_string(), Arc::new(tables::aging_buckets(config).map_err(inside)?));
        all.insert("settings".to_string(), Arc::new(tables::settings(config).map_err(inside)?));
        all.insert(CLOSES.name.to_string(), Arc::new(tables::closes(&snapshot.closes).map_err(inside)?));
        let listed = tables::listed(&catalogue, all.keys()).map_err(inside)?;
        all.insert(tables::CATALOGUE.to_string(), Arc::new(listed));
        if let Some(both) = catalogue.files().find(|f| all.contains_key(&f.header.name)) {
            return Err(Error::usage(format!("{}: `{}` is the name of a table", both.path, both.header.name)));
        }
        let has_superseded = snapshot.tables.iter().any(|t| t.name == "superseded" && !t.files.is_empty());
        let merged_customer = has_merges.then(|| state.scalar_functions()[functions::MERGED_CUSTOMER].clone());
        let load_id = snapshot.load_id;
        let history = History { tables: all, has_superseded, merged_customer, load_id };
        let of_many = SessionStateBuilder::new_from_existing(state.clone()).with_config(effort.session(limits, effort.of_many)).build();
        Ok(Engine(Arc::new(House::new([state, of_many], catalogue, history, limits))))
    }

    /// Every query file.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// Newest load the engine sees.
    pub fn load_id(&self) -> i32 {
        self.0.history.load_id
    }

    /// Names of every table SQL can read.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.history.tables.keys().map(String::as_str)
    }

    /// Calls a query by name; its rows in the declared order.
    pub async fn ask(&self, query: &str, arguments: &[Datum], known_at: Option<i32>) -> Result<Rows> {
        self.together(&[(query.to_string(), arguments.to_vec())], known_at).await?.ask(query, arguments).await
    }

    /// The documents behind a column of a query: rows whose amount × rate add up to it. `input` counts the header's `inputs`.
    pub async fn inputs(&self, query: &str, input: usize, arguments: &[Datum], known_at: Option<i32>) -> Result<Rows> {
        self.with_proofs(&[(query.to_string(), arguments.to_vec())], known_at).await?.inputs(query, input, arguments).await
    }

    /// The laws of a query that do not hold for some arguments; none is good.
    pub async fn broken_laws(&self, query: &str, arguments: &[Datum], known_at: Option<i32>) -> Result<Vec<BrokenLaw>> {
        self.with_proofs(&[(query.to_string(), arguments.to_vec())], known_at).await?.broken_laws(query, arguments).await
    }

    /// Questions that will be asked: what their answers have in common is computed once.
    pub async fn together(&self, questions: &[(String, Vec<Datum>)], known_at: Option<i32>) -> Result<Together> {
        self.sharing(questions, known_at, |house, query, arguments, load| vec![house.plan_call(query, arguments, load)]).await
    }

    /// Questions whose answers, documents and laws will be asked for.
    pub async fn with_proofs(&self, questions: &[(String, Vec<Datum>)], known_at: Option<i32>) -> Result<Together> {
        self.sharing(questions, known_at, |house, query, arguments, load| {
            let Some(file) = house.catalogue.get(query) else { return Vec::new() };
            let inputs = (0..file.header.inputs.len()).map(|n| house.plan_input(query, n, arguments.clone(), load));
            let laws = (0..file.header.holds.len()).map(|n| house.plan_law(query, n, arguments.clone(), load));
            [house.plan_call(query, arguments.clone(), load)].into_iter().chain(inputs).chain(laws).collect()
        })
        .await
    }

    /// A plan that cannot be made has nothing in common with the others; its error is told when it is asked for.
    async fn sharing(
        &self,
        questions: &[(String, Vec<Datum>)],
        known_at: Option<i32>,
        plans: impl Fn(&Arc<House>, &str, Vec<Expr>, i32) -> Vec<Planned<LogicalPlan>> + Send + 'static,
    ) -> Result<Together> {
        let load = self.load(known_at)?;
        let questions: Vec<(String, Vec<Expr>)> =
            questions.iter().map(|(query, arguments)| Ok((query.clone(), literals(arguments)?))).collect::<Result<_>>()?;
        let is_of_many = questions.len() > 1;
        let sharing = self.on_planner(move |house| {
            house.plan_files(questions.iter().map(|(query, _)| query.as_str()).collect());
            let roots = questions.into_iter().flat_map(|(query, arguments)| plans(house, &query, arguments, load));
            Sharing::of(house, &roots.filter_map(std::result::Result::ok).collect::<Vec<_>>(), is_of_many)
        });
        Ok(Together::new(self.clone(), load, Arc::new(sharing.await?)))
    }

    /// Runs one SELECT or EXPLAIN that somebody typed.
    pub async fn sql(&self, text: &str, known_at: Option<i32>) -> Result<Rows> {
        self.rows(self.typed(text, known_at).await?, self.0.answer_rows).await
    }

    /// Runs one SELECT that somebody typed into a Parquet file; gives the number of rows.
    pub async fn sql_parquet(&self, text: &str, path: &Path, known_at: Option<i32>) -> Result<u64> {
        let (plan, schema) = self.typed(text, known_at).await?;
        let partial = path.with_extension("parquet.partial");
        let cannot = |e: std::io::Error| Error::io(format!("cannot write {}", path.display()), e);
        let parquet = |e: datafusion::parquet::errors::ParquetError| Error::data(format!("cannot write {}", path.display())).caused_by(e);
        let file = std::fs::File::create(&partial).map_err(cannot)?;
        let mut writer = ArrowWriter::try_new(file, schema, None).map_err(parquet)?;
        let mut stream = execute_stream(plan, self.0.state.task_ctx()).map_err(|e| self.translate(e))?;
        let mut rows = 0;
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|e| self.translate(e))?;
            rows += batch.num_rows() as u64;
            writer.write(&batch).map_err(parquet)?;
        }
        writer.into_inner().map_err(parquet)?.sync_all().map_err(cannot)?;
        std::fs::rename(&partial, path).map_err(cannot)?;
        Ok(rows)
    }

    /// What somebody typed; what it calls more than once is computed once. EXPLAIN shows every call where it stands: answers in common are
    /// there only once a question runs.
    async fn typed(&self, text: &str, known_at: Option<i32>) -> Result<Physical> {
        let (text, load) = (text.to_string(), self.load(known_at)?);
        let planned = self.on_planner(move |house| {
            let statement = guard::admit(&text, &house.catalogue).map_err(|e| DataFusionError::External(Box::new(e)))?;
            let plan = house.plan_statement(statement, load)?;
            SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
            let sharing = match plan {
                LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => Sharing::nothing(),
                _ => Sharing::of(house, std::slice::from_ref(&plan), false)?,
            };
            Ok((plan, sharing))
        });
        let (plan, sharing) = planned.await?;
        let sharing = Arc::new(sharing);
        sharing.ready(self, &plan).await?;
        self.physical(plan, &sharing).await
    }

    /// What runs for a plan, with the answers that are there in the place of their calls.
    async fn physical(&self, root: LogicalPlan, sharing: &Arc<Sharing>) -> Result<Physical> {
        let runtime = tokio::runtime::Handle::current();
        let sharing = Arc::clone(sharing);
        let planned = self.on_planner(move |house| {
            let plan = house.expanded(root, &Arguments::new(), &|key| sharing.answer(key))?;
            let schema = Arc::clone(plan.schema().inner());
            let mut state = house.state_of(&sharing).clone();
            state.mark_start_execution();
            Ok((runtime.block_on(state.create_physical_plan(&plan))?, schema))
        });
        planned.await
    }

    /// Plans on a thread with room for deep recursion.
    async fn on_planner<T: Send + 'static>(&self, work: impl FnOnce(&Arc<House>) -> Planned<T> + Send + 'static) -> Result<T> {
        let house = Arc::clone(&self.0);
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("plan".to_string())
            .stack_size(PLANNING_STACK)
            // The asker may have gone; then nobody needs the plan.
            .spawn(move || drop(send.send(work(&house))))
            .map_err(|e| Error::io("cannot start a thread to plan", e))?;
        receive.await.map_err(|_| Error::internal("planning broke off"))?.map_err(|e| self.translate(e))
    }

    async fn rows(&self, (plan, schema): Physical, most: usize) -> Result<Rows> {
        let mut stream = execute_stream(plan, self.0.state.task_ctx()).map_err(|e| self.translate(e))?;
        let (mut batches, mut count) = (Vec::new(), 0);
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|e| self.translate(e))?;
            count += batch.num_rows();
            if count > most {
                return Err(
                    Error::data(format!("the answer has more than {most} rows")).hint("add a LIMIT, group, or write it to a Parquet file")
                );
            }
            batches.push(batch);
        }
        let schema = batches.first().map_or(schema, |b| b.schema());
        answer::rows(&schema, &batches)
    }

    fn load(&self, known_at: Option<i32>) -> Result<i32> {
        match known_at {
            None => Ok(self.0.history.load_id),
            Some(load) if (0..=self.0.history.load_id).contains(&load) => Ok(load),
            Some(load) => Err(Error::missing(format!("there is no load {load}")).hint(format!("the newest is {}", self.0.history.load_id))),
        }
    }

    fn translate(&self, error: DataFusionError) -> Error {
        translate::translate(error, &self.0)
    }
}

/// How much is done for the speed of one question.
struct Effort {
    /// Whether plans read so little that making them takes longer than running them.
    reads_little: bool,
    /// Threads a question is split over that is asked alone.
    alone: usize,
    /// The same of one among many: the others keep the cores busy, and what is not split needs less memory.
    of_many: usize,
}

impl Effort {
    fn of(limits: &Limits, snapshot: &Snapshot) -> Effort {
        if limits.partitions > 0 {
            return Effort { reads_little: false, alone: limits.partitions, of_many: limits.partitions };
        }
        let most_rows = snapshot.tables.iter().map(|t| t.files.iter().map(|f| f.rows).sum::<u64>()).max();
        let reads_little = most_rows.unwrap_or(0) < LITTLE;
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Effort { reads_little, alone: if reads_little { 1 } else { cores() }, of_many: 1 }
    }

    fn session(&self, limits: &Limits, partitions: usize) -> SessionConfig {
        SessionConfig::new()
            .with_target_partitions(partitions)
            .with_batch_size(limits.batch_rows)
            .set_usize("datafusion.optimizer.max_passes", if self.reads_little { 1 } else { PASSES })
            .set_usize("datafusion.execution.sort_spill_reservation_bytes", SORT_RESERVE)
            .set_bool("datafusion.sql_parser.parse_float_as_decimal", true)
    }
}

fn literals(arguments: &[Datum]) -> Result<Vec<Expr>> {
    let literal = |datum: &Datum| {
        Ok(lit(match datum {
            Datum::Null => ScalarValue::Null,
            Datum::Text(text) => ScalarValue::Utf8(Some(text.clone())),
            Datum::Int(number) => ScalarValue::Int64(Some(*number)),
            Datum::Decimal(number) => {
                let scale = i8::try_from(number.scale()).map_err(|_| Error::internal("a scale is at most 28"))?;
                ScalarValue::Decimal128(Some(number.mantissa()), 38, scale)
            }
            Datum::Date(day) => ScalarValue::Date32(Some(crate::domain::days::epoch_day(*day))),
            Datum::Bool(yes) => ScalarValue::Boolean(Some(*yes)),
            Datum::Other(text) => return Err(Error::usage(format!("`{text}` cannot be an argument"))),
        }))
    };
    arguments.iter().map(literal).collect()
}
