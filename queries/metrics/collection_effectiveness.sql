-- name: collection_effectiveness
-- answers: Of what could be collected in a period, how much was?
-- answers_es: De lo que podía cobrarse en un periodo, ¿cuánto se cobró?
-- title_es: Índice de efectividad de cobranza (CEI)
-- title_en: Collection effectiveness index (CEI)
-- formula: CEI = (beginning + sales - ending) / (beginning + sales - ending not yet due) x 100, all sales of the same period (option:
--   sales / N); by cash: cash / the same
-- formula_es: CEI = (inicial + ventas - final) / (inicial + ventas - final por vencer) x 100, con todas las ventas del mismo periodo
--   (opción: ventas / N); en efectivo: cobros / lo mismo
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company',
--   sales_per text of period month day = 'period'
-- reads: ledger_rows, cuts, period_sales, gl_balances, closing_rates, month_ends
-- columns: scope text | company_id id | member_id id | member_name text | currency text | beginning_amount money | sales_amount money |
--   ending_amount money |
--   ending_current_amount money | cash_amount money | cei_pct pct | cei_cash_pct pct | reason text
-- order: scope, company_id, member_id
-- unit: money and per cent. Company rows as booked; the group row takes every amount at the closing rate of the last day, so that
--   revaluation is no collection, and leaves out customers that are our own companies. Beginning = balance of the day before.
--   sales_per month or day is the form CRF publishes: sales / N with N the months (those the period touches) or days of the period, all
--   else as it is. It compares with published benchmarks only, so each row says it in reason; sales_amount stays that of the period
-- unit_es: importes y por ciento. Las empresas según sus libros; el grupo toma todos los importes al tipo de cambio de cierre del último
--   día, para que la revaluación no cuente como cobro, y excluye clientes que son empresas propias. Inicial = saldo del día anterior.
--   sales_per month o day es la forma que publica CRF: ventas / N, con N los meses (los que toca el periodo) o días del periodo, lo demás
--   igual. Sólo se compara con referencias publicadas, por eso cada renglón lo dice en reason; sales_amount sigue siendo la del periodo
-- holds: select scope from this where cei_pct > 100 and ending_amount >= ending_current_amount
-- holds: select a.member_id from this a join collection_effectiveness($from, $to, $grain, 'month') n on n.scope = a.scope and
--   n.company_id = a.company_id and n.member_id = a.member_id where $sales_per = 'period' and a.sales_amount >= 0.00 and
--   (n.cei_pct > a.cei_pct and a.ending_amount >= a.ending_current_amount or n.ending_amount <> a.ending_amount
--   or month_start($from) = month_start($to) and n.cei_pct is distinct from a.cei_pct)
-- inputs: sales_amount = select m.scope, m.company_id, m.member_id, m.owner_id, m.customer_id, m.document_id, m.posting_date,
--   m.document_currency, case when m.scope in ('company', 'customer', 'parent', 'currency') and m.document_id <> 'declared' then m.amount
--   else m.document_amount end as amount, case when m.scope in ('company', 'customer', 'parent', 'currency') and m.document_id <>
--   'declared' or m.document_currency = m.currency then 1.00 else r.rate end as rate from member_sales($from, $to, $grain) m left join
--   closing_rates($to) r on r.currency = m.document_currency and r.to_currency = m.currency
-- inputs: ending_amount = select * from member_items($to, $grain) where aging_class <> 'advances' or is_control
-- inputs: ending_current_amount = select * from member_items($to, $grain) where aging_class = 'due' and due_date >= $to
-- inputs: cash_amount = select m.scope, m.company_id, m.member_id, m.owner_id, m.customer_id, m.document_id, m.movement_kind,
--   m.posting_date, m.document_currency, -case when m.scope in ('company', 'customer', 'parent', 'currency') and m.document_id <>
--   'declared' then m.amount else m.document_amount end as amount, case when m.scope in ('company', 'customer', 'parent', 'currency') and
--   m.document_id <> 'declared' or m.document_currency = m.currency then 1.00 else r.rate end as rate from member_movements($from, $to,
--   $grain) m left join closing_rates($to) r on r.currency = m.document_currency and r.to_currency = m.currency where m.movement_kind in
--   ('receipt', 'cash', 'apply_receipt')
-- cases: nothing_collectable, unapplied_exceeds_past_due, sales_per_month, sales_per_day
-- source: METRICS 11
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

marked as (
    select
        company_id, customer_id, intercompany, currency, amount, company_amount,
        case when aging_class = 'advances' then account end as account,
        posting_date < $from or movement_kind = 'opening' as is_beginning,
        posting_date >= $from and movement_kind <> 'opening' and coalesce(sales_effect, '') in ('sale', 'return', 'price') as is_sale,
        posting_date >= $from and movement_kind in ('receipt', 'cash', 'apply_receipt') as is_cash,
        aging_class = 'due' and due_date >= $to as is_current
    from ledger_rows($from, $to, $grain)
),

posted as (
    select
        company_id, customer_id, intercompany, currency, account, is_beginning, is_sale, is_cash, is_current,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from marked
    group by company_id, customer_id, intercompany, currency, account, is_beginning, is_sale, is_cash, is_current
),

-- sums first, then whose they are
cut as (
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as member_currency,
        case when k.is_booked then k.book_currency else p.currency end as currency,
        case when k.is_booked then p.company_amount else p.amount end as amount,
        p.is_beginning, p.is_sale, p.is_cash, p.is_current, true as is_balance
    from posted p
    join cuts($to, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    left join control_accounts a on a.company_id = p.company_id and a.account = p.account
    where p.account is null or a.account is not null or coalesce(k.control_account, p.account) = p.account
    union all
    select
        k.scope, k.company_id, coalesce(k.member_id, d.currency) as member_id, coalesce(k.member_name, d.currency) as member_name,
        coalesce(k.currency, d.currency) as member_currency, d.currency, d.amount,
        false as is_beginning, true as is_sale, false as is_cash, false as is_current, false as is_balance
    from period_sales d
    join cuts($to, $grain) k on k.owner_id = d.company_id and k.customer_id = '' and not k.intercompany
    where d.month >= month_start($from) and d.month <= $to
),

summed_by_currency as (
    select
        scope, company_id, member_id, member_name, member_currency, currency, is_beginning, is_sale, is_cash, is_current, is_balance,
        sum(amount) as amount
    from cut
    group by
        scope, company_id, member_id, member_name, member_currency, currency, is_beginning, is_sale, is_cash, is_current, is_balance
),

translated as (
    select
        t.scope, t.company_id, t.member_id, t.member_name, t.member_currency, t.is_beginning, t.is_sale, t.is_cash, t.is_current,
        t.is_balance,
        case
            when t.amount = 0.00 then 0.00
            when t.currency = t.member_currency then t.amount
            else t.amount * required_rate(r.rate, t.currency, t.member_currency, $to)
        end as amount
    from summed_by_currency t
    left join closing_rates($to) r on r.currency = t.currency and r.to_currency = t.member_currency
),

summed as (
    select
        scope, company_id, member_id, member_name, member_currency as currency,
        sum(case when is_beginning then amount else 0.00 end) as beginning_amount,
        sum(case when is_sale then amount else 0.00 end) as sales_amount,
        sum(case when is_balance then amount else 0.00 end) as ending_amount,
        sum(case when is_current then amount else 0.00 end) as ending_current_amount,
        sum(case when is_cash then -amount else 0.00 end) as cash_amount
    from translated
    group by scope, company_id, member_id, member_name, member_currency
),

-- N: one part of the period's sales counts
divided as (
    select
        case $sales_per when 'month' then count(*) when 'day' then days_between($to, $from) + 1 else 1 end as parts
    from month_ends($from, $to)
),

-- both times N, so that nothing is rounded before the ratio
measured as (
    select
        s.*, d.parts,
        d.parts * (s.beginning_amount - s.ending_current_amount) + s.sales_amount as collectable,
        d.parts * (s.beginning_amount - s.ending_amount) + s.sales_amount as settled
    from summed s
    cross join divided d
),

final as (
    select
        scope, company_id, member_id, member_name, currency, beginning_amount, sales_amount, ending_amount, ending_current_amount,
        cash_amount,
        case when collectable > 0.00 then ratio(100 * settled, collectable) end as cei_pct,
        case when collectable > 0.00 then ratio(100 * parts * cash_amount, collectable) end as cei_cash_pct,
        nullif(
            concat_ws(
                '; ',
                case
                    when collectable <= 0.00 then 'nothing_collectable'
                    when ending_amount < ending_current_amount then 'unapplied_exceeds_past_due'
                end,
                case $sales_per when 'month' then 'sales_per_month' when 'day' then 'sales_per_day' end
            ), ''
        ) as reason
    from measured
)

select * from final
