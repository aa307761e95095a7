//! What a load must add so that the rows that stand become the rows that should.
//!
//! Nothing is edited: a line whose sums differ is taken back whole and posted anew, marked as a correction of our knowledge.

use super::Posting;
use crate::domain::kinds::{Cause, Effect, MovementKind};
use crate::error::Result;
use crate::ledger::movement::{Line, Movement, SourceTable, Sums};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashSet};

/// Circumstances of the load.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// Extract day of the company's load before this one; rows posted before it are late.
    pub previous_day: Option<NaiveDate>,
    /// Whether the document vanished from a full extract.
    pub vanished: bool,
}

/// Movements to add.
pub fn difference(postings: Vec<Posting>, standing: &[Movement], circumstances: Circumstances) -> Result<Vec<Movement>> {
    let mut stands: BTreeMap<&Line, Sums> = BTreeMap::new();
    for movement in standing {
        let sums = stands.entry(&movement.line).or_default();
        *sums = sums.plus(movement.sums)?;
    }
    stands.retain(|_, sums| !sums.is_zero());
    let known: HashSet<(SourceTable, &str, bool)> =
        stands.keys().map(|l| (l.source_table, l.source_id.as_str(), l.movement_kind == MovementKind::Reclass)).collect();

    let mut should: BTreeMap<Line, (Sums, Effect, Option<Cause>)> = BTreeMap::new();
    for posting in postings {
        match should.entry(posting.line) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert((posting.sums, posting.effect, posting.cause));
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().0 = slot.get().0.plus(posting.sums)?,
        }
    }
    should.retain(|_, s| !s.0.is_zero());

    let gone = if circumstances.vanished { Cause::Vanished } else { Cause::Corrected };
    let mut movements = Vec::new();
    for (line, sums) in &stands {
        if should.get(*line).map(|s| &s.0) != Some(sums) {
            movements.push(Movement { line: (*line).clone(), sums: sums.turned(), effect: Effect::Correction, cause: gone });
        }
    }
    for (line, (sums, effect, cause)) in should {
        if stands.get(&line) == Some(&sums) {
            continue;
        }
        let was_known = known.contains(&(line.source_table, line.source_id.as_str(), line.movement_kind == MovementKind::Reclass));
        let (effect, cause) = match cause {
            Some(cause) => (if was_known && cause == Cause::Reclassified { Effect::Correction } else { effect }, cause),
            None if was_known => (Effect::Correction, Cause::Corrected),
            None if circumstances.previous_day.is_some_and(|day| line.posting_date < day) => (effect, Cause::Late),
            None => (effect, Cause::New),
        };
        movements.push(Movement { line, sums, effect, cause });
    }
    Ok(movements)
}
