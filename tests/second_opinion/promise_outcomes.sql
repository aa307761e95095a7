-- call: '2024-05-31'
-- call: '2024-03-05'
-- call: '2024-04-08'
-- call: '2024-07-05'
select company_id, promise_id, customer_id, collector_id, currency, promise_date, resolved_date, amount, kept_amount, state
from promise_kept
