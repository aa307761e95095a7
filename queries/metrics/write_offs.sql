-- name: write_offs
-- answers: How much was written off in a period, net of recoveries, against sales and receivables?
-- answers_es: ¿Cuánto se castigó en un periodo, neto de recuperaciones, contra ventas y cartera?
-- title_es: Castigos de cartera
-- title_en: Write-offs
-- formula: (written off - recovered) / sales of the period; the same / average of the balances before and at the end of the period
-- formula_es: (castigado - recuperado) / ventas del periodo; lo mismo / promedio de los saldos antes y al final del periodo
-- grain: one row per scope, company_id, member_id
-- params: from date, to date, grain text of company group currency customer parent segment collector = 'company', small money = 0.00
-- reads: member_movements, member_sales, member_postings, rate_spans, applications
-- columns: scope text | company_id id | member_id id | member_name text | currency text | written_off_amount money |
--   recovered_amount money | net_amount money | small_amount money | sales_amount money | write_off_pct pct | average_open_amount money |
--   write_off_of_open_pct pct | reason text | open_reason text
-- order: scope, company_id, member_id
-- unit: money and per cent. Recovered is a write-off undone on its own day (what is then paid is cash), so a period may fall below zero.
--   small: write-offs of at most so much (booked value; by currency the document's) are administrative and apart, net, in
--   small_amount and in no ratio. Sales are gross with tax. Flows at the rates of their days, balances at
--   the closing rates of the day before `from` and of `to`; advances count on a control account only. Members are those of the day `to`
-- unit_es: importes y por ciento. Recuperado es un castigo deshecho en su propio día (lo que luego se paga es cobro), así que un periodo
--   puede quedar bajo cero. small: castigos de a lo más ese importe (valor en libros; por moneda el del documento) son administrativos y
--   van aparte, netos, en small_amount y en ninguna razón. Las ventas son brutas, con impuestos. Flujos a los tipos de cambio de sus
--   días, saldos a los de cierre del día anterior a `from` y de `to`; los anticipos cuentan sólo en cuenta de control. Los miembros son
--   los del día `to`
-- holds: select member_id from this where net_amount <> written_off_amount - recovered_amount or written_off_amount < 0.00
-- holds: select member_id from this where (write_off_pct is null) <> (reason is not null)
-- inputs: written_off_amount = select m.scope, m.company_id, m.member_id, m.owner_id, m.customer_id, m.document_id, m.posting_date,
--   m.document_currency, m.document_amount, -m.amount as amount, m.rate from member_movements($from, $to, $grain) m
--   left join applications a on a.company_id = m.owner_id and a.application_id = m.source_id and a.undoes_application_id is not null
--   where m.movement_kind = 'write_off' and m.effect <> 'undo' and m.source_table <> 'documents' and a.application_id is null
--   and abs(m.amount) > $small
-- inputs: recovered_amount = select m.scope, m.company_id, m.member_id, m.owner_id, m.customer_id, m.document_id, m.posting_date,
--   m.document_currency, m.document_amount, m.amount, m.rate from member_movements($from, $to, $grain) m
--   left join applications a on a.company_id = m.owner_id and a.application_id = m.source_id and a.undoes_application_id is not null
--   where m.movement_kind = 'write_off' and abs(m.amount) > $small
--   and (m.effect = 'undo' or m.source_table = 'documents' or a.application_id is not null)
-- inputs: small_amount = select scope, company_id, member_id, owner_id, customer_id, document_id, posting_date, document_currency,
--   document_amount, -amount as amount, rate from member_movements($from, $to, $grain)
--   where movement_kind = 'write_off' and abs(amount) <= $small
-- inputs: sales_amount = select * from member_sales($from, $to, $grain)
-- cases: no_sales, negative_sales, no_ar, credit_balance
-- source: METRICS 16
with balances as (
    select
        p.scope, p.company_id, p.member_id, p.member_name, p.currency as member_currency,
        case when p.is_booked then p.book_currency else p.document_currency end as currency,
        case when e.is_end then $to else $from - 1 end as day,
        sum(case when e.is_end or p.posting_date < $from or p.movement_kind = 'opening' then 1 else 0 end
            * case when p.is_booked then p.company_amount else p.amount end) as amount
    from member_postings($from, $to, $grain) p
    cross join (values (false), (true)) as e (is_end)
    where p.aging_class <> 'advances' or p.is_control
    group by
        p.scope, p.company_id, p.member_id, p.member_name, p.currency,
        case when p.is_booked then p.book_currency else p.document_currency end, case when e.is_end then $to else $from - 1 end
),

-- what undoes a write-off is another application or the reversal of the document, and a correction of one is still its own
written_off as (
    select
        m.scope, m.company_id, m.member_id, m.member_name, m.currency,
        case
            when abs(m.amount) <= $small then 'small'
            when m.effect = 'undo' or m.source_table = 'documents' or a.application_id is not null then 'recovered'
            else 'written_off'
        end as measure,
        -m.amount * m.rate as amount
    from member_movements($from, $to, $grain) m
    left join applications a
        on a.company_id = m.owner_id and a.application_id = m.source_id and a.undoes_application_id is not null
    where m.movement_kind = 'write_off'
),

-- one amount a row, under its measure
united as (
    select scope, company_id, member_id, member_name, currency, measure, cast(amount as decimal(38, 10)) as amount
    from written_off
    union all
    select
        scope, company_id, member_id, cast(null as varchar) as member_name, cast(null as varchar) as currency, 'sales' as measure,
        cast(amount * rate as decimal(38, 10)) as amount
    from member_sales($from, $to, $grain)
    union all
    select
        b.scope, b.company_id, b.member_id, b.member_name, b.member_currency as currency, 'open' as measure,
        cast(
            case
                when b.amount = 0.00 then 0
                when b.currency = b.member_currency then b.amount
                else b.amount * required_rate(r.rate, b.currency, b.member_currency, b.day)
            end as decimal(38, 10)
        ) as amount
    from balances b
    left join rate_spans() r
        on r.currency = b.currency and r.to_currency = b.member_currency and b.day between r.valid_from and r.valid_to
),

summed as (
    select
        scope, company_id, member_id,
        max(member_name) as member_name,
        max(currency) as currency,
        sum(case when measure = 'written_off' then amount else 0 end) as written_off_amount,
        sum(case when measure = 'recovered' then -amount else 0 end) as recovered_amount,
        sum(case when measure in ('written_off', 'recovered') then amount else 0 end) as net_amount,
        sum(case when measure = 'small' then amount else 0 end) as small_amount,
        sum(case when measure = 'sales' then amount else 0 end) as sales_amount,
        ratio(sum(case when measure = 'open' then amount else 0 end), 2) as average_open_amount
    from united
    group by scope, company_id, member_id
),

final as (
    select
        scope, company_id, member_id, member_name, currency, written_off_amount, recovered_amount, net_amount, small_amount, sales_amount,
        case when sales_amount > 0 then ratio(100 * net_amount, sales_amount) end as write_off_pct,
        average_open_amount,
        case when average_open_amount > 0 then ratio(100 * net_amount, average_open_amount) end as write_off_of_open_pct,
        case when sales_amount = 0 then 'no_sales' when sales_amount < 0 then 'negative_sales' end as reason,
        case when average_open_amount = 0 then 'no_ar' when average_open_amount < 0 then 'credit_balance' end as open_reason
    from summed
)

select * from final
