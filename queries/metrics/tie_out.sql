-- name: tie_out
-- answers: Does the subledger tie to the general ledger, account by account?
-- answers_es: ¿Concilia el auxiliar con el mayor, cuenta por cuenta?
-- title_es: Conciliación auxiliar–mayor
-- title_en: Subledger to general ledger
-- formula: difference = GL balance - subledger; explained = listed items open on the day; unexplained = difference - explained
-- formula_es: diferencia = saldo del mayor - auxiliar; explicado = partidas listadas abiertas ese día; sin explicar = diferencia -
--   explicado
-- grain: one row per company_id, account, currency
-- params: as_of date
-- reads: postings, gl_balances, gl_items
-- columns: company_id id | account id | currency text | subledger_amount money | gl_amount money | difference_amount money |
--   explained_amount money | unexplained_amount money | state text
-- order: company_id, account, currency
-- unit: money in the account's currency, debit +; tolerance 0.00. state: ties, explained, unexplained, no_gl_balance (none for that
--   very day)
-- unit_es: importes en la moneda de la cuenta, cargo +; tolerancia 0.00. state: ties, explained, unexplained, no_gl_balance (sin saldo de
--   ese mismo día)
-- holds: select sum(subledger_amount) from this having sum(subledger_amount) <> (select sum(amount) from movements where posting_date
--   <= $as_of)
-- holds: select account from this where unexplained_amount <> gl_amount - subledger_amount - explained_amount
-- inputs: subledger_amount = select company_id, account, currency, customer_id, document_id, instalment, document_kind, due_date,
--   open_amount as amount from item_balances($as_of)
-- inputs: explained_amount = select * from tie_out_items($as_of)
-- source: METRICS 22, PITFALLS P23
with united as (
    select company_id, account, currency, 'subledger' as side, amount
    from postings($as_of, $as_of, false)
    union all
    select company_id, account, currency, 'gl' as side, balance as amount
    from gl_balances
    where as_of = $as_of and (role is null or role = 'ar')
    union all
    select company_id, account, currency, 'item' as side, amount
    from gl_items
    where posting_date <= $as_of and (cleared_date is null or cleared_date > $as_of)
),

summed as (
    select
        company_id, account, currency,
        sum(case when side = 'subledger' then amount else 0.00 end) as subledger_amount,
        sum(case when side = 'gl' then amount end) as gl_amount,
        sum(case when side = 'item' then amount else 0.00 end) as explained_amount
    from united
    group by company_id, account, currency
),

final as (
    select
        company_id, account, currency, subledger_amount, gl_amount,
        gl_amount - subledger_amount as difference_amount,
        explained_amount,
        gl_amount - subledger_amount - explained_amount as unexplained_amount,
        case
            when gl_amount is null then 'no_gl_balance'
            when gl_amount - subledger_amount - explained_amount <> 0.00 then 'unexplained'
            when gl_amount <> subledger_amount or explained_amount <> 0.00 then 'explained'
            else 'ties'
        end as state
    from summed
)

select * from final
