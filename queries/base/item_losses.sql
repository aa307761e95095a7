-- name: item_losses
-- answers: Which buckets did each debit billed in a period reach, with how much, and how much of that was written off in the end?
-- grain: one row per scope, owner_id, document_id, instalment, document_currency, bucket_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', horizon_days int = 365
-- reads: movements, members, aging_buckets, closing_rates
-- columns: scope text | company_id id | member_id id | currency text | owner_id id | customer_id id | document_id id | instalment int |
--   document_currency text | billed_date date | bucket_order int | bucket text | document_amount money | amount money |
--   lost_amount money | rate rate
-- order: scope, company_id, member_id, owner_id, document_id, instalment, document_currency, bucket_order
-- unit: money, of debits billed from `from` to horizon_days before `to`. document_amount is the most that was open while the item was
--   in the bucket (when billed, or at the end of a day); amount and lost_amount are valued as billed for a company's own members, in the
--   document's currency with the closing rate of `to` for the group's. lost_amount: written off after the item came into the bucket, net
--   of what was undone, up to `to`, at most what came into it. A due day that moved counts from the day it moved. Balances taken over at
--   the start of coverage are not in it: how they got there is not known. Customers and members are those of the day `to`
-- holds: select document_id from this where lost_amount < 0.00 or lost_amount > amount
-- holds: select document_id from this where document_amount <= 0.00 or billed_date < $from or billed_date > $to - $horizon_days
-- source: METRICS 15
with
-- documents billed in time: the others are not walked
billed as (
    select distinct company_id, document_id, instalment
    from movements
    where
        posting_date between $from and $to - $horizon_days and aging_class = 'due' and amount > 0.00
        and movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment')
),

told as (
    select
        m.company_id, m.customer_id, m.document_id, m.instalment, m.currency, m.posting_date, m.due_date, m.movement_kind, m.source_table,
        m.amount, m.company_amount,
        m.movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment') and m.effect <> 'undo'
        and m.source_id = case when m.instalment = 1 then m.document_id else concat(m.document_id, '/', m.instalment) end as is_billing
    from movements m
    join billed d on d.company_id = m.company_id and d.document_id = m.document_id and d.instalment = m.instalment
    where m.posting_date <= $to and m.aging_class = 'due'
),

by_due_day as (
    select
        company_id, document_id, instalment, currency, posting_date, due_date, is_billing,
        max(case when movement_kind = 'opening' then 1 else 0 end) as is_opening,
        -- of a move, the side that the document itself goes to
        first_value(customer_id order by case when source_table = 'documents' then amount else 0.00 end desc, customer_id) as customer_id,
        sum(amount) as amount,
        sum(company_amount) as company_amount,
        sum(case when movement_kind = 'write_off' then -amount else 0.00 end) as lost
    from told
    group by company_id, document_id, instalment, currency, posting_date, due_date, is_billing
),

-- one row a day, and one more for the billing, which comes first
steps as (
    select
        company_id, document_id, instalment, currency, posting_date, is_billing,
        coalesce(max(case when amount > 0.00 then due_date end), max(due_date)) as due_date,
        coalesce(max(case when amount > 0.00 then customer_id end), max(customer_id)) as customer_id,
        max(is_opening) as is_opening,
        sum(amount) as amount, sum(company_amount) as company_amount, sum(lost) as lost
    from by_due_day
    group by company_id, document_id, instalment, currency, posting_date, is_billing
),

walked as (
    select
        *,
        sum(amount) over (
            partition by company_id, document_id, instalment, currency order by posting_date, is_billing desc
            rows between unbounded preceding and current row
        ) as open_amount,
        sum(lost) over (
            partition by company_id, document_id, instalment, currency order by posting_date, is_billing desc
            rows between unbounded preceding and current row
        ) as lost_to_here,
        greatest(
            coalesce(
                lead(posting_date) over (
                    partition by company_id, document_id, instalment, currency order by posting_date, is_billing desc
                ) - 1, $to
            ), posting_date
        ) as last_date,
        last_value(customer_id) over (
            partition by company_id, document_id, instalment, currency order by posting_date, is_billing desc
            rows between unbounded preceding and unbounded following
        ) as last_customer_id,
        min(case when is_billing and amount > 0.00 then posting_date end) over (
            partition by company_id, document_id, instalment, currency
        ) as billed_date,
        max(is_opening) over (partition by company_id, document_id, instalment, currency) as has_opening,
        sum(lost) over (partition by company_id, document_id, instalment, currency) as lost_in_all,
        sum(case when is_billing then amount else 0.00 end) over (partition by company_id, document_id, instalment, currency) as billed,
        sum(case when is_billing then company_amount else 0.00 end) over (partition by company_id, document_id, instalment, currency)
            as billed_company
    from steps
),

reached as (
    select
        w.company_id, w.document_id, w.instalment, w.currency, w.last_customer_id, w.billed_date, w.lost_in_all, w.billed,
        w.billed_company, b.bucket_order, b.bucket,
        max(w.open_amount) as open_amount,
        -- a write-off of more than was owed loses no more, and an undone one from before the bucket gives nothing back to it
        least(
            greatest(w.lost_in_all - first_value(w.lost_to_here order by w.posting_date, w.is_billing desc), 0.00), max(w.open_amount)
        ) as lost_amount
    from walked w
    join aging_buckets b on days_between(w.posting_date, w.due_date) <= b.to_days and days_between(w.last_date, w.due_date) >= b.from_days
    where w.open_amount > 0.00 and w.has_opening = 0 and w.billed_date between $from and $to - $horizon_days
    group by
        w.company_id, w.document_id, w.instalment, w.currency, w.last_customer_id, w.billed_date, w.lost_in_all, w.billed,
        w.billed_company, b.bucket_order, b.bucket
),

final as (
    select
        m.scope, m.company_id, coalesce(m.member_id, r.currency) as member_id, coalesce(m.currency, r.currency) as currency,
        r.company_id as owner_id, r.last_customer_id as customer_id, r.document_id, r.instalment, r.currency as document_currency,
        r.billed_date, r.bucket_order, r.bucket,
        r.open_amount as document_amount,
        cast(
            case when m.is_booked then ratio(r.open_amount * r.billed_company, r.billed) else r.open_amount end as decimal(18, 2)
        ) as amount,
        cast(
            case when m.is_booked then ratio(r.lost_amount * r.billed_company, r.billed) else r.lost_amount end as decimal(18, 2)
        ) as lost_amount,
        case
            when m.is_booked or coalesce(m.currency, r.currency) = r.currency then 1.00
            else required_rate(c.rate, r.currency, m.currency, $to)
        end as rate
    from reached r
    join members($to, $grain) m on m.owner_id = r.company_id and m.customer_id = r.last_customer_id
    left join closing_rates($to) c on c.currency = r.currency and c.to_currency = m.currency
)

select * from final
