-- name: transitions
-- answers: Of the debits open at the start of a period, how much was in which bucket, paid, credited or written off at its end?
-- answers_es: De los cargos abiertos al inicio de un periodo, ¿cuánto quedó en qué rango, pagado, acreditado o castigado al final?
-- title_es: Matriz de transición de saldos
-- title_en: Transition matrix of open debits
-- formula: each item's open amount of the first day, by its bucket then and where it is on the last day: what is still open by bucket,
--   the rest by what settled it; per cent of the from-bucket
-- formula_es: importe abierto de cada partida el primer día, por su rango de entonces y dónde está el último día: lo aún abierto por
--   rango, el resto por lo que lo saldó; por ciento del rango de origen
-- grain: one row per scope, company_id, member_id, from_bucket_order, to_state_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: item_transitions, aging_buckets
-- columns: scope text | company_id id | member_id id | member_name text | currency text | from_bucket_order int | from_bucket text |
--   to_state_order int | to_state text | amount money | pct pct | closing_amount money | reason text
-- order: scope, company_id, member_id, from_bucket_order, to_state_order
-- unit: money and per cent; the rows of a from-bucket make 100. Both ends at the value of the end of the day `from` (booked then, or
--   the closing rate then); closing_amount is what of it is open on `to` at the value of `to`. Rows of from_bucket new (order 0) are the
--   open debits that were not owed on `from`, at the value of `to`, so that closing_amount by to_state is the aging of `to`. Other:
--   netting, discounts, withholding, fees, cancellations, what was seen only as gone. Members are those of the day `to`. A due day moved
--   later leads to a lower bucket
-- unit_es: importes y por ciento; los renglones de un rango de origen hacen 100. Ambos extremos al valor del fin del día `from` (en
--   libros entonces, o al tipo de cierre de entonces); closing_amount es lo que de ello está abierto en `to` al valor de `to`. Los
--   renglones de from_bucket new (orden 0) son los cargos abiertos que no se debían en `from`, al valor de `to`, de modo que
--   closing_amount por to_state es la antigüedad de `to`. Otros: compensaciones, descuentos, retenciones, comisiones, cancelaciones, lo
--   que sólo dejó de verse. Los miembros son los del día `to`. Un vencimiento prorrogado lleva a un rango menor
-- holds: select member_id from this where from_bucket_order > 0 and reason is null
--   group by scope, company_id, member_id, from_bucket_order having abs(sum(pct) - 100) > 0.01
-- holds: select member_id from this where pct < 0.00 or pct > 100.00
-- holds: select a.bucket from (select scope, company_id, member_id, to_state_order, sum(closing_amount) as closing_amount from this
--   group by scope, company_id, member_id, to_state_order) t
--   full join (select * from aging_group($to, $grain) where bucket not in ('unapplied', 'credits', 'advances') and open_amount <> 0.00) a
--   on a.scope = t.scope and a.company_id = t.company_id and a.member_id = t.member_id and a.bucket_order = t.to_state_order
--   where abs(coalesce(a.open_amount, 0.00) - coalesce(t.closing_amount, 0.00)) > 0.02
-- inputs: amount = select i.*, i.document_amount as part_amount from item_transitions($from, $to, $grain) i
-- inputs: closing_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, from_bucket_order,
--   to_state_order, closing_amount as amount, closing_rate as rate from item_transitions($from, $to, $grain)
-- cases: empty_bucket, new_items
-- source: METRICS 14(b) and 28.7
with summed as (
    select
        scope, company_id, member_id, member_name, currency, from_bucket_order, to_state_order,
        sum(amount * rate) as amount,
        sum(closing_amount * closing_rate) as closing_amount
    from item_transitions($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency, from_bucket_order, to_state_order
),

from_buckets as (
    select bucket_order, bucket from aging_buckets
    union all
    select 0 as bucket_order, 'new' as bucket
),

to_states as (
    select bucket_order, bucket from aging_buckets
    union all
    select n.buckets + o.position as bucket_order, o.state as bucket
    from (select max(bucket_order) as buckets from aging_buckets) n
    cross join (values (1, 'paid'), (2, 'credited'), (3, 'written_off'), (4, 'other')) as o (position, state)
),

-- every pair for every member, 0.00 where nothing went that way; what is new has no way but into a bucket
filled as (
    select
        s.scope, s.company_id, s.member_id, s.member_name, s.currency,
        f.bucket_order as from_bucket_order, f.bucket as from_bucket, t.bucket_order as to_state_order, t.bucket as to_state,
        sum(case when s.from_bucket_order = f.bucket_order and s.to_state_order = t.bucket_order then s.amount else 0.00 end) as amount,
        sum(case when s.from_bucket_order = f.bucket_order and s.to_state_order = t.bucket_order then s.closing_amount else 0.00 end)
            as closing_amount
    from summed s
    cross join from_buckets f
    cross join to_states t
    where f.bucket_order > 0 or t.bucket not in ('paid', 'credited', 'written_off', 'other')
    group by
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, f.bucket_order, f.bucket, t.bucket_order, t.bucket
),

shared as (
    select *, sum(amount) over (partition by scope, company_id, member_id, from_bucket_order) as from_amount
    from filled
),

final as (
    select
        scope, company_id, member_id, member_name, currency, from_bucket_order, from_bucket, to_state_order, to_state, amount,
        case when from_bucket_order > 0 and from_amount > 0.00 then ratio(100 * amount, from_amount) end as pct,
        closing_amount,
        case when from_bucket_order = 0 then 'new_items' when from_amount <= 0.00 then 'empty_bucket' end as reason
    from shared
)

select * from final
