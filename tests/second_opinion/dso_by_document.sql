-- call: '2024-05-31'
-- call: '2024-05-31', 'company', 'net', 'thirty'
-- call: '2024-06-15', 'segment', 'gross', 'thirty'
-- call: '2024-04-20', 'customer', 'net'
-- call: '2024-03-31', 'collector'
-- call: '2024-07-05', 'parent'
-- call: '2024-06-30', 'currency', 'net'
with sold as materialized (select * from sale),
-- one row per open item, with the sales of its document's month
item as materialized (
    select scope, member_company_id as company_id, member_id, aging_class, document_date, date(document_date, 'start of month') as month,
        stock_rate, sum(stock) as stock
    from posted
    where aging_class <> 'advances'
    group by scope, member_company_id, member_id, company_id, account, customer_id, document_id, instalment, document_kind, aging_class,
        document_date, due_date, currency
    having sum(amount) <> 0 or sum(company_amount) <> 0
),
monthly as (
    select i.scope, i.company_id, i.member_id, i.month,
        case :month_days when 'thirty' then 30 else days(min(:as_of, date(i.month, '+1 month', '-1 day')), i.month) + 1 end as day_count,
        worth(case when i.aging_class = 'unapplied' then 0 else i.stock end, i.stock_rate) as open,
        worth(case when i.aging_class = 'unapplied' then 0 else i.stock * days(:as_of, i.document_date) end, i.stock_rate) as aged,
        coalesce((select s.amount from sold s where s.scope = i.scope and s.member_company_id = i.company_id
            and s.member_id = i.member_id and s.month = i.month), 0) as sales
    from item i
    group by i.scope, i.company_id, i.member_id, i.month
),
total as (
    select scope, company_id, member_id,
        worth(case when aging_class = 'unapplied' then 0 else stock end, stock_rate) as open_amount,
        worth(case when aging_class = 'unapplied' then stock else 0 end, stock_rate) as unapplied_amount
    from item
    group by scope, company_id, member_id
)
select t.scope, t.company_id, t.member_id, t.open_amount, t.unapplied_amount,
    sum(case when m.sales > 0 then 0 else m.open end) as open_without_sales_amount,
    sum(case when m.sales > 0 then ratio4(m.open * m.day_count, m.sales) end) as dso_sales_weighted_days,
    sum(case when m.sales > 0 then ratio4(m.aged, m.sales) end) as dso_true_days,
    nullif(substr(
        case when max(m.sales) > 0 then '' else '; no_sales' end
        || case when sum(case when m.sales > 0 then 0 else m.open end) <> 0 then '; month_without_sales' else '' end,
    3), '') as reason
from total t
join monthly m on m.scope = t.scope and m.company_id = t.company_id and m.member_id = t.member_id
group by t.scope, t.company_id, t.member_id
