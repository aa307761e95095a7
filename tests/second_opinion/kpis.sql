-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-05-31', 'segment'
-- call: '2024-05-31', 'collector'
-- call: '2024-06-15', 'currency'
-- call: '2024-05-31', 'parent'
with sums as (
    select scope, member_company_id as company_id, member_id,
        coalesce(worth(case when is_ar then stock else 0 end, stock_rate), 0) as open_amount,
        coalesce(worth(case when aging_class = 'due' then stock else 0 end, stock_rate), 0) as debit_amount,
        coalesce(worth(case when aging_class = 'due' and due_date < :as_of then stock else 0 end, stock_rate), 0) as past_due_amount,
        coalesce(worth(case when aging_class = 'due' and days(:as_of, due_date) > 90 then stock else 0 end, stock_rate), 0) as over_90_amount,
        coalesce(worth(case when aging_class = 'unapplied' then stock else 0 end, stock_rate), 0) as unapplied_amount,
        -coalesce(sum(case when posting_date >= date(:as_of, 'start of month') and movement_kind in ('receipt', 'cash', 'apply_receipt')
            then flow else 0 end), 0) as cash_amount
    from posted
    where is_ar or movement_kind in ('receipt', 'cash', 'apply_receipt')
    group by scope, member_company_id, member_id
)
select scope, company_id, member_id, open_amount, past_due_amount, over_90_amount, unapplied_amount, cash_amount,
    case when debit_amount > 0 then ratio4(100 * past_due_amount, debit_amount) end as past_due_pct, case when debit_amount > 0 then ratio4(100 * over_90_amount, debit_amount) end as over_90_pct
from sums
