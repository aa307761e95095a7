-- call: '2024-01-01', '2024-07-31', 'company', 60, 1.0
-- call: '2024-02-01', '2024-06-30', 'customer', 0, 2.0, 'deducted'
-- call: '2024-02-01', '2024-06-30', 'customer', 0, 2.0
-- call: '2024-01-01', '2024-07-31', 'segment', 30, 1.0, 'deducted'
-- call: '2024-01-01', '2024-07-31', 'segment', 30, 1.0
-- call: '2024-01-01', '2024-06-15', 'currency', 45, 3.0
-- call: '2024-01-15', '2024-07-31', 'collector', 90, 1.0
-- call: '2024-01-01', '2024-05-31', 'parent', 20, 1.0
-- forward_looking comes as a whole number; rates here are in hundred-millionths of a per cent
with
loss as materialized (select * from item_loss),
own as (
    select scope, company_id, member_id, bucket_order, ratio4(1000000 * sum(lost * rate), sum(amount * rate)) as pct
    from loss group by scope, company_id, member_id, bucket_order
),
-- of all members of the company or group together, and what the group's row says
wider as (
    select scope, company_id, bucket_order, ratio4(1000000 * sum(lost * rate), sum(amount * rate)) as pct
    from loss where scope not in ('company', 'currency') group by scope, company_id, bucket_order
),
gross as materialized (
    select scope, member_company_id as company_id, member_id, stock_rate / 10000 as rate, sum(stock) as amount,
        company_id as owner_id, customer_id, due_date, document_id, instalment, account, document_kind, document_date, currency,
        (select max(bucket_order) from aging_buckets where bucket_order = 1 or from_days <= days(:to, due_date)) as bucket_order
    from posted
    where aging_class = 'due'
    group by scope, member_company_id, member_id, company_id, document_id, instalment, account, customer_id, document_kind, document_date,
        due_date, currency
    having sum(amount) > 0 and sum(stock) > 0
),
-- less what a guarantee covers, the oldest first
exposed as materialized (
    select g.scope, g.company_id, g.member_id, g.bucket_order, g.rate,
        g.amount - coalesce((
            select ratio4(max(0, min(g.amount * g.rate, w.amount * 10000 - coalesce((
                select sum(e.amount * e.rate) from gross e
                where e.scope = g.scope and e.company_id = g.company_id and e.member_id = g.member_id
                    and e.owner_id = g.owner_id and e.customer_id = g.customer_id
                    and (e.due_date, e.document_id, e.instalment, e.account, e.document_kind, e.document_date, e.currency)
                    < (g.due_date, g.document_id, g.instalment, g.account, g.document_kind, g.document_date, g.currency)
                ), 0))), g.rate * 10000)
            from guarantee w
            where w.scope = g.scope and w.member_company_id = g.company_id and w.company_id = g.owner_id
                and w.customer_id = g.customer_id and case g.scope when 'currency' then w.currency else w.member_id end = g.member_id
        ), 0) as amount
    from gross g
),
rated as (
    select e.*, o.pct is null as is_wider,
        max(0, min(10000000000, :forward_looking * coalesce(o.pct, w.pct))) as pct
    from (select * from exposed where amount <> 0) e
    left join own o using (scope, company_id, member_id, bucket_order)
    left join wider w on w.bucket_order = e.bucket_order
        and ((w.scope = e.scope and w.company_id = e.company_id) or (e.scope = 'company' and w.scope = 'group'))
),
line as (
    select scope, company_id, member_id, bucket_order, sum(amount * rate) as amount, worth(amount, rate * coalesce(pct, 0)) as lost,
        max(is_wider) as is_wider, count(pct) = count(*) as has_rate
    from rated
    group by scope, company_id, member_id, bucket_order
),
answer as (
    select scope, company_id, member_id, bucket_order as row_order, bucket_order, 'matrix' as row_class, amount, lost, is_wider, has_rate
    from line
    union all
    select scope, company_id, member_id, 999, null, 'total', sum(amount), sum(lost), max(is_wider), min(has_rate)
    from line
    group by scope, company_id, member_id
)
select scope, company_id, member_id, row_order, row_class, bucket_order, ratio4(amount, 100000000) as exposure_amount,
    case when has_rate then ratio4(lost, amount) end as rate_pct,
    case when has_rate then ratio4(lost, 10000000000) end as allowance_amount,
    case when not has_rate then 'no_history' when is_wider then 'wider_history' end as reason
from answer
