-- call: '2024-01-01', '2024-07-31'
-- call: '2024-03-01', '2024-06-15', 'customer'
-- call: '2024-01-01', '2024-07-31', 'currency', 100.00
-- call: '2024-01-01', '2024-05-31', 'collector'
-- call: '2024-02-01', '2024-07-31', 'segment', 5000.00
-- call: '2024-01-01', '2024-12-31', 'customer', 1.00
-- tolerance comes in whole pesos
with cash as (
    select * from payment where document_kind = 'invoice' and posting_date <= :to and gone_date > :to
),
last_day as (
    select company_id, document_id, instalment, max(posting_date) as day
    from cash where posting_date >= :from
    group by company_id, document_id, instalment
),
item as (
    select l.company_id, l.document_id, l.instalment,
        (select sum(c.amount) from cash c where c.company_id = l.company_id and c.document_id = l.document_id
            and c.instalment = l.instalment and c.posting_date = l.day) as paid,
        (select max(c.customer_id) from cash c where c.company_id = l.company_id and c.document_id = l.document_id
            and c.instalment = l.instalment and c.posting_date = l.day) as customer_id,
        (select max(c.currency) from cash c where c.company_id = l.company_id and c.document_id = l.document_id
            and c.instalment = l.instalment and c.posting_date = l.day) as currency,
        (select sum(m.amount) from movements m where m.company_id = l.company_id and m.document_id = l.document_id
            and m.instalment = l.instalment and m.movement_kind not in ('apply_receipt', 'cash')
            and (m.posting_date < l.day or (m.posting_date = l.day and m.movement_kind not in ('fee', 'write_off'))))
        - coalesce((select sum(c.amount) from cash c where c.company_id = l.company_id and c.document_id = l.document_id
            and c.instalment = l.instalment and c.posting_date < l.day), 0) as due,
        (select sum(m.amount) from movements m where m.company_id = l.company_id and m.document_id = l.document_id
            and m.instalment = l.instalment and m.movement_kind in ('invoice', 'opening') and m.posting_date <= :to) as billed,
        (select sum(m.company_amount) from movements m where m.company_id = l.company_id and m.document_id = l.document_id
            and m.instalment = l.instalment and m.movement_kind in ('invoice', 'opening') and m.posting_date <= :to) as billed_company
    from last_day l
),
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, i.currency) as member_id, i.company_id || ' ' || i.document_id as invoice,
        i.due, max(i.due - i.paid, 0) as short, max(i.due - i.paid, 0) > 100 * :tolerance as is_short,
        case when b.scope = 'currency' then 100000000 else ratio4(10000 * i.billed_company, i.billed) end as rate
    from item i
    join member b on b.owner_id = i.company_id and b.customer_id = i.customer_id
    where i.paid > 0 and i.billed > 0
)
select scope, company_id, member_id, count(distinct invoice) as paid_invoices,
    count(distinct case when is_short then invoice end) as short_invoices,
    ratio4(100 * count(distinct case when is_short then invoice end), count(distinct invoice)) as short_pct,
    worth(due, rate) as due_amount, worth(case when is_short then short else 0 end, rate) as short_amount,
    case when sum(due * rate) > 0 then ratio4(100 * sum(case when is_short then short * rate else 0 end), sum(due * rate)) end
        as short_amount_pct,
    case when sum(due * rate) <= 0 then 'nothing_due' end as reason
from valued
group by scope, company_id, member_id
