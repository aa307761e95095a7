//! Named controls over the history: each is a query file of `queries/checks/` whose rows are failures, plus the tie-out to the GL.
//!
//! Separate from `metrics` because a control judges and a metric only answers. The pack prints the outcomes; `cartera check`
//! turns them into an exit code.

use crate::engine::rows::{Datum, Rows};
use crate::engine::{Catalogue, QueryFile};
use crate::error::Result;
use chrono::NaiveDate;

/// What a failure of a control means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The figures cannot be signed.
    Error,
    /// Somebody should look at it.
    Warning,
}

/// A control and what came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name: the query's, or `tie_out`.
    pub name: String,
    /// Title in Spanish.
    pub title_es: String,
    /// Title in English.
    pub title_en: String,
    /// What a failure means.
    pub severity: Severity,
    /// Places it looked at.
    pub checked: usize,
    /// The places where it failed.
    pub failures: Rows,
}

impl Outcome {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.failures.rows.is_empty()
    }
    /// Whether it stands against signing.
    pub fn is_failed(&self) -> bool {
        !self.passed() && self.severity == Severity::Error
    }
    /// The first failure in figures; empty if it passed.
    pub fn example(&self) -> String {
        let words: Vec<String> = self.first_failure().iter().map(|(column, datum)| format!("{column} {datum}")).collect();
        words.join(", ")
    }
    /// The first failure, column by column, what it leaves empty aside; empty if it passed.
    pub fn first_failure(&self) -> Vec<(String, Datum)> {
        let Some(row) = self.failures.rows.first() else { return Vec::new() };
        let given = self.failures.columns.iter().zip(row).filter(|(_, d)| !matches!(d, Datum::Null));
        given.map(|(column, datum)| (column.name.clone(), datum.clone())).collect()
    }
}

/// Whoever can run a query.
pub type Ask<'a> = &'a dyn Fn(&str, &[Datum]) -> Result<Rows>;

fn checks(catalogue: &Catalogue, as_of: NaiveDate) -> impl Iterator<Item = (&QueryFile, Vec<Datum>)> {
    let checks = catalogue.files().filter(|f| f.path.starts_with("queries/checks/"));
    checks.map(move |file| (file, if file.header.params.is_empty() { vec![] } else { vec![Datum::Date(as_of)] }))
}

/// What [`run`] will ask: each query with its arguments.
pub fn questions(catalogue: &Catalogue, as_of: NaiveDate) -> Vec<(String, Vec<Datum>)> {
    let day = |query: &str| (query.to_string(), vec![Datum::Date(as_of)]);
    [day("aging"), day("tie_out")].into_iter().chain(checks(catalogue, as_of).map(|(f, a)| (f.header.name.clone(), a))).collect()
}

/// Runs every control as of a day.
pub fn run(catalogue: &Catalogue, as_of: NaiveDate, ask: Ask<'_>) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    let balances = ask("aging", &[Datum::Date(as_of)])?.rows.len();
    for (file, arguments) in checks(catalogue, as_of) {
        let failures = ask(&file.header.name, &arguments)?;
        let title = |lang: &str| if lang == "es" { file.header.title_es.clone() } else { file.header.title_en.clone() };
        outcomes.push(Outcome {
            name: file.header.name.clone(),
            title_es: title("es").unwrap_or_default(),
            title_en: title("en").unwrap_or_default(),
            severity: if file.header.is_warning { Severity::Warning } else { Severity::Error },
            checked: balances,
            failures,
        });
    }
    outcomes.push(tie_out(as_of, ask)?);
    Ok(outcomes)
}

/// The subledger against the general ledger: a difference that is not listed, or an account without a balance, is a failure.
fn tie_out(as_of: NaiveDate, ask: Ask<'_>) -> Result<Outcome> {
    let mut failures = ask("tie_out", &[Datum::Date(as_of)])?;
    let checked = failures.rows.len();
    let state = failures.position("state");
    failures.rows.retain(|row| state.and_then(|s| row[s].text()).is_none_or(|s| s != "ties" && s != "explained"));
    Ok(Outcome {
        name: "tie_out".into(),
        title_es: "El auxiliar concilia con el mayor".into(),
        title_en: "The subledger ties to the general ledger".into(),
        severity: Severity::Error,
        checked,
        failures,
    })
}
