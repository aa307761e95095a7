#!/usr/bin/env python3
"""Writes invented CFDI 4.0 for benchmarks: invoices, one payment complement for every two of them, some credit notes, payroll.

    python3 benches/make_cfdi.py --files 100000 [--zip] FOLDER_OR_ZIP

Same count, same bytes. The issuer is one company; 500 customers, a tenth of the invoices in dollars, a tenth of the complements pay
dollars with pesos. With --zip they go into one archive instead of a folder.
"""
import argparse, datetime, pathlib, random, zipfile

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACES = 'xmlns:cfdi="http://www.sat.gob.mx/cfd/4" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SEAL = "Zm9saW8gaW52ZW50YWRvIHBhcmEgcHJ1ZWJhcyBkZSB2ZWxvY2lkYWQ" * 6
CERTIFICATE = "Y2VydGlmaWNhZG8gaW52ZW50YWRv" * 60
START = datetime.date(2023, 1, 1)


def uuid(kind, number):
    return f"{kind:08X}-0000-4000-8000-{number:012X}"


def money(cents):
    return f"{cents // 100}.{cents % 100:02d}"


def customer(number):
    letter, year = chr(65 + number % 26), 10 + number // 26
    return f'Rfc="CL{letter}{year:02d}0101AB{number % 10}" Nombre="CLIENTE {number} DE PRUEBA"'


def document(kind, number, day, total, body, who, more="", complement="", currency="MXN"):
    rate = ' TipoCambio="17.5000"' if currency == "USD" else ""
    net = round(total * 100 / 116) if kind != "P" else 0
    taxes = (f'<cfdi:Impuestos TotalImpuestosTrasladados="{money(total - net)}"><cfdi:Traslados><cfdi:Traslado Base="{money(net)}" Impuesto="002" '
             f'TipoFactor="Tasa" TasaOCuota="0.160000" Importe="{money(total - net)}"/></cfdi:Traslados></cfdi:Impuestos>') if kind != "P" else ""
    stamp = (f'<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" UUID="{uuid(ord(kind), number)}" '
             f'FechaTimbrado="{day}T10:00:05" RfcProvCertif="AAA010101AAA" SelloCFD="{SEAL}" NoCertificadoSAT="00001000000500000000" SelloSAT="{SEAL}"/>')
    return (f'{HEAD}<cfdi:Comprobante {SPACES} Version="4.0" Serie="{kind}" Folio="{number}" Fecha="{day}T10:00:00" Sello="{SEAL}" '
            f'NoCertificado="00001000000500000000" Certificado="{CERTIFICATE}" SubTotal="{money(net) if kind != "P" else 0}" Moneda="{currency}"{rate} '
            f'Total="{money(total) if kind != "P" else 0}" TipoDeComprobante="{kind}" Exportacion="01" LugarExpedicion="64000"{more}>{body}'
            f'<cfdi:Emisor Rfc="EJE010101AB1" Nombre="EJEMPLO INDUSTRIAL" RegimenFiscal="601"/>'
            f'<cfdi:Receptor {who} DomicilioFiscalReceptor="64000" RegimenFiscalReceptor="601" UsoCFDI="G03"/>'
            f'<cfdi:Conceptos>' + "".join(
                f'<cfdi:Concepto ClaveProdServ="31161500" NoIdentificacion="P-{n}" Cantidad="1" ClaveUnidad="H87" Descripcion="Pieza maquinada {n}" '
                f'ValorUnitario="{money(net // 3)}" Importe="{money(net // 3)}" ObjetoImp="02"><cfdi:Impuestos><cfdi:Traslados><cfdi:Traslado Base="{money(net // 3)}" '
                f'Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="{money((total - net) // 3)}"/></cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto>'
                for n in range(3)) +
            f'</cfdi:Conceptos>{taxes}<cfdi:Complemento>{complement}{stamp}</cfdi:Complemento></cfdi:Comprobante>\n')


def files(count):
    dice = random.Random(7)
    open_invoices, numbers, made = [], {"I": 0, "P": 0, "E": 0, "N": 0}, 0
    while made < count:
        pick = dice.random()
        kind = "P" if pick < 0.25 and len(open_invoices) >= 2 else "E" if pick < 0.28 and open_invoices else "N" if pick < 0.30 else "I"
        numbers[kind] += 1
        number = numbers[kind]
        day = START + datetime.timedelta(days=number * 900 // count)
        if kind == "I":
            who, total = dice.randrange(500), dice.randrange(10_000, 50_000_000)
            currency = "USD" if dice.random() < 0.1 else "MXN"
            open_invoices.append((number, who, total, currency))
            text = document("I", number, day, total, "", customer(who), f' MetodoPago="PPD" FormaPago="99" CondicionesDePago="{dice.choice([30, 45, 60])} DIAS"', currency=currency)
        elif kind == "E":
            paid, who, total, currency = open_invoices.pop(dice.randrange(len(open_invoices)))
            related = f'<cfdi:CfdiRelacionados TipoRelacion="01"><cfdi:CfdiRelacionado UUID="{uuid(ord("I"), paid)}"/></cfdi:CfdiRelacionados>'
            text = document("E", number, day, total // 10, related, customer(who), ' MetodoPago="PUE" FormaPago="03"', currency=currency)
        elif kind == "N":
            text = document("N", number, day, 1_000_000, "", customer(3))
        else:
            lines, sum_pesos, paid_day = "", 0, day
            taken = [open_invoices.pop(dice.randrange(len(open_invoices))) for _ in range(2)]
            for paid, _, total, currency in taken:
                pesos = total if currency == "MXN" else round(total * 17.5)
                sum_pesos += pesos
                rate = ' EquivalenciaDR="1"' if currency == "MXN" else f' EquivalenciaDR="{1 / 17.5:.10f}"'
                lines += (f'<pago20:DoctoRelacionado IdDocumento="{uuid(ord("I"), paid)}" Serie="I" Folio="{paid}" MonedaDR="{currency}"{rate} NumParcialidad="1" '
                          f'ImpSaldoAnt="{money(total)}" ImpPagado="{money(total)}" ImpSaldoInsoluto="0" ObjetoImpDR="01"/>')
            pago = (f'<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0"><pago20:Totales MontoTotalPagos="{money(sum_pesos)}"/>'
                    f'<pago20:Pago FechaPago="{paid_day}T12:00:00" FormaDePagoP="03" MonedaP="MXN" TipoCambioP="1" Monto="{money(sum_pesos)}">{lines}</pago20:Pago></pago20:Pagos>')
            text = document("P", number, day, 0, "", customer(taken[0][1]), complement=pago, currency="XXX")
        made += 1
        yield f"{kind}{number:07d}.xml", text


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--files", type=int, default=1000)
    arguments.add_argument("--zip", action="store_true")
    arguments.add_argument("out", type=pathlib.Path)
    asked = arguments.parse_args()
    if asked.zip:
        with zipfile.ZipFile(asked.out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, text in files(asked.files):
                archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 1)
        return
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, text in files(asked.files):
        (asked.out / name).write_text(text, encoding="utf-8")


main()
