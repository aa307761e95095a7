-- name: day_columns
-- answers: Into which columns does an aging with limits of one's own fall?
-- grain: one row per bucket_order
-- params: by_day text of due_date document_date = 'due_date', limits text = '30,60,90'
-- reads: none
-- columns: bucket_order int | bucket text | aging_class text | from_days int | to_days int
-- order: bucket_order
-- unit: days late (by_day due_date, where what is not late is current) or days since the document day (document_date; a day
--   still to come counts as 0). limits are
--   the last days of the buckets, in any order; the last bucket is open, and so is the first one downwards
-- holds: select a.bucket from this a join this b on b.bucket_order = a.bucket_order + 1 and a.aging_class = 'due' and b.aging_class = 'due'
--   where b.from_days <> a.to_days + 1
-- source: METRICS 2, PITFALLS P1, P2 and P14
with limits as (
    select distinct cast(trim(word) as int) as last_day
    from (select unnest(string_to_array($limits, ',')) as word) as w
    where trim(word) <> ''
),

edges as (
    select last_day from limits
    union
    select 0 as last_day where $by_day = 'due_date'
),

spans as (
    select
        row_number() over (order by last_day) as bucket_order, last_day,
        lag(last_day) over (order by last_day) as before
    from edges
),

last_span as (
    select max(bucket_order) as bucket_order, max(last_day) as last_day from spans
),

final as (
    select
        s.bucket_order,
        case
            when s.before is null and $by_day = 'due_date' and s.last_day = 0 then 'current'
            when s.before is null then concat('0-', cast(s.last_day as varchar))
            else concat(cast(s.before + 1 as varchar), '-', cast(s.last_day as varchar))
        end as bucket,
        'due' as aging_class, coalesce(s.before + 1, -2147483648) as from_days, s.last_day as to_days
    from spans s
    union all
    select l.bucket_order + 1 as bucket_order, concat('over ', cast(l.last_day as varchar)) as bucket, 'due' as aging_class,
        l.last_day + 1 as from_days, 2147483647 as to_days
    from last_span l
    union all
    select
        l.bucket_order + 1 + o.position as bucket_order, o.aging_class as bucket, o.aging_class,
        -2147483648 as from_days, 2147483647 as to_days
    from last_span l
    cross join (values (1, 'unapplied'), (2, 'credits'), (3, 'advances')) as o (position, aging_class)
)

select * from final
