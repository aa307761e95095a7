-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05'
with item as (
    select company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date, currency,
        sum(amount) as open_amount
    from movements
    where posting_date <= :as_of
    group by company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date, currency
    having sum(amount) <> 0
),
-- disputes of a document on the day, in the currency of the document or as the whole of it
claim as (
    select i.company_id, i.customer_id, i.document_id, i.currency, sum(i.open_amount) as held,
        (select sum(case when d.currency = i.currency then d.amount end) from disputes d where d.company_id = i.company_id
            and d.document_id = i.document_id and d.opened_date <= :as_of and coalesce(d.closed_date, '9') > :as_of) as own,
        (select count(*) from disputes d where d.company_id = i.company_id and d.document_id = i.document_id and d.currency <> i.currency
            and d.opened_date <= :as_of and coalesce(d.closed_date, '9') > :as_of) as foreigners
    from item i
    where i.aging_class = 'due'
    group by i.company_id, i.customer_id, i.document_id, i.currency
),
-- what items before this one in the document take first
queued as (
    select i.*, c.held, c.own, c.foreigners,
        (select coalesce(sum(e.open_amount), 0) from item e where e.aging_class = 'due' and e.open_amount > 0
            and e.company_id = i.company_id and e.customer_id = i.customer_id and e.document_id = i.document_id and e.currency = i.currency
            and (e.due_date, e.instalment, coalesce(e.account, ''), e.document_kind, e.document_date)
                < (i.due_date, i.instalment, coalesce(i.account, ''), i.document_kind, i.document_date)) as before
    from item i
    left join claim c on c.company_id = i.company_id and c.customer_id = i.customer_id and c.document_id = i.document_id
        and c.currency = i.currency and i.aging_class = 'due'
)
select q.company_id, q.customer_id, q.currency, q.document_id, q.instalment, q.account, q.document_kind, q.aging_class,
    q.document_date, q.due_date, days(:as_of, q.due_date) as days_late, c.bucket_order, c.bucket, q.open_amount,
    (select sum(m.amount) from movements m where m.posting_date <= :as_of and m.company_id = q.company_id
        and m.document_id = q.document_id and m.instalment = q.instalment and m.currency = q.currency and m.source_table = 'documents'
        and m.movement_kind <> 'reclass'
        and m.source_id = case q.instalment when 1 then q.document_id else q.document_id || '/' || q.instalment end) as original_amount,
    case when q.open_amount <= 0 or coalesce(q.own, 0) + coalesce(q.foreigners, 0) = 0 then 0
        else max(0, min(q.open_amount, max(0, min(q.held, coalesce(q.own, 0) + q.foreigners * q.held)) - q.before)) end as disputed_amount
from queued q
join aging_column c on c.bucket = case when q.aging_class <> 'due' then q.aging_class when q.due_date >= :as_of then 'current'
    else (select bucket from aging_buckets where days(:as_of, q.due_date) between from_days and to_days) end
