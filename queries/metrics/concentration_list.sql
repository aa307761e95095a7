-- name: concentration_list
-- answers: Which customers make up what is owed, from the largest on?
-- answers_es: ¿Qué clientes forman lo adeudado, del mayor al menor?
-- title_es: Concentración de saldos por cliente
-- title_en: Customers by share of receivables
-- formula: balance of the customer / sum of the positive balances; running sum of the shares
-- formula_es: saldo del cliente / suma de los saldos positivos; suma acumulada de las proporciones
-- grain: one row per scope, company_id, debtor_id
-- params: as_of date, by text of customer parent = 'customer'
-- reads: member_items, customers_as_of
-- columns: scope text | company_id id | company_name text | currency text | position int | debtor_id id | debtor_name text |
--   accounts int | open_amount money | share_pct pct | cumulative_pct pct | reason text
-- order: scope, company_id, position
-- unit: money and per cent of the positive balances. Balance: debits less unapplied cash, credits and advances on a control account;
--   booked for a company, at closing rates for the group, where customers of several companies with one tax id (generic ones aside) are
--   one and our own companies are left out. Credit balances stand last, without a share
-- unit_es: importes y por ciento de los saldos positivos. Saldo: cargos menos pagos por aplicar, créditos y anticipos en cuenta de
--   control; según libros en cada empresa, al tipo de cierre en el grupo, donde los clientes de varias empresas con un RFC (sin los
--   genéricos) son uno y las empresas propias quedan fuera. Los saldos a favor van al final, sin proporción
-- holds: select company_id from this where share_pct is not null group by scope, company_id having abs(sum(share_pct) - 100) > 0.01
-- holds: select company_id from this where (share_pct is null) <> (open_amount < 0.00) or cumulative_pct > 100.0001
-- holds: select t.company_id from (select scope, company_id, sum(open_amount) as a from this group by scope, company_id) t
--   full join (select scope, company_id, sum(amount * rate) as a from member_items($as_of) where aging_class <> 'advances' or is_control
--   group by scope, company_id) m on m.scope = t.scope and m.company_id = t.company_id
--   where abs(coalesce(t.a, 0.00) - coalesce(m.a, 0.00)) > 0.50
-- inputs: open_amount = select i.*, case
--   when i.scope = 'company' then case when $by = 'parent' then coalesce(k.parent_customer_id, i.customer_id) else i.customer_id end
--   when upper(regexp_replace(coalesce(p.tax_id, k.tax_id), '[ .-]+', '', 'g')) not in ('XAXX010101000', 'XEXX010101000', '')
--   then upper(regexp_replace(coalesce(p.tax_id, k.tax_id), '[ .-]+', '', 'g'))
--   else concat(i.owner_id, '/', case when $by = 'parent' then coalesce(k.parent_customer_id, i.customer_id) else i.customer_id end) end
--   as debtor_id from member_items($as_of) i
--   left join customers_as_of($as_of) k on k.company_id = i.owner_id and k.customer_id = i.customer_id
--   left join customers_as_of($as_of) p on p.company_id = i.owner_id and p.customer_id = k.parent_customer_id and $by = 'parent'
--   where i.aging_class <> 'advances' or i.is_control
-- cases: credit_balance
-- source: METRICS 21, PITFALLS P35
with balances as (
    select
        scope, company_id, member_name as company_name, currency, owner_id, customer_id,
        sum(amount * rate) as open_amount
    from member_items($as_of)
    where aging_class <> 'advances' or is_control
    group by scope, company_id, member_name, currency, owner_id, customer_id
),

known as (
    select
        k.company_id, k.customer_id,
        case when $by = 'parent' then coalesce(k.parent_customer_id, k.customer_id) else k.customer_id end as own_id,
        coalesce(p.name, k.name) as name,
        upper(regexp_replace(coalesce(p.tax_id, k.tax_id), '[ .-]+', '', 'g')) as tax_id
    from customers_as_of($as_of) k
    left join customers_as_of($as_of) p on p.company_id = k.company_id and p.customer_id = k.parent_customer_id and $by = 'parent'
),

named as (
    select
        b.scope, b.company_id, b.company_name, b.currency, b.owner_id, b.customer_id, b.open_amount,
        case
            when b.scope = 'company' then coalesce(k.own_id, b.customer_id)
            when k.tax_id not in ('XAXX010101000', 'XEXX010101000', '') then k.tax_id
            else concat(b.owner_id, '/', coalesce(k.own_id, b.customer_id))
        end as debtor_id,
        coalesce(k.name, b.customer_id) as debtor_name
    from balances b
    left join known k on k.company_id = b.owner_id and k.customer_id = b.customer_id
),

summed as (
    select
        scope, company_id, company_name, currency, debtor_id,
        min(debtor_name) as debtor_name,
        count(*) as accounts,
        cast(sum(open_amount) as decimal(18, 2)) as open_amount
    from named
    group by scope, company_id, company_name, currency, debtor_id
    having cast(sum(open_amount) as decimal(18, 2)) <> 0.00
),

totalled as (
    select
        *,
        row_number() over (partition by scope, company_id order by open_amount desc, debtor_id) as position,
        sum(greatest(open_amount, 0.00)) over (partition by scope, company_id) as positive_amount,
        sum(greatest(open_amount, 0.00)) over (
            partition by scope, company_id order by open_amount desc, debtor_id rows between unbounded preceding and current row
        ) as amount_to_here
    from summed
),

final as (
    select
        scope, company_id, company_name, currency, position, debtor_id, debtor_name, accounts, open_amount,
        case when open_amount > 0.00 then ratio(100 * open_amount, positive_amount) end as share_pct,
        case when open_amount > 0.00 then ratio(100 * amount_to_here, positive_amount) end as cumulative_pct,
        case when open_amount < 0.00 then 'credit_balance' end as reason
    from totalled
)

select * from final
