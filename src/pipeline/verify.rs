//! Distrust: the history's bytes, the chain of closes, their folders, and, where asked for, their packs rendered again.

use super::pack::{PackRequest, Seen, render_pack};
use super::project;
use crate::config::Config;
use crate::domain::digest::hex;
use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::ledger::store::{CloseKind, CloseRecord, Problem, SealedFolder, Store};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was looked at, and what is not as it was written.
#[derive(Debug, Default)]
pub struct Verified {
    /// Loads looked at; none where only a folder was.
    pub loads: usize,
    /// Folders of closes looked at.
    pub folders: usize,
    /// Packs rendered again.
    pub rebuilt: usize,
    /// Whether a history was there to hold a folder against.
    pub with_history: bool,
    /// What differs.
    pub problems: Vec<Problem>,
}

/// Verifies the whole project that `folder` names, or the nearest at or above the current folder.
pub fn verify_project(folder: Option<&Path>, rebuild: bool, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Verified> {
    let root = project::root(folder)?;
    let problems = Store::verify_project(&root)?;
    let folders = Store::sealed_folders(&root)?;
    let loads = Store::open(&root).and_then(|s| s.records()).map_or(0, |r| r.len());
    let mut verified = Verified { loads, folders: folders.len(), with_history: true, problems, ..Verified::default() };
    if rebuild {
        for sealed in &folders {
            verified.problems.extend(rebuilt(&root, sealed, progress));
            verified.rebuilt += 1;
        }
    }
    Ok(verified)
}

/// Verifies one folder of a close: against the project it stands in (or `project`), else against its own manifest only. A folder that is not
/// there from where one stands is looked for in the project.
pub fn verify_pack(project: Option<&Path>, folder: &Path, rebuild: bool, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Verified> {
    let in_project = || project::root(project).ok().map(|root| root.join(folder));
    let Some(folder) = Some(folder.to_path_buf()).filter(|f| f.is_dir()).or_else(in_project).filter(|f| f.is_dir()) else {
        return Err(Error::usage(format!("{} is no folder", folder.display())).hint("name the folder of a close: closes/<period>/<number>"));
    };
    let folder = folder.as_path();
    let root = match project {
        Some(project) => Some(project::root(Some(project))?),
        None => folder.canonicalize().ok().and_then(|f| project::above(&f)),
    };
    let (problems, record) = Store::verify_close(root.as_deref(), folder)?;
    let mut verified = Verified { folders: 1, with_history: root.is_some(), problems, ..Verified::default() };
    if rebuild {
        let (Some(root), Some(record)) = (root, record) else {
            return Err(Error::usage("a pack is rendered again from its history, and there is none").hint("name the project with -C DIR"));
        };
        if record.facts.kind == CloseKind::Seal {
            verified.problems.extend(rebuilt(&root, &SealedFolder { record, folder: folder.to_path_buf() }, progress));
            verified.rebuilt = 1;
        }
    }
    Ok(verified)
}

/// What differs between a sealed pack and the same pack rendered now; that it cannot be rendered is a difference too.
fn rebuilt(root: &Path, sealed: &SealedFolder, progress: &mut dyn FnMut(&str, u64, u64)) -> Vec<Problem> {
    let facts = &sealed.record.facts;
    let files = match render_again(root, &sealed.record, progress) {
        Ok(files) => files,
        Err(e) => {
            let what = format!("it cannot be rendered again: {}", e.to_string().replace("\n  next: ", "; ").replace('\n', ";"));
            return vec![Problem { path: sealed.folder.clone(), what }];
        }
    };
    let same_program = facts.program_version == env!("CARGO_PKG_VERSION");
    let by = if same_program { String::new() } else { format!(" (sealed by cartera {})", facts.program_version) };
    let mut expected: BTreeMap<&str, &str> = facts.outputs.iter().map(|o| (o.path.as_str(), o.sha256.as_str())).collect();
    let mut found = Vec::new();
    for (path, bytes) in &files {
        let name = path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let what = match expected.remove(name.as_str()) {
            Some(digest) if digest == hex(&Sha256::digest(bytes)) => continue,
            Some(_) => format!("rendered again from load {} it differs from what was sealed{by}", facts.load_id),
            None => format!("rendered again it exists, and was not sealed{by}"),
        };
        found.push(Problem { path: sealed.folder.join(path), what });
    }
    let lost = expected.into_keys().map(|name| Problem {
        path: sealed.folder.join(name),
        what: format!("it was sealed, and is not made when the pack is rendered again{by}"),
    });
    found.extend(lost);
    found
}

fn render_again(root: &Path, record: &CloseRecord, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let facts = &record.facts;
    let store = Store::open(root)?;
    let lang = |code: &String| Lang::parse(code).ok_or_else(|| Error::data(format!("`{code}` is no language of packs")));
    let request = PackRequest {
        pack: facts.pack.clone(),
        cut: None,
        as_of: facts.as_of,
        known_at: Some(facts.load_id),
        langs: facts.languages.iter().map(lang).collect::<Result<_>>()?,
        formats: facts.formats.clone(),
        out: PathBuf::new(),
    };
    let seen = Seen::sealed_as(store.closes()?, record.number);
    Ok(render_pack(&store, &Config::parse(&facts.config)?, &request, &seen, progress)?.files)
}
