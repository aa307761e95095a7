-- call: '2024-05-31'
-- call: '2024-05-31', 'customer', 'due_date', '30,60,90', 'fifo'
-- call: '2024-06-15', 'segment', 'document_date', '60,15,30', 'fifo'
-- call: '2024-04-20', 'company', 'document_date', '45', 'aged'
-- call: '2024-05-31', 'collector', 'due_date', '7,14,28,56,112', 'aged'
-- call: '2024-07-05', 'parent', 'document_date', '30,60,90', 'fifo'
-- call: '2024-06-30', 'currency', 'due_date', '10,100', 'fifo'
-- call: '2024-03-31', 'group', 'document_date', '30,60,90', 'apart'
-- amounts below are in units of 1e-8, so that a share is taken before anything is rounded
with recursive
edge as (
    select distinct value as last_day from json_each('[' || :limits || ']')
    union
    select 0 where :by_day = 'due_date'
),
bucket as materialized (
    select row_number() over (order by last_day) as bucket_order, 'due' as aging_class, last_day,
        case
            when last_day = (select min(last_day) from edge) then case :by_day when 'due_date' then 'current' else '0-' || last_day end
            else (select max(e.last_day) + 1 from edge e where e.last_day < o.last_day) || '-' || last_day
        end as bucket
    from edge o
    union all
    select count(*) + 1, 'due', 1e9, 'over ' || max(last_day) from edge
    union all
    select count(*) + 1 + column1, column2, null, column2 from edge
    join (values (1, 'unapplied'), (2, 'credits'), (3, 'advances')) group by column1, column2
),
item as materialized (
    select scope, member_company_id, member_id, aging_class, document_id, instalment, account, due_date,
        scope || '|' || member_company_id || '|' || member_id || '|' || company_id || '|' || customer_id || '|' || currency as pot,
        case :by_day when 'due_date' then due_date else document_date end as day,
        sum(stock) * (stock_rate / 100) as amount
    from posted
    group by scope, member_company_id, member_id, company_id, account, customer_id, document_id, instalment, document_kind, aging_class,
        document_date, due_date, currency
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
-- only a debit takes credits and only a credit is laid, neither beyond nothing; each side in a queue, the oldest first
queued as materialized (
    select *, row_number() over (
            partition by pot, side order by day, document_id, instalment, account, due_date) as place
    from (
        select *,
            case
                when :credits <> 'fifo' then null
                when aging_class = 'due' and amount > 0 then 'debit'
                when aging_class in ('credits', 'unapplied') and amount < 0 then 'credit'
            end as side
        from item
    )
),
side as materialized (
    select pot, side, sum(abs(amount)) as amount from queued where side is not null group by pot, side
),
-- what the other side still has to lay, item by item
walk (pot, side, place, rest, taken) as (
    select a.pot, a.side, 0, b.amount, 0 from side a join side b on b.pot = a.pot and b.side <> a.side
    union all
    select w.pot, w.side, q.place, w.rest - min(w.rest, abs(q.amount)), min(w.rest, abs(q.amount))
    from walk w
    join queued q on q.pot = w.pot and q.side = w.side and q.place = w.place + 1
),
laid as materialized (
    select q.scope, q.member_company_id, q.member_id,
        q.amount - coalesce(case q.side when 'debit' then w.taken else -w.taken end, 0) as amount,
        case when :credits = 'aged' and q.aging_class in ('credits', 'unapplied') then 'due' else q.aging_class end as aging_class,
        days(:as_of, q.day) as age
    from queued q
    left join walk w on w.pot = q.pot and w.side = q.side and w.place = q.place
),
aged as materialized (
    select l.*, (select min(b.bucket_order) from bucket b
        where b.aging_class = l.aging_class and (l.aging_class <> 'due' or l.age <= b.last_day)) as bucket_order
    from laid l
),
debit as materialized (
    select scope, member_company_id, member_id, sum(case aging_class when 'due' then amount else 0 end) as debits
    from aged
    group by scope, member_company_id, member_id
)
select d.scope, d.member_company_id as company_id, d.member_id, b.bucket_order, b.bucket,
    coalesce(ratio4(sum(a.amount), 10000000000), 0) as open_amount,
    case when d.debits > 0 then ratio4(100 * coalesce(sum(a.amount), 0), d.debits) end as share_pct,
    count(*) filter (where a.amount <> 0) as item_count
from debit d
cross join bucket b
left join aged a on a.scope = d.scope and a.member_company_id = d.member_company_id and a.member_id = d.member_id
    and a.bucket_order = b.bucket_order
group by d.scope, d.member_company_id, d.member_id, b.bucket_order, b.bucket
