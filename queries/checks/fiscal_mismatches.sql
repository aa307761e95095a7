-- name: fiscal_mismatches
-- answers: Which documents do not agree with their CFDI?
-- answers_es: ¿Qué documentos no coinciden con su CFDI?
-- grain: one row per company_id, document_id, fiscal_uuid, reason
-- params: as_of date
-- reads: documents, movements, fiscal_documents, companies, coverage
-- columns: company_id id | document_id id | fiscal_uuid id | reason text | currency text | document_amount money | fiscal_currency text |
--   fiscal_amount money | cancelled_date date
-- order: company_id, document_id, fiscal_uuid, reason
-- unit: money in the currencies named; a row here is a failure. reason: cancelled (by the day, but in the ledger still open or paid),
--   total_differs, currency_differs, kind_differs (an invoice with an E, a credit with an I), missing (the CFDI loaded of the company's
--   tax id begin before and reach after the document's date, this one is not among them). Receipts are left out; totals of documents
--   older than the first day with balances are not compared, nor those of what stands for the rest of another document
-- unit_es: importes en las monedas nombradas; cada renglón es una falla. reason: cancelled (cancelado al día, pero abierto o pagado en el
--   auxiliar), total_differs, currency_differs, kind_differs (factura con E, crédito con I), missing (los CFDI cargados del RFC de la
--   empresa empiezan antes y llegan después de la fecha del documento y éste no está). Los pagos quedan fuera; no se comparan totales de
--   documentos anteriores al primer día con saldos ni de los que son el resto de otro documento
-- title_es: Los documentos coinciden con sus CFDI
-- title_en: Documents agree with their CFDI
-- holds: select document_id from this where reason = 'cancelled' and cancelled_date > $as_of
-- holds: select document_id from this where reason = 'total_differs' and document_amount = fiscal_amount
-- source: METRICS 26, PITFALLS P36, POSTING 6
with carried as (
    select
        company_id, document_id, upper(fiscal_uuid) as fiscal_uuid, document_kind, currency,
        coalesce(root_document_id, document_id) <> document_id as is_rest,
        min(document_date) as document_date, sum(abs(amount)) as document_amount
    from documents
    where
        fiscal_uuid <> '' and document_kind in ('invoice', 'debit_memo', 'credit_memo', 'advance')
        and reverses_document_id is null and coalesce(posting_date, document_date) <= $as_of
    group by
        company_id, document_id, upper(fiscal_uuid), document_kind, currency, coalesce(root_document_id, document_id) <> document_id
),

stated as (
    select
        upper(fiscal_uuid) as fiscal_uuid, kind, currency, total, cancelled_at,
        issued_at, issuer_tax_id
    from fiscal_documents
    where issued_at <= $as_of
),

reached as (
    select c.company_id, min(s.issued_at) as first_issued_date, max(s.issued_at) as last_issued_date
    from companies c
    join stated s on s.issuer_tax_id = c.tax_id
    group by c.company_id
),

covered as (
    select company_id, max(balances_from) as balances_from
    from coverage
    group by company_id
),

-- a document reversed, or credited in full without any cash, stands for nothing
standing as (
    select
        d.company_id, d.document_id, d.fiscal_uuid, d.document_kind, d.currency, d.document_date, d.document_amount,
        d.is_rest or d.document_date < coalesce(v.balances_from, d.document_date) as is_part,
        r.first_issued_date, r.last_issued_date,
        sum(m.amount) <> 0.00
        or sum(
            case
                when m.movement_kind in ('receipt', 'cash', 'apply_receipt') then m.amount
                when d.document_kind in ('credit_memo', 'advance') and m.movement_kind in ('apply_credit', 'apply_advance') then m.amount
                else 0.00
            end
        ) <> 0.00 as stands
    from carried d
    join movements m on m.company_id = d.company_id and m.document_id = d.document_id and m.posting_date <= $as_of
    left join reached r on r.company_id = d.company_id
    left join covered v on v.company_id = d.company_id
    group by
        d.company_id, d.document_id, d.fiscal_uuid, d.document_kind, d.currency, d.document_date, d.document_amount,
        d.is_rest or d.document_date < coalesce(v.balances_from, d.document_date), r.first_issued_date, r.last_issued_date
),

judged as (
    select
        s.company_id, s.document_id, s.fiscal_uuid, k.reason, s.currency, s.document_amount, f.currency as fiscal_currency,
        f.total as fiscal_amount, case when f.cancelled_at <= $as_of then f.cancelled_at end as cancelled_date,
        case k.reason
            when 'cancelled' then f.cancelled_at <= $as_of and s.stands
            when 'total_differs' then f.currency = s.currency and f.total <> s.document_amount and not s.is_part
            when 'currency_differs' then f.currency <> s.currency
            when 'kind_differs' then f.kind <> case when s.document_kind = 'credit_memo' then 'E' else 'I' end
            when 'missing' then f.fiscal_uuid is null and s.document_date between s.first_issued_date and s.last_issued_date
        end as fails
    from standing s
    cross join (values ('cancelled'), ('total_differs'), ('currency_differs'), ('kind_differs'), ('missing')) as k (reason)
    left join stated f on f.fiscal_uuid = s.fiscal_uuid
),

final as (
    select company_id, document_id, fiscal_uuid, reason, currency, document_amount, fiscal_currency, fiscal_amount, cancelled_date
    from judged
    where fails
)

select * from final
