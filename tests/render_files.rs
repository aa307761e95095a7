//! The files of a pack: self-contained HTML, a workbook with real numbers, CSV and JSON for machines.

#[path = "render_files/sample_pack.rs"]
mod sample_pack;

use cartera::domain::lang::Lang;
use cartera::render::{csv, html, json, xlsx};
use sample_pack::{HOSTILE, sample};

/// Writes the samples where `CARTERA_LOOK` says, for eyes.
#[test]
fn samples_for_eyes() {
    let Some(folder) = std::env::var_os("CARTERA_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    for (lang, is_final) in [(Lang::Es, false), (Lang::En, true)] {
        let pack = sample(lang, is_final);
        std::fs::write(folder.join(format!("pack_{}.html", lang.code())), html::html(&pack).unwrap()).unwrap();
        std::fs::write(folder.join(format!("pack_{}.xlsx", lang.code())), xlsx::xlsx(&pack).unwrap()).unwrap();
        std::fs::write(folder.join(format!("pack_{}.json", lang.code())), json::json(&pack).unwrap()).unwrap();
        for (name, bytes) in csv::tables_csv(&pack).unwrap() {
            std::fs::write(folder.join(format!("{}_{name}", lang.code())), bytes).unwrap();
        }
    }
}
