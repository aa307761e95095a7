//! Staged words about a document become its history: versions, applications with their counterparts, reversals, what stands.
//!
//! Whatever order the words come in, the history is the same: of two words about one fact the newest load counts.

use super::directory::Directory;
use super::documents::{Key, Staged, Word};
use super::reference::Reference;
use super::stage::{Bucket, Entry};
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::Result;
use crate::ledger::facts::{Application, Document};
use crate::ledger::movement::Movement;
use crate::ledger::posting::{History, Linked, Reversal, Role, Undo, Version};
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

/// A document while its bucket is open.
#[derive(Default)]
pub(super) struct Open {
    pub history: History,
    pub standing: Vec<Movement>,
    pub targets: BTreeMap<i32, Money>,
    /// Amounts of applications of this load that were known already.
    pub unchanged: Vec<Money>,
    /// Undoing rows: side, load, row.
    pub undoings: Vec<(Role, i32, Application)>,
    /// Rows that said something of it and no longer do, by table and id: they cannot wait.
    pub gone: BTreeSet<(&'static str, Text)>,
}

impl Open {
    /// The documents that stand, one an instalment.
    pub fn current(&self) -> impl Iterator<Item = &Document> {
        self.history.instalments.values().filter_map(|v| v.last()).filter(|v| !v.vanished).map(|v| &v.document)
    }
    /// Applications to it, and undoings of such, that a load stored.
    pub fn stored_by(&self, load_id: i32) -> impl Iterator<Item = &Application> {
        let applied = self.history.applications.iter().filter(move |l| l.role == Role::To && l.load_id == load_id);
        let undoings = self.undoings.iter().filter(move |u| u.0 == Role::To && u.1 == load_id).map(|u| &u.2);
        applied.map(|l| &l.application).chain(undoings)
    }
    /// Whether it pays others.
    pub fn pays(&self) -> bool {
        self.history.applications.iter().any(|l| l.role == Role::From)
    }
    /// Whether its company value equals its amount: what it gives up is then what it pays, without posting it.
    pub fn is_plain(&self) -> bool {
        self.current().all(|d| d.amount == d.company_amount)
    }
}

/// Calls `take` for every document of a bucket, in the order of their hashes, with the packed words it was made from.
pub(super) fn each_document(
    staged: &Bucket<Staged>,
    reference: &Reference,
    directory: &Directory,
    mut take: impl FnMut(&Key, Open, &[Entry]) -> Result<()>,
) -> Result<()> {
    let mut openings: Vec<(Key, Opening, Vec<Entry>)> = Vec::with_capacity(1);
    for entries in staged.groups() {
        for entry in entries {
            let word = staged.value(*entry)?;
            let (company, document) = concerned(&word);
            // More than one only where hashes collide.
            let at = match openings.iter().position(|o| o.0.0 == *company && o.0.1 == *document) {
                Some(at) => at,
                None => {
                    openings.push(((company.clone(), document.clone()), Opening::default(), Vec::with_capacity(entries.len())));
                    openings.len() - 1
                }
            };
            openings[at].1.add(word);
            openings[at].2.push(*entry);
        }
        for (key, opening, entries) in openings.drain(..) {
            take(&key, opening.finish(&key, reference, directory), &entries)?;
        }
    }
    Ok(())
}

/// Company and document that a word is about.
fn concerned(word: &Staged) -> (&Text, &Text) {
    match word {
        Staged::Version(version) => {
            let document = &version.document;
            (&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id))
        }
        Staged::Application { role, application, .. } => match (role, &application.from) {
            (Role::From, Some(from)) => (&application.company_id, from),
            _ => (&application.company_id, &application.to),
        },
        Staged::Standing(movement) => (&movement.line.company_id, &movement.line.document_id),
        Staged::Target { company_id, document_id, .. }
        | Staged::Gone { company_id, document_id, .. }
        | Staged::Unchanged { company_id, document_id, .. }
        | Staged::Told { company_id, document_id, .. } => (company_id, document_id),
    }
}

/// A document whose words are still coming.
#[derive(Default)]
struct Opening {
    open: Open,
    reversals: BTreeMap<(Text, i32), Version>,
    told: Vec<(Text, Role, Word)>,
}

impl Opening {
    fn add(&mut self, word: Staged) {
        let open = &mut self.open;
        match word {
            Staged::Version(version) if version.document.reverses.is_some() => {
                match self.reversals.entry((version.document.document_id.clone(), version.document.instalment)) {
                    Slot::Vacant(slot) => {
                        slot.insert(version);
                    }
                    Slot::Occupied(mut slot) => {
                        let known = (slot.get().load_id, slot.get().vanished);
                        if (version.load_id, version.vanished) > known {
                            slot.insert(version);
                        }
                    }
                }
            }
            Staged::Version(version) => {
                let versions = open.history.instalments.entry(version.document.instalment);
                versions.or_insert_with(|| Vec::with_capacity(1)).push(version);
            }
            Staged::Application { role, load_id, application, vanished } => {
                if application.undoes.is_some() {
                    if vanished.0.is_none() {
                        open.undoings.push((role, load_id, application));
                    }
                } else {
                    let linked = Linked { application, load_id, role, counterpart: None, value: None, undo: None, vanished: vanished.0 };
                    open.link(linked);
                }
            }
            Staged::Gone { application_id, .. } => {
                open.gone.insert(("applications", application_id));
            }
            Staged::Standing(movement) => open.standing.push(movement),
            Staged::Target { instalment, open: amount, .. } => {
                open.targets.insert(instalment, amount);
            }
            Staged::Unchanged { amount, .. } => open.unchanged.push(amount),
            Staged::Told { application_id, role, word, .. } => self.told.push((application_id, role, word)),
        }
    }

    fn finish(self, key: &Key, reference: &Reference, directory: &Directory) -> Open {
        let Opening { mut open, reversals, told } = self;
        for ((id, instalment), version) in reversals {
            if version.vanished {
                open.gone.insert(("documents", id));
                continue;
            }
            open.history.reversals.push(Reversal {
                document_id: id,
                instalment,
                posting_date: version.document.posting_date,
                amount: version.document.amount,
                load_id: version.load_id,
            });
        }
        open.history.opening_day = reference.opening_day(&key.0);
        for versions in open.history.instalments.values_mut() {
            versions.sort_by_key(|v| (v.load_id, v.vanished));
        }
        open.history.applications.sort_by(|a, b| (&a.application.application_id, a.role).cmp(&(&b.application.application_id, b.role)));
        open.undoings.sort_by(|a, b| (&a.2.application_id, a.0, a.1).cmp(&(&b.2.application_id, b.0, b.1)));
        for (role, _, row) in &open.undoings {
            let undo = Undo { application_id: row.application_id.clone(), posting_date: row.posting_date };
            set_undo(&mut open.history, row.undoes.as_deref().unwrap_or_default(), *role, undo);
        }
        for linked in &mut open.history.applications {
            directory.fill(&key.0, open.history.opening_day, linked);
        }
        for (application_id, role, word) in told {
            match word {
                Word::Here(counterpart, undo, value) => {
                    if let Some(undo) = undo {
                        set_undo(&mut open.history, &application_id, role, undo);
                    }
                    if let Some(linked) = find(&mut open.history, &application_id, role) {
                        linked.counterpart = Some(counterpart);
                        linked.value = linked.value.or(value);
                    }
                }
                Word::Undone(undo) => set_undo(&mut open.history, &application_id, role, undo),
                Word::Value(value) => {
                    if let Some(linked) = find(&mut open.history, &application_id, role) {
                        linked.value = Some(value);
                    }
                }
            }
        }
        open
    }
}

impl Open {
    /// A vanished row and the live one that came back, or the same row read twice: the newest word counts.
    fn link(&mut self, linked: Linked) {
        let all = &mut self.history.applications;
        let same = |l: &&mut Linked| l.role == linked.role && l.application.application_id == linked.application.application_id;
        match all.iter_mut().find(same) {
            Some(known) if (linked.load_id, linked.vanished.is_some()) > (known.load_id, known.vanished.is_some()) => *known = linked,
            Some(_) => {}
            None => {
                // Most documents have one: a first push would take room for four.
                if all.is_empty() {
                    all.reserve_exact(1);
                }
                all.push(linked);
            }
        }
    }
}

fn find<'h>(history: &'h mut History, application_id: &str, role: Role) -> Option<&'h mut Linked> {
    let at =
        history.applications.binary_search_by(|l| (l.application.application_id.as_str(), l.role).cmp(&(application_id, role))).ok()?;
    history.applications.get_mut(at)
}

/// The earliest undoing counts; both sides come to the same one.
fn set_undo(history: &mut History, application_id: &str, role: Role, undo: Undo) {
    if let Some(linked) = find(history, application_id, role) {
        let earlier = linked.undo.as_ref().is_none_or(|u| (undo.posting_date, &undo.application_id) < (u.posting_date, &u.application_id));
        if earlier {
            linked.undo = Some(undo);
        }
    }
}
