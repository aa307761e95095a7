//! Arguments of every command, with examples in the help.

use crate::domain::days::day_or_month_end;
use crate::domain::lang::Lang;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

mod packs;

pub use packs::{Close, Diff, Report, Statement, StatementStyle, Verify, Worklist};

/// Accounts-receivable analytics: ERP extracts become an append-only history; every figure is a sum over it.
#[derive(Debug, Parser)]
#[command(
    name = "cartera",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "\
Examples:
  cartera demo                                        see it work on a sample group
  cartera load extracts/2026-10-31 --dry-run          what would be read, set aside and found
  cartera report close --as-of 2026-10 --lang es,en   the month-end pack
  cartera close 2026-10                               the same, sealed
  cartera verify                                      whether anything was changed since
  cartera explain kpis --as-of 2026-10                the documents behind each figure
  cartera diff 2026-09 2026-10                        what changed between two closes
  cartera sql \"select * from aging('2026-10-31')\"     any question, in SQL

Exit codes:
  0 done    1 could not do it    2 usage or configuration
  3 done, but a control failed or rows were set aside"
)]
pub struct Arguments {
    /// The project's folder; without it the nearest cartera.toml at or above the current folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub project: Option<PathBuf>,
    /// No progress, no talk; results and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Unpack the sample project, load it, and write its month-end pack
    Demo(Demo),
    /// Make a new, empty project that explains itself
    Init(Init),
    /// Load extract files into the history
    Load(Load),
    /// List the loads: files, rows, rejects, totals
    Loads(Loads),
    /// List customers declared to be one, and those that may be
    Merges(Merges),
    /// Run the controls: conservation, tie-out to the GL, and more
    Check(Check),
    /// Show how a figure came to be, down to its documents
    Explain(Explain),
    /// Show what changed between two closes, document by document
    Diff(Diff),
    /// The dictionary of measures
    Metrics(Metrics),
    /// Write a pack, e.g. `close`
    Report(Report),
    /// Close a month: controls, pack and, if the pack is final, the seal
    Close(Close),
    /// Look for changed bytes: in the history, in closes, in packs rendered again
    Verify(Verify),
    /// Who needs work today, and why: the collectors' list
    Worklist(Worklist),
    /// Write customer statements, and messages to send them with
    Statement(Statement),
    /// Answer one SELECT over the history
    Sql(Sql),
    /// Propose how a file is to be read
    Profile(Profile),
}

/// `cartera profile`.
#[derive(Debug, Args)]
pub struct Profile {
    /// What to do with profiles
    #[command(subcommand)]
    pub command: ProfileCommand,
}

/// The commands of `cartera profile`.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Propose a profile from a file: what it decides with its evidence, what it does not as questions
    Suggest(Suggest),
}

/// `cartera profile suggest`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  cartera profile suggest facturas.xlsx --out profiles/facturas.toml")]
pub struct Suggest {
    /// An extract: CSV, XLSX, JSON lines, Parquet
    pub file: PathBuf,
    /// Canonical table its rows are of, where its columns do not tell
    #[arg(long)]
    pub table: Option<String>,
    /// A new file for the profile; without it, it is printed
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// `cartera demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera demo                       into cartera-demo/, which must not exist yet
  cartera demo try --format pdf      into try/, the pack as PDF only")]
pub struct Demo {
    /// A new folder for the project
    #[arg(default_value = "cartera-demo")]
    pub dir: PathBuf,
    /// Formats, comma separated
    #[arg(long, value_delimiter = ',', default_value = "html,pdf,xlsx,png,svg,csv,json")]
    pub format: Vec<String>,
}

/// `cartera init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  cartera init my-group && cd my-group")]
pub struct Init {
    /// A new folder for the project
    pub dir: PathBuf,
}

/// `cartera load`.
#[derive(Debug, Args)]
#[command(after_help = "\
All paths of one call are one load. A folder may say by itself how it is read, in extract.toml:
  profile = \"sap_bsid_bsad\"     a shipped profile, or the path of a TOML file
  day = 2026-10-31              the day the extract speaks of
  mode = \"add\"                  \"full\": rows it no longer has are gone;
                                \"snapshot\": open items of the day
  [given]                       values that the files do not name and the profile asks for
  company = \"MX01\"

Examples:
  cartera load extracts/2026-10-31
  cartera load saldos.csv --profile antiguedad_de_saldos --given company=MX01
  cartera load bsid.csv bsad.csv --profile sap_bsid_bsad --day 2026-10-31 --dry-run")]
pub struct Load {
    /// Files or folders; a folder of folders stands for those
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Profile: a shipped name or a TOML file; without it, what extract.toml says, else canonical files
    #[arg(long)]
    pub profile: Option<String>,
    /// Day the extracts speak of; without it, what extract.toml says, else today
    #[arg(long, value_parser = day)]
    pub day: Option<NaiveDate>,
    /// The extracts are complete: rows they no longer have are gone
    #[arg(long)]
    pub full: bool,
    /// A value that the profile asks for, as in company=MX01; wins over extract.toml's [given]
    #[arg(long, value_name = "NAME=VALUE", value_parser = given)]
    pub given: Vec<(String, String)>,
    /// Read, check and post, but publish nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How totals are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera loads`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera loads
  cartera loads --format json
  cartera sql \"select * from rejects where load_id = 1\"      what load 1 set aside")]
pub struct Loads {
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera merges`.
#[derive(Debug, Args)]
#[command(after_help = "\
A merge is declared in cartera.toml:
  [[merge]]
  company = \"MX01\"
  customer = \"C0107\"
  into = \"C0042\"
  reason = \"same RFC, entered twice at the migration\"

It counts from the load that records it, the next one or `cartera merges --record`: figures known
before stay as they were, balances stay under the id they were posted with. Taken out of
cartera.toml, it is taken back the same way.

Examples:
  cartera merges
  cartera merges --record
  cartera sql \"select * from movements_as_posted where customer_id = 'C0107'\"")]
pub struct Merges {
    /// Record what cartera.toml declares now, as a load without extracts
    #[arg(long)]
    pub record: bool,
    /// How merges are printed; candidates are listed with `table` only
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera check                              as of the newest extract's day
  cartera check --as-of 2026-09 --known-at 1 the end of September as known at load 1

Exit code 3 if a control failed")]
pub struct Check {
    /// As-of day, or a month for its last day; without it the newest extract's day
    #[arg(long, value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_at: Option<i32>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera explain kpis --as-of 2026-10
  cartera explain kpis --as-of 2026-10 --company MX01 --column past_due_amount --all
  cartera explain dso --as-of 2026-10 --grain customer --company MX01 --where member_id=C0042
  cartera explain collection_effectiveness --from 2026-08-01 --as-of 2026-10 --format json

Exit code 3 if a figure is not the sum of its documents")]
pub struct Explain {
    /// A query; `cartera metrics` lists them
    pub metric: String,
    /// As-of day, or a month for its last day; the last day of a period
    #[arg(long, value_parser = day)]
    pub as_of: NaiveDate,
    /// First day of a period; without it the first of the month
    #[arg(long, value_parser = day)]
    pub from: Option<NaiveDate>,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_at: Option<i32>,
    /// Rows by company, customer, parent, segment, collector, currency or group
    #[arg(long)]
    pub grain: Option<String>,
    /// Only this company's rows, or `group`
    #[arg(long)]
    pub company: Option<String>,
    /// Only rows with this value in a column
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = given)]
    pub only: Vec<(String, String)>,
    /// Another parameter of the query
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = given)]
    pub set: Vec<(String, String)>,
    /// Only the documents behind this column
    #[arg(long)]
    pub column: Option<String>,
    /// Every document; without it the 10 largest of each column
    #[arg(long)]
    pub all: bool,
    /// How it is printed; csv: the documents of one column
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera metrics`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera metrics
  cartera metrics dso --lang es
  cartera metrics --page dictionary --lang es,en")]
pub struct Metrics {
    /// One measure; without it all of them
    pub metric: Option<String>,
    /// Language: es, en; both for pages
    #[arg(long, value_delimiter = ',', value_parser = lang, default_value = "en")]
    pub lang: Vec<Lang>,
    /// Write the whole dictionary as HTML pages, one a language, into this folder
    #[arg(long, value_name = "FOLDER")]
    pub page: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// `cartera sql`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cartera sql \"select * from catalogue\"                  every table and query
  cartera sql \"select * from aging('2026-10-31')\"
  cartera sql \"select * from aging('2026-09-30', 1)\"      as known at load 1
  cartera sql -f question.sql --format parquet --out answer.parquet")]
pub struct Sql {
    /// One SELECT or EXPLAIN
    #[arg(required_unless_present = "file")]
    pub query: Option<String>,
    /// Read it from a file
    #[arg(short, long, conflicts_with = "query")]
    pub file: Option<PathBuf>,
    /// Look from this load; without it the newest
    #[arg(long, value_name = "LOAD")]
    pub known_at: Option<i32>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// File for the answer (needed for parquet)
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// RFC 4180.
    Csv,
    /// An array of objects; decimals as strings.
    Json,
    /// A Parquet file (`sql` only).
    Parquet,
}

fn given(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err(format!("`{text}` is not a name with its value; write it as company=MX01")),
    }
}

fn day(text: &str) -> Result<NaiveDate, String> {
    day_or_month_end(text).map_err(|e| e.to_string().replace("\n  next: ", "; "))
}

fn lang(text: &str) -> Result<Lang, String> {
    Lang::parse(text).ok_or_else(|| format!("`{text}` is not a language of packs: es or en"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_none_says_how_days_are_written_on_one_line() {
        assert_eq!(day("2026-13").unwrap_err(), "`2026-13` is not a day; write it as YYYY-MM-DD, or YYYY-MM for a month's last day");
    }

    #[test]
    fn given_values_are_names_with_values() {
        let is = |text: &str| given(text).ok().map(|(name, value)| format!("{name}|{value}"));
        assert_eq!(is("company=MX01").as_deref(), Some("company|MX01"));
        assert_eq!(is(" name = A=B ").as_deref(), Some("name|A=B"));
        for bad in ["company", "company=", "=MX01", " = ", ""] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }
}
