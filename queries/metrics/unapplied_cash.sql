-- name: unapplied_cash
-- answers: Which receipts are not wholly applied on a day, how much is left of each, and since when?
-- answers_es: ¿Qué pagos no están aplicados por completo, cuánto queda de cada uno y desde cuándo?
-- title_es: Pagos por aplicar
-- title_en: Unapplied cash
-- formula: what is left of the receipt = received - applied - refunded; age = day - day of the receipt
-- formula_es: lo que queda del pago = recibido - aplicado - reembolsado; antigüedad = día - día del pago
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, document_date, currency
-- params: as_of date
-- reads: item_balances, customers_as_of, closing_rates, settings
-- columns: company_id id | account id | customer_id id | customer_name text | document_id id | instalment int | document_kind text |
--   document_date date | age_days int | age_band text | currency text | unapplied_amount money | unapplied_amount_company money |
--   unapplied_amount_group money
-- order: company_id, customer_id, document_date, document_id, instalment, account, document_kind, currency
-- unit: money, what we hold +; a refund not yet laid against a receipt is -. _company as booked, _group at the closing rate of the day.
--   Bands by days since the document: up to 7, up to 30, over 30. Advances are not unapplied cash
-- unit_es: importes, + lo que tenemos; un reembolso aún no puesto contra un pago es -. _company según libros, _group al tipo de cierre
--   del día. Tramos por días desde el documento: hasta 7, hasta 30, más de 30. Los anticipos no son pagos por aplicar
-- holds: select t.a from (select sum(unapplied_amount) as a, sum(unapplied_amount_company) as b from this) t join (select -sum(amount) as
--   a, -sum(company_amount) as b from movements where posting_date <= $as_of and aging_class = 'unapplied') m on true where t.a <> m.a or
--   t.b <> m.b
-- holds: select document_id from this where age_band <> case when age_days <= 7 then '0-7' when age_days <= 30 then '8-30' else '31+' end
-- source: METRICS 18
with left_over as (
    select
        company_id, account, customer_id, document_id, instalment, document_kind, document_date, currency,
        -sum(open_amount) as unapplied_amount,
        -sum(open_amount_company) as unapplied_amount_company
    from item_balances($as_of)
    where aging_class = 'unapplied'
    group by company_id, account, customer_id, document_id, instalment, document_kind, document_date, currency
),

final as (
    select
        i.company_id, i.account, i.customer_id, coalesce(k.name, i.customer_id) as customer_name, i.document_id, i.instalment,
        i.document_kind, i.document_date,
        days_between($as_of, i.document_date) as age_days,
        case
            when i.document_date >= $as_of - 7 then '0-7'
            when i.document_date >= $as_of - 30 then '8-30'
            else '31+'
        end as age_band,
        i.currency, i.unapplied_amount, i.unapplied_amount_company,
        case
            when i.unapplied_amount = 0.00 then 0.00
            when i.currency = s.group_currency then i.unapplied_amount
            else i.unapplied_amount * required_rate(r.rate, i.currency, s.group_currency, $as_of)
        end as unapplied_amount_group
    from left_over i
    cross join settings s
    left join customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id
    left join closing_rates($as_of) r on r.currency = i.currency and r.to_currency = s.group_currency
    where i.unapplied_amount <> 0.00 or i.unapplied_amount_company <> 0.00
)

select * from final
