-- name: customer_spans
-- answers: From which day to which day did each version of a customer hold?
-- grain: one row per company_id, customer_id, valid_from
-- params: none
-- reads: customers
-- columns: company_id id | customer_id id | valid_from date | valid_to date | collector_id id | counterparty_company_id id
-- order: company_id, customer_id, valid_from
-- unit: days, both inclusive; a first version without a day holds from always
-- holds: select a.customer_id from this a join this b on a.company_id = b.company_id and a.customer_id = b.customer_id
--   where a.valid_from < b.valid_from and a.valid_to >= b.valid_from
-- source: POSTING 5
select
    company_id, customer_id,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(
        lead(valid_from) over (partition by company_id, customer_id order by valid_from nulls first) - 1,
        date '9999-12-31'
    ) as valid_to,
    collector_id, counterparty_company_id
from customers
