-- name: application_matches
-- answers: Which receipts with something left match open items of their customer, and is the match unambiguous?
-- grain: one row per company_id, customer_id, currency, document_id, instalment
-- params: as_of date, most_items int = 30
-- reads: matchable_documents
-- columns: company_id id | customer_id id | currency text | document_id id | instalment int | document_date date | unapplied_amount money
--   | item_count int | match text | first_item int | second_item int | third_item int
-- order: company_id, customer_id, currency, document_id, instalment
-- unit: money. match, in the order tried: exact_item (one open item of exactly what is left), whole_balance (all open items together),
--   two_items, three_items (the only two or three items that add up to it, sought where the customer has at most most_items open);
--   ambiguous (several such sets), contested (another receipt matches the same item), no_match, no_items. first_item to third_item:
--   numbers of the items by document and instalment among the customer's open ones of the currency
-- holds: select document_id from this where unapplied_amount <= 0.00
-- holds: select document_id from this where (first_item is not null) <> (match in ('exact_item', 'two_items', 'three_items'))
-- holds: select t.a from (select sum(unapplied_amount) as a from this) t where t.a <> (select sum(unapplied_amount) from
--   unapplied_cash($as_of) where document_kind = 'receipt' and unapplied_amount > 0.00)
-- source: PITFALLS P10 and P12
with totals as (
    select
        company_id, customer_id, currency,
        sum(case when is_item then 1 else 0 end) as item_count,
        sum(case when is_item then amount else 0.00 end) as items_amount
    from matchable_documents($as_of)
    group by company_id, customer_id, currency
    having max(case when is_item then 0 else 1 end) = 1
),

exacts as (
    select
        company_id, customer_id, currency, amount,
        sum(case when is_item then 1 else 0 end) as exact_count,
        min(case when is_item then item_number end) as exact_item
    from matchable_documents($as_of)
    group by company_id, customer_id, currency, amount
    having max(case when is_item then 0 else 1 end) = 1
),

-- beside each receipt: how many open items there are, what they add up to, how many are of exactly its amount
compared as (
    select
        r.company_id, r.customer_id, r.currency, r.document_id, r.instalment, r.document_date, r.amount, t.item_count, t.items_amount,
        e.exact_count, e.exact_item
    from matchable_documents($as_of) r
    join totals t on t.company_id = r.company_id and t.customer_id = r.customer_id and t.currency = r.currency
    join exacts e on e.company_id = r.company_id and e.customer_id = r.customer_id and e.currency = r.currency and e.amount = r.amount
    where not r.is_item
),

-- the items of customers with few of them, as one list; number 0 worth nothing stands for no third item
lists as (
    select
        i.company_id, i.customer_id, i.currency,
        array_agg(
            named_struct('number', cast(i.item_number as bigint), 'amount', cast(i.amount as decimal(18, 2))) order by i.item_number
        ) as items
    from totals t
    join matchable_documents($as_of) i on i.company_id = t.company_id and i.customer_id = t.customer_id and i.currency = t.currency
    where i.is_item and t.item_count between 3 and $most_items
    group by i.company_id, i.customer_id, i.currency
),

sought as (
    select
        c.company_id, c.customer_id, c.currency, c.document_id, c.instalment, c.amount, l.items,
        unnest(l.items) as a
    from compared c
    join lists l on l.company_id = c.company_id and l.customer_id = c.customer_id and l.currency = c.currency
    where c.exact_count = 0 and c.amount < c.items_amount
),

pairs as (
    select company_id, customer_id, currency, document_id, instalment, amount, items, a, unnest(items) as b
    from sought
    where a['amount'] < amount
),

triples as (
    select
        company_id, customer_id, currency, document_id, instalment, amount, a['number'] as first_item, b['number'] as second_item,
        a['amount'] + b['amount'] as pair_amount,
        unnest(array_append(items, named_struct('number', cast(0 as bigint), 'amount', cast(0.00 as decimal(18, 2))))) as c
    from pairs
    where b['number'] > a['number'] and a['amount'] + b['amount'] <= amount
),

combined as (
    select
        company_id, customer_id, currency, document_id, instalment,
        count(*) as set_count,
        min(first_item) as first_item, min(second_item) as second_item, min(nullif(c['number'], 0)) as third_item
    from triples
    where pair_amount + c['amount'] = amount and (c['number'] > second_item or c['number'] = 0)
    group by company_id, customer_id, currency, document_id, instalment
),

judged as (
    select
        c.company_id, c.customer_id, c.currency, c.document_id, c.instalment, c.document_date, c.amount, c.item_count,
        case
            when c.item_count = 0 then 'no_items'
            when c.exact_count = 1 then 'exact_item'
            when c.exact_count > 1 then 'ambiguous'
            when c.amount = c.items_amount then 'whole_balance'
            when m.set_count > 1 then 'ambiguous'
            when m.third_item is not null then 'three_items'
            when m.set_count = 1 then 'two_items'
            else 'no_match'
        end as match,
        case when c.exact_count = 1 then c.exact_item when c.exact_count = 0 and m.set_count = 1 then m.first_item end as first_item,
        case when c.exact_count = 0 and m.set_count = 1 then m.second_item end as second_item,
        case when c.exact_count = 0 and m.set_count = 1 then m.third_item end as third_item
    from compared c
    left join combined m
        on m.company_id = c.company_id and m.customer_id = c.customer_id and m.currency = c.currency and m.document_id = c.document_id
        and m.instalment = c.instalment
),

-- a receipt once per item it takes (number 0: all of them), and how many other receipts take it
taken as (
    select
        *,
        sum(case when match in ('exact_item', 'whole_balance', 'two_items', 'three_items') then 1 else 0 end) over (
            partition by company_id, customer_id, currency
        ) as match_count,
        sum(case when match = 'whole_balance' then 1 else 0 end) over (partition by company_id, customer_id, currency) as whole_count
    from judged
),

spread as (
    select *, unnest(make_array(coalesce(first_item, 0), second_item, third_item)) as taken_item
    from taken
),

counted as (
    select
        *,
        sum(case when taken_item > 0 then 1 else 0 end) over (partition by company_id, customer_id, currency, taken_item) as takers
    from spread
    where taken_item is not null
),

final as (
    select
        company_id, customer_id, currency, document_id, instalment, document_date, amount as unapplied_amount, item_count,
        case
            when match in ('exact_item', 'whole_balance', 'two_items', 'three_items')
                and (max(takers) > 1 or (whole_count > 0 and match_count > 1)) then 'contested'
            else match
        end as match,
        case
            when max(takers) > 1 or (whole_count > 0 and match_count > 1) then null else first_item
        end as first_item,
        case when max(takers) > 1 or (whole_count > 0 and match_count > 1) then null else second_item end as second_item,
        case when max(takers) > 1 or (whole_count > 0 and match_count > 1) then null else third_item end as third_item
    from counted
    group by
        company_id, customer_id, currency, document_id, instalment, document_date, amount, item_count, match, first_item, second_item,
        third_item, match_count, whole_count
)

select * from final
