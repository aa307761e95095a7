-- name: control_totals
-- answers: Which loads do not account for every row they read?
-- grain: one row per load_id, table_name, company_id, currency
-- params: none
-- reads: load_totals
-- columns: load_id int | table_name text | company_id id | currency text | rows_read int | rows_accounted int
-- order: load_id, table_name, company_id, currency
-- unit: rows; a row here is a failure. severity: error
-- title_es: Filas leídas = cargadas + apartadas + en espera + sin cambio
-- title_en: Rows read = loaded + set aside + waiting + unchanged
-- source: POSTING 3
select
    load_id, table_name, coalesce(company_id, '') as company_id, coalesce(currency, '') as currency, rows_read,
    rows_loaded + rows_rejected + rows_waiting + rows_unchanged as rows_accounted
from load_totals
where rows_read <> rows_loaded + rows_rejected + rows_waiting + rows_unchanged
