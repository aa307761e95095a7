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
