-- name: turnover
-- answers: How many times a year are receivables turned into cash, and how many days does one turn take?
-- answers_es: ¿Cuántas veces al año se cobra la cartera y cuántos días toma cada vuelta?
-- title_es: Rotación de cartera
-- title_en: Receivables turnover
-- formula: turnover = sales of 12 months / average receivables; days = 365 / turnover; average = (beginning + ending) / 2, or of 13 month ends
-- formula_es: rotación = ventas de 12 meses / cartera promedio; días = 365 / rotación; promedio = (inicial + final) / 2, o de 13 cierres
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', sales text of gross net = 'gross'
-- reads: year_figures
-- columns: scope text | company_id id | member_id id | member_name text | currency text | sales_12m_amount money | average_amount money |
--   average_13_amount money | turnover_ratio ratio | days_turnover days | turnover_13_ratio ratio | days_turnover_13 days | reason text
-- order: scope, company_id, member_id
-- unit: times a year and days; sales with tax, or net of it
-- unit_es: veces al año y días; ventas con impuestos, o netas de ellos
-- holds: select member_id from this where (turnover_ratio is null or turnover_13_ratio is null) and reason is null
-- inputs: sales_12m_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, sales_effect, posting_date,
--   document_currency, document_amount, case when $sales = 'net' then net_amount else amount end as amount, rate from
--   member_sales(month_start($as_of) - interval '11 months', $as_of, $grain)
-- cases: no_sales, no_ar
-- source: METRICS 12
with figures as (
    -- ratios from the sums themselves, so that an average of next to nothing is not rounded before it divides
    select *, year_beginning_amount + open_amount as open_2_amount
    from year_figures($as_of, $grain, $sales)
),

final as (
    select
        scope, company_id, member_id, member_name, currency, sales_12m_amount,
        ratio(open_2_amount, 2) as average_amount,
        ratio(open_13_amount, 13) as average_13_amount,
        case when open_2_amount > 0.00 then ratio(2 * sales_12m_amount, open_2_amount) end as turnover_ratio,
        case when sales_12m_amount > 0.00 and open_2_amount > 0.00 then ratio(365 * open_2_amount, 2 * sales_12m_amount) end
            as days_turnover,
        case when open_13_amount > 0.00 then ratio(13 * sales_12m_amount, open_13_amount) end as turnover_13_ratio,
        case when sales_12m_amount > 0.00 and open_13_amount > 0.00 then ratio(365 * open_13_amount, 13 * sales_12m_amount) end
            as days_turnover_13,
        nullif(
            concat_ws(
                '; ', case when sales_12m_amount <= 0.00 then 'no_sales' end,
                case when open_2_amount <= 0.00 or open_13_amount <= 0.00 then 'no_ar' end
            ), ''
        ) as reason
    from figures
)

select * from final
