-- name: application_suggestions
-- answers: To which open items could unapplied receipts be applied, beyond doubt?
-- answers_es: ¿A qué partidas abiertas podrían aplicarse, sin duda, los pagos por aplicar?
-- title_es: Sugerencias de aplicación de pagos
-- title_en: Suggested applications
-- formula: what is left of a receipt = one open item, or all of the customer's, or the only two or three that add up to it
-- formula_es: lo que queda de un pago = una partida abierta, o todas las del cliente, o las únicas dos o tres que lo suman
-- grain: one row per company_id, customer_id, currency, receipt_id, receipt_instalment, document_id, instalment
-- params: as_of date, most_items int = 30
-- reads: application_matches, matchable_documents, customers_as_of
-- columns: company_id id | customer_id id | customer_name text | currency text | receipt_id id | receipt_instalment int | receipt_date
--   date | unapplied_amount money | match text | document_id id | instalment int | document_date date | due_date date | open_amount money
--   | suggested_amount money
-- order: company_id, customer_id, currency, receipt_id, receipt_instalment, due_date, document_id, instalment
-- unit: money in the item's currency; same company, customer and currency. match says why: exact_item, whole_balance, two_items or
--   three_items (sought where the customer has at most most_items open). Only what is unambiguous: an item is in at most one suggestion.
--   What is left out, and why, is counted in application_suggestions_summary
-- unit_es: importes en la moneda de la partida; misma empresa, cliente y moneda. match dice por qué: exact_item, whole_balance, two_items
--   o three_items (se buscan donde el cliente tiene a lo más most_items abiertas). Sólo lo inequívoco: una partida está a lo más en una
--   sugerencia. Lo que queda fuera, y por qué, se cuenta en application_suggestions_summary
-- holds: select receipt_id from this group by company_id, customer_id, currency, receipt_id, receipt_instalment having
--   sum(suggested_amount) <> max(unapplied_amount) or min(unapplied_amount) <> max(unapplied_amount)
-- holds: select document_id from this group by company_id, customer_id, currency, document_id, instalment having sum(suggested_amount) >
--   max(open_amount) or count(*) > 1
-- holds: select t.receipt_id from this t left join unapplied_cash($as_of) u on u.company_id = t.company_id and u.document_id =
--   t.receipt_id and u.customer_id = t.customer_id and u.instalment = t.receipt_instalment group by t.company_id, t.receipt_id,
--   t.document_id having coalesce(sum(u.unapplied_amount), 0.00) <> max(t.unapplied_amount)
-- source: PITFALLS P10 and P12, METRICS 18
select
    m.company_id, m.customer_id, coalesce(k.name, m.customer_id) as customer_name, m.currency, m.document_id as receipt_id,
    m.instalment as receipt_instalment, m.document_date as receipt_date, m.unapplied_amount, m.match, i.document_id, i.instalment,
    i.document_date, i.due_date, i.amount as open_amount, i.amount as suggested_amount
from application_matches($as_of, $most_items) m
join matchable_documents($as_of) i on i.company_id = m.company_id and i.customer_id = m.customer_id and i.currency = m.currency
left join customers_as_of($as_of) k on k.company_id = m.company_id and k.customer_id = m.customer_id
where
    i.is_item
    and (m.match = 'whole_balance' or i.item_number = m.first_item or i.item_number = m.second_item or i.item_number = m.third_item)
