-- name: work_items
-- answers: Which items are open on a day, how much of each is in dispute, and by when must a PUE invoice be paid?
-- grain: one row per company_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   currency
-- params: as_of date, dispute_days int = 30
-- reads: item_balances, documents, disputes, fiscal_documents, closing_rates, settings
-- columns: company_id id | account id | customer_id id | document_id id | instalment int | document_kind text | aging_class text |
--   document_date date | due_date date | days_late int | currency text | reference text | open_amount money |
--   open_amount_company money | rate rate | disputed_amount money | disputed_amount_company money | standing_amount money |
--   standing_amount_company money | dispute_date date | pue_last_date date
-- order: company_id, customer_id, currency, due_date, document_id, instalment, account, document_kind, aging_class, document_date
-- unit: money, debit +; open_amount in the item's currency, _company as booked, x rate in group currency at the closing rate of the day.
--   disputed: all disputes open on the day; standing: those opened at most dispute_days ago, laid on first. A dispute names a document:
--   it takes its items that are debits, the earliest due first, at most what is open of the document; one in another currency than its
--   document's counts as the whole of it. dispute_date: first day of its oldest open dispute. pue_last_date: last day of the month of
--   issue of an invoice with payment method PUE that is not cancelled
-- holds: select document_id from this where disputed_amount > 0.00 and disputed_amount > open_amount or standing_amount > disputed_amount
--   or (disputed_amount <> 0.00 and aging_class <> 'due')
-- holds: select t.company_id from (select company_id, customer_id, currency, sum(disputed_amount) as disputed from this group by
--   company_id, customer_id, currency having sum(disputed_amount) <> 0.00) t full join (select * from disputed_amounts($as_of) where
--   disputed_amount <> 0.00) d on d.company_id = t.company_id and d.customer_id = t.customer_id and d.currency = t.currency where
--   coalesce(t.disputed, 0.00) <> coalesce(d.disputed_amount, 0.00)
-- source: METRICS 1, 17 and 26
with stated as (
    select
        company_id, document_id, min(document_date) as document_date, max(currency) as currency, max(reference) as reference,
        max(upper(fiscal_uuid)) as fiscal_uuid, max(payment_method) as payment_method
    from documents
    where reverses_document_id is null
    group by company_id, document_id
),

claimed as (
    select
        s.company_id, s.document_id, s.document_date, s.reference, s.fiscal_uuid, s.payment_method,
        min(d.opened_date) as dispute_date,
        bool_or(d.currency <> s.currency) as is_whole,
        bool_or(d.currency <> s.currency and d.opened_date >= $as_of - $dispute_days) as is_whole_standing,
        sum(case when d.currency = s.currency then d.amount end) as claim_amount,
        sum(case when d.currency = s.currency and d.opened_date >= $as_of - $dispute_days then d.amount end) as standing_claim_amount
    from stated s
    left join disputes d
        on d.company_id = s.company_id and d.document_id = s.document_id
            and d.opened_date <= $as_of and (d.closed_date is null or d.closed_date > $as_of)
    group by s.company_id, s.document_id, s.document_date, s.reference, s.fiscal_uuid, s.payment_method
),

-- what is open of the document, and of its debits that come before the item
laid as (
    select
        i.*, c.reference, c.dispute_date, c.is_whole, c.is_whole_standing, c.claim_amount, c.standing_claim_amount,
        case
            when coalesce(f.payment_method, c.payment_method) = 'PUE' and i.document_kind in ('invoice', 'debit_memo')
                and (f.cancelled_at is null or f.cancelled_at > $as_of)
                then month_end(coalesce(f.issued_at, c.document_date))
        end as pue_last_date,
        case when i.aging_class = 'due' then greatest(i.open_amount, 0.00) else 0.00 end as debit_amount,
        greatest(
            sum(case when i.aging_class = 'due' then i.open_amount else 0.00 end) over (
                partition by i.company_id, i.customer_id, i.document_id, i.currency
            ), 0.00
        ) as document_amount,
        sum(case when i.aging_class = 'due' then greatest(i.open_amount, 0.00) else 0.00 end) over (
            partition by i.company_id, i.customer_id, i.document_id, i.currency
            order by i.due_date, i.instalment, i.account, i.document_kind, i.aging_class, i.document_date
            rows between unbounded preceding and current row
        ) as debits_to
    from item_balances($as_of) i
    left join claimed c on c.company_id = i.company_id and c.document_id = i.document_id
    left join fiscal_documents f on upper(f.fiscal_uuid) = c.fiscal_uuid and f.kind = 'I'
),

taken as (
    select
        *,
        least(
            greatest(
                least(case when is_whole then document_amount else coalesce(claim_amount, 0.00) end, document_amount)
                - (debits_to - debit_amount), 0.00
            ), debit_amount
        ) as disputed_amount,
        least(
            greatest(
                least(case when is_whole_standing then document_amount else coalesce(standing_claim_amount, 0.00) end, document_amount)
                - (debits_to - debit_amount), 0.00
            ), debit_amount
        ) as standing_amount
    from laid
),

final as (
    select
        t.company_id, t.account, t.customer_id, t.document_id, t.instalment, t.document_kind, t.aging_class, t.document_date, t.due_date,
        days_between($as_of, t.due_date) as days_late, t.currency, t.reference, t.open_amount, t.open_amount_company,
        case
            when t.open_amount = 0.00 then 0.00
            when t.currency = s.group_currency then 1.00
            else required_rate(r.rate, t.currency, s.group_currency, $as_of)
        end as rate,
        t.disputed_amount,
        coalesce(ratio(t.disputed_amount * t.open_amount_company, t.open_amount), 0.00) as disputed_amount_company,
        t.standing_amount,
        coalesce(ratio(t.standing_amount * t.open_amount_company, t.open_amount), 0.00) as standing_amount_company,
        case when t.disputed_amount > 0.00 then t.dispute_date end as dispute_date,
        t.pue_last_date
    from taken t
    cross join settings s
    left join closing_rates($as_of) r on r.currency = t.currency and r.to_currency = s.group_currency
)

select * from final
