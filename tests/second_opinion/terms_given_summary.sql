-- call: '2024-01-01', '2024-07-31'
-- call: '2024-02-15', '2024-05-20', 'customer'
-- call: '2024-01-01', '2024-06-30', 'currency'
-- call: '2024-01-01', '2024-07-31', 'segment'
-- call: '2024-03-01', '2024-12-31', 'collector'
with weighed as (
    select b.scope, b.company_id, coalesce(b.member_id, g.currency) as member_id, g.company_id || ' ' || g.document_id as invoice,
        case when b.scope = 'currency' then g.amount else g.company_amount end as weight, days_given, days_agreed
    from given g
    join member b on b.owner_id = g.company_id and b.customer_id = g.customer_id
),
known as (
    select scope, company_id, member_id, sum(weight) as weight, sum(weight * days_given) as given, sum(weight * days_agreed) as agreed
    from weighed where days_agreed is not null
    group by scope, company_id, member_id
),
longer as (
    select scope, company_id, member_id, count(distinct invoice) as invoices, sum(weight) as weight,
        sum(weight * (days_given - days_agreed)) as over
    from weighed where days_given > days_agreed
    group by scope, company_id, member_id
)
select w.scope, w.company_id, w.member_id, count(distinct w.invoice) as invoices, sum(w.weight) as billed_amount,
    coalesce(k.weight, 0) as known_amount, coalesce(l.invoices, 0) as longer_invoices, coalesce(l.weight, 0) as longer_amount,
    ratio4(100 * coalesce(l.weight, 0), k.weight) as longer_pct, ratio4(k.given, k.weight) as terms_given_days,
    ratio4(k.agreed, k.weight) as terms_agreed_days, ratio4(coalesce(l.over, 0), k.weight) as days_given_away_days,
    case when coalesce(k.weight, 0) = 0 then 'no_terms' end as reason
from weighed w
left join known k using (scope, company_id, member_id)
left join longer l using (scope, company_id, member_id)
group by w.scope, w.company_id, w.member_id
