-- name: collector_cash
-- answers: How much cash came in a period from the customers that each collector owned on its day?
-- grain: one row per collector_id, currency, posting_date
-- params: from date, to date
-- reads: movements, customer_spans, companies, rate_spans, settings
-- columns: collector_id id | currency text | posting_date date | amount money | rate rate
-- order: collector_id, currency, posting_date
-- unit: money as booked, receipts and cash +, net of what was reversed; x rate in group currency at the rate of the day. Without
--   customers that are our own companies
-- holds: select t.amount from (select sum(amount) as amount from this) t where t.amount <> (select -sum(m.company_amount) from
--   movements m join customer_spans() o on o.company_id = m.company_id and o.customer_id = m.customer_id and m.posting_date between
--   o.valid_from and o.valid_to where m.posting_date between $from and $to and m.movement_kind in ('receipt', 'cash',
--   'apply_receipt') and o.collector_id is not null and o.counterparty_company_id is null)
-- source: METRICS 19 and 20
with cash_days as (
    select
        o.collector_id, c.functional_currency as currency, m.posting_date,
        -sum(m.company_amount) as amount
    from movements m
    join customer_spans() o
        on o.company_id = m.company_id and o.customer_id = m.customer_id and m.posting_date between o.valid_from and o.valid_to
    join companies c on c.company_id = m.company_id
    where
        m.posting_date between $from and $to
        and m.movement_kind in ('receipt', 'cash', 'apply_receipt')
        and o.collector_id is not null and o.counterparty_company_id is null
    group by o.collector_id, c.functional_currency, m.posting_date
),

final as (
    select
        d.collector_id, d.currency, d.posting_date, d.amount,
        case
            when d.amount = 0.00 then 0.00
            when d.currency = s.group_currency then 1.00
            else required_rate(r.rate, d.currency, s.group_currency, d.posting_date)
        end as rate
    from cash_days d
    cross join settings s
    left join rate_spans() r
        on r.currency = d.currency and r.to_currency = s.group_currency and d.posting_date between r.valid_from and r.valid_to
)

select * from final
