-- name: risk_cards
-- answers: Which points does each customer's risk have on a day, and what else is known of its promises and its credit?
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: customer_positions, customer_lateness, disputed_amounts, customer_promises, exposures, customers_as_of, companies,
--   closing_rates, settings
-- columns: company_id id | customer_id id | customer_name text | currency text | open_amount_company money |
--   past_due_amount_company money | score int | band text | points_past_due_share int | points_worst_days_late int |
--   points_days_late_trend int | points_broken_promises int | points_disputes int | points_utilisation int | reasons text |
--   further_amount money | limit_amount money | broken_date date | broken_resolved_date date | broken_amount money |
--   broken_currency text | last_taken_date date | next_date date | next_amount money | next_currency text | last_date date |
--   last_state text
-- order: score desc, company_id, customer_id
-- unit: points as risk_scores says; booked money. further: last known open orders and unbilled deliveries - guarantees; limit: that of
--   the day, empty where there is none; both at the closing rate of the day in the company's currency. Promises as customer_promises
--   says. One relation for risk_scores and worklist, because each reference runs again
-- holds: select customer_id from this group by company_id, customer_id having count(*) > 1
-- source: METRICS 2, 9, 17, 19, 21 and 25
with positions as (
    select
        company_id, customer_id,
        sum(open_amount_company) as open_amount,
        sum(debit_amount_company) as debit_amount,
        sum(past_due_amount_company) as past_due_amount,
        max(worst_days_late) as worst_days_late
    from customer_positions($as_of)
    group by company_id, customer_id
    having sum(debit_amount_company) > 0.00
),

disputed as (
    select company_id, customer_id, sum(disputed_amount_company) as disputed_amount
    from disputed_amounts($as_of)
    group by company_id, customer_id
),

exposed_last as (
    select
        company_id, customer_id, kind, amount, currency,
        rank() over (partition by company_id, customer_id, kind order by as_of desc) as age_rank
    from exposures
    where as_of <= $as_of
),

-- what the customer may still draw on and what it is granted, in one relation, so that rates are read once
terms as (
    select company_id, customer_id, name, counterparty_company_id, 'limit' as part, credit_limit as amount, credit_currency as currency
    from customers_as_of($as_of)
    union all
    select
        company_id, customer_id, cast(null as varchar) as name, cast(null as varchar) as counterparty_company_id, kind as part, amount,
        currency
    from exposed_last
    where age_rank = 1
),

granted as (
    select
        t.company_id, t.customer_id, c.functional_currency as currency, max(t.name) as name,
        max(t.counterparty_company_id) as counterparty_company_id,
        sum(
            case when t.part = 'limit' then 0.00 when t.part = 'guarantee' then -1 else 1 end * coalesce(t.amount, 0.00)
            * case when t.amount is null or coalesce(t.currency, c.functional_currency) = c.functional_currency then 1.00
                else required_rate(r.rate, t.currency, c.functional_currency, $as_of) end
        ) as further_amount,
        sum(
            case when t.part = 'limit' then t.amount end
            * case when t.amount is null or coalesce(t.currency, c.functional_currency) = c.functional_currency then 1.00
                else required_rate(r.rate, t.currency, c.functional_currency, $as_of) end
        ) as limit_amount
    from terms t
    join companies c on c.company_id = t.company_id
    left join closing_rates($as_of) r on r.currency = t.currency and r.to_currency = c.functional_currency
    group by t.company_id, t.customer_id, c.functional_currency
),

measured as (
    select
        p.company_id, p.customer_id, coalesce(g.name, p.customer_id) as customer_name, c.functional_currency as currency,
        p.open_amount, p.past_due_amount,
        coalesce(ratio(p.past_due_amount, p.debit_amount), 0.00) as past_due_ratio,
        coalesce(p.worst_days_late, 0) as worst_days_late,
        coalesce(t.late_3m_days - t.late_before_days, 0.00) as days_later,
        coalesce(b.broken_12m, 0) as broken_promises,
        coalesce(ratio(d.disputed_amount, p.debit_amount), 0.00) as disputed_ratio,
        case
            when g.limit_amount is null or p.open_amount + g.further_amount <= 0.00 then 0.00
            when g.limit_amount = 0.00 then 9.99
            else ratio(p.open_amount + g.further_amount, g.limit_amount)
        end as used_ratio,
        coalesce(g.limit_amount = 0.00, false) as has_no_credit,
        coalesce(g.further_amount, 0.00) as further_amount, g.limit_amount,
        b.broken_date, b.broken_resolved_date, b.broken_amount, b.broken_currency, b.last_taken_date, b.next_date, b.next_amount,
        b.next_currency, b.last_date, b.last_state
    from positions p
    join companies c on c.company_id = p.company_id
    left join granted g on g.company_id = p.company_id and g.customer_id = p.customer_id
    left join disputed d on d.company_id = p.company_id and d.customer_id = p.customer_id
    left join customer_promises($as_of) b on b.company_id = p.company_id and b.customer_id = p.customer_id
    left join customer_lateness($as_of) t on t.company_id = p.company_id and t.customer_id = p.customer_id
    where g.counterparty_company_id is null
),

-- one row per customer and reason: how far along its line, the most points, the figure in words
lined as (
    select
        m.company_id, m.customer_id, m.customer_name, m.currency, m.open_amount, m.past_due_amount,
        m.further_amount, m.limit_amount, m.broken_date, m.broken_resolved_date, m.broken_amount, m.broken_currency, m.last_taken_date,
        m.next_date, m.next_amount, m.next_currency, m.last_date, m.last_state, f.position, f.code,
        case f.position
            when 1 then s.points_past_due_share when 2 then s.points_worst_days_late when 3 then s.points_days_late_trend
            when 4 then s.points_broken_promises when 5 then s.points_disputes else s.points_utilisation
        end as most_points,
        case f.position
            when 1 then m.past_due_ratio
            when 2 then ratio(m.worst_days_late * 1.00, 120.00)
            when 3 then ratio(m.days_later, 30.00)
            when 4 then ratio(m.broken_promises * 1.00, 3.00)
            when 5 then ratio(m.disputed_ratio, 0.50)
            else ratio(m.used_ratio - 0.50, 0.75)
        end as along,
        case
            when f.position = 1 then concat(cast(cast(round(m.past_due_ratio * 100, 1) as decimal(18, 1)) as varchar), '%')
            when f.position = 2 then cast(m.worst_days_late as varchar)
            when f.position = 3 then concat('+', cast(cast(round(m.days_later, 1) as decimal(18, 1)) as varchar), ' days')
            when f.position = 4 then cast(m.broken_promises as varchar)
            when f.position = 5 then concat(cast(cast(round(m.disputed_ratio * 100, 1) as decimal(18, 1)) as varchar), '%')
            when m.has_no_credit then 'of no limit'
            else concat(cast(cast(round(m.used_ratio * 100, 0) as decimal(18, 0)) as varchar), '%')
        end as figure
    from measured m
    cross join settings s
    cross join (
        values
            (1, 'past_due_share'), (2, 'worst_days_late'), (3, 'days_late_trend'), (4, 'broken_promises'), (5, 'disputes'),
            (6, 'utilisation')
    ) as f (position, code)
),

pointed as (
    select *, cast(round(most_points * least(greatest(along, 0.00), 1.00), 0) as int) as points
    from lined
),

ranked as (
    select *, row_number() over (partition by company_id, customer_id order by points desc, position) as reason_rank
    from pointed
),

final as (
    select
        company_id, customer_id, customer_name, currency, open_amount as open_amount_company,
        past_due_amount as past_due_amount_company,
        sum(points) as score,
        case when sum(points) < 35 then 'low' when sum(points) < 65 then 'medium' else 'high' end as band,
        max(case when position = 1 then points end) as points_past_due_share,
        max(case when position = 2 then points end) as points_worst_days_late,
        max(case when position = 3 then points end) as points_days_late_trend,
        max(case when position = 4 then points end) as points_broken_promises,
        max(case when position = 5 then points end) as points_disputes,
        max(case when position = 6 then points end) as points_utilisation,
        nullif(
            concat_ws(
                '; ',
                max(case when reason_rank = 1 and points > 0 then concat(code, ' ', figure) end),
                max(case when reason_rank = 2 and points > 0 then concat(code, ' ', figure) end),
                max(case when reason_rank = 3 and points > 0 then concat(code, ' ', figure) end)
            ), ''
        ) as reasons,
        further_amount, limit_amount, broken_date, broken_resolved_date, broken_amount,
        broken_currency, last_taken_date, next_date, next_amount, next_currency, last_date, last_state
    from ranked
    group by
        company_id, customer_id, customer_name, currency, open_amount, past_due_amount, further_amount, limit_amount, broken_date,
        broken_resolved_date, broken_amount, broken_currency, last_taken_date, next_date, next_amount,
        next_currency, last_date, last_state
)

select * from final
