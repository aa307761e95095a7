-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-03-05'
-- call: '2024-07-05'
with
due as materialized (
    select m.company_id, m.customer_id, m.document_id, m.currency, m.due_date, m.amount, m.aging_class,
        last_rate(m.currency, 'MXN', :as_of) / 100 as rate
    from movements m
    where m.posting_date <= :as_of
),
standing as (
    select k.company_id, k.customer_id, coalesce(k.name, k.customer_id) as customer_name,
        coalesce((select c.name from collectors c where c.collector_id = k.collector_id), k.collector_id) as collector_name,
        (select sum(u.amount * u.rate) from due u where u.company_id = k.company_id and u.customer_id = k.customer_id
            and u.aging_class = 'due' and days(:as_of, u.due_date) > 0) as past_due,
        (select sum(u.amount * u.rate) from due u where u.company_id = k.company_id and u.customer_id = k.customer_id) as open,
        (select max(late) from (
            select days(:as_of, u.due_date) as late from due u
            where u.company_id = k.company_id and u.customer_id = k.customer_id and u.aging_class = 'due' and u.due_date < :as_of
            group by u.currency, u.due_date having sum(u.amount) > 0)) as worst_days_late,
        (select sum(d.disputed * (last_rate(d.currency, 'MXN', :as_of) / 100)) from disputed_document d
            where d.company_id = k.company_id and d.customer_id = k.customer_id) as disputed,
        (select p.promise_date from promises p where p.company_id = k.company_id and p.customer_id = k.customer_id
            and p.taken_date <= :as_of and p.promise_date >= :as_of and not coalesce(p.cancelled_date <= :as_of, 0)
            order by p.promise_date limit 1) as next_promise_date
    from known_customer k
    where not k.is_own_company
)
select company_id, customer_id, customer_name, collector_name,
    ratio4(past_due, 10000000000) as past_due_amount_group, ratio4(open, 10000000000) as open_amount_group,
    ratio4(100 * past_due, (select sum(past_due) from standing)) as share_pct,
    worst_days_late, coalesce(ratio4(disputed, 10000000000), 0) as disputed_amount_group, next_promise_date
from standing
where past_due <> 0
