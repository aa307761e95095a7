#!/usr/bin/env python3
"""Reads a history as strangers would and says whether they agree: outside_readers.py HISTORY_DIR

Three readings of every table: the `deltalake` package (its rows counted and summed by DuckDB), an own replay of the Delta log with
DuckDB's Parquet reader, and the load records. Also compares the statistics in the logs with the rows themselves. Needs
`pip install deltalake pyarrow duckdb`. Exit code 1 if anything disagrees.
"""

import json
import re
import sys
from pathlib import Path

import duckdb
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


def main(history: Path) -> int:
    recorded = {}
    for record in history.joinpath("_loads").glob("*.json"):
        for table in json.loads(record.read_text(encoding="utf-8")).get("tables", []):
            recorded[table["name"]] = recorded.get(table["name"], 0) + sum(f["rows"] for f in table["files"])
    wrong = []
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
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
