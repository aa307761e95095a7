//! The rows one document should have: creation, applications, undoings, exchange differences, moves between attributes.

use super::Corrections;
use super::events::{Event, events, is_ready};
use super::relief::Carrying;
use super::timeline::Timeline;
use super::{History, Linked, Posting, Role};
use crate::domain::finding::Finding;
use crate::domain::kinds::{Cause, Effect, MovementKind};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::{Error, Result};
use crate::ledger::facts::Application;
use crate::ledger::movement::{Line, SourceTable, Sums};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What posting says of one document.
#[derive(Debug, Default)]
pub struct Posted {
    /// The rows that should stand.
    pub postings: Vec<Posting>,
    /// Company value given up per application that the document pays with, for the other side.
    pub values: Vec<(Text, Money)>,
    /// Applications to it that cannot post yet.
    pub waiting: Vec<Waiting>,
    /// What the data says about itself, for facts of `load_id`.
    pub findings: Vec<Finding>,
}

/// An application or reversal that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Canonical table of the row.
    pub source_table: SourceTable,
    /// The row.
    pub source_id: Text,
    /// The document it waits for.
    pub missing_document_id: Text,
    /// Its amount.
    pub amount: Money,
}

/// One instalment while its rows are made.
struct Item<'v> {
    instalment: i32,
    timeline: Timeline<'v>,
    posted: NaiveDate,
    carrying: Carrying,
}

/// One leg of an application on one instalment, kept to be mirrored when it is undone.
#[derive(Clone)]
struct Leg {
    item: usize,
    amount: Money,
    company_amount: Money,
    exchange: Money,
}

/// The rows `document_id` should have. Findings are raised only for facts that `load_id` brought.
///
/// # Errors
/// Amounts that leave `Decimal128(18,2)`.
pub fn post(document_id: &str, history: &History, corrections: Corrections, load_id: i32) -> Result<Posted> {
    let mut posted = Posted::default();
    let mut items = items(history, corrections);
    if items.is_empty() {
        wait_for(document_id, history, &mut posted);
        return Ok(posted);
    }
    let first_day = items.iter().map(|i| i.posted).min().expect("items exist");
    for item in &items {
        create(item, &mut posted.postings);
    }
    note_given_values(history, &mut items);
    let currency = items[0].timeline.document.currency.clone();
    let events = events(history, first_day, &currency);
    let undoes = events.iter().any(|e| e.undone.is_some());
    let mut legs: BTreeMap<(&str, Role), Vec<Leg>> = BTreeMap::new();
    for event in events {
        let key = (event.linked.application.application_id.as_str(), event.linked.role);
        match &event.undone {
            None => {
                let made = apply(&event, &mut items, &mut posted)?;
                if undoes {
                    legs.insert(key, made);
                }
            }
            Some(_) => {
                let made = legs.remove(&key).unwrap_or_default();
                unapply(&event, &made, &mut items, &mut posted, load_id)?;
            }
        }
    }
    reverse(history, &items, &mut posted.postings)?;
    close_reversed(history, &items, &mut posted.postings)?;
    wait_for_counterparts(history, &currency, &mut posted);
    raise_findings(document_id, history, &items, load_id, &mut posted);
    Ok(posted)
}

fn items(history: &History, corrections: Corrections) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = history
        .instalments
        .iter()
        .filter_map(|(instalment, versions)| {
            let timeline = Timeline::fold(versions, corrections)?;
            let document = timeline.document;
            let posted = match history.opening_day {
                Some(opening) => document.posting_date.max(opening),
                None => document.posting_date,
            };
            let carrying = Carrying::new(document.signed_amount(), document.signed_company_amount(), document.kind.sign());
            Some(Item { instalment: *instalment, posted, carrying, timeline })
        })
        .collect();
    // Oldest due first: the order in which an application without an instalment settles (POSTING 2).
    items.sort_by_key(|i| (i.timeline.document.due_date, i.instalment));
    items
}

fn line(item: &Item<'_>, day: NaiveDate, kind: MovementKind, source: (SourceTable, &str), counter: Option<&str>) -> Line {
    let document = item.timeline.document;
    let at = item.timeline.on(day);
    Line {
        company_id: document.company_id.clone(),
        customer_id: at.customer_id.clone(),
        document_id: document.document_id.clone(),
        instalment: item.instalment,
        posting_date: day,
        movement_kind: kind,
        account: at.account.clone(),
        document_kind: document.kind,
        aging_class: document.kind.aging_class(document.signed_amount().is_negative()),
        document_date: document.document_date,
        due_date: at.due_date,
        currency: document.currency.clone(),
        sales_effect: None,
        counter_document_id: counter.map(Text::from),
        source_table: source.0,
        source_id: source.1.into(),
    }
}

/// Adds a row and the moves that later changes of its attributes cause.
fn add(item: &Item<'_>, row: Posting, postings: &mut Vec<Posting>) {
    if row.sums.is_zero() {
        return;
    }
    for (day, before, after) in item.timeline.changes_after(row.line.posting_date) {
        let moved = Sums { net_sales: Money::ZERO, ..row.sums };
        for (attributes, sums) in [(before, moved.turned()), (after, moved)] {
            let mut line = row.line.clone();
            line.posting_date = day;
            line.movement_kind = MovementKind::Reclass;
            line.sales_effect = None;
            line.customer_id.clone_from(&attributes.customer_id);
            line.account.clone_from(&attributes.account);
            line.due_date = attributes.due_date;
            postings.push(Posting { line, sums, effect: Effect::Entry, cause: Some(Cause::Reclassified) });
        }
    }
    postings.push(row);
}

fn creation_source(item: &Item<'_>) -> Text {
    let document = item.timeline.document;
    if item.instalment == 1 { document.document_id.clone() } else { format!("{}/{}", document.document_id, item.instalment).into() }
}

fn create(item: &Item<'_>, postings: &mut Vec<Posting>) {
    let document = item.timeline.document;
    let is_opening = item.posted != document.posting_date;
    let kind = if is_opening { MovementKind::Opening } else { document.kind.movement_kind() };
    let source = creation_source(item);
    let mut line = line(item, item.posted, kind, (SourceTable::Documents, &source), None);
    let mut sums = Sums { amount: document.signed_amount(), company_amount: document.signed_company_amount(), net_sales: Money::ZERO };
    if !is_opening {
        line.sales_effect = Some(document.sales_effect);
        sums.net_sales = document.signed_net_sales();
    }
    add(item, Posting { line, sums, effect: Effect::Entry, cause: None }, postings);
}

fn note_given_values(history: &History, items: &mut [Item<'_>]) {
    let given = history.applications.iter().any(|l| l.application.company_amount.is_some());
    if given {
        items.iter_mut().for_each(|i| i.carrying.note_given());
    }
}

/// Change of this document's balance by an application, in its own currency.
fn change(application: &Application, role: Role) -> Money {
    match role {
        Role::To => -application.amount,
        Role::From => application.from_amount.unwrap_or(application.amount),
    }
}

/// Splits a change over instalments: the named one, else oldest due first; what exceeds all stays on the last.
fn allocate(linked: &Linked, change: Money, items: &[Item<'_>]) -> Result<Vec<(usize, Money)>> {
    if let (Role::To, Some(named)) = (linked.role, linked.application.instalment)
        && let Some(index) = items.iter().position(|i| i.instalment == named)
    {
        return Ok(vec![(index, change)]);
    }
    if items.len() == 1 || change.is_zero() {
        return Ok(vec![(0, change)]);
    }
    let owed_is_debit = !items[0].timeline.document.signed_amount().is_negative();
    if change.is_negative() != owed_is_debit {
        return Ok(vec![(items.len() - 1, change)]);
    }
    let mut rest = change.abs();
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let open = item.carrying.open();
        let last = index == items.len() - 1;
        let part = if last { rest } else { rest.min(if open.is_negative() { Money::ZERO } else { open }) };
        if !part.is_zero() {
            parts.push((index, if change.is_negative() { -part } else { part }));
            rest = rest.checked_sub(part).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        }
    }
    Ok(parts)
}

fn apply(event: &Event<'_>, items: &mut [Item<'_>], posted: &mut Posted) -> Result<Vec<Leg>> {
    let linked = event.linked;
    let application = &linked.application;
    let paired = application.kind.is_pair() && application.from.is_some();
    let kind = application.kind.movement_kind(paired);
    let change = change(application, linked.role);
    let counter = if paired { counter(linked) } else { application.from.as_deref() };
    // The value both rows of a pair carry, as lowered on the paid side: given by the ERP, else what the paying side gives up.
    let given = application.company_amount.or(if paired && linked.role == Role::To { linked.value } else { None });
    let parts = allocate(linked, change, items)?;
    let mut legs = Vec::with_capacity(parts.len());
    let mut given_left = given;
    let mut change_left = change;
    for (n, (index, amount)) in parts.iter().enumerate() {
        let item = &mut items[*index];
        let relief = if application.kind.is_company_value_only() { Money::ZERO } else { item.carrying.relief(*amount)? };
        let company_amount = match given_left {
            None => relief,
            Some(left) => {
                let part = if n + 1 == parts.len() { left } else { left.pro_rata(*amount, change_left).unwrap_or(left) };
                given_left = left.checked_sub(part);
                change_left = change_left.checked_sub(*amount).unwrap_or_default();
                if linked.role == Role::To { -part } else { part }
            }
        };
        let mut exchange = Money::ZERO;
        if !item.carrying.is_given() && !application.kind.is_company_value_only() {
            exchange = relief.checked_sub(company_amount).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        }
        let booked = company_amount.checked_add(exchange).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        let rest = item.carrying.book(*amount, booked)?;
        exchange = exchange.checked_add(rest).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        let leg = Leg { item: *index, amount: *amount, company_amount, exchange };
        let source = (SourceTable::Applications, application.application_id.as_str());
        post_leg(&items[*index], &leg, event.day, kind, source, counter, (Effect::Entry, inferred(application)), &mut posted.postings);
        legs.push(leg);
    }
    if linked.role == Role::From {
        let total = legs.iter().try_fold(Money::ZERO, |sum, leg| sum.checked_add(leg.company_amount));
        let total = total.ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        posted.values.push((application.application_id.clone(), total));
    }
    Ok(legs)
}

fn inferred(application: &Application) -> Option<Cause> {
    (application.kind == crate::domain::kinds::ApplicationKind::Inferred).then_some(Cause::Inferred)
}

fn counter(linked: &Linked) -> Option<&str> {
    match linked.role {
        Role::To => linked.application.from.as_deref(),
        Role::From => Some(&linked.application.to),
    }
}

#[allow(clippy::too_many_arguments, reason = "the columns of two rows")]
fn post_leg(
    item: &Item<'_>,
    leg: &Leg,
    day: NaiveDate,
    kind: MovementKind,
    source: (SourceTable, &str),
    counter: Option<&str>,
    (effect, cause): (Effect, Option<Cause>),
    postings: &mut Vec<Posting>,
) {
    let sums = Sums { amount: leg.amount, company_amount: leg.company_amount, net_sales: Money::ZERO };
    add(item, Posting { line: line(item, day, kind, source, counter), sums, effect, cause }, postings);
    let sums = Sums { amount: Money::ZERO, company_amount: leg.exchange, net_sales: Money::ZERO };
    add(item, Posting { line: line(item, day, MovementKind::FxDifference, source, counter), sums, effect, cause }, postings);
}

fn unapply(event: &Event<'_>, legs: &[Leg], items: &mut [Item<'_>], posted: &mut Posted, load_id: i32) -> Result<()> {
    let undone = event.undone.as_ref().expect("called for undoings");
    let application = &event.linked.application;
    let paired = application.kind.is_pair() && application.from.is_some();
    let kind = application.kind.movement_kind(paired);
    let counter = if paired { counter(event.linked) } else { application.from.as_deref() };
    for leg in legs {
        let mut mirrored = Leg { item: leg.item, amount: -leg.amount, company_amount: -leg.company_amount, exchange: -leg.exchange };
        let booked = mirrored.company_amount.checked_add(mirrored.exchange);
        let booked = booked.ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        let rest = items[leg.item].carrying.book(mirrored.amount, booked)?;
        mirrored.exchange = mirrored.exchange.checked_add(rest).ok_or_else(|| Error::data("an amount leaves the range of (18,2)"))?;
        let source = (undone.source_table, undone.source_id.as_str());
        post_leg(&items[leg.item], &mirrored, event.day, kind, source, counter, (Effect::Undo, undone.cause), &mut posted.postings);
    }
    if undone.by_reversal && event.linked.role == Role::To && event.linked.load_id.max(undone.load_id) == load_id {
        posted.findings.push(
            Finding::new(
                "application_on_reversed",
                "applications",
                format!(
                    "application {} stood on a document reversed by {}; undone on {}",
                    application.application_id, undone.source_id, event.day
                ),
            )
            .of(&application.company_id, application.application_id.clone()),
        );
    }
    Ok(())
}

/// Reversing documents post the opposite of the creation rows, on their own days (POSTING 2).
fn reverse(history: &History, items: &[Item<'_>], postings: &mut Vec<Posting>) -> Result<()> {
    let range = || Error::data("an amount leaves the range of (18,2)");
    let mut left: Vec<Money> = items.iter().map(|i| i.timeline.document.amount.abs()).collect();
    let mut reversals: Vec<_> = history.reversals.iter().collect();
    reversals.sort_by_key(|r| (r.posting_date, r.document_id.clone(), r.instalment));
    for reversal in reversals {
        let mut rest = reversal.amount;
        for (item, left) in items.iter().zip(&mut left) {
            let document = item.timeline.document;
            let part = rest.abs().min(*left);
            if part.is_zero() {
                continue;
            }
            // Cumulated, as applications relieve: the last part takes the rest.
            let (before, after) = (*left, left.checked_sub(part).ok_or_else(range)?);
            let share = |whole: Money| -> Result<Money> {
                let all = document.amount.abs();
                let taken = |left: Money| whole.pro_rata(all.checked_sub(left)?, all);
                taken(after).ok_or_else(range)?.checked_sub(taken(before).ok_or_else(range)?).ok_or_else(range)
            };
            let sums = Sums {
                amount: -share(document.signed_amount())?,
                company_amount: -share(document.signed_company_amount())?,
                net_sales: -share(document.signed_net_sales())?,
            };
            let day = reversal.posting_date.max(item.posted);
            let source = (SourceTable::Documents, reversal.document_id.as_str());
            let mut line = line(item, day, document.kind.movement_kind(), source, None);
            line.sales_effect = Some(document.sales_effect);
            add(item, Posting { line, sums, effect: Effect::Undo, cause: None }, postings);
            rest = rest.abs().checked_sub(part).ok_or_else(range)?;
            *left = after;
        }
    }
    Ok(())
}

/// A document that reversals have brought to nothing is nothing in company currency too, whatever differences its undone
/// applications left behind.
fn close_reversed(history: &History, items: &[Item<'_>], postings: &mut Vec<Posting>) -> Result<()> {
    let range = || Error::data("an amount leaves the range of (18,2)");
    let Some(last) = history.reversals.iter().max_by_key(|r| (r.posting_date, &r.document_id)) else { return Ok(()) };
    for item in items {
        let mut days: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
        for posting in postings.iter().filter(|p| p.line.instalment == item.instalment) {
            let day = days.entry(posting.line.posting_date).or_default();
            *day = day.plus(posting.sums)?;
        }
        let mut open = Sums::default();
        for (day, sums) in days {
            open = open.plus(sums)?;
            if open.amount.is_zero() && !open.company_amount.is_zero() {
                let sums = Sums { company_amount: -open.company_amount, ..Sums::default() };
                let source = (SourceTable::Documents, last.document_id.as_str());
                let line = line(item, day, MovementKind::FxDifference, source, None);
                add(item, Posting { line, sums, effect: Effect::Undo, cause: None }, postings);
                open.company_amount = open.company_amount.checked_add(sums.company_amount).ok_or_else(range)?;
            }
        }
    }
    Ok(())
}

fn wait_for(document_id: &str, history: &History, posted: &mut Posted) {
    for linked in history.applications.iter().filter(|l| l.role == Role::To && l.vanished.is_none()) {
        posted.waiting.push(Waiting {
            source_table: SourceTable::Applications,
            source_id: linked.application.application_id.clone(),
            missing_document_id: document_id.into(),
            amount: linked.application.amount,
        });
    }
    let mut reversals: BTreeMap<&str, Money> = BTreeMap::new();
    for reversal in &history.reversals {
        let amount = reversals.entry(&reversal.document_id).or_default();
        *amount = amount.checked_add(reversal.amount).unwrap_or(*amount);
    }
    for (source_id, amount) in reversals {
        posted.waiting.push(Waiting {
            source_table: SourceTable::Documents,
            source_id: source_id.into(),
            missing_document_id: document_id.into(),
            amount,
        });
    }
}

fn wait_for_counterparts(history: &History, currency: &str, posted: &mut Posted) {
    for linked in history.applications.iter().filter(|l| l.role == Role::To && l.vanished.is_none() && !is_ready(l, currency)) {
        let application = &linked.application;
        posted.waiting.push(Waiting {
            source_table: SourceTable::Applications,
            source_id: application.application_id.clone(),
            missing_document_id: application.from.clone().unwrap_or_default(),
            amount: application.amount,
        });
    }
}

fn raise_findings(document_id: &str, history: &History, items: &[Item<'_>], load_id: i32, posted: &mut Posted) {
    let company = items[0].timeline.document.company_id.as_str();
    for linked in history.applications.iter().filter(|l| l.role == Role::To && l.load_id == load_id) {
        let application = &linked.application;
        if application.kind == crate::domain::kinds::ApplicationKind::Receipt && application.from.is_none() {
            posted.findings.push(
                Finding::new(
                    "cash_without_receipt",
                    "applications",
                    format!("{} of cash on {document_id} has no receipt", application.amount),
                )
                .of(company, application.application_id.clone()),
            );
        }
        if linked.counterpart.is_some() && !is_ready(linked, &items[0].timeline.document.currency) {
            posted.findings.push(
                Finding::new(
                    "application_currency",
                    "applications",
                    format!("{} applies between currencies without from_amount", application.application_id),
                )
                .of(company, application.application_id.clone()),
            );
        }
    }
    if items.iter().any(|i| i.carrying.is_overapplied()) && history.applications.iter().any(|l| l.load_id == load_id) {
        posted.findings.push(
            Finding::new("overapplied", "documents", format!("more was applied to {document_id} than it is worth"))
                .of(company, document_id),
        );
    }
}
