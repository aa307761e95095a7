//! The files of a load one after the other, in the order of the plan, and what has to wait for the last of them.
//!
//! Separate from `rows` because everything here needs more than one CFDI: one folio fiscal in two files, what was cancelled or
//! replaced, a credit note of several documents.

use super::cancelled::Listed;
use super::document::{Aside, Cfdi, Kind, Read, Spot};
use super::owners::{Customers, Owners};
use super::rows::{self, Company, Yield};
use super::rules::{CfdiRules, LedgerSource};
use super::xml::Refused;
use super::{Parsed, parse_one};
use crate::domain::finding::Finding;
use crate::domain::money::Total;
use crate::error::{Error, Result};
use crate::extract::plan::{Part, Plan};
use crate::extract::{Reject, Sink, SourceSummary};
use crate::schema::{self, Origin};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A folio fiscal as a number: forty bytes a CFDI are kept, not texts.
fn short(uuid: &str) -> u128 {
    let hex = uuid.bytes().filter_map(|b| (b as char).to_digit(16));
    hex.fold(0, |number, digit| (number << 4) | u128::from(digit))
}

/// A CFDI that was taken.
struct Known {
    source: u32,
    /// Of all it says: the same in two files is the same.
    digest: u64,
}

/// A credit note that names several documents.
struct SharedCredit {
    source: u32,
    to: Vec<Box<str>>,
}

/// CFDI on their way to the sink.
pub(super) struct Intake<'a> {
    plan: &'a Plan,
    rules: &'a CfdiRules,
    sink: &'a mut dyn Sink,
    listed: Listed,
    owners: Owners,
    known: HashMap<u128, Known>,
    /// Folios of what was set aside: a cancellation of one says nothing here.
    aside: HashSet<u128>,
    asides: BTreeMap<Aside, u64>,
    customers: Customers,
    /// Replaced folio → day and folio of the first that replaces it, and where.
    replaced: BTreeMap<Box<str>, (NaiveDate, Box<str>, Origin)>,
    shared_credits: Vec<SharedCredit>,
}

const READ: SourceSummary = SourceSummary { rows_read: 1, rows_skipped: 0 };
const SKIPPED: SourceSummary = SourceSummary { rows_read: 0, rows_skipped: 1 };

impl<'a> Intake<'a> {
    pub fn new(plan: &'a Plan, rules: &'a CfdiRules, listed: Listed, sink: &'a mut dyn Sink) -> Intake<'a> {
        Intake {
            plan,
            rules,
            sink,
            listed,
            owners: Owners::of(rules),
            known: HashMap::new(),
            aside: HashSet::new(),
            asides: BTreeMap::new(),
            customers: Customers::default(),
            replaced: BTreeMap::new(),
            shared_credits: Vec::new(),
        }
    }

    /// Tells how many files are behind it.
    pub fn progress(&mut self, done: usize, of: usize) {
        self.sink.progress(done as u64, of as u64);
    }

    /// Takes what a file was read as.
    pub fn take(&mut self, source: u32, parsed: Parsed) -> Result<SourceSummary> {
        let cfdi = match parsed {
            Err(refused) => {
                let company = refused.issuer.as_deref().and_then(|i| self.owners.get(i)).map(|c| c.id.clone());
                self.reject(source, "fiscal_documents", refused, company.as_deref())?;
                return Ok(READ);
            }
            Ok(Read::Aside(why, uuid)) => {
                self.set_aside(why, uuid.as_deref());
                return Ok(SKIPPED);
            }
            Ok(Read::Cfdi(cfdi)) => cfdi,
        };
        let mut hasher = DefaultHasher::new();
        cfdi.hash(&mut hasher);
        let digest = hasher.finish();
        if let Some(known) = self.known.get(&short(&cfdi.uuid)) {
            return self.again(source, &cfdi, known.source, known.digest == digest);
        }
        let Some(company) = self.whose(source, &cfdi)? else {
            if self.owners.get(&cfdi.receiver.tax_id).is_some() {
                self.set_aside(Aside::Received, Some(&cfdi.uuid));
                return Ok(SKIPPED);
            }
            let (issuer, receiver) = (&cfdi.issuer.tax_id, &cfdi.receiver.tax_id);
            let reason = format!("neither the issuer {issuer} nor the receiver {receiver} is a company of the profile");
            let refused =
                Refused { excerpt: Some(issuer.to_string()), name: Some("Emisor@Rfc".into()), ..at(&cfdi, cfdi.issuer.at, reason) };
            self.reject(source, "fiscal_documents", refused, None)?;
            return Ok(READ);
        };
        self.known.insert(short(&cfdi.uuid), Known { source, digest });
        if self.rules.ledger == LedgerSource::Cfdi {
            self.customers.meet(&company, source, &cfdi);
        }
        let cancelled = self.listed.get(&cfdi.uuid).map(|(c, _)| c);
        let yields = rows::rows(&cfdi, &company, self.rules, cancelled);
        self.give(source, Some(&company.id), yields)?;
        for relation in cfdi.replaces().filter(|r| r.uuid != cfdi.uuid) {
            // A replacement that was cancelled itself replaces nothing, unless the list says that the replaced one is gone too.
            if self.listed.contains_key(&cfdi.uuid) && !self.listed.contains_key(&relation.uuid) {
                continue;
            }
            let origin = Origin { source, line: relation.at.line };
            let entry = self.replaced.entry(relation.uuid.clone());
            let found = entry.or_insert_with(|| (cfdi.issued, cfdi.uuid.clone(), origin));
            if (cfdi.issued, &cfdi.uuid) < (found.0, &found.1) {
                *found = (cfdi.issued, cfdi.uuid.clone(), origin);
            }
        }
        let to = rows::credited(&cfdi);
        if to.len() > 1 {
            self.shared_credits.push(SharedCredit { source, to: to.into_iter().map(Box::from).collect() });
        }
        Ok(READ)
    }

    /// The company that issued it, if it is ours.
    fn whose(&mut self, source: u32, cfdi: &Cfdi) -> Result<Option<Company>> {
        if let Some(company) = self.owners.get(&cfdi.issuer.tax_id) {
            return Ok(Some(company.clone()));
        }
        let issuer = &cfdi.issuer;
        let company = Company {
            id: issuer.tax_id.clone(),
            tax_id: issuer.tax_id.clone(),
            name: Some(issuer.name.clone().unwrap_or_else(|| issuer.tax_id.clone())),
            currency: "MXN".into(),
            account: None,
        };
        match &mut self.owners {
            Owners::Listed(_) => return Ok(None),
            Owners::Any(all) => {
                all.insert(issuer.tax_id.clone(), company.clone());
            }
            Owners::One(one @ None) => *one = Some(company.clone()),
            Owners::One(Some(one)) => {
                return Err(Error::data(format!("the files have two issuers, {} and {}; which are ours?", one.tax_id, issuer.tax_id))
                    .hint("copy the profile cfdi, list your RFCs in it as [[cfdi.company]], and load with it; what others issued to you is then set aside"));
            }
        }
        if self.rules.ledger == LedgerSource::Cfdi
            && let Some(row) = rows::company_row(&company, issuer.at.line)
        {
            self.give(source, Some(&company.id), vec![row])?;
        }
        Ok(Some(company))
    }

    /// A folio fiscal in a second file.
    fn again(&mut self, source: u32, cfdi: &Cfdi, first: u32, is_same: bool) -> Result<SourceSummary> {
        let first = &self.plan.sources[first as usize].name;
        let Spot { line, column } = cfdi.uuid_at;
        if is_same {
            let place = format!("{}:{line}:{column}", self.plan.sources[source as usize].name);
            let finding = Finding::new("duplicate_row", "fiscal_documents", format!("the same CFDI stands in {first}")).at(place);
            self.sink.finding(finding.showing(&cfdi.uuid))?;
            return Ok(SKIPPED);
        }
        let reason = format!("the same folio fiscal stands in {first} with other content; the first file counts");
        let refused = Refused {
            code: "duplicate_key",
            name: Some("TimbreFiscalDigital@UUID".into()),
            excerpt: Some(cfdi.uuid.to_string()),
            ..at(cfdi, cfdi.uuid_at, reason)
        };
        let company = self.owners.get(&cfdi.issuer.tax_id).map(|c| c.id.clone());
        self.reject(source, "fiscal_documents", refused, company.as_deref())?;
        Ok(READ)
    }

    fn set_aside(&mut self, why: Aside, uuid: Option<&str>) {
        *self.asides.entry(why).or_default() += 1;
        self.aside.extend(uuid.map(short));
    }

    fn give(&mut self, source: u32, company: Option<&str>, yields: Vec<Yield>) -> Result<()> {
        for one in yields {
            match one {
                Yield::Row(table, values, line) => self.sink.row(schema::Row { table, values, origin: Origin { source, line } })?,
                Yield::Refused(table, refused) => self.reject(source, table, refused, company)?,
                Yield::Finding(code, table, line, message) => {
                    let mut finding = Finding::new(code, table, message);
                    finding.company_id = company.map(str::to_string);
                    self.sink.finding(finding.at(format!("{}:{line}", self.plan.sources[source as usize].name)))?;
                }
            }
        }
        Ok(())
    }

    fn reject(&mut self, source: u32, table: &'static str, refused: Refused, company: Option<&str>) -> Result<()> {
        self.sink.reject(Reject {
            table,
            source,
            line: refused.line,
            column_no: refused.column,
            column_name: refused.name,
            code: refused.code,
            reason: refused.reason,
            excerpt: refused.excerpt,
            company_id: company.map(str::to_string),
            currency: refused.currency,
            amount: refused.amount,
        })
    }

    /// What had to wait for the last file.
    pub fn finish(mut self) -> Result<()> {
        self.give_customers()?;
        self.share_credits()?;
        self.take_back()?;
        for (why, count) in &self.asides {
            let what = match why {
                Aside::Payroll => "of payroll (N)",
                Aside::Transport => "of transport (T)",
                Aside::Received => "issued to us by others",
            };
            let message = format!("{count} CFDI {what} say nothing about receivables; they were counted and passed over");
            self.sink.finding(Finding::new("cfdi_aside", "fiscal_documents", message))?;
        }
        Ok(())
    }

    fn give_customers(&mut self) -> Result<()> {
        if let (Owners::Listed(all), LedgerSource::Cfdi) = (&self.owners, self.rules.ledger) {
            let mut stated: Vec<Company> = all.values().filter(|c| c.name.is_some()).cloned().collect();
            stated.sort_by(|a, b| a.id.cmp(&b.id));
            let own = self.plan.sources.iter().position(|s| s.part == Part::Rows).unwrap_or_default() as u32;
            for company in stated {
                let id = company.id.clone();
                self.give(own, Some(&id), rows::company_row(&company, 1).into_iter().collect())?;
            }
        }
        for customer in std::mem::take(&mut self.customers.all) {
            let own = self.owners.get(&customer.party.tax_id).map(|c| c.id.to_string());
            let counterparty = own.or_else(|| self.rules.related.get(&*customer.party.tax_id).cloned());
            let name = customer.party.name.clone().unwrap_or_else(|| customer.party.tax_id.clone());
            let row = rows::customer(&customer.company, &customer.id, &customer.party, &name, counterparty.as_deref());
            self.give(customer.source, Some(&customer.company), vec![row])?;
        }
        Ok(())
    }

    /// The CFDI of a source, once more.
    fn read_again(&self, source: u32) -> Result<Box<Cfdi>> {
        match parse_one(&self.plan.sources[source as usize])? {
            Ok(Read::Cfdi(cfdi)) => Ok(cfdi),
            _ => Err(Error::internal("a CFDI that was read cannot be read again")),
        }
    }

    fn company_of(&self, cfdi: &Cfdi) -> Result<Company> {
        self.owners.get(&cfdi.issuer.tax_id).cloned().ok_or_else(|| Error::internal("a CFDI lost its company"))
    }

    /// A credit note of several documents is split where only one way is possible: it is the whole of each.
    fn share_credits(&mut self) -> Result<()> {
        if self.rules.ledger != LedgerSource::Cfdi {
            return Ok(());
        }
        for shared in std::mem::take(&mut self.shared_credits) {
            let cfdi = self.read_again(shared.source)?;
            let company = self.company_of(&cfdi)?;
            let mut sum = Total::default();
            let mut parts = Vec::new();
            for uuid in &shared.to {
                if let Some(known) = self.known.get(&short(uuid)) {
                    let one = self.read_again(known.source)?;
                    if one.kind == Kind::Income && one.currency == cfdi.currency && one.issuer.tax_id == cfdi.issuer.tax_id {
                        sum.add(one.total);
                        parts.push((uuid.clone(), one.total));
                    }
                }
            }
            let yields = if parts.len() == shared.to.len() && sum.money() == Some(cfdi.total) {
                parts.iter().map(|(uuid, amount)| rows::credit(&company, &cfdi, uuid, *amount, cfdi.at.line)).collect()
            } else {
                let message = format!(
                    "the credit note {} names {} documents and not how much of each; it stays unapplied",
                    cfdi.uuid,
                    shared.to.len()
                );
                vec![Yield::Finding("credit_unsplit", "applications", cfdi.at.line, message)]
            };
            self.give(shared.source, Some(&company.id), yields)?;
        }
        Ok(())
    }

    /// What was cancelled or replaced is taken back on that day: the earlier one, so that it never counts beside its replacement.
    fn take_back(&mut self) -> Result<()> {
        let listed = std::mem::take(&mut self.listed);
        let replaced = std::mem::take(&mut self.replaced);
        let mut gone: BTreeMap<&str, Origin> = replaced.iter().map(|(uuid, found)| (&**uuid, found.2)).collect();
        gone.extend(listed.iter().map(|(uuid, (_, origin))| (&**uuid, *origin)));
        for (uuid, origin) in gone {
            let (cancelled, replacement) = (listed.get(uuid).map(|l| &l.0), replaced.get(uuid));
            let Some(known) = self.known.get(&short(uuid)) else {
                self.not_here(uuid, origin, cancelled.is_some())?;
                continue;
            };
            let source = known.source;
            let cfdi = self.read_again(source)?;
            let company = self.company_of(&cfdi)?;
            let day = [cancelled.map(|c| c.day), replacement.map(|r| r.0)].into_iter().flatten().min();
            let Some(day) = day else { continue };
            if day < cfdi.issued {
                let what = if cancelled.is_some_and(|c| c.day == day) { "cancelled" } else { "replaced" };
                let message = format!("{uuid} was {what} on {day}, before it was issued on {}; not taken back", cfdi.issued);
                self.finding_at("cancellation_invalid", message, uuid, origin)?;
                continue;
            }
            if cancelled.is_none()
                && let Some((_, by, _)) = replacement
            {
                let message = format!("{uuid} is replaced by {by} (04), but no list says that it was cancelled; taken back on {day}");
                self.finding_at("cfdi_replaced", message, uuid, origin)?;
            }
            if self.rules.ledger == LedgerSource::Cfdi {
                let why = match replacement {
                    Some((_, by, _)) => format!("replaced by {by}"),
                    None => "cancelled".to_string(),
                };
                let yields = rows::taken_back(&cfdi, &company, self.rules, day, &why);
                self.give(source, Some(&company.id), yields)?;
            }
        }
        Ok(())
    }

    /// A CFDI that is not among the files cannot be taken back: what it was worth is not known here.
    fn not_here(&mut self, uuid: &str, origin: Origin, is_listed: bool) -> Result<()> {
        if self.aside.contains(&short(uuid)) {
            return Ok(());
        }
        let (code, what) = if is_listed { ("cancellation_unknown", "cancelled") } else { ("cfdi_replaced", "replaced (04)") };
        let message = format!("{uuid} was {what}, but its XML is not in this load, so it was not taken back");
        self.finding_at(code, message, uuid, origin)
    }

    fn finding_at(&mut self, code: &'static str, message: String, uuid: &str, origin: Origin) -> Result<()> {
        let place = format!("{}:{}", self.plan.sources[origin.source as usize].name, origin.line);
        self.sink.finding(Finding::new(code, "fiscal_documents", message).at(place).showing(uuid))
    }
}

/// A refusal of a whole CFDI that could be read.
fn at(cfdi: &Cfdi, spot: Spot, reason: String) -> Refused {
    Refused { currency: Some(cfdi.currency.to_string()), amount: Some(cfdi.total), ..Refused::at("cfdi_not_ours", spot, reason) }
}
