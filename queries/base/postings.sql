-- name: postings
-- answers: What was posted up to a day: by month before the month of `from`, by day from then on?
-- grain: one row per load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect, posting_date, due_date
-- params: from date, to date, apart bool
-- reads: movement_cube, movements, customers_as_of
-- columns: load_id int | company_id id | account id | currency text | intercompany bool | aging_class text | movement_kind text |
--   sales_effect text | posting_date date | due_date date | amount money | company_amount money
-- order: load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect, posting_date, due_date
-- unit: money, debit +; before the month of `from` the posting_date is the first day of the month. The cube of the loads
--   answers for those months without reading their movements. With `apart`, customers that are our own companies on the
--   day `to` are taken out of the cube's rows and stand as rows of their own
-- holds: select sum(amount) from this having sum(amount) <> (select sum(amount) from movements where posting_date <= $to)
-- source: POSTING 1, METRICS 0.3
with months as (
    select
        load_id, company_id, account, currency, aging_class, movement_kind, sales_effect, posting_month as posting_date, due_date,
        amount, company_amount
    from movement_cube
    where posting_month < month_start($from)
),

days as (
    select
        load_id, company_id, account, currency, aging_class, movement_kind, sales_effect, posting_date, due_date,
        amount, company_amount
    from movements
    where posting_date >= month_start($from) and posting_date <= $to
),

own_companies as (
    select company_id, customer_id
    from customers_as_of($to)
    where counterparty_company_id is not null and $apart
),

between_companies as (
    select
        m.load_id, m.company_id, m.account, m.currency, side.intercompany, m.aging_class, m.movement_kind, m.sales_effect,
        case when m.posting_date < month_start($from) then month_start(m.posting_date) else m.posting_date end as posting_date,
        m.due_date, m.amount * side.sign as amount, m.company_amount * side.sign as company_amount
    from movements m
    join own_companies o on o.company_id = m.company_id and o.customer_id = m.customer_id
    cross join (values (true, 1), (false, -1)) as side (intercompany, sign)
    where m.posting_date <= $to
),

united as (
    select *, false as intercompany from months
    union all
    select *, false as intercompany from days
    union all
    select
        load_id, company_id, account, currency, aging_class, movement_kind, sales_effect, posting_date, due_date,
        amount, company_amount, intercompany
    from between_companies
),

final as (
    select
        load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect, posting_date, due_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from united
    group by load_id, company_id, account, currency, intercompany, aging_class, movement_kind, sales_effect, posting_date, due_date
)

select * from final
