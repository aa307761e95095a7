-- name: statement_activity
-- answers: What did each customer owe before a period, and what happened in it?
-- answers_es: ¿Cuánto debía cada cliente antes de un periodo y qué sucedió en él?
-- title_es: Movimientos del estado de cuenta
-- title_en: Statement activity
-- formula: opening = movements posted before the period; a line a source row and day, net: laying cash on an invoice of the same
--   customer moves nothing; opening + lines = open items at the period's last day
-- formula_es: saldo inicial = movimientos anteriores al periodo; un renglón por registro y día, neto: aplicar un pago a una factura
--   del mismo cliente no mueve nada; saldo inicial + renglones = partidas abiertas al último día
-- grain: one row per company_id, customer_id, currency, part, posting_date, movement_kind, source_table, source_id
-- params: from date, to date
-- reads: movements, documents
-- columns: company_id id | customer_id id | currency text | part text | posting_date date | movement_kind text | is_undone bool |
--   source_table text | source_id id | document_id id | instalment int | reference text | amount money
-- order: company_id, customer_id, currency, part desc, posting_date, movement_kind, source_table, source_id
-- unit: money in the currency of the items, debit +; never added over currencies. The opening row has the first day of the period; a
--   line over several documents names none
-- unit_es: importes en la moneda de las partidas, cargo +; nunca se suman entre monedas. El saldo inicial lleva el primer día del
--   periodo; un renglón de varios documentos no nombra ninguno
-- holds: select coalesce(t.customer_id, m.customer_id) as customer_id from (select company_id, customer_id, currency, sum(amount) as
--   amount from this group by company_id, customer_id, currency) t full join (select company_id, customer_id, currency, sum(amount)
--   as amount from movements where posting_date <= $to group by company_id, customer_id, currency) m on m.company_id = t.company_id
--   and m.customer_id = t.customer_id and m.currency = t.currency where coalesce(t.amount, 0.00) <> coalesce(m.amount, 0.00)
-- holds: select coalesce(t.customer_id, i.customer_id) as customer_id from (select company_id, customer_id, currency, sum(amount) as
--   amount from this group by company_id, customer_id, currency) t full join (select company_id, customer_id, currency,
--   sum(open_amount) as amount from statement_items($to) group by company_id, customer_id, currency) i on i.company_id =
--   t.company_id and i.customer_id = t.customer_id and i.currency = t.currency where coalesce(t.amount, 0.00) <> coalesce(i.amount,
--   0.00)
-- holds: select coalesce(t.customer_id, i.customer_id) as customer_id from (select * from this where part = 'opening') t full join
--   (select company_id, customer_id, currency, sum(open_amount) as amount from statement_items($from - 1) group by company_id,
--   customer_id, currency) i on i.company_id = t.company_id and i.customer_id = t.customer_id and i.currency = t.currency where
--   coalesce(t.amount, 0.00) <> coalesce(i.amount, 0.00)
-- holds: select source_id from this where part = 'activity' and posting_date not between $from and $to
-- source: METRICS 1, POSTING 3 and 7
with placed as (
    select
        company_id, customer_id, currency, document_id, instalment, effect, amount,
        posting_date >= $from as is_activity,
        greatest(posting_date, $from) as posting_date,
        case when posting_date >= $from then movement_kind else '' end as movement_kind,
        -- the rows of a clearing group stand for one another
        case when posting_date >= $from and movement_kind <> 'clearing' then source_table else '' end as source_table,
        case when posting_date >= $from and movement_kind <> 'clearing' then source_id else '' end as source_id
    from movements
    where posting_date <= $to
),

lines as (
    select
        company_id, customer_id, currency, is_activity, posting_date, movement_kind, source_table, source_id,
        coalesce(bool_or(effect = 'undo') and is_activity, false) as is_undone,
        case when is_activity and min(document_id) = max(document_id) then min(document_id) end as document_id,
        case when is_activity and min(document_id) = max(document_id) and min(instalment) = max(instalment) then min(instalment) end
            as instalment,
        min(instalment) as first_instalment,
        sum(amount) as amount
    from placed
    group by company_id, customer_id, currency, is_activity, posting_date, movement_kind, source_table, source_id
    having sum(amount) <> 0.00
),

final as (
    select
        l.company_id, l.customer_id, l.currency,
        case when l.is_activity then 'activity' else 'opening' end as part,
        l.posting_date, l.movement_kind, l.is_undone, l.source_table, l.source_id, l.document_id, l.instalment, d.reference, l.amount
    from lines l
    left join documents d
        on d.company_id = l.company_id and d.document_id = l.document_id and coalesce(d.instalment, 1) = l.first_instalment
)

select * from final
