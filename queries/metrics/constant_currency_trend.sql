-- name: constant_currency_trend
-- answers: How much of the change in balances and sales from month to month is exchange rates?
-- answers_es: ¿Cuánto del cambio mensual en saldos y ventas se debe al tipo de cambio?
-- title_es: Saldo y ventas a tipo de cambio constante
-- title_en: Balance and sales at constant exchange rates
-- formula: constant = documents' amounts at the closing rates of the last day; effect = amount at the rates of its days - constant
-- formula_es: constante = importes de los documentos a los tipos de cambio de cierre del último día; efecto = importe a los tipos de sus
--   días - constante
-- grain: one row per month_end, scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_postings, member_sales, month_ends, rate_spans, closing_rates, companies, settings
-- columns: month_end date | scope text | company_id id | member_id id | member_name text | currency text | open_amount money |
--   open_constant_amount money | open_effect_amount money | sales_amount money | sales_constant_amount money | sales_effect_amount money
-- order: month_end, scope, company_id, member_id
-- unit: money in the member's currency. open_amount: documents' amounts at the closing rate of each month end, also for a company (not as
--   booked); sales of the month at the rates of their days (a company: as booked). The constant columns take every month at the closing
--   rates of the day `to`: a second view, never in place of the first. Members are those of the day `to`; the group's leave out customers
--   that are our own companies; advances count only on a control account
-- unit_es: importes en la moneda del miembro. open_amount: importes de los documentos al cierre de cada mes, también para una empresa (no
--   según libros); ventas del mes a los tipos de cambio de sus días (empresa: según libros). Las columnas constantes toman cada mes a los
--   tipos de cierre del día `to`: una segunda vista, nunca en lugar de la primera. Los miembros son los del día `to`; los del grupo sin
--   clientes que son empresas propias; los anticipos cuentan sólo en cuentas de control
-- holds: select month_end from this where month_end = $to and abs(open_effect_amount) > 0.02
-- holds: select month_end from this where scope = 'currency' and (open_effect_amount <> 0.00 or sales_effect_amount <> 0.00)
-- inputs: sales_amount = select *, least(month_end(posting_date), $to) as month_end from member_sales(month_start($from), $to, $grain)
-- source: METRICS 0.3, PITFALLS P44
with posted as (
    select
        scope, company_id, member_id, member_name, document_currency,
        greatest(month_start(posting_date), month_start($from)) as counts_from, sum(amount) as amount
    from member_postings($to, $to, $grain)
    where aging_class <> 'advances' or is_control
    group by
        scope, company_id, member_id, member_name, document_currency, greatest(month_start(posting_date), month_start($from))
),

united as (
    select
        m.month_end, p.scope, p.company_id, p.member_id, p.member_name, p.document_currency, p.amount as open_amount,
        0.00 as sold_amount, 0.00 as sales_amount
    from month_ends($from, $to) m
    join posted p on p.counts_from <= m.month_first
    union all
    select
        least(month_end(posting_date), $to) as month_end, scope, company_id, member_id, cast(null as varchar) as member_name,
        document_currency, 0.00 as open_amount, document_amount as sold_amount, amount * rate as sales_amount
    from member_sales(month_start($from), $to, $grain)
),

summed as (
    select
        month_end, scope, company_id, member_id, document_currency,
        max(member_name) as member_name,
        sum(open_amount) as open_amount,
        sum(sold_amount) as sold_amount,
        sum(sales_amount) as sales_amount
    from united
    group by month_end, scope, company_id, member_id, document_currency
),

owned as (
    select
        u.*,
        case when u.scope = 'currency' then u.document_currency else coalesce(c.functional_currency, s.group_currency) end as currency
    from summed u
    cross join settings s
    left join companies c on c.company_id = u.company_id and u.scope in ('company', 'customer', 'parent')
),

rated as (
    select
        u.*,
        case
            when u.document_currency = u.currency then 1.00
            when u.open_amount = 0.00 then 0.00
            else required_rate(d.rate, u.document_currency, u.currency, u.month_end)
        end as day_rate,
        case
            when u.document_currency = u.currency then 1.00
            when u.open_amount = 0.00 and u.sold_amount = 0.00 then 0.00
            else required_rate(k.rate, u.document_currency, u.currency, $to)
        end as constant_rate
    from owned u
    left join rate_spans() d
        on d.currency = u.document_currency and d.to_currency = u.currency and u.month_end between d.valid_from and d.valid_to
    left join closing_rates($to) k on k.currency = u.document_currency and k.to_currency = u.currency
),

final as (
    select
        month_end, scope, company_id, member_id,
        coalesce(max(member_name), member_id) as member_name,
        currency,
        sum(open_amount * day_rate) as open_amount,
        sum(open_amount * constant_rate) as open_constant_amount,
        sum(open_amount * (day_rate - constant_rate)) as open_effect_amount,
        sum(sales_amount) as sales_amount,
        sum(sold_amount * constant_rate) as sales_constant_amount,
        sum(sales_amount - sold_amount * constant_rate) as sales_effect_amount
    from rated
    group by month_end, scope, company_id, member_id, currency
)

select * from final
