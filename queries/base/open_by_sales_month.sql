-- name: open_by_sales_month
-- answers: How much of each month's documents is still open on a day, beside what was sold in that month?
-- grain: one row per scope, company_id, member_id, month_first
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', sales text of gross net = 'gross'
-- reads: member_items, flow_months
-- columns: scope text | company_id id | member_id id | currency text | month_first date | day_count int | open_amount money |
--   amount_days money | unapplied_amount money | sales_amount money
-- order: scope, company_id, member_id, month_first
-- unit: money. Debits and credits stand in the month of their document day, amount_days is open x days since that day; unapplied cash
--   stands in the month of its receipt and is no part of open_amount; sales of months more than 5 years back count as 0.00
-- holds: select t.a from (select sum(open_amount + unapplied_amount) as a from this) t where $grain in ('customer', 'parent')
--   and t.a <> (select sum(amount) from member_items($as_of, 'customer') where aging_class <> 'advances')
-- source: METRICS 6
with items as (
    select
        scope, company_id, member_id, currency, month_start(document_date) as month_first,
        sum(case when aging_class <> 'unapplied' then amount * rate else 0.00 end) as open_amount,
        sum(case when aging_class <> 'unapplied' then amount * rate * days_between($as_of, document_date) else 0.00 end) as amount_days,
        sum(case when aging_class = 'unapplied' then amount * rate else 0.00 end) as unapplied_amount
    from member_items($as_of, $grain)
    where aging_class <> 'advances'
    group by scope, company_id, member_id, currency, month_start(document_date)
),

final as (
    select
        i.scope, i.company_id, i.member_id, i.currency, i.month_first,
        days_between(least(month_end(i.month_first), $as_of), i.month_first) + 1 as day_count,
        i.open_amount, i.amount_days, i.unapplied_amount,
        coalesce(case when $sales = 'net' then f.net_sales_amount else f.sales_amount end, 0.00) as sales_amount
    from items i
    left join flow_months(month_start($as_of) - interval '59 months', $as_of, $grain) f
        on f.scope = i.scope and f.company_id = i.company_id and f.member_id = i.member_id and f.month_first = i.month_first
)

select * from final
