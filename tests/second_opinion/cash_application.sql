-- call: '2024-05-01', '2024-05-31'
-- call: '2024-03-01', '2024-04-20', 'customer'
-- call: '2024-02-10', '2024-06-15', 'currency'
-- call: '2024-04-01', '2024-05-31', 'segment'
-- call: '2024-05-16', '2024-07-05', 'collector'
-- call: '2024-01-01', '2024-03-15', 'parent'
-- what was applied is what receipts got less what their balance grew by, but for what was paid back or moved. In units of 1e-8
with of_member as (
    select scope, member_company_id as company_id, member_id,
        sum(case when posting_date >= :from and movement_kind in ('receipt',
            'cash') then -flow * (flow_rate / 100) else 0 end) as received,
        sum(case when posting_date >= :from and movement_kind = 'cash' then -flow * (flow_rate / 100) else 0 end) as at_once,
        sum(case when posting_date >= :from and movement_kind = 'receipt' then -flow * (flow_rate / 100) else 0 end) as on_receipts,
        sum(case when posting_date >= :from and aging_class = 'unapplied' then -flow * (flow_rate / 100) else 0 end) as growth,
        sum(case when posting_date >= :from and aging_class = 'unapplied' and movement_kind not in ('receipt', 'apply_receipt')
            then -flow * (flow_rate / 100) else 0 end) as growth_otherwise,
        sum(case when posting_date >= :from and movement_kind in ('receipt', 'cash', 'apply_receipt') then 1 else 0 end) as moved
    from posted
    group by scope, member_company_id, member_id
),
item as (
    select scope, member_company_id as company_id, member_id, aging_class, max(is_ar) as is_ar, sum(stock * (stock_rate / 100)) as stock
    from posted
    group by scope, member_company_id, member_id, company_id, account, customer_id, document_id, instalment, document_kind, aging_class,
        document_date, due_date, currency
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
open as (
    select scope, company_id, member_id, sum(case when aging_class = 'unapplied' then -stock else 0 end) as unapplied,
        sum(case when is_ar then stock else 0 end) as open
    from item
    group by scope, company_id, member_id
),
figure as (
    select m.scope, m.company_id, m.member_id, m.received, m.at_once + m.on_receipts - (m.growth - m.growth_otherwise) as applied,
        coalesce(o.unapplied, 0) as unapplied, coalesce(o.open, 0) as open
    from of_member m
    left join open o on o.scope = m.scope and o.company_id = m.company_id and o.member_id = m.member_id
    where m.moved > 0 or o.open is not null
)
select scope, company_id, member_id, ratio4(received, 10000000000) as received_amount, ratio4(applied, 10000000000) as applied_amount,
    ratio4(unapplied, 10000000000) as unapplied_amount, ratio4(open, 10000000000) as open_amount,
    case when received > 0 then ratio4(100 * applied, received) end as application_rate_pct,
    case when open > 0 then ratio4(100 * unapplied, open) end as unapplied_open_pct,
    case when received > 0 then ratio4(100 * unapplied, received) end as unapplied_received_pct,
    case when received > 0 then null else 'no_receipts' end as reason, case when open > 0 then null else 'no_ar' end as balance_reason
from figure
