-- name: postings_after_close
-- answers: What did loads post into months after these were closed, and on which documents?
-- answers_es: ¿Qué contabilizaron las cargas en meses ya cerrados y en qué documentos?
-- title_es: Movimientos contabilizados después del cierre
-- title_en: Postings after the close
-- formula: movements of loads after the seal's load with a posting day in the sealed period, by load, cause and document; period amount =
--   their sum per period, company and currency
-- formula_es: movimientos de cargas posteriores a la del sello con fecha contable en el periodo sellado, por carga, causa y documento;
--   importe del periodo = su suma por periodo, empresa y moneda
-- grain: one row per period, load_id, company_id, customer_id, document_id, currency, cause
-- params: as_of date
-- reads: movements, standing_seals
-- columns: period text | period_end date | number int | sealed_load int | load_id int | company_id id | cause text | customer_id id |
--   document_id id | currency text | first_posting_date date | last_posting_date date | postings int | amount money |
--   company_amount money | period_amount money
-- order: period, load_id, company_id, cause, customer_id, document_id, currency
-- unit: money in the document's currency and as booked, debit +. Months closed up to the day, under the seal that stands (number, and
--   the load it was made from, sealed_load); a month opened again has none. A posting belongs to the first closed month that ends on its
--   day or later. Reclassified items may net to nothing and stay listed
-- unit_es: importes en la moneda del documento y según libros, cargo +. Meses cerrados hasta el día, con el sello vigente (number, y la
--   carga desde la que se hizo, sealed_load); un mes reabierto no lo tiene. Un movimiento pertenece al primer mes cerrado que termina en
--   su fecha o después. Las partidas reclasificadas pueden sumar cero y se listan
-- holds: select period from this where load_id <= sealed_load or last_posting_date > period_end
-- holds: select late.number from (select s.number, sum(m.amount) as amount from movements m join standing_seals() s
--   on m.load_id > s.load_id and m.posting_date <= s.period_end where s.period_end <= $as_of group by s.number) late
--   left join (select s.number, sum(t.amount) as amount from this t join standing_seals() s on t.period_end <= s.period_end
--   and t.load_id > s.load_id group by s.number) told on told.number = late.number where late.amount <> coalesce(told.amount, 0.00)
-- inputs: amount = select s.period, m.load_id, m.company_id, m.customer_id, m.document_id, m.currency, m.cause, m.movement_kind,
--   m.effect, m.posting_date, m.counter_document_id, m.amount from movements m join standing_seals() s on m.load_id > s.load_id and
--   m.posting_date between coalesce(s.period_start, m.posting_date) and s.period_end where s.period_end <= $as_of
-- source: PACKS close 8, PITFALLS P47
with posted as (
    select
        s.period, s.period_end, s.number, s.load_id as sealed_load, m.load_id, m.company_id, m.cause, m.customer_id, m.document_id,
        m.currency,
        min(m.posting_date) as first_posting_date,
        max(m.posting_date) as last_posting_date,
        count(*) as postings,
        sum(m.amount) as amount,
        sum(m.company_amount) as company_amount
    from movements m
    join standing_seals() s
        on m.load_id > s.load_id and m.posting_date between coalesce(s.period_start, m.posting_date) and s.period_end
    where s.period_end <= $as_of
    group by
        s.period, s.period_end, s.number, s.load_id, m.load_id, m.company_id, m.cause, m.customer_id, m.document_id, m.currency
),

final as (
    select
        period, period_end, number, sealed_load, load_id, company_id, cause, customer_id, document_id, currency, first_posting_date,
        last_posting_date, postings, amount, company_amount,
        sum(amount) over (partition by period, company_id, currency) as period_amount
    from posted
)

select * from final
