-- name: cohort_flows
-- answers: What happened to the invoices of each month, month by month, per member of a grain?
-- grain: one row per scope, owner_id, customer_id, document_id, instalment, document_currency, posting_month, measure
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, month_ends, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | document_currency text | billing_month date | posting_month date | measure text | amount money | rate rate
-- order: scope, owner_id, customer_id, document_id, instalment, document_currency, posting_month, measure
-- unit: money, debit +, of invoices posted from the month of `from` up to `to` (first days of months stand for months); balances taken
--   over at the start of coverage have no month. measure: billed, cash, credited, written_off, other (discounts, withholding, fees,
--   netting, cancellation, moved to another customer, exchange differences). amount x rate: booked for a company's own members; for the
--   group's the document's at the closing rate of the end of the billing month, one rate for all of an invoice's life. Members are those
--   of the day `to`
-- holds: select document_id from this where posting_month < billing_month and amount <> 0.00
-- source: METRICS 0.3, PITFALLS P27
with
-- billed is what the invoice itself says; a correction of its reversal is still its reversal's
measured as (
    select
        company_id, customer_id, document_id, instalment, currency, month_start(posting_date) as posting_month, amount, company_amount,
        case
            when movement_kind = 'invoice' and effect <> 'undo'
                and source_id = case when instalment = 1 then document_id else concat(document_id, '/', instalment) end then 'billed'
            when movement_kind in ('apply_receipt', 'cash') then 'cash'
            when movement_kind = 'apply_credit' then 'credited'
            when movement_kind = 'write_off' then 'written_off'
            else 'other'
        end as measure
    from movements
    where posting_date >= month_start($from) and posting_date <= $to and document_kind = 'invoice'
),

monthly as (
    select
        company_id, customer_id, document_id, instalment, currency, posting_month, measure,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from measured
    group by company_id, customer_id, document_id, instalment, currency, posting_month, measure
),

dated as (
    select
        *,
        min(case when measure = 'billed' and amount > 0.00 then posting_month end) over (
            partition by company_id, document_id, instalment, currency
        ) as billing_month
    from monthly
),

-- of each month once: an invoice has hundreds of days to choose from
rates as (
    select m.month_first, r.currency, r.to_currency, r.rate
    from month_ends($from, $to) m
    join rate_spans() r on m.month_end between r.valid_from and r.valid_to
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, d.currency) as member_id, coalesce(b.member_name, d.currency) as member_name,
        coalesce(b.currency, d.currency) as currency, d.company_id as owner_id, d.customer_id, d.document_id, d.instalment,
        d.currency as document_currency, d.billing_month, d.posting_month, d.measure,
        case when b.is_booked then d.company_amount else d.amount end as amount,
        case
            when b.is_booked or coalesce(b.currency, d.currency) = d.currency then 1.00
            when d.amount = 0.00 then 0.00
            else required_rate(r.rate, d.currency, b.currency, least(month_end(d.billing_month), $to))
        end as rate
    from dated d
    join members($to, $grain) b on b.owner_id = d.company_id and b.customer_id = d.customer_id
    left join rates r on r.currency = d.currency and r.to_currency = b.currency and r.month_first = d.billing_month
    where d.billing_month is not null and (d.amount <> 0.00 or d.company_amount <> 0.00)
)

select * from final
