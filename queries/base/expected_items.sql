-- name: expected_items
-- answers: When is each open debit expected to be paid, and on what ground, per member of a grain?
-- grain: one row per scope, owner_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date,
--   document_currency, basis, expected_date
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', period text of week month =
--   'week', periods int = 13
-- reads: member_items, dispute_values, promise_outcomes, promises, payment_habits
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | customer_id id |
--   document_id id | instalment int | document_kind text | document_date date | due_date date | document_currency text | basis text |
--   expected_date date | period_order int | document_amount money | amount money | rate rate
-- order: scope, owner_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, document_currency,
--   basis, expected_date
-- unit: money; amount x rate is the part in the member's currency. Each item with something open is cut into parts: what is disputed
--   (basis disputed, no day), what an open promise names the document for (promise_document), what other open promises of the customer in
--   the currency cover, oldest due first (promise), and the rest, expected on its due day and the customer's median days beyond terms of
--   12 months (habit_customer), else its company's (habit_company), else on the due day (due_date). period_order: 0 the day has come, 1
--   to periods weeks of 7 days or calendar months from the day after, one more: later, two more: disputed. Items over-applied are left
--   out
-- holds: select document_id from this where document_amount <= 0.00 or rate is null or (expected_date is null) <> (basis = 'disputed')
-- holds: select t.a from (select sum(document_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select sum(open_amount) from item_balances($as_of) where aging_class = 'due' and
--   open_amount > 0.00)
-- source: METRICS 24 (b), 17 and 19, PITFALLS P9 and P31
with disputed as (
    select company_id, document_id, sum(document_claim_amount) as claimed_amount
    from dispute_values($as_of)
    where closed_date is null
    group by company_id, document_id
),

open_promises as (
    select
        o.company_id, o.customer_id, o.currency, p.document_id, o.promise_date, sum(o.amount - o.kept_amount) as amount
    from promise_outcomes($as_of) o
    join promises p on p.company_id = o.company_id and p.promise_id = o.promise_id
    where o.state = 'open' and o.amount > o.kept_amount
    group by o.company_id, o.customer_id, o.currency, p.document_id, o.promise_date
),

-- one row per document named, without a customer, or per customer and day, with its stretch of what is promised
promised as (
    select
        company_id, currency, document_id,
        case when document_id is null then customer_id end as customer_id,
        max(promise_date) over (partition by company_id, currency, document_id) as last_date,
        promise_date, amount,
        sum(amount) over (
            partition by company_id, currency, document_id, case when document_id is null then customer_id end
            order by promise_date, customer_id rows between unbounded preceding and current row
        ) as promised_to,
        row_number() over (
            partition by company_id, currency, document_id, case when document_id is null then customer_id end
            order by promise_date desc, customer_id desc
        ) as newest_rank
    from open_promises
),

items as (
    select
        i.scope, i.company_id, i.member_id, i.member_name, i.currency, i.owner_id, i.account, i.customer_id, i.document_id, i.instalment,
        i.document_kind, i.document_date, i.due_date, i.document_currency, i.open_amount, i.amount, i.rate,
        coalesce(d.claimed_amount, 0.00) as claimed_amount,
        sum(i.open_amount) over (
            partition by i.scope, i.owner_id, i.document_id order by i.due_date, i.instalment, i.account, i.customer_id, i.document_date
            rows between unbounded preceding and current row
        ) - i.open_amount as open_before
    from member_items($as_of, $grain) i
    left join disputed d on d.company_id = i.owner_id and d.document_id = i.document_id
    where i.aging_class = 'due' and i.open_amount > 0.00
),

held as (
    select *, greatest(least(claimed_amount - open_before, open_amount), 0.00) as disputed_part
    from items
),

named as (
    select
        h.*, n.promised_to as named_amount, n.last_date as named_date,
        sum(h.open_amount - h.disputed_part) over (
            partition by h.scope, h.owner_id, h.document_id order by h.due_date, h.instalment, h.account, h.customer_id, h.document_date
            rows between unbounded preceding and current row
        ) - (h.open_amount - h.disputed_part) as collectable_before
    from held h
    left join promised n
        on n.company_id = h.owner_id and n.document_id = h.document_id and n.currency = h.document_currency and n.newest_rank = 1
),

free as (
    select
        *,
        greatest(least(coalesce(named_amount, 0.00) - collectable_before, open_amount - disputed_part), 0.00) as named_part,
        open_amount - disputed_part
        - greatest(least(coalesce(named_amount, 0.00) - collectable_before, open_amount - disputed_part), 0.00) as free_part
    from named
),

lined as (
    select
        *,
        sum(free_part) over (
            partition by scope, owner_id, customer_id, document_currency order by due_date, document_id, instalment, account,
                document_date
            rows between unbounded preceding and current row
        ) as free_to
    from free
),

-- beside each item the promises that reach into it, and how its customer pays
covered as (
    select
        l.*, p.promise_date,
        case
            when p.promise_date is null then 0.00
            else least(l.free_to, p.promised_to) - greatest(l.free_to - l.free_part, p.promised_to - p.amount)
        end as promised_part,
        coalesce(h.median_late_days, w.median_late_days, 0.00) as late_days,
        case
            when h.median_late_days is not null then 'habit_customer' when w.median_late_days is not null then 'habit_company' else
                'due_date'
        end as habit,
        row_number() over (
            partition by l.scope, l.owner_id, l.account, l.customer_id, l.document_id, l.instalment, l.document_kind, l.document_date,
                l.due_date, l.document_currency order by p.promise_date
        ) as part_number
    from lined l
    left join promised p
        on p.company_id = l.owner_id and p.customer_id = l.customer_id and p.currency = l.document_currency
        and p.promised_to > l.free_to - l.free_part and p.promised_to - p.amount < l.free_to
    left join payment_habits($as_of) h on h.company_id = l.owner_id and h.customer_id = l.customer_id
    left join payment_habits($as_of) w on w.company_id = l.owner_id and w.customer_id = '*'
),

parts as (
    select
        c.*, b.basis as ground,
        case b.basis
            when 'disputed' then c.disputed_part
            when 'promise_document' then c.named_part
            when 'promise' then c.promised_part
            else c.free_part - sum(c.promised_part) over (
                partition by b.basis, c.scope, c.owner_id, c.account, c.customer_id, c.document_id, c.instalment, c.document_kind,
                    c.document_date, c.due_date, c.document_currency
            )
        end as part_amount
    from covered c
    cross join (values ('disputed'), ('promise_document'), ('promise'), ('habit')) as b (basis)
),

dated as (
    select
        *,
        case when ground = 'habit' then habit else ground end as basis,
        case ground
            when 'promise_document' then named_date
            when 'promise' then promise_date
            when 'habit' then due_date + cast(round(late_days, 0) as int)
        end as expected_date
    from parts
    where part_amount > 0.00 and (ground = 'promise' or part_number = 1)
),

final as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, account, customer_id, document_id, instalment, document_kind,
        document_date, due_date, document_currency, basis, expected_date,
        case
            when basis = 'disputed' then cast($periods as int) + 2
            when expected_date <= $as_of then 0
            when $period = 'week' then least((days_between(expected_date, $as_of) + 6) / 7, cast($periods as int) + 1)
            else least(
                cast(date_part('year', expected_date) * 12 + date_part('month', expected_date) as int)
                - cast(date_part('year', $as_of + 1) * 12 + date_part('month', $as_of + 1) as int) + 1,
                cast($periods as int) + 1
            )
        end as period_order,
        part_amount as document_amount,
        ratio(amount * part_amount, open_amount) as amount,
        rate
    from dated
)

select * from final
