-- name: statement_parties
-- answers: From whom to whom does each statement go?
-- answers_es: ¿De quién y para quién es cada estado de cuenta?
-- title_es: Partes del estado de cuenta
-- title_en: Statement parties
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: companies, customers_as_of, movements
-- columns: company_id id | company_name text | company_tax_id id | customer_id id | customer_name text | customer_tax_id id |
--   language text | email text
-- order: company_id, customer_id
-- unit: attributes of the day. Customers without master data have only their id
-- unit_es: datos del día. De un cliente sin datos maestros sólo se conoce su clave
-- holds: select m.customer_id from (select distinct company_id, customer_id from movements where posting_date <= $as_of) m left join
--   this t on t.company_id = m.company_id and t.customer_id = m.customer_id where t.customer_id is null
-- source: POSTING 5, PITFALLS P29
with known as (
    select company_id, customer_id from customers_as_of($as_of)
    union
    select company_id, customer_id from movements where posting_date <= $as_of
),

final as (
    select
        p.company_id, coalesce(c.name, p.company_id) as company_name, c.tax_id as company_tax_id,
        p.customer_id, coalesce(k.name, p.customer_id) as customer_name, k.tax_id as customer_tax_id, k.language, k.email
    from known p
    left join companies c on c.company_id = p.company_id
    left join customers_as_of($as_of) k on k.company_id = p.company_id and k.customer_id = p.customer_id
)

select * from final
