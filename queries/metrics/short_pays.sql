-- name: short_pays
-- answers: Of the invoices paid in a period, how many were paid short, and by how much?
-- answers_es: De las facturas pagadas en un periodo, ¿cuántas se pagaron incompletas y por cuánto?
-- title_es: Pagos incompletos
-- title_en: Short payments
-- formula: invoices whose last receipt of the period paid less than was due / invoices paid x 100; by amount: what was left / what was
--   due
-- formula_es: facturas cuyo último pago del periodo fue menor a lo debido / facturas pagadas x 100; por importe: lo que quedó / lo debido
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', tolerance money = 0.00
-- reads: member_paid_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | paid_invoices int | short_invoices int |
--   short_pct pct | due_amount money | short_amount money | short_amount_pct pct | reason text
-- order: scope, company_id, member_id
-- unit: money and per cent. An invoice counts once: at its last day of cash in the period that stands on the day `to` (each instalment
--   at its own). Due: open before, less the credits, discounts, withholdings, advances and netting of that day. tolerance: what may be
--   missing on an instalment, in its own currency, without being short. Valued at the rate the invoice was booked at. Cash on other
--   debits is left out. A part payment is short until the rest is paid. A member without payments has no row
-- unit_es: importes y por ciento. Una factura cuenta una vez: en su último día de efectivo del periodo que sigue en pie el día `to` (cada
--   parcialidad en el suyo). Debido: lo abierto antes, menos los créditos, descuentos, retenciones, anticipos y compensaciones de ese
--   día. tolerance: lo que puede faltar en una parcialidad, en su moneda. Al tipo de cambio con que se contabilizó la factura. El
--   efectivo sobre otros cargos queda fuera. Un pago parcial es incompleto hasta que se paga el resto. Sin pagos no hay renglón
-- holds: select scope from this where short_invoices > paid_invoices or short_amount < 0.00 or (short_invoices = 0
--   and short_amount <> 0.00)
-- inputs: due_amount = select *, due_amount as amount from member_paid_items($from, $to, $grain)
-- inputs: short_amount = select *, short_amount as amount from member_paid_items($from, $to, $grain) where short_amount > $tolerance
-- inputs: short_invoices = select scope, company_id, member_id, owner_id, customer_id, document_id, 1 as amount
--   from member_paid_items($from, $to, $grain) where short_amount > $tolerance
--   group by scope, company_id, member_id, owner_id, customer_id, document_id
-- inputs: paid_invoices = select scope, company_id, member_id, owner_id, document_id, 1 as amount
--   from member_paid_items($from, $to, $grain) group by scope, company_id, member_id, owner_id, document_id
-- cases: nothing_due
-- source: METRICS 17
with summed as (
    select
        scope, company_id, member_id, member_name, currency,
        count(distinct concat(owner_id, ' ', document_id)) as paid_invoices,
        count(distinct case when short_amount > $tolerance then concat(owner_id, ' ', document_id) end) as short_invoices,
        sum(due_amount * rate) as due_amount,
        sum(case when short_amount > $tolerance then short_amount * rate else 0.00 end) as short_amount
    from member_paid_items($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, paid_invoices, short_invoices,
        ratio(100 * short_invoices, paid_invoices) as short_pct,
        due_amount, short_amount,
        case when due_amount > 0.00 then ratio(100 * short_amount, due_amount) end as short_amount_pct,
        case when due_amount <= 0.00 then 'nothing_due' end as reason
    from summed
)

select * from final
