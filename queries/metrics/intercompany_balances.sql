-- name: intercompany_balances
-- answers: What do our companies owe each other by the books of both sides, and does it agree?
-- answers_es: ¿Qué se deben nuestras empresas entre sí según los libros de ambas, y coincide?
-- title_es: Saldos intercompañía
-- title_en: Intercompany balances
-- formula: open items of customers that are our own companies (+) and intercompany payables of the debtor's general ledger (-); difference =
--   both together
-- formula_es: partidas abiertas de clientes que son empresas propias (+) y cuentas por pagar intercompañía del mayor del deudor (-);
--   diferencia = ambas juntas
-- grain: one row per debtor_id, currency, side, creditor_id
-- params: as_of date
-- reads: item_balances, customers_as_of, gl_balances, companies, closing_rates, settings
-- columns: debtor_id id | debtor_name text | currency text | side text | creditor_id id | creditor_name text | amount money |
--   amount_group money | difference_amount money | difference_amount_group money | state text
-- order: debtor_id, currency, side desc, creditor_id
-- unit: money, in the currency of the documents and in group currency at the closing rate of the day. side receivable: what a company's
--   books say the debtor owes it, credits and unapplied cash taken off; payable: what the debtor's books say it owes our companies (accounts
--   with the role ap_intercompany on that very day), which do not tell to whom, so that creditor_id is (all). amount nets to zero over all
--   rows if the books agree. The difference is of the debtor and currency, on each of its rows; it is not to be added up. state: agrees,
--   differs, no_payable (the debtor has no such balance), no_receivable (nobody claims it)
-- unit_es: importes, en la moneda de los documentos y en la del grupo al tipo de cierre del día. side receivable: lo que según los libros
--   de una empresa le debe la deudora, menos créditos y pagos por aplicar; payable: lo que según los libros de la deudora debe a empresas
--   propias (cuentas con papel ap_intercompany de ese mismo día), que no dicen a quién, por eso creditor_id es (all). amount suma cero en
--   todos los renglones si los libros coinciden. La diferencia es de la deudora y la moneda y está en cada renglón; no se suma. state:
--   agrees (coincide), differs (difiere), no_payable (la deudora no tiene ese saldo), no_receivable (nadie lo cobra)
-- holds: select debtor_id from this group by debtor_id, currency having sum(amount) <> max(difference_amount) or min(difference_amount) <>
--   max(difference_amount)
-- holds: select t.a from (select sum(amount) as a from this where side = 'receivable') t where t.a <> (select sum(i.open_amount) from
--   item_balances($as_of) i join customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id where
--   k.counterparty_company_id is not null)
-- holds: select debtor_id from this where (state = 'agrees') <> (difference_amount = 0.00 and state not in ('no_payable', 'no_receivable'))
-- inputs: amount = select k.counterparty_company_id as debtor_id, i.currency, 'receivable' as side, i.company_id as creditor_id,
--   i.customer_id, i.document_id, i.instalment, i.document_kind, i.due_date, i.open_amount as amount from item_balances($as_of) i join
--   customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id where k.counterparty_company_id is not null
--   union all select company_id as debtor_id, currency, 'payable' as side, '(all)' as creditor_id, account as customer_id, account as
--   document_id, 1 as instalment, 'gl_balance' as document_kind, as_of as due_date, balance as amount from gl_balances where as_of = $as_of
--   and role = 'ap_intercompany'
-- source: METRICS 0.3 and 22
with united as (
    select
        k.counterparty_company_id as debtor_id, i.currency, 'receivable' as side, i.company_id as creditor_id, i.open_amount as amount
    from item_balances($as_of) i
    join customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id
    where k.counterparty_company_id is not null
    union all
    select company_id as debtor_id, currency, 'payable' as side, '(all)' as creditor_id, balance as amount
    from gl_balances
    where as_of = $as_of and role = 'ap_intercompany'
),

summed as (
    select debtor_id, currency, side, creditor_id, sum(amount) as amount
    from united
    group by debtor_id, currency, side, creditor_id
),

compared as (
    select
        *,
        sum(amount) over (partition by debtor_id, currency) as difference_amount,
        sum(case when side = 'payable' then 1 else 0 end) over (partition by debtor_id, currency) as payables,
        sum(case when side = 'receivable' then 1 else 0 end) over (partition by debtor_id, currency) as receivables
    from summed
),

rated as (
    select
        c.*,
        case
            when c.currency = s.group_currency then 1.00
            when c.amount = 0.00 and c.difference_amount = 0.00 then 0.00
            else required_rate(r.rate, c.currency, s.group_currency, $as_of)
        end as rate
    from compared c
    cross join settings s
    left join closing_rates($as_of) r on r.currency = c.currency and r.to_currency = s.group_currency
),

final as (
    select
        c.debtor_id, coalesce(d.name, c.debtor_id) as debtor_name, c.currency, c.side, c.creditor_id,
        coalesce(k.name, c.creditor_id) as creditor_name,
        c.amount, c.amount * c.rate as amount_group, c.difference_amount, c.difference_amount * c.rate as difference_amount_group,
        case
            when c.payables = 0 then 'no_payable'
            when c.receivables = 0 then 'no_receivable'
            when c.difference_amount <> 0.00 then 'differs'
            else 'agrees'
        end as state
    from rated c
    left join companies d on d.company_id = c.debtor_id
    left join companies k on k.company_id = c.creditor_id
)

select * from final
