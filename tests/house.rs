//! The rules of the house, read from the sources: who may import whom, who knows which library, who prints, who floats.

use std::path::{Path, PathBuf};

/// Rooms in flow order; a room may import only itself and rooms before it.
const ROOMS: &[&str] =
    &["error", "domain", "config", "schema", "extract", "ledger", "engine", "metrics", "controls", "report", "render", "pipeline", "cli"];

fn sources() -> Vec<(PathBuf, String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap().to_path_buf();
            let room = inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_string();
            (inside, room, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// Code without comments and without its unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Rooms that a text names after `crate::`.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(list) = part.strip_prefix('{') {
            let list = list.split('}').next().unwrap_or("");
            found.extend(list.split(',').map(|w| w.trim().split("::").next().unwrap_or("").to_string()));
        } else {
            found.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|r| *r == room)
}

#[test]
fn rooms_import_only_what_comes_before_them() {
    let mut broken = Vec::new();
    for (path, room, text) in sources() {
        let Some(own) = rank(&room) else { continue };
        for import in imports(&code(&text)) {
            let Some(other) = rank(&import) else { continue };
            let allowed = if room == "render" { ["domain", "report", "error", "render"].contains(&import.as_str()) } else { other <= own };
            if !allowed {
                broken.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_room_is_on_the_list() {
    for (path, room, _) in sources() {
        assert!(rank(&room).is_some() || room == "lib" || room == "main", "{} is in no room of the design", path.display());
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    let rules: &[(&str, &[&str])] = &[
        ("datafusion::", &["engine", "ledger"]),
        ("arrow::", &["extract", "schema", "ledger", "engine"]),
        ("parquet::", &["extract", "schema", "ledger", "engine"]),
        ("clap::", &["cli"]),
        ("indicatif::", &["cli"]),
        ("comfy_table::", &["cli"]),
        ("typst::", &["render"]),
        ("plotters::", &["render"]),
        ("rust_xlsxwriter::", &["render"]),
        ("tokio::", &["engine", "pipeline"]),
    ];
    let mut broken = Vec::new();
    for (path, room, text) in sources() {
        let code = code(&text);
        for (library, rooms) in rules {
            let uses =
                code.match_indices(library).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if uses && !rooms.contains(&room.as_str()) {
                broken.push(format!("{} uses {library}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn only_the_printer_prints_and_only_the_door_reads_the_clock() {
    let mut broken = Vec::new();
    for (path, _, text) in sources() {
        let code = code(&text);
        for word in ["println!", "eprintln!", "print!(", "eprint!(", "dbg!(", "stdout()", "stderr()"] {
            if code.contains(word) && path != Path::new("cli/printer.rs") {
                broken.push(format!("{}: {word}", path.display()));
            }
        }
        for word in ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"] {
            if code.contains(word) && path != Path::new("cli/mod.rs") {
                broken.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn money_rooms_know_no_floats() {
    let mut broken = Vec::new();
    for (path, room, text) in sources() {
        if ["domain", "schema", "ledger", "report", "config", "controls"].contains(&room.as_str()) {
            let code = code(&text);
            let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            if words.iter().any(|w| *w == "f64" || *w == "f32") {
                broken.push(path.display().to_string());
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_file_says_what_it_does() {
    for (path, _, text) in sources() {
        assert!(text.starts_with("//! "), "{} has no first line that says what it does", path.display());
    }
}

#[test]
fn the_imports_of_a_text_are_found() {
    assert_eq!(imports("use crate::{domain::x, engine};\n fn f() { crate::report::y() }"), ["domain", "engine", "report"]);
    assert_eq!(code("a // crate::cli\n#[cfg(test)] crate::cli"), "a ");
}
