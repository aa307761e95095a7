-- name: customer_positions
-- answers: How does each customer stand on a day, per currency: open, past due, worst lateness, lateness of what was paid?
-- grain: one row per company_id, customer_id, currency
-- params: as_of date
-- reads: movements
-- columns: company_id id | customer_id id | currency text | open_amount money | open_amount_company money | debit_amount_company money |
--   past_due_amount money | past_due_amount_company money | worst_days_late int | paid_3m_amount money | paid_3m_amount_days money |
--   paid_before_amount money | paid_before_amount_days money
-- order: company_id, customer_id, currency
-- unit: money; worst_days_late is that of the oldest due day on which the customer's debits do not net to nothing. The paid columns weigh
--   cash applied in the last 3 months, and in the 12 months before them, in booked money and in booked money x days late (early is
--   negative); what was undone on a later day does not count
-- holds: select sum(open_amount) from this having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $as_of)
-- holds: select customer_id from this where worst_days_late <= 0
-- source: METRICS 2, 9 and 25
with by_due_day as (
    select
        company_id, customer_id, currency, aging_class, due_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount,
        sum(case when is_cash and posting_date > $as_of - interval '3 months' then -company_amount else 0.00 end) as paid_3m,
        sum(
            case when is_cash and posting_date > $as_of - interval '3 months'
                then -company_amount * days_between(posting_date, due_date) else 0.00 end
        ) as paid_3m_days,
        sum(
            case when is_cash and posting_date > $as_of - interval '15 months' and posting_date <= $as_of - interval '3 months'
                then -company_amount else 0.00 end
        ) as paid_before,
        sum(
            case when is_cash and posting_date > $as_of - interval '15 months' and posting_date <= $as_of - interval '3 months'
                then -company_amount * days_between(posting_date, due_date) else 0.00 end
        ) as paid_before_days
    from (
        select
            company_id, customer_id, currency, aging_class, due_date, posting_date, amount, company_amount,
            aging_class = 'due' and movement_kind in ('apply_receipt', 'cash') and effect <> 'undo' as is_cash
        from movements
        where posting_date <= $as_of
    ) as posted
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
            as worst_days_late,
        sum(paid_3m) as paid_3m_amount,
        sum(paid_3m_days) as paid_3m_amount_days,
        sum(paid_before) as paid_before_amount,
        sum(paid_before_days) as paid_before_amount_days
    from by_due_day
    group by company_id, customer_id, currency
)

select * from final
