-- call: '2024-04-01', '2024-05-31'
-- call: '2024-01-01', '2024-02-10'
-- call: '2024-06-10', '2024-07-05'
-- what was open the day before; then what every source row did on a day, kind by kind
select company_id, customer_id, currency, 'opening' as part, :from as posting_date, '' as movement_kind, '' as source_table,
    '' as source_id, 0 as is_undone, null as document_id, sum(amount) as amount
from movements
where posting_date < :from
group by company_id, customer_id, currency
having sum(amount) <> 0
union all
select m.company_id, m.customer_id, m.currency, 'activity', m.posting_date, m.movement_kind, m.source_table, m.source_id,
    exists (select 1 from movements u where u.company_id = m.company_id and u.customer_id = m.customer_id and u.currency = m.currency
        and u.posting_date = m.posting_date and u.movement_kind = m.movement_kind and u.source_table = m.source_table
        and u.source_id = m.source_id and u.effect = 'undo'),
    case when count(distinct m.document_id) = 1 then min(m.document_id) end, sum(m.amount)
from movements m
where m.posting_date between :from and :to and m.movement_kind <> 'clearing'
group by m.company_id, m.customer_id, m.currency, m.posting_date, m.movement_kind, m.source_table, m.source_id
having sum(m.amount) <> 0
union all
select company_id, customer_id, currency, 'activity', posting_date, 'clearing', '', '', max(effect = 'undo'),
    case when count(distinct document_id) = 1 then min(document_id) end, sum(amount)
from movements
where posting_date between :from and :to and movement_kind = 'clearing'
group by company_id, customer_id, currency, posting_date
having sum(amount) <> 0
