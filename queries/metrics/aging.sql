-- name: aging
-- answers: How much is open, and how late, per company, currency and bucket?
-- title_es: Antigüedad de saldos
-- title_en: Aging
-- formula: sum of movements posted up to the day, by days between the day and the due day; unapplied cash, credits and advances apart
-- grain: one row per company_id, currency, bucket_order
-- params: as_of date
-- reads: aging_trend
-- columns: company_id id | currency text | bucket_order int | bucket text |
--   open_amount money | open_amount_company money | open_amount_group money
-- order: company_id, currency, bucket_order
-- unit: money; adds up across companies of one currency, never across days
-- holds: select t.company_id from (select company_id, currency, sum(open_amount) as open_amount from this group by company_id, currency) t
--   full join (select company_id, currency, sum(amount) as amount from movements where posting_date <= $as_of group by company_id,
--   currency) m
--   on m.company_id = t.company_id and m.currency = t.currency where t.open_amount is distinct from m.amount
-- source: METRICS 2, PITFALLS P1 to P4
select company_id, currency, bucket_order, bucket, open_amount, open_amount_company, open_amount_group
from aging_trend($as_of, $as_of)
