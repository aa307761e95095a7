//! A close that stays closed: sealed bytes come back from the history, every change is found, periods open again only in order.
//!
//! A ledger of three documents; formats are as many as a claim needs. What the store does at each step is told by `faults`.

use crate::book::Book;
use cartera::domain::lang::Lang;
use cartera::ledger::store::{Action, CloseFacts, CloseKind, Faults, MANIFEST, Store};
use cartera::pipeline::{self, CloseRequest, Closed, LoadRequest, Now, PackRequest, Project};
use cartera::report::pack::{Block, Cell};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const DOCUMENTS: &str = "company_id,document_id,document_kind,customer_id,document_date,posting_date,due_date,currency,amount\n";
const BALANCES: &str = "company_id,account,as_of,currency,balance\n";

fn now() -> Now {
    Now { today: "2027-01-15".parse().unwrap(), instant: "2027-01-15T18:00:00Z".into() }
}

fn load(project: &Project, day: &str, files: &[(&str, &str)]) {
    let folder = project.root.join("extracts").join(day);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("extract.toml"), format!("day = {day}\n")).unwrap();
    for (name, text) in files {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
    let request = LoadRequest { paths: vec![folder], ..LoadRequest::default() };
    pipeline::load(project, &request, &now(), &mut |_, _, _| {}).unwrap();
}

/// Two months, two loads: the second brings a receipt of September, which the general ledger has in September too.
fn project(folder: &Path) -> Project {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("cartera.toml"), "[group]\nname = \"Grupo Ñandú\"\ncurrency = \"MXN\"\nlanguage = \"es\"\n").unwrap();
    let project = Project::open(Some(folder)).unwrap();
    load(
        &project,
        "2026-09-30",
        &[
            ("companies", "company_id,name,country,functional_currency,control_account\nA,Alfa,MX,MXN,1150\n"),
            ("customers", "company_id,customer_id,name\nA,C1,Cliente Uno\n"),
            ("documents", &format!("{DOCUMENTS}A,I-1,invoice,C1,2026-09-01,2026-09-01,2026-10-01,MXN,1000.00\n")),
            ("gl_balances", &format!("{BALANCES}A,1150,2026-09-30,MXN,1000.00\n")),
        ],
    );
    load(
        &project,
        "2026-10-31",
        &[
            (
                "documents",
                &format!(
                    "{DOCUMENTS}A,R-1,receipt,C1,2026-09-28,2026-09-28,2026-09-28,MXN,50.00\nA,I-2,invoice,C1,2026-10-05,2026-10-05,2026-11-05,MXN,300.00\n"
                ),
            ),
            (
                "applications",
                "company_id,application_id,kind,from_document_id,to_document_id,posting_date,amount\nA,A-1,receipt,R-1,I-1,2026-09-28,50.00\n",
            ),
            ("gl_balances", &format!("{BALANCES}A,1150,2026-09-30,MXN,950.00\nA,1150,2026-10-31,MXN,1250.00\n")),
        ],
    );
    project
}

/// Load 3: an invoice of October comes late.
fn late(project: &Project) {
    let late = format!("{DOCUMENTS}A,I-3,invoice,C1,2026-10-30,2026-10-30,2026-11-30,MXN,70.00\n");
    load(project, "2026-11-30", &[("documents", &late)]);
}

fn close(project: &Project, month_end: &str, formats: &[&str]) -> cartera::error::Result<Closed> {
    let request = CloseRequest {
        as_of: month_end.parse().unwrap(),
        langs: vec![Lang::Es],
        formats: formats.iter().map(|f| f.to_string()).collect(),
        prepared_by: Some("Ana Ruiz".into()),
        reviewed_by: None,
    };
    pipeline::close(project, &request, &now(), &mut |_, _, _| {})
}

/// Every file below a folder with its bytes.
fn bytes_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, root, found),
                false => drop(found.insert(path.strip_prefix(root).unwrap().display().to_string(), fs::read(&path).unwrap())),
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn same(ours: &BTreeMap<String, Vec<u8>>, theirs: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    let differ: Vec<_> = ours.iter().filter(|(name, bytes)| theirs[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

fn problems(folder: &Path) -> Vec<String> {
    pipeline::verify_project(Some(folder), false, &mut |_, _, _| {}).unwrap().problems.iter().map(|p| p.to_string()).collect()
}

fn rebuilt(folder: &Path, pack: &str) -> Vec<String> {
    let verified = pipeline::verify_pack(Some(folder), &folder.join(pack), true, &mut |_, _, _| {}).unwrap();
    assert_eq!(verified.rebuilt, 1);
    verified.problems.iter().map(|p| p.to_string()).collect()
}

/// Does something to a file, looks, and puts the file back.
fn damaged(path: &Path, bytes: Option<&[u8]>, look: impl FnOnce() -> Vec<String>) -> Vec<String> {
    let whole = fs::read(path).ok();
    match bytes {
        Some(bytes) => fs::write(path, bytes).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
    let seen = look();
    match whole {
        Some(whole) => fs::write(path, whole).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
    seen
}

/// A record with a word changed and its own seal made anew, as somebody who knows the format would.
fn forged(path: &Path, from: &str, to: &str) -> Vec<u8> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    let body = text.rsplit_once(",\n  \"seal\": \"").unwrap().0.replace(from, to);
    let seal: String = Sha256::digest(body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    format!("{body},\n  \"seal\": \"{seal}\"\n}}\n").into_bytes()
}

#[test]
fn a_sealed_close_comes_back_byte_for_byte_and_every_change_is_found() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("grupo ñ");
    let project = project(&folder);

    // A month before its last day's extract, and one of which nothing is closed.
    let early = close(&project, "2026-11-30", &["json"]).unwrap_err().to_string();
    assert!(early.contains("the newest extract speaks of 2026-10-31"), "{early}");
    let open = pipeline::reopen(&project, "2026-09-30".parse().unwrap(), "x", &now()).unwrap_err().to_string();
    assert!(open.contains("2026-09 is not closed"), "{open}");

    let september = close(&project, "2026-09-30", &["json"]).unwrap();
    assert_eq!(september.packs[0].state.reasons, Vec::<String>::new());
    assert_eq!(september.seal.unwrap().record.number, 1);
    let all = ["json", "csv", "html", "svg", "pdf", "xlsx"];
    let october = close(&project, "2026-10-31", &all).unwrap();
    let seal = october.seal.unwrap().record;
    assert_eq!((seal.number, seal.facts.load_id, seal.facts.period.as_str()), (2, 2, "2026-10"));
    // September was closed from load 2, so October opens with what load 2 knew of it.
    let opening = |pack: &cartera::report::pack::Pack| pack.proof.facts.iter().any(|(_, value)| value == "2");
    assert!(opening(&october.packs[0]), "{:?}", october.packs[0].proof.facts);
    assert!(october.packs[0].words.prepared_by.ends_with("Ana Ruiz"));
    let sealed = folder.join("closes/2026-10/2");
    assert!(sealed.join("close-2026-10-31-es/tables/aging.parquet").is_file() && sealed.join("close-2026-10-31-es/close.pdf").is_file());
    assert_eq!(fs::read(sealed.join(MANIFEST)).unwrap(), fs::read(folder.join("history/_closes/2.json")).unwrap());
    assert!(pipeline::postings_after_close(&project).unwrap().rows.is_empty());

    // Closed is closed.
    let again = close(&project, "2026-10-31", &["json"]).unwrap_err().to_string();
    assert!(again.contains("seal 2 of 2027-01-15T18:00:00Z, from load 2") && again.contains("--reopen --reason"), "{again}");
    let before = close(&project, "2026-08-31", &["json"]).unwrap_err().to_string();
    assert!(before.contains("2026-10 is closed already") && before.contains("2026-08 is before it"), "{before}");

    // A later load posts into October: it is told, and what was sealed is still what comes back.
    late(&project);
    let after = pipeline::postings_after_close(&project).unwrap();
    assert_eq!(after.rows.len(), 1, "{after:?}");
    let at_load = |load: i32| {
        let asked = PackRequest {
            pack: "close".into(),
            cut: None,
            as_of: "2026-10-31".parse().unwrap(),
            known_at: Some(load),
            langs: vec![Lang::Es, Lang::En],
            formats: Vec::new(),
            out: home.path().join("nowhere"),
        };
        pipeline::build_packs(&project, &asked, &mut |_, _, _| {}).unwrap()
    };
    // The pack of October shows it, with the document and its amount; the sealed one has nothing to show and no empty section.
    assert!(october.packs[0].sections.iter().chain(&at_load(2)[0].sections).all(|s| s.id != "after_close"));
    for (pack, title) in at_load(3).iter().zip(["Contabilizado después del cierre", "Posted after the close"]) {
        let section = pack.sections.iter().find(|s| s.id == "after_close").unwrap();
        assert_eq!(section.title, title);
        let [Block::Table(table)] = &section.blocks[..] else { panic!("{:?}", section.blocks) };
        assert_eq!(table.details().count(), 1, "{table:?}");
        let cell = |key: &str| table.rows[0].cells[table.columns.iter().position(|c| c.key == key).unwrap()].clone();
        assert_eq!((cell("period"), cell("document_id")), (Cell::Text("2026-10".into()), Cell::Text("I-3".into())));
        assert_eq!((cell("number"), cell("load_id")), (Cell::Number(2.into()), Cell::Number(3.into())));
        assert_eq!(cell("amount"), Cell::Number("70.00".parse().unwrap()));
        assert!(section.message.starts_with("1 "), "{}", section.message);
    }
    let outside = home.path().join("again");
    let asked = PackRequest {
        pack: "close".into(),
        cut: None,
        as_of: "2026-10-31".parse().unwrap(),
        known_at: Some(2),
        langs: vec![Lang::Es],
        formats: all.iter().chain(&["parquet"]).map(|f| f.to_string()).collect(),
        out: outside.clone(),
    };
    pipeline::write_pack(&project, &asked, &mut |_, _, _| {}).unwrap();
    let mut theirs = bytes_below(&sealed);
    theirs.remove(MANIFEST);
    same(&bytes_below(&outside), &theirs);
    assert!(problems(&folder).is_empty(), "{:?}", problems(&folder));

    // One byte of any file.
    let files = bytes_below(&sealed);
    assert!(files.len() > 40, "{}", files.len());
    for (name, bytes) in &files {
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        let found = damaged(&sealed.join(name), Some(&changed), || {
            let verified = pipeline::verify_pack(None, &sealed, false, &mut |_, _, _| {}).unwrap();
            verified.problems.iter().map(|p| p.path.display().to_string()).collect()
        });
        assert!(found.len() == 1 && found[0].ends_with(name.as_str()), "{name}: {found:?}");
    }
    let look = || problems(&folder);
    let record = |number: i32| folder.join(format!("history/_closes/{number}.json"));
    let one = |found: Vec<String>, says: &str| assert!(found.len() == 1 && found[0].contains(says), "{says}: {found:?}");
    let has = |found: Vec<String>, says: &str| assert!(found.iter().any(|f| f.contains(says)), "{says}: {found:?}");
    one(damaged(&sealed.join("close-2026-10-31-es/close.json"), None, look), "close.json: it is missing");
    one(damaged(&sealed.join("close-2026-10-31-es/extra.txt"), Some(b"x"), look), "it was not sealed");
    one(damaged(&sealed.join(MANIFEST), None, look), "manifest.json: it is missing");
    // Records: a flipped bit, one taken away, the newest taken away, one that was sealed anew together with its manifest.
    let mut flipped = fs::read(record(1)).unwrap();
    flipped[200] ^= 4;
    has(damaged(&record(1), Some(&flipped), look), "close record 1 cannot be used");
    has(damaged(&record(1), None, look), "close record 1 cannot be used");
    has(damaged(&record(2), None, look), "it is missing: load 3 speaks of it");
    has(damaged(&record(2), None, look), "folder of a close that no record speaks of");
    let forgery = forged(&record(2), "Ana Ruiz", "Eva Ruiz");
    let both = damaged(&record(2), Some(&forgery), || damaged(&sealed.join(MANIFEST), Some(&forgery), look));
    one(both, "load 3 speaks of another record");
    let first = folder.join("closes/2026-09/1").join(MANIFEST);
    let forgery = forged(&record(1), "Ana Ruiz", "Eva Ruiz");
    let both = damaged(&record(1), Some(&forgery), || damaged(&first, Some(&forgery), look));
    one(both, "2.json: it follows another record");
    fs::rename(&sealed, folder.join("closes/2026-10/7")).unwrap();
    has(look(), "the folder of close 2 is missing");
    has(look(), "7: folder of a close that no record speaks of");
    fs::rename(folder.join("closes/2026-10/7"), &sealed).unwrap();
    // Nobody builds on a broken chain.
    let refused = damaged(&record(1), Some(&flipped), || vec![close(&project, "2026-11-30", &["json"]).unwrap_err().to_string()]);
    one(refused, "1.json is damaged");
    // A copy that was sent away is held against its own manifest.
    let copy = home.path().join("sent");
    files.iter().for_each(|(name, bytes)| {
        fs::create_dir_all(copy.join(name).parent().unwrap()).unwrap();
        fs::write(copy.join(name), bytes).unwrap();
    });
    let sent = || pipeline::verify_pack(None, &copy, false, &mut |_, _, _| {}).unwrap();
    assert!(sent().problems.is_empty() && !sent().with_history);
    fs::write(copy.join("close-2026-10-31-es/close.html"), "x").unwrap();
    assert_eq!(sent().problems.len(), 1);

    // Open again in order, with a reason; a draft seals nothing; the next seal stands beside the first.
    let reopen = |day: &str| pipeline::reopen(&project, day.parse().unwrap(), "factura tardía", &now());
    let order = reopen("2026-09-30").unwrap_err().to_string();
    assert!(order.contains("2026-10 was closed after 2026-09"), "{order}");
    assert_eq!(reopen("2026-10-31").unwrap().record.facts.kind, CloseKind::Reopen);
    assert!(reopen("2026-10-31").is_err() && pipeline::postings_after_close(&project).unwrap().rows.is_empty());
    let draft = close(&project, "2026-10-31", &["json"]).unwrap();
    assert!(draft.seal.is_none() && draft.packs[0].state.label == "BORRADOR" && !draft.packs[0].state.reasons.is_empty());
    let draft_folder = folder.join("closes/2026-10/draft");
    assert!(draft.files.iter().all(|f| f.starts_with(&draft_folder) && f.is_file()));
    assert_eq!(project.store.closes().unwrap().len(), 3);
    load(&project, "2026-12-31", &[("gl_balances", &format!("{BALANCES}A,1150,2026-10-31,MXN,1320.00\n"))]);
    assert_eq!(close(&project, "2026-10-31", &["json"]).unwrap().seal.unwrap().record.number, 4);
    assert!(problems(&folder).is_empty() && !draft_folder.exists(), "{:?}", problems(&folder));
    assert!(rebuilt(&folder, "closes/2026-10/2").is_empty());
}

/// A day at a load looks one way, whatever is closed or opened at that load afterwards; and a seal is rendered with what it saw.
#[test]
fn what_is_closed_at_a_load_later_does_not_change_an_earlier_pack_of_it() {
    let home = tempfile::tempdir().unwrap();
    let project = project(home.path());
    close(&project, "2026-10-31", &["json"]).unwrap().seal.unwrap();
    let first = bytes_below(&home.path().join("closes/2026-10/1"));
    let reopen = |day: &str| pipeline::reopen(&project, day.parse().unwrap(), "x", &now()).unwrap();
    reopen("2026-10-31");
    close(&project, "2026-09-30", &["json"]).unwrap().seal.unwrap();
    close(&project, "2026-10-31", &["json"]).unwrap().seal.unwrap();
    // Now October opens with the close of September: another pack of the same day and load.
    let second = bytes_below(&home.path().join("closes/2026-10/4"));
    assert_ne!(first["close-2026-10-31-es/close.json"], second["close-2026-10-31-es/close.json"]);
    assert!(rebuilt(home.path(), "closes/2026-10/1").is_empty());
    // Another configuration now: the one that was sealed is used.
    let config = home.path().join("cartera.toml");
    fs::write(&config, fs::read_to_string(&config).unwrap().replace("Ñandú", "Avestruz")).unwrap();
    assert!(rebuilt(home.path(), "closes/2026-10/4").is_empty());
}

#[test]
fn of_two_closers_one_wins_and_the_other_says_why() {
    let home = tempfile::tempdir().unwrap();
    drop(project(home.path()));
    let results: Vec<_> = std::thread::scope(|scope| {
        let closer = || close(&Project::open(Some(home.path())).unwrap(), "2026-10-31", &[]);
        let threads = [scope.spawn(closer), scope.spawn(closer)];
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let refusals: Vec<String> = results.iter().filter_map(|r| r.as_ref().err().map(|e| e.to_string())).collect();
    assert!(refusals.len() == 1 && refusals[0].contains("2026-10 is closed: seal 1"), "{refusals:?}");
    assert!(problems(home.path()).is_empty());
    assert_eq!(Project::open(Some(home.path())).unwrap().store.closes().unwrap().len(), 1);
    // A close waits for a load that is at work, and a load for a close; both say so in the end.
    let project = Project::open(Some(home.path())).unwrap();
    let held = project.store.begin_close().unwrap();
    let busy = Store::open(home.path()).unwrap().begin_within(std::time::Duration::from_millis(50)).err().unwrap().to_string();
    assert!(busy.contains("is running in"), "{busy}");
    drop(held);
    assert!(!project.store.is_busy().unwrap());
}

fn program(folder: &Path, zone: &str, arguments: &[&str]) -> (i32, String) {
    let binary = std::env::var_os("CARTERA_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_cartera")), PathBuf::from);
    let out = Command::new(binary).args(arguments).current_dir(folder).env("TZ", zone).env("LC_ALL", "es_MX.UTF-8").output().unwrap();
    (out.status.code().unwrap(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn bytes_depend_on_neither_zone_nor_folder_and_exit_codes_tell() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) = (home.path().join("a"), home.path().join("otro sitio/más hondo"));
    drop(project(&here));
    for (name, bytes) in bytes_below(&here) {
        fs::create_dir_all(there.join(&name).parent().unwrap()).unwrap();
        fs::write(there.join(&name), bytes).unwrap();
    }
    fs::create_dir_all(there.join("history/_scratch")).unwrap();
    let formats = ["close", "2026-10", "--lang", "en", "--format", "json,html,svg,png,pdf,xlsx"];
    for (folder, zone) in [(&here, "Pacific/Kiritimati"), (&there, "America/Mexico_City")] {
        let (code, said) = program(folder, zone, &formats);
        assert!(code == 0 && said.contains("2026-10 is closed: seal 1"), "{code}: {said}");
    }
    let files = |folder: &Path| {
        let mut files = bytes_below(&folder.join("closes/2026-10/1"));
        files.remove(MANIFEST).unwrap();
        files
    };
    same(&files(&here), &files(&there));
    let code = |arguments: &[&str]| program(&here, "UTC", arguments);
    assert_eq!(code(&["verify"]).0, 0);
    assert_eq!(code(&["verify", "closes/2026-10/1"]).0, 0);
    // From elsewhere a folder may be named as it stands in the project, or as `close` printed it.
    let from_home = |arguments: &[&str]| program(home.path(), "UTC", arguments);
    assert_eq!(from_home(&["-C", "a", "verify", "closes/2026-10/1"]).0, 0);
    assert_eq!(from_home(&["-C", "a", "verify", "a/closes/2026-10/1"]).0, 0);
    let (lost, said) = from_home(&["-C", "a", "verify", "closes/2026-10/9"]);
    assert!(lost == 2 && said.contains("closes/2026-10/9 is no folder"), "{lost}: {said}");
    let (again, said) = code(&["close", "2026-10"]);
    assert!(again == 1 && said.contains("--reopen --reason"), "{said}");
    assert_eq!(code(&["close", "2026-10", "--reopen"]).0, 2);
    assert_eq!(code(&["close", "2026-10-31"]).0, 2);
    late(&Project::open(Some(&here)).unwrap());
    let (_, said) = code(&["loads"]);
    assert!(said.contains("load 3 posted into 2026-10 after it was closed: A, 1 posting, 70.00 MXN"), "{said}");
    let (found, said) = code(&["check", "--as-of", "2026-10", "--format", "csv"]);
    assert!(said.contains("sealed_periods,review,1"), "{found}: {said}");
    assert_eq!(code(&["close", "2026-10", "--reopen", "--reason", "tarde"]).0, 0);
    let (draft, said) = code(&["close", "2026-10", "--format", "json"]);
    assert!(draft == 3 && said.contains("BORRADOR") && said.contains("a draft seals nothing"), "{draft}: {said}");
    fs::write(here.join("closes/2026-10/1/close-2026-10-31-en/close.json"), "{}").unwrap();
    let (found, said) = code(&["verify"]);
    assert!(found == 1 && said.contains("close.json: it has 2 bytes"), "{said}");
}

/// Refuses the nth change on disk and all after it.
struct Cut(AtomicUsize);

impl Faults for Cut {
    fn before(&self, action: Action, path: &Path) -> io::Result<()> {
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Ok(()),
            Err(_) => Err(io::Error::other(format!("cut before {action:?} {}", path.display()))),
        }
    }
}

/// Whatever step a close dies at, the month is closed or it is not; the next close finishes or replaces what stands there.
#[test]
fn a_close_cut_off_at_any_step_counts_whole_or_not_at_all() {
    let facts = || CloseFacts {
        kind: CloseKind::Seal,
        period: "2024-01".into(),
        as_of: "2024-01-31".parse().unwrap(),
        load_id: 1,
        movements_digest: String::new(),
        sealed_at: "2024-02-02T00:00:00Z".into(),
        program_version: String::new(),
        reason: None,
        prepared_by: None,
        reviewed_by: None,
        pack: "close".into(),
        languages: Vec::new(),
        formats: Vec::new(),
        config: String::new(),
        controls: Vec::new(),
        sources: Vec::new(),
        outputs: Vec::new(),
    };
    let files = [("es/close.json", "one"), ("es/tables/aging.csv", "two")].map(|(p, b)| (PathBuf::from(p), b.as_bytes().to_vec()));
    let attempt = |project: &Path, faults: Arc<dyn Faults>| {
        let store = Store::open_with(project, faults)?;
        let mut closer = store.begin_close()?;
        match closer.closes().len() {
            0 => {
                closer.write("2024-01", &files)?;
                closer.commit(facts()).map(|c| c.record.number)
            }
            closed => Ok(closed as i32),
        }
    };
    let (mut cut, mut closed, mut open) = (0, 0, 0);
    let book = Book::with_company();
    let project = book.folder.path();
    loop {
        for place in ["history/_closes", "closes"].map(|p| project.join(p)).iter().filter(|p| p.exists()) {
            fs::remove_dir_all(place).unwrap();
        }
        let done = attempt(project, Arc::new(Cut(AtomicUsize::new(cut)))).is_ok();
        let count = Store::open(project).unwrap().closes().unwrap().len();
        if count == 1 {
            closed += 1
        } else {
            open += 1
        }
        assert!(count == 1 || !done);
        // Nothing half closed is taken for closed, whatever lies in its folder.
        let found = Store::verify_project(project).unwrap();
        assert!(found.iter().all(|p| p.path.ends_with(MANIFEST) && count == 1), "cut {cut}: {found:?}");
        assert_eq!(attempt(project, Arc::new(cartera::ledger::store::NoFaults)).unwrap(), 1);
        assert!(Store::verify_project(project).unwrap().is_empty(), "cut {cut}");
        if done {
            break;
        }
        cut += 1;
    }
    assert!(closed > 1 && open > 10, "{closed} {open}");

    // What a close of another month left under the number goes; a folder with a manifest does not, and nothing is closed over it.
    let book = Book::with_company();
    let left = book.folder.path().join("closes/2023-12/1");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("close.json"), "half").unwrap();
    attempt(book.folder.path(), Arc::new(cartera::ledger::store::NoFaults)).unwrap();
    assert!(!left.exists() && Store::verify_project(book.folder.path()).unwrap().is_empty());
    fs::remove_file(book.folder.path().join("history/_closes/1.json")).unwrap();
    let refused = attempt(book.folder.path(), Arc::new(cartera::ledger::store::NoFaults)).unwrap_err().to_string();
    assert!(refused.contains("1.json is damaged: it is missing"), "{refused}");
}
