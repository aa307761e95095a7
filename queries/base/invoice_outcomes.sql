-- name: invoice_outcomes
-- answers: What became of each invoice of a period, per member of a grain: paid how soon, credited, written off, still open?
-- grain: one row per scope, owner_id, document_id, instalment
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, payments, members, companies, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | document_date date | month date | posting_date date | document_currency text | billed_amount money |
--   paid_30_amount money | paid_60_amount money | paid_90_amount money | paid_120_amount money | paid_amount money |
--   paid_amount_days money | credited_amount money | written_off_amount money | other_amount money | open_amount money | rate rate
-- order: scope, owner_id, document_id, instalment
-- unit: money; each amount x rate is in the member's currency: as booked for a company's own members, the booked values at the rate of
--   the invoice's own posting day for the group's, the document's by currency. Invoices by their document day in the period, all that
--   happened to them up to the day `to`, under the customer invoiced. paid_30_amount: cash within 30 days of the document day, and so
--   on; paid_amount_days: paid x days. other_amount: discounts, withholdings, fees, advances, netting, factoring, exchange differences,
--   what an open-item list only shows to be gone. Invoices from before the first list have no original amount and are left out, so are
--   reversed ones
-- holds: select document_id from this where billed_amount <> paid_amount + credited_amount + written_off_amount + other_amount +
--   open_amount
-- holds: select document_id from this where rate is null or month <> month_start(document_date)
-- source: METRICS 10, PITFALLS P27 and P28, POSTING 3
with lines as (
    select
        company_id, customer_id, document_id, instalment, document_date, currency, movement_kind,
        case when movement_kind = 'invoice' then posting_date end as billed_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from movements
    where document_date between $from and $to and posting_date <= $to and document_kind = 'invoice' and aging_class = 'due'
    group by
        company_id, customer_id, document_id, instalment, document_date, currency, movement_kind,
        case when movement_kind = 'invoice' then posting_date end
    having sum(amount) <> 0.00 or sum(company_amount) <> 0.00
),

happened as (
    select
        company_id, document_id, instalment, document_date, currency, movement_kind, customer_id, billed_date, amount, company_amount,
        cast(null as int) as days_to_pay
    from lines
    union all
    select
        company_id, document_id, instalment, document_date, currency, 'payment' as movement_kind, cast(null as varchar) as customer_id,
        cast(null as date) as billed_date, amount, company_amount, days_to_pay
    from payments(date '0001-01-01', $to)
    where document_date between $from and $to and document_kind = 'invoice'
),

-- in the currency of the books and in that of the document
valued as (
    select
        h.company_id, h.document_id, h.instalment, h.document_date, h.currency, h.movement_kind, h.customer_id, h.billed_date,
        h.days_to_pay,
        case when v.is_document then h.amount else h.company_amount end as amount
    from happened h
    cross join (values (true), (false)) as v (is_document)
    where v.is_document = ($grain = 'currency')
),

invoices as (
    select
        company_id, document_id, instalment, document_date, currency,
        max(case when movement_kind = 'invoice' and amount > 0.00 then customer_id end) as customer_id,
        max(case when movement_kind = 'invoice' and amount > 0.00 then billed_date end) as posting_date,
        sum(case when movement_kind = 'invoice' then amount else 0.00 end) as billed_amount,
        sum(case when movement_kind = 'payment' and days_to_pay <= 30 then amount else 0.00 end) as paid_30_amount,
        sum(case when movement_kind = 'payment' and days_to_pay <= 60 then amount else 0.00 end) as paid_60_amount,
        sum(case when movement_kind = 'payment' and days_to_pay <= 90 then amount else 0.00 end) as paid_90_amount,
        sum(case when movement_kind = 'payment' and days_to_pay <= 120 then amount else 0.00 end) as paid_120_amount,
        sum(case when movement_kind = 'payment' then amount else 0.00 end) as paid_amount,
        sum(case when movement_kind = 'payment' then amount * days_to_pay else 0.00 end) as paid_amount_days,
        -sum(case when movement_kind = 'apply_credit' then amount else 0.00 end) as credited_amount,
        -sum(case when movement_kind = 'write_off' then amount else 0.00 end) as written_off_amount,
        -sum(
            case when movement_kind in ('invoice', 'payment', 'apply_receipt', 'cash', 'apply_credit', 'write_off') then 0.00
                else amount end
        ) as other_amount,
        sum(case when movement_kind = 'payment' then 0.00 else amount end) as open_amount
    from valued
    group by company_id, document_id, instalment, document_date, currency
    having sum(case when movement_kind = 'invoice' then amount else 0.00 end) > 0.00
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, i.currency) as member_id, coalesce(b.member_name, i.currency) as member_name,
        coalesce(b.currency, i.currency) as currency,
        i.company_id as owner_id, i.customer_id, i.document_id, i.instalment, i.document_date, month_start(i.document_date) as month,
        i.posting_date, i.currency as document_currency,
        i.billed_amount, i.paid_30_amount, i.paid_60_amount, i.paid_90_amount, i.paid_120_amount, i.paid_amount, i.paid_amount_days,
        i.credited_amount, i.written_off_amount, i.other_amount, i.open_amount,
        case
            when b.is_booked or b.scope = 'currency' or c.functional_currency = b.currency then 1.00
            else required_rate(r.rate, c.functional_currency, b.currency, i.posting_date)
        end as rate
    from invoices i
    join members($to, $grain) b on b.owner_id = i.company_id and b.customer_id = i.customer_id
    join companies c on c.company_id = i.company_id
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = b.currency and i.posting_date between r.valid_from and r.valid_to
)

select * from final
