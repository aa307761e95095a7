#!/usr/bin/env python3
"""Reads a history as strangers would and says whether they agree: outside_readers.py HISTORY_DIR [BINARY]

Four readings of every table: the `deltalake` package (its rows counted and summed by DuckDB), pyarrow's own reader, an own replay of
the Delta log with DuckDB's Parquet reader, and the load records. With BINARY, what `cartera sql` says of the same table is the fifth; it
leaves out rows that a later load replaced, which strangers leave out by the table `superseded`. Also compares the statistics in the
logs with the rows themselves. Needs `pip install deltalake pyarrow duckdb`. Exit code 1 if anything disagrees.
"""

import csv
import io
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.dataset
from deltalake import DeltaTable

FIGURES = {
    "movements": "select company_id, currency, count(*), sum(amount), sum(company_amount) from rows group by 1, 2 order by 1, 2",
    "loads": "select load_id, loaded_at, movement_count from rows order by 1",
}


def replay(table: Path):
    """Files that the log adds, with their statistics, in the way the protocol describes."""
    files, transactions = [], []
    entries = sorted(e for e in (table / "_delta_log").iterdir() if re.fullmatch(r"\d{20}\.json", e.name))
    for version, entry in enumerate(entries):
        if int(entry.stem) != version:
            raise ValueError(f"{entry}: version {version} is missing")
        for line in entry.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "add" in action:
                files.append((table / action["add"]["path"], json.loads(action["add"]["stats"])))
            if "txn" in action:
                transactions.append(action["txn"]["version"])
    return files, transactions


def figures(name, relation):
    rows = relation  # DuckDB finds the relation by the name of the variable
    count = duckdb.sql("select count(*) from rows").fetchall()[0][0]
    return count, duckdb.sql(FIGURES[name]).fetchall() if name in FIGURES else []


def own_reading(name, files):
    if not files:
        return 0, []
    return figures(name, duckdb.read_parquet([str(path) for path, _ in files]))


def deltalake_reading(name, table):
    delta = DeltaTable(str(table))
    return figures(name, duckdb.from_arrow(delta.to_pyarrow_dataset())), delta.version()


def pyarrow_reading(name, files):
    if not files:
        return 0, []
    return figures(name, duckdb.from_arrow(pyarrow.dataset.dataset([str(path) for path, _ in files]).to_table()))


def cartera_reading(name, binary, project):
    """Rows and figures of the program itself; only movements are summed, the other tables are counted."""

    def asked(query):
        words = [binary, "-q", "-C", str(project), "sql", query, "--format", "csv"]
        return list(csv.reader(io.StringIO(subprocess.run(words, capture_output=True, text=True, check=True).stdout)))[1:]

    count = int(asked(f"select count(*) from {name}")[0][0])
    if name != "movements":
        return count, None
    rows = asked(FIGURES[name].replace("from rows", f"from {name}"))
    return count, [(company, currency, int(n), Decimal(a), Decimal(c)) for company, currency, n, a, c in rows]


def wrong_statistics(files):
    for path, stats in files:
        rows = duckdb.read_parquet(str(path))
        if duckdb.sql("select count(*) from rows").fetchall()[0][0] != stats["numRecords"]:
            yield f"{path}: numRecords"
        for column, nulls in stats["nullCount"].items():
            low, high, empty = duckdb.sql(f'select min("{column}"), max("{column}"), count(*) - count("{column}") from rows').fetchall()[0]
            said = stats["minValues"].get(column), stats["maxValues"].get(column), nulls
            found = tuple(v if isinstance(v, (int, str)) or v is None else str(v) for v in (low, high)) + (empty,)
            if said != found:
                yield f"{path}: {column} is said to be {said}, is {found}"


def main(history: Path, binary: str | None = None) -> int:
    recorded = {}
    for record in history.joinpath("_loads").glob("*.json"):
        for table in json.loads(record.read_text(encoding="utf-8")).get("tables", []):
            recorded[table["name"]] = recorded.get(table["name"], 0) + sum(f["rows"] for f in table["files"])
    wrong, replaced = [], {}
    if history.joinpath("superseded/_delta_log").exists():
        rows = duckdb.from_arrow(DeltaTable(str(history / "superseded")).to_pyarrow_dataset())
        replaced = dict(duckdb.sql("select table_name, count(*) from rows group by 1").fetchall())
    tables = sorted(p.parent for p in history.glob("*/_delta_log"))
    if not tables:
        wrong.append(f"{history} has no tables")
    for table in tables:
        name = table.name
        files, transactions = replay(table)
        own = own_reading(name, files)
        delta, version = deltalake_reading(name, table)
        print(f"{name:20} version {version:4}  files {len(files):4}  rows {own[0]:10}")
        if own != delta:
            wrong.append(f"{name}: own reading {own}, deltalake {delta}")
        pyarrows = pyarrow_reading(name, files)
        if own != pyarrows:
            wrong.append(f"{name}: own reading {own}, pyarrow {pyarrows}")
        if binary:
            count, sums = cartera_reading(name, binary, history.parent)
            if count != own[0] - replaced.get(name, 0) or sums is not None and sums != own[1]:
                wrong.append(f"{name}: own reading {own}, of these replaced {replaced.get(name, 0)}; cartera {count} {sums}")
        if own[0] != recorded.get(name, 0):
            wrong.append(f"{name}: {own[0]} rows in the log, {recorded.get(name, 0)} in the load records")
        if version != len(transactions) or transactions != sorted(set(transactions)):
            wrong.append(f"{name}: version {version}, transactions {transactions}")
        wrong.extend(wrong_statistics(files))
        for row in own[1]:
            print("   ", *row)
    for line in wrong:
        print("DISAGREE", line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
