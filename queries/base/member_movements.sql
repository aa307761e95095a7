-- name: member_movements
-- answers: Which movements were posted in a period, per member of a grain, and what were they worth to it on their day?
-- grain: one row per scope, movement_id, load_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | movement_id int | load_id int | owner_id id |
--   customer_id id | document_id id | instalment int | document_kind text | movement_kind text | effect text | aging_class text |
--   sales_effect text | document_date date | due_date date | posting_date date | document_currency text | document_amount money |
--   amount money | net_amount rate | rate rate | source_table text | source_id id
-- order: scope, movement_id, load_id
-- unit: money, debit +. amount x rate is the movement in the member's currency: as booked for a company's own members, the booked
--   value at the rate of the posting day for the group's, the document's amount by currency. net_amount
--   is likewise without tax, of rows that count as sales. Members are those of the day `to`
-- holds: select movement_id from this where rate is null
-- source: METRICS 0.3, POSTING 4
with final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, coalesce(b.member_name, m.currency) as member_name,
        coalesce(b.currency, m.currency) as currency,
        m.movement_id, m.load_id, m.company_id as owner_id, m.customer_id, m.document_id, m.instalment, m.document_kind,
        m.movement_kind, m.effect, m.aging_class, m.sales_effect, m.document_date, m.due_date, m.posting_date,
        m.currency as document_currency, m.amount as document_amount,
        case when b.scope = 'currency' then m.amount else m.company_amount end as amount,
        case when b.scope = 'currency' then m.net_sales_amount else ratio(m.net_sales_amount * m.company_amount, m.amount) end as net_amount,
        case
            when b.is_booked or b.scope = 'currency' or c.functional_currency = b.currency then 1.00
            when m.company_amount = 0.00 then 0.00
            else required_rate(r.rate, c.functional_currency, b.currency, m.posting_date)
        end as rate,
        m.source_table, m.source_id
    from movements m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
    join companies c on c.company_id = m.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and m.posting_date between r.valid_from and r.valid_to
    where m.posting_date between $from and $to
)

select * from final
