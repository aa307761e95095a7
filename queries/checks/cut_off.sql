-- name: cut_off
-- answers: Which documents of a month were posted in another month than they are dated in, or receipts long after they came?
-- answers_es: ¿Qué documentos de un mes se contabilizaron en otro mes que el de su fecha, o qué pagos mucho después de recibidos?
-- grain: one row per company_id, document_id
-- params: as_of date, receipt_days int = 5
-- reads: documents, coverage
-- columns: company_id id | document_id id | reason text | document_kind text | customer_id id | document_date date | posting_date date |
--   days_between int | currency text | amount money
-- order: company_id, document_id
-- unit: money in the document's currency; a row here is a failure. The month of the day, up to the day; what a company brought along on
--   the first day of its history is left out. reason: dated_before, dated_after (posted in the month, dated before or after it),
--   posted_after (dated in the month, posted after it), receipt_late (a receipt posted in its own month, but more than receipt_days days
--   after its date)
-- unit_es: importes en la moneda del documento; cada renglón es una falla. El mes del día, hasta el día; lo que una empresa trajo en el
--   primer día de su historia queda fuera. reason: dated_before, dated_after (contabilizado en el mes con fecha anterior o posterior),
--   posted_after (fechado en el mes y contabilizado después), receipt_late (pago contabilizado en su mes, pero más de receipt_days días
--   después de su fecha)
-- title_es: Los documentos del mes se contabilizaron en su mes
-- title_en: Documents of the month were posted in their month
-- holds: select document_id from this where reason <> 'receipt_late' and month_start(document_date) = month_start(posting_date)
-- severity: warning
-- source: METRICS 22, PITFALLS P23 and P38
with stated as (
    select
        company_id, document_id, document_kind, customer_id, currency,
        min(document_date) as document_date,
        min(coalesce(posting_date, document_date)) as posting_date,
        sum(amount) as amount
    from documents
    group by company_id, document_id, document_kind, customer_id, currency
),

-- what a company brought along on its first day is no late posting
covered as (
    select company_id, min(balances_from) as first_day
    from coverage
    group by company_id
),

judged as (
    select
        s.*,
        case
            when s.posting_date = c.first_day then null
            when s.posting_date between month_start($as_of) and $as_of then
                case
                    when s.document_date < month_start($as_of) then 'dated_before'
                    when s.document_date > month_end($as_of) then 'dated_after'
                    when s.document_kind in ('receipt', 'advance') and s.posting_date > s.document_date + $receipt_days
                        then 'receipt_late'
                end
            when s.document_date between month_start($as_of) and $as_of and s.posting_date > month_end($as_of) then 'posted_after'
        end as reason
    from stated s
    left join covered c on c.company_id = s.company_id
),

final as (
    select
        company_id, document_id, reason, document_kind, customer_id, document_date, posting_date,
        days_between(posting_date, document_date) as days_between, currency, amount
    from judged
    where reason is not null
)

select * from final
