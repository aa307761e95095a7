-- call: '2024-04-30', '2024-05-31', 'company', 4
-- call: '2024-03-31', '2024-05-31', 'segment', 3
-- call: '2024-02-29', '2024-06-30', 'customer', 2
-- call: '2024-04-10', '2024-04-25', 'parent', 3
-- call: '2024-03-31', '2024-04-30', 'currency', 7
-- call: '2024-05-31', '2024-05-31', 'collector', 5
-- ends from balances and sums of the day, lines from their documents; sales and collectable are what is left between them
with o (line, line_order) as (
    values ('restated', 2), ('back_dated', 3), ('master_data', 4), ('new_billings', 5), ('collections', 6), ('credits', 7),
        ('write_offs', 8), ('other', 9), ('ageing', 10), ('fx', 11)
),
e as materialized (
    select *,
        case when first_sales > 0 then ratio4(first_open * first_days, first_sales) end as first_dso,
        case when last_sales > 0 then ratio4(last_open * last_days, last_sales) end as last_dso,
        case when first_under > 0 then ratio4(100 * (first_collectable - first_open), first_under) end as first_cei,
        case when last_under > 0 then ratio4(100 * (last_collectable - last_open), last_under) end as last_cei,
        case when first_sales = 0 then 'no_sales_3m' when first_sales < 0 then 'negative_sales_3m' end as first_lacks,
        case when last_sales = 0 then 'no_sales_3m' when last_sales < 0 then 'negative_sales_3m' end as last_lacks
    from change_end
),
p as materialized (
    select measure, scope, company_id, member_id, line, sum(amount) as amount, sum(days) as days, sum(points) as points,
        sum(coalesce(amount, days, points) <> 0) as documents
    from change_of_document group by measure, scope, company_id, member_id, line
),
m (measure) as (values ('open'), ('past_due'), ('over_90'), ('dso'), ('cei')),
line as (
    select m.measure, e.scope, e.member_company_id as company_id, e.member_id, o.line_order, o.line,
        case when m.measure in ('open', 'past_due', 'over_90') then coalesce(p.amount, 0) end as amount,
        case when m.measure = 'dso' and first_dso is not null and last_dso is not null then coalesce(p.days, 0) end as days,
        case when m.measure = 'cei' and first_cei is not null and last_cei is not null then coalesce(p.points, 0) end as pct,
        coalesce(p.documents, 0) as documents,
        case m.measure when 'dso' then coalesce(first_lacks, last_lacks)
            when 'cei' then case when first_cei is null or last_cei is null then 'nothing_collectable' end end as reason
    from e
    join m
    join o on o.line <> 'ageing' or m.measure in ('past_due', 'over_90')
    left join p on p.measure = m.measure and p.scope = e.scope and p.company_id = e.member_company_id and p.member_id = e.member_id
        and p.line = o.line
)
select * from line
union all
select m.measure, e.scope, e.member_company_id, e.member_id, 1, 'opening',
    case m.measure when 'open' then first_open when 'past_due' then first_past_due when 'over_90' then first_over_90 end,
    case m.measure when 'dso' then first_dso end, case m.measure when 'cei' then first_cei end, 0,
    case m.measure when 'dso' then coalesce(first_lacks, case when first_is_short then 'short_window' end)
        when 'cei' then case when first_cei is null then 'nothing_collectable' end end
from e join m
union all
select m.measure, e.scope, e.member_company_id, e.member_id, 14, 'closing',
    case m.measure when 'open' then last_open when 'past_due' then last_past_due when 'over_90' then last_over_90 end,
    case m.measure when 'dso' then last_dso end, case m.measure when 'cei' then last_cei end, 0,
    case m.measure when 'dso' then coalesce(last_lacks, case when last_is_short then 'short_window' end)
        when 'cei' then case when last_cei is null then 'nothing_collectable' end end
from e join m
union all
select 'dso', e.scope, e.member_company_id, e.member_id, 12, 'sales', null,
    last_dso - first_dso - coalesce((select sum(l.days) from line l where l.measure = 'dso' and l.scope = e.scope
        and l.company_id = e.member_company_id and l.member_id = e.member_id), 0), null, 0, coalesce(first_lacks, last_lacks)
from e
union all
select 'cei', e.scope, e.member_company_id, e.member_id, 13, 'collectable', null, null,
    last_cei - first_cei - coalesce((select sum(l.pct) from line l where l.measure = 'cei' and l.scope = e.scope
        and l.company_id = e.member_company_id and l.member_id = e.member_id), 0), 0,
    case when first_cei is null or last_cei is null then 'nothing_collectable' end
from e
