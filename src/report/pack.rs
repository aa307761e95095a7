//! The pack: everything a reader will see, as plain data in the reader's language, before any drawing.
//!
//! Golden files are this structure as JSON. Text is already in the pack's language; numbers are still numbers, so that each
//! format writes them its own way (XLSX as real numbers).

use crate::domain::lang::Lang;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

/// A rendered-to-be pack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pack {
    /// Name of the spec: `close`.
    pub name: String,
    /// Language of every text in it.
    pub lang: Lang,
    /// Title: "Month-end close".
    pub title: String,
    /// Whose figures: the group or the company.
    pub entity: String,
    /// The as-of day.
    #[serde(with = "crate::domain::days::serde_day")]
    pub as_of: NaiveDate,
    /// The period in words: "October 2026".
    pub period: String,
    /// FINAL or DRAFT, and why.
    pub state: State,
    /// What the figures rest on; printed on the cover and, in one line, on every page.
    pub proof: Proof,
    /// The sections in reading order.
    pub sections: Vec<Section>,
    /// Fixed words the renderers need, in the pack's language.
    pub words: Words,
}

/// Whether the pack may be signed. A pack that nobody signs is final and has no word for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct State {
    /// True: every control passed.
    pub is_final: bool,
    /// The word for it: FINAL, DRAFT, BORRADOR; empty for a pack that nobody signs.
    pub label: String,
    /// Why it is a draft, worst first; empty for FINAL.
    pub reasons: Vec<String>,
}

/// What the figures rest on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// One line for the foot of each page: as-of, load, movements digest, tie-out state.
    pub line: String,
    /// Label and value pairs for the cover: as-of, load, movements counted, FX set, engine version…
    pub facts: Vec<(String, String)>,
    /// Sources with digest and rows.
    pub sources: Vec<SourceProof>,
}

/// One source file behind the figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceProof {
    /// Load that took it.
    pub load_id: i32,
    /// File name without folders.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Rows read from it.
    pub rows: i64,
}

/// A section: one message, one or more blocks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Stable id: `aging`. Anchor in HTML, sheet name in XLSX is made from the title.
    pub id: String,
    /// Title.
    pub title: String,
    /// The message in one sentence, computed; empty if there is none.
    pub message: String,
    /// Whether a paged format starts a page with it.
    pub starts_page: bool,
    /// What is shown.
    pub blocks: Vec<Block>,
}

/// One thing shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A strip of figures.
    Kpis {
        /// The figures.
        items: Vec<Kpi>,
    },
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
    /// Paragraphs.
    Text {
        /// One string a paragraph.
        paragraphs: Vec<String>,
    },
    /// Named checks with their outcome.
    Checklist {
        /// Title; may be empty where the section's title says it.
        title: String,
        /// The checks.
        items: Vec<Check>,
    },
    /// Definitions generated from the query headers.
    Definitions {
        /// The definitions.
        items: Vec<Definition>,
    },
}

/// One figure of a strip.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Kpi {
    /// Label.
    pub label: String,
    /// The figure.
    pub value: Cell,
    /// Unit after the figure: `MXN`, `days`, `%`; may be empty.
    pub unit: String,
    /// Figure before it, with its label ("Sep 2026").
    pub before: Option<(String, Cell)>,
    /// Change as text with sign, e.g. `+3.2 days`; empty if unknown.
    pub change: String,
    /// The same changes one by one, latest comparison first; empty if unknown.
    pub changes: Vec<Change>,
    /// Whether the change is good, bad or neither.
    pub tone: Tone,
    /// Id of the table with the rows behind the figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// A change of a figure against one earlier day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The change with sign and unit: `+3.2 days`.
    pub text: String,
    /// Against what: `vs Sep 26`.
    pub against: String,
    /// Whether it is good, bad or neither.
    pub tone: Tone,
}

/// Whether something is good, bad or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Neither.
    #[default]
    Neutral,
    /// Good.
    Good,
    /// Bad.
    Bad,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// Stable id; file name of its CSV.
    pub id: String,
    /// Title with unit; may be empty where the section's title says it.
    pub title: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Remark below; may be empty.
    pub note: String,
    /// Rows that exist beyond those shown.
    pub rows_left_out: usize,
    /// Those rows, all details: the workbook's own sheet of the table and its CSV have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<Row>,
    /// Columns whose cells are shaded by value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat: Option<Heat>,
    /// Labels of the points of each column of small lines, by the column's key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(String, Vec<String>)>,
    /// Id of the table with the rows behind this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

impl Table {
    /// Every detail: those shown, then those left out.
    pub fn details(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.kind == RowKind::Detail).chain(&self.rest)
    }
}

/// Which columns are shaded, and what the darkest shade stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heat {
    /// First of them.
    pub from: usize,
    /// The one after the last.
    pub to: usize,
    /// Within what the largest value is looked for.
    pub by: HeatBy,
}

/// Within what a shade compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeatBy {
    /// All cells with each other.
    Table,
    /// The cells of a row.
    Row,
    /// The cells of a column.
    Column,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Stable key: header in CSV and JSON.
    pub key: String,
    /// Header for readers.
    pub label: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What a table column holds; decides alignment and number format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words, left.
    Text,
    /// Money, two decimals, right.
    Money,
    /// Whole number, right.
    Count,
    /// Per cent, one decimal, right (12.3 means 12.3 %).
    Percent,
    /// Days, one decimal, right.
    Days,
    /// Rate, up to six decimals, right.
    Rate,
    /// Day.
    Date,
    /// A small line over points.
    Trend,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Detail, subtotal or total; machine formats have details only.
    pub kind: RowKind,
    /// One cell per column.
    pub cells: Vec<Cell>,
}

/// Kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A row of the answer.
    Detail,
    /// A subtotal.
    Subtotal,
    /// The total.
    Total,
}

/// A value of a cell.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Words.
    Text(String),
    /// A number; the column's kind says how to write it.
    Number(Decimal),
    /// A day.
    Date(#[serde(with = "crate::domain::days::serde_day")] NaiveDate),
    /// Undefined, with the reason in the reader's words ("n/a: no sales").
    Undefined(String),
    /// A small line: one value a point, `None` leaves a gap.
    Trend(Vec<Option<Decimal>>),
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Chart {
    /// Stable id; file name of its PNG and SVG.
    pub id: String,
    /// Title with unit.
    pub title: String,
    /// Form.
    pub kind: ChartKind,
    /// Labels along the x axis (months, steps, names).
    pub labels: Vec<String>,
    /// Series.
    pub series: Vec<Series>,
    /// Unit of the values for axis and hover: `M MXN`, `days`.
    pub unit: String,
    /// Decimals of direct labels.
    pub decimals: u32,
    /// What it shows in one sentence, for people who cannot see it.
    pub description: String,
    /// Id of the table with the rows behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// Form of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Lines over labels.
    #[default]
    Line,
    /// Columns stacked over labels.
    StackedColumns,
    /// Steps from an opening to a closing: one series; first and last value are levels, the others changes.
    Waterfall,
    /// Horizontal bars: one series; a reference series is a mark on each bar.
    Bars,
    /// Columns beside each other over labels; reference series are lines across them.
    GroupedColumns,
    /// One small panel of a line a series, all on one scale; reference series are in each panel.
    SmallLines,
    /// The same with columns.
    SmallColumns,
    /// A bar against a target a label: one main series, one reference series, scale series are the ends of bands.
    Bullet,
}

/// A series of a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Name, shown at the line's end or in the legend.
    pub name: String,
    /// One value per label; `None` leaves a gap.
    pub values: Vec<Option<Decimal>>,
    /// Emphasis.
    pub role: SeriesRole,
}

/// What a series is for; the theme gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesRole {
    /// The message.
    Main,
    /// For comparison.
    Context,
    /// A target or limit (dashed).
    Reference,
    /// A step of a scale from calm (0) to alarming (last), as in aging buckets.
    Scale,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It found what somebody should look at; the pack may be signed.
    Noted,
    /// It failed; the pack is a draft.
    Failed,
}

impl Verdict {
    /// Its word in templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Noted => "noted",
            Verdict::Failed => "failed",
        }
    }
}

/// A named check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was checked.
    pub label: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Figures behind it.
    pub detail: String,
}

/// A definition generated from a query's header.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Definition {
    /// Query name.
    pub name: String,
    /// Title in the reader's language.
    pub title: String,
    /// The question it answers.
    pub answers: String,
    /// The formula as text; may be empty.
    pub formula: String,
    /// Grain.
    pub grain: String,
    /// Source of the formula.
    pub source: String,
    /// SHA-256 of the SQL that ran, first 12 digits.
    pub sql_digest: String,
}

/// Fixed words of the renderers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Words {
    /// "Contents".
    pub contents: String,
    /// "Page {page} of {pages}".
    pub page_of: String,
    /// "Sources".
    pub sources: String,
    /// "Proof".
    pub proof: String,
    /// "as of".
    pub as_of: String,
    /// "n/a".
    pub undefined: String,
    /// "{n} more rows in the XLSX and CSV".
    pub rows_left_out: String,
    /// "Passed".
    pub passed: String,
    /// "To review".
    pub noted: String,
    /// "Failed".
    pub failed: String,
    /// "Prepared by", and who, where it is known.
    pub prepared_by: String,
    /// "Reviewed by", and who, where it is known.
    pub reviewed_by: String,
    /// "Question", "Formula", "Grain", "Source" for the definitions.
    pub definition_labels: [String; 4],
    /// "Reasons" heading above the reasons of a draft.
    pub reasons: String,
    /// "Load", "File", "SHA-256", "Rows" for the sources table.
    pub source_labels: [String; 4],
}

impl Words {
    /// The word for what came of a check.
    pub fn outcome(&self, verdict: Verdict) -> &str {
        match verdict {
            Verdict::Passed => &self.passed,
            Verdict::Noted => &self.noted,
            Verdict::Failed => &self.failed,
        }
    }
}
