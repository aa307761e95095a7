#!/usr/bin/env python3
"""Makes the sample project: invents a group of six companies, writes its extracts and works out the answers.

This file documents how the invention was made; the program never runs it. It needs nothing but Python 3.11 and its
output never changes (fixed seed, no clock). Every company, customer, amount, tax id and exchange rate here is invented.

    python3 make_sample.py            writes next to this file
    python3 make_sample.py DIR        writes into DIR
    python3 make_sample.py --story    also prints each company month by month

It has four parts: the invention (who sells to whom, who pays how), the writers (the same facts in the shapes three ERPs
would export them), the dirty rows, and the answers. The answers are worked out from the facts document by document, with
balances netted per item; they share nothing with the program's movements and SQL.
"""

import os
import random
import sys
from datetime import date, timedelta
from decimal import Decimal, ROUND_HALF_UP
from fractions import Fraction

RNG = random.Random(20261031)
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)
DAY1, DAY2 = date(2026, 9, 30), date(2026, 10, 31)  # days of the two extracts; loads 1 and 2
LIVE = FIRST  # day the ledgers went live: what was open then came over as opening documents
OUT = next((a for a in sys.argv[1:] if not a.startswith("--")), os.path.dirname(os.path.abspath(__file__)))


def days(n):
    return timedelta(days=n)


def workday(d):
    while d.weekday() > 4:
        d += days(1)
    return d


def on_weekday(d, weekday):
    return d + days((weekday - d.weekday()) % 7)


def month_end(year, month):
    return date(year + month // 12, month % 12 + 1, 1) - days(1)


def half_up(fraction, places=0):
    """A fraction rounded half away from zero, as an integer number of 10^-places."""
    scaled = fraction * 10**places
    whole = (abs(scaled) * 2 + 1) // 2
    return int(whole if scaled >= 0 else -whole)


# ------------------------------------------------------------------ companies, collectors, customers

COMPANIES = {  # id: name, country, currency, tax id, control account
    "MX01": ("Aceros Sierra Alta del Norte, S.A. de C.V.", "MX", "MXN", "ASA961104QX1", "1130-01"),
    "MX02": ("Logística Sierra Alta, S.A. de C.V.", "MX", "MXN", "LSA030917QX2", "1130-02"),
    "MX03": ("Tubos y Perfiles Sierra Alta, S.A. de C.V.", "MX", "MXN", "TPS880222QX3", "113000"),
    "MX04": ("Maquinados Sierra Alta, S. de R.L. de C.V.", "MX", "MXN", "MSA120530QX4", "1130-04"),
    "US01": ("Sierra Alta Metals, Inc.", "US", "USD", "00-4410273", "12000"),
    "ES01": ("Sierra Alta Ibérica, S.L.", "ES", "EUR", "B00417735", "430000"),
}
CONTROL = {c: v[4] for c, v in COMPANIES.items()}
BOOKS = {c: v[2] for c, v in COMPANIES.items()}
COLLECTORS = [
    ("G01", "Mariana Olvera", "Norte"),
    ("G02", "Ricardo Tamez", "Norte"),
    ("G03", "Lucía Barragán", "Bajío"),
    ("G04", "Emilio Santacruz", "Bajío"),
    ("G05", "Karen Whitlock", "US"),
    ("G06", "Nuria Salvatierra", "Iberia"),
]


class Customer:
    def __init__(self, company, cid, name, tax, segment, industry, terms, limit, collector, per_month, mean, late, currency=None, **more):
        self.company, self.id, self.name, self.tax = company, cid, name, tax
        self.segment, self.industry, self.terms, self.limit, self.collector = segment, industry, terms, limit, collector
        per_month, mean = per_month * 0.9, mean / 0.9
        self.per_month, self.mean, self.late = per_month, mean, late  # invoices a month, mean amount before tax, (mean, sd) days late or a function of the due day
        self.currency = currency or BOOKS[company]
        self.payday = RNG.randrange(5)
        self.country = more.pop("country", COMPANIES[company][1])
        self.counterparty = more.pop("counterparty", None)
        self.manner = more.pop("manner", None)
        self.status = more.pop("status", "active")
        self.email = more.pop("email", None)
        assert not more, more


def slow(due):
    """The slow payer of MX01: a week late until the invoices that fell due in May 2026, two to four months late since."""
    return (6, 3) if due < date(2026, 5, 20) else (76, 5) if due < date(2026, 7, 1) else (112, 8)


def improving(start, end):
    """The US customers: days late fall from `start` to `end` over the first half of 2026, after a collector was hired."""

    def at(due):
        share = min(max((due - date(2026, 1, 1)).days / 150, 0), 1)
        return (start + (end - start) * share, 4)

    return at


def stops(due):
    """The insolvent customer: late and later, nothing any more for what fell due from March 2026 on."""
    return (20, 5) if due < date(2026, 1, 1) else (45, 5) if due < date(2026, 3, 1) else (9999, 0)


CUSTOMERS = [Customer(*c[:12], **c[12]) for c in [
    # MX01, steel
    ("MX01", "C001", "Estructuras Cerro Azul del Norte, S.A. de C.V.", "ECA980412KX1", "construcción", "estructuras", 45, 22000000, "G01", 2.4, 1400000, slow, {"manner": "slow", "email": "pagos@cerroazul.example"}),
    ("MX01", "C002", "Herrajes Valle Pardo, S.A. de C.V.", "HVP010723KX2", "distribución", "ferretería", 30, 4000000, "G01", 2.2, 480000, (6, 4), {}),
    ("MX01", "C003", "Construcciones Pico de Plata, S.A. de C.V.", "CPP950930KX3", "construcción", "obra civil", 45, 9000000, "G02", 2.0, 960000, (12, 6), {}),
    ("MX01", "C004", "Remolques La Encina Vieja, S.A. de C.V.", "REV070214KX4", "industria", "remolques", 30, 5000000, "G01", 2.0, 640000, (5, 3), {}),
    ("MX01", "C005", "Perfiles Arroyo Hondo, S. de R.L. de C.V.", "PAH110808KX5", "distribución", "perfiles", 30, 3500000, "G02", 1.8, 410000, (9, 5), {}),
    ("MX01", "C006", "Tres Nogales Manufacturing, LLC", "00-2210481", "export", "industrial", 45, 400000, "G02", 1.2, 48000, (4, 3), {"currency": "USD", "country": "US", "email": "ap@tresnogales.example"}),
    ("MX01", "C007", "Ferretera Puerta Grande, S.A. de C.V.", "FPG920617KX7", "distribución", "ferretería", 30, 2500000, "G01", 1.6, 260000, (14, 7), {}),
    ("MX01", "C008", "Grúas y Montajes Peña Roja, S.A. de C.V.", "GMP040305KX8", "construcción", "montajes", 60, 7000000, "G02", 1.3, 880000, (7, 4), {"manner": "advance"}),
    ("MX01", "C009", "Lomalarga Components, Inc.", "00-3390172", "export", "autopartes", 60, 350000, "G02", 1.0, 39000, (3, 2), {"currency": "USD", "country": "US"}),
    ("MX01", "C010", "Naves Industriales Mezquital Alto, S.A. de C.V.", "NIM131021KX0", "construcción", "naves", 45, 8000000, "G02", 1.4, 1040000, (16, 6), {}),
    ("MX01", "C011", "Cercas y Mallas El Tordillo, S.A. de C.V.", "CMT060911KX6", "distribución", "mallas", 30, 1800000, "G01", 1.6, 170000, (8, 5), {}),
    ("MX01", "C012", "Talleres Ojo de Agua Fría, S.A.", "TOA891212KX9", "industria", "talleres", 15, 900000, "G01", 1.5, 88000, (4, 3), {}),
    ("MX01", "C013", "Tanques Bocanegra del Norte, S.A. de C.V.", "TBN000428KXA", "industria", "tanques", 30, 4500000, "G02", 1.5, 560000, (6, 3), {"manner": "backdated"}),
    ("MX01", "C014", "Electrodomésticos Alborada Norte, S.A. de C.V.", "EAN150119KXB", "industria", "línea blanca", 60, 9000000, "G01", 1.6, 1150000, (2, 2), {}),
    ("MX01", "C015", "Cuatro Espejos Mecanizados, S.A. de C.V.", "CEM090603KXC", "industria", "mecanizados", 30, 200000, "G02", 0.7, 22000, (5, 3), {"currency": "USD", "manner": "pays_in_mxn"}),
    ("MX01", "C090", "Sierra Alta Metals, Inc.", "00-4410273", "intercompañía", "grupo", 60, None, "G02", 0.9, 62000, (10, 3), {"currency": "USD", "country": "US", "counterparty": "US01"}),
    # MX02, freight: 16 % IVA less 4 % IVA withheld on the invoice
    ("MX02", "T001", "Comercial Llano Grande, S.A. de C.V.", "CLG970715LX1", "comercio", "mayoreo", 30, 1500000, "G01", 1.9, 210000, (7, 4), {}),
    ("MX02", "T002", "Cementos Barranca Honda, S.A. de C.V.", "CBH020410LX2", "industria", "cemento", 45, 4000000, "G01", 1.9, 520000, (5, 3), {}),
    ("MX02", "T003", "Agroempaques La Vaquilla, S.P.R. de R.L.", "AVA140918LX3", "agro", "empaque", 30, 1200000, "G01", 1.5, 145000, (11, 6), {}),
    ("MX02", "T004", "Materiales La Cantera Baja, S.A. de C.V.", "MCB051101LX4", "comercio", "materiales", 15, 600000, "G01", 0.0, 92000, (3, 2), {"manner": "bounce", "email": "cobranza@canterabaja.example"}),
    ("MX02", "T005", "Muebles Palo Verde, S.A. de C.V.", "MPV080226LX5", "industria", "muebles", 30, 1100000, "G02", 1.4, 130000, (9, 4), {}),
    ("MX02", "T006", "Llantas y Servicios Cañada Real, S.A. de C.V.", "LSC991203LX6", "servicios", "llantas", 30, 800000, "G02", 1.0, 98000, (6, 3), {"manner": "netting"}),
    ("MX02", "T007", "Bebidas Manantial Escondido, S.A. de C.V.", "BME120712LX7", "industria", "bebidas", 60, 5200000, "G01", 2.0, 610000, (3, 2), {}),
    ("MX02", "T008", "Vidrios Luz del Poniente, S.A. de C.V.", "VLP030529LX8", "industria", "vidrio", 30, 900000, "G02", 1.1, 115000, (8, 4), {}),
    ("MX02", "T009", "Papelera Monte Blanco del Sur, S.A. de C.V.", "PMB941020LX9", "industria", "papel", 45, 2200000, "G02", 1.4, 270000, (13, 5), {}),
    ("MX02", "T090", "Aceros Sierra Alta del Norte, S.A. de C.V.", "ASA961104QX1", "intercompañía", "grupo", 30, None, "G02", 1.0, 380000, (9, 3), {"counterparty": "MX01"}),
    # MX03, tubes, on SAP
    ("MX03", "100001", "Gas y Conducciones Altiplano, S.A. de C.V.", "GCA010101MX1", "energía", "gas", 60, 12000000, "G03", 1.9, 1180000, (6, 3), {}),
    ("MX03", "100002", "Riegos El Carrizalejo, S.A. de C.V.", "RCA060817MX2", "agro", "riego", 45, 4500000, "G03", 1.8, 420000, (12, 6), {}),
    ("MX03", "100003", "Muebles Tubulares Dos Lagunas, S.A. de C.V.", "MTD000614MX3", "industria", "muebles", 30, 3000000, "G04", 1.9, 350000, (7, 4), {}),
    ("MX03", "100004", "Andamios y Cimbras Peñón Chico, S.A. de C.V.", "ACP110327MX4", "construcción", "andamios", 45, 5000000, "G03", 1.5, 560000, (15, 6), {}),
    ("MX03", "100005", "Invernaderos Sol de Abril, S.A. de C.V.", "ISA130913MX5", "agro", "invernaderos", 60, 4000000, "G04", 1.2, 480000, (9, 4), {}),
    ("MX03", "100006", "Pipe Hollow Supply Co.", "00-5518830", "export", "distribution", 60, 500000, "G04", 1.6, 46000, (5, 3), {"currency": "USD", "country": "US"}),
    ("MX03", "100007", "Hidráulica Tres Compuertas, S.A. de C.V.", "HTC040722MX7", "energía", "agua", 30, 3500000, "G03", 1.5, 390000, (8, 4), {"manner": "deposit"}),
    ("MX03", "100008", "Escaleras y Barandales Mirador, S.A.", "EBM971117MX8", "industria", "herrería", 30, 1200000, "G04", 1.6, 140000, (10, 5), {}),
    ("MX03", "100009", "Estufas Fogón Serrano, S.A. de C.V.", "EFS020205MX9", "industria", "línea blanca", 45, 5500000, "G04", 1.4, 640000, (4, 3), {}),
    ("MX03", "100010", "Minera Veta Callada, S.A. de C.V.", "MVC080930MX0", "minería", "minería", 60, 9000000, "G03", 1.2, 1020000, (11, 4), {}),
    ("MX03", "100011", "Bicicletas Rodada Fina, S.A. de C.V.", "BRF150603MXA", "industria", "bicicletas", 30, 1500000, "G04", 1.3, 180000, (6, 3), {}),
    ("MX03", "100090", "Sierra Alta Metals, Inc.", "00-4410273", "intercompañía", "grupo", 60, None, "G04", 0.8, 54000, (12, 3), {"currency": "USD", "country": "US", "counterparty": "US01"}),
    # MX04, machining
    ("MX04", "M001", "Turbinas Cañón del Lobo, S.A. de C.V.", "TCL050116NX1", "energía", "turbinas", 60, 6000000, "G03", 1.7, 620000, (6, 3), {}),
    ("MX04", "M002", "Ingenio Cañas Altas, S.A. de C.V.", "ICA780320NX2", "agro", "ingenio", 30, 3500000, "G04", 1.8, 390000, (9, 4), {"manner": "withholds"}),
    ("MX04", "M003", "Transmisiones Gran Meseta, S.A. de C.V.", "TGM990808NX3", "autopartes", "transmisiones", 60, 2500000, "G03", 2.3, 540000, (13, 5), {"manner": "over_limit", "email": "finanzas@granmeseta.example"}),
    ("MX04", "M004", "Moldes y Troqueles San Telmo, S.A. de C.V.", "MTS031028NX4", "industria", "moldes", 30, 1600000, "G04", 1.7, 170000, (5, 3), {}),
    ("MX04", "M005", "Bombas Río Colorín, S.A. de C.V.", "BRC100411NX5", "industria", "bombas", 45, 3000000, "G04", 1.2, 310000, (7, 4), {"manner": "chain"}),
    ("MX04", "M006", "Prensas Hidráulicas Nopalera, S.A. de C.V.", "PHN070919NX6", "industria", "prensas", 45, 3000000, "G03", 1.1, 260000, (17, 6), {"manner": "note"}),
    ("MX04", "M007", "Cárnicos La Herradura Chica, S.A. de C.V.", "CHC120601NX7", "alimentos", "empaque", 30, 2000000, "G03", 0.9, 150000, (8, 4), {"manner": "instalments"}),
    ("MX04", "M008", "Envases Punta Clara, S.A. de C.V.", "EPC060214NX8", "alimentos", "envases", 45, 2800000, "G04", 1.2, 280000, (10, 4), {"manner": "extension"}),
    # US01
    ("US01", "U001", "Copper Ridge Fabricators, Inc.", "00-7102244", "industrial", "fabrication", 45, 450000, "G05", 2.2, 74000, improving(19, 2), {}),
    ("US01", "U002", "Lone Mesa Trailers, LLC", "00-7102251", "industrial", "trailers", 30, 300000, "G05", 1.9, 52000, improving(16, 2), {}),
    ("US01", "U003", "Hickory Bend Tool & Die Co.", "00-7102268", "industrial", "tooling", 30, 220000, "G05", 1.7, 41000, improving(12, 4), {"manner": "short", "email": "ap@hickorybend.example"}),
    ("US01", "U004", "Blue Heron Energy Services, LLC", "00-7102275", "energy", "oilfield", 60, 600000, "G05", 1.7, 96000, improving(22, 3), {}),
    ("US01", "U005", "Fairlight Appliance Works, Inc.", "00-7102282", "industrial", "appliances", 30, 250000, "G05", 1.9, 47000, (-21, 1), {"manner": "early"}),
    ("US01", "U006", "Stonebrook Building Supply, Inc.", "00-7102299", "distribution", "building", 45, 350000, "G05", 1.9, 58000, improving(24, 4), {}),
    ("US01", "U007", "Prairie Lantern Ag Equipment, Inc.", "00-7102306", "agriculture", "equipment", 30, 200000, "G05", 1.2, 36000, improving(10, 2), {"manner": "refund"}),
    ("US01", "U008", "Gull Harbor Marine, LLC", "00-7102313", "marine", "shipyard", 60, 280000, "G05", 1.0, 63000, improving(15, 3), {"manner": "fee"}),
    ("US01", "U009", "Northgate Conveyor Corp.", "00-7102320", "industrial", "conveyors", 45, 260000, "G05", 1.3, 49000, improving(20, 3), {}),
    # ES01
    ("ES01", "E001", "Talleres Hoz del Duero, S.L.", "B00730011", "industria", "talleres", 60, 220000, "G06", 1.8, 31000, (9, 4), {}),
    ("ES01", "E002", "Metalistería Alcor Viejo, S.A.", "A00730029", "industria", "metal", 60, 260000, "G06", 1.8, 38000, (6, 3), {"manner": "direct_debit"}),
    ("ES01", "E003", "Ascensores Puerta del Valle, S.L.", "B00730037", "industria", "ascensores", 45, 240000, "G06", 1.9, 34000, (8, 3), {"manner": "disputer", "email": "proveedores@puertadelvalle.example"}),
    ("ES01", "E004", "Naviera Cabo Menor Alto, S.A.", "A00730045", "naval", "astilleros", 60, 300000, "G06", 1.2, 52000, (12, 5), {"manner": "factoring"}),
    ("ES01", "E005", "Calderería Fuente Honda, S.L.", "B00730052", "industria", "calderería", 60, 180000, "G06", 1.3, 24000, (14, 5), {}),
    ("ES01", "E006", "Cerrajería Torre Quemada, S.L.", "B00730060", "industria", "cerrajería", 60, 150000, "G06", 1.4, 19000, stops, {"manner": "insolvent", "email": "administracion@torrequemada.example"}),
    ("ES01", "E007", "Maquinaria Agrícola Los Trigales Bajos, S.L.", "B00730078", "agro", "maquinaria", 60, 200000, "G06", 1.3, 28000, (7, 4), {}),
    ("ES01", "E008", "Soldaduras Ribera del Sil, S.L.", "B00730086", "industria", "soldadura", 30, 90000, "G06", 1.2, 12000, (5, 3), {}),
]]
BY_ID = {(c.company, c.id): c for c in CUSTOMERS}
INTERCOMPANY = {(c.company, c.id) for c in CUSTOMERS if c.counterparty}


def customer(company, manner):
    return next(c for c in CUSTOMERS if c.company == company and c.manner == manner)


# ------------------------------------------------------------------ exchange rates, invented

RATES = {}  # (day, currency, to) -> rate in ten-thousandths


def make_rates():
    usd = [(date(2024, 10, 1), 20.10), (date(2025, 2, 1), 20.45), (date(2025, 7, 1), 18.90), (date(2025, 12, 1), 18.10), (date(2026, 4, 1), 17.70), (date(2026, 7, 1), 18.35), (date(2026, 11, 1), 18.80)]
    eur = [(date(2024, 10, 1), 1.085), (date(2025, 2, 1), 1.042), (date(2025, 7, 1), 1.165), (date(2025, 12, 1), 1.158), (date(2026, 4, 1), 1.172), (date(2026, 7, 1), 1.160), (date(2026, 11, 1), 1.148)]

    def path(anchors, d):
        for (a, x), (b, y) in zip(anchors, anchors[1:]):
            if a <= d <= b:
                return x + (y - x) * (d - a).days / (b - a).days

    noise_u = noise_e = 0.0
    d = FIRST
    while d <= LAST:
        if d.weekday() < 5:
            noise_u = 0.9 * noise_u + RNG.gauss(0, 0.055)
            noise_e = 0.9 * noise_e + RNG.gauss(0, 0.003)
            u = int(round((path(usd, d) + noise_u) * 10000))
            e = int(round((path(eur, d) + noise_e) * 10000))
            RATES[d, "USD", "MXN"] = u
            RATES[d, "EUR", "USD"] = e
            RATES[d, "EUR", "MXN"] = (u * e + 5000) // 10000
        d += days(1)


def rate(d, currency, to):
    """The last rate published on or before the day, as a fraction."""
    if currency == to:
        return Fraction(1)
    while (d, currency, to) not in RATES:
        d -= days(1)
        assert d >= FIRST
    return Fraction(RATES[d, currency, to], 10000)


# ------------------------------------------------------------------ facts

SIGN = {"invoice": 1, "debit_memo": 1, "note": 1, "credit_memo": -1, "receipt": -1, "refund": 1, "advance": -1, "adjustment": 1}
EFFECT = {"invoice": "sale", "credit_memo": "return", "advance": "advance"}


class Doc:
    """A document as the business knows it. Amounts in hundredths. `load`: in which extract it first appears."""

    def __init__(self, cust, kind, series, doc_date, amount, due=None, post=None, inst=1, tax=0, withheld=0, effect=None, terms=None, ref=None, reason=None, reverses=None, load=None, currency=None, of=None):
        self.cust, self.company, self.kind, self.series = cust, cust.company, kind, series
        self.currency = currency or cust.currency
        self.doc_date, self.post, self.due = doc_date, post or doc_date, due
        self.amount, self.tax, self.withheld, self.inst = amount, tax, withheld, inst
        self.effect = effect or EFFECT.get(kind, "none")
        self.effect_given = effect
        self.terms, self.ref, self.reason, self.reverses = terms, ref, reason, reverses
        self.load = load or (1 if self.post <= DAY1 else 2)
        self.of = of  # first instalment, whose number this one shares
        self.id = None
        self.amount_at_load_2 = None  # a correction learned in October
        self.due_from_october = None  # (effective day, new due day): a reclassification learned in October
        self.payment = self.root = self.residual = None  # SAP: a residual names its payment and its root, a payment its residual
        self.cleared = None  # SAP: (clearing day, clearing document)
        self.give_due = True
        assert amount > 0 and self.post.weekday() < 5 or self.post.day == 1, (cust.id, self.post)
        DOCS.append(self)


class App:
    """An application: `amount` lowers `to`; pairs raise `frm`."""

    def __init__(self, kind, frm, to, post, amount, from_amount=None, reason=None, undoes=None, load=None):
        self.kind, self.frm, self.to, self.amount, self.from_amount = kind, frm, to, amount, from_amount
        self.post, self.reason, self.undoes = post, reason, undoes
        self.company = to.company
        self.effective = max([post, to.post] + ([frm.post] if frm is not None and kind in PAIRS else []))
        self.load = max([load or (1 if post <= DAY1 else 2), to.load] + ([frm.load] if frm is not None else []))
        self.id = None
        assert post.weekday() < 5
        APPS.append(self)


PAIRS = ("receipt", "credit", "advance", "refund")
DOCS, APPS = [], []


def invoice(cust, d, net, due=None, series=None, **more):
    """A sale: tax by company; what is posted is what the customer owes."""
    company = cust.company
    if cust.currency != BOOKS[company] or cust.country not in ("MX", "ES"):
        tax = withheld = 0
        net = max(net // 10000, 1) * 10000 if cust.currency != BOOKS[company] else net  # whole hundreds, so booked values are exact
    elif company == "MX02":
        tax, withheld = half_up(Fraction(net * 16, 100)), half_up(Fraction(net * 4, 100))
    else:
        tax, withheld = half_up(Fraction(net * (21 if company == "ES01" else 16), 100)), 0
    due = due or d + days(cust.terms)
    return Doc(cust, "invoice", series or "F", d, net + tax - withheld, due=due, tax=tax, withheld=withheld, **more)


def receipt(cust, d, amount, **more):
    return Doc(cust, "receipt", "R", d, amount, **more)


SEASON = {1: 0.90, 2: 0.95, 3: 1.06, 4: 1.00, 5: 1.02, 6: 1.04, 7: 0.98, 8: 0.97, 9: 1.02, 10: 1.08, 11: 1.04, 12: 0.86}


def amount_around(mean):
    return int(mean * RNG.lognormvariate(-0.05, 0.32) * 100)


def ordinary_sales(cust):
    """The invoices of a customer from September 2024 on; those of before go-live only matter if still open then."""
    made = []
    y, m = 2024, 9
    while (y, m) <= (2026, 10):
        season = SEASON[m] * (0.7 if cust.company == "ES01" and m == 8 else 1)
        growth = 1 + 0.004 * ((y - 2024) * 12 + m - 9)
        n = int(cust.per_month * (1 + (season - 1) / 2) + RNG.random())
        if cust.manner == "insolvent" and (y, m) >= (2026, 6):
            n = 0
        for _ in range(n):
            d = workday(date(y, m, RNG.randint(1, 26)))
            net = amount_around(cust.mean * season * growth)
            made.append((d, net))
        y, m = (y, m + 1) if m < 12 else (y + 1, 1)
    return sorted(made)


def late_days(cust, due):
    mean, sd = cust.late(due) if callable(cust.late) else (cust.late[0] * 0.6, cust.late[1])
    return int(round(max(RNG.gauss(mean, sd), mean - 2 * sd)))


def ordinary(cust):
    """Sales and payments of one customer, by its manner."""
    payments = {}  # pay day -> [(invoice, amount)]
    cash_only = False
    for d, net in ordinary_sales(cust):
        due = d + days(cust.terms)
        pay = on_weekday(due + days(late_days(cust, due)), cust.payday)
        if d < LIVE:
            if pay < LIVE:
                continue
            inv = invoice(cust, d, net, series="S", post=LIVE, effect="none", reason="opening")
            if cust.company == "MX03":
                inv.kind = "adjustment"  # SAP takes balances over with its own document type
            pay = max(pay, LIVE + days(3))
            pay = on_weekday(pay, cust.payday)
        else:
            inv = invoice(cust, d, net, ref="PO-%d" % RNG.randint(10000, 99999) if RNG.random() < 0.5 else None)
        parts = [(pay, inv.amount)]
        if cust.manner == "disputer" and RNG.random() < 0.34:
            dispute(cust, inv, due)
            continue
        if cust.company != "MX03" and cust.manner not in ("short", "early", "fee", "withholds", "factoring", "pays_in_mxn") and RNG.random() < 0.06:
            first = inv.amount * 3 // 5 // 10000 * 10000 or inv.amount
            if 0 < first < inv.amount:
                parts = [(pay, first), (pay + days(14), inv.amount - first)]
        if cust.manner == "netting" and d >= LIVE and d.month == 5:
            if workday(due) <= LAST:
                App("netting", None, inv, workday(due), inv.amount, reason="compensación con cuentas por pagar")
            continue
        if cust.manner == "factoring" and d >= LIVE and d.month in (4, 9) and d.day < 20:
            sold = workday(d + days(12))
            App("factoring", None, inv, sold, inv.amount, reason="factoring sin recurso")
            continue
        if cust.manner == "direct_debit" and not cash_only and (d.year, d.month) == (2026, 7):
            App("receipt", None, inv, workday(due), inv.amount, reason="adeudo SEPA sin recibo")
            cash_only = True
            continue
        for day, amount in parts:
            if day <= LAST:
                payments.setdefault(day, []).append((inv, amount))
    for day in sorted(payments):
        settle(cust, day, payments[day])


def settle(cust, day, parts):
    """One receipt for all that is paid on a day, applied at once or a few days later."""
    lag = days(RNG.choice([2, 3, 4])) if RNG.random() < 0.05 else days(0)
    applied = workday(day + lag)
    if cust.manner == "short":
        cut = [half_up(Fraction(a * RNG.randint(12, 30), 1000)) for _, a in parts]
        r = receipt(cust, day, sum(a for _, a in parts) - sum(cut))
        for (inv, amount), missing in zip(parts, cut):
            App("receipt", r, inv, day, amount - missing)
            later = workday(day + days(75))
            fate = RNG.random()
            if later <= LAST and fate < 0.4:
                App("write_off", None, inv, later, missing, reason="small deduction")
            elif later <= LAST and fate < 0.65:
                memo = Doc(cust, "credit_memo", "N", later, missing, effect="price", reason="deduction accepted", ref=inv)
                App("credit", memo, inv, later, missing)
        return
    if cust.manner == "early":
        taken = [half_up(Fraction(a * 2, 100)) if (day - i.doc_date).days <= 10 else 0 for i, a in parts]
        r = receipt(cust, day, sum(a for _, a in parts) - sum(taken))
        for (inv, amount), discount in zip(parts, taken):
            App("receipt", r, inv, day, amount - discount)
            if discount:
                App("discount", r, inv, day, discount, reason="2/10")
        return
    if cust.manner == "fee":
        r = receipt(cust, day, sum(a for _, a in parts) - 2500)
        for n, (inv, amount) in enumerate(parts):
            App("receipt", r, inv, day, amount - (2500 if n == 0 else 0))
        App("fee", r, parts[0][0], day, 2500, reason="wire fee")
        return
    if cust.manner == "withholds":
        held = [half_up(Fraction((i.amount - i.tax) * 6, 100)) for i, _ in parts]
        r = receipt(cust, day, sum(a for _, a in parts) - sum(held))
        for (inv, amount), tax in zip(parts, held):
            App("receipt", r, inv, applied if applied <= LAST else day, amount - tax)
            App("withholding", r, inv, applied if applied <= LAST else day, tax, reason="retención de IVA 6 %")
        return
    if cust.manner == "pays_in_mxn" and (day.year, day.month) in ((2026, 3), (2026, 10)):
        quoted = rate(day, "USD", "MXN") - Fraction(3, 100)
        values = [half_up(a * quoted) for _, a in parts]
        r = receipt(cust, day, sum(values), currency="MXN", ref="pago en pesos")
        for (inv, amount), value in zip(parts, values):
            App("receipt", r, inv, day, amount, from_amount=value)
        return
    r = receipt(cust, day, sum(a for _, a in parts))
    if cust.company == "MX03":
        CLEARINGS.append((applied, [r], [i for i, _ in parts]))
    if applied <= LAST:
        for inv, amount in parts:
            App("receipt", r, inv, applied, amount)


CLEARINGS = []  # SAP: (day, credit documents, debit documents) cleared against each other
DISPUTES, PROMISES, ACTIVITIES, EXPOSURES = [], [], [], []


def dispute(cust, inv, due):
    """A disputed invoice: open two to three months, then part is credited and the rest paid."""
    opened = workday(inv.doc_date + days(RNG.randint(18, 35)))
    closed = workday(opened + days(RNG.randint(55, 95)))
    disputed = inv.amount if RNG.random() < 0.5 else inv.amount // 3 // 100 * 100
    reason = RNG.choice(["precio", "calidad", "cantidad", "entrega"])
    if opened > LAST:
        return
    settled = closed <= LAST
    credit = disputed * RNG.choice([0, 25, 40]) // 100 if settled else 0
    DISPUTES.append((inv, opened, closed if settled else None, reason, disputed, ("parcial" if credit else "rechazada") if settled else None, "G06"))
    if settled:
        if credit:
            memo = Doc(cust, "credit_memo", "N", closed, credit, effect="price", reason="aclaración: " + reason, ref=inv)
            App("credit", memo, inv, closed, credit)
        pay = on_weekday(closed + days(6), cust.payday)
        if pay <= LAST:
            r = receipt(cust, pay, inv.amount - credit)
            App("receipt", r, inv, pay, inv.amount - credit)


# ------------------------------------------------------------------ the hand-written stories

STORY = {}  # name -> document, for the README and the answers


def stories():
    # the slow payer is charged interest once
    c = customer("MX01", "slow")
    STORY["interest"] = Doc(c, "debit_memo", "D", date(2026, 9, 15), 18650000, due=date(2026, 10, 15), effect="interest", reason="intereses moratorios")

    # advance: 500,000 applied to the invoice it was for; another one still open
    c = customer("MX01", "advance")
    a = Doc(c, "advance", "A", date(2026, 5, 12), 50000000, reason="anticipo de obra")
    inv = invoice(c, date(2026, 7, 14), 150000000)
    App("advance", a, inv, date(2026, 7, 14), 50000000)
    STORY["advance_invoice"] = inv
    STORY["open_advance"] = Doc(c, "advance", "A", date(2026, 9, 8), 30000000, reason="anticipo de obra")

    # back-dated posting: the receipt of 28 September is learned in October
    c = customer("MX01", "backdated")
    inv = invoice(c, date(2026, 8, 25), 33312069)
    r = receipt(c, date(2026, 9, 28), inv.amount, load=2)
    App("receipt", r, inv, date(2026, 9, 28), inv.amount, load=2)
    STORY["backdated_invoice"], STORY["backdated_receipt"] = inv, r

    # a receipt whose application names an invoice that never comes: it stays unapplied
    STORY["waits"] = receipt(BY_ID["MX01", "C012"], date(2026, 9, 17), 150000)

    # returns with credit memos, left open
    for cid, d, share in (("C003", date(2025, 6, 18), 12), ("C010", date(2026, 2, 11), 8), ("C007", date(2026, 8, 20), 15)):
        c = BY_ID["MX01", cid]
        inv = next(x for x in DOCS if x.cust is c and x.kind == "invoice" and x.doc_date <= d < x.doc_date + days(60) and not any(p.to is x and p.kind == "netting" for p in APPS))
        Doc(c, "credit_memo", "N", d, inv.amount * share // 100, effect="return", reason="devolución", ref=inv)

    # bouncing cheques, MX02: three bounce; the first comes with its undone application, the others without
    c = customer("MX02", "bounce")
    for n in range(22):
        d = workday(date(2025 + n // 12, n % 12 + 1, 8))
        inv = invoice(c, d, amount_around(c.mean))
        pay = workday(inv.due + days(RNG.randint(1, 5)))
        if (d.year, d.month) in ((2026, 1), (2026, 5), (2026, 9)):
            name = {1: "cheque_1", 5: "cheque_2", 9: "cheque_3"}[d.month]
            r = receipt(c, pay, inv.amount, ref="cheque")
            app = App("receipt", r, inv, pay, inv.amount)
            back = workday(pay + days(6))
            STORY[name], STORY[name + "_invoice"] = r, inv
            STORY[name + "_reversal"] = Doc(c, "receipt", "R", back, inv.amount, reverses=r, reason="cheque devuelto")
            if name == "cheque_1":
                App("receipt", r, inv, back, -inv.amount, undoes=app, reason="cheque devuelto")
            STORY[name + "_charge"] = Doc(c, "debit_memo", "D", back, inv.amount * 20 // 100, due=back + days(10), reason="cargo por cheque devuelto 20 %")
            again = workday(back + days(20))
            if again <= LAST and name != "cheque_3":
                r2 = receipt(c, again, inv.amount + inv.amount * 20 // 100, ref="transferencia")
                App("receipt", r2, inv, again, inv.amount)
                App("receipt", r2, STORY[name + "_charge"], again, inv.amount * 20 // 100)
        elif pay <= LAST:
            r = receipt(c, pay, inv.amount, ref="cheque")
            App("receipt", r, inv, pay, inv.amount)

    # unapplied deposits on SAP: nobody says what they pay; one more is cleared against two invoices with another receipt
    c = customer("MX03", "deposit")
    for n, (d, amount) in enumerate([(date(2026, 7, 14), 12000000), (date(2026, 9, 22), 8500000), (date(2026, 10, 20), 9650000)]):
        STORY["deposit_%d" % (n + 1)] = receipt(c, d, amount, ref="DEPOSITO S/REF")
    i1, i2 = invoice(c, date(2026, 8, 4), 40000000), invoice(c, date(2026, 8, 11), 20000000)
    r1, r2 = receipt(c, date(2026, 9, 10), 50000000), receipt(c, date(2026, 10, 6), i1.amount + i2.amount - 50000000)
    for x, sign in ((i1, 1), (i2, 1), (r1, -1), (r2, -1)):
        App("clearing", None, x, date(2026, 10, 6), sign * x.amount)
    CLEARINGS.append((date(2026, 10, 6), [r1, r2], [i1, i2]))
    # a receipt and a credit memo against one invoice; two receipts against one invoice
    c = BY_ID["MX03", "100004"]
    inv = invoice(c, date(2026, 6, 9), 52000000)
    memo = Doc(c, "credit_memo", "N", date(2026, 7, 2), 2320000, effect="return", ref=inv, reason="devolución")
    r = receipt(c, date(2026, 8, 7), inv.amount - memo.amount)
    App("receipt", r, inv, r.post, r.amount)
    App("credit", memo, inv, r.post, memo.amount)
    CLEARINGS.append((r.post, [r, memo], [inv]))
    c = BY_ID["MX03", "100010"]
    inv = invoice(c, date(2026, 5, 5), 90000000)
    r1, r2 = receipt(c, date(2026, 7, 10), 60000000), receipt(c, date(2026, 7, 24), inv.amount - 60000000)
    App("receipt", r1, inv, r2.post, r1.amount)
    App("receipt", r2, inv, r2.post, r2.amount)
    CLEARINGS.append((r2.post, [r1, r2], [inv]))

    # a residual: 400,000 paid on 580,000, the payment document carries the rest as a new item
    c = BY_ID["MX03", "100002"]
    inv = invoice(c, date(2026, 5, 19), 50000000)
    r = receipt(c, date(2026, 6, 26), 40000000)
    rest = Doc(c, "invoice", "R", r.post, inv.amount - r.amount, due=inv.due, effect="none")
    rest.payment, rest.root, r.residual = r, inv, rest
    App("receipt", r, inv, r.post, r.amount)
    App("clearing", None, inv, r.post, rest.amount)
    CLEARINGS.append((r.post, [r], [inv]))
    STORY["residual"] = rest

    # MX04: the credit-memo chain: billed to the wrong order, credited, billed again, price corrected, rebate left open
    c = customer("MX04", "chain")
    one = invoice(c, date(2026, 7, 6), 41379310)
    full = Doc(c, "credit_memo", "N", date(2026, 7, 20), one.amount, tax=one.tax, effect="return", reason="factura cancelada y sustituida", ref=one)
    App("credit", full, one, date(2026, 7, 20), one.amount)
    two = invoice(c, date(2026, 7, 21), 41379310, ref="sustituye")
    price = Doc(c, "credit_memo", "N", date(2026, 8, 12), 2400000, tax=331034, effect="price", reason="ajuste de precio", ref=two)
    App("credit", price, two, date(2026, 8, 12), 2400000)
    rebate = Doc(c, "credit_memo", "N", date(2026, 9, 4), 3500000, tax=482759, effect="rebate", reason="bonificación por volumen", ref=two)
    App("credit", rebate, two, date(2026, 9, 18), 1500000)
    STORY.update(chain_1=one, chain_full=full, chain_2=two, chain_price=price, chain_rebate=rebate)

    # a note takes the place of two invoices: a memo without effect on sales settles them, the note is the new item
    c = customer("MX04", "note")
    i1, i2 = invoice(c, date(2026, 5, 6), 22000000), invoice(c, date(2026, 5, 20), 18000000)
    memo = Doc(c, "credit_memo", "N", date(2026, 8, 3), i1.amount + i2.amount, effect="none", reason="documentado con pagaré")
    App("credit", memo, i1, date(2026, 8, 3), i1.amount)
    App("credit", memo, i2, date(2026, 8, 3), i2.amount)
    STORY["note"] = Doc(c, "note", "P", date(2026, 8, 3), i1.amount + i2.amount, due=date(2026, 12, 31), reason="pagaré")

    # an instalment sale: six instalments, three paid by the end of September, one more in October
    c = customer("MX04", "instalments")
    first = None
    for n in range(6):
        due = date(2026, 6 + n, 15) if n < 6 else None
        d = Doc(c, "invoice", "F", date(2026, 5, 15), 15000000, due=due, tax=2068966, inst=n + 1, of=first)
        first = first or d
        STORY["instalment_%d" % (n + 1)] = d
        pay = workday(due + days(3))
        if n < 4 and pay <= LAST:
            r = receipt(c, pay, 15000000)
            App("receipt", r, d, pay, 15000000)

    # an extension agreed in October: due 15 September becomes 30 November, from 20 October on
    c = customer("MX04", "extension")
    inv = invoice(c, date(2026, 8, 3), 55172414, due=date(2026, 9, 17))
    inv.due_from_october = (date(2026, 10, 20), date(2026, 11, 30))
    STORY["extension"] = inv

    # over limit: open orders on top of what is open
    c = customer("MX04", "over_limit")
    EXPOSURES.extend([(c, DAY1, "open_orders", 90000000, 1), (c, DAY2, "open_orders", 120000000, 2)])
    for cid, amount in (("M001", 45000000), ("M004", 20000000)):
        EXPOSURES.append((BY_ID["MX04", cid], DAY2, "open_orders", amount, 2))
    EXPOSURES.append((customer("MX01", "slow"), DAY2, "guarantee", 300000000, 2))
    EXPOSURES.append((BY_ID["US01", "U004"], DAY2, "unbilled", 3800000, 2))
    EXPOSURES.append((BY_ID["ES01", "E004"], DAY2, "open_orders", 2600000, 2))

    # a refund of an overpayment
    c = customer("US01", "refund")
    inv = invoice(c, date(2026, 6, 10), 3150000)
    r = receipt(c, date(2026, 7, 15), inv.amount + 1240000)
    App("receipt", r, inv, date(2026, 7, 15), inv.amount)
    back = Doc(c, "refund", "X", date(2026, 8, 5), 1240000, reason="overpayment returned")
    App("refund", r, back, date(2026, 8, 5), 1240000)

    # the insolvent customer: half of the oldest invoices written off in September
    c = customer("ES01", "insolvent")
    old = sorted((x for x in DOCS if x.cust is c and x.kind == "invoice" and x.due >= date(2026, 3, 1) and x.due < date(2026, 5, 1)), key=lambda x: x.due)
    for inv in old:
        App("write_off", None, inv, date(2026, 9, 24), inv.amount // 2, reason="concurso de acreedores")

    # an amount corrected in October: a September invoice typed in short, put right in the next extract
    c = BY_ID["ES01", "E007"]
    inv = invoice(c, date(2026, 9, 10), 1000000)
    inv.amount_at_load_2 = inv.amount + 55000
    STORY["correction"] = inv

    # two invoices whose dates are poor, but which count
    c = BY_ID["ES01", "E008"]
    early = invoice(c, date(2026, 9, 3), 64000, due=date(2026, 9, 1))
    missing = invoice(c, date(2026, 9, 7), 81000)
    missing.give_due, missing.terms = False, "30"
    STORY["due_before"], STORY["due_missing"] = early, missing


# ------------------------------------------------------------------ numbering

SERIES = {
    ("MX01", "F"): "A-%d", ("MX01", "S"): "SI-%d", ("MX01", "D"): "ND-%d", ("MX01", "N"): "NC-%d", ("MX01", "R"): "RE-%06d", ("MX01", "A"): "AN-%04d",
    ("MX02", "F"): "L-%d", ("MX02", "S"): "SI-%d", ("MX02", "D"): "ND-%d", ("MX02", "N"): "NC-%d", ("MX02", "R"): "RL-%06d",
    ("MX04", "F"): "MQ-%d", ("MX04", "S"): "SI-%d", ("MX04", "N"): "NC-%d", ("MX04", "R"): "RP-%d", ("MX04", "P"): "PG-%d",
    ("US01", "F"): "INV-%d", ("US01", "S"): "OB-%d", ("US01", "N"): "CM-%d", ("US01", "R"): "RCT-%d", ("US01", "X"): "RFD-%d",
    ("ES01", "F"): "F-%d", ("ES01", "S"): "AP-%d", ("ES01", "N"): "AB-%d", ("ES01", "R"): "CB-%d",
}
STARTS = {"F": 1001, "S": 1, "D": 11, "N": 101, "R": 2001, "A": 1, "P": 1, "X": 1}
SAP_START = {"F": 9000001, "N": 9500001, "R": 1400001, "S": 8000001}
APP_MARK = {"MX01": "AP%d", "MX02": "AL%d", "MX03": "SA%d", "MX04": "AM%d", "US01": "APP%d", "ES01": "AC%d"}


def number():
    counters = {}
    for d in sorted(DOCS, key=lambda d: (d.company, d.post, d.doc_date)):
        if d.of or d.payment:
            continue
        n = counters.get((d.company, d.series), 0)
        counters[d.company, d.series] = n + 1
        if d.company == "MX03":
            d.belnr = "%010d" % (SAP_START[d.series] + n)
            d.id = "%d-%d-1" % (d.post.year, int(d.belnr))  # ids lose their leading zeros when they are read
        else:
            d.id = SERIES[d.company, d.series] % (STARTS[d.series] + n)
    for d in DOCS:
        if d.of:
            d.id = d.of.id
        if d.payment:
            d.belnr, d.id = d.payment.belnr, d.payment.id[:-1] + "2"
    for a in sorted(APPS, key=lambda a: (a.company, a.post)):
        n = counters[a.company, "app"] = counters.get((a.company, "app"), 0) + 1
        a.id = APP_MARK[a.company] % n
    for n, (day, credits, debits) in enumerate(sorted(CLEARINGS, key=lambda c: c[0])):
        # SAP clears with the payment itself when it is posted that day, else with a clearing document of its own
        paying = [c for c in credits if c.post == day and c.kind == "receipt"]
        document = paying[0].belnr if len(paying) == 1 else "%010d" % (100000001 + n)
        for x in credits + debits:
            x.cleared = (day, document)


# ------------------------------------------------------------------ the answers' own arithmetic: item by item

def knows(x, k):
    return x.load <= k


def amount_of(d, k):
    return d.amount_at_load_2 if k >= 2 and d.amount_at_load_2 else d.amount


def due_of(d, t, k):
    if k >= 2 and d.due_from_october and t >= d.due_from_october[0]:
        return d.due_from_october[1]
    return d.due or d.post


REVERSED = {}  # document -> its reversal


def stands(a, t, k):
    """Whether an application counts on a day: posted, not undone, its receipt not reversed."""
    if a.undoes is not None or not knows(a, k) or a.effective > t:
        return False
    for other in UNDOES.get(a, []):
        if knows(other, k) and other.effective <= t:
            return False
    back = REVERSED.get(a.frm) if a.kind in PAIRS else None
    return not (back is not None and knows(back, k) and back.post <= t)


UNDOES, TO, FROM = {}, {}, {}


def index():
    for d in DOCS:
        if d.reverses is not None:
            REVERSED[d.reverses] = d
    for a in APPS:
        TO.setdefault(a.to, []).append(a)
        if a.frm is not None and a.kind in PAIRS:
            FROM.setdefault(a.frm, []).append(a)
        if a.undoes is not None:
            UNDOES.setdefault(a.undoes, []).append(a)


def open_of(d, t, k):
    """Open amount of an item in its currency: what it is worth less what stands against it."""
    if d.reverses is not None or not knows(d, k) or d.post > t:
        return 0
    back = REVERSED.get(d)
    if back is not None and knows(back, k) and back.post <= t:
        return 0
    value = SIGN[d.kind] * amount_of(d, k)
    value -= sum(a.amount for a in TO.get(d, []) if stands(a, t, k))
    value += sum(a.from_amount or a.amount for a in FROM.get(d, []) if stands(a, t, k))
    return value


def booked(d, k=2):
    """Value of a document in the books: amount at the rate of its posting day, exact by construction."""
    value = amount_of(d, k) * rate(d.post, d.currency, BOOKS[d.company])
    assert value.denominator == 1, (d.id, value)
    return int(value)


def open_booked(d, t, k):
    """Open amount in the books: the booked value in the share that is open (exact by construction)."""
    if d.currency == BOOKS[d.company]:
        return open_of(d, t, k)
    value = Fraction(booked(d, k) * open_of(d, t, k), amount_of(d, k))
    assert value.denominator == 1, (d.id, value)
    return int(value)


CLASS = {"invoice": "due", "debit_memo": "due", "note": "due", "credit_memo": "credits", "receipt": "unapplied", "refund": "unapplied", "advance": "advances", "adjustment": "due"}
BUCKETS = ["current", "1-30", "31-60", "61-90", "over 90", "unapplied", "credits", "advances"]


def bucket_of(d, t, k):
    if CLASS[d.kind] != "due":
        return CLASS[d.kind]
    late = (t - due_of(d, t, k)).days
    return "current" if late <= 0 else "1-30" if late <= 30 else "31-60" if late <= 60 else "61-90" if late <= 90 else "over 90"


CACHE = {}


def open_list(t, k):
    """Every open item of a day: (document, bucket, open, booked)."""
    if (t, k) not in CACHE:
        rows = []
        for d in DOCS:
            value = open_of(d, t, k)
            if value:
                rows.append((d, bucket_of(d, t, k), value, open_booked(d, t, k)))
        CACHE[t, k] = rows
    return CACHE[t, k]


def aging(t, k):
    out = {}
    for company in COMPANIES:
        for currency in sorted({d.currency for d in DOCS if d.company == company}):
            for b in BUCKETS:
                out[company, currency, b] = [0, 0]
    for d, b, value, company_value in open_list(t, k):
        out[d.company, d.currency, b][0] += value
        out[d.company, d.currency, b][1] += company_value
    return out


def total(t, k, **where):
    return sum(v for d, b, v, _ in open_list(t, k) if fits(d, b, where))


def total_booked(t, k, **where):
    return sum(v for d, b, _, v in open_list(t, k) if fits(d, b, where))


def fits(d, b, where):
    for key, wanted in where.items():
        value = {"company": d.company, "currency": d.currency, "bucket": b, "customer": d.cust.id}[key]
        if value != wanted:
            return False
    return True


def sales(company, first, last, k, value=booked):
    """Gross credit sales of a window in the books: invoices less returns and price memos, by posting day."""
    return sum(SIGN[d.kind] * value(d, k) for d in DOCS if d.company == company and first <= d.post <= last and knows(d, k) and d.effect in ("sale", "return", "price"))


def months_back(t):
    first = t.replace(day=1)
    while True:
        yield first, month_end(first.year, first.month)
        first = (first - days(1)).replace(day=1)


def dso(company, t, k):
    ar, current = total_booked(t, k, company=company), total_booked(t, k, company=company, bucket="current")
    spans = []
    for span in months_back(t):
        spans.append(span)
        if span[0] <= FIRST:
            break
    sold = [sales(company, a, b, k) for a, b in spans]
    length = [(b - a).days + 1 for a, b in spans]
    simple = Fraction(ar * length[0], sold[0])
    three = Fraction(ar * sum(length[:3]), sum(sold[:3]))
    best = Fraction(current * length[0], sold[0])
    best3 = Fraction(current * sum(length[:3]), sum(sold[:3]))
    left, count = ar, Fraction(0)
    for s, n in zip(sold, length):
        if left <= 0:
            break
        if left >= s:
            left, count = left - s, count + n
        else:
            count, left = count + Fraction(left, s) * n, 0
    return dict(open=ar, current=current, sales=sold[0], sales_3m=sum(sold[:3]), simple=simple, three=three, countback=count, best=best, best3=best3, add=simple - best, add3=three - best3)


def cash(company, first, last, k):
    """Cash of a window in the books: receipts and cash without a receipt, less what bounced, by posting day."""
    value = 0
    for d in DOCS:
        if d.company == company and d.kind == "receipt" and knows(d, k) and first <= d.post <= last:
            value += booked(d, k) * (-1 if d.reverses is not None else 1)
    for a in APPS:
        if a.company == company and a.kind == "receipt" and a.frm is None and knows(a, k) and first <= a.effective <= last:
            value += a.amount
    return value


def fx_of(a):
    """Exchange difference of an application: value of what paid less booked value of what was paid."""
    if a.kind not in PAIRS or a.frm is None or a.to.currency == BOOKS[a.company]:
        return 0
    paid = Fraction(booked(a.to) * a.amount, amount_of(a.to, 2))
    value = Fraction(booked(a.frm) * (a.from_amount or a.amount), a.frm.amount)
    difference = value - paid
    assert difference.denominator == 1
    return int(difference)


LINE = {"invoice": "billings", "debit_memo": "charges", "note": "charges", "credit_memo": "credits", "receipt": "receipts", "refund": "refunds", "advance": "advances", "adjustment": "adjustments"}
APP_LINE = {"discount": "discounts", "withholding": "withholdings", "fee": "fees", "write_off": "write_offs", "netting": "netting", "factoring": "factoring"}
LINES = ["opening", "prior_period", "billings", "charges", "receipts", "credits", "discounts", "withholdings", "fees", "write_offs", "netting", "factoring", "refunds", "advances", "adjustments", "inferred", "clearing", "fx_difference", "fx_revaluation", "reclass", "closing"]


def rollforward(company, currency, first, last, k0, k1):
    """Lines of the roll-forward in the currency and in the books, each from the facts of the window."""
    before = first - days(1)
    line = {n: [0, 0] for n in LINES}

    def both(t, k):
        return [total(t, k, company=company, currency=currency), total_booked(t, k, company=company, currency=currency)]

    line["opening"], line["closing"] = both(before, k0), both(last, k1)
    restated = both(before, k1)
    line["prior_period"] = [restated[i] - line["opening"][i] for i in (0, 1)]
    for d in DOCS:
        if d.company != company or d.currency != currency or not knows(d, k1) or not first <= d.post <= last:
            continue
        sign = -SIGN[d.kind] if d.reverses is not None else SIGN[d.kind]
        line[LINE[d.kind]][0] += sign * amount_of(d, k1)
        line[LINE[d.kind]][1] += sign * booked(d.reverses or d, k1)
    for a in APPS:
        if a.company != company or not knows(a, k1) or not first <= a.effective <= last:
            continue
        value = fx_of(a)
        if a.kind in PAIRS and a.frm is not None:
            own = {"receipt": "receipts", "credit": "credits", "advance": "advances", "refund": "refunds"}[a.kind]
            if a.undoes is None:
                paying = Fraction(booked(a.frm) * (a.from_amount or a.amount), a.frm.amount)
                assert paying.denominator == 1
                if a.to.currency == currency:
                    line[own][0] -= a.amount
                    line[own][1] -= int(paying)
                    line["fx_difference"][1] += value
                if a.frm.currency == currency:
                    line[own][0] += a.from_amount or a.amount
                    line[own][1] += int(paying)
        elif a.kind == "receipt" and a.to.currency == currency:
            line["receipts"][0] -= a.amount
            line["receipts"][1] -= a.amount
        elif a.kind == "clearing" and a.to.currency == currency:
            line["clearing"][0] -= a.amount
            line["clearing"][1] -= a.amount
        elif a.kind in APP_LINE and a.to.currency == currency:
            assert currency == BOOKS[company]
            line[APP_LINE[a.kind]][0] -= a.amount
            line[APP_LINE[a.kind]][1] -= a.amount
    for i in (0, 1):
        flows = sum(line[n][i] for n in LINES if n != "closing")
        assert flows == line["closing"][i], (company, currency, first, i, flows, line["closing"][i], line)
    return line


# ------------------------------------------------------------------ work of the collectors

def collectors_work():
    """Promises, contacts and more disputes, taken from what was past due in the middle of each month of 2026."""
    for m in range(1, 11):
        t = workday(date(2026, m, 15))
        late = [(v, d) for d, b, v, _ in open_list(t, 2) if b in BUCKETS[1:5] and not d.cust.counterparty and v > 500000 and d.load <= (1 if t <= DAY1 else 2)]
        late.sort(key=lambda x: (-x[0] * rate(t, x[1].currency, "MXN"), x[1].id))
        for n, (value, d) in enumerate(late[:9]):
            c = d.cust
            called = workday(t + days(n % 4))
            ACTIVITIES.append((c, d, called, "call" if n % 3 else "email", "right_party" if n % 2 else "no_answer"))
            if n % 2:
                promised = workday(called + days((7 if m < 10 else 18) + n))  # October's are still to come
                ACTIVITIES.append((c, d, workday(called + days(1)), "call", "promise"))
                PROMISES.append((c, d, workday(called + days(1)), promised, value if n % 4 == 1 else value // 2))
            elif n % 4 == 2:
                ACTIVITIES.append((c, d, workday(called + days(2)), "letter", "reached"))
    for cid, company, reason, share in (("C003", "MX01", "entrega", 1), ("C001", "MX01", "precio", 2), ("100002", "MX03", "calidad", 1), ("U006", "US01", "quantity", 3)):
        inv = next(d for d, b, v, _ in open_list(date(2026, 9, 28), 2) if d.company == company and d.cust.id == cid and b in BUCKETS[:3] and d.kind == "invoice" and d.load == 1)
        DISPUTES.append((inv, workday(inv.post + days(20)), None, reason, inv.amount // share // 100 * 100, None, inv.cust.collector))


# ------------------------------------------------------------------ writing

DIRTY = []  # (load, file, line, column, code, what, effect)


def plain(cents):
    return "%s%d.%02d" % ("-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100)


def spanish(cents):
    whole = "{:,}".format(abs(cents) // 100).replace(",", ".")
    return "%s%s,%02d" % ("-" if cents < 0 else "", whole, abs(cents) % 100)


def dmy(d):
    return d.strftime("%d/%m/%Y") if d else ""


def ymd(d):
    return d.strftime("%Y%m%d") if d else ""


class Sheet:
    """One file of an extract. Rows may carry a remark, which lists them in DIRTY_ROWS.md with the line they end up on."""

    def __init__(self, load, path, header, delimiter=",", encoding="utf-8", eol="\n", before=(), after=()):
        self.load, self.path, self.header, self.delimiter = load, path, header, delimiter
        self.encoding, self.eol, self.before, self.after, self.rows = encoding, eol, before, after, []

    def add(self, *fields, remark=None):
        assert len(fields) == len(self.header) or remark, (self.path, fields)
        self.rows.append(([("" if f is None else str(f)) for f in fields], remark))

    def put(self, share, fields, column, code, what, effect="set aside"):
        """Puts a dirty row about that far down the file."""
        self.rows.insert(int(len(self.rows) * share), ([str(f) for f in fields], (column, code, what, effect)))

    def write(self):
        if not self.rows:
            return
        used = [i for i, name in enumerate(self.header) if self.delimiter == ";" or "/sap/" in self.path or any(len(r) > i and r[i] for r, _ in self.rows)]
        lines = list(self.before) + [self.delimiter.join(self.header[i] for i in used)]
        for fields, remark in self.rows:
            fields = [fields[i] for i in used if i < len(fields)]
            lines.append(self.delimiter.join('"%s"' % f.replace('"', '""') if self.delimiter in f or '"' in f else f for f in fields))
            if remark:
                DIRTY.append((self.load, self.path, len(lines)) + remark)
        lines += list(self.after)
        full = os.path.join(OUT, self.path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write((self.eol.join(lines) + self.eol).encode(self.encoding))


def text(path, content):
    full = os.path.join(OUT, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8", newline="\n") as f:
        f.write(content)


OVERLAP = date(2026, 9, 21)  # October's increment repeats the last days of September


def in_load(x, load):
    """Whether a document or application stands in an extract of that load."""
    day = x.post
    if load == 1:
        return x.load == 1
    return x.load == 2 or day >= OVERLAP


def by_posting(rows):
    return sorted(rows, key=lambda d: (d.post, d.company, d.id, getattr(d, "inst", 0)))


CODE = {"MX01": "ACE", "MX02": "LOG"}
MONEDA = {"MXN": "M.N.", "USD": "DLS"}


def norte(load, day):
    """The Spanish ERP of MX01 and MX02: four kinds of list, semicolons, windows-1252, decimal comma, a title and a total line."""
    folder = "extracts/%s/norte/" % day

    def sheet(name, title, header):
        return Sheet(load, folder + name, header, ";", "cp1252", "\r\n", before=("Grupo Industrial Sierra Alta - " + title, "Emitido al " + dmy(day)))

    def finish(s, total):
        s.after = (s.delimiter.join(["Total general"] + [""] * (len(s.header) - 2) + [total]),)
        s.write()

    clients = sheet("clientes.csv", "Catálogo de clientes", ["Empresa", "Cliente", "Razón social", "RFC", "País", "Segmento", "Giro", "Días de crédito", "Límite de crédito", "Moneda límite", "Gestor", "Estatus", "Parte relacionada", "Correo"])
    for c in CUSTOMERS:
        if c.company in CODE:
            limit, status = c.limit, "A"
            if load == 2 and c.manner == "slow":
                limit, status = 18000000, "R"
            clients.add(CODE[c.company], c.id, c.name, c.tax, c.country, c.segment, c.industry, c.terms, spanish(limit * 100) if limit else "", c.currency if limit else "", c.collector, status, c.counterparty, c.email)
    finish(clients, str(len(clients.rows)))

    bills = sheet("facturas.csv", "Facturas y notas de cargo", ["Empresa", "Serie", "Folio", "Tipo", "Cliente", "Fecha", "Fecha contable", "Vencimiento", "Moneda", "Subtotal", "IVA", "Retención", "Total", "Pedido", "Concepto"])
    memos = sheet("notas_credito.csv", "Notas de crédito", ["Empresa", "Serie", "Folio", "Cliente", "Fecha", "Moneda", "IVA", "Total", "Motivo", "Factura", "Concepto"])
    cash_in = sheet("pagos.csv", "Pagos, anticipos y cheques devueltos", ["Empresa", "Recibo", "Tipo", "Cliente", "Fecha", "Moneda", "Importe", "Referencia", "Recibo cancelado"])
    uses = sheet("aplicaciones.csv", "Aplicaciones", ["Empresa", "Aplicación", "Tipo", "Origen", "Destino", "Fecha", "Importe", "Importe origen", "Deshace", "Motivo"])
    for d in by_posting(d for d in DOCS if d.company in CODE and in_load(d, load)):
        co, money = CODE[d.company], MONEDA[d.currency]
        serie, _, folio = d.id.partition("-")
        if d.kind in ("invoice", "debit_memo"):
            kind = "SIN" if d.series == "S" else "FAC" if d.kind == "invoice" else "INT" if d.effect == "interest" else "CAR"
            bills.add(co, serie, folio, kind, d.cust.id, dmy(d.doc_date), dmy(d.post) if d.post != d.doc_date else "", dmy(d.due), money, spanish(d.amount - d.tax + d.withheld), spanish(d.tax), spanish(d.withheld), spanish(d.amount), d.ref, d.reason if d.kind == "debit_memo" else "")
        elif d.kind == "credit_memo":
            memos.add(co, serie, folio, d.cust.id, dmy(d.post), money, spanish(d.tax), spanish(d.amount), {"return": "DEV", "price": "PRE", "rebate": "BON"}[d.effect], d.ref.id if d.ref else "", d.reason)
        else:
            kind = "ANT" if d.kind == "advance" else "CHD" if d.reverses else "PAG"
            cash_in.add(co, d.id, kind, d.cust.id, dmy(d.post), money, spanish(d.amount), d.ref or d.reason, d.reverses.id if d.reverses else "")
    kinds = {"receipt": "PAGO", "credit": "NC", "advance": "ANTICIPO", "netting": "COMP", "write_off": "CASTIGO"}
    for a in by_posting(a for a in APPS if a.company in CODE and in_load(a, load)):
        uses.add(CODE[a.company], a.id, kinds[a.kind], a.frm.id if a.frm else "", a.to.id, dmy(a.post), spanish(a.amount), spanish(a.from_amount) if a.from_amount else "", a.undoes.id if a.undoes else "", a.reason)

    def bad(folio, cust="C002", kind="FAC", when="10/08/2026", due="09/09/2026", money="M.N.", sub="1.077,59", iva="172,41", total="1.250,00"):
        return ["ACE", "A", folio, kind, cust, when, "", due, money, sub, iva, "0,00", total, "", ""]

    if load == 1:
        bills.put(0.55, bad("90001", when="31/02/2026"), "Fecha", "date_invalid", "31 February")
        bills.put(0.62, bad("90002", total="1.250,505"), "Total", "amount_decimals", "three decimals")
        bills.put(0.70, bad("90003", kind="FX"), "Tipo", "row_unmapped", "a kind of document that the profile does not map")
        bills.put(0.78, bad("90004", cust=""), "Cliente", "value_missing", "no customer")
        again = bills.rows[int(len(bills.rows) * 0.9)][0]
        bills.put(0.95, again, "", "duplicate_row", "an invoice listed twice, word for word", "counts once")
        cash_in.put(0.5, ["ACE", "RE-90001", "PAG", "C004", "12/03/2026", "M.N.", "850,00"], "", "row_ragged", "two fields too few")
        uses.put(0.4, ["ACE", "AP90001", "PAGO", "RE-002100", "A-1040", "03/02/2025", "1.2O0,00", "", "", ""], "Importe", "amount_invalid", "the letter O for a zero")
        w = STORY["waits"]
        uses.put(0.99, ["ACE", "AP90002", "PAGO", w.id, "A-99999", dmy(w.post), spanish(w.amount), "", "", ""], "Destino", "application_waits", "an application to an invoice that never comes", "waits; its receipt stays unapplied")
    else:
        cash_in.put(0.5, ["ACE", "RE-90002", "PAG", "C004", "31/09/2026", "M.N.", "640,00", "", ""], "Fecha", "date_invalid", "31 September")
    for s, column in ((bills, "Total"), (memos, "Total"), (cash_in, "Importe"), (uses, "Importe")):
        finish(s, "")
    text(folder + "extract.toml", 'profile = "../../../profiles/sierra_es.toml"\nday = %s\nmode = "add"\n' % day)


SAP_TYPE = {"invoice": "RV", "adjustment": "UE", "credit_memo": "DG", "receipt": "DZ"}


def sap(load, day):
    """MX03's line items as SAP exports them: BSID what is open on the day, BSAD what was cleared."""
    folder = "extracts/%s/sap/" % day
    header = ["MANDT", "BUKRS", "KUNNR", "UMSKZ", "AUGDT", "AUGBL", "ZUONR", "GJAHR", "BELNR", "BUZEI", "BUDAT", "BLDAT", "WAERS", "XBLNR", "BLART", "SHKZG", "DMBTR", "WRBTR", "MWSTS", "SGTXT", "HKONT", "ZFBDT", "ZTERM", "ZBD1T", "ZBD2T", "ZBD3T", "REBZG", "REBZJ", "REBZZ"]
    bsid, bsad = Sheet(load, folder + "bsid.csv", header), Sheet(load, folder + "bsad.csv", header)
    for d in by_posting(d for d in DOCS if d.company == "MX03" and d.load <= load):
        cleared = d.cleared if d.cleared and d.cleared[0] <= day else None
        if load == 2 and cleared and cleared[0] < OVERLAP:
            continue
        debit = SIGN[d.kind] > 0
        term = "Z%03d" % d.cust.terms if debit else ""
        amount, base = d.amount + (d.residual.amount if d.residual else 0), d.root or d
        root = [d.root.belnr, d.root.post.year, "001"] if d.root else ["", "0000", "000"]
        (bsad if cleared else bsid).add(
            "100", "MX03", d.cust.id.zfill(10), "", ymd(cleared[0]) if cleared else "", cleared[1] if cleared else "", "", d.post.year, d.belnr, d.id[-1:].zfill(3), ymd(d.post), ymd(d.doc_date), d.currency,
            d.ref if isinstance(d.ref, str) else d.ref.belnr if d.ref else "", "DZ" if d.payment else SAP_TYPE[d.kind], "S" if debit else "H", plain(amount * booked(d) // d.amount), plain(amount), plain(d.tax), d.reason, CONTROL["MX03"].zfill(10),
            ymd(base.doc_date), term, str(d.cust.terms) if debit else "0", "0", "0", *root)
    if load == 1:
        row = ["100", "MX03", "0000100003", "", "", "", "", "2026", "0009900001", "001", "20260931", "20260930", "MXN", "", "RV", "S", "720.00", "720.00", "99.31", "", CONTROL["MX03"].zfill(10), "20260930", "Z030", "30", "0", "0", "", "0000", "000"]
        bsid.put(0.5, row, "BUDAT", "date_invalid", "31 September")
    for s in (bsid, bsad):
        s.write()
    text(folder + "extract.toml", 'profile = "sap_bsid_bsad"\nday = %s\nmode = "add"\n' % day)


GL_DAYS = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 8, 31), DAY1]
JOURNAL = ("MX02", "GJ-2026-0915", date(2026, 9, 25), 4850000)  # a manual journal on the control account of MX02


def gl_balance(company, currency, t, k):
    value, books = total(t, k, company=company, currency=currency), total_booked(t, k, company=company, currency=currency)
    if company == JOURNAL[0] and t >= JOURNAL[2]:
        value, books = value + JOURNAL[3], books + JOURNAL[3]
    return value, books


CURRENCIES = {}


def canonical(load, day):
    """Everything that comes in our own columns: shared tables, the documents of MX04, US01 and ES01, the customers of MX03 too."""
    folder = "extracts/%s/canonical/" % day
    own = ("MX04", "US01", "ES01")

    def sheet(name, *header):
        return Sheet(load, folder + name + ".csv", list(header))

    if load == 1:
        s = sheet("companies", "company_id", "name", "country", "functional_currency", "tax_id", "control_account")
        for c, v in COMPANIES.items():
            s.add(c, *v)
        s.write()
        s = sheet("collectors", "collector_id", "name", "team")
        for c in COLLECTORS:
            s.add(*c)
        s.write()
    s = sheet("customers", "company_id", "customer_id", "valid_from", "name", "tax_id", "counterparty_company_id", "country", "language", "segment", "industry", "payment_terms", "credit_limit", "credit_currency", "collector_id", "status", "email")
    for c in CUSTOMERS:
        insolvent = load == 2 and c.manner == "insolvent"
        if c.company in own + ("MX03",) and (load == 1 or insolvent):
            s.add(c.company, c.id, "2026-10-15" if insolvent else "", c.name, c.tax, c.counterparty, c.country, "en" if c.country == "US" else "es", c.segment, c.industry, c.terms, plain(c.limit * 100) if c.limit else "", c.currency if c.limit else "", c.collector, "insolvent" if insolvent else "active", c.email)
    s.write()
    s = sheet("fx_rates", "rate_date", "currency", "to_currency", "source", "rate")
    for (d, a, b), r in sorted(RATES.items()):
        if (d <= DAY1) == (load == 1):
            s.add(d, a, b, "sierra", "%d.%04d" % (r // 10000, r % 10000))
    s.write()

    docs = sheet("documents", "company_id", "document_id", "instalment", "document_kind", "customer_id", "document_date", "posting_date", "due_date", "currency", "amount", "tax_amount", "sales_effect", "payment_terms", "reference", "reason", "reverses_document_id", "effective_date")
    instalments = {d.id for d in DOCS if d.of}
    for d in by_posting(d for d in DOCS if d.company in own and (in_load(d, load) or load == 2 and (d.amount_at_load_2 or d.due_from_october))):
        changed = d.due_from_october if load == 2 and d.due_from_october else None
        due = (changed[1] if changed else d.due) if d.give_due and CLASS[d.kind] == "due" else None
        docs.add(d.company, d.id, d.inst if d.company == "MX04" and d.id in instalments else "", d.kind, d.cust.id, d.doc_date, d.post if d.post != d.doc_date else "", due, d.currency, plain(amount_of(d, load)), plain(d.tax) if d.tax else "", d.effect_given, d.terms, d.ref if isinstance(d.ref, str) else d.ref.id if d.ref else "", d.reason, d.reverses.id if d.reverses else "", changed[0] if changed else "")
    uses = sheet("applications", "company_id", "application_id", "kind", "from_document_id", "to_document_id", "instalment", "posting_date", "amount", "from_amount", "undoes_application_id", "reason")
    for a in by_posting(a for a in APPS if a.company in own and in_load(a, load)):
        uses.add(a.company, a.id, a.kind, a.frm.id if a.frm else "", a.to.id, a.to.inst if a.to.id in instalments and a.company == "MX04" else "", a.post, plain(a.amount), plain(a.from_amount) if a.from_amount else "", a.undoes.id if a.undoes else "", a.reason)

    def bad(company, number, kind="invoice", cust="E001", currency="EUR", amount="480.00", inst=""):
        return [company, number, inst, kind, cust, "2026-07-08", "", "2026-09-06", currency, amount, "", "", "", "", "", "", ""]

    def remark(number, column, code, what):
        for i, (fields, old) in enumerate(docs.rows):
            if fields[1] == number:
                docs.rows[i] = (fields, (column, code, what, "loaded"))

    if load == 1:
        docs.put(0.50, bad("ES01", "F-90001", currency="EURO"), "currency", "currency_unknown", "a currency that does not exist")
        docs.put(0.60, bad("US01", "INV-90001", kind="invioce", cust="U002", currency="USD"), "document_kind", "enum_unknown", "an unknown kind of document")
        docs.put(0.70, bad("ES01", "F-90002", amount="-480.00"), "amount", "amount_sign", "a negative invoice")
        docs.put(0.80, bad("MX09", "X-1", cust="X1", currency="MXN"), "company_id", "company_unknown", "a company that is not ours")
        docs.put(0.85, bad("MX04", "MQ-90001", cust="M001", currency="MXN", inst="two"), "instalment", "integer_invalid", "a number in words")
        remark(STORY["due_before"].id, "due_date", "due_before_issue", "due before it was issued")
        remark(STORY["due_missing"].id, "due_date", "due_date_missing", "no due date: computed from its terms, 30 days")
    else:
        docs.put(0.5, bad("US01", "INV-90002", cust="U001", currency="USD", amount="1,250.00"), "amount", "amount_invalid", "a thousands mark where none is declared")
    docs.write()
    uses.write()

    s = sheet("disputes", "company_id", "dispute_id", "document_id", "opened_date", "closed_date", "reason", "amount", "currency", "outcome", "owner_id")
    for n, (inv, opened, closed, reason, amount, outcome, owner) in enumerate(sorted(DISPUTES, key=lambda x: (x[1], x[0].id))):
        seen = closed if closed and closed <= day else None
        if opened <= day and (load == 1 or opened > DAY1 or (seen and seen > DAY1)):
            s.add(inv.company, "DSP-%03d" % (n + 1), inv.id, opened, seen, reason, plain(amount), inv.currency, outcome if seen else "", owner)
    s.write()
    s = sheet("promises", "company_id", "promise_id", "customer_id", "document_id", "collector_id", "taken_date", "promise_date", "amount", "currency")
    for n, (c, d, taken, promised, amount) in enumerate(PROMISES):
        if (taken <= DAY1) == (load == 1):
            s.add(c.company, "P-%03d" % (n + 1), c.id, d.id, c.collector, taken, promised, plain(amount), d.currency)
    s.write()
    s = sheet("activities", "company_id", "activity_id", "customer_id", "document_id", "collector_id", "activity_date", "kind", "outcome")
    for n, (c, d, when, kind, outcome) in enumerate(ACTIVITIES):
        if (when <= DAY1) == (load == 1):
            s.add(c.company, "ACT-%03d" % (n + 1), c.id, d.id, c.collector, when, kind, outcome)
    if load == 1:
        twice = list(s.rows[-1][0])
        twice[6] = "visit"
        s.rows.append((twice, ("activity_id", "duplicate_key", "the same contact twice with different content", "set aside")))
    s.write()
    s = sheet("exposures", "company_id", "customer_id", "as_of", "kind", "amount", "currency")
    for c, as_of, kind, amount, at in EXPOSURES:
        if at == load:
            s.add(c.company, c.id, as_of, kind, plain(amount), c.currency)
    s.write()
    s = sheet("collector_targets", "collector_id", "month", "currency", "amount")
    for (collector, first, currency), amount in sorted(TARGETS.items()):
        if (first <= DAY1) == (load == 1):
            s.add(collector, first.strftime("%Y-%m"), currency, plain(amount))
    s.write()
    s = sheet("gl_balances", "company_id", "account", "as_of", "currency", "balance", "company_balance")
    for t in GL_DAYS + [DAY2]:
        for company in COMPANIES:
            for currency in CURRENCIES[company]:
                now = gl_balance(company, currency, t, load)
                if t <= day and (load == 1 or t == DAY2 or now != gl_balance(company, currency, t, 1)):
                    s.add(company, CONTROL[company], t, currency, plain(now[0]), plain(now[1]))
    s.write()
    if load == 1:
        s = sheet("gl_items", "company_id", "account", "item_id", "posting_date", "cleared_date", "currency", "amount", "cause")
        s.add(JOURNAL[0], CONTROL[JOURNAL[0]], JOURNAL[1], JOURNAL[2], "", "MXN", plain(JOURNAL[3]), "manual_journal")
        s.write()
    text(folder + "extract.toml", 'profile = "canonical"\nday = %s\nmode = "add"\n' % day)


TARGETS = {}  # (collector, first of month, currency) -> amount


def collector_cash(collector, first, last, k, currency):
    value = Fraction(0)
    for d in DOCS:
        if d.cust.collector == collector and not d.cust.counterparty and d.kind == "receipt" and knows(d, k) and first <= d.post <= last:
            value += d.amount * rate(d.post, d.currency, currency) * (-1 if d.reverses is not None else 1)
    for a in APPS:
        if a.kind == "receipt" and a.frm is None and a.to.cust.collector == collector and knows(a, k) and first <= a.effective <= last:
            value += a.amount * rate(a.effective, a.to.currency, currency)
    return value


def targets():
    money = {"G05": "USD", "G06": "EUR"}
    for c, _, _ in COLLECTORS:
        currency = money.get(c, "MXN")
        for n in range(12):
            y, m = (2025, 11 + n) if n < 2 else (2026, n - 1)
            came = collector_cash(c, date(y, m, 1), month_end(y, m), 2, currency)
            TARGETS[c, date(y, m, 1), currency] = int(came * RNG.randint(93, 112) / 100) // 1000000 * 1000000


# ------------------------------------------------------------------ the answers

ANSWERS = []


def quoted(value):
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


def answer(query, arguments, known_at, where, column, equals, why, within=None):
    ANSWERS.append((query, arguments, known_at, where, column, equals, why, within))


def four(fraction):
    n = half_up(fraction, 4)
    return "%s%d.%04d" % ("-" if n < 0 else "", abs(n) // 10000, abs(n) % 10000)


def group_value(rows, t):
    """Open amounts at the closing rates of the day, in hundredths of the group's currency, unrounded."""
    return sum((v * rate(t, d.currency, "MXN") for d, _, v, _ in rows), Fraction(0))


def group_sales(first, last, k):
    return sum((SIGN[d.kind] * amount_of(d, k) * rate(d.post, d.currency, "MXN") for d in DOCS if first <= d.post <= last and knows(d, k) and d.effect in ("sale", "return", "price") and not d.cust.counterparty), Fraction(0))


def answers():
    # 1 aging
    for t, k in ((DAY1, 1), (DAY2, 2)):
        for (company, currency, b), (value, _) in aging(t, k).items():
            why = {"unapplied": "receipts less what was applied of them", "credits": "credit memos less what was applied of them", "advances": "advances less what was applied of them"}.get(b, "debits less applications, by due day")
            if value or b in BUCKETS[:5] and currency == BOOKS[company]:
                answer("aging", [t], k, dict(company_id=company, currency=currency, bucket=b), "open_amount", plain(value), why)
    for company, currency in (("MX01", "MXN"), ("ES01", "EUR")):
        value = total(DAY1, 2, company=company, currency=currency)
        answer("aging", [DAY1], 2, dict(company_id=company, currency=currency), "open_amount", plain(value), "September as restated in October: the back-dated receipt or the corrected invoice is in it")
    for company in ("MX01", "MX03"):
        answer("aging", [DAY2], 2, dict(company_id=company, currency="USD"), "open_amount_company", plain(total_booked(DAY2, 2, company=company, currency="USD")), "open dollars at the rate each was booked at")

    # 2 the group at closing rates, intercompany left out
    for t, k in ((DAY1, 1), (DAY2, 2)):
        rows = [r for r in open_list(t, k) if not r[0].cust.counterparty]
        for b in BUCKETS:
            value = half_up(group_value([r for r in rows if r[1] == b], t))
            answer("aging_group", [t], k, dict(scope="group", bucket=b), "open_amount", plain(value), "each currency's open amount x closing rate of the last business day, without intercompany customers", "0.05")

    # 3 DSO
    for t in (date(2026, 8, 31), DAY1, DAY2):
        for company in COMPANIES:
            d = dso(company, t, 2)
            where = dict(scope="company", company_id=company)
            answer("dso", [t], 2, where, "open_amount", plain(d["open"]), "all open items in the books' currency at booked rates")
            answer("dso", [t], 2, where, "sales_amount", plain(d["sales"]), "invoices less returns and price memos posted in the month")
            answer("dso", [t], 2, where, "dso_simple_days", four(d["simple"]), "open / sales of the month x days of the month", "0.0001")
            answer("dso", [t], 2, where, "dso_3m_days", four(d["three"]), "open / sales of three months x their calendar days", "0.0001")
            answer("dso", [t], 2, where, "dso_countback_days", four(d["countback"]), "months' sales taken off the open amount backwards until it is used up", "0.0001")
            answer("dso", [t], 2, where, "best_possible_dso_days", four(d["best"]), "what is not yet due / sales of the month x days of the month", "0.0001")
            answer("dso", [t], 2, where, "average_days_delinquent_days", four(d["add"]), "DSO less best possible DSO, both of the month", "0.0001")
    for t in (DAY1, DAY2):
        rows = [r for r in open_list(t, 2) if not r[0].cust.counterparty]
        ar = group_value(rows, t)
        spans = [s for s, _ in zip(months_back(t), range(3))]
        n = (t - spans[2][0]).days + 1
        answer("dso", [t], 2, dict(scope="group"), "dso_3m_days", four(ar * n / group_sales(spans[2][0], t, 2)), "group open at closing rates / three months' sales at posting-day rates x days, without intercompany", "0.01")

    # 4 CEI of October
    for company in COMPANIES:
        d = dso(company, DAY2, 2)
        beginning = total_booked(DAY1, 2, company=company)
        where = dict(scope="company", company_id=company)
        arguments = [date(2026, 10, 1), DAY2]
        answer("collection_effectiveness", arguments, 2, where, "beginning_amount", plain(beginning), "open on 30 September as known in October")
        answer("collection_effectiveness", arguments, 2, where, "ending_current_amount", plain(d["current"]), "open on 31 October and not yet due")
        answer("collection_effectiveness", arguments, 2, where, "cash_amount", plain(cash(company, arguments[0], DAY2, 2)), "receipts posted in October less cheques that bounced in it, whether applied or not")
        cei = Fraction((beginning + d["sales"] - d["open"]) * 100, beginning + d["sales"] - d["current"])
        answer("collection_effectiveness", arguments, 2, where, "cei_pct", four(cei), "(beginning + sales - ending) / (beginning + sales - ending current) x 100", "0.0001")

        late = [total_booked(DAY2, 2, company=company, bucket=b) for b in BUCKETS[1:5]]
        answer("kpis", [DAY2], 2, where, "past_due_amount", plain(sum(late)), "what fell due before 31 October, in the books' currency")
        answer("kpis", [DAY2], 2, where, "over_90_amount", plain(late[3]), "what fell due before 2 August")

    # 5 roll-forward of October
    whys = {"opening": "balance of 30 September as it was reported in September", "prior_period": "learned in October about days before it", "closing": "balance of 31 October"}
    for company in COMPANIES:
        for currency in CURRENCIES[company]:
            line = rollforward(company, currency, date(2026, 10, 1), DAY2, 1, 2)
            for name in LINES:
                value, books = line[name]
                if value or name in ("opening", "prior_period", "closing"):
                    answer("rollforward", [date(2026, 10, 1), DAY2, 1], 2, dict(company_id=company, currency=currency, line=name), "amount", plain(value), whys.get(name, "sum of what was posted in October under this line"))
                if currency != BOOKS[company] and (books or value):
                    answer("rollforward", [date(2026, 10, 1), DAY2, 1], 2, dict(company_id=company, currency=currency, line=name), "company_amount", plain(books), "the same in the currency of the books: documents at their posting-day rate, settlements at what came in, the rest is fx_difference")
    answer("rollforward", [date(2026, 10, 1), DAY2, 1], 2, dict(company_id="MX01", currency="MXN", line="prior_period"), "amount", plain(-STORY["backdated_receipt"].amount), "exactly the receipt posted 28 September and learned in October")
    answer("rollforward", [date(2026, 10, 1), DAY2, 1], 2, dict(company_id="ES01", currency="EUR", line="prior_period"), "amount", "550.00", "exactly the correction of one September invoice by 550.00")

    # 6 tie-out
    for t, k in ((DAY1, 1), (DAY1, 2), (DAY2, 2)):
        for company in COMPANIES:
            for currency in CURRENCIES[company]:
                value, gl = total(t, k, company=company, currency=currency), gl_balance(company, currency, t, k)[0]
                where = dict(company_id=company, account=CONTROL[company], currency=currency)
                answer("tie_out", [t], k, where, "subledger_amount", plain(value), "sum of open items")
                if k == 1 or t == DAY2:
                    answer("tie_out", [t], k, where, "difference_amount", plain(gl - value), "the manual journal %s on the control account" % JOURNAL[1] if gl != value else "the GL ties to the cent")
                answer("tie_out", [t], k, where, "unexplained_amount", "0.00", "every difference is listed in gl_items")
                answer("tie_out", [t], k, where, "state", "explained" if gl != value else "ties", "ties, but for the one manual journal")

    # 7 the ten characters
    for name, company, manner in CHARACTERS:
        c = customer(company, manner)
        for t, k in ((DAY1, 1), (DAY2, 2)):
            for currency in sorted({d.currency for d in DOCS if d.cust is c}):
                answer("aging_by_customer", [t], k, dict(company_id=company, customer_id=c.id, currency=currency), "open_amount", plain(total(t, k, company=company, customer=c.id, currency=currency)), name + ": everything open, all buckets and unapplied amounts together")
    for document, t, k, why in (
        ("cheque_1_invoice", date(2026, 2, 27), 1, None), ("cheque_3_invoice", DAY2, 2, "paid by a cheque that bounced: open again"), ("backdated_invoice", DAY1, 1, "the receipt is not known yet"),
        ("backdated_invoice", DAY1, 2, "the receipt posted 28 September is known"), ("chain_1", DAY2, 2, "credited in full"), ("chain_2", DAY2, 2, "billed again, less price memo and part of the rebate"),
        ("chain_rebate", DAY2, 2, "what is left of the rebate"), ("note", DAY2, 2, "the note stands for two invoices"), ("correction", DAY1, 1, "as first typed"), ("correction", DAY1, 2, "as corrected"),
        ("instalment_1", DAY2, 2, "six instalments of 150,000 less those paid"), ("advance_invoice", DAY2, 2, "1,740,000 less the advance of 500,000 and what was paid"), ("open_advance", DAY2, 2, "an advance not used yet"),
        ("deposit_1", DAY2, 2, "a deposit nobody explained"), ("waits", DAY2, 2, "its application waits for an invoice that never comes")):
        if why is None:
            continue
        d = STORY[document]
        value = sum(open_of(x, t, k) for x in DOCS if x.company == d.company and x.id == d.id)
        answer("open_items", [t], k, dict(company_id=d.company, document_id=d.id), "open_amount", plain(value), why)
    e = STORY["extension"]
    answer("open_items", [DAY1], 2, dict(company_id="MX04", document_id=e.id), "days_late", str((DAY1 - e.due).days), "September keeps the due day of then, whatever was agreed later")
    answer("open_items", [DAY2], 2, dict(company_id="MX04", document_id=e.id), "days_late", str((DAY2 - e.due_from_october[1]).days), "due on 30 November since the extension of 20 October")
    c = customer("MX01", "slow")
    late = sum(total(DAY2, 2, company="MX01", customer=c.id, bucket=b) for b in BUCKETS[1:5])
    answer("top_past_due", [DAY2], 2, dict(owner_id="MX01", customer_id=c.id), "past_due_amount", plain(late), "the slow payer's items due before 31 October")
    answer("collector_scorecard", [date(2026, 10, 1), DAY2], 2, dict(collector_id="G01"), "cash_amount", plain(half_up(collector_cash("G01", date(2026, 10, 1), DAY2, 2, "MXN"))), "receipts of the collector's customers posted in October, less the cheque that bounced")
    answer("collector_scorecard", [date(2026, 10, 1), DAY2], 2, dict(collector_id="G01"), "target_amount", plain(TARGETS["G01", date(2026, 10, 1), "MXN"]), "the target of October")

    # 8 what the dirty rows come to
    for kind, query, column in ((True, "rejects_summary", "row_count"), (False, "findings_summary", "finding_count")):
        counts = {}
        for load, _, _, _, code, _, effect in DIRTY:
            if (effect == "set aside") == kind:
                counts[load, code] = counts.get((load, code), 0) + 1
        if not kind:
            counts[1, "cash_without_receipt"] = sum(1 for a in APPS if a.kind == "receipt" and a.frm is None and a.load == 1)
            for load in (1, 2):
                n = sum(1 for d in DOCS if d.reverses is not None and d.load == load for a in FROM[d.reverses] if a.undoes is None and not UNDOES.get(a))
                if n:
                    counts[load, "application_on_reversed"] = n
        for (load, code), n in sorted(counts.items()):
            answer(query, [], load, dict(load_id=load, code=code), column, str(n), "DIRTY_ROWS.md lists them" if (load, code) not in ((1, "cash_without_receipt"),) and code != "application_on_reversed" else "see the README")


CHARACTERS = [  # name, company, manner; in the order of the README
    ("slow payer", "MX01", "slow"), ("short payer", "US01", "short"), ("disputer", "ES01", "disputer"), ("over limit", "MX04", "over_limit"), ("bouncing cheque", "MX02", "bounce"),
    ("unapplied deposit", "MX03", "deposit"), ("credit-memo chain", "MX04", "chain"), ("back-dated posting", "MX01", "backdated"), ("early payer", "US01", "early"), ("insolvent", "ES01", "insolvent"),
]


def write_answers():
    out = [
        "# Answers to the sample project, worked out item by item from the invention (make_sample.py), not by the program.",
        "# Each: ask `query` with `arguments` as known at load `known_at`; take the rows that match `where`; the sum of their",
        "# `column` (or its one text) equals `equals`, within `within` where a rounding may fall either way.",
        "# Load 1 is the extract of 2026-09-30, load 2 that of 2026-10-31.",
        "",
    ]
    for query, arguments, known_at, where, column, equals, why, within in ANSWERS:
        given = ", ".join(str(a) if isinstance(a, int) else quoted(a) for a in arguments)
        match = ", ".join("%s = %s" % (k, v if isinstance(v, int) else quoted(v)) for k, v in where.items())
        out += ["[[answer]]", "query = %s" % quoted(query), "arguments = [%s]" % given, "known_at = %d" % known_at, "where = { %s }" % match, "column = %s" % quoted(column), "equals = %s" % quoted(equals)]
        if within:
            out.append("within = %s" % quoted(within))
        out += ["why = %s" % quoted(why), ""]
    text("known_answers.toml", "\n".join(out))


def write_readme():
    def money(value, currency):
        return "%s %s" % (currency, "{:,.2f}".format(Decimal(value) / 100))

    def owed(company, manner, t=DAY2, k=2):
        c = customer(company, manner)
        return ", ".join(money(total(t, k, company=company, customer=c.id, currency=u), u) for u in sorted({d.currency for d in DOCS if d.cust is c}))

    def story(name):
        return "`%s`" % STORY[name].id

    watch = {
        "slow": "pays a week late until May 2026, then 2½, then almost 4 months: the steel company's DSO climbs from July on; on hold, limit cut, charged interest (%s)" % story("interest"),
        "short": "pays every invoice 1.2 to 3 % short; some of it is written off, some credited, the rest grows old",
        "disputer": "disputes about every third invoice for two to three months; see `disputes`",
        "over_limit": "limit MXN 2,500,000.00 against what is open and MXN 1,200,000.00 of open orders",
        "bounce": "three cheques bounced; %s, credited in September, bounced on %s: the invoice %s is open again and a charge %s was made" % (story("cheque_3"), STORY["cheque_3_reversal"].post, story("cheque_3_invoice"), story("cheque_3_charge")),
        "deposit": "three deposits without a reference (%s, %s, %s) lie unapplied; four items were cleared together without pairing" % (story("deposit_1"), story("deposit_2"), story("deposit_3")),
        "chain": "billed %s, credited in full %s, billed again %s, price corrected %s, rebate %s of which 20,000.00 is unused" % tuple(story(n) for n in ("chain_1", "chain_full", "chain_2", "chain_price", "chain_rebate")),
        "backdated": "the receipt %s was posted on 28 September and learned in October: September restated differs by %s" % (story("backdated_receipt"), money(STORY["backdated_receipt"].amount, "MXN")),
        "early": "pays within ten days and takes 2 %",
        "insolvent": "paid nothing that fell due from March 2026 on; half of two months' invoices written off in September; insolvent since 15 October",
    }
    out = [
        "# The sample project: Grupo Industrial Sierra Alta", "",
        "An invented group: four companies in Mexico, one in the United States, one in Spain; %d customers, %d invoices, November 2024 to" % (len(CUSTOMERS), len({(d.company, d.id) for d in DOCS if d.kind == "invoice"})),
        "October 2026. Companies, people, amounts, tax ids and exchange rates are invented.", "",
        "| company | name | books | comes as |", "|---|---|---|---|",
    ]
    shape = {"MX01": "`norte`", "MX02": "`norte`", "MX03": "`sap`"}
    for c, v in COMPANIES.items():
        out.append("| %s | %s | %s | %s |" % (c, v[0], " ".join([v[2]] + [u for u in CURRENCIES[c] if u != v[2]]), shape.get(c, "`canonical`")))
    out += [
        "",
        "- `cartera.toml`: the project. `profiles/sierra_es.toml`: how the lists of `norte` map to our tables.",
        "- `extracts/2026-09-30/`: the history up to September (load 1). `extracts/2026-10-31/`: October (load 2), with the last days of",
        "  September again, a back-dated receipt, a corrected amount, an extended due date, new limits and states.",
        "- `norte/`: a Spanish ERP: semicolons, windows-1252, dd/mm/yyyy, decimal comma, titles above and a total below. `sap/`: line items, open",
        "  (BSID) and cleared (BSAD). `canonical/`: the other three companies, the customers of the SAP company as its credit department keeps",
        "  them, and all shared tables, in our own columns.",
        "- `DIRTY_ROWS.md`: the rows that are wrong on purpose. `known_answers.toml`: %d figures worked out by hand-written arithmetic, item by" % len(ANSWERS),
        "  item, and how. `make_sample.py`: how all this was invented; never run by the program.", "",
        "## Ten characters", "", "| | customer | open on 31 October 2026 | what to look at |", "|---|---|---|---|",
    ]
    for name, company, manner in CHARACTERS:
        c = customer(company, manner)
        out.append("| %s | %s %s, %s | %s | %s |" % (name, company, c.id, c.name, owed(company, manner), watch[manner]))
    e, n = STORY["extension"], STORY["note"]
    out += [
        "", "## Also in it", "",
        "- MX01 C008: an advance applied to %s and one unused, %s. C015: dollar invoices paid in pesos (March and October 2026)." % (story("advance_invoice"), story("open_advance")),
        "- MX01 C012: the receipt %s whose application names an invoice that never comes." % story("waits"),
        "- MX02: freight with 4 %% IVA withheld on the invoice; T006 pays by netting; a manual journal of %s on its control account is the one explained" % money(JOURNAL[3], "MXN"),
        "  difference between GL and subledger (`gl_items`).",
        "- MX03 100002: %s is what a payment left over, a residual item with its invoice's due day. 100004: a memo and a payment clear one invoice." % story("residual"),
        "- MX04 M002: withholds 6 %% when it pays. M006: the note %s took the place of two invoices. M007: %s in six instalments." % ("`%s`" % n.id, story("instalment_1")),
        "- MX04 M008: `%s`, due %s, extended on 20 October to 30 November: late in September, not in October." % (e.id, e.due),
        "- US01 U005: discounts. U007: an overpayment refunded. U008: wire fees. ES01 E002: a direct debit without a receipt. E004: factoring.",
        "- ES01 E007: %s was typed in 550.00 short and corrected in October, on its own posting day." % story("correction"),
        "- MX01 and MX03 sell to US01, MX02 to MX01: intercompany, in the company reports, not in the group.", "",
        "## The story", "",
        "The steel company's DSO rises because one customer stopped paying on time; the United States collect better since early 2026, month by month;",
        "Spain carries an insolvent customer. DSO over three months, in days:", "", "| month | " + " | ".join(COMPANIES) + " |", "|---|" + "---|" * 6,
    ]
    for t in (date(2025, 10, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), DAY1, DAY2):
        out.append("| %s | %s |" % (t.strftime("%Y-%m"), " | ".join("%.1f" % dso(c, t, 2)["three"] for c in COMPANIES)))
    text("README.md", "\n".join(out) + "\n")


def write_dirty():
    out = ["# Dirty rows", "", "Put in on purpose, with small amounts. Rows set aside stand for nothing in the GL: it ties without them.", "", "| load | file | line | column | code | what is wrong | what becomes of it |", "|---|---|---|---|---|---|---|"]
    for load, path, line, column, code, what, effect in sorted(DIRTY):
        out.append("| %d | `%s` | %d | %s | `%s` | %s | %s |" % (load, path, line, column or "–", code, what, effect))
    out += [
        "",
        "Lines count from the first line of the file; the files of `norte` have two title lines before their header and a total line at their end, which are no data.",
        "",
        "Not dirty, but found: one application without a receipt (`cash_without_receipt`, a direct debit of ES01) and the applications that stood on bounced",
        "cheques whose undoing the ERP did not send (`application_on_reversed`). October's extracts repeat the last days of September; those rows are unchanged.",
        "",
    ]
    text("DIRTY_ROWS.md", "\n".join(out))


# ------------------------------------------------------------------ checks of the invention

def checks():
    """The laws the facts must keep; a failure stops the writing."""
    for t, k in ((date(2025, 6, 30), 1), (DAY1, 1), (DAY1, 2), (DAY2, 2)):
        for d, b, value, _ in open_list(t, k):
            assert value * SIGN[d.kind] > 0, ("wrong side", d.company, d.id, value)
    for d in DOCS:
        assert d.post >= FIRST and d.post <= LAST and (d.load == 2 or d.post <= DAY1)
    for a in APPS:
        assert a.amount > 0 or a.undoes is not None or a.kind == "clearing", a.id
        assert a.effective <= LAST and a.frm is None or a.frm.company == a.to.company and a.frm.cust is a.to.cust
    keys = [(d.company, d.id, d.inst) for d in DOCS]
    assert len(keys) == len(set(keys)), "document ids"
    assert len({(a.company, a.id) for a in APPS}) == len(APPS), "application ids"
    for day, credits, debits in CLEARINGS:
        assert sum(c.amount + (c.residual.amount if c.residual else 0) for c in credits) == sum(x.amount for x in debits)
    for company in COMPANIES:
        for currency in CURRENCIES[company]:
            for n in range(1, 24):
                y, m = 2024 + (n + 10) // 12, (n + 10) % 12 + 1
                if (y, m) <= (2026, 9):
                    rollforward(company, currency, date(y, m, 1), month_end(y, m), 1, 1)
            rollforward(company, currency, date(2026, 10, 1), DAY2, 1, 2)


def story_table():
    """Month by month, to see what the invention tells."""
    for company in COMPANIES:
        print(company, "month, open, sales, DSO month / 3 months / countback, best 3 months, CEI, % past due, % over 90")
        for n in range(24):
            y, m = 2024 + (n + 10) // 12, (n + 10) % 12 + 1
            t = month_end(y, m)
            d = dso(company, t, 2)
            before = total_booked(t.replace(day=1) - days(1), 2, company=company)
            cei = Fraction((before + d["sales"] - d["open"]) * 100, before + d["sales"] - d["current"])
            late = sum(total_booked(t, 2, company=company, bucket=b) for b in BUCKETS[1:5])
            old = total_booked(t, 2, company=company, bucket="over 90")
            print("  %s %15s %15s %6.1f %6.1f %6.1f %6.1f %6.1f %6.1f %6.1f" % (t, plain(d["open"]), plain(d["sales"]), d["simple"], d["three"], d["countback"], d["best3"], cei, late * 100 / d["open"], old * 100 / d["open"]))


def main():
    make_rates()
    for c in CUSTOMERS:
        ordinary(c)
    stories()
    number()
    index()
    for company in COMPANIES:
        CURRENCIES[company] = sorted({d.currency for d in DOCS if d.company == company})
    collectors_work()
    targets()
    checks()
    for load, day in ((1, DAY1), (2, DAY2)):
        norte(load, day)
        sap(load, day)
        canonical(load, day)
    answers()
    write_answers()
    write_dirty()
    write_readme()
    if "--story" in sys.argv:
        story_table()


if __name__ == "__main__":
    main()
