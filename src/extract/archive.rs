//! The members of a zip archive: their names, where their bytes stand, and what is refused before any of them is opened.
//!
//! Separate because two things are archives: what a user zips, and a workbook.

use super::place::ReadSeek;
use crate::error::{Error, Result};
use zip::{CompressionMethod, ZipArchive};

/// More members than any export has.
const MOST_MEMBERS: usize = 1_000_000;
/// All members together unpack to no more.
const LARGEST: u64 = 64 << 30;

/// A file inside an archive.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its name as the archive has it; only ever shown and compared.
    pub name: String,
    /// Position of its first byte.
    pub start: u64,
    pub packed: u64,
    pub unpacked: u64,
    pub crc: u32,
    pub deflated: bool,
    /// Why it cannot be read.
    pub unreadable: Option<&'static str>,
}

impl Member {
    /// The last part of its name.
    pub fn base_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// What an operating system adds to archives by itself.
    pub fn is_clutter(&self) -> bool {
        self.base_name().starts_with(['.', '~']) || self.name.split(['/', '\\']).any(|part| part == "__MACOSX")
    }
}

/// The files of an archive, in their order.
pub(super) fn members(archive: Box<dyn ReadSeek>) -> Result<Vec<Member>> {
    let damaged =
        |e: zip::result::ZipError| Error::data("it is no zip archive, or is damaged or cut short").caused_by(e).hint("copy the file again");
    let mut archive = ZipArchive::new(archive).map_err(damaged)?;
    if archive.len() > MOST_MEMBERS {
        return Err(Error::data(format!("the archive says it has {} files; {MOST_MEMBERS} are read at most", archive.len()))
            .hint("split it into several archives"));
    }
    if archive.has_duplicate_names() {
        return Err(Error::data("two files of the archive have the same name").hint("pack it again with names that differ"));
    }
    let mut members = Vec::new();
    let mut all: u64 = 0;
    for n in 0..archive.len() {
        let file = archive.by_index_raw(n).map_err(damaged)?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(damaged)?.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let unreadable = match file.compression() {
            _ if file.encrypted() => Some("protected by a password; unpack it and load what is inside"),
            CompressionMethod::Stored | CompressionMethod::Deflated => None,
            _ => Some("packed by a method that is not read here; pack it again as a plain zip"),
        };
        all = all.saturating_add(file.size());
        members.push(Member {
            name,
            start: file.data_start().unwrap_or(0),
            packed: file.compressed_size(),
            unpacked: file.size(),
            crc: file.crc32(),
            deflated: file.compression() == CompressionMethod::Deflated,
            unreadable,
        });
    }
    if all > LARGEST {
        return Err(Error::data(format!("the files of the archive unpack to {} GiB; {} are read at most", all >> 30, LARGEST >> 30))
            .hint("split it into several archives"));
    }
    Ok(members)
}
