-- name: rollforward_items
-- answers: Which documents make up each line of a roll-forward, per member of a grain?
-- grain: one row per scope, line_order, role, owner_id, customer_id, document_id, instalment, document_currency, movement_kind, day
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, companies, movement_lines, rate_days
-- columns: scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text | role text |
--   owner_id id | customer_id id | document_id id | instalment int | document_currency text | movement_kind text | day date |
--   amount money | rate rate
-- order: scope, line_order, role, owner_id, customer_id, document_id, instalment, document_currency, movement_kind, day
-- unit: money, debit +; amount x rate is in the member's currency. role: opening and closing are what is open of the document on
--   the day before `from` and on `to`, at that day's closing rate; flow what a kind of movement posted on a day, its booked value
--   at the rate of the day. A company's own members: as booked; by currency the document's amounts. The line translation takes
--   closing, less opening and flows, and stands for members that count at rates. Members are those of the day `to`
-- holds: select m.member_id from (select scope, company_id, member_id, line_order, sum(amount * rate) as amount from this
--   group by scope, company_id, member_id, line_order) t
--   full join rollforward_by_member($from, $to, $grain) m on m.scope = t.scope and m.company_id = t.company_id
--   and m.member_id = t.member_id and m.line_order = t.line_order
--   where abs(coalesce(t.amount, 0.00) - coalesce(m.amount, 0.00)) > 0.01
-- source: METRICS 22, POSTING 4 and 7
with posted as (
    select
        b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, coalesce(b.member_name, m.currency) as member_name,
        coalesce(b.currency, m.currency) as currency, b.is_booked, b.is_booked or b.scope = 'currency' as is_own_money,
        m.company_id as owner_id, m.customer_id, m.document_id, m.instalment, m.currency as document_currency, c.functional_currency,
        m.movement_kind, m.posting_date, m.amount, m.company_amount,
        case when m.posting_date < $from then 1 else l.line_order end as line_order
    from movements m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
    join companies c on c.company_id = m.company_id
    left join movement_lines() l on l.movement_kind = m.movement_kind
    where m.posting_date <= $to
),

placed as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.is_own_money, v.role, p.owner_id, p.customer_id, p.document_id,
        p.instalment, p.document_currency,
        case when v.role = 'closing' then 22 else p.line_order end as line_order,
        case
            when p.is_own_money then p.currency when v.role = 'flow' then p.functional_currency else p.document_currency
        end as from_currency,
        case when v.role = 'flow' then p.movement_kind end as movement_kind,
        case v.role when 'opening' then $from - 1 when 'closing' then $to else p.posting_date end as day,
        case when p.is_booked or (v.role = 'flow' and p.scope <> 'currency') then p.company_amount else p.amount end as amount
    from posted p
    cross join (values ('opening'), ('flow'), ('closing')) as v (role)
    where v.role = 'closing' or (v.role = 'opening') = (p.line_order = 1)
),

summed as (
    select
        scope, company_id, member_id, member_name, currency, is_own_money, role, owner_id, customer_id, document_id, instalment,
        document_currency, line_order, from_currency, movement_kind, day,
        sum(amount) as amount
    from placed
    group by
        scope, company_id, member_id, member_name, currency, is_own_money, role, owner_id, customer_id, document_id, instalment,
        document_currency, line_order, from_currency, movement_kind, day
),

valued as (
    select
        s.*,
        case
            when s.from_currency = s.currency then 1.00
            else required_rate(r.rate, s.from_currency, s.currency, s.day)
        end as rate
    from summed s
    left join rate_days() r on r.currency = s.from_currency and r.to_currency = s.currency and r.day = s.day
    where s.amount <> 0.00
),

lines as (
    select distinct line_order, line from movement_lines()
    union all
    select line_order, line from (values (21, 'translation'), (22, 'closing')) as w (line_order, line)
),

final as (
    select
        v.scope, v.company_id, v.member_id, v.member_name, v.currency, l.line_order, l.line, v.role, v.owner_id, v.customer_id,
        v.document_id, v.instalment, v.document_currency, v.movement_kind, v.day,
        case when l.line = 'translation' and v.role <> 'closing' then -v.amount else v.amount end as amount,
        v.rate
    from valued v
    join lines l on l.line_order = v.line_order or (l.line = 'translation' and not v.is_own_money)
)

select * from final
