//! What the other side of an application asks of a document, by hash and in memory: then no document has to tell it.
//!
//! Only in a load before which nothing was stored, where every document has one version and passes intake. A document that a card cannot
//! describe (instalments, reversed, with an undone application, or of a hash that two share) tells for itself, as all do in other loads.

use super::shape::document_hash;
use crate::domain::days::{epoch_day, from_epoch_day};
use crate::domain::text::Text;
use crate::ledger::facts::{Application, Document};
use crate::ledger::posting::{Counterpart, Linked, Role};
use chrono::NaiveDate;
use std::collections::HashSet;

/// More documents than this are not kept, so that a load of a gigabyte stays within its memory: 16 bytes each.
const MOST: usize = 4_000_000;

/// What others ask of a document.
#[derive(Clone, Copy)]
pub(super) struct Card {
    hash: u64,
    posting_day: i32,
    currency: [u8; 3],
    /// Whether its company value equals its amount: what it gives up is then what it pays.
    is_plain: bool,
}

/// Cards of a bucket of rows, and the documents that tell for themselves.
#[derive(Default)]
pub(super) struct Listed {
    cards: Vec<Card>,
    tellers: Vec<u64>,
}

/// The cards of all documents.
pub(super) struct Directory {
    /// By bucket of documents, sorted by hash once all are in.
    buckets: Vec<Vec<Card>>,
    count: usize,
    tellers: HashSet<u64>,
    /// There are no cards: every document tells for itself.
    all_tell: bool,
}

impl Listed {
    /// Takes note of a document, by the hash of the one it concerns.
    pub fn document(&mut self, hash: u64, document: &Document) {
        match <[u8; 3]>::try_from(document.currency.as_bytes()) {
            Ok(currency) if document.reverses.is_none() => self.cards.push(Card {
                hash,
                posting_day: epoch_day(document.posting_date),
                currency,
                is_plain: document.amount == document.company_amount,
            }),
            _ => self.tellers.push(hash),
        }
    }

    /// Takes note of an application: the documents of an undoing row know more than others.
    pub fn application(&mut self, application: &Application) {
        if application.undoes.is_some() {
            let documents = [Some(&application.to), application.from.as_ref()];
            self.tellers.extend(documents.into_iter().flatten().map(|d| document_hash(&application.company_id, d)));
        }
    }
}

impl Directory {
    /// Empty, for documents in that many buckets; not used where something was stored before.
    pub fn new(buckets: usize, is_first: bool) -> Directory {
        Directory { buckets: vec![Vec::new(); buckets], count: 0, tellers: HashSet::new(), all_tell: !is_first }
    }

    /// Takes in what one bucket of rows lists.
    pub fn add(&mut self, listed: Listed) {
        self.count += listed.cards.len();
        if self.count > MOST {
            *self = Directory::new(self.buckets.len(), false);
        }
        if self.all_tell {
            return;
        }
        self.tellers.extend(listed.tellers);
        for card in listed.cards {
            let bucket = (card.hash % self.buckets.len() as u64) as usize;
            let cards = &mut self.buckets[bucket];
            if cards.len() == cards.capacity() {
                // Doubling would take up to as much again as the cards do.
                cards.reserve_exact(cards.len() / 8 + 64);
            }
            cards.push(card);
        }
    }

    /// All documents are in.
    pub fn close(&mut self) {
        for cards in &mut self.buckets {
            cards.sort_unstable_by_key(|c| c.hash);
            for same in cards.chunk_by(|a, b| a.hash == b.hash).filter(|same| same.len() > 1) {
                self.tellers.insert(same[0].hash);
            }
            if !self.tellers.is_empty() {
                cards.retain(|c| !self.tellers.contains(&c.hash));
            }
        }
    }

    /// Whether a document tells the other sides of its applications itself.
    pub fn tells(&self, hash: u64) -> bool {
        self.all_tell || self.tellers.contains(&hash)
    }

    /// Whether only posting a document tells what it gives up.
    pub fn is_valued(&self, hash: u64) -> bool {
        self.card(hash).is_some_and(|card| !card.is_plain)
    }

    /// Whether the other side of an application tells for itself.
    pub fn is_told(&self, company: &str, linked: &Linked) -> bool {
        other_side(linked).is_some_and(|other| self.tells(document_hash(company, other)))
    }

    /// Fills in what the other side of an application would tell, if it has a card.
    pub fn fill(&self, company: &str, opening_day: Option<NaiveDate>, linked: &mut Linked) {
        if self.all_tell {
            return;
        }
        let Some(card) = other_side(linked).and_then(|other| self.card(document_hash(company, other))) else { return };
        let posted = from_epoch_day(card.posting_day);
        linked.counterpart = Some(Counterpart {
            posting_date: opening_day.map_or(posted, |opening| posted.max(opening)),
            currency: Text::from_utf8_lossy(&card.currency),
            reversed: None,
        });
        if linked.role == Role::To && card.is_plain {
            linked.value = Some(linked.application.plain_value());
        }
    }

    fn card(&self, hash: u64) -> Option<&Card> {
        let cards = &self.buckets[(hash % self.buckets.len() as u64) as usize];
        cards.binary_search_by_key(&hash, |c| c.hash).ok().map(|at| &cards[at])
    }
}

/// The other document of an application that moves value between two.
pub(super) fn other_side(linked: &Linked) -> Option<&Text> {
    let application = &linked.application;
    match linked.role {
        _ if !application.kind.is_pair() => None,
        Role::To => application.from.as_ref(),
        Role::From => Some(&application.to),
    }
}
