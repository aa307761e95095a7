-- name: stale_promises
-- answers: Which promises to pay are nobody's business any more?
-- answers_es: ¿Qué promesas de pago ya no atiende nadie?
-- grain: one row per company_id, promise_id
-- params: as_of date, long_past_days int = 30
-- reads: promise_outcomes, promises, item_balances
-- columns: company_id id | promise_id id | reason text | customer_id id | collector_id id | document_id id | promise_date date |
--   days_past int | currency text | amount money | owed_amount money
-- order: company_id, promise_id
-- unit: money in the promise's currency, owed in the items'; a row here is a failure. reason: long_past (broken more than long_past_days
--   days ago, what was promised is still owed, and the customer promised nothing since), settled_item (still running, but on its document
--   nothing is owed). Owed: the document's open amount; without one, the customer's debits in the promise's currency that were there when
--   it was taken
-- unit_es: importes en la moneda de la promesa, lo adeudado en la de las partidas; cada renglón es una falla. reason: long_past (rota
--   hace más de long_past_days días, lo prometido se debe aún y el cliente no prometió nada después), settled_item (vigente, pero en su
--   documento no se debe nada). Adeudado: lo abierto del documento; sin documento, los cargos del cliente en la moneda de la promesa que
--   existían al tomarla
-- title_es: Ninguna promesa quedó olvidada
-- title_en: No promise was left behind
-- holds: select promise_id from this where reason = 'long_past' and days_past <= $long_past_days or (reason = 'settled_item') <>
--   (owed_amount <= 0.00)
-- severity: warning
-- source: METRICS 19
with promised as (
    select
        o.company_id, o.promise_id, o.customer_id, o.collector_id, p.document_id, o.taken_date, o.promise_date, o.currency, o.amount,
        o.kept_amount, o.state,
        max(o.taken_date) over (partition by o.company_id, o.customer_id) as last_taken_date
    from promise_outcomes($as_of) o
    join promises p on p.company_id = o.company_id and p.promise_id = o.promise_id
),

judged as (
    select
        p.company_id, p.promise_id, p.customer_id, p.collector_id, p.document_id, p.taken_date, p.last_taken_date, p.promise_date,
        p.currency, p.amount, p.kept_amount, p.state,
        sum(
            case
                when b.document_id = p.document_id then b.open_amount
                when p.document_id is null and b.currency = p.currency and b.document_date <= p.taken_date and b.open_amount > 0.00
                    then b.open_amount
                else 0.00
            end
        ) as owed_amount
    from promised p
    left join item_balances($as_of) b on b.company_id = p.company_id and b.customer_id = p.customer_id
    where p.state in ('open', 'broken')
    group by
        p.company_id, p.promise_id, p.customer_id, p.collector_id, p.document_id, p.taken_date, p.last_taken_date, p.promise_date,
        p.currency, p.amount, p.kept_amount, p.state
),

final as (
    select
        company_id, promise_id,
        case when state = 'broken' then 'long_past' else 'settled_item' end as reason,
        customer_id, collector_id, document_id, promise_date, days_between($as_of, promise_date) as days_past, currency, amount,
        owed_amount
    from judged
    where
        state = 'broken' and promise_date < $as_of - $long_past_days and taken_date = last_taken_date and owed_amount > 0.00
        or state = 'open' and document_id is not null and owed_amount <= 0.00 and kept_amount < amount
)

select * from final
