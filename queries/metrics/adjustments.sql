-- name: adjustments
-- answers: What lowered or raised receivables in a period without being billed or paid, item by item, and why?
-- answers_es: ¿Qué bajó o subió la cartera en un periodo sin facturarse ni cobrarse, partida por partida, y por qué?
-- title_es: Castigos y ajustes
-- title_en: Write-offs and adjustments
-- formula: movements of write-offs, discounts, withholdings, fees, netting, factoring, manual and inferred adjustments, by the row that made
--   them
-- formula_es: movimientos de castigos, descuentos, retenciones, comisiones, compensaciones, factoraje, ajustes manuales e inferidos, por el
--   renglón que los hizo
-- grain: one row per scope, company_id, member_id, owner_id, document_id, instalment, movement_kind, posting_date, source_table, source_id,
--   document_currency, customer_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', small money = 0.00
-- reads: member_movements, applications, documents, customers_as_of
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | customer_id id | customer_name text |
--   document_id id | instalment int | movement_kind text | line_order int | posting_date date | source_table text | source_id id |
--   undoes_id id | adjustment_reason text | document_currency text | document_amount money | amount money | is_small bool | reason text
-- order: scope, company_id, member_id, line_order, posting_date, owner_id, document_id, instalment, movement_kind, source_table, source_id,
--   document_currency, customer_id
-- unit: money, debit +: what lowers receivables is -. amount is in the member's currency: as booked, or the booked value at the rate of the
--   day for the group's members; with the grain company a row stands in its company and in the group. What undoes another row names it in
--   undoes_id. A correction of our knowledge is in the row it corrects; rows that come to nothing are left out. is_small: booked for at
--   most `small`. reason no_reason: the extract gives none. Rebates and other credit memos are credits, not adjustments
-- unit_es: importes, cargo +: lo que baja la cartera es -. amount va en la moneda del miembro: según libros, o el valor en libros al tipo
--   del día para los miembros del grupo; con el grano company un renglón está en su empresa y en el grupo. Lo que deshace otro renglón lo
--   nombra en undoes_id. Una corrección de lo conocido está en el renglón que corrige; los que quedan en nada se omiten. is_small:
--   registrado por a lo más `small`. Razón no_reason: el archivo no la da. Bonificaciones y demás notas de crédito son créditos, no ajustes
-- holds: select t.a from (select sum(amount) as a from this where scope in ('company', 'customer', 'parent')) t where $grain in
--   ('company', 'customer', 'parent') and t.a <> (select coalesce(sum(company_amount), 0.00) from movements where posting_date between $from
--   and $to and movement_kind in ('write_off', 'discount', 'withholding', 'fee', 'netting', 'factoring', 'adjustment', 'inferred'))
-- holds: select document_id from this where (reason is not null) <> (adjustment_reason is null) or posting_date not between $from and $to
-- inputs: amount = select scope, company_id, member_id, owner_id, document_id, instalment, movement_kind, posting_date, source_table,
--   source_id, document_currency, customer_id, effect, document_amount, amount, rate from member_movements($from, $to, $grain) where
--   movement_kind in ('write_off', 'discount', 'withholding', 'fee', 'netting', 'factoring', 'adjustment', 'inferred')
-- cases: no_reason
-- source: METRICS 16 and 22, POSTING 3
with posted as (
    select
        scope, company_id, member_id, member_name, currency, owner_id, customer_id, document_id, instalment, movement_kind, posting_date,
        source_table, source_id, document_currency,
        sum(document_amount) as document_amount,
        sum(amount) as booked_amount,
        sum(amount * rate) as amount
    from member_movements($from, $to, $grain)
    where movement_kind in ('write_off', 'discount', 'withholding', 'fee', 'netting', 'factoring', 'adjustment', 'inferred')
    group by
        scope, company_id, member_id, member_name, currency, owner_id, customer_id, document_id, instalment, movement_kind, posting_date,
        source_table, source_id, document_currency
    having sum(document_amount) <> 0.00 or sum(amount) <> 0.00
),

-- rows of documents are named by the document, or by it and the instalment
stated as (
    select
        d.company_id,
        case when n.is_whole then d.document_id else concat(d.document_id, '/', cast(d.instalment as varchar)) end as source_id,
        min(d.reason) as reason,
        min(d.reverses_document_id) as reverses_document_id
    from documents d
    cross join (values (true), (false)) as n (is_whole)
    group by
        d.company_id, case when n.is_whole then d.document_id else concat(d.document_id, '/', cast(d.instalment as varchar)) end
),

final as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.owner_id, p.customer_id,
        coalesce(k.name, p.customer_id) as customer_name, p.document_id, p.instalment, p.movement_kind,
        case p.movement_kind
            when 'write_off' then 1 when 'discount' then 2 when 'withholding' then 3 when 'fee' then 4 when 'netting' then 5
            when 'factoring' then 6 when 'adjustment' then 7 else 8
        end as line_order,
        p.posting_date, p.source_table, p.source_id,
        coalesce(a.undoes_application_id, d.reverses_document_id) as undoes_id,
        coalesce(a.reason, d.reason) as adjustment_reason,
        p.document_currency, p.document_amount, p.amount,
        abs(p.booked_amount) <= $small as is_small,
        case when coalesce(a.reason, d.reason) is null then 'no_reason' end as reason
    from posted p
    left join applications a
        on p.source_table = 'applications' and a.company_id = p.owner_id and a.application_id = p.source_id
    left join stated d
        on p.source_table = 'documents' and d.company_id = p.owner_id and d.source_id = p.source_id
    left join customers_as_of($to) k on k.company_id = p.owner_id and k.customer_id = p.customer_id
)

select * from final
