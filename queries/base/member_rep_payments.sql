-- name: member_rep_payments
-- answers: Which payments on PPD invoices, per member of a grain, have their complement, and what are they worth to it?
-- grain: one row per scope, owner_id, document_id, receipt_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', as_of date = null,
--   deadline_day int = 5
-- reads: rep_compliance, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | document_id id | receipt_id id |
--   customer_id id | fiscal_uuid id | rep_uuid id | payment_date date | deadline_date date | state text | document_currency text |
--   document_amount money | amount money | rate rate
-- order: scope, owner_id, document_id, receipt_id
-- unit: money; amount x rate is the payment in the member's currency: as booked for a company's own members, the booked value at the rate
--   of the payment day for the group's, the document's amount by currency. Members are those of the day as_of (empty: `to`)
-- holds: select document_id from this where rate is null
-- source: METRICS 26
with final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, coalesce(b.member_name, p.currency) as member_name,
        coalesce(b.currency, p.currency) as currency,
        p.company_id as owner_id, p.document_id, p.receipt_id, p.customer_id, p.fiscal_uuid, p.rep_uuid, p.payment_date, p.deadline_date,
        p.state, p.currency as document_currency, p.amount as document_amount,
        case when b.scope = 'currency' then p.amount else p.company_amount end as amount,
        case
            when b.is_booked or b.scope = 'currency' or c.functional_currency = b.currency then 1.00
            when p.company_amount = 0.00 then 0.00
            else required_rate(r.rate, c.functional_currency, b.currency, p.payment_date)
        end as rate
    from rep_compliance($from, $to, $as_of, $deadline_day) p
    join members(coalesce($as_of, $to), $grain) b on b.owner_id = p.company_id and b.customer_id = p.customer_id
    join companies c on c.company_id = p.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and p.payment_date between r.valid_from and r.valid_to
)

select * from final
