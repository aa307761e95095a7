-- name: dso_by_document
-- answers: How many days of the sales of their own months stand in what is open?
-- answers_es: ¿Cuántos días de las ventas de su propio mes representa lo abierto?
-- title_es: DSO ponderado por ventas y DSO verdadero
-- title_en: Sales-weighted DSO and true DSO
-- formula: sales-weighted = sum over months of open of the month's documents / sales of the month x days of the month; true = sum over
--   documents of age x open / sales of the document's month
-- formula_es: ponderado por ventas = suma por mes de lo abierto de sus documentos / ventas del mes x días del mes; verdadero = suma por
--   documento de antigüedad x abierto / ventas de su mes
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', sales text of gross net = 'gross',
--   month_days text of calendar thirty = 'calendar'
-- reads: open_by_sales_month, member_items
-- columns: scope text | company_id id | member_id id | currency text | open_amount money | unapplied_amount money |
--   open_without_sales_amount money | dso_sales_weighted_days days | dso_true_days days | reason text
-- order: scope, company_id, member_id
-- unit: days; of the calendar, or every month as 30. Debits and credits stand in the month of their document; unapplied cash has none and is
--   no part of open_amount; open_without_sales_amount is open in months without sales and part of neither figure
-- unit_es: días; naturales, o cada mes de 30. Cargos y créditos están en el mes de su documento; el efectivo sin aplicar no tiene mes y no es
--   parte de open_amount; open_without_sales_amount es lo abierto de meses sin ventas, fuera de ambas cifras
-- holds: select member_id from this where dso_true_days is null and reason is null
-- inputs: open_amount = select * from member_items($as_of, $grain) where aging_class in ('due', 'credits')
-- inputs: unapplied_amount = select * from member_items($as_of, $grain) where aging_class = 'unapplied'
-- cases: no_sales, month_without_sales
-- source: METRICS 6
with by_member as (
    select
        scope, company_id, member_id, currency,
        sum(case when sales_amount > 0.00 then 0.00 else open_amount end) as open_without_sales_amount,
        sum(
            case when sales_amount > 0.00
                then ratio(open_amount * case when $month_days = 'thirty' then 30 else day_count end, sales_amount) end
        ) as dso_sales_weighted_days,
        sum(case when sales_amount > 0.00 then ratio(amount_days, sales_amount) end) as dso_true_days
    from open_by_sales_month($as_of, $grain, $sales)
    group by scope, company_id, member_id, currency
),

-- from the items, because months are in whole hundredths already
total as (
    select
        scope, company_id, member_id,
        sum(case when aging_class <> 'unapplied' then amount * rate else 0.00 end) as open_amount,
        sum(case when aging_class = 'unapplied' then amount * rate else 0.00 end) as unapplied_amount
    from member_items($as_of, $grain)
    where aging_class <> 'advances'
    group by scope, company_id, member_id
),

final as (
    select
        m.scope, m.company_id, m.member_id, m.currency, t.open_amount, t.unapplied_amount, m.open_without_sales_amount,
        m.dso_sales_weighted_days, m.dso_true_days,
        nullif(
            concat_ws(
                '; ', case when dso_true_days is null then 'no_sales' end,
                case when open_without_sales_amount <> 0.00 then 'month_without_sales' end
            ), ''
        ) as reason
    from by_member m
    join total t on t.scope = m.scope and t.company_id = m.company_id and t.member_id = m.member_id
)

select * from final
