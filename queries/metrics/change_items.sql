-- name: change_items
-- answers: Which documents made receivables, past due, DSO and collection effectiveness change between two closes, and by what?
-- answers_es: ¿Qué documentos hicieron cambiar la cartera, lo vencido, el DSO y la efectividad de cobranza entre dos cierres, y por qué
--   causa?
-- title_es: Documentos detrás del cambio entre dos cierres
-- title_en: Documents behind the change between two closes
-- formula: per document and cause: what it adds to the change of each figure; see changes
-- formula_es: por documento y causa: lo que suma al cambio de cada cifra; véase changes
-- grain: one row per measure, scope, company_id, member_id, line_order, owner_id, document_id, document_currency
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', known_from int = $load
-- reads: change_lines
-- columns: measure text | scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text |
--   owner_id id | customer_id id | document_id id | document_kind text | document_date date | due_date date | document_currency text |
--   amount money | days days | points pct
-- order: measure, scope, company_id, member_id, line_order, owner_id, document_id, document_currency
-- unit: measures open, past_due and over_90: money in the member's currency; dso: days; cei: points of per cent. They add up to the lines
--   of changes to the last digit: each is the difference of two rounded running totals. What settled documents in the month of the first
--   close counts for cei with its sign turned
-- unit_es: cifras open, past_due y over_90: importes en la moneda del miembro; dso: días; cei: puntos porcentuales. Suman los renglones
--   de changes hasta el último dígito: cada una es la diferencia de dos totales corridos redondeados. Lo que liquidó documentos en el mes
--   del primer cierre cuenta para cei con el signo contrario
-- holds: select measure from this where (measure in ('open', 'past_due', 'over_90')) <> (amount is not null)
--   or coalesce(amount, days, points) = 0.00
-- holds: select measure from this where line in ('opening', 'sales', 'collectable', 'closing') or document_id is null
-- source: METRICS 1, 4, 11 and 22, POSTING 4, 5 and 7
with measured as (
    select
        v.measure, c.scope, c.company_id, c.member_id, c.member_name, c.currency, c.line_order, c.line, c.owner_id, c.customer_id,
        c.document_id, c.document_kind, c.document_date, c.due_date, c.document_currency,
        case v.measure when 'open' then c.open_amount when 'past_due' then c.past_due_amount when 'over_90' then c.over_90_amount end
            as amount,
        case v.measure when 'dso' then c.dso_days end as days,
        case v.measure when 'cei' then c.cei_pct end as points
    from change_lines($from, $to, $grain, $known_from) c
    cross join (values ('open'), ('past_due'), ('over_90'), ('dso'), ('cei')) as v (measure)
    where c.document_id is not null
),

final as (
    select * from measured
    where coalesce(amount, days, points) <> 0
)

select * from final
