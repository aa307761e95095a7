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
