//! What people may type: one SELECT or EXPLAIN, of bounded size, without functions that allocate without bound.
//!
//! Checked on the tokens (so that a hostile chain is never planned), then on the parsed statement; the planner's own options check
//! the plan once more. Query files do not pass here: they are ours and are checked by [`super::catalogue`].

use super::catalogue::Catalogue;
use super::syntax::{self, Node};
use crate::error::{Error, Result};
use datafusion::sql::sqlparser::ast::{
    self, Expr, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select, SelectItem, SetExpr, Statement,
    TableFactor,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use std::ops::ControlFlow;

/// Most tokens of a statement, lists of values included.
const MAX_TOKENS: usize = 50_000;
/// Most operators of a statement: each may deepen the plan by one level.
const MAX_OPERATORS: usize = 1_000;

/// Functions that make much out of little.
const UNBOUNDED: [&str; 12] = [
    "repeat",
    "lpad",
    "rpad",
    "space",
    "range",
    "generate_series",
    "gen_series",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "array_fill",
];

/// Parses and checks what somebody typed; rows of `select * from query(…)` get the query's own order.
pub(super) fn admit(text: &str, catalogue: &Catalogue) -> Result<Statement> {
    measure(text)?;
    let mut statements = syntax::parse(text)?;
    let refuse = |what: String| Error::usage(what).hint("only one SELECT or EXPLAIN is run; the history is never changed by SQL");
    let mut statement = match (statements.len(), statements.pop()) {
        (1, Some(statement)) => statement,
        (0, _) => return Err(refuse("there is no statement".to_string())),
        (n, _) => return Err(refuse(format!("{n} statements at once are refused"))),
    };
    let query = match &mut statement {
        Statement::Query(query) => query,
        Statement::Explain { statement, describe_alias: ast::DescribeAlias::Explain, .. } => match statement.as_mut() {
            Statement::Query(query) => query,
            other => return Err(refuse(format!("{} is refused, also in EXPLAIN", verb(other)))),
        },
        other => return Err(refuse(format!("{} is refused", verb(other)))),
    };
    if let Some(what) = syntax::walk(query, not_reading) {
        return Err(refuse(what));
    }
    let uses = syntax::uses(query)?;
    if let Some(placeholder) = uses.placeholders.keys().next() {
        return Err(Error::usage(format!("`{placeholder}` is a placeholder without a value")).hint("write the value in its place"));
    }
    if let Some(name) = uses.functions.iter().find(|f| UNBOUNDED.contains(&f.as_str())) {
        return Err(Error::usage(format!("the function `{name}` is switched off: it can fill the memory"))
            .hint("days and months come from month_ends('2026-01-01', '2026-12-31')"));
    }
    order_by_query(query, catalogue);
    Ok(statement)
}

/// The first word of a statement.
fn verb(statement: &Statement) -> String {
    statement.to_string().split_whitespace().next().unwrap_or("this").to_uppercase()
}

/// Refuses what is too large to be planned safely.
fn measure(text: &str) -> Result<()> {
    let tokens = Tokenizer::new(&GenericDialect, text).tokenize().map_err(|e| Error::usage(format!("the SQL cannot be read: {e}")))?;
    let (mut count, mut operators) = (0, 0);
    for token in &tokens {
        match token {
            Token::Whitespace(_) => continue,
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Comma | Token::Period | Token::LParen | Token::RParen => {}
            Token::SemiColon | Token::EOF => {}
            Token::Word(word) => operators += usize::from(deepens(word.keyword)),
            _ => operators += 1,
        }
        count += 1;
    }
    let hint = "split it, or put long lists into IN (…)";
    if count > MAX_TOKENS {
        return Err(Error::usage(format!("the statement has {count} words and signs, more than {MAX_TOKENS}")).hint(hint));
    }
    if operators > MAX_OPERATORS {
        return Err(Error::usage(format!("the statement has {operators} operators, more than {MAX_OPERATORS}")).hint(hint));
    }
    Ok(())
}

fn deepens(word: Keyword) -> bool {
    use Keyword::*;
    matches!(
        word,
        AND | OR
            | XOR
            | NOT
            | IS
            | IN
            | LIKE
            | ILIKE
            | SIMILAR
            | RLIKE
            | REGEXP
            | BETWEEN
            | COLLATE
            | AT
            | DIV
            | UNION
            | EXCEPT
            | INTERSECT
            | MINUS
            | JOIN
            | SELECT
            | OVERLAPS
            | NOTNULL
            | OVER
    )
}

/// Why a part of a query is more than reading.
fn not_reading(node: Node<'_>) -> ControlFlow<String> {
    match node {
        Node::Statement(Statement::Query(_)) => ControlFlow::Continue(()),
        Node::Statement(other) => ControlFlow::Break(format!("{} inside a query is refused", verb(other))),
        Node::Query(query) => not_a_plain_query(query),
        Node::Select(Select { into: Some(_), .. }) => ControlFlow::Break("SELECT INTO is refused".to_string()),
        Node::Select(_) | Node::Table(_) | Node::Expr(_) => ControlFlow::Continue(()),
    }
}

fn not_a_plain_query(query: &Query) -> ControlFlow<String> {
    if !query.locks.is_empty() {
        return ControlFlow::Break("FOR UPDATE and FOR SHARE are refused".to_string());
    }
    if query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() || !query.pipe_operators.is_empty() {
        return ControlFlow::Break("FOR, SETTINGS, FORMAT and pipes are refused".to_string());
    }
    match query.body.as_ref() {
        SetExpr::Insert(s) | SetExpr::Update(s) | SetExpr::Delete(s) | SetExpr::Merge(s) => {
            ControlFlow::Break(format!("{} inside a query is refused", verb(s)))
        }
        _ => ControlFlow::Continue(()),
    }
}

/// Orders `select * from query(…)` as the query declares, unless an order is given.
fn order_by_query(query: &mut Query, catalogue: &Catalogue) {
    if query.order_by.is_some() || query.with.is_some() {
        return;
    }
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let [SelectItem::Wildcard(_)] = &select.projection[..] else { return };
    let [from] = &select.from[..] else { return };
    let plain = select.distinct.is_none()
        && select.top.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let TableFactor::Table { name, args: Some(_), .. } = &from.relation else { return };
    let Some(file) = syntax::names(name).and_then(|n| catalogue.get(&n.join("."))) else { return };
    if !plain || !from.joins.is_empty() {
        return;
    }
    let keys = file.header.order.iter().map(|key| OrderByExpr {
        expr: Expr::Identifier(Ident::new(&key.column)),
        options: OrderByOptions { asc: Some(!key.descending), nulls_first: Some(false) },
        with_fill: None,
    });
    query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(keys.collect()), interpolate: None });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::OnceLock;

    fn admitted(text: &str) -> Result<Statement> {
        static SHIPPED: OnceLock<Catalogue> = OnceLock::new();
        admit(text, SHIPPED.get_or_init(|| Catalogue::parse(super::super::shipped::SHIPPED.iter().copied()).unwrap()))
    }

    #[test]
    fn what_is_not_reading_is_refused() {
        let forbidden = [
            "",
            ";",
            "-- nothing",
            "select 1; select 2",
            "select 1; drop table movements",
            "select 1;\n--\n;delete from movements",
            "insert into movements values (1)",
            "insert into movements select * from movements",
            "update movements set amount = 0",
            "delete from movements",
            "merge into a using b on a.x = b.x when matched then delete",
            "truncate table movements",
            "drop table movements",
            "drop view v",
            "drop schema public",
            "alter table movements add column x int",
            "create table t (x int)",
            "create table t as select * from movements",
            "create view v as select 1",
            "create or replace view v as select 1",
            "create schema s",
            "create database d",
            "create index i on movements (amount)",
            "create function f() returns int language sql return 1",
            "create external table t stored as parquet location '/etc/passwd'",
            "create ext/**/ernal table t stored as csv location '/etc/passwd'",
            "copy movements to '/tmp/x.parquet'",
            "copy (select * from movements) to '/tmp/x.csv'",
            "copy movements from '/tmp/x.csv'",
            "set datafusion.execution.batch_size = 1",
            "set time zone 'UTC'",
            "reset all",
            "prepare p as select 1",
            "prepare p(int) as insert into movements values ($1)",
            "execute p",
            "execute p(1)",
            "deallocate p",
            "begin",
            "commit",
            "rollback",
            "start transaction",
            "show tables",
            "show all",
            "use public",
            "describe movements",
            "desc select 1",
            "grant select on movements to public",
            "call f()",
            "vacuum",
            "analyze table movements",
            "explain insert into movements values (1)",
            "explain analyze insert into movements values (1)",
            "explain analyze delete from movements",
            "explain analyze create table t as select 1",
            "explain verbose copy movements to '/tmp/x.csv'",
            "EXPLAIN /* select 1 */ ANALYZE UPDATE movements SET amount = 0",
            "with x as (insert into movements values (1) returning *) select * from x",
            "with x as (delete from movements returning *) select * from x",
            "with x as (select 1) insert into movements select * from x",
            "with x as (select 1) update movements set amount = 0",
            "select * into t from movements",
            "select * from movements for update",
            "select * from movements for share",
            "sel/**/ect 1",
            "/* select 1 */ drop table movements",
            "-- select 1\ndrop table movements",
            "select * from movements where amount = $1",
            "select repeat('x', 1000000000)",
            "select * from (select unnest(generate_series(1, 100000000000)))",
            "select lpad('x', 2000000000)",
            "load data local inpath 'x' into table t",
            "install httpfs",
            "attach 'x' as y",
            "declare c cursor for select 1",
            "listen x",
            "lock table movements",
            "msck repair table t",
            "unload (select 1) to 's3://x'",
            "select 1 format csv",
            "select 1 settings max_threads = 1",
        ];
        assert!(forbidden.len() >= 60, "{}", forbidden.len());
        for text in forbidden {
            let error = admitted(text).expect_err(text).to_string();
            assert!(!error.contains("Err(") && !error.contains("ParserError"), "{text}: {error}");
        }
    }

    #[test]
    fn reading_is_allowed() {
        let allowed = [
            "select 1",
            "select 1;",
            "SELECT count(*) FROM movements",
            "-- a remark\nselect 1",
            "/* drop table x */ select 1",
            "select '; drop table movements; --' as t",
            "with x as (select 1 as n) select * from x",
            "with recursive x as (select 1 as n union all select n + 1 from x where n < 3) select * from x",
            "select 1 union all select 2",
            "select * from movements where amount in (select max(amount) from movements)",
            "select * from a join b using (company_id)",
            "select sum(amount) over (partition by company_id order by posting_date) from movements",
            "select * from month_ends('2026-01-01', '2026-12-31')",
            "select * from month_ends(date '2026-01-01', current_date)",
            "select * from month_ends('2026-01-01', '2026-12-31') where month_end > '2026-03-01' limit 3",
            "values (1), (2)",
            "(select 1)",
            "explain select 1",
            "explain analyze select count(*) from movements",
            "explain verbose select 1",
            "explain format tree select 1",
            "select case when 1 = 1 then 'insert' else 'delete' end as \"update\"",
            "select distinct on (company_id) company_id from movements order by company_id",
            "select company_id, count(*) from movements group by rollup (company_id) having count(*) > 1 order by 2 desc limit 5 offset 2",
            "select exists (select 1), not exists (select 2), cast('1' as int), '2026-01-01'::date",
            "select * from movements m where not exists (select 1 from superseded s where s.row_load_id = m.load_id)",
        ];
        for text in allowed {
            admitted(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        }
    }

    #[test]
    fn size_is_limited_before_parsing() {
        for (text, fits) in [
            (format!("select 1{}", " + 1".repeat(900)), true),
            (format!("select 1{}", " + 1".repeat(2_000)), false),
            (format!("select 1 where 1 = 1{}", " or 1 = 1".repeat(5_000)), false),
            (format!("select 1{}", "::int".repeat(5_000)), false),
            (format!("select 1{}", " union all select 1".repeat(5_000)), false),
            (format!("select {}1", "- ".repeat(5_000)), false),
            (format!("select {}1{}", "(".repeat(5_000), ")".repeat(5_000)), false),
            (format!("select {}1", "not ".repeat(5_000)), false),
            (format!("select 1{}", " is null".repeat(5_000)), false),
            (format!("select 1 where 1 in (1{})", ", 1".repeat(20_000)), true),
            (format!("select 1 where 1 in (1{})", ", 1".repeat(40_000)), false),
        ] {
            assert_eq!(admitted(&text).is_ok(), fits, "{} …", &text[..40]);
        }
    }

    #[test]
    fn a_bare_call_gets_the_order_of_its_query() {
        let ordered = |text: &str| admitted(text).unwrap().to_string().to_lowercase().contains("order by month_end asc");
        assert!(ordered("select * from month_ends('2026-01-01', '2026-12-31')"));
        assert!(ordered("explain select * from MONTH_ENDS('2026-01-01', '2026-12-31') as m where true limit 2"));
        assert!(!ordered("select * from month_ends('2026-01-01', '2026-12-31') order by month_start desc"));
        assert!(!ordered("select month_end from month_ends('2026-01-01', '2026-12-31')"));
        assert!(!ordered("select * from movements"));
        assert!(!ordered("select * from month_ends('2026-01-01', '2026-12-31') a, movements"));
    }
}
