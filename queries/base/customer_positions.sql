-- name: customer_positions
-- answers: How does each customer stand on a day, per currency: open, past due, worst lateness?
-- grain: one row per company_id, customer_id, currency
-- params: as_of date
-- reads: movements
-- columns: company_id id | customer_id id | currency text | open_amount money | open_amount_company money | debit_amount_company money |
--   past_due_amount money | past_due_amount_company money | worst_days_late int
-- order: company_id, customer_id, currency
-- unit: money; worst_days_late is that of the oldest due day on which the customer's debits do not net to nothing
-- holds: select sum(open_amount) from this having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $as_of)
-- holds: select customer_id from this where worst_days_late <= 0
-- source: METRICS 2 and 13
with by_due_day as (
    select
        company_id, customer_id, currency, aging_class, due_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from movements
    where posting_date <= $as_of
    group by company_id, customer_id, currency, aging_class, due_date
),

final as (
    select
        company_id, customer_id, currency,
        sum(amount) as open_amount,
        sum(company_amount) as open_amount_company,
        sum(case when aging_class = 'due' then company_amount else 0.00 end) as debit_amount_company,
        sum(case when aging_class = 'due' and due_date < $as_of then amount else 0.00 end) as past_due_amount,
        sum(case when aging_class = 'due' and due_date < $as_of then company_amount else 0.00 end) as past_due_amount_company,
        max(case when aging_class = 'due' and due_date < $as_of and amount > 0.00 then days_between($as_of, due_date) end)
            as worst_days_late
    from by_due_day
    group by company_id, customer_id, currency
)

select * from final
