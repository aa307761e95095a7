//! Arguments of what makes, seals, compares and checks packs, the work list and statements.

use super::{Format, day, lang};
use crate::domain::lang::Lang;
use crate::report::{CutGrain, CutWish};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `cartera report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera report close --as-of 2026-10
  cartera report close --as-of 2026-10 --lang es,en --format pdf,xlsx --out packs
  cartera report close --as-of 2026-09 --known-at 1          as it was known at load 1
  cartera report close --as-of 2026-10 --company MX01        one company's part
  cartera report reports/own.toml --as-of 2026-10            a spec of your own

A part of the ledger is marked as such on every page; what cannot be cut is left out. The state
(FINAL, DRAFT) stays that of the whole ledger.

Exit code 3 if the pack is a draft")]
pub struct Report {
    /// Pack: a shipped name, or the file of a spec (*.toml)
    #[arg(default_value = "close")]
    pub pack: String,
    /// As-of day, or a month for its last day
    #[arg(long, value_parser = day)]
    pub as_of: NaiveDate,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_at: Option<i32>,
    /// Only a part of the ledger
    #[command(flatten)]
    pub part: Part,
    /// Languages, comma separated: es, en; without it the project's
    #[arg(long, value_delimiter = ',', value_parser = lang)]
    pub lang: Vec<Lang>,
    /// Formats, comma separated: html, pdf, xlsx, png, svg, csv, parquet, json
    #[arg(long, value_delimiter = ',', default_value = "html,pdf,xlsx")]
    pub format: Vec<String>,
    /// Folder the pack's folder is made in; without it `packs` in the project
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// A part of the ledger.
#[derive(Debug, Clone, Default, Args)]
pub struct Part {
    /// Only this company; with --customer or --parent, whose they are
    #[arg(long, value_name = "ID")]
    pub company: Option<String>,
    /// Only this customer
    #[arg(long, value_name = "ID", conflicts_with_all = ["parent", "segment", "collector"])]
    pub customer: Option<String>,
    /// Only this customer and those that belong to it
    #[arg(long, value_name = "ID", conflicts_with_all = ["segment", "collector"])]
    pub parent: Option<String>,
    /// Only this segment, in the whole group
    #[arg(long, value_name = "NAME", conflicts_with_all = ["collector", "company"])]
    pub segment: Option<String>,
    /// Only this collector's customers, in the whole group
    #[arg(long, value_name = "ID", conflicts_with = "company")]
    pub collector: Option<String>,
}

impl Part {
    /// The part asked for; `None`: the whole group.
    pub fn wish(&self) -> Option<CutWish> {
        let named = [
            (CutGrain::Customer, &self.customer),
            (CutGrain::Parent, &self.parent),
            (CutGrain::Segment, &self.segment),
            (CutGrain::Collector, &self.collector),
            (CutGrain::Company, &self.company),
        ];
        let (grain, member) = named.into_iter().find_map(|(grain, id)| Some((grain, id.clone()?)))?;
        Some(CutWish { grain, company: self.company.clone(), member })
    }
}

/// `cartera close`.
#[derive(Debug, Args)]
#[command(after_help = "\
A pack that is final is written to closes/<period>/<number>/ and sealed: a record in the history
keeps the digest of every file, and `cartera verify` finds any change. A draft is written to
closes/<period>/draft/ and seals nothing. Tables as CSV and Parquet are always among the files.
Months are closed forwards; a closed month is opened again only with a reason, the newest first.

Examples:
  cartera close 2026-10
  cartera close 2026-10 --lang es,en --prepared-by \"Ana Ruiz\" --reviewed-by \"Luis Mata\"
  cartera close 2026-10 --reopen --reason \"credit memo of MX02 left out\"
  cartera sql \"select * from closes\"
  cartera sql \"select * from postings_after_close('2026-10-31')\"

Exit code 3 if the pack is a draft")]
pub struct Close {
    /// Month, as in 2026-10
    #[arg(value_parser = month)]
    pub period: NaiveDate,
    /// Languages, comma separated: es, en; without it the project's
    #[arg(long, value_delimiter = ',', value_parser = lang)]
    pub lang: Vec<Lang>,
    /// Formats, comma separated: html, pdf, xlsx, png, svg, csv, parquet, json
    #[arg(long, value_delimiter = ',', default_value = "html,pdf,xlsx")]
    pub format: Vec<String>,
    /// Who prepared the close
    #[arg(long, value_name = "NAME", value_parser = words)]
    pub prepared_by: Option<String>,
    /// Who reviewed it
    #[arg(long, value_name = "NAME", value_parser = words)]
    pub reviewed_by: Option<String>,
    /// Open the closed month again instead
    #[arg(long, requires = "reason", conflicts_with_all = ["lang", "format", "prepared_by", "reviewed_by"])]
    pub reopen: bool,
    /// Why it is opened again
    #[arg(long, value_name = "REASON", requires = "reopen", value_parser = words)]
    pub reason: Option<String>,
}

/// `cartera verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without a folder: every file of the history, the chain of closes, and every closed folder.
With one: each of its files against the record of the history; a copy that stands outside of
every project is held against its own manifest.

Examples:
  cartera verify
  cartera verify closes/2026-10/1 --rebuild       also renders the pack again, and compares bytes

Exit code 1 if anything differs; the output lists it")]
pub struct Verify {
    /// Folder of a close
    pub pack: Option<PathBuf>,
    /// Render packs again from the history and compare them byte for byte
    #[arg(long)]
    pub rebuild: bool,
}

/// `cartera worklist`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera worklist                                    the first customers, on the terminal
  cartera worklist --collector G1 --lang es --top 50
  cartera worklist --company MX01 --out lists         one company's list as HTML and XLSX

A customer is listed for what is past due, a broken promise, a dispute open too long, an exceeded
limit, silence, a payment complement or a PUE invoice near or past its day, cash to apply, its
status or its risk. `cartera metrics worklist` says what each gives in points")]
pub struct Worklist {
    /// Only a part of the ledger; collector (none): customers without one
    #[command(flatten)]
    pub part: Part,
    /// As-of day, or a month for its last day; without it the newest extract's day
    #[arg(long, value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// Languages, comma separated: es, en; without it the project's
    #[arg(long, value_delimiter = ',', value_parser = lang)]
    pub lang: Vec<Lang>,
    /// Write files in these formats, comma separated: html, pdf, xlsx, csv, json [with --out alone: html,xlsx]
    #[arg(long, value_delimiter = ',')]
    pub format: Vec<String>,
    /// Write files: folder the list's folder is made in [with --format alone: `packs` in the project]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Customers shown on the terminal
    #[arg(long, default_value_t = 20, conflicts_with_all = ["format", "out"])]
    pub top: usize,
}

/// `cartera statement`.
#[derive(Debug, Args)]
#[command(after_help = "\
Files are statements/<as-of>/<company>/<customer>.pdf; --all writes index.html and index.csv beside
them, --eml messages with the PDF into outbox/. Nothing is sent. Where to pay, whom to ask and the
sender's address stand in cartera.toml:
  [statement.MX01]
  bank = \"Banco Ejemplo\"
  account = \"0118359719\"
  clabe = \"032180000118359719\"
  contact = \"Cuentas por cobrar, 55 0000 0000\"
  from = \"cobranza@example.com\"          needed for --eml
  [statement.MX01.currency.USD]           an account of its own
  bank = \"Example Bank\"
  swift = \"EXAMMXMM\"

Examples:
  cartera statement C0042 --as-of 2026-10
  cartera statement C0042 C0107 --as-of 2026-10 --company MX01 --format pdf,html,csv,json
  cartera statement C0042 --as-of 2026-10 --style balance-forward --from 2026-08-01
  cartera statement --all --as-of 2026-10 --eml
  cartera statement --all --as-of 2026-09 --known-at 1 --lang en")]
pub struct Statement {
    /// Customers by id, in every company that has them
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "CUSTOMER")]
    pub customers: Vec<String>,
    /// Every customer with an open item or credit
    #[arg(long)]
    pub all: bool,
    /// As-of day, or a month for its last day
    #[arg(long, value_parser = day)]
    pub as_of: NaiveDate,
    /// Only this company's customers
    #[arg(long)]
    pub company: Option<String>,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_at: Option<i32>,
    /// What is listed
    #[arg(long, value_enum, default_value_t = StatementStyle::OpenItem)]
    pub style: StatementStyle,
    /// First day of a balance-forward period; without it the first of the month
    #[arg(long, value_parser = day)]
    pub from: Option<NaiveDate>,
    /// Language of all: es, en; without it each customer's own, else the project's
    #[arg(long, value_parser = lang)]
    pub lang: Option<Lang>,
    /// Formats, comma separated: pdf, html, csv, json
    #[arg(long, value_delimiter = ',', default_value = "pdf")]
    pub format: Vec<String>,
    /// Write a message with the PDF for each customer with an e-mail address; nothing is sent
    #[arg(long)]
    pub eml: bool,
    /// Folder the day's folder is made in; without it `statements` in the project
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// What a statement lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatementStyle {
    /// The items open on the day.
    OpenItem,
    /// The balance before a period and what happened in it.
    BalanceForward,
}

/// `cartera diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
The figures are what is open, what of it is past due and over 90 days, DSO over 3 months and CEI.
Lines: opening, restated, back_dated, master_data, new_billings, collections, credits, write_offs,
other, ageing, fx, sales (DSO), collectable (CEI), closing. They add up to the last digit.

Examples:
  cartera diff 2026-09 2026-10
  cartera diff 2026-09 2026-10 --company MX01 --measure past_due --documents 20
  cartera diff 2026-09 2026-10 --known-from 1 --grain customer --company MX01
  cartera diff 2026-10 2026-10 --known-from 2 --known-to 3     the same close, before and after a load
  cartera diff 2026-09 2026-10 --format csv > documents.csv

Exit code 3 if a figure is not the sum of its lines, or a line not that of its documents")]
pub struct Diff {
    /// First close: a day, or a month for its last day
    #[arg(value_name = "FROM", value_parser = day)]
    pub from: NaiveDate,
    /// Second close
    #[arg(value_name = "TO", value_parser = day)]
    pub to: NaiveDate,
    /// The first close as known at this load; without it the last load of extracts up to its day
    #[arg(long, value_name = "LOAD")]
    pub known_from: Option<i32>,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_to: Option<i32>,
    /// Rows by company (with the group's), customer, parent, segment, collector, currency or group
    #[arg(long, default_value = "company")]
    pub grain: String,
    /// Only this company's rows, or `group`
    #[arg(long)]
    pub company: Option<String>,
    /// Only this figure, its documents too
    #[arg(long, value_enum)]
    pub measure: Option<Measure>,
    /// Documents shown of each line, the largest
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub documents: usize,
    /// How it is printed; csv: the documents; json: lines and documents
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// A figure of a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Open balance.
    Open,
    /// Open debits past due.
    #[value(name = "past_due")]
    PastDue,
    /// Open debits more than 90 days past due.
    #[value(name = "over_90")]
    Over90,
    /// Days sales outstanding, 3 months.
    Dso,
    /// Collection effectiveness of the month.
    Cei,
}

impl Measure {
    /// Its name in queries.
    pub fn code(self) -> &'static str {
        match self {
            Measure::Open => "open",
            Measure::PastDue => "past_due",
            Measure::Over90 => "over_90",
            Measure::Dso => "dso",
            Measure::Cei => "cei",
        }
    }
}

fn month(text: &str) -> Result<NaiveDate, String> {
    match text.len() {
        7 => day(text),
        _ => Err(format!("`{text}` is not a month; write it as YYYY-MM")),
    }
}

fn words(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".into()),
        words if words.chars().any(char::is_control) => Err("it has characters that cannot be printed".into()),
        words => Ok(words.to_string()),
    }
}
