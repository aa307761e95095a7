-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-03-31', 3
-- call: '2024-04-30', 4
-- call: '2024-06-30', 1
-- what the day's movements are now less what was known of them at the time
with then_known as (
    select coalesce((select value from argument where name = 'known_load'),
        (select load_id from loads where extract_day <= :as_of order by load_id desc limit 1)) as last_load
)
select m.load_id, l.extract_day, m.company_id, m.cause, m.customer_id, m.document_id, m.currency,
    min(m.posting_date) as first_posting_date, max(m.posting_date) as last_posting_date, count(*) as movements,
    sum(m.amount) as amount, sum(m.company_amount) as company_amount
from movements m
join then_known k
join loads l on l.load_id = m.load_id
where m.posting_date <= :as_of and k.last_load is not null and not m.load_id <= k.last_load
group by m.load_id, l.extract_day, m.company_id, m.cause, m.customer_id, m.document_id, m.currency
