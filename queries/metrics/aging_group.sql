-- name: aging_group
-- answers: How is the aging of each company and of the group made up, in one currency each?
-- title_es: Antigüedad de saldos por empresa y grupo
-- title_en: Aging by company and group
-- formula: company: booked amounts by bucket; group: document amounts by bucket at the closing rate, without customers that are our own
--   companies; share of the open debits
-- grain: one row per scope, company_id, bucket_order
-- params: as_of date
-- reads: balances_trend, companies, rate_spans, settings
-- columns: scope text | company_id id | currency text | bucket_order int | bucket text | open_amount money | share_pct pct
-- order: scope, company_id, bucket_order
-- unit: money; share of the debits, so that the buckets make 100 and unapplied cash, credits and advances stand against them
-- holds: select company_id from this where bucket not in ('unapplied', 'credits', 'advances') and share_pct is not null
--   group by scope, company_id having abs(sum(share_pct) - 100) > 0.01
-- source: METRICS 2, 13 and 28.11
with balances as (
    select
        k.scope, b.company_id,
        case when k.scope = 'company' then c.functional_currency else b.currency end as currency,
        b.bucket_order, b.bucket,
        sum(case when k.scope = 'company' then b.open_amount_company else b.open_amount end) as open_amount
    from balances_trend($as_of, $as_of, true) b
    join companies c on c.company_id = b.company_id
    cross join (values ('company'), ('group')) as k (scope)
    where k.scope = 'company' or not b.intercompany
    group by
        k.scope, b.company_id, case when k.scope = 'company' then c.functional_currency else b.currency end, b.bucket_order, b.bucket
),

translated as (
    select
        b.scope,
        case when b.scope = 'company' then b.company_id else 'group' end as company_id,
        case when b.scope = 'company' then b.currency else s.group_currency end as currency,
        b.bucket_order, b.bucket,
        case
            when b.open_amount = 0.00 then 0.00
            when b.scope = 'company' or b.currency = s.group_currency then b.open_amount
            else b.open_amount * required_rate(r.rate, b.currency, s.group_currency, $as_of)
        end as open_amount
    from balances b
    cross join settings s
    left join rate_spans() r
        on r.currency = b.currency and r.to_currency = s.group_currency and $as_of between r.valid_from and r.valid_to
),

summed as (
    select scope, company_id, currency, bucket_order, bucket, sum(open_amount) as open_amount
    from translated
    group by scope, company_id, currency, bucket_order, bucket
),

final as (
    select
        scope, company_id, currency, bucket_order, bucket, open_amount,
        ratio(
            100 * open_amount,
            sum(case when bucket in ('unapplied', 'credits', 'advances') then 0.00 else open_amount end)
                over (partition by scope, company_id)
        ) as share_pct
    from summed
)

select * from final
