-- name: late_postings
-- answers: What did later loads post into days that had been reported, and on which documents?
-- answers_es: ¿Qué contabilizaron cargas posteriores en días ya informados y en qué documentos?
-- title_es: Movimientos conocidos después de informar
-- title_en: Postings learned after the report
-- formula: open balance of the day as known now - as known then, by load, cause and document
-- formula_es: saldo abierto del día como se conoce ahora - como se conocía entonces, por carga, causa y documento
-- grain: one row per load_id, company_id, document_id, customer_id, currency, cause
-- params: as_of date, known_load int = null
-- reads: movements, loads
-- columns: load_id int | extract_day date | company_id id | cause text | customer_id id | document_id id | currency text |
--   first_posting_date date | last_posting_date date | movements int | amount money | company_amount money
-- order: load_id, company_id, cause, customer_id, document_id, currency
-- unit: money in the document's currency and as booked, debit +; adds up to the change of the day's balance. Known then: up to known_load
--   (empty: the last load whose extract is of the day or before; without one nothing had been reported). Reclassified items may net to
--   nothing and stay listed
-- unit_es: importes en la moneda del documento y según libros, cargo +; suman el cambio del saldo del día. Conocido entonces: hasta
--   known_load (vacío: la última carga cuyo archivo es del día o anterior; sin ella nada se había informado). Las partidas reclasificadas
--   pueden sumar cero y se listan
-- holds: select t.a from (select coalesce(sum(amount), 0.00) as a, coalesce(sum(company_amount), 0.00) as b from this) t
--   where t.a <> (select coalesce(sum(amount), 0.00) from movements where posting_date <= $as_of and load_id > coalesce($known_load,
--   (select max(load_id) from loads where extract_day <= $as_of)))
-- inputs: amount = select load_id, company_id, document_id, customer_id, currency, cause, movement_kind, effect, posting_date,
--   counter_document_id, amount from movements where posting_date <= $as_of and load_id > coalesce($known_load,
--   (select max(load_id) from loads where extract_day <= $as_of))
-- source: METRICS 1, PITFALLS P47
with reported as (
    select coalesce($known_load, max(load_id)) as load_id
    from loads
    where extract_day <= $as_of
),

final as (
    select
        m.load_id, l.extract_day, m.company_id, m.cause, m.customer_id, m.document_id, m.currency,
        min(m.posting_date) as first_posting_date,
        max(m.posting_date) as last_posting_date,
        count(*) as movements,
        sum(m.amount) as amount,
        sum(m.company_amount) as company_amount
    from movements m
    join reported r on m.load_id > r.load_id
    join loads l on l.load_id = m.load_id
    where m.posting_date <= $as_of
    group by m.load_id, l.extract_day, m.company_id, m.cause, m.customer_id, m.document_id, m.currency
)

select * from final
