-- name: aging_columns
-- answers: Into which columns does an aging fall?
-- grain: one row per bucket_order
-- params: none
-- reads: aging_buckets
-- columns: bucket_order int | bucket text | aging_class text | from_days int | to_days int
-- order: bucket_order
-- unit: days late; debits fall into the buckets, unapplied cash, credits and advances have their own columns after them
-- holds: select a.bucket from this a join this b on a.aging_class = b.aging_class
--   where a.bucket_order < b.bucket_order and a.to_days >= b.from_days
-- source: METRICS 2
with last_bucket as (
    select max(bucket_order) as bucket_order from aging_buckets
),

final as (
    select bucket_order, bucket, 'due' as aging_class, from_days, to_days from aging_buckets
    union all
    select
        l.bucket_order + o.position as bucket_order, o.aging_class as bucket, o.aging_class,
        -2147483648 as from_days, 2147483647 as to_days
    from last_bucket l
    cross join (values (1, 'unapplied'), (2, 'credits'), (3, 'advances')) as o (position, aging_class)
)

select * from final
