-- call: '2024-02-01', '2024-05-31'
-- call: '2024-01-15', '2024-06-15', 'customer', 4, 3
-- call: '2024-03-01', '2024-07-05', 'currency', 2, 2
-- call: '2024-01-01', '2024-04-30', 'segment'
-- call: '2024-01-01', '2024-06-30', 'collector', 1, 1
-- call: '2024-03-01', '2024-05-31', 'parent', 6
-- call: '2024-01-01', '2024-07-05', 'group', 12, 12
-- the share of months_after is that of all billing months old enough to have had it. Whole hundredths times the rate 1: books are in pesos
with recursive
later (months_after) as (select 0 union all select months_after + 1 from later where months_after < :most_months),
first_open as (select date(:to, '+1 day', 'start of month') as month),
paper as materialized (
    select scope, member_company_id as company_id, member_id, date(document_date, 'start of month') as billed,
        date(posting_date, 'start of month') as posted,
        case when movement_kind = document_kind and sales_effect in ('sale', 'return', 'price') then flow end as sale,
        case when aging_class = 'due' and movement_kind in ('apply_receipt', 'cash') then -flow end as cash
    from posted
    where document_date >= date(:from, 'start of month') and posting_date >= date(:from, 'start of month')
),
share as materialized (
    select p.scope, p.company_id, p.member_id, l.months_after, coalesce(sum(p.sale), 0) as sales,
        coalesce(sum(case when max(p.posted, p.billed) = date(p.billed, '+' || l.months_after || ' months') then p.cash end), 0) as cash
    from paper p
    join later l
    join first_open f on date(p.billed, '+' || l.months_after || ' months') < f.month
    group by p.scope, p.company_id, p.member_id, l.months_after
    having coalesce(sum(p.sale), 0) > 0
),
sold as materialized (
    select scope, company_id, member_id, billed, sum(sale) as sale from paper where sale is not null
    group by scope, company_id, member_id, billed
),
-- each billing month once for each month of cash ahead
ahead as (
    select s.*, d.cash, d.sales, date(s.billed, '+' || d.months_after || ' months') as cash_month
    from sold s
    join share d on d.scope = s.scope and d.company_id = s.company_id and d.member_id = s.member_id
)
-- rounded once: each part in units of 1e-4 of a hundredth
select a.scope, a.company_id, a.member_id, a.cash_month, sum(a.sale) as sales_amount,
    ratio4(sum(ratio4(a.sale * a.cash, a.sales)), 100000000) as forecast_amount
from ahead a, first_open f
where a.cash_month >= f.month and a.cash_month < date(f.month, '+' || :months || ' months')
group by a.scope, a.company_id, a.member_id, a.cash_month
