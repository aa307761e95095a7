-- name: balances_trend
-- answers: How much was open at each month end, per company, currency and column of the aging?
-- grain: one row per month_end, company_id, currency, intercompany, bucket_order
-- params: from date, to date, apart bool = false
-- reads: postings, month_ends, aging_columns
-- columns: month_end date | company_id id | currency text | intercompany bool | bucket_order int | bucket text |
--   open_amount money | open_amount_company money
-- order: month_end, company_id, currency, intercompany, bucket_order
-- unit: money; every column of the aging for each company and currency with postings, 0.00 where nothing is open
-- holds: select month_end from this where month_end = $to group by month_end
--   having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $to)
-- source: METRICS 1 and 2
with posted as (
    select
        company_id, currency, intercompany, aging_class, due_date,
        greatest(month_start(posting_date), month_start($from)) as counts_from,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from postings($to, $to, $apart)
    group by company_id, currency, intercompany, aging_class, due_date, greatest(month_start(posting_date), month_start($from))
),

month_ends as (
    select month_end, month_first from month_ends($from, $to)
),

-- cumulated over the months, then aged by the day each month ends
aged as (
    select
        m.month_end, p.company_id, p.currency, p.intercompany, c.bucket_order,
        sum(p.amount) as amount,
        sum(p.company_amount) as company_amount
    from month_ends m
    join posted p on p.counts_from <= m.month_first
    join aging_columns() c
        on c.aging_class = p.aging_class and days_between(m.month_end, p.due_date) between c.from_days and c.to_days
    group by m.month_end, p.company_id, p.currency, p.intercompany, c.bucket_order
),

final as (
    select
        a.month_end, a.company_id, a.currency, a.intercompany, c.bucket_order, c.bucket,
        sum(case when a.bucket_order = c.bucket_order then a.amount else 0.00 end) as open_amount,
        sum(case when a.bucket_order = c.bucket_order then a.company_amount else 0.00 end) as open_amount_company
    from aging_columns() c
    cross join aged a
    group by a.month_end, a.company_id, a.currency, a.intercompany, c.bucket_order, c.bucket
)

select * from final
