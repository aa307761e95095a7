//! All that the typesetter may see: a template, its data, two fonts. No folders, no packages, no clock.
//!
//! Separate so that nothing a pack or a statement says can reach beyond itself. Fonts and library are read once a run.

use crate::error::{Error, Result};
use crate::render::theme;
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

/// A page that can be set: its template, and the name under which the template reads its data.
pub struct Template {
    source: &'static str,
    path: &'static str,
    data: &'static str,
    parsed: OnceLock<Source>,
}

/// Packs.
pub static PACK: Template = Template::new(include_str!("../../../reports/templates/pack.typ"), "/pack.typ", "/pack.json");
/// Customer statements.
pub static STATEMENT: Template =
    Template::new(include_str!("../../../reports/templates/statement.typ"), "/statement.typ", "/statement.json");

impl Template {
    const fn new(source: &'static str, path: &'static str, data: &'static str) -> Template {
        Template { source, path, data, parsed: OnceLock::new() }
    }

    /// Read once a run: two thousand statements are set with one template.
    fn source(&self) -> Result<Source> {
        if let Some(source) = self.parsed.get() {
            return Ok(source.clone());
        }
        let source = Source::new(id(self.path)?, self.source.to_owned());
        Ok(self.parsed.get_or_init(|| source).clone())
    }
}

fn id(path: &str) -> Result<FileId> {
    let path = VirtualPath::new(path).map_err(|e| Error::internal(format!("could not name {path}: {e:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// What every page is set with, as a typesetter's case holds it: the library of elements and the two fonts.
struct TypeCase {
    elements: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

fn type_case() -> &'static TypeCase {
    static TYPE_CASE: OnceLock<TypeCase> = OnceLock::new();
    TYPE_CASE.get_or_init(|| {
        let fonts: Vec<Font> =
            [theme::FONT_REGULAR, theme::FONT_SEMIBOLD].into_iter().filter_map(|bytes| Font::new(Bytes::new(bytes), 0)).collect();
        TypeCase { elements: LazyHash::new(Library::default()), book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
    })
}

/// A world of one template and its data.
pub struct OneFile {
    type_case: &'static TypeCase,
    template: Source,
    data: (FileId, Bytes),
}

impl OneFile {
    /// The world for a template's data, as JSON.
    pub fn new(template: &Template, data: Vec<u8>) -> Result<OneFile> {
        Ok(OneFile { type_case: type_case(), template: template.source()?, data: (id(template.data)?, Bytes::new(data)) })
    }
}

impl World for OneFile {
    fn library(&self) -> &LazyHash<Library> {
        &self.type_case.elements
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.type_case.book
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
        self.type_case.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn nowhere(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_with_slash().into())
}
