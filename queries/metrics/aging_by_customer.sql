-- name: aging_by_customer
-- answers: How much does each customer owe, and how late?
-- answers_es: ¿Cuánto debe cada cliente y con qué atraso?
-- title_es: Antigüedad de saldos por cliente
-- title_en: Aging by customer
-- formula: sum of movements posted up to the day, by customer and days between the day and the due day
-- formula_es: suma de los movimientos contabilizados hasta el corte, por cliente y días entre el corte y el vencimiento
-- grain: one row per company_id, customer_id, currency, bucket_order
-- params: as_of date
-- reads: movements, aging_columns, customers_as_of, closing_rates, settings
-- columns: company_id id | customer_id id | customer_name text | currency text | bucket_order int | bucket text |
--   open_amount money | open_amount_company money | open_amount_group money
-- order: company_id, customer_id, currency, bucket_order
-- unit: money; only what is not zero; adds up across customers of one currency, never across days
-- unit_es: importes; sólo lo distinto de cero; se suman entre clientes de una misma moneda, nunca entre fechas
-- holds: select sum(open_amount) from this having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $as_of)
-- inputs: open_amount = select i.company_id, i.currency, i.bucket_order, i.customer_id, i.customer_name, i.document_id, i.instalment,
--   i.document_kind, i.due_date, i.days_late, i.open_amount as amount from open_items($as_of) i
-- inputs: open_amount_company = select i.company_id, i.currency, i.bucket_order, i.customer_id, i.customer_name, i.document_id,
--   i.instalment, i.document_kind, i.due_date, i.days_late, i.open_amount_company as amount from open_items($as_of) i
-- inputs: open_amount_group = select i.company_id, i.currency, i.bucket_order, i.customer_id, i.customer_name, i.document_id,
--   i.instalment, i.document_kind, i.due_date, i.days_late, i.open_amount as amount, case when i.currency = s.group_currency then 1.00
--   else r.rate end as rate from open_items($as_of) i cross join settings s left join closing_rates($as_of) r on r.currency = i.currency
--   and r.to_currency = s.group_currency
-- source: METRICS 2, PITFALLS P39
with posted as (
    select
        company_id, customer_id, currency, aging_class, due_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from movements
    where posting_date <= $as_of
    group by company_id, customer_id, currency, aging_class, due_date
),

aged as (
    select
        p.company_id, p.customer_id, p.currency, c.bucket_order, c.bucket,
        sum(p.amount) as open_amount,
        sum(p.company_amount) as open_amount_company
    from posted p
    join aging_columns() c
        on c.aging_class = p.aging_class and days_between($as_of, p.due_date) between c.from_days and c.to_days
    group by p.company_id, p.customer_id, p.currency, c.bucket_order, c.bucket
    having sum(p.amount) <> 0.00 or sum(p.company_amount) <> 0.00
),

final as (
    select
        a.company_id, a.customer_id, coalesce(k.name, a.customer_id) as customer_name, a.currency, a.bucket_order, a.bucket,
        a.open_amount, a.open_amount_company,
        case
            when a.open_amount = 0.00 then 0.00
            when a.currency = s.group_currency then a.open_amount
            else a.open_amount * required_rate(r.rate, a.currency, s.group_currency, $as_of)
        end as open_amount_group
    from aged a
    cross join settings s
    left join customers_as_of($as_of) k on k.company_id = a.company_id and k.customer_id = a.customer_id
    left join closing_rates($as_of) r on r.currency = a.currency and r.to_currency = s.group_currency
)

select * from final
