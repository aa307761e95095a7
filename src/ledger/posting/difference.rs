//! What a load must add so that the rows that stand become the rows that should.
//!
//! Nothing is edited: a line whose sums differ is taken back whole and posted anew, marked as a correction of our knowledge.

use super::Posting;
use crate::domain::kinds::{Cause, Effect, MovementKind};
use crate::error::Result;
use crate::ledger::movement::{Line, Movement, SourceTable, Sums};
use chrono::NaiveDate;
use std::collections::HashSet;

/// Circumstances of the load.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// Extract day of the company's load before this one; rows posted before it are late.
    pub previous_day: Option<NaiveDate>,
    /// Whether the document vanished from a full extract.
    pub vanished: bool,
}

/// Movements to add.
pub fn difference(mut postings: Vec<Posting>, standing: &[Movement], circumstances: Circumstances) -> Result<Vec<Movement>> {
    let mut rows: Vec<&Movement> = standing.iter().collect();
    rows.sort_by(|a, b| a.line.cmp(&b.line));
    let mut stands: Vec<(&Line, Sums)> = Vec::with_capacity(rows.len());
    for row in rows {
        match stands.last_mut() {
            Some((line, sums)) if **line == row.line => *sums = sums.plus(row.sums)?,
            _ => stands.push((&row.line, row.sums)),
        }
    }
    stands.retain(|(_, sums)| !sums.is_zero());
    let known: HashSet<(SourceTable, &str, bool)> =
        stands.iter().map(|(l, _)| (l.source_table, l.source_id.as_str(), l.movement_kind == MovementKind::Reclass)).collect();

    // Stable: of postings of one line the first gives effect and cause.
    postings.sort_by(|a, b| a.line.cmp(&b.line));
    let mut failed = None;
    postings.dedup_by(|posting, last| {
        let same = last.line == posting.line;
        if same {
            last.sums.plus(posting.sums).map_or_else(|e| failed = Some(e), |sums| last.sums = sums);
        }
        same
    });
    if let Some(error) = failed {
        return Err(error);
    }
    postings.retain(|p| !p.sums.is_zero());
    let should = postings;

    let gone = if circumstances.vanished { Cause::Vanished } else { Cause::Corrected };
    let mut movements = Vec::with_capacity(should.len());
    for (line, sums) in &stands {
        let wanted = should.binary_search_by(|p| p.line.cmp(line)).is_ok_and(|i| should[i].sums == *sums);
        if !wanted {
            movements.push(Movement { line: (*line).clone(), sums: sums.turned(), effect: Effect::Correction, cause: gone });
        }
    }
    for Posting { line, sums, effect, cause } in should {
        if stands.binary_search_by(|s| s.0.cmp(&line)).is_ok_and(|i| stands[i].1 == sums) {
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
