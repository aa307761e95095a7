//! How rows and words lie in bucket files: numbers of fixed width, texts behind their length, nothing named.
//!
//! By hand because every row is written and read here several times on its way; what is rare may still go through postcard. The files live
//! as long as a load.

use crate::domain::kinds::{ApplicationKind, DocumentKind, SalesEffect};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::ledger::facts::{Application, Document};
use crate::ledger::posting::Version;
use crate::schema::Value;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};

/// What a stage can hold.
pub(super) trait Coded: Sized {
    /// Writes it onto the end of `out`.
    fn put(&self, out: &mut Vec<u8>) -> Result<()>;
    /// Reads it back.
    fn get(bytes: &[u8]) -> Result<Self>;
}

/// Length byte of a text that is longer than a byte can tell.
const LONG: u8 = u8::MAX;
/// Days of a year, rounded up to where a shift will do.
const YEAR: i32 = 512;

pub(super) fn put_text(text: &str, out: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if length < LONG => out.push(length),
        _ => {
            out.push(LONG);
            out.extend_from_slice(&(text.len() as u64).to_le_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_i32(number: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(super) fn put_u64(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(super) fn put_money(money: Money, out: &mut Vec<u8>) {
    put_u64(money.hundredths() as u64, out);
}

pub(super) fn put_day(day: NaiveDate, out: &mut Vec<u8>) {
    put_i32(day.year() * YEAR + day.ordinal() as i32, out);
}

pub(super) fn put_some<T>(value: Option<T>, out: &mut Vec<u8>, put: impl FnOnce(T, &mut Vec<u8>)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(value, out);
    }
}

/// Writes what is rare.
pub(super) fn put_other(value: &impl Serialize, out: &mut Vec<u8>) -> Result<()> {
    *out = postcard::to_extend(value, std::mem::take(out)).map_err(|e| Error::internal("a row cannot be staged").caused_by(e))?;
    Ok(())
}

fn broken() -> Error {
    Error::internal("a staged row cannot be read back")
}

/// What is left to be read.
pub(super) struct Rest<'b>(pub &'b [u8]);

impl Rest<'_> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or_else(broken)?;
        self.0 = rest;
        Ok(*head)
    }
    #[inline]
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take::<1>()?[0])
    }
    #[inline]
    pub fn i32(&mut self) -> Result<i32> {
        self.take().map(i32::from_le_bytes)
    }
    #[inline]
    pub fn u64(&mut self) -> Result<u64> {
        self.take().map(u64::from_le_bytes)
    }
    #[inline]
    pub fn text(&mut self) -> Result<Text> {
        let length = match self.byte()? {
            LONG => usize::try_from(self.u64()?).map_err(|e| broken().caused_by(e))?,
            length => usize::from(length),
        };
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(Text::new(std::str::from_utf8(text).map_err(|e| broken().caused_by(e))?))
    }
    #[inline]
    pub fn money(&mut self) -> Result<Money> {
        Money::from_hundredths(i128::from(self.u64()? as i64)).ok_or_else(broken)
    }
    #[inline]
    pub fn day(&mut self) -> Result<NaiveDate> {
        let day = self.i32()?;
        NaiveDate::from_yo_opt(day.div_euclid(YEAR), day.rem_euclid(YEAR) as u32).ok_or_else(broken)
    }
    #[inline]
    pub fn some<T>(&mut self, get: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.byte()? == 0 { Ok(None) } else { get(self).map(Some) }
    }
    /// One of the values of a vocabulary, by its number.
    #[inline]
    pub fn kind<T: Copy>(&mut self, all: &[T]) -> Result<T> {
        all.get(usize::from(self.byte()?)).copied().ok_or_else(broken)
    }
    /// What [`put_other`] wrote: it is the last.
    pub fn other<T: DeserializeOwned>(self) -> Result<T> {
        postcard::from_bytes(self.0).map_err(|e| broken().caused_by(e))
    }
    /// Nothing may be left over.
    pub fn end<T>(self, value: T) -> Result<T> {
        if self.0.is_empty() { Ok(value) } else { Err(broken()) }
    }
}

const NULL: u8 = 0;
const TEXT: u8 = 1;
const DATE: u8 = 2;
const MONEY: u8 = 3;
const RATE: u8 = 4;
const INT: u8 = 5;

pub(super) fn put_values(values: &[Value], out: &mut Vec<u8>) {
    put_i32(values.len() as i32, out);
    for value in values {
        match value {
            Value::Null => out.push(NULL),
            Value::Text(text) => {
                out.push(TEXT);
                put_text(text, out);
            }
            Value::Date(day) => {
                out.push(DATE);
                put_day(*day, out);
            }
            Value::Money(money) => {
                out.push(MONEY);
                put_money(*money, out);
            }
            Value::Rate(rate) => {
                out.push(RATE);
                out.extend_from_slice(&rate.serialize());
            }
            Value::Int(number) => {
                out.push(INT);
                put_i32(*number, out);
            }
        }
    }
}

pub(super) fn get_values(rest: &mut Rest<'_>) -> Result<Box<[Value]>> {
    let count = rest.i32()?;
    // Each takes a byte at least: a broken length asks for no room.
    let count = usize::try_from(count).ok().filter(|n| *n <= rest.0.len()).ok_or_else(broken)?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        values.push(match rest.byte()? {
            NULL => Value::Null,
            TEXT => Value::Text(rest.text()?),
            DATE => Value::Date(rest.day()?),
            MONEY => Value::Money(rest.money()?),
            RATE => Value::Rate(Decimal::deserialize(rest.take()?)),
            INT => Value::Int(rest.i32()?),
            _ => return Err(broken()),
        });
    }
    Ok(values.into_boxed_slice())
}

pub(super) fn put_version(version: &Version, out: &mut Vec<u8>) {
    let Document { company_id, document_id, instalment, kind, customer_id, account, .. } = &version.document;
    let Document { document_date, posting_date, due_date, currency, amount, tax_amount, withheld_amount, .. } = &version.document;
    let Document { company_amount, sales_effect, reverses, effective_date, .. } = &version.document;
    put_i32(version.load_id, out);
    put_day(version.day, out);
    out.push(u8::from(version.vanished));
    for text in [company_id, document_id, customer_id, account, currency] {
        put_text(text, out);
    }
    put_i32(*instalment, out);
    out.extend_from_slice(&[*kind as u8, *sales_effect as u8]);
    for day in [document_date, posting_date, due_date] {
        put_day(*day, out);
    }
    for money in [amount, tax_amount, withheld_amount, company_amount] {
        put_money(*money, out);
    }
    put_some(reverses.as_deref(), out, put_text);
    put_some(*effective_date, out, put_day);
}

pub(super) fn get_version(rest: &mut Rest<'_>) -> Result<Version> {
    let (load_id, day, vanished) = (rest.i32()?, rest.day()?, rest.byte()? != 0);
    let (company_id, document_id, customer_id, account, currency) = (rest.text()?, rest.text()?, rest.text()?, rest.text()?, rest.text()?);
    let document = Document {
        company_id,
        document_id,
        customer_id,
        account,
        currency,
        instalment: rest.i32()?,
        kind: rest.kind(DocumentKind::ALL)?,
        sales_effect: rest.kind(SalesEffect::ALL)?,
        document_date: rest.day()?,
        posting_date: rest.day()?,
        due_date: rest.day()?,
        amount: rest.money()?,
        tax_amount: rest.money()?,
        withheld_amount: rest.money()?,
        company_amount: rest.money()?,
        reverses: rest.some(Rest::text)?,
        effective_date: rest.some(Rest::day)?,
    };
    Ok(Version { load_id, day, document, vanished })
}

pub(super) fn put_application(application: &Application, out: &mut Vec<u8>) {
    let Application { company_id, application_id, kind, from, to, instalment, posting_date, .. } = application;
    let Application { amount, from_amount, company_amount, undoes, .. } = application;
    for text in [company_id, application_id, to] {
        put_text(text, out);
    }
    out.push(*kind as u8);
    put_day(*posting_date, out);
    put_money(*amount, out);
    put_some(from.as_deref(), out, put_text);
    put_some(*instalment, out, put_i32);
    put_some(*from_amount, out, put_money);
    put_some(*company_amount, out, put_money);
    put_some(undoes.as_deref(), out, put_text);
}

pub(super) fn get_application(rest: &mut Rest<'_>) -> Result<Application> {
    Ok(Application {
        company_id: rest.text()?,
        application_id: rest.text()?,
        to: rest.text()?,
        kind: rest.kind(ApplicationKind::ALL)?,
        posting_date: rest.day()?,
        amount: rest.money()?,
        from: rest.some(Rest::text)?,
        instalment: rest.some(Rest::i32)?,
        from_amount: rest.some(Rest::money)?,
        company_amount: rest.some(Rest::money)?,
        undoes: rest.some(Rest::text)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::days::parse_day;
    use crate::ledger::load::incoming::Incoming;
    use crate::schema::Origin;

    fn values() -> Box<[Value]> {
        let money = |cents: i128| Value::Money(Money::from_hundredths(cents).unwrap());
        let text = |length: usize| Value::Text("ñ".repeat(length).into());
        let day = |text: &str| Value::Date(parse_day(text).unwrap());
        let rate = Value::Rate("17.23450001".parse().unwrap());
        let days = [day("1969-12-31"), day("2024-02-29"), Value::Date(NaiveDate::MIN), Value::Date(NaiveDate::MAX)];
        let mut values = vec![Value::Null, text(0), text(3), text(127), text(128), text(40_000), rate, Value::Int(-7), money(-1)];
        values.extend(days);
        values.extend([money(999_999_999_999_999_999), Value::Int(i32::MIN), Value::Null]);
        values.into_boxed_slice()
    }

    #[test]
    fn rows_come_back_as_they_went_and_a_cut_is_noticed() {
        let row = Incoming::Row { table: 4, values: values(), origin: Origin { source: 7, line: u64::MAX } };
        let known = Incoming::Known { table: 5, load_id: i32::MAX, values: values(), gone: true };
        for incoming in [row, known] {
            let mut bytes = Vec::new();
            incoming.put(&mut bytes).unwrap();
            match (&incoming, Incoming::get(&bytes).unwrap()) {
                (Incoming::Row { table, values, origin }, Incoming::Row { table: t, values: v, origin: o }) => {
                    assert_eq!((*table, values, *origin), (t, &v, o));
                }
                (Incoming::Known { table, load_id, values, gone }, Incoming::Known { table: t, load_id: l, values: v, gone: g }) => {
                    assert_eq!((*table, *load_id, values, *gone), (t, l, &v, g));
                }
                _ => panic!("a row became another kind of row"),
            }
            for cut in [1, 2, bytes.len() / 2, bytes.len() - 1] {
                assert!(Incoming::get(&bytes[..cut]).is_err(), "cut after {cut} bytes");
            }
            bytes.push(0);
            assert!(Incoming::get(&bytes).is_err());
        }
    }
}
