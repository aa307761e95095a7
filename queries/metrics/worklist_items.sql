-- name: worklist_items
-- answers: Which past-due items stand behind the work list, and what is disputed or promised of each?
-- answers_es: ¿Qué partidas vencidas hay detrás de la lista de trabajo y qué está en aclaración o prometido de cada una?
-- title_es: Partidas vencidas de la lista de trabajo
-- title_en: Past-due items of the work list
-- formula: open amount of debits after their due day; at risk = open - disputes not yet open too long; promised: what is still to come of
--   running promises, on the document named, else on the customer's oldest items of the currency
-- formula_es: importe abierto de cargos después de su vencimiento; en riesgo = abierto - aclaraciones vigentes; prometido: lo que
--   falta de promesas vigentes, en el documento que nombran, si no en las partidas más antiguas del cliente en la moneda
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, document_date, due_date, currency
-- params: as_of date, dispute_days int = 30
-- reads: work_items, promise_outcomes, promises, customers_as_of
-- columns: company_id id | account id | customer_id id | customer_name text | collector_id id | segment text | document_id id |
--   instalment int | document_kind text | reference text | document_date date | due_date date | days_late int | currency text |
--   item_open_amount money | open_amount_company money | open_amount_group money | disputed_amount money | dispute_date date |
--   at_risk_amount_company money | promised_amount money | promise_date date
-- order: company_id, customer_id, due_date, document_id, instalment, account, document_kind, document_date, currency
-- unit: money in the item's currency, _company as booked, _group at the closing rate of the day. Disputed: all open on the day, the
--   earliest due item of the document first; those opened more than dispute_days ago stay at risk. Promised at most what is open; the day
--   is the first of those promises. Without customers that are our own companies
-- unit_es: importes en la moneda de la partida, _company según libros, _group al tipo de cierre del día. En aclaración: todas las
--   abiertas en el día, primero la partida del documento que vence antes; las abiertas hace más de dispute_days siguen en riesgo.
--   Prometido a lo más lo abierto; el día es el de la primera promesa. Sin clientes que son empresas propias
-- holds: select document_id from this where days_late <= 0 or promised_amount < 0.00 or promised_amount > greatest(item_open_amount,
--   0.00) or disputed_amount > greatest(item_open_amount, 0.00) or (promised_amount > 0.00) <> (promise_date is not null)
-- holds: select t.a from (select sum(open_amount_group) as a, count(*) as n from this) t where abs(t.a - (select
--   sum(past_due_amount) from top_past_due($as_of))) > 0.01 * t.n
-- holds: select t.company_id from (select company_id, currency, sum(promised_amount) as a from this group by company_id, currency) t
--   where t.a > 0.00 and t.a > (select sum(p.amount - p.kept_amount) from promise_outcomes($as_of) p where p.state = 'open' and
--   p.company_id = t.company_id and p.currency = t.currency)
-- inputs: open_amount_company = select i.company_id, i.account, i.customer_id, i.document_id, i.instalment, i.document_kind,
--   i.document_date, i.due_date, i.currency, i.open_amount_company as amount from open_items($as_of) i left join
--   customers_as_of($as_of) k on k.company_id = i.company_id and k.customer_id = i.customer_id where i.aging_class = 'due' and
--   i.days_late > 0 and k.counterparty_company_id is null
-- source: METRICS 2, 17 and 19
with promised as (
    select
        o.company_id, o.customer_id, o.currency, p.document_id,
        sum(o.amount - o.kept_amount) as rest_amount, min(o.promise_date) as promise_date
    from promise_outcomes($as_of) o
    join promises p on p.company_id = o.company_id and p.promise_id = o.promise_id
    where o.state = 'open' and o.amount > o.kept_amount
    group by o.company_id, o.customer_id, o.currency, p.document_id
),

-- promises that name the document, and the customer's others, beside each item
items as (
    select
        i.company_id, i.account, i.customer_id, i.document_id, i.instalment, i.document_kind, i.document_date, i.due_date, i.days_late,
        i.currency, i.reference, i.open_amount, i.open_amount_company, i.rate, i.disputed_amount, i.dispute_date,
        i.open_amount_company - i.standing_amount_company as at_risk_amount_company,
        greatest(i.open_amount, 0.00) as debit_amount,
        coalesce(max(case when p.document_id is not null then p.rest_amount end), 0.00) as named_amount,
        max(case when p.document_id is not null then p.promise_date end) as named_date,
        coalesce(max(case when p.document_id is null then p.rest_amount end), 0.00) as general_amount,
        max(case when p.document_id is null then p.promise_date end) as general_date
    from work_items($as_of, $dispute_days) i
    left join promised p
        on p.company_id = i.company_id and p.customer_id = i.customer_id and p.currency = i.currency
            and coalesce(p.document_id, i.document_id) = i.document_id
    where i.aging_class = 'due' and i.days_late > 0
    group by
        i.company_id, i.account, i.customer_id, i.document_id, i.instalment, i.document_kind, i.document_date, i.due_date, i.days_late,
        i.currency, i.reference, i.open_amount, i.open_amount_company, i.rate, i.disputed_amount, i.dispute_date,
        i.standing_amount_company
),

named as (
    select
        *,
        least(
            greatest(
                named_amount - sum(debit_amount) over (
                    partition by company_id, customer_id, document_id, currency
                    order by due_date, instalment, account, document_kind, document_date
                    rows between unbounded preceding and current row
                ) + debit_amount, 0.00
            ), debit_amount
        ) as named_part
    from items
),

parted as (
    select
        *,
        least(
            greatest(
                general_amount - sum(debit_amount - named_part) over (
                    partition by company_id, customer_id, currency
                    order by due_date, document_id, instalment, account, document_kind, document_date
                    rows between unbounded preceding and current row
                ) + debit_amount - named_part, 0.00
            ), debit_amount - named_part
        ) as general_part
    from named
),

final as (
    select
        t.company_id, t.account, t.customer_id, coalesce(k.name, t.customer_id) as customer_name,
        coalesce(k.collector_id, '(none)') as collector_id,
        coalesce(k.segment, '(none)') as segment,
        t.document_id, t.instalment, t.document_kind, t.reference, t.document_date, t.due_date, t.days_late, t.currency,
        t.open_amount as item_open_amount, t.open_amount_company, t.open_amount * t.rate as open_amount_group,
        t.disputed_amount, t.dispute_date,
        t.at_risk_amount_company,
        t.named_part + t.general_part as promised_amount,
        case
            when t.named_part > 0.00 and t.general_part > 0.00 then least(t.named_date, t.general_date)
            when t.named_part > 0.00 then t.named_date
            when t.general_part > 0.00 then t.general_date
        end as promise_date
    from parted t
    left join customers_as_of($as_of) k on k.company_id = t.company_id and k.customer_id = t.customer_id
    where k.counterparty_company_id is null
)

select * from final
