-- call: '2024-05-31'
-- call: '2024-06-15', 'segment', 'net', 'thirty'
-- call: '2024-04-20', 'customer', 'gross', 'thirty'
-- call: '2025-02-28', 'collector'
-- call: '2024-07-05', 'parent', 'net'
-- call: '2024-03-31', 'currency'
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
select scope, company_id, member_id, open as open_amount, sales_1 as sales_amount, sales_12 as sales_12m_amount,
    case when sales_1 > 0 then ratio4(
        (beginning + open) * case :month_days when 'thirty' then 30 else days(:as_of, date(:as_of, 'start of month')) + 1 end,
        2 * sales_1)
        end as dso_average_days,
    case when sales_12 > 0 then ratio4(
        open * case :month_days when 'thirty' then 360 else days(:as_of, date(:as_of, 'start of month', '-11 months')) + 1 end, sales_12)
        end as dso_12m_days,
    case when sales_3 > 0 then ratio4(open_3 * 30, sales_3) end as dso_crf_3m_days,
    case when min(sales_1, sales_3, sales_12) <= 0 then 'no_sales' end as reason
from asked_of
