-- name: item_balances
-- answers: Which items are open on a day, and by how much?
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   currency
-- params: as_of date
-- reads: movements
-- columns: company_id id | account id | customer_id id | document_id id | instalment int | document_kind text | aging_class text |
--   document_date date | due_date date | currency text | open_amount money | open_amount_company money
-- order: company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date, currency
-- unit: money, debit +; an item that is nothing in its currency but not in the books stays, so that the books tie
-- holds: select sum(open_amount) from this having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $as_of)
-- source: METRICS 1
select
    company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date, currency,
    sum(amount) as open_amount,
    sum(company_amount) as open_amount_company
from movements
where posting_date <= $as_of
group by
    company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date, currency
having sum(amount) <> 0.00 or sum(company_amount) <> 0.00
