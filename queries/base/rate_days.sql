-- name: rate_days
-- answers: At which closing rate does a pair of currencies stand on each day that has one?
-- grain: one row per currency, to_currency, day
-- params: none
-- reads: rate_spans
-- columns: currency text | to_currency text | day date | rate rate
-- order: currency, to_currency, day
-- unit: units of to_currency for one currency; rate_spans told day by day, so that many rows of many days find theirs at once. No
--   rate of a currency to itself
-- holds: select t.currency from this t left join rate_spans() s on s.currency = t.currency and s.to_currency = t.to_currency
--   and t.day between s.valid_from and s.valid_to where s.rate is null or s.rate <> t.rate
-- holds: select t.days from (select count(*) as days from this) t
--   where t.days <> (select coalesce(sum(days_between(valid_to, valid_from) + 1), 0) from rate_spans() where currency <> to_currency)
-- source: METRICS 0.3 and 23, POSTING 4
with spans as (
    select currency, to_currency, rate, valid_from, valid_to
    from rate_spans()
    where currency <> to_currency
),

final as (
    select
        currency, to_currency, cast(unnest(generate_series(valid_from, valid_to, interval '1 day')) as date) as day, rate
    from spans
)

select * from final
