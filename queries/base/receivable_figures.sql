-- name: receivable_figures
-- answers: What are the balances, flows, days of sales and collection effectiveness of each month end?
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   sales text of gross net = 'gross', empty_months text of add_days stop = 'add_days'
-- reads: receivables_trend, flow_months, month_ends
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | open_amount money |
--   debit_amount money | current_amount money |
--   past_due_amount money | over_90_amount money | unapplied_amount money | sales_amount money | sales_3m_amount money |
--   cash_amount money | cei_pct pct | dso_simple_days days | dso_3m_days days | dso_countback_days days |
--   best_possible_dso_days days | best_possible_dso_3m_days days | average_days_delinquent_days days |
--   average_days_delinquent_3m_days days | balance_reason text | month_reason text | quarter_reason text |
--   countback_reason text | collection_reason text
-- order: month_end, scope, company_id, member_id
-- unit: money and days; month and quarter windows end on the day and count calendar days. Countback walks back at most 24 months;
--   a month without sales (none, or less than nothing) adds its days or, with empty_months stop, ends the walk, the month of the day
--   itself too. sales: gross billings with tax, or net of it (collection effectiveness always takes gross)
-- holds: select month_end from this where dso_countback_days < 0.00 or dso_simple_days is null and month_reason is null
-- source: METRICS 3 to 5, 7, 8 and 11
with balances as (
    select * from receivables_trend($from, $to, $grain)
),

flows as (
    select * from flow_months(month_start($from) - interval '23 months', $to, $grain)
),

months as (
    select * from month_ends(month_start($from) - interval '23 months', $to)
),

-- each day's balance beside the sales of the 24 months that lead to it; every month, also those without sales
spread as (
    select
        b.month_end, b.scope, b.company_id, b.member_id, b.member_name, b.currency, b.open_amount, b.debit_amount, b.current_amount, b.past_due_amount,
        b.over_90_amount, b.unapplied_amount, b.beginning_amount, b.billed_amount,
        m.month_first = b.month_first as in_month,
        m.month_first >= b.month_first - interval '2 months' as in_quarter,
        m.month_first as sales_month, m.day_count,
        coalesce(case when $sales = 'net' then f.net_sales_amount else f.sales_amount end, 0.00) as sales_amount,
        coalesce(f.cash_amount, 0.00) as cash_amount
    from balances b
    join months m on m.month_first <= b.month_first and m.month_first >= b.month_first - interval '23 months'
    left join flows f on f.scope = b.scope and f.company_id = b.company_id and f.member_id = b.member_id
        and f.month_first = m.month_first
),

walked as (
    select
        *,
        greatest(sales_amount, 0.00) as countable_amount,
        sum(greatest(sales_amount, 0.00)) over (
            partition by month_end, scope, company_id, member_id order by sales_month desc
            rows between unbounded preceding and current row
        ) as walked_amount,
        min(case when sales_amount <> 0.00 then sales_month end) over (partition by month_end, scope, company_id, member_id)
            as first_month,
        case when $empty_months = 'stop'
            then max(case when sales_amount <= 0.00 then sales_month end) over (partition by month_end, scope, company_id, member_id) end
            as stop_month
    from spread
),

counted as (
    select
        *,
        case
            when open_amount - walked_amount + countable_amount <= 0.00 or first_month is null or sales_month < first_month then 0.00
            when sales_month <= stop_month then 0.00
            when open_amount >= walked_amount then day_count * 1.00
            else ratio((open_amount - walked_amount + countable_amount) * day_count, countable_amount)
        end as countback_days
    from walked
),

summed as (
    select
        month_end, scope, company_id, member_id, member_name, currency, open_amount, debit_amount, current_amount, past_due_amount, over_90_amount,
        unapplied_amount, beginning_amount, billed_amount,
        sum(case when in_month then day_count else 0 end) as month_days,
        sum(case when in_month then sales_amount else 0.00 end) as sales_amount,
        sum(case when in_month then cash_amount else 0.00 end) as cash_amount,
        sum(case when in_quarter and sales_month >= first_month then day_count else 0 end) as quarter_days,
        sum(case when in_quarter then sales_amount else 0.00 end) as sales_3m_amount,
        sum(case when in_quarter and sales_month < first_month then 1 else 0 end) as missing_months,
        sum(countback_days) as dso_countback_days,
        max(case when coalesce(sales_month <= stop_month, false) then 0.00 else walked_amount end) as countable_amount,
        max(case when stop_month >= first_month then 1 else 0 end) = 1 as is_stopped,
        sum(case when countback_days > 0.00 and countable_amount = 0.00 then 1 else 0 end) as empty_months
    from counted
    group by
        month_end, scope, company_id, member_id, member_name, currency, open_amount, debit_amount, current_amount, past_due_amount, over_90_amount,
        unapplied_amount, beginning_amount, billed_amount
),

final as (
    select
        month_end, scope, company_id, member_id, member_name, currency, open_amount, debit_amount, current_amount, past_due_amount, over_90_amount,
        unapplied_amount, sales_amount, sales_3m_amount, cash_amount,
        case
            when beginning_amount + billed_amount - current_amount > 0.00
                then ratio(100 * (beginning_amount + billed_amount - open_amount), beginning_amount + billed_amount - current_amount)
        end as cei_pct,
        case when sales_amount > 0.00 then ratio(open_amount * month_days, sales_amount) end as dso_simple_days,
        case when sales_3m_amount > 0.00 then ratio(open_amount * quarter_days, sales_3m_amount) end as dso_3m_days,
        dso_countback_days,
        case when sales_amount > 0.00 then ratio(current_amount * month_days, sales_amount) end as best_possible_dso_days,
        case when sales_3m_amount > 0.00 then ratio(current_amount * quarter_days, sales_3m_amount) end as best_possible_dso_3m_days,
        case when sales_amount > 0.00 then ratio((open_amount - current_amount) * month_days, sales_amount) end
            as average_days_delinquent_days,
        case when sales_3m_amount > 0.00 then ratio((open_amount - current_amount) * quarter_days, sales_3m_amount) end
            as average_days_delinquent_3m_days,
        case when open_amount = 0.00 then 'no_ar' when open_amount < 0.00 then 'credit_balance' end as balance_reason,
        case when sales_amount = 0.00 then 'no_sales' when sales_amount < 0.00 then 'negative_sales' end as month_reason,
        case
            when sales_3m_amount = 0.00 then 'no_sales_3m'
            when sales_3m_amount < 0.00 then 'negative_sales_3m'
            when missing_months > 0 then 'short_window'
        end as quarter_reason,
        case
            when open_amount > countable_amount and is_stopped then 'stopped_at_empty_month'
            when open_amount > countable_amount then 'history_exhausted'
            when empty_months > 0 then 'empty_month'
        end as countback_reason,
        case when beginning_amount + billed_amount - current_amount <= 0.00 then 'nothing_collectable' end as collection_reason
    from summed
)

select * from final
