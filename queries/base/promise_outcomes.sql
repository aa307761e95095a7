-- name: promise_outcomes
-- answers: Which promises to pay were kept, and with how much?
-- grain: one row per company_id, promise_id
-- params: as_of date
-- reads: promises, movements
-- columns: company_id id | promise_id id | customer_id id | collector_id id | currency text | taken_date date | promise_date date |
--   resolved_date date | amount money | kept_amount money | state text
-- order: company_id, promise_id
-- unit: money in the promise's currency. Cash of the customer in that currency, posted after the day it was taken and up to 3 days
--   after the day promised, goes to its promises in the order of the days promised; one peso never keeps two promises. A receipt
--   that bounced counts as never received. state: kept (in full), broken, open (not yet 3 days over), cancelled (before it was due)
-- holds: select promise_id from this where kept_amount < 0.00 or kept_amount > amount or (state = 'kept') <> (kept_amount = amount
--   and state in ('kept', 'broken'))
-- source: METRICS 19
with taken as (
    select
        company_id, promise_id, customer_id, collector_id, currency, taken_date, promise_date, amount,
        promise_date + 3 as last_day,
        coalesce(cancelled_date <= least(promise_date, $as_of), false) as is_cancelled
    from promises
    where taken_date <= $as_of
),

promisers as (
    select company_id, customer_id, currency, min(taken_date) as first_taken
    from promises
    group by company_id, customer_id, currency
),

-- a receipt nets with its own reversal and counts on its first day
cash as (
    select
        m.company_id, m.customer_id, m.currency, m.movement_kind,
        case when m.movement_kind = 'receipt' then m.document_id end as receipt_id,
        case when m.movement_kind = 'cash' then m.posting_date end as cash_day,
        min(m.posting_date) as posting_date,
        -sum(m.amount) as amount
    from movements m
    join promisers p on p.company_id = m.company_id and p.customer_id = m.customer_id and p.currency = m.currency
    where m.posting_date <= $as_of and m.movement_kind in ('receipt', 'cash')
    group by
        m.company_id, m.customer_id, m.currency, m.movement_kind,
        case when m.movement_kind = 'receipt' then m.document_id end,
        case when m.movement_kind = 'cash' then m.posting_date end
),

-- all cash of the customer lies on one line; a promise may use the stretch between its two days
stretches as (
    select
        t.company_id, t.promise_id, t.customer_id, t.collector_id, t.currency, t.taken_date, t.promise_date, t.last_day, t.amount,
        t.is_cancelled,
        sum(case when c.posting_date <= t.taken_date then c.amount else 0.00 end) as stretch_from,
        sum(coalesce(c.amount, 0.00)) as stretch_to
    from taken t
    left join cash c
        on c.company_id = t.company_id and c.customer_id = t.customer_id and c.currency = t.currency and c.posting_date <= t.last_day
    group by
        t.company_id, t.promise_id, t.customer_id, t.collector_id, t.currency, t.taken_date, t.promise_date, t.last_day, t.amount,
        t.is_cancelled
),

attainable as (
    select
        *,
        case when is_cancelled then 0.00 else greatest(least(amount, stretch_to - stretch_from), 0.00) end as attainable_amount
    from stretches
),

queued as (
    select
        *,
        max(last_day) over (
            partition by company_id, customer_id, currency order by taken_date, promise_id
            rows between unbounded preceding and 1 preceding
        ) as last_day_before,
        sum(attainable_amount) over (
            partition by company_id, customer_id, currency order by promise_date, taken_date, promise_id
            rows between unbounded preceding and current row
        ) - attainable_amount as queued_before
    from attainable
),

-- a promise begins where those before it end, but not before the day it was taken; promises whose days overlap are one episode
placed as (
    select
        *,
        max(case when attainable_amount > 0.00 then stretch_from - queued_before end) over (
            partition by company_id, customer_id, currency order by promise_date, taken_date, promise_id
            rows between unbounded preceding and current row
        ) + queued_before as begins_at,
        sum(case when taken_date >= last_day_before then 1 else 0 end) over (
            partition by company_id, customer_id, currency order by taken_date, promise_id
            rows between unbounded preceding and current row
        ) as episode
    from queued
),

-- one taken before those due before it may have what lies ahead of them: what they cannot have had of its days is its own
reached as (
    select
        *,
        greatest(
            stretch_to - begins_at,
            stretch_to - stretch_from + attainable_amount - sum(attainable_amount) over (
                partition by company_id, customer_id, currency, episode order by promise_date, taken_date, promise_id
                rows between unbounded preceding and current row
            )
        ) as reached_amount
    from placed
),

final as (
    select
        company_id, promise_id, customer_id, collector_id, currency, taken_date, promise_date,
        last_day + 1 as resolved_date, amount,
        case when attainable_amount = 0.00 then 0.00 else greatest(least(attainable_amount, reached_amount), 0.00) end as kept_amount,
        case
            when is_cancelled then 'cancelled'
            when last_day >= $as_of then 'open'
            when amount = 0.00 or least(attainable_amount, reached_amount) >= amount then 'kept'
            else 'broken'
        end as state
    from reached
)

select * from final
