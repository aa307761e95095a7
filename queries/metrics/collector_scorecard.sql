-- name: collector_scorecard
-- answers: What did each collector achieve in a period, on which portfolio?
-- answers_es: ¿Qué logró cada gestor en un periodo y sobre qué cartera?
-- title_es: Resultados por gestor de cobranza
-- title_en: Collector scorecard
-- formula: attainment = cash / target; CEI = (beginning + sales - ending) / (beginning + sales - ending not yet due); promises kept /
--   resolved; right party / contacts reached
-- formula_es: cumplimiento = cobros / meta; CEI = (inicial + ventas - final) / (inicial + ventas - final por vencer); promesas cumplidas
--   / resueltas; persona correcta / contactos
-- grain: one row per collector_id
-- params: from date, to date
-- reads: movements, customers_as_of, customer_spans, collectors, collector_cash, collector_targets, promise_outcomes, activities,
--   closing_rates, settings
-- columns: collector_id id | collector_name text | customers int | opening_past_due_amount money | closing_past_due_amount money |
--   cash_amount money | target_amount money | attainment_pct pct | cei_pct pct | promises int | promises_kept_pct pct | contacts int |
--   right_party_pct pct
-- order: collector_id
-- unit: money in group currency. Balances and CEI: the portfolio owned on the day `to`, at that day's closing rates, without
--   advances. Cash: of the
--   customers owned on each posting day, at that day's rate, net of what was reversed. Without customers that are our own companies.
--   Promises are those
--   whose day and 3 days of grace ran out in the period; contacts are those that reached somebody
-- unit_es: importes en moneda del grupo. Saldos y CEI: la cartera asignada el día `to`, a los tipos de cambio de ese día, sin anticipos.
--   Cobros: de los clientes asignados en cada fecha contable, al tipo de cambio de ese día, netos de lo devuelto. Sin clientes que son
--   empresas propias. Promesas: aquellas cuyo día y 3 de gracia vencieron en el periodo; contactos: los que alcanzaron a alguien
-- holds: select collector_id from this where promises = 0 and promises_kept_pct is not null
-- holds: select collector_id from this where target_amount = 0.00 and attainment_pct is not null
-- source: METRICS 11, 19 and 20
with portfolio as (
    select company_id, customer_id, collector_id
    from customers_as_of($to)
    where collector_id is not null and counterparty_company_id is null
),

portfolio_balances as (
    select
        o.collector_id, m.company_id, m.customer_id, m.currency,
        sum(case when m.posting_date < $from and m.aging_class = 'due' and m.due_date < $from - 1 then m.amount else 0.00 end)
            as opening_past_due_amount,
        sum(case when m.aging_class = 'due' and m.due_date < $to then m.amount else 0.00 end) as closing_past_due_amount,
        sum(case when m.posting_date < $from or m.movement_kind = 'opening' then m.amount else 0.00 end) as beginning_amount,
        sum(
            case when m.posting_date >= $from and m.movement_kind <> 'opening' and m.sales_effect in ('sale', 'return', 'price')
                then m.amount else 0.00 end
        ) as sales_amount,
        sum(m.amount) as ending_amount,
        sum(case when m.aging_class = 'due' and m.due_date >= $to then m.amount else 0.00 end) as current_amount
    from movements m
    join portfolio o on o.company_id = m.company_id and o.customer_id = m.customer_id
    where m.posting_date <= $to and m.aging_class <> 'advances'
    group by o.collector_id, m.company_id, m.customer_id, m.currency
),

portfolio_rated as (
    select
        b.*,
        case
            when b.currency = s.group_currency then 1.00
            when b.opening_past_due_amount = 0.00 and b.closing_past_due_amount = 0.00 and b.beginning_amount = 0.00
                and b.sales_amount = 0.00 and b.ending_amount = 0.00 and b.current_amount = 0.00 then 0.00
            else required_rate(r.rate, b.currency, s.group_currency, $to)
        end as rate
    from portfolio_balances b
    cross join settings s
    left join closing_rates($to) r on r.currency = b.currency and r.to_currency = s.group_currency
),

balances as (
    select
        collector_id,
        sum(opening_past_due_amount * rate) as opening_past_due_amount,
        sum(closing_past_due_amount * rate) as closing_past_due_amount,
        sum((beginning_amount + sales_amount - ending_amount) * rate) as collected_amount,
        sum((beginning_amount + sales_amount - current_amount) * rate) as collectable_amount
    from portfolio_rated
    group by collector_id
),

owned as (
    select
        collector_id,
        sum(case when $to between valid_from and valid_to and counterparty_company_id is null then 1 else 0 end) as customers
    from customer_spans()
    where collector_id is not null
    group by collector_id
),

collected as (
    select collector_id, sum(amount * rate) as cash_amount
    from collector_cash($from, $to)
    group by collector_id
),

targets as (
    select
        t.collector_id,
        sum(
            t.amount * case when t.currency = s.group_currency then 1.00
                else required_rate(r.rate, t.currency, s.group_currency, $to) end
        ) as target_amount
    from collector_targets t
    cross join settings s
    left join closing_rates($to) r on r.currency = t.currency and r.to_currency = s.group_currency
    where t.month between month_start($from) and $to
    group by t.collector_id
),

promised as (
    select
        collector_id,
        count(*) as promises,
        sum(case when state = 'kept' then 1 else 0 end) as promises_kept
    from promise_outcomes($to)
    where state in ('kept', 'broken') and resolved_date between $from and $to
    group by collector_id
),

contacted as (
    select
        collector_id,
        count(*) as contacts,
        sum(case when outcome = 'reached' then 0 else 1 end) as right_party_contacts
    from activities
    where activity_date between $from and $to and kind <> 'note' and outcome in ('reached', 'right_party', 'promise', 'dispute')
    group by collector_id
),

everybody as (
    select
        coalesce(n.collector_id, o.collector_id) as collector_id,
        coalesce(n.name, o.collector_id) as collector_name,
        coalesce(o.customers, 0) as customers
    from collectors n
    full join owned o on o.collector_id = n.collector_id
),

final as (
    select
        e.collector_id,
        e.collector_name,
        e.customers,
        coalesce(b.opening_past_due_amount, 0.00) as opening_past_due_amount,
        coalesce(b.closing_past_due_amount, 0.00) as closing_past_due_amount,
        coalesce(c.cash_amount, 0.00) as cash_amount,
        coalesce(t.target_amount, 0.00) as target_amount,
        ratio(100 * coalesce(c.cash_amount, 0.00), t.target_amount) as attainment_pct,
        case when b.collectable_amount > 0.00 then ratio(100 * b.collected_amount, b.collectable_amount) end as cei_pct,
        coalesce(p.promises, 0) as promises,
        ratio(100.00 * p.promises_kept, p.promises * 1.00) as promises_kept_pct,
        coalesce(a.contacts, 0) as contacts,
        ratio(100.00 * a.right_party_contacts, a.contacts * 1.00) as right_party_pct
    from everybody e
    left join balances b on b.collector_id = e.collector_id
    left join collected c on c.collector_id = e.collector_id
    left join targets t on t.collector_id = e.collector_id
    left join promised p on p.collector_id = e.collector_id
    left join contacted a on a.collector_id = e.collector_id
)

select * from final
