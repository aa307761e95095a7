-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-06-03'
select company_id, customer_id, currency, sum(disputes) as dispute_count, sum(disputed) as disputed_amount,
    cast(round(sum(open_company * (disputed * 1.0 / open))) as integer) as disputed_amount_company
from disputed_document
group by company_id, customer_id, currency
