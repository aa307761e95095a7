-- call: '2024-01-01', '2024-07-31'
-- call: '2024-01-01', '2024-06-15', 'customer'
-- call: '2024-02-05', '2024-05-31', 'collector'
-- call: '2024-01-01', '2024-12-31', 'currency'
-- call: '2024-01-01', '2024-07-31', 'segment'
-- call: '2024-01-01', '2024-12-31', 'parent'
with
-- what an invoice of the period amounts to after reversals, and to whom it was sent
invoice as (
    select company_id, document_id, instalment, document_date, currency, sum(amount) as amount, sum(company_amount) as company_amount
    from movements
    where movement_kind = 'invoice' and posting_date <= :to and document_date between :from and :to
    group by company_id, document_id, instalment, document_date, currency
    having sum(amount) > 0
),
sent as (
    select i.*, (
        select m.customer_id from movements m
        where m.company_id = i.company_id and m.document_id = i.document_id and m.instalment = i.instalment and m.currency = i.currency
            and m.document_date = i.document_date and m.movement_kind = 'invoice' and m.posting_date <= :to
        group by m.customer_id, m.posting_date having sum(m.amount) > 0 order by m.customer_id desc limit 1) as customer_id
    from invoice i
),
part as (
    select s.company_id, s.document_id, s.instalment, 'billed' as what, null as paid_after, s.amount, s.company_amount from sent s
    union all
    select s.company_id, s.document_id, s.instalment, 'paid', days(p.paid_date, s.document_date), p.amount, p.company_amount
    from sent s
    join payment p on p.company_id = s.company_id and p.document_id = s.document_id and p.instalment = s.instalment
        and p.document_kind = 'invoice'
    where p.posting_date <= :to and p.gone_date > :to
    union all
    select s.company_id, s.document_id, s.instalment, case m.movement_kind when 'apply_credit' then 'credited' when 'write_off' then 'lost'
        else 'other' end, null, -m.amount, -m.company_amount
    from sent s
    join movements m on m.company_id = s.company_id and m.document_id = s.document_id and m.instalment = s.instalment
    where m.posting_date <= :to and m.document_kind = 'invoice' and m.movement_kind not in ('invoice', 'apply_receipt', 'cash')
        and m.currency = s.currency and m.document_date = s.document_date
),
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, s.currency) as member_id, date(s.document_date, 'start of month') as month,
        s.company_id || ' ' || s.document_id as invoice, p.what, p.paid_after,
        case when b.scope = 'currency' then p.amount else p.company_amount end as amount
    from sent s
    join part p on p.company_id = s.company_id and p.document_id = s.document_id and p.instalment = s.instalment
    join member b on b.owner_id = s.company_id and b.customer_id = s.customer_id
),
summed as (
    select scope, company_id, member_id, month, days(:to, min(date(month, '+1 month', '-1 day'), :to)) as age,
        count(distinct invoice) as invoices,
        sum(case when what = 'billed' then amount else 0 end) as billed,
        sum(case when what = 'paid' and paid_after <= 30 then amount else 0 end) as paid_30,
        sum(case when what = 'paid' and paid_after <= 60 then amount else 0 end) as paid_60,
        sum(case when what = 'paid' and paid_after <= 90 then amount else 0 end) as paid_90,
        sum(case when what = 'paid' and paid_after <= 120 then amount else 0 end) as paid_120,
        sum(case when what = 'paid' then amount else 0 end) as paid,
        sum(case when what = 'paid' then amount * paid_after else 0 end) as paid_days,
        sum(case when what = 'credited' then amount else 0 end) as credited,
        sum(case when what = 'lost' then amount else 0 end) as lost,
        sum(case when what = 'other' then amount else 0 end) as other
    from valued
    group by scope, company_id, member_id, month
)
select scope, company_id, member_id, month, invoices, billed as billed_amount,
    paid_30 as paid_30_amount, case when age >= 30 then ratio4(100 * paid_30, billed) end as paid_30_pct,
    paid_60 as paid_60_amount, case when age >= 60 then ratio4(100 * paid_60, billed) end as paid_60_pct,
    paid_90 as paid_90_amount, case when age >= 90 then ratio4(100 * paid_90, billed) end as paid_90_pct,
    paid_120 as paid_120_amount, case when age >= 120 then ratio4(100 * paid_120, billed) end as paid_120_pct,
    paid as paid_amount, credited as credited_amount, lost as written_off_amount, other as other_amount,
    billed - paid - credited - lost - other as open_amount, ratio4(100 * (billed - paid - credited - lost - other), billed) as open_pct,
    case when paid > 0 then ratio4(paid_days, paid) end as days_to_pay_days,
    case when age < 120 then 'not_mature' end as reason
from summed
