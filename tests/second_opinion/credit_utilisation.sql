-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-03-31', 'currency'
-- call: '2024-04-30', 'segment'
-- call: '2024-07-05', 'collector'
-- call: '2024-06-15', 'parent'
-- call: '2024-02-29', 'group'
-- call: '2024-06-15', 'currency'
-- in units of 1e-10. By currency everything of a customer in that of its limit, else in pesos: dollars from pesos by one over the rate,
-- from euros by the rates of the last day on which both were published
with seat as materialized (
    select b.scope, b.company_id, coalesce(b.member_id, k.credit_currency, 'MXN') as member_id, b.is_booked, b.owner_id, b.customer_id,
        case when b.scope = 'currency' then coalesce(k.credit_currency, 'MXN') else 'MXN' end as into_currency,
        k.credit_limit, k.credit_currency
    from anyone b
    join every_customer k on k.company_id = b.owner_id and k.customer_id = b.customer_id
),
rate (currency, into_currency, rate) as (
    select c.column1, 'MXN', last_rate(c.column1, 'MXN', :as_of) from (values ('MXN'), ('USD'), ('EUR')) c
    union all select 'USD', 'USD', 100000000
    union all select 'MXN', 'USD', ratio4(1000000000000, last_rate('USD', 'MXN', :as_of))
    union all select 'EUR', 'USD', ratio4(10000 * last_rate('EUR', 'MXN', '2023-12-01'), last_rate('USD', 'MXN', '2023-12-01'))
),
piece (scope, company_id, member_id, owner_id, customer_id, is_limit, amount, rate) as (
    select s.scope, s.company_id, s.member_id, s.owner_id, s.customer_id, 0,
        case when s.is_booked then sum(m.company_amount) else sum(m.amount) end,
        case when s.is_booked then 100000000 else (select rate from rate r where r.currency = m.currency
            and r.into_currency = s.into_currency) end
    from seat s
    join movements m on m.company_id = s.owner_id and m.customer_id = s.customer_id and m.posting_date <= :as_of
        and (m.aging_class <> 'advances'
        or exists (select 1 from control_account c where c.company_id = m.company_id and c.account = m.account))
    group by s.scope, s.company_id, s.member_id, s.owner_id, s.customer_id, s.is_booked, m.account, m.document_id, m.instalment,
        m.document_kind,
        m.aging_class, m.document_date, m.due_date, m.currency
    having sum(m.amount) <> 0 or sum(m.company_amount) <> 0
    union all
    select s.scope, s.company_id, s.member_id, s.owner_id, s.customer_id, 0,
        case e.kind when 'guarantee' then -e.amount else e.amount end, r.rate
    from seat s
    join exposures e on e.company_id = s.owner_id and e.customer_id = s.customer_id and e.as_of <= :as_of
    join rate r on r.currency = e.currency and r.into_currency = s.into_currency
    where not exists (select 1 from exposures n where n.company_id = e.company_id and n.customer_id = e.customer_id and n.kind = e.kind
        and n.as_of > e.as_of and n.as_of <= :as_of)
    union all
    select s.scope, s.company_id, s.member_id, s.owner_id, s.customer_id, 1, s.credit_limit, r.rate
    from seat s
    join rate r on r.currency = s.credit_currency and r.into_currency = s.into_currency
    where s.credit_limit is not null
),
one as (
    select scope, company_id, member_id, owner_id, customer_id,
        coalesce(sum(amount * rate) filter (where not is_limit), 0) as exposure, sum(amount * rate) filter (where is_limit) as lim
    from piece
    group by scope, company_id, member_id, owner_id, customer_id
),
summed as (
    select scope, company_id, member_id, coalesce(sum(max(exposure, 0)) filter (where lim > 0), 0) as exposure, coalesce(sum(lim),
        0) as lim,
        count(*) filter (where lim > 0) as customers_with_limit, count(*) filter (where exposure > max(lim, 0)) as breaches,
        coalesce(sum(exposure - lim) filter (where exposure > max(lim, 0)), 0) as over_limit,
        count(*) filter (where lim is null) as customers_without_limit,
        coalesce(sum(max(exposure, 0)) filter (where lim is null), 0) as without_limit
    from one
    group by scope, company_id, member_id
)
select scope, company_id, member_id, customers_with_limit, breaches, customers_without_limit,
    ratio4(exposure, 1000000000000) as exposure_amount, ratio4(lim, 1000000000000) as limit_amount, ratio4(over_limit,
        1000000000000) as over_limit_amount,
    ratio4(without_limit, 1000000000000) as exposure_without_limit_amount,
    ratio4(exposure, lim / 100) as utilisation_pct, case when lim > 0 then null else 'no_limit' end as reason
from summed
