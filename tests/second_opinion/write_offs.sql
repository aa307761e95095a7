-- call: '2024-01-01', '2024-05-31'
-- call: '2024-03-01', '2024-06-30', 'customer'
-- call: '2024-01-01', '2024-07-31', 'segment', 1000.00
-- call: '2024-02-01', '2024-07-31', 'collector', 50.00
-- call: '2024-01-01', '2024-06-15', 'currency', 4000.00
-- call: '2024-01-15', '2024-07-10', 'parent'
-- call: '2024-05-06', '2024-05-31', 'customer'
-- call: '2024-06-01', '2024-12-31', 'company'
-- small comes in whole pesos
with loss as (
    select scope, member_company_id, member_id,
        -sum(case when abs(flow) > 100 * :small and movement_id not in (select * from takes_back) then flow else 0 end) as written_off,
        sum(case when abs(flow) > 100 * :small and movement_id in (select * from takes_back) then flow else 0 end) as recovered,
        -sum(case when abs(flow) <= 100 * :small then flow else 0 end) as small
    from posted
    where movement_kind = 'write_off' and posting_date >= :from
    group by scope, member_company_id, member_id
),
sold as (
    select scope, member_company_id, member_id, worth(flow, flow_rate) as amount
    from (
        select scope, member_company_id, member_id, flow, flow_rate from posted
        where movement_kind = document_kind and sales_effect in ('sale', 'return', 'price') and posting_date >= :from
        union all
        select scope, member_company_id, member_id, flow, flow_rate from declared where month >= date(:from, 'start of month')
    )
    group by scope, member_company_id, member_id
),
-- twice the average: both ends together
stood as (
    select p.scope, p.member_company_id, p.member_id,
        sum(stock * (stock_rate / 10000)) + sum(case when posting_date < :from or movement_kind = 'opening' then stock * (
            case when p.scope in ('group', 'segment', 'collector') then last_rate(currency, 'MXN', date(:from, '-1 day')) / 10000
                else 10000 end) else 0 end) as both_ends
    from posted p
    where is_ar
    group by p.scope, p.member_company_id, p.member_id
),
everybody as (
    select scope, member_company_id, member_id from loss union select scope, member_company_id, member_id from sold
    union select scope, member_company_id, member_id from stood
)
select scope, member_company_id as company_id, member_id, coalesce(written_off, 0) as written_off_amount,
    coalesce(recovered, 0) as recovered_amount, coalesce(written_off - recovered, 0) as net_amount, coalesce(small, 0) as small_amount,
    coalesce(amount, 0) as sales_amount,
    case when amount > 0 then ratio4(100 * coalesce(written_off - recovered, 0), amount) end as write_off_pct,
    coalesce(ratio4(both_ends, 200000000), 0) as average_open_amount,
    case when both_ends > 0 then ratio4(100 * 20000 * coalesce(written_off - recovered, 0), both_ends) end as write_off_of_open_pct,
    case when coalesce(amount, 0) = 0 then 'no_sales' when amount < 0 then 'negative_sales' end as reason,
    case when coalesce(both_ends, 0) = 0 then 'no_ar' when both_ends < 0 then 'credit_balance' end as open_reason
from everybody
left join loss using (scope, member_company_id, member_id)
left join sold using (scope, member_company_id, member_id)
left join stood using (scope, member_company_id, member_id)
