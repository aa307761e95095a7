-- name: movement_lines
-- answers: On which line of a roll-forward does each kind of movement stand?
-- grain: one row per movement_kind
-- params: none
-- reads: none
-- columns: movement_kind text | line_order int | line text
-- order: movement_kind
-- unit: every kind stands on one line. Line 2 (prior_period) and those after 20 (translation, closing) are worked out, not posted; a
--   movement of any kind before the period is opening
-- holds: select movement_kind from movements where movement_kind not in (select movement_kind from this)
-- source: POSTING 3 and 7, METRICS 22
select movement_kind, line_order, line
from (
    values
        ('opening', 1, 'opening'), ('invoice', 3, 'billings'), ('debit_memo', 4, 'charges'), ('note', 4, 'charges'),
        ('receipt', 5, 'receipts'), ('cash', 5, 'receipts'), ('apply_receipt', 5, 'receipts'), ('credit_memo', 6, 'credits'),
        ('apply_credit', 6, 'credits'), ('discount', 7, 'discounts'), ('withholding', 8, 'withholdings'), ('fee', 9, 'fees'),
        ('write_off', 10, 'write_offs'), ('netting', 11, 'netting'), ('factoring', 12, 'factoring'), ('refund', 13, 'refunds'),
        ('apply_refund', 13, 'refunds'), ('advance', 14, 'advances'), ('apply_advance', 14, 'advances'),
        ('adjustment', 15, 'adjustments'), ('inferred', 16, 'inferred'), ('clearing', 17, 'clearing'),
        ('fx_difference', 18, 'fx_difference'), ('fx_revaluation', 19, 'fx_revaluation'), ('reclass', 20, 'reclass')
) as l (movement_kind, line_order, line)
