-- name: credit_parts
-- answers: What makes up each customer's credit exposure and limit on a day, per member of a grain?
-- grain: one row per scope, owner_id, customer_id, part, account, document_id, instalment, document_kind, aging_class, document_date,
--   due_date, document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: item_balances, exposures, customers_as_of, members, companies, gl_balances, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | part text |
--   account id | document_id id | instalment int | document_kind text | aging_class text | document_date date | due_date date |
--   document_currency text | document_amount money | amount money | rate rate
-- order: scope, owner_id, customer_id, part, account, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   document_currency
-- unit: money. part is items, unapplied (-), open_orders, unbilled, guarantee (-), which add up to the exposure, or limit. Items count as
--   booked for a company's own members, else at the closing rate of the day; the rest at the closing rate of the day. Of open orders,
--   unbilled deliveries and guarantees the last known of each kind counts. Advances count on a control account only. By currency a
--   customer counts, with all it owes, in the currency of its limit (without one: of its company). A customer without a limit has no row
--   for it
-- holds: select customer_id from this where rate is null or currency is null
-- holds: select customer_id from this where part = 'limit' group by scope, owner_id, customer_id having count(*) > 1
-- source: METRICS 21
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

exposed as (
    select
        company_id, customer_id, kind, as_of, currency, amount,
        rank() over (partition by company_id, customer_id, kind order by as_of desc) as age_rank
    from exposures
    where as_of <= $as_of
),

parts as (
    select
        i.company_id, i.customer_id, case when i.aging_class = 'unapplied' then 'unapplied' else 'items' end as part,
        i.account, i.document_id, i.instalment, i.document_kind, i.aging_class, i.document_date, i.due_date, i.currency,
        i.open_amount as amount, i.open_amount_company as booked_amount
    from item_balances($as_of) i
    join companies c on c.company_id = i.company_id
    left join control_accounts a on a.company_id = i.company_id and a.account = i.account
    where
        i.aging_class <> 'advances' or a.account is not null or coalesce(c.control_account, i.account) = i.account
    union all
    select
        company_id, customer_id, kind as part, cast(null as varchar) as account, cast(null as varchar) as document_id,
        cast(null as int) as instalment, cast(null as varchar) as document_kind, cast(null as varchar) as aging_class,
        as_of as document_date, cast(null as date) as due_date, currency,
        case when kind = 'guarantee' then -amount else amount end as amount, cast(null as decimal(18, 2)) as booked_amount
    from exposed
    where age_rank = 1
    union all
    select
        k.company_id, k.customer_id, 'limit' as part, cast(null as varchar) as account, cast(null as varchar) as document_id,
        cast(null as int) as instalment, cast(null as varchar) as document_kind, cast(null as varchar) as aging_class,
        cast(null as date) as document_date, cast(null as date) as due_date, coalesce(k.credit_currency, c.functional_currency) as
            currency,
        k.credit_limit as amount, cast(null as decimal(18, 2)) as booked_amount
    from customers_as_of($as_of) k
    join companies c on c.company_id = k.company_id
    where k.credit_limit is not null
),

holders as (
    select
        b.scope, b.company_id, b.owner_id, b.customer_id, b.is_booked,
        coalesce(b.currency, k.credit_currency, c.functional_currency) as currency,
        coalesce(b.member_id, k.credit_currency, c.functional_currency) as member_id,
        coalesce(b.member_name, k.credit_currency, c.functional_currency) as member_name
    from members($as_of, $grain) b
    join companies c on c.company_id = b.owner_id
    left join customers_as_of($as_of) k on k.company_id = b.owner_id and k.customer_id = b.customer_id
),

final as (
    select
        h.scope, h.company_id, h.member_id, h.member_name, h.currency, h.owner_id, h.customer_id, p.part, p.account, p.document_id,
        p.instalment, p.document_kind, p.aging_class, p.document_date, p.due_date,
        p.currency as document_currency, p.amount as document_amount,
        case when h.is_booked then coalesce(p.booked_amount, p.amount) else p.amount end as amount,
        case
            when p.currency = h.currency or (h.is_booked and p.booked_amount is not null) then 1.00
            when p.amount = 0.00 then 0.00
            else required_rate(r.rate, p.currency, h.currency, $as_of)
        end as rate
    from parts p
    join holders h on h.owner_id = p.company_id and h.customer_id = p.customer_id
    left join closing_rates($as_of) r on r.currency = p.currency and r.to_currency = h.currency
)

select * from final
