-- name: aging_group_trend
-- answers: How did the aging of the group change from month end to month end?
-- answers_es: ¿Cómo cambió la antigüedad del grupo de un cierre de mes a otro?
-- title_es: Antigüedad de saldos del grupo, tendencia
-- title_en: Aging of the group, trend
-- formula: sum over currencies of the aging of each month end at that day's closing rate, without customers that are our own companies
-- formula_es: suma por moneda de la antigüedad de cada cierre al tipo de cambio de ese día, sin clientes que son empresas propias
-- grain: one row per month_end, bucket_order
-- params: from date, to date
-- reads: balances_trend, rate_spans, settings
-- columns: month_end date | bucket_order int | bucket text | open_amount money
-- order: month_end, bucket_order
-- unit: money in group currency; never adds up across days
-- unit_es: importes en moneda del grupo; nunca se suman entre fechas
-- holds: select month_end from this where bucket_order < 1
-- source: METRICS 0.3 and 2, PITFALLS P44
with balances as (
    select month_end, currency, bucket_order, bucket, sum(open_amount) as open_amount
    from balances_trend($from, $to, true)
    where not intercompany
    group by month_end, currency, bucket_order, bucket
),

final as (
    select
        b.month_end, b.bucket_order, b.bucket,
        sum(
            case
                when b.open_amount = 0.00 then 0.00
                when b.currency = s.group_currency then b.open_amount
                else b.open_amount * required_rate(r.rate, b.currency, s.group_currency, b.month_end)
            end
        ) as open_amount
    from balances b
    cross join settings s
    left join rate_spans() r
        on r.currency = b.currency and r.to_currency = s.group_currency and b.month_end between r.valid_from and r.valid_to
    group by b.month_end, b.bucket_order, b.bucket
)

select * from final
