-- name: customers_as_of
-- answers: What was true of each customer on a day?
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: customers
-- columns: company_id id | customer_id id | valid_from date | name text | tax_id id | parent_customer_id id |
--   counterparty_company_id id |
--   country text | language text | segment text | industry text | payment_terms text | credit_limit money | credit_currency text |
--   collector_id id | status text | email text
-- order: company_id, customer_id
-- unit: attributes; the version with the latest first day up to the day, an empty first day counting as always
-- holds: select customer_id from this where valid_from > $as_of
-- source: POSTING 5, PITFALLS P29
with versions as (
    select
        *,
        row_number() over (partition by company_id, customer_id order by valid_from desc nulls last, load_id desc) as version_rank
    from customers
    where valid_from is null or valid_from <= $as_of
),

final as (
    select
        company_id, customer_id, valid_from, name, tax_id, parent_customer_id, counterparty_company_id, country, language, segment,
        industry, payment_terms, credit_limit, credit_currency, collector_id, status, email
    from versions
    where version_rank = 1
)

select * from final
