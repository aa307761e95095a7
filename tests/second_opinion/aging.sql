-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05'
with filled as (
    select k.company_id, k.currency, c.bucket_order, c.bucket, c.aging_class, c.from_days,
        lead(c.from_days) over (partition by k.company_id, k.currency, c.aging_class order by c.bucket_order) as next_from
    from (select distinct company_id, currency from movements where posting_date <= :as_of) k
    cross join aging_column c
)
select f.company_id, f.currency, f.bucket_order, f.bucket,
    coalesce(sum(m.amount), 0) as open_amount,
    coalesce(sum(m.company_amount), 0) as open_amount_company,
    coalesce(worth(m.amount, last_rate(f.currency, 'MXN', :as_of)), 0) as open_amount_group
from filled f
left join movements m on m.company_id = f.company_id and m.currency = f.currency and m.posting_date <= :as_of
    and m.aging_class = f.aging_class
    and (f.aging_class <> 'due' or days(:as_of, m.due_date) >= f.from_days and days(:as_of, m.due_date) < coalesce(f.next_from, 1e9))
group by f.company_id, f.currency, f.bucket_order, f.bucket
