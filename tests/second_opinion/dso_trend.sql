-- call: '2024-03-10', '2024-05-20'
-- call: '2024-02-01', '2024-06-30', 'segment', 'net', 'stop'
-- call: '2024-02-01', '2024-06-30', 'segment', 'net'
-- call: '2024-02-01', '2024-06-30', 'customer', 'gross', 'stop'
-- call: '2024-01-31', '2024-05-31', 'customer'
-- call: '2024-02-29', '2024-07-31', 'currency'
select
    day as month_end,
    scope, company_id, member_id, open_amount, current_amount, sales_amount, sales_3m_amount, dso_simple_days, dso_3m_days,
    dso_countback_days, best_possible_dso_days, average_days_delinquent_days,
    nullif(substr(
        balance_reason || month_reason || quarter_reason || coalesce('; ' || countback_reason, '')
        || case when average_days_delinquent_days < 0 then '; unapplied_exceeds_past_due' else '' end,
    3), '') as reason
from dso_figures
