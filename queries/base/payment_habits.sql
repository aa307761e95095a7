-- name: payment_habits
-- answers: How many days beyond terms does each customer pay, as the middle one of its payments of 12 months?
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: movements
-- columns: company_id id | customer_id id | payments int | median_late_days days
-- order: company_id, customer_id
-- unit: days from the due day to the day of payment, early is negative; the middle payment, or the mean of the two middle ones, each
--   counting once whatever its amount. A payment is what of one receipt stands applied to one item; what bounced or was undone is none.
--   The customer * is all of the company
-- holds: select company_id from this where payments < 1 or median_late_days is null
-- holds: select t.a from (select company_id, sum(case when customer_id = '*' then payments else -payments end) as a from this group by
--   company_id) t where t.a <> 0
-- source: METRICS 9 and 24 (b)
with payments as (
    select
        company_id, customer_id, document_id, instalment, due_date, counter_document_id, movement_kind,
        max(case when effect <> 'undo' then posting_date end) as paid_date
    from movements
    where
        posting_date <= $as_of and posting_date > $as_of - interval '12 months'
        and aging_class = 'due' and movement_kind in ('apply_receipt', 'cash')
    group by company_id, customer_id, document_id, instalment, due_date, counter_document_id, movement_kind
    having sum(amount) < 0.00
),

late as (
    select
        p.company_id, case when w.is_whole then '*' else p.customer_id end as customer_id, p.document_id, p.instalment,
        p.counter_document_id, days_between(p.paid_date, p.due_date) as late_days
    from payments p
    cross join (values (true), (false)) as w (is_whole)
    where p.paid_date is not null
),

ranked as (
    select
        company_id, customer_id, late_days,
        row_number() over (partition by company_id, customer_id order by late_days) as late_rank,
        count(*) over (partition by company_id, customer_id) as payments
    from late
),

final as (
    select
        company_id, customer_id, payments,
        ratio(
            sum(case when late_rank = (payments + 1) / 2 then late_days else 0 end)
            + sum(case when late_rank = (payments + 2) / 2 then late_days else 0 end),
            2
        ) as median_late_days
    from ranked
    group by company_id, customer_id, payments
)

select * from final
