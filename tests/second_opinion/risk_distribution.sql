-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-06-15', 'segment', 'decile'
-- call: '2024-07-05', 'currency'
-- call: '2024-03-31', 'collector', 'decile'
with
score as materialized (select company_id, customer_id, score from risk_card),
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
