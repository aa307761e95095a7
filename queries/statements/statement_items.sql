-- name: statement_items
-- answers: Which items stand on each customer's statement on a day?
-- answers_es: ¿Qué partidas lleva el estado de cuenta de cada cliente en un día?
-- title_es: Partidas del estado de cuenta
-- title_en: Statement items
-- formula: items of open_items that are not zero in their currency; original = what the document's own rows posted up to the day;
--   disputed = what standing disputes claim of the document, at most what is open of it, oldest due first
-- formula_es: partidas de open_items distintas de cero en su moneda; original = lo que contabilizó el propio documento hasta el
--   corte; en aclaración = lo reclamado y sin resolver del documento, a lo más su saldo, primero lo que vence antes
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   currency
-- params: as_of date
-- reads: item_balances, aging_columns, movements, documents, disputes
-- columns: company_id id | customer_id id | currency text | document_id id | instalment int | account id | document_kind text |
--   aging_class text | reference text | document_date date | due_date date | days_late int | bucket_order int | bucket text |
--   original_amount money | open_amount money | disputed_amount money
-- order: company_id, customer_id, currency, bucket_order desc, due_date, document_date, document_id, instalment, account,
--   document_kind, aging_class
-- unit: money in the item's currency, debit +; never added over currencies. disputed_amount is part of open_amount
-- unit_es: importes en la moneda de la partida, cargo +; nunca se suman entre monedas. disputed_amount es parte de open_amount
-- holds: select coalesce(t.customer_id, a.customer_id) as customer_id from (select company_id, customer_id, currency, bucket_order,
--   sum(open_amount) as amount from this group by company_id, customer_id, currency, bucket_order) t full join
--   aging_by_customer($as_of) a on a.company_id = t.company_id and a.customer_id = t.customer_id and a.currency = t.currency and
--   a.bucket_order = t.bucket_order where coalesce(t.amount, 0.00) <> coalesce(a.open_amount, 0.00)
-- holds: select coalesce(t.customer_id, o.customer_id) as customer_id from (select company_id, customer_id, currency, count(*) as
--   items, sum(open_amount) as amount from this group by company_id, customer_id, currency) t full join (select company_id,
--   customer_id, currency, count(*) as items, sum(open_amount) as amount from open_items($as_of) where open_amount <> 0.00 group by
--   company_id, customer_id, currency) o on o.company_id = t.company_id and o.customer_id = t.customer_id and o.currency =
--   t.currency where coalesce(t.amount, 0.00) <> coalesce(o.amount, 0.00) or coalesce(t.items, 0) <> coalesce(o.items, 0)
-- holds: select coalesce(t.customer_id, d.customer_id) as customer_id from (select company_id, customer_id, currency,
--   sum(disputed_amount) as amount from this group by company_id, customer_id, currency) t full join disputed_amounts($as_of) d on
--   d.company_id = t.company_id and d.customer_id = t.customer_id and d.currency = t.currency where coalesce(t.amount, 0.00) <>
--   coalesce(d.disputed_amount, 0.00)
-- holds: select document_id from this where disputed_amount < 0.00 or disputed_amount > greatest(open_amount, 0.00)
-- source: METRICS 1, 2 and 17, PITFALLS P37
with items as (
    select * from item_balances($as_of) where open_amount <> 0.00
),

originals as (
    select
        m.company_id, m.document_id, m.instalment, m.currency,
        sum(m.amount) as original_amount
    from movements m
    join (select distinct company_id, document_id, instalment, currency from items) i
        on i.company_id = m.company_id and i.document_id = m.document_id and i.instalment = m.instalment and i.currency = m.currency
    where m.posting_date <= $as_of
        and m.source_table = 'documents'
        and m.movement_kind in (m.document_kind, 'opening')
        and m.source_id in (m.document_id, m.document_id || '/' || cast(m.instalment as varchar))
    group by m.company_id, m.document_id, m.instalment, m.currency
),

standing as (
    select company_id, document_id, currency, sum(amount) as amount
    from disputes
    where opened_date <= $as_of and (closed_date is null or closed_date > $as_of)
    group by company_id, document_id, currency
),

-- what is open of a disputed document, item by item in the order in which disputes take them
contested as (
    select
        i.company_id, i.customer_id, i.currency, i.document_id, i.instalment, i.account, i.document_kind, i.document_date, i.due_date,
        greatest(i.open_amount, 0.00) as open_amount,
        sum(i.open_amount) over (partition by i.company_id, i.customer_id, i.document_id, i.currency) as document_open_amount,
        sum(greatest(i.open_amount, 0.00)) over (
            partition by i.company_id, i.customer_id, i.document_id, i.currency
            order by i.due_date, i.instalment, i.account, i.document_kind, i.document_date
            rows between unbounded preceding and current row
        ) as open_so_far
    from items i
    join (select distinct company_id, document_id from standing) s on s.company_id = i.company_id and s.document_id = i.document_id
    where i.aging_class = 'due'
),

-- a dispute in another currency than its document's counts as the whole of it
claimed as (
    select
        c.company_id, c.customer_id, c.currency, c.document_id, c.instalment, c.account, c.document_kind, c.document_date, c.due_date,
        c.open_amount, c.open_so_far,
        least(
            sum(case when s.currency = c.currency then s.amount else c.document_open_amount end), greatest(c.document_open_amount, 0.00)
        ) as claim_amount
    from contested c
    join standing s on s.company_id = c.company_id and s.document_id = c.document_id
    group by
        c.company_id, c.customer_id, c.currency, c.document_id, c.instalment, c.account, c.document_kind, c.document_date, c.due_date,
        c.open_amount, c.open_so_far, c.document_open_amount
),

final as (
    select
        i.company_id, i.customer_id, i.currency, i.document_id, i.instalment, i.account, i.document_kind, i.aging_class, d.reference,
        i.document_date, i.due_date,
        days_between($as_of, i.due_date) as days_late,
        b.bucket_order, b.bucket,
        coalesce(o.original_amount, 0.00) as original_amount,
        i.open_amount,
        greatest(least(coalesce(c.open_amount, 0.00), coalesce(c.claim_amount - c.open_so_far + c.open_amount, 0.00)), 0.00)
            as disputed_amount
    from items i
    join aging_columns() b
        on b.aging_class = i.aging_class and days_between($as_of, i.due_date) between b.from_days and b.to_days
    left join originals o
        on o.company_id = i.company_id and o.document_id = i.document_id and o.instalment = i.instalment and o.currency = i.currency
    left join claimed c
        on c.company_id = i.company_id and c.customer_id = i.customer_id and c.document_id = i.document_id
        and c.instalment = i.instalment and c.account = i.account and c.currency = i.currency and c.document_kind = i.document_kind
        and c.document_date = i.document_date and c.due_date = i.due_date and i.aging_class = 'due'
    left join documents d
        on d.company_id = i.company_id and d.document_id = i.document_id and coalesce(d.instalment, 1) = i.instalment
)

select * from final
