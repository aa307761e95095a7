-- name: rep_compliance
-- answers: For which payments on PPD invoices was the payment complement issued in time?
-- answers_es: ¿Para qué pagos de facturas PPD se emitió a tiempo el complemento de pago?
-- title_es: Complementos de pago por cobro aplicado
-- title_en: Payment complements per payment applied
-- formula: deadline = day 5 of the month after the payment (day 10 up to 2021); on time if the complement was stamped by then
-- formula_es: plazo = día 5 del mes siguiente al pago (día 10 hasta 2021); a tiempo si el complemento se timbró hasta entonces
-- grain: one row per company_id, document_id, receipt_id
-- params: from date, to date, as_of date = null, deadline_day int = 5, match_days int = 3, match_amount money = 0.01
-- reads: movements, applications, documents, fiscal_documents, fiscal_links
-- columns: company_id id | document_id id | receipt_id id | customer_id id | fiscal_uuid id | currency text | payment_date date |
--   deadline_date date | amount money | company_amount money | rep_uuid id | instalment int | stamped_date date | rep_amount money |
--   days_late int | state text | reason text
-- order: company_id, document_id, receipt_id
-- unit: money: amount in the invoice's currency, company_amount booked; days. One row per receipt and invoice: cash received from `from`
--   to `to` and applied by the day as_of (empty: `to`), net of what was undone or bounced. The month is that of the payment, not of its
--   application. Its complement is the valid one (not cancelled by as_of) naming the invoice, of a payment day at most match_days away
--   and an amount at most match_amount away; each line proves one payment. Fiscal days are days of Mexico City, the deadline includes the
--   whole day, no extension for weekends. state: on_time, late, missing_overdue (deadline before as_of), pending. receipt_id of cash
--   without a receipt is its application. reason: no_uuid, amount_differs (the nearest complement's amount is another). Invoices
--   cancelled before the payment are out; discounts, credit notes, write-offs and netting are no payments
-- unit_es: importes: amount en la moneda de la factura, company_amount según libros; días. Un renglón por pago y factura: efectivo
--   recibido de `from` a `to` y aplicado hasta el día as_of (vacío: `to`), neto de lo deshecho o devuelto. El mes es el del pago, no el
--   de su aplicación. Su complemento es el vigente (no cancelado en as_of) que nombra la factura, con día de pago a lo más a match_days y
--   un importe a lo más a match_amount; cada línea prueba un pago. Los días fiscales son de la Ciudad de México, el plazo incluye el día
--   completo, sin prórroga por fin de semana. state: on_time, late, missing_overdue (plazo anterior a as_of), pending. receipt_id de
--   efectivo sin recibo es su aplicación. reason: no_uuid, amount_differs. Quedan fuera facturas canceladas antes del pago; descuentos,
--   notas de crédito, castigos y compensaciones no son pagos
-- holds: select document_id from this where (state = 'late') <> coalesce(days_late > 0, false) or (state in ('on_time', 'late')) <>
--   (days_late is not null)
-- holds: select rep_uuid from this where state in ('on_time', 'late') group by rep_uuid, fiscal_uuid, instalment having count(*) > 1
-- cases: no_uuid, amount_differs
-- source: METRICS 26, PITFALLS P36
with applied as (
    select
        m.company_id, m.document_id, m.customer_id, m.currency,
        coalesce(m.counter_document_id, a.undoes_application_id, m.source_id) as receipt_id,
        m.counter_document_id,
        min(m.posting_date) as posting_date, -sum(m.amount) as amount, -sum(m.company_amount) as company_amount
    from movements m
    left join applications a
        on a.company_id = m.company_id and a.application_id = m.source_id and a.undoes_application_id is not null
            and m.movement_kind = 'cash'
    where
        m.movement_kind in ('apply_receipt', 'cash') and m.aging_class = 'due' and m.posting_date <= coalesce($as_of, $to)
    group by
        m.company_id, m.document_id, m.customer_id, m.currency,
        coalesce(m.counter_document_id, a.undoes_application_id, m.source_id), m.counter_document_id
    having sum(m.amount) <> 0.00
),

stated as (
    select
        company_id, document_id, min(document_date) as document_date, max(upper(fiscal_uuid)) as fiscal_uuid,
        max(payment_method) as payment_method
    from documents
    group by company_id, document_id
),

received as (
    select p.*, coalesce(r.document_date, p.posting_date) as payment_date
    from applied p
    left join stated r on r.company_id = p.company_id and r.document_id = p.counter_document_id
    where coalesce(r.document_date, p.posting_date) between $from and $to
),

-- a PPD invoice is what its CFDI says, or the ERP where that was not loaded
payments as (
    select
        p.company_id, p.document_id, p.receipt_id, p.customer_id, p.currency, p.amount, p.company_amount, d.fiscal_uuid, p.payment_date
    from received p
    join stated d on d.company_id = p.company_id and d.document_id = p.document_id
    left join fiscal_documents f on upper(f.fiscal_uuid) = d.fiscal_uuid and f.kind = 'I'
    where coalesce(f.payment_method, d.payment_method) = 'PPD' and (f.cancelled_at is null or f.cancelled_at >= p.payment_date)
),

counted_payments as (
    select
        *,
        row_number() over (partition by fiscal_uuid, amount order by payment_date, company_id, document_id, receipt_id) as twin
    from payments
),

counted_links as (
    select
        *,
        row_number() over (partition by invoice_uuid, paid_amount order by payment_date, instalment, rep_uuid, payment_no, line) as twin
    from fiscal_links(coalesce($as_of, $to))
    where rep_state = 'valid'
),

-- payment and complement belong together if each is the other's nearest; of equal amounts the first payment takes the first line
paired as (
    select
        p.*, k.rep_uuid, k.instalment, k.stamped_date, k.paid_amount as rep_amount,
        row_number() over (
            partition by p.company_id, p.document_id, p.receipt_id
            order by
                abs(k.paid_amount - p.amount), abs(k.twin - p.twin), abs(days_between(k.payment_date, p.payment_date)), k.instalment,
                k.rep_uuid, k.payment_no, k.line
        ) as rank_of_link,
        row_number() over (
            partition by k.invoice_uuid, k.rep_uuid, k.payment_no, k.line
            order by
                abs(k.paid_amount - p.amount), abs(k.twin - p.twin), abs(days_between(k.payment_date, p.payment_date)), p.company_id,
                p.document_id, p.receipt_id
        ) as rank_of_payment
    from counted_payments p
    left join counted_links k
        on k.invoice_uuid = p.fiscal_uuid and k.payment_date between p.payment_date - $match_days and p.payment_date + $match_days
),

judged as (
    select
        company_id, document_id, receipt_id, customer_id, fiscal_uuid, currency, payment_date, amount, company_amount,
        month_end(payment_date) + case when payment_date < date '2022-01-01' then 10 else $deadline_day end as deadline_date,
        case when rank_of_payment = 1 and rep_uuid is not null then rep_uuid end as rep_uuid,
        case when rank_of_payment = 1 and rep_uuid is not null then instalment end as instalment,
        case when rank_of_payment = 1 and rep_uuid is not null then stamped_date end as stamped_date,
        case when rank_of_payment = 1 and rep_uuid is not null then rep_amount end as rep_amount
    from paired
    where rank_of_link = 1
),

proven as (
    select
        *,
        case
            when abs(rep_amount - amount) <= $match_amount then greatest(days_between(stamped_date, deadline_date), 0)
        end as days_late
    from judged
),

final as (
    select
        company_id, document_id, receipt_id, customer_id, fiscal_uuid, currency, payment_date, deadline_date, amount, company_amount,
        rep_uuid, instalment, stamped_date, rep_amount, days_late,
        case
            when days_late = 0 then 'on_time'
            when days_late > 0 then 'late'
            when deadline_date < coalesce($as_of, $to) then 'missing_overdue'
            else 'pending'
        end as state,
        case when fiscal_uuid is null then 'no_uuid' when rep_uuid is not null and days_late is null then 'amount_differs' end as reason
    from proven
)

select * from final
