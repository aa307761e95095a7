-- call: '2024-03-01', '2024-05-31'
-- call: '2024-04-16', '2024-06-12', 'customer'
-- call: '2024-02-20', '2024-03-05', 'currency'
-- call: '2024-05-02', '2024-07-05', 'collector'
-- call: '2024-05-10', '2024-05-12', 'group'
-- call: '2024-04-01', '2024-06-30', 'segment'
-- the forecast of the day before, worked as in the reference of expected_cash from customers, promises and items of that day; beside it the
-- cash of `posted`
with recursive
then_day as (select date(:from, '-1 day') as day),
who_then as (
    select p.company_id, p.customer_id, max(p.is_posted) as is_posted, k.name, k.segment, k.collector_id, k.parent_customer_id,
        k.credit_limit, k.credit_currency, k.status, k.counterparty_company_id is not null as is_own_company
    from (
        select distinct company_id, customer_id, 1 as is_posted from movements, then_day where posting_date <= day
        union all
        select distinct company_id, customer_id, 0 from customers, then_day where coalesce(valid_from, '') <= day
    ) p
    left join customers k on k.company_id = p.company_id and k.customer_id = p.customer_id and coalesce(k.valid_from, '') = (
        select max(coalesce(v.valid_from, '')) from customers v, then_day a
        where v.company_id = p.company_id and v.customer_id = p.customer_id and coalesce(v.valid_from, '') <= a.day)
    group by p.company_id, p.customer_id
),
member_then as (
    select k.company_id as owner_id, k.customer_id, g.column1 as scope,
        case when g.column2 then k.company_id else 'group' end as company_id,
        case g.column1 when 'company' then k.company_id when 'group' then 'group' when 'customer' then k.customer_id
            when 'parent' then coalesce(k.parent_customer_id, k.customer_id) when 'segment' then coalesce(k.segment, '(none)')
            when 'collector' then coalesce(k.collector_id, '(none)') end as member_id,
        g.column2 as is_booked
    from who_then k
    join (values ('company', 1), ('group', 0), ('customer', 1), ('parent', 1), ('segment', 0), ('collector', 0), ('currency', 0)) g
        on g.column1 = :grain or (g.column1 = 'group' and :grain = 'company')
    where k.is_posted and (g.column2 or not k.is_own_company)
),
receipt_day as (
    select m.company_id, m.customer_id, m.currency, m.document_id, m.posting_date, -sum(m.amount) as amount
    from movements m, then_day a
    where m.movement_kind = 'receipt' and m.effect <> 'undo' and m.posting_date <= a.day
    group by m.company_id, m.customer_id, m.currency, m.document_id, m.posting_date
),
cash as (
    select r.company_id, r.customer_id, r.currency, min(case when r.amount <> 0 then r.posting_date end) as day,
        sum(r.amount) - coalesce((select sum(u.amount) from movements u, then_day a where u.movement_kind = 'receipt' and u.effect = 'undo'
            and u.posting_date <= a.day and u.company_id = r.company_id and u.customer_id = r.customer_id and u.currency = r.currency
            and u.document_id = r.document_id), 0) as amount
    from receipt_day r
    group by r.company_id, r.customer_id, r.currency, r.document_id
    union all
    select m.company_id, m.customer_id, m.currency, m.posting_date, -sum(m.amount)
    from movements m, then_day a
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
    from promises p, then_day a
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
),
kept_then as (
    select t.company_id, t.promise_id, t.customer_id, t.collector_id, t.currency, t.promise_date, date(t.last_day, '+1 day') as resolved_date,
        t.amount, t.amount - min(w.lack) as kept_amount,
        case when t.is_cancelled then 'cancelled' when t.last_day >= a.day then 'open' when min(w.lack) = 0 then 'kept' else 'broken' end
            as state
    from taken t
    join then_day a
    join turn w on w.company_id = t.company_id and w.customer_id = t.customer_id and w.currency = t.currency and w.place = t.place
    group by t.company_id, t.promise_id
),
item as materialized (
    select company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency,
        sum(amount) as open, sum(company_amount) as booked
    from movements
    where posting_date <= (select day from then_day) and aging_class = 'due'
    group by company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency
    having sum(amount) > 0
),
claimed as (
    select i.*, (select sum(case when d.currency = i.currency then d.amount else 1000000000000 end) from disputes d
            where d.company_id = i.company_id and d.document_id = i.document_id and d.opened_date <= (select day from then_day)
                and coalesce(d.closed_date, '9999') > (select day from then_day)) as claim,
        (select coalesce(sum(b.open), 0) from item b where b.company_id = i.company_id and b.document_id = i.document_id
            and (b.due_date, b.instalment, b.account, b.customer_id, b.document_date) < (i.due_date, i.instalment, i.account,
                i.customer_id, i.document_date))
            as before
    from item i
),
held as materialized (select *, coalesce(max(min(claim - before, open), 0), 0) as disputed from claimed),
free as materialized (
    select h.*, (select coalesce(sum(b.open - b.disputed), 0) from held b where b.company_id = h.company_id
        and b.customer_id = h.customer_id
            and b.currency = h.currency and (b.due_date, b.document_id, b.instalment, b.account, b.document_date)
                < (h.due_date, h.document_id, h.instalment, h.account, h.document_date)) as free_from
    from held h
),
word as materialized (
    select p.company_id, p.customer_id, p.currency, p.promise_id, p.promise_date, p.amount - p.kept_amount as rest
    from kept_then p
    where p.state = 'open' and p.amount > p.kept_amount
),
said as materialized (
    select w.*, (select coalesce(sum(b.rest), 0) from word b where b.company_id = w.company_id and b.customer_id = w.customer_id
        and b.currency = w.currency and (b.promise_date, b.promise_id) < (w.promise_date, w.promise_id)) as word_from
    from word w
),
covered as materialized (
    select f.company_id, f.account, f.customer_id, f.document_id, f.instalment, f.document_kind, f.document_date, f.due_date, f.currency,
        s.promise_date,
        min(f.free_from + f.open - f.disputed, s.word_from + s.rest) - max(f.free_from, s.word_from) as part
    from free f
    join said s on s.company_id = f.company_id and s.customer_id = f.customer_id and s.currency = f.currency
        and s.word_from < f.free_from + f.open - f.disputed and s.word_from + s.rest > f.free_from
),
-- what of one receipt stands on one item, paid in the last 12 months
payment_then as materialized (
    select company_id, customer_id, days(max(posting_date) filter (where effect <> 'undo'), due_date) as late
    from movements
    where posting_date > date((select day from then_day), '-12 months') and posting_date <= (select day from then_day) and aging_class = 'due'
        and movement_kind in ('apply_receipt', 'cash')
    group by company_id, customer_id, document_id, instalment, due_date, counter_document_id, movement_kind
    having sum(amount) < 0
),
habit as materialized (
    select company_id, customer_id, avg(late) as median
    from (
        select company_id, customer_id, late, row_number() over w as n, count(*) over (partition by company_id, customer_id) as c
        from (select company_id, customer_id, late from payment_then union all select company_id, '*', late from payment_then)
        window w as (partition by company_id, customer_id order by late)
    )
    where n in ((c + 1) / 2, (c + 2) / 2)
    group by company_id, customer_id
),
part (company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency, is_promised, expected,
    part) as (
    select company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency, 0, null, disputed
    from held where disputed > 0
    union all
    select company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency, 1, promise_date,
        part
    from covered
    union all
    select f.company_id, f.account, f.customer_id, f.document_id, f.instalment, f.document_kind, f.document_date, f.due_date, f.currency,
        0,
        date(f.due_date, round(coalesce(
            (select median from habit h where h.company_id = f.company_id and h.customer_id = f.customer_id),
            (select median from habit h where h.company_id = f.company_id and h.customer_id = '*'), 0)) || ' days'),
        f.open - f.disputed - coalesce((select sum(c.part) from covered c where c.company_id = f.company_id and c.account is f.account
            and c.customer_id = f.customer_id and c.document_id = f.document_id and c.instalment = f.instalment
            and c.document_kind = f.document_kind and c.document_date = f.document_date and c.due_date = f.due_date
                and c.currency = f.currency), 0)
    from free f
),

-- in ten-thousandths of a cent
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id,
        case when p.expected < :from then 0 else days(p.expected, :from) / 7 + 1 end as week_order,
        case when b.is_booked then ratio4(i.booked * p.part, i.open) when b.scope = 'currency' then p.part * 10000
            else p.part * (last_rate(p.currency, 'MXN', (select day from then_day)) / 10000) end as expected, 0 as came
    from part p
    join item i on i.company_id = p.company_id and i.account is p.account and i.customer_id = p.customer_id
        and i.document_id = p.document_id and i.instalment = p.instalment and i.document_kind = p.document_kind
        and i.document_date = p.document_date and i.due_date = p.due_date and i.currency = p.currency
    join member_then b on b.owner_id = p.company_id and b.customer_id = p.customer_id
    where p.part > 0 and p.expected <= :to
    union all
    select scope, member_company_id, member_id, days(posting_date, :from) / 7 + 1, 0, -flow
    from posted
    where posting_date >= :from and movement_kind in ('receipt', 'cash', 'apply_receipt')
),
week (week_order, week_start, week_end) as (
    select 0, null, date(:from, '-1 day')
    union all
    select week_order + 1, date(week_end, '+1 day'), min(date(week_end, '+7 days'), :to) from week where week_end < :to
),
figure as (
    select w.scope, w.company_id, w.member_id, k.week_order, k.week_start, k.week_end,
        (select coalesce(sum(v.expected), 0) from valued v where v.scope = w.scope and v.company_id = w.company_id
            and v.member_id = w.member_id and v.week_order = k.week_order) as expected,
        (select coalesce(sum(v.came), 0) from valued v where v.scope = w.scope and v.company_id = w.company_id
            and v.member_id = w.member_id and v.week_order = k.week_order) * 10000 as came
    from (select distinct scope, company_id, member_id from valued) w
    join week k
),
run as (
    select f.*,
        sum(expected - came) filter (where week_order > 0) over w as bias,
        sum(abs(expected - came)) filter (where week_order > 0) over w as wrong,
        sum(came) over w as all_came
    from figure f
    window w as (partition by scope, company_id, member_id order by week_order)
)
select scope, company_id, member_id, week_order, week_start, week_end, ratio4(expected, 100000000) as forecast_amount,
    ratio4(came, 100000000) as actual_amount,
    case when week_order > 0 then ratio4(expected - came, 100000000) end as error_amount,
    case when week_order > 0 and all_came > 0 then ratio4(bias, all_came) end as bias_ratio,
    case when week_order > 0 and all_came > 0 then ratio4(wrong, all_came) end as wape_ratio,
    case when week_order = 0 then 'expected_before' when all_came <= 0 then 'no_receipts' end as reason
from run
