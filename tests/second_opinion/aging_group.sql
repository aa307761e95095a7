-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-06-30', 'parent'
-- call: '2024-05-31', 'segment'
-- call: '2024-05-31', 'collector'
-- call: '2024-06-15', 'currency'
-- call: '2024-03-31', 'group'
with aged as materialized (
    select scope, member_company_id as company_id, member_id, stock, stock_rate, aging_class,
        case when aging_class <> 'due' then aging_class
            else (select bucket from aging_buckets where days(:as_of, due_date) between from_days and to_days) end as bucket
    from posted
),
debit as materialized (
    -- ten-thousandths of a hundredth: nothing is rounded before the ratio
    select scope, company_id, member_id, sum(case when aging_class = 'due' then stock * (stock_rate / 10000) else 0 end) as debits
    from aged
    group by scope, company_id, member_id
)
select d.scope, d.company_id, d.member_id, c.bucket_order, c.bucket,
    coalesce(worth(a.stock, a.stock_rate), 0) as open_amount,
    case when d.debits > 0 then ratio4(100 * coalesce(sum(a.stock * (a.stock_rate / 10000)), 0), d.debits) end as share_pct
from debit d
cross join aging_column c
left join aged a on a.scope = d.scope and a.company_id = d.company_id and a.member_id = d.member_id and a.bucket = c.bucket
group by d.scope, d.company_id, d.member_id, c.bucket_order, c.bucket
