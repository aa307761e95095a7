-- name: ledger_rows
-- answers: What was posted up to a day, with the customer only where a grain asks for one?
-- grain: one row per part, movement_id, load_id, company_id, customer_id, account, currency, intercompany, aging_class, movement_kind,
--   sales_effect, effect, posting_date, due_date
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company'
-- reads: postings, movements
-- columns: part text | movement_id int | load_id int | company_id id | customer_id id | account id | currency text | intercompany bool |
--   aging_class text | movement_kind text | sales_effect text | effect text | posting_date date | due_date date | amount money |
--   company_amount money | net_sales_amount money
-- order: part, movement_id, load_id, company_id, customer_id, account, currency, intercompany, aging_class, movement_kind, sales_effect, effect,
--   posting_date, due_date
-- unit: money, debit +. By company, group and currency: the rows of postings, by month before the month of `from`, customer_id empty, our own
--   companies apart. By the other grains: the movements (part customers), nothing apart. To be summed first and then cut by cuts
-- holds: select sum(amount) from this having sum(amount) <> (select sum(amount) from movements where posting_date <= $to)
-- source: POSTING 1, METRICS 0.3
with final as (
    select
        part, movement_id, load_id, company_id, '' as customer_id, account, currency, intercompany, aging_class, movement_kind, sales_effect,
        effect, posting_date, due_date, amount, company_amount, net_sales_amount
    from postings($from, $to, true)
    where $grain in ('company', 'group', 'currency')
    union all
    select
        'customers' as part, movement_id, load_id, company_id, customer_id, account, currency, false as intercompany, aging_class,
        movement_kind, sales_effect, effect, posting_date, due_date, amount, company_amount, net_sales_amount
    from movements
    where $grain not in ('company', 'group', 'currency') and posting_date <= $to
)

select * from final
