-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05', 2
-- call: '2024-03-15'
-- call: '2024-02-29', 3
-- call: '2024-06-10'
with v as materialized (select * from verdict where match in ('exact_item', 'whole_balance', 'two_items', 'three_items'))
select v.company_id, v.customer_id, coalesce(k.name, v.customer_id) as customer_name, v.currency, v.document_id as receipt_id,
    v.instalment as receipt_instalment, v.document_date as receipt_date, v.amount as unapplied_amount, v.match, i.document_id, i.instalment,
    i.document_date, i.amount as open_amount, i.amount as suggested_amount
from v
join matchable i on i.is_item and i.company_id = v.company_id and i.customer_id = v.customer_id and i.currency = v.currency
    and (v.match = 'whole_balance' or i.document_id || '/' || i.instalment in (v.p, v.q, v.r))
join known_customer k on k.company_id = v.company_id and k.customer_id = v.customer_id
