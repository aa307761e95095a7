-- call: '2024-05-01', '2024-05-31'
-- call: '2024-03-01', '2024-03-31', 'customer'
-- call: '2024-02-11', '2024-06-20', 'segment'
-- call: '2024-03-16', '2024-04-30', 'currency'
-- call: '2024-04-01', '2024-05-15', 'collector'
-- call: '2024-01-01', '2024-07-05', 'parent'
-- call: '2024-05-31', '2024-05-31', 'group'
-- stocks: what the documents are worth at the closing rate of their day (a company's own: as booked); flows: as booked, in pesos.
-- translation is what is left over, in units of 1e-8
with line (line_order, line, kinds) as (
    values (3, 'billings', 'invoice'), (4, 'charges', 'debit_memo note'), (5, 'receipts', 'receipt cash apply_receipt'),
        (6, 'credits', 'credit_memo apply_credit'), (7, 'discounts', 'discount'), (8, 'withholdings', 'withholding'), (9, 'fees', 'fee'),
        (10, 'write_offs', 'write_off'), (11, 'netting', 'netting'), (12, 'factoring', 'factoring'), (13, 'refunds',
            'refund apply_refund'),
        (14, 'advances', 'advance apply_advance'), (15, 'adjustments', 'adjustment'), (16, 'inferred', 'inferred'),
        (17, 'clearing', 'clearing'), (18, 'fx_difference', 'fx_difference'), (19, 'fx_revaluation', 'fx_revaluation'),
        (20, 'reclass', 'reclass')
),
moved as materialized (
    select scope, member_company_id as company_id, member_id, movement_kind, posting_date < :from
        or movement_kind = 'opening' as is_before,
        stock, flow,
        case when scope in ('group', 'segment', 'collector') then last_rate(currency, 'MXN', date(:from,
            '-1 day')) else 100000000 end as rate_before,
        stock_rate as rate_after
    from posted
),
figure as (
    select scope, company_id, member_id, 1 as line_order, coalesce(worth(stock, rate_before) filter (where is_before), 0) as amount
    from moved group by scope, company_id, member_id
    union all
    select m.scope, m.company_id, m.member_id, l.line_order, sum(m.flow)
    from moved m
    join line l on ' ' || l.kinds || ' ' like '% ' || m.movement_kind || ' %'
    where not m.is_before
    group by m.scope, m.company_id, m.member_id, l.line_order
    union all
    select scope, company_id, member_id, 21, ratio4(sum(stock * (rate_after / 100))
        - coalesce(sum(stock * (rate_before / 100)) filter (where is_before), 0)
        - coalesce(sum(flow * 1000000) filter (where not is_before), 0), 10000000000)
    from moved group by scope, company_id, member_id
    union all
    select scope, company_id, member_id, 22, worth(stock, rate_after) from moved group by scope, company_id, member_id
)
select p.scope, p.company_id, p.member_id, l.line_order, l.line, coalesce(f.amount, 0) as amount
from (select distinct scope, company_id, member_id from moved) p
cross join (select line_order, line from line union all values (1, 'opening'), (21, 'translation'), (22, 'closing')) l
left join figure f on f.scope = p.scope and f.company_id = p.company_id and f.member_id = p.member_id and f.line_order = l.line_order
