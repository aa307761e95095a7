//! Buckets by document: what rows, stored rows and the other sides of applications say of it.

use super::codec::{Coded, Rest, get_application, get_version, put_application, put_day, put_i32, put_other, put_some, put_version};
use super::shape::document_hash;
use super::stage::{Pen, Stage};
use crate::domain::days::serde_day_opt;
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::error::Result;
use crate::ledger::facts::Application;
use crate::ledger::movement::Movement;
use crate::ledger::posting::{Counterpart, Role, Undo, Version};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A document in its company.
pub(super) type Key = (Text, Text);

/// What a document's bucket can hold.
#[derive(Serialize, Deserialize)]
pub(super) enum Staged {
    /// A version of it, or of a document that reverses it.
    Version(Version),
    /// An application from or to it, as a load stored it; the day it vanished, if it did.
    Application { role: Role, load_id: i32, application: Application, vanished: Day },
    /// An application to it that this load no longer has: it cannot wait any more.
    Gone { company_id: Text, document_id: Text, application_id: Text },
    /// A row that stands on it.
    Standing(Movement),
    /// What an open-item snapshot says it should come to.
    Target { company_id: Text, document_id: Text, instalment: i32, open: Money },
    /// An application of this load that was known already, to be counted under its document's currency.
    Unchanged { company_id: Text, document_id: Text, amount: Money },
    /// What the other side of an application tells.
    Told { company_id: Text, document_id: Text, application_id: Text, role: Role, word: Word },
}

const VERSION: u8 = 0;
const APPLICATION: u8 = 1;
const OTHER: u8 = 2;

impl Coded for Staged {
    fn put(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Staged::Version(version) => {
                out.push(VERSION);
                put_version(version, out);
            }
            Staged::Application { role, load_id, application, vanished } => {
                out.extend_from_slice(&[APPLICATION, u8::from(*role == Role::From)]);
                put_i32(*load_id, out);
                put_some(vanished.0, out, put_day);
                put_application(application, out);
            }
            other => {
                out.push(OTHER);
                put_other(other, out)?;
            }
        }
        Ok(())
    }

    fn get(bytes: &[u8]) -> Result<Staged> {
        let mut rest = Rest(bytes);
        let staged = match rest.byte()? {
            VERSION => Staged::Version(get_version(&mut rest)?),
            APPLICATION => Staged::Application {
                role: if rest.byte()? == 0 { Role::To } else { Role::From },
                load_id: rest.i32()?,
                vanished: Day(rest.some(Rest::day)?),
                application: get_application(&mut rest)?,
            },
            _ => return rest.other(),
        };
        rest.end(staged)
    }
}

/// A day that may be missing, in staging form.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Day(#[serde(with = "serde_day_opt")] pub Option<NaiveDate>);

/// A message between the two sides of an application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Word {
    /// I exist; the row that undoes this application, if I know one; the company value I give up, where that is plain.
    Here(Counterpart, Option<Undo>, Option<Money>),
    /// I exist not as an item, but know the row that undoes this application.
    Undone(Undo),
    /// I give up this company value.
    Value(Money),
}

/// Buckets by document.
pub(super) struct Documents {
    /// The buckets.
    pub stage: Arc<Stage<Staged>>,
    snapshot_companies: Mutex<BTreeSet<Text>>,
}

/// Writes to the buckets by document, from one thread.
pub(super) struct DocumentsPen {
    documents: Arc<Documents>,
    pen: Pen<Staged>,
    snapshot_companies: BTreeSet<Text>,
}

impl Documents {
    /// Empty buckets.
    pub fn create(folder: &Path, buckets: usize) -> Arc<Documents> {
        Arc::new(Documents { stage: Stage::create(folder, "documents", buckets), snapshot_companies: Mutex::default() })
    }

    /// Something to write with.
    pub fn pen(self: &Arc<Documents>) -> DocumentsPen {
        DocumentsPen { documents: self.clone(), pen: self.stage.pen(), snapshot_companies: BTreeSet::new() }
    }

    /// Companies that an open-item snapshot speaks of: what it does not name is settled.
    pub fn snapshot_companies(&self) -> BTreeSet<Text> {
        self.snapshot_companies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl DocumentsPen {
    /// Adds to the bucket of a document.
    pub fn write(&mut self, hash: u64, staged: &Staged) -> Result<()> {
        self.pen.write(hash, staged)
    }

    /// Remembers that an open-item snapshot speaks of a company.
    pub fn note_snapshot_company(&mut self, company: &Text) {
        if !self.snapshot_companies.contains(company) {
            self.snapshot_companies.insert(company.clone());
        }
    }

    /// Adds an application to the buckets of both its documents.
    pub fn write_application(&mut self, load_id: i32, application: Application, vanished: Option<NaiveDate>) -> Result<()> {
        let from = application.from.as_ref().filter(|_| application.kind.is_pair());
        let from = from.map(|document| document_hash(&application.company_id, document));
        let to = document_hash(&application.company_id, &application.to);
        let mut staged = Staged::Application { role: Role::To, load_id, application, vanished: Day(vanished) };
        self.pen.write(to, &staged)?;
        if let (Some(from), Staged::Application { role, .. }) = (from, &mut staged) {
            *role = Role::From;
            self.pen.write(from, &staged)?;
        }
        Ok(())
    }

    /// Tells an application's document that this load no longer has it.
    pub fn write_gone(&mut self, application: &Application) -> Result<()> {
        let Application { company_id, to, application_id, .. } = application.clone();
        self.pen.write(document_hash(&company_id, &to), &Staged::Gone { company_id, document_id: to, application_id })
    }

    /// Writes what is left.
    pub fn close(self) -> Result<()> {
        self.documents.snapshot_companies.lock().unwrap_or_else(PoisonError::into_inner).extend(self.snapshot_companies);
        self.pen.close()
    }
}
