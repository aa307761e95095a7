//! Movements on their way to a file, packed so that the order of their bytes is the order of the file.
//!
//! Separate from [`super::movement`] because this form lives only as long as a load: texts end in a NUL (no id holds one), numbers are
//! big-endian with the sign turned, so rows sort by company, customer, document, instalment and day without being unpacked, and go
//! to their columns without a text being copied twice.

use super::movement::{Movement, SourceTable, arrow_error};
use crate::domain::days::epoch_day;
use crate::domain::kinds::{AgingClass, Cause, DocumentKind, Effect, MovementKind, SalesEffect};
use crate::error::{Error, Result};
use crate::schema::system::MOVEMENTS;
use arrow::array::{ArrayRef, Date32Builder, Decimal128Builder, Int32Array, Int32Builder, Int64Array, RecordBatch, StringBuilder};
use std::sync::Arc;

/// No text follows; above it, one does.
const NONE: u8 = 0;
const SOME: u8 = 1;

/// Packs a movement onto the end of `out`.
pub fn pack(movement: &Movement, out: &mut Vec<u8>) -> Result<()> {
    let line = &movement.line;
    text(&line.company_id, out)?;
    text(&line.customer_id, out)?;
    text(&line.document_id, out)?;
    number(line.instalment, out);
    number(epoch_day(line.posting_date), out);
    out.push(line.movement_kind as u8);
    text(&line.account, out)?;
    out.push(line.document_kind as u8);
    out.push(line.aging_class as u8);
    number(epoch_day(line.document_date), out);
    number(epoch_day(line.due_date), out);
    text(&line.currency, out)?;
    out.push(line.sales_effect.map_or(NONE, |effect| effect as u8 + SOME));
    match &line.counter_document_id {
        None => out.push(NONE),
        Some(counter) => {
            out.push(SOME);
            text(counter, out)?;
        }
    }
    out.push(line.source_table as u8);
    text(&line.source_id, out)?;
    out.push(movement.effect as u8);
    out.push(movement.cause as u8);
    for amount in [movement.sums.amount, movement.sums.company_amount, movement.sums.net_sales] {
        out.extend_from_slice(&(amount.hundredths() ^ i64::MIN).to_be_bytes());
    }
    Ok(())
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    if text.as_bytes().contains(&0) {
        return Err(Error::internal(format!("the id {text:?} holds a NUL, which the readers refuse")));
    }
    out.extend_from_slice(text.as_bytes());
    out.push(0);
    Ok(())
}

fn number(number: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&(number ^ i32::MIN).to_be_bytes());
}

/// A packed movement being read.
struct Packed<'b>(&'b [u8]);

impl<'b> Packed<'b> {
    fn take(&mut self, n: usize) -> Result<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(broken)?;
        self.0 = rest;
        Ok(head)
    }
    fn text(&mut self) -> Result<&'b str> {
        let end = self.0.iter().position(|b| *b == 0).ok_or_else(broken)?;
        let text = std::str::from_utf8(self.take(end)?).map_err(|e| broken().caused_by(e))?;
        self.take(1)?;
        Ok(text)
    }
    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }
    fn word(&mut self, words: &'static [&'static str]) -> Result<&'static str> {
        words.get(usize::from(self.byte()?)).copied().ok_or_else(broken)
    }
    fn number(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into().map_err(|_| broken())?) ^ i32::MIN)
    }
    fn cents(&mut self) -> Result<i128> {
        Ok(i128::from(i64::from_be_bytes(self.take(8)?.try_into().map_err(|_| broken())?) ^ i64::MIN))
    }
}

fn broken() -> Error {
    Error::internal("a staged movement cannot be read back")
}

/// Collects packed movements into batches of the stored table.
pub struct MovementColumns {
    load_id: i32,
    companies: StringBuilder,
    accounts: StringBuilder,
    customers: StringBuilder,
    documents: StringBuilder,
    instalments: Int32Builder,
    document_kinds: StringBuilder,
    classes: StringBuilder,
    kinds: StringBuilder,
    effects: StringBuilder,
    causes: StringBuilder,
    document_dates: Date32Builder,
    due_dates: Date32Builder,
    posting_dates: Date32Builder,
    currencies: StringBuilder,
    amounts: Decimal128Builder,
    company_amounts: Decimal128Builder,
    sales_effects: StringBuilder,
    net_sales: Decimal128Builder,
    counters: StringBuilder,
    source_tables: StringBuilder,
    source_ids: StringBuilder,
    rows: usize,
}

impl MovementColumns {
    /// Empty columns for movements of a load.
    pub fn new(load_id: i32) -> Result<MovementColumns> {
        let money = || Decimal128Builder::new().with_precision_and_scale(18, 2).map_err(arrow_error);
        Ok(MovementColumns {
            load_id,
            companies: StringBuilder::new(),
            accounts: StringBuilder::new(),
            customers: StringBuilder::new(),
            documents: StringBuilder::new(),
            instalments: Int32Builder::new(),
            document_kinds: StringBuilder::new(),
            classes: StringBuilder::new(),
            kinds: StringBuilder::new(),
            effects: StringBuilder::new(),
            causes: StringBuilder::new(),
            document_dates: Date32Builder::new(),
            due_dates: Date32Builder::new(),
            posting_dates: Date32Builder::new(),
            currencies: StringBuilder::new(),
            amounts: money()?,
            company_amounts: money()?,
            sales_effects: StringBuilder::new(),
            net_sales: money()?,
            counters: StringBuilder::new(),
            source_tables: StringBuilder::new(),
            source_ids: StringBuilder::new(),
            rows: 0,
        })
    }

    /// Adds a movement as [`pack`] left it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let mut packed = Packed(bytes);
        self.companies.append_value(packed.text()?);
        self.customers.append_value(packed.text()?);
        self.documents.append_value(packed.text()?);
        self.instalments.append_value(packed.number()?);
        self.posting_dates.append_value(packed.number()?);
        self.kinds.append_value(packed.word(MovementKind::WORDS)?);
        self.accounts.append_value(packed.text()?);
        self.document_kinds.append_value(packed.word(DocumentKind::WORDS)?);
        self.classes.append_value(packed.word(AgingClass::WORDS)?);
        self.document_dates.append_value(packed.number()?);
        self.due_dates.append_value(packed.number()?);
        self.currencies.append_value(packed.text()?);
        let sales = match packed.byte()? {
            NONE => None,
            n => Some(*SalesEffect::WORDS.get(usize::from(n - SOME)).ok_or_else(broken)?),
        };
        self.sales_effects.append_option(sales);
        self.counters.append_option(if packed.byte()? == NONE { None } else { Some(packed.text()?) });
        self.source_tables.append_value(packed.word(SourceTable::WORDS)?);
        self.source_ids.append_value(packed.text()?);
        self.effects.append_value(packed.word(Effect::WORDS)?);
        self.causes.append_value(packed.word(Cause::WORDS)?);
        self.amounts.append_value(packed.cents()?);
        self.company_amounts.append_value(packed.cents()?);
        let net = packed.cents()?;
        self.net_sales.append_option(sales.map(|_| net));
        self.rows += 1;
        if packed.0.is_empty() { Ok(()) } else { Err(broken()) }
    }

    /// The movements so far as a batch, numbered from `first`; the columns are empty again.
    pub fn finish(&mut self, first: u32) -> Result<RecordBatch> {
        let (load, rows) = (i64::from(self.load_id) << 32, std::mem::take(&mut self.rows) as i64);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_value(self.load_id, rows as usize)),
            Arc::new(Int64Array::from_iter_values((0..rows).map(|n| load | (i64::from(first) + n)))),
            Arc::new(self.companies.finish()),
            Arc::new(self.accounts.finish()),
            Arc::new(self.customers.finish()),
            Arc::new(self.documents.finish()),
            Arc::new(self.instalments.finish()),
            Arc::new(self.document_kinds.finish()),
            Arc::new(self.classes.finish()),
            Arc::new(self.kinds.finish()),
            Arc::new(self.effects.finish()),
            Arc::new(self.causes.finish()),
            Arc::new(self.document_dates.finish()),
            Arc::new(self.due_dates.finish()),
            Arc::new(self.posting_dates.finish()),
            Arc::new(self.currencies.finish()),
            Arc::new(self.amounts.finish()),
            Arc::new(self.company_amounts.finish()),
            Arc::new(self.sales_effects.finish()),
            Arc::new(self.net_sales.finish()),
            Arc::new(self.counters.finish()),
            Arc::new(self.source_tables.finish()),
            Arc::new(self.source_ids.finish()),
        ];
        RecordBatch::try_new(MOVEMENTS.schema(), columns).map_err(arrow_error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::movement::{Line, Sums, movements_from_batch};
    use super::*;
    use crate::domain::days::parse_day;
    use crate::domain::money::Money;

    fn movement(document: &str, instalment: i32, day: &str, cents: i128) -> Movement {
        let day = parse_day(day).unwrap();
        Movement {
            line: Line {
                company_id: "C".into(),
                customer_id: "ÑANDÚ".into(),
                document_id: document.into(),
                instalment,
                posting_date: day,
                movement_kind: MovementKind::Reclass,
                account: "1130".into(),
                document_kind: DocumentKind::Adjustment,
                aging_class: AgingClass::Advances,
                document_date: parse_day("1969-12-31").unwrap(),
                due_date: day,
                currency: "MXN".into(),
                sales_effect: (cents > 0).then_some(SalesEffect::None),
                counter_document_id: (cents < 0).then(|| "".into()),
                source_table: SourceTable::Applications,
                source_id: "an id far longer than what is held in place".into(),
            },
            sums: Sums {
                amount: Money::from_hundredths(cents).unwrap(),
                company_amount: Money::from_hundredths(-cents).unwrap(),
                ..Sums::default()
            },
            effect: Effect::Correction,
            cause: Cause::Inferred,
        }
    }

    #[test]
    fn movements_come_back_and_their_bytes_sort_as_their_file_does() {
        let in_order = [
            movement("A", -1, "2026-01-01", -999_999_999_999_999_999),
            movement("A", 1, "1969-01-01", -1),
            movement("A", 1, "2026-01-01", -1),
            movement("A", 1, "2026-01-01", 0),
            movement("A", 2, "2020-01-01", 999_999_999_999_999_999),
            movement("A1", 1, "2026-01-01", 5),
            movement("B", 1, "2026-01-01", 5),
        ];
        let mut packed: Vec<Vec<u8>> = Vec::new();
        for movement in &in_order {
            let mut bytes = Vec::new();
            pack(movement, &mut bytes).unwrap();
            packed.push(bytes);
        }
        packed[..3].reverse();
        packed.sort();
        let mut columns = MovementColumns::new(7).unwrap();
        packed.iter().for_each(|bytes| columns.push(bytes).unwrap());
        let batch = columns.finish(3).unwrap();
        // The two of one line differ in what follows the day.
        let back = movements_from_batch(&batch).unwrap();
        assert_eq!(back.len(), in_order.len());
        assert!(in_order.iter().all(|m| back.contains(m)));
        let place = |m: &Movement| (m.line.document_id.to_string(), m.line.instalment, m.line.posting_date);
        assert!(back.is_sorted_by_key(place));
        assert_eq!(batch.column(1).as_any().downcast_ref::<Int64Array>().unwrap().value(6), (7i64 << 32) + 9);
        assert!(columns.push(&packed[0][..20]).is_err());
        let mut nul = in_order[0].clone();
        nul.line.source_id = "a\0b".into();
        assert!(pack(&nul, &mut Vec::new()).unwrap_err().is_internal());
    }
}
