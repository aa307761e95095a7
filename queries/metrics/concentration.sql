-- name: concentration
-- answers: How much of what is owed hangs on few customers?
-- answers_es: ¿Cuánto de lo adeudado depende de pocos clientes?
-- title_es: Concentración de la cartera
-- title_en: Concentration of receivables
-- formula: the largest positive balances / all positive balances; HHI = sum of the squared shares in per cent
-- formula_es: los mayores saldos positivos / todos los saldos positivos; HHI = suma de las proporciones en por ciento al cuadrado
-- grain: one row per scope, company_id
-- params: as_of date, by text of customer parent = 'customer', top int = 10
-- reads: concentration_list
-- columns: scope text | company_id id | company_name text | currency text | debtors int | positive_amount money | top_amount money |
--   top_pct pct | largest_id id | largest_name text | largest_amount money | largest_pct pct | hhi ratio | credit_debtors int |
--   credit_amount money | reason text
-- order: scope, company_id
-- unit: money, per cent, and per cent squared for the HHI (10,000: one customer). Debtors: customers, or their parents, with a positive
--   balance; of the group across companies by tax id. Credit balances are apart and lower no share
-- unit_es: importes, por ciento, y por ciento al cuadrado para el HHI (10,000: un solo cliente). Deudores: clientes, o sus matrices, con
--   saldo positivo; los del grupo entre empresas por RFC. Los saldos a favor van aparte y no bajan ninguna proporción
-- holds: select company_id from this where hhi <= 0.0000 or hhi > 10000.0000 or top_pct > 100.0000 or largest_pct > top_pct
-- holds: select company_id from this where (hhi is null) <> (debtors = 0) or (debtors <= $top and top_amount <> positive_amount)
-- inputs: positive_amount = select scope, company_id, debtor_id, debtor_name, open_amount as amount
--   from concentration_list($as_of, $by) where open_amount > 0.00
-- inputs: credit_amount = select scope, company_id, debtor_id, debtor_name, open_amount as amount
--   from concentration_list($as_of, $by) where open_amount < 0.00
-- cases: no_positive_balance
-- source: METRICS 21 and 28.12
with summed as (
    select
        scope, company_id, company_name, currency,
        sum(case when open_amount > 0.00 then 1 else 0 end) as debtors,
        sum(case when open_amount > 0.00 then open_amount else 0.00 end) as positive_amount,
        sum(case when open_amount > 0.00 and position <= $top then open_amount else 0.00 end) as top_amount,
        sum(case when open_amount > 0.00 then open_amount * open_amount else 0.0000 end) as squares,
        max(case when position = 1 and open_amount > 0.00 then debtor_id end) as largest_id,
        max(case when position = 1 and open_amount > 0.00 then debtor_name end) as largest_name,
        max(case when position = 1 and open_amount > 0.00 then open_amount end) as largest_amount,
        sum(case when open_amount < 0.00 then 1 else 0 end) as credit_debtors,
        sum(case when open_amount < 0.00 then open_amount else 0.00 end) as credit_amount
    from concentration_list($as_of, $by)
    group by scope, company_id, company_name, currency
),

final as (
    select
        scope, company_id, company_name, currency, debtors, positive_amount, top_amount,
        case when debtors > 0 then ratio(100 * top_amount, positive_amount) end as top_pct,
        largest_id, largest_name, largest_amount,
        ratio(100 * largest_amount, positive_amount) as largest_pct,
        case when debtors > 0 then ratio(10000 * squares, positive_amount * positive_amount) end as hhi,
        credit_debtors, credit_amount,
        case when debtors = 0 then 'no_positive_balance' end as reason
    from summed
)

select * from final
