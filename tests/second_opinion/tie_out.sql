-- call: '2024-05-31'
-- call: '2024-05-30'
with one as (
    select company_id, account, currency from movements where posting_date <= :as_of
    union
    select company_id, account, currency from gl_balances where as_of = :as_of and coalesce(role, 'ar') = 'ar'
    union
    select company_id, account, currency from gl_items where posting_date <= :as_of and coalesce(cleared_date, '9999') > :as_of
),
sides as (
    select o.*,
        coalesce((select sum(amount) from movements m where m.company_id = o.company_id and m.account is o.account
            and m.currency = o.currency and m.posting_date <= :as_of), 0) as subledger,
        (select sum(balance) from gl_balances g where g.company_id = o.company_id and g.account = o.account and g.currency = o.currency
            and g.as_of = :as_of and coalesce(g.role, 'ar') = 'ar') as gl,
        coalesce((select sum(amount) from gl_items i where i.company_id = o.company_id and i.account = o.account
            and i.currency = o.currency and i.posting_date <= :as_of and not coalesce(i.cleared_date <= :as_of, 0)), 0) as explained
    from one o
)
select company_id, account, currency, subledger as subledger_amount, gl as gl_amount, gl - subledger as difference_amount,
    explained as explained_amount, gl - subledger - explained as unexplained_amount,
    case when gl is null then 'no_gl_balance' when gl <> subledger + explained then 'unexplained'
        when gl = subledger and explained = 0 then 'ties' else 'explained' end as state
from sides
