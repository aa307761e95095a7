//! The small side of a join is the one that is held while the other streams past.
//!
//! A join holds its left side and streams its right one. The engine puts the smaller on the left where it knows how large both are; of
//! what was grouped or joined before it knows nothing, and leaves the order of the SQL. Then hundreds of thousands of rows are held to look
//! up six companies, and a join without equal columns, or with one row of settings, gives a batch of its own for every row held.
//! Here a side that is known to be small goes left where nothing is known of the other.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PartitionMode};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use std::sync::Arc;

/// Rows up to which a side is small beside one of which nothing is known.
const SMALL: usize = 50_000;

type Plan = Arc<dyn ExecutionPlan>;

/// Puts the small side of joins on the left.
#[derive(Debug)]
pub(super) struct SmallSideFirst;

impl PhysicalOptimizerRule for SmallSideFirst {
    fn optimize(&self, plan: Plan, _: &ConfigOptions) -> Result<Plan> {
        plan.transform_up(|plan| Ok(swapped(&plan)?.map_or_else(|| Transformed::no(plan), Transformed::yes))).data()
    }

    fn name(&self) -> &str {
        "small_side_first"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The join with its sides the other way round, if that is better; its columns stay in their order.
fn swapped(plan: &Plan) -> Result<Option<Plan>> {
    if let Some(join) = plan.downcast_ref::<CrossJoinExec>() {
        return right_is_small(join.left(), join.right()).then(|| join.swap_inputs()).transpose();
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        let better = join.join_type().supports_swap() && right_is_small(join.left(), join.right());
        return better.then(|| join.swap_inputs()).transpose();
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        let better = join.join_type().supports_swap() && !join.null_aware && right_is_small(join.left(), join.right());
        return better.then(|| join.swap_inputs(PartitionMode::CollectLeft)).transpose();
    }
    Ok(None)
}

fn right_is_small(left: &Plan, right: &Plan) -> bool {
    let Some(few) = at_most(right).filter(|rows| *rows <= SMALL) else { return false };
    at_most(left).is_none_or(|many| many > few)
}

/// Rows that a plan gives at most, if that can be said. Estimates of the engine are no such thing: what it takes for one row may be a
/// million.
fn at_most(plan: &Plan) -> Option<usize> {
    let children = plan.children();
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>()
        && aggregate.group_expr().is_empty()
    {
        return Some(plan.output_partitioning().partition_count());
    }
    if plan.downcast_ref::<UnionExec>().is_some() {
        return children.into_iter().map(at_most).sum();
    }
    if plan.downcast_ref::<CrossJoinExec>().is_some() {
        return children.into_iter().map(at_most).try_fold(1, |rows: usize, more| rows.checked_mul(more?));
    }
    match children[..] {
        [] => StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new()).ok()?.num_rows.get_value().copied(),
        [child] if matches!(plan.cardinality_effect(), CardinalityEffect::Equal | CardinalityEffect::LowerEqual) => at_most(child),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, PhysicalOptimizerRule};
    use datafusion::execution::session_state::SessionStateBuilder;
    use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
    use datafusion::physical_plan::displayable;
    use datafusion::prelude::{SessionConfig, SessionContext};

    type Rules = Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>;

    fn ours() -> Rules {
        super::super::rules::physical(false)
    }

    /// A session of one thread under some rules.
    fn session(rules: Rules) -> SessionContext {
        let state = SessionStateBuilder::new().with_default_features().with_config(SessionConfig::new().with_target_partitions(1));
        SessionContext::new_with_state(state.with_physical_optimizer_rules(rules).build())
    }

    /// The lines of the plan of a SELECT over `many`, of whose joins nothing is known, and `few`, two rows.
    fn lines(sql: &str) -> Vec<String> {
        let context = session(ours());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for table in ["raw as select value as a, value % 7 as b from range(1000)", "few as values (1, 2), (3, 4)"] {
                context.sql(&format!("create table {table}")).await.unwrap().collect().await.unwrap();
            }
            // Of a join without equal columns nothing is known.
            let many = "with many as (select r.a, s.b from raw r join raw s on s.a < r.b)";
            let plan = context.sql(&format!("{many} {sql}")).await.unwrap().create_physical_plan().await.unwrap();
            displayable(plan.as_ref()).indent(false).to_string().lines().map(|l| l.trim_start().to_string()).collect()
        })
    }

    /// What the first join of a kind holds: the lines below it, up to its leaf.
    fn held(lines: &[String], join: &str) -> String {
        let at = lines.iter().position(|l| l.starts_with(join)).unwrap_or_else(|| panic!("no {join} in {lines:#?}"));
        let leaf = lines[at..].iter().position(|l| l.starts_with("DataSourceExec")).unwrap();
        lines[at + 1..=at + leaf].join(" ")
    }

    #[test]
    fn a_side_known_to_be_small_is_held() {
        for (sql, join) in [
            ("select many.a, few.column1 from many cross join few", "CrossJoinExec"),
            ("select many.a, few.column1 from many join few on many.a between few.column1 and few.column2", "NestedLoopJoinExec"),
            ("select many.a, few.column2 from many left join few on few.column1 = many.b", "HashJoinExec"),
        ] {
            let plan = lines(sql);
            assert!(!held(&plan, join).contains("Join"), "{join} holds the large side: {plan:#?}");
            assert!(plan.iter().filter(|line| line.contains("Join")).count() == 2, "{plan:#?}");
        }
    }

    #[test]
    fn a_side_of_which_nothing_is_known_stays_where_it_stands() {
        let plan = lines("select many.a, other.b from many cross join many other");
        assert!(held(&plan, "CrossJoinExec").contains("NestedLoopJoinExec"), "{plan:#?}");
        let plan = lines("select few.column1, many.a from few cross join many");
        assert!(!held(&plan, "CrossJoinExec").contains("Join"), "{plan:#?}");
    }

    #[test]
    fn rows_are_the_same_whichever_side_is_held() {
        let (ours, theirs) = (session(ours()), session(PhysicalOptimizer::new().rules));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for kind in ["join", "left join", "right join", "full join"] {
            let sql = format!(
                "select l.a, l.n, r.b from (select v % 5 as a, count(*) as n from (select value as v from range(20)) group by v % 5) l \
                 {kind} (values (1, 'x'), (2, 'y'), (9, 'z')) r (a, b) on r.a = l.a order by l.a, r.b"
            );
            let rows = |context: &SessionContext| {
                runtime.block_on(async {
                    let batches = context.sql(&sql).await.unwrap().collect().await.unwrap();
                    datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string()
                })
            };
            assert_eq!(rows(&ours), rows(&theirs), "{kind}");
        }
    }
}
