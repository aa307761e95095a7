-- name: top_past_due
-- answers: Which customers owe most past due, and what is being done about it?
-- answers_es: ¿Qué clientes deben más vencido y qué se está haciendo?
-- title_es: Mayores saldos vencidos
-- title_en: Largest past-due customers
-- formula: open debits past their due day at the closing rate, by customer; share of all past due
-- formula_es: cargos abiertos después de su vencimiento al tipo de cambio de cierre, por cliente; proporción de todo lo vencido
-- grain: one row per company_id, customer_id
-- params: as_of date
-- reads: customer_positions, disputed_amounts, promises, customers_as_of, collectors, closing_rates, settings
-- columns: company_id id | customer_id id | customer_name text | collector_name text | past_due_amount_group money |
--   open_amount_group money | share_pct pct | worst_days_late int | disputed_amount_group money | next_promise_date date
-- order: past_due_amount_group desc, company_id, customer_id
-- unit: money in group currency; without customers that are our own companies; disputed amounts stay in past due. The next promise
--   is the earliest not cancelled and not before the day
-- unit_es: importes en moneda del grupo; sin clientes que son empresas propias; lo disputado sigue en lo vencido. La próxima promesa es
--   la más cercana no cancelada ni anterior al día
-- holds: select 1 from this having abs(sum(share_pct) - 100) > 0.1
-- holds: select customer_id from this where past_due_amount_group > 0.00 and worst_days_late is null
-- inputs: past_due_amount_group = select m.owner_id as company_id, m.customer_id, m.document_id, m.instalment, m.document_kind,
--   m.due_date, m.days_late, m.document_currency, m.amount, m.rate from member_items($as_of, 'group') m join this t on t.company_id =
--   m.owner_id and t.customer_id = m.customer_id where m.aging_class = 'due' and m.due_date < $as_of
-- inputs: open_amount_group = select m.owner_id as company_id, m.customer_id, m.document_id, m.instalment, m.document_kind, m.due_date,
--   m.days_late, m.document_currency, m.amount, m.rate from member_items($as_of, 'group') m join this t on t.company_id = m.owner_id and
--   t.customer_id = m.customer_id
-- source: METRICS 2, 13, 17 and 21, PITFALLS P31
with positions as (
    select
        p.company_id, p.customer_id, p.worst_days_late,
        case
            when p.past_due_amount = 0.00 and p.open_amount = 0.00 and d.disputed_amount is null then 0.00
            when p.currency = s.group_currency then 1.00
            else required_rate(r.rate, p.currency, s.group_currency, $as_of)
        end as rate,
        p.past_due_amount, p.open_amount,
        coalesce(d.disputed_amount, 0.00) as disputed_amount
    from customer_positions($as_of) p
    cross join settings s
    left join disputed_amounts($as_of) d
        on d.company_id = p.company_id and d.customer_id = p.customer_id and d.currency = p.currency
    left join closing_rates($as_of) r on r.currency = p.currency and r.to_currency = s.group_currency
),

summed as (
    select
        company_id, customer_id,
        sum(past_due_amount * rate) as past_due_amount,
        sum(open_amount * rate) as open_amount,
        sum(disputed_amount * rate) as disputed_amount,
        max(worst_days_late) as worst_days_late
    from positions
    group by company_id, customer_id
    having sum(past_due_amount * rate) <> 0.00
),

next_promises as (
    select company_id, customer_id, min(promise_date) as promise_date
    from promises
    where taken_date <= $as_of and promise_date >= $as_of and (cancelled_date is null or cancelled_date > $as_of)
    group by company_id, customer_id
),

final as (
    select
        s.company_id, s.customer_id,
        coalesce(k.name, s.customer_id) as customer_name,
        coalesce(c.name, k.collector_id) as collector_name,
        s.past_due_amount as past_due_amount_group,
        s.open_amount as open_amount_group,
        ratio(100 * s.past_due_amount, sum(s.past_due_amount) over ()) as share_pct,
        s.worst_days_late,
        s.disputed_amount as disputed_amount_group,
        n.promise_date as next_promise_date
    from summed s
    left join customers_as_of($as_of) k on k.company_id = s.company_id and k.customer_id = s.customer_id
    left join collectors c on c.collector_id = k.collector_id
    left join next_promises n on n.company_id = s.company_id and n.customer_id = s.customer_id
    where k.counterparty_company_id is null
)

select * from final
