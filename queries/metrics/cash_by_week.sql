-- name: cash_by_week
-- answers: How much came in week by week, against the target?
-- answers_es: ¿Cuánto se cobró semana por semana, contra la meta?
-- title_es: Cobranza por semana
-- title_en: Cash by week
-- formula: receipts net of what bounced; target of a week = each month's target x its days in the week / days of the month; attainment =
--   cash / target
-- formula_es: pagos netos de lo devuelto; meta de la semana = meta de cada mes x sus días en la semana / días del mes; cumplimiento =
--   cobros / meta
-- grain: one row per scope, company_id, member_id, week_start
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_movements, week_spans, collector_targets, collectors, closing_rates, settings
-- columns: scope text | company_id id | member_id id | member_name text | currency text | week_start date | week_end date |
--   cash_amount money | target_amount money | attainment_pct pct | cash_to_date_amount money | target_to_date_amount money |
--   attainment_to_date_pct pct | reason text
-- order: scope, company_id, member_id, week_start
-- unit: money and per cent. Weeks from Monday to Sunday, the first begins on `from`, the last ends on `to`; to date: from `from` to the
--   end of the week. Cash at the rates of its days. Targets are of collectors, so the group and each collector have them, others have
--   reason no_target; at the closing rate of the day `to`, spread over the days of the calendar to the cent, so that the weeks of a month
--   make its target. Members are those of the day `to`: cash of a customer that changed hands is of its new collector (the scorecard of
--   collectors leaves it where it was)
-- unit_es: importes y por ciento. Semanas de lunes a domingo, la primera inicia en `from` y la última termina en `to`; a la fecha: de
--   `from` al fin de la semana. Cobros a los tipos de cambio de sus días. Las metas son de gestores: las tienen el grupo y cada gestor,
--   los demás llevan la razón no_target; al tipo de cierre del día `to`, repartidas por días naturales al centavo, de modo que las
--   semanas de un mes suman su meta. Los miembros son los del día `to`: lo cobrado a un cliente que cambió de gestor es del nuevo (los
--   resultados por gestor lo dejan donde estaba)
-- holds: select t.a from (select sum(cash_amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select -sum(company_amount) from movements where posting_date between $from and $to and
--   movement_kind in ('receipt', 'cash', 'apply_receipt'))
-- holds: select t.a from (select sum(target_amount) as a from this where scope in ('group', 'collector')) t where $grain in ('company',
--   'group', 'collector') and $from = month_start($from) and $to = month_end($to) and abs(t.a - (select sum(c.amount * r.rate) from
--   collector_targets c cross join settings s join closing_rates($to) r on r.currency = c.currency and r.to_currency = s.group_currency
--   where c.month between $from and $to)) > 0.05
-- inputs: cash_amount = select scope, company_id, member_id, greatest(cast(date_trunc('week', posting_date) as date), $from) as
--   week_start, owner_id, customer_id, document_id, movement_kind, posting_date, document_currency, document_amount, -amount as amount,
--   rate from member_movements($from, $to, $grain) where movement_kind in ('receipt', 'cash', 'apply_receipt')
-- cases: no_target
-- source: METRICS 20
with collected as (
    select
        scope, company_id, member_id, member_name, currency,
        greatest(cast(date_trunc('week', posting_date) as date), $from) as week_start,
        sum(-amount * rate) as cash_amount
    from member_movements($from, $to, $grain)
    where movement_kind in ('receipt', 'cash', 'apply_receipt')
    group by
        scope, company_id, member_id, member_name, currency, greatest(cast(date_trunc('week', posting_date) as date), $from)
),

targets as (
    select
        t.collector_id, coalesce(n.name, t.collector_id) as collector_name, s.group_name, s.group_currency, t.month,
        days_between(month_end(t.month), t.month) + 1 as month_days,
        t.amount * case when t.currency = s.group_currency then 1.00 else required_rate(r.rate, t.currency, s.group_currency, $to) end
            as amount
    from collector_targets t
    cross join settings s
    left join collectors n on n.collector_id = t.collector_id
    left join closing_rates($to) r on r.currency = t.currency and r.to_currency = s.group_currency
    where t.month between month_start($from) and $to and t.amount <> 0.00
),

-- what of each month's target is due by the end of a week less what was due before it
spread as (
    select
        case when $grain = 'collector' then 'collector' else 'group' end as scope,
        case when $grain = 'collector' then t.collector_id else 'group' end as member_id,
        case when $grain = 'collector' then t.collector_name else t.group_name end as member_name,
        t.group_currency as currency, w.week_start,
        cast(
            ratio(t.amount * (days_between(least(w.week_end, month_end(t.month)), t.month) + 1), t.month_days) as decimal(18, 2)
        ) - cast(ratio(t.amount * days_between(greatest(w.week_start, t.month), t.month), t.month_days) as decimal(18, 2)) as target_amount
    from targets t
    join week_spans($from, $to) w on w.week_start <= month_end(t.month) and w.week_end >= t.month
    where $grain in ('company', 'group', 'collector')
),

-- one amount a row, under its measure
united as (
    select
        scope, company_id, member_id, member_name, currency, week_start, 'cash' as measure, cast(cash_amount as decimal(38, 10)) as amount
    from collected
    union all
    select
        scope, 'group' as company_id, member_id, member_name, currency, week_start, 'target' as measure,
        cast(target_amount as decimal(38, 10)) as amount
    from spread
),

-- every week for every member
filled as (
    select
        u.scope, u.company_id, u.member_id, max(u.member_name) as member_name, max(u.currency) as currency, w.week_start, w.week_end,
        sum(case when u.week_start = w.week_start and u.measure = 'cash' then u.amount else 0 end) as cash_amount,
        sum(case when u.week_start = w.week_start and u.measure = 'target' then u.amount else 0 end) as target_amount
    from united u
    cross join week_spans($from, $to) w
    group by u.scope, u.company_id, u.member_id, w.week_start, w.week_end
),

summed as (
    select
        *,
        sum(cash_amount) over (
            partition by scope, company_id, member_id order by week_start rows between unbounded preceding and current row
        ) as cash_to_date_amount,
        sum(target_amount) over (
            partition by scope, company_id, member_id order by week_start rows between unbounded preceding and current row
        ) as target_to_date_amount
    from filled
),

final as (
    select
        scope, company_id, member_id, member_name, currency, week_start, week_end, cash_amount,
        case when target_amount <> 0 then target_amount end as target_amount,
        case when target_amount > 0 then ratio(100 * cash_amount, target_amount) end as attainment_pct,
        cash_to_date_amount,
        case when target_to_date_amount <> 0 then target_to_date_amount end as target_to_date_amount,
        case when target_to_date_amount > 0 then ratio(100 * cash_to_date_amount, target_to_date_amount) end as attainment_to_date_pct,
        case when target_amount <= 0 then 'no_target' end as reason
    from summed
)

select * from final
