-- name: cash_application
-- answers: How much of the cash received in a period was applied, and how much lies unapplied?
-- answers_es: ¿Cuánto de lo cobrado en un periodo se aplicó y cuánto sigue sin aplicar?
-- title_es: Aplicación de cobranza
-- title_en: Cash application
-- formula: application rate = applied / received of the period; unapplied at the last day / open receivables of that day, and / received
-- formula_es: tasa de aplicación = aplicado / cobrado del periodo; por aplicar el último día / cartera de ese día, y / cobrado
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_movements, member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | received_amount money | applied_amount money |
--   application_rate_pct pct | unapplied_amount money | open_amount money | unapplied_open_pct pct | unapplied_received_pct pct | reason
--   text | balance_reason text
-- order: scope, company_id, member_id
-- unit: money and per cent. Received is net of what bounced, applied net of what was undone, each on its own posting day: a receipt that
--   bounced leaves both. Cash on an item without a receipt is received and applied at once. Unapplied is what is left on receipts and
--   refunds at the last day; advances are no unapplied cash, and count as receivables on a control account only
-- unit_es: importes y por ciento. Lo cobrado es neto de lo devuelto, lo aplicado neto de lo deshecho, cada uno en su fecha contable: un
--   pago devuelto sale de ambos. El efectivo sobre una partida sin recibo se cobra y aplica a la vez. Por aplicar es lo que queda en
--   pagos y reembolsos el último día; los anticipos no son pagos por aplicar y cuentan como cartera sólo en cuenta de control
-- holds: select t.a from (select sum(unapplied_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select -sum(company_amount) from movements where posting_date <= $to and aging_class =
--   'unapplied')
-- holds: select t.a from (select sum(received_amount - applied_amount) as a from this where scope in ('company', 'customer', 'parent')) t
--   where $grain in ('company', 'customer', 'parent') and t.a <> (select -sum(company_amount) from movements where posting_date between
--   $from and $to and aging_class = 'unapplied' and movement_kind in ('receipt', 'apply_receipt'))
-- holds: select scope from this where (application_rate_pct is null) <> (reason is not null) or (unapplied_open_pct is null) <>
--   (balance_reason is not null)
-- inputs: received_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, movement_kind, posting_date,
--   document_currency, document_amount, -amount as amount, rate from member_movements($from, $to, $grain) where movement_kind in
--   ('receipt', 'cash')
-- inputs: applied_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, movement_kind, posting_date,
--   document_currency, document_amount, case when movement_kind = 'cash' then -amount else amount end as amount, rate from
--   member_movements($from, $to, $grain) where movement_kind = 'cash' or (movement_kind = 'apply_receipt' and aging_class = 'unapplied')
-- inputs: unapplied_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, document_kind, document_date,
--   document_currency, open_amount, -amount as amount, rate from member_items($to, $grain) where aging_class = 'unapplied'
-- inputs: open_amount = select * from member_items($to, $grain) where aging_class <> 'advances' or is_control
-- cases: no_receipts, no_ar
-- source: METRICS 18, POSTING 2 and 3, PITFALLS P11
with flows as (
    select
        scope, company_id, member_id, member_name, currency,
        case when movement_kind in ('receipt', 'cash') then -amount else 0.00 end as received,
        case
            when movement_kind = 'cash' then -amount
            when movement_kind = 'apply_receipt' and aging_class = 'unapplied' then amount
            else 0.00
        end as applied,
        0.00 as unapplied, 0.00 as open, rate
    from member_movements($from, $to, $grain)
    where movement_kind in ('receipt', 'cash', 'apply_receipt')
),

stocks as (
    select
        scope, company_id, member_id, member_name, currency, 0.00 as received, 0.00 as applied,
        case when aging_class = 'unapplied' then -amount else 0.00 end as unapplied,
        case when aging_class <> 'advances' or is_control then amount else 0.00 end as open,
        rate
    from member_items($to, $grain)
),

united as (
    select * from flows
    union all
    select * from stocks
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(received * rate) as received_amount,
        sum(applied * rate) as applied_amount,
        sum(unapplied * rate) as unapplied_amount,
        sum(open * rate) as open_amount
    from united
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, received_amount, applied_amount,
        case when received_amount > 0.00 then ratio(100 * applied_amount, received_amount) end as application_rate_pct,
        unapplied_amount, open_amount,
        case when open_amount > 0.00 then ratio(100 * unapplied_amount, open_amount) end as unapplied_open_pct,
        case when received_amount > 0.00 then ratio(100 * unapplied_amount, received_amount) end as unapplied_received_pct,
        case when received_amount <= 0.00 then 'no_receipts' end as reason,
        case when open_amount <= 0.00 then 'no_ar' end as balance_reason
    from summed
)

select * from final
