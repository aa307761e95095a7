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
-- reads: customer_positions, customer_lateness, disputed_amounts, promise_outcomes, exposures, customers_as_of, companies, closing_rates, settings
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
with positions as (
    select
        company_id, customer_id,
        sum(open_amount_company) as open_amount,
        sum(debit_amount_company) as debit_amount,
        sum(past_due_amount_company) as past_due_amount,
        max(worst_days_late) as worst_days_late
    from customer_positions($as_of)
    group by company_id, customer_id
    having sum(debit_amount_company) > 0.00
),

disputed as (
    select company_id, customer_id, sum(disputed_amount_company) as disputed_amount
    from disputed_amounts($as_of)
    group by company_id, customer_id
),

promised as (
    select company_id, customer_id, count(*) as broken_promises
    from promise_outcomes($as_of)
    where state = 'broken' and resolved_date > $as_of - interval '12 months'
    group by company_id, customer_id
),

exposed_last as (
    select
        company_id, customer_id, kind, amount, currency,
        rank() over (partition by company_id, customer_id, kind order by as_of desc) as age_rank
    from exposures
    where as_of <= $as_of
),

exposed as (
    select
        e.company_id, e.customer_id,
        sum(
            case when e.kind = 'guarantee' then -1 else 1 end * e.amount
            * case when e.currency = c.functional_currency then 1.00
                else required_rate(r.rate, e.currency, c.functional_currency, $as_of) end
        ) as further_amount
    from exposed_last e
    join companies c on c.company_id = e.company_id
    left join closing_rates($as_of) r on r.currency = e.currency and r.to_currency = c.functional_currency
    where e.age_rank = 1
    group by e.company_id, e.customer_id
),

limits as (
    select
        k.company_id, k.customer_id, k.name, k.counterparty_company_id, c.functional_currency as currency,
        k.credit_limit
        * case when coalesce(k.credit_currency, c.functional_currency) = c.functional_currency or k.credit_limit is null then 1.00
            else required_rate(r.rate, k.credit_currency, c.functional_currency, $as_of) end as limit_amount
    from customers_as_of($as_of) k
    join companies c on c.company_id = k.company_id
    left join closing_rates($as_of) r on r.currency = k.credit_currency and r.to_currency = c.functional_currency
),

measured as (
    select
        p.company_id, p.customer_id, coalesce(l.name, p.customer_id) as customer_name, c.functional_currency as currency,
        p.open_amount, p.past_due_amount,
        coalesce(ratio(p.past_due_amount, p.debit_amount), 0.00) as past_due_ratio,
        coalesce(p.worst_days_late, 0) as worst_days_late,
        coalesce(t.late_3m_days - t.late_before_days, 0.00) as days_later,
        coalesce(b.broken_promises, 0) as broken_promises,
        coalesce(ratio(d.disputed_amount, p.debit_amount), 0.00) as disputed_ratio,
        case
            when l.limit_amount is null or p.open_amount + coalesce(e.further_amount, 0.00) <= 0.00 then 0.00
            when l.limit_amount = 0.00 then 9.99
            else ratio(p.open_amount + coalesce(e.further_amount, 0.00), l.limit_amount)
        end as used_ratio,
        coalesce(l.limit_amount = 0.00, false) as has_no_credit
    from positions p
    join companies c on c.company_id = p.company_id
    left join limits l on l.company_id = p.company_id and l.customer_id = p.customer_id
    left join disputed d on d.company_id = p.company_id and d.customer_id = p.customer_id
    left join promised b on b.company_id = p.company_id and b.customer_id = p.customer_id
    left join exposed e on e.company_id = p.company_id and e.customer_id = p.customer_id
    left join customer_lateness($as_of) t on t.company_id = p.company_id and t.customer_id = p.customer_id
    where l.counterparty_company_id is null
),

-- one row per customer and reason: how far along its line, the most points, the figure in words
lined as (
    select
        m.company_id, m.customer_id, m.customer_name, m.currency, m.open_amount, m.past_due_amount, f.position, f.code,
        case f.position
            when 1 then s.points_past_due_share when 2 then s.points_worst_days_late when 3 then s.points_days_late_trend
            when 4 then s.points_broken_promises when 5 then s.points_disputes else s.points_utilisation
        end as most_points,
        case f.position
            when 1 then m.past_due_ratio
            when 2 then ratio(m.worst_days_late * 1.00, 120.00)
            when 3 then ratio(m.days_later, 30.00)
            when 4 then ratio(m.broken_promises * 1.00, 3.00)
            when 5 then ratio(m.disputed_ratio, 0.50)
            else ratio(m.used_ratio - 0.50, 0.75)
        end as along,
        case
            when f.position = 1 then concat(cast(cast(round(m.past_due_ratio * 100, 1) as decimal(18, 1)) as varchar), '%')
            when f.position = 2 then cast(m.worst_days_late as varchar)
            when f.position = 3 then concat('+', cast(cast(round(m.days_later, 1) as decimal(18, 1)) as varchar), ' days')
            when f.position = 4 then cast(m.broken_promises as varchar)
            when f.position = 5 then concat(cast(cast(round(m.disputed_ratio * 100, 1) as decimal(18, 1)) as varchar), '%')
            when m.has_no_credit then 'of no limit'
            else concat(cast(cast(round(m.used_ratio * 100, 0) as decimal(18, 0)) as varchar), '%')
        end as figure
    from measured m
    cross join settings s
    cross join (
        values
            (1, 'past_due_share'), (2, 'worst_days_late'), (3, 'days_late_trend'), (4, 'broken_promises'), (5, 'disputes'),
            (6, 'utilisation')
    ) as f (position, code)
),

pointed as (
    select *, cast(round(most_points * least(greatest(along, 0.00), 1.00), 0) as int) as points
    from lined
),

ranked as (
    select *, row_number() over (partition by company_id, customer_id order by points desc, position) as reason_rank
    from pointed
),

final as (
    select
        company_id, customer_id, customer_name, currency, open_amount as open_amount_company, past_due_amount as past_due_amount_company,
        sum(points) as score,
        case when sum(points) < 35 then 'low' when sum(points) < 65 then 'medium' else 'high' end as band,
        max(case when position = 1 then points end) as points_past_due_share,
        max(case when position = 2 then points end) as points_worst_days_late,
        max(case when position = 3 then points end) as points_days_late_trend,
        max(case when position = 4 then points end) as points_broken_promises,
        max(case when position = 5 then points end) as points_disputes,
        max(case when position = 6 then points end) as points_utilisation,
        nullif(
            concat_ws(
                '; ',
                max(case when reason_rank = 1 and points > 0 then concat(code, ' ', figure) end),
                max(case when reason_rank = 2 and points > 0 then concat(code, ' ', figure) end),
                max(case when reason_rank = 3 and points > 0 then concat(code, ' ', figure) end)
            ), ''
        ) as reasons
    from ranked
    group by company_id, customer_id, customer_name, currency, open_amount, past_due_amount
)

select * from final
