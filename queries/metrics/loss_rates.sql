-- name: loss_rates
-- answers: Of what was billed and came into each bucket, how much was lost in the end?
-- answers_es: De lo facturado que llegó a cada rango, ¿cuánto se perdió al final?
-- title_es: Tasas históricas de pérdida
-- title_en: Historical loss rates
-- formula: written off after it came into the bucket, net of recoveries / the most that was open in the bucket
-- formula_es: castigado después de llegar al rango, neto de recuperaciones / lo más que estuvo abierto en el rango
-- grain: one row per scope, company_id, member_id, bucket_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', horizon_days int = 365
-- reads: members, item_losses, aging_buckets
-- columns: scope text | company_id id | member_id id | member_name text | currency text | bucket_order int | bucket text | items int |
--   reached_amount money | lost_amount money | loss_pct pct | reason text
-- order: scope, company_id, member_id, bucket_order
-- unit: money and per cent, of debits billed from `from` to horizon_days before `to`, losses up to `to`: so that the last ones had
--   their time to be lost. An item counts in every bucket it reached, in each once. As billed for a company's own members, at the closing
--   rates of `to` for the group. Members are those of the day `to`
-- unit_es: importes y por ciento, de cargos facturados desde `from` hasta horizon_days antes de `to`, pérdidas hasta `to`: así los
--   últimos tuvieron su tiempo. Una partida cuenta en cada rango que alcanzó, una vez en cada uno. Como se facturó para los miembros de
--   una empresa, a los tipos de cierre de `to` para el grupo. Los miembros son los del día `to`
-- holds: select member_id from this where (loss_pct is null) <> (reason is not null) or (items = 0) <> (reached_amount = 0.00)
-- holds: select member_id from this where loss_pct < 0.0000 or loss_pct > 100.0000
-- inputs: reached_amount = select * from item_losses($from, $to, $grain, $horizon_days)
-- inputs: items = select scope, company_id, member_id, bucket_order, owner_id, customer_id, document_id, instalment, 1 as amount
--   from item_losses($from, $to, $grain, $horizon_days)
-- inputs: lost_amount = select scope, company_id, member_id, bucket_order, owner_id, customer_id, document_id, instalment,
--   lost_amount as amount, rate from item_losses($from, $to, $grain, $horizon_days)
-- cases: no_history
-- source: METRICS 15
with everybody as (
    select scope, company_id, member_id, max(member_name) as member_name, max(currency) as currency
    from members($to, $grain)
    where member_id is not null
    group by scope, company_id, member_id
),

summed as (
    select
        scope, company_id, member_id, max(currency) as currency, bucket_order,
        count(*) as items,
        sum(amount * rate) as reached_amount,
        sum(lost_amount * rate) as lost_amount
    from item_losses($from, $to, $grain, $horizon_days)
    group by scope, company_id, member_id, bucket_order
),

-- every bucket for every member, also those without history; by currency there are only those with
known as (
    select
        coalesce(e.scope, s.scope) as scope, coalesce(e.company_id, s.company_id) as company_id,
        coalesce(e.member_id, s.member_id) as member_id, coalesce(e.member_name, s.member_id) as member_name,
        coalesce(e.currency, s.currency) as currency, s.bucket_order, s.items, s.reached_amount, s.lost_amount
    from everybody e
    full join summed s on s.scope = e.scope and s.company_id = e.company_id and s.member_id = e.member_id
),

filled as (
    select
        k.scope, k.company_id, k.member_id, k.member_name, k.currency, b.bucket_order, b.bucket,
        sum(case when k.bucket_order = b.bucket_order then k.items else 0 end) as items,
        sum(case when k.bucket_order = b.bucket_order then k.reached_amount else 0 end) as reached_amount,
        sum(case when k.bucket_order = b.bucket_order then k.lost_amount else 0 end) as lost_amount
    from known k
    cross join aging_buckets b
    group by k.scope, k.company_id, k.member_id, k.member_name, k.currency, b.bucket_order, b.bucket
),

final as (
    select
        scope, company_id, member_id, member_name, currency, bucket_order, bucket, items, reached_amount, lost_amount,
        case when reached_amount > 0 then ratio(100 * lost_amount, reached_amount) end as loss_pct,
        case when reached_amount <= 0 then 'no_history' end as reason
    from filled
)

select * from final
