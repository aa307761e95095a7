-- call: '2024-05-31'
-- call: '2024-06-30', 'parent'
-- call: '2024-03-10', 'customer'
-- call: '2024-10-31', 'parent'
with debtor as (
    select p.scope, p.member_company_id as company_id,
        case when p.scope = 'group' then k.group_id else k.head_id end as debtor_id,
        count(distinct p.company_id || '/' || p.customer_id) as accounts,
        worth(p.stock, p.stock_rate) as amount
    from (
        -- accounts with an item that is not settled
        select *, sum(amount) over item as left_amount, sum(company_amount) over item as left_company from posted where is_ar
        window item as (partition by scope, member_company_id, company_id, account, customer_id, document_id, instalment, aging_class,
            document_kind, document_date, due_date, currency)
    ) p
    join debtor_of k on k.company_id = p.company_id and k.customer_id = p.customer_id
    where p.left_amount <> 0 or p.left_company <> 0
    group by p.scope, p.member_company_id, 3
),
ranked as (
    select d.*, (select sum(o.amount) from debtor o where o.scope = d.scope and o.company_id = d.company_id and o.amount > 0) as positive,
        (select count(*) from debtor o where o.scope = d.scope and o.company_id = d.company_id and o.amount <> 0
            and (o.amount > d.amount or (o.amount = d.amount and o.debtor_id <= d.debtor_id))) as position,
        (select sum(o.amount) from debtor o where o.scope = d.scope and o.company_id = d.company_id
            and (o.amount > d.amount or (o.amount = d.amount and o.debtor_id <= d.debtor_id))) as to_here
    from debtor d
    where d.amount <> 0
)
select scope, company_id, position, debtor_id, accounts, amount as open_amount,
    case when amount > 0 then ratio4(100 * amount, positive) end as share_pct,
    case when amount > 0 then ratio4(100 * to_here, positive) end as cumulative_pct,
    case when amount < 0 then 'credit_balance' end as reason
from ranked
