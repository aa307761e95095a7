-- name: risk_distribution
-- answers: How many customers and how much money stand in each band of the risk card?
-- answers_es: ¿Cuántos clientes y cuánto dinero hay en cada nivel de la tarjeta de riesgo?
-- title_es: Distribución del riesgo
-- title_en: Risk distribution
-- formula: customers with open debits by their score; their open debits and what of them is past due; share of the open debits
-- formula_es: clientes con cargos abiertos según sus puntos; sus cargos abiertos y lo vencido de ellos; proporción de los cargos abiertos
-- grain: one row per scope, company_id, member_id, step_order
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company', steps text of band decile = 'band'
-- reads: risk_scores, member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | step_order int | step text | score_from int |
--   score_to int | customers int | debit_amount money | past_due_amount money | share_pct pct | reason text
-- order: scope, company_id, member_id, step_order
-- unit: customers, money and per cent. steps band: low under 35 points, medium under 65, high; decile: ten steps of ten points, the last
--   with 100. A customer of two companies is scored in each, and is two. By currency a customer counts in each of its currencies. Customers
--   without open debits and our own companies have no score and are left out. Every step of every member, also the empty ones
-- unit_es: clientes, importes y por ciento. steps band: bajo hasta 35 puntos, medio hasta 65, alto; decile: diez tramos de diez puntos, el
--   último con el 100. Un cliente de dos empresas se califica en cada una y son dos. Por moneda, un cliente cuenta en cada una de las
--   suyas. Los clientes sin cargos abiertos y las empresas propias no tienen puntos y se omiten. Cada tramo de cada miembro, también los
--   vacíos
-- holds: select member_id from this group by scope, company_id, member_id having abs(sum(share_pct) - 100) > 0.01
-- holds: select member_id from this where score_to < score_from or customers < 0 or (customers = 0 and debit_amount <> 0.00)
-- holds: select t.n from (select sum(customers) as n from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.n <> (select count(*) from risk_scores($as_of))
-- inputs: debit_amount = select i.*, case when $steps = 'decile' then least(r.score / 10, 9) + 1 when r.score < 35 then 1 when r.score < 65
--   then 2 else 3 end as step_order from member_items($as_of, $grain) i join risk_scores($as_of) r on r.company_id = i.owner_id and
--   r.customer_id = i.customer_id where i.aging_class = 'due'
-- inputs: past_due_amount = select i.*, case when $steps = 'decile' then least(r.score / 10, 9) + 1 when r.score < 35 then 1 when r.score <
--   65 then 2 else 3 end as step_order from member_items($as_of, $grain) i join risk_scores($as_of) r on r.company_id = i.owner_id and
--   r.customer_id = i.customer_id where i.aging_class = 'due' and i.due_date < $as_of
-- cases: no_items
-- source: METRICS 25
with step_list as (
    select step_order, step, score_from, score_to
    from (
        values
            ('band', 1, 'low', 0, 34), ('band', 2, 'medium', 35, 64), ('band', 3, 'high', 65, 100),
            ('decile', 1, '0-9', 0, 9), ('decile', 2, '10-19', 10, 19), ('decile', 3, '20-29', 20, 29), ('decile', 4, '30-39', 30, 39),
            ('decile', 5, '40-49', 40, 49), ('decile', 6, '50-59', 50, 59), ('decile', 7, '60-69', 60, 69), ('decile', 8, '70-79', 70, 79),
            ('decile', 9, '80-89', 80, 89), ('decile', 10, '90-100', 90, 100)
    ) as s (steps, step_order, step, score_from, score_to)
    where steps = $steps
),

held as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, customer_id,
        sum(amount * rate) as debit_amount,
        sum(case when due_date < $as_of then amount * rate else 0.00 end) as past_due_amount
    from member_items($as_of, $grain)
    where aging_class = 'due'
    group by scope, company_id, member_id, member_name, currency, owner_id, customer_id
),

scored as (
    select h.*, r.score
    from held h
    join risk_scores($as_of) r on r.company_id = h.owner_id and r.customer_id = h.customer_id
),

summed as (
    select
        c.scope, c.company_id, c.member_id, c.member_name, c.currency, s.step_order, s.step, s.score_from, s.score_to,
        sum(case when c.score between s.score_from and s.score_to then 1 else 0 end) as customers,
        sum(case when c.score between s.score_from and s.score_to then c.debit_amount else 0.00 end) as debit_amount,
        sum(case when c.score between s.score_from and s.score_to then c.past_due_amount else 0.00 end) as past_due_amount,
        sum(c.debit_amount) as all_amount
    from scored c
    cross join step_list s
    group by c.scope, c.company_id, c.member_id, c.member_name, c.currency, s.step_order, s.step, s.score_from, s.score_to
),

final as (
    select
        scope, company_id, member_id, member_name, currency, step_order, step, score_from, score_to, customers, debit_amount,
        past_due_amount,
        case when all_amount > 0.00 then ratio(100 * debit_amount, all_amount) end as share_pct,
        case when all_amount <= 0.00 then 'no_items' end as reason
    from summed
)

select * from final
