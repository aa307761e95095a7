//! From names to plans: tables become views of a load, calls of queries become the file's plan with the arguments in it.
//!
//! The heart of the engine. A file is planned once, with its placeholders in it; a call copies that plan and puts the argument
//! expressions where the placeholders are, keeping the names of the expressions around them (a GROUP BY or a window on a parameter is
//! otherwise no longer found by the nodes above). The load to look from is one more placeholder, `$load`, that tables filter by and
//! nested calls hand on. So the optimizer always sees one plain plan. It leaves syntax to [`super::syntax`] and files to
//! [`super::tables`].

use super::catalogue::{Catalogue, QueryFile};
use super::header::{DefaultValue, Kind, Param};
use super::tables::AS_LOADED;
use super::view::View;
use crate::domain::days::{epoch_day, parse_day};
use crate::domain::spelling::nearest;
use crate::error::Error;
use crate::schema::{self, system::CUSTOMER_MERGES};
use chrono::NaiveDate;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::datasource::{TableProvider, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::functions::expr_fn::{coalesce, concat_ws};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, JoinType, LogicalPlan, LogicalPlanBuilder, ScalarUDF, Values, cast, col, lit};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::sql::sqlparser::ast::Statement;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The plan of a query file, once it was needed. Its lock is held while it is made, so that it is made once; locks of files that
/// call each other are taken in the order of the calls, which knows no circles.
type FilePlan = Arc<Mutex<Option<Arc<LogicalPlan>>>>;

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
    pub(super) catalogue: Catalogue,
    pub(super) history: History,
    /// Most rows of an answer to typed SQL.
    pub(super) answer_rows: usize,
    /// Plans of query files, placeholders in place.
    plans: Mutex<HashMap<String, FilePlan>>,
}

/// An argument of the implicit parameter `$load`.
fn load_placeholder() -> Expr {
    cast(Expr::Placeholder(Placeholder::new_with_field("$load".to_string(), None)), DataType::Int32)
}

pub(super) fn refuse(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl House {
    pub(super) fn new(state: SessionState, catalogue: Catalogue, history: History, answer_rows: usize) -> House {
        House { state, catalogue, history, answer_rows, plans: Mutex::default() }
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
        let plan = self.view(lit(load)).call(name, arguments)?;
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
        let view = View { this: Some(self.file_plan(file)?), ..self.view(load_placeholder()) };
        let plan = view.plan(Statement::Query(Box::new(body)))?;
        substitute(plan, &self.view(lit(load)).arguments(file, arguments)?)
    }

    /// The plan of a query file with its placeholders in it, its columns cast to their declared types.
    fn file_plan(self: &Arc<Self>, file: &QueryFile) -> Result<Arc<LogicalPlan>> {
        let name = &file.header.name;
        let place = Arc::clone(self.plans.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default());
        let mut made = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = made.as_ref() {
            return Ok(Arc::clone(plan));
        }
        let body = Statement::Query(Box::new(file.body().map_err(refuse)?.clone()));
        let plan = Arc::new(declared(file, self.view(load_placeholder()).plan(body)?)?);
        *made = Some(Arc::clone(&plan));
        Ok(plan)
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
    fn meant(&self, name: &str) -> String {
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

impl View {
    /// The plan of a query with arguments in it.
    pub(super) fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<LogicalPlan> {
        let file = self.house.catalogue.get(name).ok_or_else(|| {
            let error = Error::missing(format!("there is no query `{name}`"));
            refuse(match self.house.history.tables.contains_key(name) {
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
        let load = Param { name: "load".to_string(), kind: Kind::Int, default: Some(DefaultValue::Load), choices: Vec::new() };
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
                && !(0..=self.house.history.load_id).contains(load)
            {
                return Err(format!("there is no load {load}; the newest is {}", self.house.history.load_id));
            }
            if let Some(Some(word)) = value.try_as_str()
                && !param.choices.is_empty()
                && !param.choices.iter().any(|choice| choice == word)
            {
                let near = nearest(word, param.choices.iter().map(String::as_str));
                let meant = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                return Err(format!("{} is one of {}, not '{word}'{meant}", param.name, param.choices.join(", ")));
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
