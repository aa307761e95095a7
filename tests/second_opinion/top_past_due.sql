-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-03-05', 'collector'
-- call: '2024-07-05', 'currency'
-- call: '2024-06-15', 'company'
with owed as materialized (
    select scope, member_company_id as company_id, member_id, company_id as owner_id, customer_id, currency, due_date, amount, aging_class,
        stock * (stock_rate / 100) as worth, stock_rate
    from posted
),
debtor as materialized (
    select scope, company_id, member_id, owner_id, customer_id, max(stock_rate) as any_rate,
        sum(case when aging_class = 'due' and days(:as_of, due_date) > 0 then worth else 0 end) as past_due,
        sum(worth) as open
    from owed
    group by scope, company_id, member_id, owner_id, customer_id
),
late as materialized (
    select company_id as owner_id, customer_id, currency, days(:as_of, due_date) as late
    from movements
    where posting_date <= :as_of and aging_class = 'due' and due_date < :as_of
    group by company_id, customer_id, currency, due_date
    having sum(amount) > 0
)
select d.scope, d.company_id, d.member_id, d.owner_id, d.customer_id, coalesce(k.name, d.customer_id) as customer_name,
    coalesce((select c.name from collectors c where c.collector_id = k.collector_id), k.collector_id) as collector_name,
    ratio4(d.past_due, 10000000000) as past_due_amount, ratio4(d.open, 10000000000) as open_amount,
    ratio4(100 * d.past_due, (select sum(a.past_due) from debtor a
        where a.scope = d.scope and a.company_id = d.company_id and a.member_id = d.member_id)) as share_pct,
    (select max(late) from late l where l.owner_id = d.owner_id and l.customer_id = d.customer_id
        and (d.scope <> 'currency' or l.currency = d.member_id)) as worst_days_late,
    (select p.promise_date from promises p where p.company_id = d.owner_id and p.customer_id = d.customer_id
        and p.taken_date <= :as_of and p.promise_date >= :as_of and not coalesce(p.cancelled_date <= :as_of, 0)
        order by p.promise_date limit 1) as next_promise_date,
    case when d.scope in ('group', 'collector') then coalesce((
        select ratio4(sum(x.disputed * (last_rate(x.currency, 'MXN', :as_of) / 100)), 10000000000)
        from disputed_document x where x.company_id = d.owner_id and x.customer_id = d.customer_id), 0)
    when d.scope = 'currency' then coalesce((select sum(x.disputed) from disputed_document x
        where x.company_id = d.owner_id and x.customer_id = d.customer_id and x.currency = d.member_id), 0)
    else coalesce((select cast(round(sum(x.in_books)) as integer) from (
            select sum(y.disputed * 1.0 * y.open_company / y.open) as in_books from disputed_document y
            where y.company_id = d.owner_id and y.customer_id = d.customer_id group by y.currency) x), 0)
    end as disputed_amount
from debtor d
join known_customer k on k.company_id = d.owner_id and k.customer_id = d.customer_id
where d.past_due <> 0
