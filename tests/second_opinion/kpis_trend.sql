-- call: '2024-03-10', '2024-05-20'
-- call: '2024-02-01', '2024-06-30', 'collector', 'net'
-- call: '2024-01-31', '2024-05-31', 'customer'
-- call: '2024-02-29', '2024-07-31', 'currency'
-- call: '2024-05-31', '2024-05-31', 'parent', 'net'
with cash as materialized (
    select scope, member_company_id, member_id, date(posting_date, 'start of month') as month, -sum(flow) as amount
    from posted
    where movement_kind in ('receipt', 'cash', 'apply_receipt')
    group by scope, member_company_id, member_id, date(posting_date, 'start of month')
)
select
    f.day as month_end, f.scope, f.company_id, f.member_id, f.open_amount,
    case when f.debits > 0 then ratio4(100 * f.not_due, f.debits) end as current_pct,
    f.past_due as past_due_amount,
    case when f.debits > 0 then ratio4(100 * f.past_due, f.debits) end as past_due_pct,
    f.over_90 as over_90_amount,
    case when f.debits > 0 then ratio4(100 * f.over_90, f.debits) end as over_90_pct,
    f.unapplied as unapplied_amount, f.dso_3m_days, f.best_possible_dso_3m_days,
    f.average_days_delinquent_3m_days as average_days_delinquent_days,
    case when f.beginning + f.billed > f.not_due
        then ratio4(100 * (f.beginning + f.billed - f.open), f.beginning + f.billed - f.not_due) end as cei_pct,
    coalesce(c.amount, 0) as cash_amount, f.sales_amount,
    nullif(substr(
        f.balance_reason || case when f.debits <= 0 then '; no_items' else '' end || f.quarter_reason
        || case when f.beginning + f.billed <= f.not_due then '; nothing_collectable' else '' end
        || case when f.average_days_delinquent_3m_days < 0 then '; unapplied_exceeds_past_due' else '' end,
    3), '') as reason
from dso_figures f
left join cash c on c.scope = f.scope and c.member_company_id = f.member_company_id and c.member_id = f.member_id and c.month = f.month
