//! Merges of customers: what the project declares against what loads recorded, and a load that records them alone.

use super::load::ledger_request;
use super::project::{Now, Project};
use crate::config::Merge;
use crate::domain::digest::hex;
use crate::error::{Error, Result};
use crate::ledger::load::{Load, Outcome};
use crate::ledger::merges::Merges;
use sha2::{Digest, Sha256};

/// How a merge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeState {
    /// It counts, since that load.
    Counts(i32),
    /// `cartera.toml` declares it, or declares it otherwise; the next load records it.
    Declared,
    /// `cartera.toml` no longer declares it; it counts until the next load.
    TakenBack(i32),
}

/// Every merge that is declared or counts, by company and customer.
pub fn merges(project: &Project) -> Result<Vec<(Merge, MergeState)>> {
    let declared = &project.config.merges;
    let recorded = Merges::read(&project.store.snapshot(None)?)?.current();
    let new = declared.iter().filter(|d| recorded.iter().all(|(r, _)| r != *d)).map(|d| (d.clone(), MergeState::Declared));
    let mut all: Vec<(Merge, MergeState)> = recorded
        .iter()
        .map(|(merge, load)| {
            let state = if declared.contains(merge) { MergeState::Counts(*load) } else { MergeState::TakenBack(*load) };
            (merge.clone(), state)
        })
        .chain(new)
        .collect();
    let order = |m: &Merge| (m.company_id.clone(), m.customer_id.clone());
    all.sort_by_key(|(merge, state)| (order(merge), *state == MergeState::Declared));
    Ok(all)
}

/// Records the declared merges by a load without extracts, of the day of the newest one.
pub fn record_merges(project: &Project, now: &Now) -> Result<Outcome> {
    let records = project.store.records()?;
    let Some(newest) = records.last() else {
        return Err(Error::data("the history is empty: there are no customers to merge").hint("load extracts first: `cartera load PATH…`"));
    };
    let mut digest = Sha256::new_with_prefix("merges");
    for merge in &project.config.merges {
        for part in [&merge.company_id, &merge.customer_id, &merge.into_customer_id, &merge.reason] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
    }
    let request = ledger_request(project, now, newest.facts.extract_day, Vec::new(), hex(&digest.finalize()));
    Load::begin(&project.store, request)?.finish(&[], false, &mut |_, _, _| {})
}
