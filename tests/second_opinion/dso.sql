-- call: '2024-05-31'
-- call: '2024-05-31', 'company', 'net'
-- call: '2024-04-20', 'customer', 'net', 'stop'
-- call: '2024-04-20', 'customer'
-- call: '2024-05-31', 'company', 'gross', 'stop'
-- call: '2024-07-05', 'segment', 'net', 'stop'
-- call: '2024-06-15', 'currency', 'gross', 'stop'
-- call: '2024-06-30', 'parent', 'net'
-- call: '2024-06-15', 'segment'
-- call: '2024-05-31', 'collector', 'net'
-- call: '2024-03-31', 'currency'
-- call: '2024-07-05', 'currency', 'net'
select
    scope, company_id, member_id, open_amount, current_amount, sales_amount, sales_3m_amount, dso_simple_days, dso_3m_days,
    dso_countback_days, best_possible_dso_days, average_days_delinquent_days,
    nullif(substr(
        balance_reason || month_reason || quarter_reason || coalesce('; ' || countback_reason, '')
        || case when average_days_delinquent_days < 0 then '; unapplied_exceeds_past_due' else '' end,
    3), '') as reason
from dso_figures
