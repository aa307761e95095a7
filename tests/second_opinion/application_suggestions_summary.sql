-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05', 2
-- call: '2024-03-15'
-- call: '2024-02-29', 3
with v as materialized (select * from verdict)
select company_id, currency, match, match in ('exact_item', 'whole_balance', 'two_items', 'three_items') as is_suggested,
    count(*) as receipts, sum(amount) as unapplied_amount,
    ratio4(100 * sum(amount), (select sum(amount) from v w where w.company_id = v.company_id and w.currency = v.currency)) as share_pct
from v
group by company_id, currency, match
