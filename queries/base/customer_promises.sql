-- name: customer_promises
-- answers: How does each customer stand with its promises on a day: broken ones, the next one, the last one?
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: promise_outcomes
-- columns: company_id id | customer_id id | broken_12m int | broken_date date | broken_resolved_date date | broken_amount money |
--   broken_currency text | last_taken_date date | next_date date | next_amount money | next_currency text | last_date date |
--   last_state text
-- order: company_id, customer_id
-- unit: money in the promise's currency. broken_12m: broken in the 12 months up to the day. broken_: the one broken last, with what is
--   missing of it. next_: the running one promised for the earliest day, with what is still to come of it; one paid in full is not next.
--   last_: the one taken last, cancelled ones too. last_taken_date leaves cancelled ones out
-- holds: select customer_id from this where broken_amount <= 0.00 or next_amount <= 0.00 or broken_date >= $as_of
-- holds: select t.n from (select coalesce(sum(broken_12m), 0) as n from this) t where t.n <> (select count(*) from
--   promise_outcomes($as_of) where state = 'broken' and resolved_date > $as_of - interval '12 months')
-- source: METRICS 19
with ranked as (
    select
        *, amount - kept_amount as missing_amount,
        row_number() over (
            partition by company_id, customer_id
            order by case when state = 'broken' then 0 else 1 end, promise_date desc, taken_date desc, promise_id desc
        ) as broken_rank,
        row_number() over (
            partition by company_id, customer_id
            order by case when state = 'open' and kept_amount < amount then 0 else 1 end, promise_date, taken_date, promise_id
        ) as next_rank,
        row_number() over (
            partition by company_id, customer_id order by taken_date desc, promise_date desc, promise_id desc
        ) as last_rank
    from promise_outcomes($as_of)
),

final as (
    select
        company_id, customer_id,
        sum(case when state = 'broken' and resolved_date > $as_of - interval '12 months' then 1 else 0 end) as broken_12m,
        max(case when state = 'broken' and broken_rank = 1 then promise_date end) as broken_date,
        max(case when state = 'broken' and broken_rank = 1 then resolved_date end) as broken_resolved_date,
        max(case when state = 'broken' and broken_rank = 1 then missing_amount end) as broken_amount,
        max(case when state = 'broken' and broken_rank = 1 then currency end) as broken_currency,
        max(case when state <> 'cancelled' then taken_date end) as last_taken_date,
        max(case when state = 'open' and missing_amount > 0.00 and next_rank = 1 then promise_date end) as next_date,
        max(case when state = 'open' and missing_amount > 0.00 and next_rank = 1 then missing_amount end) as next_amount,
        max(case when state = 'open' and missing_amount > 0.00 and next_rank = 1 then currency end) as next_currency,
        max(case when last_rank = 1 then promise_date end) as last_date,
        max(case when last_rank = 1 then state end) as last_state
    from ranked
    group by company_id, customer_id
)

select * from final
