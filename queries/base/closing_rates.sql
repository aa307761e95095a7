-- name: closing_rates
-- answers: At which closing rate does each pair of currencies stand on a day?
-- grain: one row per currency, to_currency
-- params: as_of date
-- reads: rate_spans
-- columns: currency text | to_currency text | rate rate | rate_date date | route text
-- order: currency, to_currency
-- unit: units of to_currency for one currency; the last one published up to the day, if not too old
-- holds: select currency from this where rate_date > $as_of
-- source: METRICS 0.3 and 23, POSTING 4
select currency, to_currency, rate, rate_date, route
from rate_spans()
where $as_of between valid_from and valid_to
