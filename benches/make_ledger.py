#!/usr/bin/env python3
"""Writes a canonical extract of any size: an invented group of six companies, 36 months, N invoices and 1.1 N applications.

    python3 make_ledger.py --invoices 1000000 DIR

DIR then holds companies.csv, customers.csv, fx_rates.csv, documents.csv, applications.csv and extract.toml. Same N and seed, same
bytes. Rows are written day by day, as an ERP would number them, so memory holds what is not yet paid and no more.

What is in it: N invoices of N / 50 customers, few large and many small; terms of 0, 30, 60 and 90 days; most of a month is
billed in its last days; customers pay on their weekday, several invoices with one receipt, early, late or never; one in ten
pays in two parts; some take 2 % discount; some receipts pay too much or are applied days later. Two companies book in USD and EUR,
four in MXN, of which a quarter of the customers are billed in USD or EUR. Every name and amount is invented.
"""

import argparse
import itertools
import os
import random
import time
from datetime import date, timedelta

FIRST, LAST = date(2023, 11, 1), date(2026, 10, 31)
# id: name, country, books, control account, share of the customers, tax per mille
COMPANIES = [
    ("AC01", "Aceros del Valle, S.A. de C.V.", "MX", "MXN", "1130-01", 30, 160),
    ("AL02", "Alambres del Valle, S.A. de C.V.", "MX", "MXN", "1130-02", 20, 160),
    ("TU03", "Tubos del Valle, S.A. de C.V.", "MX", "MXN", "1130-03", 15, 160),
    ("LO04", "Transportes del Valle, S. de R.L. de C.V.", "MX", "MXN", "1130-04", 12, 160),
    ("US05", "Valle Metals, Inc.", "US", "USD", "12000", 13, 0),
    ("ES06", "Valle Ibérica, S.L.", "ES", "EUR", "430000", 10, 210),
]
TERMS, TERMS_WEIGHTS = (0, 30, 60, 90), (8, 47, 30, 15)
APPLICATIONS_PER_INVOICE = 1.1
SOURCE = "banco"


def day_counts(days, total):
    """Invoices of each day: few at weekends, many in the last working days of a month, a fifth more at the end than at the start."""
    weights = []
    for n, day in enumerate(days):
        weight = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.05)[day.weekday()]
        left = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day).days
        weight *= 4.0 if left <= 2 else 2.5 if left <= 5 else 1.0
        weight *= 1.15 if day.month in (10, 11) else 0.9 if day.month in (1, 7) else 1.0
        weights.append(weight * (1 + 0.2 * n / len(days)))
    whole, counts, done, cumulated = sum(weights), [], 0, 0.0
    for weight in weights:
        cumulated += weight
        upto = round(total * cumulated / whole)
        counts.append(upto - done)
        done = upto
    return counts


def money(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def write_companies(folder):
    with open(os.path.join(folder, "companies.csv"), "w", encoding="utf-8", newline="") as out:
        out.write("company_id,name,country,functional_currency,control_account\n")
        for code, name, country, books, account, _, _ in COMPANIES:
            out.write(f'{code},"{name}",{country},{books},{account}\n')


def write_rates(folder, rng):
    """Three pairs, published on working days, one random walk each; EUR/USD follows from the other two."""
    dollar, euro = 182_000, 196_000  # ten-thousandths of a peso
    with open(os.path.join(folder, "fx_rates.csv"), "w", encoding="utf-8", newline="") as out:
        out.write("rate_date,currency,to_currency,source,rate\n")
        day = FIRST - timedelta(days=5)
        while day <= LAST:
            if day.weekday() < 5:
                dollar += rng.randint(-900, 905)
                euro += rng.randint(-900, 905)
                cross = euro * 10_000 // dollar
                for pair, rate in (("USD,MXN", dollar), ("EUR,MXN", euro), ("EUR,USD", cross)):
                    out.write(f"{day},{pair},{SOURCE},{rate // 10_000}.{rate % 10_000:04d}\n")
            day += timedelta(days=1)


class Customer:
    __slots__ = ("company", "tax", "id", "row", "currency", "terms", "base", "delay", "spread", "weekday", "takes_discount")


def customers(folder, count, rng):
    shares = list(itertools.accumulate(c[5] for c in COMPANIES))
    made = []
    with open(os.path.join(folder, "customers.csv"), "w", encoding="utf-8", newline="") as out:
        out.write("company_id,customer_id,name,country,language,segment,payment_terms,credit_limit,credit_currency,status\n")
        for n in range(count):
            company = COMPANIES[rng.choices(range(len(COMPANIES)), cum_weights=shares)[0] if n >= len(COMPANIES) else n]
            one = Customer()
            one.company, one.tax, one.id = company[0], company[6], f"C{n + 1:07d}"
            one.currency = company[3]
            if company[2] == "MX" and n >= len(COMPANIES):
                one.currency = rng.choices(("MXN", "USD", "EUR"), (75, 20, 5))[0]
            one.terms = rng.choices(TERMS, TERMS_WEIGHTS)[0]
            one.base = rng.lognormvariate(14.0 if one.currency == "MXN" else 11.2, 1.1)
            one.delay, one.spread = rng.choice((-5, 0, 2, 5, 8, 12, 20, 35, 50)), rng.choice((3, 6, 10, 20))
            one.weekday, one.takes_discount = rng.choice((0, 2, 3, 4, 4, 4)), one.terms > 0 and rng.random() < 0.1
            if one.takes_discount:
                one.delay = -12
            one.row = f"{one.id},{{}},{one.currency},"
            country = company[2] if one.currency == company[3] else {"USD": "US", "EUR": "DE"}[one.currency]
            language = "en" if country in ("US", "DE") else "es"
            segment = rng.choice(("construcción", "automotriz", "energía", "agro", "distribución"))
            limit = money(int(one.base) * 20 // 100_000 * 100_000)
            out.write(f"{one.company},{one.id},Cliente {n + 1} de {company[1].split()[0]},{country},{language},{segment},{one.terms},")
            out.write(f"{limit},{one.currency},active\n")
            made.append(one)
    weights = list(itertools.accumulate((n + 1) ** -0.6 for n in range(count)))
    order = list(range(count))
    rng.shuffle(order)
    return [made[i] for i in order], weights


def write_ledger(folder, invoices, rng):
    people, weights = customers(folder, max(60, invoices // 50), rng)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    counts = day_counts(days, invoices)
    # Written days reach past the last one: due days do.
    text = [str(FIRST + timedelta(days=n)) for n in range(len(days) + 120)]
    weekday, last = FIRST.weekday(), len(days) - 1
    sizes = [rng.lognormvariate(0.0, 0.6) for _ in range(8_192)]
    noise = [rng.gauss(0.0, 1.0) for _ in range(8_192)]
    payments = [None] * len(days)  # per day: customer -> what it pays that day
    late = [None] * len(days)  # per day: applications of earlier receipts
    goal = round(invoices * APPLICATIONS_PER_INVOICE)
    made = planned = receipts = applications = 0
    documents_out = open(os.path.join(folder, "documents.csv"), "w", encoding="utf-8", newline="", buffering=1 << 20)
    applications_out = open(os.path.join(folder, "applications.csv"), "w", encoding="utf-8", newline="", buffering=1 << 20)
    with documents_out, applications_out:
        documents_out.write(
            "company_id,document_id,document_kind,customer_id,document_date,posting_date,due_date,currency,amount,tax_amount,"
            "payment_terms,reference\n"
        )
        applications_out.write("company_id,application_id,kind,from_document_id,to_document_id,posting_date,amount\n")
        for day, count in enumerate(counts):
            today, rows = text[day], []
            year = today[:4]
            for customer, size, gauss in zip(
                rng.choices(people, cum_weights=weights, k=count), rng.choices(sizes, k=count), rng.choices(noise, k=count)
            ):
                made += 1
                number = f"F{year}-{made:08d}"
                cents = int(customer.base * size) + 5_000
                tax = cents * customer.tax // (1_000 + customer.tax)
                due = day + customer.terms
                rows.append(
                    f"{customer.company},{number},invoice,{customer.id},{today},{today},{text[due]},{customer.currency},"
                    f"{cents // 100}.{cents % 100:02d},{tax // 100}.{tax % 100:02d},{customer.terms},OC-{made * 7919 % 1000003}\n"
                )
                chance = rng.random()
                if chance < 0.008:
                    continue  # never paid
                pays = due + customer.delay + int(gauss * customer.spread)
                if chance < 0.04:
                    pays += 60 + int(chance * 10_000)
                pays = max(pays, day)
                pays += (customer.weekday - weekday - pays) % 7
                if pays > last or planned >= goal:
                    continue
                parts = [(pays, number, cents, "receipt")]
                # Kept near the goal, which is reached shortly before the end: the last invoices are not paid yet.
                behind = planned * invoices * 0.92 < goal * made
                if customer.takes_discount and chance > 0.4 and pays <= due:
                    discount = cents // 50
                    parts = [(pays, number, cents - discount, "receipt"), (pays, number, discount, "discount")]
                elif behind and chance > 0.4:
                    first = cents * (30 + made % 50) // 100
                    parts = [(pays, number, first, "receipt")]
                    rest = pays + 7 * (1 + made % 6)
                    if chance < 0.98 and rest <= last:
                        parts.append((rest, number, cents - first, "receipt"))
                for when, *paid in parts:
                    if planned < goal:
                        planned += 1
                        of_day = payments[when]
                        if of_day is None:
                            of_day = payments[when] = {}
                        of_day.setdefault(customer, []).append(paid)
            settled = []
            for customer, paid in (payments[day] or {}).items():
                receipts += 1
                number = f"R{year}-{receipts:08d}"
                cents = sum(p[1] for p in paid if p[2] == "receipt")
                luck = receipts % 100
                if luck < 3:
                    cents += cents * (1 + luck) // 37 + 100  # on account
                rows.append(
                    f"{customer.company},{number},receipt,{customer.id},{today},{today},,{customer.currency},"
                    f"{cents // 100}.{cents % 100:02d},,,SPEI {receipts * 104729 % 9999991}\n"
                )
                into = settled
                if luck > 97 and day + luck - 90 <= last:
                    if late[day + luck - 90] is None:
                        late[day + luck - 90] = []
                    into = late[day + luck - 90]
                for invoice, amount, kind in paid:
                    into.append((customer.company, kind, number, invoice, amount))
            payments[day] = None
            for company, kind, receipt, invoice, amount in itertools.chain(late[day] or (), settled):
                applications += 1
                applications_out.write(
                    f"{company},A{applications:09d},{kind},{receipt},{invoice},{today},{amount // 100}.{amount % 100:02d}\n"
                )
            late[day] = None
            documents_out.writelines(rows)
    return made, receipts, applications, len(people)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=20261031)
    parser.add_argument("folder", metavar="DIR")
    arguments = parser.parse_args()
    began = time.perf_counter()
    os.makedirs(arguments.folder, exist_ok=True)
    rng = random.Random(arguments.seed)
    write_companies(arguments.folder)
    write_rates(arguments.folder, rng)
    invoices, receipts, applications, people = write_ledger(arguments.folder, arguments.invoices, rng)
    with open(os.path.join(arguments.folder, "extract.toml"), "w", encoding="utf-8") as out:
        out.write(f'profile = "canonical"\nday = {LAST}\nmode = "add"\n')
    size = sum(e.stat().st_size for e in os.scandir(arguments.folder))
    print(f"{invoices:,} invoices, {receipts:,} receipts, {applications:,} applications, {people:,} customers")
    print(f"{size / 1e6:,.0f} MB in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
