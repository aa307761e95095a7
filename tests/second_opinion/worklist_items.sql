-- call: '2024-05-31'
-- call: '2024-04-01'
-- call: '2024-03-04'
-- call: '2024-05-02', 5
-- call: '2024-07-05', 200
with
late as materialized (
    select w.*, row_number() over (partition by w.company_id, w.customer_id, w.currency
        order by w.due_date, w.document_id, w.instalment, w.account, w.document_kind, w.document_date) as place
    from work_item w where w.days_late > 0
),
running as materialized (
    select o.company_id, o.customer_id, o.currency, o.promise_date, o.amount - o.kept_amount as rest, p.document_id
    from promise_kept o join promises p on p.company_id = o.company_id and p.promise_id = o.promise_id
    where o.state = 'open' and o.kept_amount < o.amount
),
-- what promises that name the document lay on each of its items
named as materialized (
    select l.*, min(l.debit, max(0, coalesce((select sum(r.rest) from running r where r.company_id = l.company_id
            and r.customer_id = l.customer_id and r.currency = l.currency and r.document_id = l.document_id), 0)
        - coalesce((select sum(b.debit) from late b where b.company_id = l.company_id and b.customer_id = l.customer_id
            and b.currency = l.currency and b.document_id = l.document_id and (b.due_date, b.instalment, b.account, b.document_kind,
            b.document_date) < (l.due_date, l.instalment, l.account, l.document_kind, l.document_date)), 0))) as own
    from late l
),
general as materialized (
    select n.*, min(n.debit - n.own, max(0, coalesce((select sum(r.rest) from running r where r.company_id = n.company_id
            and r.customer_id = n.customer_id and r.currency = n.currency and r.document_id is null), 0)
        - coalesce((select sum(b.debit - b.own) from named b where b.company_id = n.company_id and b.customer_id = n.customer_id
            and b.currency = n.currency and b.place < n.place), 0))) as shared
    from named n
)
select g.company_id, g.account, g.customer_id, coalesce(k.name, g.customer_id) as customer_name, coalesce(k.collector_id, '(none)') as collector_id,
    coalesce(k.segment, '(none)') as segment, g.document_id,
    g.instalment, g.document_kind, g.document_date, g.due_date, g.days_late, g.currency, g.open as item_open_amount,
    g.open_company as open_amount_company, ratio4(g.open * g.rate, 1000000000000) as open_amount_group, g.disputed as disputed_amount,
    g.dispute_date, g.open_company - g.stands_company as at_risk_amount_company, g.own + g.shared as promised_amount,
    (select min(r.promise_date) from running r where r.company_id = g.company_id and r.customer_id = g.customer_id
        and r.currency = g.currency and (g.own > 0 and r.document_id = g.document_id or g.shared > 0 and r.document_id is null))
        as promise_date
from general g
join known_customer k on k.company_id = g.company_id and k.customer_id = g.customer_id
where not k.is_own_company
