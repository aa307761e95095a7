-- name: unapplied_near_deadline
-- answers: Which receipts are not applied although their payment complement falls due soon, or did?
-- answers_es: ¿Qué cobros siguen sin aplicar aunque su complemento de pago vence pronto o ya venció?
-- title_es: Cobros sin aplicar con complemento por vencer
-- title_en: Unapplied receipts whose complement falls due
-- formula: open amount of receipts of customers with open PPD invoices; deadline = day 5 of the month after the payment
-- formula_es: importe abierto de los cobros de clientes con facturas PPD abiertas; plazo = día 5 del mes siguiente al pago
-- grain: one row per company_id, document_id, customer_id, currency
-- params: as_of date, deadline_day int = 5, near_days int = 10
-- reads: item_balances, documents, fiscal_documents
-- columns: company_id id | document_id id | customer_id id | payment_date date | deadline_date date | days_left int | currency text |
--   unapplied_amount money | ppd_invoices int | state text
-- order: company_id, document_id, customer_id, currency
-- unit: money in the receipt's currency; days until the deadline. A complement names the invoices paid, so that it waits for the
--   application. ppd_invoices: the customer's open ones. state: overdue, near_deadline (at most near_days left), later
-- unit_es: importes en la moneda del cobro; días hasta el plazo. Un complemento nombra las facturas pagadas, por eso espera la
--   aplicación. ppd_invoices: las abiertas del cliente. state: overdue, near_deadline (faltan a lo más near_days), later
-- holds: select document_id from this where unapplied_amount <= 0.00 or ppd_invoices < 1 or (state = 'overdue') <> (days_left < 0)
-- source: METRICS 26
with items as (
    select
        company_id, customer_id, document_id, document_kind, aging_class, currency, min(document_date) as document_date,
        sum(open_amount) as open_amount
    from item_balances($as_of)
    where aging_class = 'due' or aging_class = 'unapplied' and document_kind = 'receipt'
    group by company_id, customer_id, document_id, document_kind, aging_class, currency
    having sum(open_amount) <> 0.00
),

stated as (
    select company_id, document_id, max(upper(fiscal_uuid)) as fiscal_uuid, max(payment_method) as payment_method
    from documents
    group by company_id, document_id
),

counted as (
    select
        i.*,
        sum(
            case
                when i.aging_class = 'due' and i.open_amount > 0.00 and coalesce(f.payment_method, d.payment_method) = 'PPD' then 1
                else 0
            end
        ) over (partition by i.company_id, i.customer_id) as ppd_invoices,
        month_end(i.document_date) + case when i.document_date < date '2022-01-01' then 10 else $deadline_day end as deadline_date
    from items i
    left join stated d on d.company_id = i.company_id and d.document_id = i.document_id
    left join fiscal_documents f on upper(f.fiscal_uuid) = d.fiscal_uuid and f.kind = 'I'
),

final as (
    select
        company_id, document_id, customer_id, document_date as payment_date, deadline_date,
        days_between(deadline_date, $as_of) as days_left, currency, -open_amount as unapplied_amount, ppd_invoices,
        case
            when deadline_date < $as_of then 'overdue'
            when deadline_date <= $as_of + $near_days then 'near_deadline'
            else 'later'
        end as state
    from counted
    where aging_class = 'unapplied' and open_amount < 0.00 and ppd_invoices > 0
)

select * from final
