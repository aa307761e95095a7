//! XML of a CFDI into its typed form: 4.0 and 3.3, payment complements 2.0 and 1.0; anything else is refused with its place.
//!
//! Separate from what it means for the ledger. Checked is what is used, by the rules of the published schemas; seals and catalogues
//! of products are the certifier's work and were checked when it was stamped.

use super::document::{Aside, Cfdi, Kind, Paid, Party, Payment, Read, Relation, Spot};
use super::xml::{Node, Refused, Space, Tag, Xml};
use crate::domain::money::Money;
use crate::extract::coerce;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Where in a CFDI the parser stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Root,
    Relations,
    Related,
    Issuer,
    Receiver,
    Lines,
    Line,
    Taxes,
    Complement,
    Stamp,
    Payments,
    Payment,
    Paid,
    LocalTaxes,
    Elsewhere,
}

/// Reads a file to its end.
pub(super) fn parse(text: &str) -> Result<Read, Refused> {
    let mut xml = Xml::new(text);
    let mut draft = Draft::default();
    let read = walk(&mut xml, &mut draft).and_then(|kind| match kind {
        Some(kind) => draft.finish(kind).map(|c| Read::Cfdi(Box::new(c))),
        None => Ok(Read::Aside(draft.aside.unwrap_or(Aside::Payroll), draft.uuid.take().map(|u| u.0))),
    });
    read.map_err(|mut refused| {
        refused.currency = draft.currency.as_deref().map(str::to_string);
        refused.amount = draft.total;
        refused.issuer = draft.issuer.as_ref().map(|i| i.tax_id.to_string());
        refused
    })
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    at: Spot,
    aside: Option<Aside>,
    uuid: Option<(Box<str>, Spot)>,
    stamped: Option<NaiveDate>,
    series: Option<Box<str>>,
    folio: Option<Box<str>>,
    issued: Option<NaiveDate>,
    issuer: Option<Party>,
    receiver: Option<Party>,
    currency: Option<Box<str>>,
    rate: Option<Decimal>,
    total: Option<Money>,
    subtotal: Decimal,
    discount: Decimal,
    tax: Money,
    withheld: Money,
    method: Option<&'static str>,
    conditions: Option<Box<str>>,
    relation: Option<Box<str>>,
    relations: Vec<Relation>,
    lines: u64,
    product: Option<Box<str>>,
    has_payments: bool,
    payments: Vec<Payment>,
}

/// Goes through the elements; `None` for what is no receivable.
fn walk(xml: &mut Xml<'_>, draft: &mut Draft) -> Result<Option<Kind>, Refused> {
    let mut path: Vec<At> = Vec::with_capacity(16);
    let mut kind = None;
    loop {
        let (space, local) = match xml.next()? {
            Node::Open(space, local) => (space, local),
            Node::Close => {
                path.pop();
                continue;
            }
            Node::End => return Ok(kind),
        };
        let tag = xml.tag();
        let Some(parent) = path.last().copied() else {
            kind = draft.root(space, local, &tag)?;
            path.push(At::Root);
            continue;
        };
        let at = step(parent, space, local);
        path.push(at);
        // Of what is set aside only the folio fiscal is wanted, for the cancellation list.
        if kind.is_some() || at == At::Stamp {
            draft.take(at, &tag, kind)?;
        }
    }
}

fn step(parent: At, space: Space, local: &str) -> At {
    match (parent, space, local) {
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "CfdiRelacionados") => At::Relations,
        (At::Relations, Space::Cfdi4 | Space::Cfdi3, "CfdiRelacionado") => At::Related,
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "Emisor") => At::Issuer,
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "Receptor") => At::Receiver,
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "Conceptos") => At::Lines,
        (At::Lines, Space::Cfdi4 | Space::Cfdi3, "Concepto") => At::Line,
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "Impuestos") => At::Taxes,
        (At::Root, Space::Cfdi4 | Space::Cfdi3, "Complemento") => At::Complement,
        (At::Complement, Space::Stamp, "TimbreFiscalDigital") => At::Stamp,
        (At::Complement, Space::Payments20 | Space::Payments10, "Pagos") => At::Payments,
        (At::Payments, Space::Payments20 | Space::Payments10, "Pago") => At::Payment,
        (At::Payment, Space::Payments20 | Space::Payments10, "DoctoRelacionado") => At::Paid,
        (At::Complement, Space::LocalTaxes, "ImpuestosLocales") => At::LocalTaxes,
        _ => At::Elsewhere,
    }
}

impl Draft {
    fn root(&mut self, space: Space, local: &str, tag: &Tag<'_, '_>) -> Result<Option<Kind>, Refused> {
        if local != "Comprobante" || !matches!(space, Space::Cfdi4 | Space::Cfdi3 | Space::Cfdi2) {
            return Err(tag.refuse(
                "",
                "cfdi_invalid",
                format!("the file is no CFDI: its root is {local}, not Comprobante of the tax authority"),
            ));
        }
        match (space, tag.may("Version").or(tag.may("version"))) {
            (Space::Cfdi4, Some("4.0")) | (Space::Cfdi3, Some("3.3")) => {}
            (_, None) => return Err(tag.refuse("Version", "value_missing", "the CFDI does not say its version")),
            (_, Some(version @ ("3.3" | "4.0"))) => {
                let reason = format!("version {version} in the namespace of another version");
                return Err(tag.refuse("Version", "cfdi_version", reason));
            }
            (_, Some(version)) => {
                let name = if tag.may("Version").is_some() { "Version" } else { "version" };
                let reason = format!(
                    "version {version} is not read, only 3.3 (since 2017) and 4.0; it knows neither kinds nor payment complements as these do"
                );
                return Err(tag.refuse(name, "cfdi_version", reason));
            }
        }
        self.at = tag.at;
        let kind = match tag.need("TipoDeComprobante")? {
            "I" => Kind::Income,
            "E" => Kind::Credit,
            "P" => Kind::Payment,
            "N" | "T" => {
                self.aside = Some(if tag.may("TipoDeComprobante") == Some("N") { Aside::Payroll } else { Aside::Transport });
                return Ok(None);
            }
            other => return Err(tag.refuse("TipoDeComprobante", "enum_unknown", format!("`{other}` is not one of I, E, P, N, T"))),
        };
        self.series = tag.may_text("Serie");
        self.folio = tag.may_text("Folio");
        self.issued = Some(tag.day("Fecha")?);
        match (kind, tag.need("Moneda")?) {
            (Kind::Payment, "XXX") => {}
            _ => self.currency = Some(tag.currency("Moneda")?),
        }
        self.total = Some(tag.amount("Total")?);
        tag.need("SubTotal")?;
        self.subtotal = tag.may_decimal("SubTotal")?.unwrap_or_default();
        self.discount = tag.may_decimal("Descuento")?.unwrap_or_default();
        self.rate = tag.may_rate("TipoCambio")?;
        if let (Some(total), Some(currency)) = (self.total, &self.currency) {
            coerce::fits_currency(total, currency).map_err(|r| tag.refuse("Total", r.code, r.reason))?;
        }
        self.method = match tag.may("MetodoPago") {
            None => None,
            Some("PUE") => Some("PUE"),
            Some("PPD") => Some("PPD"),
            Some(other) => return Err(tag.refuse("MetodoPago", "enum_unknown", format!("`{other}` is not one of PUE, PPD"))),
        };
        self.conditions = tag.may_text("CondicionesDePago");
        Ok(Some(kind))
    }

    fn take(&mut self, at: At, tag: &Tag<'_, '_>, kind: Option<Kind>) -> Result<(), Refused> {
        match at {
            At::Relations => self.relation = Some(tag.need("TipoRelacion")?.into()),
            At::Related => {
                let kind = self.relation.clone().unwrap_or_default();
                self.relations.push(Relation { at: tag.at, kind, uuid: tag.uuid("UUID")? });
            }
            At::Issuer => self.issuer = Some(party(tag)?),
            At::Receiver => self.receiver = Some(party(tag)?),
            At::Line => {
                let product = tag.may("ClaveProdServ");
                match self.lines {
                    0 => self.product = product.map(Box::from),
                    _ if self.product.as_deref() != product => self.product = None,
                    _ => {}
                }
                self.lines += 1;
            }
            At::Taxes => {
                self.add_tax(tag, "TotalImpuestosTrasladados")?;
                self.add_withheld(tag, "TotalImpuestosRetenidos")?;
            }
            At::LocalTaxes => {
                self.add_tax(tag, "TotaldeTraslados")?;
                self.add_withheld(tag, "TotaldeRetenciones")?;
            }
            At::Stamp => self.stamp(tag, kind.is_some())?,
            At::Payments => {
                match tag.need("Version")? {
                    "2.0" | "1.0" => {}
                    other => {
                        return Err(tag.refuse(
                            "Version",
                            "cfdi_version",
                            format!("a payment complement {other} is not read, only 1.0 and 2.0"),
                        ));
                    }
                }
                self.has_payments = true;
            }
            At::Payment if kind == Some(Kind::Payment) => self.payments.push(payment(tag)?),
            At::Paid if kind == Some(Kind::Payment) => {
                if let Some(payment) = self.payments.last_mut() {
                    payment.paid.push(paid(tag, payment)?);
                }
            }
            At::Root | At::Lines | At::Complement | At::Payment | At::Paid | At::Elsewhere => {}
        }
        Ok(())
    }

    fn add_tax(&mut self, tag: &Tag<'_, '_>, name: &str) -> Result<(), Refused> {
        let more = tag.may_amount(name)?.unwrap_or_default();
        self.tax = self.tax.checked_add(more).ok_or_else(|| tag.refuse(name, "amount_range", "the taxes leave the range of amounts"))?;
        Ok(())
    }

    fn add_withheld(&mut self, tag: &Tag<'_, '_>, name: &str) -> Result<(), Refused> {
        let more = tag.may_amount(name)?.unwrap_or_default();
        let sum = self.withheld.checked_add(more);
        self.withheld = sum.ok_or_else(|| tag.refuse(name, "amount_range", "the taxes leave the range of amounts"))?;
        Ok(())
    }

    fn stamp(&mut self, tag: &Tag<'_, '_>, is_wanted: bool) -> Result<(), Refused> {
        if !is_wanted {
            self.uuid = tag.uuid("UUID").ok().map(|u| (u, tag.spot("UUID")));
            return Ok(());
        }
        if self.uuid.is_some() {
            return Err(tag.refuse("", "cfdi_invalid", "the CFDI is stamped twice"));
        }
        self.uuid = Some((tag.uuid("UUID")?, tag.spot("UUID")));
        self.stamped = Some(tag.day("FechaTimbrado")?);
        Ok(())
    }

    fn finish(&mut self, kind: Kind) -> Result<Cfdi, Refused> {
        let at = self.at;
        let lacks = |what: &str| Refused::at("cfdi_invalid", at, format!("the CFDI has no {what}"));
        if self.issuer.is_none() {
            return Err(lacks("Emisor"));
        }
        let receiver = self.receiver.take().ok_or_else(|| lacks("Receptor"))?;
        if self.lines == 0 {
            return Err(lacks("Conceptos"));
        }
        if kind == Kind::Payment && !self.has_payments {
            return Err(lacks("payment complement (Pagos), though it is of type P"));
        }
        if kind == Kind::Payment && self.payments.is_empty() {
            return Err(lacks("Pago in its payment complement"));
        }
        let (Some((uuid, uuid_at)), Some(stamped)) = (self.uuid.take(), self.stamped) else {
            let reason = "the CFDI is not stamped: it has no TimbreFiscalDigital, so no folio fiscal; a draft is no invoice";
            return Err(Refused::at("cfdi_unsigned", at, reason));
        };
        let currency = self.currency.take().or_else(|| self.payments.first().map(|p| p.currency.clone()));
        Ok(Cfdi {
            at,
            kind,
            uuid,
            uuid_at,
            stamped,
            series: self.series.take(),
            folio: self.folio.take(),
            issued: self.issued.ok_or_else(|| lacks("Fecha"))?,
            issuer: self.issuer.take().ok_or_else(|| lacks("Emisor"))?,
            receiver,
            currency: currency.ok_or_else(|| lacks("Moneda"))?,
            rate: self.rate,
            total: self.total.unwrap_or_default(),
            subtotal: self.subtotal,
            discount: self.discount,
            tax: self.tax,
            withheld: self.withheld,
            method: self.method,
            conditions: self.conditions.take(),
            relations: std::mem::take(&mut self.relations),
            product: self.product.take(),
            payments: std::mem::take(&mut self.payments),
        })
    }
}

fn party(tag: &Tag<'_, '_>) -> Result<Party, Refused> {
    Ok(Party { at: tag.at, tax_id: tag.tax_id("Rfc")?, name: tag.may_text("Nombre"), country: tag.may_text("ResidenciaFiscal") })
}

fn payment(tag: &Tag<'_, '_>) -> Result<Payment, Refused> {
    let currency = tag.currency("MonedaP")?;
    let amount = tag.amount("Monto")?;
    coerce::fits_currency(amount, &currency).map_err(|r| tag.refuse("Monto", r.code, r.reason))?;
    if amount.is_zero() {
        return Err(tag.refuse("Monto", "amount_range", "a payment of nothing"));
    }
    Ok(Payment {
        at: tag.at,
        day: tag.day("FechaPago")?,
        form: tag.may_text("FormaDePagoP"),
        currency,
        rate: tag.may_rate("TipoCambioP")?,
        amount,
        paid: Vec::new(),
    })
}

/// `EquivalenciaDR` in 2.0, `TipoCambioDR` in 1.0: both are units of the invoice's currency for one of the payment's.
fn paid(tag: &Tag<'_, '_>, payment: &Payment) -> Result<Paid, Refused> {
    let document = tag.need("IdDocumento")?;
    let currency = tag.currency("MonedaDR")?;
    let name = if tag.may("EquivalenciaDR").is_some() { "EquivalenciaDR" } else { "TipoCambioDR" };
    let written = tag.may(name).and_then(|t| t.split_once('.')).map_or(0, |(_, decimals)| decimals.len() as u32);
    let equivalence = tag.may_rate(name)?.map(|rate| (rate, written));
    if currency != payment.currency && equivalence.is_none() {
        let reason =
            format!("{} paid in {}: how many units of the invoice's currency one unit of the payment's is", currency, payment.currency);
        return Err(tag.refuse("EquivalenciaDR", "value_missing", reason));
    }
    // In 1.0 a payment of one document in its currency need not repeat the amount.
    let amount = match tag.may_amount("ImpPagado")? {
        Some(amount) => amount,
        None if currency == payment.currency && payment.paid.is_empty() => payment.amount,
        None => return Err(tag.refuse("ImpPagado", "value_missing", "how much of this document was paid")),
    };
    coerce::fits_currency(amount, &currency).map_err(|r| tag.refuse("ImpPagado", r.code, r.reason))?;
    let instalment = match tag.may("NumParcialidad").map(str::parse::<i32>) {
        None => None,
        Some(Ok(number)) if number > 0 => Some(number),
        Some(_) => return Err(tag.refuse("NumParcialidad", "integer_invalid", "an instalment is a whole number from 1")),
    };
    Ok(Paid {
        at: tag.at,
        document: super::xml::uuid(document).unwrap_or_else(|| document.into()),
        currency,
        equivalence,
        instalment,
        previous: tag.may_amount("ImpSaldoAnt")?,
        amount,
        outstanding: tag.may_amount("ImpSaldoInsoluto")?,
    })
}
