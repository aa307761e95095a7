//! Answers of calls that stand more than once in what is asked: each is computed once, kept in memory, and read wherever the call stands.
//!
//! Questions of a pack rest on the same few things (open items of a day, rates, balances), and a query may call them several times
//! itself. Without this every place plans and runs them again. A call is the same call where query and arguments, the load among them,
//! are the same; a query's rows follow from those alone, so an answer cannot depend on who asked first. What is larger than its
//! share of the memory is not kept: then each place runs it for itself, as if nothing were shared.

use super::calls::{Arguments, Call, CallKey};
use super::planner::House;
use super::rows::{Datum, Rows};
use super::{BrokenLaw, Engine, literals};
use crate::error::{Error, Result};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::Result as Planned;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::OnceCell;

/// Memory of all answers kept, in times of what one may take.
const KEPT_AT_MOST: usize = 3;

/// An answer kept, once it was needed; `None`: too large to keep.
type Slot = OnceCell<Option<Kept>>;

/// An answer in memory, and its claim on the memory of all queries.
struct Kept {
    table: Arc<MemTable>,
    _claim: MemoryReservation,
}

/// The calls that some questions have in common.
pub(super) struct Sharing {
    slots: HashMap<CallKey, Slot>,
    /// Whether many questions are asked side by side.
    pub(super) is_of_many: bool,
    /// Bytes kept so far.
    held: AtomicUsize,
}

impl Sharing {
    /// What stands more than once in some plans and behind their calls.
    pub(super) fn of(house: &Arc<House>, roots: &[LogicalPlan], is_of_many: bool) -> Planned<Sharing> {
        let mut seen: HashMap<CallKey, usize> = HashMap::new();
        let mut open = Vec::new();
        for root in roots {
            for call in Call::all(root)? {
                open.push(house.called(&call, &Arguments::new())?);
            }
        }
        while let Some(call) = open.pop() {
            if let Some(key) = call.key() {
                let times = seen.entry(key).or_default();
                *times += 1;
                if *times > 1 {
                    continue;
                }
            }
            open.extend(below(house, &call)?);
        }
        let slots = seen.into_iter().filter(|(_, times)| *times > 1).map(|(key, _)| (key, Slot::new())).collect();
        Ok(Sharing { slots, is_of_many, held: AtomicUsize::new(0) })
    }

    /// Nothing in common: every call runs where it stands.
    pub(super) fn nothing() -> Sharing {
        Sharing { slots: HashMap::new(), is_of_many: false, held: AtomicUsize::new(0) }
    }

    /// The answer of a call, if it is kept.
    pub(super) fn answer(&self, key: &CallKey) -> Option<Arc<dyn TableProvider>> {
        let kept = self.slots.get(key)?.get()?.as_ref()?;
        Some(Arc::clone(&kept.table) as Arc<dyn TableProvider>)
    }

    /// Waits until every answer in common that a plan needs is there.
    pub(super) async fn ready(self: &Arc<Self>, engine: &Engine, plan: &LogicalPlan) -> Result<()> {
        let translate = |e| engine.translate(e);
        for call in Call::all(plan).map_err(translate)? {
            let call = engine.0.called(&call, &Arguments::new()).map_err(translate)?;
            self.ready_call(engine, call).await?;
        }
        Ok(())
    }

    fn ready_call<'a>(self: &'a Arc<Self>, engine: &'a Engine, call: Call) -> BoxFuture<'a, Result<()>> {
        async move {
            let slot = call.key().and_then(|key| self.slots.get(&key));
            if let Some(slot) = slot {
                let kept = slot.get_or_try_init(|| async {
                    self.ready_below(engine, &call).await?;
                    self.compute(engine, &call).await
                });
                if kept.await?.is_some() {
                    return Ok(());
                }
            }
            self.ready_below(engine, &call).await
        }
        .boxed()
    }

    async fn ready_below(self: &Arc<Self>, engine: &Engine, call: &Call) -> Result<()> {
        for call in below(&engine.0, call).map_err(|e| engine.translate(e))? {
            self.ready_call(engine, call).await?;
        }
        Ok(())
    }

    async fn compute(self: &Arc<Self>, engine: &Engine, call: &Call) -> Result<Option<Kept>> {
        let pool = &engine.0.state.runtime_env().memory_pool;
        let claim = MemoryConsumer::new(format!("the answer of {} in common", call.query)).register(pool);
        let (plan, _) = engine.physical(call.clone().node(), self).await?;
        let mut stream = execute_stream(plan, engine.0.state.task_ctx()).map_err(|e| engine.translate(e))?;
        let mut batches = Vec::new();
        let schema = nullable(call.columns());
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|e| engine.translate(e))?;
            let columns: Vec<ArrayRef> = batch.columns().iter().map(compact).collect();
            let more = columns.iter().map(|c| size(c.as_ref())).sum::<usize>();
            let held = self.held.fetch_add(more, Ordering::Relaxed) + more;
            let fits = claim.size() + more <= engine.0.kept_bytes && held <= KEPT_AT_MOST * engine.0.kept_bytes;
            if !fits || claim.try_grow(more).is_err() {
                self.held.fetch_sub(claim.size() + more, Ordering::Relaxed);
                return Ok(None);
            }
            let batch = RecordBatch::try_new(Arc::clone(&schema), columns);
            batches.push(batch.map_err(|e| Error::internal(format!("`{}` has other columns than planned", call.query)).caused_by(e))?);
        }
        let partitions = engine.0.state_of(self).config().target_partitions().clamp(1, batches.len().max(1));
        let mut parts = vec![Vec::new(); partitions];
        for (number, batch) in batches.into_iter().enumerate() {
            parts[number % partitions].push(batch);
        }
        let table = MemTable::try_new(schema, parts).map_err(|e| engine.translate(e))?;
        Ok(Some(Kept { table: Arc::new(table), _claim: claim }))
    }
}

/// The calls in the plan of a call, with its arguments.
fn below(house: &Arc<House>, call: &Call) -> Planned<Vec<Call>> {
    let arguments = call.arguments();
    house.file_plan(&call.query)?.calls.iter().map(|inner| house.called(inner, &arguments)).collect()
}

/// The same columns, any of which may be without a value.
fn nullable(schema: &SchemaRef) -> SchemaRef {
    let field = |field: &Arc<Field>| Field::new(field.name(), field.data_type().clone(), true);
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// A column without what it does not show: texts of a few rows would otherwise keep the whole pages they were read from.
fn compact(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()),
        _ => Arc::clone(column),
    }
}

/// Bytes of the rows of a column. Columns are often windows of one large buffer, whose own size would count once for each.
fn size(column: &dyn Array) -> usize {
    match column.data_type() {
        DataType::Utf8View => {
            let long = column.as_string_view().lengths().filter(|l| *l > 12).map(|l| l as usize);
            16 * column.len() + long.sum::<usize>()
        }
        _ => column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size()),
    }
}

/// Questions asked together: what they have in common is computed once.
pub struct Together {
    engine: Engine,
    load: i32,
    sharing: Arc<Sharing>,
}

impl Together {
    pub(super) fn new(engine: Engine, load: i32, sharing: Arc<Sharing>) -> Together {
        Together { engine, load, sharing }
    }

    /// How many answers in common are kept so far.
    pub fn kept(&self) -> usize {
        self.sharing.slots.values().filter(|slot| slot.get().is_some_and(Option::is_some)).count()
    }

    /// Calls a query by name; its rows in the declared order. A question that was not named before is answered all the same.
    pub async fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows> {
        let (name, given, load) = (query.to_string(), literals(arguments)?, self.load);
        self.rows(move |house| house.plan_call(&name, given, load)).await.map_err(|e| e.context(format!("query {query}")))
    }

    /// The documents behind a column of a query, as [`Engine::inputs`] gives them.
    pub async fn inputs(&self, query: &str, input: usize, arguments: &[Datum]) -> Result<Rows> {
        let (name, given, load) = (query.to_string(), literals(arguments)?, self.load);
        let rows = self.rows(move |house| house.plan_input(&name, input, given, load)).await;
        rows.map_err(|e| e.context(format!("inputs {} of {query}", input + 1)))
    }

    /// The laws of a query that do not hold, as [`Engine::broken_laws`] gives them.
    pub async fn broken_laws(&self, query: &str, arguments: &[Datum]) -> Result<Vec<BrokenLaw>> {
        let mut broken = Vec::new();
        for (number, law) in self.engine.0.catalogue.find(query)?.header.holds.iter().enumerate() {
            let (name, given, load) = (query.to_string(), literals(arguments)?, self.load);
            let rows = self.rows(move |house| house.plan_law(&name, number, given, load)).await;
            let rows = rows.map_err(|e| e.context(format!("law {} of {query}", number + 1)))?;
            if !rows.rows.is_empty() {
                broken.push(BrokenLaw { law: law.sql.clone(), rows });
            }
        }
        Ok(broken)
    }

    async fn rows(&self, plan: impl FnOnce(&Arc<House>) -> Planned<LogicalPlan> + Send + 'static) -> Result<Rows> {
        let root = self.engine.on_planner(plan).await?;
        self.sharing.ready(&self.engine, &root).await?;
        self.engine.rows(self.engine.physical(root, &self.sharing).await?, usize::MAX).await
    }
}

/// What runs, and the schema it was planned with.
pub(super) type Physical = (Arc<dyn ExecutionPlan>, SchemaRef);
