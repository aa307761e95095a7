-- name: member_postings
-- answers: What was posted up to a day, per member of a grain: by month before the month of `from`, by day from then on?
-- grain: one row per scope, part, movement_id, load_id, owner_id, account, document_currency, intercompany, aging_class, movement_kind,
--   sales_effect, effect, posting_date, due_date
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: ledger_rows, cuts, gl_balances
-- columns: scope text | company_id id | member_id id | member_name text | currency text | is_booked bool | part text | movement_id int |
--   load_id int | owner_id id | account id | is_control bool | document_currency text | book_currency text | intercompany bool |
--   aging_class text | movement_kind text | sales_effect text | effect text | posting_date date | due_date date | amount money |
--   company_amount money | net_sales_amount money
-- order: scope, part, movement_id, load_id, owner_id, account, document_currency, intercompany, aging_class, movement_kind, sales_effect,
--   effect, posting_date, due_date
-- unit: money, debit +: amount in document_currency, company_amount booked in book_currency; currency is what the member counts in.
--   Members are those of the day `to`. Company, group and currency come from the loads' cube (part months, days, apart), where
--   customers need not be told apart; the other grains from the movements (part customers). is_control: the account ties to a control
--   account of the general ledger, so that advances on it are receivables. To be summed, not shown
-- holds: select t.a from (select sum(amount) as a from this where is_booked) t where $grain in ('company', 'customer', 'parent')
--   and t.a <> (select sum(amount) from movements where posting_date <= $to)
-- source: METRICS 0.3 and 28.11
with control_accounts as (
    select distinct company_id, account
    from gl_balances
    where role is null or role = 'ar'
),

final as (
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as currency, k.is_booked, p.part, p.movement_id, p.load_id, p.company_id as owner_id, p.account,
        a.account is not null or coalesce(k.control_account, p.account) = p.account as is_control,
        p.currency as document_currency, k.book_currency, p.intercompany, p.aging_class, p.movement_kind, p.sales_effect, p.effect,
        p.posting_date, p.due_date, p.amount, p.company_amount, p.net_sales_amount
    from ledger_rows($from, $to, $grain) p
    join cuts($to, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    left join control_accounts a on a.company_id = p.company_id and a.account = p.account
)

select * from final
