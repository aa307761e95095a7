//! `cartera demo` and `cartera init`: a first result, and a fresh start.

use super::args::{Demo, Init};
use super::load;
use super::printer::Printer;
use super::{Ending, report};
use crate::domain::days::day_or_month_end;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::pipeline::{self, LoadRequest, Now, PackRequest, Project, SAMPLE_AS_OF};

/// Unpacks the sample, loads its two months, writes the pack in both languages. Rows set aside are part of the sample, so the
/// demo ends well with them.
pub fn run(demo: &Demo, now: &Now, printer: &mut Printer) -> Result<Ending> {
    pipeline::unpack_sample(&demo.dir)?;
    printer.say(&format!("sample project in {}", demo.dir.display()));
    let project = Project::open(Some(&demo.dir))?;
    // The sample's days may lie ahead of this machine's clock; in the sample they have been.
    let as_of = day_or_month_end(SAMPLE_AS_OF)?;
    let now = &Now { today: now.today.max(as_of), instant: now.instant.clone() };
    for folder in pipeline::sample_loads(&demo.dir) {
        printer.say(&format!("\nloading {}", folder.display()));
        let request = LoadRequest { paths: vec![folder], ..LoadRequest::default() };
        let loaded = pipeline::load(&project, &request, now, &mut |step, done, of| printer.progress(step, done, of))?;
        load::summary(&loaded, printer);
    }
    let request = PackRequest {
        pack: "close".into(),
        as_of,
        known_at: None,
        langs: vec![Lang::Es, Lang::En],
        formats: demo.format.clone(),
        kept: Vec::new(),
        out: demo.dir.join("packs"),
    };
    printer.say("\nmonth-end pack");
    let (files, packs) = pipeline::write_pack(&project, &request, &mut |step, done, of| printer.progress(step, done, of))?;
    let ending = report::print(&files, &packs, printer)?;
    let dir = demo.dir.display();
    printer.say(&format!(
        "\nopen {dir}/packs/close-{SAMPLE_AS_OF}-en/close.html (or close.pdf, close.xlsx; Spanish beside it)\nask  cartera -C {dir} sql \"select * from aging('{SAMPLE_AS_OF}')\""
    ));
    Ok(ending)
}

/// Makes an empty project.
pub fn init(init: &Init, printer: &mut Printer) -> Result<Ending> {
    pipeline::begin_project(&init.dir)?;
    let project = Project::open(Some(&init.dir))?;
    printer.line(&project.root.display().to_string())?;
    printer.say("read its README.md for the first steps");
    Ok(Ending::Done)
}
