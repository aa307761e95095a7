//! Which rules work on a plan before it runs.
//!
//! The engine's own list is made for many rows: every rule that changes a node builds all nodes above it again, and works out their orders
//! and equivalences. Where little is read, and no query is split, a quarter of planning went into rules that save less than they cost:
//! which side of a join is the smaller one, filters and columns pushed further down than the logical plan has them already.
//! What a plan needs to be right (its orders and distributions, the check at the end) stays. One rule is ours, for every plan: the small
//! side of a join is held ([`super::small_side`]).

use super::small_side::SmallSideFirst;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use std::sync::Arc;

/// The engine's rule for the sides of joins.
const SIDES: &str = "join_selection";

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// Rules that pay only over many rows.
const FOR_MANY_ROWS: &[&str] = &[SIDES, "FilterPushdown", "FilterPushdown(Post)", "ProjectionPushdown"];
/// Both halves of an aggregate in one: where nothing is split, before the rule that takes longest, not after it.
const ONE_AGGREGATE: &str = "CombinePartialFinalAggregate";
const ORDERS_AND_DISTRIBUTIONS: &str = "EnsureRequirements";

/// The rules for plans that read little, and are not split; or for any plan.
pub(super) fn physical(reads_little: bool) -> Vec<Rule> {
    let mut rules = PhysicalOptimizer::new().rules;
    if let Some(at) = rules.iter().position(|rule| rule.name() == SIDES) {
        rules.insert(at + 1, Arc::new(SmallSideFirst));
    }
    if !reads_little {
        return rules;
    }
    rules.retain(|rule| !FOR_MANY_ROWS.contains(&rule.name()));
    let place = |rules: &[Rule], name: &str| rules.iter().position(|rule| rule.name() == name);
    if let Some(from) = place(&rules, ONE_AGGREGATE)
        && let Some(to) = place(&rules, ORDERS_AND_DISTRIBUTIONS)
        && to < from
    {
        let rule = rules.remove(from);
        rules.insert(to, rule);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(reads_little: bool) -> Vec<String> {
        physical(reads_little).iter().map(|rule| rule.name().to_string()).collect()
    }

    #[test]
    fn rules_named_here_are_rules_of_the_engine() {
        let all = names(false);
        for name in FOR_MANY_ROWS.iter().chain(&[ONE_AGGREGATE, ORDERS_AND_DISTRIBUTIONS]) {
            assert!(all.iter().any(|rule| rule == name), "{name} is none of {all:?}");
        }
    }

    #[test]
    fn what_reads_little_is_planned_by_fewer_rules() {
        let few = names(true);
        let place = |name: &str| few.iter().position(|rule| rule == name).unwrap();
        assert!(FOR_MANY_ROWS.iter().all(|name| !few.iter().any(|rule| rule == name)));
        assert!(place(ONE_AGGREGATE) < place(ORDERS_AND_DISTRIBUTIONS));
        assert_eq!(few.last().map(String::as_str), Some("SanityCheckPlan"));
    }
}
