//! A CFDI as this program needs it: typed, exact, with the lines its parts stand on; no ledger yet.

use crate::domain::money::Money;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::hash::{Hash, Hasher};

/// Line and column, first = 1. Where a thing stands is no part of what it says: it leaves hashes as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub line: u64,
    pub column: u32,
}

impl Hash for Spot {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A file that was read to its end.
#[derive(Debug)]
pub(super) enum Read {
    Cfdi(Box<Cfdi>),
    /// Payroll or transport: no receivable whatever it says.
    Aside(Aside, Option<Box<str>>),
}

/// Why a CFDI says nothing about receivables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aside {
    Payroll,
    Transport,
    /// Issued to us, not by us.
    Received,
}

/// Kinds that say something about receivables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Income,
    Credit,
    Payment,
}

impl Kind {
    pub fn letter(self) -> &'static str {
        match self {
            Kind::Income => "I",
            Kind::Credit => "E",
            Kind::Payment => "P",
        }
    }
}

/// A stamped CFDI of version 3.3 or 4.0.
#[derive(Debug, Hash)]
pub(super) struct Cfdi {
    pub at: Spot,
    pub kind: Kind,
    /// Folio fiscal, in capital letters.
    pub uuid: Box<str>,
    pub uuid_at: Spot,
    pub stamped: NaiveDate,
    pub series: Option<Box<str>>,
    pub folio: Option<Box<str>>,
    pub issued: NaiveDate,
    pub issuer: Party,
    pub receiver: Party,
    /// Of a payment complement: of its first payment, as `XXX` is no currency.
    pub currency: Box<str>,
    pub rate: Option<Decimal>,
    pub total: Money,
    pub subtotal: Decimal,
    pub discount: Decimal,
    /// Taxes charged, local ones included.
    pub tax: Money,
    /// Taxes withheld, local ones included.
    pub withheld: Money,
    /// `PUE` or `PPD`.
    pub method: Option<&'static str>,
    pub conditions: Option<Box<str>>,
    pub relations: Vec<Relation>,
    /// Product of every line, where all lines have the same.
    pub product: Option<Box<str>>,
    pub payments: Vec<Payment>,
}

#[derive(Debug, Hash)]
pub(super) struct Party {
    pub at: Spot,
    pub tax_id: Box<str>,
    pub name: Option<Box<str>>,
    /// Country of residence of a foreign receiver.
    pub country: Option<Box<str>>,
}

#[derive(Debug, Hash)]
pub(super) struct Relation {
    pub at: Spot,
    /// `TipoRelacion`.
    pub kind: Box<str>,
    pub uuid: Box<str>,
}

/// One payment of a complement.
#[derive(Debug, Hash)]
pub(super) struct Payment {
    pub at: Spot,
    pub day: NaiveDate,
    pub form: Option<Box<str>>,
    pub currency: Box<str>,
    pub rate: Option<Decimal>,
    pub amount: Money,
    pub paid: Vec<Paid>,
}

/// One document paid by a payment.
#[derive(Debug, Hash)]
pub(super) struct Paid {
    pub at: Spot,
    /// Folio fiscal of the invoice in capital letters, or what stands in its place.
    pub document: Box<str>,
    pub currency: Box<str>,
    /// Units of the invoice's currency for one unit of the payment's, and the decimals written.
    pub equivalence: Option<(Decimal, u32)>,
    pub instalment: Option<i32>,
    pub previous: Option<Money>,
    pub amount: Money,
    pub outstanding: Option<Money>,
}

impl Cfdi {
    /// Documents that it replaces (04).
    pub fn replaces(&self) -> impl Iterator<Item = &Relation> {
        self.relations.iter().filter(|r| &*r.kind == "04")
    }
}
