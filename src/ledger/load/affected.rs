//! Which documents a load concerns: those whose history it changed, and what posting them must read.
//!
//! A document's rows depend on its own history, on the value its counterparts give up (their histories) and on the posting
//! days of the counterparts of those. A change reaches as far: a new day of one paid invoice re-orders what its receipt gives
//! up, and so the value that the receipt's other invoices take. So two rings of applications around what changed are posted, and
//! two more are read.

use super::intake::{Taken, document_hash};
use super::reference::Reference;
use super::stored::{at, each_batch, each_row, table, text};
use crate::error::Result;
use crate::ledger::snapshot::Snapshot;
use crate::schema;
use std::collections::HashSet;

/// Documents of a load by hash, in rings.
pub(super) struct Affected {
    /// Nothing stored before: every document of the load, and nothing to read.
    pub first: bool,
    /// Documents whose rows may change.
    pub posted: HashSet<u64>,
    /// Documents whose applications are read.
    pub valued: HashSet<u64>,
    /// Documents whose versions are read.
    pub known: HashSet<u64>,
}

impl Affected {
    /// Walks the rings. Documents that waited for a document of this load are reached through their stored applications.
    pub fn of(snapshot: &Snapshot, reference: &Reference, taken: &mut Taken) -> Result<Affected> {
        let touched = std::mem::take(&mut taken.touched);
        let mentioned = std::mem::take(&mut taken.mentioned);
        if table(snapshot, "documents")?.files.is_empty() && table(snapshot, "applications")?.files.is_empty() {
            return Ok(Affected { first: true, posted: HashSet::new(), valued: HashSet::new(), known: HashSet::new() });
        }
        let posted = ring(snapshot, ring(snapshot, touched)?)?;
        let valued = ring(snapshot, posted.clone())?;
        let mut known = ring(snapshot, valued.clone())?;
        known.extend(mentioned);
        // A vanished or changed original keeps its reversals: they are found by the original's hash when versions are read.
        let _ = reference;
        Ok(Affected { first: false, posted, valued, known })
    }

    /// Whether a document's rows are posted in this load.
    pub fn is_posted(&self, hash: u64) -> bool {
        self.first || self.posted.contains(&hash)
    }
}

/// A set of documents and everything one application away.
fn ring(snapshot: &Snapshot, mut set: HashSet<u64>) -> Result<HashSet<u64>> {
    let start = set.clone();
    each_batch(table(snapshot, "applications")?, Some(&["company_id", "from_document_id", "to_document_id"]), |batch| {
        let (companies, froms, tos) = (text(&batch, "company_id")?, text(&batch, "from_document_id")?, text(&batch, "to_document_id")?);
        for i in 0..batch.num_rows() {
            let to = document_hash(companies.value(i), tos.value(i));
            let Some(from) = at(froms, i).map(|from| document_hash(companies.value(i), from)) else { continue };
            if start.contains(&to) || start.contains(&from) {
                set.insert(to);
                set.insert(from);
            }
        }
        Ok(())
    })?;
    Ok(set)
}

/// Every stored row of documents and applications that the rings ask for.
pub(super) fn each_affected(
    snapshot: &Snapshot,
    reference: &Reference,
    table_name: &str,
    take: impl FnMut(super::stored::Stored) -> Result<()>,
) -> Result<()> {
    each_row(snapshot, &reference.superseded, schema::table(table_name).expect("canonical"), take)
}
