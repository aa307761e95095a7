-- name: close_sums
-- answers: Of which sums are the ratios of a close made: begun with, billed, not yet due, sold month by month?
-- grain: one row per scope, company_id, member_id, part, from_currency, rate_day
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: ledger_rows, cuts, control_accounts, period_sales
-- columns: scope text | company_id id | member_id id | member_name text | currency text | part text | from_currency text |
--   rate_day date | amount money
-- order: scope, company_id, member_id, part, from_currency, rate_day
-- unit: money in from_currency, worth its amount at the closing rate of rate_day in the member's currency. Parts: beginning (balance
--   before the month of the day), billed (sales of that month), current (due debits not yet past due), all at the rate of the day; sales
--   (of the 24 months up to the day) as booked, at the rates of their days. As receivables_trend and flow_months in all else
-- holds: select scope from this where part <> 'sales' and rate_day <> $as_of
-- holds: select t.a from (select sum(amount) as a from this where part = 'current' and scope = 'company') t where $grain = 'company'
--   and t.a <> (select sum(company_amount) from movements where posting_date <= $as_of and aging_class = 'due' and due_date >= $as_of)
-- source: METRICS 4 and 11, POSTING 2 and 4
with posted as (
    select
        company_id, customer_id, intercompany, currency, amount, company_amount,
        case when aging_class = 'advances' then account end as account,
        false as is_declared,
        posting_date < month_start($as_of) or movement_kind = 'opening' as is_beginning,
        posting_date >= month_start($as_of) and movement_kind <> 'opening' and coalesce(sales_effect, '') in ('sale', 'return', 'price')
            as is_billed,
        aging_class = 'due' and due_date >= $as_of as is_current,
        case
            when posting_date >= month_start($as_of) - interval '23 months' and movement_kind <> 'opening'
                and coalesce(sales_effect, '') in ('sale', 'return', 'price') then posting_date
        end as sales_day
    from ledger_rows(month_start($as_of) - interval '23 months', $as_of, $grain)
    union all
    select
        company_id, '' as customer_id, false as intercompany, currency, amount, amount as company_amount,
        cast(null as varchar) as account, true as is_declared,
        false as is_beginning, month >= month_start($as_of) as is_billed, false as is_current,
        least(month_end(month), $as_of) as sales_day
    from period_sales
    where month >= month_start($as_of) - interval '23 months' and month <= $as_of
),

summed as (
    select
        company_id, customer_id, intercompany, currency, account, is_declared, is_beginning, is_billed, is_current, sales_day,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from posted
    where is_beginning or is_billed or is_current or sales_day is not null
    group by company_id, customer_id, intercompany, currency, account, is_declared, is_beginning, is_billed, is_current, sales_day
),

-- sums first, then whose they are
cut as (
    select
        k.scope, k.company_id, coalesce(k.member_id, s.currency) as member_id, coalesce(k.member_name, s.currency) as member_name,
        coalesce(k.currency, s.currency) as currency, v.part,
        not s.is_declared and (k.is_booked or (v.part = 'sales' and k.scope <> 'currency')) as is_booked_value,
        s.currency as document_currency, k.book_currency,
        case when v.part = 'sales' then s.sales_day else $as_of end as rate_day,
        s.amount, s.company_amount
    from summed s
    join cuts($as_of, $grain) k
        on k.owner_id = s.company_id and k.customer_id = s.customer_id and k.intercompany = s.intercompany
    join (values ('beginning'), ('billed'), ('current'), ('sales')) as v (part)
        on case v.part
            when 'beginning' then s.is_beginning
            when 'billed' then s.is_billed
            when 'current' then s.is_current
            else s.sales_day is not null
        end
    left join control_accounts() a on a.company_id = s.company_id and coalesce(a.account, s.account) = s.account
    where s.account is null or a.company_id is not null
),

final as (
    select
        scope, company_id, member_id, member_name, currency, part,
        case when is_booked_value then book_currency else document_currency end as from_currency, rate_day,
        sum(case when is_booked_value then company_amount else amount end) as amount
    from cut
    group by
        scope, company_id, member_id, member_name, currency, part,
        case when is_booked_value then book_currency else document_currency end, rate_day
)

select * from final
