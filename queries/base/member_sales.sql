-- name: member_sales
-- answers: Which documents make up the sales of a period, per member of a grain?
-- grain: one row per scope, owner_id, movement_id, load_id, document_id, posting_date, document_currency
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_movements, period_sales, companies, rate_spans, settings
-- columns: scope text | company_id id | member_id id | currency text | owner_id id | movement_id int | load_id int | customer_id id |
--   document_id id |
--   document_kind text | sales_effect text | posting_date date | document_currency text | document_amount money | amount money |
--   net_amount rate | rate rate
-- order: scope, owner_id, movement_id, load_id, document_id, posting_date, document_currency
-- unit: money; amount x rate is the sale in the member's currency. Where a company declares its sales (document declared, no customer)
--   they stand on the last day of their month, for company, group and currency only
-- holds: select document_id from this where rate is null
-- source: POSTING 2, METRICS 0.3
with declared as (
    select
        k.scope,
        case when k.scope = 'company' then p.company_id else 'group' end as company_id,
        case k.scope when 'company' then p.company_id when 'group' then 'group' else p.currency end as member_id,
        case k.scope when 'company' then c.functional_currency when 'group' then g.group_currency else p.currency end as member_currency,
        p.company_id as owner_id, least(month_end(p.month), $to) as posting_date, p.currency, p.amount
    from period_sales p
    join companies c on c.company_id = p.company_id
    cross join settings g
    cross join (values ('company'), ('group'), ('currency')) as k (scope)
    where
        p.month >= month_start($from) and p.month <= $to
        and (k.scope = $grain or (k.scope = 'group' and $grain = 'company'))
),

final as (
    select
        scope, company_id, member_id, currency, owner_id, movement_id, load_id, customer_id, document_id, document_kind, sales_effect,
        posting_date, document_currency, document_amount, amount, net_amount, rate
    from member_movements($from, $to, $grain)
    where sales_effect in ('sale', 'return', 'price') and movement_kind <> 'opening'
    union all
    select
        d.scope, d.company_id, d.member_id, d.member_currency as currency, d.owner_id, cast(null as bigint) as movement_id, cast(null as bigint) as load_id,
        cast(null as varchar) as customer_id, 'declared' as document_id, cast(null as varchar) as document_kind, 'sale' as sales_effect,
        d.posting_date, d.currency as document_currency, d.amount as document_amount, d.amount, d.amount as net_amount,
        case
            when d.currency = d.member_currency then 1.00
            when d.amount = 0.00 then 0.00
            else required_rate(r.rate, d.currency, d.member_currency, d.posting_date)
        end as rate
    from declared d
    left join rate_spans() r
        on r.currency = d.currency and r.to_currency = d.member_currency and d.posting_date between r.valid_from and r.valid_to
)

select * from final
