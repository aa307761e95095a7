//! Customers that are one and the same: what the project declares, what loads recorded of it, who is whom looking from a load.
//!
//! A merge moves no balance: movements keep the id they were posted under, and the engine reads them under the customer that they are.
//! So a merge is knowledge like any other. It counts from the load that recorded it, a figure known before stays as it was, and
//! taking it back is one more row.

use super::movement::arrow_error;
use super::snapshot::Snapshot;
use super::store::Writer;
use super::stored::{at, each_batch, ints, table, text};
use crate::config::Merge;
use crate::domain::text::Text;
use crate::error::Result;
use crate::schema::system;
use arrow::array::{Int32Array, RecordBatch, StringArray};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a load recorded of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Version {
    load_id: i32,
    /// The customer that it is, and why; `None`: itself again.
    into: Option<(Text, Text)>,
}

/// Every merge that loads recorded.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct Merges {
    /// By company and customer, oldest load first.
    versions: BTreeMap<Text, BTreeMap<Text, Vec<Version>>>,
}

/// A row of the table `customer_merges`: what changes with a load.
pub(super) struct Change {
    pub company_id: Text,
    pub customer_id: Text,
    pub into: Option<(Text, Text)>,
}

impl Merges {
    /// Reads what a snapshot holds.
    pub fn read(snapshot: &Snapshot) -> Result<Merges> {
        let mut merges = Merges::default();
        each_batch(table(snapshot, system::CUSTOMER_MERGES.name)?, None, |batch| {
            let (loads, companies, customers) = (ints(&batch, "load_id")?, text(&batch, "company_id")?, text(&batch, "customer_id")?);
            let (intos, reasons) = (text(&batch, "into_customer_id")?, text(&batch, "reason")?);
            for i in 0..batch.num_rows() {
                let into = at(intos, i).map(|into| (into.into(), at(reasons, i).unwrap_or_default().into()));
                let version = Version { load_id: loads.value(i), into };
                let of_company = merges.versions.entry(companies.value(i).into()).or_default();
                of_company.entry(customers.value(i).into()).or_default().push(version);
            }
            Ok(())
        })?;
        for versions in merges.versions.values_mut().flat_map(BTreeMap::values_mut) {
            versions.sort_by_key(|v| v.load_id);
        }
        Ok(merges)
    }

    /// Whether none was ever recorded.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// The customer that a customer is, looking from a load; `None`: itself.
    pub fn merged_into(&self, company: &str, customer: &str, load: i32) -> Option<&str> {
        let versions = self.versions.get(company)?.get(customer)?;
        versions.iter().rev().find(|v| v.load_id <= load)?.into.as_ref().map(|(into, _)| into.as_str())
    }

    /// What counts after the newest load, with the load that recorded it, by company and customer.
    pub fn current(&self) -> Vec<(Merge, i32)> {
        let mut current: Vec<(Merge, i32)> = self
            .versions
            .iter()
            .flat_map(|(company, customers)| customers.iter().map(move |(customer, versions)| (company, customer, versions)))
            .filter_map(|(company, customer, versions)| {
                let last = versions.last()?;
                let (into, reason) = last.into.clone()?;
                let merge = Merge { company_id: company.clone(), customer_id: customer.clone(), into_customer_id: into, reason };
                Some((merge, last.load_id))
            })
            .collect();
        current.sort_by(|a, b| (&a.0.company_id, &a.0.customer_id).cmp(&(&b.0.company_id, &b.0.customer_id)));
        current
    }

    /// What a load has to record for the declared merges to count, by company and customer.
    pub(super) fn changes(&self, declared: &[Merge]) -> Vec<Change> {
        let mut into: BTreeMap<(Text, Text), Option<(Text, Text)>> = BTreeMap::new();
        let current = self.current();
        for (merge, _) in &current {
            into.insert((merge.company_id.clone(), merge.customer_id.clone()), None);
        }
        for merge in declared {
            let key = (merge.company_id.clone(), merge.customer_id.clone());
            into.insert(key, Some((merge.into_customer_id.clone(), merge.reason.clone())));
        }
        for (merge, _) in current {
            let key = (merge.company_id, merge.customer_id);
            if into.get(&key) == Some(&Some((merge.into_customer_id, merge.reason))) {
                into.remove(&key);
            }
        }
        into.into_iter().map(|((company_id, customer_id), into)| Change { company_id, customer_id, into }).collect()
    }

    /// Whether the declared merges are what loads recorded.
    pub fn are(&self, declared: &[Merge]) -> bool {
        self.changes(declared).is_empty()
    }
}

/// Writes changes.
pub(super) fn write(writer: &mut Writer, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let load_id = writer.load_id();
    let batch = RecordBatch::try_new(
        system::CUSTOMER_MERGES.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(changes.iter().map(|_| load_id))),
            Arc::new(StringArray::from_iter_values(changes.iter().map(|c| &c.company_id))),
            Arc::new(StringArray::from_iter_values(changes.iter().map(|c| &c.customer_id))),
            Arc::new(StringArray::from_iter(changes.iter().map(|c| c.into.as_ref().map(|(into, _)| into)))),
            Arc::new(StringArray::from_iter(changes.iter().map(|c| c.into.as_ref().map(|(_, reason)| reason)))),
        ],
    )
    .map_err(arrow_error)?;
    writer.append(system::CUSTOMER_MERGES.name, &batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(customer: &str, into: &str) -> Merge {
        Merge { company_id: "A".into(), customer_id: customer.into(), into_customer_id: into.into(), reason: "same RFC".into() }
    }

    fn recorded(rows: &[(i32, &str, Option<&str>)]) -> Merges {
        let mut merges = Merges::default();
        for (load_id, customer, into) in rows {
            let into = into.map(|into| (into.into(), "same RFC".into()));
            merges.versions.entry("A".into()).or_default().entry((*customer).into()).or_default().push(Version { load_id: *load_id, into });
        }
        merges
    }

    #[test]
    fn a_merge_counts_from_its_load_until_it_is_taken_back() {
        let merges = recorded(&[(3, "C1", Some("C2")), (5, "C1", None), (7, "C1", Some("C3"))]);
        let seen: Vec<Option<&str>> = (2..=7).map(|load| merges.merged_into("A", "C1", load)).collect();
        assert_eq!(seen, [None, Some("C2"), Some("C2"), None, None, Some("C3")]);
        assert_eq!((merges.merged_into("B", "C1", 7), merges.merged_into("A", "C2", 7)), (None, None));
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let merges = recorded(&[(3, "C1", Some("C2")), (3, "C4", Some("C2")), (4, "C5", Some("C2")), (5, "C5", None)]);
        assert!(merges.are(&[merge("C4", "C2"), merge("C1", "C2")]));
        let changes = merges.changes(&[merge("C1", "C3"), merge("C6", "C3")]);
        let told: Vec<(&str, Option<&str>)> =
            changes.iter().map(|c| (c.customer_id.as_str(), c.into.as_ref().map(|i| i.0.as_str()))).collect();
        assert_eq!(told, [("C1", Some("C3")), ("C4", None), ("C6", Some("C3"))]);
    }
}
