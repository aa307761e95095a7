-- call: '2024-03-31', '2024-04-30'
-- call: '2024-02-29', '2024-05-31', 'customer', 4
-- call: '2024-04-15', '2024-05-31', 'segment', 5
-- call: '2024-01-31', '2024-03-31', 'currency', 2
-- call: '2024-05-31', '2024-06-30', 'parent', 1
-- call: '2024-03-31', '2024-06-15', 'collector', 3
-- every way that a share can go, one by one, and the sum of those with the same ends; shares are plain numbers, 0 stands for not known
with recursive
cell as materialized (
    select scope, company_id, member_id, from_bucket_order as a, to_state_order as b, sum(amount * (rate / 10000)) as amount
    from transition_part
    where from_bucket_order > 0
    group by scope, company_id, member_id, from_bucket_order, to_state_order
),
share as materialized (
    select scope, company_id, member_id, a, b, amount * 1.0 / whole as p
    from (select *, sum(amount) over (partition by scope, company_id, member_id, a) as whole from cell)
    where amount <> 0 and whole > 0
),
way (scope, company_id, member_id, step, a, b, p) as (
    select scope, company_id, member_id, 1, a, b, p from share
    union all
    select w.scope, w.company_id, w.member_id, w.step + 1, w.a,
        case when w.b > (select max(bucket_order) from aging_buckets) then w.b else coalesce(s.b, 0) end, w.p * coalesce(s.p, 1)
    from way w
    left join share s on s.scope = w.scope and s.company_id = w.company_id and s.member_id = w.member_id and s.a = w.b
    where w.step < :steps
),
come as materialized (
    select scope, company_id, member_id, step, a, b, sum(p) as p from way group by scope, company_id, member_id, step, a, b
),
frame as (
    select w.scope, w.company_id, w.member_id, w.step, f.bucket_order as a, t.n as b
    from (select distinct scope, company_id, member_id, step from come) w
    join aging_buckets f
    join (select bucket_order as n from aging_buckets union all select (select max(bucket_order) from aging_buckets) + column1
        from (values (1), (2), (3), (4))) t
),
judged as (
    select f.*, c.p,
        case
            when not exists (select 1 from share s where s.scope = f.scope and s.company_id = f.company_id and s.member_id = f.member_id
                and s.a = f.a) then 'empty_bucket'
            when exists (select 1 from come z where z.scope = f.scope and z.company_id = f.company_id and z.member_id = f.member_id
                and z.step = f.step and z.a = f.a and z.b = 0) then 'empty_bucket_on_the_way'
        end as reason
    from frame f
    left join come c using (scope, company_id, member_id, step, a, b)
)
select scope, company_id, member_id, step, a as from_bucket_order, b as to_state_order,
    case when reason is null then cast(round(coalesce(p, 0) * 1000000) as integer) end as pct, reason
from judged
