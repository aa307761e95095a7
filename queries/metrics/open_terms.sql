-- name: open_terms
-- answers: On what terms were the open debits given, how old are they, and how far beyond their terms?
-- answers_es: ¿Con qué plazo se otorgaron los cargos abiertos, qué antigüedad tienen y cuánto exceden su plazo?
-- title_es: Plazo, atraso y antigüedad de lo abierto
-- title_en: Terms, lateness and age of open items
-- formula: each weighed by what is open: terms = due day - document day; days late = day - due day; beyond terms counts days late below 0
--   as 0; age = day - document day = terms + days late
-- formula_es: todo ponderado por lo abierto: plazo = vencimiento - fecha; atraso = corte - vencimiento; fuera de plazo cuenta los atrasos
--   negativos como 0; antigüedad = corte - fecha = plazo + atraso
-- grain: one row per scope, company_id, member_id
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | items int | open_amount money |
--   terms_days days | days_late_days days | days_beyond_terms_days days | age_days days | reason text
-- order: scope, company_id, member_id
-- unit: money and days of the calendar. Open debits only (invoices, debit memos, notes, debit adjustments with more than nothing open):
--   receipts, credits and advances have no terms, and what was paid too much is no debit. Company, customer and parent weigh by booked
--   money, the group's members at the closing rates of the day. An instalment is an item. A member with nothing open has no row
-- unit_es: importes y días naturales. Sólo cargos abiertos (facturas, notas de cargo, pagarés y ajustes de cargo con saldo): pagos,
--   créditos y anticipos no tienen plazo, y lo pagado de más no es cargo. Empresa, cliente y matriz ponderan por libros; los miembros del
--   grupo al tipo de cambio de cierre. Cada parcialidad es una partida. Sin saldo no hay renglón
-- holds: select scope from this where abs(terms_days + days_late_days - age_days) > 0.0002
-- holds: select scope from this where days_beyond_terms_days < 0.00 or days_beyond_terms_days < days_late_days - 0.0001
-- holds: select t.open_amount from (select sum(open_amount) as open_amount from this where scope = 'company') t
--   where $grain = 'company' and t.open_amount <> (select sum(open_amount_company) from item_balances($as_of)
--   where aging_class = 'due' and open_amount > 0.00)
-- inputs: open_amount = select * from member_items($as_of, $grain) where aging_class = 'due' and open_amount > 0.00
-- inputs: items = select scope, company_id, member_id, owner_id, customer_id, document_id, instalment, document_date, due_date, 1 as
--   amount from member_items($as_of, $grain) where aging_class = 'due' and open_amount > 0.00
-- cases: no_items
-- source: METRICS 9 and 10, PITFALLS P26 and P41
with summed as (
    select
        scope, company_id, member_id, member_name, currency,
        count(*) as items,
        sum(amount * rate) as open_amount,
        sum(amount * rate * days_between(due_date, document_date)) as terms_amount_days,
        sum(amount * rate * days_late) as late_amount_days,
        sum(amount * rate * greatest(days_late, 0)) as beyond_amount_days,
        sum(amount * rate * days_between($as_of, document_date)) as age_amount_days
    from member_items($as_of, $grain)
    where aging_class = 'due' and open_amount > 0.00
    group by scope, company_id, member_id, member_name, currency
),

final as (
    select
        scope, company_id, member_id, member_name, currency, items, open_amount,
        case when open_amount > 0.00 then ratio(terms_amount_days, open_amount) end as terms_days,
        case when open_amount > 0.00 then ratio(late_amount_days, open_amount) end as days_late_days,
        case when open_amount > 0.00 then ratio(beyond_amount_days, open_amount) end as days_beyond_terms_days,
        case when open_amount > 0.00 then ratio(age_amount_days, open_amount) end as age_days,
        case when open_amount <= 0.00 then 'no_items' end as reason
    from summed
)

select * from final
