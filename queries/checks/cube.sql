-- name: cube
-- answers: Where does the stored aggregate differ from the movements it sums?
-- grain: one row per company_id, currency, posting_month
-- params: none
-- reads: movements, movement_cube
-- columns: company_id id | currency text | posting_month date | movements_amount money | cube_amount money
-- order: company_id, currency, posting_month
-- unit: money; a row here is a failure. severity: error
-- title_es: El agregado por mes es la suma de sus movimientos
-- title_en: The monthly aggregate is the sum of its movements
-- source: DESIGN 2
with both_sides as (
    select company_id, currency, month_start(posting_date) as posting_month, amount as movements_amount, 0.00 as cube_amount
    from movements
    union all
    select company_id, currency, posting_month, 0.00, amount
    from movement_cube
)

select company_id, currency, posting_month, sum(movements_amount) as movements_amount, sum(cube_amount) as cube_amount
from both_sides
group by company_id, currency, posting_month
having sum(movements_amount) <> sum(cube_amount)
