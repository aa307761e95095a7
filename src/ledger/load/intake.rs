//! Brings stored rows to the buckets of the incoming ones, has the buckets sorted, and puts together what they say.
//!
//! Several threads sort, each bucket is one's ([`Sorting`]); what they find is put together in the order of the
//! buckets, so that a load does not depend on which thread was faster.

use super::affected::is_first;
use super::directory::Directory;
use super::documents::{Documents, DocumentsPen};
use super::incoming::{Incoming, Seen};
use super::outcome::{Reports, Totals};
use super::reference::Reference;
use super::shape::numbered;
use super::sorting::{Replaced, Sorted, Sorting, Taken, Vanishing};
use super::stage::Stage;
use super::stored::{Wanted, each_row};
use super::{Progress, Request};
use crate::domain::finding::Finding;
use crate::domain::text::Text;
use crate::domain::work::in_order;
use crate::error::{Error, Result};
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use crate::schema::system;
use arrow::array::{Int32Array, RecordBatch, StringArray};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// More incoming rows than this are not looked up one by one: all stored rows of their tables come to the buckets.
const LOOKED_UP: u64 = 4_000_000;

/// The first stage and what it works with.
pub(super) struct Intake<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub snapshot: &'a Snapshot,
    pub seen: &'a Seen,
    pub documents: &'a Arc<Documents>,
    pub load_id: i32,
}

impl Intake<'_> {
    /// Goes through the buckets.
    pub fn run(
        self,
        rows: &Arc<Stage<Incoming>>,
        writer: &mut Writer,
        totals: &mut Totals,
        reports: &mut Reports,
        progress: Progress<'_>,
    ) -> Result<(Taken, Directory)> {
        self.stage_known(rows)?;
        let mut taken = Taken::default();
        let mut vanishing: BTreeMap<(&'static str, Text), Vanishing> = BTreeMap::new();
        let mut unknown_customers: BTreeSet<(Text, Text)> = BTreeSet::new();
        let buckets = rows.buckets();
        let is_first = is_first(self.snapshot)?;
        let mut directory = Directory::new(self.documents.stage.buckets(), is_first);
        in_order(
            buckets,
            || Ok(self.documents.pen()),
            |pen, bucket| {
                let Intake { request, reference, seen, load_id, .. } = self;
                let mut sorting = Sorting { request, reference, seen, load_id, is_first, pen, out: Sorted::default() };
                sorting.bucket(&rows.read(bucket)?)?;
                rows.discard(bucket);
                Ok(sorting.out)
            },
            DocumentsPen::close,
            |bucket, sorted: Sorted| {
                progress("keys", bucket as u64, buckets as u64);
                sorted.rejects.into_iter().try_for_each(|r| reports.reject(writer, r))?;
                sorted.findings.into_iter().try_for_each(|f| reports.finding(writer, f))?;
                sorted.batches.iter().try_for_each(|(table, batch)| writer.append(table, batch))?;
                totals.merge(sorted.totals);
                for (key, counted) in sorted.vanishing {
                    let all = vanishing.entry(key).or_default();
                    all.known = (all.known.0 + counted.known.0, all.known.1 + counted.known.1);
                    all.gone = (all.gone.0 + counted.gone.0, all.gone.1 + counted.gone.1);
                }
                taken.superseded_rows += sorted.replaced.len() as u64;
                write_superseded(writer, &sorted.replaced)?;
                taken.merge(sorted.taken);
                directory.add(sorted.listed);
                unknown_customers.extend(sorted.unknown_customers);
                Ok(())
            },
        )?;
        for (company, customer) in unknown_customers {
            let finding =
                Finding::new("customer_unknown", "documents", format!("documents name customer {customer}, which is not in customers"));
            reports.finding(writer, finding.of(&company, customer.as_str()))?;
        }
        self.check_vanishing(&vanishing)?;
        directory.close();
        progress("keys", buckets as u64, buckets as u64);
        Ok((taken, directory))
    }

    /// Brings stored rows to the buckets of the incoming ones: those of the same identity, and all of a full scope.
    fn stage_known(&self, rows: &Arc<Stage<Incoming>>) -> Result<()> {
        if self.snapshot.load_id == 0 {
            return Ok(());
        }
        let mut wanted: HashSet<u64> = HashSet::new();
        let look_up = self.seen.rows <= LOOKED_UP;
        if look_up {
            for bucket in 0..rows.buckets() {
                wanted.extend(rows.hashes(bucket)?);
            }
        }
        let mut pen = rows.pen();
        let mut tables: Vec<u8> = self.seen.tables.iter().copied().collect();
        tables.sort();
        for number in tables {
            let shape = numbered(number);
            let full: Vec<&Text> = self.seen.full.iter().filter(|f| f.0 == number).map(|f| &f.1).collect();
            let pick = |batch: &RecordBatch| {
                if !look_up {
                    return Ok(Wanted::All);
                }
                let mut picked: Vec<bool> = shape.hashes(batch)?.iter().map(|hash| wanted.contains(hash)).collect();
                if !full.is_empty() {
                    let companies = super::stored::text(batch, "company_id")?;
                    for (i, picked) in picked.iter_mut().enumerate() {
                        *picked |= full.iter().any(|company| company.as_str() == companies.value(i));
                    }
                }
                Ok(Wanted::Some(picked))
            };
            each_row(self.snapshot, &self.reference.superseded, shape.table, pick, |stored| {
                let gone = match stored.superseded {
                    None => false,
                    Some((_, vanished)) if vanished && shape.table.name == "applications" => true,
                    Some(_) => return Ok(()),
                };
                let hash = shape.hash(&stored.values);
                pen.write(hash, &Incoming::Known { table: number, load_id: stored.load_id, values: stored.values, gone })
            })?;
        }
        pen.close()
    }

    fn check_vanishing(&self, vanishing: &BTreeMap<(&'static str, Text), Vanishing>) -> Result<()> {
        let limit = i128::from(self.request.vanish_limit_pct);
        for ((table, company), counted) in vanishing {
            let too_many = i128::from(counted.gone.0) * 100 > i128::from(counted.known.0) * limit;
            let too_much = counted.gone.1 * 100 > counted.known.1 * limit;
            if counted.gone.0 > 0 && (too_many || too_much) {
                return Err(Error::data(format!(
                    "the full extract of {table} of {company} lacks {} of {} known rows, more than the limit of {limit} %",
                    counted.gone.0, counted.known.0
                ))
                .hint("check that the extract is complete; if it is, raise load.vanish_limit_pct in cartera.toml for this load"));
            }
        }
        Ok(())
    }
}

fn write_superseded(writer: &mut Writer, replaced: &[Replaced]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    let load_id = writer.load_id();
    let batch = RecordBatch::try_new(
        system::SUPERSEDED.schema(),
        vec![
            Arc::new(Int32Array::from_iter_values(replaced.iter().map(|_| load_id))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| r.table))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| &r.key))),
            Arc::new(Int32Array::from_iter_values(replaced.iter().map(|r| r.load_id))),
            Arc::new(StringArray::from_iter_values(replaced.iter().map(|r| r.reason))),
        ],
    )
    .map_err(crate::ledger::movement::arrow_error)?;
    writer.append("superseded", &batch)
}
