//! Movements on their way into the store: by posting month, sorted by company, customer and document; and the cube.
//!
//! The layout is for ever, so it is decided here alone (DESIGN 5): one customer's statement reads few pages of few files.

use super::Progress;
use super::range;
use super::stage::{Pen, Stage, hash_of};
use crate::domain::days::{epoch_day, month_start};
use crate::domain::kinds::{AgingClass, MovementKind, SalesEffect};
use crate::domain::money::{Money, Total};
use crate::domain::text::Text;
use crate::domain::work::in_order;
use crate::error::{Error, Result};
use crate::ledger::movement::{Movement, arrow_error};
use crate::ledger::packed::{MovementColumns, pack};
use crate::ledger::store::Writer;
use crate::schema::system::MOVEMENT_CUBE;
use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Movements of a month; more of them are split by customer into several files.
const FILE_ROWS: u64 = 400_000;
/// Rows handed to a file at a time.
const BATCH_ROWS: usize = 32_768;

type CubeKey = (Text, Text, Text, AgingClass, MovementKind, Option<SalesEffect>, NaiveDate, NaiveDate);

#[derive(Default)]
struct Cell {
    amount: Total,
    company_amount: Total,
    net_sales: Total,
    count: i64,
}

/// A month's movements, packed.
struct Packed;

type Months = BTreeMap<NaiveDate, Arc<Stage<Packed>>>;

/// Movements of a load, staged by month.
pub(super) struct Movements {
    folder: PathBuf,
    months: Mutex<Months>,
    gathered: Mutex<Gathered>,
}

/// Sums over movements.
#[derive(Default)]
struct Gathered {
    cube: HashMap<CubeKey, Cell>,
    sums: BTreeMap<(Text, Text), Total>,
}

/// Adds movements from one thread.
pub(super) struct MovementsPen {
    movements: Arc<Movements>,
    months: HashMap<i32, (NaiveDate, Pen<Packed>)>,
    gathered: Gathered,
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
        Arc::new(Movements { folder: folder.to_path_buf(), months: Mutex::default(), gathered: Mutex::default() })
    }

    /// Something to add with.
    pub fn pen(self: &Arc<Movements>) -> MovementsPen {
        MovementsPen { movements: self.clone(), months: HashMap::new(), gathered: Gathered::default() }
    }

    fn stage(&self, month: NaiveDate) -> Arc<Stage<Packed>> {
        let mut months = self.months.lock().unwrap_or_else(PoisonError::into_inner);
        months.entry(month).or_insert_with(|| Stage::create(&self.folder, &format!("movements-{month}"), 1)).clone()
    }

    /// Writes them and the cube.
    pub fn write(&self, writer: &mut Writer, progress: Progress<'_>) -> Result<Counted> {
        let load_id = writer.load_id();
        let months = std::mem::take(&mut *self.months.lock().unwrap_or_else(PoisonError::into_inner));
        let mut parts: Vec<(Arc<Stage<Packed>>, usize)> = Vec::new();
        for (month, stage) in months {
            let stage = split(&self.folder, month, stage)?;
            parts.extend((0..stage.buckets()).filter(|b| stage.count(*b) > 0).map(|bucket| (stage.clone(), bucket)));
        }
        let mut first = 0u64;
        let mut jobs = Vec::with_capacity(parts.len());
        for (stage, bucket) in &parts {
            jobs.push((stage, *bucket, number(first)?, Mutex::new(Some(writer.begin_file("movements")?))));
            first += stage.count(*bucket);
        }
        number(first)?;
        let total = jobs.len() as u64;
        in_order(
            jobs.len(),
            || MovementColumns::new(load_id),
            |columns, n| {
                let (stage, bucket, first, file) = &jobs[n];
                let taken = file.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut file = taken.ok_or_else(|| Error::internal("a file of movements was taken twice"))?;
                let mut packed = stage.read(*bucket)?;
                stage.discard(*bucket);
                packed.sort_by_content();
                for (i, chunk) in packed.entries().chunks(BATCH_ROWS).enumerate() {
                    chunk.iter().try_for_each(|entry| columns.push(packed.bytes(*entry)))?;
                    file.append(&columns.finish(first + (i * BATCH_ROWS) as u32)?)?;
                }
                file.finish()
            },
            |_| Ok(()),
            |n, file| {
                progress("movements", n as u64, total);
                writer.keep_file("movements", file)
            },
        )?;
        progress("movements", total, total);
        let gathered = std::mem::take(&mut *self.gathered.lock().unwrap_or_else(PoisonError::into_inner));
        write_cube(writer, gathered.cube)?;
        let mut sums = BTreeMap::new();
        for (key, sum) in gathered.sums {
            sums.insert(key, sum.money().ok_or_else(range)?);
        }
        Ok(Counted { movements: first, sums })
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
    let packed = stage.read(0)?;
    stage.discard(0);
    for entry in packed.entries() {
        pen.copy(entry.hash, packed.bytes(*entry))?;
    }
    pen.close()?;
    Ok(divided)
}

impl MovementsPen {
    /// Adds one.
    pub fn add(&mut self, movement: &Movement) -> Result<()> {
        let line = &movement.line;
        let month = line.posting_date.year() * 12 + line.posting_date.month0() as i32;
        let (first_day, pen) = self.months.entry(month).or_insert_with(|| {
            let first_day = month_start(line.posting_date);
            (first_day, self.movements.stage(first_day).pen())
        });
        pen.write_bytes(hash_of(&(&line.company_id, &line.customer_id)), |bytes| pack(movement, bytes))?;
        let key = (
            line.company_id.clone(),
            line.account.clone(),
            line.currency.clone(),
            line.aging_class,
            line.movement_kind,
            line.sales_effect,
            *first_day,
            line.due_date,
        );
        let cell = self.gathered.cube.entry(key).or_default();
        cell.amount.add(movement.sums.amount);
        cell.company_amount.add(movement.sums.company_amount);
        cell.net_sales.add(movement.sums.net_sales);
        cell.count += 1;
        Ok(())
    }

    /// Writes what is left and adds up.
    pub fn close(self) -> Result<()> {
        for (_, pen) in self.months.into_values() {
            pen.close()?;
        }
        let mut all = self.movements.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, cell) in self.gathered.cube {
            all.sums.entry((key.0.clone(), key.2.clone())).or_default().merge(cell.amount);
            let sum = all.cube.entry(key).or_default();
            sum.amount.merge(cell.amount);
            sum.company_amount.merge(cell.company_amount);
            sum.net_sales.merge(cell.net_sales);
            sum.count += cell.count;
        }
        Ok(())
    }
}

fn write_cube(writer: &mut Writer, cube: HashMap<CubeKey, Cell>) -> Result<()> {
    let load_id = writer.load_id();
    let mut cells: Vec<(CubeKey, Cell)> = cube.into_iter().collect();
    cells.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for chunk in cells.chunks(65_536) {
        let text =
            |pick: &dyn Fn(&CubeKey) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(chunk.iter().map(|c| pick(&c.0)))) };
        let days = |pick: &dyn Fn(&CubeKey) -> NaiveDate| -> ArrayRef {
            Arc::new(Date32Array::from_iter_values(chunk.iter().map(|c| epoch_day(pick(&c.0)))))
        };
        let money = |pick: &dyn Fn(&(CubeKey, Cell)) -> Option<Total>| -> Result<ArrayRef> {
            let values: Vec<Option<i128>> = chunk.iter().map(|c| pick(c).map(Total::hundredths)).collect();
            Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(18, 2).map_err(arrow_error)?))
        };
        let batch = RecordBatch::try_new(
            MOVEMENT_CUBE.schema(),
            vec![
                Arc::new(Int32Array::from_iter_values(chunk.iter().map(|_| load_id))),
                text(&|k| &k.0),
                text(&|k| &k.1),
                text(&|k| &k.2),
                text(&|k| k.3.as_str()),
                text(&|k| k.4.as_str()),
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
