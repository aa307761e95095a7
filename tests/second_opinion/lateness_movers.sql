-- call: '2024-04-01', '2024-05-31'
-- call: '2024-04-01', '2024-06-30', 'company', 60, 1
-- call: '2024-05-01', '2024-07-05', 'segment', 45, 2
-- call: '2024-05-20', '2024-05-31', 'currency', 30, 1
-- call: '2024-04-15', '2024-06-15', 'collector', 70, 5
with
half (is_now, first_day, last_day) as (
    select 0, date(:from, '-' || :days || ' days'), date(:from, '-1 day')
    union all
    select 1, date(:to, '-' || (:days - 1) || ' days'), :to
),
paid as (
    select h.is_now, b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, p.amount > 0 as counts,
        case when b.scope = 'currency' then p.amount else p.company_amount end as weight, days(p.paid_date, p.due_date) as late
    from half h
    join payment p on p.posting_date between h.first_day and h.last_day and p.gone_date > :to
    join member b on b.owner_id = p.company_id and b.customer_id = p.customer_id
),
who as (
    select w.scope, w.company_id, w.member_id, h.is_now, coalesce(sum(p.counts), 0) as payments, coalesce(sum(p.weight), 0) as paid,
        case when sum(p.weight) > 0 then ratio4(sum(p.weight * p.late), sum(p.weight)) end as late
    from (select distinct scope, company_id, member_id from paid) w
    join half h
    left join paid p on p.is_now = h.is_now and p.scope = w.scope and p.company_id = w.company_id and p.member_id = w.member_id
    group by w.scope, w.company_id, w.member_id, h.is_now
),
pair as (
    select n.*, t.payments as payments_then, t.paid as paid_then, t.late as late_then,
        case when n.late is null or t.late is null then 'no_receipts' when min(n.payments, t.payments) < :min_payments then 'few_payments' end
            as reason
    from who n
    join who t on t.scope = n.scope and t.company_id = n.company_id and t.member_id = n.member_id and not t.is_now
    where n.is_now
)
select scope, company_id, member_id, payments_then, paid_then as paid_amount_then, late_then as days_late_then_days, payments,
    paid as paid_amount, late as days_late_days, case when reason is null then late - late_then end as change_days,
    case when reason is null then case sign(late - late_then) when 1 then 'worse' when -1 then 'better' else 'same' end end as movement,
    reason
from pair
