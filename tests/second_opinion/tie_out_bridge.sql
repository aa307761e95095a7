-- call: '2024-05-31'
-- call: '2024-05-30'
-- call: '2024-07-05'
with one as (
    select company_id, account, currency from movements where posting_date <= :as_of
    union
    select company_id, account, currency from gl_balances where as_of = :as_of and coalesce(role, 'ar') = 'ar'
    union
    select company_id, account, currency from gl_items where posting_date <= :as_of and coalesce(cleared_date, '9999') > :as_of
),
line as (
    select o.*, 1 as line_order, 'subledger' as line, 0 as items, coalesce((select sum(amount) from movements m where m.company_id = o.company_id
        and m.account is o.account and m.currency = o.currency and m.posting_date <= :as_of), 0) as amount
    from one o
    union all
    select o.*, 99, 'gl', 0, (select sum(balance) from gl_balances g where g.company_id = o.company_id and g.account = o.account
        and g.currency = o.currency and g.as_of = :as_of and coalesce(g.role, 'ar') = 'ar')
    from one o
)
select * from line
