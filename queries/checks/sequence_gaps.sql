-- name: sequence_gaps
-- answers: Which numbers are missing from series of documents that otherwise have none missing?
-- answers_es: ¿Qué números faltan en series que por lo demás están completas?
-- grain: one row per company_id, series, first_missing
-- params: as_of date
-- reads: documents, fiscal_documents
-- columns: company_id id | series text | first_missing int | last_missing int | missing_count int
-- order: company_id, series, first_missing
-- unit: numbers; a row here is a failure: a number may be a cash sale, a draft that was dropped, a row set aside. The number is the
--   digits that a document's id ends in, the series what stands before them; of a CFDI, folio and serie. Judged are series of at least 10
--   numbers with at most one gap for every five: others are shared with documents that are no receivables. A jump over more numbers than
--   the series has is a new range, no gap
-- unit_es: números; cada renglón es una falla: un número puede ser una venta de contado, un borrador desechado o un renglón apartado. El
--   número son las cifras finales de la clave del documento y la serie lo que está antes; de un CFDI, serie y folio. Se juzgan series de
--   al menos 10 números con a lo más un hueco por cada cinco: las otras se comparten con documentos que no son de cartera. Un salto mayor
--   que la serie es un rango nuevo, no un hueco
-- title_es: Las series de documentos no tienen huecos
-- title_en: Series of documents have no gaps
-- holds: select series from this where missing_count <> last_missing - first_missing + 1 or missing_count < 1
-- severity: warning
-- source: PITFALLS P33
with named as (
    select
        d.company_id,
        case when f.folio is null then d.document_id else concat(coalesce(f.series, ''), f.folio) end as whole
    from documents d
    left join fiscal_documents f on upper(f.fiscal_uuid) = upper(d.fiscal_uuid) and f.kind <> 'P'
    where coalesce(d.posting_date, d.document_date) <= $as_of
),

-- the digits at the end, 15 at most, so that they are a number
ended as (
    select company_id, whole, least(length(whole) - length(rtrim(whole, '0123456789')), 15) as digits
    from named
),

-- without digits no number, and no gap beside it
numbered as (
    select distinct
        company_id, left(whole, length(whole) - digits) as series, cast(nullif(right(whole, digits), '') as bigint) as number
    from ended
),

spaced as (
    select
        company_id, series, number,
        lag(number) over (partition by company_id, series order by number) as number_before,
        count(number) over (partition by company_id, series) as numbers
    from numbered
),

gaps as (
    select *, count(*) over (partition by company_id, series) as gaps
    from spaced
    where number > number_before + 1 and number - number_before - 1 <= numbers
),

final as (
    select
        company_id, series, number_before + 1 as first_missing, number - 1 as last_missing, number - number_before - 1 as missing_count
    from gaps
    where numbers >= 10 and 5 * gaps <= numbers
)

select * from final
