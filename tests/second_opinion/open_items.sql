-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-02-29'
-- call: '2024-07-05'
with item as (
    select distinct company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
        currency
    from movements
    where posting_date <= :as_of
),
valued as (
    select i.*,
        (select sum(m.amount) from movements m where m.posting_date <= :as_of and m.company_id = i.company_id
            and m.document_id = i.document_id
            and m.instalment = i.instalment and m.account is i.account and m.customer_id = i.customer_id and m.currency = i.currency
            and m.document_kind = i.document_kind and m.aging_class = i.aging_class and m.document_date = i.document_date
            and m.due_date = i.due_date) as open_amount,
        (select sum(m.company_amount) from movements m where m.posting_date <= :as_of and m.company_id = i.company_id
            and m.document_id = i.document_id and m.instalment = i.instalment and m.account is i.account and m.customer_id = i.customer_id
            and m.currency = i.currency and m.document_kind = i.document_kind and m.aging_class = i.aging_class
            and m.document_date = i.document_date and m.due_date = i.due_date) as open_amount_company
    from item i
)
select v.*, coalesce(k.name, v.customer_id) as customer_name, days(:as_of, v.due_date) as days_late, c.bucket_order, c.bucket,
    ratio4(v.open_amount * last_rate(v.currency, 'MXN', :as_of), 1000000000000) as open_amount_group
from valued v
join known_customer k on k.company_id = v.company_id and k.customer_id = v.customer_id
join aging_column c on c.bucket = case when v.aging_class <> 'due' then v.aging_class when v.due_date >= :as_of then 'current'
    else (select bucket from aging_buckets where days(:as_of, v.due_date) between from_days and to_days) end
where v.open_amount <> 0 or v.open_amount_company <> 0
