-- call: '2024-05-31', 'company', 30, '0.3,1.6,3.6,6.6,10.6', 1.0
-- call: '2024-06-20', 'customer', 60, '1,2,3,40,50', 2.0
-- call: '2024-07-05', 'segment', 90, '5,3,10,20,40', 1.0
-- call: '2024-08-31', 'currency', 90, '0.25,1.5,3,7.75,60', 1.0
-- call: '2024-07-05', 'collector', 45, '1,2', 1.0
with item as materialized (
    select p.scope, p.member_company_id, p.member_id, p.company_id as owner_id, p.account, p.customer_id, p.document_id, p.instalment,
        p.document_kind, p.document_date, p.due_date, p.currency, max(p.stock_rate) as rate, sum(p.amount) as open, sum(p.stock) as stock
    from posted p
    where p.aging_class = 'due' and days(:as_of, p.due_date) > :days
    group by p.scope, p.member_company_id, p.member_id, p.company_id, p.account, p.customer_id, p.document_id, p.instalment,
        p.document_kind, p.document_date, p.due_date, p.currency
    having sum(p.amount) > 0 and sum(p.stock) > 0
),
bucket as (
    select from_days, case when json_array_length('[' || :rates || ']') = (select count(*) from aging_buckets)
        then min(1000000, cast(round(10000 * json_extract('[' || :rates || ']', '$[' || (bucket_order - 1) || ']')) as integer)
            * :forward_looking) end as rate
    from aging_buckets
),
figure as (
    select i.*,
        (select rate from bucket where from_days <= days(:as_of, i.due_date) order by from_days desc limit 1) as bucket_rate,
        (select k.status from every_customer k where k.company_id = i.owner_id and k.customer_id = i.customer_id) as status,
        coalesce((select sum(case when d.currency = i.currency then d.amount else 1000000000000 end) from disputes d
            where d.company_id = i.owner_id and d.document_id = i.document_id and d.opened_date <= :as_of
                and coalesce(d.closed_date, '9999') > :as_of), 0)
        - coalesce((select sum(e.open) from item e where e.scope = i.scope and e.member_company_id = i.member_company_id
            and e.member_id = i.member_id and e.owner_id = i.owner_id and e.document_id = i.document_id
            and (e.due_date, e.instalment, e.account, e.customer_id) < (i.due_date, i.instalment, i.account, i.customer_id)), 0) as claim
    from item i
)
select scope, member_company_id as company_id, member_id, owner_id, account, customer_id, document_id, instalment, document_kind,
    document_date, due_date, currency as document_currency, days(:as_of, due_date) as days_late, status,
    ratio4(stock * (rate / 10000), 100000000) as amount,
    ratio4(ratio4(stock * max(0, min(open, claim)), open) * (rate / 10000), 1000000000000) as disputed_amount,
    (select min(d.reason) from disputes d where d.company_id = f.owner_id and d.document_id = f.document_id and d.opened_date <= :as_of
        and coalesce(d.closed_date, '9999') > :as_of) as dispute_reason,
    -- no promise of these ledgers names a document
    (select min(p.promise_date) from promises p where p.company_id = f.owner_id and p.customer_id = f.customer_id and p.taken_date <= :as_of
        and p.promise_date >= :as_of and coalesce(p.cancelled_date, '9999') > :as_of) as promise_date,
    case when bucket_rate is not null then ratio4(
        stock * (case when status = 'insolvent' then 1000000 else bucket_rate end / 100) * (rate / 10000), 1000000000000) end
        as allowance_amount,
    case when bucket_rate is null then 'rates_do_not_fit_buckets' end as reason
from figure f
