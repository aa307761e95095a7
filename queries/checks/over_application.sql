-- name: over_application
-- answers: Which items were taken beyond zero by what was applied to them?
-- answers_es: ¿Qué partidas quedaron más allá de cero por lo que se les aplicó?
-- grain: one row per company_id, document_id, instalment, currency
-- params: as_of date
-- reads: movements
-- columns: company_id id | document_id id | instalment int | currency text | reason text | document_amount money | applied_amount money |
--   open_amount money
-- order: company_id, document_id, instalment, currency
-- unit: money in the document's currency, debit +; a row here is a failure. reason: item_below_zero (more was applied to a debit than it
--   is), credit_used_up (a receipt or credit was applied beyond its amount), nothing_left (applied though reversed)
-- unit_es: importes en la moneda del documento, cargo +; cada renglón es una falla. reason: item_below_zero (a un cargo se le aplicó más
--   de lo que es), credit_used_up (un pago o crédito se aplicó por más de su importe), nothing_left (aplicado aunque está cancelado)
-- title_es: Nada se aplicó por más de su importe
-- title_en: Nothing was applied beyond its amount
-- holds: select document_id from this where open_amount <> document_amount + applied_amount or document_amount * open_amount > 0.00
-- source: PITFALLS P10, POSTING 3
with items as (
    select
        company_id, document_id, instalment, currency,
        sum(
            case
                when movement_kind in (
                    'opening', 'invoice', 'debit_memo', 'note', 'credit_memo', 'receipt', 'refund', 'advance', 'adjustment'
                ) then amount else 0.00
            end
        ) as document_amount,
        sum(amount) as open_amount
    from movements
    where posting_date <= $as_of
    group by company_id, document_id, instalment, currency
),

final as (
    select
        company_id, document_id, instalment, currency,
        case when document_amount > 0.00 then 'item_below_zero' when document_amount < 0.00 then 'credit_used_up' else 'nothing_left' end
            as reason,
        document_amount, open_amount - document_amount as applied_amount, open_amount
    from items
    where
        document_amount > 0.00 and open_amount < 0.00
        or document_amount < 0.00 and open_amount > 0.00
        or document_amount = 0.00 and open_amount <> 0.00
)

select * from final
