-- name: promises_due
-- answers: Which promises to pay were broken of late, and which are still to come?
-- answers_es: ¿Qué promesas de pago se rompieron recientemente y cuáles están por cumplirse?
-- title_es: Promesas rotas y por cumplir
-- title_en: Promises broken and to come
-- formula: promises not cancelled whose last day (the day promised and 3 more) lies in the period, or is still to come; kept = cash since
--   the promise, the oldest promise first
-- formula_es: promesas no canceladas cuyo último día (el prometido y 3 más) cae en el periodo, o está por llegar; cumplido = cobros desde la
--   promesa, primero la más antigua
-- grain: one row per company_id, promise_id
-- params: from date, to date
-- reads: promise_outcomes, customers_as_of, collectors
-- columns: company_id id | promise_id id | customer_id id | customer_name text | collector_name text | currency text | taken_date date |
--   promise_date date | amount money | kept_amount money | missing_amount money | state text
-- order: state, promise_date, company_id, promise_id
-- unit: money in the promise's currency; missing = promised - kept
-- unit_es: importes en la moneda de la promesa; faltante = prometido - cumplido
-- holds: select promise_id from this where missing_amount <> amount - kept_amount or missing_amount < 0.00
-- holds: select promise_id from this where state not in ('broken', 'open')
-- inputs: missing_amount = select company_id, promise_id, customer_id, promise_date, missing_amount as amount from this
-- source: METRICS 19
select
    p.company_id, p.promise_id, p.customer_id, coalesce(k.name, p.customer_id) as customer_name,
    coalesce(c.name, p.collector_id) as collector_name, p.currency, p.taken_date, p.promise_date, p.amount, p.kept_amount,
    p.amount - p.kept_amount as missing_amount, p.state
from promise_outcomes($to) p
left join customers_as_of($to) k on k.company_id = p.company_id and k.customer_id = p.customer_id
left join collectors c on c.collector_id = p.collector_id
where p.state = 'open' or (p.state = 'broken' and p.promise_date + 3 >= $from)
