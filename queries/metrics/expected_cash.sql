-- name: expected_cash
-- answers: When is what is open expected to come in?
-- answers_es: ¿Cuándo se espera cobrar lo que está abierto?
-- title_es: Cobranza esperada
-- title_en: Expected collections
-- formula: due day + the customer's median days beyond terms of 12 months; open promises come before it, what is disputed is held back
-- formula_es: vencimiento + mediana de días fuera de plazo del cliente en 12 meses; las promesas abiertas van antes y lo disputado se
--   retiene
-- grain: one row per scope, company_id, member_id, period_order
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', period text of week month =
--   'week', periods int = 13
-- reads: expected_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | period_order int | bucket text | period_start
--   date | period_end date | open_amount money | expected_amount money | promised_amount money | items int
-- order: scope, company_id, member_id, period_order
-- unit: money. Weeks of 7 days or calendar months from the day after. passed: the day it was expected on has come; later: after the last
--   period; disputed: held back, expected_amount 0. A forecast, no booking: open items are what they are. Every item in full: neither the
--   chance of loss, nor unapplied cash and credit memos of the customer, nor later billing is in it. A period without items has no row
-- unit_es: importes. Semanas de 7 días o meses desde el día siguiente. passed: el día esperado ya llegó; later: después del último
--   periodo; disputed: retenido, expected_amount 0. Es pronóstico, no registro: las partidas abiertas son las que son. Cada partida
--   completa: sin probabilidad de pérdida, sin pagos por aplicar ni notas de crédito del cliente, sin facturación posterior. Un periodo
--   sin partidas no tiene renglón
-- holds: select scope from this where expected_amount <> case when bucket = 'disputed' then 0.00 else open_amount end or promised_amount
--   > expected_amount + 0.01
-- holds: select t.a from (select sum(open_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and abs(t.a - (select sum(open_amount_company) from item_balances($as_of) where aging_class = 'due'
--   and open_amount > 0.00)) > 0.05
-- inputs: open_amount = select * from expected_items($as_of, $grain, $period, $periods)
-- inputs: promised_amount = select * from expected_items($as_of, $grain, $period, $periods) where basis in ('promise',
--   'promise_document')
-- source: METRICS 24 (b), PITFALLS P9 and P31
with summed as (
    select
        scope, company_id, member_id, member_name, currency, period_order,
        sum(amount * rate) as open_amount,
        sum(case when basis = 'disputed' then 0.00 else amount * rate end) as expected_amount,
        sum(case when basis in ('promise', 'promise_document') then amount * rate else 0.00 end) as promised_amount,
        count(distinct concat(owner_id, ' ', document_id, '/', cast(instalment as varchar))) as items,
        cast(date_part('year', $as_of + 1) * 12 + date_part('month', $as_of + 1) as int) + period_order - 1 as month_number,
        case
            when period_order = 0 then 'passed'
            when period_order = cast($periods as int) + 1 then 'later'
            when period_order = cast($periods as int) + 2 then 'disputed'
            else $period
        end as bucket
    from expected_items($as_of, $grain, $period, $periods)
    group by scope, company_id, member_id, member_name, currency, period_order
),

begun as (
    select
        *,
        case
            when bucket = 'week' or (bucket = 'later' and $period = 'week') then $as_of + cast(period_order * 7 - 6 as int)
            when bucket = 'month' or bucket = 'later' then greatest(
                make_date(cast((month_number - 1) / 12 as int), cast((month_number - 1) % 12 + 1 as int), 1), $as_of + 1
            )
        end as period_start
    from summed
),

final as (
    select
        scope, company_id, member_id, member_name, currency, period_order, bucket, period_start,
        case bucket when 'week' then period_start + 6 when 'month' then month_end(period_start) when 'passed' then $as_of end as
            period_end,
        open_amount, expected_amount, promised_amount, items
    from begun
)

select * from final
