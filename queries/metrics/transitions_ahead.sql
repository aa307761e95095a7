-- name: transitions_ahead
-- answers: If open debits went on as they did in a period, how much of each bucket would be where after several such periods?
-- answers_es: Si los cargos abiertos siguieran como en un periodo, ¿cuánto de cada rango estaría dónde tras varios periodos iguales?
-- title_es: Matriz de transición a varios periodos
-- title_en: Transition matrix over several periods
-- formula: the transition matrix of the period to the power of the step: share in a state = sum over the buckets of the share in the
--   bucket one step before x the share of that bucket which went to the state; what was paid, credited, written off or left in another
--   way stays so
-- formula_es: la matriz de transición del periodo elevada al paso: proporción en un estado = suma, sobre los rangos, de la proporción en
--   el rango un paso antes x la de ese rango que pasó al estado; lo pagado, acreditado, castigado o salido por otra vía así queda
-- grain: one row per scope, company_id, member_id, step, from_bucket_order, to_state_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', steps int = 3
-- reads: item_transitions, aging_buckets
-- columns: scope text | company_id id | member_id id | member_name text | currency text | step int | from_bucket_order int |
--   from_bucket text | to_state_order int | to_state text | pct pct | reason text
-- order: scope, company_id, member_id, step, from_bucket_order, to_state_order
-- unit: per cent of what stands in the from-bucket at the start; the rows of a step and from-bucket make 100. A step is as long as the
--   period: one month for a month, whose matrix (the query transitions, step 1) lists its documents. steps: up to 60. New items are no
--   part. Nothing is known of what comes into a bucket that was empty at the start: from-buckets that lead there by an earlier step have
--   no figure. Members are those of the day `to` with open debits on the day `from`
-- unit_es: por ciento de lo que está en el rango de origen al inicio; los renglones de un paso y rango de origen hacen 100. Un paso dura
--   lo que el periodo: un mes si es un mes, cuya matriz (la consulta transitions, paso 1) lista sus documentos. steps: hasta 60. Las
--   partidas nuevas no entran. De lo que llega a un rango que estaba vacío al inicio no se sabe nada: los rangos que llevan a él en un
--   paso anterior no tienen cifra. Los miembros son los del día `to` con cargos abiertos el día `from`
-- holds: select member_id from this where reason is null group by scope, company_id, member_id, step, from_bucket_order
--   having abs(sum(pct) - 100) > 0.01
-- holds: select member_id from this where pct < 0.00 or pct > 100.00 or (pct is null) <> (reason is not null)
-- holds: select t.member_id from this t left join transitions($from, $to, $grain) o on o.scope = t.scope and o.company_id = t.company_id
--   and o.member_id = t.member_id and o.from_bucket_order = t.from_bucket_order and o.to_state_order = t.to_state_order
--   where t.step = 1 and (o.member_id is null or (o.pct is distinct from t.pct))
-- holds: select b.member_id from this b join this a on a.scope = b.scope and a.company_id = b.company_id and a.member_id = b.member_id
--   and a.from_bucket_order = b.from_bucket_order and a.to_state_order = b.to_state_order and b.step = a.step + 1
--   where a.to_state_order > (select max(bucket_order) from aging_buckets) and b.pct < a.pct
-- cases: empty_bucket, empty_bucket_on_the_way
-- source: METRICS 14(b)
with recursive summed as (
    select
        scope, company_id, member_id, member_name, currency, from_bucket_order, to_state_order,
        sum(amount * rate) as amount
    from item_transitions($from, $to, $grain)
    where from_bucket_order > 0
    group by scope, company_id, member_id, member_name, currency, from_bucket_order, to_state_order
),

totalled as (
    select *, sum(amount) over (partition by scope, company_id, member_id, from_bucket_order) as from_amount
    from summed
),

-- shares in millionths, with eight decimals
shared as (
    select *, ratio(1000000 * amount, from_amount) as share
    from totalled
    where from_amount > 0.00
),

-- the buckets, the four ways out, and last the state of what nothing is known of. Of one type, as what repeats keeps the first it had
states as (
    select
        cast(case when o.position = 0 then b.bucket_order else b.buckets + o.position end as int) as state_order,
        case when o.position = 0 then b.bucket else o.state end as state,
        b.buckets
    from (select bucket_order, bucket, max(bucket_order) over () as buckets from aging_buckets) b
    cross join (values (0, ''), (1, 'paid'), (2, 'credited'), (3, 'written_off'), (4, 'other'), (5, 'unknown')) as o (position, state)
    where o.position = 0 or b.bucket_order = b.buckets
),

-- every pair for every member; of an empty bucket nothing is known
cells as (
    select
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, f.bucket_order as from_bucket_order, f.bucket as from_bucket,
        max(case when s.from_bucket_order = f.bucket_order then 1 else 0 end) = 1 as is_known,
        t.state_order, t.buckets,
        cast(
            case
                when t.state_order = t.buckets + 5 and max(case when s.from_bucket_order = f.bucket_order then 1 else 0 end) = 0
                    then 1000000
                else sum(case when s.from_bucket_order = f.bucket_order and s.to_state_order = t.state_order then s.share else 0.00 end)
            end as decimal(28, 8)
        ) as share
    from shared s
    cross join aging_buckets f
    cross join states t
    group by
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, f.bucket_order, f.bucket, t.state_order, t.buckets
),

-- each row carries its member's whole matrix, so that a step needs nothing but the step before; it takes every column of that one
walked as (
    select
        scope, company_id, member_id, member_name, currency, 1 as step, from_bucket_order, from_bucket, is_known, state_order, buckets,
        share,
        array_agg(share) over (
            partition by scope, company_id, member_id order by from_bucket_order, state_order
            rows between unbounded preceding and unbounded following
        ) as matrix
    from cells
    union all
    select
        w.scope, w.company_id, w.member_id, w.member_name, w.currency, w.step + 1 as step, w.from_bucket_order, w.from_bucket, w.is_known,
        t.state_order, w.buckets,
        -- out of a bucket by its own shares, out of any other state nowhere
        ratio(
            sum(
                w.share * case
                    when w.state_order <= w.buckets then w.matrix[(w.state_order - 1) * (w.buckets + 5) + t.state_order]
                    when w.state_order = t.state_order then 1000000.00
                    else 0.00
                end
            ), 1000000
        ) as share,
        first_value(w.matrix) as matrix
    from walked w
    cross join states t
    where w.step < least(cast($steps as int), 60)
    group by
        w.scope, w.company_id, w.member_id, w.member_name, w.currency, w.step, w.from_bucket_order, w.from_bucket, w.is_known,
        t.state_order, w.buckets
),

told as (
    select
        w.*, t.state,
        max(case when w.state_order = w.buckets + 5 and w.share <> 0.00 then 1 else 0 end) over (
            partition by w.scope, w.company_id, w.member_id, w.step, w.from_bucket_order
        ) = 1 as is_lost
    from walked w
    join states t on t.state_order = w.state_order
),

final as (
    select
        scope, company_id, member_id, member_name, currency, step, from_bucket_order, from_bucket, state_order as to_state_order,
        state as to_state,
        case when not is_lost then ratio(share, 10000) end as pct,
        case when not is_known then 'empty_bucket' when is_lost then 'empty_bucket_on_the_way' end as reason
    from told
    where state_order < buckets + 5
)

select * from final
