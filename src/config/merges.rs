//! `[[merge]]` of `cartera.toml`: customers that are one and the same, each with its reason.
//!
//! Separate from the rest of the configuration because it has rules of its own: chains are followed to their end, circles refused.

use crate::domain::text::Text;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A customer that is another customer of the same company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Company of both.
    pub company_id: Text,
    /// As extracts call it.
    pub customer_id: Text,
    /// The customer that it is.
    pub into_customer_id: Text,
    /// Why.
    pub reason: Text,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    company: Text,
    customer: Text,
    into: Text,
    reason: Text,
}

/// Checks the merges and follows chains: of `A into B` and `B into C`, A is C too. In the order of company and customer.
pub(super) fn resolve(written: Vec<Written>) -> Result<Vec<Merge>> {
    let mut by_customer: BTreeMap<(Text, Text), Written> = BTreeMap::new();
    for merge in written {
        let said = format!("the merge of customer {} of {} into {}", merge.customer, merge.company, merge.into);
        if [&merge.company, &merge.customer, &merge.into, &merge.reason].iter().any(|text| text.trim().is_empty()) {
            return Err(Error::usage(format!("{said} has an empty word"))
                .hint("give company, customer, into and a reason that an auditor can follow"));
        }
        if merge.customer == merge.into {
            return Err(Error::usage(format!("{said} says nothing")).hint("into is another customer of the same company"));
        }
        let key = (merge.company.clone(), merge.customer.clone());
        if let Some(other) = by_customer.insert(key, merge) {
            return Err(Error::usage(format!("{said} stands beside its merge into {}", other.into)).hint("keep one of the two"));
        }
    }
    by_customer
        .values()
        .map(|merge| {
            let mut into = &merge.into;
            for _ in 0..by_customer.len() {
                match by_customer.get(&(merge.company.clone(), into.clone())) {
                    Some(next) => into = &next.into,
                    None => {
                        return Ok(Merge {
                            company_id: merge.company.clone(),
                            customer_id: merge.customer.clone(),
                            into_customer_id: into.clone(),
                            reason: merge.reason.clone(),
                        });
                    }
                }
            }
            let said = format!("the merges of customer {} of {} go in a circle", merge.customer, merge.company);
            Err(Error::usage(said).hint("one of them has to stay itself"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(pairs: &[(&str, &str)]) -> Result<Vec<(String, String)>> {
        let written = |(customer, into): &(&str, &str)| Written {
            company: "A".into(),
            customer: (*customer).into(),
            into: (*into).into(),
            reason: "same RFC".into(),
        };
        let merges = resolve(pairs.iter().map(written).collect())?;
        Ok(merges.into_iter().map(|m| (m.customer_id.to_string(), m.into_customer_id.to_string())).collect())
    }

    #[test]
    fn chains_end_at_the_customer_that_stays() {
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(resolved(&[("C1", "C2"), ("C2", "C3"), ("C9", "C3")]).unwrap(), [pair("C1", "C3"), pair("C2", "C3"), pair("C9", "C3")]);
    }

    #[test]
    fn circles_doubles_and_empty_words_are_refused() {
        for (pairs, says) in [
            (&[("C1", "C2"), ("C2", "C1")][..], "go in a circle"),
            (&[("C1", "C2"), ("C2", "C3"), ("C3", "C2")][..], "go in a circle"),
            (&[("C1", "C1")][..], "says nothing"),
            (&[("C1", "C2"), ("C1", "C3")][..], "stands beside its merge into C2"),
            (&[("C1", " ")][..], "has an empty word"),
        ] {
            let error = resolved(pairs).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(says), "{error}");
        }
    }
}
