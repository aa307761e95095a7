-- call: '2024-02-01', '2024-05-31'
-- call: '2024-01-15', '2024-06-15', 'customer', 3
-- call: '2024-03-01', '2024-07-05', 'currency', 2
-- call: '2024-01-01', '2024-04-30', 'segment'
-- call: '2024-01-01', '2024-06-30', 'collector', 1
-- call: '2024-03-01', '2024-05-31', 'parent', 0
-- call: '2024-01-01', '2024-07-05', 'group', 12
-- each sale stands in every month that its billing month has had in full; cash once, that of before in the month of billing. Units of 1e-8
with recursive
later (months_after) as (select 0 union all select months_after + 1 from later where months_after < :most_months),
first_open as (select date(:to, '+1 day', 'start of month') as month),
paper as materialized (
    select scope, member_company_id as company_id, member_id, date(document_date, 'start of month') as billed,
        date(posting_date, 'start of month') as posted,
        case when movement_kind = document_kind and sales_effect in ('sale', 'return', 'price') then flow * (flow_rate / 100) end as sale,
        case when aging_class = 'due' and movement_kind in ('apply_receipt', 'cash') then -flow * (flow_rate / 100) end as cash
    from posted
    where document_date >= date(:from, 'start of month') and posting_date >= date(:from, 'start of month')
),
figure as (
    select p.scope, p.company_id, p.member_id, l.months_after, count(distinct p.billed) as billing_months, coalesce(sum(p.sale),
        0) as sales,
        coalesce(sum(case when max(p.posted, p.billed) = date(p.billed, '+' || l.months_after || ' months') then p.cash end), 0) as cash
    from paper p
    join later l
    join first_open f on date(p.billed, '+' || l.months_after || ' months') < f.month
    where p.sale is not null or p.cash is not null
    group by p.scope, p.company_id, p.member_id, l.months_after
)
select f.scope, f.company_id, f.member_id, f.months_after, f.billing_months, ratio4(f.sales, 10000000000) as sales_amount,
    ratio4(f.cash, 10000000000) as cash_amount, case when f.sales > 0 then ratio4(f.cash, f.sales / 100) end as share_pct,
    case when f.sales > 0 then null else 'no_sales' end as reason
from figure f
