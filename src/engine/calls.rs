//! A call of a query as a node of a plan, until its plan is put there.
//!
//! A query file is planned with its calls left as nodes: their arguments are few, the plans behind them large and shared. What a call
//! means is decided once, when the whole question is known: its plan in place, or the answer it shares with others ([`super::sharing`]).

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchemaRef, Result, ScalarValue};
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, LogicalPlanBuilder, UserDefinedLogicalNodeCore, Values};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::planner::refuse;
use crate::error::Error;

/// Arguments by placeholder, as `$as_of`.
pub(super) type Arguments = HashMap<String, Expr>;

/// A call whose arguments are values: the same key, the same rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CallKey {
    /// The query.
    pub(super) query: String,
    /// Its arguments in the order of its parameters, the load last.
    pub(super) values: Vec<ScalarValue>,
}

impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.values.iter().map(|value| format!("{value:?}")).collect();
        write!(f, "{}({})", self.query, values.join(", "))
    }
}

/// A call in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    /// The query.
    pub(super) query: String,
    /// Placeholders of its parameters in their order, the load last.
    parameters: Vec<String>,
    /// The argument of each.
    values: Vec<Expr>,
    schema: DFSchemaRef,
}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Call) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl Call {
    /// A call with its arguments; `schema` is that of the query's plan under the name of the call.
    pub(super) fn new(query: &str, arguments: Vec<(String, Expr)>, schema: DFSchemaRef) -> Call {
        let (parameters, values) = arguments.into_iter().unzip();
        Call { query: query.to_string(), parameters, values, schema }
    }

    /// The call in a node of a plan.
    pub(super) fn of(node: &LogicalPlan) -> Option<&Call> {
        match node {
            LogicalPlan::Extension(Extension { node }) => node.as_any().downcast_ref::<Call>(),
            _ => None,
        }
    }

    /// Every call in a plan, in its subqueries too, as often as it stands there; not those behind the calls.
    pub(super) fn all(plan: &LogicalPlan) -> Result<Vec<Call>> {
        let mut calls = Vec::new();
        plan.apply_with_subqueries(|node| {
            calls.extend(Call::of(node).cloned());
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(calls)
    }

    /// The node of a plan that stands for it.
    pub(super) fn node(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The name its columns stand under: `aging()`.
    pub(super) fn alias(&self) -> String {
        alias(&self.query)
    }

    /// The columns of its answer.
    pub(super) fn columns(&self) -> &SchemaRef {
        self.schema.inner()
    }

    /// Its arguments by placeholder.
    pub(super) fn arguments(&self) -> Arguments {
        self.parameters.iter().cloned().zip(self.values.iter().cloned()).collect()
    }

    /// The same call with arguments in the place of the caller's placeholders, computed where they can be.
    pub(super) fn with(&self, arguments: &Arguments, computed: impl Fn(Expr) -> Result<Expr>) -> Result<Call> {
        let values = self.values.iter().map(|value| computed(fill(value.clone(), arguments)?.data));
        Ok(Call { values: values.collect::<Result<_>>()?, ..self.clone() })
    }

    /// What tells it from other calls, if every argument is a value.
    pub(super) fn key(&self) -> Option<CallKey> {
        let value = |value: &Expr| match value {
            Expr::Literal(value, _) => Some(value.clone()),
            _ => None,
        };
        Some(CallKey { query: self.query.clone(), values: self.values.iter().map(value).collect::<Option<_>>()? })
    }
}

/// The name the columns of a call stand under.
pub(super) fn alias(query: &str) -> String {
    format!("{query}()")
}

impl UserDefinedLogicalNodeCore for Call {
    fn name(&self) -> &str {
        "Call"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.values.clone()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Call: {}", self.query)
    }

    fn with_exprs_and_inputs(&self, values: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Call> {
        Ok(Call { values, ..self.clone() })
    }
}

/// Puts arguments in the place of placeholders, and plans in the place of calls, everywhere in a plan.
///
/// `called` is asked with the call as it stands, placeholders of the caller in it.
pub(super) fn instantiate(plan: LogicalPlan, arguments: &Arguments, called: &dyn Fn(&Call) -> Result<LogicalPlan>) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|node| {
        if let Some(call) = Call::of(&node) {
            return Ok(Transformed::yes(called(call)?));
        }
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            if !expr.exists(|e| Ok(matches!(e, Expr::Placeholder(_))))? {
                return Ok(Transformed::no(expr));
            }
            let name = names.save(&expr);
            Ok(fill(expr, arguments)?.update_data(|e| name.restore(e)))
        })?
        .map_data(|node| match node {
            LogicalPlan::Values(Values { values, .. }) => LogicalPlanBuilder::values(values)?.build(),
            node => node.recompute_schema(),
        })
    })
    .map(|changed| changed.data)
}

/// Puts arguments in the place of an expression's placeholders.
fn fill(expr: Expr, arguments: &Arguments) -> Result<Transformed<Expr>> {
    expr.transform_up(|e| match &e {
        Expr::Placeholder(Placeholder { id, .. }) => match arguments.get(id) {
            Some(argument) => Ok(Transformed::yes(argument.clone())),
            None => Err(refuse(Error::internal(format!("placeholder {id} has no argument")))),
        },
        _ => Ok(Transformed::no(e)),
    })
}
