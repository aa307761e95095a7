-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-02-29', 'segment'
-- call: '2024-06-15', 'currency'
-- call: '2024-07-05', 'collector'
-- call: '2024-03-31', 'parent'
-- an item open in its own currency, valued as a whole at the closing rate of the day; the books are in pesos
with item as (
    select scope, member_company_id as company_id, member_id, currency as document_currency, company_id as owner_id, document_id,
        sum(amount) as amount, sum(company_amount) as booked,
        coalesce(sum(company_amount) filter (where movement_kind = 'fx_revaluation'), 0) as revalued
    from posted
    where currency <> 'MXN' and aging_class <> 'advances'
    group by scope, member_company_id, member_id, currency, company_id, account, customer_id, document_id, instalment, aging_class
    having sum(amount) <> 0
),
valued as (
    select *, ratio4(amount * last_rate(document_currency, 'MXN', :as_of), 1000000000000) as closing from item
)
select scope, company_id, member_id, document_currency, count(*) as items, sum(amount) as document_amount,
    sum(booked - revalued) as carrying_amount, sum(closing) as closing_amount, sum(closing - booked + revalued) as unrealised_amount,
    sum(max(closing - booked + revalued, 0)) as gain_amount, sum(min(closing - booked + revalued, 0)) as loss_amount,
    sum(revalued) as revalued_amount, sum(closing - booked) as to_post_amount
from valued
group by scope, company_id, member_id, document_currency
