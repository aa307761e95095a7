//! Cleared items become applications: items of one clearing document are paired where that is unambiguous, else set off one by one.
//!
//! Separate because it is the one part of reading that looks at more than a row. It never guesses who paid what: a group with one
//! item on a side is paired, any other is one signed row per item under its clearing document.

use super::bind::{ABSENT, BoundClearing};
use super::evaluate::{Fault, Line};
use super::{Sink, SourceFile};
use crate::domain::finding::Finding;
use crate::domain::kinds::{ApplicationKind, DocumentKind};
use crate::domain::money::{Money, Total};
use crate::error::{Error, Result};
use crate::schema::{self, Origin, Row, Table, Value};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

/// A settled item.
#[derive(Debug)]
struct Item {
    document_id: Box<str>,
    instalment: Option<i32>,
    kind: DocumentKind,
    /// Debit +, credit −.
    signed: Money,
    /// Boxed because few items have any, and a file has millions of items.
    extra: Option<Box<Extra>>,
    origin: Origin,
}

#[derive(Debug)]
struct Extra {
    reverses: Option<Box<str>>,
    /// What the payment left over, where this is its receipt.
    leftovers: Vec<Leftover>,
}

impl Item {
    fn reverses(&self) -> Option<&str> {
        self.extra.as_ref().and_then(|e| e.reverses.as_deref())
    }
}

/// What a payment left over, posted as a new item: it leaves the old item's balance together with the cash.
#[derive(Debug, Clone)]
pub(super) struct Leftover {
    /// The new item: met twice in the files it counts once.
    document_id: Box<str>,
    pub root: Option<Box<str>>,
    pub amount: Money,
    pub company_amount: Option<Money>,
    /// The receipt it was taken from: the same row met twice is cut twice, another line of the payment is not.
    taken_from: Option<Box<str>>,
}

/// Leftovers by (company, payment document, currency).
pub(super) type Leftovers = HashMap<[Box<str>; 3], Vec<Leftover>>;

/// A clearing group; company and currency as numbers of [`Names`].
#[derive(Debug, PartialEq, Eq, Hash)]
struct GroupKey {
    company: u32,
    currency: u32,
    day: NaiveDate,
    clearing_id: Box<str>,
}

/// A clearing group as its rows name it.
struct Group<'a> {
    company_id: &'a str,
    currency: &'a str,
    day: NaiveDate,
    clearing_id: &'a str,
}

/// Texts that repeat on every item, each kept once.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }
}

/// Collects settled items over all files: flat, for a file has millions of them and most groups two.
pub(super) struct Clearings {
    settled_as: ApplicationKind,
    names: Names,
    groups: HashMap<GroupKey, u32>,
    /// Items with the number of their group.
    items: Vec<(u32, Item)>,
    leftovers: Leftovers,
    documents: Positions,
}

/// Positions of the columns of `documents` that settlement needs.
pub(super) struct Positions {
    pub company: usize,
    pub document: usize,
    pub instalment: usize,
    pub kind: usize,
    pub currency: usize,
    pub amount: usize,
    pub company_amount: usize,
    pub reverses: usize,
    pub root: usize,
}

impl Positions {
    pub fn new() -> Result<Positions> {
        let table = canonical("documents")?;
        let at = |name: &str| table.position(name).ok_or_else(|| Error::internal(format!("documents has no column {name}")));
        Ok(Positions {
            company: at("company_id")?,
            document: at("document_id")?,
            instalment: at("instalment")?,
            kind: at("document_kind")?,
            currency: at("currency")?,
            amount: at("amount")?,
            company_amount: at("company_amount")?,
            reverses: at("reverses_document_id")?,
            root: at("root_document_id")?,
        })
    }

    fn text(&self, values: &[Value], at: usize) -> Box<str> {
        values[at].text().unwrap_or_default().into()
    }
}

fn canonical(name: &str) -> Result<&'static Table> {
    schema::table(name).ok_or_else(|| Error::internal(format!("there is no canonical table {name}")))
}

/// The name of the payment document that a residual and its payment share.
fn payment(line: Line<'_>, columns: &[usize], without_zeros: bool) -> Result<Box<str>, Fault> {
    let parts = columns.iter().map(|c| line.id(*c, without_zeros)).collect::<Result<Vec<_>, _>>()?;
    Ok(parts.join("\u{1f}").into())
}

/// Notes a document row that is the residual of a payment, on the pass before the rows are read.
pub(super) fn note_leftover(bound: &BoundClearing, at: &Positions, line: Line<'_>, values: &[Value], into: &mut Leftovers) {
    let Some(residual) = &bound.residual else { return };
    let (Some(kind), Some(amount)) = (values[at.kind].text().and_then(DocumentKind::parse), values[at.amount].money()) else { return };
    if !line.holds(&residual.when, &[]) || kind.sign() < 0 || amount.is_negative() || amount.is_zero() {
        return;
    }
    let Ok(payment) = payment(line, &residual.payment, bound.without_zeros) else { return };
    let leftover = Leftover {
        document_id: at.text(values, at.document),
        root: values[at.root].text().map(Into::into),
        amount,
        company_amount: values[at.company_amount].money(),
        taken_from: None,
    };
    let known = into.entry([at.text(values, at.company), payment, at.text(values, at.currency)]).or_default();
    if known.iter().all(|k| k.document_id != leftover.document_id) {
        known.push(leftover);
    }
}

impl Clearings {
    pub fn new(settled_as: &str, leftovers: Leftovers) -> Result<Clearings> {
        let settled_as = ApplicationKind::parse(settled_as).ok_or_else(|| Error::internal("settled_as passed the profile's checks"))?;
        let documents = Positions::new()?;
        Ok(Clearings { settled_as, names: Names::default(), groups: HashMap::new(), items: Vec::new(), leftovers, documents })
    }

    /// Takes note of a document row. A receipt whose payment left something over is cut to the cash that came.
    pub fn take(
        &mut self,
        bound: &BoundClearing,
        line: Line<'_>,
        values: &mut [Value],
        origin: Origin,
        sink: &mut dyn Sink,
    ) -> Result<std::result::Result<(), Fault>> {
        let at = &self.documents;
        let Some(kind) = values[at.kind].text().and_then(DocumentKind::parse) else { return Ok(Ok(())) };
        let mut leftovers = Vec::new();
        if kind == DocumentKind::Receipt
            && let Some(residual) = &bound.residual
        {
            let name = match payment(line, &residual.payment, bound.without_zeros) {
                Ok(name) => name,
                Err(fault) => return Ok(Err(fault)),
            };
            if let Some(found) = self.leftovers.get_mut(&[at.text(values, at.company), name, at.text(values, at.currency)]) {
                leftovers = cut_receipt(at, values, found);
            }
        }
        if line.holds(&bound.ignore_when, values) && !bound.ignore_when.is_empty() {
            return Ok(Ok(()));
        }
        let (day, clearing_id) = match (line.day(bound.posting_date), line.id(bound.clearing_id, bound.without_zeros)) {
            (Ok(Some(day)), Ok(id)) => (day, id),
            (Ok(None), _) => return Ok(Ok(())),
            (Err(fault), _) | (_, Err(fault)) => return Ok(Err(fault)),
        };
        let Some(amount) = values[at.amount].money() else { return Ok(Ok(())) };
        let reverses: Option<Box<str>> = values[at.reverses].text().map(Into::into);
        let plain = reverses.is_none() && leftovers.is_empty();
        let item = Item {
            document_id: at.text(values, at.document),
            instalment: values[at.instalment].int(),
            kind,
            signed: if kind.sign() < 0 { -amount } else { amount },
            extra: if plain { None } else { Some(Box::new(Extra { reverses, leftovers })) },
            origin,
        };
        let company_id = values[at.company].text().unwrap_or_default();
        let currency = values[at.currency].text().unwrap_or_default();
        if bound.clearing_id == ABSENT || clearing_id.is_empty() {
            let group = Group { company_id, currency, day, clearing_id: "" };
            let id = item_id("settled", &item);
            return sink.row(application(&group, id, self.settled_as, None, &item, item.signed)?).map(Ok);
        }
        let key = GroupKey {
            company: self.names.number(company_id),
            currency: self.names.number(currency),
            day,
            clearing_id: clearing_id.into(),
        };
        let next = self.groups.len() as u32;
        let number = *self.groups.entry(key).or_insert(next);
        self.items.push((number, item));
        Ok(Ok(()))
    }

    /// Yields the applications of all groups, in the order the groups were first met.
    pub fn finish(self, sources: &[SourceFile], sink: &mut dyn Sink) -> Result<()> {
        let Clearings { names, groups, mut items, .. } = self;
        let mut keys: Vec<(u32, GroupKey)> = groups.into_iter().map(|(key, number)| (number, key)).collect();
        keys.sort_unstable_by_key(|(number, _)| *number);
        items.sort_by_key(|(number, _)| *number);
        let mut items = items.into_iter().peekable();
        for (number, key) in &keys {
            let mut of_group = Vec::new();
            while let Some((_, item)) = items.next_if(|(n, _)| n == number) {
                of_group.push(item);
            }
            let group = Group {
                company_id: &names.texts[key.company as usize],
                currency: &names.texts[key.currency as usize],
                day: key.day,
                clearing_id: &key.clearing_id,
            };
            settle(&group, of_group, sources, sink)?;
        }
        Ok(())
    }
}

/// Yields the applications of one group.
fn settle(group: &Group<'_>, mut items: Vec<Item>, sources: &[SourceFile], sink: &mut dyn Sink) -> Result<()> {
    // The same item twice in the files counts once, as its document does.
    let mut seen = HashSet::new();
    items.retain(|i| seen.insert((i.document_id.clone(), i.instalment)));
    drop_reversals(&mut items);
    let Some(first) = items.first() else { return Ok(()) };
    let mut sum = Total::default();
    items.iter().for_each(|i| sum.add(i.signed));
    leftovers(&items).for_each(|l| sum.add(-l.amount));
    let balanced = sum.hundredths() == 0;
    if !balanced {
        let place = sources.get(first.origin.source as usize).map_or("", |s| s.name.as_str());
        let by = sum.money().map_or_else(String::new, |m| format!(" but to {m} {}", group.currency));
        let message =
            format!("the {} items of clearing {} do not sum to zero{by}; each is settled on its own", items.len(), group.clearing_id);
        sink.finding(
            Finding::new("clearing_unbalanced", "applications", message)
                .of(group.company_id, group.clearing_id)
                .at(format!("{place}:{}", first.origin.line)),
        )?;
    }
    let pairs = if balanced { pairs(group, &items)? } else { None };
    for row in pairs.map_or_else(|| set_off(group, &items), Ok)? {
        sink.row(row)?;
    }
    Ok(())
}

fn leftovers(items: &[Item]) -> impl Iterator<Item = &Leftover> {
    items.iter().filter_map(|i| i.extra.as_ref()).flat_map(|e| &e.leftovers)
}

/// Takes from a receipt what its payment left over; returns the parts taken.
fn cut_receipt(at: &Positions, values: &mut [Value], found: &mut [Leftover]) -> Vec<Leftover> {
    let receipt = at.text(values, at.document);
    let mut taken = Vec::new();
    for leftover in found.iter_mut().filter(|l| l.taken_from.as_ref().is_none_or(|t| *t == receipt)) {
        let rest = values[at.amount].money().and_then(|a| a.checked_sub(leftover.amount));
        let Some(rest) = rest.filter(|r| !r.is_negative() && !r.is_zero()) else { continue };
        values[at.amount] = Value::Money(rest);
        if let (Some(books), Some(less)) = (values[at.company_amount].money(), leftover.company_amount)
            && let Some(rest) = books.checked_sub(less)
        {
            values[at.company_amount] = Value::Money(rest);
        }
        leftover.taken_from = Some(receipt.clone());
        taken.push(leftover.clone());
    }
    taken
}

/// A reversal and what it reverses need no application: the reversal itself undoes its original.
fn drop_reversals(items: &mut Vec<Item>) {
    let reversed: HashSet<Box<str>> = items.iter().filter_map(|i| i.reverses().map(Into::into)).collect();
    if reversed.is_empty() {
        return;
    }
    let here: HashSet<Box<str>> = items.iter().map(|i| i.document_id.clone()).collect();
    items.retain(|i| match i.reverses() {
        Some(original) => !here.contains(original),
        None => !reversed.contains(&i.document_id),
    });
}

/// The rows of a group with exactly one item on a side; `None` where who settles whom is not certain.
fn pairs(key: &Group<'_>, items: &[Item]) -> Result<Option<Vec<Row>>> {
    let (credits, debits): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|i| i.signed.is_negative());
    if credits.is_empty() || debits.is_empty() || (credits.len() > 1 && debits.len() > 1) {
        return Ok(None);
    }
    let kind = |credit: &Item, debit: &Item| match (debit.kind, credit.kind) {
        (DocumentKind::Refund, _) => Some(ApplicationKind::Refund),
        (_, DocumentKind::Receipt) => Some(ApplicationKind::Receipt),
        (_, DocumentKind::CreditMemo) => Some(ApplicationKind::Credit),
        (_, DocumentKind::Advance) => Some(ApplicationKind::Advance),
        _ => None,
    };
    let left_on = |debit: &Item| -> Total {
        let mut total = Total::default();
        let mine = |l: &&Leftover| debits.len() == 1 || l.root.as_deref() == Some(&*debit.document_id);
        leftovers(items).filter(mine).for_each(|l| total.add(l.amount));
        total
    };
    let left: i128 = debits.iter().map(|d| left_on(d).hundredths()).sum();
    let mut all_left = Total::default();
    leftovers(items).for_each(|l| all_left.add(l.amount));
    if left != all_left.hundredths() {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for credit in &credits {
        for debit in &debits {
            // A credit that is neither cash, memo nor advance does not pair: the kind has one leg, on what is settled.
            let Some(kind) = kind(credit, debit) else { return Ok(None) };
            let (many, amount) = if debits.len() > 1 {
                let rest = Money::from_hundredths(i128::from(debit.signed.hundredths()) - left_on(debit).hundredths());
                (*debit, rest.unwrap_or(debit.signed))
            } else {
                (*credit, credit.signed.abs())
            };
            if amount.is_negative() {
                return Ok(None);
            }
            if !amount.is_zero() {
                rows.push(application(key, item_id(key.clearing_id, many), kind, Some(credit), debit, amount)?);
            }
        }
    }
    for debit in &debits {
        if let Some(left) = left_on(debit).money().filter(|m| !m.is_zero()) {
            let id = format!("{}/residual", item_id(key.clearing_id, debit));
            rows.push(application(key, id, ApplicationKind::Clearing, None, debit, left)?);
        }
    }
    Ok(Some(rows))
}

/// One signed row per item: positive lowers the item's balance.
fn set_off(key: &Group<'_>, items: &[Item]) -> Result<Vec<Row>> {
    let one = |item: &Item| application(key, item_id(key.clearing_id, item), ApplicationKind::Clearing, None, item, item.signed);
    items.iter().map(one).collect()
}

fn item_id(prefix: &str, item: &Item) -> String {
    match item.instalment {
        None => format!("{prefix}/{}", item.document_id),
        Some(n) => format!("{prefix}/{}/{n}", item.document_id),
    }
}

fn application(key: &Group<'_>, id: String, kind: ApplicationKind, from: Option<&Item>, to: &Item, amount: Money) -> Result<Row> {
    let table = canonical("applications")?;
    let mut values = vec![Value::Null; table.columns.len()];
    let mut set = |name: &str, value: Value| {
        if let Some(at) = table.position(name) {
            values[at] = value;
        }
    };
    set("company_id", Value::Text(key.company_id.into()));
    set("application_id", Value::Text(id.into()));
    set("kind", Value::Text(kind.as_str().into()));
    if let Some(from) = from {
        set("from_document_id", Value::Text(from.document_id.clone().into()));
    }
    set("to_document_id", Value::Text(to.document_id.clone().into()));
    if let Some(n) = to.instalment {
        set("instalment", Value::Int(n));
    }
    set("posting_date", Value::Date(key.day));
    set("amount", Value::Money(amount));
    if !key.clearing_id.is_empty() {
        set("clearing_id", Value::Text(key.clearing_id.into()));
    }
    Ok(Row { table, values: values.into_boxed_slice(), origin: to.origin })
}
