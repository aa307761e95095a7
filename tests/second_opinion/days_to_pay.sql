-- call: '2024-01-01', '2024-05-31'
-- call: '2024-03-01', '2024-06-30', 'customer'
-- call: '2024-01-01', '2024-12-31', 'customer', 'closing'
-- call: '2024-02-01', '2024-05-15', 'collector'
-- call: '2024-01-01', '2024-06-15', 'currency', 'closing'
-- call: '2024-01-01', '2024-07-31', 'currency'
-- call: '2024-01-01', '2024-07-31', 'segment', 'closing'
-- call: '2024-04-01', '2024-07-31', 'parent'
-- call: '2024-01-01', '2024-12-31', 'company', 'closing'
-- call: '2024-06-01', '2024-12-31', 'customer'
with
-- what happened to every debit day by day: billed (with what was taken back of it), cash, allowances, anything else; moves are no events
event as (
    select company_id, document_id, instalment, document_date, posting_date, currency,
        case when movement_kind in ('apply_receipt', 'cash') then 'cash' when movement_kind in ('discount', 'withholding', 'fee') then 'allowed'
            when movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment', 'opening') then 'billed' else movement_kind end as what,
        max(due_date) as due_date, max(customer_id) as customer_id, sum(amount) as amount, sum(company_amount) as company_amount
    from movements
    where aging_class = 'due' and posting_date <= :to and movement_kind <> 'reclass'
    group by company_id, document_id, instalment, document_date, posting_date, currency, 7
    having sum(amount) <> 0
),
closed as (
    select e.*,
        (select sum(b.amount) from event b where b.company_id = e.company_id and b.document_id = e.document_id
            and b.instalment = e.instalment and b.what = 'billed') as billed,
        (select sum(b.company_amount) from event b where b.company_id = e.company_id and b.document_id = e.document_id
            and b.instalment = e.instalment and b.what = 'billed') as billed_company
    from event e
    where e.what = 'cash' and e.amount < 0 and e.posting_date >= :from
        and 0 = (select sum(o.amount) from event o where o.company_id = e.company_id and o.document_id = e.document_id
            and o.instalment = e.instalment)
        and not exists (select 1 from event o where o.company_id = e.company_id and o.document_id = e.document_id
            and o.instalment = e.instalment and (o.what <> 'billed' or o.amount < 0)
            and (o.posting_date > e.posting_date or (o.posting_date = e.posting_date and o.what not in ('cash', 'allowed') and o.amount < 0)))
),
weight as (
    select company_id, customer_id, currency, amount, company_amount, document_date, due_date, paid_date
    from payment
    where :mode = 'payment' and posting_date between :from and :to and gone_date > :to
    union all
    select company_id, customer_id, currency, billed, billed_company, document_date, due_date,
        coalesce((select max(p.paid_date) from payment p where p.company_id = c.company_id and p.document_id = c.document_id
            and p.instalment = c.instalment and p.posting_date = c.posting_date and p.gone_date > :to), posting_date)
    from closed c
    where :mode = 'closing'
),
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, w.currency) as member_id, w.amount > 0 as counts,
        case when b.scope = 'currency' then w.amount else w.company_amount end as weight,
        days(w.paid_date, w.document_date) as paid_after, days(w.due_date, w.document_date) as terms, days(w.paid_date, w.due_date) as late
    from weight w
    join member b on b.owner_id = w.company_id and b.customer_id = w.customer_id
)
select scope, company_id, member_id, sum(counts) as payments, sum(weight) as paid_amount,
    case when sum(weight) > 0 then ratio4(sum(weight * paid_after), sum(weight)) end as days_to_pay_days,
    ratio4(sum(counts * paid_after), sum(counts)) as mean_days_to_pay_days,
    case when sum(weight) > 0 then ratio4(sum(weight * terms), sum(weight)) end as terms_days,
    case when sum(weight) > 0 then ratio4(sum(weight * late), sum(weight)) end as days_late_days,
    case when sum(weight) > 0 then ratio4(sum(weight * max(late, 0)), sum(weight)) end as days_beyond_terms_days,
    case when sum(weight) <= 0 then 'no_receipts' end as reason
from valued
group by scope, company_id, member_id
