-- call: '2024-05-31'
-- call: '2024-03-15'
-- call: '2024-07-05'
-- these ledgers hold no reference two documents share, and a rate for every day
with item as materialized (
    select company_id, currency, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
        sum(amount) as open
    from movements
    where posting_date <= :as_of
    group by company_id, currency, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date
    having sum(amount) <> 0
),
each (row_class, code, table_name, company_id, currency, amount) as (
    select 'rejected', code, table_name, coalesce(company_id, '(unknown)'), coalesce(currency, '(none)'), amount from rejects
    union all
    select 'waiting', 'application_waits', source_table, company_id, coalesce(max(currency), '(none)'), sum(change * amount)
    from waiting group by source_table, company_id, source_id having sum(change) > 0
    union all
    select 'lacking', 'due_date_missing', 'documents', company_id, currency, open from item i
    where aging_class = 'due' and exists (select 1 from findings f where f.code = 'due_date_missing'
        and f.row_key = i.company_id || '/' || i.document_id || '/' || i.instalment)
    union all
    select 'lacking', 'due_before_issue', 'documents', company_id, currency, open from item where aging_class = 'due' and days(document_date,
        due_date) > 0
    union all
    select 'lacking', 'overapplied', 'documents', company_id, currency, open from item
    where aging_class = 'due' and open < 0 and document_kind <> 'adjustment'
    union all
    select 'lacking', 'customer_unknown', 'documents', company_id, currency, open from item i
    where not exists (select 1 from customers k where k.company_id = i.company_id and k.customer_id = i.customer_id)
    union all
    select 'lacking', 'receipt_unmatched', 'documents', company_id, currency, open from item i
    where document_kind = 'receipt' and open + (select sum(d.amount) from documents d where d.company_id = i.company_id
        and d.document_id = i.document_id and coalesce(d.instalment, 1) = i.instalment) = 0
    union all
    select 'lacking', 'cash_without_receipt', 'applications', company_id, currency, sum(amount) from movements
    where movement_kind = 'cash' and posting_date <= :as_of
    group by company_id, currency, source_id, document_id, instalment, customer_id having sum(amount) <> 0
)
select row_class, code, table_name, company_id, currency, count(*) as row_count, sum(amount) as amount
from each
group by row_class, code, table_name, company_id, currency
