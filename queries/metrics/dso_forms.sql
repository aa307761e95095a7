-- name: dso_forms
-- answers: What do the other published forms of DSO give on the same figures?
-- answers_es: ¿Qué resultado dan las otras formas publicadas de calcular el DSO con las mismas cifras?
-- title_es: Otras formas del DSO
-- title_en: Other forms of DSO
-- formula: average = (beginning + ending) / 2 / sales of the month x days; 12 months = ending / sales of 12 months x days; CRF = sum of the last
--   3 month ends x 30 / sales of 3 months
-- formula_es: promedio = (inicial + final) / 2 / ventas del mes x días; 12 meses = final / ventas de 12 meses x días; CRF = suma de los últimos
--   3 cierres x 30 / ventas de 3 meses
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', sales text of gross net = 'gross',
--   month_days text of calendar thirty = 'calendar'
-- reads: year_figures
-- columns: scope text | company_id id | member_id id | member_name text | currency text | open_amount money | sales_amount money |
--   sales_12m_amount money | dso_average_days days | dso_12m_days days | dso_crf_3m_days days | reason text
-- order: scope, company_id, member_id
-- unit: days; of the calendar, or every month as 30 (CRF always 30). Open amount net of unapplied cash
-- unit_es: días; naturales, o cada mes de 30 (CRF siempre 30). Lo abierto, neto de efectivo sin aplicar
-- holds: select member_id from this where sales_amount > 0.00 and dso_average_days is null
-- inputs: open_amount = select * from member_items($as_of, $grain) where aging_class <> 'advances' or is_control
-- inputs: sales_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of), $as_of, $grain)
-- inputs: sales_12m_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of) - interval '11 months', $as_of, $grain)
-- cases: no_sales
-- source: METRICS 3 and 4
select
    scope, company_id, member_id, member_name, currency, open_amount, sales_amount, sales_12m_amount,
    case when sales_amount > 0.00
        then ratio((beginning_amount + open_amount) * case when $month_days = 'thirty' then 30 else month_days end, sales_amount * 2) end
        as dso_average_days,
    case when sales_12m_amount > 0.00
        then ratio(open_amount * case when $month_days = 'thirty' then 360 else year_days end, sales_12m_amount) end as dso_12m_days,
    case when sales_3m_amount > 0.00 then ratio(open_3_amount * 30, sales_3m_amount) end as dso_crf_3m_days,
    case when sales_amount <= 0.00 or sales_3m_amount <= 0.00 or sales_12m_amount <= 0.00 then 'no_sales' end as reason
from year_figures($as_of, $grain, $sales)
