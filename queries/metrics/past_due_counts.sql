-- name: past_due_counts
-- answers: Which share of the open documents is past due, by their number and by their amount?
-- answers_es: ¿Qué proporción de los documentos abiertos está vencida, por número y por importe?
-- title_es: Documentos vencidos, por número e importe
-- title_en: Past-due documents by number and amount
-- formula: documents with an open debit past due / documents with an open debit; more than 90 days late likewise; beside it the amounts
--   past due / open debits
-- formula_es: documentos con un cargo abierto vencido / documentos con un cargo abierto; con más de 90 días de mora igual; al lado, los
--   importes vencidos / cargos abiertos
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | document_count int | past_due_count int |
--   past_due_count_pct pct | over_90_count int | over_90_count_pct pct | debit_amount money | past_due_amount money | past_due_pct pct |
--   over_90_amount money | over_90_pct pct | reason text
-- order: scope, company_id, member_id
-- unit: documents, money and per cent. A document counts once, however many instalments it has: past due if one of them is, over 90 if
--   one is more than 90 days late. Items that are less than nothing are no document, but lower the amounts, which are those of kpis;
--   credits, unapplied cash and advances are no part of either. Due on the day is not past due
-- unit_es: documentos, importes y por ciento. Un documento cuenta una vez, tenga las parcialidades que tenga: vencido si una lo está, de
--   más de 90 si una tiene más de 90 días de mora. Las partidas menores que cero no son documento, pero bajan los importes, que son los
--   de kpis; créditos, pagos por aplicar y anticipos no entran en ninguno. Lo que vence el mismo día no está vencido
-- holds: select member_id from this where over_90_count > past_due_count or past_due_count > document_count or
--   past_due_count_pct not between 0 and 100
-- holds: select t.member_id from this t left join kpis($as_of, $grain) k on k.scope = t.scope and k.company_id = t.company_id and
--   k.member_id = t.member_id where k.member_id is null or k.past_due_amount <> t.past_due_amount or k.over_90_amount <>
--   t.over_90_amount or (k.past_due_pct is distinct from t.past_due_pct) or (k.over_90_pct is distinct from t.over_90_pct)
-- holds: select t.n from (select sum(document_count) as n, sum(past_due_count) as late from this where scope = 'company') t
--   cross join (select count(distinct company_id || ' ' || document_id) as n, count(distinct case when days_late > 0 then company_id
--   || ' ' || document_id end) as late from open_items($as_of) where aging_class = 'due' and open_amount > 0.00) o
--   where $grain = 'company' and (coalesce(t.n, 0) <> o.n or coalesce(t.late, 0) <> o.late)
-- inputs: document_count = select distinct scope, company_id, member_id, owner_id, document_id, 1 as amount from member_items($as_of,
--   $grain) where aging_class = 'due' and open_amount > 0.00
-- inputs: past_due_count = select distinct scope, company_id, member_id, owner_id, document_id, 1 as amount from member_items($as_of,
--   $grain) where aging_class = 'due' and open_amount > 0.00 and days_late > 0
-- inputs: over_90_count = select distinct scope, company_id, member_id, owner_id, document_id, 1 as amount from member_items($as_of,
--   $grain) where aging_class = 'due' and open_amount > 0.00 and days_late > 90
-- inputs: debit_amount = select * from member_items($as_of, $grain) where aging_class = 'due'
-- inputs: past_due_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and days_late > 0
-- inputs: over_90_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and days_late > 90
-- cases: no_items
-- source: METRICS 13
with documents_open as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, document_id,
        max(case when open_amount > 0.00 then 1 else 0 end) as is_open,
        max(case when open_amount > 0.00 and days_late > 0 then 1 else 0 end) as is_past_due,
        max(case when open_amount > 0.00 and days_late > 90 then 1 else 0 end) as is_over_90,
        sum(amount * rate) as amount,
        sum(case when days_late > 0 then amount * rate else 0.00 end) as past_due_amount,
        sum(case when days_late > 90 then amount * rate else 0.00 end) as over_90_amount
    from member_items($as_of, $grain)
    where aging_class = 'due'
    group by scope, company_id, member_id, member_name, currency, owner_id, document_id
),

summed as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(is_open) as document_count,
        sum(is_past_due) as past_due_count,
        sum(is_over_90) as over_90_count,
        sum(amount) as debit_amount,
        sum(past_due_amount) as past_due_amount,
        sum(over_90_amount) as over_90_amount
    from documents_open
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, document_count, past_due_count,
        ratio(100 * past_due_count, document_count) as past_due_count_pct,
        over_90_count,
        ratio(100 * over_90_count, document_count) as over_90_count_pct,
        debit_amount, past_due_amount,
        case when debit_amount > 0.00 then ratio(100 * past_due_amount, debit_amount) end as past_due_pct,
        over_90_amount,
        case when debit_amount > 0.00 then ratio(100 * over_90_amount, debit_amount) end as over_90_pct,
        case when document_count = 0 or debit_amount <= 0.00 then 'no_items' end as reason
    from summed
)

select * from final
