-- call: '2024-02-10', '2024-06-15'
-- call: '2024-02-29', '2024-06-30', 'company'
-- call: '2024-05-31', '2024-05-31', 'customer'
-- call: '2023-12-31', '2024-07-31', 'currency'
-- call: '2024-01-31', '2024-06-30', 'collector'
-- members by what is true on the last day
with aged as materialized (
    select p.day, m.scope, m.member_company_id as company_id, m.member_id, m.stock,
        case when m.scope in ('company', 'customer', 'parent', 'currency') then 100000000 else last_rate(m.currency, 'MXN', p.day) end as rate,
        case when m.aging_class <> 'due' then m.aging_class
            else (select bucket from aging_buckets where days(p.day, m.due_date) between from_days and to_days) end as bucket
    from point p
    join posted m on m.posting_date <= p.day
),
seen as (
    select distinct day, scope, company_id, member_id from aged
)
select s.day as month_end, s.scope, s.company_id, s.member_id, c.bucket_order, c.bucket, coalesce(worth(a.stock, a.rate), 0) as open_amount
from seen s
cross join aging_column c
left join aged a on a.day = s.day and a.scope = s.scope and a.company_id = s.company_id and a.member_id = s.member_id and a.bucket = c.bucket
group by s.day, s.scope, s.company_id, s.member_id, c.bucket_order, c.bucket
