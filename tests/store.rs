//! The store under fire: faults and kills at every step, power cuts, several loaders at once, flipped bits, foreign files.
//!
//! Every test looks twice: through the store, and through an own reading of the Delta logs as an outside reader would do it.

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};
use cartera::error::Result;
use cartera::ledger::store::{Action, Faults, LoadFacts, LoadRecord, SourceFact, Store};
use cartera::schema::{TABLES, system::SYSTEM_TABLES};
use chrono::NaiveDate;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

// ---- what is loaded ------------------------------------------------------------------------------------------------

fn schema_of(table: &str) -> SchemaRef {
    let canonical = TABLES.iter().find(|t| t.name == table).map(|t| t.stored_schema());
    canonical.or_else(|| SYSTEM_TABLES.iter().find(|t| t.name == table).map(|t| t.schema())).unwrap()
}

/// Rows of any table; row `i` of load `k` is the same whoever makes it.
fn rows(table: &str, load_id: i32, count: usize) -> RecordBatch {
    let schema = schema_of(table);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let numbers = 0..count;
        match field.data_type() {
            DataType::Int32 if field.name() == "load_id" => Arc::new(Int32Array::from(vec![load_id; count])),
            DataType::Int32 => Arc::new(Int32Array::from_iter_values(numbers.map(|i| 1 + i as i32 % 3))),
            DataType::Int64 => Arc::new(Int64Array::from_iter_values(numbers.map(|i| (i64::from(load_id) << 32) + i as i64))),
            DataType::Date32 => Arc::new(Date32Array::from_iter_values(numbers.map(|i| 20_000 + load_id + i as i32 % 90))),
            DataType::Decimal128(p, s) => Arc::new(
                Decimal128Array::from_iter_values(numbers.map(|i| (i as i128 * 7_919) % 1_000_000 - 300_000))
                    .with_precision_and_scale(*p, *s)
                    .unwrap(),
            ),
            _ => {
                let name = field.name().as_str();
                let text = |i: usize| match name {
                    "company_id" => format!("MX{:02}", i % 6),
                    "currency" => ["MXN", "USD", "EUR"][i % 3].to_string(),
                    "customer_id" => format!("C{:05}", i * 31 % 997),
                    _ => format!("{name}-{load_id}-{i}"),
                };
                Arc::new(StringArray::from_iter_values(numbers.map(text)))
            }
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

fn facts(load_id: i32) -> LoadFacts {
    let source =
        SourceFact { name: "ar.csv".into(), path: "in/ar.csv".into(), sha256: "ab".repeat(32), bytes: 10, rows: 3, tables: vec![] };
    LoadFacts {
        loaded_at: format!("2026-11-01T00:00:{:02}Z", load_id % 60),
        extract_day: NaiveDate::from_ymd_opt(2026, 10, 31).unwrap(),
        sources: vec![source],
        scope_digest: "scope".into(),
        totals: vec![],
        notes: vec![],
    }
}

/// What load `k` adds: rows per table, in files.
fn plan(load_id: i32) -> Vec<(&'static str, Vec<usize>)> {
    let mut plan = vec![("documents", vec![400 + load_id as usize]), ("movements", vec![700, 300]), ("loads", vec![1])];
    if load_id % 2 == 1 {
        plan.push(("customers", vec![50]));
    }
    plan
}

fn load(store: &Store) -> Result<LoadRecord> {
    let mut writer = store.begin()?;
    let load_id = writer.load_id();
    fs::write(writer.scratch().join("bucket"), b"staged").map_err(|e| cartera::error::Error::io("staging", e))?;
    for (table, files) in plan(load_id) {
        for count in files {
            writer.append(table, &rows(table, load_id, count))?;
            writer.end_file(table)?;
        }
    }
    writer.commit(facts(load_id))
}

type Shape = BTreeMap<String, Vec<u64>>;

/// Rows per file of every table after `loads` loads.
fn expected(loads: i32) -> Shape {
    let names = TABLES.iter().map(|t| t.name).chain(SYSTEM_TABLES.iter().map(|t| t.name));
    let mut shape: Shape = names.map(|n| (n.to_string(), Vec::new())).collect();
    for load_id in 1..=loads {
        for (table, files) in plan(load_id) {
            shape.get_mut(table).unwrap().extend(files.iter().map(|n| *n as u64));
        }
    }
    shape
}

// ---- two ways of looking --------------------------------------------------------------------------------------------

fn inside(store: &Store) -> Shape {
    let snapshot = store.snapshot(None).unwrap();
    snapshot.tables.iter().map(|t| (t.name.clone(), t.files.iter().map(|f| f.rows).collect())).collect()
}

/// Every file that the Delta logs add, per table: path and rows. Replays the logs as the protocol says, knowing nothing of the store.
fn outside_files(history: &Path) -> BTreeMap<String, Vec<(PathBuf, u64)>> {
    let mut tables = BTreeMap::new();
    for folder in fs::read_dir(history).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("_delta_log").is_dir()) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder.join("_delta_log"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.file_stem().unwrap().len() == 20 && p.extension().is_some_and(|e| e == "json"))
            .collect();
        entries.sort();
        let mut files = Vec::new();
        for (version, entry) in entries.iter().enumerate() {
            assert_eq!(entry.file_stem().unwrap().to_str().unwrap(), format!("{version:020}"), "a version is missing");
            for line in fs::read_to_string(entry).unwrap().lines() {
                let action: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(action.get("remove").is_none());
                if let Some(add) = action.get("add") {
                    let path = folder.join(add["path"].as_str().unwrap());
                    let stats: serde_json::Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
                    assert_eq!(fs::metadata(&path).unwrap().len(), add["size"].as_u64().unwrap());
                    files.push((path, stats["numRecords"].as_u64().unwrap()));
                }
            }
        }
        tables.insert(folder.file_name().unwrap().to_str().unwrap().to_string(), files);
    }
    tables
}

fn outside(history: &Path) -> Shape {
    let files = outside_files(history);
    for (path, rows) in files.values().flatten() {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows() as u64, *rows, "{}", path.display());
    }
    files.into_iter().map(|(table, files)| (table, files.into_iter().map(|f| f.1).collect())).collect()
}

/// Opens the project and checks that it is exactly one state, seen from both sides, with nothing wrong in it; gives its newest load.
fn settled(project: &Path) -> i32 {
    let store = Store::open(project).unwrap();
    let newest = store.snapshot(None).unwrap().load_id;
    assert_eq!(inside(&store), expected(newest), "inside, load {newest}");
    assert_eq!(outside(store.root()), expected(newest), "outside, load {newest}");
    assert_eq!(store.records().unwrap().len() as i32, newest);
    assert_eq!(store.verify().unwrap(), vec![]);
    newest
}

/// After a load nothing lies about: every data file is spoken of, no scratch is left.
fn nothing_left_over(project: &Path) {
    let history = project.join("history");
    let spoken_of: BTreeSet<PathBuf> = outside_files(&history).into_values().flatten().map(|f| f.0).collect();
    let lying: BTreeSet<PathBuf> = all_files(&history).into_iter().filter(|p| p.extension().is_some_and(|e| e == "parquet")).collect();
    assert_eq!(lying, spoken_of);
    assert_eq!(all_files(&history.join("_scratch")), Vec::<PathBuf>::new());
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() { files.extend(all_files(&entry)) } else { files.push(entry) }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|e| e.unwrap().path()) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() { copy(&entry, &target) } else { assert!(fs::copy(&entry, &target).is_ok()) }
    }
}

/// In memory where that exists: what fsync is for is shown by the traces, not by waiting for it.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn project_with(loads: i32) -> tempfile::TempDir {
    let project = folder();
    let store = Store::create(project.path()).unwrap();
    (0..loads).for_each(|_| drop(load(&store).unwrap()));
    project
}

// ---- faults --------------------------------------------------------------------------------------------------------

/// What happens at step `at`: an error once, or the end of everything (this step and all later ones fail, tidying included).
struct Trouble {
    at: usize,
    for_ever: bool,
    trace: Mutex<Vec<(Action, PathBuf)>>,
}

impl Trouble {
    fn at(at: usize, for_ever: bool) -> Arc<Trouble> {
        Arc::new(Trouble { at, for_ever, trace: Mutex::default() })
    }
    fn steps(&self) -> usize {
        self.trace.lock().unwrap().len()
    }
}

impl Faults for Trouble {
    fn before(&self, action: Action, path: &Path) -> io::Result<()> {
        let mut trace = self.trace.lock().unwrap();
        let step = trace.len();
        trace.push((action, path.to_path_buf()));
        if step == self.at || (self.for_ever && step > self.at) { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }
}

#[test]
fn loads_are_seen_from_both_sides() {
    let project = project_with(3);
    assert_eq!(settled(project.path()), 3);
    nothing_left_over(project.path());
    let store = Store::open(project.path()).unwrap();
    let earlier = store.snapshot(Some(1)).unwrap();
    assert_eq!(earlier.load_id, 1);
    let shape: Shape = earlier.tables.iter().map(|t| (t.name.clone(), t.files.iter().map(|f| f.rows).collect())).collect();
    assert_eq!(shape, expected(1));
    assert!(store.snapshot(Some(0)).unwrap().tables.iter().all(|t| t.files.is_empty()));
    assert!(store.snapshot(Some(4)).unwrap_err().is_missing());
    assert!(store.snapshot(Some(-1)).unwrap_err().is_missing());
    assert_eq!(store.records().unwrap()[2].facts, facts(3));
    assert_eq!(store.records().unwrap()[2].rows("movements"), 1000);
    assert!(Store::create(project.path()).err().unwrap().is_usage());
    assert!(Store::open(&project.path().join("elsewhere")).err().unwrap().is_missing());
}

#[test]
fn an_open_store_sees_loads_of_others() {
    let project = project_with(0);
    let reader = Store::open(project.path()).unwrap();
    assert_eq!(reader.snapshot(None).unwrap().load_id, 0);
    load(&Store::open(project.path()).unwrap()).unwrap();
    assert_eq!(reader.snapshot(None).unwrap().load_id, 1);
}

#[test]
fn the_same_loads_give_the_same_bytes() {
    let (a, b) = (project_with(2), project_with(2));
    let files = all_files(a.path());
    assert!(files.len() > 40);
    for file in files {
        let other = b.path().join(file.strip_prefix(a.path()).unwrap());
        assert!(fs::read(&file).unwrap() == fs::read(&other).unwrap(), "{}", file.display());
    }
}

#[test]
fn promises_broken_by_the_caller_are_refused() {
    let project = project_with(1);
    let store = Store::open(project.path()).unwrap();
    let mut writer = store.begin().unwrap();
    assert!(writer.append("nonsense", &rows("documents", 2, 1)).unwrap_err().is_internal());
    assert!(writer.append("movements", &rows("documents", 2, 1)).unwrap_err().is_internal());
    assert!(writer.append("documents", &rows("documents", 1, 1)).unwrap_err().to_string().contains("load 2"));
    writer.append("documents", &rows("documents", 2, 5)).unwrap();
    assert!(writer.commit(facts(2)).unwrap_err().to_string().contains("loads"), "no row for the table loads");
    assert_eq!(settled(project.path()), 1);
    nothing_left_over(project.path());
}

#[test]
fn a_dropped_writer_leaves_nothing() {
    let project = project_with(1);
    let store = Store::open(project.path()).unwrap();
    let mut writer = store.begin().unwrap();
    writer.append("movements", &rows("movements", 2, 500)).unwrap();
    writer.end_file("movements").unwrap();
    writer.append("movements", &rows("movements", 2, 500)).unwrap();
    drop(writer);
    nothing_left_over(project.path());
    assert_eq!(load(&store).unwrap().load_id, 2);
    assert_eq!(settled(project.path()), 2);
}

#[test]
fn a_fault_or_a_kill_at_any_step_of_a_load_leaves_it_whole_or_absent() {
    let base = project_with(1);
    let calm = Trouble::at(usize::MAX, false);
    let rehearsal = folder();
    copy(base.path(), rehearsal.path());
    load(&Store::open_with(rehearsal.path(), calm.clone()).unwrap()).unwrap();
    let steps = calm.steps();
    assert!(steps > 60, "{steps}");
    let mut counted = [0, 0];
    for (at, kill) in (0..steps).flat_map(|at| [(at, false), (at, true)]) {
        let project = folder();
        copy(base.path(), project.path());
        let trouble = Trouble::at(at, kill);
        let store = Store::open_with(project.path(), trouble.clone()).unwrap();
        let answer = load(&store);
        drop(store);
        assert!(trouble.steps() > at);
        // an outside reader that looks before anything is repaired: whole tables, and `loads` last
        let (seen, old, new) = (outside(&project.path().join("history")), expected(1), expected(2));
        assert!(seen.iter().all(|(t, files)| *files == old[t] || *files == new[t]), "step {at}");
        assert!(seen["loads"] == old["loads"] || seen == new, "step {at}: loads came before other tables");
        let newest = settled(project.path());
        assert!(newest == 1 || newest == 2);
        if answer.is_ok() {
            assert_eq!(newest, 2, "step {at}: acknowledged and lost");
        }
        if let Err(e) = &answer {
            let counts = e.to_string().contains("counts already");
            assert!(counts == (newest == 2), "step {at}: the message is wrong about whether the load counts: {e}");
        }
        counted[newest as usize - 1] += 1;
        let store = Store::open(project.path()).unwrap();
        assert_eq!(load(&store).unwrap().load_id, newest + 1);
        assert_eq!(settled(project.path()), newest + 1);
        nothing_left_over(project.path());
    }
    assert!(counted[0] > 20 && counted[1] > 20, "{counted:?}");
}

#[test]
fn a_kill_at_any_step_of_the_repair_is_repaired() {
    let base = project_with(1);
    let calm = Trouble::at(usize::MAX, false);
    let rehearsal = folder();
    copy(base.path(), rehearsal.path());
    load(&Store::open_with(rehearsal.path(), calm.clone()).unwrap()).unwrap();
    let record = calm.trace.lock().unwrap().iter().position(|(a, p)| *a == Action::Link && p.ends_with("_loads/2.json")).unwrap();
    let _ = load(&Store::open_with(base.path(), Trouble::at(record + 1, true)).unwrap());
    for kill in [false, true] {
        for at in 0.. {
            let project = folder();
            copy(base.path(), project.path());
            let trouble = Trouble::at(at, kill);
            let opened = Store::open_with(project.path(), trouble.clone());
            if trouble.steps() <= at {
                assert!(at > 10, "{at}");
                break;
            }
            assert!(opened.is_err());
            assert_eq!(settled(project.path()), 2);
            assert_eq!(load(&Store::open(project.path()).unwrap()).unwrap().load_id, 3);
            nothing_left_over(project.path());
        }
    }
}

#[test]
fn a_fault_or_a_kill_at_any_step_of_the_making_is_finished_by_the_next() {
    let calm = Trouble::at(usize::MAX, false);
    let rehearsal = folder();
    Store::create_with(rehearsal.path(), calm.clone()).unwrap();
    for at in (0..calm.steps()).step_by(3) {
        let project = folder();
        assert!(Store::create_with(project.path(), Trouble::at(at, at % 2 == 0)).is_err(), "step {at}");
        if !Store::exists(project.path()) {
            Store::create(project.path()).unwrap();
        }
        assert_eq!(settled(project.path()), 0);
        assert_eq!(load(&Store::open(project.path()).unwrap()).unwrap().load_id, 1);
        assert_eq!(settled(project.path()), 1);
    }
}

/// What a power cut leaves at worst after the first `steps` changes: a file's bytes are there only if the file was fsynced after
/// its last write, a name only if its folder was fsynced after it was made.
fn after_power_cut(trace: &[(Action, PathBuf)], before: &Path, after: &Path, project: &Path) {
    copy(before, project);
    let root = &after.canonicalize().unwrap();
    // per name: where its bytes are now, whether they last, whether the name does
    let mut names: BTreeMap<PathBuf, (bool, bool)> = BTreeMap::new();
    let mut last_synced = PathBuf::new();
    for (action, path) in trace {
        match action {
            Action::CreateFile => assert!(names.insert(path.clone(), (false, false)).is_none()),
            Action::Write => names.get_mut(path).unwrap().0 = false,
            Action::SyncFile => {
                names.get_mut(path).unwrap().0 = true;
                last_synced = path.clone();
            }
            Action::Link => assert!(names.insert(path.clone(), (names[&last_synced].0, false)).is_none()),
            Action::SyncFolder => names.iter_mut().filter(|(p, _)| p.parent() == Some(path)).for_each(|(_, name)| name.1 = true),
            Action::Remove => names.retain(|p, _| !p.starts_with(path)),
            // with its parents; a parent that lasts already is a folder of `before`
            Action::MakeFolder => {
                for folder in path.ancestors().take_while(|f| f.starts_with(root) && !before.join(f.strip_prefix(root).unwrap()).exists()) {
                    names.entry(folder.to_path_buf()).or_insert((true, false));
                }
            }
        }
    }
    for (path, (bytes_last, name_lasts)) in names {
        let target = project.join(path.strip_prefix(root).unwrap());
        // a name in a folder that did not last is lost with it; sorted, folders come before what is in them
        if !name_lasts || !target.parent().unwrap().is_dir() {
            continue;
        }
        if path.is_dir() {
            fs::create_dir(target).unwrap();
        } else {
            fs::write(target, if bytes_last { fs::read(&path).unwrap() } else { Vec::new() }).unwrap();
        }
    }
}

#[test]
fn a_power_cut_at_any_step_loses_nothing_acknowledged() {
    let before = project_with(1);
    let after = folder();
    copy(before.path(), after.path());
    let calm = Trouble::at(usize::MAX, false);
    load(&Store::open_with(after.path(), calm.clone()).unwrap()).unwrap();
    let trace = calm.trace.lock().unwrap().clone();
    let published = trace.iter().rposition(|(a, p)| *a == Action::SyncFolder && p.ends_with("loads/_delta_log")).unwrap();
    let mut counted = [0, 0];
    for steps in 0..=trace.len() {
        let project = folder();
        after_power_cut(&trace[..steps], before.path(), after.path(), project.path());
        let newest = settled(project.path());
        assert!(steps <= published || newest == 2, "acknowledged and lost at {steps}");
        counted[newest as usize - 1] += 1;
    }
    assert!(counted[0] > 20 && counted[1] > 10, "{counted:?}");
}

/// The record of the newest load is the only one redone: before the next is written, the newest must last in all its parts, also if
/// its writer died and another finished its work.
#[test]
fn a_power_cut_in_the_load_after_a_kill_loses_neither() {
    let before = project_with(1);
    let calm = Trouble::at(usize::MAX, false);
    let rehearsal = folder();
    copy(before.path(), rehearsal.path());
    load(&Store::open_with(rehearsal.path(), calm.clone()).unwrap()).unwrap();
    let links: Vec<usize> =
        calm.trace.lock().unwrap().iter().enumerate().filter(|(_, (a, _))| *a == Action::Link).map(|(step, _)| step).collect();
    assert_eq!(links.len(), 1 + plan(2).len());
    let mut counted = BTreeMap::new();
    for killed_at in links.into_iter().map(|link| link + 1) {
        let after = folder();
        copy(before.path(), after.path());
        let (killed, calm) = (Trouble::at(killed_at, true), Trouble::at(usize::MAX, false));
        assert!(load(&Store::open_with(after.path(), killed.clone()).unwrap()).is_err());
        assert_eq!(load(&Store::open_with(after.path(), calm.clone()).unwrap()).unwrap().load_id, 3);
        let mut trace = killed.trace.lock().unwrap()[..killed_at].to_vec();
        trace.extend(calm.trace.lock().unwrap().iter().cloned());
        for steps in killed_at..=trace.len() {
            let project = folder();
            after_power_cut(&trace[..steps], before.path(), after.path(), project.path());
            *counted.entry(settled(project.path())).or_insert(0) += 1;
        }
    }
    assert_eq!(counted.into_keys().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_power_cut_at_any_step_of_the_making_is_finished_by_the_next() {
    let (before, after) = (folder(), folder());
    let after = after.path().canonicalize().unwrap();
    let calm = Trouble::at(usize::MAX, false);
    Store::create_with(&after, calm.clone()).unwrap();
    let trace = calm.trace.lock().unwrap().clone();
    let mut made = 0;
    for steps in (0..=trace.len()).rev().step_by(3) {
        let project = folder();
        after_power_cut(&trace[..steps], before.path(), &after, project.path());
        if Store::exists(project.path()) {
            made += 1;
        } else {
            assert!(steps < trace.len(), "acknowledged and lost");
            Store::create(project.path()).unwrap();
        }
        assert_eq!(settled(project.path()), 0);
    }
    assert!(made > 20, "{made}");
}

/// Record 0 as an older program would have written it: without the table `coverage`.
fn without_coverage(project: &Path) {
    use sha2::{Digest, Sha256};
    let history = project.join("history");
    fs::remove_dir_all(history.join("coverage")).unwrap();
    let path = history.join("_loads/0.json");
    let mut record: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    record.as_object_mut().unwrap().shift_remove("seal");
    record["laid_out"].as_array_mut().unwrap().retain(|t| t["name"] != "coverage");
    let body = serde_json::to_string_pretty(&record).unwrap();
    let body = body.strip_suffix("\n}").unwrap();
    let seal: String = Sha256::digest(body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    fs::write(&path, format!("{body},\n  \"seal\": \"{seal}\"\n}}\n")).unwrap();
}

#[test]
fn a_table_of_a_later_program_is_laid_out_by_its_first_load() {
    for (at, kill) in (0..).step_by(5).flat_map(|at| [(at, false), (at, true)]) {
        let project = project_with(0);
        without_coverage(project.path());
        assert!(Store::open(project.path()).unwrap().snapshot(None).unwrap().tables.iter().any(|t| t.name == "coverage"));
        let trouble = Trouble::at(at, kill);
        let answer = load(&Store::open_with(project.path(), trouble.clone()).unwrap());
        let store = Store::open(project.path()).unwrap();
        let newest = store.snapshot(None).unwrap().load_id;
        assert_eq!(project.path().join("history/coverage/_delta_log/00000000000000000000.json").exists(), newest == 1);
        assert!(answer.is_err() || newest == 1);
        assert_eq!(load(&store).unwrap().load_id, newest + 1);
        settled(project.path());
        if trouble.steps() <= at {
            break;
        }
    }
}

// ---- several at once -------------------------------------------------------------------------------------------------

#[test]
fn loaders_at_once_lose_nothing() {
    let project = project_with(0);
    let path = project.path();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| drop(load(&Store::open(path).unwrap()).unwrap())));
        }
        scope.spawn(|| {
            for _ in 0..50 {
                let store = Store::open(path).unwrap();
                let newest = store.snapshot(None).unwrap().load_id;
                let shape: Shape = store
                    .snapshot(Some(newest))
                    .unwrap()
                    .tables
                    .into_iter()
                    .map(|t| (t.name, t.files.iter().map(|f| f.rows).collect()))
                    .collect();
                assert_eq!(shape, expected(newest));
            }
        });
    });
    assert_eq!(settled(path), 20);
    nothing_left_over(path);
}

#[test]
fn a_second_loader_fails_cleanly_when_it_may_not_wait() {
    let project = project_with(1);
    let (first, second) = (Store::open(project.path()).unwrap(), Store::open(project.path()).unwrap());
    let writer = first.begin().unwrap();
    let refusal = second.begin_within(Duration::from_millis(60)).err().unwrap();
    assert!(refusal.to_string().contains("another load is running"), "{refusal}");
    assert!(second.is_busy().unwrap());
    // Its scratch is in use and stays.
    second.tidy().unwrap();
    assert!(writer.scratch().is_dir());
    drop(writer);
    assert!(!second.is_busy().unwrap());
    fs::create_dir_all(project.path().join("history/_scratch/load-000009")).unwrap();
    fs::write(project.path().join("history/_scratch/load-000009/rows"), b"left").unwrap();
    second.tidy().unwrap();
    nothing_left_over(project.path());
    assert_eq!(load(&second).unwrap().load_id, 2);
}

#[test]
fn a_load_being_published_is_not_seen_before_it_is_whole() {
    let project = project_with(1);
    let calm = Trouble::at(usize::MAX, false);
    let rehearsal = folder();
    copy(project.path(), rehearsal.path());
    load(&Store::open_with(rehearsal.path(), calm.clone()).unwrap()).unwrap();
    let last = calm.trace.lock().unwrap().iter().rposition(|(a, _)| *a == Action::Link).unwrap();
    let _ = load(&Store::open_with(project.path(), Trouble::at(last, true)).unwrap());
    // its writer lives, as far as others can see
    let lock = File::options().write(true).open(project.path().join("history/lock")).unwrap();
    lock.lock().unwrap();
    let reader = Store::open(project.path()).unwrap();
    assert_eq!(inside(&reader), expected(1));
    assert_eq!(reader.records().unwrap().len(), 1);
    assert!(reader.snapshot(Some(2)).unwrap_err().is_missing());
    assert_eq!(reader.verify().unwrap(), vec![]);
    drop(lock);
    assert_eq!(settled(project.path()), 2);
    assert_eq!(inside(&reader), expected(2));
}

/// Someone who ignores the lock (a network drive without locks) and takes the number first.
struct Rival;

impl Faults for Rival {
    fn before(&self, action: Action, path: &Path) -> io::Result<()> {
        if action == Action::Link && path.ends_with("_loads/2.json") { fs::write(path, b"the rival's") } else { Ok(()) }
    }
}

#[test]
fn a_record_is_never_overwritten() {
    let project = project_with(1);
    let error = load(&Store::open_with(project.path(), Arc::new(Rival)).unwrap()).unwrap_err().to_string();
    assert!(error.contains("_loads/2.json") && error.contains("does not count"), "{error}");
    assert_eq!(fs::read(project.path().join("history/_loads/2.json")).unwrap(), b"the rival's");
    fs::remove_file(project.path().join("history/_loads/2.json")).unwrap();
    assert_eq!(settled(project.path()), 1);
    nothing_left_over(project.path());
}

/// Not a test of its own: what the child processes of the two tests below do.
#[test]
fn loader_process() {
    let Ok(project) = std::env::var("STORE_TEST_PROJECT") else { return };
    let loads: usize = std::env::var("STORE_TEST_LOADS").unwrap().parse().unwrap();
    (0..loads).for_each(|_| drop(load(&Store::open(Path::new(&project)).unwrap()).unwrap()));
}

fn loader(project: &Path, loads: usize) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::loader_process"])
        .env("STORE_TEST_PROJECT", project)
        .env("STORE_TEST_LOADS", loads.to_string())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn processes_at_once_lose_nothing() {
    let project = project_with(0);
    let children: Vec<_> = (0..2).map(|_| loader(project.path(), 6)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(settled(project.path()), 12);
}

fn killed_at_random(times: u64) {
    let project = project_with(0);
    // a life is as long as up to five loads, as long as a load takes here
    let start = std::time::Instant::now();
    assert!(loader(project.path(), 3).wait().unwrap().success());
    let mut life = start.elapsed().as_micros() as u64 * 5 / 3;
    let mut newest = 3;
    for time in 0..times {
        let mut child = loader(project.path(), 50);
        std::thread::sleep(Duration::from_micros(life / 20 + (time * 7_919_017) % life));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = settled(project.path());
        assert!(now >= newest);
        // lives follow how busy the machine is: some die before the first load, some after a few
        life = match now - newest {
            0 => life * 5 / 4,
            1 | 2 => life,
            _ => life / 2,
        };
        newest = now;
    }
    assert!(newest as u64 > 3 + times / 4, "{newest} loads in {times} lives: too few to mean anything");
    load(&Store::open(project.path()).unwrap()).unwrap();
    nothing_left_over(project.path());
}

#[test]
fn killed_at_random_moments_it_stays_whole() {
    killed_at_random(12);
}

#[test]
#[ignore = "long: 200 kills"]
fn killed_200_times_it_stays_whole() {
    killed_at_random(200);
}

// ---- damage ----------------------------------------------------------------------------------------------------------

fn flipped(count: u64) {
    let project = project_with(3);
    let files: Vec<PathBuf> =
        all_files(&project.path().join("history")).into_iter().filter(|p| fs::metadata(p).unwrap().len() > 0).collect();
    let mut random = 42u64;
    let mut draw = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    for _ in 0..count {
        let path = &files[draw(files.len() as u64) as usize];
        let whole = fs::read(path).unwrap();
        let (place, bit) = (draw(whole.len() as u64) as usize, draw(8));
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << bit;
        fs::write(path, &damaged).unwrap();
        let problems = Store::verify_project(project.path()).unwrap();
        assert!(problems.iter().any(|p| p.path == *path), "{} byte {place} bit {bit}: {problems:?}", path.display());
        fs::write(path, &whole).unwrap();
    }
    assert_eq!(settled(project.path()), 3);
}

#[test]
fn flipped_bits_are_found() {
    flipped(250);
}

#[test]
#[ignore = "long: 1,000 flips"]
fn flipped_bits_are_found_in_1000_places() {
    flipped(1_000);
}

/// The damage must stop the opening with an error that names the file and the next step, and be found by `verify`.
fn damage(what: &str, file: &str, change: impl Fn(&Path)) {
    let project = project_with(2);
    let path = project.path().join("history").join(file);
    change(&path);
    let error = Store::open(project.path()).err().unwrap_or_else(|| panic!("{what}: opened")).to_string();
    assert!(error.contains(file) && error.contains("cartera verify"), "{what}: {error}");
    let problems = Store::verify_project(project.path()).unwrap();
    assert!(problems.iter().any(|p| p.path == path), "{what}: {problems:?}");
}

#[test]
fn damage_is_named_at_opening() {
    let truncate = |path: &Path| File::options().write(true).open(path).unwrap().set_len(100).unwrap();
    let empty = |path: &Path| fs::write(path, b"").unwrap();
    let remove = |path: &Path| fs::remove_file(path).unwrap();
    let spoil = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes.fill(0);
        fs::write(path, bytes).unwrap();
    };
    damage("short data file", "movements/load-000001-0002.parquet", truncate);
    damage("missing data file", "movements/load-000002-0001.parquet", remove);
    damage("empty old log entry", "movements/_delta_log/00000000000000000001.json", empty);
    damage("missing old log entry", "documents/_delta_log/00000000000000000000.json", remove);
    damage("torn newest log entry", "loads/_delta_log/00000000000000000002.json", truncate);
    damage("zeroed newest log entry", "loads/_delta_log/00000000000000000002.json", spoil);
    damage("zeroed record", "_loads/2.json", spoil);
    damage("short record", "_loads/1.json", truncate);
    damage("missing record", "_loads/1.json", remove);
    damage("foreign log entry", "rejects/_delta_log/00000000000000000001.json", |p| fs::write(p, b"{}").unwrap());
}

#[test]
fn strange_data_files_are_told_not_removed() {
    let project = project_with(2);
    let strange = project.path().join("history/movements/load-000001-0099.parquet");
    fs::write(&strange, b"whose is this").unwrap();
    let store = Store::open(project.path()).unwrap();
    assert_eq!(store.verify().unwrap().len(), 1);
    load(&store).unwrap();
    assert!(strange.exists());
}

#[test]
fn a_record_that_follows_another_is_refused() {
    let (one, two) = (project_with(2), folder());
    let store = Store::create(two.path()).unwrap();
    let mut writer = store.begin().unwrap();
    writer.append("loads", &rows("loads", 1, 1)).unwrap();
    writer.commit(LoadFacts { scope_digest: "another".into(), ..facts(1) }).unwrap();
    fs::copy(two.path().join("history/_loads/1.json"), one.path().join("history/_loads/1.json")).unwrap();
    assert!(Store::open(one.path()).err().unwrap().to_string().contains("_loads/2.json"));
    assert!(Store::verify_project(one.path()).unwrap().iter().any(|p| p.path.ends_with("_loads/2.json")));
}

/// Histories killed at every third step of a load, for `outside_readers.py`; `repaired` ones beside them.
#[test]
#[ignore = "makes histories in STORE_TEST_PROJECT"]
fn killed_histories() {
    let folder = PathBuf::from(std::env::var("STORE_TEST_PROJECT").unwrap());
    let base = project_with(2);
    for at in (0..).step_by(3) {
        let (killed, repaired) = (folder.join(format!("killed-{at}")), folder.join(format!("repaired-{at}")));
        copy(base.path(), &killed);
        let trouble = Trouble::at(at, true);
        let _ = load(&Store::open_with(&killed, trouble.clone()).unwrap());
        copy(&killed, &repaired);
        settled(&repaired);
        if trouble.steps() <= at {
            break;
        }
    }
}

/// A posting month of movements as posting makes them: sorted by company, customer, document; two or three rows a document.
fn month_of_movements(load_id: i32, month: i32, count: usize) -> RecordBatch {
    let schema = schema_of("movements");
    let scattered = |i: usize, below: u64| ((i as u64 + month as u64 * 977).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % below;
    let (document, customer) = (|i: usize| i / 5 * 2 + usize::from(i % 5 > 2), |i: usize| i * 2_400 / count);
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values((0..count).map(text))) };
        let days = |from: i32, within: u64| -> ArrayRef {
            Arc::new(Date32Array::from_iter_values((0..count).map(|i| 18_000 + month * 30 + from + scattered(i, within) as i32)))
        };
        match (field.name().as_str(), field.data_type()) {
            ("load_id", _) => Arc::new(Int32Array::from(vec![load_id; count])),
            (_, DataType::Int32) => Arc::new(Int32Array::from(vec![1; count])),
            (_, DataType::Int64) => Arc::new(Int64Array::from_iter_values((0..count).map(|i| (i64::from(load_id) << 32) + i as i64))),
            ("due_date", _) => days(30, 90),
            (_, DataType::Date32) => days(0, 30),
            (_, DataType::Decimal128(p, s)) => {
                let amounts = (0..count).map(|i| scattered(i, 50_000_000) as i128 - 20_000_000);
                Arc::new(Decimal128Array::from_iter_values(amounts).with_precision_and_scale(*p, *s).unwrap())
            }
            ("company_id", _) => texts(&|i| format!("MX{:02}", customer(i) / 400)),
            ("customer_id", _) => texts(&|i| format!("C{:07}", customer(i) * 37)),
            ("document_id", _) => texts(&|i| format!("F-{month:03}-{:08}", document(i))),
            ("counter_document_id", _) => {
                texts(&|i| if i % 5 == 0 { String::new() } else { format!("P-{month:03}-{:08}", document(i) / 3) })
            }
            ("source_id", _) => texts(&|i| format!("F-{month:03}-{:08}", i)),
            ("currency", _) => texts(&|i| ["MXN", "MXN", "USD", "EUR"][customer(i) % 4].to_string()),
            (name, _) => texts(&|i| format!("{name}{}", scattered(i, 4))),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

/// Makes a history for `outside_readers.py`, and says how fast; not a test.
#[test]
#[ignore = "makes a history of STORE_TEST_ROWS movements in STORE_TEST_PROJECT"]
fn write_speed() {
    let project = PathBuf::from(std::env::var("STORE_TEST_PROJECT").unwrap());
    let count: usize = std::env::var("STORE_TEST_ROWS").unwrap().parse().unwrap();
    let store = Store::create(&project).unwrap();
    let mut writer = store.begin().unwrap();
    let mut spent = Duration::ZERO;
    for month in 0..36 {
        let rows = month_of_movements(1, month, count / 36);
        let start = std::time::Instant::now();
        for from in (0..rows.num_rows()).step_by(8_192) {
            writer.append("movements", &rows.slice(from, 8_192.min(rows.num_rows() - from))).unwrap();
        }
        writer.end_file("movements").unwrap();
        spent += start.elapsed();
    }
    let start = std::time::Instant::now();
    writer.append("loads", &rows("loads", 1, 1)).unwrap();
    let record = writer.commit(facts(1)).unwrap();
    let (files, committed) = (spent.as_secs_f64(), start.elapsed().as_secs_f64());
    let bytes: u64 = record.tables.iter().flat_map(|t| &t.files).map(|f| f.size).sum();
    eprintln!("{count} movements in {files:.2} s ({:.0} rows/s), committed in {committed:.3} s, {bytes} bytes", count as f64 / files);
    let start = std::time::Instant::now();
    assert_eq!(store.verify().unwrap(), vec![]);
    eprintln!("verified in {:.2} s", start.elapsed().as_secs_f64());
}

/// A history of STORE_TEST_ROWS daily loads: how long opening takes; not a test.
#[test]
#[ignore = "makes a history of STORE_TEST_ROWS loads in STORE_TEST_PROJECT"]
fn open_speed() {
    let project = PathBuf::from(std::env::var("STORE_TEST_PROJECT").unwrap());
    let loads: i32 = std::env::var("STORE_TEST_ROWS").unwrap().parse().unwrap();
    let store = Store::create(&project).unwrap();
    let start = std::time::Instant::now();
    (0..loads).for_each(|_| drop(load(&store).unwrap()));
    eprintln!("{loads} loads in {:.2} s", start.elapsed().as_secs_f64());
    for _ in 0..2 {
        let start = std::time::Instant::now();
        let store = Store::open(&project).unwrap();
        eprintln!("opened in {:.3} s", start.elapsed().as_secs_f64());
        let start = std::time::Instant::now();
        assert_eq!(store.snapshot(None).unwrap().load_id, loads);
        eprintln!("snapshot in {:.3} s", start.elapsed().as_secs_f64());
    }
    let start = std::time::Instant::now();
    assert_eq!(store.verify().unwrap(), vec![]);
    eprintln!("verified in {:.2} s", start.elapsed().as_secs_f64());
}
