-- name: rollforward_group
-- answers: How did the group's open balance get from the opening to the closing of a period?
-- answers_es: ¿Cómo pasó el saldo abierto del grupo de la apertura al cierre de un periodo?
-- title_es: Movimiento de cartera del grupo
-- title_en: Roll-forward of the group
-- formula: opening at the closing rates of the day before + flows at the rates of their posting days + translation = closing at the
--   closing rates of the last day
-- formula_es: apertura a los tipos de cambio de cierre del día anterior + flujos al tipo de su fecha contable + conversión = final a los
--   tipos de cambio de cierre del último día
-- grain: one row per line_order
-- params: from date, to date
-- reads: postings, movement_lines, companies, rate_spans, settings
-- columns: line_order int | line text | amount money
-- order: line_order
-- unit: money in group currency, debit +; without customers that are our own companies on the day `to`. A flow is its booked value
--   at the rate from the books' currency of its day; translation is the named difference. All with one knowledge: no prior period
-- unit_es: importes en moneda del grupo, cargo +; sin clientes que son empresas propias el día `to`. Un flujo es su valor en libros al
--   tipo de cambio de su día; translation es la diferencia con nombre. Todo con un mismo conocimiento: sin periodo anterior
-- holds: select 1 from this having abs(sum(case when line = 'closing' then -amount else amount end)) > 0.15
-- source: METRICS 22, POSTING 4 and 7
with posted as (
    select
        p.company_id, p.currency, c.functional_currency, p.amount, p.company_amount, p.posting_date,
        case when p.posting_date < $from then 'opening' else l.line end as line
    from postings($from, $to, true) p
    join companies c on c.company_id = p.company_id
    left join movement_lines() l on l.movement_kind = p.movement_kind
    where not p.intercompany
),

-- a balance is worth the document's amount at a closing rate; a flow its booked value at the rate of its day
valued as (
    select
        p.line,
        v.role,
        case when v.role = 'flow' then p.functional_currency else p.currency end as currency,
        case when v.role = 'opening' then $from - 1 when v.role = 'closing' then $to else p.posting_date end as rate_day,
        sum(case when v.role = 'flow' then p.company_amount else p.amount end) as amount
    from posted p
    cross join (values ('opening'), ('flow'), ('closing')) as v (role)
    where v.role = 'closing' or (v.role = 'opening') = (p.line = 'opening')
    group by
        p.line, v.role,
        case when v.role = 'flow' then p.functional_currency else p.currency end,
        case when v.role = 'opening' then $from - 1 when v.role = 'closing' then $to else p.posting_date end
),

closing_netted as (
    select
        case when role = 'closing' then 'closing' else line end as line, currency, rate_day,
        sum(amount) as amount
    from valued
    group by case when role = 'closing' then 'closing' else line end, currency, rate_day
),

translated as (
    select
        n.line,
        case
            when n.amount = 0.00 then 0.00
            when n.currency = s.group_currency then n.amount
            else n.amount * required_rate(r.rate, n.currency, s.group_currency, n.rate_day)
        end as amount
    from closing_netted n
    cross join settings s
    left join rate_spans() r
        on r.currency = n.currency and r.to_currency = s.group_currency and n.rate_day between r.valid_from and r.valid_to
),

summed as (
    select line, sum(amount) as amount from translated group by line
),

lines as (
    select distinct line_order, line from movement_lines()
    union all
    select line_order, line from (values (21, 'translation'), (22, 'closing')) as w (line_order, line)
),

final as (
    select
        l.line_order, l.line,
        sum(
            case
                when l.line = s.line then s.amount
                when l.line = 'translation' and s.line = 'closing' then s.amount
                when l.line = 'translation' then -s.amount
                else 0.00
            end
        ) as amount
    from lines l
    cross join summed s
    group by l.line_order, l.line
)

select * from final
