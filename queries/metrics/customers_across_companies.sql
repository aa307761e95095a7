-- name: customers_across_companies
-- answers: Which customers owe several of our companies, and how much in all?
-- answers_es: ¿Qué clientes deben a varias de nuestras empresas y cuánto en total?
-- title_es: Clientes de varias empresas del grupo
-- title_en: Customers of several companies
-- formula: customers with one tax id, generic ones aside, in two companies or more; open amounts at the closing rate of the day
-- formula_es: clientes con un mismo RFC, sin los genéricos, en dos o más empresas; saldos al tipo de cambio de cierre del día
-- grain: one row per tax_id, company_id, customer_id
-- params: as_of date
-- reads: customers_as_of, customer_positions, closing_rates, settings
-- columns: tax_id id | company_id id | customer_id id | customer_name text | companies int | open_amount_group money |
--   tax_id_open_amount_group money
-- order: tax_id, company_id, customer_id
-- unit: money in the currency of the group at the closing rate of the day; tax_id_open_amount_group is the sum of the tax id, repeated
--   on its rows. Customers that are our own companies are not in it
-- unit_es: importes en moneda del grupo al tipo de cambio de cierre; tax_id_open_amount_group es la suma del RFC, repetida en sus
--   renglones. Sin clientes que son empresas propias
-- holds: select tax_id from this group by tax_id, tax_id_open_amount_group having sum(open_amount_group) <> tax_id_open_amount_group
-- holds: select tax_id from this where companies < 2 or tax_id in ('XAXX010101000', 'XEXX010101000')
-- inputs: open_amount_group = select t.tax_id, i.company_id, i.customer_id, i.document_id, i.instalment, i.document_kind, i.due_date,
--   i.currency, i.open_amount as amount, case when i.open_amount = 0.00 then 0.00 when i.currency = s.group_currency then 1.00 else
--   required_rate(r.rate, i.currency, s.group_currency, $as_of) end as rate from item_balances($as_of) i join this t on t.company_id =
--   i.company_id and t.customer_id = i.customer_id cross join settings s left join closing_rates($as_of) r on r.currency = i.currency and
--   r.to_currency = s.group_currency
-- source: PITFALLS P35, METRICS 0.3
with positions as (
    select
        p.company_id, p.customer_id,
        -- here, so that the customers of a tax id add up to its sum
        round(
            sum(
                case
                    when p.open_amount = 0.00 then 0.00
                    when p.currency = s.group_currency then p.open_amount
                    else p.open_amount * required_rate(r.rate, p.currency, s.group_currency, $as_of)
                end
            ), 2
        ) as open_amount_group
    from customer_positions($as_of) p
    cross join settings s
    left join closing_rates($as_of) r on r.currency = p.currency and r.to_currency = s.group_currency
    group by p.company_id, p.customer_id
),

known as (
    select
        upper(regexp_replace(k.tax_id, '[ .-]+', '', 'g')) as tax_id, k.company_id, k.customer_id, k.name as customer_name,
        coalesce(p.open_amount_group, 0.00) as open_amount_group
    from customers_as_of($as_of) k
    left join positions p on p.company_id = k.company_id and p.customer_id = k.customer_id
    where k.tax_id is not null and k.counterparty_company_id is null
),

summed as (
    select tax_id, count(distinct company_id) as companies, sum(open_amount_group) as open_amount_group
    from known
    where tax_id not in ('XAXX010101000', 'XEXX010101000', '')
    group by tax_id
),

final as (
    select
        k.tax_id, k.company_id, k.customer_id, k.customer_name, s.companies, k.open_amount_group,
        s.open_amount_group as tax_id_open_amount_group
    from known k
    join summed s on s.tax_id = k.tax_id
    where s.companies > 1
)

select * from final
