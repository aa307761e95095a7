//! The sample project and the empty one: files that the program carries and unpacks.

use crate::error::{Error, Result};
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample_data");

/// The day the sample project's packs are made as of.
pub const SAMPLE_AS_OF: &str = "2026-10-31";

fn fresh(folder: &Path) -> Result<()> {
    let occupied = folder.exists()
        && std::fs::read_dir(folder).map_err(|e| Error::io(format!("cannot read {}", folder.display()), e))?.next().is_some();
    if occupied {
        return Err(
            Error::usage(format!("{} exists and is not empty", folder.display())).hint("name a new folder; nothing is ever overwritten")
        );
    }
    std::fs::create_dir_all(folder).map_err(|e| Error::io(format!("cannot make the folder {}", folder.display()), e))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Error::io(format!("cannot make the folder {}", parent.display()), e))?;
    }
    std::fs::write(path, bytes).map_err(|e| Error::io(format!("cannot write {}", path.display()), e))
}

/// Unpacks the sample project into a new folder.
pub fn unpack_sample(folder: &Path) -> Result<()> {
    fresh(folder)?;
    unpack(&SAMPLE, folder)
}

fn unpack(dir: &Dir<'_>, folder: &Path) -> Result<()> {
    for file in dir.files() {
        // The script shows how the sample was invented; a project does not need it.
        if file.path().extension().is_none_or(|e| e != "py") {
            write(&folder.join(file.path()), file.contents())?;
        }
    }
    dir.dirs().try_for_each(|d| unpack(d, folder))
}

/// The dated extract folders of an unpacked sample, oldest first: each is one load.
pub fn sample_loads(folder: &Path) -> Vec<PathBuf> {
    let Some(extracts) = SAMPLE.get_dir("extracts") else { return Vec::new() };
    let mut days: Vec<PathBuf> = extracts.dirs().map(|d| folder.join(d.path())).collect();
    days.sort();
    days
}

const CONFIG: &str = r#"# A cartera project. Every choice stands here; the history it makes is in history/.

[group]
name = "My group"            # on covers
currency = "MXN"             # consolidated figures are in this currency
language = "es"              # packs, where none is asked for: es or en

[aging]
edges = [30, 60, 90]         # last day late of each bucket; the last bucket is open

[fx]
# source = "banxico"         # which source of fx_rates counts, if several are loaded
max_age_days = 7             # how old a last published rate may be

[load]
vanish_limit_pct = 1         # a full extract that lacks more of the known rows than this stops and asks
corrections = []             # of "customer_id", "due_date", "account": changes that correct the past instead of moving balances

# Customers that are one and the same (`cartera merges` lists those that may be). Counts from the next load; taken out, it is taken back.
# [[merge]]
# company = "MX01"
# customer = "C0107"
# into = "C0042"
# reason = "same RFC, entered twice at the migration"

# What the customers' statements of a company say besides figures. What is left out is not printed.
# [statement.MX01]
# bank = "Banco Ejemplo"
# account = "0118359719"
# clabe = "032180000118359719"
# contact = "Cuentas por cobrar, 55 0000 0000"
# from = "cobranza@example.com"        # sender of messages
# [statement.MX01.currency.USD]        # an account for one currency
# bank = "Example Bank"
# swift = "EXAMMXMM"
"#;

const README: &str = r#"# This folder is a cartera project

- `cartera.toml`: its choices.
- `extracts/`: put the files of your ERP here, one folder a delivery, named by its day.
- `history/`: made by the first load. Append-only Delta tables, readable by DuckDB, Polars, Spark and Power BI. Do not edit.

## First steps

1. Put canonical files (`companies.csv`, `customers.csv`, `documents.csv`, `applications.csv`, `fx_rates.csv` …) into
   `extracts/2026-10-31/`, or any export with a profile that maps it.
2. `cartera load extracts/2026-10-31 --day 2026-10-31 --dry-run` shows what would be read, set aside and found.
3. The same without `--dry-run` publishes it; `cartera loads` lists it.
4. `cartera sql "select * from aging('2026-10-31')"` and `cartera report close --as-of 2026-10-31`.

`cartera demo` makes a project with sample data to look at.
"#;

/// Makes an empty project that explains itself.
pub fn begin_project(folder: &Path) -> Result<()> {
    fresh(folder)?;
    write(&folder.join("cartera.toml"), CONFIG.as_bytes())?;
    write(&folder.join("README.md"), README.as_bytes())?;
    let extracts = folder.join("extracts");
    std::fs::create_dir_all(&extracts).map_err(|e| Error::io(format!("cannot make the folder {}", extracts.display()), e))
}
