-- name: week_spans
-- answers: Which weeks does a period touch?
-- grain: one row per week_start
-- params: from date, to date
-- reads: none
-- columns: week_start date | week_end date | day_count int
-- order: week_start
-- unit: days; weeks from Monday to Sunday, the first begins on the day `from` and the last ends on the day `to`
-- holds: select week_start from this where day_count <> days_between(week_end, week_start) + 1 or day_count not between 1 and 7
-- holds: select 1 from this having sum(day_count) <> days_between($to, $from) + 1
-- source: METRICS 24
with mondays as (
    select unnest(generate_series(cast(date_trunc('week', $from) as date), $to, interval '7 days')) as monday
),

final as (
    select
        greatest(cast(monday as date), $from) as week_start,
        least(cast(monday as date) + 6, $to) as week_end,
        days_between(least(cast(monday as date) + 6, $to), greatest(cast(monday as date), $from)) + 1 as day_count
    from mondays
)

select * from final
