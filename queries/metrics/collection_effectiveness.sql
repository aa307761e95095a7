-- name: collection_effectiveness
-- answers: Of what could be collected in a period, how much was?
-- title_es: Índice de efectividad de cobranza (CEI)
-- title_en: Collection effectiveness index (CEI)
-- formula: CEI = (beginning + sales - ending) / (beginning + sales - ending not yet due) x 100, all sales of the same period; by cash:
--   cash / the same
-- grain: one row per scope, company_id
-- params: from date, to date
-- reads: postings, period_sales, companies, gl_balances, closing_rates, settings
-- columns: scope text | company_id id | currency text | beginning_amount money | sales_amount money | ending_amount money |
--   ending_current_amount money | cash_amount money | cei_pct pct | cei_cash_pct pct | reason text
-- order: scope, company_id
-- unit: money and per cent. Company rows as booked; the group row takes every amount at the closing rate of the last day, so that
--   revaluation is no collection, and leaves out customers that are our own companies. Beginning = balance of the day before
-- holds: select scope from this where cei_pct > 100 and ending_amount >= ending_current_amount
-- source: METRICS 11
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

posted as (
    select
        p.company_id, p.currency, c.functional_currency as book_currency, p.intercompany, p.amount, p.company_amount as book_amount,
        p.posting_date < $from or p.movement_kind = 'opening' as is_beginning,
        p.posting_date >= $from and p.movement_kind <> 'opening'
            and coalesce(p.sales_effect, '') in ('sale', 'return', 'price') as is_sale,
        p.posting_date >= $from and p.movement_kind in ('receipt', 'cash', 'apply_receipt') as is_cash,
        p.aging_class = 'due' and p.due_date >= $to as is_current,
        true as is_balance
    from postings($from, $to, true) p
    join companies c on c.company_id = p.company_id
    left join control_accounts a on a.company_id = p.company_id and a.account = p.account
    where
        p.aging_class <> 'advances'
        or a.account is not null
        or coalesce(c.control_account, p.account) = p.account
),

declared as (
    select
        company_id, currency, currency as book_currency, false as intercompany, amount, amount as book_amount,
        false as is_beginning, true as is_sale, false as is_cash, false as is_current, false as is_balance
    from period_sales
    where month >= month_start($from) and month <= $to
),

united as (
    select * from posted
    union all
    select * from declared
),

scoped as (
    select
        k.scope, u.company_id,
        case when k.scope = 'company' then u.book_currency else u.currency end as currency,
        u.is_beginning, u.is_sale, u.is_cash, u.is_current, u.is_balance,
        sum(case when k.scope = 'company' then u.book_amount else u.amount end) as amount
    from united u
    cross join (values ('company'), ('group')) as k (scope)
    where k.scope = 'company' or not u.intercompany
    group by
        k.scope, u.company_id, case when k.scope = 'company' then u.book_currency else u.currency end,
        u.is_beginning, u.is_sale, u.is_cash, u.is_current, u.is_balance
),

targeted as (
    select
        d.*,
        case when d.scope = 'company' then d.company_id else 'group' end as scope_id,
        case when d.scope = 'company' then c.functional_currency else s.group_currency end as scope_currency
    from scoped d
    join companies c on c.company_id = d.company_id
    cross join settings s
),

translated as (
    select
        t.scope, t.scope_id, t.scope_currency, t.is_beginning, t.is_sale, t.is_cash, t.is_current, t.is_balance,
        case
            when t.amount = 0.00 then 0.00
            when t.currency = t.scope_currency then t.amount
            else t.amount * required_rate(r.rate, t.currency, t.scope_currency, $to)
        end as amount
    from targeted t
    left join closing_rates($to) r on r.currency = t.currency and r.to_currency = t.scope_currency
),

summed as (
    select
        scope, scope_id as company_id, scope_currency as currency,
        sum(case when is_beginning then amount else 0.00 end) as beginning_amount,
        sum(case when is_sale then amount else 0.00 end) as sales_amount,
        sum(case when is_balance then amount else 0.00 end) as ending_amount,
        sum(case when is_current then amount else 0.00 end) as ending_current_amount,
        sum(case when is_cash then -amount else 0.00 end) as cash_amount
    from translated
    group by scope, scope_id, scope_currency
),

final as (
    select
        scope, company_id, currency, beginning_amount, sales_amount, ending_amount, ending_current_amount, cash_amount,
        case
            when beginning_amount + sales_amount - ending_current_amount > 0.00
                then ratio(100 * (beginning_amount + sales_amount - ending_amount), beginning_amount + sales_amount - ending_current_amount)
        end as cei_pct,
        case
            when beginning_amount + sales_amount - ending_current_amount > 0.00
                then ratio(100 * cash_amount, beginning_amount + sales_amount - ending_current_amount)
        end as cei_cash_pct,
        case
            when beginning_amount + sales_amount - ending_current_amount <= 0.00 then 'nothing_collectable'
            when ending_amount < ending_current_amount then 'unapplied_exceeds_past_due'
        end as reason
    from summed
)

select * from final
