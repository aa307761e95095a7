-- call: '2024-05-31', 'company', '0.3,1.6,3.6,6.6,10.6', 1.0
-- call: '2024-06-20', 'customer', '0.25,1.5,3,7.75,60', 2.0, 'total', 20.0, 1.0, 'deducted'
-- call: '2024-04-20', 'customer', '0.25,1.5,3,7.75,60', 2.0
-- call: '2024-06-30', 'segment', '5,3,10,20,40', 1.0, 'line', 20.0, 1.0, 'deducted'
-- call: '2024-06-30', 'company', '5,3,10,20,40', 1.0, 'total', 20.0, 1.0, 'deducted'
-- call: '2024-06-30', 'currency', '5,3,10,20,40', 1.0, 'line', 20.0, 1.0, 'deducted'
-- call: '2024-06-30', 'segment', '5,3,10,20,40', 1.0, 'line'
-- call: '2024-05-31', 'collector', '0.3,1.6,3.6,6.6,10.6', 3.0, 'line', 50.0, 1.0
-- call: '2024-06-15', 'currency', '1,2,3,4,5', 1.0, 'total', 33.0, 10.0
-- call: '2024-04-30', 'parent', '0,0,1,2', 1.0
-- call: '2024-08-31', 'customer', '1,2,3,4,5', 1.0
with
-- forward_looking, disputed_pct and rounded_to come as whole numbers, the last in pesos (a cent where it is not given); rates in
-- ten-thousandths of a per cent
given as (
    select b.bucket_order, b.from_days,
        case when (select count(*) from json_each('[' || :rates || ']')) = (select count(*) from aging_buckets)
            then cast(round(10000 * r.value) as integer) end as rate,
        case when :disputed_pct is null then 1 else 100 * :rounded_to end as step
    from aging_buckets b
    left join json_each('[' || :rates || ']') r on r.key = b.bucket_order - 1
),
rate as (
    select bucket_order, from_days, min(rate * :forward_looking, 1000000) as rate, step,
        exists (select 1 from given a, given b where b.bucket_order = a.bucket_order + 1 and b.rate < a.rate) as falls
    from given
),
-- open debits, and what of their document is disputed: all of it where the dispute is in another currency
item as materialized (
    select p.scope, p.member_company_id, p.member_id, p.company_id, p.document_id, p.instalment, p.account, p.customer_id, p.document_kind,
        p.document_date, p.due_date, p.currency, p.stock_rate, sum(p.amount) as open, sum(p.stock) as worth_of,
        (select case when min(d.currency) <> max(d.currency) or max(d.currency) <> p.currency then 9000000000000000 else sum(d.amount) end
            from disputes d where d.company_id = p.company_id and d.document_id = p.document_id and d.opened_date <= :as_of
            and coalesce(d.closed_date, '9999') > :as_of) as claimed
    from posted p
    where p.aging_class = 'due'
    group by p.scope, p.member_company_id, p.member_id, p.company_id, p.document_id, p.instalment, p.account, p.customer_id,
        p.document_kind, p.document_date, p.due_date, p.currency
    having sum(p.amount) > 0 and sum(p.stock) > 0
),
split as materialized (
    select i.*, max(0, min(i.open, coalesce(i.claimed, 0) - coalesce((select sum(e.open) from item e
        where e.scope = i.scope and e.member_company_id = i.member_company_id and e.member_id = i.member_id
            and e.company_id = i.company_id and e.document_id = i.document_id and (e.due_date, e.instalment, e.account, e.customer_id)
            < (i.due_date, i.instalment, i.account, i.customer_id)), 0))) as disputed,
        (select max(r.bucket_order) from rate r where r.bucket_order = 1 or r.from_days <= days(:as_of, i.due_date)) as bucket_order
    from item i
),
gross as materialized (
    select *, 'matrix' as row_class, worth_of - ratio4(worth_of * disputed, 10000 * open) as amount from split
    union all
    select *, 'disputed', ratio4(worth_of * disputed, 10000 * open) from split
),
-- a guarantee goes over the customer's parts from the oldest on: what those before leave of it, at most the part itself
part as materialized (
    select g.scope, g.member_company_id, g.member_id, g.bucket_order, g.row_class, g.stock_rate,
        g.amount - coalesce((
            select ratio4(max(0, min(g.amount * (g.stock_rate / 10000), w.amount * 10000 - coalesce((
                select sum(e.amount * (e.stock_rate / 10000)) from gross e
                where e.scope = g.scope and e.member_company_id = g.member_company_id and e.member_id = g.member_id
                    and e.company_id = g.company_id and e.customer_id = g.customer_id
                    and (e.due_date, e.document_id, e.instalment, e.account, e.document_kind, e.document_date, e.currency, e.row_class)
                    < (g.due_date, g.document_id, g.instalment, g.account, g.document_kind, g.document_date, g.currency, g.row_class)
                ), 0))), g.stock_rate)
            from guarantee w
            where w.scope = g.scope and w.member_company_id = g.member_company_id and w.company_id = g.company_id
                and w.customer_id = g.customer_id and case g.scope when 'currency' then w.currency else w.member_id end = g.member_id
        ), 0) as amount
    from gross g
),
-- what is lost in millionths of a cent
line as (
    select w.scope, w.member_company_id, w.member_id, k.column1 as row_class, k.column2 as row_base, r.bucket_order, r.falls, r.step,
        case when k.column1 = 'disputed' then coalesce(10000 * :disputed_pct, r.rate) else r.rate end as rate,
        sum(p.amount * (p.stock_rate / 10000)) as fine_amount,
        worth(coalesce(p.amount, 0), coalesce(p.stock_rate, 0)
            * coalesce(case when k.column1 = 'disputed' then 10000 * :disputed_pct end, r.rate, 0)) as lost,
        count(p.amount) filter (where p.amount <> 0) as items
    from (select distinct scope, member_company_id, member_id from part where amount <> 0) w
    join (values ('matrix', 0), ('disputed', 100)) k
    join rate r
    left join part p on p.scope = w.scope and p.member_company_id = w.member_company_id and p.member_id = w.member_id
        and p.row_class = k.column1 and p.bucket_order = r.bucket_order
    group by w.scope, w.member_company_id, w.member_id, k.column1, r.bucket_order
),
answer as (
    select scope, member_company_id, member_id, row_base + bucket_order as row_order, row_class, coalesce(fine_amount, 0) as fine_amount,
        rate, case when rate is not null then ratio4(lost, 10000000000 * step) * step end as allowance,
        case when rate is null then 'rates_do_not_fit_buckets' end as reason
    from line
    where row_class = 'matrix' or items > 0
    union all
    select scope, member_company_id, member_id, 999, 'total', sum(coalesce(fine_amount, 0)),
        case when count(rate) = count(*) then ratio4(sum(lost), sum(fine_amount)) end,
        case when count(rate) < count(*) then null when :rounding = 'line' then sum(ratio4(lost, 10000000000 * step) * step)
            else ratio4(sum(lost), 10000000000 * max(step)) * max(step) end,
        case when count(rate) < count(*) then 'rates_do_not_fit_buckets' when max(falls) then 'rates_fall' end
    from line
    group by scope, member_company_id, member_id
)
select scope, member_company_id as company_id, member_id, row_order, row_class, ratio4(fine_amount, 100000000) as exposure_amount,
    rate as rate_pct, allowance as allowance_amount, reason
from answer
