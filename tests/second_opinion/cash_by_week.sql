-- call: '2024-05-01', '2024-05-31'
-- call: '2024-02-07', '2024-06-12', 'collector'
-- call: '2024-03-04', '2024-05-12', 'customer'
-- call: '2024-02-10', '2024-05-05', 'currency'
-- call: '2024-05-08', '2024-05-10', 'group'
-- call: '2024-02-01', '2024-04-30', 'segment'
with recursive
calendar (day) as (
    select :from union all select date(day, '+1 day') from calendar where day < :to
),
-- a week is known by its Monday
week as (
    select min(day) as week_start, max(day) as week_end, date(day, 'weekday 0', '-6 days') as monday
    from calendar group by date(day, 'weekday 0', '-6 days')
),
-- of each month's target, in cents, what is due up to a day, and so what is due on it
daily as (
    select t.collector_id, c.day,
        ratio4(t.amount * substr(c.day, 9, 2), 10000 * substr(date(t.month, '+1 month', '-1 day'), 9, 2))
        - ratio4(t.amount * (substr(c.day, 9, 2) - 1), 10000 * substr(date(t.month, '+1 month', '-1 day'), 9, 2)) as amount
    from collector_targets t
    join calendar c on date(c.day, 'start of month') = t.month
),
who as (
    select distinct scope, member_company_id as company_id, member_id
    from posted where posting_date >= :from and movement_kind in ('receipt', 'cash', 'apply_receipt')
    union
    select 'group', 'group', 'group' from daily where :grain in ('company', 'group')
    union
    select 'collector', 'group', collector_id from daily where :grain = 'collector'
),
figure as (
    select w.scope, w.company_id, w.member_id, k.week_start, k.week_end,
        coalesce((select -sum(p.flow) from posted p where p.scope = w.scope and p.member_company_id = w.company_id
            and p.member_id = w.member_id and p.posting_date between k.week_start and k.week_end
            and p.movement_kind in ('receipt', 'cash', 'apply_receipt')), 0) as cash,
        coalesce((select sum(amount) from daily d where d.day between k.week_start and k.week_end
            and (w.scope = 'group' or (w.scope = 'collector' and w.member_id = d.collector_id))), 0) as target
    from who w
    join week k
),
run as (
    select f.*, sum(cash) over w as cash_so_far, sum(target) over w as target_so_far
    from figure f
    window w as (partition by scope, company_id, member_id order by week_start)
)
select scope, company_id, member_id, week_start, week_end, cash as cash_amount, nullif(target, 0) as target_amount,
    ratio4(100 * cash, target) as attainment_pct, cash_so_far as cash_to_date_amount, nullif(target_so_far, 0) as target_to_date_amount,
    ratio4(100 * cash_so_far, target_so_far) as attainment_to_date_pct, case when target = 0 then 'no_target' end as reason
from run
