-- name: year_figures
-- answers: What did each member stand at over the 13 month ends up to a day, and what did it sell in the month, the quarter and the year?
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', sales text of gross net = 'gross'
-- reads: receivables_trend, flow_months, month_ends
-- columns: scope text | company_id id | member_id id | member_name text | currency text | open_amount money | beginning_amount money |
--   open_3_amount money | year_beginning_amount money | open_13_amount money | sales_amount money | sales_3m_amount money |
--   sales_12m_amount money | month_days int | quarter_days int | year_days int
-- order: scope, company_id, member_id
-- unit: money: open_3_amount and open_13_amount are sums of the last 3 and 13 month ends, to be divided; the last of them is the day itself.
--   A month end before the member's first posting counts 0. Days are those of the calendar up to the day
-- holds: select member_id from this where open_3_amount is null or sales_12m_amount is null
-- source: METRICS 3, 4 and 12
with balances as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when month_end = $as_of then open_amount else 0.00 end) as open_amount,
        sum(case when month_first = month_start($as_of) - interval '1 month' then open_amount else 0.00 end) as beginning_amount,
        sum(case when month_first >= month_start($as_of) - interval '2 months' then open_amount else 0.00 end) as open_3_amount,
        sum(case when month_first = month_start($as_of) - interval '12 months' then open_amount else 0.00 end) as year_beginning_amount,
        sum(open_amount) as open_13_amount
    from receivables_trend(month_start($as_of) - interval '12 months', $as_of, $grain)
    group by scope, company_id, member_id, member_name, currency
),

flows as (
    select
        scope, company_id, member_id,
        sum(case when month_first = month_start($as_of) then amount else 0.00 end) as sales_amount,
        sum(case when month_first >= month_start($as_of) - interval '2 months' then amount else 0.00 end) as sales_3m_amount,
        sum(amount) as sales_12m_amount
    from (
        select
            scope, company_id, member_id, month_first, case when $sales = 'net' then net_sales_amount else sales_amount end as amount
        from flow_months(month_start($as_of) - interval '11 months', $as_of, $grain)
    ) as f
    group by scope, company_id, member_id
),

days as (
    select
        sum(case when month_first = month_start($as_of) then day_count else 0 end) as month_days,
        sum(case when month_first >= month_start($as_of) - interval '2 months' then day_count else 0 end) as quarter_days,
        sum(day_count) as year_days
    from month_ends(month_start($as_of) - interval '11 months', $as_of)
),

final as (
    select
        b.scope, b.company_id, b.member_id, b.member_name, b.currency, b.open_amount, b.beginning_amount, b.open_3_amount,
        b.year_beginning_amount, b.open_13_amount,
        coalesce(f.sales_amount, 0.00) as sales_amount,
        coalesce(f.sales_3m_amount, 0.00) as sales_3m_amount,
        coalesce(f.sales_12m_amount, 0.00) as sales_12m_amount,
        d.month_days, d.quarter_days, d.year_days
    from balances b
    cross join days d
    left join flows f on f.scope = b.scope and f.company_id = b.company_id and f.member_id = b.member_id
)

select * from final
