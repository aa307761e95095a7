-- name: matchable_documents
-- answers: Which debits are open on a day, and which receipts have something left?
-- grain: one row per company_id, customer_id, currency, is_item, document_id, instalment
-- params: as_of date
-- reads: item_balances
-- columns: company_id id | customer_id id | currency text | is_item bool | document_id id | instalment int | document_date date |
--   due_date date | amount money | item_number int
-- order: company_id, customer_id, currency, is_item, document_id, instalment
-- unit: money, always +: what is open of a debit (is_item), what is left of a receipt. item_number counts the customer's documents of the
--   currency by document and instalment, debits and receipts apart. Credit memos, advances, refunds and what was over-applied are left
--   out
-- holds: select document_id from this where amount <= 0.00
-- source: PITFALLS P10 and P12
with documents as (
    select
        company_id, customer_id, currency, document_id, instalment,
        aging_class = 'due' as is_item,
        min(document_date) as document_date,
        min(due_date) as due_date,
        sum(case when aging_class = 'due' then open_amount else -open_amount end) as amount
    from item_balances($as_of)
    where aging_class = 'due' or (aging_class = 'unapplied' and document_kind = 'receipt')
    group by company_id, customer_id, currency, document_id, instalment, aging_class
    having sum(case when aging_class = 'due' then open_amount else -open_amount end) > 0.00
),

final as (
    select
        company_id, customer_id, currency, is_item, document_id, instalment, document_date, due_date, amount,
        row_number() over (partition by company_id, customer_id, currency, is_item order by document_id, instalment) as item_number
    from documents
)

select * from final
