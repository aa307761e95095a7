-- name: changes
-- answers: Why did receivables, past due, DSO and collection effectiveness change between two closes?
-- answers_es: ¿Por qué cambiaron la cartera, lo vencido, el DSO y la efectividad de cobranza entre dos cierres?
-- title_es: Cambio entre dos cierres, por causa
-- title_en: Change between two closes, by cause
-- formula: opening (first close, as known at known_from) + restated + back-dated + master data + new billings + collections + credits +
--   write-offs + other + ageing + FX (+ sales, for DSO; + collectable, for CEI) = closing (second close)
-- formula_es: inicial (primer cierre, como se conocía en known_from) + datos corregidos + contabilización retroactiva + datos maestros +
--   facturación nueva + cobranza + notas de crédito + castigos + otros + vencimiento + tipo de cambio (+ ventas, en el DSO; + base
--   cobrable, en el CEI) = final (segundo cierre)
-- grain: one row per measure, scope, company_id, member_id, line_order
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', known_from int = $load
-- reads: change_lines
-- columns: measure text | scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text |
--   amount money | days days | pct pct | documents int | reason text
-- order: measure, scope, company_id, member_id, line_order
-- unit: open, past_due and over_90: money; dso (3 months): days; cei (month of each day): per cent. Lines 2 to 13 add up from opening (1)
--   to closing (14) to the last digit. Restated and back-dated: what was learned after known_from about days up to the first. Master
--   data: items that count for another member, or moved to another customer, due day or account. Flows count as past due if they were so
--   on their posting day; ageing is what was still open when its day came. At rates (group, segment, collector): flows at their booked
--   value at the rates of their days, FX the rest. DSO: each part of the balance at the second close's days and sales, sales the rest.
--   CEI: what the month of the second close settled less what that of the first did, at what was collectable of the second, collectable
--   the rest
-- unit_es: open, past_due y over_90: importes; dso (3 meses): días; cei (mes de cada día): por ciento. Los renglones 2 a 13 suman del
--   inicial (1) al final (14) hasta el último dígito. Datos corregidos y contabilización retroactiva: lo sabido después de known_from
--   sobre días hasta el primero. Datos maestros: partidas que cuentan para otro miembro o pasaron a otro cliente, vencimiento o cuenta.
--   Un flujo es vencido si lo era en su fecha contable; vencimiento es lo que seguía abierto al llegar su día. A tipos de cambio (grupo,
--   segmento, cobrador): los flujos según libros al tipo de su día, tipo de cambio lo demás. DSO: cada parte del saldo con los días y
--   ventas del segundo cierre, ventas lo demás. CEI: lo liquidado en el mes del segundo cierre menos lo del primero, sobre lo cobrable
--   del segundo, base cobrable lo demás
-- holds: select measure from this group by measure, scope, company_id, member_id having sum(case when line = 'closing' then -amount else
--   amount end) <> 0.00 or (count(coalesce(days, pct)) = count(*) and sum(case when line = 'closing' then -1 else 1 end * coalesce(days,
--   pct)) <> 0)
-- holds: select t.measure from this t left join (select 'opening' as line, * from kpis($from, $grain, 'gross', $known_from) union all
--   select 'closing' as line, * from kpis($to, $grain)) k on k.line = t.line and k.scope = t.scope and k.company_id = t.company_id and
--   k.member_id = t.member_id where t.line in ('opening', 'closing') and (coalesce(t.amount, 0.00) <> coalesce(case t.measure when 'open'
--   then k.open_amount when 'past_due' then k.past_due_amount when 'over_90' then k.over_90_amount end, 0.00)
--   or (t.days is distinct from (case when t.measure = 'dso' then k.dso_3m_days end))
--   or (t.pct is distinct from (case when t.measure = 'cei' then k.cei_pct end)))
-- inputs: amount = select measure, scope, company_id, member_id, line_order, line, owner_id, customer_id, document_id, document_currency,
--   amount, 1.00 as rate from change_items($from, $to, $grain, $known_from) where amount is not null union all select v.measure, i.scope,
--   i.company_id, i.member_id, 1 as line_order, 'opening' as line, i.owner_id, i.customer_id, i.document_id, i.document_currency,
--   i.amount, i.rate from member_items($from, $grain, $known_from) i cross join (values ('open', 0), ('past_due', 0), ('over_90', 90)) as
--   v (measure, days) where case when v.measure = 'open' then i.aging_class <> 'advances' or i.is_control else i.aging_class = 'due' and
--   i.due_date < $from - cast(v.days as int) end union all select v.measure, i.scope, i.company_id, i.member_id, 14 as line_order,
--   'closing' as line, i.owner_id, i.customer_id, i.document_id, i.document_currency, i.amount, i.rate from member_items($to, $grain) i
--   cross join (values ('open', 0), ('past_due', 0), ('over_90', 90)) as v (measure, days) where case when v.measure = 'open' then
--   i.aging_class <> 'advances' or i.is_control else i.aging_class = 'due' and i.due_date < $to - cast(v.days as int) end
-- cases: no_sales_3m, negative_sales_3m, short_window, nothing_collectable
-- source: METRICS 1, 4, 11 and 22, POSTING 4, 5 and 7
with summed as (
    select
        v.measure, c.scope, c.company_id, c.member_id, c.line_order,
        max(c.member_name) as member_name,
        max(c.currency) as currency,
        sum(case v.measure when 'open' then c.open_amount when 'past_due' then c.past_due_amount when 'over_90' then c.over_90_amount end)
            as amount,
        sum(case when v.measure = 'dso' then c.dso_days end) as days,
        sum(case when v.measure = 'cei' then c.cei_pct end) as pct,
        sum(
            case
                when c.document_id is null then 0
                when v.measure = 'open' and c.open_amount <> 0.00 then 1
                when v.measure = 'past_due' and c.past_due_amount <> 0.00 then 1
                when v.measure = 'over_90' and c.over_90_amount <> 0.00 then 1
                when v.measure = 'dso' and c.dso_days <> 0.00 then 1
                when v.measure = 'cei' and c.cei_pct <> 0.00 then 1
                else 0
            end
        ) as documents,
        max(case v.measure when 'dso' then c.dso_reason when 'cei' then c.cei_reason end) as reason
    from change_lines($from, $to, $grain, $known_from) c
    cross join (values ('open'), ('past_due'), ('over_90'), ('dso'), ('cei')) as v (measure)
    group by v.measure, c.scope, c.company_id, c.member_id, c.line_order
),

-- every member has every line of the measure, also those on which nothing happened
lines as (
    select line_order, line
    from (
        values
            (1, 'opening'), (2, 'restated'), (3, 'back_dated'), (4, 'master_data'), (5, 'new_billings'), (6, 'collections'),
            (7, 'credits'), (8, 'write_offs'), (9, 'other'), (10, 'ageing'), (11, 'fx'), (12, 'sales'), (13, 'collectable'),
            (14, 'closing')
    ) as l (line_order, line)
),

spread as (
    select
        s.measure, s.scope, s.company_id, s.member_id, l.line_order, l.line,
        max(s.member_name) as member_name,
        max(s.currency) as currency,
        sum(case when s.line_order = l.line_order then s.amount end) as amount,
        sum(case when s.line_order = l.line_order then s.days end) as days,
        sum(case when s.line_order = l.line_order then s.pct end) as pct,
        sum(case when s.line_order = l.line_order then s.documents else 0 end) as documents,
        bool_or(s.measure in ('open', 'past_due', 'over_90')) as is_money,
        -- where a ratio has no value at either end, what stands between has none
        bool_or(s.measure = 'dso' and s.line_order = 12 and s.days is not null) as has_days,
        bool_or(s.measure = 'cei' and s.line_order = 13 and s.pct is not null) as has_pct,
        max(case when s.line_order = l.line_order or (s.line_order = 12 and l.line_order between 2 and 13) then s.reason end) as reason
    from summed s
    cross join lines l
    where
        case l.line when 'ageing' then s.measure in ('past_due', 'over_90') when 'sales' then s.measure = 'dso'
            when 'collectable' then s.measure = 'cei' else true end
    group by s.measure, s.scope, s.company_id, s.member_id, l.line_order, l.line
),

final as (
    select
        measure, scope, company_id, member_id, member_name, currency, line_order, line,
        case when is_money then coalesce(amount, 0.00) end as amount,
        case when line in ('opening', 'closing') then days when has_days then coalesce(days, 0.00) end as days,
        case when line in ('opening', 'closing') then pct when has_pct then coalesce(pct, 0.00) end as pct,
        documents, reason
    from spread
)

select * from final
