-- name: flow_months
-- answers: How much was sold and collected in each month, per company and for the group?
-- grain: one row per month_first, scope, company_id
-- params: from date, to date
-- reads: movements, period_sales, companies, customers_as_of, rate_spans, settings
-- columns: month_first date | scope text | company_id id | currency text | sales_amount money | cash_amount money
-- order: month_first, scope, company_id
-- unit: money; adds up across months. Company rows as booked; group row at the rate of each posting day (declared sales: of the month's
--   last day), without customers that are our own companies on the day `to`
-- holds: select month_first from this where month_first < month_start($from) or month_first > $to
-- source: POSTING 2 and 4, METRICS 0.3
with own_companies as (
    select company_id, customer_id
    from customers_as_of($to)
    where counterparty_company_id is not null
),

flows as (
    select
        m.company_id, m.posting_date, false as intercompany,
        sum(case when m.sales_effect in ('sale', 'return', 'price') then m.company_amount else 0.00 end) as sales_amount,
        sum(case when m.movement_kind in ('receipt', 'cash', 'apply_receipt') then -m.company_amount else 0.00 end) as cash_amount
    from movements m
    where
        m.posting_date >= month_start($from) and m.posting_date <= $to
        and m.movement_kind <> 'opening'
        and (m.sales_effect in ('sale', 'return', 'price') or m.movement_kind in ('receipt', 'cash', 'apply_receipt'))
    group by m.company_id, m.posting_date
),

-- taken out of the sums and set apart, which is cheaper than asking every movement for its customer
between_companies as (
    select
        m.company_id, m.posting_date, side.intercompany,
        sum(case when m.sales_effect in ('sale', 'return', 'price') then m.company_amount * side.sign else 0.00 end) as sales_amount,
        sum(case when m.movement_kind in ('receipt', 'cash', 'apply_receipt') then -m.company_amount * side.sign else 0.00 end) as cash_amount
    from movements m
    join own_companies o on o.company_id = m.company_id and o.customer_id = m.customer_id
    cross join (values (true, 1), (false, -1)) as side (intercompany, sign)
    where m.posting_date >= month_start($from) and m.posting_date <= $to and m.movement_kind <> 'opening'
    group by m.company_id, m.posting_date, side.intercompany
),

posted as (
    select
        f.company_id, c.functional_currency as currency, f.posting_date as flow_day, f.intercompany, f.sales_amount, f.cash_amount
    from (select * from flows union all select * from between_companies) as f
    join companies c on c.company_id = f.company_id
),

declared as (
    select
        company_id, currency, least(month_end(month), $to) as flow_day, false as intercompany,
        amount as sales_amount, 0.00 as cash_amount
    from period_sales
    where month >= month_start($from) and month <= $to
),

united as (
    select * from posted
    union all
    select * from declared
),

targeted as (
    select
        u.*, k.scope,
        case when k.scope = 'company' then u.company_id else 'group' end as scope_id,
        case when k.scope = 'company' then c.functional_currency else s.group_currency end as scope_currency
    from united u
    join companies c on c.company_id = u.company_id
    cross join settings s
    cross join (values ('company'), ('group')) as k (scope)
    where k.scope = 'company' or not u.intercompany
),

rated as (
    select
        t.*,
        case
            when t.currency = t.scope_currency then 1.00
            when t.sales_amount = 0.00 and t.cash_amount = 0.00 then 0.00
            else required_rate(r.rate, t.currency, t.scope_currency, t.flow_day)
        end as rate
    from targeted t
    left join rate_spans() r
        on r.currency = t.currency and r.to_currency = t.scope_currency and t.flow_day between r.valid_from and r.valid_to
),

final as (
    select
        month_start(flow_day) as month_first, scope, scope_id as company_id, scope_currency as currency,
        sum(sales_amount * rate) as sales_amount,
        sum(cash_amount * rate) as cash_amount
    from rated
    group by month_start(flow_day), scope, scope_id, scope_currency
)

select * from final
