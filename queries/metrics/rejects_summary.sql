-- name: rejects_summary
-- answers: Which rows were set aside, why, and for how much?
-- answers_es: ¿Qué renglones se apartaron, por qué y por cuánto?
-- title_es: Renglones apartados
-- title_en: Rows set aside
-- formula: rows of the extracts that were not loaded, by load, file and cause
-- formula_es: renglones de los archivos que no se cargaron, por carga, archivo y causa
-- grain: one row per load_id, source, table_name, code, currency
-- params: none
-- reads: rejects
-- columns: load_id int | source text | table_name text | code text | row_count int | amount money | currency text | first_place text |
--   example text
-- order: load_id, source, table_name, code, currency
-- unit: rows and money, where an amount could be read
-- unit_es: renglones e importes, donde el importe pudo leerse
-- holds: select 1 from this having sum(row_count) <> (select count(*) from rejects)
-- source: PITFALLS P33
select
    load_id, source, table_name, code,
    count(*) as row_count,
    sum(amount) as amount,
    currency,
    first_value(concat_ws(':', source, cast(line as varchar), cast(column_no as varchar)) order by line, column_no) as first_place,
    first_value(coalesce(excerpt, column_name, reason) order by line, column_no) as example
from rejects
group by load_id, source, table_name, code, currency
