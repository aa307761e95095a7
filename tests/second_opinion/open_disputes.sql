-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05'
-- one dispute after the other takes of what is open of the document
with standing as materialized (
    select d.company_id, d.dispute_id, d.document_id, d.opened_date, d.currency, d.amount,
        row_number() over (partition by d.company_id, d.document_id order by d.opened_date, d.dispute_id) as place
    from disputes d
    where d.opened_date <= :as_of and coalesce(d.closed_date, '9999') > :as_of
),
document as materialized (
    select m.company_id, m.document_id, m.currency, max(0, sum(case when m.aging_class = 'due' then m.amount else 0 end)) as open
    from movements m
    where m.posting_date <= :as_of
    group by m.company_id, m.document_id, m.currency
    -- a document that was taken back whole is none
    having sum(case when m.movement_kind = m.document_kind and m.effect <> 'undo' then m.amount else 0 end) <> 0
),
share as (
    select s.*, o.currency as document_currency, o.open,
        coalesce((select sum(case when e.currency = o.currency then e.amount else 9000000000000 end) from standing e
            where e.company_id = s.company_id and e.document_id = s.document_id and e.place < s.place), 0) as before
    from standing s
    join document o on o.company_id = s.company_id and o.document_id = s.document_id
)
select company_id, dispute_id, document_id, opened_date, days(:as_of, opened_date) as age_days, document_currency as currency,
    max(0, min(case when currency = document_currency then amount else 9000000000000 end, open - before)) as disputed_amount,
    worth(max(0, min(case when currency = document_currency then amount else 9000000000000 end, open - before)),
        last_rate(document_currency, 'MXN', :as_of)) as disputed_amount_group
from share
group by company_id, dispute_id
