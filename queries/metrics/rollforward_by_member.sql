-- name: rollforward_by_member
-- answers: How did the open balance of each company, customer or other member get from the opening to the closing of a period?
-- answers_es: ¿Cómo pasó el saldo abierto de cada empresa, cliente u otro miembro de la apertura al cierre de un periodo?
-- title_es: Movimiento de cartera por empresa, cliente o segmento
-- title_en: Roll-forward by member
-- formula: opening + every flow of the period by kind (+ translation, for the group's members) = closing
-- formula_es: apertura + cada flujo del periodo por tipo (+ conversión, para los miembros del grupo) = final
-- grain: one row per scope, company_id, member_id, line_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: member_postings, movement_lines, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text | amount money
-- order: scope, company_id, member_id, line_order
-- unit: money in the member's currency, debit +; lines before closing add up to it. A company's own members: as booked. The group's:
--   opening and closing are the documents' amounts at the closing rates of the day before `from` and of `to`, flows their booked value at
--   the rates of their days, translation the difference; by currency the documents' amounts. Members are those of the day `to`, the
--   group's without customers that are our own companies. All with one knowledge: no prior period
-- unit_es: importes en la moneda del miembro, cargo +; los renglones anteriores al final lo suman. Los miembros de una empresa: según
--   libros. Los del grupo: apertura y final son los importes de los documentos a los tipos de cierre del día anterior a `from` y de `to`,
--   los flujos su valor en libros a los tipos de sus días, la conversión es la diferencia; por moneda los importes de los documentos. Los
--   miembros son los del día `to`, los del grupo sin clientes que son empresas propias. Todo con un mismo conocimiento: sin periodo
--   anterior
-- holds: select scope from this group by scope, company_id, member_id
--   having abs(sum(case when line = 'closing' then -amount else amount end)) > 0.15
-- holds: select scope from this where line = 'translation' and scope in ('company', 'customer', 'parent', 'currency') and amount <> 0.00
-- holds: select t.a from (select sum(amount) as a from this where scope = 'company' and line = 'closing') t
--   where $grain = 'company' and t.a <> (select sum(company_amount) from movements where posting_date <= $to)
-- inputs: amount = select * from rollforward_items($from, $to, $grain)
-- source: METRICS 22, POSTING 4 and 7
with posted as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency, p.is_booked, p.document_currency, p.book_currency, p.posting_date,
        p.amount, p.company_amount,
        case when p.posting_date < $from then 'opening' else l.line end as line
    from member_postings($from, $to, $grain) p
    left join movement_lines() l on l.movement_kind = p.movement_kind
),

-- a balance is worth the document's amount at a closing rate, a flow its booked value at the rate of its day
placed as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency,
        case when v.role = 'closing' then 'closing' else p.line end as line,
        case
            when p.is_booked or p.scope = 'currency' then p.currency
            when v.role = 'flow' then p.book_currency
            else p.document_currency
        end as from_currency,
        case v.role when 'opening' then $from - 1 when 'closing' then $to else p.posting_date end as rate_day,
        case
            when p.is_booked or (v.role = 'flow' and p.scope <> 'currency') then p.company_amount else p.amount
        end as amount
    from posted p
    cross join (values ('opening'), ('flow'), ('closing')) as v (role)
    where v.role = 'closing' or (v.role = 'opening') = (p.line = 'opening')
),

valued as (
    select scope, company_id, member_id, member_name, currency, line, from_currency, rate_day, sum(amount) as amount
    from placed
    group by scope, company_id, member_id, member_name, currency, line, from_currency, rate_day
),

translated as (
    select
        n.scope, n.company_id, n.member_id, n.member_name, n.currency, n.line,
        sum(
            case
                when n.amount = 0.00 then 0.00
                when n.from_currency = n.currency then n.amount
                else n.amount * required_rate(r.rate, n.from_currency, n.currency, n.rate_day)
            end
        ) as amount
    from valued n
    left join rate_spans() r
        on r.currency = n.from_currency and r.to_currency = n.currency and n.rate_day between r.valid_from and r.valid_to
    group by n.scope, n.company_id, n.member_id, n.member_name, n.currency, n.line
),

lines as (
    select distinct line_order, line from movement_lines()
    union all
    select line_order, line from (values (21, 'translation'), (22, 'closing')) as w (line_order, line)
),

final as (
    select
        s.scope, s.company_id, s.member_id, s.member_name, s.currency, l.line_order, l.line,
        sum(
            case
                when l.line = s.line then s.amount
                when l.line = 'translation' and s.line = 'closing' then s.amount
                when l.line = 'translation' then -s.amount
                else 0.00
            end
        ) as amount
    from translated s
    cross join lines l
    group by s.scope, s.company_id, s.member_id, s.member_name, s.currency, l.line_order, l.line
)

select * from final
