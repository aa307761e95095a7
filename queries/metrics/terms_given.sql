-- name: terms_given
-- answers: On what terms was each invoice given, and what was agreed with the customer on its day?
-- answers_es: ¿Con qué plazo se dio cada factura y cuál estaba pactado con el cliente ese día?
-- title_es: Plazo otorgado contra plazo pactado
-- title_en: Terms given against terms agreed
-- formula: days given = due day - document day; days over = given - days in the terms of the customer's version of the document day
-- formula_es: días otorgados = vencimiento - fecha; días de más = otorgados - días de las condiciones del cliente vigentes en la fecha
--   del documento
-- grain: one row per company_id, document_id, instalment
-- params: from date, to date
-- reads: movements, customers
-- columns: company_id id | customer_id id | document_id id | instalment int | document_date date | due_date date | posting_date date |
--   days_given int | terms_agreed text | days_agreed int | days_over int | currency text | amount money | company_amount money |
--   reason text
-- order: company_id, document_id, instalment
-- unit: days of the calendar and money in the document's currency, less what was reversed up to the day `to`. Invoices posted in the
--   period as they were posted: due days granted later are not terms. Days agreed: the largest number up to 720 in the text of the
--   terms (2/10 n/30 and 30/60 ask for the last day); without a number contado and inmediato are 0. Where they are not known days over
--   is empty and reason says why: no_customer (no version of that day), no_terms, terms_unreadable
-- unit_es: días naturales e importes en la moneda del documento, menos lo cancelado hasta el día `to`. Facturas contabilizadas en el
--   periodo, como se contabilizaron: prórrogas posteriores no son plazo. Pactado: el mayor número hasta 720 del texto de las condiciones
--   (2/10 n/30 y 30/60 piden el último día); sin número, contado e inmediato son 0. Donde no se conoce, los días de más quedan vacíos y
--   reason dice por qué
-- holds: select document_id from this where (days_over is null) <> (reason is not null)
-- holds: select t.amount from (select coalesce(sum(company_amount), 0.00) as amount from this) t where t.amount <> (select
--   coalesce(sum(company_amount), 0.00) from movements where posting_date between $from and $to and movement_kind = 'invoice')
--   and not exists (select 1 from movements where posting_date between $from and $to and movement_kind = 'invoice' and effect = 'undo')
-- cases: no_customer, no_terms, terms_unreadable
-- source: METRICS 10, POSTING 2 and 5, PITFALLS P29
with lines as (
    select
        company_id, customer_id, document_id, instalment, document_date, due_date, posting_date, currency, source_id,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from movements
    where posting_date between $from and $to and movement_kind = 'invoice'
    group by company_id, customer_id, document_id, instalment, document_date, due_date, posting_date, currency, source_id
    having sum(amount) <> 0.00
),

invoices as (
    select
        company_id, document_id, instalment, document_date, currency,
        max(case when amount > 0.00 then customer_id end) as customer_id,
        max(case when amount > 0.00 then due_date end) as due_date,
        max(case when amount > 0.00 then posting_date end) as posting_date,
        sum(amount) as amount,
        sum(company_amount) as company_amount
    from lines
    group by company_id, document_id, instalment, document_date, currency
    having sum(amount) > 0.00
),

words as (
    select payment_terms, try_cast(word as int) as days
    from (
        select payment_terms, unnest(string_to_array(regexp_replace(payment_terms, '[^0-9]+', ' ', 'g'), ' ')) as word
        from (select distinct payment_terms from customers where payment_terms is not null)
    )
),

readings as (
    select
        payment_terms,
        coalesce(
            max(case when days <= 720 then days end),
            case when not regexp_like(payment_terms, '[0-9]') and regexp_like(lower(payment_terms), 'contado|inmediat') then 0 end
        ) as days_agreed
    from words
    group by payment_terms
),

agreed as (
    select
        k.company_id, k.customer_id, k.payment_terms, t.days_agreed,
        coalesce(k.valid_from, date '0001-01-01') as valid_from,
        coalesce(
            lead(k.valid_from) over (partition by k.company_id, k.customer_id order by k.valid_from nulls first, k.load_id) - 1,
            date '9999-12-31'
        ) as valid_to
    from customers k
    left join readings t on t.payment_terms = k.payment_terms
),

final as (
    select
        i.company_id, i.customer_id, i.document_id, i.instalment, i.document_date, i.due_date, i.posting_date,
        days_between(i.due_date, i.document_date) as days_given,
        a.payment_terms as terms_agreed,
        a.days_agreed,
        days_between(i.due_date, i.document_date) - a.days_agreed as days_over,
        i.currency, i.amount, i.company_amount,
        case
            when a.company_id is null then 'no_customer'
            when a.payment_terms is null then 'no_terms'
            when a.days_agreed is null then 'terms_unreadable'
        end as reason
    from invoices i
    left join agreed a
        on a.company_id = i.company_id and a.customer_id = i.customer_id and i.document_date between a.valid_from and a.valid_to
)

select * from final
