//! What a company's ledger should say, worked out naively from the facts by the words of the posting rules.
//!
//! It shares nothing with the code it judges: no movements, no differences, no buckets; the whole of what is known is folded again
//! for every load, and every row a document should have is written down with its day, kind and value.

use super::ledger::{App, DAYS, Doc, Fact, Ledger, rate};
use crate::book::day;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Customer, account and due day.
pub type Attributes = (&'static str, &'static str, NaiveDate);

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Loaded = 0,
    Rejected = 1,
    Waiting = 2,
    Unchanged = 3,
}

#[derive(Debug, Clone)]
pub struct Version {
    pub day: NaiveDate,
    /// Complete: its company value is filled in.
    pub doc: Doc,
    pub vanished: bool,
}

/// What is known of a company after some of its loads.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub docs: BTreeMap<(String, i32), Vec<Version>>,
    /// Applications and the day on which they vanished.
    pub apps: BTreeMap<String, (App, Option<NaiveDate>)>,
    /// Rows of the last load.
    fates: Vec<(Fact, Fate)>,
    /// Day of the company's newest extract before the last load.
    pub previous_day: Option<NaiveDate>,
}

/// A row that should stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub document: String,
    pub instalment: i32,
    pub day: NaiveDate,
    pub kind: &'static str,
    pub currency: &'static str,
    pub amount: i128,
    pub company: i128,
}

/// An instalment as it stands.
#[derive(Debug, Clone)]
pub struct Item {
    pub doc: Doc,
    pub attributes: Vec<(NaiveDate, Attributes)>,
}

impl Item {
    pub fn signed(&self, value: i128) -> i128 {
        if matches!(self.doc.kind, "credit_memo" | "receipt" | "advance") { -value } else { value }
    }
    pub fn on(&self, at: NaiveDate) -> Attributes {
        self.attributes.iter().rfind(|a| a.0 <= at).unwrap().1
    }
}

fn is_pair(kind: &str) -> bool {
    matches!(kind, "receipt" | "credit" | "advance" | "refund")
}

fn is_value_only(kind: &str) -> bool {
    matches!(kind, "fx_difference" | "fx_revaluation")
}

/// `value × part / whole`, half a cent away from zero.
pub fn share(value: i128, part: i128, whole: i128) -> i128 {
    let (product, sign) = (value * part, if (value * part < 0) == (whole < 0) { 1 } else { -1 });
    sign * ((2 * product.abs() + whole.abs()) / (2 * whole.abs()))
}

fn complete(doc: &Doc, current: Option<&Doc>) -> Doc {
    let same = current.filter(|c| c.amount == doc.amount && c.currency == doc.currency && c.posting == doc.posting);
    let by_rate = share(doc.amount, rate(doc.currency, doc.posting), 10_000);
    Doc { company: doc.company.or(same.and_then(|c| c.company)).or(Some(by_rate)), ..doc.clone() }
}

fn without_day(doc: &Doc) -> Doc {
    Doc { effective: None, ..doc.clone() }
}

impl Known {
    /// Everything known after the first `loads` loads.
    pub fn after(ledger: &Ledger, loads: usize) -> Known {
        let mut known = Known::default();
        let mut newest = None;
        for (extract, on) in ledger.extracts[..loads].iter().zip(DAYS) {
            let on = day(on);
            known.previous_day = newest;
            known.fates.clear();
            if !extract.facts.is_empty() {
                newest = Some(on);
            }
            let mut said: BTreeSet<(String, i32)> = BTreeSet::new();
            let mut seen: BTreeMap<(String, i32), Fact> = BTreeMap::new();
            for fact in &extract.facts {
                let key = match fact {
                    Fact::Doc(d) => (format!("doc {}", d.id), d.instalment),
                    Fact::App(a) => (format!("app {}", a.id), 0),
                };
                said.insert(key.clone());
                let fate = known.take(fact, on, seen.get(&key));
                if let (Fate::Loaded | Fate::Unchanged, complete) = &fate
                    && !seen.contains_key(&key)
                {
                    seen.insert(key, complete.clone());
                }
                known.fates.push((fact.clone(), fate.0));
            }
            let has = |wanted: bool| extract.facts.iter().any(|f| matches!(f, Fact::Doc(_)) == wanted);
            if extract.full_documents && has(true) {
                for ((id, instalment), versions) in &mut known.docs {
                    let last = versions.last().unwrap().clone();
                    if !last.vanished && !said.contains(&(format!("doc {id}"), *instalment)) {
                        versions.push(Version { day: on, vanished: true, ..last });
                    }
                }
            }
            if extract.full_applications && has(false) {
                for (id, state) in &mut known.apps {
                    if state.1.is_none() && !said.contains(&(format!("app {id}"), 0)) {
                        state.1 = Some(on);
                    }
                }
            }
        }
        known
    }

    /// Takes a row of an extract; returns its fate and its complete form.
    fn take(&mut self, fact: &Fact, on: NaiveDate, first: Option<&Fact>) -> (Fate, Fact) {
        let rejected = match fact {
            Fact::Doc(d) => d.amount < 0 && d.kind != "adjustment",
            Fact::App(a) => {
                let needs_from = is_pair(a.kind) && a.kind != "receipt" && a.from.is_none() && a.undoes.is_none();
                needs_from || (is_value_only(a.kind) && a.amount != 0)
            }
        };
        if rejected {
            return (Fate::Rejected, fact.clone());
        }
        match fact {
            Fact::Doc(d) => {
                let versions = self.docs.get(&(d.id.clone(), d.instalment));
                let current = versions.and_then(|v| v.last()).filter(|v| !v.vanished).map(|v| v.doc.clone());
                let whole = complete(d, current.as_ref());
                let fact = Fact::Doc(whole.clone());
                if let Some(first) = first {
                    return (if *first == fact { Fate::Unchanged } else { Fate::Rejected }, fact);
                }
                if current.is_some_and(|c| without_day(&c) == without_day(&whole)) {
                    return (Fate::Unchanged, fact);
                }
                let versions = self.docs.entry((d.id.clone(), d.instalment)).or_default();
                versions.push(Version { day: on, doc: whole, vanished: false });
                (Fate::Loaded, fact)
            }
            Fact::App(a) => {
                let fact = Fact::App(a.clone());
                if let Some(first) = first {
                    return (if *first == fact { Fate::Unchanged } else { Fate::Rejected }, fact);
                }
                if self.apps.get(&a.id) == Some(&(a.clone(), None)) {
                    return (Fate::Unchanged, fact);
                }
                self.apps.insert(a.id.clone(), (a.clone(), None));
                (Fate::Loaded, fact)
            }
        }
    }

    /// Instalments that stand, by document, oldest due first.
    pub fn items(&self) -> BTreeMap<String, Vec<Item>> {
        let mut items: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for ((id, _), versions) in &self.docs {
            let last = versions.last().unwrap();
            if last.vanished || last.doc.reverses.is_some() {
                continue;
            }
            let of = |d: &Doc| (d.customer, d.account, d.due);
            let mut attributes = vec![(NaiveDate::MIN, of(&versions[0].doc))];
            for version in &versions[1..] {
                if attributes.last().unwrap().1 != of(&version.doc) {
                    let from = version.doc.effective.unwrap_or(version.day);
                    attributes.retain(|a| a.0 < from);
                    attributes.push((from, of(&version.doc)));
                }
            }
            items.entry(id.clone()).or_default().push(Item { doc: last.doc.clone(), attributes });
        }
        for instalments in items.values_mut() {
            instalments.sort_by_key(|i| (i.doc.due, i.doc.instalment));
        }
        items
    }

    /// Reversing rows that stand, by the document they reverse.
    pub fn reversals(&self) -> BTreeMap<String, Vec<Doc>> {
        let mut reversals: BTreeMap<String, Vec<Doc>> = BTreeMap::new();
        for versions in self.docs.values() {
            let last = versions.last().unwrap();
            if let Some(original) = last.doc.reverses.clone().filter(|_| !last.vanished) {
                reversals.entry(original).or_default().push(last.doc.clone());
            }
        }
        for list in reversals.values_mut() {
            list.sort_by_key(|r| (r.posting, r.id.clone(), r.instalment));
        }
        reversals
    }

    fn is_ready(&self, app: &App, items: &BTreeMap<String, Vec<Item>>) -> bool {
        let Some(to) = items.get(&app.to) else { return false };
        match &app.from {
            Some(from) if is_pair(app.kind) => {
                items.get(from).is_some_and(|f| app.from_amount.is_some() || f[0].doc.currency == to[0].doc.currency)
            }
            _ => true,
        }
    }

    /// Everything that waits, as table and id.
    pub fn waiting(&self) -> BTreeSet<(&'static str, String)> {
        let items = self.items();
        let mut waiting = BTreeSet::new();
        for (id, (app, vanished)) in &self.apps {
            let waits = match &app.undoes {
                Some(target) => !self.apps.contains_key(target),
                None => !self.is_ready(app, &items),
            };
            if waits && vanished.is_none() {
                waiting.insert(("applications", id.clone()));
            }
        }
        for (original, reversals) in self.reversals() {
            if !items.contains_key(&original) {
                waiting.extend(reversals.into_iter().map(|r| ("documents", r.id)));
            }
        }
        waiting
    }

    /// Control totals of the last load: table, currency, then rows and amounts by fate.
    pub fn totals(&self) -> BTreeMap<(&'static str, Option<&'static str>), ([u64; 4], [i128; 4])> {
        let waiting = self.waiting();
        let mut totals: BTreeMap<_, ([u64; 4], [i128; 4])> = BTreeMap::new();
        for (fact, fate) in &self.fates {
            let (table, currency, amount, fate) = match fact {
                Fact::Doc(d) => ("documents", Some(d.currency), d.amount, *fate),
                Fact::App(a) => {
                    // A document that once was no reversal has a currency to count in.
                    let item = |v: &Vec<Version>| v.iter().rfind(|v| v.doc.reverses.is_none()).map(|v| v.doc.currency);
                    let document = self.docs.iter().filter(|(k, _)| k.0 == a.to).find_map(|(_, v)| item(v));
                    let currency = document.filter(|_| *fate != Fate::Rejected);
                    let waits = *fate == Fate::Loaded && waiting.contains(&("applications", a.id.clone()));
                    ("applications", currency, a.amount, if waits { Fate::Waiting } else { *fate })
                }
            };
            let line = totals.entry((table, currency)).or_default();
            line.0[fate as usize] += 1;
            line.1[fate as usize] += amount;
        }
        totals
    }

    /// Every row that should stand, moves between attributes and generated exchange differences aside.
    pub fn effects(&self) -> Vec<Effect> {
        let (items, reversals) = (self.items(), self.reversals());
        // What the paying sides give up is the value of both rows of a pair.
        let mut values = BTreeMap::new();
        for (id, instalments) in &items {
            let given_up = self.document(id, instalments, &items, &reversals, &BTreeMap::new()).1;
            values.extend(given_up);
        }
        items.iter().flat_map(|(id, instalments)| self.document(id, instalments, &items, &reversals, &values).0).collect()
    }

    /// Days on which an application counts and is undone.
    fn span(
        &self,
        app: &App,
        items: &BTreeMap<String, Vec<Item>>,
        reversals: &BTreeMap<String, Vec<Doc>>,
    ) -> (NaiveDate, Option<NaiveDate>) {
        let sides: Vec<&String> = [Some(&app.to), app.from.as_ref().filter(|_| is_pair(app.kind))].into_iter().flatten().collect();
        let posted = sides.iter().map(|s| items[*s].iter().map(|i| i.doc.posting).min().unwrap());
        let effective = posted.fold(app.posting, NaiveDate::max);
        let undone = self.apps.values().filter(|(u, gone)| u.undoes.as_deref() == Some(&app.id) && gone.is_none()).map(|(u, _)| u.posting);
        let vanished = self.apps[&app.id].1;
        let reversed = sides.iter().filter_map(|s| reversals.get(*s)).map(|r| r[0].posting);
        let end = undone.chain(vanished).chain(reversed).min();
        (effective, end.map(|e| e.max(effective)))
    }

    fn document(
        &self,
        id: &str,
        instalments: &[Item],
        items: &BTreeMap<String, Vec<Item>>,
        reversals: &BTreeMap<String, Vec<Doc>>,
        values: &BTreeMap<String, i128>,
    ) -> (Vec<Effect>, BTreeMap<String, i128>) {
        let mut effects = Vec::new();
        let mut given_up = BTreeMap::new();
        let effect = |n: usize, day: NaiveDate, kind: &'static str, amount: i128, company: i128| {
            let doc = &instalments[n].doc;
            Effect { document: id.to_string(), instalment: doc.instalment, day, kind, currency: doc.currency, amount, company }
        };
        for (n, item) in instalments.iter().enumerate() {
            let company = item.doc.company.unwrap();
            effects.push(effect(n, item.doc.posting, item.doc.kind, item.signed(item.doc.amount), item.signed(company)));
        }
        // Applications in the order they count: by day, what is undone after what is applied, then by name.
        let mut events = Vec::new();
        for (app, _) in self.apps.values().filter(|a| a.0.undoes.is_none() && self.is_ready(&a.0, items)) {
            let is_from = is_pair(app.kind) && app.from.as_deref() == Some(id);
            if app.to == id || is_from {
                let (from, until) = self.span(app, items, reversals);
                events.push((from, false, &app.id, app, is_from));
                events.extend(until.map(|until| (until, true, &app.id, app, is_from)));
            }
        }
        events.sort_by_key(|e| (e.0, e.1, e.2));
        // Settled so far of each instalment, turned so that settling is positive whatever the side.
        let turn: Vec<i128> = instalments.iter().map(|i| i.signed(i.doc.amount).signum()).collect();
        let mut settled = vec![0i128; instalments.len()];
        let mut made: BTreeMap<&String, Vec<(usize, i128, i128)>> = BTreeMap::new();
        for (day, undoing, app_id, app, is_from) in events {
            let kind = movement_kind(app);
            if undoing {
                for (n, amount, company) in &made[app_id] {
                    settled[*n] += turn[*n] * amount;
                    effects.push(effect(*n, day, kind, -amount, -company));
                }
                continue;
            }
            let change = if is_from { app.from_amount.unwrap_or(app.amount) } else { -app.amount };
            let named = instalments.iter().position(|i| !is_from && Some(i.doc.instalment) == app.instalment);
            let mut parts: Vec<(usize, i128)> = Vec::new();
            if let Some(n) = named {
                parts.push((n, change));
            } else if change * turn[0] >= 0 {
                parts.push((if change == 0 { 0 } else { instalments.len() - 1 }, change));
            } else {
                let mut rest = change.abs();
                for (n, item) in instalments.iter().enumerate() {
                    let open = (item.doc.amount.abs() - settled[n]).max(0);
                    let part = if n + 1 == instalments.len() { rest } else { rest.min(open) };
                    rest -= part;
                    if part != 0 {
                        parts.push((n, part * change.signum()));
                    }
                }
            }
            let given = app.company.or(if is_from || !is_pair(app.kind) { None } else { values.get(&app.id).copied() });
            let given = given.map(|g| if is_from { g } else { -g });
            let mut legs = Vec::new();
            let (mut left, mut change_left) = (given.unwrap_or_default(), change);
            for (i, (n, amount)) in parts.iter().enumerate() {
                let doc = &instalments[*n].doc;
                let (whole, worth) = (doc.amount.abs(), doc.company.unwrap() * doc.amount.signum());
                let before = share(worth, settled[*n], whole);
                settled[*n] -= turn[*n] * amount;
                let relief = -turn[*n] * (share(worth, settled[*n], whole) - before);
                let company = match given {
                    None if is_value_only(app.kind) => 0,
                    None => relief,
                    Some(_) if i + 1 == parts.len() => left,
                    Some(_) => share(left, *amount, change_left),
                };
                (left, change_left) = (left - company, change_left - amount);
                legs.push((*n, *amount, company));
                effects.push(effect(*n, day, kind, *amount, company));
            }
            if is_from {
                given_up.insert(app.id.clone(), legs.iter().map(|l| l.2).sum());
            }
            made.insert(app_id, legs);
        }
        // Reversals take the document back, oldest due first, never more than there is.
        let mut taken = vec![0i128; instalments.len()];
        for reversal in reversals.get(id).into_iter().flatten() {
            let mut rest = reversal.amount.abs();
            for (n, item) in instalments.iter().enumerate() {
                let whole = item.doc.amount.abs();
                let part = rest.min(whole - taken[n]);
                let company = item.signed(item.doc.company.unwrap());
                let value = share(company, taken[n] + part, whole) - share(company, taken[n], whole);
                (taken[n], rest) = (taken[n] + part, rest - part);
                effects.push(effect(n, reversal.posting.max(item.doc.posting), item.doc.kind, -part * turn[n], -value));
            }
        }
        (effects, given_up)
    }

    /// Sales: creation rows whose effect counts, less what was reversed.
    pub fn sales(&self) -> i128 {
        let reversals = self.reversals();
        let mut sales = 0;
        for (id, instalments) in self.items() {
            let mut reversed: i128 = reversals.get(&id).into_iter().flatten().map(|r| r.amount.abs()).sum();
            for item in instalments {
                let whole = item.doc.amount.abs();
                let left = whole - reversed.min(whole);
                reversed -= reversed.min(whole);
                let by_kind = match item.doc.kind {
                    "invoice" => "sale",
                    "credit_memo" => "return",
                    _ => "none",
                };
                if matches!(item.doc.sales.unwrap_or(by_kind), "sale" | "return" | "price") {
                    sales += item.signed(item.doc.amount).signum() * left;
                }
            }
        }
        sales
    }

    /// Documents whose generated exchange difference is wholly ours: no application brought a value; and how many undoings they saw.
    pub fn without_given_values(&self) -> BTreeMap<String, i128> {
        let reversals = self.reversals();
        let touches = |a: &App, id: &str| a.to == id || (is_pair(a.kind) && a.from.as_deref() == Some(id));
        let items = self.items();
        let plain = items.keys().filter(|id| !self.apps.values().any(|(a, _)| touches(a, id) && a.company.is_some()));
        plain
            .map(|id| {
                let undone = self.apps.values().filter(|(a, gone)| touches(a, id) && (a.undoes.is_some() || gone.is_some())).count();
                let by_reversal = self.apps.values().filter(|(a, _)| {
                    [Some(&a.to), a.from.as_ref()].into_iter().flatten().any(|d| reversals.contains_key(d)) && touches(a, id)
                });
                (id.clone(), (undone + by_reversal.count()) as i128)
            })
            .collect()
    }

    /// The same facts as one extract: what is known now, told at once. A vanished application was undone on that day.
    pub fn at_once(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for versions in self.docs.values() {
            let last = versions.last().unwrap();
            if !last.vanished {
                facts.push(Fact::Doc(without_day(&last.doc)));
            }
        }
        for (app, vanished) in self.apps.values() {
            match vanished {
                None => facts.push(Fact::App(app.clone())),
                Some(_) if app.undoes.is_some() => {}
                Some(on) => {
                    facts.push(Fact::App(app.clone()));
                    let id = format!("V{}", app.id);
                    let undoing = App {
                        id,
                        posting: *on,
                        amount: -app.amount,
                        from_amount: None,
                        company: None,
                        undoes: Some(app.id.clone()),
                        ..app.clone()
                    };
                    facts.push(Fact::App(undoing));
                }
            }
        }
        facts
    }
}

fn movement_kind(app: &App) -> &'static str {
    match app.kind {
        "receipt" if app.from.is_some() => "apply_receipt",
        "receipt" => "cash",
        "credit" => "apply_credit",
        "advance" => "apply_advance",
        "refund" => "apply_refund",
        other => other,
    }
}
