//! A pack's spec: which sections, which query each block shows, and how. Parsed strictly; no expressions.
//!
//! A block asks one named source (`[from.NAME]`: query, arguments out of the request's days, rows kept); what it shows are
//! columns of that answer. The keys of texts follow from the names (`section.<id>`, `block.<id>`, …, see [`Spec::text_keys`]); they
//! stand in `reports/text/` where packs share them, else in the spec's own `[text.es]` and `[text.en]`.
//!
//! # Charts
//!
//! ```toml
//! [[section.block]]
//! show = "chart"
//! id = "cash_by_week"                  # title: text `block.cash_by_week`; `{unit}` in it is the unit with its scale
//! from = "cash_weeks"
//! kind = "grouped"
//! x = "week_start"                     # labels: each value once, in the query's order
//! values = [{ column = "cash_amount" }, { column = "target_amount", role = "reference" }]
//! limit = 13                           # labels at most
//! rows = "receipts"                    # table of the pack with the rows behind: a link to it (kpis, items, charts, tables)
//! ```
//!
//! `values` are columns (role `main`, `context` or `reference`; name: text `column.<column>`); `series = { column, order, value }`
//! is instead one series for each word of a column. With `series`, `reference = "column"` adds a reference line: a column that says
//! the same in all rows of a label.
//!
//! | `kind` | drawn | needs |
//! |---|---|---|
//! | `line` | lines over `x` | `values` or `series` |
//! | `stacked` | columns stacked, totals above | `values` or `series` |
//! | `grouped` | columns side by side from zero; reference: a dashed line across; long names: lying bars | `values` or `series` |
//! | `waterfall` | first and last value are levels, the others steps | one of `values` |
//! | `bars` | horizontal bars with their values; reference: a mark on each | one main of `values`, at most one reference |
//! | `bullet` | a bar against the mark of its target, on bands | one main and one reference of `values`; `bands = [60, 80]`: per cent of the target, rising, at most three |
//! | `small_multiples` | a panel for each word, one scale, twelve at most | `series`; `panels = "lines"` or `"columns"` |
//!
//! # Tables
//!
//! ```toml
//! [[section.block]]
//! show = "table"
//! id = "migration"
//! from = "bucket_migration"
//! columns = ["from_bucket"]
//! pivot = { column = "to_bucket", order = "to_order", value = "open_amount", total = true }
//! heat = "row"                         # shades the pivot's cells; the darkest is the largest of the `table`, its `row` or `column`
//!
//! [[section.block]]
//! show = "table"
//! id = "top_past_due"
//! from = "top_past_due"
//! columns = ["customer_name", "balance_trend", "past_due_amount_group"]   # a trend's column stands where it is named
//! trend = [{ column = "balance_trend", from = "balances_by_month", key = ["company_id", "customer_id"], x = "month_end", value = "open_amount" }]
//! ```
//!
//! `labels = { open_amount = "balance" }` heads a column with the text of another (`column.balance`), where the table is of something else.
//!
//! A trend is a small line in each row: the rows of another source with the same `key` columns (both answers have them), over all
//! the values of `x`. Where a key has no row, amounts and counts are zero and other figures leave a gap.

mod check;
mod keys;

use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The specs that ship.
pub(crate) const SHIPPED: &[(&str, &str)] = &[
    ("close", include_str!("../../../reports/close.toml")),
    ("leadership", include_str!("../../../reports/leadership.toml")),
    ("customer", include_str!("../../../reports/customer.toml")),
    ("collector", include_str!("../../../reports/collector.toml")),
    ("credit", include_str!("../../../reports/credit.toml")),
    ("worklist", include_str!("../../../reports/worklist.toml")),
];

/// A pack's spec.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Name: `close`.
    pub name: String,
    /// What a pack of this spec must be of: `customer`, `collector`, …; without it, of the group or of any part.
    #[serde(default)]
    pub(crate) of: Option<String>,
    pub(crate) state: Option<StateSpec>,
    pub(crate) proof: Option<ProofSpec>,
    pub(crate) from: BTreeMap<String, From>,
    /// Texts of its own, by language.
    #[serde(default)]
    pub(crate) text: BTreeMap<String, toml::Table>,
    /// In a spec that was cut: the sources that state and proof rest on, as they were.
    #[serde(skip)]
    pub(crate) whole: BTreeMap<String, From>,
    #[serde(rename = "section")]
    pub(crate) sections: Vec<SectionSpec>,
}

/// What decides between FINAL and DRAFT.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateSpec {
    /// Source whose rows are the tie-outs.
    pub tie_out: String,
    /// Controls that must have run and passed.
    pub controls: Vec<String>,
}

/// What the cover proves beyond what the request brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofSpec {
    /// Source of the closing rates in use.
    pub rates: String,
}

/// A source: a query asked with days of the request, and the rows kept of its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    pub query: String,
    #[serde(default)]
    pub arguments: Vec<Argument>,
    /// Rows kept: column = word or one of the words.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, OneOrMany>,
    /// Rows left aside, same form.
    #[serde(default)]
    pub except: BTreeMap<String, OneOrMany>,
    /// Rows of these customers only: put in by a cut.
    #[serde(skip)]
    pub customers: Option<Customers>,
}

/// Customers, and the columns of an answer that name company and customer.
#[derive(Debug, Clone)]
pub(crate) struct Customers {
    pub among: Arc<BTreeSet<(String, String)>>,
    pub columns: [&'static str; 2],
}

/// One word or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// An argument: a day of the request, the load its opening was known at, a month so many months back, or a value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Argument {
    Named(Named),
    /// `{ month_start = 2 }`: first day of the month two months before.
    MonthStart {
        month_start: i32,
    },
    /// `{ month_end = 12 }`: last day of the month a year before.
    MonthEnd {
        month_end: i32,
    },
    /// `{ value = "customer" }`, `{ value = 13 }`.
    Value {
        value: Value,
    },
}

/// A word or a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Word(String),
    Number(i64),
}

/// A day or load of the request, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Named {
    AsOf,
    MonthStart,
    PreviousMonthEnd,
    PreviousMonthStart,
    YearAgo,
    /// First day of the year.
    YearStart,
    /// Month end that begins a trend of 13 months.
    #[serde(rename = "trend_13")]
    Trend13,
    /// Month end that begins a trend of 25 months: two full years of change.
    #[serde(rename = "trend_25")]
    Trend25,
    /// Left out of the call where the request has none; so it must be the last.
    OpeningLoad,
}

impl Argument {
    /// The argument that is this word.
    pub(crate) fn of_word(word: &str) -> Argument {
        Argument::Value { value: Value::Word(word.to_string()) }
    }

    /// The word that it is; `None` for days and numbers.
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Argument::Value { value: Value::Word(word) } => Some(word),
            _ => None,
        }
    }
}

/// A section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionSpec {
    pub id: String,
    #[serde(default)]
    pub starts_page: bool,
    #[serde(default, rename = "clause")]
    pub clauses: Vec<ClauseSpec>,
    #[serde(rename = "block")]
    pub blocks: Vec<BlockSpec>,
}

/// A clause of a section's message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClauseSpec {
    pub name: String,
    /// Two figures: the text ends in `.up`, `.down` or `.same` as the first stands to the second, both as printed; in `.alone`
    /// if the second is undefined.
    pub compare: Option<[String; 2]>,
    /// A figure: the text ends in `.zero` or `.some`.
    pub count: Option<String>,
    /// A figure: the clause is left out if it is zero.
    pub unless_zero: Option<String>,
    /// Whether an undefined figure is said (`.undefined`) rather than the clause left out.
    #[serde(default)]
    pub say_undefined: bool,
    #[serde(default)]
    pub figures: BTreeMap<String, FigureSpec>,
}

/// A figure of a clause: a cell of an answer, or a fold of a column of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FigureSpec {
    pub from: String,
    /// The column; for `count` any.
    pub column: String,
    #[serde(default)]
    pub fold: Fold,
    /// Only so many rows, in the query's order.
    pub first: Option<usize>,
    /// With its sign turned: what credits is said as a positive amount.
    #[serde(default)]
    pub negated: bool,
    /// What is counted: key under `noun`.
    pub noun: Option<String>,
}

/// How rows become one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fold {
    /// There is one row.
    #[default]
    Only,
    Sum,
    /// A sum that is zero, not undefined, where there are no rows.
    SumOrZero,
    Count,
    Largest,
}

/// A block, by how it shows its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "show", rename_all = "snake_case")]
pub(crate) enum BlockSpec {
    Kpis(KpisSpec),
    Comparison(KpisSpec),
    Table(TableSpec),
    Chart(ChartSpec),
    /// The tie-outs and controls behind the state.
    Checklist {},
    /// Every query that the pack ran.
    Definitions {},
    Text(TextSpec),
}

/// Figures of one row beside the same row of earlier days; as a strip (`kpis`) or as a table, one row a day (`comparison`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KpisSpec {
    pub id: String,
    pub from: String,
    /// Source of the month before.
    pub before: String,
    /// Source of the same month last year.
    pub year_ago: String,
    pub items: Vec<KpiSpec>,
    /// Table with the rows behind the figures.
    pub rows: Option<String>,
}

/// One figure of a strip.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KpiSpec {
    pub column: String,
    /// The direction that is good; none for figures that are neither.
    pub good: Option<Direction>,
    /// What it is held against; without it the project's target of the column's name, where it has one.
    pub target: Option<FigureSpec>,
    /// Table with the rows behind this figure, if not the strip's.
    pub rows: Option<String>,
}

/// A direction of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Up,
    Down,
}

/// A table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableSpec {
    pub id: String,
    pub from: String,
    pub columns: Vec<String>,
    /// Columns with another head than their own: the name whose text `column.<name>` it is.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// One column for each word of a column.
    pub pivot: Option<PivotSpec>,
    /// One table for each combination of these columns.
    #[serde(default)]
    pub split: Vec<String>,
    /// A row after each run of equal values.
    pub subtotal: Option<SumSpec>,
    /// Rows at the end, one for each combination of values.
    pub total: Option<SumSpec>,
    /// Rows shown at most.
    pub limit: Option<usize>,
    /// Words of a column whose rows come first, in this order.
    pub lead: Option<WordsSpec>,
    /// Leaves out rows that are zero in all columns of money, days and per cent, except those with these words.
    pub drop_zero: Option<WordsSpec>,
    /// Whether `note.<id>` stands below.
    #[serde(default)]
    pub note: bool,
    /// Whether it is left out where it has no rows: the section says so already.
    #[serde(default)]
    pub omit_empty: bool,
    /// Shades the pivot's cells, each within this.
    pub heat: Option<HeatWithin>,
    /// Columns of small lines.
    #[serde(default, rename = "trend")]
    pub trends: Vec<TrendSpec>,
    /// Table with the rows behind this one.
    pub rows: Option<String>,
}

/// Within what the darkest cell is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeatWithin {
    Table,
    Row,
    Column,
}

/// A column of small lines, out of another source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendSpec {
    /// Its name among the table's columns.
    pub column: String,
    pub from: String,
    /// Columns that both answers have; rows with equal words belong together.
    pub key: Vec<String>,
    pub x: String,
    pub value: String,
}

/// Rows × the words of a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PivotSpec {
    /// Column whose words become columns.
    pub column: String,
    /// Column that orders them.
    pub order: String,
    /// Column that is summed.
    pub value: String,
    /// Whether a last column adds them up.
    #[serde(default)]
    pub total: bool,
}

/// Which columns are added up, apart by what. A pivot adds its own columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SumSpec {
    #[serde(default)]
    pub by: Vec<String>,
    #[serde(default)]
    pub columns: Vec<String>,
}

/// Words of a column, in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordsSpec {
    pub column: String,
    pub words: Vec<String>,
}

/// A chart.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChartSpec {
    pub id: String,
    pub from: String,
    pub kind: ChartForm,
    /// Column along the axis.
    pub x: String,
    /// One series for each word of a column.
    pub series: Option<PivotSpec>,
    /// Or one series for each of these columns.
    #[serde(default)]
    pub values: Vec<ValueSpec>,
    /// A figure whose target is drawn for reference, where the project has one.
    pub target: Option<String>,
    /// Labels at most, in the query's order.
    pub limit: Option<usize>,
    /// Leaves out zero steps, except those with these words.
    pub drop_zero: Option<WordsSpec>,
    /// Beside `series`: a column that is a line across all of them.
    pub reference: Option<String>,
    /// Ends of the bands of a bullet, per cent of its target.
    #[serde(default)]
    pub bands: Vec<u32>,
    /// What small panels hold.
    pub panels: Option<Panels>,
    /// Table with the rows behind it.
    pub rows: Option<String>,
}

/// Form of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChartForm {
    Line,
    Stacked,
    Grouped,
    Waterfall,
    Bars,
    Bullet,
    SmallMultiples,
}

/// What small panels hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Panels {
    Lines,
    Columns,
}

/// A series out of a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueSpec {
    pub column: String,
    #[serde(default)]
    pub role: Role,
}

/// What a series is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    #[default]
    Main,
    Context,
    Reference,
}

/// Paragraphs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextSpec {
    /// Keys under `paragraph`.
    pub paragraphs: Vec<String>,
}

impl Spec {
    /// A spec that ships with the program.
    pub fn shipped(name: &str) -> Result<Spec> {
        match SHIPPED.iter().find(|(known, _)| *known == name) {
            Some((_, toml)) => Spec::parse(toml).map_err(|e| e.context(format!("reports/{name}.toml"))),
            None => {
                let known: Vec<&str> = SHIPPED.iter().map(|(known, _)| *known).collect();
                Err(Error::missing(format!("there is no pack `{name}`"))
                    .hint(format!("the packs are {}; one of your own is named by its file, as in reports/own.toml", known.join(", "))))
            }
        }
    }

    /// Parses and checks the text of a spec.
    pub fn parse(toml: &str) -> Result<Spec> {
        let spec: Spec =
            toml::from_str(toml).map_err(|e| Error::usage(format!("the pack's spec cannot be read: {}", e.to_string().trim_end())))?;
        check::check(&spec)?;
        Ok(spec)
    }

    /// Whether a pack of it is FINAL or DRAFT.
    pub fn is_signed(&self) -> bool {
        self.state.is_some()
    }

    /// The source of that name; parsing has seen that it exists.
    pub(crate) fn source(&self, name: &str) -> Result<&From> {
        self.from.get(name).ok_or_else(|| Error::usage(format!("the pack's spec has no source `{name}`")).hint("add [from.…] for it"))
    }
}

impl TableSpec {
    /// The name whose text heads a column.
    pub(crate) fn head<'a>(&'a self, column: &'a str) -> &'a str {
        self.labels.get(column).map_or(column, String::as_str)
    }
}

impl BlockSpec {
    /// The sources it shows.
    pub(crate) fn sources(&self) -> Vec<&str> {
        match self {
            BlockSpec::Kpis(k) | BlockSpec::Comparison(k) => {
                let targets = k.items.iter().filter_map(|item| item.target.as_ref()).map(|figure| figure.from.as_str());
                [k.from.as_str(), &k.before, &k.year_ago].into_iter().chain(targets).collect()
            }
            BlockSpec::Table(t) => [t.from.as_str()].into_iter().chain(t.trends.iter().map(|trend| trend.from.as_str())).collect(),
            BlockSpec::Chart(c) => vec![&c.from],
            BlockSpec::Checklist {} | BlockSpec::Definitions {} | BlockSpec::Text(_) => Vec::new(),
        }
    }
}

impl OneOrMany {
    /// Whether the word is one of them.
    pub(crate) fn has(&self, word: &str) -> bool {
        match self {
            OneOrMany::One(one) => one == word,
            OneOrMany::Many(many) => many.iter().any(|w| w == word),
        }
    }
}
