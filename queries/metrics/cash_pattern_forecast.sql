-- name: cash_pattern_forecast
-- answers: What comes in during the next months on what is already billed, if customers go on paying as they did?
-- answers_es: ¿Cuánto entra en los próximos meses por lo ya facturado, si los clientes siguen pagando como hasta ahora?
-- title_es: Pronóstico de cobranza por patrón de cobro
-- title_en: Cash forecast by payment pattern
-- formula: cash of a month = sum over billing months of sales x share paid that many months after billing
-- formula_es: efectivo de un mes = suma por mes de facturación de ventas x proporción pagada a esa edad
-- grain: one row per scope, company_id, member_id, cash_month
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', months int = 3,
--   most_months int = 6
-- reads: cash_pattern, member_movements
-- columns: scope text | company_id id | member_id id | member_name text | currency text | cash_month date | sales_amount money |
--   forecast_amount money
-- order: scope, company_id, member_id, cash_month
-- unit: money. Pattern and sales are those of the billing months from the month of `from` up to `to`; the first month forecast is that of
--   the day after `to`, whole, so that a month begun on `to` is forecast with what is billed of it. sales_amount is what the month's cash
--   is expected of; what is yet to be billed is in no month. Not reduced by what is paid already
-- unit_es: importes. Patrón y ventas son los de los meses de facturación desde el mes de `from` hasta `to`; el primer mes del pronóstico
--   es el del día siguiente a `to`, completo. sales_amount es aquello de lo que se espera el efectivo del mes; lo que falta por facturar
--   no está en ningún mes. No se reduce por lo ya pagado
-- holds: select scope from this where cash_month < month_start($to) or sales_amount = 0.00 and forecast_amount <> 0.00
-- holds: select t.cash_month from this t join (select scope, company_id, member_id, max(cumulated_pct) as most, min(share_pct) as least
--   from cash_pattern($from, $to, $grain, $most_months) group by scope, company_id, member_id) p on p.scope = t.scope and p.company_id =
--   t.company_id and p.member_id = t.member_id where p.least >= 0.00 and p.most <= 100.00 and t.sales_amount > 0.00 and t.forecast_amount
--   > t.sales_amount + 0.01
-- source: METRICS 24 (a)
with sold as (
    select
        scope, company_id, member_id, member_name, currency,
        cast(date_part('year', document_date) * 12 + date_part('month', document_date) as int) as billing_month,
        sum(amount * rate) as amount
    from member_movements(month_start($from), $to, $grain)
    where
        document_date >= month_start($from) and movement_kind <> 'opening'
        and sales_effect in ('sale', 'return', 'price')
    group by
        scope, company_id, member_id, member_name, currency,
        cast(date_part('year', document_date) * 12 + date_part('month', document_date) as int)
),

ahead as (
    select
        month_number,
        make_date(cast((month_number - 1) / 12 as int), cast((month_number - 1) % 12 + 1 as int), 1) as cash_month
    from (
        select
            cast(date_part('year', $to + 1) * 12 + date_part('month', $to + 1) as int)
            + unnest(generate_series(0, cast($months as int) - 1)) as month_number
    ) m
),

final as (
    select
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, a.cash_month,
        sum(s.amount) as sales_amount,
        sum(ratio(s.amount * p.cash_amount, p.sales_amount)) as forecast_amount
    from sold s
    join cash_pattern($from, $to, $grain, $most_months) p
        on p.scope = s.scope and p.company_id = s.company_id and p.member_id = s.member_id
    join ahead a on a.month_number = s.billing_month + p.months_after
    where p.sales_amount > 0.00
    group by s.scope, s.company_id, s.member_id, s.member_name, s.currency, a.cash_month
)

select * from final
