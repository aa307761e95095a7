-- name: pue_breaches
-- answers: Which PUE invoices were still owed after the month they were issued in?
-- answers_es: ¿Qué facturas PUE se debían aún después de su mes de emisión?
-- title_es: Facturas PUE sin pagar al cierre de su mes
-- title_en: PUE invoices unpaid at the end of their month
-- formula: open amount of invoices with payment method PUE whose month of issue ended by the day
-- formula_es: importe abierto de facturas con método de pago PUE cuyo mes de emisión terminó en el día o antes
-- grain: one row per company_id, document_id
-- params: as_of date
-- reads: documents, fiscal_documents, item_balances, customers_as_of
-- columns: company_id id | document_id id | customer_id id | customer_name text | fiscal_uuid id | issued_date date | last_date date |
--   days_over int | currency text | total_amount money | open_amount money | open_amount_company money
-- order: company_id, document_id
-- unit: money in the invoice's currency and as booked; days since the last day of the month of issue, the day that day included.
--   Cancelled invoices are out. What is listed must be cancelled and issued again as PPD
-- unit_es: importes en la moneda de la factura y según libros; días desde el último día del mes de emisión, incluido el día. Sin facturas
--   canceladas. Lo listado debe cancelarse y emitirse de nuevo como PPD
-- holds: select document_id from this where open_amount <= 0.00 or days_over < 0
-- source: METRICS 26
with carried as (
    select
        company_id, document_id, upper(max(fiscal_uuid)) as fiscal_uuid, max(payment_method) as payment_method,
        min(document_date) as document_date, sum(amount) as total_amount
    from documents
    where document_kind in ('invoice', 'debit_memo') and reverses_document_id is null
    group by company_id, document_id
),

unpaid as (
    select
        company_id, document_id, customer_id, currency, sum(open_amount) as open_amount, sum(open_amount_company) as open_amount_company
    from item_balances($as_of)
    where aging_class = 'due'
    group by company_id, document_id, customer_id, currency
    having sum(open_amount) > 0.00
),

final as (
    select
        u.company_id, u.document_id, u.customer_id, coalesce(b.name, u.customer_id) as customer_name, d.fiscal_uuid,
        coalesce(f.issued_at, d.document_date) as issued_date,
        month_end(coalesce(f.issued_at, d.document_date)) as last_date,
        days_between($as_of, month_end(coalesce(f.issued_at, d.document_date))) as days_over,
        u.currency, d.total_amount, u.open_amount, u.open_amount_company
    from unpaid u
    join carried d on d.company_id = u.company_id and d.document_id = u.document_id
    left join customers_as_of($as_of) b on b.company_id = u.company_id and b.customer_id = u.customer_id
    left join fiscal_documents f on upper(f.fiscal_uuid) = d.fiscal_uuid and f.kind = 'I'
    where
        coalesce(f.payment_method, d.payment_method) = 'PUE'
        and month_end(coalesce(f.issued_at, d.document_date)) <= $as_of
        and (f.cancelled_at is null or f.cancelled_at > $as_of)
)

select * from final
