//! Where the bytes of a source are: a file, a member of a zip archive, either of them gzipped; read as a stream or as a whole.
//!
//! Separate so that no reader knows of packing, and so that the limits on what unpacks stand in one place: nothing is written to
//! disk, a name inside an archive is only a name, and no declared size is believed.

use super::archive::Member;
use crate::error::{Error, Result};
use bytes::Bytes;
use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// No source unpacks to more.
const LARGEST: u64 = 16 << 30;
/// A workbook or a Parquet file inside an archive is held in memory, up to here.
const LARGEST_HELD: u64 = 512 << 20;
/// Text of an ERP packs to a tenth or a fortieth; what packs to less than this is made to fill a disk.
const MOST_PER_BYTE: u64 = 400;
/// Up to here anything may be packed as well as it likes.
const HARMLESS: u64 = 64 << 20;

/// The place of a source.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The file on disk.
    pub path: PathBuf,
    /// A member of the archive that the file is.
    pub member: Option<Member>,
    /// A sheet of the workbook that the file or the member is.
    pub sheet: Option<String>,
}

impl Place {
    pub fn file(path: &Path) -> Place {
        Place { path: path.to_path_buf(), member: None, sheet: None }
    }

    /// The name that tells the format: of the innermost file, in small letters, without `.gz`.
    pub fn format_name(&self) -> String {
        let name = match &self.member {
            Some(member) => member.name.clone(),
            None => self.path.to_string_lossy().into_owned(),
        };
        let name = name.to_lowercase();
        name.strip_suffix(".gz").map_or(name.clone(), str::to_string)
    }

    fn gzipped(&self) -> bool {
        let ends = |name: &str| name.to_lowercase().ends_with(".gz");
        self.member.as_ref().map_or_else(|| ends(&self.path.to_string_lossy()), |m| ends(&m.name))
    }

    /// The unpacked bytes from the first.
    pub fn stream(&self) -> Result<Stream> {
        let file = open(&self.path)?;
        let size = file.metadata().map_or(0, |m| m.len());
        let (packed, mut bytes): (u64, Box<dyn Read + Send>) = match &self.member {
            None => (size, Box::new(file)),
            Some(member) => (member.packed, member_bytes(Box::new(file), member).map_err(|e| self.cannot(e))?),
        };
        if self.gzipped() {
            bytes = Box::new(Capped::new(MultiGzDecoder::new(bytes), packed));
        }
        Ok(Stream { bytes, place: self.clone() })
    }

    /// The unpacked bytes at any position.
    pub fn whole(&self) -> Result<Whole> {
        if self.member.is_none() && !self.gzipped() {
            return Ok(Whole::File(open(&self.path)?, self.path.clone()));
        }
        let mut held = Vec::new();
        let mut stream = self.stream()?;
        stream.bytes.by_ref().take(LARGEST_HELD + 1).read_to_end(&mut held).map_err(|e| self.cannot(e))?;
        if held.len() as u64 > LARGEST_HELD {
            return Err(
                Error::data(format!("it unpacks to more than {} MiB", LARGEST_HELD >> 20)).hint("unpack it, and load the file itself")
            );
        }
        Ok(Whole::Held(held.into()))
    }

    /// An error of reading: of the machine, or of damaged contents.
    pub fn cannot(&self, error: std::io::Error) -> Error {
        let name = match &self.member {
            Some(member) => format!("{}/{}", self.path.display(), member.name),
            None => self.path.display().to_string(),
        };
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                Error::data(format!("{name} is damaged or cut short"))
                    .caused_by(error)
                    .hint("nothing of it was loaded; copy the file again")
            }
            ErrorKind::FileTooLarge => Error::data(error.to_string()).hint("unpack it yourself, look at it, and load the file itself"),
            _ => Error::io(format!("cannot read {name}"), error),
        }
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))
}

/// The unpacked bytes of a source.
pub(super) struct Stream {
    bytes: Box<dyn Read + Send>,
    place: Place,
}

impl Stream {
    /// Reads some bytes; none at the end.
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.bytes.read(into).map_err(|e| self.place.cannot(e))
    }

    /// Reads up to `most` bytes.
    pub fn first(&mut self, most: u64) -> Result<Vec<u8>> {
        let mut first = Vec::new();
        self.bytes.by_ref().take(most).read_to_end(&mut first).map_err(|e| self.place.cannot(e))?;
        Ok(first)
    }
}

/// Bytes at any position.
pub(super) enum Whole {
    File(File, PathBuf),
    Held(Bytes),
}

/// What an archive is read from.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Whole {
    /// A reader with a position of its own.
    pub fn reader(&self) -> Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Whole::File(_, path) => Box::new(open(path)?),
            Whole::Held(bytes) => Box::new(Cursor::new(bytes.clone())),
        })
    }
}

impl Length for Whole {
    fn len(&self) -> u64 {
        match self {
            Whole::File(file, _) => Length::len(file),
            Whole::Held(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for Whole {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Box<dyn Read>, ParquetError> {
        Ok(match self {
            Whole::File(file, _) => Box::new(file.get_read(start)?),
            Whole::Held(bytes) => Box::new(bytes.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        match self {
            Whole::File(file, _) => file.get_bytes(start, length),
            Whole::Held(bytes) => bytes.get_bytes(start, length),
        }
    }
}

/// The unpacked bytes of a member, checked against what the archive says of it.
pub(super) fn member_bytes(mut archive: Box<dyn ReadSeek>, member: &Member) -> std::io::Result<Box<dyn Read + Send>> {
    archive.seek(SeekFrom::Start(member.start))?;
    let packed = archive.take(member.packed);
    let bytes: Box<dyn Read + Send> = if member.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
    Ok(Box::new(Checked { bytes: Capped::new(bytes, member.packed), crc: Crc::new(), member: member.clone() }))
}

/// Stops what unpacks to more than a file of an ERP can.
struct Capped<R> {
    bytes: R,
    packed: u64,
    unpacked: u64,
}

impl<R: Read> Capped<R> {
    fn new(bytes: R, packed: u64) -> Capped<R> {
        Capped { bytes, packed, unpacked: 0 }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.unpacked += read as u64;
        if self.unpacked > LARGEST || (self.unpacked > HARMLESS && self.unpacked / MOST_PER_BYTE > self.packed) {
            let text = format!("its {} bytes unpack to more than {} MiB, more than an extract can", self.packed, self.unpacked >> 20);
            return Err(std::io::Error::new(ErrorKind::FileTooLarge, text));
        }
        Ok(read)
    }
}

/// Compares size and checksum once the end is reached.
struct Checked<R> {
    bytes: Capped<R>,
    crc: Crc,
    member: Member,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.crc.update(&into[..read]);
        let size = self.bytes.unpacked;
        let ended = read == 0 && !into.is_empty();
        if size > self.member.unpacked || (ended && (size != self.member.unpacked || self.crc.sum() != self.member.crc)) {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "size or checksum are not those the archive states"));
        }
        Ok(read)
    }
}
