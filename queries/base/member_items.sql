-- name: member_items
-- answers: Which items are open on a day, per member of a grain, and what are they worth to it?
-- grain: one row per scope, owner_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   document_currency
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: item_balances, members, companies, gl_balances, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | owner_id id | account id | is_control bool |
--   customer_id id | document_id id | instalment int | document_kind text | aging_class text | document_date date | due_date date |
--   days_late int | document_currency text | open_amount money | amount money | rate rate
-- order: scope, owner_id, account, customer_id, document_id, instalment, document_kind, aging_class, document_date, due_date,
--   document_currency
-- unit: money, debit +. open_amount is in the document's currency; amount x rate is the item in the member's currency: the booked amount
--   for a company's own members, the document's amount at the closing rate of the day for the group's. is_control: the account ties to a
--   control account, so that an advance on it is a receivable
-- holds: select document_id from this where rate is null
-- source: METRICS 0.3, 1 and 2
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

final as (
    select
        b.scope, b.company_id, coalesce(b.member_id, i.currency) as member_id, coalesce(b.member_name, i.currency) as member_name,
        coalesce(b.currency, i.currency) as currency,
        i.company_id as owner_id, i.account,
        a.account is not null or coalesce(c.control_account, i.account) = i.account as is_control,
        i.customer_id, i.document_id, i.instalment, i.document_kind, i.aging_class, i.document_date, i.due_date,
        days_between($as_of, i.due_date) as days_late,
        i.currency as document_currency, i.open_amount,
        case when b.is_booked then i.open_amount_company else i.open_amount end as amount,
        case
            when b.is_booked or coalesce(b.currency, i.currency) = i.currency then 1.00
            when i.open_amount = 0.00 then 0.00
            else required_rate(r.rate, i.currency, b.currency, $as_of)
        end as rate
    from item_balances($as_of) i
    join members($as_of, $grain) b on b.owner_id = i.company_id and b.customer_id = i.customer_id
    join companies c on c.company_id = i.company_id
    left join control_accounts a on a.company_id = i.company_id and a.account = i.account
    left join closing_rates($as_of) r on r.currency = i.currency and r.to_currency = b.currency
)

select * from final
