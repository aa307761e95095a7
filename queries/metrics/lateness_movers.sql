-- name: lateness_movers
-- answers: Who pays later than before, and who earlier?
-- answers_es: ¿Quién paga más tarde que antes y quién más temprano?
-- title_es: Cambios en los días de mora
-- title_en: Movers in days late
-- formula: days late = sum(paid x (day paid - due day)) / sum(paid), of the days that end on `to` less those that end the day before `from`
-- formula_es: días de mora = suma(pagado x (día de pago - vencimiento)) / suma(pagado), de los días que terminan en `to` menos los que
--   terminan el día anterior a `from`
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'customer', days int = 90,
--   min_payments int = 3
-- reads: member_payments
-- columns: scope text | company_id id | member_id id | member_name text | currency text | payments_then int | paid_amount_then money |
--   days_late_then_days days | payments int | paid_amount money | days_late_days days | change_days days | movement text | reason text
-- order: change_days desc, scope, company_id, member_id
-- unit: money and days of the calendar; early payment is negative. Both windows are `days` days long, one to the day before `from`, one
--   to `to`; they overlap where the period is shorter. Cash that still stands on `to`, members as on that day, at the rates of its days.
--   movement: worse, better, same, or null where a window has fewer than min_payments payments (reason few_payments) or nothing paid
--   (no_receipts). A member without payments in both windows has no row
-- unit_es: importes y días naturales; pagar antes es negativo. Ambas ventanas son de `days` días, una al día anterior a `from`, otra a `to`;
--   se traslapan si el periodo es más corto. Efectivo que sigue en pie en `to`, miembros de ese día, a los tipos de sus días. movement:
--   worse (peor), better (mejor), same (igual), o nulo si una ventana tiene menos de min_payments pagos (razón few_payments) o nada pagado
--   (no_receipts). Quien no pagó en ninguna ventana no tiene renglón
-- holds: select member_id from this where (change_days is null) <> (reason is not null) or abs(change_days - days_late_days +
--   days_late_then_days) > 0.0002
-- holds: select member_id from this where movement is distinct from case when change_days > 0 then 'worse' when change_days < 0 then
--   'better' when change_days = 0 then 'same' end
-- holds: select t.a from (select sum(paid_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select sum(company_amount) from payments($to - cast($days as int) + 1, $to))
-- inputs: paid_amount = select * from member_payments($to - cast($days as int) + 1, $to, $grain)
-- inputs: payments = select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, receipt_id, application_id,
--   due_date, paid_date, days_late, 1 as amount from member_payments($to - cast($days as int) + 1, $to, $grain) where document_amount > 0.00
-- cases: few_payments, no_receipts
-- source: METRICS 10
with paid as (
    select
        scope, company_id, member_id, member_name, currency, days_late, amount * rate as amount,
        case when document_amount > 0.00 then 1 else 0 end as payments,
        posting_date < $from and posting_date >= $from - cast($days as int) as was_then,
        posting_date > $to - cast($days as int) as is_now
    from member_payments($from - cast($days as int), $to, $grain)
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when was_then then payments else 0 end) as payments_then,
        sum(case when was_then then amount else 0.00 end) as paid_amount_then,
        sum(case when was_then then amount * days_late else 0.00 end) as late_amount_days_then,
        sum(case when is_now then payments else 0 end) as payments,
        sum(case when is_now then amount else 0.00 end) as paid_amount,
        sum(case when is_now then amount * days_late else 0.00 end) as late_amount_days
    from paid
    where was_then or is_now
    group by scope, company_id, member_id, member_name, currency
),

measured as (
    select
        *,
        case when paid_amount_then > 0.00 then ratio(late_amount_days_then, paid_amount_then) end as days_late_then_days,
        case when paid_amount > 0.00 then ratio(late_amount_days, paid_amount) end as days_late_days,
        case
            when paid_amount_then <= 0.00 or paid_amount <= 0.00 then 'no_receipts'
            when payments_then < $min_payments or payments < $min_payments then 'few_payments'
        end as reason
    from summed
),

final as (
    select
        scope, company_id, member_id, member_name, currency, payments_then, paid_amount_then, days_late_then_days, payments, paid_amount,
        days_late_days,
        case when reason is null then days_late_days - days_late_then_days end as change_days,
        case
            when reason is not null then null
            when days_late_days > days_late_then_days then 'worse'
            when days_late_days < days_late_then_days then 'better'
            else 'same'
        end as movement,
        reason
    from measured
)

select * from final
