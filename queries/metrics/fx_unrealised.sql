-- name: fx_unrealised
-- answers: What would open foreign items gain or lose if they were taken at the closing rate?
-- answers_es: ¿Cuánto ganarían o perderían las partidas abiertas en moneda extranjera al tipo de cambio de cierre?
-- title_es: Fluctuación cambiaria no realizada
-- title_en: Unrealised exchange gains and losses
-- formula: unrealised = open amount x closing rate - amount carried at the invoice's rate; gain + where the foreign currency rose
-- formula_es: no realizado = importe abierto x tipo de cambio de cierre - importe al tipo de la factura; ganancia + si subió la moneda
--   extranjera
-- grain: one row per scope, company_id, member_id, document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_fx_items
-- columns: scope text | company_id id | member_id id | member_name text | currency text | document_currency text | items int |
--   document_amount money | carrying_amount money | closing_amount money | unrealised_amount money | gain_amount money |
--   loss_amount money | revalued_amount money | to_post_amount money
-- order: scope, company_id, member_id, document_currency
-- unit: money: document_amount in document_currency, the others in the member's currency (by currency: the group's); no row where nothing
--   foreign is open. Gains and losses are of items. revalued: revaluation the books hold on these items; to_post = unrealised -
--   revalued: what is missing until the books stand at the closing rate. The group: at the closing rate of the books' currency
-- unit_es: importes: document_amount en document_currency, los demás en la moneda del miembro (por moneda: la del grupo); sin renglón
--   donde no hay moneda extranjera abierta. Ganancias y pérdidas son por partida. revalued: revaluación que los libros guardan en estas
--   partidas; to_post = no realizado - revaluado: lo que falta para que los libros estén al cierre. El grupo: al tipo de cambio de cierre
--   de la moneda de los libros
-- holds: select scope from this where abs(unrealised_amount - closing_amount + carrying_amount) > 0.02
--   or abs(unrealised_amount - gain_amount - loss_amount) > 0.02 or abs(to_post_amount - unrealised_amount + revalued_amount) > 0.02
-- holds: select t.a from (select coalesce(sum(carrying_amount + revalued_amount), 0.00) as a from this where scope = 'company') t
--   where $grain = 'company' and t.a <> (select coalesce(sum(i.open_amount_company), 0.00) from item_balances($as_of) i
--   join companies c on c.company_id = i.company_id where i.currency <> c.functional_currency and i.aging_class <> 'advances'
--   and i.open_amount <> 0.00)
-- inputs: unrealised_amount = select scope, company_id, member_id, document_currency, owner_id, customer_id, document_id, instalment,
--   document_amount, carrying_amount, closing_rate, unrealised_amount as amount, rate from member_fx_items($as_of, $grain)
-- inputs: carrying_amount = select scope, company_id, member_id, document_currency, owner_id, customer_id, document_id, instalment,
--   document_amount, carrying_amount as amount, rate from member_fx_items($as_of, $grain)
-- inputs: document_amount = select scope, company_id, member_id, document_currency, owner_id, customer_id, document_id, instalment,
--   document_amount as amount from member_fx_items($as_of, $grain)
-- source: METRICS 22 and 23
select
    scope, company_id, member_id, member_name, currency, document_currency,
    count(*) as items,
    sum(document_amount) as document_amount,
    sum(carrying_amount * rate) as carrying_amount,
    sum(closing_amount * rate) as closing_amount,
    sum(unrealised_amount * rate) as unrealised_amount,
    sum(greatest(unrealised_amount, 0.00) * rate) as gain_amount,
    sum(least(unrealised_amount, 0.00) * rate) as loss_amount,
    sum(revalued_amount * rate) as revalued_amount,
    sum((unrealised_amount - revalued_amount) * rate) as to_post_amount
from member_fx_items($as_of, $grain)
group by scope, company_id, member_id, member_name, currency, document_currency
