-- call: '2024-05-01', '2024-05-31'
-- call: '2024-02-10', '2024-04-20', 'customer'
-- call: '2024-03-01', '2024-03-31', 'segment'
-- call: '2024-03-16', '2024-06-15', 'currency'
-- call: '2024-01-01', '2024-07-05', 'collector'
-- call: '2024-04-01', '2024-05-31', 'parent'
-- a document's own difference over the period decides whether it gained or lost
with document as (
    select distinct scope, member_company_id, member_id, currency, company_id as owner_id, document_id
    from posted
    where posting_date between :from and :to and movement_kind in ('fx_difference', 'fx_revaluation')
),
booked as (
    select d.*,
        coalesce((select sum(m.company_amount) from posted m where m.scope = d.scope and m.member_company_id = d.member_company_id
            and m.member_id = d.member_id and m.company_id = d.owner_id and m.document_id = d.document_id and m.currency = d.currency
            and m.posting_date >= :from and m.movement_kind = 'fx_difference'), 0) as realised,
        coalesce((select sum(m.company_amount) from posted m where m.scope = d.scope and m.member_company_id = d.member_company_id
            and m.member_id = d.member_id and m.company_id = d.owner_id and m.document_id = d.document_id and m.currency = d.currency
            and m.posting_date >= :from and m.movement_kind = 'fx_revaluation'), 0) as revalued
    from document d
)
select scope, member_company_id as company_id, member_id, currency as document_currency, count(*) as documents,
    sum(realised) as realised_amount, sum(max(realised, 0)) as gain_amount, sum(min(realised, 0)) as loss_amount,
    sum(revalued) as revaluation_amount, sum(realised + revalued) as total_amount
from booked
group by scope, member_company_id, member_id, currency
