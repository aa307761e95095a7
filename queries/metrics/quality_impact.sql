-- name: quality_impact
-- answers: What does the data lack, how much money does it concern, and which figures does it bend?
-- answers_es: ¿Qué le falta a los datos, a cuánto dinero afecta y qué cifras altera?
-- title_es: Calidad de los datos
-- title_en: Data quality
-- formula: rows set aside by the loads, applications that wait for their document, and rows without what figures need, by cause
-- formula_es: renglones apartados por las cargas, aplicaciones que esperan su documento y renglones sin lo que las cifras necesitan, por causa
-- grain: one row per row_class, code, table_name, company_id, currency
-- params: as_of date
-- reads: quality_rows
-- columns: row_class text | code text | table_name text | company_id id | currency text | row_count int | amount money | kpis text | example
--   text
-- order: row_class, code, table_name, company_id, currency
-- unit: rows and money in the currency of the rows, debit +; never to be added over currencies, nor over codes: a row may lack several
--   things. rejected: set aside by any load up to now, amount as far as it could be read; waiting: applications and reversals whose document
--   is not known; lacking: posted up to the day without a due day, a customer, a receipt, an exchange rate, more than once or for less than
--   nothing. kpis names the queries that it bends most. A clean ledger has no rows
-- unit_es: renglones e importes en la moneda de los renglones, cargo +; no se suman entre monedas ni entre causas: a un renglón le pueden
--   faltar varias cosas. rejected: apartados por cualquier carga hasta ahora, con el importe que pudo leerse; waiting: aplicaciones y
--   cancelaciones cuyo documento no se conoce; lacking: contabilizado hasta el día sin vencimiento, cliente, pago o tipo de cambio, más de
--   una vez o por menos de nada. kpis nombra las consultas que más altera. Una cartera limpia no tiene renglones
-- holds: select code from this where row_count < 1
-- holds: select 1 from this having sum(row_count) <> (select count(*) from quality_rows($as_of))
-- inputs: amount = select * from quality_rows($as_of) where amount is not null
-- inputs: row_count = select row_class, code, table_name, company_id, currency, row_key, 1 as amount from quality_rows($as_of)
-- source: METRICS 0.3 and 2, PITFALLS P17, P33 and P35
select
    row_class, code, table_name, company_id, currency, count(*) as row_count, sum(amount) as amount, max(kpis) as kpis,
    min(row_key) as example
from quality_rows($as_of)
group by row_class, code, table_name, company_id, currency
