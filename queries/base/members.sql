-- name: members
-- answers: Which customers belong to which member of a grain, and in which money does the member count?
-- grain: one row per scope, owner_id, customer_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, customers_as_of, companies, collectors, settings
-- columns: scope text | owner_id id | customer_id id | company_id id | member_id id | member_name text | currency text | is_booked bool
-- order: scope, owner_id, customer_id
-- unit: one customer of the company owner_id. Scopes: company (of the grain company, which asks for group too), group, currency,
--   customer, parent, segment, collector, by what is true of the customer on the day. A company's own scopes count booked money in its
--   currency (is_booked); the group's leave out customers that are our own companies and count at rates in the group's currency, by
--   currency in that of each row (currency and member_id are empty then). A customer without the attribute is of the member (none)
-- holds: select m.customer_id from movements m left join this t on t.owner_id = m.company_id and t.customer_id = m.customer_id
--   where t.scope is null and m.posting_date <= $as_of and $grain in ('company', 'customer', 'parent')
-- source: METRICS 0.3 and 28.11, PITFALLS P29
with posted as (
    select distinct company_id, customer_id from movements where posting_date <= $as_of
),

known as (
    select
        coalesce(k.company_id, p.company_id) as company_id,
        coalesce(k.customer_id, p.customer_id) as customer_id,
        coalesce(k.name, k.customer_id, p.customer_id) as name,
        coalesce(k.parent_customer_id, k.customer_id, p.customer_id) as parent_id,
        coalesce(k.segment, '(none)') as segment,
        coalesce(k.collector_id, '(none)') as collector_id,
        k.counterparty_company_id is not null as is_own_company
    from customers_as_of($as_of) k
    full join posted p on p.company_id = k.company_id and p.customer_id = k.customer_id
),

final as (
    select
        s.scope, k.company_id as owner_id, k.customer_id,
        case when s.is_booked then k.company_id else 'group' end as company_id,
        case s.scope
            when 'company' then k.company_id
            when 'group' then 'group'
            when 'customer' then k.customer_id
            when 'parent' then k.parent_id
            when 'segment' then k.segment
            when 'collector' then k.collector_id
        end as member_id,
        case s.scope
            when 'company' then c.name
            when 'group' then g.group_name
            when 'customer' then k.name
            when 'parent' then coalesce(p.name, k.parent_id)
            when 'segment' then k.segment
            when 'collector' then coalesce(t.name, k.collector_id)
        end as member_name,
        case when s.is_booked then c.functional_currency when s.scope <> 'currency' then g.group_currency end as currency,
        s.is_booked
    from known k
    join companies c on c.company_id = k.company_id
    cross join settings g
    join (
        values ('company', true), ('group', false), ('currency', false), ('customer', true), ('parent', true), ('segment', false),
            ('collector', false)
    ) as s (scope, is_booked) on s.scope = $grain or (s.scope = 'group' and $grain = 'company')
    left join customers_as_of($as_of) p on p.company_id = k.company_id and p.customer_id = k.parent_id
    left join collectors t on t.collector_id = k.collector_id
    where s.is_booked or not k.is_own_company
)

select * from final
