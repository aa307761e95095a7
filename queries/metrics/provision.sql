-- name: provision
-- answers: How much of the open debits is expected to be lost, by a matrix of rates?
-- answers_es: ¿Cuánto de los cargos abiertos se espera perder, según una matriz de tasas?
-- title_es: Matriz de provisión
-- title_en: Provision matrix
-- formula: open debits of a bucket (option: less what guarantees cover) x its rate x the forward-looking factor, at most the debit
--   itself; insolvent customers wholly
-- formula_es: cargos abiertos de un rango (opción: menos lo que cubren garantías) x su tasa x el factor prospectivo, a lo más el cargo
--   mismo; los clientes insolventes completos
-- grain: one row per scope, company_id, member_id, row_order
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   rates text = '0.3,1.6,3.6,6.6,10.6', forward_looking ratio = 1, rounding text of total line = 'total', disputed_pct pct = null,
--   rounded_to money = 0.01, guarantees text of ignored deducted = 'ignored'
-- reads: provision_exposures, aging_buckets
-- columns: scope text | company_id id | member_id id | member_name text | currency text | row_order int | row_class text |
--   bucket_order int | bucket text | exposure_amount money | rate_pct pct | allowance_amount money | reason text
-- order: scope, company_id, member_id, row_order
-- unit: money and per cent, allowances in steps of rounded_to (1.00 for whole pesos). rates: one per bucket in per cent, after which the
--   factor and the cap of 100 come. row_class: matrix, disputed (at disputed_pct, or at the bucket's rate where it is not given),
--   specific (insolvent, 100), total. rounding total: the total is the rounded sum of unrounded lines; line: the sum of the rounded ones.
--   Never the total and its lines together. Exposure is the open debits with tax; unapplied cash, credits and advances lower none. Reason
--   of the total tells of rates that fall from one bucket to the next. guarantees deducted: the customer's guarantee (table exposures,
--   the last known up to the day, at its closing rate) covers its oldest debits first; what it covers is no exposure, whatever its class.
--   By currency only one in that currency counts
-- unit_es: importes y por ciento, estimaciones en pasos de rounded_to (1.00 para pesos enteros). rates: una por rango en por ciento,
--   después vienen el factor y el tope de 100. row_class: matrix, disputed (a disputed_pct, o a la tasa del rango si no se da), specific
--   (insolventes, 100), total. rounding total: el total es la suma redondeada de renglones sin redondear; line: la suma de los
--   redondeados. Nunca el total junto con sus renglones. La exposición son los cargos abiertos con impuestos; pagos por aplicar, créditos
--   y anticipos no bajan ninguna. La razón del total avisa de tasas que bajan de un rango al siguiente. guarantees deducted:
--   la garantía del cliente (tabla exposures, la última conocida al día, a su tipo de cierre) cubre primero sus cargos más antiguos; lo
--   cubierto no es exposición, sea de la clase que sea. Por moneda sólo cuenta la que está en esa moneda
-- holds: select member_id from this group by scope, company_id, member_id
--   having sum(case when row_class = 'total' then -exposure_amount else exposure_amount end) <> 0.00
-- holds: select member_id from this where allowance_amount < 0.00 or allowance_amount > exposure_amount + $rounded_to
-- holds: select member_id from this where $rounding = 'line' group by scope, company_id, member_id
--   having sum(case when row_class = 'total' then -allowance_amount else allowance_amount end) <> 0.00
-- holds: select t.member_id from this t join provision($as_of, $grain, $rates, $forward_looking, $rounding, $disputed_pct, $rounded_to,
--   'deducted') n on n.scope = t.scope and n.company_id = t.company_id and n.member_id = t.member_id and n.row_order = t.row_order
--   where n.exposure_amount > t.exposure_amount or n.allowance_amount > t.allowance_amount
-- inputs: exposure_amount = select scope, company_id, member_id, (case row_class when 'matrix' then 0 when 'disputed' then 100 else 200
--   end) + bucket_order as row_order, owner_id, customer_id, document_id, instalment, due_date, amount, rate from
--   provision_exposures($as_of, $grain, $guarantees) union all select scope, company_id, member_id, 999 as row_order, owner_id,
--   customer_id, document_id, instalment, due_date, amount, rate from provision_exposures($as_of, $grain, $guarantees)
-- cases: rates_do_not_fit_buckets, rates_fall
-- source: METRICS 15 and 28.8
with given as (
    select
        bucket_order, bucket,
        case when length($rates) - length(replace($rates, ',', '')) + 1 = count(*) over ()
            then cast(trim(split_part($rates, ',', bucket_order)) as decimal(18, 8)) end as rate_pct
    from aging_buckets
),

rated as (
    select
        bucket_order, bucket,
        case when rate_pct is not null
            then cast(least(rate_pct * cast($forward_looking as decimal(18, 4)), 100.00) as decimal(18, 8)) end as rate_pct,
        max(case when is_falling then 1 else 0 end) over () = 1 as is_falling
    from (select *, rate_pct < lag(rate_pct) over (order by bucket_order) as is_falling from given) g
),

exposed as (
    select
        scope, company_id, member_id, member_name, currency, row_class, bucket_order,
        sum(amount * rate) as amount
    from provision_exposures($as_of, $grain, $guarantees)
    group by scope, company_id, member_id, member_name, currency, row_class, bucket_order
),

-- every bucket of the matrix for every member; of the other classes what there is
lines as (
    select
        e.scope, e.company_id, e.member_id, e.member_name, e.currency, k.row_class, k.class_order, r.bucket_order, r.bucket, r.is_falling,
        case k.row_class
            when 'specific' then 100.00
            when 'disputed' then coalesce(cast($disputed_pct as decimal(18, 8)), r.rate_pct)
            else r.rate_pct
        end as rate_pct,
        sum(case when e.row_class = k.row_class and e.bucket_order = r.bucket_order then e.amount else 0.00 end) as exposure_amount
    from exposed e
    cross join rated r
    cross join (values ('matrix', 0), ('disputed', 100), ('specific', 200)) as k (row_class, class_order)
    group by
        e.scope, e.company_id, e.member_id, e.member_name, e.currency, k.row_class, k.class_order, r.bucket_order, r.bucket, r.is_falling,
        r.rate_pct
),

measured as (
    select
        *,
        exposure_amount * rate_pct as lost_of_100,
        round(ratio(exposure_amount * rate_pct, 100 * cast($rounded_to as decimal(18, 2))), 0) as lost_steps
    from lines
    where row_class = 'matrix' or exposure_amount <> 0.00
),

-- each line, and all of them
doubled as (
    select
        m.scope, m.company_id, m.member_id, m.member_name, m.currency, m.exposure_amount, m.lost_of_100, m.lost_steps, m.rate_pct,
        m.is_falling,
        case when t.is_total then 999 else m.class_order + m.bucket_order end as row_order,
        case when t.is_total then 'total' else m.row_class end as row_class,
        case when not t.is_total then m.bucket_order end as bucket_order,
        case when not t.is_total then m.bucket end as bucket
    from measured m
    cross join (values (false), (true)) as t (is_total)
),

rows as (
    select
        scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket,
        sum(exposure_amount) as exposure_amount,
        sum(lost_of_100) as lost_of_100,
        sum(lost_steps) as lost_steps,
        max(rate_pct) as rate_pct,
        count(rate_pct) = count(*) as has_rates,
        max(case when is_falling then 1 else 0 end) = 1 as is_falling
    from doubled
    group by scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket
),

final as (
    select
        scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket, exposure_amount,
        cast(
            case when not has_rates then null when row_class = 'total' then ratio(lost_of_100, exposure_amount) else rate_pct end
            as decimal(18, 4)
        ) as rate_pct,
        cast(
            case
                when not has_rates then null
                when row_class = 'total' and $rounding = 'total'
                    then round(ratio(lost_of_100, 100 * cast($rounded_to as decimal(18, 2))), 0)
                else lost_steps
            end as decimal(18, 0)
        ) * cast($rounded_to as decimal(18, 2)) as allowance_amount,
        case
            when not has_rates then 'rates_do_not_fit_buckets'
            when row_class = 'total' and is_falling then 'rates_fall'
        end as reason
    from rows
)

select * from final
