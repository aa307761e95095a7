-- name: roll_rates
-- answers: Which share of each bucket stood one bucket later at the next month end?
-- answers_es: ¿Qué proporción de cada rango estaba un rango más allá en el siguiente cierre de mes?
-- title_es: Tasas de migración entre tramos
-- title_en: Roll rates
-- formula: open in the next bucket at the next month end / open in the bucket at this month end; by items: of it, what was in this bucket
--   before / the same
-- formula_es: abierto en el rango siguiente en el cierre siguiente / abierto en el rango en este cierre; por partidas: de ello, lo que
--   antes estaba en este rango / lo mismo
-- grain: one row per month_end, scope, company_id, member_id, from_bucket_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_postings, month_ends, aging_columns, aging_buckets, rate_spans
-- columns: month_end date | next_month_end date | scope text | company_id id | member_id id | member_name text | currency text |
--   from_bucket_order int | from_bucket text | to_bucket text | start_amount money | end_amount money | rate_pct pct |
--   entered_amount money | entered_pct pct | reason text
-- order: month_end, scope, company_id, member_id, from_bucket_order
-- unit: money and per cent, from each month end from the month of `from` on to the next one, the last cut at `to`. Both ends at the value
--   of the first: as booked, or at its closing rate (that of the end for a currency that has none then and nothing open).
--   rate_pct is the net flow: all that stands in the next bucket, so for the last bucket, which keeps what is old, it says too much;
--   entered_pct takes only debits whose due day puts them in the from-bucket before (billed in between or not)
--   Members are those of the day `to`
-- unit_es: importes y por ciento, de cada cierre desde el mes de `from` al siguiente, el último cortado en `to`. Ambos extremos al valor
--   del primero: según libros, o a su tipo de cierre (el del final para una moneda que entonces no tiene tipo ni saldo). rate_pct es el
--   flujo neto: todo lo que está en el rango siguiente, por eso en el último, que guarda lo viejo, dice de más; entered_pct toma sólo
--   cargos cuyo vencimiento los pone en el rango de origen antes. Los miembros son los del día `to`
-- holds: select member_id from this where (rate_pct is null) <> (start_amount <= 0.00) or (rate_pct is null) <> (reason is not null)
-- holds: select a.bucket from this t join (select * from aging_group(least(month_end($from), $to), $grain)) a
--   on a.scope = t.scope and a.company_id = t.company_id and a.member_id = t.member_id and a.bucket_order = t.from_bucket_order
--   where t.month_end = least(month_end($from), $to) and $grain in ('company', 'currency') and abs(t.start_amount - a.open_amount) > 0.01
-- inputs: start_amount = select i.*, start_bucket_order as from_bucket_order, start_amount as amount from roll_items($from, $to,
--   $grain) i where start_amount <> 0.00 and start_bucket_order < (select max(bucket_order) from aging_buckets)
-- inputs: end_amount = select i.*, end_bucket_order - 1 as from_bucket_order, end_amount as amount from roll_items($from, $to, $grain) i
--   where end_amount <> 0.00 and end_bucket_order > 1
-- inputs: entered_amount = select i.*, start_bucket_order as from_bucket_order, end_amount as amount from roll_items($from, $to,
--   $grain) i where end_amount <> 0.00 and end_bucket_order = start_bucket_order + 1
-- cases: empty_bucket, negative_bucket
-- source: METRICS 14(a)
with days as (
    select month_end, lead(month_end) over (order by month_end) as next_month_end from month_ends($from, $to)
),

pairs as (
    select month_end, next_month_end from days where next_month_end is not null
),

-- no finer than the months of the pairs
dated as (
    select
        scope, company_id, member_id, member_name, currency as member_currency,
        case when is_booked then book_currency else document_currency end as currency,
        greatest(least(month_end(posting_date), $to), least(month_end($from), $to)) as posted_by, due_date,
        case when is_booked then company_amount else amount end as amount
    from member_postings($from, $to, $grain)
    where aging_class = 'due'
),

posted as (
    select scope, company_id, member_id, member_name, member_currency, currency, posted_by, due_date, sum(amount) as amount
    from dated
    group by scope, company_id, member_id, member_name, member_currency, currency, posted_by, due_date
),

placed as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.member_currency, p.currency, d.month_end, d.next_month_end,
        s.bucket_order as start_bucket_order, e.bucket_order as end_bucket_order,
        sum(case when p.posted_by <= d.month_end then p.amount else 0.00 end) as start_amount,
        sum(p.amount) as end_amount
    from posted p
    join pairs d on d.next_month_end >= p.posted_by
    join aging_columns() s on s.aging_class = 'due' and days_between(d.month_end, p.due_date) between s.from_days and s.to_days
    join aging_columns() e on e.aging_class = 'due' and days_between(d.next_month_end, p.due_date) between e.from_days and e.to_days
    group by
        p.scope, p.company_id, p.member_id, p.member_name, p.member_currency, p.currency, d.month_end, d.next_month_end,
        s.bucket_order, e.bucket_order
),

steps as (
    select bucket_order as from_bucket_order, bucket as from_bucket, lead(bucket) over (order by bucket_order) as to_bucket
    from aging_buckets
),

by_currency as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.member_currency, p.currency, p.month_end, p.next_month_end,
        k.from_bucket_order, k.from_bucket, k.to_bucket,
        sum(case when p.start_bucket_order = k.from_bucket_order then p.start_amount else 0.00 end) as start_amount,
        sum(case when p.end_bucket_order = k.from_bucket_order + 1 then p.end_amount else 0.00 end) as end_amount,
        sum(
            case when p.end_bucket_order = k.from_bucket_order + 1 and p.start_bucket_order = k.from_bucket_order then p.end_amount
                else 0.00 end
        ) as entered_amount
    from placed p
    cross join steps k
    where k.to_bucket is not null
    group by
        p.scope, p.company_id, p.member_id, p.member_name, p.member_currency, p.currency, p.month_end, p.next_month_end,
        k.from_bucket_order, k.from_bucket, k.to_bucket
),

rated as (
    select
        b.*,
        case
            when b.currency = b.member_currency then 1.00
            when b.start_amount = 0.00 and b.end_amount = 0.00 and b.entered_amount = 0.00 then 0.00
            when b.start_amount = 0.00
                then required_rate(coalesce(s.rate, e.rate), b.currency, b.member_currency, b.month_end)
            else required_rate(s.rate, b.currency, b.member_currency, b.month_end)
        end as rate
    from by_currency b
    left join rate_spans() s
        on s.currency = b.currency and s.to_currency = b.member_currency and b.month_end between s.valid_from and s.valid_to
    left join rate_spans() e
        on e.currency = b.currency and e.to_currency = b.member_currency and b.next_month_end between e.valid_from and e.valid_to
),

summed as (
    select
        month_end, next_month_end, scope, company_id, member_id, member_name, member_currency as currency,
        from_bucket_order, from_bucket, to_bucket,
        sum(start_amount * rate) as start_amount,
        sum(end_amount * rate) as end_amount,
        sum(entered_amount * rate) as entered_amount
    from rated
    group by
        month_end, next_month_end, scope, company_id, member_id, member_name, member_currency, from_bucket_order, from_bucket, to_bucket
),

final as (
    select
        month_end, next_month_end, scope, company_id, member_id, member_name, currency, from_bucket_order, from_bucket, to_bucket,
        start_amount, end_amount,
        case when start_amount > 0.00 then ratio(100 * end_amount, start_amount) end as rate_pct,
        entered_amount,
        case when start_amount > 0.00 then ratio(100 * entered_amount, start_amount) end as entered_pct,
        case when start_amount = 0.00 then 'empty_bucket' when start_amount < 0.00 then 'negative_bucket' end as reason
    from summed
)

select * from final
