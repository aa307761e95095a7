-- call: '2024-05-31'
-- call: '2024-06-30', 'parent'
-- call: '2024-03-10', 'customer', 1
-- call: '2024-07-31', 'parent', 3
-- call: '2024-10-31'
with debtor as (
    select p.scope, p.member_company_id as company_id,
        case when p.scope = 'group' then k.group_id else k.head_id end as debtor_id,
        worth(p.stock, p.stock_rate) as amount
    from posted p
    join debtor_of k on k.company_id = p.company_id and k.customer_id = p.customer_id
    where p.is_ar
    group by p.scope, p.member_company_id, 3
),
placed as (
    select *, row_number() over (partition by scope, company_id order by amount desc, debtor_id) as place,
        sum(max(amount, 0)) over (partition by scope, company_id) as positive
    from debtor
    where amount <> 0
)
select scope, company_id, sum(amount > 0) as debtors, max(positive) as positive_amount,
    sum(case when amount > 0 and place <= :top then amount else 0 end) as top_amount,
    ratio4(100 * sum(case when amount > 0 and place <= :top then amount else 0 end), max(positive)) as top_pct,
    max(case when amount > 0 and place = 1 then debtor_id end) as largest_id,
    max(case when amount > 0 and place = 1 then amount end) as largest_amount,
    ratio4(100 * max(case when amount > 0 and place = 1 then amount end), max(positive)) as largest_pct,
    -- squared shares, in ten-thousandths of a squared per cent
    case when max(positive) > 0 then cast(round(sum(case when amount > 0 then (amount * 1.0 / positive) * (amount * 1.0 / positive) else 0 end)
        * 100000000) as integer) end as hhi,
    sum(amount < 0) as credit_debtors, sum(min(amount, 0)) as credit_amount,
    case when max(positive) = 0 then 'no_positive_balance' end as reason
from placed
group by scope, company_id
