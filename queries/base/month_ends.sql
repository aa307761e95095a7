<<<<<<< HEAD
-- name:    month_ends
-- answers: Which month ends lie between two days, both included?
-- grain:   one row per month_end
-- params:  from date, to date
-- reads:   none
-- columns: month_end date | month_start date
-- order:   month_end
-- unit:    days
-- holds:   select * from this where month_end <> month_end(month_end) or month_start <> month_start(month_end)
-- holds:   select * from this where month_end < $from or month_end > $to
-- holds:   select count(*) as months from this having count(*) <> greatest(0,
--            12 * (date_part('year', $to + interval '1 day') - date_part('year', $from))
--            + date_part('month', $to + interval '1 day') - date_part('month', $from))
-- source:  METRICS 0.2

-- A series of first days stepped by months cannot drift; one of last days would (31 Jan, 28 Feb, 28 Mar).
with months as (
    select cast(unnest(generate_series(month_start($from), $to, interval '1 month')) as date) as month_start
),

final as (
    select month_end(month_start) as month_end, month_start
    from months
    where month_end(month_start) <= $to
)

select month_end, month_start from final
=======
-- name: month_ends
-- answers: On which days does a trend from one day to another stand?
-- grain: one row per month_end
-- params: from date, to date
-- reads: none
-- columns: month_end date | month_first date | day_count int
-- order: month_end
-- unit: days; the last month is cut at `to`, so from = to asks for that one day
-- holds: select month_end from this where month_end > $to or month_first > month_end or day_count <> days_between(month_end,
--   month_first) + 1
-- source: METRICS 5 (calendar spine)
with months as (
    select unnest(generate_series(month_start($from), month_start($to), interval '1 month')) as month_first
),

final as (
    select
        least(month_end(month_first), $to) as month_end,
        month_first,
        days_between(least(month_end(month_first), $to), month_first) + 1 as day_count
    from months
)

select * from final
>>>>>>> queries
