-- call: '2024-03-01', '2024-05-31'
-- call: '2024-02-10', '2024-06-15', 'customer'
-- call: '2024-04-01', '2024-05-31', 'segment'
-- call: '2024-01-01', '2024-07-05', 'currency'
-- call: '2024-05-01', '2024-05-20', 'collector'
-- call: '2024-02-01', '2024-04-30', 'parent'
-- balances from the documents, at the rates of each month end and of the last day; sales as booked, and the documents at the rates of the
-- last day. In units of 1e-8
with own as (
    select *, case when scope = 'currency' then 100000000 else last_rate(currency, 'MXN', :to) end as last from posted
),
open as (
    select p.day, o.scope, o.member_company_id as company_id, o.member_id,
        sum(o.amount * ((case when o.scope = 'currency' then 100000000 else last_rate(o.currency, 'MXN', p.day) end) / 100)) as open,
        sum(o.amount * (o.last / 100)) as open_constant
    from point p
    join own o on o.posting_date <= p.day and o.is_ar
    group by p.day, o.scope, o.member_company_id, o.member_id
),
each (day, scope, company_id, member_id, sales, sales_constant) as (
    select p.day, o.scope, o.member_company_id, o.member_id, o.flow * (o.flow_rate / 100), o.amount * (o.last / 100)
    from point p
    join own o on o.posting_date between p.month and p.day and o.movement_kind = o.document_kind and o.sales_effect in ('sale', 'return',
        'price')
    union all
    select p.day, d.scope, d.member_company_id, d.member_id, d.flow * (d.flow_rate / 100),
        d.flow * ((case when d.scope = 'currency' then 100000000 else last_rate(d.currency, 'MXN', :to) end) / 100)
    from point p
    join declared d on d.month = p.month
),
sold as (
    select day, scope, company_id, member_id, sum(sales) as sales, sum(sales_constant) as sales_constant
    from each group by day, scope, company_id, member_id
),
seen as (
    select day, scope, company_id, member_id from open union select day, scope, company_id, member_id from sold
)
select s.day as month_end, s.scope, s.company_id, s.member_id,
    ratio4(coalesce(o.open, 0), 10000000000) as open_amount, ratio4(coalesce(o.open_constant, 0), 10000000000) as open_constant_amount,
    ratio4(coalesce(o.open - o.open_constant, 0), 10000000000) as open_effect_amount,
    ratio4(coalesce(x.sales, 0), 10000000000) as sales_amount, ratio4(coalesce(x.sales_constant, 0),
        10000000000) as sales_constant_amount,
    ratio4(coalesce(x.sales - x.sales_constant, 0), 10000000000) as sales_effect_amount
from seen s
left join open o on o.day = s.day and o.scope = s.scope and o.company_id = s.company_id and o.member_id = s.member_id
left join sold x on x.day = s.day and x.scope = s.scope and x.company_id = s.company_id and x.member_id = s.member_id
