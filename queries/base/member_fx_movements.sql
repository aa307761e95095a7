-- name: member_fx_movements
-- answers: Which exchange differences were posted in a period, per member of a grain?
-- grain: one row per scope, movement_id, load_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, companies, rate_spans, settings
-- columns: scope text | company_id id | member_id id | member_name text | currency text | movement_id int | load_id int | owner_id id |
--   customer_id id | document_id id | instalment int | counter_document_id id | movement_kind text | posting_date date |
--   document_currency text | book_currency text | amount money | rate rate
-- order: scope, movement_id, load_id
-- unit: money in book_currency, gain +; amount x rate is it in the member's currency (by currency: the group's), at the rate of the
--   posting day. Settlement differences (fx_difference) and posted revaluations (fx_revaluation). Members are those of the day `to`
-- holds: select movement_id from this where rate is null
-- source: METRICS 23, POSTING 4
with final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, m.currency) as member_id, coalesce(b.member_name, m.currency) as member_name,
        coalesce(b.currency, s.group_currency) as currency,
        m.movement_id, m.load_id, m.company_id as owner_id, m.customer_id, m.document_id, m.instalment, m.counter_document_id,
        m.movement_kind, m.posting_date, m.currency as document_currency, c.functional_currency as book_currency,
        m.company_amount as amount,
        case
            when c.functional_currency = coalesce(b.currency, s.group_currency) then 1.00
            when m.company_amount = 0.00 then 0.00
            else required_rate(r.rate, c.functional_currency, s.group_currency, m.posting_date)
        end as rate
    from movements m
    join members($to, $grain) b on b.owner_id = m.company_id and b.customer_id = m.customer_id
    join companies c on c.company_id = m.company_id
    cross join settings s
    left join rate_spans() r
        on r.currency = c.functional_currency and r.to_currency = s.group_currency and m.posting_date between r.valid_from and r.valid_to
    where m.posting_date between $from and $to and m.movement_kind in ('fx_difference', 'fx_revaluation')
)

select * from final
