-- name: tie_out_bridge
-- answers: By which causes does one get from the subledger to the general ledger?
-- answers_es: ¿Por qué causas se llega del auxiliar al mayor?
-- title_es: Puente auxiliar–mayor por causa
-- title_en: Bridge from subledger to general ledger by cause
-- formula: subledger + not posted in the GL + manual journals + timing + revaluation + reclassification + unexplained = GL
-- formula_es: auxiliar + no contabilizado en el mayor + pólizas manuales + diferencias de tiempo + revaluación + reclasificación + sin
--   explicar = mayor
-- grain: one row per company_id, account, currency, line_order
-- params: as_of date
-- reads: tie_out, tie_out_items
-- columns: company_id id | account id | currency text | line_order int | line text | items int | amount money
-- order: company_id, account, currency, line_order
-- unit: money in the account's currency, debit +; lines before `gl` add up to it. Without a GL balance of that very day gl and
--   unexplained are empty. items: listed items of the cause
-- unit_es: importes en la moneda de la cuenta, cargo +; los renglones antes de `gl` lo suman. Sin saldo del mayor de ese mismo día, gl y
--   sin explicar quedan vacíos. items: partidas listadas de la causa
-- holds: select account from this group by company_id, account, currency having sum(case when line = 'gl' then -amount else amount end)
--   <> 0.00 and sum(case when line = 'gl' and amount is null then 1 else 0 end) = 0
-- inputs: items = select company_id, account, currency, cause as line, case cause when 'unposted' then 2 when 'manual_journal' then
--   3 when 'timing' then 4 when 'revaluation' then 5 when 'reclass' then 6 end as line_order, item_id, posting_date, 1 as amount
--   from tie_out_items($as_of)
-- inputs: amount = select d.company_id, d.account, d.currency, l.line_order, d.line, d.customer_id, d.document_id, d.item_id,
--   d.day, d.amount * l.sign as amount from (select company_id, account, currency, 'subledger' as line, customer_id, document_id,
--   cast(null as varchar) as item_id, due_date as day, open_amount as amount from item_balances($as_of) union all select
--   company_id, account, currency, cause as line, cast(null as varchar) as customer_id, cast(null as varchar) as document_id,
--   item_id, posting_date as day, amount from tie_out_items($as_of) union all select company_id, account, currency, 'gl' as line,
--   cast(null as varchar) as customer_id, cast(null as varchar) as document_id, cast(null as varchar) as item_id, as_of as day,
--   balance as amount from gl_balances where as_of = $as_of and (role is null or role = 'ar')) d join (values (1, 'subledger', 1),
--   (2, 'unposted', 1), (3, 'manual_journal', 1), (4, 'timing', 1), (5, 'revaluation', 1), (6, 'reclass', 1), (8, 'gl', 1), (7,
--   'subledger', -1), (7, 'unposted', -1), (7, 'manual_journal', -1), (7, 'timing', -1), (7, 'revaluation', -1), (7, 'reclass',
--   -1), (7, 'gl', 1)) as l (line_order, line, sign) on l.line = d.line left join (select distinct company_id, account, currency
--   from gl_balances where as_of = $as_of and (role is null or role = 'ar')) g on g.company_id = d.company_id and g.account =
--   d.account and g.currency = d.currency where l.line_order <> 7 or g.account is not null
-- source: METRICS 22, PITFALLS P23
with causes as (
    select company_id, account, currency, cause, count(*) as items, sum(amount) as amount
    from tie_out_items($as_of)
    group by company_id, account, currency, cause
),

lines as (
    select line_order, line
    from (
        values
            (1, 'subledger'), (2, 'unposted'), (3, 'manual_journal'), (4, 'timing'), (5, 'revaluation'), (6, 'reclass'),
            (7, 'unexplained'), (8, 'gl')
    ) as l (line_order, line)
),

final as (
    select
        t.company_id, t.account, t.currency, l.line_order, l.line,
        coalesce(c.items, 0) as items,
        case l.line
            when 'subledger' then t.subledger_amount
            when 'unexplained' then t.unexplained_amount
            when 'gl' then t.gl_amount
            else coalesce(c.amount, 0.00)
        end as amount
    from tie_out($as_of) t
    cross join lines l
    left join causes c on c.company_id = t.company_id and c.account = t.account and c.currency = t.currency and c.cause = l.line
)

select * from final
