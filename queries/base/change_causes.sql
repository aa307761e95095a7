-- name: change_causes
-- answers: On which line of a change between two closes does each kind of movement stand?
-- grain: one row per movement_kind
-- params: none
-- reads: movement_lines
-- columns: movement_kind text | line text
-- order: movement_kind
-- unit: new_billings (invoices, charges), collections, credits, write_offs, fx (exchange differences posted), master_data (items moved to
--   another customer, due day or account), other: allowances, netting, factoring, refunds, advances, adjustments, balances taken over
-- holds: select movement_kind from movements where movement_kind not in (select movement_kind from this)
-- source: POSTING 3 and 7, METRICS 22
select
    movement_kind,
    case
        when line in ('billings', 'charges') then 'new_billings'
        when line = 'receipts' then 'collections'
        when line in ('credits', 'write_offs') then line
        when line in ('fx_difference', 'fx_revaluation') then 'fx'
        when line = 'reclass' then 'master_data'
        else 'other'
    end as line
from movement_lines()
