-- call: '2024-05-01', '2024-05-31'
-- call: '2024-04-15', '2024-05-15'
-- call: '2024-02-01', '2024-04-30'
-- call: '2024-01-01', '2024-07-05'
-- call: '2024-04-30', '2024-05-01'
-- whose customer on a day: the newest version up to it; nobody's where it is one of our own companies
with
day as (select distinct posting_date as day from movements where posting_date between :from and :to union select :to),
owner as materialized (
    select d.day, k.company_id, k.customer_id, k.collector_id
    from day d
    join customers k on coalesce(k.valid_from, '') <= d.day and not exists (
        select 1 from customers n where n.company_id = k.company_id and n.customer_id = k.customer_id
            and coalesce(n.valid_from, '') > coalesce(k.valid_from, '') and n.valid_from <= d.day)
    where k.collector_id is not null and k.counterparty_company_id is null
),
-- at the rate of the last day, in units of 1e-8
stood as materialized (
    select o.collector_id, m.posting_date, m.movement_kind, m.document_kind, m.sales_effect, m.aging_class, m.due_date,
        m.amount * (last_rate(m.currency, 'MXN', :to) / 100) as amount
    from movements m
    join owner o on o.day = :to and o.company_id = m.company_id and o.customer_id = m.customer_id
    where m.posting_date <= :to and m.aging_class <> 'advances'
),
person as (
    select collector_id from collectors union select collector_id from customers where collector_id is not null
),
figure as (
    select p.collector_id,
        coalesce((select name from collectors c where c.collector_id = p.collector_id), p.collector_id) as collector_name,
        (select count(*) from owner o where o.day = :to and o.collector_id = p.collector_id) as customers,
        (select sum(amount) from stood s where s.collector_id = p.collector_id and aging_class = 'due' and posting_date < :from
            and days(date(:from, '-1 day'), due_date) >= 1) as opening_past_due,
        (select sum(amount) from stood s where s.collector_id = p.collector_id and aging_class = 'due' and days(:to, due_date) >= 1)
            as closing_past_due,
        coalesce((select sum(amount) from stood s where s.collector_id = p.collector_id and posting_date < :from), 0)
            + coalesce((select sum(amount) from stood s where s.collector_id = p.collector_id and posting_date >= :from
                and movement_kind = document_kind and sales_effect in ('sale', 'return', 'price')), 0) as coming,
        (select sum(amount) from stood s where s.collector_id = p.collector_id) as ending,
        coalesce((select sum(amount) from stood s where s.collector_id = p.collector_id and aging_class = 'due' and due_date >= :to), 0)
            as not_due,
        coalesce((select -sum(m.company_amount) from movements m
            join owner o on o.day = m.posting_date and o.company_id = m.company_id and o.customer_id = m.customer_id
            where o.collector_id = p.collector_id and m.posting_date between :from and :to
                and m.movement_kind in ('receipt', 'cash', 'apply_receipt')), 0) as cash,
        (select sum(amount) from collector_targets t where t.collector_id = p.collector_id
            and t.month between date(:from, 'start of month') and :to) as target,
        (select count(*) from promise_kept k where k.collector_id = p.collector_id and k.state in ('kept', 'broken')
            and k.resolved_date between :from and :to) as promises,
        (select count(*) from promise_kept k where k.collector_id = p.collector_id and k.state = 'kept'
            and k.resolved_date between :from and :to) as kept,
        (select count(*) from activities a where a.collector_id = p.collector_id and a.activity_date between :from and :to
            and a.kind <> 'note' and a.outcome in ('reached', 'right_party', 'promise', 'dispute')) as contacts,
        (select count(*) from activities a where a.collector_id = p.collector_id and a.activity_date between :from and :to
            and a.kind <> 'note' and a.outcome in ('right_party', 'promise', 'dispute')) as right_parties
    from person p
)
select collector_id, collector_name, customers,
    coalesce(ratio4(opening_past_due, 10000000000), 0) as opening_past_due_amount,
    coalesce(ratio4(closing_past_due, 10000000000), 0) as closing_past_due_amount,
    cash as cash_amount, coalesce(target, 0) as target_amount, ratio4(100 * cash, target) as attainment_pct,
    case when coming > not_due then ratio4(100 * (coming - ending), coming - not_due) end as cei_pct,
    promises, ratio4(100 * kept, promises) as promises_kept_pct,
    contacts, ratio4(100 * right_parties, contacts) as right_party_pct
from figure
