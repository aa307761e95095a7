-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-06-15', 'segment', 'decile'
-- call: '2024-07-05', 'currency'
-- call: '2024-03-31', 'collector', 'decile'
-- the score as in the reference of risk_scores
-- every line as a fraction num / den of its most points, so that nothing is rounded before the points
with
cut as materialized (
    -- the same day 3, 12 and 15 months ago, or the last of a shorter month
    select column1 as months, min(date(:as_of, 'start of month', '-' || (column1 - 1) || ' months', '-1 day'),
        date(:as_of, 'start of month', '-' || column1 || ' months', '+' || (strftime('%d', :as_of) - 1) || ' days')) as day
    from (values (3), (12), (15))
),
posting as materialized (select * from movements where posting_date <= :as_of),
stand as materialized (
    select company_id, customer_id, sum(company_amount) as open,
        sum(case aging_class when 'due' then company_amount else 0 end) as debits,
        sum(case when aging_class = 'due' and due_date < :as_of then company_amount else 0 end) as past_due
    from posting
    group by company_id, customer_id
    having debits > 0
),
disputed as materialized (
    -- in the books: that part of what the document stands at
    select company_id, customer_id, currency, cast(round(sum(open_company * (disputed * 1.0 / open))) as integer) as amount
    from disputed_document
    group by company_id, customer_id, currency
),
paid as materialized (
    select company_id, customer_id, posting_date > (select day from cut where months = 3) as is_recent, sum(-company_amount) as amount,
        sum(-company_amount * days(posting_date, due_date)) as amount_days
    from posting
    where aging_class = 'due' and movement_kind in ('apply_receipt', 'cash') and effect in ('entry', 'correction')
        and posting_date > (select day from cut where months = 15)
    group by 1, 2, 3
    having sum(-company_amount) > 0
),
-- what the customer may still draw on: the last known of each kind
exposed as materialized (
    select e.company_id, e.customer_id,
        sum(case e.kind when 'guarantee' then -e.amount else e.amount end * (last_rate(e.currency, 'MXN', :as_of) / 100)) as amount
    from exposures e
    where e.as_of <= :as_of and not exists (select 1 from exposures n where n.company_id = e.company_id and n.customer_id = e.customer_id
        and n.kind = e.kind and n.as_of > e.as_of and n.as_of <= :as_of)
    group by e.company_id, e.customer_id
),
fact as materialized (
    select s.*, coalesce(k.name, s.customer_id) as customer_name,
        coalesce((select max(late) from (
            select days(:as_of, p.due_date) as late from posting p
            where p.company_id = s.company_id and p.customer_id = s.customer_id and p.aging_class = 'due' and p.due_date < :as_of
            group by p.currency, p.due_date having sum(p.amount) > 0)), 0) as worst_days_late,
        coalesce((select ratio4(r.amount_days, r.amount) from paid r where r.company_id = s.company_id and r.customer_id = s.customer_id
            and r.is_recent) - (select ratio4(r.amount_days, r.amount) from paid r where r.company_id = s.company_id
            and r.customer_id = s.customer_id and not r.is_recent), 0) as days_later,
        (select count(*) from promise_kept b where b.company_id = s.company_id and b.customer_id = s.customer_id and b.state = 'broken'
            and b.resolved_date > (select day from cut where months = 12)) as broken,
        coalesce((select sum(d.amount) from disputed d where d.company_id = s.company_id and d.customer_id = s.customer_id), 0)
            as disputed,
        s.open * 1000000
            + coalesce((select e.amount from exposed e where e.company_id = s.company_id and e.customer_id = s.customer_id), 0)
            as used,
        k.credit_limit * (last_rate(coalesce(k.credit_currency, 'MXN'), 'MXN', :as_of) / 100) as allowed
    from stand s
    join known_customer k on k.company_id = s.company_id and k.customer_id = s.customer_id
    where not k.is_own_company
),
line as (
    select company_id, customer_id, 1 as place, 'past_due_share' as code, points_past_due_share as most, past_due as num, debits as den,
        'a' as form, ratio4(past_due, 10 * debits) as figure
    from fact, settings
    union all
    select company_id, customer_id, 2, 'worst_days_late', points_worst_days_late, worst_days_late, 120, 'b', worst_days_late
    from fact, settings
    union all
    select company_id, customer_id, 3, 'days_late_trend', points_days_late_trend, days_later, 300000, 'c', ratio4(days_later, 10000000)
    from fact, settings
    union all
    select company_id, customer_id, 4, 'broken_promises', points_broken_promises, broken, 3, 'b', broken from fact, settings
    union all
    select company_id, customer_id, 5, 'disputes', points_disputes, 2 * disputed, debits, 'a', ratio4(disputed, 10 * debits)
    from fact, settings
    union all
    select company_id, customer_id, 6, 'utilisation', points_utilisation,
        case when allowed is null or used <= 0 then 0 when allowed = 0 then 1 else 4 * used - 2 * allowed end,
        case when coalesce(allowed, 0) = 0 or used <= 0 then 1 else 3 * allowed end,
        case allowed when 0 then 'e' else 'd' end, ratio4(used, 100 * allowed)
    from fact, settings
),
pointed as materialized (
    select *, ratio4(most * max(0, min(num, den)), den * 10000) as points,
        code || ' ' || case form when 'a' then (figure / 10) || '.' || (figure % 10) || '%' when 'b' then figure
            when 'c' then '+' || (figure / 10) || '.' || (figure % 10) || ' days' when 'd' then figure || '%' else 'of no limit' end
            as reason
    from line
),
score as (
    select company_id, customer_id, sum(points) as score,
        sum(points) filter (where place = 1) as points_past_due_share, sum(points) filter (where place = 2) as points_worst_days_late,
        sum(points) filter (where place = 3) as points_days_late_trend, sum(points) filter (where place = 4) as points_broken_promises,
        sum(points) filter (where place = 5) as points_disputes, sum(points) filter (where place = 6) as points_utilisation
    from pointed
    group by company_id, customer_id
),
-- each score once for every member that has open debits of the customer
debit as (
    select p.scope, p.member_company_id as company_id, p.member_id, s.score, p.company_id as owner_id, p.customer_id,
        sum(p.stock * (p.stock_rate / 10000)) as debits,
        coalesce(sum(p.stock * (p.stock_rate / 10000)) filter (where p.due_date < :as_of), 0) as late
    from posted p
    join score s on s.company_id = p.company_id and s.customer_id = p.customer_id
    where p.aging_class = 'due'
    group by p.scope, p.member_company_id, p.member_id, p.company_id, p.customer_id
    -- an item that is nothing by now is none
    having exists (select 1 from movements m where m.company_id = p.company_id and m.customer_id = p.customer_id and m.aging_class = 'due'
        and m.posting_date <= :as_of and (p.scope <> 'currency' or m.currency = p.member_id)
        group by m.account, m.document_id, m.instalment, m.document_kind, m.document_date, m.due_date, m.currency
        having sum(m.amount) <> 0 or sum(m.company_amount) <> 0)
),
step as (
    select column1 as step_order, column2 as step, column3 as score_from, column4 as score_to
    from (values (1, 'low', 0, 34), (2, 'medium', 35, 64), (3, 'high', 65, 100))
    where :steps = 'band'
    union all
    select value, case value when 10 then '90-100' else (10 * value - 10) || '-' || (10 * value - 1) end, 10 * value - 10,
        case value when 10 then 100 else 10 * value - 1 end
    from json_each('[1,2,3,4,5,6,7,8,9,10]')
    where :steps = 'decile'
)
select w.scope, w.company_id, w.member_id, k.step_order, k.step, k.score_from, k.score_to, count(d.score) as customers,
    coalesce(ratio4(sum(d.debits), 100000000), 0) as debit_amount, coalesce(ratio4(sum(d.late), 100000000), 0) as past_due_amount,
    case when w.whole > 0 then ratio4(100 * coalesce(sum(d.debits / 1000), 0), w.whole / 1000) end as share_pct,
    case when w.whole <= 0 then 'no_items' end as reason
from (select scope, company_id, member_id, sum(debits) as whole from debit group by scope, company_id, member_id) w
join step k
left join debit d on d.scope = w.scope and d.company_id = w.company_id and d.member_id = w.member_id
    and d.score between k.score_from and k.score_to
group by w.scope, w.company_id, w.member_id, k.step_order
