-- name: over_90_list
-- answers: Which items are more than 90 days late, in whose hands are they, and what is being done about them?
-- answers_es: ¿Qué partidas tienen más de 90 días de mora, quién las lleva y qué se hace con ellas?
-- title_es: Partidas con más de 90 días de mora
-- title_en: Items over 90 days late
-- formula: open debits more than `days` days after their due day; in dispute, at most what is open; allowance = part x rate of its bucket,
--   insolvent customers wholly
-- formula_es: cargos abiertos más de `days` días después de su vencimiento; en aclaración, a lo más lo abierto; estimación = parte x tasa
--   de su rango, clientes insolventes completos
-- grain: one row per scope, owner_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date,
--   document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', days int = 90, rates text =
--   '0.3,1.6,3.6,6.6,10.6', forward_looking ratio = 1
-- reads: member_items, aging_buckets, customers_as_of, collectors, disputes, promises
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | customer_id id |
--   customer_name text | status text | document_id id | instalment int | document_kind text | document_date date | due_date date |
--   days_late int | document_currency text | amount money | disputed_amount money | dispute_reason text | promise_date date |
--   collector_name text | allowance_amount money | reason text
-- order: scope, company_id, member_id, amount desc, owner_id, customer_id, document_id, instalment, due_date, account, document_kind,
--   document_date, document_currency
-- unit: money in the member's currency: as booked for a company's own members, at the closing rate for the group's, of the document by
--   currency. With the grain company an item stands in its company and in the group. Items that are less than nothing, credits and
--   unapplied cash are no part. The promise is the next one not cancelled and not before the day that names the document, or else one of
--   the customer that names none; the collector is that of the day. Disputes: of a document's instalments the oldest first, one in another
--   currency is of all. Rates as in provision, disputed parts at that of their bucket
-- unit_es: importes en la moneda del miembro: según libros para los de una empresa, al tipo de cierre para los del grupo, del documento por
--   moneda. Con el grano company una partida está en su empresa y en el grupo. No entran partidas menores que cero, créditos ni pagos por
--   aplicar. La promesa es la siguiente no cancelada ni anterior al día que nombra el documento, o si no, una del cliente que no nombra
--   ninguno; el gestor es el del día. Aclaraciones: de las parcialidades primero las más antiguas; una en otra moneda es del documento
--   entero. Tasas como en provision, lo que está en aclaración a la de su rango
-- holds: select document_id from this where days_late <= $days or amount <= 0.00 or disputed_amount < 0.00 or disputed_amount > amount or
--   allowance_amount > amount + 0.01
-- holds: select k.member_id from (select scope, company_id, member_id, sum(amount) as a from this group by scope, company_id, member_id) t
--   full join (select * from kpis($as_of, $grain) where over_90_amount > 0.00) k on k.scope = t.scope and k.company_id = t.company_id and
--   k.member_id = t.member_id where $days = 90 and coalesce(t.a, 0.00) < coalesce(k.over_90_amount, 0.00) - 0.05
-- inputs: amount = select * from member_items($as_of, $grain) where aging_class = 'due' and open_amount > 0.00 and amount > 0.00 and
--   days_late > $days
-- cases: rates_do_not_fit_buckets
-- source: METRICS 13, 15, 17 and 19
with rated as (
    select
        from_days, coalesce(lead(from_days) over (order by bucket_order) - 1, 999999) as to_days,
        case when length($rates) - length(replace($rates, ',', '')) + 1 = count(*) over ()
            then cast(
                least(cast(trim(split_part($rates, ',', bucket_order)) as decimal(18, 8)) * cast($forward_looking as decimal(18, 4)), 100.00)
                as decimal(18, 8)
            ) end as rate_pct
    from aging_buckets
),

standing as (
    select
        company_id, document_id, min(reason) as dispute_reason, max(currency) as currency, count(distinct currency) as currencies,
        cast(sum(amount) as decimal(18, 2)) as amount
    from disputes
    where opened_date <= $as_of and (closed_date is null or closed_date > $as_of)
    group by company_id, document_id
),

promised as (
    select company_id, customer_id, document_id, min(promise_date) as promise_date
    from promises
    where taken_date <= $as_of and promise_date >= $as_of and (cancelled_date is null or cancelled_date > $as_of)
    group by company_id, customer_id, document_id
),

items as (
    select
        i.*, d.dispute_reason,
        cast(
            case
                when d.document_id is null then 0.00
                when d.currencies = 1 and d.currency = i.document_currency then d.amount
                else 9999999999999999.99
            end as decimal(18, 2)
        ) as claimed_amount,
        -- what is older is in the list too
        cast(
            sum(i.open_amount) over (
                partition by i.scope, i.company_id, i.member_id, i.owner_id, i.document_id
                order by i.due_date, i.instalment, i.account, i.customer_id, i.document_kind, i.document_date
                rows between unbounded preceding and current row
            ) - i.open_amount as decimal(18, 2)
        ) as open_before
    from member_items($as_of, $grain) i
    left join standing d on d.company_id = i.owner_id and d.document_id = i.document_id
    where i.aging_class = 'due' and i.open_amount > 0.00 and i.amount > 0.00 and i.days_late > $days
),

-- a promise that names the document comes before one of the customer
told as (
    select i.*, coalesce(n.promise_date, p.promise_date) as promise_date
    from items i
    left join (select company_id, document_id, min(promise_date) as promise_date from promised where document_id is not null
        group by company_id, document_id) n on n.company_id = i.owner_id and n.document_id = i.document_id
    left join promised p on p.company_id = i.owner_id and p.customer_id = i.customer_id and p.document_id is null
),

final as (
    select
        i.scope, i.company_id, i.member_id, i.member_name, i.currency, i.owner_id, i.account, i.customer_id,
        coalesce(k.name, i.customer_id) as customer_name, k.status, i.document_id, i.instalment, i.document_kind, i.document_date,
        i.due_date, i.days_late, i.document_currency,
        i.amount * i.rate as amount,
        ratio(
            i.amount * cast(greatest(least(i.claimed_amount - i.open_before, i.open_amount), 0.00) as decimal(18, 2)), i.open_amount
        ) * i.rate as disputed_amount,
        i.dispute_reason, i.promise_date, coalesce(c.name, k.collector_id) as collector_name,
        ratio(i.amount * case when k.status = 'insolvent' then 100.00 else r.rate_pct end, 100) * i.rate as allowance_amount,
        case when r.rate_pct is null then 'rates_do_not_fit_buckets' end as reason
    from told i
    join rated r on i.days_late between r.from_days and r.to_days
    left join customers_as_of($as_of) k on k.company_id = i.owner_id and k.customer_id = i.customer_id
    left join collectors c on c.collector_id = k.collector_id
)

select * from final
