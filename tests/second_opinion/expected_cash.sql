-- call: '2024-05-31'
-- call: '2024-03-01', 'customer', 'month', 3
-- call: '2024-02-20', 'segment'
-- call: '2024-04-04', 'currency', 'week', 5
-- call: '2024-02-12', 'collector', 'month', 6
-- call: '2024-03-15', 'parent', 'week', 1
-- call: '2024-07-05', 'group', 'month', 13
-- each open debit is cut: what is disputed, what promises cover (of the customer in the currency, first due first), the rest. No promise
-- names a document here; a dispute in another currency holds back the document whole. Money in ten-thousandths of a hundredth
with item as materialized (
    select company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency,
        sum(amount) as open, sum(company_amount) as booked
    from movements
    where posting_date <= :as_of and aging_class = 'due'
    group by company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency
    having sum(amount) > 0
),
claimed as (
    select i.*, (select sum(case when d.currency = i.currency then d.amount else 1000000000000 end) from disputes d
            where d.company_id = i.company_id and d.document_id = i.document_id and d.opened_date <= :as_of
                and coalesce(d.closed_date, '9999') > :as_of) as claim,
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
    from promise_kept p
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
payment as materialized (
    select company_id, customer_id, days(max(posting_date) filter (where effect <> 'undo'), due_date) as late
    from movements
    where posting_date > date(:as_of, '-12 months') and posting_date <= :as_of and aging_class = 'due'
        and movement_kind in ('apply_receipt', 'cash')
    group by company_id, customer_id, document_id, instalment, due_date, counter_document_id, movement_kind
    having sum(amount) < 0
),
habit as materialized (
    select company_id, customer_id, avg(late) as median
    from (
        select company_id, customer_id, late, row_number() over w as n, count(*) over (partition by company_id, customer_id) as c
        from (select company_id, customer_id, late from payment union all select company_id, '*', late from payment)
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
placed as (
    select p.*, i.open, i.booked,
        case when p.expected is null then :periods + 2 when p.expected <= :as_of then 0
            when :period = 'week' then min((days(p.expected, :as_of) + 6) / 7, :periods + 1)
            else min(12 * (substr(p.expected, 1, 4) - substr(date(:as_of, '+1 day'), 1, 4))
                + substr(p.expected, 6, 2) - substr(date(:as_of, '+1 day'), 6, 2) + 1, :periods + 1) end as period_order
    from part p
    join item i on i.company_id = p.company_id and i.account is p.account and i.customer_id = p.customer_id
        and i.document_id = p.document_id
        and i.instalment = p.instalment and i.document_kind = p.document_kind and i.document_date = p.document_date
            and i.due_date = p.due_date
        and i.currency = p.currency
    where p.part > 0
),
valued as (
    select b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, p.period_order, p.is_promised,
        p.company_id || ' ' || p.document_id || '/' || p.instalment as one,
        case when b.is_booked then ratio4(p.booked * p.part, p.open) when b.scope = 'currency' then p.part * 10000
            else p.part * (last_rate(p.currency, 'MXN', :as_of) / 10000) end as value
    from placed p
    join member b on b.owner_id = p.company_id and b.customer_id = p.customer_id
)
select scope, company_id, member_id, period_order, count(distinct one) as items, ratio4(sum(value), 100000000) as open_amount,
    case when period_order = :periods + 2 then 0 else ratio4(sum(value), 100000000) end as expected_amount,
    coalesce(ratio4(sum(value) filter (where is_promised), 100000000), 0) as promised_amount,
    case period_order when 0 then 'passed' when :periods + 1 then 'later' when :periods + 2 then 'disputed' else :period end as bucket,
    case when period_order in (0, :periods + 2) then null when :period = 'week' then date(:as_of,
        '+' || (period_order * 7 - 6) || ' days')
        when period_order = 1 then date(:as_of, '+1 day')
        else date(:as_of, '+1 day', 'start of month', '+' || (period_order - 1) || ' months') end as period_start,
    case when period_order = 0 then :as_of when period_order > :periods then null
        when :period = 'week' then date(:as_of, '+' || (period_order * 7) || ' days')
        else date(:as_of, '+1 day', 'start of month', '+' || period_order || ' months', '-1 day') end as period_end
from valued
group by scope, company_id, member_id, period_order
