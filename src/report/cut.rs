//! A pack of one part of the ledger: one company, customer, parent, segment or collector instead of the whole group.
//!
//! A source is cut by the means its query has, in this order: the grain it takes as an argument; the customer of its rows; the company
//! or the collector of its rows. What none of them cuts is left out of the pack rather than shown for more than it says. The state of
//! the pack and its exchange rates stay those of the whole ledger.

use super::answers::{Answers, QueryDefinition};
use super::spec::{Argument, BlockSpec, Customers, From, OneOrMany, SectionSpec, Spec};
use super::text::Text;
use crate::engine::rows::Datum;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Scope words of the mechanism that cuts measures; a cut puts its own in their place.
const SCOPE: &str = "scope";

/// What a pack may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutGrain {
    /// One of our companies.
    Company,
    /// A customer of a company.
    Customer,
    /// A customer with those that belong to it.
    Parent,
    /// A segment of the group.
    Segment,
    /// A collector of the group.
    Collector,
}

impl CutGrain {
    /// The word that queries take for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CutGrain::Company => "company",
            CutGrain::Customer => "customer",
            CutGrain::Parent => "parent",
            CutGrain::Segment => "segment",
            CutGrain::Collector => "collector",
        }
    }

    /// Whether its members are a company's own; the others are the group's.
    fn is_of_company(self) -> bool {
        matches!(self, CutGrain::Company | CutGrain::Customer | CutGrain::Parent)
    }
}

/// The part that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutWish {
    /// By what.
    pub grain: CutGrain,
    /// Company of a customer or parent; not needed where only one company has it.
    pub company: Option<String>,
    /// Id of the company, customer, segment, collector.
    pub member: String,
}

/// The part that a pack is of, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// By what.
    pub grain: CutGrain,
    /// `group`, or the company of the member.
    pub company_id: String,
    /// Its id.
    pub member_id: String,
    /// Its name.
    pub name: String,
    /// In what its figures are counted.
    pub currency: String,
    /// Its customers: company and id.
    customers: Arc<BTreeSet<(String, String)>>,
}

impl Cut {
    /// Finds the part in the ledger.
    ///
    /// # Errors
    /// Missing, or of several companies without one being named.
    pub fn find(wish: &CutWish, as_of: NaiveDate, answers: &dyn Answers) -> Result<Cut> {
        let grain = wish.grain.as_str();
        let rows = answers.ask("members", &[Datum::Date(as_of), Datum::Text(grain.to_string())])?;
        let names = ["scope", "company_id", "member_id", "member_name", "currency", "owner_id", "customer_id"];
        let places: Option<Vec<usize>> = names.iter().map(|name| rows.position(name)).collect();
        let places = places.ok_or_else(|| Error::internal("the query `members` lacks a column"))?;
        let word = |row: &[Datum], n: usize| row[places[n]].to_string();
        let of_grain: Vec<&Vec<Datum>> = rows.rows.iter().filter(|row| word(row, 0) == grain).collect();
        let is_wished = |row: &&&Vec<Datum>| {
            word(row, 2) == wish.member && (!wish.grain.is_of_company() || wish.company.as_ref().is_none_or(|c| *c == word(row, 1)))
        };
        let found: Vec<&Vec<Datum>> = of_grain.iter().filter(is_wished).copied().collect();
        let companies: BTreeSet<String> = found.iter().map(|row| word(row, 1)).collect();
        let Some(first) = found.first() else {
            let known: BTreeSet<String> = of_grain.iter().map(|row| word(row, 2)).collect();
            let some: Vec<String> = known.iter().take(12).cloned().collect();
            let more = if known.len() > some.len() { ", …" } else { "" };
            let of = wish.company.as_ref().map(|c| format!(" of {c}")).unwrap_or_default();
            return Err(Error::missing(format!("there is no {grain} `{}`{of} on {as_of}", wish.member))
                .hint(format!("there are {}{more}", some.join(", "))));
        };
        if companies.len() > 1 {
            let companies: Vec<String> = companies.into_iter().collect();
            return Err(Error::usage(format!("{grain} `{}` is one of {}", wish.member, companies.join(", ")))
                .hint("name the company too, with --company"));
        }
        Ok(Cut {
            grain: wish.grain,
            company_id: word(first, 1),
            member_id: word(first, 2),
            name: word(first, 3),
            currency: word(first, 4),
            customers: Arc::new(found.iter().map(|row| (word(row, 5), word(row, 6))).collect()),
        })
    }

    /// Its name with its id, where they differ: `C0042 Aceros del Norte`.
    pub fn called(&self) -> String {
        if self.name == self.member_id { self.name.clone() } else { format!("{} {}", self.member_id, self.name) }
    }

    fn only(&self, column: &str, from: &mut From) {
        from.only
            .insert(column.to_string(), OneOrMany::One(if column == "company_id" { &self.company_id } else { &self.member_id }.clone()));
    }

    /// The source cut; `None` if its query has no means for it.
    fn source(&self, from: &From, query: &QueryDefinition) -> Option<From> {
        let mut cut = from.clone();
        let has = |column: &str| query.columns.iter().any(|c| c.name == column);
        let grain = query.parameters.iter().position(|name| name == "grain");
        let given = grain.and_then(|at| from.arguments.get(at)).and_then(Argument::word);
        match (grain, given) {
            (Some(at), None) if at == from.arguments.len() => {
                cut.arguments.push(Argument::of_word(self.grain.as_str()));
                cut.only.remove(SCOPE);
                self.only("company_id", &mut cut);
                self.only("member_id", &mut cut);
                return Some(cut);
            }
            // The group's own row, where the spec names it because more arguments follow.
            (Some(at), Some("group")) => {
                cut.arguments[at] = Argument::of_word(self.grain.as_str());
                cut.only.remove(SCOPE);
                self.only("company_id", &mut cut);
                self.only("member_id", &mut cut);
                return Some(cut);
            }
            (Some(_), Some(word)) if word == self.grain.as_str() => {
                self.only("company_id", &mut cut);
                self.only("member_id", &mut cut);
                return Some(cut);
            }
            // Rows a customer: those of the part.
            (Some(_), Some("customer")) => {
                cut.customers = Some(Customers { among: self.customers.clone(), columns: ["company_id", "member_id"] });
                return Some(cut);
            }
            (Some(_), _) => return None,
            (None, _) => {}
        }
        if has("customer_id") && (has("owner_id") || has("company_id")) {
            let company = if has("owner_id") { "owner_id" } else { "company_id" };
            cut.customers = Some(Customers { among: self.customers.clone(), columns: [company, "customer_id"] });
            return Some(cut);
        }
        match self.grain {
            CutGrain::Company if has("company_id") => self.only("company_id", &mut cut),
            CutGrain::Collector if has("collector_id") => self.only("collector_id", &mut cut),
            _ => return None,
        }
        cut.only.remove(SCOPE);
        Some(cut)
    }
}

/// The spec with every source cut, without what cannot be. What the state and the proof rest on stays whole as well.
pub(crate) fn cut_spec(spec: &Spec, cut: &Cut, answers: &dyn Answers) -> Spec {
    let mut out = spec.clone();
    let whole = spec.state.iter().map(|s| &s.tie_out).chain(spec.proof.iter().map(|p| &p.rates));
    out.whole = whole.filter_map(|name| Some((name.clone(), spec.from.get(name)?.clone()))).collect();
    let source = |from: &From| answers.define(&from.query).and_then(|query| cut.source(from, &query));
    out.from = spec.from.iter().filter_map(|(name, from)| Some((name.clone(), source(from)?))).collect();
    let is_cut = |name: &str| out.from.contains_key(name);
    out.sections = spec.sections.iter().filter_map(|section| cut_section(section, &is_cut)).collect();
    out
}

fn cut_section(section: &SectionSpec, is_cut: &dyn Fn(&str) -> bool) -> Option<SectionSpec> {
    let mut out = section.clone();
    out.clauses.retain(|clause| clause.figures.values().all(|figure| is_cut(&figure.from)));
    for block in &mut out.blocks {
        // A target of the whole group is none of a part.
        if let BlockSpec::Kpis(strip) | BlockSpec::Comparison(strip) = block {
            for item in &mut strip.items {
                item.target = item.target.take().filter(|figure| is_cut(&figure.from));
            }
        }
    }
    out.blocks.retain(|block| block.sources().iter().all(|name| is_cut(name)));
    let says = |block: &BlockSpec| !matches!(block, BlockSpec::Text(_));
    out.blocks.iter().any(says).then_some(out)
}

/// The part in a language's words: `only company MX01 Norte`.
pub(crate) fn in_words(cut: &Cut, text: &Text) -> Result<String> {
    text.fill(&format!("cut.{}", cut.grain.as_str()), &[("name", &cut.called()), ("company", &cut.company_id)])
}

/// Part of a file's name: `MX01`, `MX01-C0042`. Ids hold anything, file names do not.
pub fn file_part(cut: &Cut) -> String {
    let safe = |id: &str| id.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect::<String>();
    match cut.grain {
        CutGrain::Customer | CutGrain::Parent => format!("{}-{}", safe(&cut.company_id), safe(&cut.member_id)),
        CutGrain::Company | CutGrain::Segment | CutGrain::Collector => safe(&cut.member_id),
    }
}

/// The keys of the texts above.
#[cfg(test)]
pub(crate) fn keys() -> Vec<String> {
    [CutGrain::Company, CutGrain::Customer, CutGrain::Parent, CutGrain::Segment, CutGrain::Collector]
        .iter()
        .map(|grain| format!("cut.{}", grain.as_str()))
        .collect()
}
