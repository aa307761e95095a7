-- name: fiscal_links
-- answers: Which lines of payment complements name which invoice, and does each follow from the one before?
-- grain: one row per invoice_uuid, rep_uuid, payment_no, line
-- params: as_of date
-- reads: fiscal_payments, fiscal_documents
-- columns: invoice_uuid id | rep_uuid id | payment_no int | line int | rep_state text | stamped_date date | payment_date date |
--   payment_currency text | payment_amount money | currency text | equivalence rate | instalment int | previous_balance_amount money |
--   paid_amount money | outstanding_amount money | is_first bool | is_last bool | sequence_breaks bool | previous_breaks bool |
--   sum_breaks bool | equivalence_breaks bool | is_early bool
-- order: invoice_uuid, rep_uuid, payment_no, line
-- unit: money in the invoice's currency, but payment_amount in payment_currency. Complements stamped up to the day (a day of Mexico City,
--   as all fiscal days are stored; without a stamp the day of issue). rep_state: valid, cancelled (by the day), unknown (the complement
--   itself was not loaded). Chains are of one state, so that a cancelled complement leaves no hole. sequence: instalment is not the next
--   number; previous: it is not the outstanding amount before (first: the invoice's total); sum: previous - paid is not outstanding, or
--   that is below zero; equivalence: it is not 1 in one currency, is absent between two, or the lines of the payment take more than was
--   paid (by more than half a cent a line); early: paid before the invoice was issued
-- holds: select invoice_uuid from this where rep_state = 'valid' group by invoice_uuid having sum(case when is_last then 1 else 0 end) <>
--   1
-- source: METRICS 26, PITFALLS P36
with linked as (
    select
        upper(p.invoice_uuid) as invoice_uuid, upper(p.rep_uuid) as rep_uuid, p.payment_no, p.line,
        case when r.fiscal_uuid is null then 'unknown' when r.cancelled_at <= $as_of then 'cancelled' else 'valid' end as rep_state,
        coalesce(r.stamped_at, r.issued_at) as stamped_date,
        p.payment_date, p.payment_currency, p.payment_amount, p.currency, p.equivalence, p.instalment,
        p.previous_balance as previous_balance_amount, p.paid as paid_amount, p.outstanding as outstanding_amount,
        i.total, i.issued_at
    from fiscal_payments p
    left join fiscal_documents r on upper(r.fiscal_uuid) = upper(p.rep_uuid) and r.kind = 'P'
    left join fiscal_documents i on upper(i.fiscal_uuid) = upper(p.invoice_uuid) and i.kind = 'I'
    where coalesce(r.stamped_at, r.issued_at, p.payment_date) <= $as_of
),

numbered as (
    select
        *,
        row_number() over (
            partition by invoice_uuid, rep_state order by instalment, payment_date, rep_uuid, payment_no, line
        ) as position,
        count(*) over (partition by invoice_uuid, rep_state) as links,
        lag(outstanding_amount) over (
            partition by invoice_uuid, rep_state order by instalment, payment_date, rep_uuid, payment_no, line
        ) as outstanding_before,
        sum(ratio(paid_amount - 0.005, coalesce(equivalence, 1))) over (partition by rep_uuid, payment_no) as taken_amount
    from linked
),

final as (
    select
        invoice_uuid, rep_uuid, payment_no, line, rep_state, stamped_date, payment_date, payment_currency, payment_amount, currency,
        equivalence, instalment, previous_balance_amount, paid_amount, outstanding_amount,
        position = 1 as is_first,
        position = links as is_last,
        instalment <> position as sequence_breaks,
        coalesce(previous_balance_amount <> coalesce(outstanding_before, total), false) as previous_breaks,
        previous_balance_amount - paid_amount <> outstanding_amount or outstanding_amount < 0.00 as sum_breaks,
        case when payment_currency = currency then coalesce(equivalence, 1) <> 1 else equivalence is null end
        or taken_amount > payment_amount as equivalence_breaks,
        coalesce(payment_date < issued_at, false) as is_early
    from numbered
)

select * from final
