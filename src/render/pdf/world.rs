//! All that the typesetter may see: the template, the data, two fonts. No folders, no packages, no clock.
//!
//! Separate so that nothing a pack says can reach beyond itself.

use crate::error::{Error, Result};
use crate::render::theme;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const TEMPLATE: &str = include_str!("../../../reports/templates/pack.typ");

/// A world of one template and its data.
pub struct OneFile {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: (FileId, Bytes),
}

impl OneFile {
    /// The world for a pack's data, as JSON.
    pub fn new(data: Vec<u8>) -> Result<OneFile> {
        let fonts: Vec<Font> =
            [theme::FONT_REGULAR, theme::FONT_SEMIBOLD].into_iter().filter_map(|bytes| Font::new(Bytes::new(bytes), 0)).collect();
        let id = |path: &str| {
            let path = VirtualPath::new(path).map_err(|e| Error::internal(format!("could not name {path}: {e:?}")))?;
            Ok::<FileId, Error>(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        Ok(OneFile {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template: Source::new(id("/pack.typ")?, TEMPLATE.to_owned()),
            data: (id("/pack.json")?, Bytes::new(data)),
        })
    }
}

impl World for OneFile {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }
    fn main(&self) -> FileId {
        self.template.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(nowhere(id)) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(nowhere(id)) }
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn nowhere(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}
