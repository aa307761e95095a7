-- call: '2024-05-31'
-- call: '2024-05-30'
-- call: '2024-07-05'
with cause as (
    select s.company_id, s.account, s.currency, c.column1 as line_order, c.column2 as line, count(i.item_id) as items,
        coalesce(sum(i.amount), 0) as amount
    from account_side s
    join (values (2, 'unposted'), (3, 'manual_journal'), (4, 'timing'), (5, 'revaluation'), (6, 'reclass')) c
    left join gl_items i on i.company_id = s.company_id and i.account = s.account and i.currency = s.currency and i.cause = c.column2
        and i.posting_date <= :as_of and coalesce(i.cleared_date, '9999') > :as_of
    group by s.company_id, s.account, s.currency, c.column1, c.column2
)
select company_id, account, currency, 1 as line_order, 'subledger' as line, 0 as items, subledger as amount from account_side
union all
select * from cause
union all
select s.company_id, s.account, s.currency, 7, 'unexplained', 0, s.gl - s.subledger
    - (select sum(c.amount) from cause c where c.company_id = s.company_id and c.account is s.account and c.currency = s.currency)
from account_side s
union all
select company_id, account, currency, 8, 'gl', 0, gl from account_side
