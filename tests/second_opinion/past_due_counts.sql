-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-06-15', 'segment'
-- call: '2024-07-05', 'currency'
-- call: '2024-03-31', 'collector'
-- call: '2024-06-30', 'parent'
-- an item is what has the same account, customer, kind and days; what it still is in its currency says whether it is open
with item as materialized (
    select scope, member_company_id as company_id, member_id, company_id as owner_id, document_id, days(:as_of, due_date) as late,
        sum(amount) as open, sum(stock) as stock, max(stock_rate) as rate
    from posted
    where aging_class = 'due'
    group by scope, member_company_id, member_id, company_id, account, customer_id, document_id, instalment, document_kind, document_date,
        due_date, currency
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
-- how late the latest of its instalments is
document as materialized (
    select scope, company_id, member_id, owner_id, document_id, max(late) as late from item where open > 0
    group by scope, company_id, member_id, owner_id, document_id
),
amounts as (
    select scope, company_id, member_id, worth(stock, rate) as debit_amount,
        coalesce(worth(case when late > 0 then stock else 0 end, rate), 0) as past_due_amount,
        coalesce(worth(case when late > 90 then stock else 0 end, rate), 0) as over_90_amount,
        sum(stock * (rate / 10000)) as debits, sum(case when late > 0 then stock * (rate / 10000) else 0 end) as past_due,
        sum(case when late > 90 then stock * (rate / 10000) else 0 end) as over_90
    from item group by scope, company_id, member_id
),
counts as (
    select a.*, count(d.document_id) as document_count, count(*) filter (where d.late >= 1) as past_due_count,
        count(*) filter (where d.late >= 91) as over_90_count
    from amounts a
    left join document d on d.scope = a.scope and d.company_id = a.company_id and d.member_id = a.member_id
    group by a.scope, a.company_id, a.member_id
)
select scope, company_id, member_id, document_count, past_due_count, ratio4(100 * past_due_count, document_count) as past_due_count_pct,
    over_90_count, ratio4(100 * over_90_count, document_count) as over_90_count_pct, debit_amount, past_due_amount,
    case when debits > 0 then ratio4(100 * past_due, debits) end as past_due_pct, over_90_amount,
    case when debits > 0 then ratio4(100 * over_90, debits) end as over_90_pct,
    case when document_count = 0 or debits <= 0 then 'no_items' end as reason
from counts
