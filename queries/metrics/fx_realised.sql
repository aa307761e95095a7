-- name: fx_realised
-- answers: What was gained or lost by exchange rates on items settled in a period?
-- answers_es: ¿Cuánto se ganó o perdió por tipo de cambio en partidas saldadas en un periodo?
-- title_es: Fluctuación cambiaria realizada
-- title_en: Realised exchange gains and losses
-- formula: realised = settled amount x (rate of settlement - rate carried), as booked on the items; gain + where the foreign currency
--   rose
-- formula_es: realizado = importe saldado x (tipo de cambio de liquidación - tipo de cambio en libros), como está en las partidas;
--   ganancia + si subió la moneda extranjera
-- grain: one row per scope, company_id, member_id, document_currency
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_fx_movements
-- columns: scope text | company_id id | member_id id | member_name text | currency text | document_currency text | documents int |
--   realised_amount money | gain_amount money | loss_amount money | revaluation_amount money | total_amount money
-- order: scope, company_id, member_id, document_currency
-- unit: money in the member's currency (by currency: the group's), at the rates of the posting days; no row where nothing was posted.
--   Gains and losses are of documents. revaluation: what the books posted without settling anything, and took back; total is the effect
--   on results. Over an item's life total plus what is still to post (fx_unrealised) is settled amount x (rate of settlement - invoice
--   rate), whether revaluation is reversed on payment or not posted at all
-- unit_es: importes en la moneda del miembro (por moneda: la del grupo), a los tipos de cambio de las fechas contables; sin renglón donde
--   nada se contabilizó. Ganancias y pérdidas son por documento. revaluation: lo que los libros contabilizaron sin saldar nada, y
--   revirtieron; total es el efecto en resultados. En la vida de una partida, total más lo que falta contabilizar (fx_unrealised) es
--   importe saldado x (tipo de liquidación - tipo de la factura), se revierta la revaluación al pago o no se contabilice
-- holds: select scope from this where abs(realised_amount - gain_amount - loss_amount) > 0.02
--   or abs(total_amount - realised_amount - revaluation_amount) > 0.02
-- holds: select t.a from (select coalesce(sum(total_amount), 0.00) as a from this where scope = 'company') t where $grain = 'company' and
--   t.a <> (select coalesce(sum(company_amount), 0.00) from rollforward($from, $to) where line in ('fx_difference', 'fx_revaluation'))
-- inputs: realised_amount = select * from member_fx_movements($from, $to, $grain) where movement_kind = 'fx_difference'
-- inputs: revaluation_amount = select * from member_fx_movements($from, $to, $grain) where movement_kind = 'fx_revaluation'
-- source: METRICS 22, 23 and 28.14
with by_document as (
    select
        scope, company_id, member_id, member_name, currency, document_currency, owner_id, document_id,
        sum(case when movement_kind = 'fx_difference' then amount * rate else 0.00 end) as realised_amount,
        sum(case when movement_kind = 'fx_revaluation' then amount * rate else 0.00 end) as revaluation_amount
    from member_fx_movements($from, $to, $grain)
    group by scope, company_id, member_id, member_name, currency, document_currency, owner_id, document_id
),

final as (
    select
        scope, company_id, member_id, member_name, currency, document_currency,
        count(*) as documents,
        sum(realised_amount) as realised_amount,
        sum(greatest(realised_amount, 0.00)) as gain_amount,
        sum(least(realised_amount, 0.00)) as loss_amount,
        sum(revaluation_amount) as revaluation_amount,
        sum(realised_amount + revaluation_amount) as total_amount
    from by_document
    group by scope, company_id, member_id, member_name, currency, document_currency
)

select * from final
