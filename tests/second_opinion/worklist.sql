-- call: '2024-05-31'
-- call: '2024-04-08', 0.00, 0, 90, 15, 5
-- call: '2024-03-28', 500.00, 3, 20, 10, 20
-- call: '2024-06-15', 0.00, 0, 30, 30, 90
-- call: '2024-07-05'
-- no CFDI in the random ledgers: complements and PUE are worked by hand in worklist.slt
with
item as materialized (select * from work_item),
promised as materialized (
    select o.*, p.taken_date from promise_kept o join promises p on p.company_id = o.company_id and p.promise_id = o.promise_id
),
try as materialized (select * from activities where kind <> 'note' and activity_date <= :as_of),
card as materialized (select company_id, customer_id, score, band from risk_card),
fact as materialized (
    select k.company_id, k.customer_id, coalesce(k.name, k.customer_id) as customer_name, coalesce(k.collector_id, '(none)') as collector_id,
        coalesce((select c.name from collectors c where c.collector_id = k.collector_id), k.collector_id, '(none)') as collector_name,
        coalesce(k.segment, '(none)') as segment, k.status,
        coalesce((select sum(m.company_amount) from movements m where m.company_id = k.company_id and m.customer_id = k.customer_id
            and m.posting_date <= :as_of), 0) as open,
        coalesce((select sum(m.company_amount) from movements m where m.company_id = k.company_id and m.customer_id = k.customer_id
            and m.posting_date <= :as_of and (m.aging_class <> 'advances' or exists (select 1 from control_account c
            where c.company_id = m.company_id and c.account = m.account))), 0) as open_ar,
        -coalesce((select sum(m.company_amount) from movements m where m.company_id = k.company_id and m.customer_id = k.customer_id
            and m.posting_date <= :as_of and m.aging_class = 'unapplied'), 0) as unapplied,
        (select max(i.days_late) from item i where i.company_id = k.company_id and i.customer_id = k.customer_id and i.days_late > 0
            and i.open > 0) as worst,
        (select worth(e.amount * case e.kind when 'guarantee' then -1 else 1 end, last_rate(e.currency, 'MXN', :as_of))
            from exposures e where e.company_id = k.company_id and e.customer_id = k.customer_id and e.as_of = (
                select max(n.as_of) from exposures n where n.company_id = e.company_id and n.customer_id = e.customer_id
                    and n.kind = e.kind and n.as_of <= :as_of)) as further,
        ratio4(k.credit_limit * last_rate(coalesce(k.credit_currency, 'MXN'), 'MXN', :as_of), 1000000000000) as allowed,
        (select p.promise_id from promised p where p.company_id = k.company_id and p.customer_id = k.customer_id and p.state = 'broken'
            order by p.promise_date desc, p.taken_date desc, p.promise_id desc limit 1) as broken_id,
        (select p.promise_id from promised p where p.company_id = k.company_id and p.customer_id = k.customer_id and p.state = 'open'
            and p.kept_amount < p.amount order by p.promise_date, p.taken_date, p.promise_id limit 1) as next_id,
        (select p.promise_id from promised p where p.company_id = k.company_id and p.customer_id = k.customer_id
            order by p.taken_date desc, p.promise_date desc, p.promise_id desc limit 1) as last_id,
        (select max(t.activity_date) from try t where t.company_id = k.company_id and t.customer_id = k.customer_id) as tried,
        (select t.outcome from try t where t.company_id = k.company_id and t.customer_id = k.customer_id
            order by t.activity_date desc, coalesce(t.outcome, 'no_answer') = 'no_answer', t.activity_id desc limit 1) as outcome,
        (select max(t.activity_date) from try t where t.company_id = k.company_id and t.customer_id = k.customer_id
            and t.outcome not in ('no_answer')) as reached,
        (select max(p.taken_date) from promised p where p.company_id = k.company_id and p.customer_id = k.customer_id
            and p.state <> 'cancelled') as taken
    from known_customer k
    where not k.is_own_company
),
summed as materialized (
    select f.*,
        (select sum(i.open_company) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id) as debits,
        coalesce((select sum(i.open_company) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id
            and i.days_late > 0), 0) as late,
        coalesce((select sum(i.open_company) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id
            and i.days_late >= 91), 0) as over_90,
        coalesce((select worth(i.open, i.rate) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id
            and i.days_late > 0), 0) as late_group,
        coalesce((select worth(i.open - i.stands, i.rate) from item i where i.company_id = f.company_id
            and i.customer_id = f.customer_id and i.days_late > 0), 0) as risk_group,
        coalesce((select sum(i.open_company - i.stands_company) from item i where i.company_id = f.company_id
            and i.customer_id = f.customer_id and i.days_late > 0), 0) as risk,
        coalesce((select sum(i.disputed_company) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id), 0)
            as disputed,
        (select sum(i.disputed_company - i.stands_company) from item i where i.company_id = f.company_id
            and i.customer_id = f.customer_id) as too_long,
        (select min(i.dispute_date) from item i where i.company_id = f.company_id and i.customer_id = f.customer_id
            and i.disputed > i.stands) as too_long_since,
        f.open_ar + coalesce(f.further, 0) as used,
        b.promise_date as broken_date, b.amount - b.kept_amount as lacks, b.currency as lacks_currency,
        b.resolved_date > date(:as_of, '-' || :promise_days || ' days') and f.taken <= b.promise_date as breaks,
        n.promise_date as next_promise_date, n.amount - n.kept_amount as next_promise_amount, n.currency as next_promise_currency,
        l.promise_date as last_promise_date, l.state as last_promise_state,
        case when f.reached is null then f.taken when f.taken is null then f.reached else max(f.reached, f.taken) end as contact,
        c.score, c.band
    from fact f
    left join promised b on b.company_id = f.company_id and b.promise_id = f.broken_id
    left join promised n on n.company_id = f.company_id and n.promise_id = f.next_id
    left join promised l on l.company_id = f.company_id and l.promise_id = f.last_id
    left join card c on c.company_id = f.company_id and c.customer_id = f.customer_id
),
-- what risk cards know, they know of customers with open debits
judged as (
    select *, late > 0 and late_group >= :least_amount and worst > :grace_days as is_late,
        debits > 0 as has_debits, debits > 0 and breaks as is_broken,
        min(worst, coalesce(days(:as_of, case when debits > 0 then contact else reached end), worst)) as silent
    from summed
),
line as materialized (
    select *, 1 as place, 'past_due' as rule, case when worst > 90 then 30 when worst > 60 then 20 when worst > 30 then 10 else 5 end
            as points, 'past_due ' || worst || printf(' %d.%02d MXN', late / 100, late % 100) as said
    from judged where is_late
    union all
    select *, 5, 'broken', 15, 'broken_promise ' || broken_date || printf(' %d.%02d ', lacks / 100, lacks % 100) || lacks_currency
    from judged where is_late and is_broken
    union all
    select *, 6, 'dispute', 10, 'dispute_too_long ' || days(:as_of, too_long_since) || case when too_long < 0 then ' -' else ' ' end
        || printf('%d.%02d MXN', abs(too_long) / 100, abs(too_long) % 100)
    from judged where too_long_since is not null
    union all
    select *, 7, 'limit', 10, printf('over_limit %d.%02d MXN', (used - allowed) / 100, (used - allowed) % 100)
    from judged where has_debits and used > 0 and used > allowed
    union all
    select *, 8, 'silence', 10, case when coalesce(case when has_debits then contact end, reached) is null then 'never_contacted ' else 'no_contact ' end || silent
    from judged where is_late and silent > :contact_days
    union all
    select *, 13, 'unapplied', 5, printf('unapplied %d.%02d MXN', unapplied / 100, unapplied % 100)
    from judged where is_late and unapplied > 0
    union all
    select *, 14, 'status', 5, 'insolvent' from judged where has_debits and status = 'insolvent'
    union all
    select *, 15, 'status', 3, 'on_hold' from judged where has_debits and status = 'hold'
    union all
    select *, 16, 'risk', 5, 'risk_high ' || score from judged where band = 'high'
)
select company_id, customer_id, customer_name, collector_id, collector_name, segment, 'MXN' as currency, open as open_amount_company,
    late as past_due_amount_company, over_90 as over_90_amount_company, disputed as disputed_amount_company,
    risk as at_risk_amount_company, late_group as past_due_amount_group, risk_group as at_risk_amount_group, worst as worst_days_late,
    max(case when rule = 'limit' then used - allowed else 0 end) as over_limit_amount_company, unapplied as unapplied_amount_company,
    case when has_debits then next_promise_date end as next_promise_date,
    case when has_debits then next_promise_amount end as next_promise_amount,
    case when has_debits then last_promise_date end as last_promise_date,
    case when has_debits then last_promise_state end as last_promise_state,
    tried as last_attempt_date, outcome as last_attempt_outcome, case when has_debits then contact else reached end as last_contact_date,
    sum(points) as points_total,
    coalesce(sum(points) filter (where rule = 'past_due'), 0) as points_past_due,
    coalesce(sum(points) filter (where rule = 'broken'), 0) as points_broken_promise,
    coalesce(sum(points) filter (where rule = 'dispute'), 0) as points_dispute,
    coalesce(sum(points) filter (where rule = 'limit'), 0) as points_over_limit,
    coalesce(sum(points) filter (where rule = 'silence'), 0) as points_no_contact,
    coalesce(sum(points) filter (where rule = 'unapplied'), 0) as points_unapplied,
    coalesce(sum(points) filter (where rule = 'status'), 0) as points_status,
    coalesce(sum(points) filter (where rule = 'risk'), 0) as points_risk,
    (select group_concat(said, '; ') from (select o.said from line o where o.company_id = line.company_id
        and o.customer_id = line.customer_id order by o.points desc, o.place)) as reasons
from line
group by company_id, customer_id
