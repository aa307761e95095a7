-- call: '2024-03-31', '2024-05-31'
-- call: '2024-02-29', '2024-06-30', 'customer'
-- call: '2024-04-15', '2024-07-31', 'segment'
-- call: '2024-01-31', '2024-06-30', 'currency'
-- call: '2024-03-15', '2024-06-15', 'collector'
-- call: '2024-05-31', '2024-06-30', 'parent'
-- call: '2024-06-30', '2024-12-31', 'customer'
with recursive
-- a debit at both ends and what went by each way in between (1 cash, 2 credit, 3 written off, 4 anything else)
item as materialized (
    select row_number() over () as id, scope, member_company_id as company_id, member_id, company_id as owner_id, document_id, instalment,
        currency, max(stock_rate) as end_rate, max(scope in ('company', 'customer', 'parent')) as is_booked,
        case when scope in ('group', 'segment', 'collector') then last_rate(currency, 'MXN', :from) else 100000000 end as start_rate,
        max(0, sum(case when posting_date <= :from then amount else 0 end)) as start,
        sum(case when posting_date <= :from then company_amount else 0 end) as start_company,
        sum(amount) as ending, sum(company_amount) as end_company,
        -sum(case when posting_date > :from and movement_kind in ('apply_receipt', 'cash') then amount else 0 end) as way_1,
        -sum(case when posting_date > :from and movement_kind = 'apply_credit' then amount else 0 end) as way_2,
        -sum(case when posting_date > :from and movement_kind = 'write_off' then amount else 0 end) as way_3,
        -sum(case when posting_date > :from and movement_kind not in ('apply_receipt', 'cash', 'apply_credit', 'write_off')
            then amount else 0 end) as way_4
    from posted
    where aging_class = 'due'
    group by scope, member_company_id, member_id, company_id, document_id, instalment, currency
),
-- the due day it had on each end: the one with a balance, the last if there is none
due as materialized (
    select i.id,
        coalesce((select max(due_date) from (select p.due_date from posted p where p.scope = i.scope and p.member_company_id = i.company_id
            and p.member_id = i.member_id and p.company_id = i.owner_id and p.document_id = i.document_id and p.instalment = i.instalment
            and p.currency = i.currency and p.aging_class = 'due' and p.posting_date <= :from group by p.due_date having sum(p.amount) <> 0)),
            '') as start_due,
        (select due_date from (select p.due_date, sum(p.amount) as a, sum(p.company_amount) as c from posted p where p.scope = i.scope
            and p.member_company_id = i.company_id and p.member_id = i.member_id and p.company_id = i.owner_id
            and p.document_id = i.document_id and p.instalment = i.instalment and p.currency = i.currency and p.aging_class = 'due'
            group by p.due_date) order by a <> 0 desc, c <> 0 desc, due_date desc limit 1) as end_due
    from item i
),
-- what came in later is what is open now first; of the rest, the start's
left_over as materialized (
    select i.*, max(0, -way_1) + max(0, -way_2) + max(0, -way_3) + max(0, -way_4) as added, d.start_due, d.end_due,
        case when start > 0 then min(start, max(0, ending - (max(0, -way_1) + max(0, -way_2) + max(0, -way_3) + max(0, -way_4)))) else 0 end
            as kept
    from item i join due d using (id)
),
-- the ways out in turn: what was added and left again goes first, then the start's
out (id, way, to_added, to_start, gone, so_far) as (
    select id, 0, max(0, added - max(0, ending)), start - kept, kept, kept from left_over where start > 0
    union all
    select o.id, o.way + 1, max(0, o.to_added - w.amount), max(0, o.to_start - max(0, w.amount - o.to_added)),
        min(o.to_start, max(0, w.amount - o.to_added)), o.so_far + min(o.to_start, max(0, w.amount - o.to_added))
    from out o
    join (select id, 1 as way, max(0, way_1) as amount from left_over union all select id, 2, max(0, way_2) from left_over
        union all select id, 3, max(0, way_3) from left_over union all select id, 4, max(0, way_4) from left_over) w
        on w.id = o.id and w.way = o.way + 1
),
part as (
    -- what stayed, and what left: of the books each to the cent, the parts together the whole
    select l.id, 1 as is_old, o.way,
        case when l.is_booked then ratio4(l.start_company * o.so_far, 10000 * l.start)
            - ratio4(l.start_company * (o.so_far - o.gone), 10000 * l.start) else o.gone end as amount,
        l.start_rate as rate,
        case when o.way > 0 or l.ending = 0 then 0 when l.is_booked then ratio4(l.end_company * l.kept, 10000 * l.ending)
            else l.kept end as closing
    from out o join left_over l using (id)
    union all
    -- what is new
    select id, 0, 0,
        case when not is_booked then ending - kept when ending = 0 then 0
            else end_company - ratio4(end_company * kept, 10000 * ending) end,
        end_rate,
        case when not is_booked then ending - kept when ending = 0 then end_company
            else end_company - ratio4(end_company * kept, 10000 * ending) end
    from left_over
    where start > 0 or ending <> 0 or end_company <> 0
),
placed as (
    select l.scope, l.company_id, l.member_id,
        case when p.is_old then (select max(bucket_order) from aging_buckets where bucket_order = 1 or from_days <= days(:from, l.start_due))
            else 0 end as from_bucket_order,
        case when p.way > 0 then (select max(bucket_order) from aging_buckets) + p.way
            else (select max(bucket_order) from aging_buckets where bucket_order = 1 or from_days <= days(:to, l.end_due)) end as to_state_order,
        p.amount, p.rate, p.closing, l.end_rate
    from part p join left_over l using (id)
    where p.amount <> 0 or p.closing <> 0
),
frame as (
    select w.scope, w.company_id, w.member_id, f.n as from_bucket_order, t.n as to_state_order
    from (select distinct scope, company_id, member_id from placed) w
    join (select 0 as n union all select bucket_order from aging_buckets) f
    join (select bucket_order as n from aging_buckets union all select (select max(bucket_order) from aging_buckets) + column1
        from (values (1), (2), (3), (4))) t
    where f.n > 0 or t.n <= (select max(bucket_order) from aging_buckets)
),
figure as (
    select f.*, coalesce(sum(p.amount * (p.rate / 10000)), 0) as amount, coalesce(sum(p.closing * (p.end_rate / 10000)), 0) as closing
    from frame f
    left join placed p using (scope, company_id, member_id, from_bucket_order, to_state_order)
    group by f.scope, f.company_id, f.member_id, f.from_bucket_order, f.to_state_order
),
whole as (
    select *, sum(amount) over (partition by scope, company_id, member_id, from_bucket_order) as all_amount from figure
)
select scope, company_id, member_id, from_bucket_order, to_state_order, ratio4(amount, 100000000) as amount,
    ratio4(closing, 100000000) as closing_amount,
    case when from_bucket_order > 0 and all_amount > 0 then ratio4(100 * amount, all_amount) end as pct,
    case when from_bucket_order = 0 then 'new_items' when all_amount <= 0 then 'empty_bucket' end as reason
from whole
