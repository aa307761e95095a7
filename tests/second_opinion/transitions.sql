-- call: '2024-03-31', '2024-05-31'
-- call: '2024-02-29', '2024-06-30', 'customer'
-- call: '2024-04-15', '2024-07-31', 'segment'
-- call: '2024-01-31', '2024-06-30', 'currency'
-- call: '2024-03-15', '2024-06-15', 'collector'
-- call: '2024-05-31', '2024-06-30', 'parent'
-- call: '2024-06-30', '2024-12-31', 'customer'
with placed as materialized (select * from transition_part),
frame as (
    select w.scope, w.company_id, w.member_id, f.n as from_bucket_order, t.n as to_state_order
    from (select distinct scope, company_id, member_id from placed) w
    join (select 0 as n union all select bucket_order from aging_buckets) f
    join (select bucket_order as n from aging_buckets union all select (select max(bucket_order) from aging_buckets) + column1
        from (values (1), (2), (3), (4))) t
    where f.n > 0 or t.n <= (select max(bucket_order) from aging_buckets)
),
figure as (
    select f.*, coalesce(sum(p.amount * (p.rate / 10000)), 0) as amount, coalesce(sum(p.closing * (p.end_rate / 10000)), 0) as closing
    from frame f
    left join placed p using (scope, company_id, member_id, from_bucket_order, to_state_order)
    group by f.scope, f.company_id, f.member_id, f.from_bucket_order, f.to_state_order
),
whole as (
    select *, sum(amount) over (partition by scope, company_id, member_id, from_bucket_order) as all_amount from figure
)
select scope, company_id, member_id, from_bucket_order, to_state_order, ratio4(amount, 100000000) as amount,
    ratio4(closing, 100000000) as closing_amount,
    case when from_bucket_order > 0 and all_amount > 0 then ratio4(100 * amount, all_amount) end as pct,
    case when from_bucket_order = 0 then 'new_items' when all_amount <= 0 then 'empty_bucket' end as reason
from whole
