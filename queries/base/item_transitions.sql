-- name: item_transitions
-- answers: Where was the money of each open debit at the end of a period, and which part of the debits then open is new?
-- grain: one row per scope, owner_id, document_id, instalment, document_currency, from_bucket_order, to_state_order, company_id,
--   member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, aging_columns, aging_buckets, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | document_id id |
--   instalment int | document_currency text | from_bucket_order int | to_state_order int | document_amount money | amount money |
--   rate rate | closing_amount money | closing_rate rate
-- order: scope, company_id, member_id, owner_id, document_id, instalment, document_currency, from_bucket_order, to_state_order
-- unit: money. from_bucket_order: bucket at the end of the day `from`, 0 for what was not owed then (billed, or owed again after
--   a payment or write-off was undone). to_state_order: bucket at the end of `to`, after the buckets paid (1), credited (2), written off
--   (3), other (4: netting, discount, withholding, fee, cancellation, moved to another customer of the grain, inferred, clearing).
--   amount x rate: at the value of `from` (booked then, or closing rate then), for rows of 0 at that of `to`; closing_amount x
--   closing_rate: what is still open, at the value of `to`. Members are those of the day `to`
-- holds: select document_id from this where document_amount < 0.00 and from_bucket_order > 0
-- holds: select t.member_id from (select scope, company_id, member_id, sum(closing_amount * closing_rate) as a from this
--   group by scope, company_id, member_id) t
--   full join (select scope, company_id, member_id, sum(amount * rate) as a from member_items($to, $grain) where aging_class = 'due'
--   group by scope, company_id, member_id) m
--   on m.scope = t.scope and m.company_id = t.company_id and m.member_id = t.member_id
--   where abs(coalesce(t.a, 0.00) - coalesce(m.a, 0.00)) > 0.01
-- holds: select t.company_id from (select company_id, sum(amount) as a from this where scope = 'company' and from_bucket_order > 0
--   group by company_id) t join (select company_id, sum(amount) as a from member_items($from, 'company')
--   where scope = 'company' and aging_class = 'due' and open_amount > 0.00 group by company_id) m on m.company_id = t.company_id
--   where t.a <> m.a
-- source: METRICS 14 and 28.7, POSTING 2, 3 and 5
with bucket_count as (
    select max(bucket_order) as buckets from aging_buckets
),

-- what was settled before the period and not touched in it is left out before anything is told apart by member
by_due_day as (
    select
        company_id, customer_id, document_id, instalment, currency, due_date,
        sum(case when posting_date <= $from then amount else 0.00 end) as opening,
        sum(case when posting_date <= $from then company_amount else 0.00 end) as opening_company,
        sum(amount) as closing,
        sum(company_amount) as closing_company,
        sum(case when posting_date > $from and movement_kind in ('apply_receipt', 'cash') then -amount else 0.00 end) as paid,
        sum(case when posting_date > $from and movement_kind = 'apply_credit' then -amount else 0.00 end) as credited,
        sum(case when posting_date > $from and movement_kind = 'write_off' then -amount else 0.00 end) as written_off,
        sum(
            case when posting_date > $from and movement_kind not in ('apply_receipt', 'cash', 'apply_credit', 'write_off')
                then -amount else 0.00 end
        ) as other
    from movements
    where posting_date <= $to and aging_class = 'due'
    group by company_id, customer_id, document_id, instalment, currency, due_date
    having max(posting_date) > $from or sum(amount) <> 0.00 or sum(company_amount) <> 0.00
),

by_member as (
    select
        b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, coalesce(b.member_name, m.currency) as member_name,
        coalesce(b.currency, m.currency) as currency, b.is_booked, m.company_id as owner_id, m.document_id, m.instalment,
        m.currency as document_currency, m.due_date, m.customer_id, m.opening, m.opening_company, m.closing, m.closing_company, m.paid,
        m.credited, m.written_off, m.other
    from by_due_day m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
),

-- customers of one member together
netted as (
    select
        scope, company_id, member_id, member_name, currency, is_booked, owner_id, document_id, instalment, document_currency, due_date,
        max(customer_id) as customer_id,
        sum(opening) as opening, sum(opening_company) as opening_company,
        sum(closing) as closing, sum(closing_company) as closing_company,
        sum(paid) as paid, sum(credited) as credited, sum(written_off) as written_off, sum(other) as other
    from by_member
    group by
        scope, company_id, member_id, member_name, currency, is_booked, owner_id, document_id, instalment, document_currency, due_date
),

-- an item has one due day at a time; a change of it moves the whole open amount
items as (
    select
        scope, company_id, member_id, member_name, currency, is_booked, owner_id, document_id, instalment, document_currency,
        max(customer_id) as customer_id,
        coalesce(max(case when opening <> 0.00 then due_date end), max(due_date)) as opening_due_date,
        coalesce(
            max(case when closing <> 0.00 then due_date end), max(case when closing_company <> 0.00 then due_date end), max(due_date)
        ) as closing_due_date,
        sum(opening) as opening, sum(opening_company) as opening_company,
        sum(closing) as closing, sum(closing_company) as closing_company,
        greatest(sum(paid), 0.00) as paid, greatest(sum(credited), 0.00) as credited,
        greatest(sum(written_off), 0.00) as written_off, greatest(sum(other), 0.00) as other,
        -- billed in the period, or owed again
        -(least(sum(paid), 0.00) + least(sum(credited), 0.00) + least(sum(written_off), 0.00) + least(sum(other), 0.00)) as added
    from netted
    group by scope, company_id, member_id, member_name, currency, is_booked, owner_id, document_id, instalment, document_currency
    having sum(opening) > 0.00 or sum(closing) <> 0.00 or sum(closing_company) <> 0.00
),

-- what was added counts as the last to leave: it is what is open now first
stayed as (
    select
        *,
        case when opening > 0.00 then least(greatest(closing - added, 0.00), opening) else 0.00 end as kept,
        greatest(added - greatest(closing, 0.00), 0.00) as added_gone
    from items
),

placed as (
    select
        s.*, p.position,
        case p.position
            when 0 then s.kept
            when 5 then s.closing - s.kept
            when 1 then s.paid
            when 2 then s.credited
            when 3 then s.written_off
            else s.other
        end as whole,
        case p.position
            when 1 then 0.00
            when 2 then s.paid
            when 3 then s.paid + s.credited
            when 4 then s.paid + s.credited + s.written_off
            else 0.00
        end as before
    from stayed s
    cross join (values (0), (1), (2), (3), (4), (5)) as p (position)
    where p.position in (0, 5) or s.opening > 0.00
),

parts as (
    select
        *,
        case
            when position in (0, 5) then whole
            -- the part of this way out that the opening took: after what was added and left again, up to the opening itself
            else greatest(least(before + whole, added_gone + opening - kept) - greatest(before, added_gone), 0.00)
        end as part,
        -- the same of this way out and those before it, after what was kept
        case
            when position = 0 then kept
            else kept + greatest(least(before + whole, added_gone + opening - kept) - added_gone, 0.00)
        end as part_to_here
    from placed
    where position = 5 or whole <> 0.00
),

-- booked money to the cent: each part takes what the parts up to it make less what those before it made
booked as (
    select
        *,
        cast(ratio(opening_company * part_to_here, opening) as decimal(18, 2)) as booked_to_here,
        cast(ratio(opening_company * (part_to_here - part), opening) as decimal(18, 2)) as booked_before,
        cast(ratio(closing_company * kept, closing) as decimal(18, 2)) as booked_kept
    from parts
),

valued as (
    select
        *,
        cast(
            case
                when not is_booked then part
                when position = 5 and closing = 0.00 then 0.00
                when position = 5 then closing_company - booked_kept
                when opening > 0.00 then booked_to_here - booked_before
                else 0.00
            end as decimal(18, 2)
        ) as amount,
        cast(
            case
                when not is_booked then case when position in (0, 5) then part else 0.00 end
                when position = 5 and closing = 0.00 then closing_company
                when position = 5 then closing_company - booked_kept
                when position = 0 and closing <> 0.00 then booked_kept
                else 0.00
            end as decimal(18, 2)
        ) as closing_amount
    from booked
),

final as (
    select
        v.scope, v.company_id, v.member_id, v.member_name, v.currency, v.owner_id, v.customer_id, v.document_id, v.instalment,
        v.document_currency,
        case when v.position = 5 then 0 else f.bucket_order end as from_bucket_order,
        case when v.position in (0, 5) then t.bucket_order else n.buckets + v.position end as to_state_order,
        v.part as document_amount,
        v.amount,
        case
            when v.is_booked or v.document_currency = v.currency then 1.00
            when v.position = 5 then required_rate(c.rate, v.document_currency, v.currency, $to)
            else required_rate(o.rate, v.document_currency, v.currency, $from)
        end as rate,
        v.closing_amount,
        case
            when v.is_booked or v.document_currency = v.currency then 1.00
            when v.closing_amount = 0.00 then 0.00
            else required_rate(c.rate, v.document_currency, v.currency, $to)
        end as closing_rate
    from valued v
    cross join bucket_count n
    join aging_columns() f on f.aging_class = 'due' and days_between($from, v.opening_due_date) between f.from_days and f.to_days
    join aging_columns() t on t.aging_class = 'due' and days_between($to, v.closing_due_date) between t.from_days and t.to_days
    left join closing_rates($from) o on o.currency = v.document_currency and o.to_currency = v.currency
    left join closing_rates($to) c on c.currency = v.document_currency and c.to_currency = v.currency
    where v.part <> 0.00 or v.amount <> 0.00 or v.closing_amount <> 0.00
)

select * from final
