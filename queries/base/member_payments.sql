-- name: member_payments
-- answers: Which payments weigh in the days to pay of a period, per member of a grain, and how much?
-- grain: one row per scope, owner_id, document_id, instalment, application_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   mode text of payment closing = 'payment', stands text of end month = 'end'
-- reads: payments, closings, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | receipt_id id | application_id id | document_date date | due_date date | paid_date date | posting_date date |
--   terms_days int | days_to_pay int | days_late int | document_currency text | document_amount money | amount money | rate rate
-- order: scope, owner_id, document_id, instalment, application_id
-- unit: money; amount x rate is the weight in the member's currency: as booked for a company's own members, the booked value at the
--   rate of posting_date for the group's, the document's amount by currency. mode payment: every cash application that stands (stands:
--   as in payments); closing: every item closed by cash, with its original amount, once (application_id is then closing). Members are
--   those of the day `to`
-- holds: select document_id from this where rate is null or terms_days + days_late <> days_to_pay
-- source: METRICS 0.3, 9 and 10, PITFALLS P28
with weights as (
    select
        company_id, customer_id, document_id, instalment, receipt_id, application_id, document_date, due_date, paid_date, posting_date,
        days_to_pay, days_late, currency, amount, company_amount
    from payments($from, $to, $stands)
    where $mode = 'payment'
    union all
    select
        company_id, customer_id, document_id, instalment, cast(null as varchar) as receipt_id, 'closing' as application_id, document_date,
        due_date, paid_date, closing_date as posting_date, days_to_pay, days_late, currency, original_amount as amount,
        original_amount_company as company_amount
    from closings($from, $to)
    where $mode = 'closing' and cause = 'cash'
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, w.currency) as member_id, coalesce(b.member_name, w.currency) as member_name,
        coalesce(b.currency, w.currency) as currency,
        w.company_id as owner_id, w.customer_id, w.document_id, w.instalment, w.receipt_id, w.application_id, w.document_date, w.due_date,
        w.paid_date, w.posting_date,
        days_between(w.due_date, w.document_date) as terms_days,
        w.days_to_pay, w.days_late,
        w.currency as document_currency, w.amount as document_amount,
        case when b.scope = 'currency' then w.amount else w.company_amount end as amount,
        case
            when b.is_booked or b.scope = 'currency' or c.functional_currency = b.currency then 1.00
            when w.company_amount = 0.00 then 0.00
            else required_rate(r.rate, c.functional_currency, b.currency, w.posting_date)
        end as rate
    from weights w
    join members($to, $grain) b on b.owner_id = w.company_id and b.customer_id = w.customer_id
    join companies c on c.company_id = w.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and w.posting_date between r.valid_from and r.valid_to
)

select * from final
