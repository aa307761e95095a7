-- call: '2024-03-01', '2024-03-31'
-- call: '2024-02-01', '2024-05-31'
-- call: '2024-01-20', '2024-02-04'
select p.company_id, p.promise_id, p.customer_id, p.currency, p.promise_date, p.amount, p.kept_amount, p.amount - p.kept_amount as missing_amount,
    p.state
from promise_kept p
where p.state = 'open' or (p.state = 'broken' and days(p.resolved_date, :from) > 0)
