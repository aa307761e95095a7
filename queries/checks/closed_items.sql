-- name: closed_items
-- answers: Which items are closed in their currency but not in the currency of the books?
-- grain: one row per company_id, document_id, instalment, currency
-- params: as_of date
-- reads: movements
-- columns: company_id id | document_id id | instalment int | currency text | open_amount_company money
-- order: company_id, document_id, instalment, currency
-- unit: money; a row here is a failure. severity: error
-- title_es: Partidas saldadas en su moneda están saldadas en moneda funcional
-- title_en: Items closed in their currency are closed in the currency of the books
-- source: POSTING 4
select company_id, document_id, instalment, currency, sum(company_amount) as open_amount_company
from movements
where posting_date <= $as_of
group by company_id, document_id, instalment, currency
having sum(amount) = 0.00 and sum(company_amount) <> 0.00 and count(*) filter (where movement_kind = 'fx_revaluation') = 0
