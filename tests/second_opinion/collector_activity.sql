-- call: '2024-05-01', '2024-05-31'
-- call: '2024-02-01', '2024-05-31'
-- call: '2024-04-15', '2024-05-15'
-- call: '2024-01-01', '2024-07-05'
-- call: '2024-02-16', '2024-03-14'
-- per person, each figure by itself
with
person as (
    select collector_id from collectors union select collector_id from customers where collector_id is not null
    union select collector_id from activities union select collector_id from promises
),
attempt as materialized (
    select a.collector_id, a.activity_id, a.company_id, a.customer_id, a.document_id, a.activity_date, coalesce(a.outcome, '') as outcome
    from activities a
    where a.activity_date between :from and :to and a.kind <> 'note'
),
paid as materialized (
    select -m.company_amount as amount, coalesce((select v.collector_id from customers v where v.company_id = m.company_id
        and v.customer_id = m.customer_id and coalesce(v.valid_from, '') <= m.posting_date order by coalesce(v.valid_from,
            '') desc limit 1), '(none)')
        as collector_id
    from movements m
    join known_customer k on k.company_id = m.company_id and k.customer_id = m.customer_id and not k.is_own_company
    where m.posting_date between :from and :to and m.movement_kind in ('receipt', 'cash', 'apply_receipt')
),
-- a debit that stood the evening before or stands at the end, or came to the customer in between: billed, or moved from another
debit as materialized (
    select k.collector_id, m.company_id, m.customer_id, m.document_id, m.instalment
    from movements m
    join known_customer k on k.company_id = m.company_id and k.customer_id = m.customer_id and not k.is_own_company
    where m.aging_class = 'due' and m.posting_date <= :to
    group by k.collector_id, m.company_id, m.customer_id, m.document_id, m.instalment
    having sum(case when m.posting_date < :from then m.amount else 0 end) > 0 or sum(m.amount) > 0
        or sum(case when m.posting_date >= :from and (m.movement_kind = m.document_kind or m.movement_kind = 'reclass')
            then m.amount else 0 end) > 0
),
figure as (
    select p.collector_id, coalesce((select name from collectors c where c.collector_id = p.collector_id),
        p.collector_id) as collector_name,
        (select count(distinct activity_date) from attempt a where a.collector_id = p.collector_id) as working_days,
        (select count(*) from attempt a where a.collector_id = p.collector_id) as attempts,
        (select count(*) from attempt a where a.collector_id = p.collector_id and outcome in ('reached', 'right_party', 'promise',
            'dispute')) as contacts,
        (select count(*) from attempt a where a.collector_id = p.collector_id and outcome in ('right_party', 'promise',
            'dispute')) as right_party,
        (select count(*) from promises r where r.taken_date between :from and :to and r.collector_id = p.collector_id) as promises,
        coalesce((select sum(amount) from paid c where c.collector_id = p.collector_id), 0) as cash_amount,
        (select count(distinct company_id || ' ' || document_id || ' ' || instalment)
            from debit d where d.collector_id = p.collector_id) as items,
        (select count(distinct company_id || ' ' || document_id || ' ' || instalment)
            from debit d where d.collector_id = p.collector_id and exists (select 1 from attempt a where a.collector_id = p.collector_id
            and a.company_id = d.company_id and (a.document_id = d.document_id or a.document_id is null
                and a.customer_id = d.customer_id)))
            as items_touched
    from person p
)
select *, ratio4(attempts, working_days) as attempts_per_day, ratio4(contacts, working_days) as contacts_per_day,
    ratio4(100 * right_party, contacts) as right_party_contacts_pct, ratio4(100 * right_party, attempts) as right_party_attempts_pct,
    ratio4(100 * promises, right_party) as promise_rate_pct, ratio4(100 * items_touched, items) as items_touched_pct,
    ratio4(cash_amount, 10000 * contacts) as cash_per_contact_amount, ratio4(cash_amount,
        10000 * right_party) as cash_per_right_party_amount
from figure
