-- name: kpis_trend
-- answers: How did the key figures of receivables change from month end to month end?
-- answers_es: ¿Cómo cambiaron las cifras clave de un cierre de mes a otro?
-- title_es: Indicadores clave, tendencia
-- title_en: Key figures, trend
-- formula: shares of the open debits; DSO over 3 months; average days delinquent = DSO - best possible DSO; CEI = (beginning + sales -
--   ending) / (beginning + sales - not yet due) of the month
-- formula_es: proporciones de los cargos abiertos; DSO de 3 meses; días promedio de atraso = DSO - mejor DSO posible; CEI = (inicial +
--   ventas - final) / (inicial + ventas - por vencer) del mes
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   sales text of gross net = 'gross'
-- reads: receivable_figures
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | open_amount money |
--   current_pct pct | past_due_amount money |
--   past_due_pct pct | over_90_amount money | over_90_pct pct | unapplied_amount money | dso_3m_days days |
--   best_possible_dso_3m_days days | average_days_delinquent_days days | cei_pct pct | cash_amount money | sales_amount money |
--   reason text
-- order: month_end, scope, company_id, member_id
-- unit: money, per cent and days; cash and sales of the month up to the day. In the group row CEI takes beginning, sales and ending
--   at the closing rate of the day
-- unit_es: importes, por ciento y días; cobros y ventas del mes hasta el día. En el grupo el CEI toma inicial, ventas y final al tipo de
--   cambio de cierre del día
-- holds: select month_end from this where abs(current_pct + past_due_pct - 100) > 0.001
-- cases: no_items, no_ar, credit_balance, no_sales_3m, negative_sales_3m, short_window, nothing_collectable, unapplied_exceeds_past_due
-- source: METRICS 4, 7, 8, 11 and 13
select
    month_end, scope, company_id, member_id, member_name, currency, open_amount,
    case when debit_amount > 0.00 then ratio(100 * current_amount, debit_amount) end as current_pct,
    past_due_amount,
    case when debit_amount > 0.00 then ratio(100 * past_due_amount, debit_amount) end as past_due_pct,
    over_90_amount,
    case when debit_amount > 0.00 then ratio(100 * over_90_amount, debit_amount) end as over_90_pct,
    unapplied_amount, dso_3m_days, best_possible_dso_3m_days,
    average_days_delinquent_3m_days as average_days_delinquent_days,
    cei_pct, cash_amount, sales_amount,
    nullif(
        concat_ws(
            '; ', balance_reason, case when debit_amount <= 0.00 then 'no_items' end, quarter_reason, collection_reason,
            case when average_days_delinquent_3m_days < 0.00 then 'unapplied_exceeds_past_due' end
        ), ''
    ) as reason
from receivable_figures($from, $to, $grain, $sales)
