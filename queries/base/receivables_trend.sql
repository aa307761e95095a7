-- name: receivables_trend
-- answers: What did receivables stand at on each month end, and how did the month begin, per company and for the group?
-- grain: one row per month_end, scope, company_id
-- params: from date, to date
-- reads: postings, period_sales, companies, gl_balances, month_ends, rate_spans, settings
-- columns: month_end date | month_first date | scope text | company_id id | currency text | open_amount money | debit_amount money |
--   current_amount money | past_due_amount money | over_90_amount money | unapplied_amount money | beginning_amount money |
--   billed_amount money
-- order: month_end, scope, company_id
-- unit: money. Company rows: as booked, in its own currency. Group row: amounts of the items at the closing rate of the day, also
--   what the month began with and billed (one rate, so that no ratio of them absorbs revaluation), without customers that are our
--   own companies on the day `to`. Advances count only on a control account
-- holds: select month_end from this where debit_amount <> current_amount + past_due_amount and scope = 'company'
-- source: METRICS 0.3, 2, 11 and 13, POSTING 2 and 4
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

posted as (
    select
        p.company_id, p.currency, c.functional_currency as book_currency, p.intercompany, p.aging_class, p.due_date, p.posting_date,
        p.amount, p.company_amount as book_amount,
        p.movement_kind = 'opening' as is_opening,
        p.movement_kind <> 'opening' and p.sales_effect in ('sale', 'return', 'price') as is_sale
    from postings($to, $to, true) p
    join companies c on c.company_id = p.company_id
    left join control_accounts a on a.company_id = p.company_id and a.account = p.account
    where
        p.aging_class <> 'advances'
        or a.account is not null
        or coalesce(c.control_account, p.account) = p.account
),

declared as (
    select
        company_id, currency, currency as book_currency, false as intercompany, 'declared' as aging_class,
        month as due_date, month as posting_date, amount, amount as book_amount, false as is_opening, true as is_sale
    from period_sales
    where month >= month_start($from) and month <= $to
),

united as (
    select * from posted
    union all
    select * from declared
),

-- once as booked for the company, once in the item's currency for the group
scoped as (
    select
        s.scope, u.company_id,
        case when s.scope = 'company' then u.book_currency else u.currency end as currency,
        u.aging_class, u.due_date,
        greatest(month_start(u.posting_date), month_start($from) - 1) as counts_from,
        sum(case when u.aging_class = 'declared' then 0.00 when s.scope = 'company' then u.book_amount else u.amount end) as amount,
        sum(case when not u.is_opening then 0.00 when s.scope = 'company' then u.book_amount else u.amount end) as opening_amount,
        sum(case when not coalesce(u.is_sale, false) then 0.00 when s.scope = 'company' then u.book_amount else u.amount end)
            as billed_amount
    from united u
    cross join (values ('company'), ('group')) as s (scope)
    where s.scope = 'company' or not u.intercompany
    group by
        s.scope, u.company_id, case when s.scope = 'company' then u.book_currency else u.currency end, u.aging_class, u.due_date,
        greatest(month_start(u.posting_date), month_start($from) - 1)
),

monthly as (
    select
        m.month_end, m.month_first, s.scope, s.company_id, s.currency,
        sum(s.amount) as open_amount,
        sum(case when s.aging_class = 'due' then s.amount else 0.00 end) as debit_amount,
        sum(case when s.aging_class = 'due' and s.due_date >= m.month_end then s.amount else 0.00 end) as current_amount,
        sum(case when s.aging_class = 'due' and s.due_date < m.month_end then s.amount else 0.00 end) as past_due_amount,
        sum(case when s.aging_class = 'due' and s.due_date < m.month_end - 90 then s.amount else 0.00 end) as over_90_amount,
        sum(case when s.aging_class = 'unapplied' then s.amount else 0.00 end) as unapplied_amount,
        sum(case when s.counts_from < m.month_first then s.amount else s.opening_amount end) as beginning_amount,
        sum(case when s.counts_from = m.month_first then s.billed_amount else 0.00 end) as billed_amount
    from month_ends($from, $to) m
    join scoped s on s.counts_from <= m.month_first
    group by m.month_end, m.month_first, s.scope, s.company_id, s.currency
),

targeted as (
    select
        m.*,
        case when m.scope = 'company' then m.company_id else 'group' end as scope_id,
        case when m.scope = 'company' then c.functional_currency else s.group_currency end as scope_currency
    from monthly m
    join companies c on c.company_id = m.company_id
    cross join settings s
),

rated as (
    select
        t.*,
        case
            when t.currency = t.scope_currency then 1.00
            when t.open_amount = 0.00 and t.debit_amount = 0.00 and t.current_amount = 0.00 and t.over_90_amount = 0.00
                and t.unapplied_amount = 0.00 and t.beginning_amount = 0.00 and t.billed_amount = 0.00 then 0.00
            else required_rate(r.rate, t.currency, t.scope_currency, t.month_end)
        end as rate
    from targeted t
    left join rate_spans() r
        on r.currency = t.currency and r.to_currency = t.scope_currency and t.month_end between r.valid_from and r.valid_to
),

final as (
    select
        month_end, month_first, scope, scope_id as company_id, scope_currency as currency,
        sum(open_amount * rate) as open_amount,
        sum(debit_amount * rate) as debit_amount,
        sum(current_amount * rate) as current_amount,
        sum(past_due_amount * rate) as past_due_amount,
        sum(over_90_amount * rate) as over_90_amount,
        sum(unapplied_amount * rate) as unapplied_amount,
        sum(beginning_amount * rate) as beginning_amount,
        sum(billed_amount * rate) as billed_amount
    from rated
    group by month_end, month_first, scope, scope_id, scope_currency
)

select * from final
