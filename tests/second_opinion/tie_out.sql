-- call: '2024-05-31'
-- call: '2024-05-30'
select company_id, account, currency, subledger as subledger_amount, gl as gl_amount, gl - subledger as difference_amount,
    explained as explained_amount, gl - subledger - explained as unexplained_amount,
    case when gl is null then 'no_gl_balance' when gl <> subledger + explained then 'unexplained'
        when gl = subledger and explained = 0 then 'ties' else 'explained' end as state
from account_side
