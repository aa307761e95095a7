-- name: control_accounts
-- answers: Which accounts of each company count as receivables whatever stands on them?
-- grain: one row per company_id, account
-- params: none
-- reads: companies, gl_balances
-- columns: company_id id | account id
-- order: company_id, account
-- unit: accounts that tie to a control account; advances count as receivables on these only. An empty account stands for every account of a
--   company that names no control account
-- holds: select company_id from this where account is null group by company_id having count(*) > 1
-- source: POSTING 2, METRICS 2
with final as (
    select company_id, control_account as account
    from companies
    union
    select g.company_id, g.account
    from gl_balances g
    join companies c on c.company_id = g.company_id and c.control_account is not null
    where g.role is null or g.role = 'ar'
)

select * from final
