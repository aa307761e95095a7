-- call: '2024-05-01', '2024-05-31'
-- call: '2024-03-01', '2024-03-31', 3
-- call: '2024-03-16', '2024-06-20', 4
-- call: '2024-02-01', '2024-05-31', 2
-- call: '2024-04-01', '2024-04-30', 6
-- a first snapshot's rows (`opening`) are balances whatever their day; everything else of the period is a flow of its kind
with line (line_order, line, kinds) as (
    values (3, 'billings', 'invoice'), (4, 'charges', 'debit_memo note'), (5, 'receipts', 'receipt cash apply_receipt'),
        (6, 'credits', 'credit_memo apply_credit'), (7, 'discounts', 'discount'), (8, 'withholdings', 'withholding'), (9, 'fees', 'fee'),
        (10, 'write_offs', 'write_off'), (11, 'netting', 'netting'), (12, 'factoring', 'factoring'),
        (13, 'refunds', 'refund apply_refund'), (14, 'advances', 'advance apply_advance'), (15, 'adjustments', 'adjustment'),
        (16, 'inferred', 'inferred'), (17, 'clearing', 'clearing'), (18, 'fx_difference', 'fx_difference'),
        (19, 'fx_revaluation', 'fx_revaluation'), (20, 'reclass', 'reclass')
),
known as materialized (select * from movements where posting_date <= :to),
pot as (select distinct company_id, currency from known),
figure as (
    -- the sealed figure: what the loads up to then knew of the day before
    select company_id, currency, 1 as line_order, amount, company_amount from known
    where load_id <= :opening_load and not (posting_date >= :from and movement_kind <> 'opening')
    union all
    -- open(day before, now) - open(day before, then)
    select company_id, currency, 2, amount, company_amount from known where posting_date < :from or movement_kind = 'opening'
    union all
    select company_id, currency, 2, -amount, -company_amount from known
    where load_id <= :opening_load and (posting_date < :from or movement_kind = 'opening')
    union all
    select k.company_id, k.currency, l.line_order, k.amount, k.company_amount
    from known k
    join line l on ' ' || l.kinds || ' ' like '% ' || k.movement_kind || ' %'
    where k.posting_date >= :from
    union all
    select company_id, currency, 21, amount, company_amount from known
)
select p.company_id, p.currency, l.line_order, l.line, coalesce(sum(f.amount), 0) as amount,
    coalesce(sum(f.company_amount), 0) as company_amount
from pot p
cross join (select line_order, line from line union all values (1, 'opening'), (2, 'prior_period'), (21, 'closing')) l
left join figure f on f.company_id = p.company_id and f.currency = p.currency and f.line_order = l.line_order
group by p.company_id, p.currency, l.line_order, l.line
