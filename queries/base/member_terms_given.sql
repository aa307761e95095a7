-- name: member_terms_given
-- answers: On what terms was each invoice given against what was agreed, per member of a grain, and what is it worth to it?
-- grain: one row per scope, owner_id, document_id, instalment
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: terms_given, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | document_date date | due_date date | posting_date date | days_given int | days_agreed int | days_over int |
--   document_currency text | amount money | rate rate
-- order: scope, owner_id, document_id, instalment
-- unit: money; amount x rate is the invoice in the member's currency: as booked for a company's own members, the booked value at the
--   rate of the posting day for the group's, the document's amount by currency. Members are those of the day `to`
-- holds: select document_id from this where rate is null
-- source: METRICS 0.3 and 10
with final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, t.currency) as member_id, coalesce(b.member_name, t.currency) as member_name,
        coalesce(b.currency, t.currency) as currency,
        t.company_id as owner_id, t.customer_id, t.document_id, t.instalment, t.document_date, t.due_date, t.posting_date, t.days_given,
        t.days_agreed, t.days_over, t.currency as document_currency,
        case when b.scope = 'currency' then t.amount else t.company_amount end as amount,
        case
            when b.is_booked or b.scope = 'currency' or c.functional_currency = b.currency then 1.00
            when t.company_amount = 0.00 then 0.00
            else required_rate(r.rate, c.functional_currency, b.currency, t.posting_date)
        end as rate
    from terms_given($from, $to) t
    join members($to, $grain) b on b.owner_id = t.company_id and b.customer_id = t.customer_id
    join companies c on c.company_id = t.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and t.posting_date between r.valid_from and r.valid_to
)

select * from final
