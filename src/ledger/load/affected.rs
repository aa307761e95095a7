//! Which documents a load concerns: those whose history it changed, and what posting them must read.
//!
//! A document's rows depend on its own history, on the value its counterparts give up (their histories) and on the posting
//! days of the counterparts of those. A change reaches as far: a new day of one paid invoice re-orders what its receipt gives
//! up, and so the value that the receipt's other invoices take. So two rings of applications around what changed are posted, and
//! two more are read.

use super::shape::document_hash;
use super::stored::{at, each_batch, table, text};
use crate::error::Result;
use crate::ledger::snapshot::Snapshot;
use std::collections::HashSet;

/// More marks than this are not kept one by one: then everything is concerned, which is slower and no less right.
const MOST: usize = 2_000_000;

/// Documents by hash; bounded.
#[derive(Clone, Default)]
pub(super) struct Marks {
    hashes: HashSet<u64>,
    everything: bool,
}

impl Marks {
    /// Marks a document.
    pub fn insert(&mut self, hash: u64) {
        if !self.everything {
            self.hashes.insert(hash);
            if self.hashes.len() > MOST {
                *self = Marks { hashes: HashSet::new(), everything: true };
            }
        }
    }
    /// Takes in other marks.
    pub fn merge(&mut self, other: Marks) {
        if other.everything {
            *self = other;
        } else {
            other.hashes.into_iter().for_each(|hash| self.insert(hash));
        }
    }
    /// Whether a document is marked.
    pub fn contains(&self, hash: u64) -> bool {
        self.everything || self.hashes.contains(&hash)
    }
}

/// Documents of a load by hash, in rings.
pub(super) struct Affected {
    /// Nothing stored before: every document of the load, and nothing to read.
    pub first: bool,
    /// Documents whose rows may change.
    posted: Marks,
    /// Documents whose applications are read.
    pub valued: Marks,
    /// Documents whose versions are read.
    pub known: Marks,
}

/// Whether a history has no documents and applications yet.
pub(super) fn is_first(snapshot: &Snapshot) -> Result<bool> {
    Ok(table(snapshot, "documents")?.files.is_empty() && table(snapshot, "applications")?.files.is_empty())
}

impl Affected {
    /// Walks the rings. Documents that waited for a document of this load are reached through their stored applications.
    pub fn of(snapshot: &Snapshot, touched: Marks, mentioned: Marks) -> Result<Affected> {
        if is_first(snapshot)? {
            return Ok(Affected { first: true, posted: Marks::default(), valued: Marks::default(), known: Marks::default() });
        }
        let posted = ring(snapshot, ring(snapshot, touched)?)?;
        let valued = ring(snapshot, posted.clone())?;
        let mut known = ring(snapshot, valued.clone())?;
        // A vanished or changed original keeps its reversals: they are found by the original's hash when versions are read.
        known.merge(mentioned);
        Ok(Affected { first: false, posted, valued, known })
    }

    /// Whether a document's rows are posted in this load.
    pub fn is_posted(&self, hash: u64) -> bool {
        self.first || self.posted.contains(hash)
    }
}

/// A set of documents and everything one application away.
fn ring(snapshot: &Snapshot, mut set: Marks) -> Result<Marks> {
    if set.everything || set.hashes.is_empty() {
        return Ok(set);
    }
    let start = set.clone();
    each_batch(table(snapshot, "applications")?, Some(&["company_id", "from_document_id", "to_document_id"]), |batch| {
        let (companies, froms, tos) = (text(&batch, "company_id")?, text(&batch, "from_document_id")?, text(&batch, "to_document_id")?);
        for i in 0..batch.num_rows() {
            let to = document_hash(companies.value(i), tos.value(i));
            let Some(from) = at(froms, i).map(|from| document_hash(companies.value(i), from)) else { continue };
            if start.contains(to) || start.contains(from) {
                set.insert(to);
                set.insert(from);
            }
        }
        Ok(())
    })?;
    Ok(set)
}
