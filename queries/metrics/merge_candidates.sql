-- name: merge_candidates
-- answers: Which customers of a company may be one and the same?
-- answers_es: ¿Qué clientes de una empresa pueden ser uno solo?
-- title_es: Clientes que pueden ser uno solo
-- title_en: Customers that may be one
-- formula: customers of one company that share a tax id, generic ones aside, or whose ids differ only in leading zeros, capitals or
--   marks; merged ones already count as one
-- formula_es: clientes de una empresa con el mismo RFC, sin los genéricos, o con claves que sólo difieren en ceros a la izquierda,
--   mayúsculas o signos; los ya fusionados cuentan como uno
-- grain: one row per company_id, evidence, shared, customer_id
-- params: as_of date
-- reads: customers_as_of, customer_positions
-- columns: company_id id | evidence text | shared id | customer_id id | customer_name text | tax_id id | open_amount_company money
-- order: company_id, evidence, shared, customer_id
-- unit: money as booked, open on the day. XAXX010101000 and XEXX010101000 stand for the public and for foreigners: never evidence
-- unit_es: importes en libros, abiertos en el día. XAXX010101000 y XEXX010101000 son público en general y extranjeros: nunca son prueba
-- holds: select shared from this group by company_id, evidence, shared having count(*) < 2
-- holds: select tax_id from this where evidence = 'tax_id' and shared in ('XAXX010101000', 'XEXX010101000')
-- source: PITFALLS P35
with named as (
    select company_id, customer_id, name, tax_id, 0.00 as open_amount_company
    from customers_as_of($as_of)
    union all
    select company_id, customer_id, null, null, open_amount_company
    from customer_positions($as_of)
),

known as (
    select
        company_id, customer_id,
        max(name) as customer_name,
        max(tax_id) as tax_id,
        sum(open_amount_company) as open_amount_company
    from named
    group by company_id, customer_id
),

evidenced as (
    select 'tax_id' as evidence, upper(regexp_replace(tax_id, '[ .-]+', '', 'g')) as shared, *
    from known
    where tax_id is not null
    union all
    select 'spelling' as evidence, upper(ltrim(regexp_replace(customer_id, '[^A-Za-z0-9]+', '', 'g'), '0')) as shared, *
    from known
),

counted as (
    select *, count(*) over (partition by company_id, evidence, shared) as customer_count
    from evidenced
    where shared not in ('XAXX010101000', 'XEXX010101000', '')
),

final as (
    select company_id, evidence, shared, customer_id, customer_name, tax_id, open_amount_company
    from counted
    where customer_count > 1
)

select * from final
