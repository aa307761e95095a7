-- call: '2024-05-31'
-- call: '2024-04-20'
with
spelled as (
    select k.company_id, k.customer_id, k.name,
        upper(replace(replace(replace(k.tax_id, ' ', ''), '-', ''), '.', '')) as tax_id
    from customers k
    where coalesce(k.valid_from, '') <= :as_of and k.counterparty_company_id is null and not exists (
        select 1 from customers n where n.company_id = k.company_id and n.customer_id = k.customer_id
            and coalesce(n.valid_from, '') > coalesce(k.valid_from, '') and n.valid_from <= :as_of)
),
owed as (
    select s.*, coalesce((select worth(m.amount, last_rate(m.currency, 'MXN', :as_of)) from movements m
            where m.company_id = s.company_id and m.customer_id = s.customer_id and m.posting_date <= :as_of), 0) as open
    from spelled s
    where s.tax_id not in ('', 'XAXX010101000', 'XEXX010101000')
)
select o.tax_id, o.company_id, o.customer_id, o.name as customer_name,
    (select count(distinct t.company_id) from owed t where t.tax_id = o.tax_id) as companies,
    o.open as open_amount_group,
    (select sum(t.open) from owed t where t.tax_id = o.tax_id) as tax_id_open_amount_group
from owed o
where exists (select 1 from owed t where t.tax_id = o.tax_id and t.company_id <> o.company_id)
