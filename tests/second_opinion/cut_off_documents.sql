-- call: '2024-05-31'
-- call: '2024-04-20', 12
-- call: '2024-06-15', 1
-- call: '2024-03-01', 30
with around as (
    select date(:as_of, '-' || (:days - 1) || ' days') as first, date(:as_of, '+' || :days || ' days') as last
)
select d.company_id, d.document_id, d.currency, d.document_kind, d.customer_id, min(d.document_date) as document_date,
    min(coalesce(d.posting_date, d.document_date)) as posting_date,
    sum(case when d.document_kind in ('credit_memo', 'receipt', 'advance') then -1 else 1 end
        * case when d.reverses_document_id > '' then -1 else 1 end * d.amount) as amount,
    case when min(coalesce(d.posting_date, d.document_date)) > :as_of then 'after' else 'before' end as side,
    case when min(d.document_date) <= :as_of and min(coalesce(d.posting_date, d.document_date)) > :as_of then 'dated_before'
        when min(d.document_date) > :as_of and min(coalesce(d.posting_date, d.document_date)) <= :as_of then 'dated_after' end as finding,
    days(min(coalesce(d.posting_date, d.document_date)), min(d.document_date)) as days_between,
    ratio4(sum(case when d.document_kind in ('credit_memo', 'receipt', 'advance') then -1 else 1 end
        * case when d.reverses_document_id > '' then -1 else 1 end * d.amount)
        * (last_rate(d.currency, 'MXN', min(coalesce(d.posting_date, d.document_date))) / 10000), 100000000) as amount_group
from documents d, around a
group by d.company_id, d.document_id, d.currency, d.document_kind, d.customer_id
having posting_date between a.first and a.last
    or ((min(d.document_date) <= :as_of) <> (min(coalesce(d.posting_date, d.document_date)) <= :as_of)
        and min(coalesce(d.posting_date, d.document_date)) <> (select min(c.balances_from) from coverage c where c.company_id = d.company_id))
