-- call: '2024-05-31'
-- call: '2024-06-03'
select company_id, account, currency, item_id, posting_date, amount, cause
from gl_items
where posting_date <= :as_of
except
select company_id, account, currency, item_id, posting_date, amount, cause
from gl_items
where cleared_date <= :as_of
