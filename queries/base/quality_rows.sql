-- name: quality_rows
-- answers: Which rows are missing, wait, or lack something that figures need, and which figures do they bend?
-- grain: one row per row_class, code, table_name, company_id, currency, row_key
-- params: as_of date
-- reads: rejects, waiting, findings, documents, customers, movements, item_balances, duplicate_documents, missing_rates
-- columns: row_class text | code text | table_name text | company_id id | currency text | row_key text | amount money | kpis text
-- order: row_class, code, table_name, company_id, currency, row_key
-- unit: money of the row in its currency, debit +. row_class: rejected (set aside by any load, amount as read; a row that was corrected later
--   is still here), waiting (an application or reversal whose document is not known), lacking (known, posted up to the day, and without
--   what it needs). Codes of lacking, with what counts as amount: due_date_missing (debits that came without a due day in any load, open),
--   due_before_issue (open), overapplied (debits below nothing), customer_unknown (items of customers in no table, open),
--   cash_without_receipt (cash applied), receipt_unmatched (receipts of which all is left), duplicate_document (all but one of the likely
--   same), rate_missing_balance (of the day), rate_missing_trend (of month ends before), rate_missing_unrealised, rate_missing_flow.
--   kpis: names of the queries it bends most
-- holds: select code from this where kpis is null or row_class not in ('rejected', 'waiting', 'lacking')
-- holds: select 1 from this having sum(case when row_class = 'rejected' then 1 else 0 end) <> (select count(*) from rejects)
-- source: METRICS 0.3 and 2, PITFALLS P17, P33 and P35
with waits as (
    select company_id, source_table, source_id, max(currency) as currency, sum(amount * change) as amount
    from waiting
    group by company_id, source_table, source_id
    having sum(change) > 0
),

-- one scan of what is open, with what its documents and customers say
items as (
    select
        i.company_id, i.currency, i.customer_id, i.document_id, i.instalment, i.document_kind, i.aging_class, i.document_date, i.due_date,
        i.open_amount,
        concat(i.document_id, '/', cast(i.instalment as varchar), ' ', i.customer_id, ' ', coalesce(i.account, ''), ' ', i.document_kind, ' ',
            cast(i.document_date as varchar), ' ', cast(i.due_date as varchar), ' ', i.aging_class) as row_key,
        f.row_key is not null and i.aging_class = 'due' as lacks_due_date,
        coalesce(d.amount, 0.00) as document_amount,
        k.customer_id is null as is_unknown
    from item_balances($as_of) i
    left join (
        select company_id, document_id, instalment, sum(amount) as amount
        from documents
        group by company_id, document_id, instalment
    ) d on d.company_id = i.company_id and d.document_id = i.document_id and d.instalment = i.instalment
    left join (select distinct company_id, customer_id from customers) k on k.company_id = i.company_id and k.customer_id = i.customer_id
    left join (select distinct row_key from findings where code = 'due_date_missing') f
        on f.row_key = concat(i.company_id, '/', i.document_id, '/', cast(i.instalment as varchar))
    where i.open_amount <> 0.00
),

lacking as (
    select i.company_id, i.currency, i.row_key, c.code, i.open_amount as amount
    from items i
    join (values ('due_date_missing'), ('due_before_issue'), ('overapplied'), ('customer_unknown'), ('receipt_unmatched')) as c (code)
        on case c.code
            when 'due_date_missing' then i.lacks_due_date
            when 'due_before_issue' then i.aging_class = 'due' and i.due_date < i.document_date
            when 'overapplied' then i.aging_class = 'due' and i.open_amount < 0.00 and i.document_kind <> 'adjustment'
            when 'customer_unknown' then i.is_unknown
            else i.document_kind = 'receipt' and i.open_amount = -i.document_amount
        end
),

listed as (
    select
        'rejected' as row_class, code, table_name, coalesce(company_id, '(unknown)') as company_id, coalesce(currency, '(none)') as currency,
        concat(cast(load_id as varchar), ' ', concat_ws(':', source, cast(line as varchar), cast(column_no as varchar))) as row_key,
        amount
    from rejects
    union all
    select
        'waiting' as row_class, 'application_waits' as code, source_table as table_name, company_id, coalesce(currency, '(none)') as currency,
        source_id as row_key, amount
    from waits
    union all
    select 'lacking' as row_class, code, 'documents' as table_name, company_id, currency, row_key, amount
    from lacking
    union all
    select
        'lacking' as row_class, 'cash_without_receipt' as code, 'applications' as table_name, company_id, currency,
        concat(source_id, ' ', document_id, '/', cast(instalment as varchar), ' ', customer_id) as row_key, sum(amount) as amount
    from movements
    where posting_date <= $as_of and movement_kind = 'cash'
    group by company_id, currency, concat(source_id, ' ', document_id, '/', cast(instalment as varchar), ' ', customer_id)
    having sum(amount) <> 0.00
    union all
    select
        'lacking' as row_class, 'duplicate_document' as code, 'documents' as table_name, company_id, currency,
        concat(first_document_id, ' ', last_document_id) as row_key, amount * (documents - 1) as amount
    from duplicate_documents($as_of)
    union all
    select
        'lacking' as row_class,
        case when needed_for = 'balance' and rate_day < $as_of then 'rate_missing_trend' else concat('rate_missing_', needed_for) end as code,
        'fx_rates' as table_name, company_id, currency, concat(currency, ' ', to_currency, ' ', cast(rate_day as varchar)) as row_key, amount
    from missing_rates($as_of)
),

final as (
    select
        row_class, code, table_name, company_id, currency, row_key, amount,
        case
            when code = 'due_date_missing' or code = 'due_before_issue' then 'aging, kpis, terms_given'
            when code = 'overapplied' or code = 'duplicate_document' then 'aging, dso, kpis'
            when code = 'customer_unknown' then 'collector_scorecard, credit_exposure, risk_scores'
            when code = 'cash_without_receipt' then 'days_to_pay, cash_application, unapplied_cash'
            when code = 'receipt_unmatched' then 'aging, days_to_pay, cash_application'
            when code = 'rate_missing_balance' then 'aging_group, kpis, fx_unrealised'
            when code = 'rate_missing_trend' then 'aging_group_trend, kpis_trend'
            when code = 'rate_missing_unrealised' then 'fx_unrealised'
            when code = 'rate_missing_flow' then 'dso, collection_effectiveness, rollforward_group'
            when table_name = 'documents' then 'aging, dso, tie_out'
            when table_name = 'applications' then 'aging, days_to_pay, unapplied_cash'
            when table_name = 'customers' then 'collector_scorecard, credit_exposure, risk_scores'
            when table_name = 'fx_rates' then 'aging_group, kpis, fx_unrealised'
            when table_name in ('gl_balances', 'gl_items') then 'tie_out'
            when table_name = 'period_sales' then 'dso, collection_effectiveness'
            when table_name = 'exposures' then 'credit_exposure, risk_scores'
            when table_name = 'disputes' then 'disputes_summary, expected_cash, risk_scores'
            when table_name = 'promises' then 'promises_kept, expected_cash, risk_scores'
            when table_name in ('activities', 'collectors', 'collector_targets') then 'collector_scorecard, cash_by_week'
            when table_name in ('fiscal_documents', 'fiscal_relations', 'fiscal_payments') then 'rep_compliance, fiscal_chain'
            else 'kpis'
        end as kpis
    from listed
)

select * from final
