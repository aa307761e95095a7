-- name: aging_by_days
-- answers: How old is what is open, by due day or by document day, in buckets of one's own?
-- answers_es: ¿Qué antigüedad tiene lo abierto, por vencimiento o por fecha del documento, en los rangos que se elijan?
-- title_es: Antigüedad con rangos libres
-- title_en: Aging in free buckets
-- formula: sum of open items by days between the day and their due day or document day; credits apart, by their own day, or laid on the oldest
--   debits of their customer and currency
-- formula_es: suma de partidas abiertas por días entre el corte y su vencimiento o su fecha; los créditos aparte, por su propia fecha, o aplicados a
--   los cargos más antiguos del cliente en su moneda
-- grain: one row per scope, company_id, member_id, bucket_order
-- params: as_of date, grain text of company group currency customer parent segment collector = 'company',
--   by_day text of due_date document_date = 'due_date', limits text = '30,60,90', credits text of apart aged fifo = 'apart'
-- reads: laid_items, day_columns
-- columns: scope text | company_id id | member_id id | member_name text | currency text | bucket_order int | bucket text |
--   open_amount money |
--   share_pct pct | item_count int
-- order: scope, company_id, member_id, bucket_order
-- unit: money; share of the buckets' sum. limits are the last days of the buckets. credits: apart = columns of their own; aged = credits and
--   unapplied cash by their own day; fifo = laid on the oldest debits first, the rest stays in its own column. Every column for every member
-- unit_es: importes; proporción de la suma de los rangos. limits son los últimos días de cada rango. credits: apart = columnas propias; aged =
--   créditos y efectivo sin aplicar por su propia fecha; fifo = aplicados primero a los cargos más antiguos, el resto queda en su columna
-- holds: select t.a from (select sum(open_amount) as a from this) t where $grain in ('customer', 'parent')
--   and t.a <> (select sum(company_amount) from movements where posting_date <= $as_of)
-- holds: select member_id from this where bucket not in ('unapplied', 'credits', 'advances') and share_pct is not null
--   group by scope, company_id, member_id having abs(sum(share_pct) - 100) > 0.01
-- inputs: open_amount = select l.*, c.bucket_order from laid_items($as_of, $grain, $by_day, $credits) l
--   join day_columns($by_day, $limits) c on c.aging_class = l.column_class and l.aged_days between c.from_days and c.to_days
-- inputs: item_count = select l.scope, l.company_id, l.member_id, c.bucket_order, l.owner_id, l.customer_id, l.document_id, l.instalment,
--   l.document_currency, l.amount as left_amount, 1 as amount from laid_items($as_of, $grain, $by_day, $credits) l
--   join day_columns($by_day, $limits) c on c.aging_class = l.column_class and l.aged_days between c.from_days and c.to_days
--   where l.amount * l.rate <> 0.00
-- cases: no_items
-- source: METRICS 2, PITFALLS P1 to P4 and P14
with aged as (
    select
        l.scope, l.company_id, l.member_id, l.member_name, l.currency, c.bucket_order,
        sum(l.amount * l.rate) as amount,
        sum(case when l.amount * l.rate <> 0.00 then 1 else 0 end) as item_count
    from laid_items($as_of, $grain, $by_day, $credits) l
    join day_columns($by_day, $limits) c on c.aging_class = l.column_class and l.aged_days between c.from_days and c.to_days
    group by l.scope, l.company_id, l.member_id, l.member_name, l.currency, c.bucket_order
),

spread as (
    select
        a.scope, a.company_id, a.member_id, a.member_name, a.currency, c.bucket_order, c.bucket, c.aging_class,
        sum(case when a.bucket_order = c.bucket_order then a.amount else 0.00 end) as open_amount,
        sum(case when a.bucket_order = c.bucket_order then a.item_count else 0 end) as item_count
    from day_columns($by_day, $limits) c
    cross join aged a
    group by a.scope, a.company_id, a.member_id, a.member_name, a.currency, c.bucket_order, c.bucket, c.aging_class
),

debited as (
    select
        *, sum(case when aging_class = 'due' then open_amount else 0.00 end) over (partition by scope, company_id, member_id) as debit_amount
    from spread
),

final as (
    select
        scope, company_id, member_id, member_name, currency, bucket_order, bucket, open_amount,
        case when debit_amount > 0.00 then ratio(100 * open_amount, debit_amount) end as share_pct,
        item_count
    from debited
)

select * from final
