-- name: member_paid_items
-- answers: Which invoices were paid in a period, per member of a grain, and what was due and left at the last receipt?
-- grain: one row per scope, owner_id, document_id, instalment
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: payments, movements, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | last_receipt_date date | document_currency text | due_amount money | last_paid_amount money | short_amount money |
--   rate rate
-- order: scope, owner_id, document_id, instalment
-- unit: money in document_currency; x rate it is in the member's currency: at the rate the invoice was booked at for a company's own
--   members, that times the rate of the last receipt's day for the group's, 1 by currency. Only cash that stands on the day `to` counts.
--   due_amount: what was open before the last day of cash in the period, less credits, discounts, withholdings, advances and netting of
--   that day, which the customer may take; fees and write-offs of that day are ours to bear and do not lower it. short_amount = due -
--   paid on that day, 0 if all was paid. An instalment is an item of its own
-- holds: select document_id from this where rate is null or short_amount < 0.00 or last_paid_amount <= 0.00
-- holds: select document_id from this where short_amount > 0.00 and short_amount <> due_amount - last_paid_amount
-- source: METRICS 17
with receipts as (
    select
        company_id, document_id, instalment, customer_id, currency, posting_date, amount,
        max(posting_date) over (partition by company_id, document_id, instalment) as last_receipt_date
    from payments($from, $to)
    where document_kind = 'invoice'
),

paid as (
    select
        company_id, document_id, instalment, currency, last_receipt_date,
        max(customer_id) as customer_id,
        sum(amount) as last_paid_amount
    from receipts
    where posting_date = last_receipt_date
    group by company_id, document_id, instalment, currency, last_receipt_date
    having sum(amount) > 0.00
),

-- all cash that stands was applied by the last day of cash, so what was undone later is out of the sum with its undoing
items as (
    select
        p.company_id, p.customer_id, p.document_id, p.instalment, p.currency, p.last_receipt_date, p.last_paid_amount,
        sum(
            case
                when m.movement_kind in ('apply_receipt', 'cash') then m.amount
                when m.movement_kind in ('write_off', 'fee') and m.posting_date < p.last_receipt_date then m.amount
                when m.movement_kind not in ('write_off', 'fee') and m.posting_date <= p.last_receipt_date then m.amount
                else 0.00
            end
        ) as left_amount,
        sum(case when m.movement_kind in ('invoice', 'opening') then m.amount else 0.00 end) as original_amount,
        sum(case when m.movement_kind in ('invoice', 'opening') then m.company_amount else 0.00 end) as original_amount_company
    from movements m
    join paid p on p.company_id = m.company_id and p.document_id = m.document_id and p.instalment = m.instalment
    where m.posting_date <= $to and m.document_kind = 'invoice'
    group by p.company_id, p.customer_id, p.document_id, p.instalment, p.currency, p.last_receipt_date, p.last_paid_amount
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, i.currency) as member_id, coalesce(b.member_name, i.currency) as member_name,
        coalesce(b.currency, i.currency) as currency,
        i.company_id as owner_id, i.customer_id, i.document_id, i.instalment, i.last_receipt_date,
        i.currency as document_currency,
        i.left_amount + i.last_paid_amount as due_amount,
        i.last_paid_amount,
        greatest(i.left_amount, 0.00) as short_amount,
        case
            when b.scope = 'currency' then 1.00
            when b.is_booked or c.functional_currency = b.currency then ratio(i.original_amount_company, i.original_amount)
            else ratio(i.original_amount_company, i.original_amount)
                * required_rate(r.rate, c.functional_currency, b.currency, i.last_receipt_date)
        end as rate
    from items i
    join members($to, $grain) b on b.owner_id = i.company_id and b.customer_id = i.customer_id
    join companies c on c.company_id = i.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and i.last_receipt_date between r.valid_from and r.valid_to
    where i.original_amount > 0.00
)

select * from final
