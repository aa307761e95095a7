-- name: collector_spans
-- answers: From which day to which day did each collector own each customer, and who before and after?
-- grain: one row per company_id, customer_id, valid_from
-- params: as_of date
-- reads: customer_spans
-- columns: company_id id | customer_id id | valid_from date | valid_to date | collector_id id | is_first bool | is_last bool
-- order: company_id, customer_id, valid_from
-- unit: days, both inclusive, from always to for ever; versions that change other things are one span. A customer without a collector,
--   and one before its first version, is of the collector (none). Without customers that are our own companies on the day
-- holds: select a.customer_id from this a join this b on a.company_id = b.company_id and a.customer_id = b.customer_id where a.valid_from
--   < b.valid_from and a.valid_to >= b.valid_from
-- holds: select a.customer_id from this a join this b on a.company_id = b.company_id and a.customer_id = b.customer_id where b.valid_from
--   = a.valid_to + 1 and a.collector_id = b.collector_id
-- holds: select customer_id from this group by company_id, customer_id having sum(case when is_first then 1 else 0 end) <> 1 or sum(case
--   when is_last then 1 else 0 end) <> 1
-- source: METRICS 20, POSTING 5
with versions as (
    select
        company_id, customer_id, valid_from, coalesce(collector_id, '(none)') as collector_id,
        max(case when $as_of between valid_from and valid_to and counterparty_company_id is not null then 1 else 0 end) over (
            partition by company_id, customer_id
        ) as is_own_company,
        row_number() over (partition by company_id, customer_id order by valid_from) as version,
        lag(coalesce(collector_id, '(none)')) over (partition by company_id, customer_id order by valid_from) as collector_before
    from customer_spans()
),

-- the days before the first version, where it does not hold from always
begun as (
    select
        v.company_id, v.customer_id, b.is_before,
        case when b.is_before then date '0001-01-01' else v.valid_from end as valid_from,
        case when b.is_before then '(none)' else v.collector_id end as collector_id
    from versions v
    cross join (values (true), (false)) as b (is_before)
    where
        v.is_own_company = 0
        and case
            when b.is_before then v.version = 1 and v.valid_from > date '0001-01-01' and v.collector_id <> '(none)'
            else v.version = 1 or v.collector_id <> v.collector_before
        end
),

final as (
    select
        company_id, customer_id,
        case
            when lag(valid_from) over (partition by company_id, customer_id order by valid_from) is null then date '0001-01-01'
            else valid_from
        end as valid_from,
        coalesce(
            lead(valid_from) over (partition by company_id, customer_id order by valid_from) - 1,
            date '9999-12-31'
        ) as valid_to,
        collector_id,
        lag(valid_from) over (partition by company_id, customer_id order by valid_from) is null as is_first,
        lead(valid_from) over (partition by company_id, customer_id order by valid_from) is null as is_last
    from begun
)

select * from final
