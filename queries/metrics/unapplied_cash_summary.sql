-- name: unapplied_cash_summary
-- answers: How much cash lies unapplied on a day, and how old is it?
-- answers_es: ¿Cuánto efectivo está sin aplicar en un día y qué antigüedad tiene?
-- title_es: Pagos por aplicar por antigüedad
-- title_en: Unapplied cash by age
-- formula: sum of what is left on receipts, by days since the receipt; mean age = sum of days / count of receipts
-- formula_es: suma de lo que queda en los pagos, por días desde el pago; edad media = suma de días / número de pagos
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | receipts int | unapplied_amount money |
--   over_7_amount money | over_7_pct pct | over_30_amount money | over_30_pct pct | mean_age_days days | oldest_days int | reason text
-- order: scope, company_id, member_id
-- unit: money, what we hold +, net of refunds not yet laid against a receipt (aged by their own day). receipts, mean and oldest age: of
--   receipts with something left. Members with nothing on receipts or refunds have no row
-- unit_es: importes, + lo que tenemos, neto de reembolsos aún no puestos contra un pago (por su propio día). receipts, edad media y
--   mayor: de pagos con saldo. Sin saldo en pagos ni reembolsos no hay renglón
-- holds: select t.a from (select sum(unapplied_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select -sum(company_amount) from movements where posting_date <= $as_of and aging_class
--   = 'unapplied')
-- holds: select scope from this where (mean_age_days is null) <> (receipts = 0) or mean_age_days > oldest_days
-- inputs: unapplied_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, document_kind, document_date,
--   document_currency, open_amount, -amount as amount, rate from member_items($as_of, $grain) where aging_class = 'unapplied'
-- inputs: over_7_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, document_kind, document_date,
--   document_currency, open_amount, -amount as amount, rate from member_items($as_of, $grain) where aging_class = 'unapplied' and
--   document_date < $as_of - 7
-- inputs: over_30_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, document_kind, document_date,
--   document_currency, open_amount, -amount as amount, rate from member_items($as_of, $grain) where aging_class = 'unapplied' and
--   document_date < $as_of - 30
-- inputs: receipts = select scope, company_id, member_id, owner_id, account, customer_id, document_id, instalment, 1 as amount from
--   member_items($as_of, $grain) where aging_class = 'unapplied' and document_kind = 'receipt' group by scope, company_id, member_id,
--   owner_id, account, customer_id, document_id, instalment having sum(open_amount) < 0.00
-- cases: no_unapplied
-- source: METRICS 18
with documents as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, account, customer_id, document_id, instalment, document_kind,
        days_between($as_of, document_date) as age_days,
        document_kind = 'receipt' and sum(open_amount) < 0.00 as is_left,
        sum(-amount * rate) as amount
    from member_items($as_of, $grain)
    where aging_class = 'unapplied'
    group by
        scope, company_id, member_id, member_name, currency, owner_id, account, customer_id, document_id, instalment, document_kind,
        document_date
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when is_left then 1 else 0 end) as receipts,
        sum(amount) as unapplied_amount,
        sum(case when age_days > 7 then amount else 0.00 end) as over_7_amount,
        sum(case when age_days > 30 then amount else 0.00 end) as over_30_amount,
        sum(case when is_left then age_days else 0 end) as left_days,
        max(case when is_left then age_days end) as oldest_days
    from documents
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, receipts, unapplied_amount, over_7_amount,
        case when unapplied_amount > 0.00 then ratio(100 * over_7_amount, unapplied_amount) end as over_7_pct,
        over_30_amount,
        case when unapplied_amount > 0.00 then ratio(100 * over_30_amount, unapplied_amount) end as over_30_pct,
        ratio(left_days, receipts) as mean_age_days,
        oldest_days,
        case when unapplied_amount <= 0.00 then 'no_unapplied' end as reason
    from summed
)

select * from final
