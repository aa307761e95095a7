-- call: '2024-03-10', '2024-06-20'
-- call: '2024-01-01', '2024-05-31', 'customer'
-- call: '2024-04-30', '2024-07-31', 'segment'
-- call: '2024-02-01', '2024-06-30', 'currency'
-- call: '2024-03-01', '2024-07-10', 'collector'
-- call: '2024-06-30', '2024-10-15', 'customer'
with
pair as (
    select p.day, (select min(n.day) from point n where n.day > p.day) as next_day from point p
),
step as (
    select a.bucket_order, a.bucket, a.from_days, b.bucket as next_bucket, b.from_days as next_from_days, c.from_days as after_days
    from aging_buckets a
    join aging_buckets b on b.bucket_order = a.bucket_order + 1
    left join aging_buckets c on c.bucket_order = a.bucket_order + 2
),
-- every debit on each day of a pair that has one after it, at the value of the first
held as materialized (
    select r.day, r.next_day, m.scope, m.member_company_id as company_id, m.member_id, m.posting_date <= r.day as is_first,
        days(r.day, m.due_date) as late, days(r.next_day, m.due_date) as next_late,
        m.stock * (case when m.scope in ('group', 'segment', 'collector') then last_rate(m.currency, 'MXN', r.day) / 10000 else 10000 end)
            as amount
    from pair r
    join posted m on m.aging_class = 'due' and m.posting_date <= r.next_day
),
summed as (
    select h.day, h.next_day, h.scope, h.company_id, h.member_id, s.bucket_order, s.bucket, s.next_bucket,
        sum(case when h.is_first and (h.late >= s.from_days or s.bucket_order = 1) and h.late < s.next_from_days then amount else 0 end)
            as start,
        sum(case when h.next_late >= s.next_from_days and (h.next_late < s.after_days or s.after_days is null) then amount else 0 end)
            as ending,
        sum(case when h.next_late >= s.next_from_days and (h.next_late < s.after_days or s.after_days is null)
            and (h.late >= s.from_days or s.bucket_order = 1) and h.late < s.next_from_days then amount else 0 end) as entered
    from held h
    join step s
    group by h.day, h.scope, h.company_id, h.member_id, s.bucket_order
)
select day as month_end, next_day as next_month_end, scope, company_id, member_id, bucket_order as from_bucket_order, bucket as from_bucket,
    next_bucket as to_bucket, ratio4(start, 100000000) as start_amount, ratio4(ending, 100000000) as end_amount,
    ratio4(entered, 100000000) as entered_amount,
    case when start > 0 then ratio4(100 * ending, start) end as rate_pct,
    case when start > 0 then ratio4(100 * entered, start) end as entered_pct,
    case when start = 0 then 'empty_bucket' when start < 0 then 'negative_bucket' end as reason
from summed
