-- name:    standing_seals
-- answers: Which months are closed, by which seal, from which load?
-- answers_es: ¿Qué meses están cerrados, con qué sello y desde qué carga?
-- grain:   one row per period
-- params:  none
-- reads:   closes
-- columns: period text | period_start date | period_end date | number int | load_id int | sealed_at text
-- order:   period
-- unit:    period_start is the day after the last close before it; empty for the first, which covers every day up to its end
-- unit_es: period_start es el día siguiente al cierre anterior; vacío para el primero, que abarca todos los días hasta su fin
-- source:  POSTING 7
with last_records as (
    select period, max(number) as number
    from closes
    group by period
),

standing as (
    select c.period, c.as_of, c.number, c.load_id, c.sealed_at
    from closes c
    join last_records l on l.period = c.period and l.number = c.number
    where c.kind = 'seal'
),

final as (
    select
        period, lag(as_of) over (order by as_of) + 1 as period_start, as_of as period_end, number, load_id, sealed_at
    from standing
)

select * from final
