-- name: member_postings
-- answers: What was posted up to a day, per member of a grain: by month before the month of `from`, by day from then on?
-- grain: one row per scope, part, movement_id, load_id, owner_id, account, document_currency, intercompany, aging_class, movement_kind,
--   sales_effect, effect, posting_date, due_date
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: postings, movements, members, companies, gl_balances, settings
-- columns: scope text | company_id id | member_id id | member_name text | currency text | is_booked bool | part text | movement_id int |
--   load_id int | owner_id id | account id | is_control bool | document_currency text | book_currency text | intercompany bool |
--   aging_class text | movement_kind text | sales_effect text | effect text | posting_date date | due_date date | amount money |
--   company_amount money | net_sales_amount money
-- order: scope, part, movement_id, load_id, owner_id, account, document_currency, intercompany, aging_class, movement_kind, sales_effect,
--   effect, posting_date, due_date
-- unit: money, debit +: amount in document_currency, company_amount booked in book_currency; currency is what the member counts in.
--   Members are those of the day `to`. Company, group and currency come from the loads' cube (part months, days, apart), where
--   customers need not be told apart; the other grains from the movements (part customers). is_control: the account ties to a control
--   account of the general ledger, so that advances on it are receivables. To be summed, not shown
-- holds: select t.a from (select sum(amount) as a from this where is_booked) t where $grain in ('company', 'customer', 'parent')
--   and t.a <> (select sum(amount) from movements where posting_date <= $to)
-- source: METRICS 0.3 and 28.11
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

-- no customer is asked for
whole as (
    select
        s.scope,
        case when s.scope = 'company' then p.company_id else 'group' end as company_id,
        case s.scope when 'company' then p.company_id when 'group' then 'group' else p.currency end as member_id,
        case s.scope when 'company' then c.name when 'group' then g.group_name else p.currency end as member_name,
        case s.scope when 'company' then c.functional_currency when 'group' then g.group_currency else p.currency end as currency,
        s.scope = 'company' as is_booked,
        p.part, p.movement_id, p.load_id, p.company_id as owner_id, p.account, p.currency as document_currency, p.intercompany,
        p.aging_class, p.movement_kind, p.sales_effect, p.effect, p.posting_date, p.due_date, p.amount, p.company_amount, p.net_sales_amount
    from postings($from, $to, true) p
    join companies c on c.company_id = p.company_id
    cross join settings g
    cross join (values ('company'), ('group'), ('currency')) as s (scope)
    where
        $grain in ('company', 'group', 'currency')
        and (s.scope = $grain or (s.scope = 'group' and $grain = 'company'))
        and (s.scope = 'company' or not p.intercompany)
),

by_customer as (
    select
        b.scope, b.company_id, b.member_id, b.member_name, b.currency, b.is_booked,
        'customers' as part, m.movement_id, m.load_id, m.company_id as owner_id, m.account, m.currency as document_currency,
        false as intercompany, m.aging_class, m.movement_kind, m.sales_effect, m.effect, m.posting_date, m.due_date, m.amount,
        m.company_amount, m.net_sales_amount
    from movements m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
    where m.posting_date <= $to and $grain not in ('company', 'group', 'currency')
),

united as (
    select * from whole
    union all
    select * from by_customer
),

final as (
    select
        u.scope, u.company_id, u.member_id, u.member_name, u.currency, u.is_booked, u.part, u.movement_id, u.load_id, u.owner_id,
        u.account,
        a.account is not null or coalesce(c.control_account, u.account) = u.account as is_control,
        u.document_currency, c.functional_currency as book_currency, u.intercompany, u.aging_class, u.movement_kind, u.sales_effect,
        u.effect, u.posting_date, u.due_date, u.amount, u.company_amount, u.net_sales_amount
    from united u
    join companies c on c.company_id = u.owner_id
    left join control_accounts a on a.company_id = u.owner_id and a.account = u.account
)

select * from final
