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

/// P6: the day asked about is a parameter; a query that read the clock would give another answer tomorrow.
#[test]
fn query_files_read_no_clock() {
    for (path, text) in cartera::engine::shipped::SHIPPED {
        let sql: String = text.lines().filter(|l| !l.trim_start().starts_with("--")).collect::<Vec<_>>().join(" ").to_lowercase();
        let clocks = ["now(", "current_date", "current_timestamp", "current_time", "today(", "random(", "uuid("];
        let read: Vec<_> = clocks.into_iter().filter(|c| sql.contains(c)).collect();
        assert!(read.is_empty(), "{path} reads {read:?}");
    }
}

/// Every pitfall has one row in the table, and the files it names exist.
#[test]
fn every_pitfall_is_accounted_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt/pitfalls");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let rows: Vec<&str> = table.lines().filter(|l| l.starts_with("| P")).collect();
    let numbers: Vec<String> = rows.iter().map(|r| r.split('|').nth(1).unwrap().trim().to_string()).collect();
    assert_eq!(numbers, (1..=48).map(|n| format!("P{n}")).collect::<Vec<_>>());
    for name in rows.iter().flat_map(|r| r.split('`').skip(1).step_by(2)).filter(|n| n.ends_with(".slt")) {
        let path = if name.contains('/') { Path::new(env!("CARGO_MANIFEST_DIR")).join(name) } else { folder.join(name) };
        assert!(path.exists(), "{} is not there", path.display());
    }
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|f| f.ends_with(".slt") && !table.contains(f.as_str()));
    assert!(files.is_empty(), "in no row of the table: {files:?}");
}
