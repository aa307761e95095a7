-- name: aging_group
-- answers: How is the aging of each company and of the group made up, in one currency each?
-- answers_es: ¿Cómo se compone la antigüedad de cada empresa y del grupo, cada una en una moneda?
-- title_es: Antigüedad de saldos por empresa y grupo
-- title_en: Aging by company and group
-- formula: company: booked amounts by bucket; group: document amounts by bucket at the closing rate, without customers that are our own
--   companies; share of the open debits
-- formula_es: empresa: importes en libros por rango; grupo: importes de los documentos por rango al tipo de cambio de cierre, sin
--   clientes que son empresas propias; proporción de los cargos abiertos
-- grain: one row per scope, company_id, member_id, bucket_order
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company'
-- reads: ledger_rows, cuts, aging_columns, closing_rates
-- columns: scope text | company_id id | member_id id | member_name text | currency text | bucket_order int | bucket text |
--   open_amount money | share_pct pct
-- order: scope, company_id, member_id, bucket_order
-- unit: money; share of the debits, so that the buckets make 100 and unapplied cash, credits and advances stand against them
-- unit_es: importes; la proporción es de los cargos abiertos: los rangos hacen 100 y los pagos por aplicar, créditos y anticipos se
--   comparan contra ellos
-- holds: select company_id from this where bucket not in ('unapplied', 'credits', 'advances') and share_pct is not null
--   group by scope, company_id, member_id having abs(sum(share_pct) - 100) > 0.01
-- inputs: open_amount = select m.*, c.bucket_order from member_items($as_of, $grain) m join aging_columns() c on c.aging_class =
--   m.aging_class and m.days_late between c.from_days and c.to_days
-- source: METRICS 2, 13 and 28.11
with posted as (
    select
        company_id, customer_id, intercompany, currency, aging_class, due_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from ledger_rows($as_of, $as_of, $grain)
    group by company_id, customer_id, intercompany, currency, aging_class, due_date
),

by_bucket as (
    select
        p.company_id, p.customer_id, p.intercompany, p.currency, c.bucket_order,
        sum(p.amount) as amount,
        sum(p.company_amount) as company_amount
    from posted p
    join aging_columns() c
        on c.aging_class = p.aging_class and days_between($as_of, p.due_date) between c.from_days and c.to_days
    group by p.company_id, p.customer_id, p.intercompany, p.currency, c.bucket_order
),

-- sums first, then whose they are
aged as (
    select
        k.scope, k.company_id, coalesce(k.member_id, p.currency) as member_id, coalesce(k.member_name, p.currency) as member_name,
        coalesce(k.currency, p.currency) as member_currency,
        case when k.is_booked then k.book_currency else p.currency end as currency, p.bucket_order,
        sum(case when k.is_booked then p.company_amount else p.amount end) as amount
    from by_bucket p
    join cuts($as_of, $grain) k
        on k.owner_id = p.company_id and k.customer_id = p.customer_id and k.intercompany = p.intercompany
    group by
        k.scope, k.company_id, coalesce(k.member_id, p.currency), coalesce(k.member_name, p.currency), coalesce(k.currency, p.currency),
        case when k.is_booked then k.book_currency else p.currency end, p.bucket_order
),

translated as (
    select
        a.scope, a.company_id, a.member_id, a.member_name, a.member_currency, a.bucket_order,
        case
            when a.amount = 0.00 then 0.00
            when a.currency = a.member_currency then a.amount
            else a.amount * required_rate(r.rate, a.currency, a.member_currency, $as_of)
        end as amount
    from aged a
    left join closing_rates($as_of) r on r.currency = a.currency and r.to_currency = a.member_currency
),

-- every column for every member, 0.00 where nothing is open
summed as (
    select
        t.scope, t.company_id, t.member_id, t.member_name, t.member_currency as currency, c.bucket_order, c.bucket, c.aging_class,
        sum(case when t.bucket_order = c.bucket_order then t.amount else 0.00 end) as open_amount
    from aging_columns() c
    cross join translated t
    group by t.scope, t.company_id, t.member_id, t.member_name, t.member_currency, c.bucket_order, c.bucket, c.aging_class
),

debited as (
    select
        *, sum(case when aging_class = 'due' then open_amount else 0.00 end) over (partition by scope, company_id, member_id) as debit_amount
    from summed
),

final as (
    select
        scope, company_id, member_id, member_name, currency, bucket_order, bucket, open_amount,
        case when debit_amount > 0.00 then ratio(100 * open_amount, debit_amount) end as share_pct
    from debited
)

select * from final
