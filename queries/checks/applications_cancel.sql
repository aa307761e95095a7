-- name: applications_cancel
-- answers: On which days do the two sides of applications not cancel in the currency of the books?
-- grain: one row per company_id, movement_kind, posting_date
-- params: as_of date
-- reads: movements
-- columns: company_id id | movement_kind text | posting_date date | difference_amount money
-- order: company_id, movement_kind, posting_date
-- unit: money; a row here is a failure. severity: error
-- title_es: Los dos lados de cada aplicación se cancelan
-- title_en: The two sides of applications cancel
-- source: POSTING 3
select company_id, movement_kind, posting_date, sum(company_amount) as difference_amount
from movements
where posting_date <= $as_of and movement_kind in ('apply_receipt', 'apply_credit', 'apply_advance', 'apply_refund')
group by company_id, movement_kind, posting_date
having sum(company_amount) <> 0.00
