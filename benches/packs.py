#!/usr/bin/env python3
"""How long packs and statements take, as whole processes: the sample project, and a ledger of any size.

    python3 packs.py BINARY [--invoices 1000000] [--keep DIR]

The sample's close pack, then the close pack of the ledger of make_ledger.py, each in both languages and every format, and the statements
of a ledger of 100,000 invoices (2,000 customers). Prints wall, CPU and peak memory beside each goal and ends with 1 if one was missed.
The goals are for two cores and nothing beside; on a busy machine only the CPU figure says something.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = "2026-10-31"
FORMATS = "html,pdf,xlsx,png,svg,csv,parquet,json"
SAMPLE, LEDGER, STATEMENTS = 5.0, 30.0, 60.0
FOR_STATEMENTS = 100_000


def run(name, goal, command, drafts=(0,)):
    """Runs a command, says what it took; True if it did its work within the goal."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    wall, code = time.monotonic() - start, os.waitstatus_to_exitcode(status)
    good = code in drafts and wall <= goal
    load = os.getloadavg()[0]
    print(
        f"{name:28} {wall:7.1f} s wall of {goal:.0f}, {used.ru_utime + used.ru_stime:7.1f} s CPU, {used.ru_maxrss / 1024:6,.0f} MB, load {load:.1f}",
        "" if good else "  MISSED",
    )
    if code not in drafts:
        print(told, file=sys.stderr)
    return good


def project(binary, work, invoices):
    """A project with a ledger of so many invoices."""
    folder, extract = os.path.join(work, f"project-{invoices}"), os.path.join(work, f"ledger-{invoices}")
    if not os.path.exists(os.path.join(extract, "extract.toml")):
        subprocess.run([sys.executable, os.path.join(HERE, "make_ledger.py"), "--invoices", str(invoices), extract], check=True)
    if not os.path.exists(folder):
        subprocess.run([binary, "init", folder], check=True, stdout=subprocess.DEVNULL)
        settings = os.path.join(folder, "cartera.toml")
        with open(settings) as file:
            text = file.read().replace('# source = "banxico"', 'source = "banco"')
        with open(settings, "w") as file:
            file.write(text)
        subprocess.run([binary, "-C", folder, "load", extract, "-q"], check=True, stdout=subprocess.DEVNULL)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", metavar="BINARY")
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--keep", metavar="DIR", help="folder for ledgers and projects, used again if they are there")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    work = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="cartera-packs-")
    os.makedirs(work, exist_ok=True)
    out = os.path.join(work, "out")
    # 3: the pack is a draft, as the invented ledgers' are: they have no general ledger.
    pack = lambda folder: [binary, "-C", folder, "report", "close", "--as-of", DAY, "--lang", "es,en", "--format", FORMATS, "--out", out, "-q"]
    try:
        demo = os.path.join(work, "demo")
        if not os.path.exists(demo):
            subprocess.run([binary, "demo", demo, "-q"], check=True, stdout=subprocess.DEVNULL)
        good = [run("close pack, sample", SAMPLE, pack(demo))]
        small = project(binary, work, FOR_STATEMENTS)
        statements = [binary, "-C", small, "statement", "--all", "--as-of", DAY, "--out", out, "-q"]
        good.append(run("statements, 2,000 customers", STATEMENTS, statements))
        good.append(run(f"close pack, {arguments.invoices:,}", LEDGER, pack(project(binary, work, arguments.invoices)), (0, 3)))
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
