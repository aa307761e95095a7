-- call: '2024-05-31'
-- call: '2025-03-31'
-- call: '2025-05-10', 'segment', 'net'
-- call: '2025-04-30', 'customer'
-- call: '2024-07-05', 'parent', 'net'
-- call: '2025-01-31', 'collector'
-- call: '2025-02-28', 'currency'
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
from year_of_sales
