-- name: terms_given_summary
-- answers: How much was invoiced on longer terms than agreed, and how many days were given away?
-- answers_es: ¿Cuánto se facturó con más plazo del pactado y cuántos días se regalaron?
-- title_es: Plazo otorgado de más
-- title_en: Terms given away
-- formula: weighed by the amount of the invoices whose agreed terms are known: terms given, terms agreed, and days over where they are
--   above 0; longer / known x 100
-- formula_es: ponderado por el importe de las facturas con plazo pactado conocido: otorgado, pactado y días de más donde son mayores a 0;
--   con más plazo / conocido x 100
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_terms_given
-- columns: scope text | company_id id | member_id id | member_name text | currency text | invoices int | billed_amount money |
--   known_amount money | longer_invoices int | longer_amount money | longer_pct pct | terms_given_days days | terms_agreed_days days |
--   days_given_away_days days | reason text
-- order: scope, company_id, member_id
-- unit: money, per cent and days of the calendar. Invoices posted in the period that were not reversed; an invoice in instalments is one.
--   Shares and days are of known_amount: invoices of customers without terms that can be read are in billed_amount only; shorter terms
--   than agreed do not make up for longer ones in days given away. A member without invoices has no row
-- unit_es: importes, por ciento y días naturales. Facturas contabilizadas en el periodo y no canceladas; una factura en parcialidades es
--   una. Proporciones y días son de known_amount: las facturas de clientes sin condiciones legibles están sólo en billed_amount; un plazo
--   menor al pactado no compensa uno mayor. Sin facturas no hay renglón
-- holds: select scope from this where known_amount > billed_amount or longer_amount > known_amount or longer_invoices > invoices
-- holds: select scope from this where days_given_away_days < terms_given_days - terms_agreed_days - 0.0002
-- inputs: billed_amount = select * from member_terms_given($from, $to, $grain)
-- inputs: longer_amount = select * from member_terms_given($from, $to, $grain) where days_over > 0
-- inputs: longer_invoices = select scope, company_id, member_id, owner_id, customer_id, document_id, 1 as amount
--   from member_terms_given($from, $to, $grain) where days_over > 0
--   group by scope, company_id, member_id, owner_id, customer_id, document_id
-- cases: no_terms
-- source: METRICS 10, PITFALLS P26 and P29
with summed as (
    select
        scope, company_id, member_id, member_name, currency,
        count(distinct concat(owner_id, ' ', document_id)) as invoices,
        count(distinct case when days_over > 0 then concat(owner_id, ' ', document_id) end) as longer_invoices,
        sum(amount * rate) as billed_amount,
        sum(case when days_over is not null then amount * rate else 0.00 end) as known_amount,
        sum(case when days_over > 0 then amount * rate else 0.00 end) as longer_amount,
        sum(case when days_over is not null then amount * rate * days_given else 0.00 end) as given_amount_days,
        sum(case when days_over is not null then amount * rate * days_agreed else 0.00 end) as agreed_amount_days,
        sum(case when days_over > 0 then amount * rate * days_over else 0.00 end) as over_amount_days
    from member_terms_given($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, invoices, billed_amount, known_amount, longer_invoices, longer_amount,
        ratio(100 * longer_amount, known_amount) as longer_pct,
        ratio(given_amount_days, known_amount) as terms_given_days,
        ratio(agreed_amount_days, known_amount) as terms_agreed_days,
        ratio(over_amount_days, known_amount) as days_given_away_days,
        case when known_amount = 0.00 then 'no_terms' end as reason
    from summed
)

select * from final
