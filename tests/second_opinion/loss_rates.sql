-- call: '2024-01-01', '2024-07-31', 'company', 60
-- call: '2024-02-01', '2024-06-30', 'customer', 0
-- call: '2024-01-01', '2024-07-31', 'segment', 30
-- call: '2024-01-01', '2024-06-15', 'currency', 45
-- call: '2024-01-15', '2024-07-31', 'collector', 90
-- call: '2024-01-01', '2024-12-31', 'customer', 100
with
-- members without history too, and customers to whom nothing was ever posted; but for currencies
customer as (
    select k.* from customers k
    where coalesce(k.valid_from, '') = (select max(coalesce(v.valid_from, '')) from customers v
        where v.company_id = k.company_id and v.customer_id = k.customer_id and coalesce(v.valid_from, '') <= :to)
),
who as (
    select distinct scope, company_id, member_id from member where scope <> 'currency'
    union
    select s.column1, case when s.column1 in ('company', 'customer', 'parent') then k.company_id else 'group' end,
        case s.column1 when 'company' then k.company_id when 'group' then 'group' when 'customer' then k.customer_id
            when 'parent' then coalesce(k.parent_customer_id, k.customer_id) when 'segment' then coalesce(k.segment, '(none)')
            else coalesce(k.collector_id, '(none)') end
    from customer k
    join (values ('company'), ('group'), ('customer'), ('parent'), ('segment'), ('collector')) s
    where (s.column1 = :grain or (s.column1 = 'group' and :grain = 'company'))
        and (s.column1 in ('company', 'customer', 'parent') or k.counterparty_company_id is null)
    union select distinct scope, company_id, member_id from item_loss
)
select w.scope, w.company_id, w.member_id, a.bucket_order, a.bucket, count(v.amount) as items,
    coalesce(ratio4(sum(v.amount * v.rate), 100000000), 0) as reached_amount,
    coalesce(ratio4(sum(v.lost * v.rate), 100000000), 0) as lost_amount,
    case when sum(v.amount * v.rate) > 0 then ratio4(100 * sum(v.lost * v.rate), sum(v.amount * v.rate)) end as loss_pct,
    case when coalesce(sum(v.amount * v.rate), 0) <= 0 then 'no_history' end as reason
from who w
join aging_buckets a
left join item_loss v on v.scope = w.scope and v.company_id = w.company_id and v.member_id = w.member_id and v.bucket_order = a.bucket_order
group by w.scope, w.company_id, w.member_id, a.bucket_order
