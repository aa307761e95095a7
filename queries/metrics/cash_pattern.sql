-- name: cash_pattern
-- answers: How much of what was billed is paid in the month of billing, the month after, and so on?
-- answers_es: De lo facturado, ¿cuánto se paga en el mes de facturación, el mes siguiente y así?
-- title_es: Patrón de cobro
-- title_en: Payment pattern
-- formula: share of month j = cash applied in the j-th month after billing / sales of the billing months old enough to have had that
--   month
-- formula_es: proporción del mes j = efectivo aplicado en el mes j después de facturar / ventas de los meses de facturación con edad para
--   haber tenido ese mes
-- grain: one row per scope, company_id, member_id, months_after
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', most_months int = 6
-- reads: member_movements
-- columns: scope text | company_id id | member_id id | member_name text | currency text | months_after int | billing_months int |
--   sales_amount money | cash_amount money | share_pct pct | cumulated_pct pct | reason text
-- order: scope, company_id, member_id, months_after
-- unit: money and per cent. Billing months are those of the documents' days, from the month of `from` on; only whole months up to `to`
--   count, so the youngest billing month appears for month 0 only if its month is over. Cash is what was applied to those documents, net
--   of what bounced or was undone; cash applied before the month of billing counts in month 0; the rest up to 100 is not yet paid,
--   credited or lost. Sales declared without documents have no pattern
-- unit_es: importes y por ciento. Los meses de facturación son los de las fechas de los documentos, desde el mes de `from`; sólo cuentan
--   meses completos hasta `to`, de modo que el mes más joven aparece en el mes 0 sólo si ya terminó. Efectivo es lo aplicado a esos
--   documentos, neto de lo devuelto o deshecho; lo aplicado antes del mes de facturación cuenta en el mes 0; el resto hasta 100 no está
--   aún pagado, acreditado o perdido. Las ventas declaradas sin documentos no tienen patrón
-- holds: select scope from this where months_after < 0 or months_after > $most_months or (share_pct is null) <> (reason is not null)
-- holds: select t.a from (select sum(cash_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and $most_months >= 12 * (date_part('year', $to) - date_part('year', $from)) + date_part('month',
--   $to) - date_part('month', $from) and t.a <> (select -sum(company_amount) from movements where posting_date between month_start($from)
--   and month_start($to + 1) - 1 and document_date >= month_start($from) and aging_class = 'due' and movement_kind in ('apply_receipt',
--   'cash'))
-- inputs: cash_amount = select scope, company_id, member_id, months_after, owner_id, customer_id, document_id, movement_kind,
--   posting_date, document_currency, document_amount, -amount as amount, rate from (select *, greatest(cast((date_part('year',
--   posting_date) - date_part('year', document_date)) * 12 + date_part('month', posting_date) - date_part('month', document_date) as
--   int), 0) as months_after from member_movements(month_start($from), month_start($to + interval '1 day') - 1, $grain) where aging_class
--   = 'due' and movement_kind in ('apply_receipt', 'cash') and document_date >= month_start($from)) m where months_after <= $most_months
-- cases: no_sales
-- source: METRICS 24 (a)
with posted as (
    select
        scope, company_id, member_id, member_name, currency,
        coalesce(sales_effect, '') in ('sale', 'return', 'price') as is_sale,
        cast(date_part('year', document_date) * 12 + date_part('month', document_date) as int) as billing_month,
        cast(date_part('year', posting_date) * 12 + date_part('month', posting_date) as int) as posting_month,
        sum(amount * rate) as amount
    from member_movements(month_start($from), $to, $grain)
    where
        document_date >= month_start($from) and movement_kind <> 'opening'
        and (
            coalesce(sales_effect, '') in ('sale', 'return', 'price')
            or (aging_class = 'due' and movement_kind in ('apply_receipt', 'cash'))
        )
    group by
        scope, company_id, member_id, member_name, currency, coalesce(sales_effect, '') in ('sale', 'return', 'price'),
        cast(date_part('year', document_date) * 12 + date_part('month', document_date) as int),
        cast(date_part('year', posting_date) * 12 + date_part('month', posting_date) as int)
),

-- by billing month and month after it; sales once for each month they have had
cohorts as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.billing_month, j.months_after,
        sum(case when p.is_sale then p.amount else 0.00 end) as sales_amount,
        sum(case when not p.is_sale and greatest(p.posting_month - p.billing_month, 0) = j.months_after then -p.amount else 0.00 end)
            as cash_amount
    from posted p
    join (select unnest(generate_series(0, cast($most_months as int))) as months_after) j
        on p.billing_month + j.months_after < cast(date_part('year', $to + 1) * 12 + date_part('month', $to + 1) as int)
    group by p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.billing_month, j.months_after
),

summed as (
    select
        scope, company_id, member_id, member_name, currency, months_after,
        count(distinct billing_month) as billing_months,
        sum(sales_amount) as sales_amount,
        sum(cash_amount) as cash_amount
    from cohorts
    group by scope, company_id, member_id, member_name, currency, months_after
),

final as (
    select
        scope, company_id, member_id, member_name, currency, months_after, billing_months, sales_amount, cash_amount,
        case when sales_amount > 0.00 then ratio(100 * cash_amount, sales_amount) end as share_pct,
        sum(case when sales_amount > 0.00 then ratio(100 * cash_amount, sales_amount) end) over (
            partition by scope, company_id, member_id order by months_after rows between unbounded preceding and current row
        ) as cumulated_pct,
        case when sales_amount <= 0.00 then 'no_sales' end as reason
    from summed
)

select * from final
