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

cash_days as (
    select
        m.company_id, m.customer_id, m.currency, m.movement_kind, m.posting_date,
        case when m.movement_kind = 'receipt' then m.document_id else cast(m.posting_date as varchar) end as receipt_id,
        -sum(case when m.effect = 'undo' and m.movement_kind = 'receipt' then 0.00 else m.amount end) as entered_amount,
        -sum(m.amount) as amount
    from movements m
    join promisers p on p.company_id = m.company_id and p.customer_id = m.customer_id and p.currency = m.currency
    where m.posting_date <= $as_of and m.movement_kind in ('receipt', 'cash')
    group by
        m.company_id, m.customer_id, m.currency, m.movement_kind, m.posting_date,
        case when m.movement_kind = 'receipt' then m.document_id else cast(m.posting_date as varchar) end
),

-- a receipt nets with its own reversal and counts on its own day, as corrected
cash as (
    select
        company_id, customer_id, currency, movement_kind, receipt_id,
        min(case when entered_amount <> 0.00 then posting_date end) as posting_date,
        sum(amount) as amount
    from cash_days
    group by company_id, customer_id, currency, movement_kind, receipt_id
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
        row_number() over (partition by company_id, customer_id, currency order by promise_date, taken_date, promise_id) as place,
        sum(attainable_amount) over (
            partition by company_id, customer_id, currency order by promise_date, taken_date, promise_id
            rows between unbounded preceding and current row
        ) as queued_to
    from attainable
),

-- a promise ends where the one before it ends and its amount more, but begins after the day it was taken and ends by its last day:
-- the furthest of what every promise before it can push it to, never past a last day in between
pushed as (
    select
        k.company_id, k.promise_id, i.place as pushing,
        i.stretch_from - i.queued_to + i.attainable_amount as pushed_from,
        k.queued_to,
        min(j.stretch_to - j.queued_to) as bound
    from queued k
    join queued i on i.company_id = k.company_id and i.customer_id = k.customer_id and i.currency = k.currency and i.place <= k.place
    join queued j
        on j.company_id = k.company_id and j.customer_id = k.customer_id and j.currency = k.currency and j.place between i.place and k.place
    group by k.company_id, k.promise_id, i.place, i.stretch_from, i.queued_to, i.attainable_amount, k.queued_to
),

ends as (
    select company_id, promise_id, max(least(pushed_from, bound)) + max(queued_to) as ends_at
    from pushed
    group by company_id, promise_id
),

placed as (
    select
        q.*,
        e.ends_at - greatest(
            coalesce(lag(e.ends_at) over (
                partition by q.company_id, q.customer_id, q.currency order by q.place), q.stretch_from), q.stretch_from) as queue_amount,
        -- promises whose days overlap are one episode
        sum(case when q.taken_date >= q.last_day_before then 1 else 0 end) over (
            partition by q.company_id, q.customer_id, q.currency order by q.taken_date, q.promise_id
            rows between unbounded preceding and current row
        ) as episode
    from queued q
    join ends e on e.company_id = q.company_id and e.promise_id = q.promise_id
),

-- one taken before those due before it may have what lies ahead of them: what they cannot have had of its days is its own
reached as (
    select
        *,
        greatest(
            queue_amount,
            least(
                attainable_amount,
                stretch_to - stretch_from + attainable_amount - sum(attainable_amount) over (
                    partition by company_id, customer_id, currency, episode order by place
                    rows between unbounded preceding and current row
                )
            )
        ) as got_amount
    from placed
),

final as (
    select
        company_id, promise_id, customer_id, collector_id, currency, taken_date, promise_date,
        last_day + 1 as resolved_date, amount,
        greatest(got_amount, 0.00) as kept_amount,
        case
            when is_cancelled then 'cancelled'
            when last_day >= $as_of then 'open'
            when got_amount >= amount then 'kept'
            else 'broken'
        end as state
    from reached
)

select * from final
