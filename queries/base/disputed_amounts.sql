-- name: disputed_amounts
-- answers: How much of each customer's open debits is in dispute?
-- grain: one row per company_id, customer_id, currency
-- params: as_of date
-- reads: disputes, movements
-- columns: company_id id | customer_id id | currency text | dispute_count int | disputed_amount money | disputed_amount_company money
-- order: company_id, customer_id, currency
-- unit: money; the disputed part only, never more than what is open of the document. A dispute in another currency than its
--   document's counts as the whole of it
-- holds: select customer_id from this where disputed_amount < 0.00
-- source: METRICS 17
with standing as (
    select
        company_id, document_id, currency,
        count(*) as dispute_count,
        sum(amount) as amount
    from disputes
    where opened_date <= $as_of and (closed_date is null or closed_date > $as_of)
    group by company_id, document_id, currency
),

items as (
    select
        m.company_id, m.customer_id, m.document_id, m.currency,
        sum(m.amount) as open_amount,
        sum(m.company_amount) as open_amount_company
    from movements m
    join (select distinct company_id, document_id from standing) s on s.company_id = m.company_id and s.document_id = m.document_id
    where m.posting_date <= $as_of and m.aging_class = 'due'
    group by m.company_id, m.customer_id, m.document_id, m.currency
    having sum(m.amount) > 0.00
),

-- all disputes of a document together, whatever their currencies
claimed as (
    select
        i.company_id, i.customer_id, i.document_id, i.currency, i.open_amount, i.open_amount_company,
        sum(s.dispute_count) as dispute_count,
        least(sum(case when s.currency = i.currency then s.amount else i.open_amount end), i.open_amount) as disputed_amount
    from items i
    join standing s on s.company_id = i.company_id and s.document_id = i.document_id
    group by i.company_id, i.customer_id, i.document_id, i.currency, i.open_amount, i.open_amount_company
),

final as (
    select
        company_id, customer_id, currency,
        sum(dispute_count) as dispute_count,
        sum(disputed_amount) as disputed_amount,
        sum(ratio(disputed_amount, open_amount) * open_amount_company) as disputed_amount_company
    from claimed
    group by company_id, customer_id, currency
)

select * from final
