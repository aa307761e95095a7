-- call: '2024-02-10', '2024-06-15'
-- call: '2024-05-31', '2024-05-31'
-- call: '2023-12-31', '2024-07-31'
-- our own companies by what is true on the last day
with outside as materialized (
    select m.* from movements m
    where m.posting_date <= :to and not exists (
        select 1 from known_customer k where k.company_id = m.company_id and k.customer_id = m.customer_id and k.is_own_company)
)
select p.day as month_end, c.bucket_order, c.bucket,
    coalesce(worth(m.amount, last_rate(coalesce(m.currency, 'MXN'), 'MXN', p.day)), 0) as open_amount
from point p
cross join aging_column c
left join outside m on m.posting_date <= p.day and m.aging_class = c.aging_class
    and (c.aging_class <> 'due' or c.bucket = (select bucket from aging_buckets where from_days <= days(p.day, m.due_date)
        order by from_days desc limit 1))
where exists (select 1 from outside o where o.posting_date <= p.day)
group by p.day, c.bucket_order, c.bucket
