-- name: roll_items
-- answers: In which bucket does each debit stand at a month end, and in which at the next one?
-- grain: one row per month_end, scope, owner_id, customer_id, document_id, instalment, document_currency, due_date
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, month_ends, aging_columns, rate_spans
-- columns: month_end date | next_month_end date | scope text | company_id id | member_id id | member_name text | currency text |
--   owner_id id | customer_id id | document_id id | instalment int | document_currency text | due_date date |
--   start_bucket_order int | end_bucket_order int | start_amount money | end_amount money | rate rate
-- order: month_end, scope, owner_id, customer_id, document_id, instalment, document_currency, due_date
-- unit: money, debit +, of what was posted by each end; times rate in the member's currency: as booked for a company's own members,
--   else the closing rate of month_end (that of the end for a currency that has none then). start_bucket_order is where its due day
--   puts the item at month_end, billed by then or not. The last month end is cut at `to`. Members are those of the day `to`
-- holds: select document_id from this where end_bucket_order < start_bucket_order or rate is null
-- holds: select t.amount from (select sum(start_amount) as amount from this where month_end = least(month_end($from), $to)
--   and scope in ('company', 'customer', 'parent')) t where t.amount <> (select sum(company_amount) from movements
--   where aging_class = 'due' and posting_date <= least(month_end($from), $to))
-- source: METRICS 14(a)
with days as (
    select month_end, lead(month_end) over (order by month_end) as next_month_end from month_ends($from, $to)
),

pairs as (
    select month_end, next_month_end from days where next_month_end is not null
),

rates as (
    select d.month_end as day, r.currency, r.to_currency, r.rate
    from days d
    join rate_spans() r on d.month_end between r.valid_from and r.valid_to
),

posted as (
    select
        b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, coalesce(b.member_name, m.currency) as member_name,
        coalesce(b.currency, m.currency) as currency, b.is_booked, m.company_id as owner_id, m.customer_id, m.document_id, m.instalment,
        m.currency as document_currency, m.due_date, d.month_end, d.next_month_end,
        sum(
            case when m.posting_date > d.month_end then 0.00 when b.is_booked then m.company_amount else m.amount end
        ) as start_amount,
        sum(case when b.is_booked then m.company_amount else m.amount end) as end_amount
    from movements m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
    join pairs d on d.next_month_end >= m.posting_date
    where m.aging_class = 'due'
    group by
        b.scope, b.company_id, coalesce(b.member_id, m.currency), coalesce(b.member_name, m.currency), coalesce(b.currency, m.currency),
        b.is_booked, m.company_id, m.customer_id, m.document_id, m.instalment, m.currency, m.due_date, d.month_end, d.next_month_end
),

final as (
    select
        p.month_end, p.next_month_end, p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.owner_id, p.customer_id,
        p.document_id, p.instalment, p.document_currency, p.due_date,
        s.bucket_order as start_bucket_order, e.bucket_order as end_bucket_order, p.start_amount, p.end_amount,
        case
            when p.is_booked or p.document_currency = p.currency then 1.00
            else required_rate(coalesce(r.rate, n.rate), p.document_currency, p.currency, p.month_end)
        end as rate
    from posted p
    join aging_columns() s on s.aging_class = 'due' and days_between(p.month_end, p.due_date) between s.from_days and s.to_days
    join aging_columns() e on e.aging_class = 'due' and days_between(p.next_month_end, p.due_date) between e.from_days and e.to_days
    left join rates r on r.currency = p.document_currency and r.to_currency = p.currency and r.day = p.month_end
    left join rates n on n.currency = p.document_currency and n.to_currency = p.currency and n.day = p.next_month_end
    where p.start_amount <> 0.00 or p.end_amount <> 0.00
)

select * from final
