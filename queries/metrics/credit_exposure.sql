-- name: credit_exposure
-- answers: How much of its credit limit does each customer use on a day, and who is over it?
-- answers_es: ¿Cuánto de su límite de crédito usa cada cliente en un día y quién lo rebasa?
-- title_es: Uso del límite de crédito por cliente
-- title_en: Credit limit use by customer
-- formula: exposure = open items + open orders + unbilled deliveries - unapplied cash - guarantees; use = exposure / limit, below zero 0
-- formula_es: exposición = partidas abiertas + pedidos abiertos + entregas por facturar - pagos por aplicar - garantías; uso = exposición
--   / límite, bajo cero 0
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: credit_parts, customers_as_of
-- columns: company_id id | customer_id id | customer_name text | currency text | status text | items_amount money | open_orders_amount
--   money | unbilled_amount money | unapplied_amount money | guarantees_amount money | exposure_amount money | limit_amount money |
--   headroom_amount money | utilisation_pct pct | is_breach bool | reason text
-- order: company_id, customer_id
-- unit: money in the currency of the company, items as booked, limit and the rest at the closing rate of the day; the limit is that of
--   the day. Items are debits less credit memos. Unapplied cash and guarantees are shown + and taken off. A limit of 0 has no use in per
--   cent, and any exposure breaches it; where there is no limit nothing is breached
-- unit_es: importes en la moneda de la empresa, las partidas según libros, el límite y lo demás al tipo de cierre del día; el límite es
--   el del día. Las partidas son cargos menos notas de crédito. Pagos por aplicar y garantías se muestran + y se restan. Un límite de 0
--   no tiene uso en por ciento y cualquier exposición lo rebasa; sin límite nada se rebasa
-- holds: select customer_id from this where abs(items_amount + open_orders_amount + unbilled_amount - unapplied_amount -
--   guarantees_amount - exposure_amount) > 0.02 or abs(limit_amount - exposure_amount - headroom_amount) > 0.01
-- holds: select customer_id from this where is_breach <> coalesce(exposure_amount > limit_amount and exposure_amount > 0.00, false) or
--   utilisation_pct < 0.00 or (utilisation_pct is null) <> (reason is not null)
-- holds: select t.a from (select sum(items_amount - unapplied_amount) as a from this) t where t.a <> (select sum(open_amount) from
--   kpis($as_of, 'customer'))
-- inputs: items_amount = select company_id, customer_id, document_id, instalment, document_kind, due_date, document_currency,
--   document_amount, amount, rate from credit_parts($as_of, 'customer') where part = 'items'
-- inputs: exposure_amount = select company_id, customer_id, part, document_id, instalment, document_kind, due_date, document_currency,
--   document_amount, amount, rate from credit_parts($as_of, 'customer') where part <> 'limit'
-- inputs: limit_amount = select company_id, customer_id, document_currency, document_amount, amount, rate from credit_parts($as_of,
--   'customer') where part = 'limit'
-- cases: no_limit
-- source: METRICS 21
with summed as (
    select
        company_id, customer_id, member_name as customer_name, currency,
        sum(case when part = 'items' then amount * rate else 0.00 end) as items_amount,
        sum(case when part = 'open_orders' then amount * rate else 0.00 end) as open_orders_amount,
        sum(case when part = 'unbilled' then amount * rate else 0.00 end) as unbilled_amount,
        sum(case when part = 'unapplied' then -amount * rate else 0.00 end) as unapplied_amount,
        sum(case when part = 'guarantee' then -amount * rate else 0.00 end) as guarantees_amount,
        sum(case when part = 'limit' then amount * rate end) as limit_amount
    from credit_parts($as_of, 'customer')
    group by company_id, customer_id, member_name, currency
),

exposed as (
    select
        *, items_amount + open_orders_amount + unbilled_amount - unapplied_amount - guarantees_amount as exposure_amount
    from summed
),

final as (
    select
        e.company_id, e.customer_id, e.customer_name, e.currency, k.status, e.items_amount, e.open_orders_amount, e.unbilled_amount,
        e.unapplied_amount, e.guarantees_amount, e.exposure_amount, e.limit_amount,
        e.limit_amount - e.exposure_amount as headroom_amount,
        case when e.limit_amount > 0.00 then ratio(100 * greatest(e.exposure_amount, 0.00), e.limit_amount) end as utilisation_pct,
        coalesce(e.exposure_amount > e.limit_amount and e.exposure_amount > 0.00, false) as is_breach,
        case when coalesce(e.limit_amount, 0.00) <= 0.00 then 'no_limit' end as reason
    from exposed e
    left join customers_as_of($as_of) k on k.company_id = e.company_id and k.customer_id = e.customer_id
)

select * from final
