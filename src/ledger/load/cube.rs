//! The cube of a load: sums of its movements by everything that trends and agings of month ends ask for.
//!
//! Gathered file by file while the movements are written: the movements of a month have few cells, which stay at hand.

use super::range;
use crate::domain::days::epoch_day;
use crate::domain::kinds::{AgingClass, MovementKind};
use crate::domain::money::{Money, Total};
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::ledger::movement::arrow_error;
use crate::ledger::packed::{Packed, Rest, number, sales_word, word};
use crate::ledger::store::Writer;
use crate::schema::system::MOVEMENT_CUBE;
use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Cells written at a time.
const BATCH_CELLS: usize = 65_536;

/// Cells by packed key.
#[derive(Default)]
pub(super) struct Cube {
    cells: HashMap<Box<[u8]>, Cell>,
    /// Room for the key at hand.
    key: Vec<u8>,
}

#[derive(Default)]
struct Cell {
    amount: Total,
    company_amount: Total,
    net_sales: Total,
    count: i64,
}

/// What a cell is of, in the order of its key: packed like a movement, so that keys sort as what they mean does.
struct Key<'k> {
    company: &'k str,
    account: &'k str,
    currency: &'k str,
    aging_class: &'static str,
    movement_kind: &'static str,
    sales_effect: Option<&'static str>,
    month: i32,
    due_day: i32,
}

impl<'k> Key<'k> {
    fn read(key: &'k [u8]) -> Result<Key<'k>> {
        let mut rest = Rest(key);
        let mut text = || std::str::from_utf8(rest.text()?).map_err(|e| Error::internal("a cell has no company").caused_by(e));
        let (company, account, currency) = (text()?, text()?, text()?);
        Ok(Key {
            company,
            account,
            currency,
            aging_class: word(AgingClass::WORDS, rest.byte()?)?,
            movement_kind: word(MovementKind::WORDS, rest.byte()?)?,
            sales_effect: sales_word(rest.byte()?)?,
            month: rest.number()?,
            due_day: rest.number()?,
        })
    }
}

impl Cube {
    /// Adds a movement of a month, given by its first day.
    pub fn add(&mut self, month: NaiveDate, movement: &Packed<'_>) {
        let key = &mut self.key;
        key.clear();
        for text in [movement.company, movement.account, movement.currency] {
            key.extend_from_slice(text);
            key.push(0);
        }
        key.extend_from_slice(&[movement.aging_class, movement.movement_kind, movement.sales_effect]);
        number(epoch_day(month), key);
        number(movement.due_day, key);
        let cell = match self.cells.get_mut(key.as_slice()) {
            Some(cell) => cell,
            None => self.cells.entry(key.as_slice().into()).or_default(),
        };
        cell.amount.add(movement.amount);
        cell.company_amount.add(movement.company_amount);
        cell.net_sales.add(movement.net_sales);
        cell.count += 1;
    }

    /// Takes in the cells of another file.
    pub fn merge(&mut self, other: Cube) {
        for (key, cell) in other.cells {
            let sum = self.cells.entry(key).or_default();
            sum.amount.merge(cell.amount);
            sum.company_amount.merge(cell.company_amount);
            sum.net_sales.merge(cell.net_sales);
            sum.count += cell.count;
        }
    }

    /// Writes the cells in the order of their keys; gives the sum of amount per company and currency.
    pub fn write(self, writer: &mut Writer) -> Result<BTreeMap<(Text, Text), Money>> {
        let mut cells: Vec<(Box<[u8]>, Cell)> = self.cells.into_iter().collect();
        cells.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut totals: BTreeMap<(Text, Text), Total> = BTreeMap::new();
        for chunk in cells.chunks(BATCH_CELLS) {
            let read: Vec<(Key<'_>, &Cell)> = chunk.iter().map(|(key, cell)| Ok((Key::read(key)?, cell))).collect::<Result<_>>()?;
            for (key, cell) in &read {
                totals.entry((key.company.into(), key.currency.into())).or_default().merge(cell.amount);
            }
            writer.append("movement_cube", &batch(writer.load_id(), &read)?)?;
        }
        let mut sums = BTreeMap::new();
        for (key, total) in totals {
            sums.insert(key, total.money().ok_or_else(range)?);
        }
        Ok(sums)
    }
}

fn batch(load_id: i32, cells: &[(Key<'_>, &Cell)]) -> Result<RecordBatch> {
    let text = |pick: for<'a> fn(&'a Key<'_>) -> Option<&'a str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(cells.iter().map(|c| pick(&c.0))))
    };
    let days = |pick: fn(&Key<'_>) -> i32| -> ArrayRef { Arc::new(Date32Array::from_iter_values(cells.iter().map(|c| pick(&c.0)))) };
    let money = |pick: &dyn Fn(&(Key<'_>, &Cell)) -> Option<Total>| -> Result<ArrayRef> {
        let values: Vec<Option<i128>> = cells.iter().map(|c| pick(c).map(Total::hundredths)).collect();
        Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(18, 2).map_err(arrow_error)?))
    };
    let columns = vec![
        Arc::new(Int32Array::from_value(load_id, cells.len())) as ArrayRef,
        text(|k| Some(k.company)),
        text(|k| Some(k.account)),
        text(|k| Some(k.currency)),
        text(|k| Some(k.aging_class)),
        text(|k| Some(k.movement_kind)),
        text(|k| k.sales_effect),
        days(|k| k.month),
        days(|k| k.due_day),
        money(&|c| Some(c.1.amount))?,
        money(&|c| Some(c.1.company_amount))?,
        money(&|c| c.0.sales_effect.map(|_| c.1.net_sales))?,
        Arc::new(Int64Array::from_iter_values(cells.iter().map(|c| c.1.count))),
    ];
    RecordBatch::try_new(MOVEMENT_CUBE.schema(), columns).map_err(arrow_error)
}
