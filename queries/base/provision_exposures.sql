-- name: provision_exposures
-- answers: Which part of each open debit is exposed to loss, and how is it to be assessed?
-- grain: one row per scope, company_id, member_id, owner_id, account, customer_id, document_id, instalment, document_kind, document_date,
--   due_date, document_currency, row_class
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   guarantees text of ignored deducted = 'ignored'
-- reads: member_items, aging_columns, disputes, customers_as_of, exposures, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | customer_id id |
--   document_id id | instalment int | document_kind text | document_date date | due_date date | document_currency text |
--   row_class text | bucket_order int | bucket text | amount money | rate rate
-- order: scope, company_id, member_id, owner_id, account, customer_id, document_id, instalment, document_kind, document_date,
--   due_date, document_currency, row_class
-- unit: money; amount x rate is the part in the member's currency. row_class: specific for all of an insolvent customer (status of the
--   day), disputed for what stands in dispute of the others (never more than what is open, on the oldest instalments first; a dispute in
--   another currency is of the whole document), matrix for the rest: no money is in two. Items that are less than nothing are not
--   exposed; receipts, credits and advances are no exposure and lower none. With guarantees deducted what a customer's guarantees cover
--   is not exposed either: the last known up to the day, at the closing rate of the day, on its oldest debits first and never below
--   nothing (the part covered to the cent of the document's currency). By currency, where nothing is converted, only guarantees in that
--   currency count
-- holds: select document_id from this where amount < 0.00 or row_class not in ('matrix', 'disputed', 'specific')
-- holds: select t.member_id from (select scope, company_id, member_id, sum(amount * rate) as a from this group by scope, company_id,
--   member_id) t full join (select scope, company_id, member_id, sum(amount * rate) as a from member_items($as_of, $grain)
--   where aging_class = 'due' and open_amount > 0.00 and amount > 0.00 group by scope, company_id, member_id) m
--   on m.scope = t.scope and m.company_id = t.company_id and m.member_id = t.member_id where $guarantees = 'ignored' and
--   (t.a is distinct from m.a)
-- holds: select t.customer_id from (select company_id, customer_id, sum(amount * rate) as a from this where $grain = 'customer' and
--   $guarantees = 'ignored' group by company_id, customer_id) t
--   left join (select company_id, customer_id, sum(amount * rate) as a from provision_exposures($as_of, $grain, 'deducted')
--   group by company_id, customer_id) n on n.company_id = t.company_id and n.customer_id = t.customer_id
--   left join (select company_id, customer_id, sum(-amount * rate) as a from credit_parts($as_of, 'customer') where part = 'guarantee'
--   group by company_id, customer_id) g on g.company_id = t.company_id and g.customer_id = t.customer_id
--   where t.a - coalesce(n.a, 0.00) <> least(t.a, greatest(cast(coalesce(g.a, 0.00) as decimal(18, 2)), 0.00))
-- source: METRICS 15 and 17
with standing as (
    select
        company_id, document_id,
        max(currency) as currency,
        count(distinct currency) as currencies,
        cast(sum(amount) as decimal(18, 2)) as amount
    from disputes
    where opened_date <= $as_of and (closed_date is null or closed_date > $as_of)
    group by company_id, document_id
),

items as (
    select
        i.*, coalesce(k.status, '') = 'insolvent' as is_insolvent,
        cast(
            case
                when s.document_id is null then 0.00
                when s.currencies = 1 and s.currency = i.document_currency then s.amount
                else 9999999999999999.99
            end as decimal(18, 2)
        ) as claimed_amount,
        -- counted only where something is in dispute: all other documents of a member are one queue, which nothing looks at
        sum(i.open_amount) over (
            partition by
                i.scope, i.company_id, i.member_id, case when s.document_id is not null then i.owner_id end,
                case when s.document_id is not null then i.document_id end
            order by i.due_date, i.instalment, i.account, i.customer_id, i.document_kind, i.document_date
            rows between unbounded preceding and current row
        ) as open_to_here
    from member_items($as_of, $grain) i
    left join standing s on s.company_id = i.owner_id and s.document_id = i.document_id
    left join customers_as_of($as_of) k on k.company_id = i.owner_id and k.customer_id = i.customer_id
    where i.aging_class = 'due' and i.open_amount > 0.00 and i.amount > 0.00
),

split as (
    select
        *,
        case when is_insolvent then 0 else 1 end
        * least(greatest(claimed_amount - (open_to_here - open_amount), 0.00), open_amount) as disputed_open_amount
    from items
),

-- booked money to the cent: the rest takes the remainder
valued as (
    select *, cast(ratio(amount * disputed_open_amount, open_amount) as decimal(18, 2)) as disputed_amount
    from split
),

parts as (
    select
        v.scope, v.company_id, v.member_id, v.member_name, v.currency, v.owner_id, v.account, v.customer_id, v.document_id, v.instalment,
        v.document_kind, v.document_date, v.due_date, v.document_currency,
        case when v.is_insolvent then 'specific' else p.row_class end as row_class,
        c.bucket_order, c.bucket,
        cast(case when p.row_class = 'disputed' then v.disputed_amount else v.amount - v.disputed_amount end as decimal(18, 2)) as amount,
        v.rate
    from valued v
    cross join (values ('matrix'), ('disputed')) as p (row_class)
    join aging_columns() c on c.aging_class = 'due' and v.days_late between c.from_days and c.to_days
    where case when p.row_class = 'disputed' then v.disputed_amount else v.amount - v.disputed_amount end <> 0.00
),

guaranteed as (
    select company_id, customer_id, currency, amount
    from (
        select *, row_number() over (partition by company_id, customer_id order by as_of desc) as age_rank
        from exposures
        where kind = 'guarantee' and as_of <= $as_of and $guarantees = 'deducted'
    ) g
    where age_rank = 1 and amount > 0.00
),

-- a customer's parts in a queue, the oldest first
queued as (
    select
        p.*,
        sum(p.amount * p.rate) over (
            partition by p.scope, p.company_id, p.member_id, p.owner_id, p.customer_id
            order by
                p.due_date, p.document_id, p.instalment, p.account, p.document_kind, p.document_date, p.document_currency, p.row_class
            rows between unbounded preceding and current row
        ) - p.amount * p.rate as value_before,
        case
            when g.amount is null or (p.scope = 'currency' and g.currency <> p.currency) then 0.00
            when g.currency = p.currency then g.amount
            else cast(g.amount * required_rate(r.rate, g.currency, p.currency, $as_of) as decimal(18, 2))
        end as guaranteed_amount
    from parts p
    left join guaranteed g on g.company_id = p.owner_id and g.customer_id = p.customer_id
    left join closing_rates($as_of) r on r.currency = g.currency and r.to_currency = p.currency
),

covered as (
    select
        *,
        cast(
            ratio(least(greatest(guaranteed_amount - value_before, 0.00), amount * rate), rate) as decimal(18, 2)
        ) as covered_amount
    from queued
),

final as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, account, customer_id, document_id, instalment, document_kind,
        document_date, due_date, document_currency, row_class, bucket_order, bucket,
        cast(amount - covered_amount as decimal(18, 2)) as amount, rate
    from covered
    where amount <> covered_amount
)

select * from final
