//! A small group for the close pack: two companies, two currencies, every query with the columns its contract names.

use super::fake::Fake;
use cartera::report::Spec;

/// A pack of every kind of block, and small: the shipped one has many more pages.
pub fn spec() -> Spec {
    Spec::parse(include_str!("close.toml")).unwrap()
}

const KPIS: &str = "scope text | company_id id | currency text | open_amount money | current_pct pct | past_due_amount money | past_due_pct pct | over_90_amount money | over_90_pct pct | unapplied_amount money | dso_3m_days days | best_possible_dso_3m_days days | average_days_delinquent_days days | cei_pct pct | cash_amount money | sales_amount money | reason text";

fn kpis(rows: &str) -> String {
    format!("{KPIS}\n{rows}")
}

/// The answers; a test replaces what it is about.
pub fn group() -> Fake {
    let now = kpis(
        "company | MX01 | MXN | 9000000.00 | 60.0000 | 3600000.00 | 40.0000 | 900000.00 | 10.0000 | 0.00 | 50.1234 | 30.0000 | 20.1234 | 81.0000 | 4000000.00 | 5000000.00 | -
         company | US01 | USD | 150000.00 | 75.0000 | 37500.00 | 25.0000 | 0.00 | 0.0000 | 0.00 | - | - | - | - | 0.00 | 0.00 | no_sales_3m; nothing_collectable
         group | group | MXN | 12400000.00 | 61.8000 | 4736800.00 | 38.2000 | 1100000.00 | 8.9000 | -120000.00 | 51.3333 | 31.7000 | 19.6333 | 80.2500 | 5200000.00 | 6100000.00 | -",
    );
    let before = kpis(
        "group | group | MXN | 11900000.00 | 65.9000 | 4057900.00 | 34.1000 | 1100000.00 | 9.2000 | 0.00 | 48.0000 | 31.7000 | 16.3000 | 82.0000 | 5000000.00 | 6000000.00 | -",
    );
    Fake::default()
        .with("kpis", &now)
        .with("kpis(2026-10-31)", &now)
        .with("kpis(2026-09-30)", &before)
        .with("kpis(2025-10-31)", "error: history_missing: the history begins on 2026-01-01")
        .with("kpis_trend", &format!("month_end date | {KPIS}
            2026-08-31 | group | group | MXN | 11000000.00 | 66.0000 | 1.00 | 34.0000 | 1.00 | 9.0000 | 0.00 | - | - | - | - | 1.00 | 1.00 | no_sales_3m
            2026-09-30 | group | group | MXN | 11900000.00 | 65.9000 | 1.00 | 34.1000 | 1.00 | 9.0000 | 0.00 | 48.0000 | 31.7000 | 16.3000 | 82.0000 | 1.00 | 1.00 | -
            2026-09-30 | company | MX01 | MXN | 1.00 | 1.0000 | 1.00 | 1.0000 | 1.00 | 1.0000 | 0.00 | 99.0000 | 99.0000 | 99.0000 | 99.0000 | 1.00 | 1.00 | -
            2026-10-31 | group | group | MXN | 12400000.00 | 61.8000 | 1.00 | 38.2000 | 1.00 | 8.9000 | 0.00 | 51.3333 | 31.7000 | 19.6333 | 80.2500 | 1.00 | 1.00 | -"))
        .with("tie_out", "company_id id | account id | currency text | subledger_amount money | gl_amount money | difference_amount money | explained_amount money | unexplained_amount money | state text
            MX01 | 1150 | MXN | 9000000.00 | 9000000.00 | 0.00 | 0.00 | 0.00 | ties
            MX01 | 1150 | USD | 20000.00 | 20500.00 | 500.00 | 500.00 | 0.00 | explained
            US01 | 1200 | USD | 150000.00 | 150000.00 | 0.00 | 0.00 | 0.00 | ties")
        .with("tie_out_items", "company_id id | account id | currency text | item_id id | posting_date date | amount money | cause text
            MX01 | 1150 | USD | J-1 | 2026-10-30 | 500.00 | manual_journal")
        .with("closing_rates", "currency text | to_currency text | rate rate | rate_date date | route text
            MXN | MXN | 1.00000000 | 2026-10-31 | same
            MXN | USD | 0.05431200 | 2026-10-30 | inverse
            USD | MXN | 18.41250000 | 2026-10-30 | direct")
        .with("dso", "scope text | company_id id | currency text | open_amount money | current_amount money | sales_amount money | sales_3m_amount money | dso_simple_days days | dso_3m_days days | dso_countback_days days | best_possible_dso_days days | average_days_delinquent_days days | reason text
            company | MX01 | MXN | 9000000.00 | 5400000.00 | 5000000.00 | 15000000.00 | 55.8000 | 55.2000 | 56.0000 | 33.4800 | 22.3200 | short_window
            company | US01 | USD | 150000.00 | 112500.00 | 0.00 | 0.00 | - | - | 92.0000 | - | - | no_sales; no_sales_3m; history_exhausted
            group | group | MXN | 12400000.00 | 7663200.00 | 6100000.00 | 18300000.00 | 63.0164 | 51.3333 | 60.0000 | 38.9440 | 24.0724 | -")
        .with("aging_group_trend", "month_end date | scope text | company_id id | currency text | bucket_order int | bucket text | open_amount money
            2026-09-30 | group | group | MXN | 1 | current | 7842100.00
            2026-09-30 | group | group | MXN | 2 | 1-30 | 4057900.00
            2026-09-30 | group | group | MXN | 6 | unapplied | 0.00
            2026-10-31 | group | group | MXN | 1 | current | 7663200.00
            2026-10-31 | group | group | MXN | 3 | over 30 | 4736800.00
            2026-10-31 | group | group | MXN | 6 | unapplied | -120000.00")
        .with("aging_group", "scope text | company_id id | currency text | bucket_order int | bucket text | open_amount money | share_pct pct
            company | MX01 | MXN | 1 | current | 5400000.00 | 60.0000
            group | group | MXN | 1 | current | 7663200.00 | 61.8000
            group | group | MXN | 2 | over 90 | 4736800.00 | 38.2000
            group | group | MXN | 6 | unapplied | -120000.00 | 0.0000")
        .with("aging", "company_id id | currency text | bucket_order int | bucket text | open_amount money | open_amount_company money | open_amount_group money
            MX01 | MXN | 1 | current | 5400000.00 | 5400000.00 | 5400000.00
            MX01 | MXN | 5 | over 90 | 3600000.00 | 3600000.00 | 3600000.00
            MX01 | USD | 1 | current | 20000.00 | 370000.00 | 368250.00
            US01 | USD | 2 | 1-30 | 150000.00 | 150000.00 | 2761875.00
            US01 | USD | 6 | unapplied | -10.50 | -10.50 | -193.33")
        .with("aging_by_customer", "company_id id | customer_id id | customer_name text | currency text | bucket_order int | bucket text | open_amount money | open_amount_company money | open_amount_group money
            MX01 | C1 | Aceros | MXN | 1 | current | 100.00 | 100.00 | 100.00
            US01 | C9 | {amount} <b>x</b> =1+1 | USD | 6 | unapplied | -10.50 | -10.50 | -193.33")
        .with("rollforward_by_member", "scope text | company_id id | currency text | line_order int | line text | amount money
            group | group | MXN | 1 | opening | 11900000.00
            group | group | MXN | 3 | billings | 6100000.00
            group | group | MXN | 5 | receipts | -5200000.00
            group | group | MXN | 6 | credits | 0.00
            group | group | MXN | 20 | translation | -400000.00
            group | group | MXN | 21 | closing | 12400000.00")
        .with("rollforward", "company_id id | currency text | line_order int | line text | amount money | company_amount money
            MX01 | MXN | 1 | opening | 8000000.00 | 8000000.00
            MX01 | MXN | 2 | prior_period | 0.00 | 0.00
            MX01 | MXN | 3 | billings | 1000000.00 | 1000000.00
            MX01 | MXN | 6 | credits | 0.00 | 0.00
            MX01 | MXN | 21 | closing | 9000000.00 | 9000000.00
            MX01 | USD | 1 | opening | 20000.00 | 370000.00
            MX01 | USD | 18 | fx_revaluation | 0.00 | -1750.00
            MX01 | USD | 21 | closing | 20000.00 | 368250.00")
        .with("top_past_due", &top_past_due(23))
        .with("collection_effectiveness", "scope text | company_id id | currency text | beginning_amount money | sales_amount money | ending_amount money | ending_current_amount money | cash_amount money | cei_pct pct | cei_cash_pct pct | reason text
            group | group | MXN | 11900000.00 | 6100000.00 | 12400000.00 | 7663200.00 | 5200000.00 | 80.2500 | 75.0000 | -")
        .with("collector_scorecard", "collector_id id | collector_name text | customers int | opening_past_due_amount money | closing_past_due_amount money | cash_amount money | target_amount money | attainment_pct pct | cei_pct pct | promises int | promises_kept_pct pct | contacts int | right_party_pct pct
            K1 | Ana Ruiz | 12 | 2000000.00 | 2500000.00 | 3000000.00 | 3500000.00 | 85.7143 | 70.0000 | 4 | 50.0000 | 20 | 60.0000
            K2 | Luis Paz | 9 | 2057900.00 | 2236800.00 | 2200000.00 | - | - | 71.0000 | 0 | - | 0 | -")
        .with("risk_scores", "company_id id | customer_id id | customer_name text | currency text | open_amount_company money | past_due_amount_company money | score int | band text | reasons text
            MX01 | C3 | Medio SA | MXN | 100.00 | 50.00 | 64 | medium | disputes 5.0%
            MX01 | C1 | Aceros | MXN | 1000.00 | 900.00 | 80 | high | past_due_share 90.0%; worst_days_late 140; utilisation of no limit
            US01 | C9 | Low Inc | USD | 10.00 | 0.00 | 3 | low | -")
        .with("rejects_summary", "load_id int | source text | table_name text | code text | row_count int | amount money | currency text | first_place text | example text
            1 | docs.csv | documents | date_invalid | 2 | 1500.00 | MXN | docs.csv:7:3 | 31/02/2026
            1 | docs.csv | documents | amount_invalid | 1 | - | - | docs.csv:9:5 | =cmd")
        .with("findings_summary", "load_id int | code text | severity text | table_name text | finding_count int | example text | hint text
            1 | due_date_missing | warning | documents | 1 | F-7 | english hint
            2 | brand_new_code | info | widgets | 3 | x | english hint")
}

/// So many customers past due, 100.00 each, and a tenth of all as share for the first five.
pub fn top_past_due(customers: usize) -> String {
    let mut table = "owner_id id | customer_id id | customer_name text | collector_name text | past_due_amount money | open_amount money | share_pct pct | worst_days_late int | disputed_amount money | next_promise_date date".to_string();
    for i in 1..=customers {
        let share = if i <= 3 { "20.3333" } else { "1.9500" };
        table += &format!("\nMX01 | C{i} | Cliente {i} | - | 100000.00 | 200000.00 | {share} | {} | 0.00 | -", 150 - i);
    }
    table
}
