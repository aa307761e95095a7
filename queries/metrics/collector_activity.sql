-- name: collector_activity
-- answers: What did each collector do in a period, and what came of it?
-- answers_es: ¿Qué hizo cada gestor en un periodo y qué resultó?
-- title_es: Actividad por gestor de cobranza
-- title_en: Collector activity
-- formula: attempts and contacts per day with activity; right party / contacts, and / attempts; promises / right party; cash / contacts,
--   and / right party; open items touched / open items
-- formula_es: intentos y contactos por día con gestión; persona correcta / contactos, y / intentos; promesas / persona correcta; cobros /
--   contactos, y / persona correcta; partidas abiertas atendidas / partidas abiertas
-- grain: one row per collector_id
-- params: from date, to date
-- reads: activities, promises, movements, customer_spans, collectors, collector_cash
-- columns: collector_id id | collector_name text | working_days int | attempts int | attempts_per_day ratio | contacts int |
--   contacts_per_day ratio | right_party int | right_party_contacts_pct pct | right_party_attempts_pct pct | promises int |
--   promise_rate_pct pct | cash_amount money | cash_per_contact_amount money | cash_per_right_party_amount money | items int |
--   items_touched int | items_touched_pct pct | reason text
-- order: collector_id
-- unit: counts, per cent, money in group currency. Attempts: activities but notes; contacts: those that reached somebody; right party:
--   that reached who decides, a promise or a dispute among them. Working days: days with an attempt. Promises: taken in the period, by
--   the collector named, else the customer's. Cash: of the customers owned on each posting day, at that day's rate, net of what was
--   reversed. Items: debits open at the beginning or the end, or billed or moved to the customer in between, of customers owned on the
--   last day; touched: an attempt of this collector names the document, or the customer and no document. Cash and items without
--   customers that are our own companies; a call to one is work all the same
-- unit_es: conteos, por ciento, importes en moneda del grupo. Intentos: gestiones menos notas; contactos: las que alcanzaron a alguien;
--   persona correcta: las que alcanzaron a quien decide, también promesas y aclaraciones. Días trabajados: días con un intento. Promesas:
--   tomadas en el periodo, por el gestor nombrado, si no el del cliente. Cobros: de los clientes asignados en cada fecha contable, al
--   tipo de ese día, netos de lo devuelto. Partidas: cargos abiertos al inicio o al final, o facturados o traspasados al cliente
--   entretanto, de clientes asignados el último día; atendida: un intento de este gestor nombra el documento, o al cliente y ningún
--   documento. Cobros y partidas sin clientes que son empresas propias; una llamada a una de ellas es trabajo también
-- holds: select collector_id from this where right_party > contacts or contacts > attempts or items_touched > items or working_days >
--   attempts
-- holds: select collector_id from this where (contacts = 0) <> (right_party_contacts_pct is null) or (right_party = 0) <>
--   (cash_per_right_party_amount is null) or (working_days = 0) <> (attempts_per_day is null)
-- holds: select t.cash from (select sum(cash_amount) as cash from this) t where abs(t.cash - (select sum(cash_amount) from
--   collector_scorecard($from, $to))) > 0.05
-- cases: no_activity, no_contacts, no_right_party, no_items
-- source: METRICS 20
with attempted as (
    select
        collector_id,
        count(*) as attempts,
        count(distinct activity_date) as working_days,
        sum(case when outcome in ('reached', 'right_party', 'promise', 'dispute') then 1 else 0 end) as contacts,
        sum(case when outcome in ('right_party', 'promise', 'dispute') then 1 else 0 end) as right_party
    from activities
    where activity_date between $from and $to and kind <> 'note'
    group by collector_id
),

promised as (
    select coalesce(p.collector_id, o.collector_id) as collector_id, count(*) as promises
    from promises p
    left join customer_spans() o
        on o.company_id = p.company_id and o.customer_id = p.customer_id and p.taken_date between o.valid_from and o.valid_to
    where p.taken_date between $from and $to
    group by coalesce(p.collector_id, o.collector_id)
),

collected as (
    select collector_id, sum(amount * rate) as cash_amount
    from collector_cash($from, $to)
    group by collector_id
),

items as (
    select
        o.collector_id, m.company_id, m.customer_id, m.document_id, m.instalment
    from movements m
    join customer_spans() o on o.company_id = m.company_id and o.customer_id = m.customer_id and $to between o.valid_from and o.valid_to
    where
        m.posting_date <= $to and m.aging_class = 'due' and o.collector_id is not null and o.counterparty_company_id is null
    group by o.collector_id, m.company_id, m.customer_id, m.document_id, m.instalment
    having
        sum(case when m.posting_date < $from then m.amount else 0.00 end) > 0.00
        or sum(m.amount) > 0.00
        or sum(case when m.posting_date >= $from and m.movement_kind in (m.document_kind, 'reclass') then m.amount else 0.00 end) > 0.00
),

touched as (
    select distinct
        collector_id, company_id, document_id is null as is_whole,
        case when document_id is null then customer_id else document_id end as touched_id
    from activities
    where activity_date between $from and $to and kind <> 'note'
),

worked as (
    select
        i.collector_id,
        count(distinct concat(i.company_id, ' ', i.document_id, '/', cast(i.instalment as varchar))) as items,
        count(distinct case when t.touched_id is not null then concat(i.company_id, ' ', i.document_id, '/', cast(i.instalment as
            varchar)) end)
            as items_touched
    from items i
    left join touched t
        on t.collector_id = i.collector_id and t.company_id = i.company_id
        and t.touched_id = case when t.is_whole then i.customer_id else i.document_id end
    group by i.collector_id
),

figures as (
    select collector_id, attempts, working_days, contacts, right_party, 0 as promises, 0.00 as cash_amount, 0 as items, 0 as items_touched
    from attempted
    union all
    select collector_id, 0, 0, 0, 0, promises, 0.00, 0, 0 from promised where collector_id is not null
    union all
    select collector_id, 0, 0, 0, 0, 0, cash_amount, 0, 0 from collected
    union all
    select collector_id, 0, 0, 0, 0, 0, 0.00, items, items_touched from worked
    union all
    select collector_id, 0, 0, 0, 0, 0, 0.00, 0, 0 from collectors
),

summed as (
    select
        f.collector_id, coalesce(max(n.name), f.collector_id) as collector_name,
        sum(f.attempts) as attempts, sum(f.working_days) as working_days, sum(f.contacts) as contacts, sum(f.right_party) as right_party,
        sum(f.promises) as promises, sum(f.cash_amount) as cash_amount, sum(f.items) as items, sum(f.items_touched) as items_touched
    from figures f
    left join collectors n on n.collector_id = f.collector_id
    group by f.collector_id
),

final as (
    select
        collector_id, collector_name, working_days, attempts,
        ratio(attempts, working_days) as attempts_per_day,
        contacts,
        ratio(contacts, working_days) as contacts_per_day,
        right_party,
        ratio(100 * right_party, contacts) as right_party_contacts_pct,
        ratio(100 * right_party, attempts) as right_party_attempts_pct,
        promises,
        ratio(100 * promises, right_party) as promise_rate_pct,
        cash_amount,
        ratio(cash_amount, contacts) as cash_per_contact_amount,
        ratio(cash_amount, right_party) as cash_per_right_party_amount,
        items, items_touched,
        ratio(100 * items_touched, items) as items_touched_pct,
        nullif(
            concat_ws(
                '; ', case when attempts = 0 then 'no_activity' end, case when contacts = 0 then 'no_contacts' end,
                case when right_party = 0 then 'no_right_party' end, case when items = 0 then 'no_items' end
            ), ''
        ) as reason
    from summed
)

select * from final
