//! Settlements that only two open-item snapshots tell of: what shrank or disappeared was settled on the later day, never as cash.

use super::documents::Key;
use super::exchange::Settling;
use super::open::Open;
use super::{range, zero_if_none};
use crate::domain::kinds::ApplicationKind;
use crate::domain::money::Money;
use crate::error::Result;
use crate::ledger::facts::{Application, Document};
use crate::ledger::posting::{Linked, Role};
use crate::schema::{self, Value, batch::BatchBuilder};

impl Settling<'_> {
    /// What shrank or disappeared between two open-item snapshots was settled on the later day (POSTING 6).
    pub(super) fn infer(&mut self, key: &Key, open: &mut Open) -> Result<()> {
        let table = schema::table("applications").expect("canonical");
        let load_id = self.circle.load_id;
        let mut builder = BatchBuilder::new(table);
        let known: Vec<(i32, Document)> =
            open.history.instalments.iter().filter_map(|(i, v)| Some((*i, v.last().filter(|v| !v.vanished)?.document.clone()))).collect();
        for (instalment, document) in known {
            let settled = open
                .history
                .applications
                .iter()
                .filter(|l| l.role == Role::To && l.application.instalment == Some(instalment))
                .try_fold(Money::ZERO, |sum, l| sum.checked_add(l.application.amount))
                .ok_or_else(range)?;
            let signed = document.signed_amount();
            let now = signed.checked_sub(settled).ok_or_else(range)?;
            let target = zero_if_none(open.targets.get(&instalment).copied());
            let target = if signed.is_negative() && !target.is_negative() { -target } else { target };
            let amount = now.checked_sub(target).ok_or_else(range)?;
            if amount.is_zero() {
                continue;
            }
            let application = Application {
                company_id: key.0.clone(),
                application_id: format!("inferred/{}/{instalment}/{}", key.1, self.circle.request.day).into(),
                kind: ApplicationKind::Inferred,
                from: None,
                to: key.1.clone(),
                instalment: Some(instalment),
                posting_date: self.circle.request.day,
                amount,
                from_amount: None,
                company_amount: None,
                undoes: None,
            };
            builder.push(load_id, &inferred_row(table, &application))?;
            open.history.applications.push(Linked {
                application,
                load_id,
                role: Role::To,
                counterpart: None,
                value: None,
                undo: None,
                vanished: None,
            });
        }
        if !builder.is_empty() {
            self.keep_inferred(builder.finish()?);
        }
        Ok(())
    }
}

fn inferred_row(table: &schema::Table, application: &Application) -> Vec<Value> {
    let mut values = vec![Value::Null; table.columns.len()];
    let mut set = |name: &str, value: Value| values[table.position(name).expect("a column of applications")] = value;
    set("company_id", Value::Text(application.company_id.clone()));
    set("application_id", Value::Text(application.application_id.clone()));
    set("kind", Value::Text(application.kind.as_str().into()));
    set("to_document_id", Value::Text(application.to.clone()));
    set("instalment", application.instalment.map_or(Value::Null, Value::Int));
    set("posting_date", Value::Date(application.posting_date));
    set("amount", Value::Money(application.amount));
    set("reason", Value::Text("inferred from two snapshots".into()));
    values
}
