//! Whose a CFDI is, and the customers met with their latest names.
//!
//! Separate because both grow over all files of a load, and neither knows what a row is.

use super::document::{Cfdi, Kind, Party};
use super::rows::{self, Company};
use super::rules::CfdiRules;
use chrono::NaiveDate;
use std::collections::HashMap;

/// Which companies are ours.
pub(super) enum Owners {
    Listed(HashMap<Box<str>, Company>),
    /// Every issuer.
    Any(HashMap<Box<str>, Company>),
    /// The one issuer that all CFDI must have.
    One(Option<Company>),
}

impl Owners {
    pub fn of(rules: &CfdiRules) -> Owners {
        if rules.any_issuer {
            return Owners::Any(HashMap::new());
        }
        if rules.company.is_empty() {
            return Owners::One(None);
        }
        let own = rules.company.iter().map(|c| {
            let company = Company {
                id: c.company_id.as_str().into(),
                tax_id: c.tax_id.as_str().into(),
                name: c.name.as_deref().map(Box::from),
                currency: c.functional_currency.as_str().into(),
                account: c.account.as_deref().map(Box::from),
            };
            (company.tax_id.clone(), company)
        });
        Owners::Listed(own.collect())
    }

    /// The company with that RFC, if it is ours.
    pub fn get(&self, tax_id: &str) -> Option<&Company> {
        match self {
            Owners::Listed(all) | Owners::Any(all) => all.get(tax_id),
            Owners::One(one) => one.as_ref().filter(|c| &*c.tax_id == tax_id),
        }
    }
}

/// Customers met, each with its latest name.
#[derive(Default)]
pub(super) struct Customers {
    at: HashMap<(Box<str>, String), usize>,
    pub all: Vec<Customer>,
}

pub(super) struct Customer {
    pub company: Box<str>,
    pub id: String,
    pub source: u32,
    issued: NaiveDate,
    pub party: Party,
}

impl Customers {
    /// Takes note of the receiver.
    pub fn meet(&mut self, company: &Company, source: u32, cfdi: &Cfdi) {
        let party = &cfdi.receiver;
        // A complement of 3.3 need not name the customer: it must not take the name away.
        if party.name.is_none() && cfdi.kind == Kind::Payment {
            return;
        }
        let id = rows::customer_id(party, &cfdi.uuid);
        let met = Party { at: party.at, tax_id: party.tax_id.clone(), name: party.name.clone(), country: party.country.clone() };
        match self.at.get(&(company.id.clone(), id.clone())) {
            None => {
                self.at.insert((company.id.clone(), id.clone()), self.all.len());
                self.all.push(Customer { company: company.id.clone(), id, source, issued: cfdi.issued, party: met });
            }
            Some(at) => {
                let known = &mut self.all[*at];
                if met.name.is_some() && (known.party.name.is_none() || cfdi.issued > known.issued) {
                    (known.source, known.issued, known.party) = (source, cfdi.issued, met);
                }
            }
        }
    }
}
