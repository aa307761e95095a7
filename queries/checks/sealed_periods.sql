-- name: sealed_periods
-- answers: What was posted into months that are closed, since their seal?
-- answers_es: ¿Qué se contabilizó en meses cerrados, desde su sello?
-- grain: one row per period, load_id, company_id, currency
-- params: as_of date
-- reads: postings_after_close
-- columns: period text | period_end date | number int | load_id int | company_id id | currency text | documents int | postings int |
--   amount money | company_amount money
-- order: period, load_id, company_id, currency
-- unit: money, debit +: what it changed in the month's closing balance; a row here is a failure: the figures of the day are right, those
--   that were sealed (number) are no longer the ones known now. The query postings_after_close names every document
-- unit_es: importes, cargo +: lo que cambió el saldo al cierre del mes; cada renglón es una falla: las cifras del día son correctas, las
--   selladas (number) ya no son las que hoy se conocen. La consulta postings_after_close nombra cada documento
-- title_es: Nada se contabilizó en periodos cerrados
-- title_en: Nothing was posted into closed periods
-- holds: select s.period from (select period, sum(amount) as amount from this group by period) s join (select period, sum(amount) as amount
--   from postings_after_close($as_of) group by period) d on d.period = s.period where d.amount <> s.amount
-- severity: warning
-- source: PACKS close 8, PITFALLS P47
with final as (
    select
        period, period_end, number, load_id, company_id, currency,
        count(distinct document_id) as documents,
        sum(postings) as postings,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from postings_after_close($as_of)
    group by period, period_end, number, load_id, company_id, currency
)

select * from final
