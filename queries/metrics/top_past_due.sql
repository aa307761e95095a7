-- name: top_past_due
-- answers: Which customers owe most past due, and what is being done about it?
-- answers_es: ¿Qué clientes deben más vencido y qué se está haciendo?
-- title_es: Mayores saldos vencidos
-- title_en: Largest past-due customers
-- formula: open debits past their due day by customer: as booked for a company's members, at the closing rate for the group's; share of
--   all that is past due of the member
-- formula_es: cargos abiertos después de su vencimiento por cliente: según libros para los miembros de una empresa, al tipo de cambio de
--   cierre para los del grupo; proporción de todo lo vencido del miembro
-- grain: one row per scope, company_id, member_id, owner_id, customer_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'group'
-- reads: customer_positions, members, disputed_amounts, promises, customers_as_of, collectors, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id |
--   customer_name text | collector_name text | past_due_amount money | open_amount money | share_pct pct | worst_days_late int |
--   disputed_amount money | next_promise_date date
-- order: scope, past_due_amount desc, company_id, member_id, owner_id, customer_id
-- unit: money in the member's currency; the group's without customers that are our own companies; disputed amounts stay in past due. The
--   next promise is the earliest not cancelled and not before the day. owner_id is the company that the customer owes
-- unit_es: importes en la moneda del miembro; los del grupo sin clientes que son empresas propias; lo disputado sigue en lo vencido. La
--   próxima promesa es la más cercana no cancelada ni anterior al día. owner_id es la empresa a la que el cliente debe
-- holds: select member_id from this group by scope, company_id, member_id
--   having sum(past_due_amount) > 0.00 and abs(sum(share_pct) - 100) > 0.1
-- holds: select customer_id from this where past_due_amount > 0.00 and worst_days_late is null
-- holds: select k.member_id from kpis($as_of, $grain) k left join (select scope, company_id, member_id, sum(past_due_amount) as amount
--   from this group by scope, company_id, member_id) t on t.scope = k.scope and t.company_id = k.company_id and t.member_id = k.member_id
--   where abs(k.past_due_amount - coalesce(t.amount, 0.00)) > 0.05
-- inputs: past_due_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and due_date < $as_of
-- inputs: open_amount = select m.* from member_items($as_of, $grain) m join this t on t.scope = m.scope and t.company_id = m.company_id and
--   t.member_id = m.member_id and t.owner_id = m.owner_id and t.customer_id = m.customer_id
-- source: METRICS 2, 13, 17 and 21, PITFALLS P31
with positions as (
    select
        b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, coalesce(b.member_name, p.currency) as member_name,
        coalesce(b.currency, p.currency) as currency, p.company_id as owner_id, p.customer_id, p.worst_days_late,
        case
            when b.is_booked or coalesce(b.currency, p.currency) = p.currency then 1.00
            when p.past_due_amount = 0.00 and p.open_amount = 0.00 and d.disputed_amount is null then 0.00
            else required_rate(r.rate, p.currency, b.currency, $as_of)
        end as rate,
        case when b.is_booked then p.past_due_amount_company else p.past_due_amount end as past_due_amount,
        case when b.is_booked then p.open_amount_company else p.open_amount end as open_amount,
        coalesce(case when b.is_booked then d.disputed_amount_company else d.disputed_amount end, 0.00) as disputed_amount
    from customer_positions($as_of) p
    join members($as_of, $grain) b on b.owner_id = p.company_id and b.customer_id = p.customer_id
    left join disputed_amounts($as_of) d
        on d.company_id = p.company_id and d.customer_id = p.customer_id and d.currency = p.currency
    left join closing_rates($as_of) r on r.currency = p.currency and r.to_currency = b.currency
),

summed as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, customer_id,
        sum(past_due_amount * rate) as past_due_amount,
        sum(open_amount * rate) as open_amount,
        sum(disputed_amount * rate) as disputed_amount,
        max(worst_days_late) as worst_days_late
    from positions
    group by scope, company_id, member_id, member_name, currency, owner_id, customer_id
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
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, s.owner_id, s.customer_id,
        coalesce(k.name, s.customer_id) as customer_name,
        coalesce(c.name, k.collector_id) as collector_name,
        s.past_due_amount,
        s.open_amount,
        ratio(100 * s.past_due_amount, sum(s.past_due_amount) over (partition by s.scope, s.company_id, s.member_id)) as share_pct,
        s.worst_days_late,
        s.disputed_amount,
        n.promise_date as next_promise_date
    from summed s
    left join customers_as_of($as_of) k on k.company_id = s.owner_id and k.customer_id = s.customer_id
    left join collectors c on c.collector_id = k.collector_id
    left join next_promises n on n.company_id = s.owner_id and n.customer_id = s.customer_id
)

select * from final
