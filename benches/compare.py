#!/usr/bin/env python3
"""Measures cartera beside DuckDB on one extract: the load, an aging of two past days, the 36-month trends.

    python3 compare.py BINARY DIR [--work WORK] [--runs 5] [--loads 1] [--threads 2]

DIR is what make_ledger.py wrote. Figures of cartera are of whole processes (wall, CPU, peak memory as the kernel counts them);
DuckDB is given both ways: a whole process, and the query alone in a warm connection. An answer that differs from DuckDB's by a
cent voids the comparison: exit code 1. Load average stands beside every figure, because on a busy machine it explains them.
"""

import argparse
import csv
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

import baseline

HERE = os.path.dirname(os.path.abspath(__file__))
EDGES = (30, 60, 90)
MONTH_END, MID_MONTH = "2026-03-31", "2026-05-14"
FROM, TO = "2023-11-30", "2026-10-31"
PROJECT = """[group]
name = "Grupo del Valle"
currency = "MXN"
language = "es"

[aging]
edges = [30, 60, 90]

[fx]
source = "banco"
max_age_days = 7
"""


class Run:
    """One finished process."""

    def __init__(self, command, stdin="", accepted=(0,)):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as inp:
            inp.write(stdin.encode())
            inp.seek(0)
            began = time.perf_counter()
            process = subprocess.Popen(command, stdin=inp, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu, self.peak_mb = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            self.written_mb = usage.ru_oublock * 512 / 1e6
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode()
        if process.returncode not in accepted:
            sys.exit(f"{' '.join(command)[:200]}\nended with {process.returncode}\n{self.err[-2000:]}")


def load_average():
    return f"{os.getloadavg()[0]:.1f}"


def median(values):
    return statistics.median(values)


def folder_mb(folder):
    return sum(os.path.getsize(os.path.join(root, f)) for root, _, files in os.walk(folder) for f in files) / 1e6


def answers(rows, keys, amounts):
    """Rows by key, amounts in cents, what is zero everywhere left out."""
    found = {}
    for row in rows:
        cents = tuple(int(Decimal(row[a]).scaleb(2)) for a in amounts)
        if any(cents):
            found[tuple(row[k] for k in keys)] = cents
    return found


def same(what, ours, theirs):
    if ours == theirs:
        print(f"  {what}: equal to the cent, {len(ours)} figures")
        return True
    wrong = sorted(k for k in ours.keys() | theirs.keys() if ours.get(k) != theirs.get(k))
    print(f"  {what}: DIFFERENT in {len(wrong)} of {len(ours.keys() | theirs.keys())} figures; the comparison is void")
    for key in wrong[:5]:
        print(f"    {key}: cartera {ours.get(key)}, DuckDB {theirs.get(key)}")
    return False


class Bench:
    def __init__(self, arguments, work):
        self.binary, self.folder, self.runs = os.path.abspath(arguments.binary), arguments.folder, arguments.runs
        self.threads, self.project = arguments.threads, os.path.join(work, "project")
        self.database = os.path.join(work, "plain.duckdb")
        self.right = True

    def cartera(self, *arguments, accepted=(0,)):
        return Run([self.binary, "-C", self.project, *arguments], accepted=accepted)

    def duckdb(self, database, sql, runs):
        command = [sys.executable, os.path.join(HERE, "baseline.py"), "ask", database, str(self.threads), str(runs)]
        run = Run(command, sql)
        return run, json.loads(run.out)

    def load(self, loads):
        """Loads and has DuckDB load; gives rows and process of each of our loads."""
        print(f"load  {folder_mb(self.folder):,.0f} MB of CSV")
        ours = []
        for _ in range(loads):
            shutil.rmtree(self.project, ignore_errors=True)
            os.makedirs(self.project)
            with open(os.path.join(self.project, "cartera.toml"), "w", encoding="utf-8") as out:
                out.write(PROJECT)
            run = self.cartera("load", self.folder, "--format", "csv", accepted=(0, 3))
            totals = list(csv.DictReader(io.StringIO(run.out)))
            rows = sum(int(t["read"]) for t in totals)
            loaded = sum(int(t["loaded"]) for t in totals)
            ours.append((rows, run))
            print(
                f"  cartera  {run.wall:7.2f} s  cpu {run.cpu:7.2f} s  {rows / run.wall:9,.0f} rows/s  peak {run.peak_mb:6,.0f} MB  "
                f"written {run.written_mb:6,.0f} MB  history {folder_mb(self.project + '/history'):6,.0f} MB  load avg {load_average()}"
            )
            if loaded != rows:
                self.right = False
                print(f"    {rows - loaded} of {rows} rows were not loaded:\n{run.err[-1500:]}")
        theirs = []
        for _ in range(loads):
            for leftover in (self.database, self.database + ".wal"):
                if os.path.exists(leftover):
                    os.remove(leftover)
            command = [sys.executable, os.path.join(HERE, "baseline.py"), "load", self.folder, self.database, str(self.threads)]
            run = Run(command)
            said = json.loads(run.out)
            theirs.append(run)
            print(
                f"  DuckDB   {run.wall:7.2f} s  cpu {run.cpu:7.2f} s  {said['rows'] / run.wall:9,.0f} rows/s  peak {run.peak_mb:6,.0f} MB  "
                f"written {run.written_mb:6,.0f} MB  database {os.path.getsize(self.database) / 1e6:5,.0f} MB  load avg {load_average()}"
                f"  (DuckDB {said['version']}, tables only: nothing checked, nothing posted)"
            )
        wall = median(r.wall for _, r in ours) / median(r.wall for r in theirs)
        print(f"  ratio    wall {wall:.2f}, cpu {median(r.cpu for _, r in ours) / median(r.cpu for r in theirs):.2f}  (cartera / DuckDB)")
        return ours

    def start(self):
        """What every question pays before it is planned."""
        runs = [self.cartera("sql", "select 1", "--format", "csv") for _ in range(self.runs + 1)][1:]
        self.started = median(r.wall for r in runs)
        print(f"start  select 1: {self.started * 1e3:.0f} ms, peak {max(r.peak_mb for r in runs):.0f} MB  load avg {load_average()}")

    def question(self, name, call, keys, amounts, baselines, only=None):
        """Asks cartera and each baseline; checks that they say the same; prints times and ratios."""
        print(name)
        sql = f"select * from {call}"
        planning = median(self.cartera("sql", f"explain {sql}", "--format", "csv").wall for _ in range(3))
        runs = [self.cartera("sql", sql, "--format", "csv") for _ in range(self.runs + 1)][1:]
        busy = load_average()
        rows = [r for r in csv.DictReader(io.StringIO(runs[-1].out)) if only is None or only(r)]
        ours = answers(rows, keys, amounts)
        whole = median(r.wall for r in runs)
        print(
            f"  cartera  process {whole * 1e3:7.0f} ms  less start {(whole - self.started) * 1e3:7.0f} ms  (planning "
            f"{(planning - self.started) * 1e3:.0f} ms)  cpu {median(r.cpu for r in runs) * 1e3:.0f} ms  "
            f"peak {max(r.peak_mb for r in runs):.0f} MB  load avg {busy}"
        )
        for label, database, theirs_sql, columns in baselines:
            _, said = self.duckdb(database, theirs_sql, self.runs)
            single = [self.duckdb(database, theirs_sql, 0)[0] for _ in range(self.runs + 1)][1:]
            alone, process = median(said["seconds"]), median(r.wall for r in single)
            print(
                f"  DuckDB   process {process * 1e3:7.0f} ms  query alone {alone * 1e3:6.0f} ms  cpu {median(r.cpu for r in single) * 1e3:.0f} ms  "
                f"peak {max(r.peak_mb for r in single):.0f} MB  load avg {load_average()}  {label}"
            )
            print(f"           ratio: process {whole / process:.2f}, without starts {(whole - self.started) / alone:.2f}  (cartera / DuckDB)")
            theirs = answers([dict(zip(columns, row)) for row in said["rows"]], keys, amounts)
            self.right &= same(label, ours, theirs)

    def questions(self):
        aging = ["company_id", "currency", "bucket", "open_amount"]
        for name, day in (("month end", MONTH_END), ("mid month", MID_MONTH)):
            baselines = [
                ("plain tables, netted", self.database, baseline.aging_netted(day, EDGES), aging),
                ("plain tables, summed", self.database, baseline.aging_summed(day, EDGES), aging),
                ("our Parquet", ":memory:", baseline.aging_of_movements(self.project, day, EDGES), aging),
            ]
            self.question(f"aging  {name}, {day}", f"aging('{day}')", aging[:3], aging[3:], baselines)
        columns = ["month_end", *aging]
        baselines = [
            ("plain tables", self.database, baseline.trend(FROM, TO, EDGES), columns),
            ("our Parquet", ":memory:", baseline.trend_of_movements(self.project, FROM, TO, EDGES), columns),
        ]
        self.question("aging_trend  36 months", f"aging_trend('{FROM}', '{TO}')", columns[:4], columns[4:], baselines)
        columns = ["month_end", "company_id", "open_amount", "sales_amount"]
        baselines = [("our Parquet, open and sales only", ":memory:", baseline.dso_of_movements(self.project, FROM, TO), columns)]
        only = lambda row: row["scope"] == "company"  # noqa: E731
        self.question("dso_trend  36 months", f"dso_trend('{FROM}', '{TO}')", columns[:2], columns[2:], baselines, only)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", metavar="BINARY")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--work", help="folder for the project and the database; kept (default: a temporary one)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each question, after one warm-up")
    parser.add_argument("--loads", type=int, default=1, help="timed loads; 0 keeps what is in --work")
    parser.add_argument("--threads", type=int, default=2, help="threads of DuckDB")
    arguments = parser.parse_args()
    arguments.folder = os.path.abspath(arguments.folder)
    work = os.path.abspath(arguments.work) if arguments.work else tempfile.mkdtemp(prefix="cartera-bench-")
    os.makedirs(work, exist_ok=True)
    try:
        bench = Bench(arguments, work)
        if arguments.loads:
            bench.load(arguments.loads)
        bench.start()
        bench.questions()
    finally:
        if not arguments.work:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if bench.right else 1)


if __name__ == "__main__":
    main()
