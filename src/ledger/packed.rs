//! Movements on their way to a file, packed so that the order of their bytes is the order of the file.
//!
//! Separate from [`super::movement`] because this form lives only as long as a load: texts end in a NUL (no id holds one), numbers are
//! big-endian with the sign turned, so rows sort by company, customer, document, instalment and day without being unpacked, and go
//! to their columns without a text being copied twice.

use super::movement::{Movement, SourceTable, arrow_error};
use crate::domain::days::epoch_day;
use crate::domain::kinds::{AgingClass, Cause, DocumentKind, Effect, MovementKind, SalesEffect};
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::schema::system::MOVEMENTS;
use arrow::array::{
    ArrayRef, BinaryBuilder, Date32Builder, Decimal128Builder, Int32Array, Int32Builder, Int64Array, RecordBatch, StringArray,
    StringBuilder,
};
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
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Error::internal(format!("the id {text:?} holds a NUL, which the readers refuse")));
    }
    out.extend_from_slice(text.as_bytes());
    out.push(0);
    Ok(())
}

/// Packs a number.
pub fn number(number: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&(number ^ i32::MIN).to_be_bytes());
}

/// What is left of a packed value being read.
pub struct Rest<'b>(pub &'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, n: usize) -> Result<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(broken)?;
        self.0 = rest;
        Ok(head)
    }
    /// A text without its NUL. Whether it is UTF-8 is asked once for a whole column, not here.
    pub fn text(&mut self) -> Result<&'b [u8]> {
        let end = memchr::memchr(0, self.0).ok_or_else(broken)?;
        let text = self.take(end)?;
        self.take(1)?;
        Ok(text)
    }
    /// One byte.
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }
    /// A number as [`number`] packs it.
    pub fn number(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into().map_err(|_| broken())?) ^ i32::MIN)
    }
    fn money(&mut self) -> Result<Money> {
        let cents = i64::from_be_bytes(self.take(8)?.try_into().map_err(|_| broken())?) ^ i64::MIN;
        Money::from_hundredths(i128::from(cents)).ok_or_else(broken)
    }
}

/// The word of a packed kind.
pub fn word(words: &'static [&'static str], number: u8) -> Result<&'static str> {
    words.get(usize::from(number)).copied().ok_or_else(broken)
}

/// The word of an effect on sales, if it has one.
pub fn sales_word(number: u8) -> Result<Option<&'static str>> {
    if number == NONE { Ok(None) } else { word(SalesEffect::WORDS, number - SOME).map(Some) }
}

fn broken() -> Error {
    Error::internal("a staged movement cannot be read back")
}

/// A packed movement, its texts where they lie and its words as numbers.
pub struct Packed<'b> {
    /// Our company.
    pub company: &'b [u8],
    customer: &'b [u8],
    document: &'b [u8],
    instalment: i32,
    posting_day: i32,
    /// Number of the movement's kind.
    pub movement_kind: u8,
    /// Receivable account.
    pub account: &'b [u8],
    document_kind: u8,
    /// Number of the aging class.
    pub aging_class: u8,
    document_day: i32,
    /// Due day, since 1970.
    pub due_day: i32,
    /// Currency of the item.
    pub currency: &'b [u8],
    /// Effect on sales, for [`sales_word`].
    pub sales_effect: u8,
    counter: Option<&'b [u8]>,
    source_table: u8,
    source: &'b [u8],
    effect: u8,
    cause: u8,
    /// In the item's currency.
    pub amount: Money,
    /// In the currency of the books.
    pub company_amount: Money,
    /// Net sales.
    pub net_sales: Money,
}

impl<'b> Packed<'b> {
    /// Reads what [`pack`] left.
    pub fn read(bytes: &'b [u8]) -> Result<Packed<'b>> {
        let mut rest = Rest(bytes);
        let packed = Packed {
            company: rest.text()?,
            customer: rest.text()?,
            document: rest.text()?,
            instalment: rest.number()?,
            posting_day: rest.number()?,
            movement_kind: rest.byte()?,
            account: rest.text()?,
            document_kind: rest.byte()?,
            aging_class: rest.byte()?,
            document_day: rest.number()?,
            due_day: rest.number()?,
            currency: rest.text()?,
            sales_effect: rest.byte()?,
            counter: if rest.byte()? == NONE { None } else { Some(rest.text()?) },
            source_table: rest.byte()?,
            source: rest.text()?,
            effect: rest.byte()?,
            cause: rest.byte()?,
            amount: rest.money()?,
            company_amount: rest.money()?,
            net_sales: rest.money()?,
        };
        if rest.0.is_empty() { Ok(packed) } else { Err(broken()) }
    }
}

/// Company and customer of a packed movement.
pub fn packed_customer(bytes: &[u8]) -> Result<(&str, &str)> {
    let mut rest = Rest(bytes);
    let mut text = || std::str::from_utf8(rest.text()?).map_err(|e| broken().caused_by(e));
    Ok((text()?, text()?))
}

/// Collects packed movements into batches of the stored table.
pub struct MovementColumns {
    load_id: i32,
    companies: BinaryBuilder,
    accounts: BinaryBuilder,
    customers: BinaryBuilder,
    documents: BinaryBuilder,
    instalments: Int32Builder,
    document_kinds: StringBuilder,
    classes: StringBuilder,
    kinds: StringBuilder,
    effects: StringBuilder,
    causes: StringBuilder,
    document_dates: Date32Builder,
    due_dates: Date32Builder,
    posting_dates: Date32Builder,
    currencies: BinaryBuilder,
    amounts: Decimal128Builder,
    company_amounts: Decimal128Builder,
    sales_effects: StringBuilder,
    net_sales: Decimal128Builder,
    counters: BinaryBuilder,
    source_tables: StringBuilder,
    source_ids: BinaryBuilder,
    rows: usize,
}

impl MovementColumns {
    /// Empty columns for movements of a load.
    pub fn new(load_id: i32) -> Result<MovementColumns> {
        let money = || Decimal128Builder::new().with_precision_and_scale(18, 2).map_err(arrow_error);
        Ok(MovementColumns {
            load_id,
            companies: BinaryBuilder::new(),
            accounts: BinaryBuilder::new(),
            customers: BinaryBuilder::new(),
            documents: BinaryBuilder::new(),
            instalments: Int32Builder::new(),
            document_kinds: StringBuilder::new(),
            classes: StringBuilder::new(),
            kinds: StringBuilder::new(),
            effects: StringBuilder::new(),
            causes: StringBuilder::new(),
            document_dates: Date32Builder::new(),
            due_dates: Date32Builder::new(),
            posting_dates: Date32Builder::new(),
            currencies: BinaryBuilder::new(),
            amounts: money()?,
            company_amounts: money()?,
            sales_effects: StringBuilder::new(),
            net_sales: money()?,
            counters: BinaryBuilder::new(),
            source_tables: StringBuilder::new(),
            source_ids: BinaryBuilder::new(),
            rows: 0,
        })
    }

    /// Adds a movement.
    pub fn push(&mut self, packed: &Packed<'_>) -> Result<()> {
        let sales = sales_word(packed.sales_effect)?;
        self.companies.append_value(packed.company);
        self.customers.append_value(packed.customer);
        self.documents.append_value(packed.document);
        self.instalments.append_value(packed.instalment);
        self.posting_dates.append_value(packed.posting_day);
        self.kinds.append_value(word(MovementKind::WORDS, packed.movement_kind)?);
        self.accounts.append_value(packed.account);
        self.document_kinds.append_value(word(DocumentKind::WORDS, packed.document_kind)?);
        self.classes.append_value(word(AgingClass::WORDS, packed.aging_class)?);
        self.document_dates.append_value(packed.document_day);
        self.due_dates.append_value(packed.due_day);
        self.currencies.append_value(packed.currency);
        self.sales_effects.append_option(sales);
        self.counters.append_option(packed.counter);
        self.source_tables.append_value(word(SourceTable::WORDS, packed.source_table)?);
        self.source_ids.append_value(packed.source);
        self.effects.append_value(word(Effect::WORDS, packed.effect)?);
        self.causes.append_value(word(Cause::WORDS, packed.cause)?);
        self.amounts.append_value(i128::from(packed.amount.hundredths()));
        self.company_amounts.append_value(i128::from(packed.company_amount.hundredths()));
        self.net_sales.append_option(sales.map(|_| i128::from(packed.net_sales.hundredths())));
        self.rows += 1;
        Ok(())
    }

    /// The movements so far as a batch, numbered from `first`; the columns are empty again.
    pub fn finish(&mut self, first: u32) -> Result<RecordBatch> {
        let (load, rows) = (i64::from(self.load_id) << 32, std::mem::take(&mut self.rows) as i64);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from_value(self.load_id, rows as usize)),
            Arc::new(Int64Array::from_iter_values((0..rows).map(|n| load | (i64::from(first) + n)))),
            texts(&mut self.companies)?,
            texts(&mut self.accounts)?,
            texts(&mut self.customers)?,
            texts(&mut self.documents)?,
            Arc::new(self.instalments.finish()),
            Arc::new(self.document_kinds.finish()),
            Arc::new(self.classes.finish()),
            Arc::new(self.kinds.finish()),
            Arc::new(self.effects.finish()),
            Arc::new(self.causes.finish()),
            Arc::new(self.document_dates.finish()),
            Arc::new(self.due_dates.finish()),
            Arc::new(self.posting_dates.finish()),
            texts(&mut self.currencies)?,
            Arc::new(self.amounts.finish()),
            Arc::new(self.company_amounts.finish()),
            Arc::new(self.sales_effects.finish()),
            Arc::new(self.net_sales.finish()),
            texts(&mut self.counters)?,
            Arc::new(self.source_tables.finish()),
            texts(&mut self.source_ids)?,
        ];
        RecordBatch::try_new(MOVEMENTS.schema(), columns).map_err(arrow_error)
    }
}

/// The texts so far as a column; here they are checked to be UTF-8.
fn texts(builder: &mut BinaryBuilder) -> Result<ArrayRef> {
    Ok(Arc::new(StringArray::try_from_binary(builder.finish()).map_err(arrow_error)?))
}

#[cfg(test)]
mod tests {
    use super::super::movement::{Line, Sums, movements_from_batch};
    use super::*;
    use crate::domain::days::parse_day;

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
        packed.iter().for_each(|bytes| columns.push(&Packed::read(bytes).unwrap()).unwrap());
        let batch = columns.finish(3).unwrap();
        // The two of one line differ in what follows the day.
        let back = movements_from_batch(&batch).unwrap();
        assert_eq!(back.len(), in_order.len());
        assert!(in_order.iter().all(|m| back.contains(m)));
        let place = |m: &Movement| (m.line.document_id.to_string(), m.line.instalment, m.line.posting_date);
        assert!(back.is_sorted_by_key(place));
        assert_eq!(batch.column(1).as_any().downcast_ref::<Int64Array>().unwrap().value(6), (7i64 << 32) + 9);
        assert!(Packed::read(&packed[0][..20]).is_err());
        assert_eq!(packed_customer(&packed[0]).unwrap(), ("C", "ÑANDÚ"));
        let mut nul = in_order[0].clone();
        nul.line.source_id = "a\0b".into();
        assert!(pack(&nul, &mut Vec::new()).unwrap_err().is_internal());
    }
}
