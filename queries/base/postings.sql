-- name: postings
-- answers: What was posted up to a day: by month before the month of `from`, by day from then on?
-- grain: one row per part, movement_id, load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect,
--   posting_date, due_date
-- params: from date, to date, apart bool = false
-- reads: movement_cube, movements, customers_as_of
-- columns: part text | movement_id int | load_id int | company_id id | account id | currency text | intercompany bool |
--   aging_class text |
--   movement_kind text | sales_effect text | effect text | posting_date date | due_date date | amount money | company_amount money |
--   net_sales_amount money
-- order: part, movement_id, load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect,
--   effect, posting_date, due_date
-- unit: money, debit +. part: months are rows of the loads' cube, with the first day of the month as posting_date (their movements are not
--   read); days are movements from the month of `from` on; with `apart`, customers that are our own companies on the day `to` are
--   taken out of the others' rows and stand as rows of their own. effect is empty for months. To be summed, not shown
-- holds: select sum(amount) from this having sum(amount) <> (select sum(amount) from movements where posting_date <= $to)
-- source: POSTING 1, METRICS 0.3
with own_companies as (
    select company_id, customer_id
    from customers_as_of($to)
    where counterparty_company_id is not null and $apart
),

months as (
    select
        'months' as part, cast(null as bigint) as movement_id, load_id, company_id, account, currency, false as intercompany, aging_class,
        movement_kind, sales_effect, cast(null as varchar) as effect, posting_month as posting_date, due_date, amount, company_amount,
        net_sales_amount
    from movement_cube
    where posting_month < month_start($from)
),

days as (
    select
        'days' as part, movement_id, load_id, company_id, account, currency, false as intercompany, aging_class,
        movement_kind, sales_effect, effect, posting_date, due_date, amount, company_amount, net_sales_amount
    from movements
    where posting_date >= month_start($from) and posting_date <= $to
),

between_companies as (
    select
        'apart' as part, m.movement_id, m.load_id, m.company_id, m.account, m.currency, side.intercompany, m.aging_class,
        m.movement_kind, m.sales_effect, m.effect, m.posting_date, m.due_date,
        m.amount * side.sign as amount, m.company_amount * side.sign as company_amount, m.net_sales_amount * side.sign as net_sales_amount
    from movements m
    join own_companies o on o.company_id = m.company_id and o.customer_id = m.customer_id
    cross join (values (true, 1), (false, -1)) as side (intercompany, sign)
    where m.posting_date <= $to
),

final as (
    select * from months
    union all
    select * from days
    union all
    select * from between_companies
)

select * from final
