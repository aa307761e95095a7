-- name: risk_movers
-- answers: Whose risk rose since the day before a period, and whose fell?
-- answers_es: ¿El riesgo de quién subió desde el día anterior al periodo y el de quién bajó?
-- title_es: Cambios de riesgo
-- title_en: Movers in risk
-- formula: change = points of the day `to` - points of the day before `from`
-- formula_es: cambio = puntos del día `to` - puntos del día anterior a `from`
-- grain: one row per company_id, customer_id
-- params: from date, to date
-- reads: risk_scores
-- columns: company_id id | customer_id id | customer_name text | currency text | score_then int | score int | change_points int |
--   band_then text | band text | movement text | move_order int | open_amount_company money | past_due_amount_company money |
--   reasons text
-- order: move_order, company_id, customer_id
-- unit: points of 100 and booked money of the day `to`. A customer without open debits has no points and no band. movement: worse,
--   better, same. move_order: the largest change first, rises before falls of the same size. Both days as known at the load looked from
-- unit_es: puntos de 100 e importes en libros del día `to`. Un cliente sin cargos abiertos no tiene puntos ni nivel. movement: worse
--   (peor), better (mejor), same (igual). move_order: primero el cambio mayor, las alzas antes que las bajas del mismo tamaño. Ambos días
--   como se conocen en la carga desde la que se mira
-- holds: select customer_id from this where change_points <> score - score_then or (band is null and score <> 0)
--   or (band_then is null and score_then <> 0) or movement <> case when change_points > 0 then 'worse' when change_points < 0 then
--   'better' else 'same' end
-- holds: select t.a from (select coalesce(sum(score), 0) as a, coalesce(sum(score_then), 0) as b from this) t
--   where t.a <> (select coalesce(sum(score), 0) from risk_scores($to)) or t.b <> (select coalesce(sum(score), 0) from
--   risk_scores($from - 1))
-- source: METRICS 25
with of_the_day as (
    select company_id, customer_id, customer_name, currency, score, band, open_amount_company, past_due_amount_company, reasons
    from risk_scores($to)
),

of_then as (
    select company_id, customer_id, customer_name, currency, score, band
    from risk_scores($from - 1)
),

compared as (
    select
        coalesce(n.company_id, t.company_id) as company_id,
        coalesce(n.customer_id, t.customer_id) as customer_id,
        coalesce(n.customer_name, t.customer_name) as customer_name,
        coalesce(n.currency, t.currency) as currency,
        coalesce(t.score, 0) as score_then,
        coalesce(n.score, 0) as score,
        coalesce(n.score, 0) - coalesce(t.score, 0) as change_points,
        t.band as band_then,
        n.band,
        coalesce(n.open_amount_company, 0.00) as open_amount_company,
        coalesce(n.past_due_amount_company, 0.00) as past_due_amount_company,
        n.reasons
    from of_the_day n
    full join of_then t on t.company_id = n.company_id and t.customer_id = n.customer_id
),

final as (
    select
        company_id, customer_id, customer_name, currency, score_then, score, change_points, band_then, band,
        case when change_points > 0 then 'worse' when change_points < 0 then 'better' else 'same' end as movement,
        cast(rank() over (order by abs(change_points) desc, change_points desc) as int) as move_order,
        open_amount_company, past_due_amount_company, reasons
    from compared
)

select * from final
