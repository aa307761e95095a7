-- name: cuts
-- answers: Which member of a grain do the sums of ledger_rows belong to, and in which money do they count there?
-- grain: one row per scope, owner_id, customer_id, intercompany
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: members, companies, settings
-- columns: scope text | owner_id id | customer_id id | intercompany bool | company_id id | member_id id | member_name text | currency text |
--   is_booked bool | book_currency text | control_account id
-- order: scope, owner_id, customer_id, intercompany
-- unit: sums of the company owner_id and, where customers are told apart, of one of its customers. By company, group and currency nobody is asked
--   for (customer_id empty), and what is between our own companies counts for the company only. member_id, member_name and currency are empty
--   by currency: those of each row count. As members in all else
-- holds: select owner_id from this where is_booked and currency <> book_currency
-- source: METRICS 0.3 and 28.11
with final as (
    select
        s.scope, c.company_id as owner_id, '' as customer_id, o.intercompany,
        case when s.scope = 'company' then c.company_id else 'group' end as company_id,
        case s.scope when 'company' then c.company_id when 'group' then 'group' end as member_id,
        case s.scope when 'company' then c.name when 'group' then g.group_name end as member_name,
        case s.scope when 'company' then c.functional_currency when 'group' then g.group_currency end as currency,
        s.scope = 'company' as is_booked, c.functional_currency as book_currency, c.control_account
    from companies c
    cross join settings g
    cross join (values ('company'), ('group'), ('currency')) as s (scope)
    cross join (values (true), (false)) as o (intercompany)
    where
        $grain in ('company', 'group', 'currency')
        and (s.scope = $grain or (s.scope = 'group' and $grain = 'company'))
        and (s.scope = 'company' or not o.intercompany)
    union all
    select
        b.scope, b.owner_id, b.customer_id, false as intercompany, b.company_id, b.member_id, b.member_name, b.currency, b.is_booked,
        c.functional_currency as book_currency, c.control_account
    from members($as_of, $grain) b
    join companies c on c.company_id = b.owner_id
    where $grain not in ('company', 'group', 'currency')
)

select * from final
