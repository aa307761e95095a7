-- name: provision_by_history
-- answers: How much of the open debits is expected to be lost, by what was lost of earlier ones?
-- answers_es: ¿Cuánto de los cargos abiertos se espera perder, según lo que se perdió de los anteriores?
-- title_es: Provisión por pérdida histórica
-- title_en: Provision by historical loss
-- formula: open debits of a bucket on the last day x historical loss rate of the bucket x the forward-looking factor, at most the debit
--   itself; insolvent customers wholly
-- formula_es: cargos abiertos de un rango el último día x tasa histórica de pérdida del rango x el factor prospectivo, a lo más el cargo
--   mismo; los clientes insolventes completos
-- grain: one row per scope, company_id, member_id, row_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', horizon_days int = 365,
--   forward_looking ratio = 1, guarantees text of ignored deducted = 'ignored'
-- reads: loss_rates, provision_exposures
-- columns: scope text | company_id id | member_id id | member_name text | currency text | row_order int | row_class text |
--   bucket_order int | bucket text | exposure_amount money | rate_pct pct | allowance_amount money | reason text
-- order: scope, company_id, member_id, row_order
-- unit: money and per cent. Exposure on the day `to`; rates of debits billed from `from` to horizon_days before it. A member without
--   history takes the rate of all members of its company (or of the group) together, a company that of the group: reason wider_history;
--   where there is none either it has no allowance, and neither has the total. Matrix: undisputed and disputed debits alike; specific:
--   customers insolvent on the day, at 100. The total rounds the sum of unrounded lines. A negative rate counts as 0. guarantees as in
--   provision
-- unit_es: importes y por ciento. Exposición en el día `to`; tasas de los cargos facturados desde `from` hasta horizon_days antes. Un
--   miembro sin historia toma la tasa de todos los miembros de su empresa (o del grupo), una empresa la del grupo: razón wider_history;
--   si tampoco la hay no tiene estimación, ni el total. Matrix: cargos disputados y no disputados por igual; specific: clientes
--   insolventes en el día, a 100. El total redondea la suma de renglones sin redondear. Una tasa negativa cuenta como 0.
--   guarantees como en provision
-- holds: select member_id from this group by scope, company_id, member_id
--   having sum(case when row_class = 'total' then -exposure_amount else exposure_amount end) <> 0.00
-- holds: select member_id from this where allowance_amount < 0.00 or allowance_amount > exposure_amount
-- holds: select member_id from this where (allowance_amount is null) <> (coalesce(reason, '') = 'no_history')
-- inputs: exposure_amount = select scope, company_id, member_id, case when row_class = 'specific' then 200 else 0 end + bucket_order as
--   row_order, owner_id, customer_id, document_id, instalment, due_date, amount, rate from provision_exposures($to, $grain, $guarantees)
--   union all select scope, company_id, member_id, 999 as row_order, owner_id, customer_id, document_id, instalment, due_date, amount,
--   rate from provision_exposures($to, $grain, $guarantees)
-- cases: wider_history, no_history
-- source: METRICS 15
with
-- rates from the sums: loss_pct is rounded for the eye
losses as (
    select *, ratio(100 * lost_amount, reached_amount) as member_pct
    from loss_rates($from, $to, $grain, $horizon_days)
),

history as (
    select
        scope, company_id, member_id, bucket_order, member_pct,
        case when scope in ('company', 'group') then cast(null as decimal(28, 8)) else
            ratio(
                100 * sum(lost_amount) over (partition by scope, company_id, currency, bucket_order),
                sum(reached_amount) over (partition by scope, company_id, currency, bucket_order)
            )
        end as house_pct,
        max(case when scope = 'group' then member_pct end) over (partition by bucket_order) as group_pct
    from losses
),

classed as (
    select
        scope, company_id, member_id, member_name, currency, bucket_order, bucket, amount * rate as exposure_amount,
        case when row_class = 'specific' then 'specific' else 'matrix' end as row_class
    from provision_exposures($to, $grain, $guarantees)
),

exposed as (
    select
        scope, company_id, member_id, member_name, currency, row_class, bucket_order, bucket,
        sum(exposure_amount) as exposure_amount
    from classed
    group by scope, company_id, member_id, member_name, currency, row_class, bucket_order, bucket
),

rated as (
    select
        e.*,
        cast(
            case when e.row_class = 'specific' then 100.00
                else coalesce(h.member_pct, h.house_pct, h.group_pct) end as decimal(18, 8)
        ) as historical_pct,
        e.row_class <> 'specific' and h.member_pct is null as is_wider
    from exposed e
    left join history h on h.scope = e.scope and h.company_id = e.company_id and h.member_id = e.member_id
        and h.bucket_order = e.bucket_order
),

lines as (
    select
        *,
        case
            when row_class = 'specific' then cast(100 as decimal(18, 8))
            when historical_pct is not null then cast(
                least(greatest(historical_pct * cast($forward_looking as decimal(18, 4)), 0.00), 100.00) as decimal(18, 8)
            )
        end as rate_pct
    from rated
),

-- each line, and all of them
doubled as (
    select
        l.scope, l.company_id, l.member_id, l.member_name, l.currency, l.exposure_amount, l.rate_pct, l.is_wider,
        case when t.is_total then 999 when l.row_class = 'specific' then 200 + l.bucket_order else l.bucket_order end as row_order,
        case when t.is_total then 'total' else l.row_class end as row_class,
        case when not t.is_total then l.bucket_order end as bucket_order,
        case when not t.is_total then l.bucket end as bucket
    from lines l
    cross join (values (false), (true)) as t (is_total)
),

rows as (
    select
        scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket,
        sum(exposure_amount) as exposure_amount,
        sum(exposure_amount * rate_pct) as lost_of_100,
        count(rate_pct) = count(*) as has_rates,
        max(case when is_wider then 1 else 0 end) = 1 as is_wider
    from doubled
    group by scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket
),

final as (
    select
        scope, company_id, member_id, member_name, currency, row_order, row_class, bucket_order, bucket, exposure_amount,
        case when has_rates then ratio(lost_of_100, exposure_amount) end as rate_pct,
        case when has_rates then ratio(lost_of_100, 100) end as allowance_amount,
        case when not has_rates then 'no_history' when is_wider then 'wider_history' end as reason
    from rows
)

select * from final
