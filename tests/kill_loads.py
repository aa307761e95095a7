#!/usr/bin/env python3
"""Kills a load at random moments and says whether anything shows: kill_loads.py BINARY [--kills 40] [--documents 100000] [--seed 1]

A history with one load in it gets a second one (new documents, cash, corrections, rows to set aside), once undisturbed and then again
and again with SIGKILL at a random moment of its run. After every kill:
  - the tables as strangers read them (packages `deltalake` and `duckdb`, if installed) hold the first load, or both, and nothing else;
  - every figure is as before the load, or, if its record already stood, as after it; nothing between;
  - the same command again ends like the undisturbed one, and every figure and the number of data files are then the same.
Only the standard library is needed. Exit code 1 if anything differs.
"""

import argparse
import csv
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

try:
    import duckdb
    from deltalake import DeltaTable
except ImportError:
    duckdb = None

COUNTED = ["companies", "customers", "documents", "applications", "movements", "superseded", "rejects", "findings", "load_totals", "loads"]
FIGURES = (
    "select 'movements' as what, company_id || ' ' || currency || ' ' || movement_kind || ' ' || effect as which, count(*) as rows, "
    "sum(amount) as amount, sum(company_amount) as company_amount from movements group by company_id, currency, movement_kind, effect "
    "union all select 'aging', company_id || ' ' || currency || ' ' || bucket, 0, open_amount, open_amount_company from aging('2026-03-31') "
)
COMMIT_SECONDS = 0.1
OUTSIDE = "select company_id, currency, movement_kind, effect, count(*), sum(amount), sum(company_amount) from rows group by all order by all"


def written(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows(rows)


def extracts(folder, documents, dice):
    """Two deliveries: January and February open the books; March corrects, collects and bills."""
    companies = [("C1", "First", "MX", "MXN"), ("C2", "Second", "MX", "MXN")]
    written(folder / "1/companies.csv", ["company_id", "name", "country", "functional_currency"], companies)
    customers = [(c[0], f"K{i:04}", f"Customer {i}") for c in companies for i in range(200)]
    written(folder / "1/customers.csv", ["company_id", "customer_id", "name"], customers)
    money = lambda cents: f"{cents // 100}.{cents % 100:02}"
    header = ["company_id", "document_id", "document_kind", "customer_id", "document_date", "due_date", "currency", "amount"]

    def invoice(number, first_day):
        day = first_day + timedelta(days=dice.randrange(28))
        return [f"C{number % 2 + 1}", f"F{number}", "invoice", f"K{dice.randrange(200):04}", day, day + timedelta(days=30), "MXN",
                money(dice.randrange(100, 10_000_000))]

    first = [invoice(n, date(2026, 1, 1)) for n in range(documents)]
    written(folder / "1/documents.csv", header, first)
    second = [invoice(n, date(2026, 3, 1)) for n in range(documents, documents * 3 // 2)]
    # one in fifty gets another amount: rows are undone and posted anew
    corrected = [row[:7] + [money(dice.randrange(100, 10_000_000))] for row in first[::50]]
    receipts, applications = [], []
    for n, row in enumerate(first[1::2]):
        receipts.append([row[0], f"R{n}", "receipt", row[3], date(2026, 3, 1 + n % 28), "", "MXN", row[7]])
        applications.append([row[0], f"A{n}", "receipt", f"R{n}", row[1], date(2026, 3, 1 + n % 28), row[7]])
    unusable = [["C1", f"X{n}", "invoice", "K0001", date(2026, 3, 1), "", "MXN", "1.234"] for n in range(20)]
    written(folder / "2/documents.csv", header, second + corrected + receipts + unusable)
    header = ["company_id", "application_id", "kind", "from_document_id", "to_document_id", "posting_date", "amount"]
    written(folder / "2/applications.csv", header, applications)


class Project:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def command(self, *words):
        return [self.binary, "-q", "-C", str(self.folder), *words]

    def run(self, *words, codes=(0,)):
        ended = subprocess.run(self.command(*words), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if ended.returncode not in codes:
            raise RuntimeError(f"{' '.join(words)[:80]} ended with {ended.returncode}: {ended.stderr.strip()}")
        return ended

    def loading(self, extract, day):
        return ["load", str(extract), "--day", day, "--format", "csv"]

    def figures(self):
        counts = " ".join(f"union all select '{t}', '', count(*), null, null from {t}" for t in COUNTED)
        answer = self.run("sql", f"select * from ({FIGURES} {counts}) f order by what, which", "--format", "csv").stdout
        return answer.splitlines()

    def files(self):
        """Data files by table; what dead attempts left would be among them."""
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.glob("history/*/*.parquet"))

    def outside(self):
        if duckdb is None:
            return None
        rows = DeltaTable(str(self.folder / "history/movements")).to_pyarrow_dataset()
        return duckdb.from_arrow(rows).query("rows", OUTSIDE).fetchall()


def differences(name, found, expected):
    if found == expected:
        return []
    lost = [line for line in expected if line not in found][:3]
    new = [line for line in found if line not in expected][:3]
    return [f"{name}: expected {lost}, found {new}"]


def main(arguments):
    dice = random.Random(arguments.seed)
    room = Path(tempfile.mkdtemp(prefix="kill_loads_", dir=arguments.room))
    extracts(room / "extracts", arguments.documents, dice)
    first = Project(arguments.binary, room / "first")
    subprocess.run([arguments.binary, "-q", "init", str(first.folder)], check=True, stdout=subprocess.DEVNULL)
    first.run(*first.loading(room / "extracts/1", "2026-02-28"))
    before, outside_before = first.figures(), first.outside()

    whole = Project(arguments.binary, room / "whole")
    loading = whole.loading(room / "extracts/2", "2026-03-31")
    seconds = []
    for _ in range(3):
        shutil.rmtree(whole.folder, ignore_errors=True)
        shutil.copytree(first.folder, whole.folder)
        begun = time.monotonic()
        undisturbed = whole.run(*loading, codes=(3,))
        seconds.append(time.monotonic() - begun)
    after, outside_after, files_after = whole.figures(), whole.outside(), whole.files()
    if before == after:
        raise RuntimeError("the second load changes nothing: this test would show nothing")
    length = min(seconds)
    print(f"undisturbed: {', '.join(f'{s:.2f}' for s in seconds)} s; {len(after)} figures, {len(files_after)} data files;",
          "strangers' readings too" if duckdb else "no strangers' readings (deltalake, duckdb not installed)", flush=True)

    unpublished, done = 0, 0
    wrong, outcomes = [], {"dead": 0, "committed": 0, "too late": 0}
    while done < arguments.kills:
        kill = done
        torn = Project(arguments.binary, room / "torn")
        shutil.rmtree(torn.folder, ignore_errors=True)
        shutil.copytree(first.folder, torn.folder)
        # three in four are spread over the whole run, a random moment in each part; the fourth comes just after the record stands:
        # a short while, in which the logs follow
        at_commit = kill % 4 == 3
        wait = dice.random() * COMMIT_SECONDS if at_commit else (kill + dice.random()) / arguments.kills * length
        begun = time.monotonic()
        load = subprocess.Popen(torn.command(*loading), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        record = torn.folder / "history/_loads/2.json"
        while at_commit and not record.exists() and load.poll() is None:
            time.sleep(0.0005)
        time.sleep(wait)
        ended = load.poll() is not None
        moment = time.monotonic() - begun
        load.kill()
        load.wait()
        left = [f for f in torn.files() if f not in first.files()]
        committed = record.exists()
        state = "too late" if ended else "committed" if committed else "dead"
        outcomes[state] += 1
        if ended:
            # the machine got faster: not a kill, and the next ones come sooner
            length = min(length, moment)
            continue
        done += 1
        here = []
        if duckdb:
            outside = torn.outside()
            if outside not in ([outside_before, outside_after] if committed else [outside_before]):
                here.append(f"strangers read something between: {outside[:3]}")
            if committed and outside == outside_before:
                unpublished += 1
        here += differences("right after", torn.figures(), after if committed else before)
        if duckdb:
            here += differences("strangers, after our first look", torn.outside(), outside_after if committed else outside_before)
        again = torn.run(*loading, codes=(0, 3))
        if not committed and (again.returncode, again.stdout) != (undisturbed.returncode, undisturbed.stdout):
            here.append(f"the same load again ended with {again.returncode}: {again.stdout[:200]}")
        # Rows set aside are tried again, as their company or rate may have come; what counts is not loaded twice.
        twice = [line for line in again.stdout.splitlines()[1:] if line.split(",")[4] != "0"]
        if committed and (again.returncode not in (0, 3) or twice):
            here.append(f"a load that counts was loaded again: {again.stdout[:200]}")
        here += differences("after the same load again", torn.figures(), after)
        here += differences("data files", torn.files(), files_after)
        if not committed and list((torn.folder / "history/_scratch").iterdir()):
            here.append("scratch files stay behind")
        if duckdb:
            here += differences("strangers, at the end", torn.outside(), outside_after)
        print(f"{done:3} killed at {moment:6.3f} s: {state}, {len(left)} files left; {'; '.join(here) or 'right'}", flush=True)
        wrong += here
    print(f"{done} kills: {outcomes} ({unpublished} of the committed were finished by our first look); {len(wrong)} differences")
    shutil.rmtree(room)
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", help="folder for the projects; without it the system's temporary folder")
    sys.exit(main(parser.parse_args()))
