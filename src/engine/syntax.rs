//! Walks over parsed SQL before it is planned: placeholders get their types, calls of queries get checked, names get listed.
//!
//! Works on the syntax tree only, so that the same rules hold for query files ([`super::catalogue`]) and for what people type
//! ([`super::guard`]). It leaves what names mean to the planner.

use super::header::Kind;
use crate::error::{Error, Result};
use datafusion::sql::sqlparser::ast::{
    self, CastKind, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Query, TableFactor, Value, ValueWithSpan, Visit,
    VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Nesting of parentheses and subqueries the parser follows.
const MAX_NESTING: usize = 60;

/// Parses every statement of a text.
pub fn parse(text: &str) -> Result<Vec<ast::Statement>> {
    Parser::new(&GenericDialect)
        .with_recursion_limit(MAX_NESTING)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|e| Error::usage(format!("the SQL cannot be read: {}", tidy(&e.to_string()))))
}

fn tidy(message: &str) -> String {
    let message = message.trim_start_matches("sql parser error: ").trim_start_matches("SQL error: ");
    if message.contains("recursion limit") { "it nests too deep".to_string() } else { message.to_string() }
}

/// The names of an object, unquoted ones in lower case; `None` for anything but plain names.
pub fn names(object: &ObjectName) -> Option<Vec<String>> {
    object
        .0
        .iter()
        .map(|part| part.as_ident().map(|i| if i.quote_style.is_some() { i.value.clone() } else { i.value.to_lowercase() }))
        .collect()
}

/// What a query refers to.
#[derive(Debug, Default)]
pub struct Uses {
    /// Placeholders with their line and column.
    pub placeholders: BTreeMap<String, (u64, u64)>,
    /// Tables, without common table expressions.
    pub tables: BTreeSet<String>,
    /// Queries called as table functions.
    pub calls: BTreeSet<String>,
    /// Functions called in expressions.
    pub functions: BTreeSet<String>,
}

/// A part of a statement, as a walk meets it.
pub enum Node<'n> {
    /// A statement.
    Statement(&'n ast::Statement),
    /// A query or subquery.
    Query(&'n Query),
    /// A SELECT.
    Select(&'n ast::Select),
    /// A table, or a call of a query.
    Table(&'n TableFactor),
    /// An expression.
    Expr(&'n Expr),
}

/// Walks a part of a statement until `on` breaks. All walks share one visitor type: the syntax tree is large, and the compiler
/// makes its whole traversal anew for each type.
pub fn walk<B>(root: &impl Visit, mut on: impl FnMut(Node<'_>) -> ControlFlow<B>) -> Option<B> {
    let mut broke = None;
    let mut hook = |node: Node<'_>| match on(node) {
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
        ControlFlow::Break(value) => {
            broke = Some(value);
            ControlFlow::Break(())
        }
    };
    let _ = root.visit(&mut Hooks(&mut hook));
    broke
}

struct Hooks<'h>(&'h mut dyn FnMut(Node<'_>) -> ControlFlow<()>);

impl Visitor for Hooks<'_> {
    type Break = ();
    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<()> {
        (self.0)(Node::Statement(statement))
    }
    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        (self.0)(Node::Query(query))
    }
    fn pre_visit_select(&mut self, select: &ast::Select) -> ControlFlow<()> {
        (self.0)(Node::Select(select))
    }
    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        (self.0)(Node::Table(factor))
    }
    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        (self.0)(Node::Expr(expr))
    }
}

/// Lists what a query refers to; refuses calls of queries whose arguments depend on rows.
pub fn uses(query: &Query) -> Result<Uses> {
    let mut uses = Uses::default();
    let mut expressions = BTreeSet::new();
    let refused = walk(query, |node| match node {
        Node::Query(query) => {
            expressions.extend(query.with.iter().flat_map(|w| &w.cte_tables).map(|e| e.alias.name.value.to_lowercase()));
            ControlFlow::Continue(())
        }
        Node::Table(factor) => table_use(factor, &mut uses),
        Node::Expr(expr) => {
            expression_use(expr, &mut uses);
            ControlFlow::Continue(())
        }
        Node::Statement(_) | Node::Select(_) => ControlFlow::Continue(()),
    });
    match refused {
        Some(error) => Err(error),
        None => {
            uses.tables.retain(|t| !expressions.contains(t));
            Ok(uses)
        }
    }
}

fn table_use(factor: &TableFactor, uses: &mut Uses) -> ControlFlow<Error> {
    match factor {
        TableFactor::Table { name, args: Some(args), .. } => {
            let name = names(name).unwrap_or_default().join(".");
            for arg in &args.args {
                if let Some(culprit) = row_dependence(arg) {
                    return ControlFlow::Break(
                        Error::usage(format!("the argument `{culprit}` of `{name}` depends on rows"))
                            .hint("queries take constants and parameters; call it for the days you need and join the answers"),
                    );
                }
            }
            uses.calls.insert(name);
        }
        TableFactor::Table { name, args: None, .. } => {
            uses.tables.insert(names(name).unwrap_or_default().join("."));
        }
        TableFactor::Function { name, .. } => {
            return ControlFlow::Break(
                Error::usage(format!("`{name}` is called laterally: its arguments would depend on rows"))
                    .hint("queries take constants and parameters; call it without `lateral`"),
            );
        }
        _ => {}
    }
    ControlFlow::Continue(())
}

fn expression_use(expr: &Expr, uses: &mut Uses) {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Placeholder(name), span }) => {
            uses.placeholders.entry(name.clone()).or_insert((span.start.line, span.start.column));
        }
        Expr::Function(function) => {
            uses.functions.extend(names(&function.name).map(|n| n.join(".")));
        }
        _ => {}
    }
}

/// The part of a call's argument that depends on rows, if any.
fn row_dependence(arg: &FunctionArg) -> Option<String> {
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg else { return Some(arg.to_string()) };
    walk(expr, |node| match node {
        Node::Expr(
            expr @ (Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Subquery(_)
            | Expr::Exists { .. }
            | Expr::InSubquery { .. }
            | Expr::Function(ast::Function { over: Some(_), .. })
            | Expr::Function(ast::Function { args: FunctionArguments::Subquery(_), .. })),
        ) => ControlFlow::Break(expr.to_string()),
        _ => ControlFlow::Continue(()),
    })
}

/// Wraps every placeholder in a cast to its declared type, so that the planner knows it.
pub fn give_types(query: &mut Query, kind: impl Fn(&str) -> Option<Kind>) {
    struct Typing<F>(F);
    impl<F: Fn(&str) -> Option<Kind>> VisitorMut for Typing<F> {
        type Break = ();
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            if let Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) = expr
                && let Some(kind) = (self.0)(name.trim_start_matches('$'))
            {
                let inner = std::mem::replace(expr, Expr::Value(ValueWithSpan { value: Value::Null, span: Span::empty() }));
                *expr = Expr::Cast { kind: CastKind::Cast, expr: Box::new(inner), data_type: sql_type(kind), array: false, format: None };
            }
            ControlFlow::Continue(())
        }
    }
    let _ = query.visit(&mut Typing(kind));
}

fn sql_type(kind: Kind) -> ast::DataType {
    use ast::ExactNumberInfo::PrecisionAndScale;
    match kind {
        Kind::Id | Kind::Text => ast::DataType::Varchar(None),
        Kind::Int => ast::DataType::Int(None),
        Kind::Money => ast::DataType::Decimal(PrecisionAndScale(18, 2)),
        Kind::Rate => ast::DataType::Decimal(PrecisionAndScale(18, 8)),
        Kind::Ratio | Kind::Pct | Kind::Days => ast::DataType::Decimal(PrecisionAndScale(18, 4)),
        Kind::Date => ast::DataType::Date,
        Kind::Bool => ast::DataType::Boolean,
    }
}
