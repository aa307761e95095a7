//! The query files that ship with the program, one entry a file; a test compares the list with the folder.

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        /// Path and text of every shipped query file.
        pub const SHIPPED: &[(&str, &str)] = &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*];
    };
}

shipped! {
    "queries/base/aging_columns.sql",
    "queries/base/balances_trend.sql",
    "queries/base/closing_rates.sql",
    "queries/base/customer_lateness.sql",
    "queries/base/customer_positions.sql",
    "queries/base/customer_spans.sql",
    "queries/base/customers_as_of.sql",
    "queries/base/disputed_amounts.sql",
    "queries/base/flow_months.sql",
    "queries/base/item_balances.sql",
    "queries/base/member_items.sql",
    "queries/base/member_movements.sql",
    "queries/base/member_postings.sql",
    "queries/base/member_sales.sql",
    "queries/base/members.sql",
    "queries/base/month_ends.sql",
    "queries/base/postings.sql",
    "queries/base/promise_outcomes.sql",
    "queries/base/rate_spans.sql",
    "queries/base/receivable_figures.sql",
    "queries/base/receivables_trend.sql",
    "queries/checks/applications_cancel.sql",
    "queries/checks/closed_items.sql",
    "queries/checks/conservation.sql",
    "queries/checks/control_totals.sql",
    "queries/checks/cube.sql",
    "queries/metrics/aging.sql",
    "queries/metrics/aging_by_customer.sql",
    "queries/metrics/aging_group.sql",
    "queries/metrics/aging_group_trend.sql",
    "queries/metrics/aging_trend.sql",
    "queries/metrics/collection_effectiveness.sql",
    "queries/metrics/collector_scorecard.sql",
    "queries/metrics/customers_across_companies.sql",
    "queries/metrics/dso.sql",
    "queries/metrics/dso_trend.sql",
    "queries/metrics/findings_summary.sql",
    "queries/metrics/kpis.sql",
    "queries/metrics/kpis_trend.sql",
    "queries/metrics/merge_candidates.sql",
    "queries/metrics/open_items.sql",
    "queries/metrics/rejects_summary.sql",
    "queries/metrics/risk_scores.sql",
    "queries/metrics/rollforward.sql",
    "queries/metrics/rollforward_group.sql",
    "queries/metrics/tie_out.sql",
    "queries/metrics/tie_out_items.sql",
    "queries/metrics/top_past_due.sql",
}
