-- name: closed_months
-- answers: What was posted into months that had been loaded in full before?
-- answers_es: ¿Qué se contabilizó en meses que ya se habían cargado completos?
-- grain: one row per company_id, posting_month, currency, load_id
-- params: as_of date, grace_days int = 5
-- reads: movement_cube, load_totals, loads
-- columns: company_id id | posting_month date | currency text | load_id int | extract_day date | complete_day date | movements int |
--   amount money | company_amount money
-- order: company_id, posting_month, currency, load_id
-- unit: money, debit +: what it changed in the month's closing balance; a row here is a failure: the figures of the day are right, those
--   of an earlier month are no longer the ones shown. A month is complete with the company's first extract of a day more than grace_days
--   days after its end. Listed is what extracts of the month of the day, or later, brought after that; the query late_postings names
--   every document, also of the extract that completed the month
-- unit_es: importes, cargo +: lo que cambió el saldo al cierre del mes; cada renglón es una falla: las cifras del día son correctas, las
--   de un mes anterior ya no son las que se mostraron. Un mes está completo con el primer archivo de la empresa de más de grace_days días
--   después de su fin. Se lista lo que trajeron después archivos del mes del día o posteriores; late_postings nombra cada documento
-- title_es: Nada se contabilizó en meses ya terminados
-- title_en: Nothing was posted into months that were over
-- holds: select load_id from this where extract_day <= complete_day or complete_day <= month_end(posting_month) + $grace_days
-- severity: warning
-- source: METRICS 1, PITFALLS P47
with company_loads as (
    select distinct t.company_id, t.load_id, l.extract_day
    from load_totals t
    join loads l on l.load_id = t.load_id
    where t.table_name in ('documents', 'applications') and t.rows_loaded + t.rows_unchanged > 0
),

posted as (
    select
        company_id, posting_month, currency, load_id,
        sum(movement_count) as movements, sum(amount) as amount, sum(company_amount) as company_amount
    from movement_cube
    where month_end(posting_month) <= $as_of
    group by company_id, posting_month, currency, load_id
),

judged as (
    select
        p.company_id, p.posting_month, p.currency, p.load_id, p.movements, p.amount, p.company_amount,
        max(case when l.load_id = p.load_id then l.extract_day end) as extract_day,
        min(case when l.extract_day > month_end(p.posting_month) + $grace_days then l.extract_day end) as complete_day
    from posted p
    join company_loads l on l.company_id = p.company_id
    group by p.company_id, p.posting_month, p.currency, p.load_id, p.movements, p.amount, p.company_amount
),

final as (
    select company_id, posting_month, currency, load_id, extract_day, complete_day, movements, amount, company_amount
    from judged
    where extract_day > complete_day and extract_day >= month_start($as_of)
)

select * from final
