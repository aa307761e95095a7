-- name: fiscal_chain
-- answers: Does the balance that the payment complements leave on each PPD invoice agree with the ledger?
-- answers_es: ¿Coincide el saldo que dejan los complementos de pago en cada factura PPD con el auxiliar?
-- title_es: Cadena de complementos de pago por factura PPD
-- title_en: Chain of payment complements per PPD invoice
-- formula: fiscal balance = outstanding amount of the last valid complement (without one: total); difference = ledger - fiscal balance
-- formula_es: saldo fiscal = saldo insoluto del último complemento vigente (sin él: total); diferencia = auxiliar - saldo fiscal
-- grain: one row per fiscal_uuid
-- params: as_of date
-- reads: fiscal_documents, fiscal_links, documents, movements
-- columns: fiscal_uuid id | company_id id | document_id id | issued_date date | currency text | total_amount money | complements int |
--   cancelled_complements int | paid_amount money | fiscal_amount money | settled_otherwise_amount money | open_amount money |
--   difference_amount money | sequence_breaks int | previous_breaks int | sum_breaks int | equivalence_breaks int | early_payments int |
--   state text
-- order: fiscal_uuid
-- unit: money in the invoice's currency. PPD invoices issued and not cancelled up to the day; complements stamped and not cancelled up to
--   it. settled_otherwise: what the ledger settled without cash (credit notes, write-offs, withholdings: no complement). state:
--   not_in_ledger, broken_chain (a link does not follow from the one before), agrees, credited (the difference is what was settled
--   otherwise), complement_missing (the ledger knows of more payments), payment_missing (the complements do)
-- unit_es: importes en la moneda de la factura. Facturas PPD emitidas y no canceladas hasta el día; complementos timbrados y no
--   cancelados en él. settled_otherwise: lo saldado sin efectivo (notas de crédito, castigos, retenciones: sin complemento). state:
--   not_in_ledger, broken_chain (un eslabón no sigue al anterior), agrees, credited (la diferencia es lo saldado de otro modo),
--   complement_missing (el auxiliar conoce más pagos), payment_missing (los complementos conocen más)
-- holds: select fiscal_uuid from this where state = 'agrees' and open_amount <> fiscal_amount
-- holds: select fiscal_uuid from this where state <> 'broken_chain' and complements > 0 and fiscal_amount <> total_amount - paid_amount
-- inputs: paid_amount = select t.fiscal_uuid, k.rep_uuid, k.payment_no, k.line, k.instalment, k.payment_date, k.paid_amount as amount
--   from fiscal_links($as_of) k join this t on t.fiscal_uuid = k.invoice_uuid where k.rep_state = 'valid'
-- inputs: fiscal_amount = select upper(f.fiscal_uuid) as fiscal_uuid, k.rep_uuid, k.payment_no, k.line, coalesce(k.stamped_date,
--   f.issued_at) as day, coalesce(k.outstanding_amount, f.total) as amount from fiscal_documents f join this t on t.fiscal_uuid =
--   upper(f.fiscal_uuid) left join fiscal_links($as_of) k on k.invoice_uuid = t.fiscal_uuid and k.rep_state = 'valid' and k.is_last
-- inputs: settled_otherwise_amount = select d.fiscal_uuid, m.company_id, m.document_id, m.instalment, m.movement_kind,
--   m.posting_date, m.counter_document_id, m.amount from movements m join (select distinct company_id, document_id,
--   upper(fiscal_uuid) as fiscal_uuid from documents where document_kind in ('invoice', 'debit_memo', 'note') and
--   reverses_document_id is null) d on d.company_id = m.company_id and d.document_id = m.document_id join this t on t.fiscal_uuid =
--   d.fiscal_uuid where m.posting_date <= $as_of and m.movement_kind not in ('opening', 'invoice', 'debit_memo', 'note',
--   'adjustment', 'reclass', 'receipt', 'cash', 'apply_receipt')
-- inputs: open_amount = select d.fiscal_uuid, m.company_id, m.document_id, m.instalment, m.movement_kind, m.posting_date,
--   m.counter_document_id, m.amount from movements m join (select distinct company_id, document_id, upper(fiscal_uuid) as
--   fiscal_uuid from documents where document_kind in ('invoice', 'debit_memo', 'note') and reverses_document_id is null) d on
--   d.company_id = m.company_id and d.document_id = m.document_id join this t on t.fiscal_uuid = d.fiscal_uuid where m.posting_date
--   <= $as_of
-- source: METRICS 26, PITFALLS P36
with links as (
    select
        invoice_uuid,
        sum(case when rep_state = 'valid' then 1 else 0 end) as complements,
        sum(case when rep_state = 'cancelled' then 1 else 0 end) as cancelled_complements,
        sum(case when rep_state = 'valid' then paid_amount else 0.00 end) as paid_amount,
        sum(case when rep_state = 'valid' and is_last then outstanding_amount end) as outstanding_amount,
        sum(case when rep_state = 'valid' and sequence_breaks then 1 else 0 end) as sequence_breaks,
        sum(case when rep_state = 'valid' and previous_breaks then 1 else 0 end) as previous_breaks,
        sum(case when rep_state = 'valid' and sum_breaks then 1 else 0 end) as sum_breaks,
        sum(case when rep_state = 'valid' and equivalence_breaks then 1 else 0 end) as equivalence_breaks,
        sum(case when rep_state = 'valid' and is_early then 1 else 0 end) as early_payments
    from fiscal_links($as_of)
    group by invoice_uuid
),

carried as (
    select distinct company_id, document_id, upper(fiscal_uuid) as fiscal_uuid
    from documents
    where fiscal_uuid <> '' and document_kind in ('invoice', 'debit_memo', 'note') and reverses_document_id is null
),

ledger as (
    select
        d.fiscal_uuid, min(d.company_id) as company_id, min(d.document_id) as document_id,
        sum(m.amount) as open_amount,
        sum(
            case
                when m.movement_kind in (
                    'opening', 'invoice', 'debit_memo', 'note', 'adjustment', 'reclass', 'receipt', 'cash', 'apply_receipt'
                ) then 0.00 else m.amount
            end
        ) as settled_otherwise_amount
    from carried d
    join movements m on m.company_id = d.company_id and m.document_id = d.document_id
    where m.posting_date <= $as_of
    group by d.fiscal_uuid
),

united as (
    select
        upper(f.fiscal_uuid) as fiscal_uuid, w.company_id, w.document_id, f.issued_at as issued_date, f.currency, f.total as total_amount,
        coalesce(k.complements, 0) as complements, coalesce(k.cancelled_complements, 0) as cancelled_complements,
        coalesce(k.paid_amount, 0.00) as paid_amount, coalesce(k.outstanding_amount, f.total) as fiscal_amount,
        w.settled_otherwise_amount, w.open_amount, w.open_amount - coalesce(k.outstanding_amount, f.total) as difference_amount,
        coalesce(k.sequence_breaks, 0) as sequence_breaks, coalesce(k.previous_breaks, 0) as previous_breaks,
        coalesce(k.sum_breaks, 0) as sum_breaks, coalesce(k.equivalence_breaks, 0) as equivalence_breaks,
        coalesce(k.early_payments, 0) as early_payments
    from fiscal_documents f
    left join links k on k.invoice_uuid = upper(f.fiscal_uuid)
    left join ledger w on w.fiscal_uuid = upper(f.fiscal_uuid)
    where
        f.kind = 'I' and f.payment_method = 'PPD' and f.issued_at <= $as_of and (f.cancelled_at is null or f.cancelled_at > $as_of)
),

final as (
    select
        *,
        case
            when sequence_breaks + previous_breaks + sum_breaks + equivalence_breaks > 0 then 'broken_chain'
            when open_amount is null then 'not_in_ledger'
            when difference_amount = 0.00 then 'agrees'
            when difference_amount = settled_otherwise_amount then 'credited'
            when difference_amount < 0.00 then 'complement_missing'
            else 'payment_missing'
        end as state
    from united
)

select * from final
