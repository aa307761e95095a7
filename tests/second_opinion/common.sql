-- What the references share: whom a grain puts where, and what every movement is worth to a member. `argument` holds the call's
-- arguments by name; the day asked for is as_of, or the last of a period.
create table argument (name text primary key, value);

create view asked as
select
    coalesce((select value from argument where name = 'as_of'), (select value from argument where name = 'to')) as day,
    (select value from argument where name = 'from') as first_day,
    coalesce((select value from argument where name = 'grain'), 'company') as grain;

-- every customer with a movement up to the day, with what its newest version up to the day says
create view known_customer as
select p.company_id, p.customer_id, k.name, k.segment, k.collector_id, k.parent_customer_id, k.credit_limit, k.credit_currency, k.status,
    k.counterparty_company_id is not null as is_own_company
from (select distinct company_id, customer_id from movements, asked where posting_date <= day) p
left join customers k on k.company_id = p.company_id and k.customer_id = p.customer_id and coalesce(k.valid_from, '') = (
    select max(coalesce(v.valid_from, '')) from customers v, asked a
    where v.company_id = p.company_id and v.customer_id = p.customer_id and coalesce(v.valid_from, '') <= a.day);

-- a customer's member under the grain asked for; company rows and the group's for `company`. member_id is null by currency
create view member as
select company_id as owner_id, customer_id, 'company' as scope, company_id, company_id as member_id, 1 as is_booked
from known_customer, asked where grain = 'company'
union all
select company_id, customer_id, 'group', 'group', 'group', 0 from known_customer, asked
where grain in ('company', 'group') and not is_own_company
union all
select company_id, customer_id, 'customer', company_id, customer_id, 1 from known_customer, asked where grain = 'customer'
union all
select company_id, customer_id, 'parent', company_id, coalesce(parent_customer_id, customer_id), 1 from known_customer, asked
where grain = 'parent'
union all
select company_id, customer_id, 'segment', 'group', coalesce(segment, '(none)'), 0 from known_customer, asked
where grain = 'segment' and not is_own_company
union all
select company_id, customer_id, 'collector', 'group', coalesce(collector_id, '(none)'), 0 from known_customer, asked
where grain = 'collector' and not is_own_company
union all
select company_id, customer_id, 'currency', 'group', null, 0 from known_customer, asked where grain = 'currency' and not is_own_company;

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
