-- call: '2024-02-10', '2024-06-20'
-- call: '2024-01-01', '2024-05-31', 'customer'
-- call: '2024-01-01', '2024-07-31', 'segment'
-- call: '2024-03-01', '2024-07-31', 'currency'
-- call: '2024-01-01', '2024-06-30', 'parent'
-- call: '2024-05-01', '2024-09-30'
with
-- an invoice's month is the first one in which it stood as billed
monthly as (
    select company_id, customer_id, document_id, instalment, currency, date(posting_date, 'start of month') as month,
        case when movement_kind = 'invoice' and movement_id not in (select * from takes_back) then 'billed'
            when movement_kind in ('apply_receipt', 'cash') then 'cash' when movement_kind = 'apply_credit' then 'credited'
            when movement_kind = 'write_off' then 'lost' else 'other' end as what,
        sum(amount) as amount, sum(company_amount) as company_amount
    from movements
    where document_kind = 'invoice' and posting_date between date(:from, 'start of month') and :to
    group by company_id, customer_id, document_id, instalment, currency, month, what
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
cohort as (
    select company_id, document_id, instalment, currency, min(month) as billing_month,
        min(date(min(month), '+1 month', '-1 day'), :to) as rate_day
    from monthly
    where what = 'billed' and amount > 0
    group by company_id, document_id, instalment, currency
),
flow as materialized (
    select b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, c.billing_month, m.month, m.what,
        case when b.is_booked then m.company_amount else m.amount end as amount,
        case when b.is_booked or b.scope = 'currency' then 100000000 else last_rate(m.currency, 'MXN', c.rate_day) end as rate
    from monthly m
    join cohort c using (company_id, document_id, instalment, currency)
    join member b on b.owner_id = m.company_id and b.customer_id = m.customer_id
),
summed as (
    select f.scope, f.company_id, f.member_id, f.billing_month, p.day, p.month,
        sum(case when what = 'billed' then amount else 0 end * (rate / 10000)) as billed,
        -sum(case when what = 'cash' then amount else 0 end * (rate / 10000)) as cash,
        -sum(case when what = 'credited' then amount else 0 end * (rate / 10000)) as credited,
        -sum(case when what = 'lost' then amount else 0 end * (rate / 10000)) as lost,
        -sum(case when what = 'other' then amount else 0 end * (rate / 10000)) as other,
        sum(amount * (rate / 10000)) as open
    from flow f
    join point p on p.month >= f.month and p.month >= f.billing_month
    group by f.scope, f.company_id, f.member_id, f.billing_month, p.day
)
select scope, company_id, member_id, billing_month, day as month_end,
    12 * (strftime('%Y', month) - strftime('%Y', billing_month)) + strftime('%m', month) - strftime('%m', billing_month) as age_months,
    ratio4(billed, 100000000) as billed_amount, ratio4(cash, 100000000) as cash_amount, ratio4(credited, 100000000) as credited_amount,
    ratio4(lost, 100000000) as written_off_amount, ratio4(other, 100000000) as other_amount, ratio4(open, 100000000) as open_amount,
    case when billed > 0 then ratio4(100 * cash, billed) end as cash_pct,
    case when billed > 0 then ratio4(100 * open, billed) end as open_pct,
    case when billed <= 0 then 'nothing_billed' end as reason
from summed
