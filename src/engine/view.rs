//! The tables and queries as one load sees them, in the form the SQL planner asks for them.
//!
//! Separate from [`super::planner`], which says what a name means; here is only how the planner gets there: tables through a catalog,
//! calls through a planner of relations. The planner itself is the engine's own, made once with the engine: a planner over a provider of
//! ours would be compiled into this crate whole, and again with every change of it.

use super::calls::Call;
use super::planner::{House, refuse};
use crate::error::Error;
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider, view::ViewTable};
use datafusion::common::{DFSchema, Result};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::sqlparser::ast::{FunctionArg, FunctionArgExpr, Statement, TableFactor};
use futures::FutureExt;
use std::sync::Arc;

/// What one load sees.
#[derive(Clone)]
pub(super) struct View {
    pub(super) house: Arc<House>,
    /// The load, or the placeholder for it.
    pub(super) load: Expr,
    /// In laws: the answer they speak of.
    pub(super) this: Option<Call>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("load", &self.load).finish_non_exhaustive()
    }
}

impl View {
    /// A call of a query, its arguments checked.
    pub(super) fn call(&self, name: &str, arguments: Vec<Expr>) -> Result<Call> {
        let file = self.house.catalogue.get(name).ok_or_else(|| {
            let error = Error::missing(format!("there is no query `{name}`"));
            refuse(match self.house.history.tables.contains_key(name) {
                true => error.hint(format!("it is a table: select * from {name}")),
                false => error.hint(self.house.meant(name)),
            })
        })?;
        self.house.call(name, self.arguments(file, arguments)?)
    }

    /// Plans a statement in this view.
    pub(super) fn plan(&self, statement: Statement) -> Result<LogicalPlan> {
        let mut state = self.house.state.clone();
        state.register_catalog_list(Arc::new(Catalogs(self.clone())));
        state.register_relation_planner(Arc::new(self.clone()))?;
        // Nothing in it waits: tables are planned, not read.
        let planned = state.statement_to_plan(datafusion::sql::parser::Statement::Statement(Box::new(statement))).now_or_never();
        planned.unwrap_or_else(|| Err(refuse(Error::internal("planning a statement waited for something"))))
    }
}

impl RelationPlanner for View {
    fn plan_relation(&self, relation: TableFactor, context: &mut dyn RelationPlannerContext) -> Result<RelationPlanning> {
        let (name, alias, args) = match relation {
            TableFactor::Table { name, alias, args: Some(args), .. } => (name, alias, args),
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        let nothing = DFSchema::empty();
        let mut arguments = Vec::with_capacity(args.args.len());
        for argument in args.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => arguments.push(context.sql_expr_to_logical_expr(expr, &nothing)?),
                _ => {
                    let error = Error::usage(format!("the call of `{name}` has an argument that is no value"));
                    return Err(refuse(error.hint("give its arguments in their order, separated by commas")));
                }
            }
        }
        let name = name.to_string().trim_matches('"').to_lowercase();
        let plan = self.call(&name, arguments)?.node();
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}

/// Every catalog, as the planner asks for them; only the tables of the default one exist.
#[derive(Debug)]
struct Catalogs(View);

/// Every schema of one catalog.
#[derive(Debug)]
struct Schemas(View, bool);

/// Tables of one schema.
#[derive(Debug)]
struct Tables {
    view: View,
    /// Whether nothing stood before the table's name.
    is_default: bool,
}

impl CatalogProviderList for Catalogs {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }
    fn catalog_names(&self) -> Vec<String> {
        Vec::new()
    }
    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        let is_default = name == self.0.house.state.config_options().catalog.default_catalog;
        Some(Arc::new(Schemas(self.0.clone(), is_default)))
    }
}

impl CatalogProvider for Schemas {
    fn schema_names(&self) -> Vec<String> {
        Vec::new()
    }
    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let is_default = self.1 && name == self.0.house.state.config_options().catalog.default_schema;
        Some(Arc::new(Tables { view: self.0.clone(), is_default }))
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        self.view.house.history.tables.keys().cloned().collect()
    }

    /// Names of calls are asked for too, and names of what does not exist: that is told when it is used ([`super::translate`]).
    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if !self.table_exist(name) {
            return Ok(None);
        }
        let plan = match &self.view.this {
            Some(call) if name == "this" => call.clone().node(),
            _ => self.view.house.table_plan(name, &self.view.load)?,
        };
        Ok(Some(Arc::new(ViewTable::new(plan, None))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.is_default && (self.view.house.history.tables.contains_key(name) || (name == "this" && self.view.this.is_some()))
    }
}
