-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-02-29'
-- call: '2024-07-05'
with left_over as (
    select company_id, account, customer_id, document_id, instalment, document_kind, document_date, currency,
        -sum(amount) as unapplied_amount, -sum(company_amount) as unapplied_amount_company
    from movements
    where posting_date <= :as_of and document_kind in ('receipt', 'refund')
    group by company_id, account, customer_id, document_id, instalment, document_kind, document_date, currency
)
select l.*, coalesce(k.name, l.customer_id) as customer_name, days(:as_of, document_date) as age_days,
    case when date(document_date, '+7 days') >= :as_of then '0-7' when date(document_date,
        '+30 days') >= :as_of then '8-30' else '31+' end
        as age_band,
    ratio4(unapplied_amount * last_rate(currency, 'MXN', :as_of), 1000000000000) as unapplied_amount_group
from left_over l
join known_customer k on k.company_id = l.company_id and k.customer_id = l.customer_id
where unapplied_amount <> 0 or unapplied_amount_company <> 0
