-- name: flow_months
-- answers: How much was sold, collected, applied, credited and written off in each month, per member of a grain?
-- grain: one row per month_first, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: ledger_rows, cuts, period_sales, rate_spans
-- columns: month_first date | scope text | company_id id | member_id id | member_name text | currency text | sales_amount money |
--   cash_amount money | applied_amount money | credit_amount money | write_off_amount money | recovered_amount money |
--   net_sales_amount money
-- order: month_first, scope, company_id, member_id
-- unit: money; adds up across months. A company's own members: as booked; the group's: the booked value at the rate of each posting day
--   (declared sales: of the month's last day), without customers that are our own companies on the day `to`; by currency: amounts of the
--   documents. Cash is what was received, net of what bounced; applied is the part of it laid on items; write-offs are net of what was
--   recovered. Net sales are without tax, before
--   withholding. Declared sales have no customer: they count by company, group and currency only
-- holds: select month_first from this where month_first < month_start($from) or month_first > $to
-- source: POSTING 2 and 4, METRICS 0.3
with valued as (
    select
        company_id, customer_id, intercompany, posting_date, movement_kind, aging_class, effect,
        coalesce(sales_effect, '') in ('sale', 'return', 'price') as is_sale,
        case when $grain = 'currency' then currency end as document_currency,
        case when $grain = 'currency' then amount else company_amount end as amount,
        case when $grain = 'currency' then net_sales_amount else ratio(net_sales_amount * company_amount, amount) end as net_sales_amount
    from ledger_rows($from, $to, $grain)
    where
        posting_date >= month_start($from) and movement_kind <> 'opening'
        and (
            coalesce(sales_effect, '') in ('sale', 'return', 'price')
            or movement_kind in ('receipt', 'cash', 'apply_receipt', 'credit_memo', 'write_off')
        )
),

-- summed by day before anybody is asked whose they are
days as (
    select
        company_id, customer_id, intercompany, document_currency, posting_date as flow_day,
        sum(case when is_sale then amount else 0.00 end) as sales_amount,
        sum(case when movement_kind in ('receipt', 'cash', 'apply_receipt') then -amount else 0.00 end) as cash_amount,
        sum(
            case
                when movement_kind = 'cash' then -amount
                when movement_kind = 'apply_receipt' and aging_class = 'unapplied' then amount
                else 0.00
            end
        ) as applied_amount,
        sum(case when movement_kind = 'credit_memo' then -amount else 0.00 end) as credit_amount,
        sum(case when movement_kind = 'write_off' then -amount else 0.00 end) as write_off_amount,
        sum(case when movement_kind = 'write_off' and effect = 'undo' then amount else 0.00 end) as recovered_amount,
        sum(case when is_sale then coalesce(net_sales_amount, 0.00) else 0.00 end) as net_sales_amount,
        max(case when amount <> 0.00 then 1 else 0 end) as has_amount
    from valued
    group by company_id, customer_id, intercompany, document_currency, posting_date
),

united as (
    select
        k.scope, k.company_id, coalesce(k.member_id, d.document_currency) as member_id,
        coalesce(k.member_name, d.document_currency) as member_name,
        coalesce(k.currency, d.document_currency) as member_currency,
        coalesce(d.document_currency, k.book_currency) as currency,
        d.flow_day, d.sales_amount, d.cash_amount, d.applied_amount, d.credit_amount, d.write_off_amount, d.recovered_amount,
        d.net_sales_amount, d.has_amount
    from days d
    join cuts($to, $grain) k on k.owner_id = d.company_id and k.customer_id = d.customer_id and k.intercompany = d.intercompany
    union all
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as member_currency, p.currency,
        least(month_end(p.month), $to) as flow_day, p.amount as sales_amount,
        0.00 as cash_amount, 0.00 as applied_amount, 0.00 as credit_amount, 0.00 as write_off_amount, 0.00 as recovered_amount,
        p.amount as net_sales_amount, case when p.amount <> 0.00 then 1 else 0 end as has_amount
    from period_sales p
    join cuts($to, $grain) k on k.owner_id = p.company_id and k.customer_id = '' and not k.intercompany
    where p.month >= month_start($from) and p.month <= $to
),

rated as (
    select
        t.*,
        case
            when t.currency = t.member_currency then 1.00
            when t.has_amount = 0 then 0.00
            else required_rate(r.rate, t.currency, t.member_currency, t.flow_day)
        end as rate
    from united t
    left join rate_spans() r
        on r.currency = t.currency and r.to_currency = t.member_currency and t.flow_day between r.valid_from and r.valid_to
),

final as (
    select
        month_start(flow_day) as month_first, scope, company_id, member_id, member_name, member_currency as currency,
        sum(sales_amount * rate) as sales_amount,
        sum(cash_amount * rate) as cash_amount,
        sum(applied_amount * rate) as applied_amount,
        sum(credit_amount * rate) as credit_amount,
        sum(write_off_amount * rate) as write_off_amount,
        sum(recovered_amount * rate) as recovered_amount,
        sum(net_sales_amount * rate) as net_sales_amount
    from rated
    group by month_start(flow_day), scope, company_id, member_id, member_name, member_currency
)

select * from final
