//! From names to plans: tables become views of a load, calls of queries become the file's plan with the arguments in it.
//!
//! The heart of the engine. A file is planned once, with its placeholders and its calls in it; a call copies that plan and puts the
//! argument expressions where the placeholders are, keeping the names of the expressions around them (a GROUP BY or a window on a
//! parameter is otherwise no longer found by the nodes above), and for the calls in it their plans, or the answers they share with
//! others ([`super::sharing`]). The load to look from is one more placeholder, `$load`, that tables filter by and nested calls hand on.
//! So the optimizer always sees one plain plan. It leaves syntax to [`super::syntax`] and files to [`super::tables`].

use super::PLANNING_STACK;
use super::calls::{Arguments, Call, CallKey, alias, instantiate};
use super::catalogue::{Catalogue, QueryFile};
use super::sharing::Sharing;
use super::tables::AS_LOADED;
use super::view::View;
use crate::domain::spelling::nearest;
use crate::domain::work::threads;
use crate::error::Error;
use crate::schema::{self, system::CUSTOMER_MERGES};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, Result, TableReference};
use datafusion::datasource::{TableProvider, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::functions::expr_fn::{coalesce, concat_ws};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, LogicalPlanBuilder, ScalarUDF, cast, col, lit};
use datafusion::sql::sqlparser::ast::Statement;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The plan of a query file with its placeholders and calls in it.
pub(super) struct FilePlan {
    pub(super) plan: LogicalPlan,
    /// The calls in it, as often as they stand there.
    pub(super) calls: Vec<Call>,
}

/// The plan of a file, once it was needed. Its lock is held while it is made, so that it is made once; locks of files that
/// call each other are taken in the order of the calls, which knows no circles.
type Place = Arc<Mutex<Option<Arc<FilePlan>>>>;

/// The history as far as planning must know it.
pub(super) struct History {
    /// Tables by name, all rows of all loads.
    pub(super) tables: BTreeMap<String, Arc<dyn TableProvider>>,
    /// Whether any row was ever superseded.
    pub(super) has_superseded: bool,
    /// What tells which customers are one, if any ever were.
    pub(super) merged_customer: Option<Arc<ScalarUDF>>,
    /// Newest load.
    pub(super) load_id: i32,
}

/// What planning needs to know; shared by every call.
pub(super) struct House {
    pub(super) state: SessionState,
    /// The same for one question of many.
    of_many: SessionState,
    pub(super) catalogue: Catalogue,
    pub(super) history: History,
    /// Most rows of an answer to typed SQL.
    pub(super) answer_rows: usize,
    /// Memory of one answer that several questions share, at most.
    pub(super) kept_bytes: usize,
    /// Plans of query files, placeholders in place.
    plans: Mutex<HashMap<String, Place>>,
}

/// An argument of the implicit parameter `$load`.
fn load_placeholder() -> Expr {
    cast(Expr::Placeholder(Placeholder::new_with_field("$load".to_string(), None)), DataType::Int32)
}

pub(super) fn refuse(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl House {
    pub(super) fn new(states: [SessionState; 2], catalogue: Catalogue, history: History, limits: &super::Limits) -> House {
        let (answer_rows, kept_bytes) = (limits.answer_rows, limits.kept_bytes);
        let [state, of_many] = states;
        House { state, of_many, catalogue, history, answer_rows, kept_bytes, plans: Mutex::default() }
    }

    /// What plans and runs questions that share answers.
    pub(super) fn state_of(&self, sharing: &Sharing) -> &SessionState {
        if sharing.is_of_many { &self.of_many } else { &self.state }
    }

    fn view(self: &Arc<Self>, load: Expr) -> View {
        View { house: Arc::clone(self), load, this: None }
    }

    /// Plans a statement somebody typed, looking from a load.
    pub(super) fn plan_statement(self: &Arc<Self>, statement: Statement, load: i32) -> Result<LogicalPlan> {
        self.view(lit(load)).plan(statement)
    }

    /// Plans a call of a query, its rows in the declared order.
    pub(super) fn plan_call(self: &Arc<Self>, name: &str, arguments: Vec<Expr>, load: i32) -> Result<LogicalPlan> {
        let file = self.catalogue.find(name).map_err(refuse)?;
        let plan = self.view(lit(load)).call(name, arguments)?.node();
        let order = file.header.order.iter().map(|key| Expr::Column(Column::from_name(&key.column)).sort(!key.descending, false));
        LogicalPlanBuilder::from(plan).sort(order)?.build()
    }

    /// Plans law number `law` of a query for some arguments.
    pub(super) fn plan_law(self: &Arc<Self>, name: &str, law: usize, arguments: Vec<Expr>, load: i32) -> Result<LogicalPlan> {
        let file = self.catalogue.find(name).map_err(refuse)?;
        self.plan_beside(file, file.header.holds.get(law).map(|l| (l.line, l.sql.as_str())), arguments, load)
    }

    /// Plans the documents behind column number `input` of a query for some arguments.
    pub(super) fn plan_input(self: &Arc<Self>, name: &str, input: usize, arguments: Vec<Expr>, load: i32) -> Result<LogicalPlan> {
        let file = self.catalogue.find(name).map_err(refuse)?;
        self.plan_beside(file, file.header.inputs.get(input).map(|i| (i.line, i.sql.as_str())), arguments, load)
    }

    /// Plans a SELECT of a file's header, `this` being the answer.
    fn plan_beside(
        self: &Arc<Self>,
        file: &QueryFile,
        select: Option<(usize, &str)>,
        arguments: Vec<Expr>,
        load: i32,
    ) -> Result<LogicalPlan> {
        let (line, sql) =
            select.ok_or_else(|| refuse(Error::internal(format!("`{}` has no such SELECT in its header", file.header.name))))?;
        let body = file.beside(line, sql).map_err(refuse)?;
        let own = file.header.params.iter().map(|p| p.name.as_str()).chain(["load"]).map(|name| format!("${name}"));
        let own = own.map(|id| (id.clone(), Expr::Placeholder(Placeholder::new_with_field(id, None)))).collect();
        let view = View { this: Some(self.call(&file.header.name, own)?), ..self.view(load_placeholder()) };
        let plan = view.plan(Statement::Query(Box::new(body)))?;
        let arguments = self.view(lit(load)).arguments(file, arguments)?.into_iter().collect();
        instantiate(plan, &arguments, &|call| Ok(self.called(call, &arguments)?.node()))
    }

    /// A call with the arguments of its caller.
    pub(super) fn called(&self, call: &Call, arguments: &Arguments) -> Result<Call> {
        call.with(arguments, |expr| self.computed(expr))
    }

    /// A plan with the plans of its calls in their places; where `answered` knows the answer of a call, that.
    pub(super) fn expanded(
        self: &Arc<Self>,
        plan: LogicalPlan,
        arguments: &Arguments,
        answered: &dyn Fn(&CallKey) -> Option<Arc<dyn TableProvider>>,
    ) -> Result<LogicalPlan> {
        instantiate(plan, arguments, &|call| {
            let call = self.called(call, arguments)?;
            if let Some(key) = call.key()
                && let Some(table) = answered(&key)
            {
                // The optimizer takes scans of one name for scans of one table: the name says the arguments too.
                let scan = LogicalPlanBuilder::scan(TableReference::bare(key.to_string()), provider_as_source(table), None)?;
                return scan.alias(call.alias())?.build();
            }
            let plan = self.expanded(self.file_plan(&call.query)?.plan.clone(), &call.arguments(), answered)?;
            LogicalPlanBuilder::from(plan).alias(call.alias())?.build()
        })
    }

    /// The node of a call with arguments by placeholder.
    pub(super) fn call(self: &Arc<Self>, query: &str, arguments: Vec<(String, Expr)>) -> Result<Call> {
        let schema = self.file_plan(query)?.plan.schema().as_ref().clone().replace_qualifier(alias(query));
        Ok(Call::new(query, arguments, Arc::new(schema)))
    }

    /// The plan of a query file with its placeholders and calls in it, its columns cast to their declared types.
    pub(super) fn file_plan(self: &Arc<Self>, query: &str) -> Result<Arc<FilePlan>> {
        let file = self.catalogue.find(query).map_err(refuse)?;
        let place = Arc::clone(self.plans.lock().unwrap_or_else(PoisonError::into_inner).entry(query.to_string()).or_default());
        let mut made = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = made.as_ref() {
            return Ok(Arc::clone(plan));
        }
        let body = Statement::Query(Box::new(file.body().map_err(refuse)?.clone()));
        let plan = declared(file, self.view(load_placeholder()).plan(body)?)?;
        let plan = Arc::new(FilePlan { calls: Call::all(&plan)?, plan });
        *made = Some(Arc::clone(&plan));
        Ok(plan)
    }

    /// Plans query files and what they call beforehand, on every core. One that cannot be planned is told where it is asked for.
    pub(super) fn plan_files(self: &Arc<Self>, queries: BTreeSet<&str>) {
        let queries: Vec<&str> = queries.into_iter().collect();
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(query) = queries.get(next.fetch_add(1, Ordering::Relaxed)) {
                drop(self.file_plan(query));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..threads().min(queries.len()) {
                // Without a thread the rest is planned when it is asked for.
                drop(std::thread::Builder::new().name("plan".to_string()).stack_size(PLANNING_STACK).spawn_scoped(scope, work));
            }
        });
    }

    /// The rows of a table that a load sees.
    pub(super) fn table_plan(&self, name: &str, load: &Expr) -> Result<LogicalPlan> {
        let table = self.history.tables.get(name).ok_or_else(|| refuse(self.no_table(name)))?;
        let plan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::clone(table)), None)?;
        if table.schema().column_with_name("load_id").is_none() {
            return plan.build();
        }
        let plan = plan.filter(col("load_id").lt_eq(load.clone()))?;
        let stored = AS_LOADED.iter().find(|(as_loaded, _)| *as_loaded == name).map_or(name, |(_, stored)| stored);
        let plan = match schema::table(stored) {
            Some(canonical) if self.history.has_superseded => current(plan, name, canonical, self.superseded(stored, load)?)?,
            _ => plan,
        };
        match &self.history.merged_customer {
            Some(function) if stored == name && name != CUSTOMER_MERGES.name => merged(plan, name, function, load)?.build(),
            _ => plan.build(),
        }
    }

    /// That a name is no table, and what it may have meant.
    pub(super) fn no_table(&self, name: &str) -> Error {
        let error = Error::missing(format!("there is no table `{name}`"));
        match self.catalogue.get(name) {
            Some(file) => error.hint(format!("it is a query; call it: {}", file.header.signature())),
            None => error.hint(self.meant(name)),
        }
    }

    /// What somebody may have meant by a name that is neither table nor query, and where all names are.
    pub(super) fn meant(&self, name: &str) -> String {
        let names = self.catalogue.files().map(|f| f.header.name.as_str()).chain(self.history.tables.keys().map(String::as_str));
        let meant = nearest(name, names).map(|near| match self.catalogue.get(near) {
            Some(file) => format!("did you mean the query {}? ", file.header.signature()),
            None => format!("did you mean the table `{near}`? "),
        });
        format!("{}`select * from catalogue` lists tables and queries", meant.unwrap_or_default())
    }

    fn superseded(&self, table: &str, load: &Expr) -> Result<LogicalPlan> {
        let rows =
            self.history.tables.get("superseded").ok_or_else(|| refuse(Error::internal("the snapshot has no table `superseded`")))?;
        LogicalPlanBuilder::scan("superseded", provider_as_source(Arc::clone(rows)), None)?
            .filter(col("load_id").lt_eq(load.clone()).and(col("table_name").eq(lit(table))))?
            .project([col("row_key"), col("row_load_id")])?
            .build()
    }
}

/// Leaves out the rows that a later load replaced or took away.
fn current(rows: LogicalPlanBuilder, name: &str, table: &schema::Table, superseded: LogicalPlan) -> Result<LogicalPlanBuilder> {
    let column = |of: &str| Expr::Column(Column::new(Some(name), of));
    let part = |at: usize| {
        let part = cast(column(table.columns[at].name), DataType::Utf8View);
        if table.columns[at].required { part } else { coalesce(vec![part, lit("")]) }
    };
    let parts: Vec<Expr> = table.key_positions().into_iter().map(part).collect();
    let key = if parts.len() == 1 { parts.into_iter().next().expect("one part") } else { concat_ws(lit("\u{1f}"), parts) };
    let theirs =
        vec![Expr::Column(Column::new(Some("superseded"), "row_key")), Expr::Column(Column::new(Some("superseded"), "row_load_id"))];
    rows.join_with_expr_keys(superseded, JoinType::LeftAnti, (vec![key, column("load_id")], theirs), None)
}

/// Rows of a table with customers under the customer that they are; of `customers` only those that are themselves.
fn merged(rows: LogicalPlanBuilder, name: &str, function: &Arc<ScalarUDF>, load: &Expr) -> Result<LogicalPlanBuilder> {
    let schema = Arc::clone(rows.schema());
    if !schema.has_column_with_unqualified_name("customer_id") {
        return Ok(rows);
    }
    let column = |of: &str| Expr::Column(Column::new(Some(name), of));
    let is = |of: &str| function.call(vec![column("company_id"), column(of), load.clone()]);
    let rows = if name == "customers" { rows.filter(is("customer_id").eq(column("customer_id")))? } else { rows };
    rows.project(schema.fields().iter().map(|field| match field.name().as_str() {
        of @ ("customer_id" | "parent_customer_id") => is(of).alias_qualified(Some(name), of),
        of => column(of),
    }))
}

/// Checks a file's columns against its header and casts them to the declared types.
fn declared(file: &QueryFile, plan: LogicalPlan) -> Result<LogicalPlan> {
    let found: Vec<&String> = plan.schema().fields().iter().map(|f| f.name()).collect();
    let columns = &file.header.columns;
    if found != columns.iter().map(|c| &c.name).collect::<Vec<_>>() {
        let found = found.into_iter().cloned().collect::<Vec<_>>().join(", ");
        return Err(refuse(
            Error::usage(format!("{}: its columns are not those of its header", file.path)).hint(format!("it returns {found}")),
        ));
    }
    let casts: Vec<Expr> = columns
        .iter()
        .enumerate()
        .map(|(i, c)| cast(Expr::Column(Column::from(plan.schema().qualified_field(i))), c.kind.data_type()).alias(&c.name))
        .collect();
    LogicalPlanBuilder::from(plan).project(casts)?.build()
}
