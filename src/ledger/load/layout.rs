//! Movements on their way into the store: by posting month, sorted by company, customer and document.
//!
//! The layout is for ever, so it is decided here alone (DESIGN 5): one customer's statement reads few pages of few files.

use super::Progress;
use super::cube::Cube;
use super::stage::{Pen, Stage, hash_of};
use crate::domain::days::month_start;
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::domain::work::in_order;
use crate::error::{Error, Result};
use crate::ledger::movement::Movement;
use crate::ledger::packed::{self, MovementColumns, pack};
use crate::ledger::store::Writer;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Movements of a month; more of them are split by customer into several files.
const FILE_ROWS: u64 = 400_000;
/// Rows handed to a file at a time.
const BATCH_ROWS: usize = 32_768;

/// A month's movements, packed.
struct Packed;

type Months = BTreeMap<NaiveDate, Arc<Stage<Packed>>>;

/// Movements of a load, staged by month.
pub(super) struct Movements {
    folder: PathBuf,
    months: Mutex<Months>,
}

/// Adds movements from one thread.
pub(super) struct MovementsPen {
    movements: Arc<Movements>,
    /// By months since year 0.
    months: BTreeMap<i32, Pen<Packed>>,
}

/// What was written.
pub(super) struct Counted {
    /// Movements.
    pub movements: u64,
    /// Sum of amount per company and currency.
    pub sums: BTreeMap<(Text, Text), Money>,
}

impl Movements {
    /// None yet.
    pub fn create(folder: &Path) -> Arc<Movements> {
        Arc::new(Movements { folder: folder.to_path_buf(), months: Mutex::default() })
    }

    /// Something to add with.
    pub fn pen(self: &Arc<Movements>) -> MovementsPen {
        MovementsPen { movements: self.clone(), months: BTreeMap::new() }
    }

    fn stage(&self, month: NaiveDate) -> Arc<Stage<Packed>> {
        let mut months = self.months.lock().unwrap_or_else(PoisonError::into_inner);
        months.entry(month).or_insert_with(|| Stage::create(&self.folder, &format!("movements-{month}"), 1)).clone()
    }

    /// Writes them and the cube.
    pub fn write(&self, writer: &mut Writer, progress: Progress<'_>) -> Result<Counted> {
        let load_id = writer.load_id();
        let months = std::mem::take(&mut *self.months.lock().unwrap_or_else(PoisonError::into_inner));
        let mut parts: Vec<(NaiveDate, Arc<Stage<Packed>>, usize)> = Vec::new();
        for (month, stage) in months {
            let stage = split(&self.folder, month, stage)?;
            parts.extend((0..stage.buckets()).filter(|b| stage.count(*b) > 0).map(|bucket| (month, stage.clone(), bucket)));
        }
        let mut first = 0u64;
        let mut jobs = Vec::with_capacity(parts.len());
        for (month, stage, bucket) in &parts {
            jobs.push((*month, stage, *bucket, number(first)?, Mutex::new(Some(writer.begin_file("movements")?))));
            first += stage.count(*bucket);
        }
        number(first)?;
        let total = jobs.len() as u64;
        let mut cube = Cube::default();
        in_order(
            jobs.len(),
            || MovementColumns::new(load_id),
            |columns, n| {
                let (month, stage, bucket, first, file) = &jobs[n];
                let taken = file.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut file = taken.ok_or_else(|| Error::internal("a file of movements was taken twice"))?;
                let mut staged = stage.unsorted(*bucket)?;
                stage.discard(*bucket);
                staged.sort_by_content();
                let mut cube = Cube::default();
                for (i, chunk) in staged.entries().chunks(BATCH_ROWS).enumerate() {
                    for entry in chunk {
                        let movement = packed::Packed::read(staged.bytes(*entry))?;
                        columns.push(&movement)?;
                        cube.add(*month, &movement);
                    }
                    file.append(&columns.finish(first + (i * BATCH_ROWS) as u32)?)?;
                }
                Ok((file.finish()?, cube))
            },
            |_| Ok(()),
            |n, (file, cells)| {
                progress("movements", n as u64, total);
                cube.merge(cells);
                writer.keep_file("movements", file)
            },
        )?;
        progress("movements", total, total);
        Ok(Counted { movements: first, sums: cube.write(writer)? })
    }
}

/// A movement's number within its load.
fn number(n: u64) -> Result<u32> {
    u32::try_from(n).map_err(|e| Error::data("a load of more than four billion movements").hint("load the extract in parts").caused_by(e))
}

/// A month with too many movements for one file, as several by customer.
fn split(folder: &Path, month: NaiveDate, stage: Arc<Stage<Packed>>) -> Result<Arc<Stage<Packed>>> {
    let parts = stage.count(0).div_ceil(FILE_ROWS) as usize;
    if parts <= 1 {
        return Ok(stage);
    }
    let divided: Arc<Stage<Packed>> = Stage::create(folder, &format!("movements-{month}-part"), parts);
    let mut pen = divided.pen();
    let staged = stage.unsorted(0)?;
    stage.discard(0);
    for entry in staged.entries() {
        let bytes = staged.bytes(*entry);
        pen.copy(hash_of(&packed::packed_customer(bytes)?), bytes)?;
    }
    pen.close()?;
    Ok(divided)
}

impl MovementsPen {
    /// Adds one.
    pub fn add(&mut self, movement: &Movement) -> Result<()> {
        let day = movement.line.posting_date;
        let month = day.year() * 12 + day.month0() as i32;
        let pen = match self.months.entry(month) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => slot.insert(self.movements.stage(month_start(day)).pen()),
        };
        // A month has one bucket, and is sorted by content: a hash would say nothing.
        pen.write_bytes(0, |bytes| pack(movement, bytes))
    }

    /// Writes what is left.
    pub fn close(self) -> Result<()> {
        self.months.into_values().try_for_each(Pen::close)
    }
}
