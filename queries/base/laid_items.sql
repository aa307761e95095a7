-- name: laid_items
-- answers: Which items are open on a day once credits are laid on the oldest debits of their customer, per member of a grain?
-- grain: one row per scope, owner_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   by_day text of due_date document_date = 'due_date', credits text of apart aged fifo = 'apart'
-- reads: member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | customer_id id |
--   document_id id | instalment int | document_kind text | aging_class text | column_class text | document_date date | due_date date |
--   aged_days int | document_currency text | open_amount money | amount money | rate rate
-- order: scope, owner_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   document_currency
-- unit: money, debit +. amount x rate is what is left of the item in the member's currency; open_amount is the whole of it in the
--   document's. aged_days: days from the due day or document day. credits: apart = nothing is laid; aged = nothing is laid, but
--   credits and unapplied cash are in the column_class of debits; fifo = laid on the debits of one customer, company and currency,
--   the oldest first
-- holds: select t.member_id from (select scope, company_id, member_id, sum(amount * rate) as a from this
--   group by scope, company_id, member_id) t join (select scope, company_id, member_id, sum(amount * rate) as a
--   from member_items($as_of, $grain) group by scope, company_id, member_id) m
--   on m.scope = t.scope and m.company_id = t.company_id and m.member_id = t.member_id where t.a <> m.a
-- holds: select customer_id from this where $credits = 'fifo' group by scope, owner_id, customer_id, document_currency
--   having max(case when aging_class = 'due' then amount end) > 0.00
--     and min(case when aging_class in ('credits', 'unapplied') then amount end) < 0.00
-- source: METRICS 2, PITFALLS P3 and P4
with items as (
    select
        *, case when $by_day = 'due_date' then due_date else document_date end as aged_from,
        case
            when $credits = 'fifo' and aging_class = 'due' and amount > 0.00 then 'debit'
            when $credits = 'fifo' and aging_class in ('credits', 'unapplied') and amount < 0.00 then 'credit'
        end as side
    from member_items($as_of, $grain)
),

-- a debit below nothing takes no credit, and what a credit owes is not laid; all of a queue has one rate
queued as (
    select
        *,
        sum(case when side = 'debit' then amount else 0.00 end) over (
            partition by scope, company_id, member_id, owner_id, customer_id, document_currency
        ) as debit_amount,
        sum(case when side = 'credit' then -amount else 0.00 end) over (
            partition by scope, company_id, member_id, owner_id, customer_id, document_currency
        ) as credit_amount,
        sum(abs(amount)) over (
            partition by scope, company_id, member_id, owner_id, customer_id, document_currency, side
            order by aged_from, document_id, instalment, account, due_date, document_kind
            rows between unbounded preceding and current row
        ) - abs(amount) as before_amount
    from items
),

final as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, account, customer_id, document_id, instalment, document_kind,
        aging_class,
        case when $credits = 'aged' and aging_class in ('credits', 'unapplied') then 'due' else aging_class end as column_class,
        document_date, due_date, days_between($as_of, aged_from) as aged_days, document_currency, open_amount,
        case side
            when 'debit' then amount - greatest(least(credit_amount - before_amount, amount), 0.00)
            when 'credit' then amount + greatest(least(debit_amount - before_amount, -amount), 0.00)
            else amount
        end as amount,
        rate
    from queued
)

select * from final
