//! Functions added for SQL, one file each: exact division, rates that must exist, days and months, customers that are one.

mod days;
mod merged_customer;
mod ratio;
mod required_rate;

use crate::ledger::merges::Merges;
use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

/// The name of the function that knows which customers are one.
pub(super) const MERGED_CUSTOMER: &str = "merged_customer";

/// Every function of ours; `fx_max_age_days` is what a missing rate is explained with.
pub(super) fn all(fx_max_age_days: i32, merges: Arc<Merges>) -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::from(ratio::Ratio::default())),
        Arc::new(ScalarUDF::from(required_rate::RequiredRate::new(fx_max_age_days))),
        Arc::new(ScalarUDF::from(days::DaysBetween::default())),
        Arc::new(ScalarUDF::from(days::MonthEdge::start())),
        Arc::new(ScalarUDF::from(days::MonthEdge::end())),
        Arc::new(ScalarUDF::from(merged_customer::MergedCustomer::new(merges))),
    ]
}
