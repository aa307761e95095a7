-- name: provision_movement
-- answers: How did the allowance for expected losses get from the opening to the closing of a period, and how much does it cover?
-- answers_es: ¿Cómo pasó la estimación de cuentas incobrables de la apertura al cierre de un periodo y cuánto cubre?
-- title_es: Movimiento de la estimación de cuentas incobrables
-- title_en: Movement of the allowance
-- formula: allowance = open debits x rate of their bucket, insolvent customers wholly; opening + new items - paid - credited - written
--   off - other + ageing + assessment + FX = closing; coverage = allowance / past due, and / over 90 days
-- formula_es: estimación = cargos abiertos x tasa de su rango, clientes insolventes completos; apertura + partidas nuevas - pagadas -
--   acreditadas - castigadas - otras + antigüedad + evaluación + cambiaria = cierre; cobertura = estimación / vencido, y / más de 90 días
-- grain: one row per scope, company_id, member_id, line_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', rates text =
--   '0.3,1.6,3.6,6.6,10.6', forward_looking ratio = 1
-- reads: item_transitions, aging_buckets, customers_as_of
-- columns: scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text |
--   allowance_amount money | exposure_amount money | past_due_amount money | over_90_amount money | coverage_past_due_pct pct |
--   coverage_over_90_pct pct | reason text
-- order: scope, company_id, member_id, line_order
-- unit: money and per cent. Opening: the end of the day before `from`; lines 2 to 9 lead to closing, to the cent. Rates as in provision,
--   the same at both ends (disputed items at the rate of their bucket). What left takes its allowance of the opening with it
--   (written_off: what the allowance was used for); guarantees are not deducted; ageing: the same money in another bucket, a due day
--   moved later lowers it; assessment: a customer became insolvent, or is no longer; fx: another value of what stayed. Past due, over 90
--   and coverage stand on opening and closing. Members are those of the day `to`
-- unit_es: importes y por ciento. Apertura: el fin del día anterior a `from`; los renglones 2 a 9 llevan al cierre, al centavo. Tasas
--   como en provision, iguales en ambos extremos (lo disputado a la tasa de su rango). Lo que salió se lleva su estimación de apertura
--   (written_off: para lo que se usó la estimación); no se restan garantías; ageing: el mismo dinero en otro rango, un vencimiento
--   prorrogado la baja; assessment: un cliente pasó a insolvente o dejó de serlo; fx: otro valor de lo que quedó. Vencido, más de 90 y
--   cobertura van en apertura y cierre. Los miembros son los del día `to`
-- holds: select member_id from this group by scope, company_id, member_id
--   having sum(case when line = 'closing' then -allowance_amount else allowance_amount end) <> 0.00
--     or abs(sum(case when line = 'closing' then -exposure_amount else exposure_amount end)) > 0.05
-- holds: select t.member_id from (select * from this where line = 'closing') t full join (select * from provision($to, $grain, $rates,
--   $forward_looking) where row_class = 'total') p on p.scope = t.scope and p.company_id = t.company_id and p.member_id = t.member_id
--   where abs(coalesce(t.allowance_amount, 0.00) - coalesce(p.allowance_amount, 0.00)) > 0.01 or abs(coalesce(t.exposure_amount, 0.00) -
--   coalesce(p.exposure_amount, 0.00)) > 0.01
-- holds: select t.member_id from (select * from this where line = 'opening') t full join (select * from provision($from - 1, $grain,
--   $rates, $forward_looking) where row_class = 'total') p on p.scope = t.scope and p.company_id = t.company_id and p.member_id =
--   t.member_id where $grain = 'company' and t.scope = 'company' and abs(coalesce(t.allowance_amount, 0.00) -
--   coalesce(p.allowance_amount, 0.00)) > 0.01
-- inputs: exposure_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, document_currency, 1 as
--   line_order, amount, rate from item_transitions($from - 1, $to, $grain) where from_bucket_order > 0 union all select scope,
--   company_id, member_id, owner_id, customer_id, document_id, instalment, document_currency, 2 as line_order, closing_amount as amount,
--   closing_rate as rate from item_transitions($from - 1, $to, $grain) where from_bucket_order = 0 and document_amount > 0.00 and
--   closing_amount > 0.00 union all select t.scope, t.company_id, t.member_id, t.owner_id, t.customer_id, t.document_id, t.instalment,
--   t.document_currency, t.to_state_order - b.buckets + 2 as line_order, -t.amount as amount, t.rate from item_transitions($from - 1,
--   $to, $grain) t cross join (select max(bucket_order) as buckets from aging_buckets) b where t.from_bucket_order > 0 and
--   t.to_state_order > b.buckets union all select t.scope, t.company_id, t.member_id, t.owner_id, t.customer_id, t.document_id,
--   t.instalment, t.document_currency, 9 as line_order, t.closing_amount as amount, t.closing_rate as rate from item_transitions($from -
--   1, $to, $grain) t cross join (select max(bucket_order) as buckets from aging_buckets) b where t.from_bucket_order > 0 and
--   t.to_state_order <= b.buckets union all select t.scope, t.company_id, t.member_id, t.owner_id, t.customer_id, t.document_id,
--   t.instalment, t.document_currency, 9 as line_order, -t.amount as amount, t.rate from item_transitions($from - 1, $to, $grain) t cross
--   join (select max(bucket_order) as buckets from aging_buckets) b where t.from_bucket_order > 0 and t.to_state_order <= b.buckets union
--   all select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, document_currency, 10 as line_order,
--   closing_amount as amount, closing_rate as rate from item_transitions($from - 1, $to, $grain) where from_bucket_order > 0 or
--   (document_amount > 0.00 and closing_amount > 0.00)
-- cases: rates_do_not_fit_buckets, nothing_past_due, nothing_over_90
-- source: METRICS 15
with rated as (
    select
        bucket_order, from_days, max(bucket_order) over () as buckets,
        case when length($rates) - length(replace($rates, ',', '')) + 1 = count(*) over ()
            then cast(
                least(cast(trim(split_part($rates, ',', bucket_order)) as decimal(18, 8)) * cast($forward_looking as decimal(18, 4)), 100.00)
                as decimal(18, 8)
            ) end as rate_pct
    from aging_buckets
),

-- each part of an item with its rate at both ends; 0 where it was not owed or is not any more
moved as (
    select
        t.scope, t.company_id, t.member_id, t.member_name, t.currency, t.to_state_order - f.buckets as way_out,
        t.from_bucket_order = 0 as is_new,
        coalesce(o.status, '') = 'insolvent' <> (coalesce(c.status, '') = 'insolvent') as is_reassessed,
        case when t.from_bucket_order > 0 then t.amount * t.rate else 0.00 end as amount,
        t.closing_amount * t.closing_rate as closing_amount,
        case when coalesce(o.status, '') = 'insolvent' then 100.00 else f.rate_pct end as rate_pct,
        case when coalesce(c.status, '') = 'insolvent' then 100.00 else g.rate_pct end as closing_rate_pct,
        f.from_days, g.from_days as closing_from_days, f.rate_pct is not null as has_rates
    from item_transitions($from - 1, $to, $grain) t
    join rated f on f.bucket_order = greatest(t.from_bucket_order, 1)
    join rated g on g.bucket_order = least(t.to_state_order, g.buckets)
    left join customers_as_of($from - 1) o on o.company_id = t.owner_id and o.customer_id = t.customer_id
    left join customers_as_of($to) c on c.company_id = t.owner_id and c.customer_id = t.customer_id
    -- what is less than nothing is not exposed
    where t.from_bucket_order > 0 or (t.document_amount > 0.00 and t.closing_amount > 0.00)
),

parts as (
    select
        m.scope, m.company_id, m.member_id, m.member_name, m.currency, l.line_order, l.line, m.has_rates,
        case
            when l.line = 'opening' then m.amount
            when l.line = 'closing' then m.closing_amount
            when l.line = 'new_items' and m.is_new then m.closing_amount
            when m.way_out > 0 and l.line_order = m.way_out + 2 then -m.amount
            when l.line = 'fx' and not m.is_new and m.way_out <= 0 then m.closing_amount - m.amount
            else 0.00
        end as exposure,
        case
            when l.line = 'opening' then m.amount * m.rate_pct
            when l.line = 'closing' then m.closing_amount * m.closing_rate_pct
            when l.line = 'new_items' and m.is_new then m.closing_amount * m.closing_rate_pct
            when m.way_out > 0 and l.line_order = m.way_out + 2 then -m.amount * m.rate_pct
            when m.is_new or m.way_out > 0 then 0.00
            when l.line = 'ageing' and not m.is_reassessed then m.amount * (m.closing_rate_pct - m.rate_pct)
            when l.line = 'assessment' and m.is_reassessed then m.amount * (m.closing_rate_pct - m.rate_pct)
            when l.line = 'fx' then (m.closing_amount - m.amount) * m.closing_rate_pct
            else 0.00
        end as allowance_of_100,
        case
            when l.line = 'opening' and m.from_days >= 1 then m.amount
            when l.line = 'closing' and m.closing_from_days >= 1 then m.closing_amount
            else 0.00
        end as past_due,
        case
            when l.line = 'opening' and m.from_days > 90 then m.amount
            when l.line = 'closing' and m.closing_from_days > 90 then m.closing_amount
            else 0.00
        end as over_90
    from moved m
    cross join (
        values
            (1, 'opening'), (2, 'new_items'), (3, 'paid'), (4, 'credited'), (5, 'written_off'), (6, 'other'), (7, 'ageing'),
            (8, 'assessment'), (9, 'fx'), (10, 'closing')
    ) as l (line_order, line)
),

summed as (
    select
        scope, company_id, member_id, member_name, currency, line_order, line,
        min(case when has_rates then 1 else 0 end) = 1 as has_rates,
        sum(exposure) as exposure_amount,
        sum(allowance_of_100) as allowance_of_100,
        sum(past_due) as past_due_amount,
        sum(over_90) as over_90_amount
    from parts
    group by scope, company_id, member_id, member_name, currency, line_order, line
),

-- a line is what the lines up to it make less what those before it made, to the cent
run as (
    select
        *,
        sum(allowance_of_100) over (
            partition by scope, company_id, member_id order by line_order rows between unbounded preceding and current row
        ) as of_100_to_here
    from summed
),

cents as (
    select
        *,
        case when has_rates then
            case
                when line in ('opening', 'closing') then cast(ratio(allowance_of_100, 100) as decimal(18, 2))
                else cast(ratio(of_100_to_here, 100) as decimal(18, 2))
                    - cast(ratio(of_100_to_here - allowance_of_100, 100) as decimal(18, 2))
            end
        end as allowance_amount
    from run
),

final as (
    select
        scope, company_id, member_id, member_name, currency, line_order, line, allowance_amount, exposure_amount,
        case when line in ('opening', 'closing') then past_due_amount end as past_due_amount,
        case when line in ('opening', 'closing') then over_90_amount end as over_90_amount,
        case when line in ('opening', 'closing') and has_rates and past_due_amount > 0.00 then ratio(allowance_of_100, past_due_amount) end
            as coverage_past_due_pct,
        case when line in ('opening', 'closing') and has_rates and over_90_amount > 0.00 then ratio(allowance_of_100, over_90_amount) end
            as coverage_over_90_pct,
        case
            when not has_rates then 'rates_do_not_fit_buckets'
            when line not in ('opening', 'closing') then null
            when past_due_amount <= 0.00 then 'nothing_past_due'
            when over_90_amount <= 0.00 then 'nothing_over_90'
        end as reason
    from cents
)

select * from final
