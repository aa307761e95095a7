-- name: missing_rates
-- answers: Which exchange rates do the figures of a day need that nobody published?
-- answers_es: ¿Qué tipos de cambio necesitan las cifras de un día y nadie publicó?
-- grain: one row per needed_for, company_id, currency, to_currency, rate_day
-- params: as_of date
-- reads: postings, movements, companies, month_ends, rate_spans, settings
-- columns: needed_for text | company_id id | currency text | to_currency text | rate_day date | amount money
-- order: needed_for, company_id, currency, to_currency, rate_day
-- unit: money in `currency` that waits for the rate; a row here is a failure. needed_for: balance (closing rate of the day and of the 11
--   month ends before, into group currency), unrealised (of the day, into the currency of the books where it is another), flow (of a
--   posting day in the 24 months up to the day, from the books into group currency). A rate holds settings.fx_max_age_days days
-- unit_es: importes en `currency` que esperan el tipo de cambio; cada renglón es una falla. needed_for: balance (cierre del día y de los
--   11 meses anteriores, a la moneda del grupo), unrealised (del día, a la moneda de los libros), flow (de una fecha contable de los 24
--   meses hasta el día, de los libros a la moneda del grupo). Un tipo de cambio vale settings.fx_max_age_days días
-- title_es: Hay tipo de cambio para cada saldo y cada movimiento
-- title_en: Every balance and every flow has its exchange rate
-- holds: select currency from this where currency = to_currency or rate_day > $as_of
-- source: METRICS 23, PITFALLS P19
with posted as (
    select company_id, currency, aging_class, due_date, month_start(posting_date) as month_first, sum(amount) as amount
    from postings($as_of, $as_of)
    group by company_id, currency, aging_class, due_date, month_start(posting_date)
),

-- by due day, so that a debit and a credit of one amount do not hide each other
standing as (
    select p.company_id, p.currency, p.aging_class, p.due_date, m.month_end as rate_day, sum(p.amount) as amount
    from month_ends(month_start($as_of) - interval '11 months', $as_of) m
    join posted p on p.month_first <= m.month_first
    group by p.company_id, p.currency, p.aging_class, p.due_date, m.month_end
    having sum(p.amount) <> 0.00
),

needed as (
    select
        k.needed_for, b.company_id, b.currency,
        case when k.needed_for = 'balance' then s.group_currency else c.functional_currency end as to_currency,
        b.rate_day, sum(b.amount) as amount
    from standing b
    join companies c on c.company_id = b.company_id
    cross join settings s
    join (values ('balance'), ('unrealised')) as k (needed_for)
        on k.needed_for = 'balance' or b.rate_day = $as_of and c.functional_currency <> s.group_currency
    group by
        k.needed_for, b.company_id, b.currency,
        case when k.needed_for = 'balance' then s.group_currency else c.functional_currency end, b.rate_day
    union all
    select
        'flow' as needed_for, m.company_id, c.functional_currency as currency, s.group_currency as to_currency,
        m.posting_date as rate_day, sum(m.company_amount) as amount
    from movements m
    join companies c on c.company_id = m.company_id
    cross join settings s
    where
        m.posting_date between month_start($as_of) - interval '23 months' and $as_of
        and m.movement_kind <> 'opening' and m.company_amount <> 0.00 and c.functional_currency <> s.group_currency
    group by m.company_id, c.functional_currency, s.group_currency, m.posting_date
),

final as (
    select n.needed_for, n.company_id, n.currency, n.to_currency, n.rate_day, n.amount
    from needed n
    left join rate_spans() r
        on r.currency = n.currency and r.to_currency = n.to_currency and n.rate_day between r.valid_from and r.valid_to
    where n.currency <> n.to_currency and r.rate is null
)

select * from final
