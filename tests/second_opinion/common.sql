-- What the references share: whom a grain puts where, and what every movement is worth to a member. `argument` holds the call's
-- arguments by name; the day asked for is as_of, or the last of a period.
create table argument (name text primary key, value);

create view asked as
select
    coalesce((select value from argument where name = 'as_of'), (select value from argument where name = 'to')) as day,
    (select value from argument where name = 'from') as first_day,
    coalesce((select value from argument where name = 'grain'), 'company') as grain;

-- every customer known on the day, from a movement or from a version, with what its newest version up to the day says
create view every_customer as
select p.company_id, p.customer_id, max(p.is_posted) as is_posted, k.name, k.segment, k.collector_id, k.parent_customer_id,
    k.credit_limit, k.credit_currency, k.status, k.counterparty_company_id is not null as is_own_company
from (
    select distinct company_id, customer_id, 1 as is_posted from movements, asked where posting_date <= day
    union all
    select distinct company_id, customer_id, 0 from customers, asked where coalesce(valid_from, '') <= day
) p
left join customers k on k.company_id = p.company_id and k.customer_id = p.customer_id and coalesce(k.valid_from, '') = (
    select max(coalesce(v.valid_from, '')) from customers v, asked a
    where v.company_id = p.company_id and v.customer_id = p.customer_id and coalesce(v.valid_from, '') <= a.day)
group by p.company_id, p.customer_id;

-- those with a movement up to the day
create view known_customer as select * from every_customer where is_posted;

-- a customer's member under the grain asked for; company rows and the group's for `company`. member_id is null by currency
create view anyone as
select company_id as owner_id, customer_id, is_posted, 'company' as scope, company_id, company_id as member_id, 1 as is_booked
from every_customer, asked where grain = 'company'
union all
select company_id, customer_id, is_posted, 'group', 'group', 'group', 0 from every_customer, asked
where grain in ('company', 'group') and not is_own_company
union all
select company_id, customer_id, is_posted, 'customer', company_id, customer_id, 1 from every_customer, asked where grain = 'customer'
union all
select company_id, customer_id, is_posted, 'parent', company_id, coalesce(parent_customer_id, customer_id), 1 from every_customer, asked
where grain = 'parent'
union all
select company_id, customer_id, is_posted, 'segment', 'group', coalesce(segment, '(none)'), 0 from every_customer, asked
where grain = 'segment' and not is_own_company
union all
select company_id, customer_id, is_posted, 'collector', 'group', coalesce(collector_id, '(none)'), 0 from every_customer, asked
where grain = 'collector' and not is_own_company
union all
select company_id, customer_id, is_posted, 'currency', 'group', null, 0 from every_customer, asked
where grain = 'currency' and not is_own_company;

create view member as
select owner_id, customer_id, scope, company_id, member_id, is_booked from anyone where is_posted;

-- movements that a later business act made: an application that undoes another, the reversal of a document, or what was said to be gone.
-- Corrections of such a row belong to it
create view takes_back as
select m.movement_id
from movements m
left join applications a on a.company_id = m.company_id and a.application_id = m.source_id and m.source_table = 'applications'
where m.effect = 'undo' or a.undoes_application_id is not null
    or (m.source_table = 'documents' and m.source_id not in (m.document_id, m.document_id || '/' || m.instalment));

create view control_account as
select distinct m.company_id, m.account
from movements m join companies c on c.company_id = m.company_id
where coalesce(c.control_account, m.account) = m.account
    or exists (select 1 from gl_balances g where g.company_id = m.company_id and g.account = m.account and coalesce(g.role, 'ar') = 'ar');

-- movements up to the day once for each member. stock x stock_rate is the worth of a balance on the day; flow x flow_rate that of a flow
-- on its own day (books are all in MXN). is_ar: no advance outside a control account
create view posted as
select b.scope, b.company_id as member_company_id, coalesce(b.member_id, m.currency) as member_id, m.*,
    case when b.is_booked then m.company_amount else m.amount end as stock,
    case when b.is_booked or b.scope = 'currency' then 100000000 else last_rate(m.currency, 'MXN', a.day) end as stock_rate,
    case when b.scope = 'currency' then m.amount else m.company_amount end as flow,
    100000000 as flow_rate,
    m.aging_class <> 'advances'
        or exists (select 1 from control_account c where c.company_id = m.company_id and c.account = m.account) as is_ar
from movements m
join asked a on m.posting_date <= a.day
join member b on b.owner_id = m.company_id and b.customer_id = m.customer_id;

-- sales that a company declares: by company, group and currency only; flow as in posted, on the last day of the month
create view declared as
select k.scope, case k.scope when 'company' then p.company_id else 'group' end as member_company_id,
    case k.scope when 'company' then p.company_id when 'group' then 'group' else p.currency end as member_id,
    p.month, p.currency, p.amount as flow,
    case k.scope when 'currency' then 100000000 else
        last_rate(p.currency, 'MXN', min(date(p.month, '+1 month', '-1 day'), (select day from asked))) end as flow_rate
from period_sales p
join (select 'company' as scope union all select 'group' union all select 'currency') k
join asked a on p.month <= a.day and (k.scope = a.grain or (k.scope = 'group' and a.grain = 'company'));

-- the days an answer stands on: the month ends of a period and its last day, or the one day asked for
create view point as
with recursive months (month) as (
    select date(coalesce(first_day, day), 'start of month') from asked
    union all
    select date(month, '+1 month') from months, asked where date(month, '+1 month') <= day
)
select min(date(month, '+1 month', '-1 day'), day) as day, month from months, asked;

-- columns of an aging, with the first day late of each
create view aging_column as
select bucket_order, bucket, 'due' as aging_class, from_days from aging_buckets
union all
select (select max(bucket_order) from aging_buckets) + column1, column2, column2, null
from (values (1, 'unapplied'), (2, 'credits'), (3, 'advances'));

-- what every member's receivables stood at on each point, at the closing rate of that day. billed: sales of the point's month at that
-- same rate, declared ones too
create view balance as
with worth_then as (
    select p.day, p.month, m.scope, m.member_company_id, m.member_id, m.aging_class, m.due_date, m.posting_date, m.movement_kind,
        m.stock,
        m.movement_kind = m.document_kind and m.sales_effect in ('sale', 'return', 'price') as is_sale,
        case when m.scope in ('group', 'segment', 'collector') then last_rate(m.currency, 'MXN', p.day) else 100000000 end as rate
    from point p
    join posted m on m.posting_date <= p.day and m.is_ar
    union all
    select p.day, p.month, d.scope, d.member_company_id, d.member_id, 'declared', null, d.month, null, d.flow, 1, d.flow_rate
    from point p
    join declared d on d.month = p.month
)
select day, month, scope, member_company_id, member_id,
    worth(case when aging_class <> 'declared' then stock else 0 end, rate) as open,
    worth(case when aging_class = 'due' then stock else 0 end, rate) as debits,
    worth(case when aging_class = 'due' and due_date >= day then stock else 0 end, rate) as not_due,
    worth(case when aging_class = 'due' and due_date < day then stock else 0 end, rate) as past_due,
    worth(case when aging_class = 'due' and days(day, due_date) >= 91 then stock else 0 end, rate) as over_90,
    worth(case when aging_class = 'unapplied' then stock else 0 end, rate) as unapplied,
    worth(case when posting_date < month then stock else 0 end, rate) as beginning,
    worth(case when posting_date >= month and is_sale then stock else 0 end, rate) as billed
from worth_then
group by day, month, scope, member_company_id, member_id;

-- sales of a month up to the day asked for, each at its own rate, with tax or net of it; a month's sales are whole hundredths
create view sale as
with each as (
    select scope, member_company_id, member_id, date(posting_date, 'start of month') as month, flow * (flow_rate / 100) as gross,
        case when scope = 'currency' then net_sales_amount * 1000000
            else coalesce(ratio4(net_sales_amount * company_amount * 100, amount), 0) end as net
    from posted
    where movement_kind = document_kind and sales_effect in ('sale', 'return', 'price')
    union all
    select scope, member_company_id, member_id, month, flow * (flow_rate / 100), flow * (flow_rate / 100) from declared
)
select scope, member_company_id, member_id, month,
    ratio4(sum(case (select value from argument where name = 'sales') when 'net' then net else gross end), 10000000000) as amount
from each
group by scope, member_company_id, member_id, month;

-- the balance of each member on the day, at the month ends of the year before and their sum, and its sales of a month, a quarter and a year
create view year_of_sales as
with recursive
year (day, month, asked_day) as (
    select day, date(day, 'start of month'), day from asked
    union all
    select date(month, '-1 day'), date(month, '-1 month'), asked_day from year where month > date(asked_day, 'start of month', '-12 months')
),
-- each month end in whole hundredths, at the closing rate of that day
stood as materialized (
    select m.scope, m.member_company_id as company_id, m.member_id, y.day, y.month, y.day = y.asked_day as is_asked,
        worth(m.stock, case when m.scope in ('group', 'segment', 'collector') then last_rate(m.currency, 'MXN', y.day) else 100000000 end)
            as open
    from year y
    join posted m on m.posting_date <= y.day and m.is_ar
    group by m.scope, m.member_company_id, m.member_id, y.day, y.month
),
sold as materialized (select * from sale)
select s.scope, s.company_id, s.member_id, s.open,
    coalesce((select b.open from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
        and b.month = date(s.month, '-1 month')), 0) as beginning,
    coalesce((select b.open from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
        and b.month = date(s.month, '-12 months')), 0) as year_beginning,
    (select sum(b.open) from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
        and b.month >= date(s.month, '-2 months')) as open_3,
    (select sum(b.open) from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id)
        as open_13,
    coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
        and m.member_id = s.member_id and m.month = s.month), 0) as sales_1,
    coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
        and m.member_id = s.member_id and m.month >= date(s.month, '-2 months')), 0) as sales_3,
    coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
        and m.member_id = s.member_id and m.month >= date(s.month, '-11 months')), 0) as sales_12
from stood s
where s.is_asked;

-- DSO walked back month by month: what of the balance is not yet covered, and the days so far (in ten-thousandths). With empty_months
-- stop the walk stands before a month without sales
create view countback as
with recursive
m as materialized (select * from sale),
-- the month of a member's first sales, two years back at most
first_sale as materialized (
    select b.day, b.month, b.scope, b.member_company_id, b.member_id, b.open,
        (select min(m.month) from m where m.scope = b.scope and m.member_company_id = b.member_company_id and m.member_id = b.member_id
            and m.amount <> 0 and m.month between date(b.month, '-23 months') and b.month) as first_month
    from balance b
),
-- one step behind: the month to be looked at next
walk (day, scope, member_company_id, member_id, first_month, month, last_day, rest, days_so_far, is_empty) as (
    select day, scope, member_company_id, member_id, first_month, month, day, open, 0, 0 from first_sale
    union all
    select w.day, w.scope, w.member_company_id, w.member_id, w.first_month, date(w.month, '-1 month'), date(w.month, '-1 day'),
        w.rest - max(min(coalesce(m.amount, 0), w.rest), 0),
        w.days_so_far + case when w.rest >= coalesce(m.amount, 0) then 10000 * (days(w.last_day, w.month) + 1)
            else ratio4(w.rest * (days(w.last_day, w.month) + 1), m.amount) end,
        max(w.is_empty, coalesce(m.amount, 0) <= 0)
    from walk w
    left join m on m.scope = w.scope and m.member_company_id = w.member_company_id and m.member_id = w.member_id and m.month = w.month
    where w.rest > 0 and w.month >= w.first_month
        and (coalesce((select value from argument where name = 'empty_months'), '') <> 'stop' or coalesce(m.amount, 0) > 0)
)
select day, scope, member_company_id, member_id, first_month, max(days_so_far) as days,
    case when min(rest) > 0 and min(month) >= first_month then 'stopped_at_empty_month' when min(rest) > 0 then 'history_exhausted'
        when max(is_empty) then 'empty_month' end as reason
from walk
group by day, scope, member_company_id, member_id, first_month;

-- DSO and what stands beside it, for each point
create view dso_figures as
with m as materialized (select * from sale),
c as materialized (select * from countback),
i as (
    select b.*, days(b.day, b.month) + 1 as month_days, c.first_month, c.days as countback_days, c.reason as countback_reason,
        days(b.day, max(date(b.month, '-2 months'), coalesce(c.first_month, ''))) + 1 as quarter_days,
        coalesce((select m.amount from m where m.scope = b.scope and m.member_company_id = b.member_company_id
            and m.member_id = b.member_id and m.month = b.month), 0) as month_sales,
        coalesce((select sum(m.amount) from m where m.scope = b.scope and m.member_company_id = b.member_company_id
            and m.member_id = b.member_id and m.month between date(b.month, '-2 months') and b.month), 0) as quarter_sales
    from balance b
    join c on c.day = b.day and c.scope = b.scope and c.member_company_id = b.member_company_id and c.member_id = b.member_id
)
select i.*, member_company_id as company_id, open as open_amount, not_due as current_amount,
    month_sales as sales_amount, quarter_sales as sales_3m_amount,
    case when month_sales > 0 then ratio4(open * month_days, month_sales) end as dso_simple_days,
    case when quarter_sales > 0 then ratio4(open * quarter_days, quarter_sales) end as dso_3m_days,
    countback_days as dso_countback_days,
    case when month_sales > 0 then ratio4(not_due * month_days, month_sales) end as best_possible_dso_days,
    case when quarter_sales > 0 then ratio4(not_due * quarter_days, quarter_sales) end as best_possible_dso_3m_days,
    case when month_sales > 0 then ratio4((open - not_due) * month_days, month_sales) end as average_days_delinquent_days,
    case when quarter_sales > 0 then ratio4((open - not_due) * quarter_days, quarter_sales) end as average_days_delinquent_3m_days,
    coalesce('; ' || case when open = 0 then 'no_ar' when open < 0 then 'credit_balance' end, '') as balance_reason,
    coalesce('; ' || case when month_sales = 0 then 'no_sales' when month_sales < 0 then 'negative_sales' end, '') as month_reason,
    coalesce('; ' || case when quarter_sales = 0 then 'no_sales_3m' when quarter_sales < 0 then 'negative_sales_3m'
        when first_month > date(month, '-2 months') then 'short_window' end, '') as quarter_reason
from i;

-- what is in dispute of each open document: the claims in its currency, all of it where one is in another, never more than is open
create view disputed_document as
with open_document as (
    select m.company_id, m.document_id, m.customer_id, m.currency, sum(m.amount) as open, sum(m.company_amount) as open_company
    from movements m, asked a
    where m.posting_date <= a.day and m.aging_class = 'due'
    group by m.company_id, m.document_id, m.customer_id, m.currency
    having sum(m.amount) > 0
)
select o.*, count(*) as disputes, min(o.open, sum(case when d.currency = o.currency then d.amount else o.open end)) as disputed
from open_document o
join asked a
join disputes d on d.company_id = o.company_id and d.document_id = o.document_id and d.opened_date <= a.day
    and coalesce(d.closed_date, '9999') > a.day
group by o.company_id, o.document_id, o.customer_id, o.currency;

-- what a customer's guarantees are worth to its members, where they are to be deducted: the last known; by currency only in that one
create view guarantee as
select k.scope, k.company_id as member_company_id, k.member_id, g.company_id, g.customer_id, g.currency,
    case when k.scope = 'currency' then g.amount
        else ratio4(g.amount * (last_rate(g.currency, 'MXN', a.day) / 10000), 100000000) end as amount
from exposures g
join asked a
join member k on k.owner_id = g.company_id and k.customer_id = g.customer_id
where g.kind = 'guarantee' and (select value from argument where name = 'guarantees') = 'deducted'
    and g.as_of = (select max(n.as_of) from exposures n where n.company_id = g.company_id and n.customer_id = g.customer_id
        and n.kind = 'guarantee' and n.as_of <= a.day);

-- where the money of each debit of the first day is on the last, by the bucket it was in then (0: it is new) and what became of it
create view transition_part as
with recursive
ends as materialized (select first_day as f, day as t from asked),
-- a debit at both ends and what went by each way in between (1 cash, 2 credit, 3 written off, 4 anything else)
item as materialized (
    select row_number() over () as id, scope, member_company_id as company_id, member_id, company_id as owner_id, document_id, instalment,
        currency, max(stock_rate) as end_rate, max(scope in ('company', 'customer', 'parent')) as is_booked,
        case when scope in ('group', 'segment', 'collector') then last_rate(currency, 'MXN', (select f from ends)) else 100000000 end
            as start_rate,
        max(0, sum(case when posting_date <= (select f from ends) then amount else 0 end)) as start,
        sum(case when posting_date <= (select f from ends) then company_amount else 0 end) as start_company,
        sum(amount) as ending, sum(company_amount) as end_company,
        -sum(case when posting_date > (select f from ends) and movement_kind in ('apply_receipt', 'cash') then amount else 0 end)
            as way_1,
        -sum(case when posting_date > (select f from ends) and movement_kind = 'apply_credit' then amount else 0 end) as way_2,
        -sum(case when posting_date > (select f from ends) and movement_kind = 'write_off' then amount else 0 end) as way_3,
        -sum(case when posting_date > (select f from ends) and movement_kind not in ('apply_receipt', 'cash', 'apply_credit', 'write_off')
            then amount else 0 end) as way_4
    from posted
    where aging_class = 'due'
    group by scope, member_company_id, member_id, company_id, document_id, instalment, currency
),
-- the due day it had on each end: the one with a balance, the last if there is none
due as materialized (
    select i.id,
        coalesce((select max(due_date) from (select p.due_date from posted p
            where p.scope = i.scope and p.member_company_id = i.company_id and p.member_id = i.member_id and p.company_id = i.owner_id
            and p.document_id = i.document_id and p.instalment = i.instalment and p.currency = i.currency
            and p.aging_class = 'due' and p.posting_date <= (select f from ends)
            group by p.due_date having sum(p.amount) <> 0)),
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
        case when start > 0
            then min(start, max(0, ending - (max(0, -way_1) + max(0, -way_2) + max(0, -way_3) + max(0, -way_4)))) else 0 end as kept
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
)
select l.scope, l.company_id, l.member_id,
    case when p.is_old
        then (select max(bucket_order) from aging_buckets where bucket_order = 1 or from_days <= days((select f from ends), l.start_due))
        else 0 end as from_bucket_order,
    case when p.way > 0 then (select max(bucket_order) from aging_buckets) + p.way
        else (select max(bucket_order) from aging_buckets where bucket_order = 1 or from_days <= days((select t from ends), l.end_due))
        end as to_state_order,
    p.amount, p.rate, p.closing, l.end_rate
from part p join left_over l using (id)
where p.amount <> 0 or p.closing <> 0;

-- promises in the order of their days, each taking from the customer's cash in that currency, the oldest peso first; `purse` holds
-- what is left of each receipt. A receipt counts on its own day, net of what bounced; a peso taken is gone
create view promise_kept as
with recursive
receipt_day as (
    select m.company_id, m.customer_id, m.currency, m.document_id, m.posting_date, -sum(m.amount) as amount
    from movements m, asked a
    where m.movement_kind = 'receipt' and m.effect <> 'undo' and m.posting_date <= a.day
    group by m.company_id, m.customer_id, m.currency, m.document_id, m.posting_date
),
cash as (
    select r.company_id, r.customer_id, r.currency, min(case when r.amount <> 0 then r.posting_date end) as day,
        sum(r.amount) - coalesce((select sum(u.amount) from movements u, asked a where u.movement_kind = 'receipt' and u.effect = 'undo'
            and u.posting_date <= a.day and u.company_id = r.company_id and u.customer_id = r.customer_id and u.currency = r.currency
            and u.document_id = r.document_id), 0) as amount
    from receipt_day r
    group by r.company_id, r.customer_id, r.currency, r.document_id
    union all
    select m.company_id, m.customer_id, m.currency, m.posting_date, -sum(m.amount)
    from movements m, asked a
    where m.movement_kind = 'cash' and m.posting_date <= a.day
    group by m.company_id, m.customer_id, m.currency, m.posting_date
),
coin as materialized (
    select *, row_number() over (partition by company_id, customer_id, currency order by day) as n from cash where amount <> 0
),
taken as materialized (
    select p.*, date(p.promise_date, '+3 days') as last_day,
        coalesce(p.cancelled_date <= p.promise_date and p.cancelled_date <= a.day, 0) as is_cancelled,
        row_number() over (partition by company_id, customer_id, currency order by promise_date, taken_date, promise_id) as place
    from promises p, asked a
    where p.taken_date <= a.day
),
-- every promise looks at every receipt in turn
turn (company_id, customer_id, currency, place, n, lack, purse) as (
    select t.company_id, t.customer_id, t.currency, 1, 0, t.amount,
        (select json_group_array(c.amount) from (select amount from coin c where c.company_id = t.company_id
            and c.customer_id = t.customer_id and c.currency = t.currency order by n) c)
    from taken t
    where t.place = 1
    union all
    select t.company_id, t.customer_id, t.currency, t.place, coalesce(c.n, 0),
        case when c.n is null then t.amount else w.lack - (case when c.day > t.taken_date and c.day <= t.last_day and not t.is_cancelled
            then max(min(w.lack, json_extract(w.purse, '$[' || (c.n - 1) || ']')), 0) else 0 end) end,
        case when c.day > t.taken_date and c.day <= t.last_day and not t.is_cancelled
            then json_set(w.purse, '$[' || (c.n - 1) || ']', json_extract(w.purse, '$[' || (c.n - 1) || ']')
                - max(min(w.lack, json_extract(w.purse, '$[' || (c.n - 1) || ']')), 0)) else w.purse end
    from turn w
    join taken t on t.company_id = w.company_id and t.customer_id = w.customer_id and t.currency = w.currency
    left join coin c on c.company_id = w.company_id and c.customer_id = w.customer_id and c.currency = w.currency and c.n = w.n + 1
    where t.place = w.place + (c.n is null)
)
select t.company_id, t.promise_id, t.customer_id, t.collector_id, t.currency, t.promise_date, date(t.last_day, '+1 day') as resolved_date,
    t.amount, t.amount - min(w.lack) as kept_amount,
    case when t.is_cancelled then 'cancelled' when t.last_day >= a.day then 'open' when min(w.lack) = 0 then 'kept' else 'broken' end
        as state
from taken t
join asked a
join turn w on w.company_id = t.company_id and w.customer_id = t.customer_id and w.currency = t.currency and w.place = t.place
group by t.company_id, t.promise_id;

-- cash applied to debits, with the day on which it was taken back (its application undone, or its receipt or item reversed): read from
-- what the extracts say of applications and reversals, the amount on each instalment from its movements
create view payment as
with told as materialized (
    select m.company_id, m.source_id as application_id, m.document_id, m.instalment, m.document_kind, m.document_date, m.due_date,
        m.customer_id, m.posting_date, m.currency, m.counter_document_id, -sum(m.amount) as amount, -sum(m.company_amount) as company_amount
    from movements m
    join applications a on a.company_id = m.company_id and a.application_id = m.source_id and a.undoes_application_id is null
    where m.source_table = 'applications' and m.aging_class = 'due' and m.movement_kind in ('apply_receipt', 'cash') and m.effect <> 'undo'
    group by m.company_id, m.source_id, m.document_id, m.instalment, m.document_kind, m.document_date, m.due_date, m.customer_id,
        m.posting_date, m.currency, m.counter_document_id
    having sum(m.amount) <> 0
)
select t.*,
    coalesce((select min(d.document_date) from documents d where d.company_id = t.company_id and d.document_id = t.counter_document_id),
        t.posting_date) as paid_date,
    min(
        coalesce((select min(max(u.posting_date, t.posting_date)) from applications u
            where u.company_id = t.company_id and u.undoes_application_id = t.application_id), '9999-12-31'),
        coalesce((select min(max(r.posting_date, t.posting_date)) from documents r
            where r.company_id = t.company_id and r.reverses_document_id in (t.document_id, t.counter_document_id)), '9999-12-31')
    ) as gone_date
from told t;

-- invoices posted in the period, less what was reversed in it, as they were first posted, and the days agreed with the customer then.
-- Terms of these customers are plain numbers
create view given as
with billed as (
    select m.company_id, m.document_id, m.instalment, m.document_date, m.currency, sum(m.amount) as amount,
        sum(m.company_amount) as company_amount
    from movements m, asked a
    where m.movement_kind = 'invoice' and m.posting_date between a.first_day and a.day
    group by m.company_id, m.document_id, m.instalment, m.document_date, m.currency
    having sum(m.amount) > 0
),
-- the posting of the document itself that was not corrected since
own as (
    select m.company_id, m.document_id, m.instalment, m.document_date, m.currency, m.customer_id, m.due_date, m.posting_date
    from movements m
    where m.movement_kind = 'invoice' and m.source_id in (m.document_id, m.document_id || '/' || m.instalment)
    group by m.company_id, m.document_id, m.instalment, m.document_date, m.currency, m.customer_id, m.due_date, m.posting_date
    having sum(m.amount) > 0
)
select b.*, o.customer_id, o.due_date, o.posting_date, days(o.due_date, o.document_date) as days_given, k.payment_terms as terms_agreed,
    cast(k.payment_terms as integer) as days_agreed,
    case when k.company_id is null then 'no_customer' when k.payment_terms is null then 'no_terms' end as reason
from billed b
join own o using (company_id, document_id, instalment, document_date, currency)
left join customers k on k.company_id = b.company_id and k.customer_id = o.customer_id and coalesce(k.valid_from, '') = (
    select max(coalesce(v.valid_from, '')) from customers v
    where v.company_id = b.company_id and v.customer_id = o.customer_id and coalesce(v.valid_from, '') <= b.document_date);

-- the ends of the days of a period: one row each, from the first billing on
create view calendar as
with recursive each (day) as (
    select min(posting_date) from movements
    union all
    select date(each.day, '+1 day') from each, asked where each.day < asked.day
)
select day from each;

-- debits billed in a period that have had their time: the most that was open in each bucket, and what of it was written off after it came
-- there. Every evening is looked at, and the moment of billing
create view item_loss as
with
back as materialized (select movement_id from takes_back),
-- items billed in the time asked for, not taken over
item as materialized (
    select m.company_id, m.document_id, m.instalment, m.currency,
        (select min(day) from (select b.posting_date as day from movements b where b.company_id = m.company_id
            and b.document_id = m.document_id and b.instalment = m.instalment and b.currency = m.currency and b.aging_class = 'due'
            and b.movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment')
            and b.movement_id not in (select movement_id from back) and b.posting_date <= (select day from asked)
            group by b.posting_date having sum(b.amount) > 0)) as billed_day,
        sum(case when movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment') and movement_id not in (select movement_id from back) then amount else 0 end) as billed,
        sum(case when movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment') and movement_id not in (select movement_id from back) then company_amount else 0 end)
            as billed_company,
        -- whom the document's own postings name last
        (select l.customer_id from movements l where l.company_id = m.company_id and l.document_id = m.document_id
            and l.instalment = m.instalment and l.currency = m.currency and l.aging_class = 'due' and l.posting_date <= (select day from asked)
            and l.source_id in (m.document_id, m.document_id || '/' || m.instalment)
            group by l.posting_date, l.customer_id having sum(l.amount) > 0 order by l.posting_date desc limit 1) as customer_id
    from movements m
    where m.aging_class = 'due' and m.posting_date <= (select day from asked)
    group by m.company_id, m.document_id, m.instalment, m.currency
    having max(movement_kind = 'opening') = 0
),
asked_item as materialized (
    select row_number() over () as id, * from item
    where billed_day between (select first_day from asked) and date((select day from asked), '-' || (select value from argument where name = 'horizon_days') || ' days')
),
post as materialized (
    select i.id, m.posting_date, m.due_date, sum(m.amount) as amount,
        -sum(case when m.movement_kind = 'write_off' then m.amount else 0 end) as lost,
        sum(case when m.movement_kind in ('invoice', 'debit_memo', 'note', 'adjustment') and m.movement_id not in (select movement_id from back) then m.amount else 0 end)
            as billed
    from asked_item i
    join movements m on m.company_id = i.company_id and m.document_id = i.document_id and m.instalment = i.instalment
        and m.currency = i.currency and m.aging_class = 'due' and m.posting_date <= (select day from asked)
    group by i.id, m.posting_date, m.due_date
),
-- every evening by due day, and the moments of billing; place tells a billing from the evening of its day
evening as (
    select i.id, c.day, 1 as place, p.due_date, sum(p.amount) as due_open
    from asked_item i
    join calendar c on c.day between i.billed_day and (select day from asked)
    join post p on p.id = i.id and p.posting_date <= c.day
    group by i.id, c.day, p.due_date
),
moment as (
    select id, day, place, max(case when due_open > 0 then due_date end) as due_date, sum(due_open) as open from evening group by id, day
    union all
    select b.id, b.posting_date, 0, max(case when b.billed > 0 then b.due_date end),
        sum(b.billed) + coalesce((select sum(e.amount) from post e where e.id = b.id and e.posting_date < b.posting_date), 0)
    from post b
    group by b.id, b.posting_date
    having max(b.billed) > 0
),
reached as (
    select m.id, (select max(a.bucket_order) from aging_buckets a where a.bucket_order = 1 or a.from_days <= days(m.day, m.due_date))
            as bucket_order, max(m.open) as open, min(m.day || m.place) as since
    from moment m
    where m.open > 0
    group by m.id, 2
),
lost as (
    select r.*, min(r.open, max(0, coalesce((select sum(p.lost) from post p
        where p.id = r.id and p.posting_date || (case when substr(r.since, 11) = '0' then 1 else 0 end) > substr(r.since, 1, 10) || '0'), 0)))
        as lost
    from reached r
),
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, i.currency) as member_id, l.bucket_order,
        case when b.is_booked then ratio4(l.open * i.billed_company, 10000 * i.billed) else l.open end as amount,
        case when b.is_booked then ratio4(l.lost * i.billed_company, 10000 * i.billed) else l.lost end as lost,
        case when b.is_booked or b.scope = 'currency' then 10000 else last_rate(i.currency, 'MXN', (select day from asked)) / 10000 end as rate
    from lost l
    join asked_item i using (id)
    join member b on b.owner_id = i.company_id and b.customer_id = i.customer_id
)
select * from valued;

-- who owes, for a concentration: the customer or its parent; of the group one across companies by tax id, unless it is a generic one
create view debtor_of as
with newest as (
    select c.company_id, c.customer_id, upper(replace(replace(replace(c.tax_id, ' ', ''), '.', ''), '-', '')) as tax_id
    from customers c, asked a
    where coalesce(c.valid_from, '') = (select max(coalesce(v.valid_from, '')) from customers v
        where v.company_id = c.company_id and v.customer_id = c.customer_id and coalesce(v.valid_from, '') <= a.day)
),
head as (
    select k.company_id, k.customer_id,
        case when (select value from argument where name = 'by') = 'parent' then coalesce(k.parent_customer_id, k.customer_id)
            else k.customer_id end as head_id
    from known_customer k
),
taxed as (
    select h.*, coalesce(
        (select n.tax_id from newest n where n.company_id = h.company_id and n.customer_id = h.head_id),
        (select n.tax_id from newest n where n.company_id = h.company_id and n.customer_id = h.customer_id)) as tax_id
    from head h
)
select company_id, customer_id, head_id,
    case when tax_id in ('XAXX010101000', 'XEXX010101000', '') or tax_id is null then company_id || '/' || head_id else tax_id end as group_id
from taxed;

-- open debits and receipts with something left, whatever their account and due day
create view matchable as
select m.company_id, m.customer_id, m.currency, m.document_id, m.instalment, m.aging_class = 'due' as is_item,
    min(m.document_date) as document_date, abs(sum(m.amount)) as amount
from movements m, asked a
where m.posting_date <= a.day and (m.aging_class = 'due' or m.document_kind = 'receipt')
group by m.company_id, m.customer_id, m.currency, m.document_id, m.instalment, m.aging_class = 'due'
having case when m.aging_class = 'due' then sum(m.amount) else -sum(m.amount) end > 0;

-- every set of items that makes up what is left of a receipt: one item; none of those, all; neither, two or three (p, q, r)
create view fitting as
with i as materialized (
    select company_id, customer_id, currency, document_id || '/' || instalment as item, amount,
        count(*) over (partition by company_id, customer_id, currency) as n, sum(amount) over (partition by company_id, customer_id,
            currency) as s
    from matchable where is_item
),
r as materialized (select *, document_id || '/' || instalment as receipt from matchable where not is_item),
one as (
    select r.company_id, r.customer_id, r.currency, r.receipt, 'exact_item' as match, i.item as p, null as q, null as r
    from r join i on i.company_id = r.company_id and i.customer_id = r.customer_id and i.currency = r.currency and i.amount = r.amount
),
whole as (
    select distinct r.company_id, r.customer_id, r.currency, r.receipt, 'whole_balance' as match, null as p, null as q, null as r
    from r join i on i.company_id = r.company_id and i.customer_id = r.customer_id and i.currency = r.currency and i.s = r.amount
        and i.n > 1
),
some as (
    select r.company_id, r.customer_id, r.currency, r.receipt, 'two_items' as match, a.item as p, b.item as q, null as r
    from r
    join i a on a.company_id = r.company_id and a.customer_id = r.customer_id and a.currency = r.currency
    join i b on b.company_id = r.company_id and b.customer_id = r.customer_id and b.currency = r.currency and b.item > a.item
    where a.amount + b.amount = r.amount and a.n <= (select value from argument where name = 'most_items')
    union all
    select r.company_id, r.customer_id, r.currency, r.receipt, 'three_items', a.item, b.item, c.item
    from r
    join i a on a.company_id = r.company_id and a.customer_id = r.customer_id and a.currency = r.currency
    join i b on b.company_id = r.company_id and b.customer_id = r.customer_id and b.currency = r.currency and b.item > a.item
    join i c on c.company_id = r.company_id and c.customer_id = r.customer_id and c.currency = r.currency and c.item > b.item
    where a.amount + b.amount + c.amount = r.amount and a.n <= (select value from argument where name = 'most_items')
),
single as (select * from one union all select * from whole where (company_id, receipt) not in (select company_id, receipt from one))
select * from single
union all
select * from some where (company_id, receipt) not in (select company_id, receipt from single);

-- the verdict on each receipt: the one set that fits, unless another receipt's takes an item of it
create view verdict as
with f as materialized (select * from fitting),
only_one as materialized (
    select * from f group by company_id, customer_id, currency, receipt having count(*) = 1
)
select r.company_id, r.customer_id, r.currency, r.document_id, r.instalment, r.document_date, r.amount, o.p, o.q, o.r,
    case
        when not exists (select 1 from matchable i where i.is_item and i.company_id = r.company_id and i.customer_id = r.customer_id
            and i.currency = r.currency) then 'no_items'
        when not exists (select 1 from f where f.company_id = r.company_id and f.customer_id = r.customer_id and f.currency = r.currency
            and f.receipt = r.document_id || '/' || r.instalment) then 'no_match'
        when o.match is null then 'ambiguous'
        when exists (select 1 from only_one x where x.company_id = o.company_id and x.customer_id = o.customer_id
            and x.currency = o.currency
            and x.receipt <> o.receipt and (o.match = 'whole_balance' or x.match = 'whole_balance' or o.p in (x.p, x.q, x.r)
                or o.q in (x.p, x.q, x.r) or o.r in (x.p, x.q, x.r))) then 'contested'
        else o.match
    end as match
from matchable r
left join only_one o on o.company_id = r.company_id and o.customer_id = r.customer_id and o.currency = r.currency
    and o.receipt = r.document_id || '/' || r.instalment
where not r.is_item;

-- every account with movements, a balance in the general ledger or an item that explains, and its sides
create view account_side as
with one as (
    select company_id, account, currency, day from movements, asked where posting_date <= day
    union
    select company_id, account, currency, day from gl_balances, asked where as_of = day and coalesce(role, 'ar') = 'ar'
    union
    select company_id, account, currency, day from gl_items, asked where posting_date <= day and coalesce(cleared_date, '9999') > day
)
select o.*,
    coalesce((select sum(amount) from movements m where m.company_id = o.company_id and m.account is o.account
        and m.currency = o.currency and m.posting_date <= o.day), 0) as subledger,
    (select sum(balance) from gl_balances g where g.company_id = o.company_id and g.account = o.account and g.currency = o.currency
        and g.as_of = o.day and coalesce(g.role, 'ar') = 'ar') as gl,
    coalesce((select sum(amount) from gl_items i where i.company_id = o.company_id and i.account = o.account
        and i.currency = o.currency and i.posting_date <= o.day and not coalesce(i.cleared_date <= o.day, 0)), 0) as explained
from one o;

-- the risk card: every line as a fraction num / den of its most points, so that nothing is rounded before the points
create view risk_card as
with
cut as materialized (
    -- the same day 3, 12 and 15 months ago, or the last of a shorter month
    select column1 as months, min(date((select day from asked), 'start of month', '-' || (column1 - 1) || ' months', '-1 day'),
        date((select day from asked), 'start of month', '-' || column1 || ' months', '+' || (strftime('%d', (select day from asked)) - 1) || ' days')) as day
    from (values (3), (12), (15))
),
posting as materialized (select * from movements where posting_date <= (select day from asked)),
stand as materialized (
    select company_id, customer_id, sum(company_amount) as open,
        sum(case aging_class when 'due' then company_amount else 0 end) as debits,
        sum(case when aging_class = 'due' and due_date < (select day from asked) then company_amount else 0 end) as past_due
    from posting
    group by company_id, customer_id
    having debits > 0
),
disputed as materialized (
    -- in the books: that part of what the document stands at
    select company_id, customer_id, currency, cast(round(sum(open_company * (disputed * 1.0 / open))) as integer) as amount
    from disputed_document
    group by company_id, customer_id, currency
),
paid as materialized (
    select company_id, customer_id, posting_date > (select day from cut where months = 3) as is_recent, sum(company_amount) as amount,
        sum(company_amount * days(paid_date, due_date)) as amount_days
    from payment
    where posting_date > (select day from cut where months = 15) and posting_date <= (select day from asked)
        and gone_date > (select day from asked)
    group by 1, 2, 3
    having sum(company_amount) > 0
),
-- what the customer may still draw on: the last known of each kind
exposed as materialized (
    select e.company_id, e.customer_id,
        sum(case e.kind when 'guarantee' then -e.amount else e.amount end * (last_rate(e.currency, 'MXN', (select day from asked)) / 100)) as amount
    from exposures e
    where e.as_of <= (select day from asked) and not exists (select 1 from exposures n where n.company_id = e.company_id and n.customer_id = e.customer_id
        and n.kind = e.kind and n.as_of > e.as_of and n.as_of <= (select day from asked))
    group by e.company_id, e.customer_id
),
fact as materialized (
    select s.*, coalesce(k.name, s.customer_id) as customer_name,
        coalesce((select max(late) from (
            select days((select day from asked), p.due_date) as late from posting p
            where p.company_id = s.company_id and p.customer_id = s.customer_id and p.aging_class = 'due' and p.due_date < (select day from asked)
            group by p.currency, p.due_date having sum(p.amount) > 0)), 0) as worst_days_late,
        coalesce((select ratio4(r.amount_days, r.amount) from paid r where r.company_id = s.company_id and r.customer_id = s.customer_id
            and r.is_recent) - (select ratio4(r.amount_days, r.amount) from paid r where r.company_id = s.company_id
            and r.customer_id = s.customer_id and not r.is_recent), 0) as days_later,
        (select count(*) from promise_kept b where b.company_id = s.company_id and b.customer_id = s.customer_id and b.state = 'broken'
            and b.resolved_date > (select day from cut where months = 12)) as broken,
        coalesce((select sum(d.amount) from disputed d where d.company_id = s.company_id and d.customer_id = s.customer_id), 0)
            as disputed,
        s.open * 1000000
            + coalesce((select e.amount from exposed e where e.company_id = s.company_id and e.customer_id = s.customer_id), 0)
            as used,
        k.credit_limit * (last_rate(coalesce(k.credit_currency, 'MXN'), 'MXN', (select day from asked)) / 100) as allowed
    from stand s
    join known_customer k on k.company_id = s.company_id and k.customer_id = s.customer_id
    where not k.is_own_company
),
line as (
    select company_id, customer_id, 1 as place, 'past_due_share' as code, points_past_due_share as most, past_due as num, debits as den,
        'a' as form, ratio4(past_due, 10 * debits) as figure
    from fact, settings
    union all
    select company_id, customer_id, 2, 'worst_days_late', points_worst_days_late, worst_days_late, 120, 'b', worst_days_late
    from fact, settings
    union all
    select company_id, customer_id, 3, 'days_late_trend', points_days_late_trend, days_later, 300000, 'c', ratio4(days_later, 10000000)
    from fact, settings
    union all
    select company_id, customer_id, 4, 'broken_promises', points_broken_promises, broken, 3, 'b', broken from fact, settings
    union all
    select company_id, customer_id, 5, 'disputes', points_disputes, 2 * disputed, debits, 'a', ratio4(disputed, 10 * debits)
    from fact, settings
    union all
    select company_id, customer_id, 6, 'utilisation', points_utilisation,
        case when allowed is null or used <= 0 then 0 when allowed = 0 then 1 else 4 * used - 2 * allowed end,
        case when coalesce(allowed, 0) = 0 or used <= 0 then 1 else 3 * allowed end,
        case allowed when 0 then 'e' else 'd' end, ratio4(used, 100 * allowed)
    from fact, settings
),
pointed as materialized (
    select *, ratio4(most * max(0, min(num, den)), den * 10000) as points,
        code || ' ' || case form when 'a' then (figure / 10) || '.' || (figure % 10) || '%' when 'b' then figure
            when 'c' then '+' || (figure / 10) || '.' || (figure % 10) || ' days' when 'd' then figure || '%' else 'of no limit' end
            as reason
    from line
),
score as (
    select company_id, customer_id, sum(points) as score,
        sum(points) filter (where place = 1) as points_past_due_share, sum(points) filter (where place = 2) as points_worst_days_late,
        sum(points) filter (where place = 3) as points_days_late_trend, sum(points) filter (where place = 4) as points_broken_promises,
        sum(points) filter (where place = 5) as points_disputes, sum(points) filter (where place = 6) as points_utilisation
    from pointed
    group by company_id, customer_id
)
select f.company_id, f.customer_id, f.customer_name, f.open as open_amount_company, f.past_due as past_due_amount_company,
    s.score, case when s.score >= 65 then 'high' when s.score >= 35 then 'medium' else 'low' end as band,
    s.points_past_due_share, s.points_worst_days_late, s.points_days_late_trend, s.points_broken_promises, s.points_disputes,
    s.points_utilisation,
    (select group_concat(reason, '; ') from (select p.reason from pointed p where p.company_id = f.company_id
        and p.customer_id = f.customer_id and p.points > 0 order by p.points desc, p.place limit 3)) as reasons
from fact f
join score s on s.company_id = f.company_id and s.customer_id = f.customer_id;

-- open debits of each document, one line an item, with what is in dispute: of its document's claims an item takes what the items due
-- before it leave. standing: claims of at most dispute_days
create view work_item as
with item as materialized (
    select m.company_id, m.customer_id, m.document_id, m.currency, m.instalment, m.account, m.document_kind, m.document_date, m.due_date,
        sum(m.amount) as open, sum(m.company_amount) as open_company, last_rate(m.currency, 'MXN', a.day) as rate,
        days(a.day, m.due_date) as days_late
    from movements m
    join asked a on m.posting_date <= a.day
    where m.aging_class = 'due'
    group by m.company_id, m.customer_id, m.document_id, m.currency, m.instalment, m.account, m.document_kind, m.document_date, m.due_date
    having sum(m.amount) <> 0 or sum(m.company_amount) <> 0
),
claim as materialized (
    select d.company_id, d.document_id, d.currency, d.amount, d.opened_date,
        days(a.day, d.opened_date) <= (select value from argument where name = 'dispute_days') as is_standing
    from disputes d
    join asked a on d.opened_date <= a.day and coalesce(d.closed_date, '9999') > a.day
),
-- of the document: all that is open, and all that is claimed, the whole of it where the currency is another
document as materialized (
    select i.company_id, i.customer_id, i.document_id, i.currency, max(sum(i.open), 0) as open,
        coalesce((select sum(case when c.currency = i.currency then c.amount else 1000000000000 end) from claim c
            where c.company_id = i.company_id and c.document_id = i.document_id), 0) as claimed,
        coalesce((select sum(case when c.currency = i.currency then c.amount else 1000000000000 end) from claim c
            where c.company_id = i.company_id and c.document_id = i.document_id and c.is_standing), 0) as standing,
        (select min(c.opened_date) from claim c where c.company_id = i.company_id and c.document_id = i.document_id) as opened_date
    from item i
    group by i.company_id, i.customer_id, i.document_id, i.currency
),
placed as (
    select i.*, max(i.open, 0) as debit, min(d.claimed, d.open) as claimed, min(d.standing, d.open) as standing, d.opened_date,
        coalesce((select sum(max(b.open, 0)) from item b where b.company_id = i.company_id and b.customer_id = i.customer_id
            and b.document_id = i.document_id and b.currency = i.currency and (b.due_date, b.instalment, b.account, b.document_kind,
            b.document_date) < (i.due_date, i.instalment, i.account, i.document_kind, i.document_date)), 0) as before
    from item i
    join document d on d.company_id = i.company_id and d.customer_id = i.customer_id and d.document_id = i.document_id
        and d.currency = i.currency
),
parted as (
    select *, min(max(claimed - before, 0), debit) as disputed, min(max(standing - before, 0), debit) as stands from placed
)
select *, coalesce(ratio4(disputed * open_company, open * 10000), 0) as disputed_company,
    coalesce(ratio4(stands * open_company, open * 10000), 0) as stands_company,
    case when disputed > 0 then opened_date end as dispute_date
from parted;
-- the two closes that a change is between: the first as it was known at known_from
create view close_end as
select 'then' as e, (select value from argument where name = 'from') as day, (select value from argument where name = 'known_from') as load_id
union all
select 'now', (select value from argument where name = 'to'), (select max(load_id) from loads);

-- who is whose at either close, as it was known there
create view end_member as
with customer as (
    select e.e, m.company_id, m.customer_id from close_end e join movements m on m.posting_date <= e.day and m.load_id <= e.load_id
    union
    select e.e, c.company_id, c.customer_id from close_end e join customers c on coalesce(c.valid_from, '') <= e.day and c.load_id <= e.load_id
),
described as (
    select k.*, v.segment, v.collector_id, v.parent_customer_id, v.counterparty_company_id is not null as is_own_company
    from customer k
    join close_end e on e.e = k.e
    left join customers v on v.company_id = k.company_id and v.customer_id = k.customer_id and v.load_id <= e.load_id
        and coalesce(v.valid_from, '') = (select max(coalesce(w.valid_from, '')) from customers w where w.company_id = k.company_id
            and w.customer_id = k.customer_id and coalesce(w.valid_from, '') <= e.day and w.load_id <= e.load_id)
)
select d.e, d.company_id as owner_id, d.customer_id, s.scope, case when s.is_booked then d.company_id else 'group' end as company_id,
    case s.scope when 'company' then d.company_id when 'customer' then d.customer_id when 'group' then 'group'
        when 'parent' then coalesce(d.parent_customer_id, d.customer_id) when 'segment' then coalesce(d.segment, '(none)')
        when 'collector' then coalesce(d.collector_id, '(none)') end as member_id,
    s.is_booked
from described d
join asked a
join (
    select column1 as scope, column2 as is_booked
    from (values ('company', 1), ('customer', 1), ('parent', 1), ('group', 0), ('segment', 0), ('collector', 0), ('currency', 0))
) s on (s.scope = a.grain or (s.scope = 'group' and a.grain = 'company')) and (s.is_booked or not d.is_own_company);

create view change_kind (kinds, line) as
values (' invoice debit_memo note ', 'new_billings'), (' receipt cash apply_receipt ', 'collections'), (' credit_memo apply_credit ', 'credits'),
    (' write_off ', 'write_offs'), (' fx_difference fx_revaluation ', 'fx'), (' reclass ', 'master_data'),
    (' opening discount withholding fee netting factoring refund apply_refund advance apply_advance adjustment inferred clearing ', 'other');

-- movements under their members at one of the closes, by what they are to the change: known (of the first day, when it was reported),
-- learned (of it, later), flow. first_worth and last_worth: at the closing rates of both days, in hundred-millionths of a hundredth
create view change_row as
select b.e, b.scope, b.company_id as member_company_id, coalesce(b.member_id, m.currency) as member_id, b.is_booked,
    b.scope not in ('company', 'customer', 'parent', 'currency') as at_rates, m.*,
    case when m.posting_date > f.day then 'flow' when m.load_id <= f.load_id then 'known' else 'learned' end as stage,
    (select k.line from change_kind k where instr(k.kinds, ' ' || m.movement_kind || ' ') > 0) as kind_line,
    case when b.is_booked then m.company_amount else m.amount end
        * case when b.is_booked or b.scope = 'currency' then 100000000 else last_rate(m.currency, 'MXN', f.day) end as first_worth,
    case when b.is_booked then m.company_amount else m.amount end
        * case when b.is_booked or b.scope = 'currency' then 100000000 else last_rate(m.currency, 'MXN', l.day) end as last_worth,
    case when b.scope = 'currency' then m.amount else m.company_amount end * 100000000 as flow_worth,
    m.aging_class = 'due' as is_due,
    m.aging_class <> 'advances'
        or exists (select 1 from control_account c where c.company_id = m.company_id and c.account = m.account) as is_ar,
    m.movement_kind <> 'opening' and coalesce(m.sales_effect, '') in ('sale', 'return', 'price') as is_sale
from end_member b
join close_end e on e.e = b.e
join movements m on m.company_id = b.owner_id and m.customer_id = b.customer_id and m.posting_date <= e.day and m.load_id <= e.load_id
join close_end f on f.e = 'then'
join close_end l on l.e = 'now';

-- what every document adds, line by line: balances compared, flows on their days, what was open on the day it fell due, and for members at
-- rates the rest as fx. collected is the change of what the closes' months settled
create view change_part as
with r as materialized (select * from change_row),
d as materialized (select max(case e when 'then' then day end) as a, max(case e when 'now' then day end) as b from close_end),
-- what is open: late from before all days
m (measure, limit_days) as (values ('open', -99999), ('past_due', 0), ('over_90', 90)),
-- one row a movement and measure, with whether it counted on the first day, on its own and on the last
seen as materialized (
    select r.*, m.measure, case when m.measure = 'open' then is_ar else is_due end as counts,
        days(d.a, due_date) > m.limit_days as on_first, days(posting_date, due_date) > m.limit_days as on_own,
        days(d.b, due_date) > m.limit_days as on_last
    from r join d join m
),
line_of (scope, member_company_id, member_id, at_rates, line, owner_id, document_id, currency, measure, worth) as (
    -- the first balance leaves the member of the time and comes to that of now
    select scope, member_company_id, member_id, at_rates, 'opening', null, null, null, measure, first_worth
    from seen where e = 'then' and counts and on_first
    union all
    select scope, member_company_id, member_id, at_rates,
        case stage when 'known' then 'master_data' when 'flow' then kind_line
            else case when cause in ('new', 'late', 'inferred') then 'back_dated' else 'restated' end end,
        company_id, document_id, currency, measure,
        case when stage = 'flow' then flow_worth when e = 'then' then -first_worth else first_worth end
    from seen where counts and case when stage = 'flow' then on_own else on_first end
    union all
    -- the balance of the evening of the last day on which it was not yet late
    select scope, member_company_id, member_id, at_rates, 'ageing', company_id, document_id, currency, measure, last_worth
    from seen where e = 'now' and counts and on_last and not on_first and not (stage = 'flow' and on_own)
    union all
    -- what is left to the last balance, of members at rates
    select scope, member_company_id, member_id, at_rates, 'fx', company_id, document_id, currency, measure,
        case when on_last then last_worth else 0 end
        - case when stage = 'flow' then case when on_own then flow_worth else 0 end when on_first then first_worth else 0 end
        - case when on_last and not on_first and not (stage = 'flow' and on_own) then last_worth else 0 end
    from seen where e = 'now' and counts and at_rates
)
select scope, member_company_id, member_id, line, owner_id, document_id, currency, measure, worth from line_of
union all
select scope, member_company_id, member_id, kind_line, r.company_id, document_id, currency, 'collected',
    case e when 'then' then first_worth else -last_worth end
from r, d
where is_ar and not is_sale and movement_kind <> 'opening'
    and posting_date >= date(case e when 'then' then a else b end, 'start of month');

-- what the ratios of both closes are made of
create view change_sums as
with r as materialized (select * from change_row),
d as (select e, day, date(day, 'start of month') as month, load_id from close_end),
declared_then as (
    select d.e, k.scope, case k.scope when 'company' then p.company_id else 'group' end as member_company_id,
        case k.scope when 'company' then p.company_id when 'group' then 'group' else p.currency end as member_id,
        p.month as of_month, p.amount,
        case k.scope when 'currency' then 100000000 else last_rate(p.currency, 'MXN', d.day) end as rate,
        case k.scope when 'currency' then 100000000 else last_rate(p.currency, 'MXN', min(date(p.month, '+1 month', '-1 day'), d.day)) end
            as own_rate
    from d
    join period_sales p on p.month <= d.day and p.month >= date(d.month, '-23 months') and p.load_id <= d.load_id
    join (select 'company' as scope union all select 'group' union all select 'currency') k
    join asked a on k.scope = a.grain or (k.scope = 'group' and a.grain = 'company')
),
item (e, scope, member_company_id, member_id, what, month, worth) as (
    select r.e, scope, member_company_id, member_id, w.what, case w.what when 'sales' then date(posting_date, 'start of month') end,
        case when w.what = 'sales' then flow_worth when r.e = 'then' then first_worth else last_worth end
    from r
    join d on d.e = r.e
    join (select 'beginning' as what union all select 'billed' union all select 'current' union all select 'sales') w on case w.what
        when 'beginning' then is_ar and (posting_date < d.month or movement_kind = 'opening')
        when 'billed' then is_ar and is_sale and posting_date >= d.month
        when 'current' then is_due and due_date >= d.day
        else is_sale and posting_date >= date(d.month, '-23 months') end
    union all
    select c.e, scope, member_company_id, member_id, w.what, case w.what when 'sales' then date(of_month, 'start of month') end,
        amount * case w.what when 'sales' then own_rate else rate end
    from declared_then c
    join d on d.e = c.e
    join (select 'billed' as what union all select 'sales') w on w.what = 'sales' or of_month >= d.month
),
summed as (
    select e, scope, member_company_id, member_id, what, month, ratio4(sum(worth), 1000000000000) as amount
    from item group by e, scope, member_company_id, member_id, what, month
)
select s.e, s.scope, s.member_company_id, s.member_id,
    sum(case when what in ('beginning', 'billed') then amount else 0 end) as collectable,
    sum(case what when 'current' then amount else 0 end) as current,
    sum(case when what = 'sales' and s.month >= date(d.month, '-2 months') then amount else 0 end) as sales,
    days(d.day, max(date(d.month, '-2 months'), coalesce(min(case when what = 'sales' and amount <> 0 then s.month end), ''))) + 1 as day_count,
    min(case when what = 'sales' and amount <> 0 then s.month end) > date(d.month, '-2 months') as is_short
from summed s join d on d.e = s.e
group by s.e, s.scope, s.member_company_id, s.member_id;

-- lines of documents in order, with the running totals that they are the steps of
create view change_step as
with o (line, line_order) as (
    values ('opening', 1), ('restated', 2), ('back_dated', 3), ('master_data', 4), ('new_billings', 5), ('collections', 6), ('credits', 7),
        ('write_offs', 8), ('other', 9), ('ageing', 10), ('fx', 11)
),
part as materialized (
    select p.scope, p.member_company_id, p.member_id, o.line_order, o.line, p.owner_id, p.document_id, p.currency,
        sum(case measure when 'open' then worth else 0 end) as open, sum(case measure when 'past_due' then worth else 0 end) as past_due,
        sum(case measure when 'over_90' then worth else 0 end) as over_90,
        sum(case measure when 'collected' then worth else 0 end) as collected
    from change_part p join o on o.line = p.line
    group by p.scope, p.member_company_id, p.member_id, o.line_order, o.line, p.owner_id, p.document_id, p.currency
),
so_far as (
    select *, sum(open) over w as open_run, sum(past_due) over w as past_due_run, sum(over_90) over w as over_90_run,
        sum(collected) over m - sum(collected) over w as collected_rest
    from part
    window m as (partition by scope, member_company_id, member_id),
        w as (partition by scope, member_company_id, member_id order by line_order, owner_id, document_id, currency
            rows between unbounded preceding and current row)
)
select *,
    ratio4(open_run, 1000000000000) as open_after, ratio4(open_run - open, 1000000000000) as open_before,
    ratio4(past_due_run, 1000000000000) as past_due_after, ratio4(past_due_run - past_due, 1000000000000) as past_due_before,
    ratio4(over_90_run, 1000000000000) as over_90_after, ratio4(over_90_run - over_90, 1000000000000) as over_90_before,
    ratio4(collected_rest, 1000000000000) as to_come, ratio4(collected_rest + collected, 1000000000000) as to_come_before
from so_far;

-- both ends of every member's figures
create view change_end as
with who as (
    select scope, member_company_id, member_id from change_step union select scope, member_company_id, member_id from change_sums
)
select w.*,
    coalesce(b.first_open, 0) as first_open, coalesce(b.last_open, 0) as last_open, coalesce(b.first_past_due, 0) as first_past_due,
    coalesce(b.last_past_due, 0) as last_past_due, coalesce(b.first_over_90, 0) as first_over_90, coalesce(b.last_over_90, 0) as last_over_90,
    coalesce(b.more_collected, 0) as more_collected,
    coalesce(f.sales, 0) as first_sales, f.day_count as first_days, coalesce(f.collectable, 0) as first_collectable,
    coalesce(f.collectable - f.current, 0) as first_under, coalesce(f.is_short, 0) as first_is_short,
    coalesce(l.sales, 0) as last_sales, l.day_count as last_days, coalesce(l.collectable, 0) as last_collectable,
    coalesce(l.collectable - l.current, 0) as last_under, coalesce(l.is_short, 0) as last_is_short
from who w
left join (
    select scope, member_company_id, member_id,
        ratio4(sum(case line when 'opening' then open else 0 end), 1000000000000) as first_open, ratio4(sum(open), 1000000000000) as last_open,
        ratio4(sum(case line when 'opening' then past_due else 0 end), 1000000000000) as first_past_due,
        ratio4(sum(past_due), 1000000000000) as last_past_due,
        ratio4(sum(case line when 'opening' then over_90 else 0 end), 1000000000000) as first_over_90,
        ratio4(sum(over_90), 1000000000000) as last_over_90, ratio4(sum(collected), 1000000000000) as more_collected
    from change_step group by scope, member_company_id, member_id
) b on b.scope = w.scope and b.member_company_id = w.member_company_id and b.member_id = w.member_id
left join change_sums f on f.e = 'then' and f.scope = w.scope and f.member_company_id = w.member_company_id and f.member_id = w.member_id
left join change_sums l on l.e = 'now' and l.scope = w.scope and l.member_company_id = w.member_company_id and l.member_id = w.member_id;

-- a document's step of each measure; ratios where they have a value at both ends
create view change_of_document as
with e as materialized (select * from change_end),
s as materialized (select * from change_step where line <> 'opening')
select 'open' as measure, s.scope, s.member_company_id as company_id, s.member_id, s.line_order, s.line, s.owner_id, s.document_id,
    s.currency as document_currency, open_after - open_before as amount, null as days, null as points from s
union all
select 'past_due', scope, member_company_id, member_id, line_order, line, owner_id, document_id, currency, past_due_after - past_due_before,
    null, null from s
union all
select 'over_90', scope, member_company_id, member_id, line_order, line, owner_id, document_id, currency, over_90_after - over_90_before,
    null, null from s
union all
select 'dso', s.scope, s.member_company_id, s.member_id, line_order, line, owner_id, document_id, currency, null,
    ratio4(open_after * last_days, last_sales) - ratio4(open_before * last_days, last_sales), null
from s join e on e.scope = s.scope and e.member_company_id = s.member_company_id and e.member_id = s.member_id
where first_sales > 0 and last_sales > 0
union all
select 'cei', s.scope, s.member_company_id, s.member_id, line_order, line, owner_id, document_id, currency, null, null,
    ratio4(100 * (last_collectable - last_open - to_come), last_under) - ratio4(100 * (last_collectable - last_open - to_come_before), last_under)
from s join e on e.scope = s.scope and e.member_company_id = s.member_company_id and e.member_id = s.member_id
where first_under > 0 and last_under > 0;
