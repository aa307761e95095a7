-- name: item_settlements
-- answers: What was posted on each item in a period, sales and balances taken over left out?
-- grain: one row per company_id, account, customer_id, document_id, document_kind, aging_class, document_date, due_date, currency,
--   movement_kind
-- params: from date, to date
-- reads: movements
-- columns: company_id id | account id | customer_id id | document_id id | document_kind text | aging_class text | document_date date |
--   due_date date | currency text | movement_kind text | amount money | company_amount money
-- order: company_id, account, customer_id, document_id, document_kind, aging_class, document_date, due_date, currency, movement_kind
-- unit: money in the document's currency and as booked, debit +. With its sign turned it is what collection effectiveness counts as
--   collected: beginning + sales - ending
-- holds: select sum(amount) from this having coalesce(sum(amount), 0.00) <> (select coalesce(sum(case when movement_kind = 'opening' or
--   sales_effect in ('sale', 'return', 'price') then 0.00 else amount end), 0.00) from movements where posting_date between $from and
--   $to)
-- source: METRICS 11, POSTING 2
select
    company_id, account, customer_id, document_id, document_kind, aging_class, document_date, due_date, currency, movement_kind,
    sum(amount) as amount,
    sum(company_amount) as company_amount
from movements
where
    posting_date between $from and $to and movement_kind <> 'opening'
    and coalesce(sales_effect, '') not in ('sale', 'return', 'price')
group by company_id, account, customer_id, document_id, document_kind, aging_class, document_date, due_date, currency, movement_kind
having sum(amount) <> 0.00 or sum(company_amount) <> 0.00
