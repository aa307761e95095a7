-- name: forecast_outcome
-- answers: What was expected to come in week by week on the day before a period, and what came?
-- answers_es: ¿Qué se esperaba cobrar semana por semana el día anterior a un periodo y qué se cobró?
-- title_es: Último pronóstico contra lo cobrado
-- title_en: Last forecast against what came
-- formula: expected collections of the day before `from`, against receipts net of what bounced; error = forecast - actual; to date: bias =
--   sum of errors / actual, WAPE = sum of errors without their sign / actual
-- formula_es: cobranza esperada del día anterior a `from`, contra pagos netos de lo devuelto; error = pronóstico - real; a la fecha: sesgo
--   = suma de errores / real, WAPE = suma de errores sin signo / real
-- grain: one row per scope, company_id, member_id, week_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', forecast_load int =
--   $load
-- reads: expected_items, ledger_rows, cuts, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | week_order int | week_start date | week_end date |
--   forecast_amount money | actual_amount money | error_amount money | bias_ratio ratio | wape_ratio ratio | reason text
-- order: scope, company_id, member_id, week_order
-- unit: money and ratios. Weeks of 7 days from `from`, the last ends on `to`. The forecast is made with what was known at forecast_load
--   (left out: with what is known now about the items and promises of that day, which flatters it), by the members and closing rates of
--   that day; cash is all that came of the members of the day `to`, at the rates of its days, on documents billed since too, which no
--   forecast of open items holds. Row 0 (reason expected_before): what was expected on days that had passed already; it is in no error.
--   Expected after `to` and in dispute are left out. Ratios are from the first week to this one
-- unit_es: importes y razones. Semanas de 7 días desde `from`, la última termina en `to`. El pronóstico se hace con lo conocido en
--   forecast_load (si no se da: con lo que hoy se sabe de las partidas y promesas de ese día, lo que lo favorece), por los miembros y
--   tipos de cierre de ese día; lo cobrado es todo lo que entró de los miembros del día `to`, a los tipos de sus días, también de
--   documentos posteriores, que ningún pronóstico de partidas abiertas contiene. Renglón 0 (razón expected_before): lo esperado en días
--   que ya habían pasado; no está en ningún error. Se omite lo esperado después de `to` y lo que está en aclaración. Las razones van de la
--   primera semana a ésta
-- holds: select t.a from (select sum(actual_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select -sum(company_amount) from movements where posting_date between $from and $to and
--   movement_kind in ('receipt', 'cash', 'apply_receipt'))
-- holds: select member_id from this where wape_ratio < abs(bias_ratio) - 0.0001 or abs(error_amount - forecast_amount + actual_amount) >
--   0.01
-- inputs: forecast_amount = select *, case when expected_date < $from then 0 else days_between(expected_date, $from) / 7 + 1 end as
--   week_order from expected_items($from - 1, $grain, 'week', 1, $forecast_load) where expected_date <= $to
-- inputs: actual_amount = select scope, company_id, member_id, days_between(posting_date, $from) / 7 + 1 as week_order, owner_id,
--   customer_id, document_id, movement_kind, posting_date, document_currency, document_amount, -amount as amount, rate from
--   member_movements($from, $to, $grain) where movement_kind in ('receipt', 'cash', 'apply_receipt')
-- cases: expected_before, no_receipts
-- source: METRICS 24
with weeks as (
    select unnest(generate_series($from, $to, interval '7 days')) as week_start
),

spine as (
    select
        days_between(cast(week_start as date), $from) / 7 + 1 as week_order,
        cast(week_start as date) as week_start, least(cast(week_start as date) + 6, $to) as week_end
    from weeks
    union all
    select 0 as week_order, cast(null as date) as week_start, $from - 1 as week_end
),

-- one amount a row, under its measure
united as (
    select
        scope, company_id, member_id, member_name, currency, 'forecast' as measure,
        case when expected_date < $from then 0 else days_between(expected_date, $from) / 7 + 1 end as week_order,
        cast(amount * rate as decimal(38, 10)) as amount
    from expected_items($from - 1, $grain, 'week', 1, $forecast_load)
    where expected_date <= $to
    union all
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as currency, 'actual' as measure,
        days_between(p.posting_date, $from) / 7 + 1 as week_order,
        cast(
            case
                when k.scope = 'currency' then -p.amount
                when k.is_booked or k.book_currency = k.currency then -p.company_amount
                when p.company_amount = 0.00 then 0
                else -p.company_amount * required_rate(r.rate, k.book_currency, k.currency, p.posting_date)
            end as decimal(38, 10)
        ) as amount
    from ledger_rows($from, $to, $grain) p
    join cuts($to, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    left join rate_spans() r
        on r.currency = k.book_currency and r.to_currency = k.currency and p.posting_date between r.valid_from and r.valid_to
    where p.posting_date between $from and $to and p.movement_kind in ('receipt', 'cash', 'apply_receipt')
),

summed as (
    select
        u.scope, u.company_id, u.member_id, max(u.member_name) as member_name, max(u.currency) as currency,
        s.week_order, s.week_start, s.week_end,
        sum(case when u.week_order = s.week_order and u.measure = 'forecast' then u.amount else 0 end) as forecast_amount,
        sum(case when u.week_order = s.week_order and u.measure = 'actual' then u.amount else 0 end) as actual_amount
    from united u
    cross join spine s
    group by u.scope, u.company_id, u.member_id, s.week_order, s.week_start, s.week_end
),

run as (
    select
        *,
        sum(case when week_order > 0 then forecast_amount - actual_amount else 0 end) over (
            partition by scope, company_id, member_id order by week_order rows between unbounded preceding and current row
        ) as error_to_date,
        sum(case when week_order > 0 then abs(forecast_amount - actual_amount) else 0 end) over (
            partition by scope, company_id, member_id order by week_order rows between unbounded preceding and current row
        ) as absolute_error_to_date,
        sum(actual_amount) over (
            partition by scope, company_id, member_id order by week_order rows between unbounded preceding and current row
        ) as actual_to_date
    from summed
),

final as (
    select
        scope, company_id, member_id, member_name, currency, week_order, week_start, week_end, forecast_amount, actual_amount,
        case when week_order > 0 then forecast_amount - actual_amount end as error_amount,
        case when week_order > 0 and actual_to_date > 0 then ratio(error_to_date, actual_to_date) end as bias_ratio,
        case when week_order > 0 and actual_to_date > 0 then ratio(absolute_error_to_date, actual_to_date) end as wape_ratio,
        case when week_order = 0 then 'expected_before' when actual_to_date <= 0 then 'no_receipts' end as reason
    from run
)

select * from final
