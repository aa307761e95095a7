-- call: '2024-05-31'
-- call: '2024-06-15', 'segment', 'net', 'thirty'
-- call: '2024-04-20', 'customer', 'gross', 'thirty'
-- call: '2025-02-28', 'collector'
-- call: '2024-07-05', 'parent', 'net'
-- call: '2024-03-31', 'currency'
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
from year_of_sales
