//! Movements on their way into the store: by posting month, sorted by company, customer and document; and the cube.
//!
//! The layout is for ever, so it is decided here alone (DESIGN 5): one customer's statement reads few pages of few files.

use super::Progress;
use super::range;
use super::stage::Stage;
use crate::domain::days::{epoch_day, month_start};
use crate::domain::kinds::{AgingClass, MovementKind, SalesEffect};
use crate::domain::money::{Money, Total};
use crate::error::Result;
use crate::ledger::movement::{Movement, arrow_error, movement_batch};
use crate::ledger::store::Writer;
use crate::schema::system::MOVEMENT_CUBE;
use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Movements sorted together in memory; a month with more makes several files.
const SORTED_TOGETHER: usize = 400_000;

type CubeKey = (String, String, String, AgingClass, MovementKind, Option<SalesEffect>, NaiveDate, NaiveDate);

#[derive(Default)]
struct Cell {
    amount: Total,
    company_amount: Total,
    net_sales: Total,
    count: i64,
}

/// Movements of a load, staged by month.
pub(super) struct Movements {
    folder: PathBuf,
    months: BTreeMap<NaiveDate, Vec<Stage<Movement>>>,
    cube: BTreeMap<CubeKey, Cell>,
    sums: BTreeMap<(String, String), Total>,
}

/// What was written.
pub(super) struct Counted {
    /// Movements.
    pub movements: u64,
    /// Sum of amount per company and currency.
    pub sums: BTreeMap<(String, String), Money>,
}

impl Movements {
    /// None yet.
    pub fn create(folder: &Path) -> Result<Movements> {
        Ok(Movements { folder: folder.to_path_buf(), months: BTreeMap::new(), cube: BTreeMap::new(), sums: BTreeMap::new() })
    }

    /// Adds one.
    pub fn add(&mut self, movement: Movement) -> Result<()> {
        let line = &movement.line;
        let month = month_start(line.posting_date);
        let key = (
            line.company_id.clone(),
            line.account.clone(),
            line.currency.clone(),
            line.aging_class,
            line.movement_kind,
            line.sales_effect,
            month,
            line.due_date,
        );
        let cell = self.cube.entry(key).or_default();
        cell.amount.add(movement.sums.amount);
        cell.company_amount.add(movement.sums.company_amount);
        cell.net_sales.add(movement.sums.net_sales);
        cell.count += 1;
        self.sums.entry((line.company_id.clone(), line.currency.clone())).or_default().add(movement.sums.amount);
        let stages = self.months.entry(month).or_default();
        if stages.last().is_none_or(|s| s.count(0) >= SORTED_TOGETHER as u64) {
            stages.push(Stage::create(&self.folder, &format!("movements-{month}-{}", stages.len()), 1)?);
        }
        stages.last_mut().expect("just pushed").write(0, &movement)
    }

    /// Writes them and the cube.
    pub fn write(self, writer: &mut Writer, progress: Progress<'_>) -> Result<Counted> {
        let load_id = writer.load_id();
        let total = self.months.len() as u64;
        let mut written = 0u32;
        for (n, (_, stages)) in self.months.into_iter().enumerate() {
            progress("movements", n as u64, total);
            for mut stage in stages {
                let mut movements = stage.read(0)?;
                stage.discard(0);
                movements.sort_by(|a, b| {
                    a.line.cmp(&b.line).then_with(|| a.effect.cmp(&b.effect)).then_with(|| a.sums.amount.cmp(&b.sums.amount))
                });
                for chunk in movements.chunks(32_768) {
                    writer.append("movements", &movement_batch(load_id, written, chunk)?)?;
                    written += chunk.len() as u32;
                }
                writer.end_file("movements")?;
            }
        }
        progress("movements", total, total);
        write_cube(writer, &self.cube)?;
        let mut sums = BTreeMap::new();
        for (key, sum) in self.sums {
            sums.insert(key, sum.money().ok_or_else(range)?);
        }
        Ok(Counted { movements: u64::from(written), sums })
    }
}

fn write_cube(writer: &mut Writer, cube: &BTreeMap<CubeKey, Cell>) -> Result<()> {
    let load_id = writer.load_id();
    let cells: Vec<(&CubeKey, &Cell)> = cube.iter().collect();
    for chunk in cells.chunks(65_536) {
        let text =
            |pick: &dyn Fn(&CubeKey) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values(chunk.iter().map(|c| pick(c.0)))) };
        let days = |pick: &dyn Fn(&CubeKey) -> NaiveDate| -> ArrayRef {
            Arc::new(Date32Array::from_iter_values(chunk.iter().map(|c| epoch_day(pick(c.0)))))
        };
        let money = |pick: &dyn Fn(&(&CubeKey, &Cell)) -> Option<Total>| -> Result<ArrayRef> {
            let values: Vec<Option<i128>> = chunk.iter().map(|c| pick(c).map(Total::hundredths)).collect();
            Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(18, 2).map_err(arrow_error)?))
        };
        let batch = RecordBatch::try_new(
            MOVEMENT_CUBE.schema(),
            vec![
                Arc::new(Int32Array::from_iter_values(chunk.iter().map(|_| load_id))),
                text(&|k| k.0.clone()),
                text(&|k| k.1.clone()),
                text(&|k| k.2.clone()),
                text(&|k| k.3.as_str().to_string()),
                text(&|k| k.4.as_str().to_string()),
                Arc::new(StringArray::from_iter(chunk.iter().map(|c| c.0.5.map(SalesEffect::as_str)))),
                days(&|k| k.6),
                days(&|k| k.7),
                money(&|c| Some(c.1.amount))?,
                money(&|c| Some(c.1.company_amount))?,
                money(&|c| c.0.5.map(|_| c.1.net_sales))?,
                Arc::new(Int64Array::from_iter_values(chunk.iter().map(|c| c.1.count))),
            ],
        )
        .map_err(arrow_error)?;
        writer.append("movement_cube", &batch)?;
    }
    Ok(())
}
