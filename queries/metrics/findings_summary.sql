-- name: findings_summary
-- answers: What did the loads find in the data?
-- answers_es: ¿Qué encontraron las cargas en los datos?
-- title_es: Hallazgos
-- title_en: Findings
-- formula: findings by load, code and table
-- formula_es: hallazgos por carga, clave y tabla
-- grain: one row per load_id, code, severity, table_name
-- params: none
-- reads: findings
-- columns: load_id int | code text | severity text | table_name text | finding_count int | example text | hint text
-- order: load_id, severity, code, table_name
-- unit: findings
-- unit_es: hallazgos
-- holds: select 1 from this having sum(finding_count) <> (select count(*) from findings)
-- source: DESIGN 9
select
    load_id, code, severity, table_name,
    count(*) as finding_count,
    first_value(coalesce(nullif(concat_ws(' · ', row_key, place, excerpt), ''), message) order by company_id, row_key, place, message) as example,
    first_value(hint order by company_id, row_key, place, message) as hint
from findings
group by load_id, code, severity, table_name
