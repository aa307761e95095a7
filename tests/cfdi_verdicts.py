#!/usr/bin/env python3
"""Compares what `cartera load` says of CFDI files with what `xmllint` says of them by the tax authority's schemas.

    python3 tests/cfdi_verdicts.py CARTERA FOLDER_OF_XML FOLDER_OF_XSD

The folder of schemas holds `sitio_internet/cfd/...` as the authority publishes it. Files are judged twice: as they are, and as copies
with a stamp of their own each (drafts get one, and no two have the same), so that the rest of them is judged too. A difference that
is not one of those named in DELIBERATE ends with 1.
"""
import collections, csv, io, os, pathlib, re, shutil, subprocess, sys, tempfile

TFD = ('<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" UUID="{uuid}" '
       'FechaTimbrado="2024-01-01T00:00:00" RfcProvCertif="AAA010101AAA" SelloCFD="c2VsbG8=" NoCertificadoSAT="00001000000500000000" '
       'SelloSAT="c2VsbG8="/>')

PROFILE = ('name = "verdicts"\ndescription = "every issuer"\n[read]\nformat = "cfdi"\n'
           '[cfdi]\nfiles = ["*.xml"]\nany_issuer = true\n')

# Where the schema refuses and we do not: what it refuses is not used here, and was the certifier's to check.
UNUSED = (r"NoCertificado|Sello|Certificado|LugarExpedicion|Exportacion|FormaPago'|UsoCFDI|RegimenFiscal|DomicilioFiscal|Descripcion|ClaveUnidad|ClaveProdServ|"
          r"ObjetoImp|Unidad|NoIdentificacion|CuentaPredial|ACuentaTerceros|InformacionGlobal|NumRegIdTrib|ResidenciaFiscal|Concepto|Traslado|Retencion|"
          r"CtaOrdenante|CtaBeneficiario|RfcEmisorCta|NomBancoOrd|TipoCadPago|CertPago|CadPago|SelloPago|Totales|ImpuestosP|ImpuestosDR|"
          r"FormaDePagoP|NumOperacion|Serie|Folio'|Addenda|Confirmacion|Parte|ValorUnitario|Importe|Cantidad|InformacionAduanera|"
          r"CondicionesDePago|MetodoDePagoDR|RfcProvCertif|SelloCFD|SelloSAT|NoCertificadoSAT|Leyenda|No matching global element")

# Differences that are meant: our code, or what the schema complains of -> why.
DELIBERATE = [
    ("ours", "cfdi_version", "3.2 is valid by its own schema; it has no kinds and complements as 3.3 and 4.0 have, and is refused by name"),
    ("ours", "cfdi_invalid:payment complement", "a CFDI of type P without its complement says no payment; the schema leaves complements open"),
    ("ours", "cfdi_unsigned", "the schema takes a draft; the ledger does not"),
    ("ours", "currency_unknown", "a currency of the catalogue that this program does not keep books in"),
    ("ours", "duplicate_key", "the schema sees one file at a time"),
    ("ours", "amount_decimals", "the schema allows six decimals; an amount here has two"),
    ("schema", UNUSED, "an attribute or element that is not used here"),
]


def run(*arguments, **more):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, errors="replace", **more)


def ours(cartera, files, work):
    """File name -> (code, reason) of its refusal; absent: taken."""
    project, data = work / "project", work / "data"
    for folder in (project, data):
        shutil.rmtree(folder, ignore_errors=True)
    data.mkdir()
    for name, content in files.items():
        (data / name).write_bytes(content)
    (work / "verdicts.toml").write_text(PROFILE)
    run(cartera, "init", project).check_returncode()
    loaded = run(cartera, "-C", project, "load", data, "--profile", work / "verdicts.toml", "--day", "2026-01-31")
    if loaded.returncode not in (0, 3):
        sys.exit(f"the load failed ({loaded.returncode}): {loaded.stderr}")
    select = "select source, code, reason from rejects where table_name = 'fiscal_documents'"
    answer = run(cartera, "-C", project, "sql", select, "--format", "csv")
    answer.check_returncode()
    return {row["source"]: (row["code"], row["reason"]) for row in csv.DictReader(io.StringIO(answer.stdout))}


def schema(schemas, work):
    """A schema of everything, and a catalogue that finds its parts without a network."""
    cfd = (schemas / "sitio_internet" / "cfd").resolve()
    parts = [("http://www.sat.gob.mx/cfd/4", "4/cfdv40.xsd"), ("http://www.sat.gob.mx/cfd/3", None),
             ("http://www.sat.gob.mx/Pagos20", "Pagos/Pagos20.xsd"), ("http://www.sat.gob.mx/Pagos", "Pagos/Pagos10.xsd"),
             ("http://www.sat.gob.mx/TimbreFiscalDigital", "TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"),
             ("http://www.sat.gob.mx/implocal", "implocal/implocal.xsd")]
    found = {}
    for version, base in (("4.0", "4/cfdv40.xsd"), ("3.3", "3/cfdv33.xsd"), ("3.2", "3/cfdv32.xsd")):
        imports = "".join(
            f'<xs:import namespace="{uri}" schemaLocation="file://{cfd}/{path or base}"/>' for uri, path in parts
            if path is not None or base.startswith("3/"))
        if base.startswith("3/"):
            imports = imports.replace(f'<xs:import namespace="http://www.sat.gob.mx/cfd/4" schemaLocation="file://{cfd}/4/cfdv40.xsd"/>', "")
        path = work / f"all-{version}.xsd"
        path.write_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>')
        found[version] = path
    catalog = work / "catalog.xml"
    catalog.write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        + "".join(f'<rewrite{kind} {kind[0].lower() + kind[1:]}StartString="{p}://www.sat.gob.mx/sitio_internet/cfd/" rewritePrefix="file://{cfd}/"/>'
                  for kind in ("URI", "System") for p in ("http", "https")).replace("uRIStartString", "uriStartString")
        + "</catalog>")
    return found, dict(os.environ, XML_CATALOG_FILES=str(catalog))


def theirs(files, schemas, env, work):
    """File name -> first complaint of the schema; absent: valid."""
    data, found, groups = work / "judged", {}, collections.defaultdict(list)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    for name, content in files.items():
        (data / name).write_bytes(content)
        version = re.search(r"<[\w:]*Comprobante\b[^>]*?\s[Vv]ersion\s*=\s*[\"']([\d.]+)", content.decode("utf-8", "replace"), re.S)
        groups[version.group(1) if version and version.group(1) in schemas else "4.0"].append(name)
    # The catalogues take a second to compile: once a version, not once a file.
    for version, names in groups.items():
        judged = run("xmllint", "--nonet", "--noout", "--schema", schemas[version], *names, env=env, cwd=data)
        if "failed to compile" in judged.stderr:
            sys.exit(f"the schema {schemas[version]} cannot be used: {judged.stderr[:2000]}")
        lines = judged.stderr.splitlines()
        valid = {line[: -len(" validates")] for line in lines if line.endswith(" validates")}
        for name in names:
            if name not in valid:
                found[name] = [line[len(name) + 1:] for line in lines if line.startswith(name + ":") and "error" in line] or ["not judged"]
    return found


def stamped(name, content, number):
    """The same with a stamp of its own."""
    uuid = f"{number:08X}-0000-4000-8000-000000000000"
    text = content.decode("utf-8", "surrogateescape")
    if "TimbreFiscalDigital" in text and re.search(r"<[\w]*:?TimbreFiscalDigital\b", text):
        return re.sub(r"(<[\w]*:?TimbreFiscalDigital\b[^>]*?\bUUID\s*=\s*[\"'])[^\"']*", rf"\g<1>{uuid}", text, count=1, flags=re.S).encode("utf-8", "surrogateescape")
    tfd = TFD.format(uuid=uuid)
    prefix = re.search(r"<([\w]+:)?Comprobante\b", text)
    if not prefix:
        return content
    p = prefix.group(1) or ""
    if re.search(rf"<{p}Complemento\s*/>", text):
        text = re.sub(rf"<{p}Complemento\s*/>", f"<{p}Complemento>{tfd}</{p}Complemento>", text, count=1)
    elif f"</{p}Complemento>" in text:
        text = text.replace(f"</{p}Complemento>", f"{tfd}</{p}Complemento>", 1)
    else:
        whole = f"<{p}Complemento>{tfd}</{p}Complemento>"
        before = f"<{p}Addenda" if f"<{p}Addenda" in text else f"</{p}Comprobante>"
        text = text.replace(before, whole + before, 1)
    return text.encode("utf-8", "surrogateescape")


def compare(title, files, cartera, schemas, env, work):
    we, they = ours(cartera, files, work), theirs(files, schemas, env, work)
    table, reasons, unexplained = collections.Counter(), collections.Counter(), []
    for name in sorted(files):
        us, them = we.get(name), they.get(name)
        table["taken" if us is None else "refused", "valid" if them is None else "invalid"] += 1
        if (us is None) == (them is None):
            continue
        if us is not None:
            why = next((w for side, what, w in DELIBERATE if side == "ours" and us[0] == what.split(":")[0]
                        and (":" not in what or what.split(":")[1] in us[1])), None)
            told = f"we: {us[0]}: {us[1]}"
        else:
            rest = [e for e in them if not re.search(UNUSED, e)]
            why = None if rest else DELIBERATE[-1][2]
            told = f"schema: {(rest or them)[0]}"
        if why is None:
            unexplained.append(f"{name}: {told}")
        else:
            reasons["we refuse, schema takes: " + why if us is not None else "we take, schema refuses: " + why] += 1
    print(f"\n{title}: {len(files)} files")
    print(f"{'':12}{'schema valid':>14}{'schema invalid':>16}")
    for us in ("taken", "refused"):
        print(f"{us:12}{table[us, 'valid']:>14}{table[us, 'invalid']:>16}")
    for why, count in reasons.most_common():
        print(f"  {count:4}  {why}")
    for line in unexplained:
        print(f"  DIFFERS  {line}")
    return not unexplained


def main():
    if len(sys.argv) != 4 or not shutil.which("xmllint"):
        sys.exit(__doc__ if len(sys.argv) != 4 else "xmllint is not here (Debian: libxml2-utils)")
    cartera, folder, schemas = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    files = {f"{p.parent.name}-{p.name}": p.read_bytes() for p in sorted(folder.rglob("*.xml"))}
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        found, env = schema(schemas, work)
        good = compare("as they are", files, cartera, found, env, work)
        copies = {name: stamped(name, content, n + 1) for n, (name, content) in enumerate(files.items())}
        good &= compare("each with a stamp of its own", copies, cartera, found, env, work)
    sys.exit(0 if good else 1)


main()
