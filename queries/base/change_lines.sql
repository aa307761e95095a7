-- name: change_lines
-- answers: By what, and on which documents, did the key figures of a close change up to a later one?
-- grain: one row per scope, company_id, member_id, line_order, owner_id, document_id, document_currency
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', known_from int = $load
-- reads: item_balances, item_settlements, change_causes, members, movements, companies, control_accounts, close_sums, rate_days
-- columns: scope text | company_id id | member_id id | member_name text | currency text | line_order int | line text | owner_id id |
--   document_id id | document_currency text | document_kind text | customer_id id | document_date date | due_date date |
--   open_amount money | past_due_amount money | over_90_amount money | dso_days days | cei_pct pct | dso_reason text | cei_reason text
-- order: scope, company_id, member_id, line_order, owner_id, document_id, document_currency
-- unit: money in the member's currency, days, points of per cent. Lines 2 to 13 add up from opening (1) to closing (14) in every figure:
--   each row is the difference of two rounded running totals. Opening: the close of `from` as known at known_from. See changes
-- holds: select scope from this group by scope, company_id, member_id
--   having sum(case when line = 'closing' then -open_amount else open_amount end) <> 0.00
--   or sum(case when line = 'closing' then -past_due_amount else past_due_amount end) <> 0.00
--   or sum(case when line = 'closing' then -over_90_amount else over_90_amount end) <> 0.00
-- holds: select scope from this where $from = $to and line not in ('opening', 'restated', 'back_dated', 'master_data', 'sales',
--   'collectable', 'closing')
-- source: METRICS 1, 4, 11 and 22, POSTING 4, 5 and 7
with then_rows as (
    select
        'balance' as source, 'opening' as stage, company_id, account, customer_id, document_id, document_kind, aging_class, document_date,
        due_date, currency, open_amount as amount, open_amount_company as company_amount
    from item_balances($from, $known_from)
    union all
    select
        'month' as source, l.line as stage, s.company_id, s.account, s.customer_id, s.document_id, s.document_kind, s.aging_class,
        s.document_date, s.due_date, s.currency, s.amount, s.company_amount
    from item_settlements(month_start($from), $from, $known_from) s
    join change_causes() l on l.movement_kind = s.movement_kind
),

-- what is known now: the balance of the first day by how it came to be known, then flows by their kind
staged as (
    select
        m.*,
        case
            when m.posting_date <= $from and m.load_id <= $known_from then 'opening'
            when m.posting_date <= $from and m.cause in ('corrected', 'reclassified', 'vanished') then 'restated'
            when m.posting_date <= $from then 'back_dated'
            else l.line
        end as stage
    from movements m
    join change_causes() l on l.movement_kind = m.movement_kind
    where m.posting_date <= $to
),

now_rows as (
    select
        'balance' as source, stage, greatest(posting_date, $from) as day, company_id, account, customer_id, document_id, aging_class,
        due_date, currency,
        max(document_kind) as document_kind,
        min(document_date) as document_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from staged
    group by stage, greatest(posting_date, $from), company_id, account, customer_id, document_id, aging_class, due_date, currency
    having sum(amount) <> 0.00 or sum(company_amount) <> 0.00
    union all
    select
        'month' as source, l.line as stage, $to as day, s.company_id, s.account, s.customer_id, s.document_id, s.aging_class, s.due_date,
        s.currency, s.document_kind, s.document_date, s.amount, s.company_amount
    from item_settlements(month_start($to), $to) s
    join change_causes() l on l.movement_kind = s.movement_kind
),

items as (
    select
        'then' as knowledge, r.source, r.stage, $from as day, b.scope, b.company_id, coalesce(b.member_id, r.currency) as member_id,
        coalesce(b.member_name, r.currency) as member_name, coalesce(b.currency, r.currency) as currency, b.is_booked,
        r.company_id as owner_id, case when r.aging_class = 'advances' then r.account end as account, r.aging_class = 'due' as is_due,
        r.document_id, r.document_kind, r.customer_id, r.document_date, r.due_date, r.currency as document_currency, r.amount,
        r.company_amount
    from then_rows r
    join members($from, $grain, $known_from) b on b.owner_id = r.company_id and b.customer_id = r.customer_id
    union all
    select
        'now' as knowledge, r.source, r.stage, r.day, b.scope, b.company_id, coalesce(b.member_id, r.currency) as member_id,
        coalesce(b.member_name, r.currency) as member_name, coalesce(b.currency, r.currency) as currency, b.is_booked,
        r.company_id as owner_id, case when r.aging_class = 'advances' then r.account end as account, r.aging_class = 'due' as is_due,
        r.document_id, r.document_kind, r.customer_id, r.document_date, r.due_date, r.currency as document_currency, r.amount,
        r.company_amount
    from now_rows r
    join members($to, $grain) b on b.owner_id = r.company_id and b.customer_id = r.customer_id
),

accounts as (
    select 'then' as knowledge, company_id, account from control_accounts($known_from)
    union all
    select 'now' as knowledge, company_id, account from control_accounts()
),

-- every row is valued step by step: first as it was known, then as it is known, as aged on its own day and on the last, at the rate of
-- its day and of the last. A balance is worth the document's amount at a closing rate, a flow its booked value at the rate of its day.
-- What the months of both days settled is told apart (source month), for collection effectiveness
steps as (
    select
        i.scope, i.company_id, i.member_id, i.member_name, i.currency, i.knowledge,
        case when s.line <> 'own' then s.line when i.stage = 'opening' then 'master_data' else i.stage end as line,
        i.owner_id, i.document_id, i.document_kind, i.customer_id, i.document_date, i.due_date, i.document_currency,
        s.rates as rate_knowledge,
        case when s.at = 'end' then $to else i.day end as rate_day,
        case
            when i.is_booked or i.scope = 'currency' then i.currency
            when s.at = 'own' and i.day > $from then c.functional_currency
            else i.document_currency
        end as from_currency,
        s.sign * case
            when i.is_booked or (s.at = 'own' and i.day > $from and i.scope <> 'currency') then i.company_amount
            else i.amount
        end as amount,
        case when i.account is null or a.company_id is not null then 1 else 0 end as is_ar,
        i.source, s.line = 'ageing' as is_turn,
        case when i.is_due and i.due_date < i.day then 1 else 0 end as was_past_due,
        case when i.is_due and i.due_date < $to then 1 else 0 end as is_past_due,
        case when i.is_due and i.due_date < i.day - 90 then 1 else 0 end as was_over_90,
        case when i.is_due and i.due_date < $to - 90 then 1 else 0 end as is_over_90
    from items i
    join companies c on c.company_id = i.owner_id
    join (
        values
            ('balance', 'then', 'opening', 'own', 'then', 1), ('balance', 'then', 'restated', 'own', 'then', -1),
            ('balance', 'then', 'restated', 'own', 'now', 1), ('balance', 'then', 'master_data', 'own', 'now', -1),
            ('balance', 'now', 'own', 'own', 'now', 1), ('balance', 'now', 'fx', 'own', 'now', -1),
            ('balance', 'now', 'fx', 'end', 'now', 1), ('balance', 'now', 'ageing', 'end', 'now', 1),
            ('month', 'then', 'own', 'own', 'then', 1), ('month', 'now', 'own', 'end', 'now', -1)
    ) as s (source, knowledge, line, at, rates, sign) on s.source = i.source and s.knowledge = i.knowledge
    left join accounts a
        on a.knowledge = i.knowledge and a.company_id = i.owner_id and coalesce(a.account, i.account) = i.account
    -- booked money and money by currency know no rate
    where not (i.is_booked or i.scope = 'currency') or s.line not in ('restated', 'fx')
),

unpriced as (
    select
        scope, company_id, member_id, line, currency, rate_knowledge, rate_day, from_currency,
        case when line <> 'opening' then owner_id end as owner_id,
        case when line <> 'opening' then document_id end as document_id,
        case when line <> 'opening' then document_currency end as document_currency,
        max(member_name) as member_name,
        max(document_kind) as document_kind,
        max(customer_id) as customer_id,
        min(document_date) as document_date,
        max(due_date) as due_date,
        sum(case when source = 'balance' and not is_turn then amount * is_ar else 0.00 end) as open_amount,
        sum(case when source = 'month' then 0.00 when is_turn then amount * (is_past_due - was_past_due) else amount * was_past_due end)
            as past_due_amount,
        sum(case when source = 'month' then 0.00 when is_turn then amount * (is_over_90 - was_over_90) else amount * was_over_90 end)
            as over_90_amount,
        sum(case when source = 'month' then amount * is_ar else 0.00 end) as collected_amount,
        0.00 as ratio_amount
    from steps
    group by
        scope, company_id, member_id, line, currency, rate_knowledge, rate_day, from_currency,
        case when line <> 'opening' then owner_id end, case when line <> 'opening' then document_id end,
        case when line <> 'opening' then document_currency end
    union all
    select
        k.scope, k.company_id, k.member_id, concat(k.knowledge, '_', k.part) as line, k.currency, k.knowledge as rate_knowledge,
        k.rate_day, k.from_currency,
        cast(null as varchar) as owner_id, cast(null as varchar) as document_id, cast(null as varchar) as document_currency,
        k.member_name, cast(null as varchar) as document_kind, cast(null as varchar) as customer_id, cast(null as date) as document_date,
        cast(null as date) as due_date, 0.00 as open_amount, 0.00 as past_due_amount, 0.00 as over_90_amount, 0.00 as collected_amount,
        k.amount as ratio_amount
    from (
        select 'then' as knowledge, * from close_sums($from, $grain, $known_from)
        union all
        select 'now' as knowledge, * from close_sums($to, $grain)
    ) k
),

rates as (
    select 'then' as knowledge, currency, to_currency, day, rate from rate_days($known_from)
    union all
    select 'now' as knowledge, currency, to_currency, day, rate from rate_days()
),

priced as (
    select
        u.*,
        case
            when u.from_currency = u.currency then 1.00
            when u.open_amount = 0.00 and u.past_due_amount = 0.00 and u.over_90_amount = 0.00 and u.collected_amount = 0.00
                and u.ratio_amount = 0.00 then 0.00
            else required_rate(r.rate, u.from_currency, u.currency, u.rate_day)
        end as rate
    from unpriced u
    left join rates r
        on r.knowledge = u.rate_knowledge and r.currency = u.from_currency and r.to_currency = u.currency and r.day = u.rate_day
),

worth as (
    select
        scope, company_id, member_id, line, owner_id, document_id, document_currency,
        case when line like '%_sales' then month_start(rate_day) end as sales_month,
        max(case when rate_knowledge = 'now' then member_name end) as member_name,
        max(member_name) as any_name,
        max(currency) as currency,
        max(document_kind) as document_kind,
        max(customer_id) as customer_id,
        min(document_date) as document_date,
        max(due_date) as due_date,
        cast(sum(open_amount * rate) as decimal(38, 10)) as open_amount,
        cast(sum(past_due_amount * rate) as decimal(38, 10)) as past_due_amount,
        cast(sum(over_90_amount * rate) as decimal(38, 10)) as over_90_amount,
        cast(sum(collected_amount * rate) as decimal(38, 10)) as collected_amount,
        cast(sum(ratio_amount * rate) as decimal(18, 2)) as ratio_amount
    from priced
    group by
        scope, company_id, member_id, line, owner_id, document_id, document_currency,
        case when line like '%_sales' then month_start(rate_day) end
),

lined as (
    select
        w.*,
        coalesce(o.line_order, 99) as line_order,
        case when w.line = 'then_sales' and w.ratio_amount <> 0.00 then w.sales_month end as then_sales_month,
        case when w.line = 'now_sales' and w.ratio_amount <> 0.00 then w.sales_month end as now_sales_month
    from worth w
    left join (
        values
            ('opening', 1), ('restated', 2), ('back_dated', 3), ('master_data', 4), ('new_billings', 5), ('collections', 6),
            ('credits', 7), ('write_offs', 8), ('other', 9), ('ageing', 10), ('fx', 11)
    ) as o (line, line_order) on o.line = w.line
),

-- running totals of each member, before they are rounded, and what its ratios are made of
run as (
    select
        *,
        row_number() over (
            partition by scope, company_id, member_id order by line_order, line, owner_id, document_id, document_currency, sales_month
        ) as place,
        sum(open_amount) over (
            partition by scope, company_id, member_id order by line_order, line, owner_id, document_id, document_currency, sales_month
            rows between unbounded preceding and current row
        ) as open_run,
        sum(past_due_amount) over (
            partition by scope, company_id, member_id order by line_order, line, owner_id, document_id, document_currency, sales_month
            rows between unbounded preceding and current row
        ) as past_due_run,
        sum(over_90_amount) over (
            partition by scope, company_id, member_id order by line_order, line, owner_id, document_id, document_currency, sales_month
            rows between unbounded preceding and current row
        ) as over_90_run,
        sum(collected_amount) over (
            partition by scope, company_id, member_id order by line_order, line, owner_id, document_id, document_currency, sales_month
            rows between unbounded preceding and current row
        ) as collected_run,
        coalesce(
            max(member_name) over (partition by scope, company_id, member_id),
            max(any_name) over (partition by scope, company_id, member_id)
        ) as last_name,
        sum(case when line = 'opening' then open_amount else 0 end) over (partition by scope, company_id, member_id) as then_open,
        sum(case when line = 'opening' then past_due_amount else 0 end) over (partition by scope, company_id, member_id) as then_past_due,
        sum(case when line = 'opening' then over_90_amount else 0 end) over (partition by scope, company_id, member_id) as then_over_90,
        sum(open_amount) over (partition by scope, company_id, member_id) as now_open,
        sum(past_due_amount) over (partition by scope, company_id, member_id) as now_past_due,
        sum(over_90_amount) over (partition by scope, company_id, member_id) as now_over_90,
        sum(collected_amount) over (partition by scope, company_id, member_id) as more_collected,
        sum(case when line in ('then_beginning', 'then_billed') then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as then_collectable,
        sum(case when line in ('now_beginning', 'now_billed') then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as now_collectable,
        sum(case when line = 'then_current' then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as then_current,
        sum(case when line = 'now_current' then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as now_current,
        sum(case when line = 'then_sales' and sales_month >= month_start($from) - interval '2 months' then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as then_sales,
        sum(case when line = 'now_sales' and sales_month >= month_start($to) - interval '2 months' then ratio_amount else 0.00 end)
            over (partition by scope, company_id, member_id) as now_sales,
        min(then_sales_month) over (partition by scope, company_id, member_id) as then_first_month,
        min(now_sales_month) over (partition by scope, company_id, member_id) as now_first_month
    from lined
),

rounded as (
    select
        scope, company_id, member_id, last_name as member_name, currency, line_order, line, owner_id, document_id, document_currency,
        document_kind, customer_id, document_date, due_date, place,
        cast(open_run as decimal(18, 2)) as open_after,
        cast(open_run - open_amount as decimal(18, 2)) as open_before,
        cast(past_due_run as decimal(18, 2)) as past_due_after,
        cast(past_due_run - past_due_amount as decimal(18, 2)) as past_due_before,
        cast(over_90_run as decimal(18, 2)) as over_90_after,
        cast(over_90_run - over_90_amount as decimal(18, 2)) as over_90_before,
        -- counted back from the end, so that the last one is what collection effectiveness has
        cast(now_collectable as decimal(18, 2)) - cast(now_open as decimal(18, 2))
            - cast(more_collected - collected_run as decimal(18, 2)) as collected_after,
        cast(now_collectable as decimal(18, 2)) - cast(now_open as decimal(18, 2))
            - cast(more_collected - collected_run + collected_amount as decimal(18, 2)) as collected_before,
        cast(now_collectable as decimal(18, 2)) - cast(now_open as decimal(18, 2)) - cast(more_collected as decimal(18, 2))
            as less_collected,
        cast(then_open as decimal(18, 2)) as then_open, cast(now_open as decimal(18, 2)) as now_open,
        cast(then_past_due as decimal(18, 2)) as then_past_due, cast(now_past_due as decimal(18, 2)) as now_past_due,
        cast(then_over_90 as decimal(18, 2)) as then_over_90, cast(now_over_90 as decimal(18, 2)) as now_over_90,
        cast(then_collectable as decimal(18, 2)) as then_collectable, cast(now_collectable as decimal(18, 2)) as now_collectable,
        cast(then_collectable - then_current as decimal(18, 2)) as then_under,
        cast(now_collectable - now_current as decimal(18, 2)) as now_under,
        cast(then_sales as decimal(18, 2)) as then_sales, cast(now_sales as decimal(18, 2)) as now_sales,
        days_between($from, greatest(month_start($from) - interval '2 months', then_first_month)) + 1 as then_days,
        days_between($to, greatest(month_start($to) - interval '2 months', now_first_month)) + 1 as now_days,
        then_first_month > month_start($from) - interval '2 months' as then_is_short,
        now_first_month > month_start($to) - interval '2 months' as now_is_short
    from run
),

-- lines that are no document's stand once a member, beside its first row. from_open and to_open: what the ratios are worked out on
emitted as (
    select
        r.scope, r.company_id, r.member_id, r.member_name, r.currency,
        coalesce(e.line_order, r.line_order) as line_order,
        coalesce(e.line, r.line) as line,
        case when e.line is null then r.owner_id end as owner_id,
        case when e.line is null then r.document_id end as document_id,
        case when e.line is null then r.document_currency end as document_currency,
        case when e.line is null then r.document_kind end as document_kind,
        case when e.line is null then r.customer_id end as customer_id,
        case when e.line is null then r.document_date end as document_date,
        case when e.line is null then r.due_date end as due_date,
        case e.line when 'opening' then then_open when 'closing' then now_open when 'sales' then 0.00 when 'collectable' then 0.00
            else open_after - open_before end as open_amount,
        case e.line when 'opening' then then_past_due when 'closing' then now_past_due when 'sales' then 0.00 when 'collectable' then 0.00
            else past_due_after - past_due_before end as past_due_amount,
        case e.line when 'opening' then then_over_90 when 'closing' then now_over_90 when 'sales' then 0.00 when 'collectable' then 0.00
            else over_90_after - over_90_before end as over_90_amount,
        case when e.line is null then open_before else then_open end as from_open,
        case when e.line is null then open_after when e.line = 'closing' then now_open else then_open end as to_open,
        case when e.line is null then collected_before else less_collected end as from_collected,
        case when e.line is null then collected_after when e.line = 'closing' then now_collectable - now_open else less_collected end
            as to_collected,
        r.then_open, r.then_days, r.then_sales, r.then_collectable, r.then_under, r.then_is_short,
        r.now_days, r.now_sales, r.now_under, r.now_is_short
    from rounded r
    cross join (
        values (1, 'opening'), (12, 'sales'), (13, 'collectable'), (14, 'closing'), (cast(null as bigint), cast(null as varchar))
    ) as e (line_order, line)
    where
        case
            when e.line is not null then r.place = 1
            else r.line_order between 2 and 11
                and (r.open_after <> r.open_before or r.past_due_after <> r.past_due_before or r.over_90_after <> r.over_90_before
                    or r.collected_after <> r.collected_before)
        end
),

-- at the denominators of the last close; the step from those of the first is the line sales (DSO) or collectable (CEI)
divided as (
    select
        *,
        case when then_sales > 0.00 then cast(ratio(then_open * then_days, then_sales) as decimal(18, 4)) end as then_dso,
        case when now_sales > 0.00 then cast(ratio(from_open * now_days, now_sales) as decimal(18, 4)) end as from_dso,
        case when now_sales > 0.00 then cast(ratio(to_open * now_days, now_sales) as decimal(18, 4)) end as to_dso,
        case when then_under > 0.00 then cast(ratio(100 * (then_collectable - then_open), then_under) as decimal(18, 4)) end as then_cei,
        case when now_under > 0.00 then cast(ratio(100 * from_collected, now_under) as decimal(18, 4)) end as from_cei,
        case when now_under > 0.00 then cast(ratio(100 * to_collected, now_under) as decimal(18, 4)) end as to_cei,
        case
            when then_sales = 0.00 then 'no_sales_3m'
            when then_sales < 0.00 then 'negative_sales_3m'
            when then_is_short then 'short_window'
        end as then_dso_reason,
        case
            when now_sales = 0.00 then 'no_sales_3m'
            when now_sales < 0.00 then 'negative_sales_3m'
            when now_is_short then 'short_window'
        end as now_dso_reason,
        case when then_under <= 0.00 then 'nothing_collectable' end as then_cei_reason,
        case when now_under <= 0.00 then 'nothing_collectable' end as now_cei_reason
    from emitted
),

final as (
    select
        scope, company_id, member_id, member_name, currency, line_order, line, owner_id, document_id, document_currency, document_kind,
        customer_id, document_date, due_date, open_amount, past_due_amount, over_90_amount,
        case line
            when 'opening' then then_dso
            when 'closing' then to_dso
            when 'sales' then to_dso - then_dso
            when 'collectable' then 0.00
            else case when then_dso is not null then to_dso - from_dso end
        end as dso_days,
        case line
            when 'opening' then then_cei
            when 'closing' then to_cei
            when 'collectable' then to_cei - then_cei
            when 'sales' then 0.00
            else case when then_cei is not null then to_cei - from_cei end
        end as cei_pct,
        case line
            when 'opening' then then_dso_reason
            when 'closing' then now_dso_reason
            else case when then_sales <= 0.00 then then_dso_reason when now_sales <= 0.00 then now_dso_reason end
        end as dso_reason,
        case line
            when 'opening' then then_cei_reason
            when 'closing' then now_cei_reason
            else coalesce(then_cei_reason, now_cei_reason)
        end as cei_reason
    from divided
)

select * from final
