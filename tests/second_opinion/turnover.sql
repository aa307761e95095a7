-- call: '2024-05-31'
-- call: '2025-03-31'
-- call: '2025-05-10', 'segment', 'net'
-- call: '2025-04-30', 'customer'
-- call: '2024-07-05', 'parent', 'net'
-- call: '2025-01-31', 'collector'
-- call: '2025-02-28', 'currency'
with recursive
year (day, month) as (
    select :as_of, date(:as_of, 'start of month')
    union all
    select date(month, '-1 day'), date(month, '-1 month') from year where month > date(:as_of, 'start of month', '-12 months')
),
-- each month end in whole hundredths, at the closing rate of that day
stood as materialized (
    select m.scope, m.member_company_id as company_id, m.member_id, y.day, y.month,
        worth(m.stock, case when m.scope in ('group', 'segment', 'collector') then last_rate(m.currency, 'MXN', y.day) else 100000000 end)
            as open
    from year y
    join posted m on m.posting_date <= y.day and m.is_ar
    group by m.scope, m.member_company_id, m.member_id, y.day, y.month
),
sold as materialized (select * from sale),
asked_of as (
    select s.scope, s.company_id, s.member_id, s.open,
        coalesce((select b.open from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
            and b.month = date(:as_of, 'start of month', '-1 month')), 0) as beginning,
        coalesce((select b.open from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
            and b.month = date(:as_of, 'start of month', '-12 months')), 0) as year_beginning,
        (select sum(b.open) from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id
            and b.month >= date(:as_of, 'start of month', '-2 months')) as open_3,
        (select sum(b.open) from stood b where b.scope = s.scope and b.company_id = s.company_id and b.member_id = s.member_id)
            as open_13,
        coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
            and m.member_id = s.member_id and m.month = s.month), 0) as sales_1,
        coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
            and m.member_id = s.member_id and m.month >= date(s.month, '-2 months')), 0) as sales_3,
        coalesce((select sum(m.amount) from sold m where m.scope = s.scope and m.member_company_id = s.company_id
            and m.member_id = s.member_id and m.month >= date(s.month, '-11 months')), 0) as sales_12
    from stood s
    where s.day = :as_of
)
select scope, company_id, member_id, sales_12 as sales_12m_amount,
    ratio4(year_beginning + open, 20000) as average_amount,
    ratio4(open_13, 130000) as average_13_amount,
    case when year_beginning + open > 0 then ratio4(2 * sales_12, year_beginning + open) end as turnover_ratio,
    case when year_beginning + open > 0 and sales_12 > 0 then ratio4(365 * (year_beginning + open), 2 * sales_12) end as days_turnover,
    case when open_13 > 0 then ratio4(13 * sales_12, open_13) end as turnover_13_ratio,
    case when open_13 > 0 and sales_12 > 0 then ratio4(365 * open_13, 13 * sales_12) end as days_turnover_13,
    nullif(substr(
        case when sales_12 <= 0 then '; no_sales' else '' end
        || case when year_beginning + open <= 0 or open_13 <= 0 then '; no_ar' else '' end,
    3), '') as reason
from asked_of
