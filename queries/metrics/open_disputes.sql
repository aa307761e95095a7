-- name: open_disputes
-- answers: Which disputes stand on a day, over how much of what is open, since when, and who owns them?
-- answers_es: ¿Qué aclaraciones están abiertas en una fecha, por cuánto de lo abierto, desde cuándo y quién las atiende?
-- title_es: Aclaraciones abiertas
-- title_en: Open disputes
-- formula: disputes opened up to the day and not closed; disputed = the claim, at most what is open of the document; at the closing rate
-- formula_es: aclaraciones abiertas a la fecha y no cerradas; en aclaración = lo reclamado, a lo más lo abierto del documento; al tipo de
--   cambio de cierre
-- grain: one row per company_id, dispute_id
-- params: as_of date
-- reads: dispute_values, item_balances, customers_as_of, disputes, collectors, closing_rates, settings
-- columns: company_id id | dispute_id id | customer_id id | customer_name text | document_id id | dispute_reason text | owner_name text |
--   opened_date date | age_days int | currency text | claim_amount money | disputed_amount money | disputed_amount_group money
-- order: disputed_amount_group desc, company_id, dispute_id
-- unit: money in the document's currency and in that of the group; several disputes of one document share what is open of it, those opened
--   first before the others. A dispute whose document is settled stays listed at 0.00
-- unit_es: importes en la moneda del documento y en la del grupo; varias aclaraciones de un documento comparten lo abierto, primero las que
--   se abrieron antes. Una aclaración cuyo documento está saldado se lista en 0.00
-- holds: select dispute_id from this where disputed_amount < 0.00 or disputed_amount > claim_amount or age_days < 0
-- holds: select t.a from (select coalesce(sum(disputed_amount), 0.00) as a from this) t
--   where t.a > (select coalesce(sum(open_amount), 0.00) from item_balances($as_of) where aging_class = 'due' and open_amount > 0.00)
-- inputs: disputed_amount = select company_id, dispute_id, document_id, customer_id, opened_date, disputed_amount as amount from this
-- source: METRICS 17
with open_documents as (
    select company_id, document_id, currency, sum(open_amount) as open_amount
    from item_balances($as_of)
    where aging_class = 'due'
    group by company_id, document_id, currency
),

standing as (
    select
        v.company_id, v.dispute_id, v.customer_id, v.document_id, v.reason, v.opened_date, v.document_currency as currency,
        v.document_claim_amount as claim_amount,
        greatest(coalesce(o.open_amount, 0.00), 0.00) as open_amount,
        sum(v.document_claim_amount) over (
            partition by v.company_id, v.document_id order by v.opened_date, v.dispute_id rows between unbounded preceding and current row
        ) - v.document_claim_amount as claimed_before
    from dispute_values($as_of) v
    left join open_documents o
        on o.company_id = v.company_id and o.document_id = v.document_id and o.currency = v.document_currency
    where v.closed_date is null
),

final as (
    select
        s.company_id, s.dispute_id, s.customer_id, coalesce(k.name, s.customer_id) as customer_name, s.document_id,
        s.reason as dispute_reason, coalesce(c.name, d.owner_id) as owner_name, s.opened_date,
        days_between($as_of, s.opened_date) as age_days, s.currency, s.claim_amount,
        greatest(least(s.claim_amount, s.open_amount - s.claimed_before), 0.00) as disputed_amount,
        greatest(least(s.claim_amount, s.open_amount - s.claimed_before), 0.00)
            * case
                when s.currency = g.group_currency then 1.00
                when s.open_amount = 0.00 then 0.00
                else required_rate(r.rate, s.currency, g.group_currency, $as_of)
            end as disputed_amount_group
    from standing s
    cross join settings g
    join disputes d on d.company_id = s.company_id and d.dispute_id = s.dispute_id
    left join collectors c on c.collector_id = d.owner_id
    left join customers_as_of($as_of) k on k.company_id = s.company_id and k.customer_id = s.customer_id
    left join closing_rates($as_of) r on r.currency = s.currency and r.to_currency = g.group_currency
)

select * from final
