-- name: kpis
-- answers: What are the key figures of receivables?
-- answers_es: ¿Cuáles son las cifras clave de la cartera?
-- title_es: Indicadores clave
-- title_en: Key figures
-- formula: shares of the open debits; DSO over 3 months; average days delinquent = DSO - best possible DSO; CEI = (beginning + sales -
--   ending) / (beginning + sales - not yet due) of the month
-- formula_es: proporciones de los cargos abiertos; DSO de 3 meses; días promedio de atraso = DSO - mejor DSO posible; CEI = (inicial +
--   ventas - final) / (inicial + ventas - por vencer) del mes
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   sales text of gross net = 'gross'
-- reads: kpis_trend
-- columns: scope text | company_id id | member_id id | member_name text | currency text | open_amount money | current_pct pct |
--   past_due_amount money | past_due_pct pct |
--   over_90_amount money | over_90_pct pct | unapplied_amount money | dso_3m_days days | best_possible_dso_3m_days days |
--   average_days_delinquent_days days | cei_pct pct | cash_amount money | sales_amount money | reason text
-- order: scope, company_id, member_id
-- unit: money, per cent and days; cash and sales of the month up to the day
-- unit_es: importes, por ciento y días; cobros y ventas del mes hasta el día
-- holds: select scope from this where abs(current_pct + past_due_pct - 100) > 0.001
-- inputs: open_amount = select * from member_items($as_of, $grain) where aging_class <> 'advances' or is_control
-- inputs: past_due_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and due_date < $as_of
-- inputs: over_90_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and due_date < $as_of - 90
-- inputs: unapplied_amount = select * from member_items($as_of, $grain) where aging_class = 'unapplied'
-- inputs: cash_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, movement_kind, posting_date,
--   document_currency, document_amount, -amount as amount, rate from member_movements(month_start($as_of), $as_of, $grain)
--   where movement_kind in ('receipt', 'cash', 'apply_receipt')
-- inputs: sales_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of), $as_of, $grain)
-- cases: no_items, no_ar, credit_balance, no_sales_3m, negative_sales_3m, short_window, nothing_collectable, unapplied_exceeds_past_due
-- source: METRICS 4, 7, 8, 11 and 13
select
    scope, company_id, member_id, member_name, currency, open_amount, current_pct, past_due_amount, past_due_pct, over_90_amount, over_90_pct,
    unapplied_amount, dso_3m_days, best_possible_dso_3m_days, average_days_delinquent_days, cei_pct, cash_amount, sales_amount, reason
from kpis_trend($as_of, $as_of, $grain, $sales)
