-- name: risk_scores
-- answers: Which customers are a risk, and why?
-- answers_es: ¿Qué clientes son un riesgo y por qué?
-- title_es: Tarjeta de riesgo
-- title_en: Risk card
-- formula: points grow in a straight line up to the most of each reason: past-due share of the open debits, most at 100 %; worst days
--   late, most at 120; days late of the last 3 months against the 12 before, most at 30 more; promises broken in 12 months, most at 3;
--   share of the open debits in dispute, most at 50 %; use of the credit limit, from 50 %, most at 125 %
-- formula_es: los puntos crecen en línea recta hasta el máximo de cada causa: proporción vencida de los cargos, máximo en 100 %; mayor
--   atraso, máximo en 120 días; atraso de los últimos 3 meses contra los 12 anteriores, máximo en 30 días más; promesas rotas en 12
--   meses, máximo en 3; proporción en disputa, máximo en 50 %; uso del límite, desde 50 %, máximo en 125 %
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: risk_cards
-- columns: company_id id | customer_id id | customer_name text | currency text | open_amount_company money |
--   past_due_amount_company money | score int | band text | points_past_due_share int | points_worst_days_late int |
--   points_days_late_trend int | points_broken_promises int | points_disputes int | points_utilisation int | reasons text
-- order: score desc, company_id, customer_id
-- unit: points, most of each reason in the project's settings (100 together); booked money. Use of the limit = (open items of all kinds
--   + last
--   known open orders and unbilled deliveries - guarantees) / limit; a limit of 0 with exposure is in full breach. Only what was
--   posted, taken,
--   opened or valid up to the day. Customers with open debits, none of them our own company; band low under 35, medium under 65, else
--   high. Not validated against losses
-- unit_es: puntos, el máximo de cada causa en la configuración del proyecto (100 en total); importes en libros. Uso del límite =
--   (partidas abiertas de todo tipo + últimos pedidos y entregas por facturar - garantías) / límite; un límite de 0 con exposición está
--   rebasado por completo. Sólo lo contabilizado, prometido, abierto o vigente hasta el día. Clientes con cargos abiertos que no son
--   empresas propias; nivel bajo hasta 35, medio hasta 65, alto desde ahí. No está validada contra pérdidas
-- holds: select customer_id from this where score <> points_past_due_share + points_worst_days_late + points_days_late_trend
--   + points_broken_promises + points_disputes + points_utilisation
-- holds: select customer_id from this where (score = 0) <> (reasons is null)
-- source: METRICS 2, 9, 17, 19, 21 and 25, PITFALLS P30
select
    company_id, customer_id, customer_name, currency, open_amount_company, past_due_amount_company, score, band, points_past_due_share,
    points_worst_days_late, points_days_late_trend, points_broken_promises, points_disputes, points_utilisation, reasons
from risk_cards($as_of)
