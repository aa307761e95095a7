-- call: '2024-05-01', '2024-05-31'
-- call: '2024-02-11', '2024-05-20', 'segment', 'month'
-- call: '2024-02-11', '2024-05-20', 'segment'
-- call: '2024-01-15', '2024-06-10', 'company', 'month'
-- call: '2024-02-01', '2024-05-31', 'customer', 'day'
-- call: '2024-03-01', '2024-06-30', 'currency', 'day'
-- call: '2024-01-01', '2024-06-30', 'collector'
-- call: '2024-04-01', '2024-06-15', 'customer'
-- call: '2024-03-01', '2024-03-31', 'parent'
-- call: '2024-03-15', '2024-07-05', 'currency'
-- every amount at the closing rate of the last day; declared sales by their whole months. n is what the sales are divided by
with part as (
    select case :sales_per when 'period' then 1 when 'day' then days(:to, :from) + 1
        else (strftime('%Y', :to) - strftime('%Y', :from)) * 12 + strftime('%m', :to) - strftime('%m', :from) + 1 end as n
),
amounts as (
    select scope, member_company_id, member_id, stock as ending, stock_rate as rate,
        case when posting_date < :from then stock else 0 end as beginning,
        case when posting_date >= :from and movement_kind = document_kind and sales_effect in ('sale', 'return', 'price')
            then stock else 0 end as sales,
        case when aging_class = 'due' and days(:to, due_date) <= 0 then stock else 0 end as not_due,
        case when posting_date >= :from and movement_kind in ('receipt', 'cash', 'apply_receipt') then -stock else 0 end as cash
    from posted
    where is_ar
    union all
    select scope, member_company_id, member_id, 0, case scope when 'currency' then 100000000 else last_rate(currency, 'MXN', :to) end,
        0, flow, 0, 0
    from declared
    where month >= date(:from, 'start of month')
),
summed as (
    select scope, member_company_id as company_id, member_id,
        worth(beginning, rate) as beginning_amount, worth(sales, rate) as sales_amount,
        worth(ending, rate) as ending_amount, worth(not_due, rate) as ending_current_amount, worth(cash, rate) as cash_amount,
        -- ten-thousandths of a hundredth, n times: nothing is rounded before the ratio
        n * sum(beginning * (rate / 10000)) + sum(sales * (rate / 10000)) as coming, n * sum(ending * (rate / 10000)) as ending,
        n * sum(not_due * (rate / 10000)) as not_due, n * sum(cash * (rate / 10000)) as cash
    from amounts join part
    group by scope, member_company_id, member_id
)
select scope, company_id, member_id, beginning_amount, sales_amount, ending_amount, ending_current_amount, cash_amount,
    case when coming > not_due then ratio4(100 * (coming - ending), coming - not_due) end as cei_pct,
    case when coming > not_due then ratio4(100 * cash, coming - not_due) end as cei_cash_pct,
    nullif(substr(
        case when coming <= not_due then '; nothing_collectable' when ending < not_due then '; unapplied_exceeds_past_due' else '' end
        || case :sales_per when 'period' then '' else '; sales_per_' || :sales_per end, 3), '') as reason
from summed
