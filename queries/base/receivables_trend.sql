-- name: receivables_trend
-- answers: What did receivables stand at on each month end, and how did the month begin, per member of a grain?
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: ledger_rows, cuts, period_sales, gl_balances, month_ends, rate_spans
-- columns: month_end date | month_first date | scope text | company_id id | member_id id | member_name text | currency text |
--   open_amount money | debit_amount money | current_amount money | past_due_amount money | over_90_amount money |
--   unapplied_amount money |
--   credits_amount money | beginning_amount money | billed_amount money
-- order: month_end, scope, company_id, member_id
-- unit: money. A company's own members: as booked, in its currency. The group's: amounts of the items at the closing rate of the day, also
--   what the month began with and billed (one rate, so that no ratio of them absorbs revaluation), without customers that are our
--   own companies. Members are those of the day `to`. Advances count only on a control account. Declared sales have no customer: they
--   count by company, group and currency only
-- holds: select month_end from this where debit_amount <> current_amount + past_due_amount and scope = 'company'
-- holds: select t.a from (select sum(open_amount) as a from this where month_end = $to) t
--   where $grain in ('customer', 'parent') and t.a <> (select sum(company_amount) from member_postings($to, $to) where scope = 'company'
--   and (aging_class <> 'advances' or is_control))
-- source: METRICS 0.3, 2, 11 and 13, POSTING 2 and 4
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

posted as (
    select
        company_id, customer_id, intercompany, currency, aging_class,
        case when aging_class = 'advances' then account end as account,
        due_date,
        greatest(month_start(posting_date), month_start($from) - 1) as counts_from,
        sum(amount) as amount,
        sum(company_amount) as company_amount,
        sum(case when movement_kind = 'opening' then amount else 0.00 end) as opening_amount,
        sum(case when movement_kind = 'opening' then company_amount else 0.00 end) as opening_company_amount,
        sum(case when movement_kind <> 'opening' and sales_effect in ('sale', 'return', 'price') then amount else 0.00 end) as billed_amount,
        sum(case when movement_kind <> 'opening' and sales_effect in ('sale', 'return', 'price') then company_amount else 0.00 end)
            as billed_company_amount
    from ledger_rows($to, $to, $grain)
    group by
        company_id, customer_id, intercompany, currency, aging_class, case when aging_class = 'advances' then account end, due_date,
        greatest(month_start(posting_date), month_start($from) - 1)
),

-- sums first, then whose they are
cut as (
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as member_currency,
        case when k.is_booked then k.book_currency else p.currency end as currency,
        p.aging_class, p.due_date, p.counts_from,
        case when k.is_booked then p.company_amount else p.amount end as amount,
        case when k.is_booked then p.opening_company_amount else p.opening_amount end as opening_amount,
        case when k.is_booked then p.billed_company_amount else p.billed_amount end as billed_amount
    from posted p
    join cuts($to, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    left join control_accounts a on a.company_id = p.company_id and a.account = p.account
    where p.aging_class <> 'advances' or a.account is not null or coalesce(k.control_account, p.account) = p.account
    union all
    select
        k.scope, k.company_id, coalesce(k.member_id, d.currency) as member_id, coalesce(k.member_name, d.currency) as member_name,
        coalesce(k.currency, d.currency) as member_currency, d.currency,
        'declared' as aging_class, d.month as due_date, month_start(d.month) as counts_from,
        0.00 as amount, 0.00 as opening_amount, d.amount as billed_amount
    from period_sales d
    join cuts($to, $grain) k on k.owner_id = d.company_id and k.customer_id = '' and not k.intercompany
    where d.month >= month_start($from) and d.month <= $to
),

monthly as (
    select
        m.month_end, m.month_first, s.scope, s.company_id, s.member_id, s.member_name, s.member_currency, s.currency,
        sum(s.amount) as open_amount,
        sum(case when s.aging_class = 'due' then s.amount else 0.00 end) as debit_amount,
        sum(case when s.aging_class = 'due' and s.due_date >= m.month_end then s.amount else 0.00 end) as current_amount,
        sum(case when s.aging_class = 'due' and s.due_date < m.month_end then s.amount else 0.00 end) as past_due_amount,
        sum(case when s.aging_class = 'due' and s.due_date < m.month_end - 90 then s.amount else 0.00 end) as over_90_amount,
        sum(case when s.aging_class = 'unapplied' then s.amount else 0.00 end) as unapplied_amount,
        sum(case when s.aging_class = 'credits' then s.amount else 0.00 end) as credits_amount,
        sum(case when s.counts_from < m.month_first then s.amount else s.opening_amount end) as beginning_amount,
        sum(case when s.counts_from = m.month_first then s.billed_amount else 0.00 end) as billed_amount
    from month_ends($from, $to) m
    join cut s on s.counts_from <= m.month_first
    group by m.month_end, m.month_first, s.scope, s.company_id, s.member_id, s.member_name, s.member_currency, s.currency
),

rated as (
    select
        t.*,
        case
            when t.currency = t.member_currency then 1.00
            when t.open_amount = 0.00 and t.debit_amount = 0.00 and t.current_amount = 0.00 and t.over_90_amount = 0.00
                and t.unapplied_amount = 0.00 and t.credits_amount = 0.00 and t.beginning_amount = 0.00 and t.billed_amount = 0.00 then 0.00
            else required_rate(r.rate, t.currency, t.member_currency, t.month_end)
        end as rate
    from monthly t
    left join rate_spans() r
        on r.currency = t.currency and r.to_currency = t.member_currency and t.month_end between r.valid_from and r.valid_to
),

final as (
    select
        month_end, month_first, scope, company_id, member_id, member_name, member_currency as currency,
        sum(open_amount * rate) as open_amount,
        sum(debit_amount * rate) as debit_amount,
        sum(current_amount * rate) as current_amount,
        sum(past_due_amount * rate) as past_due_amount,
        sum(over_90_amount * rate) as over_90_amount,
        sum(unapplied_amount * rate) as unapplied_amount,
        sum(credits_amount * rate) as credits_amount,
        sum(beginning_amount * rate) as beginning_amount,
        sum(billed_amount * rate) as billed_amount
    from rated
    group by month_end, month_first, scope, company_id, member_id, member_name, member_currency
)

select * from final
