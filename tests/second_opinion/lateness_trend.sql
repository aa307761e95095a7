-- call: '2024-02-10', '2024-06-20'
-- call: '2024-01-01', '2024-05-31', 'customer'
-- call: '2024-03-01', '2024-07-31', 'collector'
-- call: '2024-01-15', '2024-06-30', 'currency'
-- call: '2024-05-01', '2024-12-31'
with paid as (
    select b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, date(p.posting_date, 'start of month') as month,
        p.amount > 0 as counts, case when b.scope = 'currency' then p.amount else p.company_amount end as weight,
        days(p.paid_date, p.document_date) as paid_after, days(p.due_date, p.document_date) as terms, days(p.paid_date, p.due_date) as late
    from payment p
    join member b on b.owner_id = p.company_id and b.customer_id = p.customer_id
    where p.posting_date between :from and :to
        and p.gone_date > min(date(p.posting_date, 'start of month', '+1 month', '-1 day'), :to)
),
who as (select distinct scope, company_id, member_id from paid)
select t.day as month_end, w.scope, w.company_id, w.member_id, coalesce(sum(counts), 0) as payments, coalesce(sum(weight), 0) as paid_amount,
    case when sum(weight) > 0 then ratio4(sum(weight * paid_after), sum(weight)) end as days_to_pay_days,
    case when sum(weight) > 0 then ratio4(sum(weight * terms), sum(weight)) end as terms_days,
    case when sum(weight) > 0 then ratio4(sum(weight * late), sum(weight)) end as days_late_days,
    case when sum(weight) > 0 then ratio4(sum(weight * max(late, 0)), sum(weight)) end as days_beyond_terms_days,
    case when coalesce(sum(weight), 0) <= 0 then 'no_receipts' end as reason
from who w
join point t
left join paid p on p.scope = w.scope and p.company_id = w.company_id and p.member_id = w.member_id and p.month = t.month
group by t.day, w.scope, w.company_id, w.member_id
