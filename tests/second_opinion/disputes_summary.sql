-- call: '2024-03-01', '2024-05-31'
-- call: '2024-02-01', '2024-06-15', 'customer'
-- call: '2024-06-01', '2024-06-30', 'segment', 'resolved'
-- call: '2024-01-01', '2024-07-05', 'currency', 'incurred', 5
-- call: '2024-05-16', '2024-06-20', 'collector', 'resolved', 30
-- call: '2024-04-01', '2024-04-30', 'parent'
-- disputes are in pesos here; credited in ten-thousandths of a hundredth. A document's own rows are of its kind, or move it from one
-- customer to another
with recursive
own_row as materialized (
    select m.company_id, m.document_id, m.customer_id, m.currency, sum(m.amount) as amount, sum(m.company_amount) as company_amount
    from movements m
    where m.posting_date <= :to and m.movement_kind in (m.document_kind, 'reclass') and m.source_table = 'documents'
        and m.effect <> 'undo'
    group by m.company_id, m.document_id, m.customer_id, m.currency
),
raised as materialized (
    select d.company_id, d.dispute_id, d.document_id, d.opened_date, case when d.closed_date <= :to then d.closed_date end as closed_date,
        d.amount, o.customer_id,
        case when o.currency = d.currency then d.amount else (select sum(amount) from own_row w where w.company_id = d.company_id
            and w.document_id = d.document_id and w.currency = o.currency) end as claim
    from disputes d
    join own_row o on o.company_id = d.company_id and o.document_id = d.document_id and o.amount <> 0
    where d.opened_date <= :to
),
-- the disputes of a document in the order they were closed, and its credits day by day: what is left of each goes to the first
line as materialized (
    select *, row_number() over (partition by company_id, document_id order by closed_date, opened_date, dispute_id) as place
    from raised where closed_date is not null
),
credit as materialized (
    select company_id, document_id, posting_date, -sum(amount) as amount,
        row_number() over (partition by company_id, document_id order by posting_date) as n
    from movements
    where movement_kind in ('apply_credit', 'discount') and posting_date <= :to
    group by company_id, document_id, posting_date
),
turn (company_id, document_id, place, n, lack, purse) as (
    select l.company_id, l.document_id, 1, 0, l.claim, (select json_group_array(c.amount) from (select amount from credit c
        where c.company_id = l.company_id and c.document_id = l.document_id order by n) c)
    from line l where l.place = 1
    union all
    select l.company_id, l.document_id, l.place, coalesce(c.n, 0),
        case when c.n is null then l.claim when c.posting_date between l.opened_date and date(l.closed_date,
            '+' || :credit_days || ' days')
            then w.lack - min(w.lack, json_extract(w.purse, '$[' || (c.n - 1) || ']')) else w.lack end,
        case when c.posting_date between l.opened_date and date(l.closed_date, '+' || :credit_days || ' days')
            then json_set(w.purse, '$[' || (c.n - 1) || ']', json_extract(w.purse, '$[' || (c.n - 1) || ']')
                - min(w.lack, json_extract(w.purse, '$[' || (c.n - 1) || ']'))) else w.purse end
    from turn w
    join line l on l.company_id = w.company_id and l.document_id = w.document_id
    left join credit c on c.company_id = w.company_id and c.document_id = w.document_id and c.n = w.n + 1
    where l.place = w.place + (c.n is null)
),
credited as materialized (
    select l.company_id, l.dispute_id, max(l.claim - t.lack, 0) as amount, max(t.n)
    from line l
    join turn t on t.company_id = l.company_id and t.document_id = l.document_id and t.place = l.place
    group by l.company_id, l.dispute_id
),
of_member as materialized (
    select b.scope, b.company_id, coalesce(b.member_id, 'MXN') as member_id, r.company_id as owner_id, r.document_id, r.opened_date,
        r.closed_date, r.amount, coalesce(ratio4(c.amount * r.amount, r.claim), 0) as credited
    from raised r
    join anyone b on b.owner_id = r.company_id and b.customer_id = r.customer_id
    left join credited c on c.company_id = r.company_id and c.dispute_id = r.dispute_id
),
told as (
    select scope, company_id, member_id,
        count(*) filter (where opened_date >= :from) as opened, coalesce(sum(amount) filter (where opened_date >= :from),
            0) as opened_amount,
        count(distinct owner_id || ' ' || document_id) filter (where opened_date >= :from) as disputed_invoices,
        count(*) filter (where closed_date is null) as open,
        coalesce(sum(days(:to, opened_date)) filter (where closed_date is null), 0) as open_days,
        max(days(:to, opened_date)) filter (where closed_date is null) as oldest_open_days,
        count(*) filter (where closed_date >= :from) as resolved, coalesce(sum(amount) filter (where closed_date >= :from),
            0) as resolved_amount,
        coalesce(sum(credited) filter (where closed_date >= :from), 0) as credited,
        coalesce(sum(days(closed_date, opened_date)) filter (where closed_date >= :from), 0) as cycle_days,
        coalesce(sum(amount) filter (where days(:to, case :denominator when 'incurred' then opened_date else closed_date end) < 90),
            0) as ninety
    from of_member
    group by scope, company_id, member_id
),
-- open debits by document, in units of 1e-8; a claim takes at most what is open
item as materialized (
    select p.scope, p.member_company_id as company_id, p.member_id, p.company_id as owner_id, p.customer_id, p.document_id, p.currency,
        sum(p.amount) as open, sum(p.stock * (p.stock_rate / 100)) as value
    from posted p
    where p.aging_class = 'due'
    group by p.scope, p.member_company_id, p.member_id, p.company_id, p.account, p.customer_id, p.document_id, p.instalment,
        p.document_kind, p.document_date, p.due_date, p.currency
    having sum(p.amount) <> 0 or sum(p.company_amount) <> 0
),
debit as (
    select scope, company_id, member_id, owner_id, document_id, currency, sum(open) as open, sum(value) as value
    from item
    group by scope, company_id, member_id, owner_id, customer_id, document_id, currency
),
claimed as (
    select e.*, (select sum(case when d.currency = e.currency then d.amount else e.open end)
        from disputes d where d.company_id = e.owner_id
        and d.document_id = e.document_id and d.opened_date <= :to and coalesce(d.closed_date, '9999') > :to) as claim
    from debit e
),
stood as (
    select scope, company_id, member_id, sum(value) as gross,
        sum(case when open <= 0 or claim is null then 0 when claim >= open then value else ratio4(ratio4(value / 1000 * claim, open),
            100000)
            end) as disputed
    from claimed
    group by scope, company_id, member_id
),
sold (scope, company_id, member_id, owner_id, document_id, is_invoice, amount, document_amount) as (
    select scope, member_company_id, member_id, company_id, document_id, document_kind = 'invoice', flow, amount
    from posted
    where posting_date >= :from and movement_kind = document_kind and sales_effect in ('sale', 'return', 'price')
    union all
    select scope, member_company_id, member_id, null, null, 0, ratio4(flow * flow_rate, 1000000000000), 0 from declared
    where month >= date(:from, 'start of month')
),
sale_of as (
    select scope, company_id, member_id, sum(amount) as sales_amount, sum(invoices) as invoices
    from (
        select scope, company_id, member_id, sum(amount) as amount, max(is_invoice) and sum(document_amount) > 0 as invoices
        from sold group by scope, company_id, member_id, owner_id, document_id
    )
    group by scope, company_id, member_id
),
seen as (
    select scope, company_id, member_id from told union select scope, company_id, member_id from stood
    union select scope, company_id, member_id from sale_of
),
figure as (
    select s.scope, s.company_id, s.member_id, coalesce(t.opened, 0) as opened, coalesce(t.opened_amount, 0) as opened_amount,
        coalesce(x.sales_amount, 0) as sales_amount, coalesce(t.disputed_invoices, 0) as disputed_invoices, coalesce(x.invoices,
            0) as invoices,
        coalesce(o.gross, 0) as gross, coalesce(o.disputed, 0) as disputed, coalesce(t.open, 0) as open, t.open_days, t.oldest_open_days,
        coalesce(t.resolved, 0) as resolved, coalesce(t.resolved_amount, 0) as resolved_amount, coalesce(t.credited, 0) as credited,
        t.cycle_days, coalesce(t.ninety, 0) as ninety
    from seen s
    left join told t on t.scope = s.scope and t.company_id = s.company_id and t.member_id = s.member_id
    left join stood o on o.scope = s.scope and o.company_id = s.company_id and o.member_id = s.member_id
    left join sale_of x on x.scope = s.scope and x.company_id = s.company_id and x.member_id = s.member_id
)
select scope, company_id, member_id, opened, opened_amount, sales_amount, disputed_invoices, invoices, open, oldest_open_days, resolved,
    resolved_amount, ratio4(credited, 100000000) as credited_amount,
    ratio4(10000 * resolved_amount - credited, 100000000) as upheld_amount,
    ratio4(gross, 10000000000) as gross_amount, ratio4(disputed, 10000000000) as disputed_amount,
    ratio4(gross - disputed, 10000000000) as collectable_amount,
    case when sales_amount > 0 then ratio4(100 * opened_amount, sales_amount) end as dispute_rate_pct,
    ratio4(100 * disputed_invoices, invoices) as dispute_rate_count_pct,
    case when gross > 0 then ratio4(disputed, gross / 100) end as disputed_share_pct, ratio4(open_days, open) as open_age_days,
    ratio4(10000 * resolved_amount - credited, 100 * resolved_amount) as upheld_pct,
    ratio4(credited, 100 * resolved_amount) as credited_pct,
    ratio4(cycle_days, resolved) as cycle_mean_days, ratio4(90 * disputed, ninety * 1000000) as ddo_days
from figure
