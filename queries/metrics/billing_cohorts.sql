-- name: billing_cohorts
-- answers: How much of each month's invoices was still open at the end of every month since, and what settled the rest?
-- answers_es: De lo facturado cada mes, ¿cuánto seguía abierto al final de cada mes siguiente y con qué se saldó el resto?
-- title_es: Cosechas de facturación
-- title_en: Billing cohorts
-- formula: billed in a month = cash + credited + written off + other so far + still open
-- formula_es: facturado en un mes = cobrado + acreditado + castigado + otros a la fecha + abierto aún
-- grain: one row per scope, company_id, member_id, billing_month, month_end
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: cohort_flows, month_ends
-- columns: scope text | company_id id | member_id id | member_name text | currency text | billing_month date | age_months int |
--   month_end date | billed_amount money | cash_amount money | credited_amount money | written_off_amount money | other_amount money |
--   open_amount money | cash_pct pct | open_pct pct | reason text
-- order: scope, company_id, member_id, billing_month, month_end
-- unit: money and per cent of what was billed, up to each month end, the last cut at `to`; billing_month is its first day, age 0 its
--   own end, from the whole month of `from` on. A receipt that bounced opens the invoice again. Other: discounts, withholding, fees,
--   netting, cancellations, moved to another customer, exchange differences of the books. Booked, or for the group at the closing rate
--   of the end of the billing month. Invoices only: no charges, no notes, no balances taken over. Members are those of the day `to`
-- unit_es: importes y por ciento de lo facturado, hasta cada cierre de mes, el último cortado en `to`; billing_month es su primer día,
--   edad 0 su propio fin, desde el mes completo de `from`. Un pago devuelto abre la factura otra vez. Otros: descuentos, retenciones,
--   comisiones, compensaciones, cancelaciones, traspasos a otro cliente, diferencias cambiarias de los libros. Según libros, o para el
--   grupo al tipo de cierre del fin del mes de facturación. Sólo facturas: sin cargos, pagarés ni saldos tomados. Los miembros son los
--   del día `to`
-- holds: select member_id from this
--   where abs(billed_amount - cash_amount - credited_amount - written_off_amount - other_amount - open_amount) > 0.03
-- holds: select member_id from this where scope = 'company' group by scope, company_id, member_id, billing_month
--   having max(billed_amount) <> min(billed_amount) or max(age_months) + 1 <> count(*)
-- holds: select t.company_id from (select company_id, sum(billed_amount) as a from this where scope = 'company' and age_months = 0
--   group by company_id) t join (select company_id, sum(company_amount) as a from movements where movement_kind = 'invoice'
--   and effect <> 'undo' and source_id in (document_id, concat(document_id, '/', instalment))
--   and posting_date between month_start($from) and $to group by company_id) m on m.company_id = t.company_id where t.a <> m.a
-- inputs: open_amount = select f.scope, f.company_id, f.member_id, f.billing_month, m.month_end, f.owner_id, f.customer_id,
--   f.document_id, f.instalment, f.measure, f.amount, f.rate from cohort_flows($from, $to, $grain) f
--   join month_ends($from, $to) m on m.month_first >= f.posting_month
-- inputs: cash_amount = select f.scope, f.company_id, f.member_id, f.billing_month, m.month_end, f.owner_id, f.customer_id,
--   f.document_id, f.instalment, f.posting_month, -f.amount as amount, f.rate from cohort_flows($from, $to, $grain) f
--   join month_ends($from, $to) m on m.month_first >= f.posting_month where f.measure = 'cash'
-- cases: nothing_billed
-- source: METRICS 0.3 and 24, PITFALLS P27
with monthly as (
    select
        scope, company_id, member_id, member_name, currency, billing_month, posting_month, measure,
        sum(amount * rate) as amount
    from cohort_flows($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency, billing_month, posting_month, measure
),

summed as (
    select
        f.scope, f.company_id, f.member_id, f.member_name, f.currency, f.billing_month, m.month_first, m.month_end,
        sum(case when f.measure = 'billed' then f.amount else 0 end) as billed_amount,
        sum(case when f.measure = 'cash' then -f.amount else 0 end) as cash_amount,
        sum(case when f.measure = 'credited' then -f.amount else 0 end) as credited_amount,
        sum(case when f.measure = 'written_off' then -f.amount else 0 end) as written_off_amount,
        sum(case when f.measure = 'other' then -f.amount else 0 end) as other_amount,
        sum(f.amount) as open_amount
    from monthly f
    join month_ends($from, $to) m on m.month_first >= f.billing_month and m.month_first >= f.posting_month
    group by f.scope, f.company_id, f.member_id, f.member_name, f.currency, f.billing_month, m.month_first, m.month_end
),

final as (
    select
        scope, company_id, member_id, member_name, currency, billing_month,
        12 * (date_part('year', month_first) - date_part('year', billing_month))
        + date_part('month', month_first) - date_part('month', billing_month) as age_months,
        month_end, billed_amount, cash_amount, credited_amount, written_off_amount, other_amount, open_amount,
        case when billed_amount > 0 then ratio(100 * cash_amount, billed_amount) end as cash_pct,
        case when billed_amount > 0 then ratio(100 * open_amount, billed_amount) end as open_pct,
        case when billed_amount <= 0 then 'nothing_billed' end as reason
    from summed
)

select * from final
