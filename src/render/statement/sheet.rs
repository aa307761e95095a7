//! What the templates get: a statement with every figure, day and width already written out, as plain JSON.
//!
//! Separate so that the templates hold looks only. Texts stay strings; they are shown as they are, never read as markup.

use super::columns::{self, Column, PAGE};
use crate::error::Result;
use crate::render::fonts::{self, Weight, breakable, clean};
use crate::render::theme;
use crate::report::statement::{Activity, Item, Section, Statement, Step};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Cards in one row, the gap between two and the room inside of each, points.
const CARDS: usize = 3;
const CARD_GAP: f64 = 10.0;
const CARD_INSET: f64 = 10.0;
/// Largest and smallest size of a card's figure.
const FIGURE: [f64; 2] = [19.0, 8.0];
/// Sizes of the strip's figures, the smallest at which its steps still stand in one row, and the room inside of a step.
const STEP: [f64; 2] = [9.5, 7.5];
const STEP_INSET: f64 = 5.0;
const STEP_GAP: f64 = 4.0;

/// The statement for a template.
pub fn sheet(statement: &Statement) -> Result<Value> {
    let words = &statement.words;
    let lang = statement.lang;
    let (before, rest) = words.page_of.split_once("{page}").unwrap_or(("", "{pages}"));
    let (between, after) = rest.split_once("{pages}").unwrap_or((rest, ""));
    let mut facts = vec![(words.number.as_str(), clean(&statement.number)), (&words.as_of, lang.day(statement.as_of))];
    if let Some(from) = statement.from {
        facts.push((&words.period, format!("{} – {}", lang.day(from), lang.day(statement.as_of))));
    }
    let tax = |id: &str| if id.is_empty() { String::new() } else { format!("{} {}", words.tax_id, breakable(id)) };
    let running = format!("{} {} · {}", words.title, statement.number, clean(&statement.customer.name));
    Ok(json!({
        "lang": lang.code(),
        "theme": {
            "family": theme::FAMILY, "ink": theme::INK, "muted": theme::MUTED, "rule": theme::RULE, "hair": theme::HAIR,
            "wash": theme::WASH, "accent": theme::ACCENT, "warning": theme::WARNING,
        },
        "page": [before, between, after],
        "title": &words.title,
        "number": clean(&statement.number),
        "running": fonts::fit(&running, PAGE - 130.0, 7.5, Weight::Regular),
        "proof": fonts::fit(&clean(&statement.proof), PAGE - 90.0, 6.8, Weight::Regular),
        "company": { "name": breakable(&statement.company.name), "tax": tax(&statement.company.tax_id) },
        "customer": {
            "label": &words.customer, "name": breakable(&statement.customer.name), "tax": tax(&statement.customer.tax_id),
            "id": format!("{} {}", words.customer_id, breakable(&statement.customer.id)),
        },
        "facts": facts,
        "cards": cards(statement),
        "nothing": if statement.sections.is_empty() { words.nothing_open.as_str() } else { "" },
        "sections": statement.sections.iter().map(|s| section(s, statement)).collect::<Vec<_>>(),
        "slip": slip(statement),
        "contact": if statement.contact.is_empty() { Value::Null } else { json!([words.contact, breakable(&statement.contact)]) },
    }))
}

/// The balances at the head of the page, with a size at which the widest fits.
fn cards(statement: &Statement) -> Value {
    let words = &statement.words;
    let in_row = statement.sections.len().clamp(1, CARDS);
    let inside = (PAGE - (in_row - 1) as f64 * CARD_GAP) / in_row as f64 - 2.0 * CARD_INSET;
    let mut size = FIGURE[0];
    let mut cards = Vec::new();
    for section in &statement.sections {
        let value = statement.money(section.balance);
        let unit = fonts::width(&section.currency, 9.0, Weight::Regular) + 5.0;
        size = size.min((inside - unit) / fonts::width(&value, 1.0, Weight::SemiBold).max(0.1));
        let mut below = Vec::new();
        if section.past_due > Decimal::ZERO {
            below.push(json!({ "text": format!("{} {}", words.past_due, statement.money(section.past_due)), "bad": true }));
        } else {
            below.push(json!({ "text": words.nothing_past_due, "bad": false }));
        }
        if !section.disputed.is_zero() {
            below.push(json!({ "text": format!("{} {}", words.disputed, statement.money(section.disputed)), "bad": false }));
        }
        let label = if section.balance.is_sign_negative() && !section.balance.is_zero() { &words.in_favour } else { &words.balance };
        cards.push(json!({ "label": label, "value": value, "unit": clean(&section.currency), "below": below, "bad": section.past_due > Decimal::ZERO }));
    }
    json!({ "in_row": in_row, "size": size.max(FIGURE[1]), "items": cards })
}

fn section(section: &Section, statement: &Statement) -> Value {
    let words = &statement.words;
    let currency = clean(&section.currency);
    let (title, table) = match &section.activity {
        Some(activity) => (&words.activity, activity_table(activity, statement)),
        None => (&words.items, items_table(section, statement)),
    };
    json!({
        "title": format!("{title} · {currency}"),
        "table": table,
        "strip": strip(section, statement),
        "strip_title": format!("{} · {currency}", words.ageing),
    })
}

/// Cells of a row, with what makes it look different.
struct Row {
    kind: &'static str,
    cells: Vec<String>,
    /// A remark under the second column.
    mark: String,
    is_late: bool,
}

fn table(mut columns: Vec<Column>, rows: &[Row]) -> Value {
    for (i, column) in columns.iter_mut().enumerate() {
        column.texts = rows.iter().map(|row| (row.cells[i].clone(), row.kind != "detail")).collect();
        if i == 1 {
            column.texts.extend(rows.iter().map(|row| (row.mark.clone(), false)));
        }
    }
    let (size, widths) = columns::fitted(&mut columns);
    let shown = rows.iter().enumerate().map(|(r, row)| {
        let cells: Vec<&str> = columns.iter().map(|c| c.texts[r].0.as_str()).collect();
        json!({ "kind": row.kind, "cells": cells, "mark": row.mark, "late": row.is_late })
    });
    json!({
        "size": size, "widths": widths, "heads": columns.iter().map(|c| c.head.as_str()).collect::<Vec<_>>(),
        "right": columns.iter().map(|c| c.is_right).collect::<Vec<_>>(), "rows": shown.collect::<Vec<_>>(),
    })
}

fn column(head: &str, is_right: bool, wraps: bool) -> Column {
    Column { head: head.to_string(), is_right, wraps, texts: Vec::new() }
}

fn items_table(section: &Section, statement: &Statement) -> Value {
    let (words, lang) = (&statement.words, statement.lang);
    let has_references = section.items.iter().any(|i| !i.reference.is_empty());
    let cells = |item: &Item| {
        let mut cells = vec![lang.day(item.document_date), clean(&item.concept), breakable(&item.document)];
        cells.extend(has_references.then(|| breakable(&item.reference)));
        cells.push(item.due_date.map_or_else(String::new, |d| lang.day(d)));
        cells.push(item.days_late.map_or_else(String::new, |d| lang.number(d.into(), 0)));
        cells.push(statement.money(item.original));
        cells.push(statement.money(item.open));
        cells
    };
    let mark = |item: &Item| match item.disputed {
        none if none.is_zero() => String::new(),
        all if all == item.open => words.disputed.clone(),
        part => format!("{} {}", words.disputed, statement.money(part)),
    };
    let mut rows: Vec<Row> = section
        .items
        .iter()
        .map(|item| Row { kind: "detail", cells: cells(item), mark: mark(item), is_late: item.days_late.is_some() })
        .collect();
    let mut columns = vec![column(&words.date, false, false), column(&words.concept, false, true), column(&words.document, false, true)];
    columns.extend(has_references.then(|| column(&words.reference, false, true)));
    columns.extend([
        column(&words.due, false, false),
        column(&words.days_late, true, false),
        column(&words.original, true, false),
        column(&words.open, true, false),
    ]);
    rows.push(edge(&words.total, columns.len(), section.balance, "total", statement));
    table(columns, &rows)
}

/// A row that holds a name and one figure, in its last cell.
fn edge(name: &str, columns: usize, amount: Decimal, kind: &'static str, statement: &Statement) -> Row {
    let mut cells = vec![String::new(); columns];
    cells[1] = name.to_string();
    cells[columns - 1] = statement.money(amount);
    Row { kind, cells, mark: String::new(), is_late: false }
}

fn activity_table(activity: &Activity, statement: &Statement) -> Value {
    let (words, lang) = (&statement.words, statement.lang);
    let has_references = activity.lines.iter().any(|l| !l.reference.is_empty());
    let mut columns = vec![column(&words.date, false, false), column(&words.concept, false, true), column(&words.document, false, true)];
    columns.extend(has_references.then(|| column(&words.reference, false, true)));
    columns.extend([column(&words.charges, true, false), column(&words.credits, true, false), column(&words.running, true, false)]);
    let mut rows = vec![edge(&words.opening, columns.len(), activity.opening, "opening", statement)];
    if let Some(from) = statement.from {
        rows[0].cells[0] = lang.day(from);
    }
    for line in &activity.lines {
        let (charge, credit) = if line.amount.is_sign_negative() {
            (String::new(), statement.money(-line.amount))
        } else {
            (statement.money(line.amount), String::new())
        };
        let mut cells = vec![lang.day(line.day), clean(&line.concept), breakable(&line.document)];
        cells.extend(has_references.then(|| breakable(&line.reference)));
        cells.extend([charge, credit, statement.money(line.balance)]);
        rows.push(Row { kind: "detail", cells, mark: String::new(), is_late: false });
    }
    let mut closing = edge(&words.closing, columns.len(), activity.closing, "total", statement);
    closing.cells[0] = lang.day(statement.as_of);
    rows.push(closing);
    table(columns, &rows)
}

/// The strip of ages: as few rows as its figures can be read in.
fn strip(section: &Section, statement: &Statement) -> Value {
    let steps = section.ageing.len() + 1;
    let due = section.ageing.iter().filter(|s| s.is_due).count();
    let texts: Vec<String> = section.ageing.iter().map(|s| statement.money(s.amount)).chain([statement.money(section.balance)]).collect();
    let widest = texts.iter().map(|t| fonts::width(t, 1.0, Weight::SemiBold)).fold(0.1, f64::max);
    let fitting = |in_row: usize| {
        let inside = (PAGE - (in_row - 1) as f64 * STEP_GAP) / in_row as f64 - 2.0 * STEP_INSET;
        inside / widest
    };
    let in_row = (1..=steps).map(|rows| steps.div_ceil(rows)).find(|n| fitting(*n) >= STEP[1]).unwrap_or(1);
    let share = |step: &Step| {
        let positive: Decimal = section.ageing.iter().filter(|s| s.is_due && s.amount > Decimal::ZERO).map(|s| s.amount).sum();
        let part = if positive.is_zero() || !step.is_due || step.amount <= Decimal::ZERO { Decimal::ZERO } else { step.amount / positive };
        part.round_dp(6).to_string()
    };
    let cell = |(i, step): (usize, &Step)| {
        let color = if step.is_due { theme::scale(i, due) } else { theme::RULE.to_string() };
        json!({ "label": clean(&step.label), "amount": texts[i], "color": color, "share": share(step), "none": step.amount.is_zero(), "total": false })
    };
    let total = json!({
        "label": statement.words.total, "amount": texts[steps - 1], "color": theme::INK, "share": "0", "none": false, "total": true,
    });
    let cells: Vec<Value> = section.ageing.iter().enumerate().map(cell).chain([total]).collect();
    json!({ "in_row": in_row, "size": fitting(in_row).min(STEP[0]), "cells": cells })
}

/// The slip to be sent with the payment: who pays, under which reference, how much, and into which account.
fn slip(statement: &Statement) -> Value {
    let words = &statement.words;
    let owed = |section: &Section| section.balance > Decimal::ZERO;
    let amounts = statement.sections.iter().map(|section| {
        let (balance, late) = (statement.money(section.balance), statement.money(section.past_due.min(section.balance)));
        let mut facts = if owed(section) { vec![(&words.to_pay, balance)] } else { vec![(&words.to_pay, words.nothing_to_pay.clone())] };
        if owed(section) && section.past_due > Decimal::ZERO {
            facts.push((&words.pay_now, late));
        }
        json!({ "currency": clean(&section.currency), "owed": owed(section), "facts": facts })
    });
    let mut accounts: Vec<(Vec<String>, Value)> = Vec::new();
    for section in statement.sections.iter().filter(|s| owed(s) && !s.pay_to.is_empty()) {
        let facts = json!(section.pay_to.iter().map(|f| (&f.label, breakable(&f.text))).collect::<Vec<_>>());
        match accounts.iter_mut().find(|(_, known)| *known == facts) {
            Some((currencies, _)) => currencies.push(clean(&section.currency)),
            None => accounts.push((vec![clean(&section.currency)], facts)),
        }
    }
    json!({
        "title": words.remittance,
        "note": words.remittance_note,
        "who": [
            (&words.customer, breakable(&statement.customer.name)),
            (&words.pay_reference, clean(&statement.number)),
            (&words.beneficiary, breakable(&statement.company.name)),
        ],
        "amounts": amounts.collect::<Vec<_>>(),
        "accounts": accounts.iter().map(|(currencies, facts)| json!({ "currencies": currencies.join(", "), "facts": facts })).collect::<Vec<_>>(),
        "blanks": [&words.amount_paid, &words.paid_on],
    })
}
