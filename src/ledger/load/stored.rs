//! Streaming what earlier loads stored: canonical rows with whether they still stand, standing movements.

use super::stage::hash_of;
use crate::error::Result;
use crate::ledger::snapshot::Snapshot;
pub(super) use crate::ledger::stored::{at, each_batch, ints, table, text};
use crate::schema::{Row, Table, Value, batch::rows_from_batch};
use arrow::array::RecordBatch;
use arrow::compute::filter_record_batch;
use std::collections::HashMap;

/// Which canonical rows later loads replaced, by hash of table, key and load.
#[derive(Debug, Default)]
pub(super) struct Superseded {
    by: HashMap<u64, (i32, bool)>,
}

impl Superseded {
    /// Reads the table `superseded`.
    pub fn read(snapshot: &Snapshot) -> Result<Superseded> {
        let mut superseded = Superseded::default();
        each_batch(table(snapshot, "superseded")?, None, |batch| {
            // Where a row no longer speaks of what it spoke of, it has vanished from there.
            let (names, keys, reasons) = (text(&batch, "table_name")?, text(&batch, "row_key")?, text(&batch, "reason")?);
            let (rows, loads) = (ints(&batch, "row_load_id")?, ints(&batch, "load_id")?);
            for i in 0..batch.num_rows() {
                let hash = hash_of(&(names.value(i), keys.value(i), rows.value(i)));
                superseded.by.insert(hash, (loads.value(i), matches!(reasons.value(i), "vanished" | "moved")));
            }
            Ok(())
        })?;
        Ok(superseded)
    }

    /// The load that replaced a row, and whether it did so because the row vanished.
    pub fn of(&self, table: &'static Table, values: &[Value], load_id: i32) -> Option<(i32, bool)> {
        if self.by.is_empty() {
            return None;
        }
        self.by.get(&hash_of(&(table.name, Row::key_of(table, values).as_str(), load_id))).copied()
    }
}

/// A stored canonical row.
pub(super) struct Stored {
    /// Load it came with.
    pub load_id: i32,
    /// Its values.
    pub values: Box<[Value]>,
    /// The load that replaced it, and whether because it vanished.
    pub superseded: Option<(i32, bool)>,
}

/// Every stored row of a canonical table, current or not, that `wanted` picks from its batch.
pub(super) fn each_row(
    snapshot: &Snapshot,
    superseded: &Superseded,
    canonical: &'static Table,
    mut wanted: impl FnMut(&RecordBatch) -> Result<Wanted>,
    mut take: impl FnMut(Stored) -> Result<()>,
) -> Result<()> {
    each_batch(table(snapshot, canonical.name)?, None, |batch| {
        let batch = match wanted(&batch)? {
            Wanted::All => batch,
            Wanted::Some(rows) if !rows.contains(&true) => return Ok(()),
            Wanted::Some(rows) => filter_record_batch(&batch, &rows.into()).map_err(crate::ledger::movement::arrow_error)?,
        };
        for (load_id, values) in rows_from_batch(canonical, &batch)? {
            let superseded = superseded.of(canonical, &values, load_id);
            take(Stored { load_id, values, superseded })?;
        }
        Ok(())
    })
}

/// Which rows of a batch are to be read.
pub(super) enum Wanted {
    All,
    Some(Vec<bool>),
}
