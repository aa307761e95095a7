//! Named controls over the history: each is a query file of `queries/checks/` whose rows are failures, plus the tie-out to the GL.
//!
//! Separate from `metrics` because a control judges and a metric only answers. The pack prints the outcomes; `cartera check`
//! turns them into an exit code.

use crate::engine::Engine;
use crate::engine::rows::{Datum, Rows};
use crate::error::Result;
use chrono::NaiveDate;

/// A control and what came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name: the query's, or `tie_out`.
    pub name: String,
    /// Title in Spanish.
    pub title_es: String,
    /// Title in English.
    pub title_en: String,
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
    /// The first failure in figures; empty if it passed.
    pub fn example(&self) -> String {
        let Some(row) = self.failures.rows.first() else { return String::new() };
        let given = self.failures.columns.iter().zip(row).filter(|(_, d)| !matches!(d, Datum::Null));
        let words: Vec<String> = given.map(|(c, d)| format!("{} {d}", c.name)).collect();
        words.join(", ")
    }
}

/// Runs every control as of a day, as known at a load.
pub async fn run(engine: &Engine, as_of: NaiveDate, known_at: Option<i32>) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    let balances = engine.ask("aging", &[Datum::Date(as_of)], known_at).await?.rows.len();
    let checks: Vec<_> = engine.catalogue().files().filter(|f| f.path.starts_with("queries/checks/")).collect();
    for file in checks {
        let arguments = if file.header.params.is_empty() { vec![] } else { vec![Datum::Date(as_of)] };
        let failures = engine.ask(&file.header.name, &arguments, known_at).await?;
        let title = |lang: &str| if lang == "es" { file.header.title_es.clone() } else { file.header.title_en.clone() };
        outcomes.push(Outcome {
            name: file.header.name.clone(),
            title_es: title("es").unwrap_or_default(),
            title_en: title("en").unwrap_or_default(),
            checked: balances,
            failures,
        });
    }
    outcomes.push(tie_out(engine, as_of, known_at).await?);
    Ok(outcomes)
}

/// The subledger against the general ledger: a difference that is not listed, or an account without a balance, is a failure.
async fn tie_out(engine: &Engine, as_of: NaiveDate, known_at: Option<i32>) -> Result<Outcome> {
    let mut failures = engine.ask("tie_out", &[Datum::Date(as_of)], known_at).await?;
    let checked = failures.rows.len();
    let state = failures.position("state");
    failures.rows.retain(|row| state.and_then(|s| row[s].text()).is_none_or(|s| s != "ties" && s != "explained"));
    Ok(Outcome {
        name: "tie_out".into(),
        title_es: "El auxiliar concilia con el mayor".into(),
        title_en: "The subledger ties to the general ledger".into(),
        checked,
        failures,
    })
}
