-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-07-05'
-- no company of these ledgers has an intercompany payable, so every claim stands alone
with own as (
    select k.company_id, k.customer_id,
        (select v.counterparty_company_id from customers v where v.company_id = k.company_id and v.customer_id = k.customer_id
            and coalesce(v.valid_from, '') <= :as_of order by coalesce(v.valid_from, '') desc limit 1) as debtor_id
    from known_customer k
),
claim as (
    select o.debtor_id, m.currency, m.company_id as creditor_id, sum(m.amount) as amount,
        -- an item is a claim while it is something, in its currency or in the books
        (select count(*) from (select 1 from movements i join own p on p.company_id = i.company_id and p.customer_id = i.customer_id
            where i.company_id = m.company_id and i.currency = m.currency and p.debtor_id = o.debtor_id and i.posting_date <= :as_of
            group by i.account, i.customer_id, i.document_id, i.instalment, i.document_kind, i.aging_class, i.document_date, i.due_date
            having sum(i.amount) <> 0 or sum(i.company_amount) <> 0)) as items
    from own o
    join movements m on m.company_id = o.company_id and m.customer_id = o.customer_id and m.posting_date <= :as_of
    where o.debtor_id is not null
    group by o.debtor_id, m.currency, m.company_id
)
select c.debtor_id, c.currency, 'receivable' as side, c.creditor_id, c.amount,
    ratio4(c.amount * (last_rate(c.currency, 'MXN', :as_of) / 10000), 100000000) as amount_group,
    (select sum(o.amount) from claim o where o.debtor_id = c.debtor_id and o.currency = c.currency) as difference_amount,
    (select name from companies n where n.company_id = c.debtor_id) as debtor_name,
    (select name from companies n where n.company_id = c.creditor_id) as creditor_name,
    'no_payable' as state
from claim c
where c.items > 0
