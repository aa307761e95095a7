//! A project: a folder with `cartera.toml` and `history/`.

use crate::config::Config;
use crate::error::{Error, Result};
use crate::ledger::store::Store;
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

/// The clock's word, read once at the door.
#[derive(Debug, Clone)]
pub struct Now {
    /// Today.
    pub today: NaiveDate,
    /// This instant, RFC 3339, UTC.
    pub instant: String,
}

/// A project, opened.
pub struct Project {
    /// Its folder.
    pub root: PathBuf,
    /// Its choices.
    pub config: Config,
    /// Its history.
    pub store: Store,
}

const CONFIG: &str = "cartera.toml";

impl Project {
    /// Opens the project in `folder`, or, without one, the nearest project at or above the current folder.
    pub fn open(folder: Option<&Path>) -> Result<Project> {
        let root = root(folder)?;
        let config = Config::read(&root.join(CONFIG))?;
        let store = if Store::exists(&root) { Store::open(&root)? } else { Store::create(&root)? };
        Ok(Project { root, config, store })
    }
}

/// The folder of a project: `folder`, or, without one, the nearest at or above the current folder.
pub(super) fn root(folder: Option<&Path>) -> Result<PathBuf> {
    match folder {
        Some(folder) if folder.join(CONFIG).is_file() => Ok(folder.to_path_buf()),
        Some(folder) => Err(Error::usage(format!("{} is no cartera project: it has no {CONFIG}", folder.display()))
            .hint(format!("`cartera init {}` makes one, `cartera demo` makes one with sample data", folder.display()))),
        None => {
            let here = std::env::current_dir().map_err(|e| Error::io("cannot tell the current folder", e))?;
            above(&here).ok_or_else(|| {
                Error::usage(format!("no {CONFIG} in {} or above it", here.display()))
                    .hint("name the project with -C DIR, make one with `cartera init DIR`, or see one with `cartera demo`")
            })
        }
    }
}

/// The nearest project at or above a folder.
pub(super) fn above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|p| p.join(CONFIG).is_file()).map(Path::to_path_buf)
}
