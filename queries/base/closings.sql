-- name: closings
-- answers: Which debits were closed in a period, by what, and how long after their document and due days?
-- grain: one row per company_id, document_id, instalment
-- params: from date, to date
-- reads: movements, payments
-- columns: company_id id | customer_id id | document_id id | instalment int | document_kind text | document_date date | due_date date |
--   closing_date date | paid_date date | days_to_pay int | days_late int | cause text | currency text | original_amount money |
--   original_amount_company money
-- order: company_id, document_id, instalment
-- unit: money as posted, less what was reversed. Closed: nothing is left on the day `to`; closing_date is the last day on which something
--   settled it. cause says what did so on that day: cash (with or without discount, withholding and fee), credit, advance, write_off,
--   netting, factoring, allowance (discount, withholding, fee alone), reversal, inferred, other; mixed for several. paid_date and days
--   only where the cause is cash: the day of the receipt applied on the closing day, the last of several. Calendar days
-- holds: select document_id from this where (cause = 'cash') <> (days_to_pay is not null)
-- holds: select t.document_id from this t join movements m on m.company_id = t.company_id and m.document_id = t.document_id
--   and m.instalment = t.instalment where m.posting_date <= $to group by t.company_id, t.document_id, t.instalment
--   having sum(m.amount) <> 0.00
-- source: METRICS 9 and 10, PITFALLS P28
with touched as (
    select distinct company_id, document_id, instalment
    from movements
    where posting_date between $from and $to and aging_class = 'due'
),

settled as (
    select
        m.company_id, m.customer_id, m.document_id, m.instalment, m.document_kind, m.document_date, m.due_date, m.posting_date,
        m.currency, m.amount, m.company_amount,
        case
            when m.movement_kind in ('apply_receipt', 'cash') then 'cash'
            when m.movement_kind = 'apply_credit' then 'credit'
            when m.movement_kind = 'apply_advance' then 'advance'
            when m.movement_kind in ('discount', 'withholding', 'fee') then 'allowance'
            when m.movement_kind in ('write_off', 'netting', 'factoring', 'inferred') then m.movement_kind
            when m.movement_kind in ('opening', 'invoice', 'debit_memo', 'note', 'adjustment') then 'reversal'
            else 'other'
        end as cause
    from movements m
    join touched t on t.company_id = m.company_id and t.document_id = m.document_id and t.instalment = m.instalment
    where m.posting_date <= $to and m.aging_class = 'due' and m.movement_kind <> 'reclass'
),

lines as (
    select
        company_id, customer_id, document_id, instalment, document_kind, document_date, due_date, posting_date, currency, cause,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from settled
    group by company_id, customer_id, document_id, instalment, document_kind, document_date, due_date, posting_date, currency, cause
    having sum(amount) <> 0.00
),

-- cash applied again on the day it was unapplied leaves no line: nothing happened
dated as (
    select
        *,
        sum(amount) over (partition by company_id, document_id, instalment) as open_amount,
        max(case when cause <> 'reversal' or amount < 0.00 then posting_date end) over (partition by company_id, document_id, instalment)
            as closing_date
    from lines
),

closed as (
    select
        company_id, document_id, instalment, document_kind, document_date, currency, closing_date,
        max(case when posting_date = closing_date then customer_id end) as customer_id,
        max(case when posting_date = closing_date then due_date end) as due_date,
        sum(case when cause = 'reversal' then amount else 0.00 end) as original_amount,
        sum(case when cause = 'reversal' then company_amount else 0.00 end) as original_amount_company,
        bool_or(cause = 'cash' and amount < 0.00 and posting_date = closing_date) as has_cash,
        count(distinct case when posting_date = closing_date and cause not in ('cash', 'allowance') and amount < 0.00 then cause end)
            as causes,
        max(case when posting_date = closing_date and cause not in ('cash', 'allowance') and amount < 0.00 then cause end) as cause
    from dated
    where open_amount = 0.00 and closing_date between $from and $to
    group by company_id, document_id, instalment, document_kind, document_date, currency, closing_date
),

receipts as (
    select company_id, document_id, instalment, posting_date, max(paid_date) as paid_date
    from payments($from, $to)
    group by company_id, document_id, instalment, posting_date
),

dated_payments as (
    select
        c.*,
        c.has_cash and c.causes = 0 as is_cash,
        case when c.has_cash and c.causes = 0 then coalesce(r.paid_date, c.closing_date) end as paid_date
    from closed c
    left join receipts r
        on r.company_id = c.company_id and r.document_id = c.document_id and r.instalment = c.instalment
        and r.posting_date = c.closing_date
),

final as (
    select
        company_id, customer_id, document_id, instalment, document_kind, document_date, due_date, closing_date, paid_date,
        case when is_cash then days_between(paid_date, document_date) end as days_to_pay,
        case when is_cash then days_between(paid_date, due_date) end as days_late,
        case
            when is_cash then 'cash'
            when has_cash or causes > 1 then 'mixed'
            else coalesce(cause, 'allowance')
        end as cause,
        currency, original_amount, original_amount_company
    from dated_payments
)

select * from final
