-- name: payment_cohorts
-- answers: Of what was invoiced in each month, how much was paid within 30, 60, 90 and 120 days, and how much is still open?
-- answers_es: De lo facturado cada mes, ¿cuánto se pagó en 30, 60, 90 y 120 días y cuánto sigue abierto?
-- title_es: Cobro por mes de facturación
-- title_en: Payment by month of invoice
-- formula: cash within N days of the invoice / billed, for months that are N days old; open / billed; days to pay = sum(paid x days) /
--   sum(paid)
-- formula_es: efectivo dentro de N días de la factura / facturado, en meses con N días cumplidos; abierto / facturado; días de pago =
--   suma(pagado x días) / suma(pagado)
-- grain: one row per scope, company_id, member_id, month
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: invoice_outcomes
-- columns: scope text | company_id id | member_id id | member_name text | currency text | month date | invoices int | billed_amount
--   money | paid_30_amount money | paid_30_pct pct | paid_60_amount money | paid_60_pct pct | paid_90_amount money | paid_90_pct pct |
--   paid_120_amount money | paid_120_pct pct | paid_amount money | credited_amount money | written_off_amount money | other_amount
--   money | open_amount money | open_pct pct | days_to_pay_days days | reason text
-- order: scope, company_id, member_id, month
-- unit: money of the month of the document day, without the invoices that were reversed; what became of it up to the day `to`. Every
--   invoice stays in its month whether paid or not, so that late payers do not drop out; days_to_pay_days are those of what was paid and
--   say little while open_pct is large. A share within N days is empty until the last invoice of the month (of the period in its last
--   month) is N days old: reason not_mature. Group members: everything of an invoice at the rate of the day it was posted
-- unit_es: importes del mes de la fecha del documento, sin facturas canceladas; lo ocurrido hasta el día `to`. Cada factura queda en su
--   mes, pagada o no, para que los morosos no desaparezcan; days_to_pay_days es de lo pagado y dice poco si open_pct es grande. La
--   proporción a N días queda vacía hasta que la última factura del mes (del periodo en su último mes) cumple N días: razón not_mature.
--   Grupo: todo lo de una factura al tipo de cambio del día en que se contabilizó
-- holds: select scope from this where abs(billed_amount - paid_amount - credited_amount - written_off_amount - other_amount -
--   open_amount) > 0.05
-- holds: select scope from this where paid_30_pct is not null and billed_amount > 0.00 and paid_120_pct is not null and paid_60_pct is
--   null
-- holds: select scope from this where reason is null and paid_120_pct is null
-- inputs: billed_amount = select *, billed_amount as amount from invoice_outcomes($from, $to, $grain)
-- inputs: paid_amount = select *, paid_amount as amount from invoice_outcomes($from, $to, $grain)
-- inputs: open_amount = select *, open_amount as amount from invoice_outcomes($from, $to, $grain)
-- inputs: invoices = select scope, company_id, member_id, month, owner_id, document_id, 1 as amount
--   from invoice_outcomes($from, $to, $grain) group by scope, company_id, member_id, month, owner_id, document_id
-- cases: not_mature
-- source: METRICS 10, PITFALLS P27 and P28
with summed as (
    select
        scope, company_id, member_id, member_name, currency, month,
        days_between($to, least(month_end(month), $to)) as age,
        count(distinct concat(owner_id, ' ', document_id)) as invoices,
        sum(billed_amount * rate) as billed_amount,
        sum(paid_30_amount * rate) as paid_30_amount,
        sum(paid_60_amount * rate) as paid_60_amount,
        sum(paid_90_amount * rate) as paid_90_amount,
        sum(paid_120_amount * rate) as paid_120_amount,
        sum(paid_amount * rate) as paid_amount,
        sum(paid_amount_days * rate) as paid_amount_days,
        sum(credited_amount * rate) as credited_amount,
        sum(written_off_amount * rate) as written_off_amount,
        sum(other_amount * rate) as other_amount,
        sum(open_amount * rate) as open_amount
    from invoice_outcomes($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency, month
),

final as (
    select
        scope, company_id, member_id, member_name, currency, month, invoices, billed_amount,
        paid_30_amount, case when age >= 30 then ratio(100 * paid_30_amount, billed_amount) end as paid_30_pct,
        paid_60_amount, case when age >= 60 then ratio(100 * paid_60_amount, billed_amount) end as paid_60_pct,
        paid_90_amount, case when age >= 90 then ratio(100 * paid_90_amount, billed_amount) end as paid_90_pct,
        paid_120_amount, case when age >= 120 then ratio(100 * paid_120_amount, billed_amount) end as paid_120_pct,
        paid_amount, credited_amount, written_off_amount, other_amount, open_amount,
        ratio(100 * open_amount, billed_amount) as open_pct,
        case when paid_amount > 0.00 then ratio(paid_amount_days, paid_amount) end as days_to_pay_days,
        case when age < 120 then 'not_mature' end as reason
    from summed
)

select * from final
