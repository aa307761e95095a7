-- name: duplicate_fiscal_uuids
-- answers: Which CFDI stand on more than one document?
-- answers_es: ¿Qué CFDI están en más de un documento?
-- grain: one row per fiscal_uuid
-- params: as_of date
-- reads: documents
-- columns: fiscal_uuid id | documents int | first_document text | last_document text
-- order: fiscal_uuid
-- unit: documents, as company/document; a row here is a failure. Receipts are left out (one complement may be of several), so are
--   reversals, what they reversed, and what stands for the rest of another document
-- unit_es: documentos, como empresa/documento; cada renglón es una falla. Los pagos quedan fuera (un complemento puede ser de varios),
--   igual que las cancelaciones, lo cancelado y lo que es el resto de otro documento
-- title_es: Cada CFDI está en un solo documento
-- title_en: Each CFDI stands on one document
-- holds: select fiscal_uuid from this where documents < 2
-- source: POSTING 6
with posted as (
    select company_id, document_id, document_kind, upper(fiscal_uuid) as fiscal_uuid, root_document_id, reverses_document_id
    from documents
    where coalesce(posting_date, document_date) <= $as_of
),

standing as (
    select distinct d.fiscal_uuid, concat(d.company_id, '/', d.document_id) as document
    from posted d
    left join posted r on r.company_id = d.company_id and r.reverses_document_id = d.document_id
    where
        d.fiscal_uuid <> '' and d.document_kind <> 'receipt' and r.document_id is null and d.reverses_document_id is null
        and coalesce(d.root_document_id, d.document_id) = d.document_id
),

final as (
    select fiscal_uuid, count(*) as documents, min(document) as first_document, max(document) as last_document
    from standing
    group by fiscal_uuid
    having count(*) > 1
)

select * from final
