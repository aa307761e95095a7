//! `cartera.toml`: the project's choices, parsed strictly, resolved once, then read-only.

mod merges;
mod statements;

pub use merges::Merge;
pub use statements::{Account, Payee};

use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A project's choices, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The text it was read from: a close keeps it, so that its pack can be rendered again.
    pub text: String,
    /// Name of the group, on covers.
    pub group_name: String,
    /// Currency of consolidated figures.
    pub group_currency: String,
    /// Language of packs where none is asked for.
    pub lang: Lang,
    /// Upper edges of the aging buckets in days late; four buckets from three edges, plus `current` and the open last.
    pub aging_edges: Vec<i32>,
    /// Source of closing and accounting rates; `None`: the only one loaded.
    pub fx_source: Option<String>,
    /// Days a last published rate stays usable.
    pub fx_max_age_days: i32,
    /// Share of rows or amount that may vanish in a full extract before the load stops, in per cent.
    pub vanish_limit_pct: i32,
    /// Columns whose changes correct the past instead of moving balances.
    pub corrections: Corrections,
    /// Points of the risk card, per reason, by name.
    pub risk_points: RiskPoints,
    /// Customers that are one and the same, chains followed.
    pub merges: Vec<Merge>,
    /// What the group aims at, by the name of the figure.
    pub targets: BTreeMap<String, Decimal>,
    /// How customers pay, by company; companies may be missing.
    pub payees: BTreeMap<String, Payee>,
}

/// Figures that a project may set a target for: columns of the query `kpis`.
pub const TARGETS: &[&str] = &["current_pct", "past_due_pct", "over_90_pct", "dso_3m_days", "average_days_delinquent_days", "cei_pct"];

/// Columns whose changes are corrections of our knowledge although they could be changes in the business (POSTING 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corrections {
    /// `customer_id`.
    pub customer: bool,
    /// `due_date`.
    pub due_date: bool,
    /// `account`.
    pub account: bool,
}

/// Largest points each reason of the risk card can add; their sum is the scale's top.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RiskPoints {
    /// Share of the open debits past due.
    pub past_due_share: i32,
    /// Days the worst item is late.
    pub worst_days_late: i32,
    /// Days late of the last 3 months against the 12 before.
    pub days_late_trend: i32,
    /// Promises broken.
    pub broken_promises: i32,
    /// Share of open debits in dispute.
    pub disputes: i32,
    /// Use of the credit limit.
    pub utilisation: i32,
}

impl Default for RiskPoints {
    fn default() -> Self {
        RiskPoints { past_due_share: 25, worst_days_late: 25, days_late_trend: 15, broken_promises: 15, disputes: 5, utilisation: 15 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Group,
    #[serde(default)]
    aging: Aging,
    #[serde(default)]
    fx: Fx,
    #[serde(default)]
    load: Load,
    #[serde(default)]
    risk: RiskPoints,
    #[serde(default)]
    merge: Vec<merges::Written>,
    #[serde(default)]
    statement: BTreeMap<String, statements::Written>,
    #[serde(default)]
    targets: BTreeMap<String, Target>,
}

/// A number without a fraction, or in quotes: `45`, `"12.5"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Target {
    Whole(i64),
    Written(String),
}

fn target(name: &str, written: &Target) -> Result<Decimal> {
    if !TARGETS.contains(&name) {
        return Err(Error::usage(format!("targets.{name} is no figure with a target")).hint(format!("they are {}", TARGETS.join(", "))));
    }
    match written {
        Target::Whole(number) => Ok(Decimal::from(*number)),
        Target::Written(text) => Decimal::from_str_exact(text.trim())
            .map_err(|_| Error::usage(format!("targets.{name} `{text}` is no number")).hint("write it as 45 or \"12.5\"")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    currency: String,
    #[serde(default)]
    language: Lang,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Aging {
    edges: Vec<i32>,
}

impl Default for Aging {
    fn default() -> Self {
        Aging { edges: vec![30, 60, 90] }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fx {
    source: Option<String>,
    max_age_days: i32,
}

impl Default for Fx {
    fn default() -> Self {
        Fx { source: None, max_age_days: 7 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Load {
    vanish_limit_pct: i32,
    corrections: Vec<Correction>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Correction {
    CustomerId,
    DueDate,
    Account,
}

impl Default for Load {
    fn default() -> Self {
        Load { vanish_limit_pct: 1, corrections: Vec::new() }
    }
}

impl Config {
    /// Reads and checks a project's `cartera.toml`.
    pub fn read(path: &Path) -> Result<Config> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
        Config::parse(&text).map_err(|e| e.context(path.display().to_string()))
    }

    /// Parses and checks the text of a `cartera.toml`.
    pub fn parse(text: &str) -> Result<Config> {
        let file: File =
            toml::from_str(text).map_err(|e| Error::usage(format!("the configuration cannot be read: {}", e.to_string().trim_end())))?;
        let edges = &file.aging.edges;
        if edges.is_empty() || edges[0] < 1 || edges.windows(2).any(|w| w[0] >= w[1]) {
            return Err(Error::usage(format!("aging.edges {edges:?} do not rise from 1 upwards"))
                .hint("give the last day of each bucket but the open one, e.g. [30, 60, 90]"));
        }
        if crate::domain::money::minor_units(&file.group.currency).is_none() {
            return Err(Error::usage(format!("group.currency `{}` is not a known currency", file.group.currency))
                .hint("use an ISO 4217 code such as MXN"));
        }
        Ok(Config {
            text: text.to_string(),
            group_name: file.group.name,
            group_currency: file.group.currency,
            lang: file.group.language,
            aging_edges: file.aging.edges,
            fx_source: file.fx.source,
            fx_max_age_days: file.fx.max_age_days,
            vanish_limit_pct: file.load.vanish_limit_pct,
            corrections: Corrections {
                customer: file.load.corrections.contains(&Correction::CustomerId),
                due_date: file.load.corrections.contains(&Correction::DueDate),
                account: file.load.corrections.contains(&Correction::Account),
            },
            risk_points: file.risk,
            merges: merges::resolve(file.merge)?,
            targets: file.targets.iter().map(|(name, written)| Ok((name.clone(), target(name, written)?))).collect::<Result<_>>()?,
            payees: statements::resolve(file.statement)?,
        })
    }

    /// The aging buckets as (order, name, first day late, last day late); first and last are open.
    pub fn aging_buckets(&self) -> Vec<(i32, String, i32, i32)> {
        let mut buckets = vec![(1, "current".to_string(), i32::MIN, 0)];
        let mut from = 1;
        for (i, edge) in self.aging_edges.iter().enumerate() {
            buckets.push((i as i32 + 2, format!("{from}-{edge}"), from, *edge));
            from = edge + 1;
        }
        buckets.push((self.aging_edges.len() as i32 + 2, format!("over {}", from - 1), from, i32::MAX));
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_cover_every_day_once() {
        let config = Config::parse("[group]\nname='G'\ncurrency='MXN'\n[aging]\nedges=[15,30,60]\n").unwrap();
        let buckets = config.aging_buckets();
        assert_eq!(buckets.iter().map(|b| b.1.as_str()).collect::<Vec<_>>(), ["current", "1-15", "16-30", "31-60", "over 60"]);
        for day in [-400, -1, 0, 1, 15, 16, 30, 31, 60, 61, 9000] {
            assert_eq!(buckets.iter().filter(|b| b.2 <= day && day <= b.3).count(), 1, "{day}");
        }
    }

    #[test]
    fn targets_are_exact() {
        let config = Config::parse("[group]\nname='G'\ncurrency='MXN'\n[targets]\ndso_3m_days=45\npast_due_pct='12.5'\n").unwrap();
        assert_eq!(config.targets["dso_3m_days"], Decimal::from(45));
        assert_eq!(config.targets["past_due_pct"], Decimal::new(125, 1));
    }

    #[test]
    fn bad_choices_are_refused() {
        for bad in [
            "",
            "[group]\nname='G'\ncurrency='XXX'",
            "[group]\nname='G'\ncurrency='MXN'\n[aging]\nedges=[30,30]",
            "[group]\nname='G'\ncurrency='MXN'\nx=1",
            "[group]\nname='G'\ncurrency='MXN'\n[targets]\ndso=45",
            "[group]\nname='G'\ncurrency='MXN'\n[targets]\ncei_pct='85 %'",
        ] {
            assert!(Config::parse(bad).is_err(), "{bad}");
        }
    }
}
