-- name: credit_utilisation
-- answers: How much of the credit granted is used on a day, and how many customers are over their limit?
-- answers_es: ¿Cuánto del crédito otorgado está en uso y cuántos clientes rebasan su límite?
-- title_es: Uso de las líneas de crédito
-- title_en: Credit limit use
-- formula: sum of exposure / sum of limits, over customers with a limit
-- formula_es: suma de exposición / suma de límites, de los clientes con límite
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: credit_parts
-- columns: scope text | company_id id | member_id id | member_name text | currency text | customers_with_limit int | exposure_amount
--   money | limit_amount money | utilisation_pct pct | breaches int | over_limit_amount money | customers_without_limit int |
--   exposure_without_limit_amount money | reason text
-- order: scope, company_id, member_id
-- unit: money and per cent. With a limit: a limit over 0; exposure below zero counts as none, it frees nobody else's limit. Breaches:
--   customers whose exposure is over their limit, a limit of 0 too; over_limit is what exceeds. Without a limit: no limit at all
-- unit_es: importes y por ciento. Con límite: un límite mayor a 0; una exposición bajo cero cuenta como ninguna, no libera el límite de
--   otro. Rebasados: clientes con exposición mayor a su límite, también de 0; over_limit es el exceso. Sin límite: ningún límite
-- holds: select scope from this where over_limit_amount < 0.00 or (breaches = 0 and over_limit_amount > 0.00)
-- holds: select scope from this where (utilisation_pct is null) <> (reason is not null)
-- holds: select t.e from (select sum(exposure_amount) as e, sum(limit_amount) as l, sum(breaches) as b from this where scope =
--   'customer') t join (select sum(case when limit_amount > 0.00 then greatest(exposure_amount, 0.00) else 0.00 end) as e,
--   sum(limit_amount) as l, sum(case when is_breach then 1 else 0 end) as b from credit_exposure($as_of)) x on true where t.e <> x.e or
--   t.l <> coalesce(x.l, 0.00) or t.b <> x.b
-- inputs: limit_amount = select * from credit_parts($as_of, $grain) where part = 'limit'
-- inputs: exposure_amount = select * from (select *, sum(case when part = 'limit' then 0.00 else amount * rate end) over (partition by
--   scope, owner_id, customer_id) as exposure, max(case when part = 'limit' then amount end) over (partition by scope, owner_id,
--   customer_id) as limit_of from credit_parts($as_of, $grain)) p where part <> 'limit' and exposure > 0.00 and limit_of > 0.00
-- cases: no_limit
-- source: METRICS 21
with customers_summed as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, customer_id,
        sum(case when part = 'limit' then 0.00 else amount * rate end) as exposure_amount,
        sum(case when part = 'limit' then amount * rate end) as limit_amount
    from credit_parts($as_of, $grain)
    group by scope, company_id, member_id, member_name, currency, owner_id, customer_id
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when limit_amount > 0.00 then 1 else 0 end) as customers_with_limit,
        sum(case when limit_amount > 0.00 then greatest(exposure_amount, 0.00) else 0.00 end) as exposure_amount,
        sum(coalesce(limit_amount, 0.00)) as limit_amount,
        sum(case when exposure_amount > limit_amount and exposure_amount > 0.00 then 1 else 0 end) as breaches,
        sum(
            case when exposure_amount > limit_amount and exposure_amount > 0.00 then exposure_amount - limit_amount else 0.00 end
        ) as over_limit_amount,
        sum(case when limit_amount is null then 1 else 0 end) as customers_without_limit,
        sum(case when limit_amount is null then greatest(exposure_amount, 0.00) else 0.00 end) as exposure_without_limit_amount
    from customers_summed
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, customers_with_limit, exposure_amount, limit_amount,
        case when limit_amount > 0.00 then ratio(100 * exposure_amount, limit_amount) end as utilisation_pct,
        breaches, over_limit_amount, customers_without_limit, exposure_without_limit_amount,
        case when limit_amount <= 0.00 then 'no_limit' end as reason
    from summed
)

select * from final
