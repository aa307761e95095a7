-- name: dso
-- answers: How many days of sales stand in receivables?
-- answers_es: ¿Cuántos días de venta hay en cartera?
-- title_es: Días de venta pendientes de cobro (DSO)
-- title_en: Days sales outstanding (DSO)
-- formula: simple = open / sales of the month x days of the month; 3 months likewise; countback = days of the latest months whose sales
--   make up the open amount; best possible = not yet due / sales of the month x days; average days delinquent = simple - best possible
-- formula_es: simple = abierto / ventas del mes x días del mes; 3 meses igual; agotamiento = días de los últimos meses cuyas ventas suman
--   lo abierto; mejor posible = por vencer / ventas del mes x días; días promedio de atraso = simple - mejor posible
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   sales text of gross net = 'gross'
-- reads: dso_trend
-- columns: scope text | company_id id | member_id id | member_name text | currency text | open_amount money | current_amount money |
--   sales_amount money |
--   sales_3m_amount money | dso_simple_days days | dso_3m_days days | dso_countback_days days | best_possible_dso_days days |
--   average_days_delinquent_days days | reason text
-- order: scope, company_id, member_id
-- unit: days of the calendar; within a month: days elapsed and sales to date. Never averaged: each row from its own sums
-- unit_es: días naturales; dentro del mes: días transcurridos y ventas a la fecha. Nunca se promedia: cada renglón sale de sus propias
--   sumas
-- holds: select scope from this where abs(dso_simple_days - best_possible_dso_days - average_days_delinquent_days) > 0.0002
-- inputs: open_amount = select * from member_items($as_of, $grain) where aging_class <> 'advances' or is_control
-- inputs: current_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and due_date >= $as_of
-- inputs: sales_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of), $as_of, $grain)
-- inputs: sales_3m_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of) - interval '2 months', $as_of, $grain)
-- cases: no_sales, negative_sales, no_sales_3m, negative_sales_3m, short_window, no_ar, credit_balance, empty_month, history_exhausted,
--   unapplied_exceeds_past_due
-- source: METRICS 3 to 8, PITFALLS P42
select
    scope, company_id, member_id, member_name, currency, open_amount, current_amount, sales_amount, sales_3m_amount,
    dso_simple_days, dso_3m_days, dso_countback_days, best_possible_dso_days, average_days_delinquent_days, reason
from dso_trend($as_of, $as_of, $grain, $sales)
