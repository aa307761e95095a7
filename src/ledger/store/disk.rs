//! Every change the store makes on disk, one function a kind of change, each announced to a [`Faults`] hook before it happens.
//!
//! Separate so that a test can refuse, or stop for ever, at any single step of a load; and so that the order of writes, fsyncs
//! and links can be read in one place. Knows nothing of tables, records or Delta.

use crate::domain::digest::hex;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Kinds of change on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A folder is made.
    MakeFolder,
    /// A file is made, empty.
    CreateFile,
    /// Bytes are added to a file.
    Write,
    /// A file's bytes are forced to the disk.
    SyncFile,
    /// A folder's names are forced to the disk.
    SyncFolder,
    /// A finished file gets its lasting name.
    Link,
    /// A file or folder is removed.
    Remove,
}

/// Asked before every change; an error takes the place of the change. Tests stand in for a full disk or a pulled plug with it.
pub trait Faults: Send + Sync {
    /// Whether the change may happen.
    fn before(&self, action: Action, path: &Path) -> io::Result<()>;
}

/// No faults: what everything but tests uses.
pub struct NoFaults;

impl Faults for NoFaults {
    fn before(&self, _: Action, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// The disk, as far as the store changes it.
#[derive(Clone)]
pub(super) struct Disk {
    faults: Arc<dyn Faults>,
}

impl Disk {
    pub(super) fn new(faults: Arc<dyn Faults>) -> Disk {
        Disk { faults }
    }

    /// Makes a folder and its missing parents.
    pub(super) fn make_folder(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.faults.before(Action::MakeFolder, path).and_then(|()| fs::create_dir_all(path)).map_err(|e| refused("make folder", path, e))
    }

    /// Makes a file that must not exist yet; what is written to it is counted and digested on the way.
    pub(super) fn create(&self, path: &Path) -> Result<DigestFile> {
        self.faults
            .before(Action::CreateFile, path)
            .and_then(|()| File::create_new(path))
            .map(|file| DigestFile { file, path: path.to_path_buf(), digest: Sha256::new(), size: 0, disk: self.clone() })
            .map_err(|e| refused("create", path, e))
    }

    /// Forces the names in a folder to the disk.
    pub(super) fn sync_folder(&self, path: &Path) -> Result<()> {
        self.faults.before(Action::SyncFolder, path).and_then(|()| sync_names(path)).map_err(|e| refused("fsync folder", path, e))
    }

    /// Gives `target` these bytes, all or nothing: written and fsynced under a temporary name, then linked. A target that
    /// exists must already hold exactly these bytes. The folder of the target is fsynced in both cases.
    pub(super) fn place(&self, target: &Path, bytes: &[u8], temporary: &Path) -> Result<()> {
        match fs::read(target) {
            Ok(found) if found == bytes => return self.sync_folder(parent(target)),
            Ok(_) => return Err(differs(target)),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(refused("read", target, e)),
        }
        self.remove_file(temporary)?;
        let mut file = self.create(temporary)?;
        file.write_all(bytes).map_err(|e| refused("write", temporary, e))?;
        file.finish()?;
        self.link(temporary, target)?;
        self.sync_folder(parent(target))?;
        self.remove_file(temporary)
    }

    /// Gives a finished file its lasting name; fails if the name is taken.
    fn link(&self, from: &Path, target: &Path) -> Result<()> {
        let linked = self.faults.before(Action::Link, target).and_then(|()| fs::hard_link(from, target));
        linked.map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => differs(target),
            ErrorKind::Unsupported | ErrorKind::PermissionDenied => refused("link", target, e)
                .hint("keep the project where files can have hard links: not on FAT, exFAT or some network drives"),
            _ => refused("link", target, e),
        })
    }

    /// Removes a file, if it is there.
    pub(super) fn remove_file(&self, path: &Path) -> Result<()> {
        if fs::symlink_metadata(path).is_err() {
            return Ok(());
        }
        self.faults.before(Action::Remove, path).and_then(|()| fs::remove_file(path)).map_err(|e| refused("remove", path, e))
    }

    /// Removes a folder and what is in it, if it is there.
    pub(super) fn remove_folder(&self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            return Ok(());
        }
        self.faults.before(Action::Remove, path).and_then(|()| fs::remove_dir_all(path)).map_err(|e| refused("remove", path, e))
    }
}

/// A file being written, its length and SHA-256 known without reading it back.
pub(super) struct DigestFile {
    file: File,
    path: PathBuf,
    digest: Sha256,
    size: u64,
    disk: Disk,
}

impl Write for DigestFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.faults.before(Action::Write, &self.path)?;
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DigestFile {
    /// Forces the bytes to the disk; gives their number and digest. A failed fsync is final: it is never tried again.
    pub(super) fn finish(self) -> Result<(u64, String)> {
        self.disk
            .faults
            .before(Action::SyncFile, &self.path)
            .and_then(|()| self.file.sync_all())
            .map_err(|e| refused("fsync", &self.path, e))?;
        Ok((self.size, hex(&self.digest.finalize())))
    }
}

/// The folder a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Length and SHA-256 of a file, read in pieces.
pub(super) fn sha256_of_file(path: &Path) -> io::Result<(u64, String)> {
    use std::io::Read;
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut piece = vec![0u8; 1 << 20];
    let mut size = 0;
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            return Ok((size, hex(&digest.finalize())));
        }
        digest.update(&piece[..n]);
        size += n as u64;
    }
}

#[cfg(unix)]
fn sync_names(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Other systems order names with the files themselves and cannot open a folder to force it.
#[cfg(not(unix))]
fn sync_names(_: &Path) -> io::Result<()> {
    Ok(())
}

/// An error of the operating system, with the action and the path.
pub(super) fn refused(action: &str, path: &Path, cause: io::Error) -> Error {
    let full = cause.kind() == ErrorKind::StorageFull;
    let error = Error::io(format!("could not {action} {}", path.display()), cause);
    if full { error.hint("free some space and run the same command again") } else { error }
}

fn differs(path: &Path) -> Error {
    Error::data(format!("{} exists with other content than the records say", path.display()))
        .hint("something else wrote into the history; run `cartera verify`, then restore this file from a backup")
}
