-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-04-30'
-- call: '2024-06-15'
with aged as (
    select m.company_id, m.customer_id, m.currency, m.amount, m.company_amount,
        case when m.aging_class <> 'due' then m.aging_class when days(:as_of, m.due_date) <= 0 then 'current'
            when days(:as_of, m.due_date) <= 30 then '1-30' when days(:as_of, m.due_date) <= 60 then '31-60'
            when days(:as_of, m.due_date) <= 90 then '61-90' else (select bucket from aging_buckets where from_days = 91) end as bucket
    from movements m
    where m.posting_date <= :as_of
)
select a.company_id, a.customer_id, coalesce(k.name, a.customer_id) as customer_name, a.currency, c.bucket_order, a.bucket,
    sum(a.amount) as open_amount, sum(a.company_amount) as open_amount_company,
    worth(a.amount, last_rate(a.currency, 'MXN', :as_of)) as open_amount_group
from aged a
join aging_column c on c.bucket = a.bucket
join known_customer k on k.company_id = a.company_id and k.customer_id = a.customer_id
group by a.company_id, a.customer_id, a.currency, a.bucket
having sum(a.amount) <> 0 or sum(a.company_amount) <> 0
