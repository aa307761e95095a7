-- name: dispute_values
-- answers: Which disputes were raised up to a day, over which document of which customer, and how much of each was credited?
-- grain: one row per company_id, dispute_id
-- params: as_of date, credit_days int = 0
-- reads: disputes, movements
-- columns: company_id id | dispute_id id | customer_id id | document_id id | document_currency text | document_amount money |
--   document_amount_company money | reason text | opened_date date | closed_date date | currency text | amount money |
--   document_claim_amount money | credited_amount money
-- order: company_id, dispute_id
-- unit: money. amount is what is disputed, in the dispute's currency; document_claim_amount the same in the document's: a dispute in
--   another currency than its document's counts as the whole of it. credited_amount, in the document's: credit memos and discounts laid
--   on the document from the day the dispute was opened to the day it was closed (and credit_days more), at most the claim; what disputes
--   of a document that were open together may share goes to the one closed first. closed_date is empty while it was open on the day. The
--   customer is the one that holds the document on the day; disputes over unknown documents are left out
-- holds: select dispute_id from this where credited_amount < 0.00 or credited_amount > document_claim_amount and credited_amount > 0.00
-- holds: select dispute_id from this where opened_date > $as_of or closed_date > $as_of
-- holds: select t.document_id from (select company_id, document_id, sum(credited_amount) as credited from this group by company_id,
--   document_id) t join (select company_id, document_id, -sum(amount) as settled from movements where posting_date <= $as_of and
--   movement_kind in ('apply_credit', 'discount') and amount < 0.00 group by company_id, document_id) m on m.company_id = t.company_id
--   and m.document_id = t.document_id where t.credited > m.settled
-- source: METRICS 17
with known as (
    select
        company_id, dispute_id, document_id, reason, opened_date, currency, amount,
        case when closed_date <= $as_of then closed_date end as closed_date,
        max(case when closed_date <= $as_of then closed_date else $as_of end) over (
            partition by company_id, document_id order by opened_date, dispute_id rows between unbounded preceding and 1 preceding
        ) as closed_before
    from disputes
    where opened_date <= $as_of
),

-- disputes of a document whose days overlap are one episode
raised as (
    select
        *,
        sum(case when opened_date > closed_before then 1 else 0 end) over (
            partition by company_id, document_id order by opened_date, dispute_id rows between unbounded preceding and current row
        ) as episode
    from known
),

-- every movement of a disputed document, once per dispute
spread as (
    select
        d.company_id, d.dispute_id, d.document_id, d.episode, d.reason, d.opened_date, d.closed_date, d.currency, d.amount,
        m.currency as document_currency, m.customer_id,
        sum(
            case
                when m.source_table = 'documents' and m.movement_kind in (m.document_kind, 'reclass') and m.effect <> 'undo' then m.amount
                else 0.00
            end
        ) as document_amount,
        sum(
            case
                when m.source_table = 'documents' and m.movement_kind in (m.document_kind, 'reclass') and m.effect <> 'undo'
                    then m.company_amount
                else 0.00
            end
        ) as document_amount_company,
        sum(
            case when m.movement_kind in ('apply_credit', 'discount') and m.posting_date < d.opened_date then -m.amount else 0.00 end
        ) as settled_before,
        sum(
            case
                when m.movement_kind in ('apply_credit', 'discount')
                    and m.posting_date between d.opened_date and d.closed_date + cast($credit_days as int) then -m.amount
                else 0.00
            end
        ) as settled_amount
    from raised d
    join movements m on m.company_id = d.company_id and m.document_id = d.document_id
    where m.posting_date <= $as_of
    group by
        d.company_id, d.dispute_id, d.document_id, d.episode, d.reason, d.opened_date, d.closed_date, d.currency, d.amount,
        m.currency, m.customer_id
),

-- a document that moved between customers is of the one where its amount stands
held as (
    select
        company_id, dispute_id, document_id, episode, reason, opened_date, closed_date, currency, amount, document_currency,
        max(case when document_amount <> 0.00 then customer_id end) as customer_id,
        sum(document_amount) as document_amount,
        sum(document_amount_company) as document_amount_company,
        sum(settled_before) as settled_before,
        sum(settled_amount) as settled_amount
    from spread
    group by company_id, dispute_id, document_id, episode, reason, opened_date, closed_date, currency, amount, document_currency
),

claimed as (
    select *, case when currency = document_currency then amount else document_amount end as document_claim_amount
    from held
    where customer_id is not null
),

attainable as (
    select
        *,
        case when closed_date is null then 0.00 else greatest(least(settled_amount, document_claim_amount), 0.00) end as attainable_amount
    from claimed
),

-- in the order in which they were closed: what those before may take, of the document and of the episode
queued as (
    select
        *,
        sum(attainable_amount) over (
            partition by company_id, document_id order by closed_date nulls last, opened_date, dispute_id
            rows between unbounded preceding and current row
        ) - attainable_amount as queued_before,
        sum(attainable_amount) over (
            partition by company_id, document_id, episode order by closed_date nulls last, opened_date, dispute_id
            rows between unbounded preceding and current row
        ) - attainable_amount as episode_before
    from attainable
),

-- credits lie on one line: a dispute begins where those before it end, but not before the day it was opened
placed as (
    select
        *,
        max(case when attainable_amount > 0.00 then settled_before - queued_before end) over (
            partition by company_id, document_id order by closed_date nulls last, opened_date, dispute_id
            rows between unbounded preceding and current row
        ) + queued_before as begins_at
    from queued
),

-- one opened before those closed before it may have what lies ahead of them: what they cannot have taken of its days is its own
final as (
    select
        company_id, dispute_id, customer_id, document_id, document_currency, document_amount, document_amount_company, reason,
        opened_date, closed_date, currency, amount, document_claim_amount,
        case
            when attainable_amount = 0.00 then 0.00
            else greatest(
                least(
                    greatest(settled_before + settled_amount - begins_at, settled_amount - episode_before), attainable_amount
                ), 0.00
            )
        end as credited_amount
    from placed
)

select * from final
