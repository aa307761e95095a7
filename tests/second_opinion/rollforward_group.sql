-- call: '2024-05-01', '2024-05-31'
-- call: '2024-03-01', '2024-03-31'
-- call: '2024-02-11', '2024-06-20'
-- call: '2024-01-01', '2024-07-05'
-- stocks: the document's amount at the closing rate of their day; flows: as booked, in pesos. translation is what is left over
with line (line_order, line, kinds) as (
    values (3, 'billings', 'invoice'), (4, 'charges', 'debit_memo note'), (5, 'receipts', 'receipt cash apply_receipt'),
        (6, 'credits', 'credit_memo apply_credit'), (7, 'discounts', 'discount'), (8, 'withholdings', 'withholding'), (9, 'fees', 'fee'),
        (10, 'write_offs', 'write_off'), (11, 'netting', 'netting'), (12, 'factoring', 'factoring'),
        (13, 'refunds', 'refund apply_refund'), (14, 'advances', 'advance apply_advance'), (15, 'adjustments', 'adjustment'),
        (16, 'inferred', 'inferred'), (17, 'clearing', 'clearing'), (18, 'fx_difference', 'fx_difference'),
        (19, 'fx_revaluation', 'fx_revaluation'), (20, 'reclass', 'reclass')
),
known as materialized (
    select m.* from movements m
    join known_customer k on k.company_id = m.company_id and k.customer_id = m.customer_id and not k.is_own_company
    where m.posting_date <= :to
),
stood as (
    select coalesce(worth(case when posting_date < :from or movement_kind = 'opening' then amount else 0 end,
            last_rate(currency, 'MXN', date(:from, '-1 day'))), 0) as opening,
        worth(amount, last_rate(currency, 'MXN', :to)) as closing,
        -- the exact difference, in units of 1e-8
        sum(amount * (last_rate(currency, 'MXN', :to) / 100))
        - coalesce(sum(amount * (last_rate(currency, 'MXN', date(:from, '-1 day')) / 100))
            filter (where posting_date < :from or movement_kind = 'opening'), 0)
        - coalesce(sum(company_amount * 1000000) filter (where posting_date >= :from and movement_kind <> 'opening'), 0) as translation
    from known
)
select 1 as line_order, 'opening' as line, opening as amount from stood
union all
select l.line_order, l.line, coalesce(sum(k.company_amount), 0)
from line l
left join known k on k.posting_date >= :from and ' ' || l.kinds || ' ' like '% ' || k.movement_kind || ' %'
group by l.line_order, l.line
union all
select 21, 'translation', ratio4(translation, 10000000000) from stood
union all
select 22, 'closing', closing from stood
