-- name: duplicate_documents
-- answers: Which documents look like one document under two ids?
-- answers_es: ¿Qué documentos parecen ser uno solo con dos números?
-- grain: one row per company_id, customer_id, document_kind, reference, document_date, currency, amount
-- params: as_of date
-- reads: documents
-- columns: company_id id | customer_id id | document_kind text | reference text | document_date date | currency text | amount money |
--   documents int | first_document_id id | last_document_id id
-- order: company_id, customer_id, document_kind, reference, document_date, currency, amount
-- unit: money in the document's currency; a row here is a failure: two equal deliveries on one order look the same. Documents without a
--   reference are not compared: two payments of one amount on one day are ordinary. What was reversed, reverses, or stands for the rest
--   of another document is left out; instalments count as one document
-- unit_es: importes en la moneda del documento; cada renglón es una falla: dos entregas iguales de un pedido se ven igual. Sin referencia
--   no se comparan: dos pagos de un importe en un día son normales. Quedan fuera los cancelados, los que cancelan y los que son el resto
--   de otro documento; las parcialidades cuentan como un documento
-- title_es: Ningún documento aparece con dos números
-- title_en: No document stands under two numbers
-- holds: select company_id from this where documents < 2 or first_document_id = last_document_id
-- severity: warning
-- source: PITFALLS P33 and P35
with posted as (
    select
        company_id, document_id, customer_id, document_kind, upper(trim(reference)) as reference, document_date, currency, amount,
        root_document_id, reverses_document_id
    from documents
    where coalesce(posting_date, document_date) <= $as_of
),

whole as (
    select
        d.company_id, d.document_id, d.customer_id, d.document_kind, d.reference, min(d.document_date) as document_date, d.currency,
        sum(d.amount) as amount
    -- the few that reverse are looked up by the many that might have been
    from posted r
    right join posted d on r.company_id = d.company_id and r.reverses_document_id = d.document_id
    where
        d.reference <> '' and r.document_id is null and d.reverses_document_id is null
        and coalesce(d.root_document_id, d.document_id) = d.document_id
    group by d.company_id, d.document_id, d.customer_id, d.document_kind, d.reference, d.currency
),

final as (
    select
        company_id, customer_id, document_kind, reference, document_date, currency, amount,
        count(*) as documents, min(document_id) as first_document_id, max(document_id) as last_document_id
    from whole
    group by company_id, customer_id, document_kind, reference, document_date, currency, amount
    having count(*) > 1
)

select * from final
