-- name: rate_spans
-- answers: Which closing rate of a pair holds on which days?
-- grain: one row per currency, to_currency, valid_from
-- params: none
-- reads: fx_rates, companies, settings
-- columns: currency text | to_currency text | valid_from date | valid_to date | rate rate | rate_date date | route text
-- order: currency, to_currency, valid_from
-- unit: units of to_currency for one currency; a published rate holds until the next one, at most settings.fx_max_age_days days.
--   route is direct, inverse (only where the pair is not published), cross (through the group currency, from quotes of
--   one day, only where neither is published) or same
-- holds: select a.currency from this a join this b on a.currency = b.currency and a.to_currency = b.to_currency
--   where a.valid_from < b.valid_from and a.valid_to >= b.valid_from
-- holds: select currency from this where rate <= 0.00 or valid_to < valid_from
-- source: METRICS 0.3 and 23, POSTING 4
with published as (
    select
        f.rate_date, f.currency, f.to_currency, f.rate, f.kind, s.fx_source, s.group_currency, s.fx_max_age_days,
        coalesce(f.source, '') as source,
        min(coalesce(f.source, '')) over () as first_source,
        max(coalesce(f.source, '')) over () as last_source
    from fx_rates f
    cross join settings s
    where f.kind is null or f.kind = 'closing'
),

-- one source: the one configured, or the only one there is
quoted as (
    select
        rate_date, currency, to_currency, group_currency, fx_max_age_days,
        coalesce(max(case when kind = 'closing' then rate end), max(rate)) as rate
    from published
    where source = fx_source or (fx_source is null and first_source = last_source)
    group by rate_date, currency, to_currency, group_currency, fx_max_age_days
),

legs as (
    select
        q.rate_date, q.group_currency, q.fx_max_age_days, d.route, d.preference,
        case when d.route = 'direct' then q.currency else q.to_currency end as currency,
        case when d.route = 'direct' then q.to_currency else q.currency end as to_currency,
        -- kept as a fraction, so that a cross is rounded once
        case when d.route = 'direct' then q.rate else 1.00 end as numerator,
        case when d.route = 'direct' then 1.00 else q.rate end as denominator
    from quoted q
    cross join (values ('direct', 1), ('inverse', 2)) as d (route, preference)
),

crossed as (
    select
        a.rate_date, a.fx_max_age_days, 'cross' as route, 3 as preference, a.currency, b.to_currency,
        max(ratio(a.numerator * b.numerator, a.denominator * b.denominator)) as rate
    from legs a
    join legs b on b.rate_date = a.rate_date and b.currency = a.to_currency
    where a.to_currency = a.group_currency and b.to_currency <> a.currency
    group by a.rate_date, a.fx_max_age_days, a.currency, b.to_currency
),

candidates as (
    select
        rate_date, fx_max_age_days, route, preference, currency, to_currency, ratio(numerator, denominator) as rate
    from legs
    union all
    select rate_date, fx_max_age_days, route, preference, currency, to_currency, rate from crossed
),

preferred as (
    select *, min(preference) over (partition by currency, to_currency) as best
    from candidates
),

spans as (
    select
        currency, to_currency, rate_date as valid_from, rate, rate_date, route,
        least(
            lead(rate_date) over (partition by currency, to_currency order by rate_date) - 1,
            rate_date + fx_max_age_days
        ) as valid_to
    from preferred
    where preference = best
),

known as (
    select functional_currency as currency from companies
    union
    select group_currency as currency from settings
),

final as (
    select currency, to_currency, valid_from, valid_to, rate, rate_date, route from spans
    union all
    select
        currency, currency as to_currency, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to, 1.00 as rate,
        cast(null as date) as rate_date, 'same' as route
    from known
)

select * from final
