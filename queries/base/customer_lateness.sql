-- name: customer_lateness
-- answers: How late did each customer pay in the last 3 months, and in the 12 months before?
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: payments
-- columns: company_id id | customer_id id | paid_3m_amount money | late_3m_days days | paid_before_amount money | late_before_days days
-- order: company_id, customer_id
-- unit: days from the due day to the day of payment, early is negative, weighed by the booked money of the cash applied; the months count
--   from the day it was applied. What was unapplied or bounced up to the day is no payment
-- holds: select customer_id from this where (late_3m_days is null) <> (paid_3m_amount <= 0.00)
-- source: METRICS 9, 10 and 25
with paid as (
    select
        company_id, customer_id, company_amount as amount, company_amount * days_late as amount_days,
        posting_date > $as_of - interval '3 months' as is_recent
    from payments(month_start($as_of - interval '15 months'), $as_of)
    where posting_date > $as_of - interval '15 months'
),

summed as (
    select
        company_id, customer_id,
        sum(case when is_recent then amount else 0.00 end) as paid_3m_amount,
        sum(case when is_recent then amount_days else 0.00 end) as paid_3m_amount_days,
        sum(case when is_recent then 0.00 else amount end) as paid_before_amount,
        sum(case when is_recent then 0.00 else amount_days end) as paid_before_amount_days
    from paid
    group by company_id, customer_id
),

final as (
    select
        company_id, customer_id, paid_3m_amount,
        case when paid_3m_amount > 0.00 then ratio(paid_3m_amount_days, paid_3m_amount) end as late_3m_days,
        paid_before_amount,
        case when paid_before_amount > 0.00 then ratio(paid_before_amount_days, paid_before_amount) end as late_before_days
    from summed
)

select * from final
