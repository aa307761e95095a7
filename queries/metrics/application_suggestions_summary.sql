-- name: application_suggestions_summary
-- answers: How much of the unapplied cash matches open items, and why does the rest not?
-- answers_es: ¿Cuánto de los pagos por aplicar coincide con partidas abiertas y por qué el resto no?
-- title_es: Cobertura de las sugerencias de aplicación
-- title_en: Coverage of suggested applications
-- formula: what is left on the receipts of a match / what is left on all receipts
-- formula_es: lo que queda en los pagos de una coincidencia / lo que queda en todos los pagos
-- grain: one row per company_id, currency, match
-- params: as_of date, most_items int = 30
-- reads: application_matches
-- columns: company_id id | currency text | match text | is_suggested bool | receipts int | unapplied_amount money | share_pct pct
-- order: company_id, currency, match
-- unit: money of one currency. Suggested: exact_item, whole_balance, two_items, three_items. Not: ambiguous (several sets of items fit),
--   contested (several receipts fit the same item), no_match, no_items (the customer owes nothing in the currency)
-- unit_es: importes de una moneda. Sugerido: exact_item, whole_balance, two_items, three_items. No: ambiguous (varios conjuntos
--   coinciden), contested (varios pagos quieren la misma partida), no_match, no_items (el cliente no debe nada en la moneda)
-- holds: select t.a from (select company_id, currency, sum(share_pct) as a from this group by company_id, currency) t where abs(t.a -
--   100) > 0.001
-- holds: select t.a from (select sum(unapplied_amount) as a from this where is_suggested) t where t.a <> (select sum(suggested_amount)
--   from application_suggestions($as_of, $most_items))
-- inputs: unapplied_amount = select company_id, currency, match, customer_id, document_id, instalment, unapplied_amount as amount from
--   application_matches($as_of, $most_items)
-- source: PITFALLS P12
with summed as (
    select
        company_id, currency, match,
        count(*) as receipts,
        sum(unapplied_amount) as unapplied_amount
    from application_matches($as_of, $most_items)
    group by company_id, currency, match
),

final as (
    select
        company_id, currency, match, match in ('exact_item', 'whole_balance', 'two_items', 'three_items') as is_suggested,
        receipts, unapplied_amount,
        ratio(100 * unapplied_amount, sum(unapplied_amount) over (partition by company_id, currency)) as share_pct
    from summed
)

select * from final
