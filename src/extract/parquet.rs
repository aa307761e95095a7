//! Parquet files into records: every cell becomes the text a canonical file would hold, exactly.
//!
//! Separate from CSV because types are known here: days and decimals need no declared format, and floats can be refused by name
//! before a row is read. Values are judged by the same door as any other text.

use super::csv::Next;
use super::place::{Place, Whole};
use super::record::Record;
use super::source::{Cell, Header};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, BinaryArray, Decimal128Array, Decimal256Array, Int64Array, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;
use chrono::NaiveDate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

/// Reads a file row by row.
pub(super) struct ParquetReader {
    /// What is left to do before batches flow: told which columns are needed.
    waiting: Option<ParquetRecordBatchReaderBuilder<Whole>>,
    batches: Option<ParquetRecordBatchReader>,
    /// Field of the file behind each projected column.
    fields: Vec<usize>,
    width: usize,
    cells: Vec<BinaryArray>,
    rows: usize,
    next: usize,
    number: u64,
    file: String,
}

fn open(place: &Place) -> Result<ParquetRecordBatchReaderBuilder<Whole>> {
    let file = place.whole()?;
    guarded(|| Ok(ParquetRecordBatchReaderBuilder::try_new(file)?)).map_err(|e| {
        Error::data(format!("{} cannot be read as Parquet", place.path.display()))
            .caused_by(e)
            .hint("the file may be cut short; copy it again")
    })
}

/// The library panics on some damaged files; to us that is one more way of being damaged.
fn guarded<T>(read: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| Err("its contents contradict each other".into()))
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

fn cell(data_type: &DataType) -> Cell {
    let plain = Cell::default();
    match data_type {
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _) => Cell { iso_days: true, ..plain },
        t if t.is_decimal() || t.is_integer() => Cell { plain_numbers: true, ..plain },
        t if t.is_floating() => Cell { unreadable: Some("a floating-point column, which cannot hold amounts or ids exactly"), ..plain },
        t if t.is_nested() => Cell { unreadable: Some("a nested column"), ..plain },
        DataType::Dictionary(_, inner) => cell(inner),
        _ => plain,
    }
}

impl ParquetReader {
    /// Opens a file: its columns, and what is known of their cells.
    pub fn open(place: &Place) -> Result<(Header, ParquetReader)> {
        let builder = open(place)?;
        let fields = builder.schema().fields();
        let header = Header {
            names: fields.iter().map(|f| f.name().trim().to_string()).collect(),
            cells: fields.iter().map(|f| cell(f.data_type())).collect(),
            asked_by: Vec::new(),
            single: None,
        };
        let reader = ParquetReader {
            waiting: Some(builder),
            batches: None,
            fields: Vec::new(),
            width: header.names.len(),
            cells: Vec::new(),
            rows: 0,
            next: 0,
            number: 0,
            file: place.path.display().to_string(),
        };
        Ok((header, reader))
    }

    /// Only the used columns are read, the others are empty fields.
    pub fn use_columns(&mut self, used: &[bool]) -> Result<()> {
        self.fields = used.iter().enumerate().filter(|(_, u)| **u).map(|(i, _)| i).collect();
        let Some(builder) = self.waiting.take() else { return Ok(()) };
        let mask = ProjectionMask::roots(builder.parquet_schema(), self.fields.iter().copied());
        let batches = guarded(|| Ok(builder.with_projection(mask).with_batch_size(8192).build()?));
        self.batches = Some(batches.map_err(|e| broken(&self.file, e))?);
        Ok(())
    }

    /// Fills the record with the next row.
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        while self.next == self.rows {
            let Some(batches) = &mut self.batches else { return Ok(Next::End) };
            let cells = guarded(|| {
                let Some(batch) = batches.next().transpose()? else { return Ok(None) };
                Ok(Some((batch.num_rows(), batch.columns().iter().map(texts).collect::<Result<Vec<_>, ArrowError>>()?)))
            });
            let Some((rows, cells)) = cells.map_err(|e| broken(&self.file, e))? else { return Ok(Next::End) };
            (self.rows, self.next, self.cells) = (rows, 0, cells);
        }
        self.number += 1;
        record.start(self.number);
        let mut column = 0;
        for field in 0..self.width {
            if self.fields.get(column) == Some(&field) {
                if self.cells[column].is_valid(self.next) {
                    record.push(self.cells[column].value(self.next));
                }
                column += 1;
            }
            record.end_field();
        }
        self.next += 1;
        Ok(Next::Record)
    }
}

fn broken(file: &str, error: Broken) -> Error {
    Error::data(format!("{file} is damaged")).caused_by(error).hint("nothing of it was loaded; copy the file again")
}

/// Each cell as text; bytes without a text annotation stay bytes and are judged as text later.
fn texts(array: &ArrayRef) -> Result<BinaryArray, ArrowError> {
    let text: ArrayRef = match array.data_type() {
        DataType::Date32 => written(&cast(&cast(array, &DataType::Int32)?, &DataType::Int64)?, 1)?,
        DataType::Date64 => written(&cast(array, &DataType::Int64)?, 86_400_000)?,
        DataType::Timestamp(unit, _) => {
            let second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            written(&cast(array, &DataType::Int64)?, 86_400 * second)?
        }
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) => decimals(&cast(array, &DataType::Decimal128(38, *scale))?)?,
        DataType::Decimal128(_, _) | DataType::Decimal256(_, _) => decimals(array)?,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => array.clone(),
        DataType::Dictionary(_, inner) => return texts(&cast(array, inner)?),
        _ => cast(array, &DataType::Utf8)?,
    };
    let bytes = cast(&text, &DataType::Binary)?;
    bytes
        .as_any()
        .downcast_ref::<BinaryArray>()
        .cloned()
        .ok_or_else(|| ArrowError::CastError(format!("{} does not become bytes", text.data_type())))
}

/// Days as `YYYY-MM-DD`; an instant within a day keeps its time, so that it is not taken for a day.
fn written(counts: &ArrayRef, per_day: i64) -> Result<ArrayRef, ArrowError> {
    let counts = counts.as_any().downcast_ref::<Int64Array>().ok_or_else(|| ArrowError::CastError("days are not counts".into()))?;
    let mut texts = StringBuilder::new();
    for count in counts {
        let Some(count) = count else {
            texts.append_null();
            continue;
        };
        let day = i32::try_from(count.div_euclid(per_day)).ok().and_then(NaiveDate::from_epoch_days);
        let seconds = u32::try_from(i128::from(count.rem_euclid(per_day)) * 86_400 / i128::from(per_day)).unwrap_or(0);
        match day {
            None => texts.append_value(format!("day {}", count.div_euclid(per_day))),
            Some(day) if count.rem_euclid(per_day) == 0 => texts.append_value(day.to_string()),
            Some(day) => {
                texts.append_value(format!("{day}T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
            }
        }
    }
    Ok(std::sync::Arc::new(texts.finish()))
}

/// Decimals exactly, without the zeros that only their scale asks for.
fn decimals(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let any = array.as_any();
    let trimmed =
        |text: String| -> String { if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text } };
    let one = |i: usize| -> Option<String> {
        if array.is_null(i) {
            return None;
        }
        let text = match (any.downcast_ref::<Decimal128Array>(), any.downcast_ref::<Decimal256Array>()) {
            (Some(a), _) => a.value_as_string(i),
            (_, Some(a)) => a.value_as_string(i),
            _ => String::new(),
        };
        Some(trimmed(text))
    };
    Ok(std::sync::Arc::new((0..array.len()).map(one).collect::<StringArray>()))
}
