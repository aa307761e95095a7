-- call: '2024-05-31'
-- call: '2024-04-20', 'customer'
-- call: '2024-06-30', 'segment'
-- call: '2024-03-31', 'collector'
-- call: '2024-06-15', 'currency'
-- call: '2024-07-31', 'parent'
-- call: '2024-10-31', 'customer'
with item as (
    select scope, member_company_id, member_id, stock_rate, sum(stock) as worth_of,
        sum(stock) * (stock_rate / 10000) as weight, days(due_date, document_date) as terms, days(:as_of, due_date) as late
    from posted
    where aging_class = 'due'
    group by scope, member_company_id, member_id, company_id, document_id, instalment, document_date, due_date, account, customer_id, currency,
        document_kind
    having sum(amount) > 0
)
select scope, member_company_id as company_id, member_id, count(*) as items, worth(worth_of, stock_rate) as open_amount,
    case when sum(weight) > 0 then ratio4(sum(weight * terms), sum(weight)) end as terms_days,
    case when sum(weight) > 0 then ratio4(sum(weight * late), sum(weight)) end as days_late_days,
    case when sum(weight) > 0 then ratio4(sum(weight * max(late, 0)), sum(weight)) end as days_beyond_terms_days,
    case when sum(weight) > 0 then ratio4(sum(weight * (terms + late)), sum(weight)) end as age_days,
    case when sum(weight) <= 0 then 'no_items' end as reason
from item
group by scope, member_company_id, member_id
