-- name: conservation
-- answers: Where do the buckets of the aging not add up to the sum of the movements?
-- grain: one row per company_id, currency
-- params: as_of date
-- reads: movements, aging
-- columns: company_id id | currency text | aging_amount money | movements_amount money | difference_amount money
-- order: company_id, currency
-- unit: money; a row here is a failure. severity: error
-- title_es: La antigüedad suma el saldo de los movimientos
-- title_en: The aging adds up to the sum of the movements
-- source: METRICS 28.1
with both_sides as (
    select company_id, currency, open_amount as aging_amount, 0.00 as movements_amount
    from aging($as_of)
    union all
    select company_id, currency, 0.00, amount
    from movements
    where posting_date <= $as_of
)

select
    company_id, currency,
    sum(aging_amount) as aging_amount,
    sum(movements_amount) as movements_amount,
    sum(aging_amount) - sum(movements_amount) as difference_amount
from both_sides
group by company_id, currency
having sum(aging_amount) <> sum(movements_amount)
