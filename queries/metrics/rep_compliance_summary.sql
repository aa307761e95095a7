-- name: rep_compliance_summary
-- answers: How many of the payments on PPD invoices had their complement in time, and how much lacks one?
-- answers_es: ¿Cuántos pagos de facturas PPD tuvieron su complemento a tiempo y por cuánto falta?
-- title_es: Cumplimiento de complementos de pago (REP)
-- title_en: Payment complement (REP) compliance
-- formula: rate = on time / (on time + late + missing and overdue), by number and by amount; exposure = amount missing and overdue
-- formula_es: tasa = a tiempo / (a tiempo + tarde + faltante vencido), en número y en importe; exposición = importe faltante y vencido
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', as_of date = null,
--   deadline_day int = 5
-- reads: member_rep_payments
-- columns: scope text | company_id id | member_id id | member_name text | currency text | payments int | on_time int | late int |
--   missing_overdue int | pending int | on_time_pct pct | on_time_amount money | late_amount money | missing_amount money |
--   pending_amount money | on_time_amount_pct pct | reason text
-- order: scope, company_id, member_id
-- unit: payments, money and per cent; payments received from `from` to `to`, judged on the day as_of (empty: `to`). Pending ones count in
--   no rate. Customers that are our own companies need complements too: they are in a company's own rows, but as everywhere not in the
--   group's. reason: nothing_due (every payment is still pending)
-- unit_es: pagos, importes y por ciento; pagos recibidos de `from` a `to`, juzgados el día as_of (vacío: `to`). Los pendientes no cuentan
--   en ninguna tasa. Los clientes que son empresas propias también necesitan complementos: están en los renglones de cada empresa, pero
--   como en todo no en los del grupo. reason: nothing_due (todo pago está pendiente)
-- holds: select scope from this where payments <> on_time + late + missing_overdue + pending
-- holds: select scope from this where (on_time_pct is null) <> (payments = pending) or on_time_pct < 0 or on_time_pct > 100
-- inputs: missing_amount = select * from member_rep_payments($from, $to, $grain, $as_of, $deadline_day) where state = 'missing_overdue'
-- inputs: on_time_amount = select * from member_rep_payments($from, $to, $grain, $as_of, $deadline_day) where state = 'on_time'
-- inputs: late_amount = select * from member_rep_payments($from, $to, $grain, $as_of, $deadline_day) where state = 'late'
-- inputs: pending_amount = select * from member_rep_payments($from, $to, $grain, $as_of, $deadline_day) where state = 'pending'
-- inputs: payments = select scope, company_id, member_id, document_id, receipt_id, 1 as amount
--   from member_rep_payments($from, $to, $grain, $as_of, $deadline_day)
-- cases: nothing_due
-- source: METRICS 26
with summed as (
    select
        scope, company_id, member_id, member_name, currency,
        count(*) as payments,
        sum(case when state = 'on_time' then 1 else 0 end) as on_time,
        sum(case when state = 'late' then 1 else 0 end) as late,
        sum(case when state = 'missing_overdue' then 1 else 0 end) as missing_overdue,
        sum(case when state = 'pending' then 1 else 0 end) as pending,
        sum(case when state = 'on_time' then amount * rate else 0.00 end) as on_time_amount,
        sum(case when state = 'late' then amount * rate else 0.00 end) as late_amount,
        sum(case when state = 'missing_overdue' then amount * rate else 0.00 end) as missing_amount,
        sum(case when state = 'pending' then amount * rate else 0.00 end) as pending_amount
    from member_rep_payments($from, $to, $grain, $as_of, $deadline_day)
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, payments, on_time, late, missing_overdue, pending,
        ratio(100.00 * on_time, (payments - pending) * 1.00) as on_time_pct,
        on_time_amount, late_amount, missing_amount, pending_amount,
        ratio(100 * on_time_amount, on_time_amount + late_amount + missing_amount) as on_time_amount_pct,
        case when payments = pending then 'nothing_due' end as reason
    from summed
)

select * from final
