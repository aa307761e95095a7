-- name: member_fx_items
-- answers: Which items in a currency other than the books' are open on a day, and what are they worth in the books and at the closing
--   rate?
-- grain: one row per scope, owner_id, account, customer_id, document_id, instalment, aging_class, document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: movements, members, companies, closing_rates, settings
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | customer_id id |
--   document_id id | instalment int | aging_class text | document_currency text | book_currency text | document_amount money |
--   carrying_amount money | revalued_amount money | closing_rate rate | closing_amount money | unrealised_amount money | rate rate
-- order: scope, owner_id, account, customer_id, document_id, instalment, aging_class, document_currency
-- unit: money, debit +: document_amount in document_currency, the other amounts in book_currency; times `rate` (closing, 1 for a
--   company's own members) they are in the member's currency, which by currency is the group's. carrying: booked without posted
--   revaluation (invoice rate); revalued: revaluation posted; closing: the document's amount at the closing rate of the day, rounded per
--   item, multiplied or divided by the rate as it was published; unrealised = closing - carrying. Unapplied receipts and credits are
--   monetary too, advances are not
-- holds: select document_id from this where unrealised_amount <> closing_amount - carrying_amount or document_currency = book_currency
-- source: METRICS 23, POSTING 4, PITFALLS P20 to P22
with open_items as (
    select
        m.company_id, m.account, m.customer_id, m.document_id, m.instalment, m.aging_class, m.currency, c.functional_currency,
        sum(m.amount) as document_amount,
        sum(case when m.movement_kind = 'fx_revaluation' then 0.00 else m.company_amount end) as carrying_amount,
        sum(case when m.movement_kind = 'fx_revaluation' then m.company_amount else 0.00 end) as revalued_amount
    from movements m
    join companies c on c.company_id = m.company_id
    where m.posting_date <= $as_of and m.currency <> c.functional_currency and m.aging_class <> 'advances'
    group by
        m.company_id, m.account, m.customer_id, m.document_id, m.instalment, m.aging_class, m.currency, c.functional_currency
    having sum(m.amount) <> 0.00
),

-- an inverse rate is a rounded fraction: where only the other direction is published, divide by it
quotes as (
    select
        case when t.is_turned then r.to_currency else r.currency end as currency,
        case when t.is_turned then r.currency else r.to_currency end as to_currency,
        max(case when not t.is_turned and r.route <> 'inverse' then r.rate end) as times,
        max(case when t.is_turned and r.route = 'direct' then r.rate end) as per,
        max(case when not t.is_turned then r.rate end) as closing_rate
    from closing_rates($as_of) r
    cross join (values (false), (true)) as t (is_turned)
    group by
        case when t.is_turned then r.to_currency else r.currency end, case when t.is_turned then r.currency else r.to_currency end
),

valued as (
    select
        i.*,
        required_rate(q.closing_rate, i.currency, i.functional_currency, $as_of) as closing_rate,
        cast(
            case when q.times is null then ratio(i.document_amount, q.per) else i.document_amount * q.times end as decimal(18, 2)
        ) as closing_amount
    from open_items i
    left join quotes q on q.currency = i.currency and q.to_currency = i.functional_currency
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, v.currency) as member_id, coalesce(b.member_name, v.currency) as member_name,
        coalesce(b.currency, s.group_currency) as currency,
        v.company_id as owner_id, v.account, v.customer_id, v.document_id, v.instalment, v.aging_class,
        v.currency as document_currency, v.functional_currency as book_currency, v.document_amount, v.carrying_amount, v.revalued_amount,
        v.closing_rate, v.closing_amount, v.closing_amount - v.carrying_amount as unrealised_amount,
        case
            when v.functional_currency = coalesce(b.currency, s.group_currency) then 1.00
            else required_rate(g.rate, v.functional_currency, s.group_currency, $as_of)
        end as rate
    from valued v
    join members($as_of, $grain) b on b.owner_id = v.company_id and b.customer_id = v.customer_id
    cross join settings s
    left join closing_rates($as_of) g on g.currency = v.functional_currency and g.to_currency = s.group_currency
)

select * from final
