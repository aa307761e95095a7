-- name: aging_trend
-- answers: How did the aging of each company and currency change from month end to month end?
-- answers_es: ¿Cómo cambió la antigüedad de cada empresa y moneda de un cierre de mes a otro?
-- title_es: Antigüedad de saldos, tendencia
-- title_en: Aging trend
-- formula: sum of movements posted up to the month end, by days between the month end and the due day
-- formula_es: suma de los movimientos contabilizados hasta cada cierre, por días entre el cierre y el vencimiento
-- grain: one row per month_end, company_id, currency, bucket_order
-- params: from date, to date
-- reads: balances_trend, rate_spans, settings
-- columns: month_end date | company_id id | currency text | bucket_order int | bucket text |
--   open_amount money | open_amount_company money | open_amount_group money
-- order: month_end, company_id, currency, bucket_order
-- unit: money; adds up across companies of one currency, never across days. The last point is the day `to`
-- unit_es: importes; se suman entre empresas de una misma moneda, nunca entre fechas. El último punto es el día `to`
-- holds: select month_end from this where month_end = $to group by month_end
--   having sum(open_amount) <> (select sum(amount) from movements where posting_date <= $to)
-- source: METRICS 2, PITFALLS P4 and P44
with balances as (
    select month_end, company_id, currency, bucket_order, bucket, open_amount, open_amount_company
    from balances_trend($from, $to, false)
),

final as (
    select
        b.month_end, b.company_id, b.currency, b.bucket_order, b.bucket, b.open_amount, b.open_amount_company,
        case
            when b.open_amount = 0.00 then 0.00
            when b.currency = s.group_currency then b.open_amount
            else b.open_amount * required_rate(r.rate, b.currency, s.group_currency, b.month_end)
        end as open_amount_group
    from balances b
    cross join settings s
    left join rate_spans() r
        on r.currency = b.currency and r.to_currency = s.group_currency and b.month_end between r.valid_from and r.valid_to
)

select * from final
