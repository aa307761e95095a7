-- name: disputes_summary
-- answers: How much is disputed, how long do disputes take, and how do they end?
-- answers_es: ¿Cuánto está en aclaración, cuánto tardan y cómo terminan las aclaraciones?
-- title_es: Aclaraciones
-- title_en: Disputes
-- formula: dispute rate = disputed of the period / sales of the period; disputed share = open disputed / open debits; days of disputes
--   outstanding = open disputed / disputed per day of the last 90 days; upheld = resolved - credited
-- formula_es: tasa = reclamado del periodo / ventas del periodo; proporción = en aclaración / cargos abiertos; días en aclaración = en
--   aclaración / reclamado por día de los últimos 90; a nuestro favor = resuelto - acreditado
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', denominator text of
--   incurred resolved = 'incurred', credit_days int = 0
-- reads: dispute_values, disputes, member_items, member_sales, members, rate_spans
-- columns: scope text | company_id id | member_id id | member_name text | currency text | opened int | opened_amount money | sales_amount
--   money | dispute_rate_pct pct | disputed_invoices int | invoices int | dispute_rate_count_pct pct | gross_amount money |
--   disputed_amount money | collectable_amount money | disputed_share_pct pct | open int | open_age_days days | oldest_open_days int |
--   resolved int | resolved_amount money | upheld_amount money | upheld_pct pct | credited_amount money | credited_pct pct |
--   cycle_mean_days days | cycle_median_days days | cycle_p90_days int | ddo_days days | reason text
-- order: scope, company_id, member_id
-- unit: money, days, per cent. Opened and resolved disputes count with what was claimed, at the booked rate of the document (else at the
--   rate of the day it was opened); gross, disputed and collectable are open debits at the last day, a dispute at most what is open of
--   its document. Credited: credit memos and discounts laid on the document while it was disputed (and credit_days more); upheld is the
--   rest. Cycle: of those closed in the period, from first opened to last closed; P90 by nearest rank; open ones are aged apart. Days of
--   disputes outstanding divide by what was opened (incurred) or closed (resolved) in 90 days. reason lists what is missing
-- unit_es: importes, días, por ciento. Las abiertas y resueltas cuentan con lo reclamado, al tipo en libros del documento (si no, al del
--   día en que se abrieron); bruto, en aclaración y cobrable son cargos abiertos del último día, una aclaración a lo más lo abierto de su
--   documento. Acreditado: notas de crédito y descuentos puestos en el documento mientras estuvo en aclaración (y credit_days más);
--   procedente para nosotros es el resto. Ciclo: de las cerradas en el periodo, de la primera apertura al último cierre; P90 por rango
--   más cercano; la edad de las abiertas aparte. Los días en aclaración dividen entre lo abierto (incurred) o cerrado (resolved) en 90
--   días. reason dice qué falta
-- holds: select scope from this where abs(gross_amount - disputed_amount - collectable_amount) > 0.01 or disputed_amount < 0.00
-- holds: select scope from this where abs(resolved_amount - upheld_amount - credited_amount) > 0.01 or credited_amount < 0.00 or
--   cycle_median_days > cycle_p90_days or (resolved = 0) <> (cycle_mean_days is null)
-- holds: select t.a from (select sum(gross_amount) as a, sum(disputed_amount) as d from this where scope in ('company', 'customer',
--   'parent')) t where $grain in ('company', 'customer', 'parent') and t.a <> (select sum(company_amount) from movements where
--   posting_date <= $to and aging_class = 'due')
-- inputs: gross_amount = select * from member_items($to, $grain) where aging_class = 'due'
-- inputs: sales_amount = select * from member_sales($from, $to, $grain)
-- inputs: open = select b.scope, b.company_id, coalesce(b.member_id, d.currency) as member_id, d.dispute_id, d.document_id, 1 as amount
--   from dispute_values($to) d join members($to, $grain) b on b.owner_id = d.company_id and b.customer_id = d.customer_id where
--   d.closed_date is null
-- inputs: resolved = select b.scope, b.company_id, coalesce(b.member_id, d.currency) as member_id, d.dispute_id, d.document_id, 1 as
--   amount from dispute_values($to) d join members($to, $grain) b on b.owner_id = d.company_id and b.customer_id = d.customer_id where
--   d.closed_date >= $from
-- cases: no_sales, no_items, none_resolved, none_incurred_in_90_days, none_resolved_in_90_days
-- source: METRICS 17 and 27, PITFALLS P31
with valued as (
    -- every member, also those without a dispute
    select
        b.scope, b.company_id, coalesce(b.member_id, d.currency) as member_id, coalesce(b.member_name, d.currency) as member_name,
        coalesce(b.currency, d.currency) as currency,
        d.company_id as owner_id, d.document_id, d.dispute_id, d.opened_date, d.closed_date, d.amount,
        ratio(d.credited_amount * d.amount, d.document_claim_amount) as credited_amount,
        case
            when d.dispute_id is null then 0.00
            when coalesce(b.currency, d.currency) = d.currency then 1.00
            when d.amount = 0.00 then 0.00
            when b.is_booked and d.currency = d.document_currency then ratio(d.document_amount_company, d.document_amount)
            else required_rate(r.rate, d.currency, b.currency, d.opened_date)
        end as rate
    from members($to, $grain) b
    left join dispute_values($to, $credit_days) d on d.company_id = b.owner_id and d.customer_id = b.customer_id
    left join rate_spans() r on r.currency = d.currency and r.to_currency = b.currency and d.opened_date between r.valid_from and
        r.valid_to
    where coalesce(b.member_id, d.currency) is not null
),

ranked as (
    select
        *,
        coalesce(closed_date >= $from, false) as is_resolved,
        days_between(closed_date, opened_date) as cycle_days,
        row_number() over (
            partition by scope, company_id, member_id, coalesce(closed_date >= $from, false)
            order by days_between(closed_date, opened_date), owner_id, dispute_id
        ) as cycle_rank,
        count(*) over (partition by scope, company_id, member_id, coalesce(closed_date >= $from, false)) as cycle_count
    from valued
),

flows as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(case when opened_date >= $from then 1 else 0 end) as opened,
        sum(case when opened_date >= $from then amount * rate else 0.00 end) as opened_amount,
        count(distinct case when opened_date >= $from then concat(owner_id, ' ', document_id) end) as disputed_invoices,
        sum(case when dispute_id is not null and closed_date is null then 1 else 0 end) as open,
        max(case when dispute_id is not null then 1 else 0 end) as is_figure,
        sum(case when closed_date is null then days_between($to, opened_date) else 0 end) as open_days,
        max(case when closed_date is null then days_between($to, opened_date) end) as oldest_open_days,
        sum(case when is_resolved then 1 else 0 end) as resolved,
        sum(case when is_resolved then amount * rate else 0.00 end) as resolved_amount,
        sum(case when is_resolved then credited_amount * rate else 0.00 end) as credited_amount,
        sum(case when is_resolved then cycle_days else 0 end) as cycle_days,
        sum(case when is_resolved and cycle_rank = (cycle_count + 1) / 2 then cycle_days end) as lower_median_days,
        sum(case when is_resolved and cycle_rank = (cycle_count + 2) / 2 then cycle_days end) as upper_median_days,
        max(case when is_resolved and cycle_rank = (9 * cycle_count + 9) / 10 then cycle_days end) as cycle_p90_days,
        sum(
            case
                when $denominator = 'incurred' and opened_date > $to - 90 then amount * rate
                when $denominator = 'resolved' and closed_date > $to - 90 then amount * rate
                else 0.00
            end
        ) as ninety_days_amount
    from ranked
    group by scope, company_id, member_id, member_name, currency
),

-- each document open beside its open disputes; one in another currency counts as the whole of it
open_documents as (
    select
        i.scope, i.company_id, i.member_id, i.member_name, i.currency, i.owner_id, i.document_id, i.customer_id, i.open_amount, i.amount,
        sum(case when d.currency = i.document_currency then d.amount when d.currency is not null then i.open_amount end) as claimed_amount
    from (
        select
            scope, company_id, member_id, member_name, currency, owner_id, document_id, customer_id, document_currency,
            sum(open_amount) as open_amount,
            sum(amount * rate) as amount
        from member_items($to, $grain)
        where aging_class = 'due'
        group by scope, company_id, member_id, member_name, currency, owner_id, document_id, customer_id, document_currency
    ) i
    left join disputes d
        on d.company_id = i.owner_id and d.document_id = i.document_id and d.opened_date <= $to
        and (d.closed_date is null or d.closed_date > $to)
    group by
        i.scope, i.company_id, i.member_id, i.member_name, i.currency, i.owner_id, i.document_id, i.customer_id, i.open_amount, i.amount
),

stocks as (
    select
        scope, company_id, member_id, member_name, currency,
        sum(amount) as gross_amount,
        sum(
            case
                when open_amount > 0.00 and claimed_amount < open_amount then ratio(amount * claimed_amount, open_amount)
                when open_amount > 0.00 and claimed_amount is not null then amount
                else 0.00
            end
        ) as disputed_amount
    from open_documents
    group by scope, company_id, member_id, member_name, currency
),

invoiced as (
    select
        scope, company_id, member_id, owner_id, document_id, max(document_kind) as document_kind,
        sum(amount * rate) as amount,
        sum(document_amount) as document_amount
    from member_sales($from, $to, $grain)
    group by scope, company_id, member_id, owner_id, document_id
),

sales as (
    select
        scope, company_id, member_id,
        sum(amount) as sales_amount,
        sum(case when document_kind = 'invoice' and document_amount > 0.00 then 1 else 0 end) as invoices
    from invoiced
    group by scope, company_id, member_id
),

-- each member's parts beside each other; its name stands in one of them
united as (
    select
        scope, company_id, member_id, member_name, currency, opened, opened_amount, disputed_invoices, open, open_days, oldest_open_days,
        resolved, resolved_amount, credited_amount, cycle_days, lower_median_days, upper_median_days, cycle_p90_days, ninety_days_amount,
        0.00 as gross_amount, 0.00 as disputed_amount, 0.00 as sales_amount, 0 as invoices, is_figure
    from flows
    union all
    select
        scope, company_id, member_id, member_name, currency, 0, 0.00, 0, 0, 0, null, 0, 0.00, 0.00, 0, null, null, null, 0.00,
        gross_amount, disputed_amount, 0.00, 0, 1
    from stocks
    union all
    select
        scope, company_id, member_id, null, null, 0, 0.00, 0, 0, 0, null, 0, 0.00, 0.00, 0, null, null, null, 0.00,
        0.00, 0.00, sales_amount, invoices, 1
    from sales
),

summed as (
    select
        scope, company_id, member_id,
        coalesce(max(member_name), member_id) as member_name,
        coalesce(max(currency), member_id) as currency,
        sum(opened) as opened, sum(opened_amount) as opened_amount, sum(disputed_invoices) as disputed_invoices,
        sum(open) as open, sum(open_days) as open_days, max(oldest_open_days) as oldest_open_days,
        sum(resolved) as resolved, sum(resolved_amount) as resolved_amount, sum(credited_amount) as credited_amount,
        sum(cycle_days) as cycle_days, max(lower_median_days) as lower_median_days, max(upper_median_days) as upper_median_days,
        max(cycle_p90_days) as cycle_p90_days, sum(ninety_days_amount) as ninety_days_amount,
        sum(gross_amount) as gross_amount, sum(disputed_amount) as disputed_amount,
        sum(sales_amount) as sales_amount, sum(invoices) as invoices
    from united
    group by scope, company_id, member_id
    having max(is_figure) = 1
),

final as (
    select
        scope, company_id, member_id, member_name, currency, opened, opened_amount, sales_amount,
        case when sales_amount > 0.00 then ratio(100 * opened_amount, sales_amount) end as dispute_rate_pct,
        disputed_invoices, invoices,
        ratio(100 * disputed_invoices, invoices) as dispute_rate_count_pct,
        gross_amount, disputed_amount,
        gross_amount - disputed_amount as collectable_amount,
        case when gross_amount > 0.00 then ratio(100 * disputed_amount, gross_amount) end as disputed_share_pct,
        open,
        ratio(open_days, open) as open_age_days,
        oldest_open_days, resolved, resolved_amount,
        resolved_amount - credited_amount as upheld_amount,
        ratio(100 * (resolved_amount - credited_amount), resolved_amount) as upheld_pct,
        credited_amount,
        ratio(100 * credited_amount, resolved_amount) as credited_pct,
        ratio(cycle_days, resolved) as cycle_mean_days,
        ratio(lower_median_days + upper_median_days, 2) as cycle_median_days,
        cycle_p90_days,
        ratio(90 * disputed_amount, ninety_days_amount) as ddo_days,
        nullif(
            concat_ws(
                '; ',
                case when sales_amount <= 0.00 then 'no_sales' end,
                case when gross_amount <= 0.00 then 'no_items' end,
                case when resolved = 0 then 'none_resolved' end,
                case when ninety_days_amount = 0.00 then concat('none_', $denominator, '_in_90_days') end
            ), ''
        ) as reason
    from summed
)

select * from final
