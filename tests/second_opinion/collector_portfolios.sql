-- call: '2024-05-01', '2024-05-31'
-- call: '2024-04-15', '2024-05-15'
-- call: '2024-02-01', '2024-04-30'
-- call: '2024-01-01', '2024-07-05'
-- call: '2024-04-30', '2024-05-01'
-- call: '2024-05-02', '2024-06-20'
-- everything in units of 1e-8 of a peso at the closing rate of the last day; whose a customer is on a day: of its newest version up to it
with ours as (select company_id, customer_id from known_customer where is_own_company),
moved as materialized (
    select m.company_id, m.customer_id, m.posting_date, m.movement_kind, m.aging_class, m.due_date,
        m.amount * (last_rate(m.currency, 'MXN', :to) / 100) as amount,
        m.movement_kind = m.document_kind and m.sales_effect in ('sale', 'return', 'price') as is_sale,
        m.movement_kind in ('receipt', 'cash', 'apply_receipt') as is_cash
    from movements m
    where m.posting_date <= :to and (m.company_id, m.customer_id) not in (select company_id, customer_id from ours)
        and (m.aging_class <> 'advances'
            or exists (select 1 from control_account c where c.company_id = m.company_id and c.account = m.account))
),
-- every evening that matters, of every customer that has moved
evening as materialized (
    select c.company_id, c.customer_id, d.day, coalesce((select v.collector_id from customers v where v.company_id = c.company_id
        and v.customer_id = c.customer_id and coalesce(v.valid_from, '') <= d.day order by coalesce(v.valid_from, '') desc limit 1),
            '(none)') as whose
    from (select distinct company_id, customer_id from moved) c
    join (
        select posting_date as day from moved where posting_date >= :from
        union select valid_from from customers where valid_from between :from and :to
        union select date(valid_from, '-1 day') from customers where valid_from between :from and :to
        union select date(:from, '-1 day') union select :to
    ) d
),
handover as (
    select n.company_id, n.customer_id, n.day, o.whose as giver, n.whose as taker,
        coalesce((select sum(amount) from moved m where m.company_id = n.company_id and m.customer_id = n.customer_id
            and m.posting_date < n.day), 0)
            as amount
    from evening n
    join evening o on o.company_id = n.company_id and o.customer_id = n.customer_id and o.day = date(n.day, '-1 day')
        and o.whose <> n.whose
    where n.day >= :from and n.day in (select valid_from from customers)
),
figure as (
    select e.whose, 1 as place, sum(m.amount) as amount from evening e
    join moved m on m.company_id = e.company_id and m.customer_id = e.customer_id and m.posting_date < :from
    where e.day = date(:from, '-1 day') group by e.whose
    union all
    select taker, 2, sum(amount) from handover group by taker
    union all
    select giver, 3, sum(amount) from handover group by giver
    union all
    select e.whose, case when m.is_sale then 4 when m.is_cash then 5 else 6 end, sum(m.amount) from evening e
    join moved m on m.company_id = e.company_id and m.customer_id = e.customer_id and m.posting_date = e.day
    where e.day >= :from group by 1, 2
    union all
    select e.whose, 7, sum(m.amount) from evening e
    join moved m on m.company_id = e.company_id and m.customer_id = e.customer_id
    where e.day = :to group by e.whose
    union all
    select e.whose, 8, sum(m.amount) from evening e
    join moved m on m.company_id = e.company_id and m.customer_id = e.customer_id and m.aging_class = 'due' and m.due_date >= :to
    where e.day = :to group by e.whose
),
person as (
    select w.whose,
        coalesce(sum(amount) filter (where place = 1), 0) as beginning, coalesce(sum(amount) filter (where place = 2), 0) as taken,
        coalesce(sum(amount) filter (where place = 3), 0) as given, coalesce(sum(amount) filter (where place = 4), 0) as sales,
        -coalesce(sum(amount) filter (where place = 5), 0) as cash, coalesce(sum(amount) filter (where place = 6), 0) as other,
        coalesce(sum(amount) filter (where place = 7), 0) as ending, coalesce(sum(amount) filter (where place = 8), 0) as not_due
    from (select whose from evening union select collector_id from collectors) w
    left join figure f on f.whose = w.whose
    group by w.whose
),
rated as (select *, beginning + taken - given + sales as to_collect from person)
select whose as collector_id, coalesce((select name from collectors c where c.collector_id = whose), whose) as collector_name,
    ratio4(beginning, 10000000000) as beginning_amount, ratio4(taken, 10000000000) as transferred_in_amount,
    ratio4(given, 10000000000) as transferred_out_amount, ratio4(sales, 10000000000) as sales_amount, ratio4(cash,
        10000000000) as cash_amount,
    ratio4(other, 10000000000) as other_amount, ratio4(ending, 10000000000) as ending_amount, ratio4(not_due,
        10000000000) as ending_current_amount,
    case when to_collect > not_due then ratio4(100 * (to_collect - ending), to_collect - not_due) end as cei_pct,
    case when to_collect > 0 then ratio4(100 * cash, to_collect) end as liquidation_pct
from rated
