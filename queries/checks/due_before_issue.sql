-- name: due_before_issue
-- answers: Which documents fall due before their own date?
-- answers_es: ¿Qué documentos vencen antes de su propia fecha?
-- grain: one row per company_id, document_id, instalment
-- params: as_of date
-- reads: documents
-- columns: company_id id | document_id id | instalment int | customer_id id | document_kind text | document_date date | due_date date |
--   days_before int | currency text | amount money
-- order: company_id, document_id, instalment
-- unit: days and money in the document's currency; a row here is a failure. Debits posted up to the day that were not reversed by it, as
--   last stated by the extracts; receipts and credits have no due day of their own
-- unit_es: días e importes en la moneda del documento; cada renglón es una falla. Cargos contabilizados hasta el día y no cancelados en
--   él, según lo último que dijeron los archivos; pagos y créditos no tienen vencimiento propio
-- title_es: Ningún documento vence antes de su fecha
-- title_en: No document falls due before its date
-- holds: select document_id from this where days_before <= 0
-- severity: warning
-- source: PITFALLS P17
with posted as (
    select
        company_id, document_id, coalesce(instalment, 1) as instalment, customer_id, document_kind, document_date, due_date, currency,
        amount, reverses_document_id
    from documents
    where coalesce(posting_date, document_date) <= $as_of
),

final as (
    select
        d.company_id, d.document_id, d.instalment, d.customer_id, d.document_kind, d.document_date, d.due_date,
        days_between(d.document_date, d.due_date) as days_before, d.currency, d.amount
    from posted d
    left join posted r on r.company_id = d.company_id and r.reverses_document_id = d.document_id
    where
        d.due_date < d.document_date and d.document_kind in ('invoice', 'debit_memo', 'note')
        and d.reverses_document_id is null and r.document_id is null
)

select * from final
