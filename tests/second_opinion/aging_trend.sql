-- call: '2024-02-10', '2024-06-15'
-- call: '2024-05-31', '2024-05-31'
-- call: '2023-12-31', '2024-03-31'
with cell as materialized (
    select p.day, m.company_id, m.currency,
        case when m.aging_class <> 'due' then m.aging_class
            else (select b.bucket from aging_buckets b where b.from_days <= days(p.day, m.due_date)
                order by b.from_days desc limit 1) end as bucket,
        sum(m.amount) as amount, sum(m.company_amount) as company_amount
    from point p
    join movements m on m.posting_date <= p.day
    group by 1, 2, 3, 4
)
select k.day as month_end, k.company_id, k.currency, c.bucket_order, c.bucket,
    coalesce(a.amount, 0) as open_amount, coalesce(a.company_amount, 0) as open_amount_company,
    ratio4(coalesce(a.amount, 0) * last_rate(k.currency, 'MXN', k.day), 1000000000000) as open_amount_group
from (select distinct day, company_id, currency from cell) k
cross join aging_column c
left join cell a on a.day = k.day and a.company_id = k.company_id and a.currency = k.currency and a.bucket = c.bucket
