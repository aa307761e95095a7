//! A pack as PDF: US Letter, landscape, with an outline, tagged unless it is very long; the same bytes for the same pack.
//!
//! The page is set by a template (`reports/templates/pack.typ`) that gets every text as data, never as markup. What the
//! template gets is made in [`sheet`] and [`columns`]; where it may read from is [`world`].

mod columns;
mod links;
mod sheet;
pub(super) mod world;

use crate::error::{Error, Result};
use crate::report::pack::Pack;
use chrono::{Datelike, NaiveDate};
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Compilations after which remembered layout is forgotten.
const REMEMBERED: usize = 0;

/// Sets a pack as PDF.
pub fn pdf(pack: &Pack) -> Result<Vec<u8>> {
    let done = set(pack);
    // The layout cache lives as long as the program and a pack is seldom set twice.
    typst::comemo::evict(REMEMBERED);
    done.map_err(|e| e.context(format!("the PDF of pack {}", pack.name)))
}

fn set(pack: &Pack) -> Result<Vec<u8>> {
    let page = Page {
        template: &world::PACK,
        data: sheet::sheet(pack)?,
        ident: format!("{} {} {} {}", pack.entity, pack.name, pack.as_of, pack.proof.line),
        day: pack.as_of,
        // Tags of ten thousand rows weigh ten times the rows; such a table is read as XLSX or CSV by those who need tags.
        tagged: !sheet::is_long(pack),
    };
    page.set()
}

/// Something to be set.
pub(super) struct Page<'a> {
    /// How it looks.
    pub template: &'a world::Template,
    /// What the template gets.
    pub data: serde_json::Value,
    /// What tells the file from others.
    pub ident: String,
    /// The day that stands for the instant it was made.
    pub day: NaiveDate,
    /// Whether it is tagged for readers that speak.
    pub tagged: bool,
}

impl Page<'_> {
    /// Sets it; what was remembered on the way is left to the caller to forget.
    pub fn set(self) -> Result<Vec<u8>> {
        let data = serde_json::to_vec(&self.data).map_err(|e| Error::internal("could not write the page's data").caused_by(e))?;
        let world = world::OneFile::new(self.template, data)?;
        let Warned { output, warnings: _ } = typst::compile(&world);
        let document = output.map_err(|e| broken(&e))?;
        let day = self.day;
        let options = |standards: PdfStandards| PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("cartera".to_owned())),
            tagged: self.tagged,
            timestamp: Datetime::from_ymd_hms(day.year(), day.month() as u8, day.day() as u8, 0, 0, 0).map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        };
        // Declared accessible (PDF/UA-1) where that holds: a page without a title or with signs that no font has cannot be.
        let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).ok().filter(|_| self.tagged);
        match accessible.and_then(|standards| typst_pdf::pdf(&document, &options(standards)).ok()) {
            Some(bytes) => Ok(bytes),
            None => typst_pdf::pdf(&document, &options(PdfStandards::default())).map_err(|e| broken(&e)),
        }
    }
}

fn broken(problems: &[SourceDiagnostic]) -> Error {
    let said: Vec<&str> = problems.iter().take(3).map(|p| p.message.as_str()).collect();
    Error::internal(format!("could not set the pages: {}", said.join("; ")))
}
