-- name: dso_trend
-- answers: How many days of sales stood in receivables at each month end?
-- answers_es: ¿Cuántos días de venta había en cartera en cada cierre de mes?
-- title_es: DSO, tendencia
-- title_en: DSO trend
-- formula: simple = open / sales of the month x days of the month; 3 months likewise; countback = days of the latest months whose sales
--   make up the open amount; best possible = not yet due / sales of the month x days; average days delinquent = simple - best possible
-- formula_es: simple = abierto / ventas del mes x días del mes; 3 meses igual; agotamiento = días de los últimos meses cuyas ventas suman
--   lo abierto; mejor posible = por vencer / ventas del mes x días; días promedio de atraso = simple - mejor posible
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   sales text of gross net = 'gross', empty_months text of add_days stop = 'add_days'
-- reads: receivable_figures
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | open_amount money |
--   current_amount money | sales_amount money |
--   sales_3m_amount money | dso_simple_days days | dso_3m_days days | dso_countback_days days | best_possible_dso_days days |
--   average_days_delinquent_days days | reason text
-- order: month_end, scope, company_id, member_id
-- unit: days of the calendar; billings with tax; open amount net of unapplied cash. Never averaged: each row from its own sums.
--   reason lists what makes a figure empty or to be read with care. empty_months as in dso
-- unit_es: días naturales; ventas con impuestos; lo abierto neto de pagos por aplicar. Nunca se promedia: cada renglón sale de sus
--   propias sumas. reason dice qué deja vacía una cifra o pide leerla con cuidado. empty_months como en dso
-- holds: select month_end from this where abs(dso_simple_days - best_possible_dso_days - average_days_delinquent_days) > 0.0002
-- holds: select month_end from this where (dso_simple_days is null or dso_3m_days is null) and reason is null
-- cases: no_sales, negative_sales, no_sales_3m, negative_sales_3m, short_window, no_ar, credit_balance, empty_month, history_exhausted,
--   stopped_at_empty_month, unapplied_exceeds_past_due
-- source: METRICS 3 to 8
select
    month_end, scope, company_id, member_id, member_name, currency, open_amount, current_amount, sales_amount, sales_3m_amount,
    dso_simple_days, dso_3m_days, dso_countback_days, best_possible_dso_days,
    average_days_delinquent_days,
    nullif(
        concat_ws(
            '; ', balance_reason, month_reason, quarter_reason, countback_reason,
            case when average_days_delinquent_days < 0.00 then 'unapplied_exceeds_past_due' end
        ), ''
    ) as reason
from receivable_figures($from, $to, $grain, $sales, $empty_months)
