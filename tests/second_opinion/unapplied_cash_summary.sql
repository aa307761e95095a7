-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-02-29', 'segment'
-- call: '2024-06-15', 'currency'
-- call: '2024-07-05', 'collector'
-- call: '2024-03-31', 'parent'
-- call: '2024-05-20', 'group'
-- by receipt or refund; money in units of 1e-8
with paper as (
    select scope, member_company_id as company_id, member_id, document_kind, days(:as_of, document_date) as age, -sum(amount) as rest,
        -sum(company_amount) as rest_company, -sum(stock * (stock_rate / 100)) as value
    from posted
    where document_kind in ('receipt', 'refund')
    group by scope, member_company_id, member_id, document_kind, company_id, account, customer_id, document_id, instalment,
        document_date, currency
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
summed as (
    select scope, company_id, member_id, sum(value) as value, count(*) filter (where document_kind = 'receipt' and rest > 0) as receipts,
        coalesce(sum(value) filter (where age > 7), 0) as over_7, coalesce(sum(value) filter (where age > 30), 0) as over_30,
        coalesce(sum(age) filter (where document_kind = 'receipt' and rest > 0), 0) as age_sum,
        max(age) filter (where document_kind = 'receipt' and rest > 0) as oldest_days
    from paper
    group by scope, company_id, member_id
)
select scope, company_id, member_id, receipts, ratio4(value, 10000000000) as unapplied_amount, ratio4(over_7,
    10000000000) as over_7_amount,
    ratio4(over_30, 10000000000) as over_30_amount, ratio4(age_sum, receipts) as mean_age_days, oldest_days,
    case when value > 0 then ratio4(100 * over_7, value) end as over_7_pct, case when value > 0 then ratio4(100 * over_30,
        value) end as over_30_pct
from summed
