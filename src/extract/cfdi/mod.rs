//! CFDI: a folder or an archive of XML files becomes documents, applications and the fiscal tables.
//!
//! `text` (bytes → text) → `xml` (elements with their places) → `parse` → `document` (typed, exact) → `rows` (pure: one CFDI's rows;
//! `applied`, `terms`). Here is what needs more than one file: whose a CFDI is, one folio fiscal in two files, what was cancelled or
//! replaced, which name of a customer is the latest. Files are parsed on all cores, and taken in the order of the plan: the same
//! files give the same rows. Kept of a CFDI are forty bytes; the few that others take back are read again at the end.

mod applied;
mod cancelled;
mod document;
mod parse;
mod rows;
pub(in crate::extract) mod rules;
mod terms;
mod text;
mod xml;

use super::place::Place;
use super::plan::{Part, Plan, SourceFile};
use super::profile::Reading;
use super::{Reject, Sink, SourceSummary};
use crate::domain::finding::Finding;
use crate::domain::money::Total;
use crate::error::{Error, Result};
use crate::schema::{self, Origin};
use cancelled::Listed;
use chrono::NaiveDate;
use document::{Aside, Cfdi, Kind, Read};
use rows::{Company, Yield};
use rules::{CfdiRules, LedgerSource};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use xml::Refused;

/// Tables that CFDI yield where they are the source of the ledger, and where an ERP is.
pub(super) const LEDGER_TABLES: &[&str] =
    &["companies", "customers", "documents", "applications", "fiscal_documents", "fiscal_relations", "fiscal_payments"];
pub(super) const FISCAL_TABLES: &[&str] = &["fiscal_documents", "fiscal_relations", "fiscal_payments"];

/// No CFDI is larger; the largest known have some thousand lines.
const LARGEST: u64 = 32 << 20;
/// Files parsed before their rows go on.
const BATCH: usize = 256;

/// Tables that a profile's CFDI yield.
pub(super) fn tables(rules: &CfdiRules) -> &'static [&'static str] {
    match rules.ledger {
        LedgerSource::Cfdi => LEDGER_TABLES,
        LedgerSource::Erp => FISCAL_TABLES,
    }
}

/// Checks the header of a cancellation list.
pub(super) fn check_list(place: &Place, reading: &Reading, rules: &CfdiRules) -> Result<()> {
    match &rules.cancellations {
        Some(list) => cancelled::check(place, reading, list),
        None => Ok(()),
    }
}

/// Reads the CFDI and cancellation lists of a plan; their summaries go to the places of their sources.
pub(super) fn read(plan: &Plan, rules: &CfdiRules, sink: &mut dyn Sink, summaries: &mut [SourceSummary]) -> Result<()> {
    let mut listed = Listed::new();
    for (n, source) in plan.sources.iter().enumerate().filter(|(_, s)| s.part == Part::Cancellations) {
        let list = rules.cancellations.as_ref().ok_or_else(|| Error::internal("a cancellation list without its rules"))?;
        let reading = plan.profile.cancellation_reading(list)?;
        source.unchanged()?;
        summaries[n] = cancelled::read(&source.place, &reading, list, n as u32, &mut listed, &mut |r| sink.reject(r))
            .map_err(|e| e.context(source.name.clone()))?;
    }
    let files: Vec<u32> = (0..plan.sources.len() as u32).filter(|n| plan.sources[*n as usize].part == Part::Cfdi).collect();
    let mut reading = Intake {
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
    };
    let mut done = 0;
    for batch in files.chunks(BATCH) {
        reading.sink.progress(done, files.len() as u64);
        for (number, read) in batch.iter().zip(parse_all(plan, batch)) {
            let number = *number;
            let summary = reading.take(number, read?).map_err(|e| e.context(plan.sources[number as usize].name.clone()))?;
            summaries[number as usize] = summary;
        }
        done += batch.len() as u64;
    }
    reading.sink.progress(done, files.len() as u64);
    reading.finish()
}

type Parsed = std::result::Result<Read, Refused>;

/// Parses files on all cores; results stand in the order of the files.
fn parse_all(plan: &Plan, batch: &[u32]) -> Vec<Result<Parsed>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let share = batch.len().div_ceil(workers).max(1);
    if workers == 1 || batch.len() < 8 {
        return batch.iter().map(|n| parse_one(&plan.sources[*n as usize])).collect();
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = batch
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|n| parse_one(&plan.sources[*n as usize])).collect::<Vec<_>>()))
            .collect();
        let joined = |part: std::thread::ScopedJoinHandle<'_, Vec<Result<Parsed>>>| {
            part.join().unwrap_or_else(|_| vec![Err(Error::internal("a file could not be parsed"))])
        };
        parts.into_iter().flat_map(joined).collect()
    })
}

/// Parses one file; a fault of the machine stops the load, one of the file refuses the file.
fn parse_one(source: &SourceFile) -> Result<Parsed> {
    let read = || -> Result<Parsed> {
        source.unchanged()?;
        let bytes = source.place.stream()?.first(LARGEST + 1)?;
        if bytes.len() as u64 > LARGEST {
            let reason = format!("it is larger than {} MiB, more than a CFDI can be", LARGEST >> 20);
            return Ok(Err(Refused::new("xml_invalid", 1, reason)));
        }
        Ok(text::text(&bytes).and_then(|text| parse::parse(&text)))
    };
    read().map_err(|e| e.context(source.name.clone()))
}

/// A folio fiscal as a number: forty bytes a CFDI are kept, not texts.
fn short(uuid: &str) -> u128 {
    let hex = uuid.bytes().filter_map(|b| (b as char).to_digit(16));
    hex.fold(0, |number, digit| (number << 4) | u128::from(digit))
}

/// Which companies are ours.
enum Owners {
    Listed(HashMap<Box<str>, Company>),
    /// Every issuer.
    Any(HashMap<Box<str>, Company>),
    /// The one issuer that all CFDI must have.
    One(Option<Company>),
}

impl Owners {
    fn of(rules: &CfdiRules) -> Owners {
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
    fn get(&self, tax_id: &str) -> Option<&Company> {
        match self {
            Owners::Listed(all) | Owners::Any(all) => all.get(tax_id),
            Owners::One(one) => one.as_ref().filter(|c| &*c.tax_id == tax_id),
        }
    }
}

/// Customers met, each with its latest name.
#[derive(Default)]
struct Customers {
    at: HashMap<(Box<str>, String), usize>,
    all: Vec<Customer>,
}

struct Customer {
    company: Box<str>,
    id: String,
    source: u32,
    issued: NaiveDate,
    party: document::Party,
}

impl Customers {
    fn meet(&mut self, company: &Company, source: u32, cfdi: &mut Cfdi) {
        let party = &mut cfdi.receiver;
        // A complement of 3.3 need not name the customer: it must not take the name away.
        if party.name.is_none() && cfdi.kind == Kind::Payment {
            return;
        }
        let id = rows::customer_id(party, &cfdi.uuid);
        let met =
            document::Party { line: party.line, tax_id: party.tax_id.clone(), name: party.name.clone(), country: party.country.clone() };
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

struct Intake<'a> {
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

impl Intake<'_> {
    fn take(&mut self, source: u32, parsed: Parsed) -> Result<SourceSummary> {
        let mut cfdi = match parsed {
            Err(refused) => {
                self.reject(source, "fiscal_documents", refused, None)?;
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
                Refused { excerpt: Some(issuer.to_string()), name: Some("Emisor@Rfc".into()), ..at(&cfdi, cfdi.issuer.line, reason) };
            self.reject(source, "fiscal_documents", refused, None)?;
            return Ok(READ);
        };
        self.known.insert(short(&cfdi.uuid), Known { source, digest });
        if self.rules.ledger == LedgerSource::Cfdi {
            self.customers.meet(&company, source, &mut cfdi);
        }
        let cancelled = self.listed.get(&cfdi.uuid).map(|(c, _)| c);
        let yields = rows::rows(&cfdi, &company, self.rules, cancelled);
        self.give(source, Some(&company.id), yields)?;
        for relation in cfdi.replaces().filter(|r| r.uuid != cfdi.uuid) {
            // A replacement that was cancelled itself replaces nothing, unless the list says that the replaced one is gone too.
            if self.listed.contains_key(&cfdi.uuid) && !self.listed.contains_key(&relation.uuid) {
                continue;
            }
            let origin = Origin { source, line: relation.line };
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
            && let Some(row) = rows::company_row(&company, issuer.line)
        {
            self.give(source, Some(&company.id), vec![row])?;
        }
        Ok(Some(company))
    }

    /// A folio fiscal in a second file.
    fn again(&mut self, source: u32, cfdi: &Cfdi, first: u32, is_same: bool) -> Result<SourceSummary> {
        let first = &self.plan.sources[first as usize].name;
        let (line, column) = cfdi.uuid_at;
        if is_same {
            let place = format!("{}:{line}:{column}", self.plan.sources[source as usize].name);
            let finding = Finding::new("duplicate_row", "fiscal_documents", format!("the same CFDI stands in {first}")).at(place);
            self.sink.finding(finding.showing(&cfdi.uuid))?;
            return Ok(SKIPPED);
        }
        let reason = format!("the same folio fiscal stands in {first} with other content; the first file counts");
        let refused = Refused {
            code: "duplicate_key",
            column: Some(column),
            name: Some("TimbreFiscalDigital@UUID".into()),
            excerpt: Some(cfdi.uuid.to_string()),
            ..at(cfdi, line, reason)
        };
        self.reject(source, "fiscal_documents", refused, None)?;
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
    fn finish(mut self) -> Result<()> {
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
                parts.iter().map(|(uuid, amount)| rows::credit(&company, &cfdi, uuid, *amount, cfdi.line)).collect()
            } else {
                let message = format!(
                    "the credit note {} names {} documents and not how much of each; it stays unapplied",
                    cfdi.uuid,
                    shared.to.len()
                );
                vec![Yield::Finding("credit_unsplit", "applications", cfdi.line, message)]
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
fn at(cfdi: &Cfdi, line: u64, reason: String) -> Refused {
    Refused { currency: Some(cfdi.currency.to_string()), amount: Some(cfdi.total), ..Refused::new("cfdi_not_ours", line, reason) }
}
