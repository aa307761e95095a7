-- name: rollforward
-- answers: How did the open balance get from the opening to the closing of a period?
-- answers_es: ¿Cómo pasó el saldo abierto de la apertura al cierre de un periodo?
-- title_es: Movimiento de cartera
-- title_en: Roll-forward
-- formula: opening as known then + what was learned later about days before + every flow of the period by kind = closing
-- formula_es: apertura como se conocía + lo sabido después de días anteriores + cada flujo del periodo por tipo = final
-- grain: one row per company_id, currency, line_order
-- params: from date, to date, opening_load int = $load
-- reads: postings, movement_lines
-- columns: company_id id | currency text | line_order int | line text | amount money | company_amount money
-- order: company_id, currency, line_order
-- unit: money, debit +; lines 1 to 20 add up to line 21 (closing). Opening is the balance of the day before `from` as known at
--   opening_load; prior_period is what later loads changed about it. Balances taken over at the start of coverage are opening, never a flow
-- unit_es: importes, cargo +; los renglones 1 a 20 suman el 21 (final). La apertura es el saldo del día anterior a `from` como se conocía
--   en opening_load; prior_period es lo que cargas posteriores cambiaron de él. Los saldos tomados al inicio de la cobertura son
--   apertura, nunca flujo
-- holds: select company_id from this group by company_id, currency
--   having sum(case when line = 'closing' then -amount else amount end) <> 0.00
--     or sum(case when line = 'closing' then -company_amount else company_amount end) <> 0.00
-- holds: select company_id from this where line = 'reclass' group by company_id having sum(amount) <> 0.00 or sum(company_amount) <> 0.00
-- inputs: amount = select m.company_id, m.currency, l.line_order, m.customer_id, m.document_id, m.movement_kind, m.posting_date,
--   m.load_id, m.amount as amount from movements m join movement_lines() l on l.movement_kind = m.movement_kind where m.posting_date
--   between $from and $to and m.movement_kind <> 'opening' union all select company_id, currency, case when load_id <= $opening_load then
--   1 else 2 end as line_order, customer_id, document_id, movement_kind, posting_date, load_id, amount as amount from movements where
--   posting_date < $from or (movement_kind = 'opening' and posting_date <= $to) union all select company_id, currency, 21 as line_order,
--   customer_id, document_id, 'open' as movement_kind, document_date as posting_date, cast(null as int) as load_id, open_amount as amount
--   from item_balances($to)
-- inputs: company_amount = select m.company_id, m.currency, l.line_order, m.customer_id, m.document_id, m.movement_kind, m.posting_date,
--   m.load_id, m.company_amount as amount from movements m join movement_lines() l on l.movement_kind = m.movement_kind where
--   m.posting_date between $from and $to and m.movement_kind <> 'opening' union all select company_id, currency, case when load_id <=
--   $opening_load then 1 else 2 end as line_order, customer_id, document_id, movement_kind, posting_date, load_id, company_amount as
--   amount from movements where posting_date < $from or (movement_kind = 'opening' and posting_date <= $to) union all select company_id,
--   currency, 21 as line_order, customer_id, document_id, 'open' as movement_kind, document_date as posting_date, cast(null as int) as
--   load_id, open_amount_company as amount from item_balances($to)
-- source: METRICS 22, POSTING 7
with posted as (
    select
        p.company_id, p.currency,
        case
            when (p.posting_date < $from or p.movement_kind = 'opening') and p.load_id <= $opening_load then 'opening'
            when p.posting_date < $from or p.movement_kind = 'opening' then 'prior_period'
            else l.line
        end as line,
        p.amount, p.company_amount
    from postings($from, $to, false) p
    left join movement_lines() l on l.movement_kind = p.movement_kind
),

summed as (
    select company_id, currency, line, sum(amount) as amount, sum(company_amount) as company_amount
    from posted
    group by company_id, currency, line
),

lines as (
    select distinct line_order, line from movement_lines()
    union all
    select line_order, line from (values (2, 'prior_period'), (21, 'closing')) as w (line_order, line)
),

final as (
    select
        p.company_id, p.currency, l.line_order, l.line,
        sum(case when l.line = p.line or l.line = 'closing' then p.amount else 0.00 end) as amount,
        sum(case when l.line = p.line or l.line = 'closing' then p.company_amount else 0.00 end) as company_amount
    from summed p
    cross join lines l
    group by p.company_id, p.currency, l.line_order, l.line
)

select * from final
