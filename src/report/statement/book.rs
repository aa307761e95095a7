//! Everything that statements of a day are made of: parties, items, activity, buckets, asked once and laid out by customer.
//!
//! Separate from [`super::build`] so that any number of threads can build statements from one book; it never changes.

use super::words::Words;
use crate::config::Payee;
use crate::domain::days::month_start;
use crate::domain::email;
use crate::domain::lang::Lang;
use crate::domain::spelling::nearest;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::report::answers::Answers;
use crate::report::context::LoadProof;
use crate::report::text::Text;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Company and customer.
pub type Key = (String, String);

/// What statements are asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The as-of day.
    pub as_of: NaiveDate,
    /// First day of the period, for balance-forward statements.
    pub from: Option<NaiveDate>,
    /// Language of all statements; without it the customer's own.
    pub lang: Option<Lang>,
    /// Language of customers that have none.
    pub default_lang: Lang,
    /// The load the figures rest on.
    pub load: LoadProof,
    /// How customers pay, by company.
    pub payees: BTreeMap<String, Payee>,
}

impl Request {
    /// The queries a book asks, with their arguments.
    pub fn questions(&self) -> Vec<(String, Vec<Datum>)> {
        let day = Datum::Date(self.as_of);
        let mut questions = vec![
            ("statement_items".to_string(), vec![day.clone()]),
            ("statement_parties".to_string(), vec![day.clone()]),
            ("aging_columns".to_string(), Vec::new()),
        ];
        questions.extend(self.from.map(|from| ("statement_activity".to_string(), vec![Datum::Date(from), day])));
        questions
    }

    /// The first day of the month of an as-of day: the period where none is given.
    pub fn usual_from(as_of: NaiveDate) -> NaiveDate {
        month_start(as_of)
    }
}

/// To whom a statement goes. The one place that knows e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    pub(super) company_name: String,
    pub(super) company_tax_id: String,
    pub(super) name: String,
    pub(super) tax_id: String,
    pub(super) lang: Option<Lang>,
    /// E-mail addresses; none where the cell is empty or holds something else.
    pub emails: Vec<String>,
}

/// An open item as asked.
#[derive(Debug, Clone)]
pub(super) struct ItemRow {
    pub currency: String,
    pub document: String,
    pub instalment: i64,
    pub kind: String,
    pub is_due: bool,
    pub reference: String,
    pub document_date: NaiveDate,
    pub due_date: NaiveDate,
    pub days_late: i64,
    pub bucket_order: i64,
    pub original: Decimal,
    pub open: Decimal,
    pub disputed: Decimal,
}

/// A line of activity as asked.
#[derive(Debug, Clone)]
pub(super) struct MoveRow {
    pub currency: String,
    pub is_opening: bool,
    pub day: NaiveDate,
    pub kind: String,
    pub is_undone: bool,
    pub document: String,
    pub reference: String,
    pub amount: Decimal,
}

/// A bucket or a column of what is unapplied.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub order: i64,
    pub name: String,
    pub is_due: bool,
}

/// The book.
#[derive(Debug)]
pub struct Book {
    pub(super) request: Request,
    pub(super) buckets: Vec<Bucket>,
    pub(super) texts: BTreeMap<&'static str, (Text, Arc<Words>)>,
    parties: BTreeMap<Key, Recipient>,
    items: Grouped<ItemRow>,
    moves: Grouped<MoveRow>,
}

impl Book {
    /// Asks for everything.
    pub fn open(request: Request, answers: &dyn Answers) -> Result<Book> {
        if let Some(from) = request.from
            && from > request.as_of
        {
            return Err(Error::usage(format!("the period from {from} begins after its last day {}", request.as_of))
                .hint("give a --from on or before --as-of"));
        }
        let rows: Vec<Rows> = request.questions().iter().map(|(query, arguments)| answers.ask(query, arguments)).collect::<Result<_>>()?;
        let [items, parties, buckets] = [&rows[0], &rows[1], &rows[2]];
        let mut texts = BTreeMap::new();
        for lang in [Lang::Es, Lang::En] {
            let text = Text::of(lang)?;
            let words = Arc::new(Words::of(&text)?);
            texts.insert(lang.code(), (text, words));
        }
        let parties = read(parties, party)?.into_iter().collect();
        Ok(Book {
            buckets: read(buckets, bucket)?,
            texts,
            items: Grouped::new(read(items, item)?),
            moves: Grouped::new(rows.get(3).map(|rows| read(rows, moved)).transpose()?.unwrap_or_default()),
            parties,
            request,
        })
    }

    /// Everyone known on the day.
    pub fn parties(&self) -> &BTreeMap<Key, Recipient> {
        &self.parties
    }

    /// Everyone with an open item, credits included, of one company or of all.
    pub fn with_items(&self, company: Option<&str>) -> Vec<Key> {
        self.parties.keys().filter(|key| company.is_none_or(|c| c == key.0) && !self.items(key).is_empty()).cloned().collect()
    }

    /// The customers of these ids, in every company that has them or in one.
    pub fn named(&self, customers: &[String], company: Option<&str>) -> Result<Vec<Key>> {
        let mut keys = BTreeSet::new();
        for customer in customers {
            let known = || self.parties.keys().filter(|key| company.is_none_or(|c| c == key.0));
            let before = keys.len();
            keys.extend(known().filter(|key| key.1 == *customer).cloned());
            if keys.len() == before && !keys.iter().any(|key: &Key| key.1 == *customer) {
                let place = company.map_or_else(String::new, |c| format!(" in company {c}"));
                let error = Error::missing(format!("there is no customer {customer}{place} on {}", self.request.as_of));
                return Err(match nearest(customer, known().map(|key| key.1.as_str())) {
                    Some(near) => error.hint(format!("did you mean {near}?")),
                    None => error.hint("`cartera sql \"select company_id, customer_id, name from customers\"` lists them"),
                });
            }
        }
        Ok(keys.into_iter().collect())
    }

    /// An error for a company that nothing is known of.
    pub fn must_know(&self, company: &str) -> Result<()> {
        if self.parties.keys().any(|key| key.0 == company) {
            return Ok(());
        }
        let error = Error::missing(format!("there is no company {company} with customers on {}", self.request.as_of));
        Err(match nearest(company, self.parties.keys().map(|key| key.0.as_str())) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        })
    }

    /// The fixed words in a language.
    pub fn words(&self, lang: Lang) -> Result<Arc<Words>> {
        self.texts.get(lang.code()).map(|(_, words)| Arc::clone(words)).ok_or_else(|| Error::internal("a language without texts"))
    }

    /// Language of a customer's statement.
    pub fn lang(&self, recipient: &Recipient) -> Lang {
        self.request.lang.or(recipient.lang).unwrap_or(self.request.default_lang)
    }

    pub(super) fn items(&self, key: &Key) -> &[ItemRow] {
        self.items.of(key)
    }

    pub(super) fn moves(&self, key: &Key) -> &[MoveRow] {
        self.moves.of(key)
    }
}

/// Rows by customer.
#[derive(Debug)]
struct Grouped<T> {
    rows: Vec<T>,
    of: BTreeMap<Key, Range<usize>>,
}

impl<T> Grouped<T> {
    /// The rows come sorted by company and customer.
    fn new(rows: Vec<(Key, T)>) -> Grouped<T> {
        let mut of: BTreeMap<Key, Range<usize>> = BTreeMap::new();
        let rows = rows.into_iter().enumerate().map(|(at, (key, row))| {
            of.entry(key).or_insert(at..at).end = at + 1;
            row
        });
        let rows = rows.collect();
        Grouped { rows, of }
    }

    fn of(&self, key: &Key) -> &[T] {
        self.of.get(key).map_or(&[], |range| &self.rows[range.clone()])
    }
}

/// A row with its columns by name.
struct Reader<'a> {
    rows: &'a Rows,
    row: &'a [Datum],
}

impl Reader<'_> {
    fn get(&self, column: &str) -> Result<&Datum> {
        let at = self.rows.position(column).ok_or_else(|| Error::internal(format!("a statement query has no column `{column}`")))?;
        Ok(&self.row[at])
    }
    /// The text; empty where there is none.
    fn text(&self, column: &str) -> Result<String> {
        Ok(self.get(column)?.text().unwrap_or_default().to_string())
    }
    fn number(&self, column: &str) -> Result<Decimal> {
        self.get(column)?.decimal().ok_or_else(|| Error::internal(format!("`{column}` of a statement query is no number")))
    }
    fn whole(&self, column: &str) -> Result<i64> {
        match self.get(column)? {
            Datum::Int(n) => Ok(*n),
            _ => Err(Error::internal(format!("`{column}` of a statement query is no whole number"))),
        }
    }
    fn day(&self, column: &str) -> Result<NaiveDate> {
        self.get(column)?.date().ok_or_else(|| Error::internal(format!("`{column}` of a statement query is no day")))
    }
    fn key(&self) -> Result<Key> {
        Ok((self.text("company_id")?, self.text("customer_id")?))
    }
}

fn read<T>(rows: &Rows, one: impl Fn(&Reader<'_>) -> Result<T>) -> Result<Vec<T>> {
    rows.rows.iter().map(|row| one(&Reader { rows, row })).collect()
}

fn party(row: &Reader<'_>) -> Result<(Key, Recipient)> {
    let emails = row.text("email")?;
    let recipient = Recipient {
        company_name: row.text("company_name")?,
        company_tax_id: row.text("company_tax_id")?,
        name: row.text("customer_name")?,
        tax_id: row.text("customer_tax_id")?,
        lang: Lang::parse(&row.text("language")?),
        emails: email::addresses(&emails).into_iter().map(str::to_string).collect(),
    };
    Ok((row.key()?, recipient))
}

fn item(row: &Reader<'_>) -> Result<(Key, ItemRow)> {
    let item = ItemRow {
        currency: row.text("currency")?,
        document: row.text("document_id")?,
        instalment: row.whole("instalment")?,
        kind: row.text("document_kind")?,
        is_due: row.text("aging_class")? == "due",
        reference: row.text("reference")?,
        document_date: row.day("document_date")?,
        due_date: row.day("due_date")?,
        days_late: row.whole("days_late")?,
        bucket_order: row.whole("bucket_order")?,
        original: row.number("original_amount")?,
        open: row.number("open_amount")?,
        disputed: row.number("disputed_amount")?,
    };
    Ok((row.key()?, item))
}

fn moved(row: &Reader<'_>) -> Result<(Key, MoveRow)> {
    let line = MoveRow {
        currency: row.text("currency")?,
        is_opening: row.text("part")? == "opening",
        day: row.day("posting_date")?,
        kind: row.text("movement_kind")?,
        is_undone: matches!(row.get("is_undone")?, Datum::Bool(true)),
        document: row.text("document_id")?,
        reference: row.text("reference")?,
        amount: row.number("amount")?,
    };
    Ok((row.key()?, line))
}

fn bucket(row: &Reader<'_>) -> Result<Bucket> {
    Ok(Bucket { order: row.whole("bucket_order")?, name: row.text("bucket")?, is_due: row.text("aging_class")? == "due" })
}
