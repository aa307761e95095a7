-- name: lateness_trend
-- answers: How did days to pay and days beyond terms develop, month by month?
-- answers_es: ¿Cómo evolucionaron mes a mes los días de pago y de atraso?
-- title_es: Días de pago y de atraso, tendencia
-- title_en: Days to pay and beyond terms, trend
-- formula: as days_to_pay, over the cash applied in each month
-- formula_es: como days_to_pay, sobre el efectivo aplicado en cada mes
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_payments, month_ends
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | payments int |
--   paid_amount money | days_to_pay_days days | terms_days days | days_late_days days | days_beyond_terms_days days | reason text
-- order: month_end, scope, company_id, member_id
-- unit: money and days of the calendar; the first month begins on the day `from`, the last one ends on `to`. Each month from its own
--   sums, never averaged, and as it was at its end: a payment undone in a later month stays where it was. Members are those of the day
--   `to`. Every member with a payment in the period has a row in every month; reason no_receipts where it has none
-- unit_es: importes y días naturales; el primer mes empieza el día `from` y el último termina el día `to`. Cada mes sale de sus propias
--   sumas, sin promediar, y como estaba a su cierre: un pago deshecho en un mes posterior queda donde estaba. Los miembros son los del
--   día `to`; cada miembro con algún pago en el periodo tiene renglón en cada mes, con razón no_receipts donde no lo hubo
-- holds: select scope from this where abs(terms_days + days_late_days - days_to_pay_days) > 0.0002
-- holds: select t.month_end from (select month_end, sum(paid_amount) as paid_amount from this where $grain = 'customer' group by
--   month_end) t left join (select least(month_end(posting_date), $to) as month_end, sum(company_amount) as amount from payments($from,
--   $to, 'month') group by least(month_end(posting_date), $to)) p on p.month_end = t.month_end where t.paid_amount <>
--   coalesce(p.amount, 0.00)
-- inputs: paid_amount = select *, least(month_end(posting_date), $to) as month_end from member_payments($from, $to, $grain, 'payment',
--   'month')
-- cases: no_receipts
-- source: METRICS 9 and 10, PITFALLS P26 and P38
with monthly as (
    select
        scope, company_id, member_id, member_name, currency,
        month_start(posting_date) as month,
        sum(case when document_amount > 0.00 then 1 else 0 end) as payments,
        sum(amount * rate) as paid_amount,
        sum(amount * rate * days_to_pay) as paid_amount_days,
        sum(amount * rate * terms_days) as terms_amount_days,
        sum(amount * rate * days_late) as late_amount_days,
        sum(amount * rate * greatest(days_late, 0)) as beyond_amount_days
    from member_payments($from, $to, $grain, 'payment', 'month')
    group by scope, company_id, member_id, member_name, currency, month_start(posting_date)
),

-- every member in every month
spread as (
    select
        e.month_end, p.scope, p.company_id, p.member_id, p.member_name, p.currency,
        sum(case when p.month = month_start(e.month_end) then p.payments else 0 end) as payments,
        sum(case when p.month = month_start(e.month_end) then p.paid_amount else 0.00 end) as paid_amount,
        sum(case when p.month = month_start(e.month_end) then p.paid_amount_days else 0.00 end) as paid_amount_days,
        sum(case when p.month = month_start(e.month_end) then p.terms_amount_days else 0.00 end) as terms_amount_days,
        sum(case when p.month = month_start(e.month_end) then p.late_amount_days else 0.00 end) as late_amount_days,
        sum(case when p.month = month_start(e.month_end) then p.beyond_amount_days else 0.00 end) as beyond_amount_days
    from monthly p
    cross join month_ends($from, $to) e
    group by e.month_end, p.scope, p.company_id, p.member_id, p.member_name, p.currency
),

final as (
    select
        month_end, scope, company_id, member_id, member_name, currency, payments, paid_amount,
        case when paid_amount > 0.00 then ratio(paid_amount_days, paid_amount) end as days_to_pay_days,
        case when paid_amount > 0.00 then ratio(terms_amount_days, paid_amount) end as terms_days,
        case when paid_amount > 0.00 then ratio(late_amount_days, paid_amount) end as days_late_days,
        case when paid_amount > 0.00 then ratio(beyond_amount_days, paid_amount) end as days_beyond_terms_days,
        case when paid_amount <= 0.00 then 'no_receipts' end as reason
    from spread
)

select * from final
