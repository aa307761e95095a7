-- name: aging_group_trend
-- answers: How did the aging of the group, of a company or of another member change from month end to month end?
-- answers_es: ¿Cómo cambió la antigüedad del grupo, de una empresa o de otro miembro de un cierre de mes a otro?
-- title_es: Antigüedad de saldos, tendencia
-- title_en: Aging, trend
-- formula: company: booked amounts by bucket at each month end; group: document amounts by bucket at that day's closing rate, without
--   customers that are our own companies
-- formula_es: empresa: importes en libros por rango en cada cierre de mes; grupo: importes de los documentos por rango al tipo de cambio de
--   ese día, sin clientes que son empresas propias
-- grain: one row per month_end, scope, company_id, member_id, bucket_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'group'
-- reads: ledger_rows, cuts, month_ends, aging_columns, rate_spans
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | bucket_order int | bucket text |
--   open_amount money
-- order: month_end, scope, company_id, member_id, bucket_order
-- unit: money in the member's currency; never adds up across days. Members are those of the day `to`
-- unit_es: importes en la moneda del miembro; nunca se suman entre fechas. Los miembros son los del día `to`
-- holds: select month_end from this where bucket_order < 1
-- holds: select t.bucket_order from this t join aging_group($to, $grain) a on a.scope = t.scope and a.company_id = t.company_id and
--   a.member_id = t.member_id and a.bucket_order = t.bucket_order where t.month_end = $to and a.open_amount <> t.open_amount
-- source: METRICS 0.3 and 2, PITFALLS P44
with posted as (
    select
        company_id, customer_id, intercompany, currency, aging_class, due_date,
        greatest(month_start(posting_date), month_start($from) - 1) as counts_from,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from ledger_rows($to, $to, $grain)
    group by
        company_id, customer_id, intercompany, currency, aging_class, due_date,
        greatest(month_start(posting_date), month_start($from) - 1)
),

by_bucket as (
    select
        m.month_end, p.company_id, p.customer_id, p.intercompany, p.currency, c.bucket_order,
        sum(p.amount) as amount,
        sum(p.company_amount) as company_amount
    from month_ends($from, $to) m
    join posted p on p.counts_from <= m.month_first
    join aging_columns() c
        on c.aging_class = p.aging_class and days_between(m.month_end, p.due_date) between c.from_days and c.to_days
    group by m.month_end, p.company_id, p.customer_id, p.intercompany, p.currency, c.bucket_order
),

-- sums first, then whose they are
aged as (
    select
        p.month_end, k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id,
        coalesce(k.member_name, p.currency) as member_name, coalesce(k.currency, p.currency) as member_currency,
        case when k.is_booked then k.book_currency else p.currency end as currency, p.bucket_order,
        sum(case when k.is_booked then p.company_amount else p.amount end) as amount
    from by_bucket p
    join cuts($to, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    group by
        p.month_end, k.scope, k.company_id, coalesce(k.member_id, p.currency), coalesce(k.member_name, p.currency),
        coalesce(k.currency, p.currency), case when k.is_booked then k.book_currency else p.currency end, p.bucket_order
),

-- every column for every member, 0.00 where nothing is open
final as (
    select
        a.month_end, a.scope, a.company_id, a.member_id, a.member_name, a.member_currency as currency, c.bucket_order, c.bucket,
        sum(
            case
                when a.bucket_order <> c.bucket_order or a.amount = 0.00 then 0.00
                when a.currency = a.member_currency then a.amount
                else a.amount * required_rate(r.rate, a.currency, a.member_currency, a.month_end)
            end
        ) as open_amount
    from aged a
    cross join aging_columns() c
    left join rate_spans() r
        on r.currency = a.currency and r.to_currency = a.member_currency and a.month_end between r.valid_from and r.valid_to
    group by a.month_end, a.scope, a.company_id, a.member_id, a.member_name, a.member_currency, c.bucket_order, c.bucket
)

select * from final
