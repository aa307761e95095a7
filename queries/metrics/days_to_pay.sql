-- name: days_to_pay
-- answers: How many days after the invoice did customers pay, and how many of them were beyond the terms?
-- answers_es: ¿Cuántos días después de la factura pagaron los clientes y cuántos fuera de plazo?
-- title_es: Días promedio de pago y de atraso
-- title_en: Days to pay and days beyond terms
-- formula: days to pay = sum(paid x (day paid - document day)) / sum(paid); terms and days late likewise with (due day - document day)
--   and (day paid - due day); beyond terms counts days late below 0 as 0; mean = each payment counts the same
-- formula_es: días de pago = suma(pagado x (día de pago - fecha del documento)) / suma(pagado); plazo y atraso igual, con (vencimiento -
--   fecha) y (día de pago - vencimiento); fuera de plazo cuenta los atrasos negativos como 0; promedio = cada pago cuenta igual
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   mode text of payment closing = 'payment'
-- reads: member_payments
-- columns: scope text | company_id id | member_id id | member_name text | currency text | payments int | paid_amount money |
--   days_to_pay_days days | mean_days_to_pay_days days | terms_days days | days_late_days days | days_beyond_terms_days days |
--   reason text
-- order: scope, company_id, member_id
-- unit: days of the calendar; early payment is negative days late. Cash only: credits, write-offs, discounts and netting are no
--   payment. mode payment: cash applied in the period that stands on the day `to`, paid_amount is that cash; closing: items that cash
--   closed in the period, weighed by their original amount, with the days of the payment that closed them. A member without payments
--   has no row
-- unit_es: días naturales; pagar antes es atraso negativo. Sólo efectivo: créditos, castigos, descuentos y compensaciones no son pago.
--   mode payment: el efectivo aplicado en el periodo que sigue en pie el día `to`; closing: partidas que el efectivo saldó en el periodo,
--   ponderadas por su importe original, con los días del pago que las saldó. Quien no pagó no tiene renglón
-- holds: select scope from this where abs(terms_days + days_late_days - days_to_pay_days) > 0.0002
-- holds: select scope from this where paid_amount > 0.00 and (days_beyond_terms_days < days_late_days - 0.0001
--   or days_beyond_terms_days < 0.00)
-- holds: select t.scope from (select scope, sum(paid_amount) as paid_amount from this where $grain = 'customer' and $mode = 'payment'
--   group by scope) t where t.paid_amount <> (select sum(company_amount) from payments($from, $to))
-- inputs: paid_amount = select * from member_payments($from, $to, $grain, $mode)
-- inputs: payments = select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, receipt_id, application_id,
--   document_date, due_date, paid_date, 1 as amount from member_payments($from, $to, $grain, $mode) where document_amount > 0.00
-- cases: no_receipts
-- source: METRICS 9, 10 and 28.4, PITFALLS P26, P28 and P41
with summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when document_amount > 0.00 then 1 else 0 end) as payments,
        sum(case when document_amount > 0.00 then days_to_pay else 0 end) as simple_days,
        sum(amount * rate) as paid_amount,
        sum(amount * rate * days_to_pay) as paid_amount_days,
        sum(amount * rate * terms_days) as terms_amount_days,
        sum(amount * rate * days_late) as late_amount_days,
        sum(amount * rate * greatest(days_late, 0)) as beyond_amount_days
    from member_payments($from, $to, $grain, $mode)
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, payments, paid_amount,
        case when paid_amount > 0.00 then ratio(paid_amount_days, paid_amount) end as days_to_pay_days,
        ratio(simple_days, payments) as mean_days_to_pay_days,
        case when paid_amount > 0.00 then ratio(terms_amount_days, paid_amount) end as terms_days,
        case when paid_amount > 0.00 then ratio(late_amount_days, paid_amount) end as days_late_days,
        case when paid_amount > 0.00 then ratio(beyond_amount_days, paid_amount) end as days_beyond_terms_days,
        case when paid_amount <= 0.00 then 'no_receipts' end as reason
    from summed
)

select * from final
