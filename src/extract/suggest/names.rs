//! How exports call the canonical columns, in Spanish and English, and what their words for kinds and currencies mean.
//!
//! Data. A name matches only as a whole; the nearest miss is a question, never a match.

/// A word of ours, and those that exports write for it.
type Names = (&'static str, &'static [&'static str]);

const COMPANY: &[&str] = &[
    "empresa",
    "compania",
    "sociedad",
    "razon social emisor",
    "company",
    "company code",
    "bukrs",
    "legal entity",
    "subsidiary",
    "dataareaid",
];

/// Canonical table, its columns, and the names that exports give them; the likelier first.
pub(super) const COLUMNS: &[(&str, &[Names])] = &[
    (
        "documents",
        &[
            ("company_id", COMPANY),
            (
                "document_id",
                &[
                    "folio",
                    "documento",
                    "no documento",
                    "num documento",
                    "numero documento",
                    "factura",
                    "no factura",
                    "numero de factura",
                    "folio factura",
                    "invoice",
                    "invoice number",
                    "invoice no",
                    "invoice num",
                    "document",
                    "document number",
                    "document no",
                    "doc no",
                    "belnr",
                    "transaction number",
                    "transactionnumber",
                    "tranid",
                    "recid",
                    "num",
                    "id",
                ],
            ),
            ("instalment", &["parcialidad", "plazo", "instalment", "installment", "buzei"]),
            (
                "document_kind",
                &[
                    "tipo",
                    "tipo documento",
                    "tipo de documento",
                    "tipo doc",
                    "clase",
                    "clase de documento",
                    "type",
                    "document type",
                    "doc type",
                    "transaction type",
                    "blart",
                ],
            ),
            (
                "customer_id",
                &[
                    "cliente",
                    "no cliente",
                    "num cliente",
                    "numero de cliente",
                    "codigo cliente",
                    "clave cliente",
                    "id cliente",
                    "deudor",
                    "customer",
                    "customer no",
                    "customer number",
                    "customer id",
                    "customer code",
                    "account number",
                    "accountnum",
                    "kunnr",
                ],
            ),
            ("account", &["cuenta", "cuenta contable", "gl account", "account", "hkont"]),
            (
                "document_date",
                &[
                    "fecha",
                    "fecha documento",
                    "fecha de documento",
                    "fecha factura",
                    "fecha de factura",
                    "fecha emision",
                    "fecha de emision",
                    "date",
                    "invoice date",
                    "document date",
                    "doc date",
                    "transaction date",
                    "trandate",
                    "transdate",
                    "bldat",
                ],
            ),
            (
                "posting_date",
                &[
                    "fecha contable",
                    "fecha contabilizacion",
                    "fecha de contabilizacion",
                    "posting date",
                    "accounting date",
                    "gl date",
                    "budat",
                ],
            ),
            (
                "due_date",
                &[
                    "vencimiento",
                    "fecha vencimiento",
                    "fecha de vencimiento",
                    "fecha vto",
                    "vence",
                    "due date",
                    "duedate",
                    "due",
                    "net due date",
                    "maturity date",
                ],
            ),
            ("currency", &["moneda", "divisa", "mon", "currency", "currency code", "curr", "waers"]),
            (
                "amount",
                &[
                    "total",
                    "importe",
                    "importe total",
                    "monto",
                    "monto total",
                    "total factura",
                    "importe factura",
                    "amount",
                    "invoice amount",
                    "total amount",
                    "document amount",
                    "gross amount",
                    "wrbtr",
                ],
            ),
            ("tax_amount", &["iva", "impuesto", "impuestos", "tax", "tax amount", "vat", "vat amount"]),
            (
                "withheld_amount",
                &["retencion", "retenciones", "iva retenido", "isr retenido", "withholding", "withheld", "withholding tax"],
            ),
            (
                "company_amount",
                &["importe mn", "importe local", "importe en moneda local", "local amount", "amount lcy", "base amount", "dmbtr"],
            ),
            (
                "payment_terms",
                &["condiciones", "condiciones de pago", "dias de credito", "plazo credito", "payment terms", "terms", "zterm"],
            ),
            (
                "reference",
                &["referencia", "pedido", "orden de compra", "oc", "po", "po number", "reference", "customer reference", "xblnr"],
            ),
            ("reason", &["concepto", "motivo", "descripcion", "observaciones", "description", "memo", "text", "sgtxt", "reason"]),
            ("salesperson", &["vendedor", "agente", "ejecutivo", "salesperson", "sales rep"]),
            ("fiscal_uuid", &["uuid", "folio fiscal", "cfdi"]),
            ("payment_method", &["metodo de pago", "metodo pago", "payment method"]),
        ],
    ),
    (
        "customers",
        &[
            ("company_id", COMPANY),
            (
                "customer_id",
                &[
                    "cliente",
                    "no cliente",
                    "num cliente",
                    "numero de cliente",
                    "codigo cliente",
                    "clave cliente",
                    "clave",
                    "codigo",
                    "id cliente",
                    "deudor",
                    "customer",
                    "customer no",
                    "customer number",
                    "customer id",
                    "customer code",
                    "kunnr",
                ],
            ),
            ("name", &["nombre", "razon social", "nombre cliente", "nombre del cliente", "name", "customer name", "company name", "name1"]),
            ("tax_id", &["rfc", "nif", "cif", "tax id", "vat number", "vat registration no", "stcd1"]),
            ("parent_customer_id", &["grupo", "corporativo", "matriz", "parent", "parent customer", "parent account"]),
            ("country", &["pais", "country", "country code", "land1"]),
            ("language", &["idioma", "language", "spras"]),
            ("segment", &["segmento", "canal", "segment", "customer group"]),
            ("industry", &["giro", "industria", "sector", "industry"]),
            ("payment_terms", &["condiciones", "condiciones de pago", "dias de credito", "plazo", "payment terms", "terms", "zterm"]),
            ("credit_limit", &["limite de credito", "limite credito", "credit limit", "klimk"]),
            ("credit_currency", &["moneda limite", "moneda de limite", "credit currency"]),
            ("collector_id", &["gestor", "cobrador", "collector", "credit analyst"]),
            ("email", &["correo", "correo electronico", "email", "e mail"]),
        ],
    ),
    (
        "applications",
        &[
            ("company_id", COMPANY),
            (
                "application_id",
                &["aplicacion", "no aplicacion", "folio aplicacion", "id aplicacion", "application", "application id", "application no"],
            ),
            ("kind", &["tipo", "tipo aplicacion", "type", "application type"]),
            (
                "from_document_id",
                &["origen", "recibo", "pago", "documento origen", "from document", "payment", "receipt", "payment number"],
            ),
            (
                "to_document_id",
                &[
                    "destino",
                    "factura",
                    "documento",
                    "documento destino",
                    "folio",
                    "factura aplicada",
                    "invoice",
                    "invoice number",
                    "to document",
                    "applied to",
                ],
            ),
            (
                "posting_date",
                &["fecha", "fecha aplicacion", "fecha de aplicacion", "fecha pago", "date", "posting date", "application date"],
            ),
            ("amount", &["importe", "importe aplicado", "monto", "monto aplicado", "amount", "applied amount", "amount applied"]),
            ("from_amount", &["importe origen", "from amount"]),
            ("reason", &["motivo", "concepto", "reason", "memo"]),
        ],
    ),
];

/// Words for kinds of documents.
const KINDS: &[Names] = &[
    ("invoice", &["fac", "fact", "factura", "facturas", "fv", "invoice", "inv", "rv", "dr"]),
    (
        "credit_memo",
        &["nc", "ncr", "nota de credito", "nota credito", "devolucion", "credit memo", "credit note", "creditmemo", "crn", "cm", "dg"],
    ),
    ("debit_memo", &["nd", "nota de cargo", "nota de debito", "cargo", "debit memo", "debit note", "dn"]),
    ("receipt", &["pago", "pag", "recibo", "cobro", "payment", "receipt", "pmt", "dz"]),
    ("advance", &["anticipo", "ant", "advance", "prepayment", "down payment"]),
    ("refund", &["reembolso", "refund"]),
    ("adjustment", &["ajuste", "adjustment", "adj", "journal", "ab"]),
];

/// Words for currencies.
const CURRENCIES: &[Names] = &[
    ("MXN", &["mn", "m n", "mxp", "peso", "pesos", "pesos mexicanos", "moneda nacional", "nacional"]),
    ("USD", &["dls", "dlls", "dolar", "dolares", "us", "usd dolares", "dollar", "dollars", "us dollars"]),
    ("EUR", &["euro", "euros", "€"]),
];

/// A name without accents, marks and capitals.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut before = ' ';
    for written in name.chars() {
        // `InvoiceDate` is two words.
        if written.is_uppercase() && before.is_lowercase() {
            plain.push(' ');
        }
        before = written;
        let c = match written.to_lowercase().next().unwrap_or(written) {
            'á' | 'à' | 'ä' => 'a',
            'é' | 'è' | 'ë' => 'e',
            'í' | 'ì' | 'ï' => 'i',
            'ó' | 'ò' | 'ö' => 'o',
            'ú' | 'ù' | 'ü' => 'u',
            'ñ' => 'n',
            c => c,
        };
        if c.is_alphanumeric() || c == '€' {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with(' ') && c != '.' {
            plain.push(' ');
        }
    }
    plain.trim_end().to_string()
}

fn meant(words: &[Names], text: &str) -> Option<&'static str> {
    let text = plain(text);
    words.iter().find(|(_, known)| known.contains(&text.as_str())).map(|(word, _)| *word)
}

/// The kind of document that a word means.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    meant(KINDS, text).or_else(|| KINDS.iter().map(|(word, _)| *word).find(|word| *word == text))
}

/// The currency that a word means.
pub(super) fn currency(text: &str) -> Option<String> {
    if crate::domain::money::minor_units(text).is_some() {
        return Some(text.to_string());
    }
    meant(CURRENCIES, text).map(str::to_string)
}

/// Columns of a file by canonical column of a table: the likeliest first.
pub(super) fn matches<'a>(known: &[&str], columns: &[&'a str]) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for name in known {
        for column in columns {
            if plain(column) == *name && !found.contains(column) {
                found.push(column);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::table;

    #[test]
    fn every_name_is_of_a_column_and_already_plain() {
        for (name, columns) in COLUMNS {
            let table = table(name).unwrap();
            for (column, names) in *columns {
                assert!(table.position(column).is_some(), "{name}.{column}");
                names.iter().for_each(|n| assert_eq!(plain(n), **n, "{name}.{column}"));
            }
        }
        for (word, names) in KINDS {
            assert!(crate::domain::kinds::DocumentKind::parse(word).is_some(), "{word}");
            names.iter().for_each(|n| assert_eq!(plain(n), **n));
        }
        CURRENCIES.iter().for_each(|(code, _)| assert!(crate::domain::money::minor_units(code).is_some()));
    }

    #[test]
    fn names_without_their_dress() {
        assert_eq!(plain("  Fecha  de Vencimiento: "), "fecha de vencimiento");
        assert_eq!(plain("Núm. Documento"), "num documento");
        assert_eq!(
            (plain("InvoiceDate").as_str(), plain("customerID").as_str(), plain("BUKRS").as_str()),
            ("invoice date", "customer id", "bukrs")
        );
        assert_eq!(currency("M.N."), Some("MXN".to_string()));
        assert_eq!(kind("Nota de Crédito"), Some("credit_memo"));
        assert_eq!((kind("XX"), currency("$")), (None, None));
    }
}
