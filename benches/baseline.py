"""What DuckDB does with the same extract: its SQL and a small runner, started by compare.py as a process of its own.

    python3 baseline.py load DIR DATABASE THREADS
    python3 baseline.py ask DATABASE THREADS RUNS  < SQL

Separate so that its memory and time are its own. Prints JSON. The SQL is the best we found for DuckDB, and easier than what
cartera has to do: applications are trusted to count on their own day, and to be in one currency with both their documents.
"""

import json
import sys
import time

TYPES = {
    "documents": "company_id varchar, document_id varchar, document_kind varchar, customer_id varchar, document_date date, "
    "posting_date date, due_date date, currency varchar, amount decimal(18,2), tax_amount decimal(18,2), payment_terms varchar, "
    "reference varchar",
    "applications": "company_id varchar, application_id varchar, kind varchar, from_document_id varchar, to_document_id varchar, "
    "posting_date date, amount decimal(18,2)",
    "customers": "company_id varchar, customer_id varchar, name varchar, country varchar, language varchar, segment varchar, "
    "payment_terms varchar, credit_limit decimal(18,2), credit_currency varchar, status varchar",
    "companies": "company_id varchar, name varchar, country varchar, functional_currency varchar, control_account varchar",
    "fx_rates": "rate_date date, currency varchar, to_currency varchar, source varchar, rate decimal(18,8)",
}


def bucket(day, due, edges):
    """Name of the column of the aging, as cartera names it."""
    late, first, cases = f"({day} - {due})", 1, [f"when {day} - {due} <= 0 then 'current'"]
    for edge in edges:
        cases.append(f"when {late} <= {edge} then '{first}-{edge}'")
        first = edge + 1
    return f"case {' '.join(cases)} else 'over {first - 1}' end"


def aging_netted(day, edges):
    """Aging the usual way: every invoice less what was applied to it up to the day; receipts less what was used of them."""
    day = f"date '{day}'"
    return f"""
with paid as (
    select company_id, to_document_id as document_id, sum(amount) as amount from applications where posting_date <= {day} group by all
), used as (
    select company_id, from_document_id as document_id, sum(amount) as amount
    from applications where posting_date <= {day} and kind = 'receipt' group by all
)
select d.company_id, d.currency, {bucket(day, 'd.due_date', edges)} as bucket, sum(d.amount - coalesce(p.amount, 0)) as open_amount
from documents d left join paid p using (company_id, document_id)
where d.posting_date <= {day} and d.document_kind = 'invoice' group by all
union all
select d.company_id, d.currency, 'unapplied', -sum(d.amount - coalesce(u.amount, 0))
from documents d left join used u using (company_id, document_id)
where d.posting_date <= {day} and d.document_kind = 'receipt' group by all"""


def signed_sums(until, from_month):
    """Signed amounts by due day without netting any invoice: documents as they are, applications through one join."""
    month = "date_trunc('month', {}.posting_date)::date" if from_month else "null::date"
    return f"""
applied as materialized (
    select d.company_id, d.currency, d.due_date, {month.format('a')} as month_first, a.kind = 'receipt' as is_cash, sum(a.amount) as amount
    from applications a join documents d on d.company_id = a.company_id and d.document_id = a.to_document_id
    where a.posting_date <= {until} group by all
), signed as (
    select d.company_id, d.currency, d.due_date, {month.format('d')} as month_first, d.document_kind = 'invoice' as is_debit,
        sum(case when d.document_kind = 'invoice' then d.amount else -d.amount end) as amount
    from documents d where d.posting_date <= {until} group by all
    union all
    select company_id, currency, due_date, month_first, true, -amount from applied
    union all
    select company_id, currency, null, month_first, false, amount from applied where is_cash
)"""


def aging_summed(day, edges):
    """Aging as a sum."""
    day = f"date '{day}'"
    return f"""
with {signed_sums(day, False)}
select company_id, currency, case when is_debit then {bucket(day, 'due_date', edges)} else 'unapplied' end as bucket,
    sum(amount) as open_amount
from signed group by all"""


def month_ends(first, last):
    return f"""month_ends as (
    select m::date as month_first, least(last_day(m::date), date '{last}') as month_end
    from generate_series(date_trunc('month', date '{first}'), date_trunc('month', date '{last}'), interval 1 month) as s (m)
)"""


def trend(first, last, edges):
    """The aging of every month end as one sum, cumulated over months."""
    return f"""
with {signed_sums(f"date '{last}'", True)}, {month_ends(first, last)}
select m.month_end, s.company_id, s.currency,
    case when s.is_debit then {bucket('m.month_end', 's.due_date', edges)} else 'unapplied' end as bucket, sum(s.amount) as open_amount
from signed s join month_ends m on s.month_first <= m.month_first
group by all"""


def movements(folder):
    return f"read_parquet('{folder}/history/movements/*.parquet')"


def aging_of_movements(folder, day, edges):
    """DuckDB over the Parquet files of cartera's own history."""
    day = f"date '{day}'"
    return f"""
select company_id, currency, case aging_class when 'due' then {bucket(day, 'due_date', edges)} else aging_class end as bucket,
    sum(amount) as open_amount
from {movements(folder)} where posting_date <= {day} group by all"""


def trend_of_movements(folder, first, last, edges):
    return f"""
with signed as (
    select company_id, currency, aging_class, due_date, date_trunc('month', posting_date)::date as month_first, sum(amount) as amount
    from {movements(folder)} where posting_date <= date '{last}' group by all
), {month_ends(first, last)}
select m.month_end, s.company_id, s.currency,
    case s.aging_class when 'due' then {bucket('m.month_end', 's.due_date', edges)} else s.aging_class end as bucket,
    sum(s.amount) as open_amount
from signed s join month_ends m on s.month_first <= m.month_first
group by all"""


def dso_of_movements(folder, first, last):
    """What simple DSO needs, per company in its books: open amount and sales of the month. No countback, no group: less than cartera's."""
    return f"""
with signed as (
    select company_id, date_trunc('month', posting_date)::date as month_first, sum(company_amount) as amount,
        sum(case when sales_effect in ('sale', 'return', 'price') then company_amount else 0 end) as sales_amount
    from {movements(folder)} where posting_date <= date '{last}' group by all
), {month_ends(first, last)}
select m.month_end, s.company_id, sum(s.amount) as open_amount,
    sum(case when s.month_first = m.month_first then s.sales_amount else 0 end) as sales_amount
from signed s join month_ends m on s.month_first <= m.month_first
group by all"""


def load(folder, database, threads):
    """CSV into typed tables of a database file, checkpointed."""
    import duckdb

    began = time.perf_counter()
    connection = duckdb.connect(database)
    connection.execute(f"set threads = {threads}")
    rows = 0
    for table, columns in TYPES.items():
        struct = ", ".join("'{}': '{}'".format(*c.strip().split(" ", 1)) for c in columns.replace("decimal(18,", "decimal(18;").split(","))
        struct = struct.replace("(18;", "(18,")
        connection.execute(f"create table {table} as select * from read_csv('{folder}/{table}.csv', header = true, columns = {{{struct}}})")
        rows += connection.execute(f"select count(*) from {table}").fetchone()[0]
    connection.execute("checkpoint")
    connection.close()
    return {"seconds": time.perf_counter() - began, "rows": rows, "version": duckdb.__version__}


def ask(database, threads, runs, sql):
    """One warm-up and `runs` timed answers in one connection."""
    import duckdb

    connection = duckdb.connect(database, read_only=database != ":memory:")
    connection.execute(f"set threads = {threads}")
    seconds, rows = [], []
    for _ in range(runs + 1):
        began = time.perf_counter()
        rows = connection.execute(sql).fetchall()
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds[1:] or seconds, "rows": [[str(v) for v in row] for row in rows]}


if __name__ == "__main__":
    if sys.argv[1] == "load":
        print(json.dumps(load(sys.argv[2], sys.argv[3], sys.argv[4])))
    else:
        print(json.dumps(ask(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.stdin.read())))
