-- name: payments
-- answers: Which cash was applied to which item in a period, and how long after its document and due days was it paid?
-- grain: one row per company_id, document_id, instalment, application_id
-- params: from date, to date, stands text of end month = 'end'
-- reads: movements, applications, documents
-- columns: company_id id | customer_id id | document_id id | instalment int | document_kind text | receipt_id id | application_id id |
--   document_date date | due_date date | paid_date date | posting_date date | days_to_pay int | days_late int | currency text |
--   amount money | company_amount money
-- order: company_id, document_id, instalment, application_id
-- unit: money that lowers a debit, + (an application of a negative amount is a negative payment). In the period by posting_date, the
--   day from which the application counts, so that each one falls in one month only; paid_date is the day of the receipt's document, or
--   posting_date where no receipt is given: cash that waits to be applied does not make the customer late. What was undone up to the
--   day `to` (unapplied, bounced, vanished, its item reversed) is no payment; until then it is (stands end); with stands month it is
--   one if it stood at the end of its month, as was said then. Customer and due day are those of posting_date. Calendar days; before
--   the document is negative. company_amount is the value of the receipt in the books
-- holds: select m.company_id from (select company_id, document_id, -sum(amount) as amount from movements
--   where posting_date <= $to and aging_class = 'due' and movement_kind in ('apply_receipt', 'cash') group by company_id, document_id) m
--   left join (select company_id, document_id, sum(amount) as amount from payments(date '0001-01-01', $to)
--   group by company_id, document_id) p on p.company_id = m.company_id and p.document_id = m.document_id
--   where coalesce(p.amount, 0.00) <> m.amount and $stands = 'end'
-- holds: select document_id from this where days_to_pay - days_late <> days_between(due_date, document_date)
-- source: METRICS 0.2, 9 and 10, POSTING 3, PITFALLS P28, P38 and P41
with lines as (
    select
        company_id, customer_id, document_id, instalment, document_kind, document_date, due_date, posting_date, currency,
        counter_document_id, source_table, source_id,
        -- an application that vanished from an extract is undone under its own id
        bool_or(effect = 'undo') as is_undo,
        -sum(amount) as amount,
        -sum(company_amount) as company_amount
    from movements
    where posting_date between $from and $to and aging_class = 'due' and movement_kind in ('apply_receipt', 'cash')
    group by
        company_id, customer_id, document_id, instalment, document_kind, document_date, due_date, posting_date, currency,
        counter_document_id, source_table, source_id
    -- corrections of our knowledge cancel on their line
    having sum(amount) <> 0.00
),

undoings as (
    select company_id, application_id, undoes_application_id
    from applications
    where undoes_application_id is not null
),

-- the receipt or the item was reversed: with it goes all that it paid on the item
reversals as (
    select
        company_id, document_id, instalment, document_kind, document_date, counter_document_id, min(posting_date) as reversed_date
    from lines
    where source_table = 'documents'
    group by company_id, document_id, instalment, document_kind, document_date, counter_document_id
),

linked as (
    select l.*, coalesce(u.undoes_application_id, l.source_id) as application_id, r.reversed_date
    from lines l
    left join undoings u on u.company_id = l.company_id and u.application_id = l.source_id
    left join reversals r
        on r.company_id = l.company_id and r.document_id = l.document_id and r.instalment = l.instalment
        and r.document_kind = l.document_kind and r.document_date = l.document_date
        and coalesce(r.counter_document_id, '') = coalesce(l.counter_document_id, '')
    where l.source_table = 'applications'
),

applied as (
    select
        company_id, document_id, instalment, document_kind, document_date, currency, counter_document_id, application_id,
        max(case when source_id = application_id and not is_undo then customer_id end) as customer_id,
        max(case when source_id = application_id and not is_undo then due_date end) as due_date,
        max(case when source_id = application_id and not is_undo then posting_date end) as posting_date,
        sum(case when source_id = application_id and not is_undo then amount else 0.00 end) as amount,
        sum(case when source_id = application_id and not is_undo then company_amount else 0.00 end) as company_amount,
        least(min(case when source_id <> application_id or is_undo then posting_date end), min(reversed_date)) as undone_date
    from linked
    group by company_id, document_id, instalment, document_kind, document_date, currency, counter_document_id, application_id
),

-- without a posting day the application itself lies before the period
standing as (
    select *
    from applied
    where posting_date is not null and (undone_date is null or ($stands = 'month' and undone_date > month_end(posting_date)))
),

receipts as (
    select company_id, document_id, min(document_date) as document_date
    from documents
    where document_kind <> 'invoice'
    group by company_id, document_id
),

final as (
    select
        s.company_id, s.customer_id, s.document_id, s.instalment, s.document_kind, s.counter_document_id as receipt_id, s.application_id,
        s.document_date, s.due_date,
        coalesce(r.document_date, s.posting_date) as paid_date,
        s.posting_date,
        days_between(coalesce(r.document_date, s.posting_date), s.document_date) as days_to_pay,
        days_between(coalesce(r.document_date, s.posting_date), s.due_date) as days_late,
        s.currency, s.amount, s.company_amount
    from standing s
    left join receipts r on r.company_id = s.company_id and r.document_id = s.counter_document_id
)

select * from final
