-- call: '2024-01-01', '2024-07-31'
-- call: '2024-04-01', '2024-05-31', 'customer', 500.0
-- call: '2024-03-01', '2024-06-15', 'segment'
-- call: '2024-02-01', '2024-06-30', 'currency', 100.0
-- call: '2024-05-01', '2024-07-05', 'collector'
with each as (
    select p.scope, p.member_company_id as company_id, p.member_id, p.company_id as owner_id, p.document_id, p.instalment, p.movement_kind,
        p.posting_date, p.source_table, p.source_id, p.currency as document_currency, p.customer_id, sum(p.amount) as document_amount,
        sum(p.flow) as amount
    from posted p
    where p.posting_date >= :from
        and p.movement_kind not in ('invoice', 'debit_memo', 'note', 'receipt', 'cash', 'credit_memo', 'advance', 'refund', 'opening', 'reclass',
            'clearing', 'fx_difference', 'fx_revaluation', 'apply_receipt', 'apply_credit', 'apply_advance', 'apply_refund')
    group by p.scope, p.member_company_id, p.member_id, p.company_id, p.document_id, p.instalment, p.movement_kind, p.posting_date,
        p.source_table, p.source_id, p.currency, p.customer_id
)
select e.*, abs(amount) <= 100 * :small as is_small,
    case movement_kind when 'write_off' then 1 when 'discount' then 2 when 'withholding' then 3 when 'fee' then 4 when 'netting' then 5
        when 'factoring' then 6 when 'adjustment' then 7 else 8 end as line_order,
    (select coalesce(k.name, e.customer_id) from every_customer k where k.company_id = e.owner_id and k.customer_id = e.customer_id)
        as customer_name,
    case e.source_table when 'applications' then (select a.undoes_application_id from applications a where a.company_id = e.owner_id
        and a.application_id = e.source_id)
    else (select max(d.reverses_document_id) from documents d where d.company_id = e.owner_id
        and e.source_id in (d.document_id, d.document_id || '/' || d.instalment)) end as undoes_id,
    -- nothing in these ledgers has a reason
    'no_reason' as reason
from each e
where document_amount <> 0 or amount <> 0
