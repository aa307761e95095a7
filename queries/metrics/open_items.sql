-- name: open_items
-- answers: Which items are open on a day, how late are they, and what are they worth?
-- answers_es: ¿Qué partidas están abiertas en un día, con qué atraso y cuánto valen?
-- title_es: Partidas abiertas
-- title_en: Open items
-- formula: sum of the item's movements posted up to the day; days late = day - due day; bucket of debits by days late
-- formula_es: suma de los movimientos de la partida hasta el corte; días de atraso = corte - vencimiento; rango de los cargos por días de
--   atraso
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   currency
-- params: as_of date
-- reads: item_balances, customers_as_of, aging_columns, closing_rates, settings
-- columns: company_id id | account id | customer_id id | customer_name text | document_id id | instalment int | document_kind text |
--   aging_class text | document_date date | due_date date | days_late int | bucket_order int | bucket text | currency text |
--   open_amount money | open_amount_company money | open_amount_group money
-- order: company_id, customer_id, currency, due_date, document_id, instalment, account, document_kind, aging_class, document_date
-- unit: money, debit +; open_amount in the item's currency, _company as booked, _group at the closing rate of the day
-- unit_es: importes, cargo +; open_amount en la moneda de la partida, _company según libros, _group al tipo de cambio de cierre del día
-- holds: select sum(open_amount) from this having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $as_of)
-- holds: select document_id from this where (aging_class = 'due' and days_late > 0) <> (aging_class = 'due' and bucket <> 'current')
-- source: METRICS 1 and 2, PITFALLS P5 and P37
with items as (
    select * from item_balances($as_of)
),

final as (
    select
        i.company_id, i.account, i.customer_id, coalesce(k.name, i.customer_id) as customer_name, i.document_id, i.instalment,
        i.document_kind, i.aging_class, i.document_date, i.due_date,
        days_between($as_of, i.due_date) as days_late,
        c.bucket_order, c.bucket, i.currency, i.open_amount, i.open_amount_company,
        case
            when i.open_amount = 0.00 then 0.00
            when i.currency = s.group_currency then i.open_amount
            else i.open_amount * required_rate(r.rate, i.currency, s.group_currency, $as_of)
        end as open_amount_group
    from items i
    join aging_columns() c
        on c.aging_class = i.aging_class and days_between($as_of, i.due_date) between c.from_days and c.to_days
    cross join settings s
    left join customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id
    left join closing_rates($as_of) r on r.currency = i.currency and r.to_currency = s.group_currency
)

select * from final
