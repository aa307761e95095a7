#!/usr/bin/env python3
"""How fast a first load is, end to end: CSV in, validated, posted, committed, synced; and DuckDB reading the same CSV into typed tables.

    python3 load.py BINARY [--invoices 1000000] [--loads 1] [--keep DIR]

Makes the ledger of make_ledger.py, loads it into a fresh project, prints rows per second, CPU, peak memory and the ratio to DuckDB, and
ends with 1 if a row was not loaded or a goal was missed. The goals are for two cores; on a busy machine only the CPU figure says something.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from compare import HERE, Bench

ROWS_PER_SECOND, PEAK_MB = 300_000, 512


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", metavar="BINARY")
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--loads", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="threads of DuckDB")
    parser.add_argument("--keep", metavar="DIR", help="folder for ledger, project and database, used again if the ledger is there")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="cartera-load-")
    arguments.folder, arguments.runs = os.path.join(work, f"ledger-{arguments.invoices}"), 0
    try:
        if not os.path.exists(os.path.join(arguments.folder, "extract.toml")):
            make = [sys.executable, os.path.join(HERE, "make_ledger.py"), "--invoices", str(arguments.invoices), arguments.folder]
            subprocess.run(make, check=True)
        bench = Bench(arguments, work)
        loads = bench.load(arguments.loads)
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
    rows, run = max(loads, key=lambda load: load[0] / load[1].wall)
    speed = rows / run.wall
    print(f"goal     {speed:,.0f} of {ROWS_PER_SECOND:,} rows/s; peak {run.peak_mb:,.0f} of {PEAK_MB} MB; {run.cpu / rows * 1e6:.2f} µs of CPU a row")
    sys.exit(0 if bench.right and speed >= ROWS_PER_SECOND and run.peak_mb <= PEAK_MB else 1)


if __name__ == "__main__":
    main()
