-- call: '2024-03-01', '2024-03-31'
-- call: '2024-02-01', '2024-05-31', 'customer'
-- call: '2024-03-01', '2024-04-06', 'segment'
-- call: '2024-02-05', '2024-03-10', 'collector'
-- call: '2024-02-01', '2024-04-04', 'currency'
-- call: '2024-04-01', '2024-04-30', 'parent'
-- call: '2024-01-20', '2024-02-04', 'group'
-- state is that of the last day; a promise is of the period in which its grace ran out, or in which it was taken back
with counted as (
    select b.scope, b.company_id, coalesce(b.member_id, k.currency) as member_id, k.amount, k.kept_amount,
        case when b.scope = 'currency' then 100000000 else last_rate(k.currency, 'MXN', min(k.promise_date, :to)) end as rate,
        k.state,
        case k.state when 'open' then 1
            when 'cancelled' then (select p.cancelled_date between :from and :to from promises p
                where p.company_id = k.company_id and p.promise_id = k.promise_id)
            else k.resolved_date between :from and :to end as is_counted
    from promise_kept k
    join anyone b on b.owner_id = k.company_id and b.customer_id = k.customer_id
),
summed as (
    select scope, company_id, member_id,
        count(*) filter (where state in ('kept', 'broken')) as resolved, count(*) filter (where state = 'kept') as kept,
        count(*) filter (where state = 'cancelled') as cancelled, count(*) filter (where state = 'open') as open,
        coalesce(worth(amount, rate) filter (where state in ('kept', 'broken')), 0) as promised_amount,
        coalesce(worth(kept_amount, rate) filter (where state in ('kept', 'broken')), 0) as paid_amount,
        coalesce(worth(amount, rate) filter (where state = 'kept'), 0) as kept_in_full_amount,
        coalesce(worth(amount, rate) filter (where state = 'cancelled'), 0) as cancelled_amount,
        coalesce(worth(amount, rate) filter (where state = 'open'), 0) as open_amount
    from counted
    where is_counted
    group by scope, company_id, member_id
)
select *, ratio4(100 * kept, resolved) as kept_count_pct, ratio4(100 * paid_amount, promised_amount) as kept_amount_pct,
    ratio4(100 * kept_in_full_amount, promised_amount) as kept_strict_pct, case when resolved = 0 then 'no_promises' end as reason
from summed
