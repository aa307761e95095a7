-- name: collector_portfolios
-- answers: How did each collector's portfolio go from the beginning to the end of a period, with what was handed over?
-- answers_es: ¿Cómo pasó la cartera de cada gestor del inicio al final de un periodo, con lo traspasado?
-- title_es: Movimiento de carteras por gestor
-- title_en: Collector portfolios, from beginning to end
-- formula: beginning + handed in - handed out + sales - cash + other = ending; CEI = (beginning + in - out + sales - ending) / (beginning
--   + in - out + sales - not yet due); liquidation = cash / (beginning + in - out + sales)
-- formula_es: inicial + recibido - entregado + ventas - cobros + otros = final; CEI = (inicial + recibido - entregado + ventas - final) /
--   (inicial + recibido - entregado + ventas - por vencer); liquidación = cobros / (inicial + recibido - entregado + ventas)
-- grain: one row per collector_id
-- params: from date, to date
-- reads: movements, collector_spans, customers_as_of, companies, gl_balances, collectors, closing_rates, settings
-- columns: collector_id id | collector_name text | beginning_amount money | transferred_in_amount money | transferred_out_amount money |
--   sales_amount money | cash_amount money | other_amount money | ending_amount money | ending_current_amount money | cei_pct pct |
--   liquidation_pct pct | reason text
-- order: collector_id
-- unit: money in group currency, every amount at the closing rate of the last day, so that the line adds up and revaluation is no
--   collection; all collectors with (none) are the group. A movement is of who owns the customer on its posting day; on a handover the
--   balance of the evening before goes out of one portfolio and into the other. Other: credits, write-offs, charges, discounts, moves
--   between customers. Advances count on a control account only; customers that are our own companies are left out
-- unit_es: importes en moneda del grupo, todos al tipo de cierre del último día, para que el renglón sume y la revaluación no sea cobro;
--   todos los gestores con (none) son el grupo. Un movimiento es de quien tiene al cliente en su fecha contable; en un traspaso el saldo
--   de la víspera sale de una cartera y entra en la otra. Otros: créditos, castigos, cargos, descuentos, cambios entre clientes. Los
--   anticipos cuentan sólo en cuenta de control; sin clientes que son empresas propias
-- holds: select collector_id from this where abs(beginning_amount + transferred_in_amount - transferred_out_amount + sales_amount -
--   cash_amount + other_amount - ending_amount) > 0.03
-- holds: select t.e from (select sum(beginning_amount) as b, sum(ending_amount) as e, sum(ending_current_amount) as c,
--   sum(transferred_in_amount - transferred_out_amount) as h, sum(cash_amount) as k from this) t join collection_effectiveness($from,
--   $to, 'group') g on true where abs(t.b - g.beginning_amount) > 0.05 or abs(t.e - g.ending_amount) > 0.05 or abs(t.c -
--   g.ending_current_amount) > 0.05 or abs(t.k - g.cash_amount) > 0.05 or abs(t.h) > 0.05
-- holds: select collector_id from this where (cei_pct is null) <> (reason is not null)
-- inputs: ending_amount = select coalesce(s.collector_id, '(none)') as collector_id, i.owner_id, i.customer_id, i.document_id,
--   i.document_currency, i.open_amount, i.amount, i.rate from member_items($to, 'group') i left join collector_spans($to) s on
--   s.company_id = i.owner_id and s.customer_id = i.customer_id and $to between s.valid_from and s.valid_to where i.aging_class <>
--   'advances' or i.is_control
-- cases: nothing_collectable
-- source: METRICS 11 and 20
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

-- each movement in every span of its customer from its own on: what it was, and what it is when the customer is handed over
spread as (
    select
        coalesce(s.collector_id, '(none)') as collector_id, m.currency, m.amount,
        case
            when m.posting_date < $from then $from - 1 between coalesce(s.valid_from, $from - 1) and coalesce(s.valid_to, $to)
            else m.movement_kind = 'opening' and m.posting_date >= coalesce(s.valid_from, $from)
        end as is_beginning,
        s.valid_from between $from and $to and m.posting_date < s.valid_from and not s.is_first as is_in,
        s.valid_to between $from - 1 and $to - 1 and not s.is_last as is_out,
        m.posting_date >= $from and m.movement_kind <> 'opening' and m.posting_date >= coalesce(s.valid_from, $from) as is_flow,
        $to <= coalesce(s.valid_to, $to) as is_ending,
        coalesce(m.sales_effect, '') in ('sale', 'return', 'price') as is_sale,
        m.movement_kind in ('receipt', 'cash', 'apply_receipt') as is_cash,
        m.aging_class = 'due' and m.due_date >= $to as is_current
    from movements m
    join companies c on c.company_id = m.company_id
    left join customers_as_of($to) k on k.company_id = m.company_id and k.customer_id = m.customer_id
    left join collector_spans($to) s
        on s.company_id = m.company_id and s.customer_id = m.customer_id and s.valid_to >= m.posting_date and s.valid_to >= $from - 1
        and s.valid_from <= $to
    left join control_accounts a on a.company_id = m.company_id and a.account = m.account
    where
        m.posting_date <= $to and k.counterparty_company_id is null
        and (m.aging_class <> 'advances' or a.account is not null or coalesce(c.control_account, m.account) = m.account)
),

summed_by_currency as (
    select
        collector_id, currency,
        sum(case when is_beginning then amount else 0.00 end) as beginning_amount,
        sum(case when is_in then amount else 0.00 end) as transferred_in_amount,
        sum(case when is_out then amount else 0.00 end) as transferred_out_amount,
        sum(case when is_flow and is_sale then amount else 0.00 end) as sales_amount,
        sum(case when is_flow and is_cash then -amount else 0.00 end) as cash_amount,
        sum(case when is_flow and not is_sale and not is_cash then amount else 0.00 end) as other_amount,
        sum(case when is_ending then amount else 0.00 end) as ending_amount,
        sum(case when is_ending and is_current then amount else 0.00 end) as ending_current_amount
    from spread
    group by collector_id, currency
),

rated as (
    select
        t.*,
        case
            when t.currency = s.group_currency then 1.00
            when t.beginning_amount = 0.00 and t.transferred_in_amount = 0.00 and t.transferred_out_amount = 0.00 and t.sales_amount =
                0.00
                and t.cash_amount = 0.00 and t.other_amount = 0.00 and t.ending_amount = 0.00 and t.ending_current_amount = 0.00 then 0.00
            else required_rate(r.rate, t.currency, s.group_currency, $to)
        end as rate
    from summed_by_currency t
    cross join settings s
    left join closing_rates($to) r on r.currency = t.currency and r.to_currency = s.group_currency
),

summed as (
    select
        t.collector_id, coalesce(max(n.name), t.collector_id) as collector_name,
        sum(t.beginning_amount * t.rate) as beginning_amount,
        sum(t.transferred_in_amount * t.rate) as transferred_in_amount,
        sum(t.transferred_out_amount * t.rate) as transferred_out_amount,
        sum(t.sales_amount * t.rate) as sales_amount,
        sum(t.cash_amount * t.rate) as cash_amount,
        sum(t.other_amount * t.rate) as other_amount,
        sum(t.ending_amount * t.rate) as ending_amount,
        sum(t.ending_current_amount * t.rate) as ending_current_amount
    from rated t
    left join collectors n on n.collector_id = t.collector_id
    group by t.collector_id
),

portfolios as (
    select
        *, beginning_amount + transferred_in_amount - transferred_out_amount + sales_amount as assigned_amount
    from summed
),

final as (
    select
        collector_id, collector_name, beginning_amount, transferred_in_amount, transferred_out_amount, sales_amount, cash_amount,
            other_amount,
        ending_amount, ending_current_amount,
        case
            when assigned_amount - ending_current_amount > 0.00
                then ratio(100 * (assigned_amount - ending_amount), assigned_amount - ending_current_amount)
        end as cei_pct,
        case when assigned_amount > 0.00 then ratio(100 * cash_amount, assigned_amount) end as liquidation_pct,
        case when assigned_amount - ending_current_amount <= 0.00 then 'nothing_collectable' end as reason
    from portfolios
)

select * from final
