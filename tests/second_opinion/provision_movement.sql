-- call: '2024-04-01', '2024-05-31', 'company', '0.3,1.6,3.6,6.6,10.6', 1.0
-- call: '2024-03-01', '2024-06-30', 'customer', '1,2,3,40,50', 2.0
-- call: '2024-04-16', '2024-07-31', 'segment', '5,3,10,20,40', 1.0
-- call: '2024-02-01', '2024-06-30', 'currency', '0.25,1.5,3,7.75,60', 1.0
-- call: '2024-03-16', '2024-06-15', 'collector', '10,20,30,40,50', 3.0
-- call: '2024-05-01', '2024-05-31', 'group', '1,2', 1.0
-- the parts of every item as in the reference of transitions; what follows is worked apart: each part's allowance before and after
with recursive
then_day as (select date(:from, '-1 day') as day),
-- a debit at both ends and what went by each way in between (1 cash, 2 credit, 3 written off, 4 anything else)
item as materialized (
    select row_number() over () as id, scope, member_company_id as company_id, member_id, company_id as owner_id, max(customer_id) as customer_id, document_id, instalment,
        currency, max(stock_rate) as end_rate, max(scope in ('company', 'customer', 'parent')) as is_booked,
        case when scope in ('group', 'segment', 'collector') then last_rate(currency, 'MXN', (select day from then_day)) else 100000000 end as start_rate,
        max(0, sum(case when posting_date <= (select day from then_day) then amount else 0 end)) as start,
        sum(case when posting_date <= (select day from then_day) then company_amount else 0 end) as start_company,
        sum(amount) as ending, sum(company_amount) as end_company,
        -sum(case when posting_date > (select day from then_day) and movement_kind in ('apply_receipt', 'cash') then amount else 0 end) as way_1,
        -sum(case when posting_date > (select day from then_day) and movement_kind = 'apply_credit' then amount else 0 end) as way_2,
        -sum(case when posting_date > (select day from then_day) and movement_kind = 'write_off' then amount else 0 end) as way_3,
        -sum(case when posting_date > (select day from then_day) and movement_kind not in ('apply_receipt', 'cash', 'apply_credit', 'write_off')
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
            and p.currency = i.currency and p.aging_class = 'due' and p.posting_date <= (select day from then_day) group by p.due_date having sum(p.amount) <> 0)),
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
given as (
    select b.bucket_order, b.from_days, (select max(from_days) from aging_buckets) as most,
        case when json_array_length('[' || :rates || ']') = (select count(*) from aging_buckets)
            then min(1000000, cast(round(10000 * json_extract('[' || :rates || ']', '$[' || (b.bucket_order - 1) || ']')) as integer)
                * :forward_looking) end as rate
    from aging_buckets b
),
valued as (
    select l.scope, l.company_id, l.member_id, p.is_old, p.way,
        case when p.is_old then p.amount * (p.rate / 10000) else 0 end as before,
        case when p.way = 0 then p.closing * (l.end_rate / 10000) else 0 end as after,
        case when exists (select 1 from customers k where k.company_id = l.owner_id and k.customer_id = l.customer_id
            and k.status = 'insolvent' and coalesce(k.valid_from, '') = (select max(coalesce(v.valid_from, '')) from customers v
                where v.company_id = l.owner_id and v.customer_id = l.customer_id
                and coalesce(v.valid_from, '') <= (select day from then_day))) then 1 else 0 end as was_insolvent,
        case when exists (select 1 from customers k where k.company_id = l.owner_id and k.customer_id = l.customer_id
            and k.status = 'insolvent' and coalesce(k.valid_from, '') = (select max(coalesce(v.valid_from, '')) from customers v
                where v.company_id = l.owner_id and v.customer_id = l.customer_id and coalesce(v.valid_from, '') <= :to)) then 1 else 0 end
            as is_insolvent,
        (select max(bucket_order) from given where bucket_order = 1 or from_days <= days((select day from then_day), l.start_due)) as old_bucket,
        (select max(bucket_order) from given where bucket_order = 1 or from_days <= days(:to, l.end_due)) as new_bucket
    from part p
    join left_over l using (id)
    where p.is_old or (l.ending - l.kept > 0 and p.closing > 0)
),
rated as (
    select v.*, case when was_insolvent then 1000000 else o.rate end as old_rate,
        case when is_insolvent then 1000000 else n.rate end as new_rate, o.rate is null as is_unfit, o.from_days as old_days,
        n.from_days as new_days
    from valued v
    join given o on o.bucket_order = v.old_bucket
    join given n on n.bucket_order = v.new_bucket
    where before <> 0 or after <> 0
),
-- worth / 1000 x rate / 1000, so that it fits
line as (
    select scope, company_id, member_id, 1 as line_order, before as worth_of, before * (old_rate / 100) as lost, is_unfit,
        case when old_days >= 1 then before else 0 end as late, case when old_days > 90 then before else 0 end as very_late
    from rated where is_old
    union all
    select scope, company_id, member_id, 2, after, after * (new_rate / 100), is_unfit, 0, 0 from rated where not is_old
    union all
    select scope, company_id, member_id, way + 2, -before, -before * (old_rate / 100), is_unfit, 0, 0 from rated where is_old and way > 0
    union all
    select scope, company_id, member_id, case when was_insolvent = is_insolvent then 7 else 8 end, 0,
        before * ((new_rate - old_rate) / 100), is_unfit, 0, 0 from rated where is_old and way = 0
    union all
    select scope, company_id, member_id, 9, after - before, (after - before) * (new_rate / 100), is_unfit, 0, 0
    from rated where is_old and way = 0
    union all
    select scope, company_id, member_id, 10, after, after * (new_rate / 100), is_unfit,
        case when new_days >= 1 then after else 0 end, case when new_days > 90 then after else 0 end
    from rated
),
summed as (
    select w.scope, w.company_id, w.member_id, k.column1 as line_order, k.column2 as line, coalesce(sum(l.worth_of), 0) as worth_of,
        coalesce(sum(l.lost), 0) as lost, coalesce(sum(l.late), 0) as late, coalesce(sum(l.very_late), 0) as very_late, w.is_unfit
    from (select scope, company_id, member_id, max(is_unfit) as is_unfit from rated group by scope, company_id, member_id) w
    join (values (1, 'opening'), (2, 'new_items'), (3, 'paid'), (4, 'credited'), (5, 'written_off'), (6, 'other'), (7, 'ageing'),
        (8, 'assessment'), (9, 'fx'), (10, 'closing')) k
    left join line l on l.scope = w.scope and l.company_id = w.company_id and l.member_id = w.member_id and l.line_order = k.column1
    group by w.scope, w.company_id, w.member_id, k.column1
),
run as (
    select s.*, sum(case when line_order < 10 then lost else 0 end) over (partition by scope, company_id, member_id order by line_order)
        as to_here
    from summed s
)
select scope, company_id, member_id, line_order, line, ratio4(worth_of, 100000000) as exposure_amount,
    case when is_unfit then null when line_order in (1, 10) then ratio4(lost, 1000000000000)
        else ratio4(to_here, 1000000000000) - ratio4(to_here - lost, 1000000000000) end as allowance_amount,
    case when line_order in (1, 10) then ratio4(late, 100000000) end as past_due_amount,
    case when line_order in (1, 10) then ratio4(very_late, 100000000) end as over_90_amount,
    case when line_order in (1, 10) and not is_unfit and late > 0 then ratio4(lost, 100 * late) end as coverage_past_due_pct,
    case when line_order in (1, 10) and not is_unfit and very_late > 0 then ratio4(lost, 100 * very_late) end as coverage_over_90_pct,
    case when is_unfit then 'rates_do_not_fit_buckets' when line_order not in (1, 10) then null when late <= 0 then 'nothing_past_due'
        when very_late <= 0 then 'nothing_over_90' end as reason
from run
