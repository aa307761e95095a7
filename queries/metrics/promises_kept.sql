-- name: promises_kept
-- answers: How many of the promises to pay that came due in a period were kept, and with how much of what was promised?
-- answers_es: De las promesas de pago que vencieron en un periodo, ¿cuántas se cumplieron y con cuánto de lo prometido?
-- title_es: Promesas de pago cumplidas
-- title_en: Promises to pay kept
-- formula: by count: kept / resolved; by amount: cash, at most what was promised / promised; strict: promised of those kept in full /
--   promised
-- formula_es: en número: cumplidas / resueltas; en importe: efectivo, a lo más lo prometido / prometido; estricto: lo prometido de las
--   cumplidas completas / prometido
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: promise_outcomes, promises, members, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | resolved int | kept int | kept_count_pct pct |
--   promised_amount money | paid_amount money | kept_amount_pct pct | kept_in_full_amount money | kept_strict_pct pct | cancelled int |
--   cancelled_amount money | open int | open_amount money | reason text
-- order: scope, company_id, member_id
-- unit: counts, money and per cent. Resolved: the day promised and 3 days of grace ran out in the period; cancelled: taken back in the
--   period, before it was due; open: not yet resolved on the last day. A promise counts in its own currency; where the member's is
--   another, at the rate of the day promised, or of the last day if that comes first. Collectors are those who own the customer on the
--   last day
-- unit_es: conteos, importes y por ciento. Resueltas: el día prometido y 3 de gracia vencieron en el periodo; canceladas: retiradas en el
--   periodo antes de vencer; abiertas: sin resolver el último día. Una promesa cuenta en su moneda; donde la del miembro es otra, al tipo
--   del día prometido, o del último día si llega antes. Los gestores son los que tienen al cliente el último día
-- holds: select scope from this where kept > resolved or paid_amount > promised_amount or kept_in_full_amount > paid_amount
-- holds: select scope from this where (kept_count_pct is null) <> (reason is not null)
-- holds: select t.a from (select sum(resolved + cancelled + open) as a from this where scope in ('company', 'customer', 'parent')) t
--   where $grain in ('company', 'customer', 'parent') and t.a <> (select count(*) from promise_outcomes($to) o join promises p on
--   p.company_id = o.company_id and p.promise_id = o.promise_id where o.state = 'open' or case when o.state = 'cancelled' then
--   p.cancelled_date else o.resolved_date end between $from and $to)
-- inputs: kept = select b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, p.promise_id, p.customer_id, 1 as amount
--   from promise_outcomes($to) p join members($to, $grain) b on b.owner_id = p.company_id and b.customer_id = p.customer_id where p.state
--   = 'kept' and p.resolved_date between $from and $to
-- inputs: resolved = select b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, p.promise_id, p.customer_id, 1 as
--   amount from promise_outcomes($to) p join members($to, $grain) b on b.owner_id = p.company_id and b.customer_id = p.customer_id where
--   p.state in ('kept', 'broken') and p.resolved_date between $from and $to
-- cases: no_promises
-- source: METRICS 19
with promised as (
    select
        b.scope, b.company_id, coalesce(b.member_id, p.currency) as member_id, coalesce(b.member_name, p.currency) as member_name,
        coalesce(b.currency, p.currency) as currency,
        p.state, p.amount, p.kept_amount,
        case
            when p.currency = coalesce(b.currency, p.currency) then 1.00
            when p.amount = 0.00 then 0.00
            else required_rate(r.rate, p.currency, b.currency, least(p.promise_date, $to))
        end as rate
    from promise_outcomes($to) p
    join promises t on t.company_id = p.company_id and t.promise_id = p.promise_id
    join members($to, $grain) b on b.owner_id = p.company_id and b.customer_id = p.customer_id
    left join rate_spans() r
        on r.currency = p.currency and r.to_currency = b.currency and least(p.promise_date, $to) between r.valid_from and r.valid_to
    where
        p.state = 'open'
        or case when p.state = 'cancelled' then t.cancelled_date else p.resolved_date end between $from and $to
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when state in ('kept', 'broken') then 1 else 0 end) as resolved,
        sum(case when state = 'kept' then 1 else 0 end) as kept,
        sum(case when state in ('kept', 'broken') then amount * rate else 0.00 end) as promised_amount,
        sum(case when state in ('kept', 'broken') then kept_amount * rate else 0.00 end) as paid_amount,
        sum(case when state = 'kept' then amount * rate else 0.00 end) as kept_in_full_amount,
        sum(case when state = 'cancelled' then 1 else 0 end) as cancelled,
        sum(case when state = 'cancelled' then amount * rate else 0.00 end) as cancelled_amount,
        sum(case when state = 'open' then 1 else 0 end) as open,
        sum(case when state = 'open' then amount * rate else 0.00 end) as open_amount
    from promised
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, resolved, kept,
        ratio(100 * kept, resolved) as kept_count_pct,
        promised_amount, paid_amount,
        ratio(100 * paid_amount, promised_amount) as kept_amount_pct,
        kept_in_full_amount,
        ratio(100 * kept_in_full_amount, promised_amount) as kept_strict_pct,
        cancelled, cancelled_amount, open, open_amount,
        case when resolved = 0 then 'no_promises' end as reason
    from summed
)

select * from final
