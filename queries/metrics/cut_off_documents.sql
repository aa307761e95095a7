-- name: cut_off_documents
-- answers: Which documents were posted last before the cut-off and first after it, and which lie on both sides of it?
-- answers_es: ¿Qué documentos se contabilizaron al final antes del corte y al inicio después, y cuáles quedan en ambos lados?
-- title_es: Documentos alrededor del corte
-- title_en: Documents around the cut-off
-- formula: documents posted in the last days up to the cut-off and the first days after it, and every one whose document day and posting
--   day lie on different sides
-- formula_es: documentos contabilizados en los últimos días hasta el corte y los primeros después, y todo aquel cuya fecha y fecha
--   contable quedan en lados distintos
-- grain: one row per company_id, document_id, currency
-- params: as_of date, days int = 5
-- reads: documents, coverage, customers_as_of, rate_spans, settings
-- columns: company_id id | document_id id | side text | finding text | document_kind text | customer_id id | customer_name text |
--   document_date date | posting_date date | days_between int | currency text | amount money | amount_group money
-- order: company_id, posting_date, document_date, document_id, currency
-- unit: money in the document's currency, and in group currency at the closing rate of the posting day (empty for days without a rate);
--   credit memos, receipts and advances -, what reverses one +. side: before, after, by the posting day. finding: dated_before (dated up
--   to the cut-off, posted after it: income of the earlier period), dated_after (dated after it, posted before), empty where both lie on
--   one side. Those with a finding are listed whatever their days are, without what a company brought along on the first day of its
--   history. Instalments are one document. Only what is known: after the cut-off that is what was loaded since
-- unit_es: importes en la moneda del documento, y en la del grupo al tipo de cierre de la fecha contable (vacío si ese día no lo hay);
--   notas de crédito, pagos y anticipos -, lo que los cancela +. side: before (antes), after (después), por la fecha contable. finding:
--   dated_before (con fecha hasta el corte, contabilizado después: ingreso del periodo anterior), dated_after (con fecha posterior,
--   contabilizado antes), vacío si ambas quedan de un lado. Los que lo llevan se listan sin importar sus días, salvo lo que una empresa
--   trajo en el primer día de su historia. Las parcialidades son un documento. Sólo lo conocido: después del corte, lo cargado desde
--   entonces
-- holds: select document_id from this where (side = 'before') <> (posting_date <= $as_of) or days_between <> days_between(posting_date,
--   document_date)
-- holds: select document_id from this where (finding is not null) <> ((document_date <= $as_of) <> (posting_date <= $as_of)) or (finding
--   is null and posting_date not between $as_of - cast($days as int) + 1 and $as_of + cast($days as int))
-- inputs: amount = select d.company_id, d.document_id, d.currency, d.instalment, case when d.document_kind in ('credit_memo', 'receipt',
--   'advance') = (d.reverses_document_id is null) then -d.amount else d.amount end as amount from documents d join this t on t.company_id
--   = d.company_id and t.document_id = d.document_id and t.currency = d.currency
-- source: METRICS 22, PITFALLS P23 and P38
with stated as (
    select
        company_id, document_id, document_kind, customer_id, currency,
        min(document_date) as document_date,
        min(coalesce(posting_date, document_date)) as posting_date,
        sum(case when document_kind in ('credit_memo', 'receipt', 'advance') = (reverses_document_id is null) then -amount else amount end)
            as amount
    from documents
    group by company_id, document_id, document_kind, customer_id, currency
),

-- what a company brought along on its first day was posted when it was
covered as (
    select company_id, min(balances_from) as first_day
    from coverage
    group by company_id
),

judged as (
    select
        s.*, c.first_day,
        case
            when s.document_date <= $as_of and s.posting_date > $as_of then 'dated_before'
            when s.document_date > $as_of and s.posting_date <= $as_of then 'dated_after'
        end as finding
    from stated s
    left join covered c on c.company_id = s.company_id
),

final as (
    select
        j.company_id, j.document_id, case when j.posting_date <= $as_of then 'before' else 'after' end as side, j.finding,
        j.document_kind, j.customer_id, coalesce(k.name, j.customer_id) as customer_name, j.document_date, j.posting_date,
        days_between(j.posting_date, j.document_date) as days_between, j.currency, j.amount,
        j.amount * case when j.currency = g.group_currency then 1.00 else r.rate end as amount_group
    from judged j
    cross join settings g
    left join customers_as_of($as_of) k on k.company_id = j.company_id and k.customer_id = j.customer_id
    left join rate_spans() r
        on r.currency = j.currency and r.to_currency = g.group_currency and j.posting_date between r.valid_from and r.valid_to
    where
        (j.finding is not null and j.posting_date is distinct from j.first_day)
        or j.posting_date between $as_of - cast($days as int) + 1 and $as_of + cast($days as int)
)

select * from final
