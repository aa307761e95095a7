-- name: tie_out_items
-- answers: Which items explain the difference between subledger and general ledger?
-- answers_es: ¿Qué partidas explican la diferencia entre el auxiliar y el mayor?
-- title_es: Partidas de conciliación auxiliar–mayor
-- title_en: Reconciling items
-- formula: items first posted up to the day and not cleared by it; amount = GL - subledger
-- formula_es: partidas contabilizadas hasta el corte y no saldadas en él; importe = mayor - auxiliar
-- grain: one row per company_id, account, item_id
-- params: as_of date
-- reads: gl_items
-- columns: company_id id | account id | currency text | item_id id | posting_date date | amount money | cause text
-- order: company_id, account, item_id
-- unit: money in the item's currency; adds up to the explained amount of tie_out
-- unit_es: importes en la moneda de la partida; suman lo explicado de tie_out
-- holds: select item_id from this where posting_date > $as_of
-- source: METRICS 22
select company_id, account, currency, item_id, posting_date, amount, cause
from gl_items
where posting_date <= $as_of and (cleared_date is null or cleared_date > $as_of)
