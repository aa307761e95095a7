//! From names to plans: tables become views of a load, calls of queries become the file's plan with the arguments in it.
//!
//! The heart of the engine. A file is planned once, with its placeholders in it; a call copies that plan and puts the argument
//! expressions where the placeholders are, keeping the names of the expressions around them (a GROUP BY or a window on a parameter is
//! otherwise no longer found by the nodes above). The load to look from is one more placeholder, `$load`, that tables filter by and
//! nested calls hand on. So the optimizer always sees one plain plan. It leaves syntax to [`super::syntax`] and files to
//! [`super::tables`].

use super::catalogue::{Catalogue, QueryFile};
use super::header::{DefaultValue, Kind, Param};
use crate::domain::days::{epoch_day, parse_day};
use crate::domain::spelling::nearest;
use crate::error::Error;
use crate::schema;
use chrono::NaiveDate;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result, ScalarValue, TableReference, not_impl_err};
use datafusion::config::ConfigOptions;
use datafusion::datasource::{TableProvider, cte_worktable::CteWorkTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::functions::expr_fn::{coalesce, concat_ws};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, HigherOrderUDF, JoinType, LogicalPlan, LogicalPlanBuilder, ScalarUDF, TableSource, Values,
    WindowUDF, cast, col, lit,
};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::planner::SqlToRel;
use datafusion::sql::sqlparser::ast::{Query, Statement};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The plan of a query file, once it was needed. Its lock is held while it is made, so that it is made once; locks of files that
/// call each other are taken in the order of the calls, which knows no circles.
type FilePlan = Arc<Mutex<Option<Arc<LogicalPlan>>>>;

/// What planning needs to know; shared by every call.
pub(super) struct House {
    pub(super) state: SessionState,
    pub(super) catalogue: Catalogue,
    /// Tables by name, all rows of all loads.
    pub(super) tables: BTreeMap<String, Arc<dyn TableProvider>>,
    /// Whether any row was ever superseded.
    pub(super) has_superseded: bool,
    /// Newest load.
    pub(super) load_id: i32,
    /// Most rows of an answer to typed SQL.
    pub(super) answer_rows: usize,
    /// Plans of query files, placeholders in place.
    plans: Mutex<HashMap<String, FilePlan>>,
}

/// An argument of the implicit parameter `$load`.
fn load_placeholder() -> Expr {
    cast(Expr::Placeholder(Placeholder::new_with_field("$load".to_string(), None)), DataType::Int32)
}

fn refuse(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl House {
    pub(super) fn new(
        state: SessionState,
        catalogue: Catalogue,
        tables: BTreeMap<String, Arc<dyn TableProvider>>,
        has_superseded: bool,
        load_id: i32,
        answer_rows: usize,
    ) -> House {
        House { state, catalogue, tables, has_superseded, load_id, answer_rows, plans: Mutex::default() }
    }

    /// Plans a statement somebody typed, looking from a load.
    pub(super) fn plan_statement(&self, statement: Statement, load: i32) -> Result<LogicalPlan> {
        let view = View { house: self, load: lit(load), this: None };
        SqlToRel::new(&view).sql_statement_to_plan(statement)
    }

    /// Plans a call of a query, its rows in the declared order.
    pub(super) fn plan_call(&self, name: &str, arguments: Vec<Expr>, load: i32) -> Result<LogicalPlan> {
        let file = self.catalogue.find(name).map_err(refuse)?;
        let plan = View { house: self, load: lit(load), this: None }.call(name, arguments)?;
        let order = file.header.order.iter().map(|key| Expr::Column(Column::from_name(&key.column)).sort(!key.descending, false));
        LogicalPlanBuilder::from(plan).sort(order)?.build()
    }

    /// Plans law number `law` of a query for some arguments.
    pub(super) fn plan_law(&self, name: &str, law: usize, arguments: Vec<Expr>, load: i32) -> Result<LogicalPlan> {
        let file = self.catalogue.find(name).map_err(refuse)?;
        let body = file.laws.get(law).ok_or_else(|| refuse(Error::internal(format!("`{name}` has no law {law}"))))?.clone();
        let view = View { house: self, load: load_placeholder(), this: Some(self.file_plan(file)?) };
        let plan = SqlToRel::new(&view).sql_statement_to_plan(Statement::Query(Box::new(body)))?;
        let view = View { house: self, load: lit(load), this: None };
        substitute(plan, &view.arguments(file, arguments)?)
    }

    /// The plan of a query file with its placeholders in it, its columns cast to their declared types.
    fn file_plan(&self, file: &QueryFile) -> Result<Arc<LogicalPlan>> {
        let name = &file.header.name;
        let place = Arc::clone(self.plans.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default());
        let mut made = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = made.as_ref() {
            return Ok(Arc::clone(plan));
        }
        let view = View { house: self, load: load_placeholder(), this: None };
        let plan = Arc::new(declared(file, view.query(file.body.clone())?)?);
        *made = Some(Arc::clone(&plan));
        Ok(plan)
    }

    /// The rows of a table that a load sees.
    fn table_plan(&self, name: &str, load: &Expr) -> Result<LogicalPlan> {
        let Some(table) = self.tables.get(name) else {
            let error = Error::missing(format!("there is no table `{name}`"));
            return Err(refuse(match self.catalogue.get(name) {
                Some(file) => error.hint(format!("it is a query; call it: {}", file.header.signature())),
                None => error.hint(self.meant(name)),
            }));
        };
        let plan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::clone(table)), None)?;
        if table.schema().column_with_name("load_id").is_none() {
            return plan.build();
        }
        let plan = plan.filter(col("load_id").lt_eq(load.clone()))?;
        match schema::table(name) {
            Some(canonical) if self.has_superseded => current(plan, canonical, self.superseded(name, load)?),
            _ => plan.build(),
        }
    }

    /// What somebody may have meant by a name that is neither table nor query, and where all names are.
    fn meant(&self, name: &str) -> String {
        let names = self.catalogue.files().map(|f| f.header.name.as_str()).chain(self.tables.keys().map(String::as_str));
        let meant = nearest(name, names).map(|near| match self.catalogue.get(near) {
            Some(file) => format!("did you mean the query {}? ", file.header.signature()),
            None => format!("did you mean the table `{near}`? "),
        });
        format!("{}`select * from catalogue` lists tables and queries", meant.unwrap_or_default())
    }

    fn superseded(&self, table: &str, load: &Expr) -> Result<LogicalPlan> {
        let rows = self.tables.get("superseded").ok_or_else(|| refuse(Error::internal("the snapshot has no table `superseded`")))?;
        LogicalPlanBuilder::scan("superseded", provider_as_source(Arc::clone(rows)), None)?
            .filter(col("load_id").lt_eq(load.clone()).and(col("table_name").eq(lit(table))))?
            .project([col("row_key"), col("row_load_id")])?
            .build()
    }
}

/// Leaves out the rows that a later load replaced or took away.
fn current(rows: LogicalPlanBuilder, table: &schema::Table, superseded: LogicalPlan) -> Result<LogicalPlan> {
    let column = |name: &str| Expr::Column(Column::new(Some(table.name), name));
    let part = |at: usize| {
        let part = cast(column(table.columns[at].name), DataType::Utf8View);
        if table.columns[at].required { part } else { coalesce(vec![part, lit("")]) }
    };
    let parts: Vec<Expr> = table.key_positions().into_iter().map(part).collect();
    let key = if parts.len() == 1 { parts.into_iter().next().expect("one part") } else { concat_ws(lit("\u{1f}"), parts) };
    let theirs =
        vec![Expr::Column(Column::new(Some("superseded"), "row_key")), Expr::Column(Column::new(Some("superseded"), "row_load_id"))];
    rows.join_with_expr_keys(superseded, JoinType::LeftAnti, (vec![key, column("load_id")], theirs), None)?.build()
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

/// Puts expressions in the place of placeholders, everywhere in a plan.
fn substitute(plan: LogicalPlan, arguments: &HashMap<String, Expr>) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            if !expr.exists(|e| Ok(matches!(e, Expr::Placeholder(_))))? {
                return Ok(Transformed::no(expr));
            }
            let name = names.save(&expr);
            let changed = expr.transform_up(|e| match &e {
                Expr::Placeholder(Placeholder { id, .. }) => match arguments.get(id) {
                    Some(argument) => Ok(Transformed::yes(argument.clone())),
                    None => Err(refuse(Error::internal(format!("placeholder {id} has no argument")))),
                },
                _ => Ok(Transformed::no(e)),
            })?;
            Ok(changed.update_data(|e| name.restore(e)))
        })?
        .map_data(|node| match node {
            LogicalPlan::Values(Values { values, .. }) => LogicalPlanBuilder::values(values)?.build(),
            node => node.recompute_schema(),
        })
    })
    .map(|changed| changed.data)
}

/// The tables and queries as one load sees them.
struct View<'a> {
    house: &'a House,
    load: Expr,
    /// In laws: the answer they speak of.
    this: Option<Arc<LogicalPlan>>,
}

impl View<'_> {
    fn query(&self, query: Box<Query>) -> Result<LogicalPlan> {
        SqlToRel::new(self).sql_statement_to_plan(Statement::Query(query))
    }

    fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<LogicalPlan> {
        let file = self.house.catalogue.get(name).ok_or_else(|| {
            let error = Error::missing(format!("there is no query `{name}`"));
            refuse(match self.house.tables.contains_key(name) {
                true => error.hint(format!("it is a table: select * from {name}")),
                false => error.hint(self.house.meant(name)),
            })
        })?;
        let arguments = self.arguments(file, arguments)?;
        let plan = self.house.file_plan(file)?;
        substitute(plan.as_ref().clone(), &arguments)
    }

    /// The arguments of a call by placeholder, checked, defaults filled in.
    fn arguments(&self, file: &QueryFile, arguments: Vec<Expr>) -> Result<HashMap<String, Expr>> {
        let header = &file.header;
        let wrong = |message: String| refuse(Error::usage(message).hint(format!("call it as {}", header.signature())));
        let needed = header.params.iter().filter(|p| p.default.is_none()).count();
        if arguments.len() < needed || arguments.len() > header.params.len() + 1 {
            let missing: Vec<&str> = header.params.iter().take(needed).skip(arguments.len()).map(|p| p.name.as_str()).collect();
            return Err(wrong(match missing.is_empty() {
                true => format!("`{}` takes at most {} arguments, not {}", header.name, header.params.len() + 1, arguments.len()),
                false => format!("the call of `{}` lacks {}", header.name, missing.join(", ")),
            }));
        }
        let load = Param { name: "load".to_string(), kind: Kind::Int, default: Some(DefaultValue::Load) };
        let mut given = arguments.into_iter();
        let mut values = HashMap::new();
        for param in header.params.iter().chain([&load]) {
            let value = match (given.next(), &param.default) {
                (Some(argument), _) => self.argument(param, argument).map_err(|says| wrong(format!("`{}`: {says}", header.name)))?,
                (None, Some(DefaultValue::Load)) => self.load.clone(),
                (None, Some(default)) => default_expr(param.kind, default),
                (None, None) => return Err(refuse(Error::internal("an argument was counted but is not there"))),
            };
            values.insert(format!("${}", param.name), value);
        }
        let day = |name: &str| match values.get(name) {
            Some(Expr::Literal(ScalarValue::Date32(Some(day)), _)) => Some(*day),
            _ => None,
        };
        if let (Some(from), Some(to)) = (day("$from"), day("$to"))
            && to < from
        {
            let said = |day| NaiveDate::from_epoch_days(day).map_or_else(String::new, |d| d.to_string());
            return Err(wrong(format!("`{}`: its last day {} lies before its first, {}", header.name, said(to), said(from))));
        }
        Ok(values)
    }

    fn argument(&self, param: &Param, argument: Expr) -> std::result::Result<Expr, String> {
        let said = match &argument {
            Expr::Literal(value, _) if value.is_null() => "NULL".to_string(),
            Expr::Literal(ScalarValue::Utf8(Some(text)), _) => format!("'{text}'"),
            other => other.human_display().to_string(),
        };
        let schema = DFSchema::empty();
        let context = SimplifyContext::builder()
            .with_config_options(Arc::clone(self.house.state.config_options()))
            .with_query_execution_start_time(self.house.state.execution_props().query_execution_start_time)
            .build();
        let simplifier = ExprSimplifier::new(context);
        let not = |reason: &str| format!("{} {} cannot be {said}{reason}", param.name, param.kind.as_str());
        let argument = simplifier
            .coerce(argument, &schema)
            .and_then(|e| simplifier.simplify(e))
            .map_err(|e| not(&format!(" ({})", e.strip_backtrace())))?;
        if let Expr::Literal(value, _) = argument {
            let value = literal(param, &value).ok_or_else(|| not(""))?;
            if let (ScalarValue::Int32(Some(load)), "load") = (&value, param.name.as_str())
                && !(0..=self.house.load_id).contains(load)
            {
                return Err(format!("there is no load {load}; the newest is {}", self.house.load_id));
            }
            return Ok(lit(value));
        }
        let found = argument.get_type(&schema).map_err(|e| not(&format!(" ({})", e.strip_backtrace())))?;
        if !fits(param.kind, &found) {
            return Err(not(""));
        }
        Ok(if found == param.kind.parameter_type() { argument } else { cast(argument, param.kind.parameter_type()) })
    }
}

/// Whether an expression of that type may be given for a parameter.
fn fits(kind: Kind, found: &DataType) -> bool {
    match kind {
        Kind::Id | Kind::Text => matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
        Kind::Date => matches!(found, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)),
        Kind::Int => found.is_integer(),
        Kind::Money | Kind::Rate | Kind::Ratio | Kind::Pct | Kind::Days => {
            found.is_integer() || matches!(found, DataType::Decimal128(..) | DataType::Decimal256(..))
        }
        Kind::Bool => *found == DataType::Boolean,
    }
}

/// A literal as a value of a parameter; `None` if it cannot be one.
fn literal(param: &Param, value: &ScalarValue) -> Option<ScalarValue> {
    let target = param.kind.parameter_type();
    if value.is_null() {
        return (param.default == Some(DefaultValue::Null)).then(|| ScalarValue::try_from(&target).ok()).flatten();
    }
    if param.kind == Kind::Date
        && let Some(Some(text)) = value.try_as_str()
    {
        return parse_day(text.trim()).map(|day| ScalarValue::Date32(Some(epoch_day(day))));
    }
    if !fits(param.kind, &value.data_type()) {
        return None;
    }
    let cast = value.cast_to(&target).ok()?;
    // An amount with more decimals than the parameter would be rounded in silence.
    let same = cast.cast_to(&value.data_type()).ok().is_some_and(|back| back == *value);
    (!cast.is_null() && (same || param.kind == Kind::Date)).then_some(cast)
}

fn default_expr(kind: Kind, default: &DefaultValue) -> Expr {
    let value = match default {
        DefaultValue::Null | DefaultValue::Load => ScalarValue::Null,
        DefaultValue::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        DefaultValue::Int(number) => ScalarValue::Int64(Some(*number)),
        DefaultValue::Decimal(number) => {
            ScalarValue::Decimal128(Some(number.mantissa()), 38, i8::try_from(number.scale()).expect("a scale is at most 28"))
        }
        DefaultValue::Date(day) => ScalarValue::Date32(Some(epoch_day(*day))),
        DefaultValue::Bool(yes) => ScalarValue::Boolean(Some(*yes)),
    };
    cast(lit(value), kind.parameter_type())
}

/// A plan that stands for a table or a call.
struct Planned {
    plan: LogicalPlan,
}

impl TableSource for Planned {
    fn schema(&self) -> datafusion::arrow::datatypes::SchemaRef {
        Arc::clone(self.plan.schema().inner())
    }
    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }
}

impl ContextProvider for View<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let TableReference::Bare { table } = &name else {
            return Err(refuse(Error::missing(format!("there is no table `{name}`")).hint("tables have no schema before their name")));
        };
        match &self.this {
            Some(plan) if table.as_ref() == "this" => Ok(Arc::new(Planned { plan: plan.as_ref().clone() })),
            _ => Ok(Arc::new(Planned { plan: self.house.table_plan(table, &self.load)? })),
        }
    }

    fn get_table_function_source(&self, name: &str, args: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
        let name = name.trim_matches('"').to_lowercase();
        Ok(Arc::new(Planned { plan: self.call(&name, args)? }))
    }

    fn create_cte_work_table(&self, name: &str, schema: datafusion::arrow::datatypes::SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_file_type(&self, _: &str) -> Result<Arc<dyn datafusion::common::file_options::file_type::FileType>> {
        not_impl_err!("files are neither read nor written by SQL")
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.house.state.expr_planners()
    }
    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        None
    }
    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.house.state.scalar_functions().get(name).cloned()
    }
    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.house.state.higher_order_functions().get(name).cloned()
    }
    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.house.state.aggregate_functions().get(name).cloned()
    }
    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.house.state.window_functions().get(name).cloned()
    }
    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }
    fn options(&self) -> &ConfigOptions {
        self.house.state.config_options()
    }
    fn udf_names(&self) -> Vec<String> {
        self.house.state.scalar_functions().keys().cloned().collect()
    }
    fn higher_order_function_names(&self) -> Vec<String> {
        self.house.state.higher_order_functions().keys().cloned().collect()
    }
    fn udaf_names(&self) -> Vec<String> {
        self.house.state.aggregate_functions().keys().cloned().collect()
    }
    fn udwf_names(&self) -> Vec<String> {
        self.house.state.window_functions().keys().cloned().collect()
    }
}
