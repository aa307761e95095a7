-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-02-29'
-- call: '2024-03-28'
-- call: '2024-07-05'
-- one row for who has something open, an exposure known or a limit
with open as (
    select company_id, customer_id,
        sum(case when aging_class = 'unapplied' then 0 else value end) as items,
            sum(case when aging_class = 'unapplied' then -value else 0 end) as unapplied
    from (
        select m.company_id, m.customer_id, m.aging_class, sum(m.company_amount) as value
        from movements m
        where m.posting_date <= :as_of and (m.aging_class <> 'advances'
            or exists (select 1 from control_account c where c.company_id = m.company_id and c.account = m.account))
        group by m.company_id, m.account, m.customer_id, m.document_id, m.instalment, m.document_kind, m.aging_class, m.document_date,
            m.due_date, m.currency
        having sum(m.amount) <> 0 or sum(m.company_amount) <> 0
    )
    group by company_id, customer_id
),
-- the last word on each kind, in pesos
last_exposure as (
    select e.company_id, e.customer_id, e.kind, worth(e.amount, last_rate(e.currency, 'MXN', :as_of)) as amount
    from exposures e
    where e.as_of = (select max(n.as_of) from exposures n where n.company_id = e.company_id and n.customer_id = e.customer_id
        and n.kind = e.kind and n.as_of <= :as_of)
    group by e.company_id, e.customer_id, e.kind
),
whole as (
    select k.company_id, k.customer_id, coalesce(k.name, k.customer_id) as customer_name, 'MXN' as currency, k.status,
        coalesce(o.items, 0) as items_amount, coalesce(o.unapplied, 0) as unapplied_amount,
        coalesce((select amount from last_exposure e where e.company_id = k.company_id and e.customer_id = k.customer_id
            and e.kind = 'open_orders'), 0) as open_orders_amount,
        coalesce((select amount from last_exposure e where e.company_id = k.company_id and e.customer_id = k.customer_id
            and e.kind = 'unbilled'), 0) as unbilled_amount,
        coalesce((select amount from last_exposure e where e.company_id = k.company_id and e.customer_id = k.customer_id
            and e.kind = 'guarantee'), 0) as guarantees_amount,
        ratio4(k.credit_limit * last_rate(coalesce(k.credit_currency, 'MXN'), 'MXN', :as_of), 1000000000000) as limit_amount,
        o.items is not null or k.credit_limit is not null or exists (select 1 from last_exposure e
            where e.company_id = k.company_id and e.customer_id = k.customer_id) as is_there
    from every_customer k
    left join open o on o.company_id = k.company_id and o.customer_id = k.customer_id
),
exposed as (
    select *, items_amount + open_orders_amount + unbilled_amount - unapplied_amount - guarantees_amount as exposure_amount
    from whole
    where is_there
)
select company_id, customer_id, customer_name, currency, status, items_amount, open_orders_amount, unbilled_amount, unapplied_amount,
    guarantees_amount, exposure_amount, limit_amount, limit_amount - exposure_amount as headroom_amount,
    case when limit_amount > 0 then ratio4(100 * max(exposure_amount, 0), limit_amount) end as utilisation_pct,
    coalesce(exposure_amount > max(limit_amount, 0), 0) as is_breach,
    case when limit_amount > 0 then null else 'no_limit' end as reason
from exposed
