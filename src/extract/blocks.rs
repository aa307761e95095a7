//! The rows of one big file judged by several threads, each block of records by one.
//!
//! Only where a row says all about itself: no settlement in document rows, no ordinals, no row that counts once over many. The file
//! is split into records by one thread at a time, so that quotes and lines are what they are anywhere else; rejects come in the order of the file.

use super::bind::{Binding, BoundRule, Source};
use super::csv::{Malformed, Next};
use super::evaluate::{self, Line, Ordinals};
use super::plan::{Plan, SourceFile};
use super::record::Record;
use super::source::Opened;
use super::{Hand, Reject, Sink, SourceSummary, ragged, refusal, unsplit};
use crate::domain::work::each_in_order;
use crate::error::Result;
use crate::schema::{Origin, Row};
use std::sync::{Mutex, PoisonError};

/// Records of a block.
const RECORDS: usize = 2_048;
/// Files below this size are read by one thread: a hundred thousand of them are quicker so.
const BIG: u64 = 1 << 20;

/// Whether the rows of a source may be judged each for itself.
pub(super) fn is_fit(plan: &Plan, source: &SourceFile, file: &Binding) -> bool {
    source.bytes >= BIG
        && plan.profile.clearing.is_none()
        && file.tables.iter().all(|t| !t.distinct && t.each_company.is_none() && t.rules.iter().flatten().all(is_alone))
        && !source.tables.contains(&"companies")
}

fn is_alone(rule: &BoundRule) -> bool {
    match &rule.source {
        Source::Join { ordinal, .. } => !ordinal,
        Source::Cases(cases) => cases.iter().all(is_alone),
        _ => true,
    }
}

/// Records in the order of the file.
#[derive(Default)]
struct Block {
    /// Kept from block to block, so that their bytes need no new room.
    records: Vec<Record>,
    /// How many of them are filled.
    filled: usize,
    malformed: Vec<Malformed>,
    skipped: u64,
}

/// What became of a block.
struct Judged {
    rejects: Vec<Reject>,
    summary: SourceSummary,
}

/// Cuts a file into blocks.
struct Blocks<'a> {
    reader: Opened,
    /// Blocks that are judged and can be filled again.
    free: &'a Mutex<Vec<Block>>,
    ended: bool,
}

impl Blocks<'_> {
    fn fill(&mut self) -> Result<Block> {
        let mut block = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        (block.filled, block.skipped) = (0, 0);
        while block.filled < RECORDS {
            if block.filled == block.records.len() {
                block.records.push(Record::default());
            }
            match self.reader.next(&mut block.records[block.filled])? {
                Next::Record => block.filled += 1,
                Next::Skipped => block.skipped += 1,
                Next::Malformed(malformed) => block.malformed.push(malformed),
                Next::End => {
                    self.ended = true;
                    break;
                }
            }
        }
        Ok(block)
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Result<Block>> {
        (!self.ended).then(|| self.fill().inspect_err(|_| self.ended = true))
    }
}

/// Reads a source into hands of the sink.
pub(super) fn read(
    source: &SourceFile,
    number: u32,
    reader: Opened,
    file: &Binding,
    hands: &(dyn Fn() -> Box<dyn Hand> + Sync),
    sink: &mut dyn Sink,
) -> Result<SourceSummary> {
    let free = Mutex::new(Vec::new());
    let mut summary = SourceSummary::default();
    each_in_order(
        Blocks { reader, free: &free, ended: false },
        || Ok(hands()),
        |hand, mut block| {
            let judged = judge(number, &mut block, file, &mut **hand)?;
            free.lock().unwrap_or_else(PoisonError::into_inner).push(block);
            Ok(judged)
        },
        |hand| hand.close(),
        |_, judged: Judged| {
            summary.rows_read += judged.summary.rows_read;
            summary.rows_skipped += judged.summary.rows_skipped;
            judged.rejects.into_iter().try_for_each(|reject| sink.reject(reject))
        },
    )?;
    source.unchanged()?;
    Ok(summary)
}

fn judge(source: u32, block: &mut Block, file: &Binding, hand: &mut dyn Hand) -> Result<Judged> {
    let mut judged = Judged { rejects: Vec::new(), summary: SourceSummary { rows_read: 0, rows_skipped: block.skipped } };
    for malformed in block.malformed.drain(..) {
        judged.summary.rows_read += 1;
        judged.rejects.push(unsplit(source, &malformed, file));
    }
    for record in &block.records[..block.filled] {
        let line = Line::new(record, file);
        if !file.skip_when.is_empty() && line.holds(&file.skip_when, &[]) {
            judged.summary.rows_skipped += 1;
            continue;
        }
        judged.summary.rows_read += 1;
        if record.len() != file.names.len() {
            judged.rejects.push(ragged(source, record, file));
            continue;
        }
        let origin = Origin { source, line: record.line };
        for table in file.tables.iter().filter(|t| line.holds(&t.only_when, &[])) {
            match evaluate::row(table, line, &mut Ordinals::new()) {
                Ok(values) => hand.row(Row { table: table.table, values, origin })?,
                Err(refused) => judged.rejects.push(refusal(table.table.name, origin, *refused, file)),
            }
        }
    }
    // Lines that cannot be split stand among the others; a record's own rejects stay in the order of its tables.
    judged.rejects.sort_by_key(|r| r.line);
    Ok(judged)
}
